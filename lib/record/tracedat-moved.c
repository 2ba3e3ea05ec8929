// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tracedat-moved.c - pages that had been moved from the recorders' files into the capture when it
 * could not be finished
 *
 * On a full disk a source is emptied while it is copied.  A page is in its place in the capture
 * before it leaves the source, so each of them is in one of the two.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "file.h"
#include "tracedat-pages.h"

#define MAX_CHUNK	(64u << 20)

/* The next chunk of the CPU.  False at the end of what there is, and where it is damaged. */
static bool next_chunk(struct moved *moved, uint32_t page_size)
{
	uint32_t size[2];
	void *packed = NULL, *chunk = NULL;
	bool ok;

	moved->at += moved->size;
	moved->size = 0;
	if (file_read_at(moved->fd, size, sizeof(size), moved->next) || !size[0] || !size[1] ||
	    size[0] > MAX_CHUNK || size[1] > MAX_CHUNK || size[1] % page_size)
		return false;
	packed = malloc(size[0]);
	chunk = realloc(moved->chunk, size[1]);
	if (chunk)
		moved->chunk = chunk;
	ok = packed && chunk &&
	     !file_read_at(moved->fd, packed, size[0], moved->next + sizeof(size)) &&
	     ZSTD_decompress(chunk, size[1], packed, size[0]) == size[1];
	free(packed);
	if (!ok)
		return false;
	moved->size = size[1];
	moved->next += sizeof(size) + size[0];
	return true;
}

/* Pages are asked for in their order, so each chunk is looked at once. */
static bool read_packed(struct moved *moved, uint64_t start, uint64_t at, void *page,
			uint32_t page_size)
{
	if (moved->start != start || at < moved->at) {
		moved->start = start;
		/* Behind the number of chunks, which is written last. */
		moved->next = start + sizeof(uint32_t);
		moved->at = moved->size = 0;
	}
	while (at >= moved->at + moved->size)
		if (!next_chunk(moved, page_size))
			return false;
	memcpy(page, moved->chunk + (at - moved->at), page_size);
	return true;
}

bool moved_read(struct moved *moved, uint64_t start, uint64_t at, void *page, uint32_t page_size)
{
	if (moved->zstd)
		return read_packed(moved, start, at, page, page_size);
	return !file_read_at(moved->fd, page, page_size, start + at);
}

void moved_release(struct moved *moved)
{
	free(moved->chunk);
	*moved = (struct moved){ .fd = -1 };
}
