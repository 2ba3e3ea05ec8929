// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-reconcile-live.c - drops and looks at their counter while both go on -> what is a difference
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../lib/counters/edge.h"
#include "../../lib/counters/series.h"

#define MS	UINT64_C(1000000)
#define SECOND	(1000 * MS)

/* ---- the rule by itself */

static const struct {
	struct edge from, to, narrowed;
	uint64_t counted, seen;
} edges[] = {
	/* Nothing happened while it was looked. */
	{ { 0, 0 }, { 97, 97 }, { 97, 97 }, 97, 97 },
	{ { 0, 0 }, { 95, 95 }, { 95, 95 }, 97, 95 },
	{ { 0, 0 }, { 99, 99 }, { 99, 99 }, 97, 99 },
	/* What happened at either edge is where the counter has it: */
	{ { 0, 0 }, { 95, 99 }, { 97, 97 }, 97, 97 },
	{ { 0, 3 }, { 99, 99 }, { 99, 99 }, 97, 97 },
	{ { 2, 3 }, { 99, 101 }, { 99, 100 }, 97, 97 },
	/* but no more than there was. */
	{ { 0, 3 }, { 95, 96 }, { 96, 96 }, 97, 96 },
	{ { 1, 3 }, { 103, 105 }, { 103, 103 }, 97, 100 },
	{ { 5, 5 }, { 5, 5 }, { 5, 5 }, 0, 0 },
};

static void test_edges(void **state)
{
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		struct edge to = edges[i].to;
		uint64_t seen = edge_seen(&edges[i].from, &to, edges[i].counted);

		if (seen != edges[i].seen || to.min != edges[i].narrowed.min ||
		    to.max != edges[i].narrowed.max)
			fail_msg("case %zu: seen %llu, %llu to %llu", i, (unsigned long long)seen,
				 (unsigned long long)to.min, (unsigned long long)to.max);
	}
}

/* ---- drops, looks, rows */

struct live {
	struct trail_counters *counters;
	struct trail_reconcile *reconcile;
	uint64_t counted[3];
	const struct trail_reconcile_row *row;
	size_t nr;
};

static const struct trail_capture_info whole = { .file = "live" };
static const struct trail_drop no_socket = { .reason = "NO_SOCKET", .symbol = "__udp4_lib_rcv" };

static void begin(struct live *live)
{
	*live = (struct live){ .counters = series_new() };
	assert_int_equal(series_new_netns(live->counters, "a"), 1);
	assert_int_equal(series_new_netns(live->counters, "b"), 2);
	assert_int_equal(trail_reconcile_new(live->counters, &live->reconcile), 0);
}

static void finish(struct live *live)
{
	trail_reconcile_free(live->reconcile);
	trail_counters_free(live->counters);
}

/* What lib/counters/visit.c says of it. */
static void remove_b(struct live *live)
{
	series_gone(live->counters, live->counters->group[1]);
	series_source_gone(live->counters, &live->counters->source[1]);
}

#define B_IS_GONE	4u

/* From @from_ns on, for 3 ms, at the namespaces in @which: 1, 2 or both, 3. */
static void look(struct live *live, uint64_t from_ns, unsigned int which)
{
	struct tally tally;

	series_look(live->counters, from_ns);
	if (which & B_IS_GONE)
		remove_b(live);
	for (uint32_t netns = 1; netns <= 2; netns++) {
		if (!(which & netns))
			continue;
		tally_begin(&tally, live->counters, netns, "snmp");
		tally_object(&tally, "", 0);
		tally_name(&tally, "UdpNoPorts", live->counted[netns]);
		assert_int_equal(tally_end(&tally), 0);
	}
	series_look_over(live->counters);
	trail_reconcile_look(live->reconcile, from_ns, from_ns + 3 * MS);
}

static void drop(struct live *live, uint64_t time_ns, unsigned int nr)
{
	while (nr--)
		trail_reconcile_drop_at(live->reconcile, &no_socket, time_ns);
}

static void judge(struct live *live, const struct trail_capture_info *info)
{
	live->nr = trail_reconcile_interval(live->reconcile, info, &live->row);
	trail_counters_mark(live->counters);
	assert_int_equal(trail_reconcile_due(live->reconcile), 0);
}

