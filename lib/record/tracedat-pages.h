/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tracedat-pages.h - the pages that a recording left in its .part directory
 */
#ifndef TRACEDAT_PAGES_H
#define TRACEDAT_PAGES_H

#include "../read/page.h"
#include "part.h"

/**
 * struct part_file - one cpuN.M
 * @first: bytes before the first page that holds something
 * @size: bytes of whole pages behind it
 * @start_ns: time of the first page
 */
struct part_file {
	uint64_t first;
	uint64_t size;
	uint64_t start_ns;
};

struct part_pages;

/**
 * struct part_cursor - a source's argument: where its pages are
 * @index: of the file
 * @first: where in it they begin
 * @moved: where in the head's file the CPU's data was going to, 0 = nowhere
 * @before: bytes of the CPU's data before this source's
 */
struct part_cursor {
	struct part_pages *pages;
	uint32_t cpu;
	unsigned int index;
	uint64_t first;
	uint64_t moved;
	uint64_t before;
};

/**
 * struct moved - pages that had been moved to the head's file to make room on a full disk
 * @fd: of that file
 * @zstd: they are compressed in chunks
 * @start: of the CPU's data whose chunks are walked, 0 = of none
 * @next: the chunk behind that in @chunk, which holds @size bytes from byte @at of the data on
 */
struct moved {
	int fd;
	bool zstd;
	uint64_t start;
	uint64_t next;
	uint64_t at;
	uint64_t size;
	unsigned char *chunk;
};

/* Reads a page at byte @at of the data that begins at @start.  False: it is not there. */
bool moved_read(struct moved *moved, uint64_t start, uint64_t at, void *page, uint32_t page_size);
void moved_release(struct moved *moved);

/**
 * struct part_pages - the files of all CPUs, one of them open at a time
 * @dir_fd: the directory
 * @blank: what they are not to hold, or NULL
 * @fd: of the file that was read last, -1 = none; it is that of @open_cpu and @open_index
 * @cursor: two for each CPU, as @cpu's sources
 * @cpu: @nr_cpu entries, the older file of each CPU first
 * @should_end: asked with @data before pages are read, which fails with -EINTR then; or NULL
 * @moved: what is no longer in the files
 * @nr_event, @nr_damaged: events in, and bad places of, what was read so far
 */
struct part_pages {
	int dir_fd;
	struct page_layout layout;
	const struct blank *blank;
	int fd;
	uint32_t open_cpu;
	unsigned int open_index;
	struct part_cursor *cursor;
	struct tracedat_cpu *cpu;
	uint32_t nr_cpu;
	bool (*should_end)(void *data);
	void *data;
	struct moved moved;
	uint64_t nr_event;
	uint64_t nr_damaged;
};

/*
 * Looks at the files.  @head_fd: of the head, stays the caller's.
 * Return: 0; -EINVAL one is no regular file; -errno; -ENOMEM.
 */
int part_pages_open(struct part_pages *pages, const struct part *part, int dir_fd, int head_fd);
uint64_t part_pages_bytes(const struct part_pages *pages);
void part_pages_close(struct part_pages *pages);

/* Cuts a damaged page off where the damage begins.  Return: its events. */
uint32_t page_mend(const struct page_layout *layout, unsigned char *data, bool *damaged);

#endif /* TRACEDAT_PAGES_H */
