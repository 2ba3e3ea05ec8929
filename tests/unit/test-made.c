// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-made.c - captures made by hand: both versions, both byte orders, both sizes of long
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "make-capture.h"
#include "skbtrail.h"

#define FILE_NAME	"made-test.dat"

static const struct made kinds[] = {
	{ 6, false, 8, false, 2, 3, 20 },
	{ 6, true, 4, false, 2, 3, 20 },
	{ 6, false, 4, false, 1, 1, 5 },
	{ 7, false, 8, false, 3, 4, 30 },
	{ 7, true, 8, false, 3, 4, 30 },
	{ 7, false, 8, true, 3, 5, 30 },
	{ 7, true, 4, true, 2, 5, 30 },
	{ 7, false, 4, true, 2, 1, 30 },
};

#define NR_KIND	(sizeof(kinds) / sizeof(kinds[0]))

static const struct trail_row rows[] = {
	{ "test:sample", { "nothing|value", "small", "tiny", "fixed", "name", "raw", "absent" } },
	{ "test:other", { "value" } },
	{ 0 }
};
static const struct trail_row second_rows[] = {
	{ "test:sample", { "common_pid" } },
	{ 0 }
};
static const struct trail_plugin plugin = { TRAIL_PLUGIN_ABI, "one", "one", rows };
static const struct trail_plugin second = { TRAIL_PLUGIN_ABI, "two", "two", second_rows };
static const struct trail_plugin *const plugins[] = { &plugin, &second, NULL };
static const struct trail_capture_opts opts = { TRAIL_READER_NATIVE, plugins };

static struct trail_capture *open_made(const struct made *made)
{
	struct blob blob = make_capture(made);
	struct trail_capture *cap;
	struct trail_error error;
	int err;

	write_file(FILE_NAME, blob.at, blob.len);
	blob_free(&blob);
	err = trail_capture_open(FILE_NAME, &opts, &cap, &error);
	if (err)
		fail_msg("%d: %s", err, error.text);
	return cap;
}

static void check_fields(const struct trail_event *event)
{
	const char *at;
	size_t len;

	assert_int_equal(trail_s64(event, 1), -5);
	assert_int_equal(trail_u64(event, 2), 7);
	at = trail_str(event, 3, &len);
	assert_int_equal(len, 2);
	assert_memory_equal(at, "ab", 2);
	at = trail_str(event, 4, &len);
	assert_int_equal(len, 4);
	assert_memory_equal(at, "name", 4);
	at = trail_str(event, 5, &len);
	assert_int_equal(len, 2);
	assert_memory_equal(at, "\xfe\xff", 2);
	assert_false(trail_has(event, 6));
	assert_int_equal(trail_u64(event, 6), 0);
	assert_null(trail_str(event, 6, &len));
	assert_ptr_equal(event->binding->plugin, &plugin);
	assert_non_null(event->binding->next);
	assert_ptr_equal(event->binding->next->plugin, &second);
}

static void test_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_KIND; i++) {
		const struct made *made = &kinds[i];
		struct trail_capture *cap = open_made(made);
		struct trail_event event;
		uint32_t nr[8] = { 0 };
		uint64_t last = 0;
		uint32_t total = 0;

		while (trail_capture_next(cap, &event) > 0) {
			uint32_t n = nr[event.cpu]++;

			assert_true(event.ts_ns > last);
			last = event.ts_ns;
			assert_int_equal(event.ts_ns, 1000 + event.cpu + 10 * n);
			assert_int_equal(event.type, MADE_TYPE);
			assert_int_equal(event.pid, 100 + event.cpu);
			assert_int_equal(event.flags, 1);
			assert_int_equal(event.preempt, 2);
			assert_int_equal(event.size, 32);
			assert_int_equal(event.lost, 0);
			assert_int_equal(trail_u64(&event, 0), n);
			check_fields(&event);
			assert_string_equal(trail_capture_enum(cap, event.binding, 2, 7), "SEVEN");
			assert_string_equal(trail_capture_enum(cap, event.binding, 0, 1), "ONE");
			assert_null(trail_capture_enum(cap, event.binding, 2, 2));
			total++;
		}
		assert_int_equal(total, made->nr_cpu * made->nr_page * made->nr_record);
		assert_int_equal(trail_capture_next(cap, &event), 0);
		trail_capture_close(cap);
	}
}

/* What stock shifted by option DATE is the time of day already. */
static void test_date(void **state)
{
	const struct made made = {
		.version = 7, .commit_size = 8, .date = true, .nr_cpu = 1, .nr_page = 1,
		.nr_record = 1,
	};
	struct trail_capture *cap = open_made(&made);
	const struct trail_capture_info *info = trail_capture_info(cap);

	(void)state;
	assert_int_equal(info->start_ns, 1000 + 5000);
	assert_true(info->has_wall);
	assert_int_equal(info->wall_offset_ns, 0);
	trail_capture_close(cap);
}

