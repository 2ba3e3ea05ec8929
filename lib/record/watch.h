/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * watch.h - what happens to a recording while it runs
 */
#ifndef WATCH_H
#define WATCH_H

#include "blob.h"
#include "cpu-stats.h"

struct trail_record;

/* Events of @cpu that were lost between two looks, by the trace clock. */
struct loss {
	int cpu;
	uint64_t from_ns;
	uint64_t to_ns;
	uint64_t nr;
};

/**
 * struct watch_cpu - one CPU's counters
 * @last: at the last look
 * @before: to be added: what they had reached when somebody cleared the buffer, which resets them,
 *	    less what they were at the start
 * @written: events that were written since the last reset, at least, at the last look
 */
struct watch_cpu {
	struct cpu_stats last;
	struct cpu_stats before;
	uint64_t written;
};

/**
 * struct watch - since the recording began
 * @cpu: by CPU, as many as the machine can have
 * @loss: @nr_loss, in the order in which they were seen
 * @is_off: somebody has switched tracing off
 * @off_ns: when it was found to be so for the first time, 0: never
 * @was_cleared: somebody has cleared a buffer
 */
struct watch {
	struct watch_cpu *cpu;
	struct loss *loss;
	size_t nr_loss;
	bool is_off;
	uint64_t off_ns;
	bool was_cleared;
};

int watch_start(struct trail_record *record);
/* Looks at the counters of all CPUs. */
void watch_look(struct trail_record *record);
/* Events of a CPU that were lost so far, by its counters at the last look. */
uint64_t watch_lost(const struct trail_record *record, int cpu);
/* Is tracing still on?  Warns when that has changed. */
void watch_tracing(struct trail_record *record);
/* The last look, once the recorders have ended: fills record->stat and record->cpu_stat. */
void watch_end(struct trail_record *record);
/* When stat.kept_events is known: what was taken out and is not in the files, and why. */
void watch_count_kept(struct trail_record *record);
/*
 * Lines "lost CPU FROM TO NR", "off NS" and "cleared" behind the version text;
 * lib/read/capture-probes.c reads them.
 */
void watch_describe(const struct watch *watch, struct blob *out);
void watch_release(struct watch *watch);

#endif /* WATCH_H */
