// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-where.c - expressions over packets: what they select, and what is wrong with them
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "skbtrail.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct trail_span span[] = {
	{ &trail_stage[TRAIL_STAGE_IRQ], 1000, 3000, "swapper/1", 0, 1, TRAIL_EXACT },
	{ &trail_stage[TRAIL_STAGE_QUEUE], 3000, 1503000, "python3", 231, 0, TRAIL_INFERRED },
	{ &trail_stage[TRAIL_STAGE_QUEUE], 1503000, 2003000, "", -1, 0, TRAIL_INFERRED },
};

static const struct trail_link link_to_16 = { 16, TRAIL_LINK_GRO, TRAIL_MEMBER, TRAIL_EXACT };

static const struct trail_value returned = {
	.name = "ret", .number = (uint64_t)-11, .kind = TRAIL_VALUE_SIGNED,
	.role = TRAIL_ROLE_RETVAL,
};
static const struct trail_hit hit[] = {
	{ .name = "tcp_v4_rcv", .took_ns = TRAIL_UNKNOWN_NS },
	{ .name = "recvfrom__return", .took_ns = 22000, .value = &returned, .nr_value = 1 },
};
static const struct trail_joined joined[] = { { .hit = &hit[0] }, { .hit = &hit[1] } };

static const struct trail_packet delivered = {
	.id = 17, .start_ns = 1000, .end_ns = 2003000, .dev = "nic1", .reader_comm = "python3",
	.netns = 4026531840, .bytes_delivered = 1000, .len = 1028,
	.wake_ns = 1200, .runqueue_ns = 250000, .app_ns = TRAIL_UNKNOWN_NS,
	.softirq_wake_ns = -1, .softirq_runqueue_ns = -1,
	.flow = { 4, 6, 40000, 443, { 10, 0, 0, 2 }, { 192, 168, 77, 1 } },
	.header = { .seq_start = -1448, .seq_end = 0, .ipid = 4711, .vlan = -1,
		    .layer = TRAIL_LAYER_ETHERNET },
	.poll = { 0xff00, "nic1", "nic1-rx-0", 33, 1, 64, TRAIL_CAUSE_IRQ },
	.span = span, .nr_span = 3, .link = &link_to_16, .nr_link = 1, .reader_pid = 231,
	.joined = joined, .nr_joined = 2, .hits_left_out = 1,
	.ifindex = 2, .dir = TRAIL_RX, .fate = TRAIL_DELIVERED, .confidence = TRAIL_INFERRED,
	.flags = TRAIL_PACKET_HAS_POLL | TRAIL_PACKET_SEQ,
};

/* As little as possible is known of it. */
static const struct trail_packet dropped = {
	.id = 18, .start_ns = 2000, .end_ns = 2000, .len = -1, .reader_pid = -1,
	.wake_ns = -1, .runqueue_ns = -1, .app_ns = -1, .softirq_wake_ns = -1,
	.softirq_runqueue_ns = -1,
	.drop = { "NO_SOCKET", "nf_drop", "nf_tables", .symbol_offset = 0x6e2,
		  .address = 0xff77, .class = TRAIL_DROP_PROTOCOL },
	.dir = TRAIL_TX, .fate = TRAIL_DROPPED,
	.flags = TRAIL_PACKET_DROPPED | TRAIL_PACKET_EDGE | TRAIL_PACKET_NO_BYTES,
};

enum { DELIVERED = 1, DROPPED = 2, BOTH = 3 };

