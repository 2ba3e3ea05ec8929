/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * page.h - one page (sub-buffer) of the kernel's ring buffer
 */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>
#include <stdint.h>

#define PAGE_LOST_UNKNOWN	(-1)

/* How this kernel's pages look. */
struct page_layout {
	uint32_t page_size;
	uint32_t commit_size;	/* 4 or 8 */
	bool swap;
};

/* A data record inside a page. */
struct record {
	uint64_t ts;
	const unsigned char *data;
	uint32_t size;
	int32_t lost;		/* before it: 0 none, > 0 so many, PAGE_LOST_UNKNOWN */
};

/**
 * struct page - a walk over one page
 * @at: next entry
 * @end: of the valid bytes
 * @ts: running time stamp
 * @lost: events lost before the next record; carried over pages without a record
 */
struct page {
	const unsigned char *at;
	const unsigned char *end;
	uint64_t ts;
	int32_t lost;
};

/*
 * Starts the walk over @layout->page_size bytes at @data.  @page->lost is kept and added to.
 * Return: 0, or -EINVAL when the header is damaged.
 */
int page_start(struct page *page, const struct page_layout *layout, const unsigned char *data);

/* Return: 1 and fills @record; 0 at the end of the page; -EINVAL damaged (at @page->at). */
int page_next(struct page *page, const struct page_layout *layout, struct record *record);

#endif /* PAGE_H */
