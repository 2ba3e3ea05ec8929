// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-counters.c - looks at counters -> growth, and the same by way of the lines of a capture
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../lib/counters/carrier.h"

/* One counter of one device at each look; NONE: it is not there. */
#define NONE	UINT64_MAX

static void look(struct trail_counters *series, uint64_t now_ns, uint64_t id, uint64_t value)
{
	struct tally tally;

	series_look(series, now_ns);
	tally_begin(&tally, series, 1, "dev");
	tally_object(&tally, "lo", 1);
	tally_name(&tally, "rx_packets", 5);
	if (value != NONE) {
		tally_object(&tally, "nic 0", id);
		tally_name(&tally, "rx_packets", value);
		tally_name(&tally, "a\\b\n", value / 2);
	}
	assert_int_equal(tally_end(&tally), 0);
	tally_begin(&tally, series, 1, "sockstat");
	tally_object(&tally, "", 0);
	tally_name(&tally, "UDP.mem", value == NONE ? 1 : value & 0xff);
	assert_int_equal(tally_end(&tally), 0);
}

static struct trail_counters *new_series(void)
{
	struct trail_counters *series = series_new();

	assert_int_equal(series_new_netns(series, "own ns"), 1);
	return series;
}

static struct trail_counter get(const struct trail_counters *series, const char *object,
				const char *name)
{
	struct trail_counters_at at = { 0 };
	struct trail_counter counter;

	while (trail_counters_next(series, &at, &counter))
		if (!strcmp(counter.object, object) && !strcmp(counter.name, name))
			return counter;
	fail_msg("no %s %s", object, name);
	return counter;
}

struct case_of {
	uint64_t id[6];
	uint64_t value[6];
	size_t nr;
	uint64_t growth;
	unsigned int flags;
};

static const struct case_of cases[] = {
	{ { 2, 2, 2 }, { 10, 25, 40 }, 3, 30, 0 },
	{ { 2, 2, 2 }, { 10, 10, 10 }, 3, 0, 0 },
	/* 32 bits, as some devices and all of softnet_stat have. */
	{ { 2, 2 }, { 0xfffffff0, 0x10 }, 2, 0x20, TRAIL_COUNTER_WRAPPED },
	{ { 2, 2 }, { UINT64_MAX - 1, 3 }, 2, 5, TRAIL_COUNTER_WRAPPED },
	/* 64 bits go over 32. */
	{ { 2, 2 }, { 0xfffffff0, 0x100000010 }, 2, 0x20, 0 },
	/* Set back: what it had counted since is known, what before not. */
	{ { 2, 2, 2 }, { 1000, 7, 9 }, 3, 9, TRAIL_COUNTER_RESET },
	/* Another device of that name; that it has more by now means nothing. */
	{ { 2, 3 }, { 10, 25 }, 2, 25, TRAIL_COUNTER_RESET },
	{ { 2, 2 }, { 10, NONE }, 2, 0, TRAIL_COUNTER_GONE },
	{ { 2, 2, 2 }, { 10, NONE, 12 }, 3, 2, 0 },
	{ { 2, 2, 3 }, { 10, NONE, 12 }, 3, 12, TRAIL_COUNTER_RESET },
	{ { 2, 2, 2 }, { NONE, 12, 15 }, 3, 15, TRAIL_COUNTER_CAME },
	{ { 2, 2, 2 }, { NONE, 12, NONE }, 3, 12, TRAIL_COUNTER_CAME | TRAIL_COUNTER_GONE },
};

#define NR_CASE	(sizeof(cases) / sizeof(cases[0]))

