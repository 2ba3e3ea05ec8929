/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * page.h - one page (sub-buffer) of the kernel's ring buffer
 */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define PAGE_LOST_UNKNOWN	(-1)
/* Of data whose length is in the entry's head. */
#define PAGE_MAX_WORDS		28

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

/* page_next() for every kind of entry. */
int page_next_any(struct page *page, const struct page_layout *layout, struct record *record);

/*
 * Return: 1 and fills @record; 0 at the end of the page; -EINVAL damaged (at @page->at).
 *
 * Inline is what nearly all entries are: up to 28 words of data, in the byte order of this machine.
 */
static inline int page_next(struct page *page, const struct page_layout *layout,
			    struct record *record)
{
	size_t left = page->end - page->at;
	uint32_t head, words;

	if (left < 4 || layout->swap || __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		return page_next_any(page, layout, record);
	memcpy(&head, page->at, sizeof(head));
	words = head & 31;
	if (!words || words > PAGE_MAX_WORDS || left - 4 < words * 4)
		return page_next_any(page, layout, record);
	page->ts += head >> 5;
	record->ts = page->ts;
	record->data = page->at + 4;
	record->size = words * 4;
	record->lost = page->lost;
	page->lost = 0;
	page->at += 4 + words * 4;
	return 1;
}

/**
 * struct page_count - what to look at in records that are only counted
 * @min_size: records shorter than this are left to page_next()
 * @type: where in a record its u16 event id lies; @min_size covers it
 * @seen: by event id, set to 1
 */
struct page_count {
	uint32_t min_size;
	uint32_t type;
	unsigned char *seen;
};

/*
 * Goes on over records of the usual kind, see page_next(), up to the first that is not or that
 * would say that events were lost.  Return: how many; the last one's time is @page->ts.
 */
uint64_t page_count(struct page *page, const struct page_layout *layout,
		    const struct page_count *count);

#endif /* PAGE_H */