static const struct { const char *expr; int selects; } valid[] = {
	{ "latency > 1ms", DELIVERED }, { "latency>=2002us", DELIVERED },
	{ "latency > 2002us", 0 }, { "latency == 2.002ms", DELIVERED }, { "latency < 1", DROPPED },
	{ "latency < 0.003s", BOTH }, { "latency <= 2002000", BOTH }, { "latency != 0", DELIVERED },
	{ "stage(irq) == 2us", DELIVERED }, { "stage(queue) == 2ms", DELIVERED },
	{ "stage(copy) < 1s", 0 }, { "not stage(copy) < 1s", 0 },
	{ "not known(stage(copy))", BOTH }, { "known(stage(irq))", DELIVERED },
	{ "stage(queue.runqueue) > 200us", DELIVERED }, { "queue.runqueue > 200us", DELIVERED },
	{ "queue.wake == 1.2us", DELIVERED }, { "known(queue.app)", 0 },
	{ "known(softirq.wake) or known(softirq.runqueue)", 0 },
	{ "fate == delivered", DELIVERED }, { "fate != delivered", DROPPED },
	{ "fate =~ 'd*'", BOTH }, { "fate == 'dropped'", DROPPED },
	{ "reason == NO_SOCKET", DROPPED }, { "reason =~ *SOCK*", DROPPED },
	{ "reason != NO_SOCKET", 0 }, { "not reason == NO_SOCKET", 0 },
	{ "not known(reason)", DELIVERED }, { "class == protocol", DROPPED },
	{ "location == nf_drop+0x6e2", 0 }, { "location == nf_drop", DROPPED },
	{ "location == \"nf_drop+0x6e2 [nf_tables]\"", DROPPED },
	{ "location =~ nf_*", DROPPED }, { "location != nf_drop", 0 },
	{ "dev == nic1", DELIVERED }, { "dev =~ nic?", DELIVERED }, { "dev =~ \"[!n]*\"", 0 },
	{ "dev == 'ni\\c1'", DELIVERED }, { "dev != lo", DELIVERED }, { "known(dev)", DELIVERED },
	{ "ifindex == 2", DELIVERED }, { "netns == 4026531840", DELIVERED },
	{ "probe == tcp_v4_rcv", DELIVERED }, { "probe =~ recv*", DELIVERED },
	{ "not probe == tcp_v4_rcv", DROPPED }, { "probes == 3", DELIVERED },
	{ "probes == 0", DROPPED }, { "probe.took == 22us", DELIVERED },
	{ "probe.took < 1us", 0 }, { "probe.retval < 0", DELIVERED },
	{ "known(probe.retval)", DELIVERED }, { "probe.retval == 7", 0 },
	{ "cpu == 1", DELIVERED }, { "cpu != 1", 0 }, { "cpu < 1", DELIVERED }, { "cpu > 1", 0 },
	{ "cpu == 0x1", DELIVERED }, { "not cpu == 2", DELIVERED }, { "cpu != 2", DELIVERED },
	{ "pid == 231", DELIVERED }, { "pid == 0", DELIVERED }, { "pid == 1", 0 },
	{ "comm == swapper/1", DELIVERED }, { "reader == python3", DELIVERED },
	{ "comm =~ py*", DELIVERED }, { "reader == 'swapper/1'", 0 },
	{ "bytes == 1KB", DELIVERED }, { "bytes >= 1KiB", 0 }, { "known(bytes)", DELIVERED },
	{ "len == 1028B", DELIVERED }, { "len > 1KiB", DELIVERED }, { "len < 0.001MB", 0 },
	{ "confidence == inferred", DELIVERED }, { "confidence < inferred", DROPPED },
	{ "confidence <= ambiguous", BOTH }, { "confidence > exact", DELIVERED },
	{ "dir == rx", DELIVERED }, { "dir != rx", DROPPED },
	{ "proto == tcp", DELIVERED }, { "proto == 6", DELIVERED }, { "proto != udp", DELIVERED },
	{ "proto =~ t*", DELIVERED }, { "proto == 47", 0 },
	{ "host == 10.0.0.2", DELIVERED }, { "host == 192.168.77.1", DELIVERED },
	{ "host != 10.0.0.2", 0 }, { "src == 10.0.0.0/8", DELIVERED }, { "src == 11.0.0.0/8", 0 },
	{ "dst == 192.168.76.0/23", DELIVERED }, { "dst == 192.168.76.0/24", 0 },
	{ "dst != 10.0.0.0/8", DELIVERED }, { "host == 0.0.0.0/0", DELIVERED },
	{ "host == ::/0", 0 }, { "src == 2001:db8::1", 0 },
	{ "port == 443", DELIVERED }, { "sport == 443", 0 }, { "dport == 443", DELIVERED },
	{ "sport >= 1024", DELIVERED }, { "known(port)", DELIVERED },
	{ "ipid == 4711", DELIVERED }, { "seq == -1448", DELIVERED }, { "seq.end == 0", DELIVERED },
	{ "known(vlan)", 0 }, { "known(seq) and known(ipid)", DELIVERED },
	{ "origin == task", 0 }, { "cause == irq", DELIVERED }, { "poll.work == 1", DELIVERED },
	{ "links == gro", DELIVERED }, { "links != gro", DROPPED }, { "not links == gro", DROPPED },
	{ "known(links)", BOTH }, { "cut == edge", DROPPED }, { "cut == no", DELIVERED },
	{ "id == 17", DELIVERED },
	{ "latency > 1ms and dev == nic1", DELIVERED }, { "latency > 1ms && dev == lo", 0 },
	{ "dev == nic1 or fate == dropped", BOTH }, { "dev == lo || fate == dropped", DROPPED },
	{ "not (dev == nic1 or fate == dropped)", 0 }, { "!(dir == rx)", DROPPED },
	{ "not not dir == rx", DELIVERED }, { "!!!dir == rx", DROPPED },
	/* and binds tighter than or */
	{ "dir == rx or dir == tx and id == 17", DELIVERED },
	{ "(dir == rx or dir == tx) and id == 17", DELIVERED },
	{ "dir == tx or dir == rx and id == 18", DROPPED },
	/* unknown or true is true, unknown and false is false */
	{ "dev == nic1 or dir == tx", BOTH }, { "not (dev == lo and dir == rx)", BOTH },
	{ "dir == tx or dev == nic1", BOTH }, { "not (dir == rx and dev == lo)", BOTH },
	{ "not (dev == lo or dir == rx)", 0 },
	{ "((((id == 18))))", DROPPED }, { " \t id\n==\r18 ", DROPPED },
};

