/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/counters.h - the kernel's own counters: what they did meanwhile, and what they mean
 *
 * Tracepoints do not see all: what the device drops never becomes a packet.  A recording looks at
 * the counters at its start, at its end and in between; here is how much each has grown.
 */
#ifndef SKBTRAIL_COUNTERS_H
#define SKBTRAIL_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "skbtrail/capture.h"
#include "skbtrail/drops.h"
#include "skbtrail/error.h"
#include "skbtrail/sink.h"
#include "skbtrail/stat.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All counters, over several looks at them. */
struct trail_counters;

enum trail_counter_flag {
	TRAIL_COUNTER_GAUGE = 1 << 0,	/* a level, which goes up and down: it has no growth */
	TRAIL_COUNTER_WRAPPED = 1 << 1,	/* it went over its end; the growth allows for that */
	TRAIL_COUNTER_RESET = 1 << 2,	/* it was set back: the growth is at least so much */
	TRAIL_COUNTER_CAME = 1 << 3,	/* what it counts for was not there at the first look */
	TRAIL_COUNTER_GONE = 1 << 4,	/* ... was not there at the last one */
};

/**
 * struct trail_counter - one of them
 * @netns: name of the network namespace that it counts for, "" for the whole machine
 * @source: where it was read: "snmp", "netstat", "dev", "ethtool", "qdisc" ...
 * @object: the device, CPU, socket or interrupt, "" where there is but one
 * @name: as the source names it
 * @first: at the first look
 * @last: at the last look at which it was there
 * @growth: sum over all looks, what wrapped or was reset allowed for; 0 for a level
 * @most: the largest growth from one look to the next
 * @most_ns: the time of the latter, by the clock of the looks
 * @flags: enum trail_counter_flag
 */
struct trail_counter {
	const char *netns;
	const char *source;
	const char *object;
	const char *name;
	uint64_t first;
	uint64_t last;
	uint64_t growth;
	uint64_t most;
	uint64_t most_ns;
	unsigned int flags;
};

/**
 * struct trail_setting - what is set and not counted: ring sizes, offloads, affinities
 * @first, @last: at the first and the last look, the same text where nothing changed
 * @is_gone: what it was of is not there any more; @last is what was seen of it last
 */
struct trail_setting {
	const char *netns;
	const char *object;
	const char *name;
	const char *first;
	const char *last;
	bool is_gone;
};

/**
 * struct trail_counters_info - about the looks
 * @start_ns, @end_ns: of the first and the last, by the capture's clock
 * @mark_ns: of the last one before trail_counters_mark(); @start_ns before that
 * @longest_ns: from one look to the next
 * @nr_look: how many there were
 * @note: NULL-terminated: what could not be looked at, what vanished, one line each
 */
struct trail_counters_info {
	uint64_t start_ns;
	uint64_t end_ns;
	uint64_t mark_ns;
	uint64_t longest_ns;
	uint32_t nr_look;
	const char *const *note;
};

/**
 * trail_counters_of - the counters that a capture carries
 * @out: the caller's, for trail_counters_free()
 *
 * Return: 0; -ENODATA it has none; -EINVAL they are damaged: @error says where, and @out has what
 * came before; -ENOMEM.
 */
int trail_counters_of(const struct trail_capture *cap, struct trail_counters **out,
		      struct trail_error *error);
/* The same of their text, @size bytes; trail_capture_info.counters */
int trail_counters_parse(const char *text, size_t size, struct trail_counters **out,
			 struct trail_error *error);
void trail_counters_free(struct trail_counters *counters);
const struct trail_counters_info *trail_counters_info(const struct trail_counters *counters);

/**
 * struct trail_counters_at - a place among them: the first one when it is zeroed
 * @since_mark: of first, growth and flags, what there was since trail_counters_mark()
 */
struct trail_counters_at {
	size_t group;
	size_t value;
	bool since_mark;
};

/*
 * The counter at @at, which goes on to the next; those of an object come one after the other.
 * Return: was there one?
 */
bool trail_counters_next(const struct trail_counters *counters, struct trail_counters_at *at,
			 struct trail_counter *out);
