/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * process.h - processes: which file they map, how it is to be named for the kernel, and whether it
 * is still the one
 *
 * They are only looked at, through /proc.
 */
#ifndef PROBE_PROCESS_H
#define PROBE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "elf-file.h"
#include "skbtrail.h"

/* Of a uprobe: "/proc/PID/map_files/..." included. */
#define PROCESS_PATH_SIZE	512

/**
 * struct process_map - a part of a file that is mapped to be executed
 * @start, @end: addresses in the process
 * @offset: in the file
 * @path: as the process sees it, without " (deleted)"
 * @is_deleted: the file has no name any more
 */
struct process_map {
	uint64_t start;
	uint64_t end;
	uint64_t offset;
	char *path;
	bool is_deleted;
};

/**
 * struct process - a process
 * @map: @nr_map, what the linker searches first comes first: the program, then libraries in the
 *	 order in which they were loaded
 * @start_time: of it, in clock ticks since the boot: who has its number later is another
 */
struct process {
	int pid;
	uint64_t start_time;
	struct process_map *map;
	size_t nr_map;
};

/* Return: 0; -ESRCH there is no such process; -EACCES, -ENOEXEC a thread of the kernel; -ENOMEM. */
int process_open(int pid, struct process **out, struct trail_error *error);
void process_close(struct process *process);

/**
 * process_path - a name for the file of @map that the kernel finds from here
 * @path: of PROCESS_PATH_SIZE
 *
 * The process may see another file system (a container), or its file may have been replaced since
 * it was started.
 */
void process_path(const struct process *process, const struct process_map *map, char *path);
/* The map of @process that has @offset of the file @path, of process_path(); NULL: none. */
const struct process_map *process_find(const struct process *process, const char *path,
				       uint64_t offset);

/**
 * struct process_mark - how hits of a process are told from those of others
 * @base: where the file's first byte would lie in the process; 0: that does not tell
 * @threads: then the threads that it has now, as an event filter; to be freed by the caller
 */
struct process_mark {
	uint64_t base;
	char *threads;
};

/**
 * process_mark - what tells the hits of this process at @offset of the file @path
 * @is_movable: the loader chose where the file lies: a library, a PIE
 *
 * Return: 0; -ENOENT the process does not map it; -E2BIG too many threads; -ENOMEM.
 */
int process_mark(const struct process *process, const char *path, uint64_t offset,
		 bool is_movable, struct process_mark *out);

/* ---- is it still the one? */

/* What is told of a probe, each once. */
enum process_news {
	PROCESS_NO_NEWS = 0,
	PROCESS_FILE = 1,	/* the file was replaced, deleted or changed */
	PROCESS_ENDED = 2,
};

/**
 * struct process_watch - a probed file, as it was when the probe was set
 * @pid: 0, or the process whose probe it is
 * @told: bits of enum process_news
 */
struct process_watch {
	char path[PROCESS_PATH_SIZE];
	dev_t device;
	ino_t inode;
	off_t size_bytes;
	struct timespec changed;
	int pid;
	uint64_t start_time;
	unsigned int told;
};

int process_watch_begin(struct process_watch *watch, const char *path,
			const struct process *process);
/* Did something happen to it since?  One thing, with one line in @text; there may be another. */
enum process_news process_watch_look(struct process_watch *watch, char *text,
				     size_t size);

#endif /* PROBE_PROCESS_H */
