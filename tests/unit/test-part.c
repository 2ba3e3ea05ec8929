// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-part.c - what is read of a .part directory that was left: its notes, and damaged pages
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zstd.h>

#include "tracedat-pages.h"

#define NR_MUTATION	100000
#define PAGE		4096
#define HEAD		16
/* Eight bytes of data behind the head of an entry. */
#define ENTRY		12

static const struct part part = {
	.place = { .version = 7, .zstd = true, .page_size = PAGE, .end = 5000, .head_patch = 31,
		   .section = { 100, 200, 300, 400, 500 } },
	.commit_size = 8, .nr_cpu = 3, .clock = "mono", .uname = "Linux a\\b 6.1 x86_64",
	.tool = "tool\nprobe rx: kprobe f\nmissing tx: why", .boot = "an-id",
	.trace_id = UINT64_MAX, .wall_offset_ns = -5, .has_wall = true, .payload = true,
	.surplus = &(struct part_surplus){ "skbtrail:rx", "name: rx\nID: 7\n\tfield:x\n" },
	.nr_surplus = 1,
};

/* The text of @part, as part_write() puts it into a file.  To be freed. */
static char *write_text(size_t *size)
{
	char dir[] = "/tmp/test-part-XXXXXX", path[64], *text = calloc(1, 65536);
	int head, fd;
	FILE *in;

	assert_non_null(text);
	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	head = openat(fd, "trace.dat", O_RDWR | O_CREAT, 0600);
	assert_int_equal(part_write(&part, fd, head), 0);
	snprintf(path, sizeof(path), "%s/about", dir);
	in = fopen(path, "r");
	assert_non_null(in);
	*size = fread(text, 1, 65535, in);
	fclose(in);
	close(head);
	unlinkat(fd, "trace.dat", 0);
	unlinkat(fd, "about", 0);
	unlinkat(fd, "moving", 0);
	close(fd);
	assert_int_equal(rmdir(dir), 0);
	return text;
}

static void what_is_written_is_read(void **state)
{
	struct part read = { 0 };
	size_t size;
	char *text = write_text(&size);

	assert_int_equal(part_parse(&read, text, size), 0);
	assert_int_equal(read.place.version, 7);
	assert_true(read.place.zstd);
	assert_int_equal(read.place.page_size, PAGE);
	assert_int_equal(read.place.end, 5000);
	assert_int_equal(read.place.head_patch, 31);
	assert_memory_equal(read.place.section, part.place.section, sizeof(part.place.section));
	assert_int_equal(read.commit_size, 8);
	assert_int_equal(read.nr_cpu, 3);
	assert_string_equal(read.clock, part.clock);
	assert_string_equal(read.uname, part.uname);
	assert_string_equal(read.tool, part.tool);
	assert_string_equal(read.boot, part.boot);
	assert_true(read.trace_id == UINT64_MAX);
	assert_true(read.wall_offset_ns == -5);
	assert_true(read.has_wall && read.payload);
	assert_int_equal(read.nr_surplus, 1);
	assert_string_equal(read.surplus[0].event, part.surplus[0].event);
	assert_string_equal(read.surplus[0].format, part.surplus[0].format);
	part_release(&read);
	free(text);
}

/* It ends with a line that says so: a part of it is not enough. */
static void cut_off(void **state)
{
	size_t size;
	char *text = write_text(&size);

	for (size_t cut = 0; cut < size; cut++) {
		struct part read = { 0 };
		char *copy = malloc(cut + 1);

		assert_non_null(copy);
		memcpy(copy, text, cut);
		assert_int_equal(part_parse(&read, copy, cut), -EINVAL);
		part_release(&read);
		free(copy);
	}
	free(text);
}

static void replace_line(const char *name, const char *with, int expected)
{
	struct part read = { 0 };
	char *changed = calloc(1, 65536), *text, *at;
	size_t size;

	text = write_text(&size);
	at = strstr(text, name);
	assert_non_null(at);
	assert_non_null(changed);
	snprintf(changed, 65536, "%.*s%s%s", (int)(at - text), text, with, strchr(at, '\n'));
	assert_int_equal(part_parse(&read, changed, strlen(changed)), expected);
	part_release(&read);
	free(changed);
	free(text);
}