static int selected(const char *expr)
{
	struct trail_where *where;
	struct trail_error error;
	int selects;

	if (trail_where_new(expr, &where, &error))
		fail_msg("%s: %s at %u", expr, error.text, error.column);
	selects = trail_where_match(where, &delivered) * DELIVERED |
		  trail_where_match(where, &dropped) * DROPPED;
	trail_where_free(where);
	return selects;
}

static void test_selects(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(valid); i++)
		if (selected(valid[i].expr) != valid[i].selects)
			fail_msg("%s: %d instead of %d", valid[i].expr, selected(valid[i].expr),
				 valid[i].selects);
}

/* The place is that of the ^ in the line below the expression. */
static const struct { const char *expr, *place, *text, *hint; } wrong[] = {
	{ "",
	  "^", "the expression is empty", "" },
	{ "  ",
	  "^", "the expression is empty", "" },
	{ "latancy > 1ms",
	  "^", "no field 'latancy'", "did you mean latency?" },
	{ "dir == rx and fulx == 1",
	  "              ^", "no field 'fulx'", "skbtrail-report(1) lists the fields" },
	{ "lat > 1ms",
	  "^", "no field 'lat'", "did you mean latency?" },
	{ "queue > 1ms",
	  "^", "no field 'queue'", "stage(queue) is the time spent there" },
	{ "\"latency\" > 1ms",
	  "^", "a field is missing before '\"latency\"'", "" },
	{ "latency > \"abc\"",
	  "          ^", "latency is a time, not text",
	  "a number with ns, us, ms or s, such as 1.5ms" },
	{ "latency > abc",
	  "          ^", "latency is a time, 'abc' is none",
	  "a number with ns, us, ms or s, such as 1.5ms" },
	{ "latency > 1m",
	  "          ^", "latency is a time, '1m' is none",
	  "a number with ns, us, ms or s, such as 1.5ms" },
	{ "latency > 3KB",
	  "          ^", "latency is a time, 'KB' is a unit of size",
	  "a number with ns, us, ms or s, such as 1.5ms" },
	{ "latency > 1.5",
	  "          ^", "'1.5' is no whole number",
	  "a number with ns, us, ms or s, such as 1.5ms" },
	{ "len > 3ms",
	  "      ^", "len is a size, 'ms' is a unit of time",
	  "a number, or one with B, KB, KiB, MB, MiB, GB or GiB" },
	{ "cpu == 3ms",
	  "       ^", "cpu is a number, 'ms' is a unit of time", "a number without a unit" },
	{ "cpu == 99999999999999999999",
	  "       ^", "'99999999999999999999' is too large", "a number without a unit" },
	{ "latency > 99999999999s",
	  "          ^", "'99999999999s' is too large",
	  "a number with ns, us, ms or s, such as 1.5ms" },
	{ "cpu =~ 1",
	  "    ^", "cpu is no text, =~ does not compare it", "" },
	{ "dev > 3",
	  "    ^", "dev has no order, '>' does not compare it", "==, != and =~" },
	{ "dev == 3ms",
	  "       ^", "dev is text, '3ms' is a time", "in quotes it is text: \"3ms\"" },
	{ "dev == 3",
	  "       ^", "dev is text, '3' is a number", "in quotes it is text: \"3\"" },
	{ "fate > dropped",
	  "     ^", "fate has no order, '>' does not compare it", "==, != and =~" },
	{ "fate == droped",
	  "        ^", "fate is never 'droped'", "did you mean dropped?" },
	{ "class == x",
	  "         ^", "class is never 'x'", "unknown, policy, resource, protocol, benign" },
	{ "proto == tpc",
	  "         ^", "proto is never 'tpc'", "did you mean tcp?" },
	{ "src == example.com",
	  "       ^", "'example.com' is no address",
	  "an address such as 10.0.0.2 or 2001:db8::1, or a net such as 10.0.0.0/8; names are "
	  "not looked up" },
	{ "src == 10.0.0.0/33",
	  "               ^", "a net of IPv4 has a prefix of 0 to 32 bits",
	  "an address such as 10.0.0.2 or 2001:db8::1, or a net such as 10.0.0.0/8; names are "
	  "not looked up" },
	{ "host =~ 10.*",
	  "     ^", "host is no text, =~ does not compare it",
	  "a net has a prefix: host == 10.0.0.0/8" },
	{ "host < 10.0.0.1",
	  "     ^", "host has no order, '<' does not compare it", "== and !=" },
	{ "latency",
	  "       ^", "a comparison is missing at the end", "==, !=, <, <=, >, >= or =~" },
	{ "latency 1ms",
	  "        ^", "a comparison is missing before '1ms'", "==, !=, <, <=, >, >= or =~" },
	{ "latency >",
	  "         ^", "something to compare with is missing at the end", "" },
	{ "comm == and",
	  "        ^", "something to compare with is missing before 'and'",
	  "in quotes it is text" },
	{ "latency = 1ms",
	  "        ^", "'=' is no operator", "== compares, =~ is for globs" },
	{ "dir == rx & dir == tx",
	  "          ^", "'&' is no operator", "and, or &&" },
	{ "dir == \x01",
	  "       ^", "a control character (0x01)", "" },
	{ "latency(x) > 1ms",
	  "       ^", "latency takes no argument", "" },
	{ "stage > 1ms",
	  "      ^", "'(' is missing before '>'",
	  "stage(NAME) is the time spent in a stage: stage(queue)" },
	{ "stage() > 1ms",
	  "      ^", "the name of a stage is missing before ')'",
	  "stage(NAME) is the time spent in a stage: stage(queue)" },
	{ "stage(queu) > 1ms",
	  "      ^", "no stage 'queu'", "did you mean queue?" },
	{ "stage(queue > 1ms",
	  "            ^", "')' is missing before '>'", "" },
	{ "stage(queue",
	  "     ^", "the parenthesis is not closed", "" },
	{ "known reader",
	  "      ^", "'(' is missing before 'reader'",
	  "known(FIELD) asks if a field has a value: known(reader)" },
	{ "known(raeder)",
	  "      ^", "no field 'raeder'", "did you mean reader?" },
	{ "(latency > 1ms",
	  "^", "the parenthesis is not closed", "" },
	{ "(dir == rx and (id == 1 or id == 2)",
	  "^", "the parenthesis is not closed", "" },
	{ "latency > 1ms)",
	  "             ^", "no parenthesis is open here", "" },
	{ "latency > 1ms latency < 2ms",
	  "              ^", "and, or is missing before 'latency'", "" },
	{ "latency > 1 ms",
	  "            ^", "and, or is missing before 'ms'", "" },
	{ "dir == rx and",
	  "             ^", "a field is missing at the end", "" },
	{ "and dir == rx",
	  "^", "a field is missing before 'and'", "" },
	{ "dir == rx or or id == 1",
	  "             ^", "a field is missing before 'or'", "" },
	{ "not",
	  "   ^", "a field is missing at the end", "" },
	{ "(fate == dropped",
	  "^", "the parenthesis is not closed", "" },
	{ "()",
	  " ^", "a field is missing before ')'", "" },
	{ "reader == \"abc",
	  "          ^", "the quote has no end", "" },
	{ "reader == 'abc\\'",
	  "          ^", "the quote has no end", "" },
};

