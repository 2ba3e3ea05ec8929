// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-page.c - the page decoder on pages made by hand
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/read/page.h"
#include "make-capture.h"

#define PAGE_TS		1000000
#define LOST		(1u << 31)
#define LOST_STORED	(1u << 30)

/* Each test runs in both byte orders and with both sizes of long. */
static const struct page_layout layouts[] = {
	{ 256, 8, false }, { 256, 4, false }, { 256, 8, true }, { 256, 4, true },
};

#define NR_LAYOUT	(sizeof(layouts) / sizeof(layouts[0]))

/* The page is as long as the heap block, so that valgrind and ASan see a read behind it. */
struct walk {
	const struct page_layout *layout;
	struct blob body;
	struct page page;
	struct record record;
	unsigned char *bytes;
};

static void begin(struct walk *walk, size_t i)
{
	memset(walk, 0, sizeof(*walk));
	walk->layout = &layouts[i];
	walk->body.swap = layouts[i].swap;
}

/* Starts to read the page with @commit, or its real length when @commit is 0. */
static int start_with(struct walk *walk, uint64_t flags, uint64_t commit, const struct blob *tail)
{
	struct blob all = { .swap = walk->body.swap };
	int err;

	blob_u64(&all, PAGE_TS);
	blob_long(&all, flags | (commit ? commit : walk->body.len), walk->layout->commit_size);
	blob_add(&all, walk->body.at, walk->body.len);
	if (tail)
		blob_add(&all, tail->at, tail->len);
	blob_pad(&all, walk->layout->page_size);
	assert_int_equal(all.len, walk->layout->page_size);
	free(walk->bytes);
	walk->bytes = malloc(all.len);
	memcpy(walk->bytes, all.at, all.len);
	blob_free(&all);
	err = page_start(&walk->page, walk->layout, walk->bytes);
	return err;
}

static int next(struct walk *walk)
{
	return page_next(&walk->page, walk->layout, &walk->record);
}

static uint16_t record_type(const struct walk *walk)
{
	uint16_t type;

	memcpy(&type, walk->record.data, sizeof(type));
	return walk->layout->swap ? __builtin_bswap16(type) : type;
}

static void end(struct walk *walk)
{
	blob_free(&walk->body);
	free(walk->bytes);
}

static void test_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_LAYOUT; i++) {
		struct walk walk;

		begin(&walk, i);
		blob_entry(&walk.body, 8, 3);
		blob_sample(&walk.body, 1, 42);
		blob_entry(&walk.body, 0, 7);		/* length word 36 -> 32 bytes */
		blob_u32(&walk.body, 36);
		blob_sample(&walk.body, 2, 43);
		blob_entry(&walk.body, 0, 1);		/* length word 6 -> 2, rounded to 4 */
		blob_u32(&walk.body, 6);
		blob_u32(&walk.body, 0);
		assert_int_equal(start_with(&walk, 0, 0, NULL), 0);
		assert_int_equal(next(&walk), 1);
		assert_int_equal(walk.record.ts, PAGE_TS + 3);
		assert_int_equal(walk.record.size, 32);
		assert_int_equal(walk.record.lost, 0);
		assert_int_equal(next(&walk), 1);
		assert_int_equal(walk.record.ts, PAGE_TS + 10);
		assert_int_equal(walk.record.size, 32);
		assert_int_equal(next(&walk), 1);
		assert_int_equal(walk.record.size, 4);
		assert_int_equal(next(&walk), 0);
		assert_int_equal(next(&walk), 0);
		end(&walk);
	}
}