static void test_info(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_KIND; i++) {
		const struct made *made = &kinds[i];
		struct trail_capture *cap = open_made(made);
		const struct trail_capture_info *info = trail_capture_info(cap);
		uint32_t per_cpu = made->nr_page * made->nr_record;

		assert_string_equal(info->file, FILE_NAME);
		assert_string_equal(info->kernel, "6.1.0-test");
		assert_string_equal(info->clock, "mono");
		assert_string_equal(info->tool, "test 1");
		assert_true(info->has_wall);
		assert_int_equal(info->wall_offset_ns, 1700000000000000123);
		assert_string_equal(info->reader, "native");
		assert_int_equal(info->version, made->version);
		assert_int_equal(info->nr_cpu, made->nr_cpu);
		assert_int_equal(info->nr_event, made->nr_cpu * per_cpu);
		assert_int_equal(info->start_ns, 1000);
		assert_int_equal(info->end_ns, 1000 + made->nr_cpu - 1 + 10 * (per_cpu - 1));
		assert_true(info->cpu[0].has_stats);
		assert_int_equal(info->cpu[0].overrun, 4);
		assert_int_equal(info->cpu[0].commit_overrun, 5);
		assert_int_equal(info->cpu[0].dropped, 6);
		assert_int_equal(info->cpu[0].read_events, 7);
		assert_int_equal(info->lost_events, 15);
		assert_int_equal(info->lost_unknown, 0);
		assert_false(info->truncated);
		assert_string_equal(info->capability[0], "tracepoints");
		assert_null(info->capability[1]);
		assert_non_null(strstr(info->warning[0], "1 options of unknown kind"));
		assert_null(info->warning[1]);
		assert_true(trail_capture_has_event(cap, "test:sample"));
		assert_false(trail_capture_has_event(cap, "test:sampl"));
		assert_false(trail_capture_has_event(cap, "sample"));
		trail_capture_close(cap);
	}
}

static void test_names(void **state)
{
	struct trail_capture *cap = open_made(&kinds[3]);
	struct trail_symbol symbol;

	(void)state;
	assert_int_equal(trail_capture_symbol(cap, 0xffffffff80ffffff, &symbol), 0);
	assert_int_equal(trail_capture_symbol(cap, 0xffffffff81000000, &symbol), 1);
	assert_string_equal(symbol.name, "first");
	assert_null(symbol.module);
	assert_int_equal(symbol.offset, 0);
	assert_int_equal(trail_capture_symbol(cap, 0xffffffff81000104, &symbol), 1);
	assert_string_equal(symbol.name, "second");
	assert_int_equal(symbol.offset, 4);
	assert_int_equal(trail_capture_symbol(cap, 0xffffffffc0000001, &symbol), 1);
	assert_string_equal(symbol.name, "third");
	assert_string_equal(symbol.module, "mod");
	assert_int_equal(trail_capture_symbol(cap, 0xffffffffffffffff, &symbol), 0);
	assert_string_equal(trail_capture_comm(cap, 100), "task zero");
	assert_string_equal(trail_capture_comm(cap, 101), "one");
	assert_null(trail_capture_comm(cap, 0));
	assert_null(trail_capture_comm(cap, 102));
	trail_capture_close(cap);
}

static void test_print(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_KIND; i++) {
		struct trail_capture *cap = open_made(&kinds[i]);
		struct trail_event event;
		char line[200];
		int len;

		assert_int_equal(trail_capture_next(cap, &event), 1);
		len = trail_capture_print(cap, &event, line, sizeof(line));
		assert_string_equal(line, "       task zero-100   [000]     0.000001: sample:     "
				    "          value=0 name=name kind=SEVEN");
		assert_int_equal(len, strlen(line));
		assert_int_equal(trail_capture_print(cap, &event, line, 10), len);
		assert_string_equal(line, "       ta");
		trail_capture_close(cap);
	}
}

static size_t count_matches(struct trail_capture *cap, const char *expr, struct trail_error *error)
{
	struct trail_filter *filter;
	struct trail_event event;
	size_t nr = 0;
	int err = trail_filter_new(cap, expr, &filter, error);

	if (err) {
		assert_int_equal(err, -EINVAL);
		assert_non_null(strstr(error->text, "filter: "));
		return SIZE_MAX;
	}
	while (trail_capture_next(cap, &event) > 0)
		nr += trail_filter_match(filter, &event);
	trail_filter_free(filter);
	return nr;
}

