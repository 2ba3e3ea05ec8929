// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-damage.c - cut off and altered captures: an error or fewer records, never a crash or a hang
 *
 * The place and kind of each damage come from a generator with a fixed seed, so that a failure
 * can be repeated.  To be run under ASan too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "make-capture.h"
#include "skbtrail.h"

#define FILE_NAME	"damage-test.dat"
#define NR_CUT		300
#define NR_MUTATION	2000

static const struct made kinds[] = {
	{ 6, false, 8, false, 2, 2, 10 },
	{ 6, true, 4, false, 2, 2, 10 },
	{ 7, false, 8, false, 2, 2, 10 },
	{ 7, false, 8, true, 2, 2, 10 },
};

#define NR_KIND	(sizeof(kinds) / sizeof(kinds[0]))

static const struct trail_row rows[] = {
	{ "test:sample", { "value", "small", "tiny", "fixed", "name", "raw" } },
	{ 0 }
};
static const struct trail_plugin plugin = { TRAIL_PLUGIN_ABI, "one", "one", rows };
static const struct trail_plugin *const plugins[] = { &plugin, NULL };

static uint32_t draw(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 33;
}

static void use_event(struct trail_capture *cap, const struct trail_event *event)
{
	struct trail_symbol symbol;
	unsigned char sum = 0;
	char line[300];

	for (unsigned int i = 0; event->binding && i < 6; i++) {
		size_t len;
		const char *at = trail_str(event, i, &len);

		for (size_t j = 0; at && j < len; j++)
			sum += at[j];
		trail_capture_enum(cap, event->binding, i, trail_u64(event, i) + sum);
	}
	trail_capture_symbol(cap, 0xffffffff81000001, &symbol);
	trail_capture_comm(cap, event->pid);
	/* Of each capture a few: printing parses the symbols of the capture and loads plugins. */
	if (event->ts_ns == 1050)
		trail_capture_print(cap, event, line, sizeof(line));
}

/* Return: number of records, or -1 when the capture was refused. */
static long read_all(void)
{
	struct trail_capture_opts opts = { TRAIL_READER_NATIVE, plugins };
	struct trail_capture *cap;
	struct trail_event event;
	struct trail_error error;
	long nr = 0;

	if (trail_capture_open(FILE_NAME, &opts, &cap, &error) < 0) {
		assert_true(error.text[0]);
		return -1;
	}
	while (trail_capture_next(cap, &event) > 0) {
		use_event(cap, &event);
		nr++;
	}
	trail_capture_close(cap);
	return nr;
}

static void test_cut(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (size_t kind = 0; kind < NR_KIND; kind++) {
		struct blob blob = make_capture(&kinds[kind]);

		for (int i = 0; i < NR_CUT; i++) {
			write_file(FILE_NAME, blob.at, draw(&seed) % blob.len);
			assert_true(read_all() <= 40);
		}
		blob_free(&blob);
	}
	unlink(FILE_NAME);
}

static void mutate(struct blob *blob, uint64_t *seed)
{
	unsigned int nr = 1 + draw(seed) % 4;

	for (unsigned int i = 0; i < nr; i++) {
		static const unsigned char value[] = { 0, 0x7f, 0x80, 0xff };
		size_t at = draw(seed) % blob->len;

		if (draw(seed) & 1)
			blob->at[at] ^= 1 << draw(seed) % 8;
		else
			blob->at[at] = value[draw(seed) % sizeof(value)];
	}
}

static void test_mutated(void **state)
{
	long refused = 0, whole = 0;
	uint64_t seed = 2;

	(void)state;
	for (int i = 0; i < NR_MUTATION; i++) {
		struct blob blob = make_capture(&kinds[i % NR_KIND]);
		long nr;

		mutate(&blob, &seed);
		write_file(FILE_NAME, blob.at, blob.len);
		nr = read_all();
		refused += nr < 0;
		whole += nr == 40;
		blob_free(&blob);
	}
	unlink(FILE_NAME);
	print_message("%d altered captures: %ld refused, %ld with all records\n", NR_MUTATION,
		      refused, whole);
	assert_true(refused > 0 && whole > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_mutated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
