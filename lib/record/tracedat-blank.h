/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tracedat-blank.h - packet payload out of recorded pages
 *
 * The kernel fetches arrays of a fixed length: behind a packet's headers they hold what belongs to
 * others, and behind a short packet's end whatever lies there in memory.
 */
#ifndef TRACEDAT_BLANK_H
#define TRACEDAT_BLANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "skbtrail.h"

struct blank;

/* @page_size, @commit_size: of the pages; @payload: keep what is inside of the packet. */
int blank_new(uint32_t page_size, uint32_t commit_size, bool payload, struct blank **out);

/* Records by this format hold packet bytes as @row says.  Return: 0 or -ENOMEM. */
int blank_add(struct blank *blank, const struct trail_row *row, const char *format, size_t size);

/* Overwrites with zeros what a page is not to hold.  Return: whether that changed it. */
bool blank_page(const struct blank *blank, unsigned char *page);

/*
 * Overwrites with zeros what @size bytes of pages in the file @fd are not to hold.  Does nothing
 * where no format was added.
 * Return: 0 or -errno of the file.
 */
int blank_file(const struct blank *blank, int fd, uint64_t size);

void blank_free(struct blank *blank);

#endif /* TRACEDAT_BLANK_H */
