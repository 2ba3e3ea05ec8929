// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cut-read.c - trace.dat -> its texts and pages, by the project's own reader
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "cut-capture.h"
#include "tracedat.h"

static struct part part_of(struct text text)
{
	return (struct part){ text.at, text.len };
}

static void add_pages(struct cut *cut, const unsigned char *data, size_t size, uint32_t cpu)
{
	size_t nr = size / cut->page_size;

	cut->page = realloc(cut->page, (cut->nr_page + nr + 1) * sizeof(*cut->page));
	if (!cut->page)
		err(1, "pages");
	for (size_t i = 0; i < nr; i++, data += cut->page_size) {
		struct cut_page *page = &cut->page[cut->nr_page++];

		page->data = data;
		page->cpu = cpu;
		memcpy(&page->ts, data, sizeof(page->ts));
	}
}

/* {u32 compressed size; u32 size; data} */
static void add_chunks(struct cut *cut, const struct tracedat *dat, const struct tracedat_cpu *cpu)
{
	const unsigned char *at = dat->map + cpu->offset;

	for (uint32_t i = 0; i < cpu->nr_chunk; i++) {
		uint32_t size[2];
		unsigned char *data;

		memcpy(size, at, sizeof(size));
		data = malloc(size[1] + 1u);
		if (!data || ZSTD_decompress(data, size[1], at + 8, size[0]) != size[1])
			errx(1, "a chunk of CPU %u", cpu->cpu);
		add_pages(cut, data, size[1], cpu->cpu);
		at += 8 + (size_t)size[0];
	}
}

static int by_time(const void *a, const void *b)
{
	const struct cut_page *left = a, *right = b;

	if (left->ts != right->ts)
		return left->ts < right->ts ? -1 : 1;
	if (left->cpu != right->cpu)
		return left->cpu < right->cpu ? -1 : 1;
	/* Pages of a CPU lie one after the other in a chunk. */
	return left->data < right->data ? -1 : left->data > right->data;
}

void cut_read(const char *path, struct cut *cut)
{
	struct trail_error error = { 0 };
	struct tracedat_buffer *buffer;
	struct tracedat *dat;

	if (tracedat_open(path, &dat, &error))
		errx(1, "%s: %s", path, error.text);
	if (dat->nr_buffer != 1 || dat->swap)
		errx(1, "%s: not one buffer in this machine's byte order", path);
	buffer = &dat->buffer[0];
	*cut = (struct cut){
		.header_page = part_of(dat->header_page), .kallsyms = part_of(dat->kallsyms),
		.cmdlines = part_of(dat->cmdlines), .kernel = part_of(dat->kernel),
		.clock = part_of(dat->clock), .page_size = buffer->page_size,
		.nr_cpu = dat->nr_cpu, .nr_format = dat->nr_format,
	};
	cut->format = calloc(dat->nr_format, sizeof(*cut->format));
	if (!cut->format)
		err(1, "formats");
	for (size_t i = 0; i < dat->nr_format; i++)
		cut->format[i] = (struct cut_format){ part_of(dat->format[i].system),
						      part_of(dat->format[i].text) };
	for (uint32_t i = 0; i < buffer->nr_cpu; i++) {
		if (buffer->compressed)
			add_chunks(cut, dat, &buffer->cpu[i]);
		else
			add_pages(cut, dat->map + buffer->cpu[i].offset, buffer->cpu[i].size,
				  buffer->cpu[i].cpu);
	}
	qsort(cut->page, cut->nr_page, sizeof(*cut->page), by_time);
}
