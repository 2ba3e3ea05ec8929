// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-cpu-stats.c - texts of the kernel on CPUs -> numbers
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cpu-list.h"
#include "cpu-stats.h"

/* Of Linux 6.1, clock mono. */
static const char stats[] =
	"entries: 129\noverrun: 7\ncommit overrun: 3\nbytes: 6644\n"
	"oldest event ts:  2725.004062\nnow ts: 25743.694028\ndropped events: 11\n"
	"read events: 1234567890123\n";

static void test_stats(void **state)
{
	struct cpu_stats out;

	cpu_stats_parse(stats, &out);
	assert_int_equal(out.entries, 129);
	assert_int_equal(out.overrun, 7);
	assert_int_equal(out.commit_overrun, 3);
	assert_int_equal(out.bytes, 6644);
	assert_int_equal(out.dropped, 11);
	assert_int_equal(out.read_events, 1234567890123);
	assert_int_equal(out.now_ns, 25743694028000);
	/* Clock counter. */
	cpu_stats_parse("now ts: 4711\nread events: 1\n", &out);
	assert_int_equal(out.now_ns, 4711);
	assert_int_equal(out.read_events, 1);
	cpu_stats_parse("", &out);
	assert_int_equal(out.now_ns, 0);
}

/* What the kernel has counted when it comes to a line of its text. */
static struct cpu_stats counted(uint64_t entries, uint64_t overrun, uint64_t read_events)
{
	return (struct cpu_stats){ .entries = entries, .overrun = overrun,
				   .read_events = read_events };
}

static void test_bounds(void **state)
{
	struct cpu_stats first = counted(10, 2, 30), later = counted(12, 2, 30), out;

	/* Nothing moves: both are what was written. */
	assert_int_equal(cpu_stats_most(&first), 42);
	assert_int_equal(cpu_stats_least(&first, &first), 42);
	assert_int_equal(cpu_stats_least(&first, &later), 44);
	/* Of 44 events, all were taken out while either was read. */
	first = counted(10, 2, 42);
	later = counted(0, 2, 42);
	assert_true(cpu_stats_most(&first) >= 42);
	assert_true(cpu_stats_least(&first, &later) <= 44);
	first = counted(10, 2, 30);
	assert_true(cpu_stats_least(&first, &later) <= 44);
	/* Five events were written and taken out while the kernel counted the first line. */
	cpu_stats_parse("entries: -5\noverrun: 0\nread events: 5\n", &out);
	assert_int_equal(cpu_stats_most(&out), 0);
	first = counted(0, 0, 0);
	assert_int_equal(cpu_stats_least(&first, &out), 0);
	/* A reset: less than there was. */
	first = counted(100, 0, 1000);
	later = counted(150, 0, 900);
	assert_true(cpu_stats_most(&later) < cpu_stats_least(&first, &first));
}

static void test_lists(void **state)
{
	static const char list[] = "0-3,8,10-11\n";

	for (int cpu = -1; cpu < 14; cpu++)
		assert_int_equal(cpu_list_has(list, cpu), (cpu >= 0 && cpu <= 3) || cpu == 8 ||
				 cpu == 10 || cpu == 11);
	assert_int_equal(cpu_list_end(list), 12);
	assert_int_equal(cpu_list_end("0\n"), 1);
	assert_int_equal(cpu_list_end("\n"), 0);
	assert_int_equal(cpu_list_end("none"), 0);
	assert_false(cpu_list_has("", 0));
	/* A number that no machine has ends the list. */
	assert_int_equal(cpu_list_end("0-99999999999"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stats),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
