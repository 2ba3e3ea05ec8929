/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd.h - what a subcommand is
 *
 * A subcommand is one file: an option table (options.h) over its own struct, and a
 * const struct cmd.  main.c has the list.
 */
#ifndef CMD_H
#define CMD_H

#include "options.h"
#include "skbtrail.h"

/* Exit status; record returns its command's.  3 is kept for thresholds. */
enum { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_INCOMPLETE = 4 };

/**
 * struct cmd - a subcommand
 * @name: what the user types
 * @args: what follows the options in the usage line
 * @about: one line
 * @options: ends with an empty one
 * @run: argv[0] is the subcommand's name; returns the exit status
 * @permute: options may also follow operands; not where the operands are a workload's
 */
struct cmd {
	const char *name;
	const char *args;
	const char *about;
	const struct option_def *options;
	int (*run)(const struct cmd *cmd, int argc, char **argv);
	bool permute;
};

extern const struct cmd cmd_record;
extern const struct cmd cmd_report;
extern const struct cmd cmd_drops;
extern const struct cmd cmd_export;
extern const struct cmd cmd_counters;
extern const struct cmd cmd_reset;
extern const struct cmd cmd_recover;
extern const struct cmd cmd_probe;
extern const struct cmd cmd_watch;

/* One line on standard error, "skbtrail: what failed: why", and "hint: ..." if @hint is not "". */
void complain(const char *hint, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for a trail_* call on @what that returned @err and filled @error. */
void complain_error(const char *what, int err, const struct trail_error *error);
/* The same where the text in @error says itself what it is about, as those of the read side. */
void complain_read(const char *what, int err, const struct trail_error *error);
/* The same, and if @error names a place in @expr, the expression with a caret under it. */
void complain_place(const char *what, const char *expr, int err, const struct trail_error *error);

#endif /* CMD_H */
