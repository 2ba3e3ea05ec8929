// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - the table of subcommands, dispatch and exit status
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

/* As somebody new meets them. */
static const struct cmd *const command[] = {
	&cmd_record,
	&cmd_report,
	&cmd_drops,
	&cmd_counters,
	&cmd_watch,
	&cmd_probe,
	&cmd_export,
	&cmd_recover,
	&cmd_reset,
};

#define NR_COMMAND	(sizeof(command) / sizeof(command[0]))

/* Names of files, tasks, events, and what a capture says of itself, are in these texts. */
static void complain_text(const char *before, const char *text)
{
	size_t size = trail_escape(text, strlen(text), NULL, 0) + 1;
	char *safe = malloc(size);

	if (safe)
		trail_escape(text, strlen(text), safe, size);
	fprintf(stderr, "%s%s\n", before, safe ? safe : strerror(ENOMEM));
	free(safe);
}

void complain(const char *hint, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	fflush(stdout);
	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	complain_text("skbtrail: ", len < 0 ? strerror(ENOMEM) : text);
	if (len >= 0)
		free(text);
	if (hint && *hint)
		complain_text("hint: ", hint);
}

void complain_error(const char *what, int err, const struct trail_error *error)
{
	const char *why = error->text[0] ? error->text : strerror(-err);

	complain(error->hint, "%s: %s", what, why);
}

void complain_read(const char *what, int err, const struct trail_error *error)
{
	if (error->text[0])
		complain(error->hint, "%s", error->text);
	else
		complain(NULL, "%s: %s", what, strerror(-err));
}

/* One column of the terminal for each character, blanks for what would move the caret. */
static void print_expression(const char *expr, unsigned int column)
{
	const unsigned char *at = (const unsigned char *)expr;
	unsigned int i;

	fputs("  ", stderr);
	for (i = 0; at[i]; i++)
		fputc(at[i] < ' ' || at[i] == 0x7f ? ' ' : at[i], stderr);
	fputs("\n  ", stderr);
	for (i = 0; i + 1 < column; i++)
		/* What goes on a character of UTF-8 has no column of its own. */
		if ((at[i] & 0xc0) != 0x80)
			fputc(' ', stderr);
	fputs("^\n", stderr);
}

void complain_place(const char *what, const char *expr, int err, const struct trail_error *error)
{
	complain(NULL, "%s: %s", what, error->text[0] ? error->text : strerror(-err));
	if (error->column && error->column <= strlen(expr) + 1)
		print_expression(expr, error->column);
	if (error->hint[0])
		complain_text("hint: ", error->hint);
}

static void usage(FILE *out)
{
	size_t i;

	fputs("usage: skbtrail COMMAND [options]\n\n"
	      "How long each packet spent in each stage of the kernel, and why.\n\n", out);
	for (i = 0; i < NR_COMMAND; i++)
		fprintf(out, "  %-10s %s\n", command[i]->name, command[i]->about);
	fputs("\nskbtrail COMMAND --help, or skbtrail help COMMAND, lists a command's options.\n",
	      out);
}

static const struct cmd *find(const char *name)
{
	size_t i;

	for (i = 0; i < NR_COMMAND; i++)
		if (!strcmp(command[i]->name, name))
			return command[i];
	return NULL;
}

/* The nearest command by common prefix; good enough for two typed letters. */
static const struct cmd *nearest(const char *name)
{
	const struct cmd *best = NULL;
	size_t i, n, longest = 0;

	for (i = 0; i < NR_COMMAND; i++) {
		for (n = 0; name[n] && name[n] == command[i]->name[n]; n++)
			;
		if (n > longest) {
			longest = n;
			best = command[i];
		}
	}
	return best;
}

/* A full disk or a closed pipe shows only when the stream is flushed. */
static int finish(int status)
{
	int err = fflush(stdout) ? errno : ferror(stdout) ? EIO : 0;

	if (!err)
		return status;
	/* Whoever closed the pipe has seen enough. */
	if (err != EPIPE)
		complain(NULL, "standard output: %s", strerror(err));
	return status ? status : STATUS_FAILED;
}

static int help(int argc, char **argv)
{
	const struct cmd *cmd = argc > 2 ? find(argv[2]) : NULL;

	if (argc > 2 && !cmd) {
		complain(NULL, "help: no command '%s'", argv[2]);
		return STATUS_USAGE;
	}
	if (cmd)
		options_help(cmd);
	else
		usage(stdout);
	return finish(STATUS_OK);
}

static int unknown(const char *name)
{
	const struct cmd *near = nearest(name);
	char hint[80] = "";

	if (near)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", near->name);
	complain(hint, "no command '%s': see 'skbtrail --help'", name);
	return STATUS_USAGE;
}

/*
 * Who starts us with one of these closed would have the next file that is opened, of tracefs say,
 * in its place, and messages written to it.  Writing fails as before: null is opened to be read.
 */
static int keep_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	const struct cmd *cmd;

	if (keep_standard_files()) {
		complain(NULL, "/dev/null: %s", strerror(errno));
		return STATUS_FAILED;
	}
	/* Widths of characters only: numbers stay as programs write them. */
	setlocale(LC_CTYPE, "");
	if (argc < 2) {
		usage(stderr);
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "version")) {
		puts("skbtrail " SKBTRAIL_VERSION);
		return finish(STATUS_OK);
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return help(argc, argv);
	cmd = find(argv[1]);
	if (!cmd)
		return unknown(argv[1]);
	return finish(cmd->run(cmd, argc - 1, argv + 1));
}
