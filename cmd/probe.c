// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * probe.c - `skbtrail probe`: the user's probes outside of a recording
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "privileges.h"
#include "signals.h"

#define MAX_SPEC	64
#define LOOK_MS		1000	/* between two looks at the probed programs */

struct opts {
	bool keep;
	bool all;
	uint64_t for_ns;
};

static const struct option_def option[] = {
	{ 'k', "keep", OPTION_FLAG, offsetof(struct opts, keep), NULL,
	  "add: the probes stay, until 'skbtrail probe del'" },
	{ 0, "for", OPTION_DURATION, offsetof(struct opts, for_ns), "DURATION",
	  "add: remove them after DURATION" },
	{ 'a', "all", OPTION_FLAG, offsetof(struct opts, all), NULL,
	  "list: all dynamic events of the kernel; del: all that were made to stay" },
	{ 0 }
};

static void warn(void *data, const char *text)
{
	fprintf(stderr, "skbtrail: warning: %s\n", text);
}

static int fail(const char *what, const char *spec, int err, const struct trail_error *error)
{
	if (spec && error->column) {
		complain_place(what, spec, err, error);
		return STATUS_USAGE;
	}
	complain_error(what, err, error);
	return STATUS_FAILED;
}

/* ---- show */

static int show(const struct opts *opts, char **arg)
{
	struct trail_error error;
	char *text;
	int err;

	for (; *arg; arg++) {
		err = trail_probe_show(*arg, &text, &error);
		if (err)
			return fail("probe show", *arg, err, &error);
		fputs(text, stdout);
		free(text);
	}
	return STATUS_OK;
}

/* ---- functions */

static int print_function(void *data, const char *name, const char *module,
			  const char *signature)
{
	unsigned int *nr = data;

	(*nr)++;
	printf("%s%s%s%s\n", signature ? signature : name, *module ? " [" : "", module,
	       *module ? "]" : "");
	return 0;
}

static int functions(const struct opts *opts, char **arg)
{
	struct trail_error error;
	unsigned int nr = 0;
	int err;

	for (; *arg; arg++) {
		err = trail_probe_functions(*arg, print_function, &nr, &error);
		if (err)
			return fail("probe functions", NULL, err, &error);
	}
	if (nr)
		return STATUS_OK;
	complain("a pattern is a glob, as 'tcp_v4_*'",
		 "probe functions: no function that can be probed is called so");
	return STATUS_FAILED;
}

/* ---- add */

/* Until a signal, or @for_ns are over; what happens to the programs meanwhile is told. */
static void wait_for_end(int signal_fd, uint64_t for_ns, struct trail_probes *probes)
{
	const int64_t until_ns = now_ns() + (int64_t)for_ns;
	struct pollfd ready = { .fd = signal_fd, .events = POLLIN };
	int number = 0;

	while (!number || number == SIGCHLD) {
		int64_t left_ms = for_ns ? (until_ns - now_ns()) / 1000000 : LOOK_MS;

		if (left_ms < 0)
			return;
		poll(&ready, 1, left_ms < LOOK_MS ? (int)left_ms + 1 : LOOK_MS);
		trail_probe_look(probes);
		number = signals_next(signal_fd);
	}
}

/* Being root is enough to remove them.  Return: exit status. */
static int stay(const struct opts *opts, int signal_fd, struct trail_probes *probes)
{
	if (privileges_drop(NULL, false, false)) {
		complain(NULL, "probe add: cannot give up privileges");
		return STATUS_FAILED;
	}
	if (opts->for_ns)
		fprintf(stderr, "skbtrail: they are there for %g s, or until Ctrl-C\n",
			(double)opts->for_ns / 1e9);
	else
		fprintf(stderr, "skbtrail: they are there until Ctrl-C\n");
	wait_for_end(signal_fd, opts->for_ns, probes);
	return STATUS_OK;
}

static int add(const struct opts *opts, char **arg)
{
	struct trail_probe_opts add_opts = { .keep = opts->keep, .warn = warn };
	struct trail_probes *probes;
	struct trail_error error;
	int err, status, signal_fd;
	sigset_t before;

	add_opts.spec.item = (const char *const *)arg;
	while (arg[add_opts.spec.nr])
		add_opts.spec.nr++;
	/* Before anything is created. */
	signal_fd = signals_block(&before);
	if (signal_fd < 0)
		return fail("probe add", NULL, signal_fd, &(struct trail_error){ 0 });
	err = trail_probe_add(&add_opts, &probes, &error);
	if (err)
		return fail("probe add", error.item ? arg[error.item - 1] : NULL, err, &error);
	for (size_t i = 0; i < add_opts.spec.nr; i++)
		printf("%s\n", trail_probe_name(probes, i));
	fflush(stdout);
	status = opts->keep ? STATUS_OK : stay(opts, signal_fd, probes);
	err = trail_probe_close(probes, &error);
	return err ? fail("probe add", NULL, err, &error) : status;
}

