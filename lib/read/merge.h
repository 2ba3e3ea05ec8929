/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * merge.h - records of several streams in time order
 */
#ifndef MERGE_H
#define MERGE_H

#include <stddef.h>

#include "stream.h"

/* What the heap compares, kept beside the stream to save a miss in the cache. */
struct merge_entry {
	uint64_t ts;
	struct stream *stream;
};

/**
 * struct merge - a heap of streams
 * @next_ts: time of the record that comes first when that of the first stream is left out
 */
struct merge {
	struct merge_entry *heap;
	size_t nr;
	uint64_t next_ts;
};

/* Reads the first record of each of the @nr streams.  Return: 0 or a negative errno. */
int merge_init(struct merge *merge, struct stream *stream, size_t nr);

/* The stream with the earliest record, NULL at the end. */
static inline struct stream *merge_first(const struct merge *merge)
{
	return merge->nr ? merge->heap[0].stream : NULL;
}

/* Would the first stream stay the first one with a record at @ts? */
bool merge_stays(const struct merge *merge, uint64_t ts);

/* merge_advance() when stream_next() of the first stream has returned @more. */
int merge_again(struct merge *merge, int more);

/* Goes on by one record in the first stream.  Return: 0 or a negative errno. */
static inline int merge_advance(struct merge *merge)
{
	struct stream *stream = merge->heap[0].stream;
	int more = stream_next(stream);

	if (more > 0 && stream->record.ts < merge->next_ts) {
		merge->heap[0].ts = stream->record.ts;
		return 0;
	}
	return merge_again(merge, more);
}
void merge_release(struct merge *merge);

#endif /* MERGE_H */
