// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-drops.c - hand-made drops -> rows, their flows, sockets, ways, stacks; and how much of it
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "skbtrail.h"

static struct trail_drops *new_drops(void)
{
	struct trail_drops *drops;

	assert_int_equal(trail_drops_new(&drops), 0);
	return drops;
}

static struct trail_packet dropped(const char *reason, const char *dev, uint64_t ns)
{
	return (struct trail_packet){
		.dev = dev, .start_ns = ns - 100, .end_ns = ns, .len = 500, .dir = TRAIL_RX,
		.fate = TRAIL_DROPPED, .flags = TRAIL_PACKET_DROPPED,
		.flow = { .family = 4, .protocol = 17, .dport = 53 },
		.drop = { .reason = reason, .symbol = "udp_queue_rcv_one_skb", .dev = dev,
			  .symbol_offset = 0x30, .class = TRAIL_DROP_RESOURCE },
	};
}

static void add(struct trail_drops *drops, const struct trail_packet *packet)
{
	assert_int_equal(trail_drops_add(drops, packet), 1);
}

/* Strings are copied: those of the packets are overwritten. */
static void test_rows(void **state)
{
	char reason[] = "SOCKET_RCVBUFF", dev[] = "nic1";
	struct trail_packet packet = dropped(reason, dev, 1000);
	const struct trail_drop_row *const *row;
	struct trail_drops *drops = new_drops();

	(void)state;
	packet.fate = TRAIL_DELIVERED;
	packet.flags = 0;
	assert_int_equal(trail_drops_add(drops, &packet), 0);
	packet = dropped(reason, dev, 1000);
	add(drops, &packet);
	packet.start_ns = 1100;
	packet.end_ns = 3000;
	add(drops, &packet);
	packet.drop.class = TRAIL_DROP_BENIGN;
	packet.drop.reason = "QUEUE_PURGE";
	add(drops, &packet);
	packet = dropped("SOCKET_RCVBUFF", "nic0", 2000);
	add(drops, &packet);
	memset(reason, 'x', sizeof(reason) - 1);
	memset(dev, 'x', sizeof(dev) - 1);

	assert_int_equal(trail_drops_sort(drops, &row), 3);
	assert_int_equal(row[0]->count, 2);
	assert_string_equal(row[0]->drop.reason, "SOCKET_RCVBUFF");
	assert_string_equal(row[0]->drop.dev, "nic1");
	assert_int_equal(row[0]->bytes, 1000);
	assert_int_equal(row[0]->first_ns, 1000);
	assert_int_equal(row[0]->last_ns, 3000);
	assert_int_equal(row[0]->way_ns, 100 + 1900);
	assert_string_equal(row[0]->rule->name, "SOCKET_RCVBUFF");
	assert_int_equal(trail_drops_count(drops, TRAIL_NR_DROP_CLASS), 3);
	assert_int_equal(trail_drops_count(drops, TRAIL_DROP_RESOURCE), 3);
	assert_int_equal(trail_drops_count(drops, TRAIL_DROP_BENIGN), 1);

	trail_drops_clear(drops);
	assert_int_equal(trail_drops_sort(drops, &row), 0);
	assert_int_equal(trail_drops_count(drops, TRAIL_DROP_BENIGN), 0);
	packet = dropped("XDP", NULL, 500);
	add(drops, &packet);
	assert_int_equal(trail_drops_sort(drops, &row), 1);
	assert_int_equal(row[0]->count, 1);
	trail_drops_free(drops);
}

/* One flow of a hundred among many of one: it is first, and its count is exact within @over. */
static void test_top_flow(void **state)
{
	const struct trail_drop_row *const *row;
	struct trail_drops *drops = new_drops();
	uint64_t sum = 0;

	(void)state;
	for (unsigned int i = 0; i < 300; i++) {
		struct trail_packet packet = dropped("SOCKET_RCVBUFF", "nic1", 1000 + i);

		packet.flow.sport = (uint16_t)(i % 3 ? 1000 + i : 7);
		add(drops, &packet);
	}
	assert_int_equal(trail_drops_sort(drops, &row), 1);
	assert_int_equal(row[0]->nr_flow, 16);
	assert_int_equal(row[0]->flow[0].flow.sport, 7);
	assert_in_range(row[0]->flow[0].share.count, 100, 100 + row[0]->flow[0].share.over);
	for (size_t i = 0; i < row[0]->nr_flow; i++)
		sum += row[0]->flow[i].share.count;
	/* Whoever gives way hands its count on. */
	assert_int_equal(sum, 300);
	trail_drops_free(drops);
}