static void test_errors(void **state)
{
	struct trail_where *where;
	struct trail_error error;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (trail_where_new(wrong[i].expr, &where, &error) != -EINVAL)
			fail_msg("'%s' is taken", wrong[i].expr);
		assert_null(where);
		assert_string_equal(error.text, wrong[i].text);
		assert_string_equal(error.hint, wrong[i].hint);
		if (error.column != strlen(wrong[i].place))
			fail_msg("'%s': place %u instead of %zu", wrong[i].expr, error.column,
				 strlen(wrong[i].place));
	}
	assert_int_equal(trail_where_new("x", &where, NULL), -EINVAL);
}

static void test_depth(void **state)
{
	char *deep = malloc(30000);
	struct trail_where *where;
	struct trail_error error;

	memset(deep, '(', 10000);
	strcpy(deep + 10000, "id == 17");
	memset(deep + strlen(deep) + 1, 0, 10);
	memset(deep + 10008, ')', 10000);
	deep[20008] = '\0';
	assert_int_equal(trail_where_new(deep, &where, &error), -EINVAL);
	assert_int_equal(error.column, 65);
	/* As deep as it may be, with an operand waiting on each level. */
	deep[0] = '\0';
	for (size_t i = 0; i < 64; i++)
		strcat(deep, "id == 1 or id == 17 and (");
	strcat(deep, "id == 17");
	for (size_t i = 0; i < 64; i++)
		strcat(deep, ")");
	assert_int_equal(selected(deep), DELIVERED);
	memset(deep, '!', 20000);
	strcpy(deep + 20000, "id == 17");
	assert_int_equal(selected(deep), DELIVERED);
	free(deep);
}

