// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch-line.c - event -> "12:00:00.123456 curl/4711 tcp_v4_rcv(skb=0xff...) = 0 <12.3us>"
 */
#include <errno.h>
#include <inttypes.h>
#include <time.h>

#include "watch-parts.h"

#define LINE_SIZE	8192

/* Time of day where the clock's distance from it is known, else the clock's seconds. */
static void print_time(const struct watch_lines *lines, uint64_t ts_ns)
{
	const struct trail_capture_info *info = trail_capture_info(lines->cap);
	uint64_t ns = ts_ns + (uint64_t)info->wall_offset_ns;
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	if (info->has_wall && localtime_r(&seconds, &tm))
		fprintf(lines->out, "%02d:%02d:%02d.%06" PRIu64 " ", tm.tm_hour, tm.tm_min,
			tm.tm_sec, ns / 1000 % 1000000);
	else
		fprintf(lines->out, "%" PRIu64 ".%06" PRIu64 " ", ts_ns / 1000000000,
			ts_ns / 1000 % 1000000);
}

static void print_took(const struct watch_lines *lines, int64_t took_ns)
{
	if (took_ns >= 0)
		fprintf(lines->out, " <%" PRId64 ".%03" PRId64 "us>", took_ns / 1000,
			took_ns % 1000);
}

/* A chain of events may have measured it itself. */
static int64_t own_took(const struct watch_lines *lines, const struct trail_event *event,
			const struct trail_description *what, int64_t took_ns)
{
	char room[TRAIL_VALUE_ROOM];
	struct trail_value value;

	for (uint16_t i = 0; i < what->nr_field; i++) {
		if (what->field[i].role != TRAIL_ROLE_TOOK)
			continue;
		trail_event_value(lines->cap, event, &what->field[i], room, &value);
		if (value.kind != TRAIL_VALUE_UNKNOWN)
			return (int64_t)value.number;
	}
	return took_ns;
}

void watch_line_lost(const struct watch_lines *lines, const struct trail_event *event)
{
	if (event->lost > 0)
		fprintf(lines->out, "-- %d events lost on cpu %u\n", event->lost, event->cpu);
	else if (event->lost)
		fprintf(lines->out, "-- events lost on cpu %u\n", event->cpu);
}

int watch_line(const struct watch_lines *lines, const struct trail_event *event,
	       const struct trail_pair *pair)
{
	const struct trail_description *what = trail_capture_describe(lines->cap, event->type);
	char text[LINE_SIZE], comm[128];
	const char *name = watch_task_name(lines->tasks, event);
	int err;

	if (!what)
		return -ENOMEM;
	trail_escape(name, strlen(name), comm, sizeof(comm));
	print_time(lines, event->ts_ns);
	fprintf(lines->out, "%s/%d ", *comm ? comm : "?", event->pid);
	if (lines->has_cpu)
		fprintf(lines->out, "cpu %u ", event->cpu);
	err = trail_capture_print_values(lines->cap, event, pair, text, sizeof(text));
	if (err < 0)
		return err;
	fprintf(lines->out, "%s%s", what->name, text);
	if (lines->has_took)
		print_took(lines, own_took(lines, event, what, pair->took_ns));
	fputc('\n', lines->out);
	return 0;
}
