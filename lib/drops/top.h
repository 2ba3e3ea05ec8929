/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * top.h - the most frequent of many keys, in fixed memory
 */
#ifndef TOP_H
#define TOP_H

#include "skbtrail.h"

/**
 * struct top - what items are like; the items are the owner's
 * @item: room for @cap items of @size bytes, which begin with a struct trail_drop_share
 * @key_size: bytes behind it that tell items apart; the rest is what was last said of the item
 * @nr: items in use
 */
struct top {
	void *item;
	size_t size;
	size_t key_size;
	size_t cap;
	size_t nr;
};

/**
 * top_count - one more of an item
 * @item: its key and the rest; the share in it is not looked at
 *
 * O(cap).  When there is no room the rarest gives way and hands its count on: @over says how much.
 */
void top_count(struct top *top, const void *item);
/* Most first; equal ones in the order of their keys. */
void top_sort(struct top *top);

#endif /* TOP_H */