static void test_details(void **state)
{
	static const uint64_t stack[] = { 0xee01, 0xff01, 0xff02 };
	struct trail_span span[] = {
		{ &trail_stage[TRAIL_STAGE_IRQ], 1, 2, "", 0, 0, 0 },
		{ &trail_stage[TRAIL_STAGE_POLL], 2, 3, "", 0, 0, 0 },
		{ &trail_stage[TRAIL_STAGE_POLL], 3, 4, "", 0, 0, 0 },
		{ &trail_stage[TRAIL_STAGE_STACK], 4, 5, "", 0, 0, 0 },
	};
	struct trail_packet packet = dropped("SOCKET_RCVBUFF", "nic1", 1000);
	const struct trail_drop_row *const *row;
	struct trail_drops *drops = new_drops();

	(void)state;
	packet.span = span;
	packet.nr_span = 4;
	add(drops, &packet);
	packet.drop.socket = 0xff10;
	packet.drop.inode = 4711;
	packet.drop.queue = (struct trail_queue){ 9000, 8192, TRAIL_QUEUE_SOCKET };
	add(drops, &packet);
	packet.drop.owner_pid = 231;
	packet.drop.owner_comm = "a name that is much too long for it";
	packet.drop.queue.used = 8500;
	packet.drop.stack = stack;
	packet.drop.nr_stack = 3;
	/* What is inside of it is left out. */
	packet.drop.address = 0xff01;
	add(drops, &packet);

	assert_int_equal(trail_drops_sort(drops, &row), 1);
	assert_int_equal(row[0]->nr_path, 1);
	assert_int_equal(row[0]->path[0].nr_stage, 3);
	assert_int_equal(row[0]->path[0].stage[1], TRAIL_STAGE_POLL);
	assert_int_equal(row[0]->path[0].share.count, 3);
	/* The socket is the same before and after its reader is known. */
	assert_int_equal(row[0]->nr_owner, 1);
	assert_int_equal(row[0]->owner[0].share.count, 2);
	assert_int_equal(row[0]->owner[0].pid, 231);
	assert_int_equal(strlen(row[0]->owner[0].comm), sizeof(row[0]->owner[0].comm) - 1);
	assert_int_equal(row[0]->nr_stack, 1);
	assert_int_equal(row[0]->stack[0].address[1], 0xff02);
	assert_int_equal(row[0]->stack[0].address[2], 0);
	assert_int_equal(row[0]->fill[TRAIL_QUEUE_SOCKET].nr, 2);
	assert_int_equal(row[0]->fill[TRAIL_QUEUE_SOCKET].used_min, 8500);
	assert_int_equal(row[0]->fill[TRAIL_QUEUE_SOCKET].used_max, 9000);
	assert_int_equal(row[0]->fill[TRAIL_QUEUE_SOCKET].limit_max, 8192);
	assert_int_equal(row[0]->fill[TRAIL_QUEUE_QDISC].nr, 0);
	trail_drops_free(drops);
}

/* More kinds than rows: the last row has all that came too late. */
static void test_bound(void **state)
{
	const struct trail_drop_row *const *row;
	struct trail_drops *drops = new_drops();
	uint64_t sum = 0;
	size_t nr;

	(void)state;
	for (unsigned int i = 0; i < 3000; i++) {
		struct trail_packet packet = dropped("SOCKET_RCVBUFF", "nic1", 1000 + i);

		packet.drop.symbol_offset = i;
		packet.drop.class = i == 2999 ? TRAIL_DROP_POLICY : TRAIL_DROP_RESOURCE;
		add(drops, &packet);
	}
	nr = trail_drops_sort(drops, &row);
	assert_int_equal(nr, 1025);
	for (size_t i = 0; i < nr; i++)
		sum += row[i]->count;
	assert_int_equal(sum, 3000);
	assert_true(row[1024]->is_others);
	assert_int_equal(row[1024]->count, 3000 - 1024);
	assert_int_equal(row[1024]->drop.class, TRAIL_DROP_UNKNOWN);
	assert_null(row[1024]->drop.reason);
	assert_int_equal(trail_drops_count(drops, TRAIL_DROP_POLICY), 1);
	trail_drops_free(drops);
}

/* A counter beside others that count the same packets; of listeners, what an event shows too. */
static void test_unseen(void **state)
{
	static const struct trail_reconcile_row row[] = {
		{ .name = "UdpRcvbufErrors", .counted = 70, .state = TRAIL_RECONCILE_DIFFERS },
		{ .name = "TcpExtListenDrops", .counted = 5, .state = TRAIL_RECONCILE_NO_EVENT },
		{ .name = "TcpExtTCPReqQFullDrop", .counted = 3,
		  .state = TRAIL_RECONCILE_NO_EVENT },
		{ .name = "TcpExtListenDrops", .counted = 1, .state = TRAIL_RECONCILE_NO_EVENT },
		{ .name = "rx_missed_errors", .counted = 5000,
		  .state = TRAIL_RECONCILE_NO_EVENT },
		{ .name = "rx_fifo_errors", .counted = 5000, .state = TRAIL_RECONCILE_NO_EVENT },
	};
	const struct trail_drops_counted counted = { .row = row, .nr_row = 6 };
	struct trail_packet packet = dropped("SOCKET_RCVBUFF", "nic1", 1000);
	struct trail_drops_print print = { 0 };
	struct trail_drops *drops = new_drops();
	uint64_t count = 1;

	(void)state;
	add(drops, &packet);
	assert_false(trail_drops_unseen(&print, drops, &count));
	assert_int_equal(count, 0);
	print.counted = &counted;
	assert_true(trail_drops_unseen(&print, drops, &count));
	assert_int_equal(count, 5006);
	packet.drop.reason = "TCP_LISTEN_OVERFLOW";
	add(drops, &packet);
	add(drops, &packet);
	assert_true(trail_drops_unseen(&print, drops, &count));
	assert_int_equal(count, 5004);
	for (int i = 0; i < 9; i++)
		add(drops, &packet);
	assert_true(trail_drops_unseen(&print, drops, &count));
	assert_int_equal(count, 5000);
	trail_drops_free(drops);
}

int main(void)
{
	const struct CMUnitTest test[] = {
		cmocka_unit_test(test_rows), cmocka_unit_test(test_top_flow),
		cmocka_unit_test(test_details), cmocka_unit_test(test_bound),
		cmocka_unit_test(test_unseen),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}
