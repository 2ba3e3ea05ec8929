// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tracedat-kept.c - pages that were written -> how many events they hold
 *
 * The kernel counts what was taken out of its buffers.  Where not all of it came to the disk, or
 * did not stay there, the pages are walked: an exact number is worth the time.
 */
#include <errno.h>
#include <stdlib.h>

#include "../read/page.h"
#include "file.h"
#include "tracedat-kept.h"

/* kernel/trace/ring_buffer.c: behind the time stamp; RB_MISSED_EVENTS, number unknown. */
#define COMMIT_OFFSET	8
#define COMMIT_LOST	(1u << 31)

static int count_file(int fd, uint64_t size, const struct page_layout *layout, uint64_t *nr_event)
{
	unsigned char *data = malloc(layout->page_size);
	struct record record;
	int err = 0;

	if (!data)
		return -ENOMEM;
	for (uint64_t at = 0; !err && at + layout->page_size <= size; at += layout->page_size) {
		struct page page = { 0 };

		err = file_read_at(fd, data, layout->page_size, at);
		if (err || page_start(&page, layout, data))
			continue;
		while (page_next(&page, layout, &record) > 0)
			++*nr_event;
	}
	free(data);
	return err;
}

int tracedat_kept(const struct recorder *recorder, int nr, const struct metadata *metadata,
	       uint64_t *nr_event)
{
	struct page_layout layout = {
		.page_size = metadata->header.page_size, .commit_size = metadata->commit_size,
	};
	int err = 0;

	*nr_event = 0;
	for (int i = 0; i < nr; i++)
		for (unsigned int j = 0; !err && j < 2; j++)
			if (recorder[i].file[j] >= 0)
				err = count_file(recorder[i].file[j], recorder[i].file_bytes[j],
						 &layout, nr_event);
	return err;
}

int tracedat_mark_gap(int fd, uint32_t commit_size)
{
	uint64_t wide;
	uint32_t narrow;
	int err;

	if (commit_size == sizeof(narrow)) {
		err = file_read_at(fd, &narrow, sizeof(narrow), COMMIT_OFFSET);
		narrow |= COMMIT_LOST;
		return err ? err : file_write_at(fd, &narrow, sizeof(narrow), COMMIT_OFFSET);
	}
	err = file_read_at(fd, &wide, sizeof(wide), COMMIT_OFFSET);
	wide |= COMMIT_LOST;
	return err ? err : file_write_at(fd, &wide, sizeof(wide), COMMIT_OFFSET);
}
