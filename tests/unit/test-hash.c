// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-hash.c - the hash table: what is stored is found, whatever the keys
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "engine/hash.h"

/* A quarter of a million keys with one home would need 3e10 steps: minutes. */
#define NR_KEY		250000u
#define MAX_SECONDS	20

typedef uint64_t key_of(uint64_t i);

static uint64_t usual(uint64_t i)
{
	return 0xffff888000000000ull + i * 256;
}

/* The inverse of the table's multiplier: with it, keys are made for a place. */
static uint64_t colliding(uint64_t i)
{
	uint64_t inverse = 1;

	for (int n = 0; n < 6; n++)
		inverse *= 2 - 0x9e3779b97f4a7c15ull * inverse;
	return inverse * (i << 44 | 5u << 20);
}

static uint64_t high_bits(uint64_t i)
{
	return i << 44 | 1;
}

static void check_keys(key_of *key)
{
	struct hash table = { 0 };
	clock_t start = clock();

	for (uintptr_t i = 1; i <= NR_KEY; i++)
		assert_int_equal(hash_set(&table, key(i), (void *)i), 0);
	assert_int_equal(table.used, NR_KEY);
	for (uintptr_t i = 1; i <= NR_KEY; i += 2)
		hash_remove(&table, key(i));
	for (uintptr_t i = 1; i <= NR_KEY; i++)
		assert_ptr_equal(hash_get(&table, key(i)), i % 2 ? NULL : (void *)i);
	assert_true(clock() - start < (clock_t)MAX_SECONDS * CLOCKS_PER_SEC);
	hash_release(&table);
}

static void test_usual(void **state)
{
	struct hash table = { 0 };

	(void)state;
	check_keys(usual);
	/* Reports of what nobody made to collide are the same each time. */
	for (uint64_t i = 1; i <= NR_KEY; i++)
		assert_int_equal(hash_set(&table, usual(i), &table), 0);
	assert_int_equal(table.seed, 0);
	hash_release(&table);
}

static void test_colliding(void **state)
{
	(void)state;
	check_keys(colliding);
	check_keys(high_bits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usual),
		cmocka_unit_test(test_colliding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
