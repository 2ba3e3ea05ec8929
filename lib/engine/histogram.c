// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * histogram.c - values -> count, total, extremes and percentiles in bounded memory
 *
 * Log-linear buckets of fixed bounds: values below 512 have a bucket each, every octave above
 * has 512 equal ones.  The middle of a bucket is off by at most 1/1024 of the value, and bounds
 * that do not depend on the data keep histograms of different captures comparable.
 * 4 KB for each octave that occurs, 56 at most; O(1) per value.
 */
#include <errno.h>
#include <stdlib.h>

#include "skbtrail.h"

#define SUB_BITS	9
#define NR_SUB		(1u << SUB_BITS)
/* One linear part for [0, 512), then an octave for each power of two from 2^9 to 2^63. */
#define NR_OCTAVE	(1 + 64 - SUB_BITS)

struct trail_histogram {
	uint64_t count;
	uint64_t total;
	uint64_t min;
	uint64_t max;
	uint64_t *octave[NR_OCTAVE];	/* NR_SUB buckets, NULL = all zero */
};

struct trail_histogram *trail_histogram_new(void)
{
	return calloc(1, sizeof(struct trail_histogram));
}

void trail_histogram_free(struct trail_histogram *hist)
{
	if (!hist)
		return;
	for (unsigned int i = 0; i < NR_OCTAVE; i++)
		free(hist->octave[i]);
	free(hist);
}

static unsigned int octave_of(uint64_t value)
{
	if (value < NR_SUB)
		return 0;
	return 64 - SUB_BITS - (unsigned int)__builtin_clzll(value);
}

static unsigned int sub_of(uint64_t value, unsigned int octave)
{
	if (!octave)
		return (unsigned int)value;
	return (unsigned int)(value >> (octave - 1)) & (NR_SUB - 1);
}

static uint64_t middle(unsigned int octave, unsigned int sub)
{
	uint64_t width;

	if (!octave)
		return sub;
	width = 1ull << (octave - 1);
	return (NR_SUB + sub) * width + width / 2;
}

/**
 * trail_histogram_add - count one value
 *
 * The total stops at 2^64 - 1 instead of wrapping; in nanoseconds that is 584 years.
 *
 * Return: 0 or -ENOMEM.
 */
int trail_histogram_add(struct trail_histogram *hist, uint64_t value)
{
	unsigned int i = octave_of(value);

	if (!hist->octave[i]) {
		hist->octave[i] = calloc(NR_SUB, sizeof(*hist->octave[i]));
		if (!hist->octave[i])
			return -ENOMEM;
	}
	hist->octave[i][sub_of(value, i)]++;
	if (!hist->count || value < hist->min)
		hist->min = value;
	if (value > hist->max)
		hist->max = value;
	if (__builtin_add_overflow(hist->total, value, &hist->total))
		hist->total = UINT64_MAX;
	hist->count++;
	return 0;
}

uint64_t trail_histogram_count(const struct trail_histogram *hist)
{
	return hist->count;
}

uint64_t trail_histogram_total(const struct trail_histogram *hist)
{
	return hist->total;
}

uint64_t trail_histogram_max(const struct trail_histogram *hist)
{
	return hist->max;
}

uint64_t trail_histogram_min(const struct trail_histogram *hist)
{
	return hist->min;
}

/* Nearest rank: the smallest rank that covers @percent of @count. */
static uint64_t rank_of(double percent, uint64_t count)
{
	/* Multiplied first: 7 % of 100 is 7, whereas 0.07 * 100 is a little more. */
	double exact = percent * (double)count / 100;
	uint64_t rank;

	if (!(exact > 1))
		return 1;
	if (exact >= (double)count)
		return count;
	rank = (uint64_t)exact;
	return (double)rank < exact ? rank + 1 : rank;
}

/* The value of a bucket, never outside of what was seen. */
static uint64_t clamp(const struct trail_histogram *hist, uint64_t value)
{
	if (value < hist->min)
		return hist->min;
	return value > hist->max ? hist->max : value;
}

uint64_t trail_histogram_percentile(const struct trail_histogram *hist, double percent)
{
	uint64_t rank, seen = 0;

	if (!hist->count)
		return 0;
	rank = rank_of(percent, hist->count);
	if (rank == hist->count)
		return hist->max;
	for (unsigned int i = 0; i < NR_OCTAVE; i++) {
		for (unsigned int sub = 0; hist->octave[i] && sub < NR_SUB; sub++) {
			seen += hist->octave[i][sub];
			if (seen >= rank)
				return clamp(hist, middle(i, sub));
		}
	}
	return hist->max;
}
