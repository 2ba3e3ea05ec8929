// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-ways.c - in whichever way a capture is read: the same records, numbers and failures
 *
 *	test-ways DIRECTORY		the one that has 5.10/mixed.dat ...
 */
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "make-capture.h"
#include "skbtrail.h"

#define FILE_NAME	"ways-test.dat"
#define NR_MUTATION	600

static const struct trail_capture_opts ways[] = {
	{ .reader = TRAIL_READER_NATIVE },
	{ .reader = TRAIL_READER_NATIVE, .single_pass = true },
	{ .reader = TRAIL_READER_NATIVE, .nr_threads = 2 },
	{ .reader = TRAIL_READER_NATIVE, .single_pass = true, .nr_threads = 2 },
};

#define NR_WAY	(sizeof(ways) / sizeof(ways[0]))

/* How records are asked for. */
enum giving { ONE_BY_ONE, BATCHES, IN_TURNS, NR_GIVING };

/* What came out. */
struct outcome {
	int err;
	uint64_t nr;
	uint64_t hash;
};

static void add(uint64_t *hash, const void *data, size_t len)
{
	const unsigned char *at = data;

	for (size_t i = 0; i < len; i++)
		*hash = (*hash ^ at[i]) * 0x100000001b3ULL;
}

static void add_event(struct outcome *out, const struct trail_event *event)
{
	out->nr++;
	add(&out->hash, &event->ts_ns, sizeof(event->ts_ns));
	add(&out->hash, &event->lost, sizeof(event->lost));
	add(&out->hash, &event->pid, sizeof(event->pid));
	add(&out->hash, &event->type, sizeof(event->type));
	add(&out->hash, &event->cpu, sizeof(event->cpu));
	add(&out->hash, event->data, event->size);
}

static void add_info(struct outcome *out, const struct trail_capture_info *info)
{
	const uint64_t number[] = { info->start_ns, info->end_ns, info->nr_event,
				    info->lost_events, info->lost_unknown, info->nr_cpu };

	add(&out->hash, number, sizeof(number));
	for (uint32_t i = 0; i < info->nr_cpu; i++) {
		const struct trail_cpu_stat *cpu = &info->cpu[i];
		const uint64_t each[] = { cpu->cpu, cpu->nr_event, cpu->lost_events,
					  cpu->lost_unknown, cpu->overrun };

		add(&out->hash, each, sizeof(each));
	}
	for (size_t i = 0; info->capability[i]; i++)
		add(&out->hash, info->capability[i], strlen(info->capability[i]));
	for (size_t i = 0; info->warning[i]; i++)
		add(&out->hash, info->warning[i], strlen(info->warning[i]));
}

/* One by one, in batches, or both in turns.  Return: how many, at most @max; 0 or an error. */
static int read_some(struct trail_capture *cap, enum giving giving, struct outcome *out,
		     uint64_t max)
{
	const struct trail_event *events;
	struct trail_event event;
	int nr;

	if (giving == ONE_BY_ONE || (giving == IN_TURNS && out->nr % 3)) {
		nr = trail_capture_next(cap, &event);
		if (nr > 0)
			add_event(out, &event);
		return nr;
	}
	nr = trail_capture_batch(cap, &events);
	for (int i = 0; i < nr && (uint64_t)i < max; i++)
		add_event(out, &events[i]);
	return nr;
}

/* At most @limit records, then it is closed. */
static struct outcome read_file_giving(const char *path, const struct trail_capture_opts *opts,
				       uint64_t limit, enum giving giving)
{
	struct outcome out = { 0 };
	struct trail_capture *cap;
	struct trail_error error;
	struct trail_event event;

	out.err = trail_capture_open(path, opts, &cap, &error);
	if (out.err) {
		assert_true(error.text[0]);
		add(&out.hash, error.text, strlen(error.text));
		return out;
	}
	while (out.nr < limit)
		if ((out.err = read_some(cap, giving, &out, limit - out.nr)) <= 0)
			break;
	if (out.nr < limit) {
		/* An end, also a bad one, stays one. */
		assert_int_equal(trail_capture_next(cap, &event), out.err);
		assert_true(out.err || trail_capture_info(cap)->nr_event == out.nr);
	}
	if (!out.err)
		add_info(&out, trail_capture_info(cap));
	trail_capture_close(cap);
	return out;
}

static struct outcome read_file(const char *path, const struct trail_capture_opts *opts,
				uint64_t limit)
{
	return read_file_giving(path, opts, limit, ONE_BY_ONE);
}

static void assert_same(const struct outcome *a, const struct outcome *b)
{
	assert_int_equal(a->err, b->err);
	assert_int_equal(a->nr, b->nr);
	assert_int_equal(a->hash, b->hash);
}