static void check(const struct trail_counters *series, const struct case_of *is, size_t i)
{
	struct trail_counter counter = get(series, "nic 0", "rx_packets");

	if (counter.growth != is->growth || counter.flags != is->flags)
		fail_msg("case %zu: growth %llu, flags %#x", i, (unsigned long long)counter.growth,
			 counter.flags);
	assert_string_equal(counter.netns, "own ns");
	counter = get(series, "lo", "rx_packets");
	assert_int_equal(counter.growth, 0);
	assert_int_equal(counter.flags, 0);
	counter = get(series, "", "UDP.mem");
	assert_int_equal(counter.growth, 0);
	assert_int_equal(counter.flags, TRAIL_COUNTER_GAUGE);
	assert_int_equal(trail_counters_info(series)->nr_look, is->nr);
	assert_int_equal(trail_counters_info(series)->start_ns, 1000);
	assert_int_equal(trail_counters_info(series)->end_ns, 1000 * is->nr);
}

static void test_growth(void **state)
{
	for (size_t i = 0; i < NR_CASE; i++) {
		struct trail_counters *series = new_series();

		for (size_t j = 0; j < cases[i].nr; j++)
			look(series, 1000 * (j + 1), cases[i].id[j], cases[i].value[j]);
		check(series, &cases[i], i);
		trail_counters_free(series);
	}
}

/* The line IcmpMsg of /proc/net/snmp has the types that there were. */
static void test_new_name(void **state)
{
	static const uint64_t in_type3[] = { NONE, 6, 8 };
	struct trail_counters *series = new_series();
	struct trail_counter counter;
	struct tally tally;

	for (size_t i = 0; i < sizeof(in_type3) / sizeof(in_type3[0]); i++) {
		series_look(series, 1000 * (i + 1));
		tally_begin(&tally, series, 1, "snmp");
		tally_object(&tally, "", 0);
		tally_name(&tally, "IcmpMsgInType0", 1);
		if (in_type3[i] != NONE)
			tally_name(&tally, "IcmpMsgInType3", in_type3[i]);
		assert_int_equal(tally_end(&tally), 0);
	}
	counter = get(series, "", "IcmpMsgInType3");
	assert_int_equal(counter.first, 0);
	assert_int_equal(counter.growth, 8);
	assert_int_equal(counter.most, 6);
	assert_int_equal(counter.flags, TRAIL_COUNTER_CAME);
	assert_int_equal(get(series, "", "IcmpMsgInType0").growth, 0);
	trail_counters_free(series);
}

static void assert_same(const struct trail_counters *a, const struct trail_counters *b)
{
	struct trail_counters_at at_a = { 0 }, at_b = { 0 };
	struct trail_counter x, y;

	while (trail_counters_next(a, &at_a, &x)) {
		assert_true(trail_counters_next(b, &at_b, &y));
		assert_string_equal(x.netns, y.netns);
		assert_string_equal(x.source, y.source);
		assert_string_equal(x.object, y.object);
		assert_string_equal(x.name, y.name);
		assert_int_equal(x.first, y.first);
		assert_int_equal(x.last, y.last);
		assert_int_equal(x.growth, y.growth);
		assert_int_equal(x.most, y.most);
		assert_int_equal(x.most_ns, y.most_ns);
		assert_int_equal(x.flags, y.flags);
	}
	assert_false(trail_counters_next(b, &at_b, &y));
}

/* What the lines of the looks yield is what the looks themselves do. */
static void test_carrier(void **state)
{
	for (size_t i = 0; i < NR_CASE; i++) {
		struct trail_counters *series = new_series(), *other;
		struct trail_error error;
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);

		for (size_t j = 0; j < cases[i].nr; j++) {
			look(series, 1000 * (j + 1), cases[i].id[j], cases[i].value[j]);
			series_note(series, "look at\n%zu", j / 2);
			assert_int_equal(series_set(series, 1, "nic 0", "ring rx", j ? "512" :
						    "256 of \\4096"), 0);
			assert_int_equal(carrier_write(series, out), 0);
		}
		fclose(out);
		assert_null(memchr(text, '\0', size));
		assert_int_equal(trail_counters_parse(text, size, &other, &error), 0);
		check(other, &cases[i], i);
		assert_same(series, other);
		assert_string_equal(trail_counters_info(other)->note[0], "look at\n0");
		trail_counters_free(series);
		trail_counters_free(other);
		free(text);
	}
}

