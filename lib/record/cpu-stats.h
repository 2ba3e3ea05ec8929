/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpu-stats.h - per_cpu/cpuN/stats
 */
#ifndef CPU_STATS_H
#define CPU_STATS_H

#include <stdint.h>

#include "session.h"

/**
 * struct cpu_stats - counters of the kernel, of one CPU
 * @entries, @bytes: in the buffer now; events that come and go while the kernel counts can make
 *		     @entries negative, which is right in sums, as modulo arithmetic is
 * @overrun: events overwritten before they were read
 * @commit_overrun: lost by nested interrupts
 * @dropped: not written because the buffer was full
 * @read_events: taken out
 * @now_ns: of the trace clock; not nanoseconds for clocks that do not count them
 */
struct cpu_stats {
	uint64_t entries;
	uint64_t bytes;
	uint64_t overrun;
	uint64_t commit_overrun;
	uint64_t dropped;
	uint64_t read_events;
	uint64_t now_ns;
};

void cpu_stats_parse(const char *text, struct cpu_stats *out);
/* @text is replaced by that of the file.  Return: 0 or -errno. */
int cpu_stats_read(const struct session *session, int cpu, struct blob *text,
		   struct cpu_stats *out);

/*
 * Bounds of the events that were written since the buffer was last reset.  The kernel reads entries
 * first and read_events last (kernel/trace/trace.c: tracing_stats_read()).  What is taken out
 * between the two is in both, so that the sum is not less than what was written when the reading
 * began; entries of @later beside the rest of @first have nothing twice.
 */
uint64_t cpu_stats_most(const struct cpu_stats *stats);
uint64_t cpu_stats_least(const struct cpu_stats *first, const struct cpu_stats *later);

#endif /* CPU_STATS_H */