static void compare_ways(const char *path)
{
	struct outcome first = read_file(path, &ways[0], UINT64_MAX);

	assert_int_equal(first.err, 0);
	for (size_t i = 0; i < NR_WAY * NR_GIVING; i++) {
		struct outcome other = read_file_giving(path, &ways[i / NR_GIVING], UINT64_MAX,
							i % NR_GIVING);

		assert_same(&first, &other);
	}
}

static void test_golden(void **state)
{
	char pattern[4096];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/*/*.dat", (const char *)*state);
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		compare_ways(found.gl_pathv[i]);
	globfree(&found);
}

/* All kinds of files, whole and cut off. */
static void test_made(void **state)
{
	static const struct made kinds[] = {
		{ 6, false, 8, false, 1, 1, 3 }, { 6, true, 4, false, 3, 20, 30 },
		{ 7, false, 8, false, 3, 20, 30 }, { 7, false, 8, true, 3, 20, 30 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct blob blob = make_capture(&kinds[i]);

		write_file(FILE_NAME, blob.at, blob.len);
		compare_ways(FILE_NAME);
		blob_free(&blob);
	}
	unlink(FILE_NAME);
}

static uint32_t draw(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 33;
}

/*
 * Of damaged data a walk at open says all, a single pass comes to it: the one refuses what the
 * other fails at, and those of a kind agree in everything.
 */
static void test_damaged(void **state)
{
	static const struct made kinds[] = {
		{ 6, false, 8, false, 2, 8, 20 }, { 7, false, 8, true, 2, 8, 20 },
	};
	long refused = 0, whole = 0;
	uint64_t seed = 3;

	(void)state;
	for (int n = 0; n < NR_MUTATION; n++) {
		struct blob blob = make_capture(&kinds[n % 2]);
		struct outcome of_kind[2];

		/* Pages are at the end. */
		for (int i = 0; i < 5; i++)
			blob.at[blob.len - 1 - draw(&seed) % (blob.len / 2)] ^=
				1 << draw(&seed) % 8;
		write_file(FILE_NAME, blob.at, blob.len);
		blob_free(&blob);
		for (size_t i = 0; i < NR_WAY * NR_GIVING; i++) {
			struct outcome out = read_file_giving(FILE_NAME, &ways[i % NR_WAY],
							      UINT64_MAX, i / NR_WAY);

			if (i < 2)
				of_kind[i] = out;
			assert_same(&of_kind[ways[i % NR_WAY].single_pass], &out);
		}
		assert_int_equal(of_kind[0].err, of_kind[1].err);
		refused += of_kind[0].err < 0;
		whole += !of_kind[0].err;
	}
	unlink(FILE_NAME);
	print_message("%d altered captures: %ld refused\n", NR_MUTATION, refused);
	assert_true(refused > 0 && whole > 0);
}

/* Where it depends on the machine if there is a second thread, what may be done does not. */
static void test_no_print(void **state)
{
	static const struct made kind = { 6, false, 8, false, 1, 1, 3 };
	static const struct trail_capture_opts opts = { .nr_threads = TRAIL_THREADS_AUTO };
	struct blob blob = make_capture(&kind);
	struct trail_capture *cap;
	struct trail_event event;
	char line[100];

	(void)state;
	write_file(FILE_NAME, blob.at, blob.len);
	blob_free(&blob);
	assert_int_equal(trail_capture_open(FILE_NAME, &opts, &cap, NULL), 0);
	assert_int_equal(trail_capture_next(cap, &event), 1);
	assert_int_equal(trail_capture_print(cap, &event, line, sizeof(line)), -ENOTSUP);
	trail_capture_close(cap);
	unlink(FILE_NAME);
}

/* Closed at any record, with the thread anywhere. */
static void test_closed_early(void **state)
{
	static const struct made kind = { 7, false, 8, true, 4, 60, 40 };
	struct blob blob = make_capture(&kind);

	(void)state;
	write_file(FILE_NAME, blob.at, blob.len);
	blob_free(&blob);
	for (uint64_t limit = 0; limit < 9600; limit += limit < 20 ? 1 : 97) {
		struct outcome one = read_file(FILE_NAME, &ways[1], limit);
		struct outcome two = read_file(FILE_NAME, &ways[3], limit);

		assert_int_equal(one.nr, limit);
		assert_int_equal(two.nr, limit);
		/* What was counted by then is nobody's business. */
		assert_int_equal(one.err, two.err);
	}
	unlink(FILE_NAME);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_golden, argc > 1 ? argv[1] : "."),
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_closed_early),
		cmocka_unit_test(test_no_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
