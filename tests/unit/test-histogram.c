// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-histogram.c - percentiles against a sorted array, and the edges of the buckets
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "skbtrail.h"

#define NR_VALUE	20011

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

/* Repeatable and of very different sizes. */
static uint64_t next_value(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return (*state >> 11) >> (*state >> 59);
}

static void assert_close(uint64_t got, uint64_t want)
{
	uint64_t off = got > want ? got - want : want - got;

	if (off * 1000 > want)
		fail_msg("%llu instead of %llu", (unsigned long long)got, (unsigned long long)want);
}

static void test_random_values(void **state)
{
	static const double percent[] = { 0.01, 1, 7, 25, 50, 75, 90, 99, 99.9, 99.99, 100 };
	struct trail_histogram *hist = trail_histogram_new();
	uint64_t *value = calloc(NR_VALUE, sizeof(*value));
	uint64_t seed = 1, total = 0;

	for (size_t i = 0; i < NR_VALUE; i++) {
		value[i] = next_value(&seed);
		total += value[i];
		assert_int_equal(trail_histogram_add(hist, value[i]), 0);
	}
	qsort(value, NR_VALUE, sizeof(*value), compare);
	for (size_t i = 0; i < sizeof(percent) / sizeof(percent[0]); i++) {
		size_t rank = (size_t)(percent[i] * NR_VALUE / 100);

		if ((double)rank < percent[i] * NR_VALUE / 100)
			rank++;
		assert_close(trail_histogram_percentile(hist, percent[i]), value[rank - 1]);
	}
	assert_int_equal(trail_histogram_count(hist), NR_VALUE);
	assert_int_equal(trail_histogram_total(hist), total);
	assert_int_equal(trail_histogram_min(hist), value[0]);
	assert_int_equal(trail_histogram_max(hist), value[NR_VALUE - 1]);
	assert_int_equal(trail_histogram_percentile(hist, 100), value[NR_VALUE - 1]);
	free(value);
	trail_histogram_free(hist);
}

static void test_small_values_are_exact(void **state)
{
	struct trail_histogram *hist = trail_histogram_new();

	for (uint64_t i = 1; i <= 1000; i++)
		assert_int_equal(trail_histogram_add(hist, i), 0);
	for (uint64_t i = 1; i <= 100; i++)
		assert_int_equal(trail_histogram_percentile(hist, (double)i), 10 * i);
	trail_histogram_free(hist);
}

/* Each value lies between two others, so that neither minimum nor maximum can save it. */
static void test_every_octave(void **state)
{
	for (unsigned int bit = 0; bit < 64; bit++) {
		for (int off = -1; off <= 1; off++) {
			struct trail_histogram *hist = trail_histogram_new();
			uint64_t value = (1ull << bit) + (uint64_t)off;

			assert_int_equal(trail_histogram_add(hist, 0), 0);
			assert_int_equal(trail_histogram_add(hist, value), 0);
			assert_int_equal(trail_histogram_add(hist, UINT64_MAX), 0);
			assert_close(trail_histogram_percentile(hist, 50), value);
			trail_histogram_free(hist);
		}
	}
}

static void test_empty_and_full(void **state)
{
	struct trail_histogram *hist = trail_histogram_new();

	assert_int_equal(trail_histogram_percentile(hist, 50), 0);
	assert_int_equal(trail_histogram_count(hist), 0);
	assert_int_equal(trail_histogram_add(hist, UINT64_MAX), 0);
	assert_int_equal(trail_histogram_add(hist, UINT64_MAX), 0);
	assert_int_equal(trail_histogram_total(hist), UINT64_MAX);
	assert_int_equal(trail_histogram_percentile(hist, 50), UINT64_MAX);
	trail_histogram_free(hist);
	trail_histogram_free(NULL);
}

int main(void)
{
	const struct CMUnitTest test[] = {
		cmocka_unit_test(test_random_values),
		cmocka_unit_test(test_small_values_are_exact),
		cmocka_unit_test(test_every_octave),
		cmocka_unit_test(test_empty_and_full),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}