/* A socket may have been there for long when it drops for the first time. */
static void test_first_drop(void **state)
{
	struct trail_counters *series = new_series();
	struct trail_counter counter;
	struct tally tally;

	for (uint64_t drops = 0; drops < 3; drops++) {
		series_look(series, 1000 * (drops + 1));
		tally_begin(&tally, series, 1, "udp");
		if (drops) {
			tally_object(&tally, "0.0.0.0:53 inode 7", 0);
			tally_name(&tally, "drops", 5 * drops);
		}
		assert_int_equal(tally_end(&tally), 0);
	}
	counter = get(series, "0.0.0.0:53 inode 7", "drops");
	assert_int_equal(counter.first, 0);
	assert_int_equal(counter.growth, 10);
	assert_int_equal(counter.flags, 0);
	trail_counters_free(series);
}

/* Of what is not there any more, nobody looks at the settings. */
static void test_gone_settings(void **state)
{
	static const char *const object[] = { "x", "y" };
	struct trail_counters *series = new_series();
	struct trail_setting setting;
	struct tally tally;

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(series_set(series, 1, object[i], "ring rx", "256"), 0);
		series_look(series, 1000 * (i + 1));
		tally_begin(&tally, series, 1, "dev");
		for (size_t j = i; j < 2; j++) {
			tally_object(&tally, object[j], j + 1);
			tally_name(&tally, "rx_packets", 7);
		}
		assert_int_equal(tally_end(&tally), 0);
	}
	for (size_t i = 0; i < 2; i++) {
		assert_true(trail_counters_setting(series, i, &setting));
		assert_int_equal(setting.is_gone, !i);
	}
	trail_counters_free(series);
}

static void test_settings(void **state)
{
	static const char text[] = "netns =a\nat 5\nset 1 =x =ring\\x20rx =256\nat 6\n"
				   "set 1 =x =ring\\x20rx =512\nlater 1 2 3\n";
	struct trail_counters *series;
	struct trail_setting setting;
	struct trail_error error;

	assert_int_equal(trail_counters_parse(text, sizeof(text) - 1, &series, &error), 0);
	assert_true(trail_counters_setting(series, 0, &setting));
	assert_string_equal(setting.name, "ring rx");
	assert_string_equal(setting.first, "256");
	assert_string_equal(setting.last, "512");
	assert_false(setting.is_gone);
	assert_false(trail_counters_setting(series, 1, &setting));
	trail_counters_free(series);
}

/* Each of these is refused, with its line, and what was before it is there. */
static void test_damage(void **state)
{
	static const char head[] = "netns =a\ngroup 1 dev 0 =lo\nnames 0 rx tx\nat 7\nall 0 1 2\n";
	static const char *const bad[] = {
		"v 1 0 5", "v 0 2 5", "v 0 0", "v 0 0 x", "v 0 0 -1", "v 0 0 99999999999999999999",
		"all 0 1", "all 1 1 2", "group 2 dev 0 =x", "group 1 dev 0 =lo", "group 1 dev 0 lo",
		"group 1 dev", "names 1 a", "names 0 \\x0", "names 0 \\x00", "names 0 \\q41",
		"like 0 0", "like 0 1", "like", "gone 1", "is 0", "is 5 1", "at", "at x",
		"set 9 =a =b =c", "set 1 =a =b", "netns", "netns a", "note x",
		"v 18446744073709551616 0 1", "v -1 0 1", "source", "source 2 snmp", "source 1",
		"rest 0", "look 0", "lost 0", "rest x",
	};
	char text[512];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct trail_counters *series = NULL;
		struct trail_error error;
		int n = snprintf(text, sizeof(text), "%s%s\nall 0 3 4\n", head, bad[i]);

		if (trail_counters_parse(text, n, &series, &error) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_string_equal(error.text, "counters: damaged in line 6");
		assert_int_equal(get(series, "lo", "tx").last, 2);
		trail_counters_free(series);
	}
}

