// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * events.c - records of all CPUs in time order -> events, many at a time
 *
 * Nearly all records are short, in this machine's byte order, and followed by another one of the
 * same CPU: a run of them is read in one loop, without a step of the merge for each.
 */
#include <errno.h>
#include <stdlib.h>

#include "ahead.h"
#include "read.h"

#define BATCH_EVENTS	128

static inline uint16_t get_u16(const unsigned char *at, bool swap)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return swap ? __builtin_bswap16(value) : value;
}

static inline int32_t get_s32(const unsigned char *at, bool swap)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return swap ? __builtin_bswap32(value) : value;
}

/* @data holds at least cap->common.min_size bytes. */
static inline void fill_common(const struct trail_capture *cap, const unsigned char *data,
			       bool swap, struct trail_event *event)
{
	const struct common_fields *common = &cap->common;

	event->data = data;
	event->type = get_u16(data + common->type, swap);
	event->pid = get_s32(data + common->pid, swap);
	event->flags = data[common->flags];
	event->preempt = data[common->preempt];
	event->binding = event->type < cap->nr_type ? cap->by_type[event->type] : NULL;
}

/* The current record of @stream, whatever it is.  Return: 0 or -EINVAL. */
static int fill_event(const struct trail_capture *cap, struct stream *stream,
		      struct trail_event *event)
{
	const struct record *record = &stream->record;

	if (record->size < cap->common.min_size)
		return -EINVAL;
	fill_common(cap, record->data, cap->dat->swap, event);
	event->ts_ns = cap->convert ? time_convert(cap->dat, record->ts) : record->ts;
	event->size = record->size;
	event->lost = record->lost;
	event->in_gap = merge_in_gap(&cap->merge, stream);
	event->cpu = stream->cpu;
	event->buffer = stream->buffer;
	if (cap->counting) {
		stream_count(stream);
		cap->seen[event->type] = 1;
	}
	return 0;
}

/*
 * The records behind the current one of the first stream, up to the end of its page, the first
 * that is not of the usual kind, or the first that another stream comes before.
 * Return: how many.
 */
static size_t fill_run(const struct trail_capture *cap, struct stream *stream,
		       struct trail_event *event, size_t max)
{
	struct page *page = &stream->pages.page;
	const unsigned char *at = page->at, *end = page->end;
	uint64_t ts = page->ts, until = cap->merge.next_ts;
	bool in_gap = merge_in_gap(&cap->merge, stream);
	uint32_t min_size = cap->common.min_size;
	size_t nr = 0;

	for (; nr < max && end - at >= 4; nr++, event++) {
		uint32_t head, size;

		memcpy(&head, at, sizeof(head));
		size = (head & 31) * 4;
		if (size < min_size || size > PAGE_MAX_WORDS * 4 || end - at - 4 < size ||
		    ts + (head >> 5) >= until)
			break;
		ts += head >> 5;
		fill_common(cap, at + 4, false, event);
		event->ts_ns = ts;
		event->size = size;
		event->lost = 0;
		event->in_gap = in_gap;
		event->cpu = stream->cpu;
		event->buffer = stream->buffer;
		if (cap->counting)
			cap->seen[event->type] = 1;
		at += 4 + size;
	}
	page->at = at;
	page->ts = ts;
	stream->count.nr += nr;
	if (nr && ts > stream->count.last)
		stream->count.last = ts;
	return nr;
}

static bool has_runs(const struct trail_capture *cap, const struct stream *stream)
{
	return !cap->tracecmd && !cap->convert && !cap->dat->swap && !stream->pages.page.lost &&
	       __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
}

int capture_read(struct trail_capture *cap, struct trail_event *event, size_t max)
{
	struct stream *stream;
	size_t nr = 0;
	int err = 0;

	if (cap->failed)
		return cap->failed;
	while (nr < max) {
		/* Only now: the caller was still looking at the record. */
		if (cap->given)
			err = merge_advance(&cap->merge);
		cap->given = false;
		if (err)
			break;
		stream = merge_first(&cap->merge);
		if (!stream || merge_waits(&cap->merge))
			break;
		err = fill_event(cap, stream, &event[nr]);
		if (err)
			break;
		cap->given = true;
		nr++;
		/* libtracecmd keeps one record, and that only until the next. */
		if (cap->tracecmd || cap->pool.used_bytes >= MAX_USED_BYTES)
			break;
		if (nr < max && has_runs(cap, stream))
			nr += fill_run(cap, stream, &event[nr], max - nr);
	}
	cap->failed = err;
	return nr ? (int)nr : err;
}

/* In the caller's thread: it is through with all events that it was given. */
static int read_here(struct trail_capture *cap, struct trail_event *event, size_t max)
{
	chunks_reuse(&cap->pool, cap->pool.used);
	cap->pool.used = NULL;
	cap->pool.used_bytes = 0;
	return capture_read(cap, event, max);
}

static bool reads_ahead(struct trail_capture *cap)
{
	/* Without it, say because of a limit, the caller's thread reads. */
	if (cap->ahead_wanted && !cap->ahead && ahead_start(cap, &cap->ahead))
		cap->ahead_wanted = false;
	return cap->ahead;
}

static int counted(struct trail_capture *cap, int nr)
{
	if (!nr && cap->counting) {
		capture_count_end(cap);
		cap->counting = false;
	}
	return nr;
}

bool trail_capture_is_threaded(const struct trail_capture *cap)
{
	return cap->ahead_wanted;
}

int trail_capture_next(struct trail_capture *cap, struct trail_event *event)
{
	const struct trail_event *first;
	int more;

	if (!reads_ahead(cap))
		return counted(cap, read_here(cap, event, 1));
	more = ahead_take(cap->ahead, &first, 1);
	if (more > 0)
		*event = *first;
	return counted(cap, more);
}

int trail_capture_batch(struct trail_capture *cap, const struct trail_event **events)
{
	*events = NULL;
	if (reads_ahead(cap))
		return counted(cap, ahead_take(cap->ahead, events, UINT32_MAX));
	if (!cap->batch)
		cap->batch = malloc(BATCH_EVENTS * sizeof(*cap->batch));
	if (!cap->batch)
		return -ENOMEM;
	*events = cap->batch;
	return counted(cap, read_here(cap, cap->batch, BATCH_EVENTS));
}
