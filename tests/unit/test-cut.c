// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-cut.c - captures that are cut off in their data: what is whole is read, with a warning
 *
 *	test-cut DIRECTORY		the one that has 6.1/mixed.dat
 *
 * Of each CPU a cut capture must yield the first records of the whole one, and no others.  Cut
 * are captures of our writer, and one of stock trace-cmd, whose list of the data is behind it.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "skbtrail.h"
#include "tracedat-write.h"

#define FILE_NAME	"cut-test.dat"
#define PAGE_SIZE	4096
#define NR_CPU		4
#define NR_PAGE		31
#define EVENTS_PER_PAGE	200
#define EVENT_ID	1234
#define NR_CUT		20
#define NR_MUTATION	200
#define MAX_CPU		4

static const char header_page[] =
	"\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
	"\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
	"\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
	"\tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;\n";

static const char format[] =
	"name: one\nID: 1234\nformat:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
	"\tfield:unsigned int number;\toffset:8;\tsize:4;\tsigned:0;\n\n"
	"print fmt: \"number=%u\", REC->number\n";

struct event {
	uint32_t head;
	uint16_t type;
	uint8_t flags;
	uint8_t preempt;
	int32_t pid;
	uint32_t number;
};

static const struct trail_row rows[] = { { "test:one", { "number" } }, { 0 } };
static const struct trail_plugin plugin = { TRAIL_PLUGIN_ABI, "one", "one", rows };
static const struct trail_plugin *const plugins[] = { &plugin, NULL };

/* The bytes of a capture. */
struct file {
	unsigned char *at;
	size_t size;
};

/* A record, as far as these tests compare them. */
struct seen {
	uint64_t ts;
	uint32_t sum;
};

struct content {
	struct seen *cpu[MAX_CPU];
	size_t nr[MAX_CPU];
	size_t nr_all;
	bool truncated;
	bool guessed;
};

static uint32_t draw(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 33;
}

/* Numbers by chance, so that zstd does not make the data of a CPU vanish. */
static char *make_pages(uint64_t seed)
{
	char *data = calloc(NR_PAGE, PAGE_SIZE);

	assert_non_null(data);
	for (unsigned int page = 0; page < NR_PAGE; page++) {
		char *at = data + (size_t)page * PAGE_SIZE;
		uint64_t ts = 1000000000ull + page * EVENTS_PER_PAGE * 1000ull;
		uint64_t commit = EVENTS_PER_PAGE * sizeof(struct event);

		memcpy(at, &ts, 8);
		memcpy(at + 8, &commit, 8);
		at += 16;
		for (unsigned int i = 0; i < EVENTS_PER_PAGE; i++, at += sizeof(struct event)) {
			struct event event = {
				.head = 3 | (i ? 1000u : 0) << 5, .type = EVENT_ID, .pid = 42,
				.number = draw(&seed),
			};

			memcpy(at, &event, sizeof(event));
		}
	}
	return data;
}

static struct file load(const char *path)
{
	FILE *in = fopen(path, "rb");
	struct file file = { 0 };

	assert_non_null(in);
	assert_int_equal(fseek(in, 0, SEEK_END), 0);
	file.size = ftell(in);
	rewind(in);
	file.at = malloc(file.size);
	assert_non_null(file.at);
	assert_int_equal(fread(file.at, 1, file.size, in), file.size);
	fclose(in);
	return file;
}

static void store(const void *data, size_t size)
{
	FILE *out;

	unlink(FILE_NAME);
	out = fopen(FILE_NAME, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(data, 1, size, out), size);
	assert_int_equal(fclose(out), 0);
}

/* What our writer makes of data of CPUs 0 and 2; 1 and 3 are empty. */
static struct file write_capture(unsigned int version, bool zstd)
{
	const struct tracedat_piece piece = { format, sizeof(format) - 1 };
	const struct tracedat_system system = { "test", &piece, 1 };
	const struct tracedat_header header = {
		.version = version, .zstd = zstd, .page_size = PAGE_SIZE,
		.header_page = { header_page, sizeof(header_page) - 1 },
		.header_event = { "#", 1 }, .system = &system, .nr_system = 1,
	};
	char *first = make_pages(1), *second = make_pages(2);
	const struct tracedat_cpu cpu[NR_CPU] = {
		[0] = { .source[0] = { .data = first, .size = NR_PAGE * PAGE_SIZE } },
		[2] = { .source[0] = { .data = second, .size = NR_PAGE * PAGE_SIZE } },
	};
	const struct tracedat_tail tail = {
		.cmdlines = { "42 task\n", 8 }, .cpu = cpu, .nr_cpu = NR_CPU, .clock = "mono",
		.uname = "Linux host 6.1 x86_64", .tool = "test", .trace_id = 1,
	};
	struct tracedat *dat;
	struct file file;
	int fd;