/* Values before the first look have no time. */
static void test_no_look(void **state)
{
	static const char text[] = "netns =a\ngroup 1 dev 0 =lo\nnames 0 rx\nall 0 1\n";
	struct trail_counters *series = NULL;
	struct trail_error error;

	assert_int_equal(trail_counters_parse(text, sizeof(text) - 1, &series, &error), -EINVAL);
	trail_counters_free(series);
}

/* A few bytes a line must not become very much memory. */
static void test_much(void **state)
{
	struct trail_counters *series = NULL;
	struct trail_error error;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	fputs("group 0 dev 0 =d\nnames 0", out);
	for (int i = 0; i < 60000; i++)
		fprintf(out, " n%d", i);
	for (int i = 1; i < 60000; i++)
		fprintf(out, "\ngroup 0 dev 0 =d%d\nlike %d 0", i, i);
	fclose(out);
	assert_int_equal(trail_counters_parse(text, size, &series, &error), -EINVAL);
	assert_true(series->nr_value <= SERIES_MAX_VALUE);
	trail_counters_free(series);
	free(text);
}

/* Every place of a text damaged in turn: nothing but an error comes of it. */
static void test_flips(void **state)
{
	struct trail_counters *series = new_series();
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (size_t j = 0; j < cases[9].nr; j++) {
		look(series, 1000 * (j + 1), cases[9].id[j], cases[9].value[j]);
		assert_int_equal(carrier_write(series, out), 0);
	}
	fclose(out);
	trail_counters_free(series);
	for (size_t i = 0; i < 8 * size; i++) {
		struct trail_error error;
		char *copy = malloc(size);
		int err;

		memcpy(copy, text, size);
		copy[i / 8] ^= 1 << i % 8;
		err = trail_counters_parse(copy, size, &series, &error);
		assert_true(err == 0 || err == -EINVAL);
		trail_counters_free(series);
		err = trail_counters_parse(text, i / 8, &series, &error);
		assert_true(err == 0 || err == -EINVAL);
		trail_counters_free(series);
		free(copy);
	}
	free(text);
}

/* ---- sources that not every look takes */

#define S(seconds)	((seconds) * UINT64_C(1000000000))

/* Which sources look @i takes, of the namespaces 1 and 2, and when. */
static const struct {
	uint64_t at_ns;
	bool udp_of_1;
	bool all_of_2;
} rests[] = {
	{ S(10), true, true }, { S(11), true, false }, { S(13), false, false },
	{ S(14), true, true }, { S(15), true, true }, { S(16), false, true },
	{ S(20), false, false },
};

#define NR_REST	(sizeof(rests) / sizeof(rests[0]))

static void take(struct trail_counters *series, uint32_t netns, const char *source)
{
	struct tally tally;

	tally_begin(&tally, series, netns, source);
	tally_object(&tally, "", 0);
	tally_name(&tally, "x", series->look);
	assert_int_equal(tally_end(&tally), 0);
}

/* At look @gone the second namespace is found gone. */
static void look_seldom(struct trail_counters *series, size_t i, size_t gone)
{
	series_look(series, rests[i].at_ns);
	take(series, 1, "snmp");
	if (rests[i].udp_of_1)
		take(series, 1, "udp");
	for (size_t j = 0; i == gone && j < series->nr_source; j++)
		if (series->source[j].netns == 2)
			series_source_gone(series, &series->source[j]);
	if (rests[i].all_of_2 && i < gone) {
		take(series, 2, "snmp");
		take(series, 2, "udp");
	}
	series_look_over(series);
}

static void check_source(const struct trail_counters *series, size_t i,
			 struct trail_counter_source is)
{
	struct trail_counter_source source;

