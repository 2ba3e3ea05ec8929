// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * merge.c - records of several streams -> one stream in time order
 *
 * A binary heap with one entry per stream: O(log streams) per record, and nothing to do while
 * the same CPU stays first.  Records of one stream never overtake each other, also where its
 * clock goes backwards.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "merge.h"

static bool before(const struct merge_entry *a, const struct merge_entry *b)
{
	if (a->ts != b->ts)
		return a->ts < b->ts;
	if (a->stream->cpu != b->stream->cpu)
		return a->stream->cpu < b->stream->cpu;
	return a->stream->buffer < b->stream->buffer;
}

static void sift_down(struct merge *merge, size_t i)
{
	struct merge_entry moved = merge->heap[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= merge->nr)
			break;
		if (child + 1 < merge->nr && before(&merge->heap[child + 1], &merge->heap[child]))
			child++;
		if (!before(&merge->heap[child], &moved))
			break;
		merge->heap[i] = merge->heap[child];
		i = child;
	}
	merge->heap[i] = moved;
}

static void set_next(struct merge *merge)
{
	merge->next_ts = merge->until ? merge->until : UINT64_MAX;
	for (size_t i = 1; i < 3 && i < merge->nr; i++) {
		if (merge->heap[i].ts < merge->next_ts)
			merge->next_ts = merge->heap[i].ts;
	}
}

int merge_init(struct merge *merge, struct stream *stream, size_t nr)
{
	merge->nr = merge->nr_gap = 0;
	if (!merge->heap)
		merge->heap = calloc(nr ? nr : 1, sizeof(*merge->heap));
	if (!merge->heap)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		int more = stream_next(&stream[i]);

		if (more < 0)
			return more;
		if (!more)
			continue;
		merge->heap[merge->nr++] = (struct merge_entry){ stream[i].record.ts, &stream[i] };
		merge->nr_gap += stream[i].record.lost != 0;
	}
	for (size_t i = merge->nr / 2; i-- > 0;)
		sift_down(merge, i);
	set_next(merge);
	return 0;
}

int merge_add(struct merge *merge, struct stream *stream)
{
	struct merge_entry entry;
	size_t i = merge->nr;
	int more = stream_next(stream);

	if (more <= 0)
		return more;
	entry = (struct merge_entry){ stream->record.ts, stream };
	merge->nr_gap += stream->record.lost != 0;
	for (merge->nr++; i && before(&entry, &merge->heap[(i - 1) / 2]); i = (i - 1) / 2)
		merge->heap[i] = merge->heap[(i - 1) / 2];
	merge->heap[i] = entry;
	set_next(merge);
	return 0;
}

void merge_wait(struct merge *merge, uint64_t until)
{
	merge->until = until;
	set_next(merge);
}

bool merge_stays(const struct merge *merge, uint64_t ts)
{
	struct merge_entry entry = { ts, merge->heap[0].stream };

	for (size_t i = 1; i < 3 && i < merge->nr; i++) {
		if (before(&merge->heap[i], &entry))
			return false;
	}
	return true;
}

int merge_again(struct merge *merge, int more)
{
	struct merge_entry *top = merge->heap;

	if (more < 0)
		return more;
	if (more)
		top->ts = top->stream->record.ts;
	else
		*top = merge->heap[--merge->nr];
	if (merge->nr)
		sift_down(merge, 0);
	set_next(merge);
	return 0;
}

void merge_release(struct merge *merge)
{
	free(merge->heap);
	merge->heap = NULL;
	merge->nr = 0;
}
