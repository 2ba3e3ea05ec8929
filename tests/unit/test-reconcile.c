// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-reconcile.c - drops that were seen, and counters that grew -> what is missing, and why
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../lib/counters/match.h"
#include "../../lib/counters/series.h"

/* Two looks at two namespaces, as a capture tells them. */
static struct trail_counters *parse(const char *more)
{
	static const char head[] =
		"netns =a\nnetns =b\n"
		"group 1 snmp 0 =\nnames 0 UdpRcvbufErrors UdpNoPorts TcpInCsumErrors\n"
		"group 2 snmp 0 =\nlike 1 0\n"
		"group 1 dev 2 =nic0\nnames 2 rx_missed_errors rx_packets\n"
		"group 1 qdisc 1 =nic0\\x20tbf\\x201:\\x20root\nnames 3 drops\n"
		"group 1 qdisc 2 =nic0\\x20pfifo\\x202:\\x20parent\\x201:1\nlike 4 3\n"
		"at 1000\nall 0 5 5 5\nall 1 0 0 0\nall 2 0 0\nall 3 0\nall 4 0\nat 2000\n";
	struct trail_counters *series;
	struct trail_error error;
	char text[2048];
	int n = snprintf(text, sizeof(text), "%s%s", head, more);

	assert_int_equal(trail_counters_parse(text, n, &series, &error), 0);
	return series;
}

struct seen {
	const char *reason;
	const char *symbol;
	uint64_t count;
	const char *means;
};

/* The row at @rank of those that @more and @seen yield. */
static struct trail_reconcile_row row(const char *more, const struct seen *seen,
				      const struct trail_capture_info *info, size_t rank)
{
	struct trail_counters *series = parse(more);
	const struct trail_reconcile_row *rows;
	struct trail_reconcile_row out = { .state = 99 };
	struct trail_reconcile *reconcile;
	static char why[200], label[100];
	size_t nr;

	assert_int_equal(trail_reconcile_new(series, &reconcile), 0);
	for (; seen->count; seen++) {
		struct trail_drop drop = {
			.reason = seen->reason, .symbol = seen->symbol, .means = seen->means,
		};

		trail_reconcile_drop(reconcile, &drop, seen->count);
	}
	nr = trail_reconcile_rows(reconcile, info, &rows);
	if (rank < nr) {
		out = rows[rank];
		snprintf(label, sizeof(label), "%s", out.label);
		snprintf(why, sizeof(why), "%s", out.why ? out.why : "");
		out.label = label;
		out.why = why;
		out.object = NULL;
	}
	trail_reconcile_free(reconcile);
	trail_counters_free(series);
	return out;
}

static const struct trail_capture_info whole = { .file = "a.dat" };
static const struct seen none[] = { { 0 } };

static void test_agrees(void **state)
{
	static const struct seen seen[] = {
		{ "SOCKET_RCVBUFF", "udp_queue_rcv_one_skb", 118 },
		/* Kernels that give none: by the function. */
		{ NULL, "udp_queue_rcv_skb", 2 },
		{ "NO_SOCKET", "__udp4_lib_rcv", 4 },
		/* Of others: not of this counter. */
		{ "SOCKET_RCVBUFF", "packet_rcv", 9 }, { "SOCKET_RCVBUFF", NULL, 9 },
		{ "SOCKET_RCVBUFF", "udpv6_queue_rcv_one_skb", 9 }, { 0 }
	};
	struct trail_reconcile_row is = row("v 0 0 75 1 9\nv 1 0 50\n", seen, &whole, 0);

	assert_string_equal(is.label, "UDP RcvbufErrors");
	assert_int_equal(is.state, TRAIL_RECONCILE_AGREES);
	assert_int_equal(is.counted, 120);
	assert_int_equal(is.seen, 120);
	assert_int_equal(is.unexplained, 0);
	is = row("v 0 0 75 1 9\nv 1 0 50\n", seen, &whole, 1);
	assert_string_equal(is.label, "UDP NoPorts");
	assert_int_equal(is.state, TRAIL_RECONCILE_AGREES);
	/* Nor has IPv6 a counter here to compare with. */
	is = row("v 0 0 75 1 9\nv 1 0 50\n", seen, &whole, 2);
	assert_int_equal(is.state, 99);
}

