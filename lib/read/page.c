// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * page.c - page of the kernel's ring buffer -> records
 *
 * The bytes are those of linux/ring_buffer.h: enum ring_buffer_type.  Losses are taken from the
 * page header and given to the first record of the page, wherever it starts: a page may begin
 * with a time extend.  Nothing outside the bytes that the header says are valid is read.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "page.h"

#define COMMIT_MASK		((1u << 27) - 1)
#define COMMIT_LOST		(1u << 31)
#define COMMIT_LOST_STORED	(1u << 30)

#define TYPE_PADDING		29
#define TYPE_TIME_EXTEND	30
#define TYPE_TIME_STAMP		31
#define DELTA_BITS		27
#define STAMP_BITS		59	/* of an absolute time stamp */

static inline uint32_t get_u32(const unsigned char *at, bool swap)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return swap ? __builtin_bswap32(value) : value;
}

static inline uint64_t get_u64(const unsigned char *at, bool swap)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return swap ? __builtin_bswap64(value) : value;
}

static uint64_t get_long(const unsigned char *at, const struct page_layout *layout)
{
	return layout->commit_size == 8 ? get_u64(at, layout->swap) : get_u32(at, layout->swap);
}

static void add_lost(struct page *page, uint64_t nr)
{
	if (page->lost == PAGE_LOST_UNKNOWN || !nr)
		page->lost = PAGE_LOST_UNKNOWN;
	else if (nr > (uint64_t)(INT32_MAX - page->lost))
		page->lost = INT32_MAX;
	else
		page->lost += nr;
}

int page_start(struct page *page, const struct page_layout *layout, const unsigned char *data)
{
	uint32_t head = 8 + layout->commit_size;
	uint32_t room = layout->page_size - head;
	uint64_t commit = get_long(data + 8, layout);
	uint32_t len = commit & COMMIT_MASK;
	uint64_t nr = 0;

	page->ts = get_u64(data, layout->swap);
	page->at = page->end = data + head;
	if (len > room)
		return -EINVAL;
	page->end = page->at + len;
	if (!(commit & COMMIT_LOST))
		return 0;
	if (commit & COMMIT_LOST_STORED) {
		if (room - len < layout->commit_size)
			return -EINVAL;
		nr = get_long(page->end, layout);
	}
	add_lost(page, nr);
	return 0;
}

static inline int data_record(struct page *page, struct record *record, const unsigned char *data,
			      uint32_t size)
{
	record->ts = page->ts;
	record->data = data;
	record->size = size;
	record->lost = page->lost;
	page->lost = 0;
	page->at = data + size;
	return 1;
}

/* The entries that carry no data; at least 8 bytes are left. */
static int other_entry(struct page *page, uint32_t type, uint32_t delta, uint32_t word)
{
	size_t left = page->end - page->at;

	switch (type) {
	case TYPE_PADDING:
		if (word > left - 4)
			return -EINVAL;
		page->ts += delta;
		page->at += 4 + (size_t)word;
		return 0;
	case TYPE_TIME_EXTEND:
		page->ts += ((uint64_t)word << DELTA_BITS) + delta;
		break;
	default:
		page->ts &= ~0ULL << STAMP_BITS;
		page->ts |= (uint64_t)word << DELTA_BITS | delta;
		break;
	}
	page->at += 8;
	return 0;
}

/* @swap and @big are constants in each caller, so that the common case has no branch on them. */
static inline __attribute__((always_inline))
int next_record(struct page *page, struct record *record, bool swap, bool big)
{
	for (;;) {
		size_t left = page->end - page->at;
		uint32_t head, type, delta, word;

		if (left < 4)
			return left ? -EINVAL : 0;
		head = get_u32(page->at, swap);
		type = big ? head >> DELTA_BITS : head & 31;
		delta = big ? head & COMMIT_MASK : head >> 5;
		if (type && type <= PAGE_MAX_WORDS) {
			if (left - 4 < type * 4)
				return -EINVAL;
			page->ts += delta;
			return data_record(page, record, page->at + 4, type * 4);
		}
		if (type == TYPE_PADDING && !delta) {
			page->at = page->end;
			return 0;
		}
		if (left < 8)
			return -EINVAL;
		word = get_u32(page->at + 4, swap);
		if (!type) {
			uint64_t size = ((uint64_t)word - 4 + 3) & ~3ULL;

			if (word < 4 || size > left - 8)
				return -EINVAL;
			page->ts += delta;
			return data_record(page, record, page->at + 8, size);
		}
		if (other_entry(page, type, delta, word))
			return -EINVAL;
	}
}

static int next_native(struct page *page, struct record *record)
{
	return next_record(page, record, false, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

static int next_swapped(struct page *page, struct record *record)
{
	return next_record(page, record, true, __BYTE_ORDER__ != __ORDER_BIG_ENDIAN__);
}

int page_next_any(struct page *page, const struct page_layout *layout, struct record *record)
{
	return layout->swap ? next_swapped(page, record) : next_native(page, record);
}

uint64_t page_count(struct page *page, const struct page_layout *layout,
		    const struct page_count *count)
{
	const unsigned char *at = page->at, *end = page->end;
	uint64_t ts = page->ts, nr = 0;

	if (layout->swap || __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ || page->lost)
		return 0;
	while (end - at >= 4) {
		uint32_t head = get_u32(at, false), size = (head & 31) * 4;
		uint16_t type;

		if (size < count->min_size || size > PAGE_MAX_WORDS * 4 || end - at - 4 < size)
			break;
		memcpy(&type, at + 4 + count->type, sizeof(type));
		count->seen[type] = 1;
		ts += head >> 5;
		at += 4 + size;
		nr++;
	}
	page->at = at;
	page->ts = ts;
	return nr;
}