/* ---- list */

/* What a probe consists of besides the event that the user asked for. */
static bool is_part(const struct trail_probe_info *info)
{
	size_t length = strlen(info->name);

	return !strcmp(info->system, "synthetic") ||
	       (length > 4 && !strcmp(info->name + length - 4, "__in")) ||
	       (length > 5 && !strcmp(info->name + length - 5, "__out"));
}

static int print_probe(void *data, const struct trail_probe_info *info)
{
	static const char *const state[] = {
		[TRAIL_PROBE_ALIVE] = "process", [TRAIL_PROBE_KEPT] = "kept",
		[TRAIL_PROBE_LEFT] = "left behind", [TRAIL_PROBE_FOREIGN] = "not ours",
	};
	const struct opts *opts = data;
	char whose[32], spec[1024];

	if (!opts->all && (info->state == TRAIL_PROBE_FOREIGN || is_part(info)))
		return 0;
	snprintf(whose, sizeof(whose), "%s", state[info->state]);
	if (info->state == TRAIL_PROBE_ALIVE)
		snprintf(whose, sizeof(whose), "process %d", info->pid);
	if (info->is_file_gone)
		snprintf(whose, sizeof(whose), "kept, file gone");
	if (info->spec && !opts->all)
		trail_escape(info->spec, strlen(info->spec), spec, sizeof(spec));
	printf("%-16s %s:%s  %s\n", whose, info->system, info->name,
	       info->spec && !opts->all ? spec : info->definition);
	return 0;
}

static int list(const struct opts *opts, char **arg)
{
	struct trail_error error;
	int err = trail_probe_list(print_probe, (void *)opts, &error);

	return err ? fail("probe list", NULL, err, &error) : STATUS_OK;
}

/* ---- del */

static int del(const struct opts *opts, char **arg)
{
	struct trail_error error;
	unsigned int nr;
	int err = 0;

	if (opts->all)
		err = trail_probe_del(NULL, &nr, &error);
	for (; !err && *arg; arg++)
		err = trail_probe_del(*arg, &nr, &error);
	return err ? fail("probe del", NULL, err, &error) : STATUS_OK;
}

/* ---- which of them */

static const struct action {
	const char *name;
	const char *args;	/* "" for none */
	int (*run)(const struct opts *opts, char **arg);
} action[] = {
	{ "show", "SPEC", show }, { "add", "SPEC", add }, { "del", "NAME", del },
	{ "list", "", list }, { "functions", "PATTERN", functions },
};

static int check(const struct action *act, const struct opts *opts, char **arg)
{
	unsigned int nr = 0;

	while (arg[nr])
		nr++;
	if (!*act->args && nr)
		complain(NULL, "probe %s: takes no '%s'", act->name, arg[0]);
	else if (*act->args && !nr && !(opts->all && act->run == del))
		complain(NULL, "probe %s: which %s?", act->name, act->args);
	else if (nr > MAX_SPEC)
		complain(NULL, "probe %s: more than %d of them", act->name, MAX_SPEC);
	else if ((opts->keep || opts->for_ns) && act->run != add)
		complain(NULL, "probe %s: --keep and --for are for add", act->name);
	else if (opts->keep && opts->for_ns)
		complain(NULL, "probe add: --keep and --for are two ways");
	else if (opts->all && act->run != list && act->run != del)
		complain(NULL, "probe %s: --all is for list and del", act->name);
	else
		return 0;
	return -EINVAL;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
	struct opts opts = { 0 };
	int first = options_parse(cmd, argc, argv, &opts);

	if (first == -ECANCELED)
		return STATUS_OK;
	if (first < 0)
		return STATUS_USAGE;
	for (size_t i = 0; first < argc && i < sizeof(action) / sizeof(action[0]); i++)
		if (!strcmp(argv[first], action[i].name))
			return check(&action[i], &opts, argv + first + 1) ? STATUS_USAGE :
			       action[i].run(&opts, argv + first + 1);
	complain("show, add, del, list or functions", first < argc ? "probe: no action '%s'" :
		 "probe: what?", first < argc ? argv[first] : "");
	return STATUS_USAGE;
}

const struct cmd cmd_probe = {
	.name = "probe", .args = "show|add|del|list|functions [SPEC | NAME | PATTERN] ...",
	.about = "functions of the kernel and of programs: what can be probed, and how",
	.options = option, .run = run, .permute = true,
};
