/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * counters.h - what the sinks share of the kernel's counters
 */
#ifndef SINK_COUNTERS_H
#define SINK_COUNTERS_H

#include "json.h"

/* Has it changed? */
static inline bool counter_has_changed(const struct trail_counter *counter)
{
	return counter->growth || (counter->flags & TRAIL_COUNTER_RESET) ||
	       ((counter->flags & TRAIL_COUNTER_GAUGE) && counter->first != counter->last);
}

/* What is printed began then. */
static inline uint64_t counters_start_ns(const struct trail_counters *counters,
					 const struct trail_counters_print *print)
{
	const struct trail_counters_info *info = trail_counters_info(counters);

	return print->since_mark ? info->mark_ns : info->start_ns;
}

/* Of what grew since @start_ns. */
static inline double per_second(uint64_t growth, uint64_t start_ns,
				const struct trail_counters_info *info)
{
	uint64_t ns = info->end_ns > start_ns ? info->end_ns - start_ns : 0;

	return ns ? (double)growth * 1e9 / (double)ns : 0;
}

#endif /* SINK_COUNTERS_H */
