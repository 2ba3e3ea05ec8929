// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * capture-losses.c - what each CPU lost, and when
 *
 * Three sources: the pages tell of a gap between two records, exactly; the texts of statistics have
 * the kernel's counters; lines behind the version text, see capture-probes.c, have what these
 * counters lost in each second.  Of a CPU the larger number counts.  A capture that was to keep the
 * newest only has lost nothing by letting older ones go: each CPU begins with such a gap then.
 */
#include <stdlib.h>
#include <string.h>

#include "read.h"

#define SIZE_OF_NUMBER	24

static bool is_flight(const struct trail_capture *cap)
{
	const char *bounded = capture_bounded(cap);

	return bounded && !strcmp(bounded, "flight");
}

static uint64_t by_stats(const struct trail_cpu_stat *cpu, bool flight)
{
	return (flight ? 0 : cpu->overrun) + cpu->commit_overrun + cpu->dropped;
}

static uint64_t in_ns(const struct trail_capture *cap, uint64_t ts)
{
	return cap->convert ? time_convert(cap->dat, ts) : ts;
}

static void add_time(struct trail_cpu_stat *cpu, uint64_t from_ns, uint64_t to_ns)
{
	if (!cpu->lost_to_ns || from_ns < cpu->lost_from_ns)
		cpu->lost_from_ns = from_ns;
	if (to_ns > cpu->lost_to_ns)
		cpu->lost_to_ns = to_ns;
}

void losses_of_pages(const struct trail_capture *cap, const struct stream_count *count,
		     struct trail_cpu_stat *cpu)
{
	cpu->lost_events += count->lost_events;
	cpu->lost_unknown += count->lost_unknown;
	cpu->nr_gap += count->nr_gap;
	if (count->nr_gap)
		add_time(cpu, in_ns(cap, count->gap_from), in_ns(cap, count->gap_to));
	if (!count->lost_first || capture_bounded(cap))
		return;
	cpu->nr_gap++;
	if (count->lost_first > 0)
		cpu->lost_events += (uint64_t)count->lost_first;
	else
		cpu->lost_unknown++;
	/* When the gap began nobody knows. */
	add_time(cpu, in_ns(cap, count->first), in_ns(cap, count->first));
}

/* Four numbers, as many as the line has.  Return: how many. */
static int numbers(struct text line, uint64_t out[4])
{
	char copy[SIZE_OF_NUMBER * 4], *at = copy, *end;
	int nr = 0;

	if (line.len >= sizeof(copy))
		return 0;
	memcpy(copy, line.at, line.len);
	copy[line.len] = '\0';
	for (; nr < 4; nr++, at = end) {
		out[nr] = strtoull(at, &end, 10);
		if (end == at)
			break;
	}
	return nr;
}

/* Where pages do not tell of it, or not of all. */
static void times_of_lines(struct trail_capture *cap)
{
	struct trail_cpu_stat *cpu;
	struct text line;
	uint64_t number[4];
	size_t at = 0;

	while (capture_next_line(cap, "lost", &at, &line)) {
		if (numbers(line, number) != 4 || number[0] > UINT32_MAX)
			continue;
		cpu = capture_find_cpu(cap, (uint32_t)number[0]);
		if (cpu && cpu->lost > cpu->lost_events)
			add_time(cpu, in_ns(cap, number[1]), in_ns(cap, number[2]));
	}
}

void losses_sum(struct trail_capture *cap)
{
	struct trail_capture_info *info = &cap->info;
	bool bounded = capture_bounded(cap), flight = is_flight(cap);

	info->lost_events = info->lost_unknown = info->let_go = 0;
	/* Of a size it is what was read and is not there: a full disk did not keep it either. */
	info->let_go_unknown = bounded && !flight && info->ended;
	for (uint32_t i = 0; i < info->nr_cpu; i++) {
		struct trail_cpu_stat *cpu = &cap->cpu[i];
		uint64_t counted = by_stats(cpu, flight);

		cpu->lost = cpu->lost_events > counted ? cpu->lost_events : counted;
		info->lost_events += cpu->lost;
		info->lost_unknown += cpu->lost_unknown;
		info->let_go_unknown |= bounded && !cpu->has_stats;
		if (flight)
			info->let_go += cpu->overrun;
		else if (bounded && cpu->read_events > cpu->nr_event)
			info->let_go += cpu->read_events - cpu->nr_event;
	}
	if (info->let_go_unknown)
		info->let_go = 0;
	times_of_lines(cap);
}
