// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cpu-stats.c - per_cpu/cpuN/stats -> numbers
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu-stats.h"

/* "overrun: 12": what is behind @name, which begins a line; NULL where no line does. */
static const char *find(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = text; at && *at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, name, length) && at[length] == ':')
			return at + length + 1;
	}
	return NULL;
}

static uint64_t number(const char *text, const char *name)
{
	const char *at = find(text, name);

	return at ? strtoull(at, NULL, 10) : 0;
}

/* "  123.456789", seconds; or a bare number of a clock that counts something else. */
static uint64_t time_ns(const char *text)
{
	unsigned long long whole = 0, micro = 0;
	int n = text ? sscanf(text, "%llu.%6llu", &whole, &micro) : 0;

	return n == 2 ? whole * 1000000000 + micro * 1000 : whole;
}

void cpu_stats_parse(const char *text, struct cpu_stats *out)
{
	*out = (struct cpu_stats){
		.entries = number(text, "entries"), .bytes = number(text, "bytes"),
		.overrun = number(text, "overrun"),
		.commit_overrun = number(text, "commit overrun"),
		.dropped = number(text, "dropped events"),
		.read_events = number(text, "read events"),
		.now_ns = time_ns(find(text, "now ts")),
	};
}

int cpu_stats_read(const struct session *session, int cpu, struct blob *text,
		   struct cpu_stats *out)
{
	char path[64];
	int err;

	text->size = 0;
	snprintf(path, sizeof(path), "per_cpu/cpu%d/stats", cpu);
	err = session_read(session, path, text);
	if (!err)
		cpu_stats_parse(text->data ? text->data : "", out);
	return err;
}

uint64_t cpu_stats_most(const struct cpu_stats *stats)
{
	return stats->entries + stats->overrun + stats->read_events;
}

uint64_t cpu_stats_least(const struct cpu_stats *first, const struct cpu_stats *later)
{
	uint64_t least = later->entries + first->overrun + first->read_events;

	return (int64_t)least < 0 ? 0 : least;
}
