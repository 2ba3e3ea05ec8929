/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wall.h - a trace clock, and how far the time of day is ahead of it
 */
#ifndef WALL_H
#define WALL_H

#include <stdint.h>

/*
 * Time of day minus the trace clock @clock, now, in nanoseconds.
 * Return: 0; -ENOTSUP for a clock that programs cannot read.
 */
int wall_offset(const char *clock, int64_t *offset_ns);
/* What the trace clock @clock says now.  Return: 0; -ENOTSUP, as above. */
int wall_trace_clock(const char *clock, uint64_t *ns);

#endif /* WALL_H */