/* Whatever is left of a valid expression is compiled or has an error at a place of it. */
static void try(const char *expr)
{
	struct trail_where *where;
	struct trail_error error;
	int err = trail_where_new(expr, &where, &error);

	if (!err) {
		trail_where_match(where, &delivered);
		trail_where_match(where, &dropped);
		trail_where_free(where);
		return;
	}
	assert_int_equal(err, -EINVAL);
	assert_true(error.text[0] && error.column && error.column <= strlen(expr) + 1);
}

static void test_truncated(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(valid); i++) {
		for (size_t len = 0; len < strlen(valid[i].expr); len++) {
			/* The end of the memory is the end of the text: ASan sees what reads on. */
			char *cut = strndup(valid[i].expr, len);

			try(cut);
			free(cut);
		}
	}
}

static void test_random(void **state)
{
	static const char *const token[] = {
		"latency", "stage", "stage(queue)", "queue.app", "dev", "cpu", "host", "fate",
		"links", "location", "known", "proto", "(", ")", "==", "!=", "<", ">=", "=~", "and",
		"or", "not", "!", "&&", "||", "1ms", "3", "-1", "0x", "1e9", "10.0.0.0/8", "::/",
		"'", "\"", "\\", "nic*", "\"[\"", "\xff\xc3", "=", "&", "dropped",
		"9223372036854775807s",
	};
	char expr[512];
	unsigned int seed = 1;

	for (size_t i = 0; i < 200000; i++) {
		size_t nr = (size_t)rand_r(&seed) % 12;
		int space = rand_r(&seed) % 4;

		expr[0] = '\0';
		for (size_t j = 0; j < nr; j++) {
			strcat(expr, token[(size_t)rand_r(&seed) % ARRAY_SIZE(token)]);
			strcat(expr, space ? " " : "");
		}
		try(expr);
	}
}

int main(void)
{
	const struct CMUnitTest test[] = {
		cmocka_unit_test(test_selects),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}
