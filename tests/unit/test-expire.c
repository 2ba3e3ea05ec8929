// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-expire.c - packets and tasks that fall silent do not stay in memory for ever
 *
 *	test-expire DIRECTORY		the one that has 6.12/mixed.dat: an engine wants a capture
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "skbtrail.h"

#define NR		100000
#define FIRST_SKB	0xffff888000001000ull
#define FIRST_PID	10

/* @seen: how often the packet with this number came out of the engine */
struct bed {
	struct trail_capture *cap;
	struct trail_engine *engine;
	struct trail_event event;
	unsigned int nr;
	uint8_t fate;
	uint8_t seen[NR];
};

static const char *golden;

static int take_packet(void *data, const struct trail_packet *packet)
{
	struct bed *bed = data;

	assert_in_range(packet->id, 1, NR);
	assert_int_equal(bed->seen[packet->id - 1]++, 0);
	bed->fate = packet->fate;
	bed->nr++;
	return 0;
}

static int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	struct trail_error error;
	char path[4096];

	assert_non_null(bed);
	snprintf(path, sizeof(path), "%s/6.12/mixed.dat", golden);
	if (trail_capture_open(path, NULL, &bed->cap, &error))
		fail_msg("%s", error.text);
	assert_int_equal(trail_engine_new(bed->cap, take_packet, bed, &bed->engine), 0);
	bed->event.ts_ns = 1000000;
	bed->event.pid = 1;
	*state = bed;
	return 0;
}

static int tear_down(void **state)
{
	struct bed *bed = *state;

	trail_engine_free(bed->engine);
	trail_capture_close(bed->cap);
	free(bed);
	return 0;
}

static void pass(struct bed *bed, uint64_t ns)
{
	bed->event.ts_ns += ns;
	assert_int_equal(trail_engine_events(bed->engine, &bed->event, 1), 0);
}

/* A packet of which nothing else will be heard. */
static void receive(struct bed *bed, unsigned int i, uint64_t step_ns)
{
	struct trail_skb skb = { .skb = FIRST_SKB + 256ull * i, .dev = "eth0", .len = 100 };

	pass(bed, step_ns);
	assert_int_equal(trail_receive(bed->engine, &bed->event, &skb), 0);
}

static void test_packets(void **state)
{
	struct bed *bed = *state;
	size_t most = 0;

	for (unsigned int i = 0; i < NR; i++) {
		receive(bed, i, 100000000);
		if (bed->engine->nr_live > most)
			most = bed->engine->nr_live;
	}
	assert_in_range(most, 4096, 16384);
	assert_in_range(bed->nr, NR - most - HORIZON, NR - 1);
	assert_int_equal(bed->fate, TRAIL_UNKNOWN);
	assert_int_equal(trail_engine_finish(bed->engine), 0);
	assert_int_equal(bed->nr, NR);
}

/* However many there are: a machine may have them. */
static void test_packets_in_flight(void **state)
{
	struct bed *bed = *state;

	for (unsigned int i = 0; i < NR; i++)
		receive(bed, i, 1000);
	assert_int_equal(bed->engine->nr_live, NR);
	assert_int_equal(bed->nr, 0);
	assert_int_equal(trail_engine_finish(bed->engine), 0);
	assert_int_equal(bed->nr, NR);
}

static void test_tasks(void **state)
{
	struct bed *bed = *state;
	struct task *first;
	size_t most = 0;

	for (int i = 0; i < NR; i++) {
		pass(bed, 10000000);
		assert_int_equal(trail_woken(bed->engine, &bed->event, FIRST_PID + i), 0);
		/* One is heard of again and again; the one on the CPU is in use. */
		assert_int_equal(trail_woken(bed->engine, &bed->event, FIRST_PID), 0);
		first = task_find(bed->engine, FIRST_PID);
		assert_non_null(first);
		assert_non_null(task_find(bed->engine, bed->event.pid));
		first->wakes.wake[(first->wakes.nr - 1) % MAX_WAKES].run_ns = bed->event.ts_ns;
		if (bed->engine->tasks.used > most)
			most = bed->engine->tasks.used;
	}
	assert_in_range(most, 16384, 65536);
	assert_null(task_find(bed->engine, FIRST_PID + 1));
	assert_non_null(task_find(bed->engine, FIRST_PID + NR - 1));
	assert_int_equal(trail_engine_finish(bed->engine), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_packets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_packets_in_flight, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tasks, set_up, tear_down),
	};

	golden = argc > 1 ? argv[1] : ".";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
