/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/live.h - tracefs -> events in time order while they happen
 */
#ifndef SKBTRAIL_LIVE_H
#define SKBTRAIL_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "skbtrail/capture.h"
#include "skbtrail/record.h"

#ifdef __cplusplus
extern "C" {
#endif

struct trail_live;

/**
 * struct trail_live_cpu - one CPU since the start
 * @events: taken from its buffer
 * @lost: the kernel had no room for them, or overwrote them before they were taken
 */
struct trail_live_cpu {
	uint64_t events;
	uint64_t lost;
	uint32_t cpu;
};

/**
 * struct trail_live_stat - since the start, all CPUs together
 * @events: given out
 * @lost: of each CPU the larger of what its counters and its pages say
 * @late: of @events, those that were given out after younger ones of another CPU, as the kernel
 *	  finished writing them late
 * @missed_probes: as in struct trail_record_stat
 * @disturbed: somebody else switched tracing off, or cleared a buffer, meanwhile
 * @cpu: @nr_cpu entries, those that have a buffer; valid until the next call on the trail_live
 */
struct trail_live_stat {
	uint64_t events;
	uint64_t lost;
	uint64_t late;
	uint64_t missed_probes;
	bool disturbed;
	uint32_t nr_event_type;
	uint32_t nr_cpu;
	const struct trail_live_cpu *cpu;
};

/**
 * trail_live_open - set up everything but do not trace yet
 * @opts: as for trail_record_open(); the output, its format and its bounds, @flight and @keep are
 *	  not looked at.  @interval_us: for how long events are collected before they are given out,
 *	  0 = a tenth of a second.  Must outlive the trail_live.  No dry run
 * @error: filled on failure
 *
 * What it changes in the kernel is in the journal, as of a recording: a kill is undone by
 * `skbtrail reset` and by the next recording.
 *
 * Return: as trail_record_open().
 */
int trail_live_open(const struct trail_record_opts *opts, struct trail_live **out,
		    struct trail_error *error);

/*
 * The formats, symbols and names for the events: for trail_engine_new(), trail_capture_print(),
 * trail_filter_new() and the like, not to be read or closed; valid as long as @live.  Task names
 * are those of /proc, or of the kernel's saved_cmdlines, when asked for, and valid until the next
 * question.  trail_capture_print() takes any event of the last batch.
 */
struct trail_capture *trail_live_capture(struct trail_live *live);

/* One more task to be traced, and then only such tasks.  Before the start. */
int trail_live_add_pid(struct trail_live *live, int pid, struct trail_error *error);
/* Switches tracing on. */
int trail_live_start(struct trail_live *live, struct trail_error *error);

/**
 * trail_live_batch - the next events of all CPUs in time order
 * @timeout_ms: how long to wait for some
 * @events: set to an array that is valid until the next call, as is what its events point to
 *
 * An event is given out when everything older was taken from all CPUs' buffers, so some 100 ms
 * after it happened, or sooner when a buffer fills.  Packet bytes that a capture would not keep are
 * zeros.  To be called often enough: what the kernel's buffers (@buffer_kb) cannot hold is lost.
 *
 * Return: how many, 1 or more; 0 none came in that time, and after trail_live_stop() there are no
 * more; -errno with @error when a buffer cannot be read, sticky.
 */
int trail_live_batch(struct trail_live *live, int timeout_ms, const struct trail_event **events,
		     struct trail_error *error);

/* All events before this time of the trace clock were given out; 0 = it is not yet known. */
uint64_t trail_live_until(const struct trail_live *live);

/* What the trace clock says now; 0: it cannot be read. */
uint64_t trail_live_now(const struct trail_live *live);

/* Looks at the kernel's counters.  Between start and close. */
void trail_live_stat(struct trail_live *live, struct trail_live_stat *stat);

/* Switches tracing off; trail_live_batch() gives out what is left. */
int trail_live_stop(struct trail_live *live, struct trail_error *error);

/**
 * trail_live_close - end it, restore the kernel
 * @live: may be NULL
 * @error: filled on failure; may be NULL
 *
 * Return: 0; -errno when something could not be restored: `skbtrail reset` tries it once more.
 */
int trail_live_close(struct trail_live *live, struct trail_error *error);

/* ---- who has a socket open */

/* The process that has a socket open; if there are several, one of them. */
struct trail_owner {
	int32_t pid;
	char comm[20];
};

struct trail_owners;

/* Return: 0 or -ENOMEM. */
int trail_owners_new(struct trail_owners **out);
/* @inode: of a socket, as /proc/PID/fd names it; the next trail_owners_look() looks for it. */
void trail_owners_want(struct trail_owners *owners, uint64_t inode);
/*
 * Looks for all sockets that are new since the last call; some milliseconds on a machine with many
 * descriptors.  Return: 1; 0 there was nothing to look for; -errno of /proc.
 */
int trail_owners_look(struct trail_owners *owners);
/* Valid until the next trail_owners_want(); NULL: not known, or nobody has it open (any more). */
const struct trail_owner *trail_owners_find(struct trail_owners *owners, uint64_t inode);
void trail_owners_free(struct trail_owners *owners);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_LIVE_H */
