// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-feed.c - pages that come one by one, and how far their events are given out
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/read/feed.h"
#include "make-capture.h"

#define FILE_NAME	"feed-test.dat"
#define NR_CPU		3
#define SAMPLE_SIZE	36
#define LOST		(1u << 31)
#define LOST_STORED	(1u << 30)
#define MAX_GIVEN	16384

static const struct trail_row rows[] = { { "test:sample", { "value" } }, { 0 } };
static const struct trail_plugin plugin = { TRAIL_PLUGIN_ABI, "one", "one", rows };
static const struct trail_plugin *const plugins[] = { &plugin, NULL };

/* What was given out, in its order. */
struct given {
	uint64_t ts[MAX_GIVEN];
	uint32_t value[MAX_GIVEN];
	uint16_t cpu[MAX_GIVEN];
	int32_t lost[MAX_GIVEN];
	size_t nr;
};

static const char *comm(void *arg, int pid)
{
	return pid == 7 ? arg : NULL;
}

static struct trail_capture *open_feed(void)
{
	const struct made made = { .version = 7, .commit_size = 8, .nr_cpu = 1, .nr_page = 0 };
	const struct feed_opts opts = {
		.head = FILE_NAME, .plugin = plugins, .nr_cpu = NR_CPU, .comm = comm,
		.arg = (void *)"seven",
	};
	struct blob blob = make_capture(&made);
	struct trail_capture *cap;
	struct trail_error error;
	int err;

	write_file(FILE_NAME, blob.at, blob.len);
	blob_free(&blob);
	err = feed_open(&opts, &cap, &error);
	if (err)
		fail_msg("%d: %s", err, error.text);
	return cap;
}

/* A page with a record at each of @nr times; @flags and @lost as the kernel marks losses. */
static void add_page(struct trail_capture *cap, uint32_t cpu, const uint64_t *ts, size_t nr,
		     uint64_t lost)
{
	struct blob page = { 0 };
	unsigned char *room;

	blob_u64(&page, nr ? ts[0] : 0);
	blob_u64(&page, nr * SAMPLE_SIZE | (lost ? LOST | LOST_STORED : 0));
	for (size_t i = 0; i < nr; i++) {
		blob_entry(&page, (SAMPLE_SIZE - 4) / 4, i ? (uint32_t)(ts[i] - ts[i - 1]) : 0);
		blob_sample(&page, 7, (uint32_t)ts[i]);
	}
	if (lost)
		blob_u64(&page, lost);
	blob_pad(&page, MADE_PAGE);
	assert_int_equal(feed_room(cap, cpu, &room), MADE_PAGE);
	memcpy(room, page.at, MADE_PAGE);
	assert_int_equal(feed_add(cap, cpu), nr ? ts[0] : 0);
	blob_free(&page);
}

static void take(struct trail_capture *cap, uint64_t until, uint32_t batch, struct given *given)
{
	struct trail_event *event = malloc(batch * sizeof(*event));
	int nr;

	assert_int_equal(feed_until(cap, until), 0);
	while ((nr = feed_read(cap, event, batch)) > 0) {
		for (int i = 0; i < nr; i++) {
			assert_true(given->nr < MAX_GIVEN);
			assert_true(!until || event[i].ts_ns < until);
			given->ts[given->nr] = event[i].ts_ns;
			given->cpu[given->nr] = event[i].cpu;
			given->lost[given->nr] = event[i].lost;
			given->value[given->nr++] = (uint32_t)trail_u64(&event[i], 0);
		}
	}
	assert_int_equal(nr, 0);
	free(event);
}

static void test_horizon(void **state)
{
	const uint64_t zero[] = { 100, 200, 300 }, one[] = { 150, 250, 350 };
	struct trail_capture *cap = open_feed();
	struct given *given = calloc(1, sizeof(*given));

	feed_begin(cap);
	add_page(cap, 0, zero, 3, 0);
	add_page(cap, 1, one, 3, 0);
	take(cap, 250, 16, given);
	assert_int_equal(given->nr, 3);
	assert_int_equal(given->ts[1], 150);
	assert_int_equal(given->cpu[1], 1);
	feed_begin(cap);
	take(cap, 251, 16, given);
	assert_int_equal(given->nr, 4);
	assert_int_equal(given->ts[3], 250);
	/* Nothing new, all that there is. */
	feed_begin(cap);
	take(cap, 0, 16, given);
	assert_int_equal(given->nr, 6);
	assert_int_equal(given->ts[4], 300);
	assert_int_equal(given->ts[5], 350);
	assert_string_equal(trail_capture_comm(cap, 7), "seven");
	assert_null(trail_capture_comm(cap, 8));
	free(given);
	trail_capture_close(cap);
}

