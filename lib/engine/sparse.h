/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sparse.h - a histogram for those of which there are many
 */
#ifndef SPARSE_H
#define SPARSE_H

#include "skbtrail.h"

/* 512 buckets in an octave, as in histogram.c */
#define SPARSE_BITS	9

/* A bucket that is not empty. */
struct sparse_bucket {
	uint32_t count;
	uint16_t index;
};

/**
 * struct sparse - set @bits to SPARSE_BITS, all else to zero
 * @bucket: @nr of them, in order of their values
 * @bits: 2^bits buckets in an octave
 */
struct sparse {
	uint64_t count;
	uint64_t total;
	uint64_t min;
	uint64_t max;
	struct sparse_bucket *bucket;
	uint16_t nr;
	uint16_t cap;
	uint8_t bits;
};

/* @left: memory in bytes that all of them may still take.  Return: 0 or -ENOMEM. */
int sparse_add(struct sparse *sparse, uint64_t value, size_t *left);
/* Nearest rank, 0 < @percent <= 100; 0 when empty. */
uint64_t sparse_percentile(const struct sparse *sparse, double percent);
/* The most that a percentile is off, relative to its value. */
double sparse_error(const struct sparse *sparse);
void sparse_release(struct sparse *sparse);

#endif /* SPARSE_H */