static void test_times(void **state)
{
	uint64_t base = PAGE_TS & (~0ULL << 59);

	(void)state;
	for (size_t i = 0; i < NR_LAYOUT; i++) {
		struct walk walk;

		begin(&walk, i);
		blob_entry(&walk.body, 30, 5);		/* extend: 2 << 27 | 5 */
		blob_u32(&walk.body, 2);
		blob_entry(&walk.body, 1, 1);
		blob_u32(&walk.body, 0);
		blob_entry(&walk.body, 31, 9);		/* absolute */
		blob_u32(&walk.body, 0x10000000);
		blob_entry(&walk.body, 1, 1);
		blob_u32(&walk.body, 0);
		blob_entry(&walk.body, 29, 4);		/* padding: 8 bytes from its word on */
		blob_u32(&walk.body, 8);
		blob_u32(&walk.body, 0xffffffff);
		blob_entry(&walk.body, 1, 2);
		blob_u32(&walk.body, 0);
		blob_entry(&walk.body, 29, 0);		/* rest unused */
		assert_int_equal(start_with(&walk, 0, 0, NULL), 0);
		assert_int_equal(next(&walk), 1);
		assert_int_equal(walk.record.ts, PAGE_TS + (2ULL << 27) + 5 + 1);
		assert_int_equal(next(&walk), 1);
		assert_int_equal(walk.record.ts, (base | (0x10000000ULL << 27) | 9) + 1);
		assert_int_equal(next(&walk), 1);
		assert_int_equal(walk.record.ts, (base | (0x10000000ULL << 27) | 9) + 7);
		assert_int_equal(next(&walk), 0);
		end(&walk);
	}
}

/* The loss belongs to the first record, also behind a time extend or an absolute stamp. */
static void test_losses(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_LAYOUT * 3 * 2; i++) {
		unsigned int first = 29 + i / NR_LAYOUT % 3;	/* 29: none, 30, 31 */
		bool stored = i / NR_LAYOUT / 3;
		struct blob tail = { 0 };
		struct walk walk;

		begin(&walk, i % NR_LAYOUT);
		tail.swap = walk.body.swap;
		blob_long(&tail, 77, walk.layout->commit_size);
		if (first > 29) {
			blob_entry(&walk.body, first, 5);
			blob_u32(&walk.body, 2);
		}
		blob_entry(&walk.body, 1, 1);
		blob_u32(&walk.body, 0);
		blob_entry(&walk.body, 1, 1);
		blob_u32(&walk.body, 0);
		assert_int_equal(start_with(&walk, stored ? LOST | LOST_STORED : LOST, 0,
					    stored ? &tail : NULL), 0);
		assert_int_equal(next(&walk), 1);
		assert_int_equal(walk.record.lost, stored ? 77 : PAGE_LOST_UNKNOWN);
		assert_int_equal(next(&walk), 1);
		assert_int_equal(walk.record.lost, 0);
		assert_int_equal(next(&walk), 0);
		blob_free(&tail);
		end(&walk);
	}
}

/* A page without a record hands its loss on to the next page. */
static void test_loss_carried(void **state)
{
	struct blob tail = { 0 };
	struct walk walk;

	(void)state;
	begin(&walk, 0);
	blob_long(&tail, 5, 8);
	blob_entry(&walk.body, 29, 0);
	assert_int_equal(start_with(&walk, LOST | LOST_STORED, 0, &tail), 0);
	assert_int_equal(next(&walk), 0);
	assert_int_equal(start_with(&walk, LOST | LOST_STORED, 0, &tail), 0);
	assert_int_equal(next(&walk), 0);
	blob_free(&walk.body);
	blob_entry(&walk.body, 1, 1);
	blob_u32(&walk.body, 0);
	assert_int_equal(start_with(&walk, 0, 0, NULL), 0);
	assert_int_equal(next(&walk), 1);
	assert_int_equal(walk.record.lost, 10);
	blob_free(&tail);
	end(&walk);
}

static void test_empty(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_LAYOUT; i++) {
		struct walk walk;

		begin(&walk, i);
		assert_int_equal(start_with(&walk, 0, 0, NULL), 0);
		assert_int_equal(next(&walk), 0);
		memset(walk.bytes, 0, walk.layout->page_size);
		assert_int_equal(page_start(&walk.page, walk.layout, walk.bytes), 0);
		assert_int_equal(next(&walk), 0);
		end(&walk);
	}
}

static void test_commit_too_large(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_LAYOUT; i++) {
		uint32_t room = layouts[i].page_size - 8 - layouts[i].commit_size;
		struct walk walk;

		begin(&walk, i);
		assert_int_equal(start_with(&walk, 0, room + 1, NULL), -EINVAL);
		assert_int_equal(next(&walk), 0);
		assert_int_equal(start_with(&walk, 0, (1 << 27) - 1, NULL), -EINVAL);
		/* No room behind the data for the stored counter. */
		assert_int_equal(start_with(&walk, LOST | LOST_STORED, room, NULL), -EINVAL);
		assert_int_equal(start_with(&walk, LOST | LOST_STORED,
					    room - layouts[i].commit_size + 1, NULL), -EINVAL);
		end(&walk);
	}
}

