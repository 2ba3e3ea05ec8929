// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sparse.c - values -> count, total, extremes and percentiles, in as little memory as there is
 *
 * The buckets of histogram.c, but only those with a value in them.  Where they get too many, each
 * two neighbours become one: a few values are as exact as there, many over a wide range less so.
 * 8 bytes for a bucket, at most 1024 of them while @left lasts, then 72.
 * O(log buckets) for a value in a bucket that exists, O(buckets) for others.
 */
#include <errno.h>
#include <stdlib.h>

#include "sparse.h"

#define MAX_BUCKETS	1024
/* All 64 octaves have room, even with one bucket each. */
#define MIN_BUCKETS	72
#define FIRST_BUCKETS	8

static uint16_t index_of(uint64_t value, unsigned int bits)
{
	unsigned int shift;

	if (value < 1ull << bits)
		return (uint16_t)value;
	shift = 63 - bits - (unsigned int)__builtin_clzll(value);
	return (uint16_t)(((shift + 1) << bits) | ((value >> shift) & ((1u << bits) - 1)));
}

static uint64_t middle(uint16_t index, unsigned int bits)
{
	unsigned int octave = index >> bits;
	uint64_t sub = index & ((1u << bits) - 1), width;

	if (!octave)
		return index;
	width = 1ull << (octave - 1);
	return ((1ull << bits) | sub) * width + width / 2;
}

/* Where the bucket @index is, or would be. */
static uint16_t find(const struct sparse *sparse, uint16_t index)
{
	uint16_t low = 0, high = sparse->nr;

	while (low < high) {
		uint16_t at = (uint16_t)((low + high) / 2);

		if (sparse->bucket[at].index < index)
			low = (uint16_t)(at + 1);
		else
			high = at;
	}
	return low;
}

static void coarsen(struct sparse *sparse)
{
	uint16_t nr = 0;

	for (uint16_t i = 0; i < sparse->nr; i++) {
		uint64_t value = middle(sparse->bucket[i].index, sparse->bits);
		uint16_t index = index_of(value, sparse->bits - 1u);

		if (nr && sparse->bucket[nr - 1].index == index)
			sparse->bucket[nr - 1].count += sparse->bucket[i].count;
		else
			sparse->bucket[nr++] = (struct sparse_bucket){ sparse->bucket[i].count,
								      index };
	}
	sparse->nr = nr;
	sparse->bits--;
}

/* Room for one more, of memory or by coarser buckets. */
static int make_room(struct sparse *sparse, size_t *left)
{
	size_t cap = sparse->cap ? 2 * (size_t)sparse->cap : FIRST_BUCKETS;
	size_t more = (cap - sparse->cap) * sizeof(*sparse->bucket);
	struct sparse_bucket *bucket;

	if (sparse->nr < sparse->cap)
		return 0;
	if (cap > MIN_BUCKETS && (more > *left || cap > MAX_BUCKETS)) {
		cap = sparse->cap < MIN_BUCKETS ? MIN_BUCKETS : sparse->cap;
		more = 0;
	}
	if (cap == sparse->cap) {
		while (sparse->nr == sparse->cap && sparse->bits)
			coarsen(sparse);
		return 0;
	}
	bucket = realloc(sparse->bucket, cap * sizeof(*bucket));
	if (!bucket)
		return -ENOMEM;
	*left -= more > *left ? *left : more;
	sparse->bucket = bucket;
	sparse->cap = (uint16_t)cap;
	return 0;
}

static int count_value(struct sparse *sparse, uint64_t value, size_t *left)
{
	uint16_t index = index_of(value, sparse->bits), at = find(sparse, index);
	int err;

	if (at < sparse->nr && sparse->bucket[at].index == index) {
		sparse->bucket[at].count++;
		return 0;
	}
	err = make_room(sparse, left);
	if (err)
		return err;
	/* The buckets may be others now. */
	index = index_of(value, sparse->bits);
	at = find(sparse, index);
	if (at == sparse->nr || sparse->bucket[at].index != index) {
		memmove(&sparse->bucket[at + 1], &sparse->bucket[at],
			(size_t)(sparse->nr - at) * sizeof(*sparse->bucket));
		sparse->bucket[at] = (struct sparse_bucket){ 0, index };
		sparse->nr++;
	}
	sparse->bucket[at].count++;
	return 0;
}

int sparse_add(struct sparse *sparse, uint64_t value, size_t *left)
{
	int err = count_value(sparse, value, left);

	if (err)
		return err;
	if (!sparse->count || value < sparse->min)
		sparse->min = value;
	if (value > sparse->max)
		sparse->max = value;
	if (__builtin_add_overflow(sparse->total, value, &sparse->total))
		sparse->total = UINT64_MAX;
	sparse->count++;
	return 0;
}

uint64_t sparse_percentile(const struct sparse *sparse, double percent)
{
	/* The smallest rank that covers @percent, as in histogram.c. */
	double rank = percent * (double)sparse->count / 100;
	uint64_t seen = 0, value;

	if (!sparse->count || rank > (double)(sparse->count - 1))
		return sparse->max;
	for (uint16_t i = 0; i < sparse->nr; i++) {
		seen += sparse->bucket[i].count;
		if ((double)seen < rank)
			continue;
		value = middle(sparse->bucket[i].index, sparse->bits);
		if (value < sparse->min)
			return sparse->min;
		return value > sparse->max ? sparse->max : value;
	}
	return sparse->max;
}

double sparse_error(const struct sparse *sparse)
{
	return 1.0 / (double)(2u << sparse->bits);
}

void sparse_release(struct sparse *sparse)
{
	free(sparse->bucket);
}
