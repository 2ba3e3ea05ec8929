// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * feed.c - pages as they come from the kernel -> a capture that can be read on and on
 *
 * The pages of a CPU lie one behind the other, as in a file, so that streams and merge are those of
 * files.  At most one page of a CPU, with records that have to wait, is carried over from one round
 * to the next: memory follows what the kernel's buffers hold at a time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feed.h"
#include "read.h"

/**
 * struct feed_cpu - pages of one CPU; its stream has their number
 * @data: @room bytes
 * @is_waiting: its stream has a record that was not given out yet
 */
struct feed_cpu {
	unsigned char *data;
	size_t room;
	bool is_waiting;
};

struct feed {
	const char *(*comm)(void *arg, int pid);
	void *arg;
	struct feed_cpu *cpu;		/* as many as streams */
	uint32_t nr_cpu;
};

static int make_streams(struct trail_capture *cap, uint32_t nr_cpu)
{
	const struct tracedat *dat = cap->dat;

	free(cap->stream);
	cap->nr_stream = 0;
	cap->stream = calloc(nr_cpu, sizeof(*cap->stream));
	if (!cap->stream)
		return -ENOMEM;
	for (uint32_t i = 0; i < nr_cpu; i++) {
		cap->stream[i].cpu = i;
		cap->stream[i].count.first = UINT64_MAX;
		cap->stream[i].pages.layout = (struct page_layout){
			.page_size = dat->page_size, .commit_size = dat->commit_size,
			.swap = dat->swap,
		};
	}
	cap->nr_stream = nr_cpu;
	merge_release(&cap->merge);
	return merge_init(&cap->merge, cap->stream, nr_cpu);
}

static int make_feed(struct trail_capture *cap, const struct feed_opts *opts)
{
	static const char name[] = "live events";

	cap->feed = calloc(1, sizeof(*cap->feed));
	if (!cap->feed)
		return -ENOMEM;
	cap->feed->comm = opts->comm;
	cap->feed->arg = opts->arg;
	cap->feed->cpu = calloc(opts->nr_cpu, sizeof(*cap->feed->cpu));
	if (!cap->feed->cpu)
		return -ENOMEM;
	cap->feed->nr_cpu = opts->nr_cpu;
	free(cap->file);
	cap->file = strdup(name);
	cap->info.file = cap->file;
	return cap->file ? make_streams(cap, opts->nr_cpu) : -ENOMEM;
}

int feed_open(const struct feed_opts *opts, struct trail_capture **out, struct trail_error *error)
{
	const struct trail_capture_opts capture_opts = {
		.reader = TRAIL_READER_NATIVE, .plugin = opts->plugin, .single_pass = true,
	};
	struct trail_capture *cap;
	int err = trail_capture_open(opts->head, &capture_opts, &cap, error);

	if (err)
		return err;
	/* Printing asks for the buffer's name. */
	err = cap->dat->nr_buffer ? make_feed(cap, opts) : -EINVAL;
	if (err) {
		trail_capture_close(cap);
		return err;
	}
	*out = cap;
	return 0;
}

void feed_free(struct feed *feed)
{
	if (!feed)
		return;
	for (uint32_t i = 0; i < feed->nr_cpu; i++)
		free(feed->cpu[i].data);
	free(feed->cpu);
	free(feed);
}

bool feed_comm(const struct trail_capture *cap, int pid, const char **comm)
{
	if (!cap->feed)
		return false;
	*comm = cap->feed->comm && pid ? cap->feed->comm(cap->feed->arg, pid) : NULL;
	return true;
}

/* The bytes that the stream looks at have moved. */
static void move_stream(struct stream *stream, unsigned char *from, unsigned char *to)
{
	struct stream_pages *pages = &stream->pages;

	pages->map = to;
	if (!pages->page.end || !from)
		return;
	stream->record.data = to + (stream->record.data - from);
	pages->page.at = to + (pages->page.at - from);
	pages->page.end = to + (pages->page.end - from);
}

/* Only the page of which records wait stays, as the first one. */
static void drop_read(struct feed_cpu *cpu, struct stream *stream)
{
	struct stream_pages *pages = &stream->pages;
	uint64_t start = pages->pos;

	if (cpu->is_waiting)
		start -= pages->layout.page_size;
	if (!cpu->is_waiting) {
		/* Nothing of it is looked at again. */
		pages->page.at = pages->page.end = NULL;
	} else if (start) {
		memmove(cpu->data, cpu->data + start, pages->end - start);
		move_stream(stream, cpu->data + start, cpu->data);
	}
	pages->map = cpu->data;
	pages->pos -= start;
	pages->end -= start;
}

void feed_begin(struct trail_capture *cap)
{
	struct feed *feed = cap->feed;

	for (uint32_t i = 0; i < feed->nr_cpu; i++)
		feed->cpu[i].is_waiting = false;
	for (size_t i = 0; i < cap->merge.nr; i++)
		feed->cpu[cap->merge.heap[i].stream - cap->stream].is_waiting = true;
	for (uint32_t i = 0; i < feed->nr_cpu; i++)
		drop_read(&feed->cpu[i], &cap->stream[i]);
}

int feed_room(struct trail_capture *cap, uint32_t number, unsigned char **page)
{
	struct feed_cpu *cpu = &cap->feed->cpu[number];
	struct stream *stream = &cap->stream[number];
	uint32_t page_size = stream->pages.layout.page_size;
	uint64_t end = stream->pages.end;

	if (cpu->room - end < page_size) {
		size_t room = cpu->room ? 2 * cpu->room : 4 * (size_t)page_size;
		unsigned char *data = malloc(room);

		if (!data)
			return -ENOMEM;
		if (end)
			memcpy(data, cpu->data, end);
		move_stream(stream, cpu->data, data);
		free(cpu->data);
		cpu->data = data;
		cpu->room = room;
	}
	*page = cpu->data + end;
	return (int)page_size;
}

uint64_t feed_add(struct trail_capture *cap, uint32_t number)
{
	struct stream_pages *pages = &cap->stream[number].pages;
	uint64_t ts;

	memcpy(&ts, pages->map + pages->end, sizeof(ts));
	pages->end += pages->layout.page_size;
	return ts;
}

int feed_until(struct trail_capture *cap, uint64_t until_ns)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < cap->feed->nr_cpu; i++)
		if (!cap->feed->cpu[i].is_waiting && cap->stream[i].pages.end)
			err = merge_add(&cap->merge, &cap->stream[i]);
	merge_wait(&cap->merge, until_ns);
	cap->failed = err;
	return err;
}

int feed_read(struct trail_capture *cap, struct trail_event *event, uint32_t max)
{
	return capture_read(cap, event, max);
}

void feed_stat(const struct trail_capture *cap, uint32_t cpu, struct feed_cpu_stat *out)
{
	const struct stream_count *count = &cap->stream[cpu].count;

	*out = (struct feed_cpu_stat){
		.events = count->nr, .lost = count->lost_events,
		.lost_unknown = count->lost_unknown,
	};
	/* What was lost before the first record counts here. */
	if (count->lost_first > 0)
		out->lost += (uint64_t)count->lost_first;
	else if (count->lost_first)
		out->lost_unknown++;
}
