// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch-hist.c - the kernel's histograms -> tables, while it counts
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>

#include "cmd.h"
#include "signals.h"
#include "watch-parts.h"

static int take_row(void *data, const char *const *column, uint64_t count)
{
	return watch_count_set(((struct watch *)data)->count, column, count);
}

static int read_counts(struct watch *watch, uint64_t *dropped, struct trail_error *error)
{
	return trail_hist_read(watch->hist, take_row, watch, dropped, error);
}

static int follow_hist(struct watch *watch, uint64_t *dropped, struct trail_error *error)
{
	struct pollfd fd = { watch->signal_fd, POLLIN, 0 };
	int64_t next_ns = watch->start_ns + (int64_t)watch->opts->interval_ns;
	int err = 0;

	while (!err && !watch_has_ended(watch)) {
		poll(&fd, 1, WATCH_WAIT_MS);
		if (!watch->opts->interval_ns || now_ns() < next_ns)
			continue;
		err = read_counts(watch, dropped, error);
		if (!err)
			watch_print_counts(watch, false);
		next_ns += (int64_t)watch->opts->interval_ns;
	}
	trail_hist_stop(watch->hist);
	return err ? err : read_counts(watch, dropped, error);
}

static int start_hist(struct watch *watch, struct trail_error *error)
{
	int err = 0;

	if (watch->opts->only_command)
		err = trail_hist_add_pid(watch->hist, watch->workload.pid, error);
	if (!err)
		err = watch_give_up(watch, error);
	if (!err)
		err = trail_hist_start(watch->hist, error);
	if (err)
		return err;
	watch_begin(watch);
	return 0;
}

int watch_by_hist(struct watch *watch)
{
	struct trail_record_opts opts = watch->record;
	struct trail_error error = { 0 }, later = { 0 };
	const char *const *key;
	size_t nr_key = watch_count_keys(watch->count, &key);
	uint64_t dropped = 0;
	int err;

	/* Not those that tell of tasks. */
	opts.nr_event = watch->nr_own;
	err = trail_hist_open(&opts, key, nr_key, &watch->hist, &error);
	if ((err == -ENOTSUP || err == -ENOENT) && !error.item)
		return -ENOTSUP;
	if (!err)
		err = start_hist(watch, &error);
	if (!err)
		err = follow_hist(watch, &dropped, &error);
	if (err)
		return watch_complain(watch, err, &error);
	watch_print_counts(watch, true);
	if (dropped)
		complain("fewer keys, or --no-hist", "watch: %" PRIu64 " hits not counted: the "
			 "kernel had no room for their keys", dropped);
	err = trail_hist_close(watch->hist, &later);
	watch->hist = NULL;
	if (err) {
		complain_error("watch", err, &later);
		return STATUS_FAILED;
	}
	return watch_status(watch, dropped);
}
