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
 * @next_ts: time of the record that comes first when that of the first stream is left out, or
 *	     @until if that is earlier
 * @until: records from this time on wait, 0 = none does
 * @nr_gap: streams of which records are lost before the current one
 */
struct merge {
	struct merge_entry *heap;
	size_t nr;
	uint64_t next_ts;
	uint64_t until;
	size_t nr_gap;
};

/* Reads the first record of each of the @nr streams.  Return: 0 or a negative errno. */
int merge_init(struct merge *merge, struct stream *stream, size_t nr);

/* The stream with the earliest record, NULL at the end. */
static inline struct stream *merge_first(const struct merge *merge)
{
	return merge->nr ? merge->heap[0].stream : NULL;
}

/* Has the earliest record to wait? */
static inline bool merge_waits(const struct merge *merge)
{
	return merge->until && merge->heap[0].ts >= merge->until;
}

/*
 * A stream that was at its end, and so is not among the others any more, has more records now.
 * There must have been room for it at merge_init().  Return: 0 or a negative errno.
 */
int merge_add(struct merge *merge, struct stream *stream);
/* Sets @merge->until. */
void merge_wait(struct merge *merge, uint64_t until);

/* Are records of another stream than @stream lost about now? */
static inline bool merge_in_gap(const struct merge *merge, const struct stream *stream)
{
	return merge->nr_gap && merge->nr_gap > (stream->record.lost != 0);
}

/* Would the first stream stay the first one with a record at @ts? */
bool merge_stays(const struct merge *merge, uint64_t ts);

/* merge_advance() when stream_next() of the first stream has returned @more. */
int merge_again(struct merge *merge, int more);

/* Goes on by one record in the first stream.  Return: 0 or a negative errno. */
static inline int merge_advance(struct merge *merge)
{
	struct stream *stream = merge->heap[0].stream;
	int more;

	if (stream->record.lost)
		merge->nr_gap--;
	more = stream_next(stream);
	if (more > 0 && stream->record.lost)
		merge->nr_gap++;
	if (more > 0 && stream->record.ts < merge->next_ts) {
		merge->heap[0].ts = stream->record.ts;
		return 0;
	}
	return merge_again(merge, more);
}
void merge_release(struct merge *merge);

#endif /* MERGE_H */
