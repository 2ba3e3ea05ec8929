// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-group.c - packets in groups: percentiles held against sorted values, memory against a bound
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/sparse.h"

#define NR_VALUE	20000

static int by_value(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

static uint64_t random_value(unsigned int *seed, unsigned int octaves)
{
	uint64_t high = (uint64_t)rand_r(seed) << 33 | (uint64_t)rand_r(seed) << 2 |
			((uint64_t)rand_r(seed) & 3);

	return high >> ((unsigned int)rand_r(seed) % octaves);
}

/* Each percentile is as near to the exact one as the histogram says of itself. */
static void check(unsigned int octaves, size_t left, double wanted_error)
{
	struct sparse sparse = { .bits = SPARSE_BITS };
	uint64_t *value = calloc(NR_VALUE, sizeof(*value)), total = 0;
	unsigned int seed = octaves;

	for (size_t i = 0; i < NR_VALUE; i++) {
		value[i] = random_value(&seed, octaves) >> 16;
		total += value[i];
		assert_int_equal(sparse_add(&sparse, value[i], &left), 0);
	}
	qsort(value, NR_VALUE, sizeof(*value), by_value);
	assert_int_equal(sparse.count, NR_VALUE);
	assert_int_equal(sparse.total, total);
	assert_int_equal(sparse.max, value[NR_VALUE - 1]);
	assert_int_equal(sparse.min, value[0]);
	for (unsigned int percent = 1; percent <= 100; percent++) {
		double exact = (double)value[NR_VALUE / 100 * percent - 1];
		double got = (double)sparse_percentile(&sparse, percent);

		if (got < exact * (1 - sparse_error(&sparse)) - 1 ||
		    got > exact * (1 + sparse_error(&sparse)) + 1)
			fail_msg("%u octaves, p%u: %.0f instead of %.0f, +-%f", octaves, percent,
				 got, exact, sparse_error(&sparse));
	}
	if (sparse_error(&sparse) > wanted_error)
		fail_msg("%u octaves: off by up to %f", octaves, sparse_error(&sparse));
	sparse_release(&sparse);
	free(value);
}

static void test_percentiles(void **state)
{
	/* Also of one octave, some values are far below it. */
	check(1, 1 << 20, 1.0 / 256);
	check(10, 1 << 20, 1.0 / 128);
	check(20, 1 << 20, 1.0 / 64);
	check(50, 1 << 20, 1.0 / 32);
	/* When there is no memory left. */
	check(10, 0, 1.0 / 4);
	check(50, 0, 1.0 / 2);
}

static void test_few(void **state)
{
	struct sparse sparse = { .bits = SPARSE_BITS };
	size_t left = 0;

	assert_int_equal(sparse_percentile(&sparse, 50), 0);
	assert_int_equal(sparse_add(&sparse, 1000003, &left), 0);
	assert_int_equal(sparse_percentile(&sparse, 50), 1000003);
	assert_int_equal(sparse_add(&sparse, UINT64_MAX, &left), 0);
	assert_int_equal(sparse_add(&sparse, 0, &left), 0);
	assert_int_equal(sparse_percentile(&sparse, 1), 0);
	assert_int_equal(sparse_percentile(&sparse, 100), UINT64_MAX);
	assert_int_equal(sparse.total, UINT64_MAX);
	sparse_release(&sparse);
}

/* ------------------------------------------------------------------ many groups */

#define NR_FLOW		5000

static void fill(struct trail_packet *packet, struct trail_span *span, uint32_t flow,
		 unsigned int *seed)
{
	packet->flow = (struct trail_flow){ .family = 4, .protocol = 6, .dport = 443 };
	memcpy(packet->flow.saddr, &flow, sizeof(flow));
	packet->end_ns = random_value(seed, 40);
	for (unsigned int i = 0; i < TRAIL_NR_STAGE; i++)
		span[i] = (struct trail_span){ .stage = &trail_stage[i],
					       .end_ns = random_value(seed, 40) };
	packet->span = span;
	packet->nr_span = TRAIL_NR_STAGE;
}

static void test_memory(void **state)
{
	struct trail_span span[TRAIL_NR_STAGE];
	struct trail_packet packet = { .len = 100 };
	const struct trail_group *const *group;
	struct trail_groups *groups;
	unsigned int seed = 1;
	size_t before = mallinfo2().uordblks, after, nr_group;

	assert_int_equal(trail_groups_new(TRAIL_BY_FLOW, 0, &groups), 0);
	for (uint32_t flow = 0; flow < NR_FLOW; flow++)
		for (size_t i = 0; i < 100; i++) {
			fill(&packet, span, flow, &seed);
			assert_int_equal(trail_groups_add(groups, &packet), 0);
		}
	nr_group = trail_groups_sort(groups, &group);
	assert_int_equal(nr_group, 4097);
	assert_true(group[4096]->is_others);
	assert_int_equal(group[4096]->packets, 100 * (NR_FLOW - 4096));
	assert_int_equal(group[0]->packets, 100);
	assert_int_equal(group[0]->bytes, 10000);
	/* Not told under a sanitizer. */
	after = mallinfo2().uordblks;
	if (after > before) {
		print_message("%zu groups: %zu MB\n", nr_group, (after - before) >> 20);
		assert_true(after - before < 64u << 20);
	}
	trail_groups_free(groups);
}

static void test_unknown(void **state)
{
	struct trail_packet packet = { .len = -1, .reader_pid = -1 };
	const struct trail_group *const *group;
	struct trail_groups *groups;
	struct trail_group_times times;

	for (enum trail_by by = 0; by < TRAIL_NR_BY; by++) {
		assert_int_equal(trail_groups_new(by, 1, &groups), 0);
		assert_int_equal(trail_groups_sort(groups, &group), 0);
		packet.flags = TRAIL_PACKET_EDGE;
		assert_int_equal(trail_groups_add(groups, &packet), 0);
		assert_int_equal(trail_groups_sort(groups, &group), 1);
		assert_false(group[0]->key.is_known);
		assert_false(trail_group_times(group[0], TRAIL_NR_STAGE, &times));
		packet.flags = 0;
		assert_int_equal(trail_groups_add(groups, &packet), 0);
		assert_int_equal(trail_groups_sort(groups, &group), 1);
		assert_true(trail_group_times(group[0], TRAIL_NR_STAGE, &times));
		assert_int_equal(group[0]->packets, 2);
		assert_int_equal(group[0]->bytes, 0);
		trail_groups_free(groups);
	}
	trail_groups_free(NULL);
}

int main(void)
{
	const struct CMUnitTest test[] = {
		cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}
