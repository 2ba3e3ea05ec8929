/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h - option tables on getopt_long()
 *
 * A subcommand describes its options in a const table with offsets into its own struct; parsing,
 * -h and the check of the manual page all come from that table.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stddef.h>
#include <stdint.h>

enum option_kind {
	OPTION_END,
	OPTION_FLAG,		/* bool, set to true */
	OPTION_STRING,		/* const char * */
	OPTION_NUMBER,		/* long, unsigned decimal or 0x hex */
	OPTION_DURATION,	/* uint64_t ns: 250ms, 3s, 2m; a bare number is seconds */
	OPTION_CALL,		/* the row's call() takes it; its arg is NULL when there is none */
};

/**
 * struct option_def - one option
 * @letter: 0 for a long option only
 * @name: long form
 * @kind: what the argument is and where it goes
 * @offset: of the member in the subcommand's struct
 * @arg: name of the argument in the help, NULL when it takes none
 * @help: one line
 * @call: for OPTION_CALL; returns 0, or -EINVAL after complaining
 */
struct option_def {
	char letter;
	const char *name;
	enum option_kind kind;
	size_t offset;
	const char *arg;
	const char *help;
	int (*call)(void *opts, const char *arg);
};

struct cmd;

/**
 * options_parse - options of a subcommand, up to "--" or (not with permute) the first operand
 * @opts: the subcommand's struct, filled with its defaults
 * Prints the help for -h and --help.
 * Return: index of the first operand in @argv; -EINVAL after complaining (usage); -ECANCELED when
 * help was printed and the program should end with status 0.
 */
int options_parse(const struct cmd *cmd, int argc, char **argv, void *opts);
void options_help(const struct cmd *cmd);
/* "250ms", "3s", "2m"; a bare number is seconds.  Return: 0 or -EINVAL, without complaining. */
int options_duration(const char *arg, uint64_t *ns);

#endif /* OPTIONS_H */
