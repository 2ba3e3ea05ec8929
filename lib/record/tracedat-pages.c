// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tracedat-pages.c - cpuN.M of a .part directory -> sources of a trace.dat
 *
 * The files stay as they are: pages are mended and blanked on their way.  Of what a kill or a crash
 * cut, whole pages are taken.  Pages of zeros are where blocks were never written, or have been
 * given back to a full disk: then they are in the capture that was not finished.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "tracedat-pages.h"

/* linux/ring_buffer.h: the length of a page's data, and RB_MISSED_EVENTS. */
#define COMMIT_LOST	(1u << 31)
/* type, flags, preempt_count and pid: what every event begins with; readers refuse less. */
#define COMMON_BYTES	8

static void set_commit(const struct page_layout *layout, unsigned char *data, uint32_t commit)
{
	uint64_t wide = commit;

	if (layout->commit_size == sizeof(wide))
		memcpy(data + 8, &wide, sizeof(wide));
	else
		memcpy(data + 8, &commit, sizeof(commit));
}

uint32_t page_mend(const struct page_layout *layout, unsigned char *data, bool *damaged)
{
	uint32_t head = 8 + layout->commit_size, nr = 0;
	struct page page = { 0 };
	const unsigned char *good;
	struct record record;
	int more = page_start(&page, layout, data);

	*damaged = more < 0;
	if (*damaged) {
		set_commit(layout, data, COMMIT_LOST);
		return 0;
	}
	do {
		good = page.at;
		more = page_next(&page, layout, &record);
		if (more > 0 && record.size < COMMON_BYTES)
			more = -EINVAL;
		nr += more > 0;
	} while (more > 0);
	*damaged = more < 0;
	if (*damaged)
		set_commit(layout, data, COMMIT_LOST | (uint32_t)(good - data - head));
	return nr;
}

/* ---- files */

