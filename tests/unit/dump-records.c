// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dump-records.c - capture -> one line per record, or figures about reading it
 *
 *	dump-records [-n|-l] [-q|-p|-i] FILE
 *
 * -n and -l force the native or the libtracecmd backend; -q prints times instead of records,
 * -p prints the lines of `trace-cmd report`, -i what the capture says of itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "skbtrail.h"

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static uint32_t checksum(const struct trail_event *event)
{
	const unsigned char *at = event->data;
	uint32_t sum = 5381;

	for (uint32_t i = 0; i < event->size; i++)
		sum = sum * 33 + at[i];
	return sum;
}

static void print_record(const struct trail_event *event)
{
	printf("%llu %u %u %u %d %u %02x %u %d %08x\n", (unsigned long long)event->ts_ns,
	       event->cpu, event->buffer, event->type, event->pid, event->size, event->flags,
	       event->preempt, event->lost, checksum(event));
}

static void print_line(struct trail_capture *cap, const struct trail_event *event)
{
	char line[65536];

	if (trail_capture_print(cap, event, line, sizeof(line)) > 0)
		puts(line);
}

static void print_info(const struct trail_capture_info *info)
{
	printf("reader %s version %u kernel %s clock %s tool %s cpus %u\n", info->reader,
	       info->version, info->kernel, info->clock, info->tool, info->nr_cpu);
	printf("events %llu from %llu to %llu lost %llu unknown %llu truncated %d\n",
	       (unsigned long long)info->nr_event, (unsigned long long)info->start_ns,
	       (unsigned long long)info->end_ns, (unsigned long long)info->lost_events,
	       (unsigned long long)info->lost_unknown, info->truncated);
	for (uint32_t i = 0; i < info->nr_cpu; i++)
		printf("cpu %u events %llu overrun %llu dropped %llu read %llu stats %d\n",
		       info->cpu[i].cpu, (unsigned long long)info->cpu[i].nr_event,
		       (unsigned long long)info->cpu[i].overrun,
		       (unsigned long long)info->cpu[i].dropped,
		       (unsigned long long)info->cpu[i].read_events, info->cpu[i].has_stats);
	for (size_t i = 0; info->capability[i]; i++)
		printf("capability %s\n", info->capability[i]);
	for (size_t i = 0; info->warning[i]; i++)
		printf("warning %s\n", info->warning[i]);
}

int main(int argc, char **argv)
{
	struct trail_capture_opts opts = { 0 };
	struct trail_capture *cap;
	struct trail_error error;
	struct trail_event event;
	double start = now_s(), opened;
	size_t nr = 0;
	int mode = 0;
	int c, err;

	while ((c = getopt(argc, argv, "nlqpi")) != -1) {
		if (c == 'n')
			opts.reader = TRAIL_READER_NATIVE;
		else if (c == 'l')
			opts.reader = TRAIL_READER_LIBTRACECMD;
		else
			mode = c;
	}
	if (optind + 1 != argc)
		return 2;
	err = trail_capture_open(argv[optind], &opts, &cap, &error);
	if (err) {
		fprintf(stderr, "%s\n", error.text[0] ? error.text : strerror(-err));
		return 1;
	}
	opened = now_s();
	if (mode == 'i')
		print_info(trail_capture_info(cap));
	while (mode != 'i' && (err = trail_capture_next(cap, &event)) > 0) {
		nr++;
		if (mode == 'p')
			print_line(cap, &event);
		else if (!mode)
			print_record(&event);
	}
	if (mode == 'q')
		printf("open %.1f ms, %zu records in %.1f ms: %.1f M/s\n", (opened - start) * 1e3,
		       nr, (now_s() - opened) * 1e3, nr / (now_s() - opened) / 1e6);
	trail_capture_close(cap);
	return err < 0;
}