static void each_line_is_checked(void **state)
{
	const uint16_t one = 1;

	replace_line("version ", "version 7", 0);
	replace_line("version ", "version 8", -EINVAL);
	replace_line("version ", "version 7\nversion 7", -EINVAL);
	replace_line("page_size ", "page_size 99999999999", -EINVAL);
	replace_line("page_size ", "page_size -1", -EINVAL);
	replace_line("commit_size ", "commit_size 7", -EINVAL);
	replace_line("nr_cpu ", "nr_cpu 0", -EINVAL);
	replace_line("nr_cpu ", "nr_cpu 65537", -EINVAL);
	replace_line("head_end ", "head_end 18446744073709551615", -EINVAL);
	replace_line("clock ", "clock", -EINVAL);
	replace_line("clock ", "other 1", -EINVAL);
	replace_line("surplus ", "surplus rx", -EINVAL);
	replace_line("surplus ", "surplus rx\t\\x", -EINVAL);
	replace_line("big_endian ", *(const uint8_t *)&one ? "big_endian 1" : "big_endian 0",
		     -ENOTSUP);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* For the sanitizers; and what is taken can be resumed or is refused. */
static void damaged_notes(void **state)
{
	size_t size, nr_good = 0;
	char *text = write_text(&size), *copy = malloc(size);
	uint32_t seed = 1;

	assert_non_null(copy);
	for (int i = 0; i < NR_MUTATION; i++) {
		struct part read = { 0 };
		struct tracedat *dat = NULL;

		memcpy(copy, text, size);
		copy[next_random(&seed) % size] = (char)(i % 3 ? '0' + next_random(&seed) % 10
							       : next_random(&seed));
		if (!part_parse(&read, copy, size)) {
			int err = tracedat_resume(-1, &read.place, &dat);

			assert_true(!err || err == -EINVAL);
			tracedat_free(dat);
			nr_good++;
		}
		part_release(&read);
	}
	assert_true(nr_good > 1000);
	free(copy);
	free(text);
}

/* ---- pages */

static const struct page_layout layout = { .page_size = PAGE, .commit_size = 8 };

static void make_page(unsigned char *page, unsigned int nr)
{
	uint64_t ts = 1000, commit = (uint64_t)nr * ENTRY;
	uint32_t head = ENTRY / 4 - 1;

	memset(page, 0, PAGE);
	memcpy(page, &ts, 8);
	memcpy(page + 8, &commit, 8);
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		head <<= 27;
	for (unsigned int i = 0; i < nr; i++)
		memcpy(page + HEAD + i * ENTRY, &head, sizeof(head));
}

static unsigned int count(const unsigned char *data)
{
	struct page page = { 0 };
	struct record record;
	unsigned int nr = 0;
	int more;

	assert_int_equal(page_start(&page, &layout, data), 0);
	while ((more = page_next(&page, &layout, &record)) > 0)
		nr++;
	assert_int_equal(more, 0);
	return nr;
}

static void good_pages_stay(void **state)
{
	unsigned char page[PAGE], copy[PAGE];
	bool damaged;

	for (unsigned int nr = 0; nr <= (PAGE - HEAD) / ENTRY; nr++) {
		make_page(page, nr);
		memcpy(copy, page, PAGE);
		assert_int_equal(page_mend(&layout, page, &damaged), nr);
		assert_false(damaged);
		assert_memory_equal(page, copy, PAGE);
	}
}

static void damaged_pages_are_cut(void **state)
{
	unsigned char page[PAGE];
	uint64_t commit = PAGE;
	bool damaged;

	make_page(page, 100);
	/* An entry of a length that does not fit. */
	memset(page + HEAD + 40 * ENTRY, 0, 4);
	memset(page + HEAD + 40 * ENTRY + 4, 0xff, 4);
	assert_int_equal(page_mend(&layout, page, &damaged), 40);
	assert_true(damaged);
	assert_int_equal(count(page), 40);
	make_page(page, 100);
	memcpy(page + 8, &commit, 8);
	assert_int_equal(page_mend(&layout, page, &damaged), 0);
	assert_true(damaged);
	assert_int_equal(count(page), 0);
}

/* Whatever a page holds, what is left of it can be read, and has as many events as was said. */
static void mended_pages_can_be_read(void **state)
{
	unsigned char *page = malloc(PAGE);
	uint32_t seed = 7, nr, nr_damaged = 0;
	bool damaged;

	assert_non_null(page);
	for (int i = 0; i < NR_MUTATION / 10; i++) {
		make_page(page, 300);
		for (int j = 0; j < 4; j++)
			page[8 + next_random(&seed) % (PAGE - 8)] = next_random(&seed);
		nr = page_mend(&layout, page, &damaged);
		assert_int_equal(count(page), nr);
		nr_damaged += damaged;
	}
	assert_true(nr_damaged > 100);
	free(page);
}

/* ---- pages that are in the capture already */

#define DATA_AT		8192
#define NR_MOVED	25
#define NR_IN_CHUNK	10

static void fill_pages(unsigned char *pages)
{
	for (unsigned int i = 0; i < NR_MOVED; i++)
		memset(pages + i * PAGE, 'a' + i, PAGE);
}

static void write_at(int fd, const void *data, size_t size, off_t at)
{
	assert_int_equal(pwrite(fd, data, size, at), size);
}

/* The pages, from DATA_AT on, plain or in chunks; the last chunk is cut off. */
static int make_file(const unsigned char *pages, bool zstd)
{
	char path[] = "/tmp/test-part-XXXXXX", *packed = malloc(ZSTD_COMPRESSBOUND(64 * PAGE));
	int fd = mkstemp(path);
	off_t at = DATA_AT + 4;

	assert_true(fd >= 0);
	assert_non_null(packed);
	unlink(path);
	if (!zstd)
		write_at(fd, pages, (NR_MOVED - 5) * PAGE, DATA_AT);
	for (unsigned int i = 0; zstd && i < NR_MOVED; i += NR_IN_CHUNK) {
		unsigned int nr = NR_MOVED - i < NR_IN_CHUNK ? NR_MOVED - i : NR_IN_CHUNK;
		uint32_t size[2] = { 0, nr * PAGE };

		size[0] = ZSTD_compress(packed, ZSTD_COMPRESSBOUND(64 * PAGE), pages + i * PAGE,
					size[1], 3);
		write_at(fd, size, sizeof(size), at);
		write_at(fd, packed, nr < NR_IN_CHUNK ? size[0] - 1 : size[0], at + 8);
		at += 8 + size[0];
	}
	free(packed);
	return fd;
}

static void check_moved(bool zstd)
{
	unsigned char pages[NR_MOVED * PAGE], page[PAGE];
	struct moved moved = { .zstd = zstd };

	fill_pages(pages);
	moved.fd = make_file(pages, zstd);
	for (unsigned int again = 0; again < 2; again++)
		for (unsigned int i = 0; i < NR_MOVED; i += 1 + again) {
			bool there = moved_read(&moved, DATA_AT, i * PAGE, page, PAGE);

			assert_int_equal(there, i < NR_MOVED - 5);
			if (there)
				assert_memory_equal(page, pages + i * PAGE, PAGE);
		}
	assert_false(moved_read(&moved, 1 << 20, 0, page, PAGE));
	close(moved.fd);
	moved_release(&moved);
}

static void moved_pages_are_found(void **state)
{
	check_moved(false);
	check_moved(true);
}

/* For the sanitizers. */
static void damaged_chunks(void **state)
{
	unsigned char pages[NR_MOVED * PAGE], page[PAGE];
	uint32_t seed = 3;
	unsigned int nr = 0;

	fill_pages(pages);
	for (int i = 0; i < 300; i++) {
		struct moved moved = { .zstd = true };
		unsigned char byte = next_random(&seed);

		moved.fd = make_file(pages, true);
		write_at(moved.fd, &byte, 1, DATA_AT + next_random(&seed) % 200);
		for (unsigned int j = 0; j < NR_MOVED; j++)
			nr += moved_read(&moved, DATA_AT, j * PAGE, page, PAGE);
		close(moved.fd);
		moved_release(&moved);
	}
	assert_true(nr > 100 && nr < 300 * 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(each_line_is_checked),
		cmocka_unit_test(damaged_notes),
		cmocka_unit_test(good_pages_stay),
		cmocka_unit_test(damaged_pages_are_cut),
		cmocka_unit_test(mended_pages_can_be_read),
		cmocka_unit_test(moved_pages_are_found),
		cmocka_unit_test(damaged_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
