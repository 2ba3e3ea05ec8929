// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recover.c - `skbtrail recover`: what a recording left on the disk -> a capture
 */
#include <errno.h>
#include <inttypes.h>

#include "cmd.h"
#include "interrupt.h"

#define DEFAULT_FILE	"trace.dat"

struct recover_opts {
	const char *output;
	bool force;
	bool keep;
};

#define AT(member)	offsetof(struct recover_opts, member)

static const struct option_def option[] = {
	{ 'o', "output", OPTION_STRING, AT(output), "FILE",
	  "the capture (that which the recording was to make)" },
	{ 'k', "keep", OPTION_FLAG, AT(keep), NULL, "keep the .part directory" },
	{ 0, "force", OPTION_FLAG, AT(force), NULL, "replace a FILE that exists" },
	{ 0 }
};

static bool should_end(void *data)
{
	(void)data;
	return interrupt_came();
}

/* A capture without events is seldom what somebody hoped for. */
static void say_why_empty(const struct trail_recover_stat *stat)
{
	const char *why;

	if (stat->is_flight && !stat->bytes)
		why = "a --flight recording keeps its data in the kernel: it is gone, or goes with "
		      "'skbtrail reset'";
	else if (!stat->bytes)
		why = "nothing had reached the disk: it was killed before the first flush (record "
		      "-s), or nothing happened";
	else if (stat->nr_damaged)
		why = "all pages that had reached the disk were damaged";
	else
		why = "the pages that had reached the disk were empty";
	fprintf(stderr, "skbtrail: no events: %s\n", why);
}

static int recover(const struct trail_recover_opts *opts)
{
	struct trail_recover_stat stat;
	struct trail_error error;
	int err;

	interrupt_catch();
	err = trail_recover(opts, &stat, &error);
	if (err == -EINTR)
		interrupt_pass_on();
	if (err) {
		complain_error("recover", err, &error);
		return STATUS_FAILED;
	}
	if (stat.was_finished) {
		fprintf(stderr, "skbtrail: %s was finished, there is nothing to recover\n",
			stat.path);
		return STATUS_OK;
	}
	fprintf(stderr, "skbtrail: %" PRIu64 " events, %" PRIu64 " KB of %u CPUs in %s\n",
		stat.nr_event, stat.bytes >> 10, stat.nr_cpu, stat.path);
	if (!stat.nr_event)
		say_why_empty(&stat);
	if (stat.nr_damaged)
		fprintf(stderr, "skbtrail: warning: pages that were damaged: %" PRIu64 "\n",
			stat.nr_damaged);
	return STATUS_OK;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
	struct recover_opts opts = { 0 };
	int first = options_parse(cmd, argc, argv, &opts);

	if (first == -ECANCELED)
		return STATUS_OK;
	if (first < 0)
		return STATUS_USAGE;
	if (argc - first > 1) {
		complain("see 'skbtrail recover --help'", "recover: one recording at a time");
		return STATUS_USAGE;
	}
	return recover(&(const struct trail_recover_opts){
		.input = first < argc ? argv[first] : DEFAULT_FILE, .output = opts.output,
		.force = opts.force, .keep = opts.keep, .should_end = should_end,
	});
}

const struct cmd cmd_recover = {
	.name = "recover", .args = "[OUT.part | FILE]",
	.about = "make a capture of what a recording left that was killed or not finished",
	.options = option, .run = run, .permute = true,
};