/* net/ipv4/ip_input.c: ip_rcv_finish_core() drops martian sources without a reason as well. */
static void test_said(void **state)
{
	static const char grown[] = "group 1 netstat 0 =\n"
		"names 5 TcpExtIPReversePathFilter\nall 5 9\n";
	static const struct seen seen[] = {
		{ "IP_RPFILTER", "ip_rcv_finish_core", 9 },
		{ "NOT_SPECIFIED", "ip_rcv_finish_core", 4 }, { 0 }
	};
	struct trail_reconcile_row is = row(grown, seen, &whole, 0);

	assert_string_equal(is.name, "TcpExtIPReversePathFilter");
	assert_int_equal(is.counted, 9);
	assert_int_equal(is.seen, 9);
	assert_int_equal(is.state, TRAIL_RECONCILE_AGREES);
}

/* A broadcast that nobody waits for is dropped where a port that nobody has is. */
static void test_group(void **state)
{
	static const char grown[] = "group 1 snmp 0 =x\n"
		"names 5 UdpIgnoredMulti\nall 5 6\nv 0 1 7\n";
	static const struct seen seen[] = {
		{ "NO_SOCKET", "__udp4_lib_rcv", 2 },
		{ "NOT_SPECIFIED", "__udp4_lib_rcv", 6, "IGNORED_MULTI" },
		/* Of a group that was not joined: before UDP sees it. */
		{ "NOT_SPECIFIED", "ip_rcv_finish_core", 9, "IGNORED_MULTI" }, { 0 }
	};
	static const struct seen bare[] = {
		{ "NO_SOCKET", "__udp4_lib_rcv", 2 },
		{ "NOT_SPECIFIED", "__udp4_lib_rcv", 6 }, { 0 }
	};
	static const struct seen old[] = { { NULL, "__udp4_lib_rcv", 8 }, { 0 } };
	struct trail_reconcile_row is = row(grown, seen, &whole, 0);

	assert_int_equal(is.state, TRAIL_RECONCILE_AGREES);
	assert_int_equal(row(grown, seen, &whole, 1).state, TRAIL_RECONCILE_AGREES);
	assert_int_equal(row(grown, seen, &whole, 2).state, 99);
	/* Where nothing is known of the packets they are not told from others. */
	is = row(grown, bare, &whole, 0);
	assert_string_equal(is.label, "UDP IgnoredMulti");
	assert_int_equal(is.state, TRAIL_RECONCILE_NO_REASON);
	assert_int_equal(is.seen, 0);
	assert_int_equal(row(grown, bare, &whole, 1).state, TRAIL_RECONCILE_AGREES);
	/* A kernel without reasons: the function alone. */
	assert_int_equal(row(grown, old, &whole, 0).state, TRAIL_RECONCILE_NO_REASON);
	assert_int_equal(row("", old, &whole, 0).state, TRAIL_RECONCILE_NO_REASON);
}

static void test_missing(void **state)
{
	static const struct seen seen[] = {
		{ "SOCKET_RCVBUFF", "udp_queue_rcv_one_skb", 118 }, { 0 }
	};
	struct trail_capture_info info = { .file = "a.dat" };
	struct trail_reconcile_row is = row("v 0 0 125\n", seen, &info, 0);

	assert_int_equal(is.state, TRAIL_RECONCILE_DIFFERS);
	assert_int_equal(is.unexplained, 2);
	info.lost_events = 1000;
	is = row("v 0 0 125\n", seen, &info, 0);
	assert_int_equal(is.state, TRAIL_RECONCILE_IN_GAP);
	assert_int_equal(is.in_gap, 2);
	assert_int_equal(is.unexplained, 0);
	assert_string_equal(is.why, "2 in a gap of lost events");
	/* Fewer were lost than are missing. */
	info.lost_events = 1;
	is = row("v 0 0 125\n", seen, &info, 0);
	assert_int_equal(is.state, TRAIL_RECONCILE_DIFFERS);
	assert_int_equal(is.in_gap, 1);
	assert_int_equal(is.unexplained, 1);
	info.lost_events = 0;
	info.lost_unknown = 1;
	assert_int_equal(row("v 0 0 125\n", seen, &info, 0).state, TRAIL_RECONCILE_IN_GAP);
	info.lost_unknown = 0;
	info.bounded = "flight";
	assert_int_equal(row("v 0 0 125\n", seen, &info, 0).state, TRAIL_RECONCILE_LET_GO);
}