/* A record that comes after younger ones were given out is given out at once. */
static void test_late(void **state)
{
	const uint64_t first[] = { 100, 500 }, late[] = { 300, 600 };
	struct trail_capture *cap = open_feed();
	struct given *given = calloc(1, sizeof(*given));

	feed_begin(cap);
	add_page(cap, 0, first, 2, 0);
	take(cap, 501, 16, given);
	feed_begin(cap);
	add_page(cap, 2, late, 2, 0);
	take(cap, 550, 16, given);
	assert_int_equal(given->nr, 3);
	assert_int_equal(given->ts[2], 300);
	assert_int_equal(given->cpu[2], 2);
	free(given);
	trail_capture_close(cap);
}

static void test_lost(void **state)
{
	const uint64_t first[] = { 100 }, second[] = { 200, 300 };
	struct trail_capture *cap = open_feed();
	struct given *given = calloc(1, sizeof(*given));
	struct feed_cpu_stat stat;

	feed_begin(cap);
	add_page(cap, 1, first, 1, 5);
	take(cap, 0, 16, given);
	feed_begin(cap);
	/* One without a record: what was lost before it counts with the next. */
	add_page(cap, 1, first, 0, 2);
	take(cap, 0, 16, given);
	feed_begin(cap);
	add_page(cap, 1, second, 2, 9);
	take(cap, 0, 16, given);
	assert_int_equal(given->nr, 3);
	assert_int_equal(given->lost[0], 5);
	assert_int_equal(given->lost[1], 11);
	assert_int_equal(given->lost[2], 0);
	feed_stat(cap, 1, &stat);
	assert_int_equal(stat.events, 3);
	assert_int_equal(stat.lost, 16);
	assert_int_equal(stat.lost_unknown, 0);
	feed_stat(cap, 0, &stat);
	assert_int_equal(stat.events + stat.lost, 0);
	free(given);
	trail_capture_close(cap);
}

static void test_damage(void **state)
{
	struct trail_capture *cap = open_feed();
	struct trail_event event;
	unsigned char *page;

	feed_begin(cap);
	assert_int_equal(feed_room(cap, 0, &page), MADE_PAGE);
	memset(page, 0xff, MADE_PAGE);
	feed_add(cap, 0);
	assert_int_equal(feed_until(cap, 0), -EINVAL);
	assert_int_equal(feed_read(cap, &event, 1), -EINVAL);
	trail_capture_close(cap);
}

/* Records of each CPU in pages of random sizes, in rounds with random horizons. */
struct source {
	uint64_t ts;
	size_t nr;
};

static void add_random(struct trail_capture *cap, uint32_t cpu, struct source *source,
		       uint64_t until)
{
	uint64_t ts[MADE_PAGE / SAMPLE_SIZE];

	/* All that is older than the horizon, and maybe some more. */
	while (source->ts < until || random() % 3) {
		size_t nr = 1 + (size_t)random() % 100;

		for (size_t i = 0; i < nr; i++)
			ts[i] = source->ts += 1 + (uint64_t)random() % 50;
		source->nr += nr;
		add_page(cap, cpu, ts, nr, 0);
	}
}

static void test_random(void **state)
{
	struct given *given = calloc(1, sizeof(*given));

	for (unsigned int seed = 1; seed <= 30; seed++) {
		struct source source[NR_CPU] = { { 0 } };
		struct trail_capture *cap = open_feed();
		uint64_t until = 0;
		size_t nr = 0;

		srandom(seed);
		given->nr = 0;
		for (unsigned int round = 0; round < 20; round++) {
			until += 1 + (uint64_t)random() % 2000;
			feed_begin(cap);
			for (uint32_t cpu = 0; cpu < NR_CPU; cpu++)
				add_random(cap, cpu, &source[cpu], until);
			take(cap, round < 19 ? until : 0, 1 + (uint32_t)random() % 40, given);
		}
		for (uint32_t cpu = 0; cpu < NR_CPU; cpu++)
			nr += source[cpu].nr;
		assert_int_equal(given->nr, nr);
		for (size_t i = 0; i < nr; i++)
			assert_int_equal(given->value[i], (uint32_t)given->ts[i]);
		for (size_t i = 1; i < nr; i++)
			assert_true(given->ts[i - 1] < given->ts[i] ||
				    (given->ts[i - 1] == given->ts[i] &&
				     given->cpu[i - 1] < given->cpu[i]));
		trail_capture_close(cap);
	}
	free(given);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_horizon),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
