// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kbuffer-walk.c - a capture -> number of its records, by libtraceevent's kbuffer
 *
 *	kbuffer-walk CAPTURE
 *
 * The least that a reader of ring buffer pages does: CPU by CPU, no order between them, no field
 * but the event id.  Where the pages lie is found by the project's own reader; they must not be
 * compressed.
 */
#include <err.h>
#include <inttypes.h>
#include <kbuffer.h>
#include <stdio.h>
#include <string.h>

#include "tracedat.h"

/**
 * struct walk - what was seen; printed, so that no reading can be left out
 * @ids: sum of the event ids
 */
struct walk {
	uint64_t nr;
	uint64_t ids;
	uint64_t last_ns;
};

static void walk_page(struct kbuffer *kbuf, const unsigned char *data, struct walk *walk)
{
	unsigned long long ts;
	void *event;

	if (kbuffer_load_subbuffer(kbuf, (void *)data))
		errx(1, "a page cannot be loaded");
	for (event = kbuffer_read_event(kbuf, &ts); event; event = kbuffer_next_event(kbuf, &ts)) {
		uint16_t id;

		memcpy(&id, event, sizeof(id));
		walk->ids += id;
		walk->nr++;
		if (walk->last_ns < ts)
			walk->last_ns = ts;
	}
}

int main(int argc, char **argv)
{
	struct trail_error error = { "", "" };
	struct walk walk = { 0 };
	struct kbuffer *kbuf;
	struct tracedat *dat;

	if (argc != 2)
		errx(2, "usage: kbuffer-walk CAPTURE");
	if (tracedat_open(argv[1], &dat, &error))
		errx(1, "%s: %s", argv[1], error.text);
	kbuf = kbuffer_alloc(dat->commit_size == 8 ? KBUFFER_LSIZE_8 : KBUFFER_LSIZE_4,
			     dat->big_endian ? KBUFFER_ENDIAN_BIG : KBUFFER_ENDIAN_LITTLE);
	if (!kbuf)
		errx(1, "out of memory");
	for (size_t i = 0; i < dat->nr_buffer; i++) {
		const struct tracedat_buffer *buffer = &dat->buffer[i];

		if (buffer->compressed)
			errx(1, "%s: is compressed", argv[1]);
		for (uint32_t j = 0; j < buffer->nr_cpu; j++)
			for (uint64_t at = 0; at < buffer->cpu[j].size; at += buffer->page_size)
				walk_page(kbuf, dat->map + buffer->cpu[j].offset + at, &walk);
	}
	printf("%" PRIu64 " records, last at %" PRIu64 ", ids %" PRIu64 "\n", walk.nr,
	       walk.last_ns, walk.ids);
	kbuffer_free(kbuf);
	tracedat_close(dat);
	return 0;
}