/* The @i-th.  Return: is there one? */
bool trail_counters_setting(const struct trail_counters *counters, size_t i,
			    struct trail_setting *out);

/**
 * struct trail_counter_source - what is looked at in one go, which is not at every look
 * @netns, @source: as in struct trail_counter
 * @nr_look: how many looks took it
 * @longest_ns: from one look at it to the next, where looks left it alone as it takes long; 0 where
 *		none did
 * @unknown_ns: from the last look at it to the one that found it gone: of what it counted then
 *		nothing is known
 * @is_gone: its network namespace was removed
 * @is_resting: the last look left it alone
 */
struct trail_counter_source {
	const char *netns;
	const char *source;
	uint32_t nr_look;
	uint64_t longest_ns;
	uint64_t unknown_ns;
	bool is_gone;
	bool is_resting;
};

/* The @i-th.  Return: is there one?  Captures of older versions tell none. */
bool trail_counters_source(const struct trail_counters *counters, size_t i,
			   struct trail_counter_source *out);

/* ---- meaning */

/**
 * struct trail_counter_meaning - what people misread
 * @text: one sentence
 * @basis: the source of it: a file of the kernel, or its documentation
 */
struct trail_counter_meaning {
	const char *text;
	const char *basis;
};

/* Return: NULL for those that are not in the table. */
const struct trail_counter_meaning *trail_counter_meaning(const char *source, const char *name);

/* ---- drops, beside what the kernel counted of them */

struct trail_reconcile;

enum trail_reconcile_state {
	TRAIL_RECONCILE_AGREES,
	TRAIL_RECONCILE_IN_GAP,		/* what is missing can be among lost events */
	TRAIL_RECONCILE_LET_GO,		/* ... among older events, of a bounded recording */
	TRAIL_RECONCILE_NO_EVENT,	/* no event shows these drops */
	TRAIL_RECONCILE_NO_REASON,	/* the kernel does not say enough to tell them apart */
	TRAIL_RECONCILE_DIFFERS,	/* not explained */
};

/**
 * struct trail_reconcile_row - a counter of drops
 * @label: for people: "UDP RcvbufErrors"
 * @source, @name: as in struct trail_counter
 * @object, @netns: likewise, NULL where all of them are added up
 * @why: what explains the difference, or that nothing does; NULL when there is none
 * @counted: how much it grew
 * @seen: drops that events told
 * @in_gap: of the difference, what lost events explain
 * @unexplained: ... what nothing does
 * @at_least: it was reset, so it may have counted more
 */
struct trail_reconcile_row {
	const char *label;
	const char *source;
	const char *name;
	const char *object;
	const char *netns;
	const char *why;
	uint64_t counted;
	uint64_t seen;
	uint64_t in_gap;
	uint64_t unexplained;
	enum trail_reconcile_state state;
	bool at_least;
};

/* @counters must outlive it.  Return: 0 or -ENOMEM. */
int trail_reconcile_new(const struct trail_counters *counters, struct trail_reconcile **out);
/**
 * trail_reconcile_of - the same with the counters that a capture carries
 *
 * Only where all drops were to be recorded: not when it was recorded with a packet filter, for
 * some tasks or CPUs only, with filters on events, or without those of drops.
 *
 * Return: 0, and @out is NULL where there is nothing to compare; -EINVAL the counters are damaged,
 * @error says where; -ENOMEM.
 */
int trail_reconcile_of(const struct trail_capture *cap, struct trail_reconcile **out,
		       struct trail_error *error);
/* @count packets were dropped like @drop: of a row of trail_stat_drops() or trail_drops_sort(). */
void trail_reconcile_drop(struct trail_reconcile *reconcile, const struct trail_drop *drop,
			  uint64_t count);
/*
 * When all drops are in: what is not explained comes first; only counters that grew, or of which
 * drops were seen.  @info: says what events are missing.  Valid until the next call.  Return: how
 * many.
 */
size_t trail_reconcile_rows(struct trail_reconcile *reconcile,
			    const struct trail_capture_info *info,
			    const struct trail_reconcile_row **out);