static void test_more_seen(void **state)
{
	static const struct seen seen[] = { { "NO_SOCKET", "__udp4_lib_rcv", 7 }, { 0 } };
	struct trail_reconcile_row is = row("v 0 1 10\n", seen, &whole, 0);

	assert_int_equal(is.state, TRAIL_RECONCILE_DIFFERS);
	assert_int_equal(is.unexplained, 2);
	/* A counter that was reset has counted at least so many. */
	is = row("v 0 1 3\n", seen, &whole, 0);
	assert_int_equal(is.state, TRAIL_RECONCILE_AGREES);
	assert_true(is.at_least);
}

/* What is gone may have counted more after the last look at it; how long before is said. */
static void test_gone(void **state)
{
	static const struct seen seen[] = { { "NO_SOCKET", "__udp4_lib_rcv", 7 }, { 0 } };
	struct trail_reconcile_row is = row("v 0 1 10\ngone 0\n", seen, &whole, 0);

	assert_int_equal(is.state, TRAIL_RECONCILE_AGREES);
	assert_true(is.at_least);
	assert_int_equal(is.counted, 5);
	assert_string_equal(is.why, "what is gone may have counted more after the last look at it");
	is = row("source 1 snmp\nat 3000\nv 0 1 10\nat 1500003000\ngone 0\nlost 0\n", seen, &whole,
		 0);
	assert_int_equal(is.state, TRAIL_RECONCILE_AGREES);
	assert_true(is.at_least);
	assert_string_equal(is.why, "what network namespace a counted after the last look at it, "
			    "up to 1.5 s before its end, is not known");
	/* It is no reason for more having been counted, nor for drops of another kind. */
	is = row("v 0 1 15\ngone 0\n", seen, &whole, 0);
	assert_int_equal(is.state, TRAIL_RECONCILE_DIFFERS);
	assert_int_equal(is.unexplained, 3);
	is = row("v 0 1 10\ngone 3\n", seen, &whole, 0);
	assert_int_equal(is.state, TRAIL_RECONCILE_DIFFERS);
	assert_int_equal(is.unexplained, 2);
}

/* What nothing explains first, then what no event shows, what agrees last. */
static void test_order(void **state)
{
	static const struct seen seen[] = { { "NO_SOCKET", "__udp4_lib_rcv", 5 }, { 0 } };
	static const char more[] = "v 0 0 6 1 10\nv 2 0 5000 1 1000000\n";
	struct trail_reconcile_row is = row(more, seen, &whole, 0);

	assert_string_equal(is.label, "UDP RcvbufErrors");
	assert_int_equal(is.state, TRAIL_RECONCILE_DIFFERS);
	is = row(more, seen, &whole, 1);
	assert_string_equal(is.label, "nic0 rx_missed_errors");
	assert_int_equal(is.state, TRAIL_RECONCILE_NO_EVENT);
	assert_int_equal(is.counted, 5000);
	assert_string_equal(is.why, "dropped by the device before any event");
	assert_int_equal(row(more, seen, &whole, 2).state, TRAIL_RECONCILE_AGREES);
	assert_int_equal(row(more, seen, &whole, 3).state, 99);
}

static void test_reasons(void **state)
{
	static const struct seen old[] = { { NULL, "tcp_v4_rcv", 3 }, { 0 } };
	static const struct seen new[] = { { "TCP_CSUM", "tcp_v4_rcv", 3 }, { 0 } };
	struct trail_reconcile_row is = row("v 0 2 8\n", old, &whole, 0);

	assert_int_equal(is.state, TRAIL_RECONCILE_NO_REASON);
	is = row("v 0 2 8\n", new, &whole, 0);
	assert_int_equal(is.state, TRAIL_RECONCILE_AGREES);
	assert_int_equal(row("v 0 2 8\n", none, &whole, 0).state, TRAIL_RECONCILE_NO_REASON);
}

