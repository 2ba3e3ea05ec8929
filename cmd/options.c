// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * options.c - an option table -> getopt_long(), values in the subcommand's struct, and its help
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "options.h"

#define MAX_OPTIONS	64
/* getopt_long() values of options without a letter start here, behind every character. */
#define LONG_BASE	256

static int parse_number(const struct option_def *def, const char *arg, void *at)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(arg, &end, 0);
	if (errno || end == arg || *end || value < 0) {
		complain(NULL, "--%s: '%s' is not a number", def->name, arg);
		return -EINVAL;
	}
	*(long *)at = value;
	return 0;
}

int options_duration(const char *arg, uint64_t *ns)
{
	static const struct { const char *suffix; double ns; } unit[] = {
		{ "", 1e9 }, { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "ns", 1 },
		{ "m", 60e9 }, { "h", 3600e9 },
	};
	char *end;
	double value = strtod(arg, &end);

	for (size_t i = 0; end != arg && i < sizeof(unit) / sizeof(unit[0]); i++) {
		if (strcmp(end, unit[i].suffix))
			continue;
		/* 2^63 ns are 292 years; also refuses nan and inf. */
		if (!(value >= 0) || value * unit[i].ns > 9.2e18)
			return -EINVAL;
		*ns = (uint64_t)(value * unit[i].ns);
		return 0;
	}
	return -EINVAL;
}

static int parse_duration(const struct option_def *def, const char *arg, void *at)
{
	int err = options_duration(arg, at);

	if (err)
		complain("a number with ns, us, ms, s, m or h", "--%s: '%s' is not a duration",
			 def->name, arg);
	return err;
}

static int apply(const struct option_def *def, const char *arg, void *opts)
{
	void *at = (char *)opts + def->offset;

	switch (def->kind) {
	case OPTION_FLAG:
		*(bool *)at = true;
		return 0;
	case OPTION_STRING:
		*(const char **)at = arg;
		return 0;
	case OPTION_NUMBER:
		return parse_number(def, arg, at);
	case OPTION_DURATION:
		return parse_duration(def, arg, at);
	case OPTION_CALL:
		return def->call(opts, arg);
	case OPTION_END:
		break;
	}
	return -EINVAL;
}

void options_help(const struct cmd *cmd)
{
	const struct option_def *def;
	char left[64];

	printf("usage: skbtrail %s [options] %s\n\n%s\n\n", cmd->name, cmd->args, cmd->about);
	for (def = cmd->options; def->name; def++) {
		int n = def->letter ? snprintf(left, sizeof(left), "-%c, ", def->letter)
				    : snprintf(left, sizeof(left), "    ");

		snprintf(left + n, sizeof(left) - n, "--%s%s%s", def->name, def->arg ? " " : "",
			 def->arg ? def->arg : "");
		printf("  %-28s %s\n", left, def->help);
	}
	printf("  %-28s %s\n", "-h, --help", "this text");
}

/* The table in the two forms that getopt_long() wants. */
static void for_getopt(const struct cmd *cmd, char *letters, struct option *longs)
{
	const struct option_def *def;
	size_t n = 0;

	if (!cmd->permute)
		*letters++ = '+';	/* stop at the first operand */
	*letters++ = ':';
	for (def = cmd->options; def->name && n < MAX_OPTIONS; def++, n++) {
		longs[n] = (struct option){
			.name = def->name,
			.has_arg = def->arg ? required_argument : no_argument,
			.val = LONG_BASE + (int)n,
		};
		if (!def->letter)
			continue;
		*letters++ = def->letter;
		if (def->arg)
			*letters++ = ':';
	}
	longs[n++] = (struct option){ "help", no_argument, NULL, 'h' };
	longs[n] = (struct option){ 0 };
	*letters++ = 'h';
	*letters = '\0';
}

static const struct option_def *find(const struct cmd *cmd, int value)
{
	const struct option_def *def;

	if (value >= LONG_BASE)
		return &cmd->options[value - LONG_BASE];
	for (def = cmd->options; def->name; def++)
		if (def->letter == value)
			return def;
	return NULL;
}

static int usage_error(const struct cmd *cmd, int value, char **argv)
{
	char hint[80];
	const char *what = value == ':' ? "needs an argument" : "is not an option";

	snprintf(hint, sizeof(hint), "see 'skbtrail %s --help'", cmd->name);
	if (optopt && optopt < LONG_BASE)
		complain(hint, "%s: -%c %s", cmd->name, optopt, what);
	else
		complain(hint, "%s: %s %s", cmd->name, argv[optind - 1], what);
	return -EINVAL;
}

int options_parse(const struct cmd *cmd, int argc, char **argv, void *opts)
{
	struct option longs[MAX_OPTIONS + 2];
	char letters[2 * MAX_OPTIONS + 4];
	int value, err;

	for_getopt(cmd, letters, longs);
	optind = 0;
	opterr = 0;
	while ((value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (value == 'h') {
			options_help(cmd);
			return -ECANCELED;
		}
		if (value == '?' || value == ':')
			return usage_error(cmd, value, argv);
		err = apply(find(cmd, value), optarg, opts);
		if (err)
			return err;
	}
	return optind;
}
