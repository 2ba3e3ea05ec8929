// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * wall.c - a trace clock -> how far the time of day is ahead of it
 *
 * Most trace clocks are clocks that programs can read as well, so nothing has to be written to the
 * trace.  Between two readings of the trace clock lies one of the time of day; of several tries
 * the one with the least time between the two is taken: its error is at most half of that, tens of
 * nanoseconds as a rule.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "wall.h"

#define NR_TRY	20

/* kernel/trace/trace.c: trace_clocks[] */
static const struct { const char *name; clockid_t id; } clock_of[] = {
	{ "mono", CLOCK_MONOTONIC },
	{ "mono_raw", CLOCK_MONOTONIC_RAW },
	{ "boot", CLOCK_BOOTTIME },
	{ "tai", CLOCK_TAI },
};

static int64_t now_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static int64_t measure(clockid_t id)
{
	int64_t best = INT64_MAX, offset = 0;

	for (int i = 0; i < NR_TRY; i++) {
		int64_t before = now_ns(id);
		int64_t wall = now_ns(CLOCK_REALTIME);
		int64_t took = now_ns(id) - before;

		if (took < best) {
			best = took;
			offset = wall - before - took / 2;
		}
	}
	return offset;
}

static int find_clock(const char *clock, clockid_t *id)
{
	for (size_t i = 0; i < sizeof(clock_of) / sizeof(clock_of[0]); i++) {
		if (strcmp(clock_of[i].name, clock))
			continue;
		*id = clock_of[i].id;
		return 0;
	}
	return -ENOTSUP;
}

int wall_offset(const char *clock, int64_t *offset_ns)
{
	clockid_t id;
	int err = find_clock(clock, &id);

	if (!err)
		*offset_ns = measure(id);
	return err;
}

int wall_trace_clock(const char *clock, uint64_t *ns)
{
	clockid_t id;
	int err = find_clock(clock, &id);

	if (!err)
		*ns = (uint64_t)now_ns(id);
	return err;
}
