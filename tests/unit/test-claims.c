// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-claims.c - small files that claim much: memory and time stay in proportion to the file
 *
 * The files are version 7, made by hand; tests/malformed has damage at random.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#include <cmocka.h>

#include "make-capture.h"
#include "skbtrail.h"

#define FILE_NAME	"claims-test.dat"
#define PAGE_SIZE	4096
#define COMPRESSED	1
#define NR_BOMB		8
#define BOMB_SIZE	(64u << 20)
#define MAX_SECONDS	20
/* Without a check the smallest of these files takes more. */
#define MAX_GROWTH_KB	(200u << 10)

/* enum tracedat_option_id */
enum { ID_OPTIONS = 0, ID_BUFFER = 3, ID_KALLSYMS = 19 };

static struct blob head(void)
{
	struct blob blob = { 0 };

	blob_add(&blob, "\x17\x08\x44tracing" "7\0\0\x08", 14);
	blob_u32(&blob, PAGE_SIZE);
	blob_add(&blob, "zstd\0" "1.5.4\0", 11);
	blob_u64(&blob, 0);			/* where the options are: finish() */
	return blob;
}

static size_t section(struct blob *blob, uint16_t id, uint16_t flags, const void *data,
		      size_t size)
{
	size_t at = blob->len;

	blob_u16(blob, id);
	blob_u16(blob, flags);
	blob_u32(blob, 0);
	blob_u64(blob, size);
	blob_add(blob, data, size);
	return at;
}

static void option(struct blob *list, uint16_t id, const void *data, uint32_t size)
{
	blob_u16(list, id);
	blob_u32(list, size);
	blob_add(list, data, size);
}

static void option_offset(struct blob *list, uint16_t id, uint64_t offset)
{
	option(list, id, &offset, sizeof(offset));
}

/* Ends the file with the list of options and writes it. */
static void finish(struct blob *blob, struct blob *list)
{
	uint64_t at;

	option_offset(list, ID_OPTIONS, 0);
	at = section(blob, ID_OPTIONS, 0, list->at, list->len);
	memcpy(blob->at + 29, &at, sizeof(at));
	write_file(FILE_NAME, blob->at, blob->len);
	blob_free(blob);
	blob_free(list);
}

static long peak_kb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* Is the file refused with @text, and without taking much? */
static void expect_refused(const char *text)
{
	clock_t start = clock();
	long before = peak_kb();
	struct trail_capture *cap;
	struct trail_error error;

	assert_int_equal(trail_capture_open(FILE_NAME, NULL, &cap, &error), -22);
	if (!strstr(error.text, text) || !strstr(error.text, "at offset"))
		fail_msg("\"%s\" instead of \"%s\"", error.text, text);
	assert_true(peak_kb() - before < MAX_GROWTH_KB);
	assert_true(clock() - start < (clock_t)MAX_SECONDS * CLOCKS_PER_SEC);
	unlink(FILE_NAME);
}

/* Pages with @times in them, else zeros, as {u32 compressed size; u32 size; data}. */
static void add_packed(struct blob *blob, size_t size, bool times)
{
	size_t room = ZSTD_compressBound(size);
	void *packed = malloc(room);
	char *zeros = calloc(1, size);

	assert_true(zeros && packed);
	for (size_t i = 0; times && i + PAGE_SIZE <= size; i += PAGE_SIZE)
		memcpy(zeros + i, &i, sizeof(i));
	room = ZSTD_compress(packed, room, zeros, size, 1);
	assert_false(ZSTD_isError(room));
	blob_u32(blob, (uint32_t)room);
	blob_u32(blob, (uint32_t)size);
	blob_add(blob, packed, room);
	free(zeros);
	free(packed);
}

/* 20,000 times the same list of symbols would be 20,000 copies of what it is decompressed to. */
static void test_section_again(void **state)
{
	struct blob blob = head(), list = { 0 }, text = { 0 };
	size_t at;

	(void)state;
	add_packed(&text, 1 << 20, false);
	at = section(&blob, ID_KALLSYMS, COMPRESSED, text.at, text.len);
	for (int i = 0; i < 20000; i++)
		option_offset(&list, ID_KALLSYMS, at);
	finish(&blob, &list);
	expect_refused("named again");
	blob_free(&text);
}