static void expect(const struct live *live, uint64_t counted, uint64_t seen,
		   enum trail_reconcile_state state)
{
	if (!counted && !seen) {
		assert_int_equal(live->nr, 0);
		return;
	}
	assert_int_equal(live->nr, 1);
	assert_string_equal(live->row->label, "UDP NoPorts");
	assert_int_equal(live->row->counted, counted);
	assert_int_equal(live->row->seen, seen);
	assert_int_equal(live->row->state, state);
}

static void total(struct live *live, const struct trail_capture_info *info)
{
	live->nr = trail_reconcile_total(live->reconcile, info, &live->row);
}

/* The counter is ahead of the events by those that come a moment later; then it is behind. */
static void test_late(void **state)
{
	struct live live;

	begin(&live);
	live.counted[1] = 1000;
	drop(&live, SECOND - 5 * MS, 3);
	look(&live, SECOND, 3);
	assert_int_equal(trail_reconcile_due(live.reconcile), SECOND + 13 * MS);
	judge(&live, &whole);
	assert_int_equal(live.nr, 0);
	drop(&live, SECOND + 500 * MS, 50);
	/* Two more are counted when it is looked, and are told later. */
	live.counted[1] = 1052;
	look(&live, 2 * SECOND, 3);
	drop(&live, 2 * SECOND + MS, 2);
	judge(&live, &whole);
	expect(&live, 52, 52, TRAIL_RECONCILE_AGREES);
	/* Two happen while it is looked, and are counted behind. */
	drop(&live, 2 * SECOND + 500 * MS, 10);
	live.counted[1] = 1062;
	look(&live, 3 * SECOND, 3);
	drop(&live, 3 * SECOND + 2 * MS, 2);
	judge(&live, &whole);
	expect(&live, 10, 10, TRAIL_RECONCILE_AGREES);
	live.counted[1] = 1064;
	look(&live, 4 * SECOND, 3);
	judge(&live, &whole);
	expect(&live, 2, 2, TRAIL_RECONCILE_AGREES);
	look(&live, 5 * SECOND, 3);
	judge(&live, &whole);
	expect(&live, 0, 0, TRAIL_RECONCILE_AGREES);
	/* The three before the first look are none of them. */
	total(&live, &whole);
	expect(&live, 64, 64, TRAIL_RECONCILE_AGREES);
	finish(&live);
}

/* What the edge cannot explain is told at once, once, and in the total. */
static void test_differs(void **state)
{
	struct live live;

	begin(&live);
	look(&live, SECOND, 3);
	judge(&live, &whole);
	drop(&live, SECOND + 500 * MS, 50);
	live.counted[2] = 55;
	look(&live, 2 * SECOND, 3);
	/* Three of the five that are missing can be at the edge ... */
	drop(&live, 2 * SECOND + 9 * MS, 3);
	/* ... and not what comes behind it. */
	drop(&live, 2 * SECOND + 20 * MS, 9);
	judge(&live, &whole);
	expect(&live, 55, 53, TRAIL_RECONCILE_DIFFERS);
	assert_int_equal(live.row->unexplained, 2);
	/* They were not: what the edge has hidden comes out here. */
	live.counted[2] = 55 + 3 + 9;
	look(&live, 3 * SECOND, 3);
	judge(&live, &whole);
	expect(&live, 12, 9, TRAIL_RECONCILE_DIFFERS);
	assert_int_equal(live.row->unexplained, 3);
	live.counted[2] += 7;
	drop(&live, 3 * SECOND + 500 * MS, 7);
	look(&live, 4 * SECOND, 3);
	judge(&live, &whole);
	expect(&live, 7, 7, TRAIL_RECONCILE_AGREES);
	total(&live, &whole);
	expect(&live, 74, 69, TRAIL_RECONCILE_DIFFERS);
	assert_int_equal(live.row->unexplained, 5);
	finish(&live);
}

static void test_more_seen(void **state)
{
	struct live live;

	begin(&live);
	look(&live, SECOND, 3);
	judge(&live, &whole);
	drop(&live, SECOND + 500 * MS, 50);
	live.counted[1] = 48;
	look(&live, 2 * SECOND, 3);
	judge(&live, &whole);
	expect(&live, 48, 50, TRAIL_RECONCILE_DIFFERS);
	assert_int_equal(live.row->unexplained, 2);
	total(&live, &whole);
	expect(&live, 48, 50, TRAIL_RECONCILE_DIFFERS);
	finish(&live);
}

