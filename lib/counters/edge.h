/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * edge.h - where among the drops that were seen a look at their counter falls
 */
#ifndef COUNTERS_EDGE_H
#define COUNTERS_EDGE_H

#include <stdint.h>

/**
 * struct edge - a look
 * @min, @max: so many drops at least, and at most, were before it, since the start: those in
 *	       between happened while it was taken
 */
struct edge {
	uint64_t min;
	uint64_t max;
};

/*
 * From the look @from to the look @to the counter grew by @counted.  Narrows @to to what can be
 * true then: the next interval begins with it.
 *
 * Return: how many drops were seen between them: @counted, if that can be; else the number next to
 * it.
 */
uint64_t edge_seen(const struct edge *from, struct edge *to, uint64_t counted);

#endif /* COUNTERS_EDGE_H */
