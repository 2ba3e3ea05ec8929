// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * generate-page.c - records -> pages of the kernel's ring buffer, in a file
 *
 * As the kernel writes them (linux/ring_buffer.h: enum ring_buffer_type): deltas of 27 bits, time
 * extends for longer ones, lengths of up to 28 words in the head.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "generate.h"

#define PAGE_HEAD	16
#define PAGES_AT_ONCE	64
#define DELTA_BITS	27
#define TYPE_EXTEND	30
#define MAX_WORDS	28
#define COMMIT_LOST	(1ull << 31)
#define COMMIT_STORED	(1ull << 30)

void pages_open(struct pages *pages, const char *path, uint32_t page_size)
{
	char *name;

	*pages = (struct pages){ .page_size = page_size };
	if (asprintf(&name, "%s.XXXXXX", path) < 0)
		err(1, "%s", path);
	pages->fd = mkstemp(name);
	if (pages->fd < 0)
		err(1, "%s", name);
	unlink(name);
	free(name);
	pages->buffer = calloc(PAGES_AT_ONCE, page_size);
	if (!pages->buffer)
		err(1, "pages");
}

static unsigned char *open_page(const struct pages *pages)
{
	return pages->buffer + (size_t)pages->nr_full * pages->page_size;
}

static void flush(struct pages *pages)
{
	size_t size = (size_t)pages->nr_full * pages->page_size;
	size_t done = 0;

	while (done < size) {
		ssize_t n = write(pages->fd, pages->buffer + done, size - done);

		if (n <= 0)
			err(1, "writing pages");
		done += (size_t)n;
	}
	pages->size += size;
	pages->nr_full = 0;
	memset(pages->buffer, 0, size);
}

static void close_page(struct pages *pages)
{
	unsigned char *page = open_page(pages);
	uint64_t commit = pages->used - PAGE_HEAD;
	uint64_t lost = (uint64_t)pages->lost;

	if (!pages->used)
		return;
	if (pages->lost)
		commit |= COMMIT_LOST;
	if (pages->lost > 0) {
		commit |= COMMIT_STORED;
		memcpy(page + pages->used, &lost, sizeof(lost));
	}
	memcpy(page + 8, &commit, sizeof(commit));
	pages->used = 0;
	if (++pages->nr_full == PAGES_AT_ONCE)
		flush(pages);
}

static void start_page(struct pages *pages, uint64_t ts, int32_t lost)
{
	memcpy(open_page(pages), &ts, sizeof(ts));
	pages->used = PAGE_HEAD;
	pages->last_ns = ts;
	pages->lost = lost;
}

static void put_word(struct pages *pages, uint32_t word)
{
	memcpy(open_page(pages) + pages->used, &word, sizeof(word));
	pages->used += sizeof(word);
}

unsigned char *pages_add(struct pages *pages, uint64_t ts, uint32_t size, int32_t lost)
{
	uint32_t words = (size + 3) / 4, need = 16 + 4 * words;
	uint64_t delta;
	unsigned char *at;

	/* Behind the last record there is room for the number of lost events. */
	if (need > pages->page_size - PAGE_HEAD - 8)
		errx(1, "a record of %u bytes does not fit a page", size);
	if (lost || !pages->used || pages->used + need > pages->page_size - 8) {
		close_page(pages);
		start_page(pages, ts, lost);
	}
	/* The clock of a CPU does not go back. */
	delta = ts > pages->last_ns ? ts - pages->last_ns : 0;
	pages->last_ns += delta;
	if (delta >> DELTA_BITS) {
		put_word(pages, (uint32_t)delta << 5 | TYPE_EXTEND);
		put_word(pages, (uint32_t)(delta >> DELTA_BITS));
		delta = 0;
	}
	put_word(pages, (uint32_t)delta << 5 | (words <= MAX_WORDS ? words : 0));
	if (words > MAX_WORDS)
		put_word(pages, 4 * words + 4);
	at = open_page(pages) + pages->used;
	pages->used += 4 * words;
	return at;
}

void pages_finish(struct pages *pages)
{
	close_page(pages);
	flush(pages);
	free(pages->buffer);
	pages->buffer = NULL;
}
