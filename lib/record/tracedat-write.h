/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tracedat-write.h - metadata and per-CPU pages -> trace.dat
 *
 * Knows nothing of tracefs: the caller hands over texts and pages.  A file is written in two
 * steps, so that the formats can be on disk before tracing starts:
 *
 *	tracedat_new()		head, formats, kallsyms, printk formats
 *	tracedat_finish()	command lines, options, data of the CPUs
 */
#ifndef TRACEDAT_WRITE_H
#define TRACEDAT_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tracedat_piece {
	const void *data;
	size_t size;
};

struct tracedat_system {
	const char *name;
	const struct tracedat_piece *format;
	uint32_t nr_format;
};

/**
 * struct tracedat_header - what is known before the first event
 * @version: 6 or 7
 * @zstd: compress (version 7 only)
 * @page_size: bytes of a sub-buffer
 * @header_page: text of events/header_page of the recorded instance, never empty
 * @ftrace: formats of the system "ftrace"
 * @kallsyms, @printk: may be empty
 */
struct tracedat_header {
	unsigned int version;
	bool zstd;
	uint32_t page_size;
	struct tracedat_piece header_page;
	struct tracedat_piece header_event;
	const struct tracedat_piece *ftrace;
	uint32_t nr_ftrace;
	const struct tracedat_system *system;
	uint32_t nr_system;
	struct tracedat_piece kallsyms;
	struct tracedat_piece printk;
};

/**
 * struct tracedat_source - a run of pages
 * @data: the pages in memory, or NULL
 * @read: or NULL: fills whole pages, @size bytes from @offset on; returns 0 or -errno
 * @arg: handed to it
 * @fd: has them, from its start on, where there is neither of these
 * @index: any number, for whoever reads struct tracedat_moving
 * @consume: the file behind @fd may be emptied while it is copied, when space runs out
 */
struct tracedat_source {
	const void *data;
	int (*read)(void *arg, void *pages, size_t size, uint64_t offset);
	void *arg;
	uint64_t size;
	int fd;
	unsigned int index;
	bool consume;
};

/**
 * struct tracedat_cpu - data of one CPU
 * @source: one after the other, unused ones have size 0
 * @stat: text of per_cpu/cpuN/stats, NULL or "" when unknown
 */
struct tracedat_cpu {
	struct tracedat_source source[2];
	const char *stat;
};

/**
 * struct tracedat_moving - where data of a CPU is about to go, should its sources be emptied
 * @offset: of the data in the file, 0 = it is not yet there
 * @size, @index: of its sources
 */
struct tracedat_moving {
	uint64_t offset;
	uint64_t size[2];
	uint64_t index[2];
};

/**
 * struct tracedat_tail - what is known after the last event
 * @cpu: @nr_cpu entries, index is the CPU number
 * @clock: name of the trace clock
 * @uname: "system node release machine"
 * @tool: version text of the recording tool
 * @trace_id: any number that is not used twice
 * @wall_offset_ns: time of day minus trace clock; used when @has_wall
 * @moving_fd: a file with a struct tracedat_moving for each CPU, written before the CPU's data
 *	       is copied; NULL = none
 */
struct tracedat_tail {
	struct tracedat_piece cmdlines;
	const struct tracedat_cpu *cpu;
	uint32_t nr_cpu;
	const char *clock;
	const char *uname;
	const char *tool;
	uint64_t trace_id;
	int64_t wall_offset_ns;
	bool has_wall;
	const int *moving_fd;
};

#define TRACEDAT_NR_PLACE	5

/**
 * struct tracedat_place - where the first part of a file lies, to go on with it elsewhere
 * @end: bytes of it
 * @head_patch, @section: version 7: as in struct tracedat, of header_page and the following
 */
struct tracedat_place {
	unsigned int version;
	bool zstd;
	uint32_t page_size;
	uint64_t end;
	uint64_t head_patch;
	uint64_t section[TRACEDAT_NR_PLACE];
};

struct tracedat;

/**
 * tracedat_new - write the first part to @fd, an empty file open for reading and writing
 * Return: 0; -EINVAL; -ENOMEM; -errno of a write.
 */
int tracedat_new(int fd, const struct tracedat_header *header, struct tracedat **out);
/* After tracedat_new(). */
void tracedat_tell(const struct tracedat *dat, struct tracedat_place *place);
/*
 * In the place of tracedat_new(): @fd is a copy of the first @place->end bytes of what it wrote.
 * Return: 0; -EINVAL; -ENOMEM.
 */
int tracedat_resume(int fd, const struct tracedat_place *place, struct tracedat **out);
/* Return: 0; -EINVAL; -ENOMEM; -errno of a write or of reading the data. */
int tracedat_finish(struct tracedat *dat, const struct tracedat_tail *tail);
/* Does not close the file. */
void tracedat_free(struct tracedat *dat);
/* Does the file begin as a trace.dat does? */
bool tracedat_is_capture(int fd);

#endif /* TRACEDAT_WRITE_H */