static int open_file(const struct part_pages *pages, uint32_t cpu, unsigned int index,
		     struct stat *st)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "cpu%u.%u", cpu, index);
	fd = openat(pages->dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!fstat(fd, st) && S_ISREG(st->st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

/* Time and length, both zero where nothing was written. */
static int read_head(int fd, const struct page_layout *layout, uint64_t at, uint64_t head[2])
{
	head[0] = head[1] = 0;
	return file_read_at(fd, head, 8 + layout->commit_size, at);
}

/* Return: 0 or -errno. */
static int measure(int fd, const struct page_layout *layout, uint64_t size,
		   struct part_file *file)
{
	uint64_t head[2] = { 0 }, end = size - size % layout->page_size;
	int err = 0;

	*file = (struct part_file){ 0 };
	while (!err && file->first < end) {
		err = read_head(fd, layout, file->first, head);
		if (err || head[0] || head[1])
			break;
		file->first += layout->page_size;
	}
	file->start_ns = head[0];
	while (!err && end > file->first) {
		err = read_head(fd, layout, end - layout->page_size, head);
		if (err || head[0] || head[1])
			break;
		end -= layout->page_size;
	}
	file->size = end - file->first;
	return err;
}

static int measure_file(const struct part_pages *pages, uint32_t cpu, unsigned int index,
			struct part_file *file)
{
	struct stat st;
	int fd = open_file(pages, cpu, index, &st), err;

	*file = (struct part_file){ 0 };
	/* Only a bounded recording has two, and a CPU that was never there none. */
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = measure(fd, &pages->layout, st.st_size, file);
	close(fd);
	return err;
}

/* ---- reading */

static int use_file(struct part_pages *pages, uint32_t cpu, unsigned int index)
{
	struct stat st;

	if (pages->fd >= 0 && pages->open_cpu == cpu && pages->open_index == index)
		return 0;
	if (pages->fd >= 0)
		close(pages->fd);
	pages->open_cpu = cpu;
	pages->open_index = index;
	pages->fd = open_file(pages, cpu, index, &st);
	return pages->fd < 0 ? pages->fd : 0;
}

/* What the file does not have any more reads as zeros. */
static int read_file(int fd, void *data, size_t size, uint64_t offset)
{
	struct stat st;
	uint64_t left;
	size_t n;

	if (fstat(fd, &st))
		return -errno;
	left = (uint64_t)st.st_size > offset ? st.st_size - offset : 0;
	n = left < size ? left : size;
	memset((char *)data + n, 0, size - n);
	return file_read_at(fd, data, n, offset);
}

static bool is_empty(const struct page_layout *layout, const unsigned char *page)
{
	static const unsigned char zero[16];

	return !memcmp(page, zero, 8 + layout->commit_size);
}

static int read_pages(void *arg, void *data, size_t size, uint64_t offset)
{
	const struct part_cursor *cursor = arg;
	struct part_pages *pages = cursor->pages;
	uint32_t page_size = pages->layout.page_size;
	int err = use_file(pages, cursor->cpu, cursor->index);
	bool damaged;

	if (!err && pages->should_end && pages->should_end(pages->data))
		err = -EINTR;
	if (!err)
		err = read_file(pages->fd, data, size, cursor->first + offset);
	for (size_t at = 0; !err && at < size; at += page_size) {
		unsigned char *page = (unsigned char *)data + at;

		if (cursor->moved && is_empty(&pages->layout, page) &&
		    !moved_read(&pages->moved, cursor->moved, cursor->before + offset + at, page,
				page_size))
			memset(page, 0, page_size);
		pages->nr_event += page_mend(&pages->layout, page, &damaged);
		pages->nr_damaged += damaged;
		if (pages->blank)
			blank_page(pages->blank, page);
	}
	return err;
}

static void add_source(struct part_pages *pages, const struct part_cursor *cursor, unsigned int i,
		       uint64_t size)
{
	struct part_cursor *at = &pages->cursor[2 * cursor->cpu + i];

	*at = *cursor;
	pages->cpu[cursor->cpu].source[i] = (struct tracedat_source){
		.read = read_pages, .arg = at, .size = size, .fd = -1,
	};
}

/* Sizes as they were before anything was moved; no more than there can be. */
static bool is_possible(const struct part_pages *pages, const struct tracedat_moving *moving,
			uint64_t limit)
{
	for (unsigned int i = 0; i < 2; i++)
		if (moving->size[i] > limit || moving->size[i] % pages->layout.page_size ||
		    moving->index[i] > 1)
			return false;
	return moving->offset && moving->index[0] != moving->index[1];
}

/* Return: 1 the CPU's data was being moved, or has been; 0 not yet; -errno. */
static int open_moved(struct part_pages *pages, uint32_t cpu, int moving_fd)
{
	struct tracedat_moving moving;
	struct part_cursor cursor = { .pages = pages, .cpu = cpu };
	uint64_t limit;
	struct stat st;
	int fd;

	if (moving_fd < 0 || fstat(pages->moved.fd, &st) ||
	    file_read_at(moving_fd, &moving, sizeof(moving), cpu * sizeof(moving)))
		return 0;
	limit = st.st_size;
	for (unsigned int i = 0; i < 2; i++) {
		fd = open_file(pages, cpu, i, &st);
		if (fd < 0 && fd != -ENOENT)
			return fd;
		limit += fd < 0 ? 0 : st.st_size;
		if (fd >= 0)
			close(fd);
	}
	if (!is_possible(pages, &moving, limit))
		return 0;
	cursor.moved = moving.offset;
	for (unsigned int i = 0; i < 2; i++) {
		cursor.index = moving.index[i];
		add_source(pages, &cursor, i, moving.size[i]);
		cursor.before += moving.size[i];
	}
	return 1;
}

static int open_cpu(struct part_pages *pages, uint32_t cpu)
{
	struct part_cursor cursor = { .pages = pages, .cpu = cpu };
	struct part_file file[2];
	unsigned int older;
	int err = measure_file(pages, cpu, 0, &file[0]);

	if (!err)
		err = measure_file(pages, cpu, 1, &file[1]);
	if (err)
		return err;
	older = file[0].size && file[1].size && file[1].start_ns < file[0].start_ns;
	for (unsigned int i = 0; i < 2; i++) {
		cursor.index = i ^ older;
		cursor.first = file[cursor.index].first;
		add_source(pages, &cursor, i, file[cursor.index].size);
	}
	return 0;
}

int part_pages_open(struct part_pages *pages, const struct part *part, int dir_fd, int head_fd)
{
	int moving_fd, err = 0;

	*pages = (struct part_pages){
		.dir_fd = dir_fd, .fd = -1, .nr_cpu = part->nr_cpu,
		.layout = { part->place.page_size, part->commit_size, false },
		.moved = { .fd = head_fd, .zstd = part->place.zstd },
	};
	pages->cursor = calloc(part->nr_cpu, 2 * sizeof(*pages->cursor));
	pages->cpu = calloc(part->nr_cpu, sizeof(*pages->cpu));
	if (!pages->cursor || !pages->cpu)
		return -ENOMEM;
	moving_fd = openat(dir_fd, PART_MOVING, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	for (uint32_t cpu = 0; err >= 0 && cpu < part->nr_cpu; cpu++) {
		err = open_moved(pages, cpu, moving_fd);
		if (!err)
			err = open_cpu(pages, cpu);
	}
	if (moving_fd >= 0)
		close(moving_fd);
	return err < 0 ? err : 0;
}

uint64_t part_pages_bytes(const struct part_pages *pages)
{
	uint64_t sum = 0;

	for (uint32_t cpu = 0; cpu < pages->nr_cpu; cpu++)
		sum += pages->cpu[cpu].source[0].size + pages->cpu[cpu].source[1].size;
	return sum;
}

void part_pages_close(struct part_pages *pages)
{
	if (pages->fd >= 0)
		close(pages->fd);
	moved_release(&pages->moved);
	free(pages->cursor);
	free(pages->cpu);
	*pages = (struct part_pages){ .fd = -1 };
}