/* ---- the same while drops happen; @counters are those of a trail_counting */

/* One packet was dropped at @time_ns.  In order of time, but for some that come late. */
void trail_reconcile_drop_at(struct trail_reconcile *reconcile, const struct trail_drop *drop,
			     uint64_t time_ns);
/*
 * A look was taken from @from_ns to @to_ns, by the clock of the drops.  It takes the place of one
 * that trail_reconcile_interval() has not judged; the first must have been.
 */
void trail_reconcile_look(struct trail_reconcile *reconcile, uint64_t from_ns, uint64_t to_ns);
/* All drops before that time have to be in for the look to be judged; 0: there is none. */
uint64_t trail_reconcile_due(const struct trail_reconcile *reconcile);
/**
 * trail_reconcile_interval - judges the look: rows of what came since the one before
 * @info: of that time, and of the interval before it too what events were lost
 *
 * To be followed by trail_counters_mark().  A drop that happened while it was looked is in this
 * interval or in the next one, by what the counter says; what cannot be so is a difference.
 *
 * Return: as trail_reconcile_rows(); 0 for the first look.
 */
size_t trail_reconcile_interval(struct trail_reconcile *reconcile,
				const struct trail_capture_info *info,
				const struct trail_reconcile_row **out);
/* From the first look to the last one that was judged. */
size_t trail_reconcile_total(struct trail_reconcile *reconcile,
			     const struct trail_capture_info *info,
			     const struct trail_reconcile_row **out);
/* "agrees", "gap", "let-go", "no-event", "no-reason", "differs" */
const char *trail_reconcile_state_name(enum trail_reconcile_state state);
void trail_reconcile_free(struct trail_reconcile *reconcile);

/* ---- output */

/**
 * struct trail_counters_print - how to print them
 * @sink: of it out, capture (NULL: live), width and color
 * @all: also what has not changed
 * @since_mark: only since trail_counters_mark(), and without settings
 * @is_total: in JSON, tell that it sums up what was printed before
 */
struct trail_counters_print {
	struct trail_sink_opts sink;
	bool all;
	bool since_mark;
	bool is_total;
};

/* A table, or a JSON object in a line.  Return: 0; -ENOMEM; -EIO. */
int trail_counters_text(const struct trail_counters *counters,
			const struct trail_counters_print *print);
int trail_counters_json(const struct trail_counters *counters,
			const struct trail_counters_print *print);

/* ---- live */

struct trail_counting;

/**
 * struct trail_counting_opts - what to look at; must outlive the trail_counting
 * @pid: @nr_pid processes whose network namespaces are wanted besides our own and named ones
 * @only_own: only our own network namespace
 * @only_drops: only sources that count drops of which a trail_reconcile knows, and no settings
 */
struct trail_counting_opts {
	const int *pid;
	size_t nr_pid;
	bool only_own;
	bool only_drops;
};

/**
 * trail_counting_open - get ready; the first look is the first trail_counting_look()
 *
 * A thread that may enter network namespaces is started if there are others than our own: it
 * keeps CAP_SYS_ADMIN whatever becomes of the capabilities of the caller.
 *
 * Return: 0; -ENOMEM; -errno of what cannot be had at all.  What a source lacks becomes a note.
 */
int trail_counting_open(const struct trail_counting_opts *opts, struct trail_counting **out);

enum trail_look {
	TRAIL_LOOK_MORE,	/* what is costly is left out now and then */
	TRAIL_LOOK_ALL,		/* everything, settings too: the first and the last */
};

/* @now_ns: of the clock that the times are to be of.  Return: 0 or -ENOMEM. */
int trail_counting_look(struct trail_counting *counting, uint64_t now_ns, enum trail_look look);
/* The looks so far; they are the counting's. */
struct trail_counters *trail_counting_counters(struct trail_counting *counting);
/* What comes from now on can be told apart from what was before. */
void trail_counters_mark(struct trail_counters *counters);
void trail_counting_close(struct trail_counting *counting);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_COUNTERS_H */
