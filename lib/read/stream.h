/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stream.h - the records of one CPU of one ring buffer, in their order
 */
#ifndef STREAM_H
#define STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "page.h"

struct tep_record;
struct tracecmd_input;
struct tracedat;

/* Decompressed pages, @size bytes. */
struct chunk {
	struct chunk *next;
	uint32_t size;
	unsigned char data[];
};

/**
 * struct chunk_pool - for streams whose records stay in use behind the next one
 * @used: chunks that the streams are through with
 * @used_bytes: size of these
 * @spare: free to be filled again
 */
struct chunk_pool {
	struct chunk *used;
	size_t used_bytes;
	struct chunk *spare;
};

/**
 * struct stream_pages - native backend: where the pages come from
 * @pos: file offset of the next page, or of the next chunk
 * @end: file offset behind the last page
 * @chunk: the decompressed chunk that is being read
 * @chunk_pos, @chunk_len: bytes of it that are read, and all
 * @pool: where chunks go to and come from; NULL = the one chunk is filled again
 * @unzip: ZSTD_DCtx, made when first needed
 * @borrowed: @chunk and @unzip are those of another stream, to be looked at only
 */
struct stream_pages {
	struct page page;
	struct page_layout layout;
	const unsigned char *map;
	uint64_t map_size;
	uint64_t pos;
	uint64_t end;
	uint32_t nr_chunk;
	bool compressed;
	bool borrowed;
	struct chunk *chunk;
	struct chunk_pool *pool;
	uint32_t chunk_pos;
	uint32_t chunk_len;
	void *unzip;
};

/* libtracecmd backend: the record that it holds for us. */
struct stream_tracecmd {
	struct tracecmd_input *input;
	struct tep_record *held;
	bool started;
};

/**
 * struct stream_count - what was read
 * @first, @last: earliest and latest time; UINT64_MAX and 0 without any record
 * @lost_events, @lost_unknown, @nr_gap: as in struct trail_cpu_stat
 * @lost_first: before the first record, as in struct record; not in the three above
 * @gap_from, @gap_to: the record before the first gap, the one behind the last
 */
struct stream_count {
	uint64_t nr;
	uint64_t first;
	uint64_t last;
	uint64_t lost_events;
	uint64_t lost_unknown;
	uint64_t nr_gap;
	uint64_t gap_from;
	uint64_t gap_to;
	int32_t lost_first;
};

/**
 * struct stream - one CPU
 * @record: the current record, after stream_next() returned 1
 * @fail_offset: file offset of the damage, after it returned -EINVAL
 */
struct stream {
	struct record record;
	uint32_t cpu;
	uint32_t buffer;
	uint64_t fail_offset;
	struct stream_count count;
	struct stream_tracecmd tracecmd;
	struct stream_pages pages;
};

/* stream_next() where the page has no record left, or another backend yields them. */
int stream_next_any(struct stream *stream);

/* Return: 1 and a new @stream->record; 0 at the end; -EINVAL; -ENOMEM. */
static inline int stream_next(struct stream *stream)
{
	struct stream_pages *pages = &stream->pages;

	if (pages->page.at != pages->page.end &&
	    page_next(&pages->page, &pages->layout, &stream->record) > 0)
		return 1;
	return stream_next_any(stream);
}

/* Before the current record, events were lost. */
void stream_count_gap(struct stream *stream);

/* Counts the current record. */
static inline void stream_count(struct stream *stream)
{
	const struct record *record = &stream->record;
	struct stream_count *count = &stream->count;

	if (record->lost)
		stream_count_gap(stream);
	count->nr++;
	if (record->ts < count->first)
		count->first = record->ts;
	if (record->ts > count->last)
		count->last = record->ts;
}

/*
 * Looks one record ahead without moving @stream.  @ahead is to be released in any case.
 * Return: 1 and @ahead->record; 0 at the end or where the backend cannot look ahead; -errno.
 */
int stream_peek(const struct stream *stream, struct stream *ahead);

int stream_pages_next(struct stream *stream);
int stream_tracecmd_next(struct stream *stream);

/* Starts (again) at the first record of CPU number @i of buffer @buffer. */
void stream_pages_init(struct stream *stream, const struct tracedat *dat, uint32_t buffer,
		       uint32_t i);
void stream_tracecmd_release(struct stream *stream);
void stream_release(struct stream *stream);
/* Chunks that no event of which is looked at any more: to be filled again. */
void chunks_reuse(struct chunk_pool *pool, struct chunk *chunk);
void chunks_free(struct chunk *chunk);
void chunk_pool_release(struct chunk_pool *pool);

#endif /* STREAM_H */