	unlink(FILE_NAME);
	fd = open(FILE_NAME, O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(tracedat_new(fd, &header, &dat), 0);
	assert_int_equal(tracedat_finish(dat, &tail), 0);
	tracedat_free(dat);
	close(fd);
	free(first);
	free(second);
	file = load(FILE_NAME);
	return file;
}

static uint64_t get(const struct file *file, size_t at, size_t size)
{
	uint64_t value = 0;

	assert_true(at + size <= file->size);
	memcpy(&value, file->at + at, size);
	return value;
}

/* Version 7: the head of the BUFFER section. */
static size_t find_buffer(const struct file *file)
{
	size_t at = 18;

	at += strlen((const char *)file->at + at) + 1;
	at += strlen((const char *)file->at + at) + 1 + 8;
	while (get(file, at, 2) != 3)
		at += 16 + get(file, at + 8, 8);
	return at;
}

static size_t to_page(size_t at)
{
	return (at + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
}

static void add_record(struct content *content, const struct trail_event *event)
{
	size_t nr = content->nr[event->cpu]++;
	struct seen *seen = content->cpu[event->cpu];

	if (!(nr & (nr - 1))) {
		seen = reallocarray(seen, nr ? 2 * nr : 1, sizeof(*seen));
		assert_non_null(seen);
		content->cpu[event->cpu] = seen;
	}
	seen[nr] = (struct seen){ .ts = event->ts_ns };
	for (uint32_t i = 0; i < event->size; i++)
		seen[nr].sum = seen[nr].sum * 31 + ((const unsigned char *)event->data)[i];
	content->nr_all++;
}

/* Return: 0, or what trail_capture_open() or trail_capture_next() failed with. */
static int read_content(struct content *content, struct trail_error *error)
{
	struct trail_capture_opts opts = { TRAIL_READER_NATIVE, plugins };
	const struct trail_capture_info *info;
	struct trail_capture *cap;
	struct trail_event event;
	int err;

	memset(content, 0, sizeof(*content));
	err = trail_capture_open(FILE_NAME, &opts, &cap, error);
	if (err)
		return err;
	info = trail_capture_info(cap);
	content->truncated = info->truncated;
	if (info->truncated)
		assert_non_null(strstr(info->warning[0], "cut off"));
	for (size_t i = 0; info->warning[i]; i++)
		content->guessed |= strstr(info->warning[i], "order in the file") != NULL;
	while ((err = trail_capture_next(cap, &event)) > 0) {
		if (event.cpu < MAX_CPU)
			add_record(content, &event);
	}
	assert_true(err || content->nr_all <= info->nr_event);
	trail_capture_close(cap);
	return err;
}

static void content_free(struct content *content)
{
	for (int i = 0; i < MAX_CPU; i++)
		free(content->cpu[i]);
}

/* A cut in the data: is @cut the beginning of @whole? */
static void check_prefix(const struct content *cut, const struct content *whole)
{
	for (int i = 0; i < MAX_CPU; i++) {
		assert_true(cut->nr[i] <= whole->nr[i]);
		for (size_t j = 0; j < cut->nr[i]; j++) {
			assert_int_equal(cut->cpu[i][j].ts, whole->cpu[i][j].ts);
			assert_int_equal(cut->cpu[i][j].sum, whole->cpu[i][j].sum);
		}
	}
}

/*
 * Cuts @file at NR_CUT places from @start to @end.  From @first on there is something whole.
 */
static void cut_between(const struct file *file, size_t start, size_t end, size_t first)
{
	struct content whole, cut;
	struct trail_error error;
	size_t last = 0;

	store(file->at, file->size);
	assert_int_equal(read_content(&whole, &error), 0);
	assert_false(whole.truncated);
	for (size_t i = 0; i < NR_CUT; i++) {
		size_t size = start + (end - 1 - start) * i / (NR_CUT - 1);

		store(file->at, size);
		if (read_content(&cut, &error))
			fail_msg("cut at %zu of %zu: %s", size, file->size, error.text);
		assert_true(cut.truncated);
		assert_int_equal(cut.nr_all > 0, size >= first);
		assert_true(cut.nr_all >= last && cut.nr_all <= whole.nr_all);
		check_prefix(&cut, &whole);
		last = cut.nr_all;
		content_free(&cut);
	}
	assert_true(last > 0);
	content_free(&whole);
	unlink(FILE_NAME);
}

static void test_v6(void **state)
{
	struct file file = write_capture(6, false);
	size_t start = file.size - 2ul * NR_PAGE * PAGE_SIZE;

	(void)state;
	cut_between(&file, start, file.size, start + PAGE_SIZE);
	free(file.at);
}

static void test_v7(void **state)
{
	struct file file = write_capture(7, false);
	size_t head = find_buffer(&file);

	(void)state;
	cut_between(&file, head, file.size, to_page(head + 16) + PAGE_SIZE);
	free(file.at);
}

/* Behind the number of chunks: compressed size, size, data. */
static size_t first_chunk_end(const struct file *file)
{
	size_t at = to_page(find_buffer(file) + 16);

	return at + 12 + get(file, at + 4, 4);
}

static void test_v7_zstd(void **state)
{
	struct file file = write_capture(7, true);

	(void)state;
	cut_between(&file, find_buffer(&file), file.size, first_chunk_end(&file));
	free(file.at);
}

static struct file load_stock(const char *dir)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/6.1/mixed.dat", dir);
	return load(path);
}

/* The second list of options, behind the data, and a STRINGS section are cut off as well. */
static void test_stock(void **state)
{
	struct file file = load_stock(*state);
	size_t head = find_buffer(&file);
	size_t options = head + 16 + get(&file, head + 8, 8);

	cut_between(&file, head + 16, options + 16 + get(&file, options + 8, 8),
		    first_chunk_end(&file));
	free(file.at);
}

static void test_stock_says_what_is_guessed(void **state)
{
	struct file file = load_stock(*state);
	size_t head = find_buffer(&file);
	struct trail_error error;
	struct content content;

	store(file.at, file.size);
	assert_int_equal(read_content(&content, &error), 0);
	assert_false(content.guessed);
	content_free(&content);
	store(file.at, file.size - 300);
	assert_int_equal(read_content(&content, &error), 0);
	assert_true(content.guessed);
	content_free(&content);

	/* The size of the section is written last. */
	memset(file.at + head + 8, 0, 8);
	store(file.at, file.size - 1000);
	assert_int_equal(read_content(&content, &error), 0);
	assert_true(content.truncated && content.guessed && content.nr_all);
	content_free(&content);

	/* Not compressed: nothing says where the data of the next CPU begins. */
	file.at[head + 2] = 0;
	store(file.at, file.size - 1000);
	assert_int_equal(read_content(&content, &error), -22);
	assert_non_null(strstr(error.text, "cut off before the index of its data"));
	free(file.at);
	unlink(FILE_NAME);
}

/* Damage where the chunks are counted. */
static void test_stock_damaged(void **state)
{
	struct file file = load_stock(*state);
	size_t head = find_buffer(&file), chunk = to_page(head + 16);
	uint64_t seed = 3;
	int refused = 0;

	for (int i = 0; i < NR_MUTATION; i++) {
		size_t at = draw(&seed) & 1 ? head + draw(&seed) % 16 : chunk + draw(&seed) % 40;
		unsigned char before = file.at[at];
		struct trail_error error;
		struct content content;

		file.at[at] ^= 1 << draw(&seed) % 8;
		store(file.at, file.size - 500);
		refused += read_content(&content, &error) != 0;
		content_free(&content);
		file.at[at] = before;
	}
	print_message("%d damaged and cut captures: %d refused\n", NR_MUTATION, refused);
	assert_true(refused > 0 && refused < NR_MUTATION);
	free(file.at);
	unlink(FILE_NAME);
}

int main(int argc, char **argv)
{
	void *dir = argc > 1 ? argv[1] : ".";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v6),
		cmocka_unit_test(test_v7),
		cmocka_unit_test(test_v7_zstd),
		cmocka_unit_test_prestate(test_stock, dir),
		cmocka_unit_test_prestate(test_stock_says_what_is_guessed, dir),
		cmocka_unit_test_prestate(test_stock_damaged, dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
