// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stream.c - pages of one CPU -> its records
 *
 * Plain pages are read where the file is mapped.  Of a compressed buffer one chunk (10 pages in
 * files of trace-cmd) is in memory at a time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "stream.h"
#include "tracedat.h"

void stream_pages_init(struct stream *stream, const struct tracedat *dat, uint32_t buffer,
		       uint32_t i)
{
	const struct tracedat_buffer *from = &dat->buffer[buffer];
	const struct tracedat_cpu *cpu = &from->cpu[i];
	struct stream_pages *pages = &stream->pages;

	stream->cpu = cpu->cpu;
	stream->buffer = buffer;
	memset(&pages->page, 0, sizeof(pages->page));
	pages->layout = (struct page_layout){ .page_size = from->page_size,
					      .commit_size = dat->commit_size, .swap = dat->swap };
	pages->map = dat->map;
	pages->map_size = dat->size;
	pages->compressed = from->compressed;
	pages->pos = cpu->offset;
	pages->end = from->compressed ? dat->size : cpu->offset + cpu->size;
	pages->nr_chunk = cpu->nr_chunk;
	pages->chunk_pos = pages->chunk_len = 0;
}

static uint32_t chunk_u32(const struct stream_pages *pages, uint64_t offset)
{
	uint32_t value;

	memcpy(&value, pages->map + offset, sizeof(value));
	return pages->layout.swap ? __builtin_bswap32(value) : value;
}

/* Room for @size bytes in @pages->chunk.  Return: 0 or -ENOMEM. */
static int make_room(struct stream_pages *pages, uint32_t size)
{
	struct chunk_pool *pool = pages->pool;
	struct chunk *chunk = pages->chunk;

	if (pool && chunk) {
		chunk->next = pool->used;
		pool->used = chunk;
		pool->used_bytes += chunk->size;
		chunk = pool->spare;
		if (chunk)
			pool->spare = chunk->next;
	}
	if (!chunk || chunk->size < size) {
		free(chunk);
		chunk = malloc(sizeof(*chunk) + size);
		if (chunk)
			chunk->size = size;
	}
	pages->chunk = chunk;
	return chunk ? 0 : -ENOMEM;
}

/* Decompresses the next chunk; tracedat_open() has checked that it lies inside the file. */
static int next_chunk(struct stream_pages *pages)
{
	uint32_t csize, usize;

	if (!pages->nr_chunk)
		return 0;
	if (pages->borrowed) {
		pages->borrowed = false;
		pages->chunk = NULL;
		pages->unzip = NULL;
	}
	csize = chunk_u32(pages, pages->pos);
	usize = chunk_u32(pages, pages->pos + 4);
	if (make_room(pages, usize))
		return -ENOMEM;
	if (!pages->unzip)
		pages->unzip = ZSTD_createDCtx();
	if (!pages->unzip)
		return -ENOMEM;
	if (ZSTD_decompressDCtx(pages->unzip, pages->chunk->data, usize,
				pages->map + pages->pos + 8, csize) != usize)
		return -EINVAL;
	pages->nr_chunk--;
	pages->pos += 8 + (uint64_t)csize;
	pages->chunk_pos = 0;
	pages->chunk_len = usize;
	return 1;
}

/* Return: 1 and the next page in @out; 0 none; negative errno. */
static int next_page(struct stream_pages *pages, const unsigned char **out)
{
	uint32_t size = pages->layout.page_size;
	int more = 1;

	if (!pages->compressed) {
		if (pages->end - pages->pos < size)
			return 0;
		*out = pages->map + pages->pos;
		pages->pos += size;
		return 1;
	}
	while (more > 0 && pages->chunk_len - pages->chunk_pos < size)
		more = next_chunk(pages);
	if (more <= 0)
		return more;
	*out = pages->chunk->data + pages->chunk_pos;
	pages->chunk_pos += size;
	return 1;
}

int stream_pages_next(struct stream *stream)
{
	struct stream_pages *pages = &stream->pages;
	const unsigned char *data;
	int more;

	for (;;) {
		more = page_next(&pages->page, &pages->layout, &stream->record);
		if (more > 0)
			return 1;
		if (!more)
			more = next_page(pages, &data);
		if (more > 0)
			more = page_start(&pages->page, &pages->layout, data) ? -EINVAL : 1;
		if (more <= 0)
			break;
	}
	/* Of a plain buffer @pos is behind the page, of a compressed one behind the chunk. */
	stream->fail_offset = pages->pos;
	if (more == -EINVAL && !pages->compressed && pages->pos >= pages->layout.page_size)
		stream->fail_offset -= pages->layout.page_size;
	return more;
}

int stream_next_any(struct stream *stream)
{
	if (stream->tracecmd.input)
		return stream_tracecmd_next(stream);
	return stream_pages_next(stream);
}

int stream_peek(const struct stream *stream, struct stream *ahead)
{
	*ahead = *stream;
	ahead->pages.borrowed = true;
	ahead->pages.pool = NULL;
	if (stream->tracecmd.input) {
		ahead->tracecmd.held = NULL;
		return 0;
	}
	return stream_pages_next(ahead);
}

void chunks_reuse(struct chunk_pool *pool, struct chunk *chunk)
{
	while (chunk) {
		struct chunk *next = chunk->next;

		chunk->next = pool->spare;
		pool->spare = chunk;
		chunk = next;
	}
}

void chunks_free(struct chunk *chunk)
{
	while (chunk) {
		struct chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
}

void chunk_pool_release(struct chunk_pool *pool)
{
	chunks_free(pool->used);
	chunks_free(pool->spare);
	*pool = (struct chunk_pool){ 0 };
}

void stream_release(struct stream *stream)
{
	stream_tracecmd_release(stream);
	if (stream->pages.borrowed)
		return;
	free(stream->pages.chunk);
	ZSTD_freeDCtx(stream->pages.unzip);
	stream->pages.chunk = NULL;
	stream->pages.unzip = NULL;
}

void stream_count_gap(struct stream *stream)
{
	const struct record *record = &stream->record;
	struct stream_count *count = &stream->count;

	if (!count->nr) {
		count->lost_first = record->lost;
		return;
	}
	if (!count->nr_gap++)
		count->gap_from = count->last;
	count->gap_to = record->ts;
	if (record->lost > 0)
		count->lost_events += record->lost;
	else
		count->lost_unknown++;
}
