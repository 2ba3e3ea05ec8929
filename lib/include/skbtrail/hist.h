/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/hist.h - events counted by the kernel (hist triggers), by keys
 */
#ifndef SKBTRAIL_HIST_H
#define SKBTRAIL_HIST_H

#include <stddef.h>
#include <stdint.h>

#include "skbtrail/record.h"

#ifdef __cplusplus
extern "C" {
#endif

struct trail_hist;

/**
 * trail_hist_open - set the counting up but do not count yet
 * @opts: as for trail_live_open(), its events are counted
 * @key: "comm", "pid", "cpu", "event" (its name), or a field that all events have; @nr_key
 * @error: filled on failure
 *
 * What it changes in the kernel is in the journal, as of a recording.
 *
 * Return: as trail_record_open(); -ENOTSUP: this kernel cannot count by that.
 */
int trail_hist_open(const struct trail_record_opts *opts, const char *const *key, size_t nr_key,
		    struct trail_hist **out, struct trail_error *error);
/* One more task that is counted, and then only such tasks.  Before the start. */
int trail_hist_add_pid(struct trail_hist *hist, int pid, struct trail_error *error);
int trail_hist_start(struct trail_hist *hist, struct trail_error *error);
/* No more is counted; what was can be read. */
void trail_hist_stop(struct trail_hist *hist);

/**
 * trail_hist_read - the counts since the start
 * @row: called for each: a text for each key, valid during the call; returns 0 or a negative errno
 *	 that ends it
 * @dropped: hits that the kernel had no room for
 * Return: 0; -errno with @error.
 */
int trail_hist_read(struct trail_hist *hist,
		    int (*row)(void *data, const char *const *column, uint64_t count), void *data,
		    uint64_t *dropped, struct trail_error *error);
/* Restores the kernel.  @hist: may be NULL.  Return: 0, or -errno with @error. */
int trail_hist_close(struct trail_hist *hist, struct trail_error *error);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_HIST_H */