static void test_lost(void **state)
{
	const struct trail_capture_info lost = { .file = "live", .lost_events = 20 };
	struct live live;

	begin(&live);
	look(&live, SECOND, 3);
	judge(&live, &whole);
	drop(&live, SECOND + 500 * MS, 50);
	live.counted[1] = 65;
	look(&live, 2 * SECOND, 3);
	judge(&live, &lost);
	expect(&live, 65, 50, TRAIL_RECONCILE_IN_GAP);
	assert_int_equal(live.row->in_gap, 15);
	assert_string_equal(live.row->why, "15 in a gap of lost events");
	/* They explain no more than there were. */
	live.counted[1] = 95;
	look(&live, 3 * SECOND, 3);
	judge(&live, &lost);
	expect(&live, 30, 0, TRAIL_RECONCILE_DIFFERS);
	assert_int_equal(live.row->unexplained, 10);
	finish(&live);
}

/* A namespace that is left alone owes its drops until it is looked at. */
static void test_left_alone(void **state)
{
	struct live live;

	begin(&live);
	look(&live, SECOND, 3);
	judge(&live, &whole);
	for (uint64_t second = 1; second < 4; second++) {
		drop(&live, second * SECOND + 500 * MS, 10);
		live.counted[1] += 4;
		live.counted[2] += 6;
		look(&live, (second + 1) * SECOND, 1);
		judge(&live, &whole);
		expect(&live, 4, 4, TRAIL_RECONCILE_AGREES);
	}
	assert_string_equal(live.row->why,
			    "18 more seen: not all network namespaces were looked at yet");
	/* More than there were is a difference all the same. */
	live.counted[1] += 20;
	look(&live, 5 * SECOND, 1);
	judge(&live, &whole);
	expect(&live, 20, 18, TRAIL_RECONCILE_DIFFERS);
	live.counted[1] -= 20;
	finish(&live);

	begin(&live);
	look(&live, SECOND, 3);
	judge(&live, &whole);
	drop(&live, SECOND + 500 * MS, 10);
	live.counted[2] = 10;
	look(&live, 2 * SECOND, 1);
	judge(&live, &whole);
	/* Nothing was counted, and something is owed: that is said. */
	assert_int_equal(live.nr, 1);
	assert_int_equal(live.row->state, TRAIL_RECONCILE_AGREES);
	assert_string_equal(live.row->why,
			    "10 more seen: not all network namespaces were looked at yet");
	look(&live, 3 * SECOND, 3);
	judge(&live, &whole);
	expect(&live, 10, 10, TRAIL_RECONCILE_AGREES);
	assert_null(live.row->why);
	total(&live, &whole);
	expect(&live, 10, 10, TRAIL_RECONCILE_AGREES);
	finish(&live);
}

/* A counter that was set back, and a namespace that went, explain what came then only. */
static void test_reset(void **state)
{
	struct live live;

	begin(&live);
	live.counted[1] = 100;
	look(&live, SECOND, 3);
	judge(&live, &whole);
	drop(&live, SECOND + 500 * MS, 10);
	live.counted[1] = 4;
	look(&live, 2 * SECOND, 3);
	judge(&live, &whole);
	expect(&live, 4, 10, TRAIL_RECONCILE_AGREES);
	assert_true(live.row->at_least);
	drop(&live, 2 * SECOND + 500 * MS, 5);
	live.counted[1] = 9;
	look(&live, 3 * SECOND, 3);
	judge(&live, &whole);
	expect(&live, 5, 5, TRAIL_RECONCILE_AGREES);
	assert_false(live.row->at_least);
	drop(&live, 3 * SECOND + 500 * MS, 3);
	look(&live, 4 * SECOND, 1 | B_IS_GONE);
	judge(&live, &whole);
	expect(&live, 0, 3, TRAIL_RECONCILE_AGREES);
	assert_true(live.row->at_least);
	assert_string_equal(live.row->why, "what network namespace b counted after the last look "
			    "at it, up to 1.0 s before its end, is not known");
	drop(&live, 4 * SECOND + 500 * MS, 2);
	look(&live, 5 * SECOND, 1);
	judge(&live, &whole);
	expect(&live, 0, 2, TRAIL_RECONCILE_DIFFERS);
	finish(&live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges), cmocka_unit_test(test_late),
		cmocka_unit_test(test_differs), cmocka_unit_test(test_more_seen),
		cmocka_unit_test(test_lost), cmocka_unit_test(test_left_alone),
		cmocka_unit_test(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