static void test_filter(void **state)
{
	static const struct { const char *expr; size_t nr; const char *text; } cases[] = {
		{ "sample", 20, NULL },
		{ "test", 20, NULL },
		{ "test/sample:value < 3 || common_pid == 7", 3, NULL },
		{ "sample:name == \"name\" && CPU == 0", 20, NULL },
		{ "sample:COMM == \"one\"", 0, NULL },
		{ "sample:vlue < 3", SIZE_MAX, "\"vlue\"" },
		{ "nothing", SIZE_MAX, "nothing" },
		{ "sample:name == \"a,b\"", SIZE_MAX, "comma" },
		{ "sample:(value", SIZE_MAX, "parse" },
		{ "", SIZE_MAX, "empty" },
	};
	static const struct made made = { 7, false, 8, true, 1, 2, 10 };
	struct trail_error error;
	char text[600];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trail_capture *cap = open_made(&made);

		assert_int_equal(count_matches(cap, cases[i].expr, &error), cases[i].nr);
		if (cases[i].text)
			assert_non_null(strstr(error.text, cases[i].text));
		trail_capture_close(cap);
	}
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	struct trail_capture *cap = open_made(&made);

	assert_int_equal(count_matches(cap, text, &error), SIZE_MAX);
	trail_capture_close(cap);
}

static void expect_error(const char *path, int err, const char *text)
{
	struct trail_capture *cap;
	struct trail_error error;

	assert_int_equal(trail_capture_open(path, NULL, &cap, &error), err);
	assert_null(cap);
	if (!strstr(error.text, text))
		fail_msg("\"%s\" instead of \"%s\"", error.text, text);
	assert_null(strchr(error.text, '\n'));
}

static void test_no_capture(void **state)
{
	(void)state;
	expect_error("no-such-file", -ENOENT, "no-such-file: cannot open: No such file");
	expect_error("/", -EINVAL, "/: is a directory");
	expect_error("/dev/null", -EINVAL, "/dev/null: not a regular file");
	unlink(FILE_NAME);
	assert_int_equal(mkfifo(FILE_NAME, 0600), 0);
	expect_error(FILE_NAME, -EINVAL, "not a regular file");
	unlink(FILE_NAME);
	write_file(FILE_NAME, "", 0);
	expect_error(FILE_NAME, -EINVAL, "is empty");
	write_file(FILE_NAME, "hello, this is some text", 24);
	expect_error(FILE_NAME, -EINVAL, "not a capture");
	write_file(FILE_NAME, "\x17\x08\x44tracing8\0\0\x08\0\x10\0\0", 18);
	expect_error(FILE_NAME, -EINVAL, "unknown file version at offset 10");
	unlink(FILE_NAME);
}

/* An options list that points to itself must not be followed for ever. */
static void test_options_ring(void **state)
{
	static const struct made made = { 7, false, 8, false, 1, 1, 3 };
	struct blob blob = make_capture(&made);
	uint64_t head;

	(void)state;
	memcpy(&head, blob.at + 24, 8);
	memcpy(blob.at + blob.len - 8, &head, 8);
	write_file(FILE_NAME, blob.at, blob.len);
	blob_free(&blob);
	expect_error(FILE_NAME, -EINVAL, "named again");
	unlink(FILE_NAME);
}

/* The first page of CPU 0 lies: the error names its place. */
static void test_damaged_page(void **state)
{
	static const struct made made = { 6, false, 8, false, 1, 2, 3 };
	struct blob blob = make_capture(&made);
	size_t page = blob.len - MADE_PAGE;
	char text[80];

	(void)state;
	memset(blob.at + page + 8, 0x7f, 3);
	write_file(FILE_NAME, blob.at, blob.len);
	blob_free(&blob);
	snprintf(text, sizeof(text), "damaged data of CPU 0 at offset %zu", page);
	expect_error(FILE_NAME, -EINVAL, text);
	unlink(FILE_NAME);
}

static void test_truncated(void **state)
{
	static const struct made made = { 6, false, 8, false, 1, 4, 10 };
	struct blob blob = make_capture(&made);
	const struct trail_capture_info *info;
	struct trail_capture *cap;
	struct trail_error error;

	(void)state;
	write_file(FILE_NAME, blob.at, blob.len - MADE_PAGE - 1);
	blob_free(&blob);
	assert_int_equal(trail_capture_open(FILE_NAME, &opts, &cap, &error), 0);
	info = trail_capture_info(cap);
	assert_true(info->truncated);
	assert_int_equal(info->nr_event, 20);
	assert_non_null(strstr(info->warning[0], "cut off"));
	trail_capture_close(cap);
	unlink(FILE_NAME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_date),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_no_capture),
		cmocka_unit_test(test_options_ring),
		cmocka_unit_test(test_damaged_page),
		cmocka_unit_test(test_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