/* A queue below another one: both have counted the packet. */
static void test_qdisc(void **state)
{
	static const struct seen seen[] = {
		{ "QDISC_DROP", "__dev_xmit_skb", 3 }, { "QDISC_OVERLIMIT", "tbf_enqueue", 1 },
		{ "FQ_FLOW_LIMIT", "kfree_skb_list_reason", 1 },
		{ "FQ_BAND_LIMIT", "kfree_skb_list_reason", 1 },
		{ "CAKE_FLOOD", "cake_dequeue", 1 }, { "DUALPI2_STEP_DROP", "dualpi2_qdisc", 1 },
		/* Before the qdisc counts. */
		{ "QDISC_BURST_DROP", "__dev_queue_xmit", 9 }, { 0 }
	};
	struct trail_reconcile_row is = row("v 3 0 8\nv 4 0 8\n", seen, &whole, 0);

	assert_int_equal(is.state, TRAIL_RECONCILE_AGREES);
	assert_int_equal(is.counted, 8);
}

/* Of the two families, and of the same reason elsewhere. */
static void test_families(void **state)
{
	static const char grown[] = "group 1 snmp 0 =x\nnames 5 IcmpInCsumErrors\nall 5 4\n"
		"group 1 snmp6 0 =\nnames 6 Icmp6InCsumErrors Udp6NoPorts Udp6InCsumErrors "
		"Ip6InHdrErrors\nall 6 6 2 5 9\n"
		"group 1 netstat 0 =\nnames 7 IpExtInNoRoutes\nall 7 3\n";
	static const struct seen seen[] = {
		{ "ICMP_CSUM", "icmp_rcv", 4 }, { "ICMP_CSUM", "icmpv6_rcv", 6 },
		/* Of NO_SOCKET 3 had no checksum. */
		{ "NO_SOCKET", "__udp6_lib_rcv", 5 }, { "UDP_CSUM", "__udp6_lib_rcv", 2 },
		{ "UNHANDLED_PROTO", "ip6_rcv_core", 2 },
		{ "UNHANDLED_PROTO", "ip6_tlvopt_unknown", 3 },
		{ "UNHANDLED_PROTO", "icmpv6_param_prob_reason", 3 },
		{ "IP_INHDR", "ip6_forward", 1 },
		{ "UNHANDLED_PROTO", "__netif_receive_skb_core", 8 },
		{ "IP_INNOROUTES", "ip_error", 3 }, { "NOT_SPECIFIED", "ip_error", 8 }, { 0 }
	};
	static const char *const label[] = {
		"UDP6 NoPorts and InCsumErrors", "ICMP InCsumErrors", "ICMP6 InCsumErrors",
		"IP6 InHdrErrors", "IP InNoRoutes"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(label) / sizeof(label[0]); i++) {
		struct trail_reconcile_row is = row(grown, seen, &whole, i);

		assert_string_equal(is.label, label[i]);
		assert_int_equal(is.state, TRAIL_RECONCILE_AGREES);
	}
	assert_int_equal(row(grown, seen, &whole, 5).state, 99);
}

/* Each reason of the table is one that the other table knows, and no drop is counted twice. */
static void test_table(void **state)
{
	for (size_t i = 0; counter_match(i); i++) {
		const struct counter_match *match = counter_match(i);

		for (size_t j = 0; j < COUNTER_MATCH_REASONS && match->reason[j]; j++) {
			struct trail_drop drop = {
				.reason = match->reason[j],
				.symbol = match->places ? match->places[0] : "x",
			};
			unsigned int nr = 0;

			assert_non_null(trail_drop_reason(match->reason[j]));
			for (size_t k = 0; counter_match(k); k++)
				nr += counter_match_drop(counter_match(k), counter_reason(&drop),
							 drop.symbol);
			assert_int_equal(nr, 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agrees), cmocka_unit_test(test_said),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_more_seen), cmocka_unit_test(test_gone),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_reasons), cmocka_unit_test(test_qdisc),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
