// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * edge.c - the rule by which drops and their counter are compared while both go on
 *
 * A look takes its time, and the kernel counts a drop a little before, or after, it is an event: of
 * drops around a look nobody can tell whether the look has them.  But how many those are is known.
 * So a look falls somewhere between so many drops and so many; that one interval says where it was,
 * narrows it for the next, and each drop belongs to one interval only.  What cannot be explained so
 * is a difference, whatever came when: none is made up, and one that is hidden by the edge of an
 * interval comes out at the next edge.
 */
#include "edge.h"

uint64_t edge_seen(const struct edge *from, struct edge *to, uint64_t counted)
{
	uint64_t min = from->min + counted, max = from->max + counted;

	if (min > to->max) {
		to->min = to->max;
		return to->max > from->min ? to->max - from->min : 0;
	}
	if (max < to->min) {
		to->max = to->min;
		return to->min - from->max;
	}
	if (min > to->min)
		to->min = min;
	if (max < to->max)
		to->max = max;
	return counted;
}