	assert_true(trail_counters_source(series, i, &source));
	assert_string_equal(source.source, is.source);
	assert_string_equal(source.netns, is.netns);
	assert_int_equal(source.nr_look, is.nr_look);
	assert_int_equal(source.longest_ns, is.longest_ns);
	assert_int_equal(source.unknown_ns, is.unknown_ns);
	assert_int_equal(source.is_gone, is.is_gone);
	assert_int_equal(source.is_resting, is.is_resting);
}

static void check_sources(const struct trail_counters *series)
{
	static const struct trail_counter_source is[] = {
		{ "own ns", "snmp", 7, 0, 0, false, false },
		/* Left alone to the end: at least so long. */
		{ "own ns", "udp", 4, S(5), 0, false, true },
		{ "other", "snmp", 4, S(4), S(4), true, true },
		{ "other", "udp", 4, S(4), S(4), true, true },
	};
	struct trail_counter_source none;

	assert_int_equal(trail_counters_info(series)->longest_ns, S(4));
	for (size_t i = 0; i < sizeof(is) / sizeof(is[0]); i++)
		check_source(series, i, is[i]);
	assert_false(trail_counters_source(series, sizeof(is) / sizeof(is[0]), &none));
}

static void test_sources(void **state)
{
	struct trail_counters *series = new_series(), *other;
	struct trail_error error;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(series_new_netns(series, "other"), 2);
	for (size_t i = 0; i < NR_REST; i++) {
		look_seldom(series, i, 6);
		assert_int_equal(carrier_write(series, out), 0);
	}
	fclose(out);
	check_sources(series);
	assert_int_equal(trail_counters_parse(text, size, &other, &error), 0);
	check_sources(other);
	trail_counters_free(other);
	trail_counters_free(series);
	/* Those that come later have fewer looks, but were never left alone. */
	series = new_series();
	series_look(series, S(1));
	series_look_over(series);
	series_look(series, S(2));
	take(series, 1, "udp");
	series_look_over(series);
	check_source(series, 0, (struct trail_counter_source){
		.netns = "own ns", .source = "udp", .nr_look = 1,
	});
	trail_counters_free(series);
	free(text);
}

static void test_mark(void **state)
{
	struct trail_counters *series = new_series();
	struct trail_counters_at at = { .since_mark = true };
	struct trail_counter counter;
	unsigned int nr = 0;

	look(series, 1000, 2, 10);
	look(series, 2000, 2, 30);
	trail_counters_mark(series);
	look(series, 3000, 2, 35);
	while (trail_counters_next(series, &at, &counter)) {
		if (strcmp(counter.object, "nic 0") || strcmp(counter.name, "rx_packets"))
			continue;
		assert_int_equal(counter.first, 30);
		assert_int_equal(counter.growth, 5);
		nr++;
	}
	assert_int_equal(nr, 1);
	assert_int_equal(get(series, "nic 0", "rx_packets").growth, 25);
	assert_int_equal(trail_counters_info(series)->mark_ns, 2000);
	trail_counters_free(series);
}

static void test_meaning(void **state)
{
	const struct trail_counter_meaning *v4, *v6;

	v4 = trail_counter_meaning("snmp", "UdpRcvbufErrors");
	v6 = trail_counter_meaning("snmp6", "Udp6RcvbufErrors");
	assert_non_null(v4);
	assert_ptr_equal(v4, v6);
	assert_non_null(trail_counter_meaning("ethtool", "port.rx_missed_errors"));
	assert_null(trail_counter_meaning("snmp", "IpInReceives"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth), cmocka_unit_test(test_new_name),
		cmocka_unit_test(test_carrier),
		cmocka_unit_test(test_settings), cmocka_unit_test(test_first_drop),
		cmocka_unit_test(test_gone_settings), cmocka_unit_test(test_damage),
		cmocka_unit_test(test_no_look), cmocka_unit_test(test_much),
		cmocka_unit_test(test_flips), cmocka_unit_test(test_sources),
		cmocka_unit_test(test_mark),
		cmocka_unit_test(test_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
