// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * reset.c - what dead recordings left in the kernel -> undone
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "reset.h"
#include "tracedat-pages.h"

#define PATH_SIZE	4096

struct reset {
	const struct trail_reset_opts *opts;
	struct trail_reset_stat *stat;
};

static void tell(const struct reset *reset, const struct trail_leftover *left)
{
	if (reset->opts->found)
		reset->opts->found(reset->opts->data, left);
}

static void undo(const struct reset *reset, struct journal *journal, size_t i)
{
	static const enum trail_leftover_kind kind[] = {
		[CHANGE_FILE] = TRAIL_LEFT_FILE, [CHANGE_INSTANCE] = TRAIL_LEFT_INSTANCE,
		[CHANGE_DYNEVENT] = TRAIL_LEFT_PROBE, [CHANGE_TRIGGER] = TRAIL_LEFT_TRIGGER,
	};
	const struct change *change = &journal->change[i];
	struct trail_leftover left = {
		.kind = kind[change->kind], .pid = journal->pid, .path = change->path,
		.value = change->old,
	};

	if (!reset->opts->dry_run)
		left.err = journal_undo(journal, i);
	reset->stat->nr_change++;
	reset->stat->nr_failed += !!left.err;
	tell(reset, &left);
}

/*
 * Where tracefs is not mounted, nothing of it is there: that does not say that it is gone.  One
 * line is enough then.
 */
static bool can_see(const struct reset *reset, const struct journal *journal)
{
	char where[PATH_SIZE];
	struct trail_leftover left = {
		.kind = TRAIL_LEFT_UNSEEN, .pid = journal->pid, .path = where,
	};

	left.err = journal_look(journal, where, sizeof(where));
	if (!left.err)
		return true;
	reset->stat->nr_failed++;
	tell(reset, &left);
	return false;
}

/* Did it keep its data in the kernel, and was killed before it took it out? */
static bool holds_flight(const char *path)
{
	struct part_pages pages = { .fd = -1 };
	struct part part = { 0 };
	int dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int err = dir_fd < 0 ? -errno : part_read(&part, dir_fd);
	bool is = !err && part_is_flight(&part);

	/* Nothing moves before it is on the disk, so the head does not matter. */
	if (is)
		is = !part_pages_open(&pages, &part, dir_fd, -1) && !part_pages_bytes(&pages);
	part_pages_close(&pages);
	part_release(&part);
	if (dir_fd >= 0)
		close(dir_fd);
	return is;
}

/* Before anything is removed: somebody may want to have a look in a dry run. */
static bool tell_flight(const struct reset *reset, const struct journal *journal)
{
	struct trail_leftover left = {
		.kind = TRAIL_LEFT_FLIGHT, .pid = journal->pid, .path = journal->output,
	};

	if (!left.path || !*left.path || !holds_flight(left.path))
		return false;
	for (size_t i = 0; i < journal->nr_change; i++)
		if (journal->change[i].kind == CHANGE_INSTANCE && !journal->change[i].is_done)
			left.value = journal->change[i].path;
	tell(reset, &left);
	return true;
}

static void look_at_output(const struct reset *reset, const struct journal *journal, bool was_told)
{
	struct trail_leftover left = {
		.kind = TRAIL_LEFT_EMPTY, .pid = journal->pid, .path = journal->output,
	};

	if (!left.path || !*left.path || was_told)
		return;
	left.err = output_remove_dead(left.path, reset->opts->dry_run);
	/* Gone, or taken up by somebody else. */
	if (left.err == -ENOENT || left.err == -EBUSY)
		return;
	if (left.err == -EEXIST) {
		left.kind = TRAIL_LEFT_DATA;
		left.err = 0;
	}
	reset->stat->nr_failed += !!left.err;
	tell(reset, &left);
}

static int visit(void *data, struct journal *journal)
{
	const struct reset *reset = data;
	bool was_told;

	/* What the kernel had been told went with its boot. */
	if (!journal_is_of_this_boot(journal))
		journal_keep(journal);
	was_told = tell_flight(reset, journal);
	if (can_see(reset, journal))
		for (size_t i = journal->nr_change; i--;)
			if (!journal->change[i].is_done)
				undo(reset, journal, i);
	reset->stat->nr_dead++;
	look_at_output(reset, journal, was_told);
	if (reset->opts->dry_run)
		journal_leave(journal);
	return 0;
}

static void bad(void *data, const char *path, bool is_place, int err)
{
	const struct reset *reset = data;
	const struct trail_leftover left = {
		.kind = is_place ? TRAIL_LEFT_PLACE : TRAIL_LEFT_JOURNAL, .path = path, .err = err,
	};

	reset->stat->nr_damaged++;
	tell(reset, &left);
}

int trail_reset(const struct trail_reset_opts *opts, struct trail_reset_stat *stat,
		struct trail_error *error)
{
	struct reset reset = { opts, stat };
	struct journal_walk walk = { .visit = visit, .bad = bad, .data = &reset };
	int err;

	*error = (struct trail_error){ 0 };
	*stat = (struct trail_reset_stat){ 0 };
	err = journal_walk(&walk);
	stat->nr_alive = walk.nr_alive;
	return err;
}

/* ---- before a recording */

struct undone {
	struct session *session;
	int pid;
};

static void warn(void *data, const struct trail_leftover *left)
{
	struct undone *undone = data;

	if (left->kind == TRAIL_LEFT_DATA) {
		session_warn(undone->session, "%s holds what a recording that was killed (process "
			     "%d) had got: 'skbtrail recover' makes a capture of it", left->path,
			     left->pid);
	} else if (left->kind == TRAIL_LEFT_FLIGHT) {
		session_warn(undone->session, "what a --flight recording that was killed (process "
			     "%d) had got was in the kernel only, and is gone; %s holds none of it",
			     left->pid, left->path);
	} else if (left->kind == TRAIL_LEFT_JOURNAL || left->kind == TRAIL_LEFT_PLACE) {
		session_warn(undone->session, "what %s says to undo is not known: 'skbtrail reset' "
			     "says why", left->path);
	} else if (left->kind == TRAIL_LEFT_UNSEEN) {
		session_warn(undone->session, "cannot undo what process %d left: tracefs is not at "
			     "%s", left->pid, left->path);
	} else if (left->err) {
		session_warn(undone->session, "cannot undo what process %d left, %s: %s",
			     left->pid, left->path, strerror(-left->err));
	} else if (undone->pid != left->pid) {
		undone->pid = left->pid;
		session_warn(undone->session, "what a skbtrail that was killed (process %d) had "
			     "left in the kernel is undone", left->pid);
	}
}

void session_reset_dead(struct session *session)
{
	struct undone undone = { session, 0 };
	const struct trail_reset_opts opts = { .found = warn, .data = &undone };
	struct trail_reset_stat stat;
	struct trail_error ignored;

	(void)trail_reset(&opts, &stat, &ignored);
}
