// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reset.c - `skbtrail reset`: what recordings left in the kernel when they were killed, undone
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cmd.h"

struct reset_opts {
	bool dry_run;
};

static const struct option_def option[] = {
	{ 0, "dry-run", OPTION_FLAG, offsetof(struct reset_opts, dry_run), NULL,
	  "print what would be undone, and undo nothing" },
	{ 0 }
};

/* Values may be lists of lines: their first one says enough. */
static void print_file(const struct trail_leftover *left, const char *verb)
{
	size_t n = strcspn(left->value, "\n");

	printf("%s %s: %.*s%s\n", verb, left->path, (int)n, left->value,
	       left->value[n] ? " ..." : "");
}

static void complain_unseen(const struct trail_leftover *left)
{
	if (left->err == -ENOENT)
		complain("mount it there, or reset where it is mounted; the journal is kept",
			 "reset: what process %d left cannot be seen: tracefs is not at %s",
			 left->pid, left->path);
	else
		complain(NULL, "reset: what process %d left cannot be seen: %s: %s", left->pid,
			 left->path, strerror(-left->err));
}

static void complain_unusable(const struct trail_leftover *left)
{
	const char *hint = NULL, *why = strerror(-left->err);

	if (left->err == -EPERM) {
		why = "others could have written to it";
		hint = "if nobody has: chown it to yourself, chmod go-w it, and reset again";
	} else if (left->err == -EINVAL) {
		why = "damaged, or of another version";
	}
	complain(hint, "reset: %s is left alone: %s", left->path, why);
}

/* In a dry run it is still there. */
static void complain_flight(const struct trail_leftover *left, bool dry_run)
{
	char hint[512] = "";

	if (left->value && dry_run)
		snprintf(hint, sizeof(hint), "'cat %.400s/trace' shows it until then", left->value);
	complain(hint, "%s: a --flight recording (process %d) keeps its data in the kernel: %s",
		 left->path, left->pid, !left->value ? "it is gone" :
		 dry_run ? "it would be gone" : "it goes with the instance");
}

static void print_leftover(void *data, const struct trail_leftover *left)
{
	const struct reset_opts *opts = data;

	if (left->kind == TRAIL_LEFT_DATA) {
		fflush(stdout);
		complain(NULL, "%s holds what process %d had recorded", left->path, left->pid);
		fprintf(stderr, "hint: skbtrail recover '%s'\n", left->path);
		return;
	}
	if (left->kind == TRAIL_LEFT_FLIGHT) {
		complain_flight(left, opts->dry_run);
		return;
	}
	if (left->kind == TRAIL_LEFT_JOURNAL || left->kind == TRAIL_LEFT_PLACE) {
		complain_unusable(left);
		return;
	}
	if (left->kind == TRAIL_LEFT_UNSEEN) {
		complain_unseen(left);
		return;
	}
	if (left->err) {
		complain(left->err == -EBUSY ? "somebody uses it; try again later" : NULL,
			 "reset: %s: %s", left->path, strerror(-left->err));
		return;
	}
	if (left->kind == TRAIL_LEFT_FILE || left->kind == TRAIL_LEFT_TRIGGER)
		print_file(left, opts->dry_run ? "would write" : "wrote");
	else
		/* Behind "-:" is the name of the probe. */
		printf("%s %s\n", opts->dry_run ? "would remove" : "removed",
		       left->kind == TRAIL_LEFT_PROBE ? left->value + 2 : left->path);
}

static void print_stat(const struct trail_reset_stat *stat)
{
	if (!stat->nr_dead && !stat->nr_damaged)
		fprintf(stderr, "skbtrail: nothing was left behind\n");
	if (stat->nr_alive)
		fprintf(stderr, "skbtrail: %u recording%s running, left alone\n", stat->nr_alive,
			stat->nr_alive == 1 ? " is" : "s are");
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
	struct reset_opts opts = { 0 };
	struct trail_reset_opts reset_opts = { .found = print_leftover, .data = &opts };
	struct trail_reset_stat stat;
	struct trail_error error;
	int first = options_parse(cmd, argc, argv, &opts), err;

	if (first == -ECANCELED)
		return STATUS_OK;
	if (first < 0)
		return STATUS_USAGE;
	if (first < argc) {
		complain(NULL, "reset: takes no '%s'", argv[first]);
		return STATUS_USAGE;
	}
	reset_opts.dry_run = opts.dry_run;
	err = trail_reset(&reset_opts, &stat, &error);
	if (err) {
		complain_error("reset", err, &error);
		return STATUS_FAILED;
	}
	print_stat(&stat);
	return stat.nr_failed || stat.nr_damaged ? STATUS_FAILED : STATUS_OK;
}

const struct cmd cmd_reset = {
	.name = "reset", .args = "",
	.about = "undo what recordings left in the kernel when they were killed",
	.options = option, .run = run,
};
