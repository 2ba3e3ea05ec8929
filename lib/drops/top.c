// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * top.c - the most frequent of many keys, in fixed memory
 *
 * Space saving (Metwally, Agrawal, El Abbadi: Efficient computation of frequent and top-k elements
 * in data streams, 2005): whatever is more than 1/cap of all is in it for sure.
 */
#include <string.h>

#include "top.h"

static struct trail_drop_share *share_at(const struct top *top, size_t i)
{
	return (struct trail_drop_share *)((char *)top->item + i * top->size);
}

static const void *key_of(const struct trail_drop_share *share)
{
	return share + 1;
}

static struct trail_drop_share *find(const struct top *top, const void *key)
{
	for (size_t i = 0; i < top->nr; i++) {
		struct trail_drop_share *share = share_at(top, i);

		if (!memcmp(key_of(share), key, top->key_size))
			return share;
	}
	return NULL;
}

static struct trail_drop_share *rarest(const struct top *top)
{
	struct trail_drop_share *min = share_at(top, 0);

	for (size_t i = 1; i < top->nr; i++)
		if (share_at(top, i)->count < min->count)
			min = share_at(top, i);
	return min;
}

void top_count(struct top *top, const void *item)
{
	struct trail_drop_share *share = find(top, key_of(item)), was = { 0 };

	if (share) {
		was = *share;
	} else if (top->nr < top->cap) {
		share = share_at(top, top->nr++);
	} else {
		share = rarest(top);
		was.count = was.over = share->count;
	}
	memcpy(share, item, top->size);
	share->count = was.count + 1;
	share->over = was.over;
}

static bool is_before(const struct top *top, const struct trail_drop_share *a,
		      const struct trail_drop_share *b)
{
	if (a->count != b->count)
		return a->count > b->count;
	return memcmp(key_of(a), key_of(b), top->key_size) < 0;
}

static void swap(struct top *top, size_t i, size_t j)
{
	unsigned char *a = (unsigned char *)share_at(top, i);
	unsigned char *b = (unsigned char *)share_at(top, j);

	for (size_t at = 0; at < top->size; at++) {
		unsigned char byte = a[at];

		a[at] = b[at];
		b[at] = byte;
	}
}

/* By insertion: there are few, and they are nearly in order. */
void top_sort(struct top *top)
{
	for (size_t i = 1; i < top->nr; i++)
		for (size_t j = i; j && is_before(top, share_at(top, j), share_at(top, j - 1)); j--)
			swap(top, j, j - 1);
}