/* A page of usual records, and in between each kind of entry that page_count() leaves alone. */
static void add_mixture(struct blob *body)
{
	blob_entry(body, 8, 3);
	blob_sample(body, 1, 42);
	blob_entry(body, 8, 4);
	blob_sample(body, 2, 42);
	blob_entry(body, 30, 5);		/* time extend */
	blob_u32(body, 2);
	blob_entry(body, 8, 1);
	blob_sample(body, 3, 42);
	blob_entry(body, 1, 1);			/* too short for an event */
	blob_u32(body, 0);
	blob_entry(body, 0, 7);			/* length word */
	blob_u32(body, 36);
	blob_sample(body, 4, 43);
	blob_entry(body, 8, 2);
	blob_sample(body, 5, 44);
}

static void test_count(void **state)
{
	static const uint64_t flags[] = { 0, LOST };

	(void)state;
	for (size_t i = 0; i < 2 * NR_LAYOUT; i++) {
		unsigned char seen[65536] = { 0 }, counted[65536] = { 0 };
		struct page_count count = { .min_size = 8, .seen = counted };
		uint64_t nr = 0, nr_counted = 0, ts;
		struct walk walk;

		begin(&walk, i / 2);
		add_mixture(&walk.body);
		assert_int_equal(start_with(&walk, flags[i % 2], 0, NULL), 0);
		for (; next(&walk) > 0; nr++)
			seen[record_type(&walk)] = 1;
		ts = walk.page.ts;
		assert_int_equal(start_with(&walk, flags[i % 2], 0, NULL), 0);
		assert_int_equal(page_count(&walk.page, walk.layout, &count),
				 walk.layout->swap || flags[i % 2] ? 0 : 2);
		assert_int_equal(start_with(&walk, flags[i % 2], 0, NULL), 0);
		for (; next(&walk) > 0; nr_counted++) {
			counted[record_type(&walk)] = 1;
			nr_counted += page_count(&walk.page, walk.layout, &count);
		}
		assert_int_equal(nr_counted, nr);
		assert_int_equal(walk.page.ts, ts);
		assert_memory_equal(seen, counted, sizeof(seen));
		end(&walk);
	}
}

/* Entries that claim more than is left. */
static void test_lies(void **state)
{
	static const struct { uint32_t type, delta, word; bool has_word; } lie[] = {
		{ 28, 1, 0, false },	/* payload behind the end */
		{ 2, 1, 0, true },
		{ 0, 1, 0, false },	/* no room for the length word */
		{ 0, 1, 3, true },	/* length below its own size */
		{ 0, 1, 9, true },	/* length behind the end */
		{ 0, 1, 0xffffffff, true },
		{ 29, 1, 0, false },
		{ 29, 1, 5, true },
		{ 29, 1, 0xffffffff, true },
		{ 30, 1, 0, false },
		{ 31, 1, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < NR_LAYOUT * sizeof(lie) / sizeof(lie[0]); i++) {
		struct walk walk;

		begin(&walk, i % NR_LAYOUT);
		blob_entry(&walk.body, lie[i / NR_LAYOUT].type, lie[i / NR_LAYOUT].delta);
		if (lie[i / NR_LAYOUT].has_word)
			blob_u32(&walk.body, lie[i / NR_LAYOUT].word);
		assert_int_equal(start_with(&walk, 0, 0, NULL), 0);
		assert_int_equal(next(&walk), -EINVAL);
		end(&walk);
	}
}

/* Two bytes cannot hold a header. */
static void test_odd_commit(void **state)
{
	struct walk walk;

	(void)state;
	begin(&walk, 0);
	assert_int_equal(start_with(&walk, 0, 2, NULL), 0);
	assert_int_equal(next(&walk), -EINVAL);
	end(&walk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_loss_carried),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_commit_too_large),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_odd_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
