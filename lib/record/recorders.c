// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * recorders.c - a recorder for each CPU, also for those that come later
 *
 * The kernel gives a CPU its buffer when it comes online for the first time, and keeps it when the
 * CPU goes offline.  Those that could come but are not there cost nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cpu-list.h"
#include "record-private.h"

#define DEFAULT_INTERVAL_MS	500
#define RAW_FLAGS		(O_RDONLY | O_NONBLOCK | O_CLOEXEC)
#define CPU_DIR			"/sys/devices/system/cpu/"

/* Of one CPU; the kernel's default is not the same for all. */
static uint64_t buffer_bytes(const struct trail_record *record, int cpu)
{
	struct blob text = { 0 };
	uint64_t kb = 0;
	char path[64];

	snprintf(path, sizeof(path), "per_cpu/cpu%d/buffer_size_kb", cpu);
	if (!session_read(&record->session, path, &text))
		kb = strtoull(text.data, NULL, 10);
	blob_release(&text);
	return (kb ? kb : 1024) * 1024;
}

static int open_files(struct trail_record *record, struct recorder *recorder)
{
	const struct trail_record_opts *opts = &record->opts;

	/* At least one page in each half. */
	if (opts->max_kb)
		recorder->half_bytes = (opts->max_kb * 512 + recorder->page_size - 1) /
				       recorder->page_size * recorder->page_size;
	for (unsigned int i = 0; i < (opts->max_kb ? 2 : 1); i++) {
		recorder->file[i] = output_cpu_file(&record->output, recorder->cpu, i);
		if (recorder->file[i] < 0)
			return recorder->file[i];
	}
	/* At the end the newest is to be saved: too late to find that the disk is full. */
	if (opts->flight &&
	    fallocate(recorder->file[0], FALLOC_FL_KEEP_SIZE, 0, recorder->buffer_bytes) &&
	    (errno == ENOSPC || errno == EDQUOT))
		return -errno;
	return 0;
}

static int start_one(struct trail_record *record, int cpu)
{
	const struct trail_record_opts *opts = &record->opts;
	struct recorder *recorder = &record->recorder[cpu];
	char path[600];
	int err;

	snprintf(path, sizeof(path), "%s/per_cpu/cpu%d/trace_pipe_raw", record->session.dir, cpu);
	recorder->raw_fd = open(path, RAW_FLAGS);
	if (recorder->raw_fd < 0)
		return errno == ENOENT || errno == ENODEV || errno == ENXIO ? 0 : -errno;
	recorder->page_size = record->metadata.header.page_size;
	recorder->buffer_bytes = buffer_bytes(record, cpu);
	recorder->interval_ms = opts->interval_us ? (opts->interval_us + 999) / 1000
						  : DEFAULT_INTERVAL_MS;
	recorder->holds = opts->flight;
	recorder->room = opts->max_kb ? NULL : &record->room;
	recorder->stop_fd = record->stop_fd;
	recorder->failed_fd = record->failed_fd;
	if (cpu >= record->nr_cpu)
		record->nr_cpu = cpu + 1;
	if (record->is_live)
		return 0;
	err = open_files(record, recorder);
	return err ? err : recorder_start(recorder, record->nr_cpu);
}

int recorders_add_new(struct trail_record *record)
{
	struct blob online = { 0 };
	int err = 0;

	if (blob_add_file(&online, CPU_DIR "online"))
		online.size = 0;
	for (int cpu = 0; !err && cpu < record->max_cpu; cpu++)
		/* Without sysfs: those that the C library knew at the start. */
		if (record->recorder[cpu].raw_fd < 0 &&
		    (online.size ? cpu_list_has(online.data, cpu) : cpu < record->nr_cpu))
			err = start_one(record, cpu);
	blob_release(&online);
	return err;
}

int recorders_add_last(struct trail_record *record)
{
	struct blob text = { 0 };
	struct cpu_stats stats;
	int err = 0;

	for (int cpu = 0; !err && cpu < record->max_cpu; cpu++)
		if (record->recorder[cpu].raw_fd < 0 &&
		    !cpu_stats_read(&record->session, cpu, &text, &stats) && stats.entries)
			err = start_one(record, cpu);
	blob_release(&text);
	return err;
}

int recorders_max_cpu(void)
{
	int max_cpu = sysconf(_SC_NPROCESSORS_CONF);
	struct blob possible = { 0 };

	if (!blob_add_file(&possible, CPU_DIR "possible") && cpu_list_end(possible.data) > max_cpu)
		max_cpu = cpu_list_end(possible.data);
	blob_release(&possible);
	return max_cpu;
}

int recorders_start(struct trail_record *record)
{
	record->nr_cpu = sysconf(_SC_NPROCESSORS_CONF);
	record->max_cpu = recorders_max_cpu();
	record->recorder = calloc(record->max_cpu, sizeof(*record->recorder));
	record->cpu_stat = calloc(record->max_cpu, sizeof(*record->cpu_stat));
	if (!record->recorder || !record->cpu_stat) {
		record->nr_cpu = record->max_cpu = 0;
		return -ENOMEM;
	}
	for (int cpu = 0; cpu < record->max_cpu; cpu++)
		record->recorder[cpu] = (struct recorder)RECORDER_NONE(cpu);
	return recorders_add_new(record);
}