/* Each one is small enough for what is compressed, all together are not. */
static void test_section_bombs(void **state)
{
	struct blob blob = head(), list = { 0 }, text = { 0 };

	(void)state;
	add_packed(&text, BOMB_SIZE - 4096, false);
	for (int i = 0; i < NR_BOMB; i++)
		option_offset(&list, ID_KALLSYMS,
			      section(&blob, ID_KALLSYMS, COMPRESSED, text.at, text.len));
	finish(&blob, &list);
	blob_free(&text);
	expect_refused("claims much memory");
}

/* NR_BOMB CPUs with a chunk each. */
static void write_chunks(size_t size, bool times)
{
	struct blob blob = head(), list = { 0 }, data = { 0 }, chunk = { 0 }, entry = { 0 };
	size_t section_at;

	blob_u32(&chunk, 1);
	add_packed(&chunk, size, times);
	for (int i = 0; i < NR_BOMB; i++)
		blob_add(&data, chunk.at, chunk.len);
	section_at = section(&blob, ID_BUFFER, COMPRESSED, data.at, data.len);
	blob_u64(&entry, section_at);
	blob_add(&entry, "\0" "mono\0", 6);
	blob_u32(&entry, PAGE_SIZE);
	blob_u32(&entry, NR_BOMB);
	for (int i = 0; i < NR_BOMB; i++) {
		blob_u32(&entry, (uint32_t)i);
		blob_u64(&entry, section_at + 16 + (size_t)i * chunk.len);
		blob_u64(&entry, chunk.len);
	}
	option(&list, ID_BUFFER, entry.at, (uint32_t)entry.len);
	finish(&blob, &list);
	blob_free(&data);
	blob_free(&chunk);
	blob_free(&entry);
}

static void test_chunk_bombs(void **state)
{
	(void)state;
	/* A chunk of each CPU is in memory at the same time. */
	write_chunks(BOMB_SIZE, true);
	expect_refused("claims much memory");
	/* Many of them in one CPU would be seconds of work for each MB of the file. */
	write_chunks(BOMB_SIZE, false);
	expect_refused("damaged compressed data");
}

static struct trail_capture *open_claims(void)
{
	struct trail_capture *cap;
	struct trail_error error;

	if (trail_capture_open(FILE_NAME, NULL, &cap, &error))
		fail_msg("%s", error.text);
	unlink(FILE_NAME);
	return cap;
}

/* To go through all symbols of an address at each question would take minutes. */
static void test_aliases(void **state)
{
	static const char line[] = "ffffffff81000000 T a\n", last[] = "ffffffff82000000 T end\n";
	const uint32_t nr = 200000, size = nr * (sizeof(line) - 1);
	struct blob blob = head(), list = { 0 }, text = { 0 };
	struct trail_symbol symbol;
	struct trail_capture *cap;
	clock_t start = clock();

	(void)state;
	blob_u32(&text, size + sizeof(last) - 1);
	blob_add(&text, NULL, size);
	for (uint32_t i = 0; i < nr; i++)
		memcpy(text.at + 4 + i * (sizeof(line) - 1), line, sizeof(line) - 1);
	blob_add(&text, last, sizeof(last) - 1);
	option_offset(&list, ID_KALLSYMS, section(&blob, ID_KALLSYMS, 0, text.at, text.len));
	finish(&blob, &list);
	blob_free(&text);
	cap = open_claims();
	for (uint64_t i = 0; i < 200000; i++) {
		assert_int_equal(trail_capture_symbol(cap, 0xffffffff81000000 + i, &symbol), 1);
		assert_int_equal(symbol.offset, i);
	}
	assert_true(clock() - start < (clock_t)MAX_SECONDS * CLOCKS_PER_SEC);
	trail_capture_close(cap);
}

/* What the file says of itself is text of somebody. */
static void test_escape(void **state)
{
	static const char in[] = "a\033[31m\xc2\x9b" "b\xff\xe2\x80\xaeg\xc3\xa4\n\t";
	static const char want[] =
		"a\\x1b[31m\\xc2\\x9bb\\xff\\xe2\\x80\\xaeg\xc3\xa4\\x0a\\x09";
	char buf[100];

	(void)state;
	assert_int_equal(trail_escape(in, sizeof(in) - 1, buf, sizeof(buf)), strlen(want));
	assert_string_equal(buf, want);
	/* Whole characters, and always an end. */
	assert_int_equal(trail_escape(in, sizeof(in) - 1, buf, 4), strlen(want));
	assert_string_equal(buf, "a");
	assert_int_equal(trail_escape(in, 1, NULL, 0), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_section_again),
		cmocka_unit_test(test_section_bombs),
		cmocka_unit_test(test_chunk_bombs),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
