// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-stat.c - hand-made packets -> counts, stages, drops and the slowest
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "skbtrail.h"

static struct trail_stat *new_stat(unsigned int nr_slowest)
{
	struct trail_stat *stat;

	assert_int_equal(trail_stat_new(nr_slowest, &stat), 0);
	return stat;
}

/* Everything a copy has to copy is in memory that is overwritten afterwards. */
static void add_timed(struct trail_stat *stat, uint64_t id, uint64_t ns, uint8_t flags)
{
	char comm[16] = "task", dev[16] = "nic1";
	uint8_t bytes[14] = { 1, 2, 3 };
	struct trail_span span[2] = {
		{ &trail_stage[TRAIL_STAGE_STACK], 1000, 1000 + ns / 4, comm, 7, 1, TRAIL_EXACT },
		{ &trail_stage[TRAIL_STAGE_QUEUE], 1000 + ns / 4, 1000 + ns, NULL, -1, 0, 0 },
	};
	struct trail_link link = { 3, TRAIL_LINK_GRO, TRAIL_HEAD, TRAIL_EXACT };
	struct trail_packet packet = {
		.id = id, .start_ns = 1000, .end_ns = 1000 + ns, .dev = dev, .reader_comm = comm,
		.span = span, .nr_span = 2, .link = &link, .nr_link = 1,
		.dir = TRAIL_RX, .fate = TRAIL_DELIVERED, .flags = flags,
		.header = { .bytes = bytes, .nr_bytes = sizeof(bytes), .dev = dev },
	};

	assert_int_equal(trail_stat_add(stat, &packet), 0);
	memset(bytes, 'x', sizeof(bytes));
	memset(comm, 'x', sizeof(comm) - 1);
	memset(dev, 'x', sizeof(dev) - 1);
	memset(span, 0, sizeof(span));
	memset(&link, 0, sizeof(link));
}

static void test_counts(void **state)
{
	struct trail_stat *stat = new_stat(0);
	struct trail_packet bad = { .dir = TRAIL_NR_DIR };

	add_timed(stat, 1, 400, 0);
	add_timed(stat, 2, 800, 0);
	add_timed(stat, 3, 1000000, TRAIL_PACKET_EDGE);
	add_timed(stat, 4, 1000000, TRAIL_PACKET_LOSS | TRAIL_PACKET_EDGE);
	assert_int_equal(trail_stat_add(stat, &bad), -EINVAL);

	assert_int_equal(trail_stat_packets(stat, TRAIL_RX), 4);
	assert_int_equal(trail_stat_packets(stat, TRAIL_TX), 0);
	assert_int_equal(trail_stat_fates(stat, TRAIL_RX, TRAIL_DELIVERED), 4);
	assert_int_equal(trail_stat_complete(stat), 2);
	assert_int_equal(trail_stat_truncated_by_edge(stat), 1);
	assert_int_equal(trail_stat_truncated_by_loss(stat), 1);
	trail_stat_free(stat);
}

static void test_stages_of_complete_packets(void **state)
{
	struct trail_stat *stat = new_stat(0);
	const struct trail_histogram *hist;

	add_timed(stat, 1, 400, 0);
	add_timed(stat, 2, 800, 0);
	add_timed(stat, 3, 1000000, TRAIL_PACKET_EDGE);
	hist = trail_stat_stage(stat, TRAIL_RX, TRAIL_STAGE_STACK);
	assert_non_null(hist);
	assert_int_equal(trail_histogram_count(hist), 2);
	assert_int_equal(trail_histogram_total(hist), 300);
	assert_int_equal(trail_histogram_max(hist), 200);
	assert_int_equal(trail_stat_stage_total(stat, TRAIL_RX), 1200);
	assert_null(trail_stat_stage(stat, TRAIL_RX, TRAIL_STAGE_IRQ));
	assert_null(trail_stat_stage(stat, TRAIL_TX, TRAIL_STAGE_STACK));
	trail_stat_free(stat);
}

static void test_slowest(void **state)
{
	static const uint64_t ns[] = { 50, 90, 10, 70, 90, 30, 20, 60, 80, 40 };
	static const uint64_t want[] = { 2, 5, 9, 4 };
	struct trail_stat *stat = new_stat(4);
	const struct trail_packet *const *packet;

	for (size_t i = 0; i < sizeof(ns) / sizeof(ns[0]); i++) {
		add_timed(stat, i + 1, ns[i], 0);
		add_timed(stat, 100 + i, 5000, TRAIL_PACKET_LOSS);
	}
	/* Asking twice, and going on in between, changes nothing. */
	trail_stat_slowest(stat, &packet);
	add_timed(stat, 11, 65, 0);
	assert_int_equal(trail_stat_slowest(stat, &packet), 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(packet[i]->id, want[i]);
	assert_string_equal(packet[0]->dev, "nic1");
	assert_string_equal(packet[0]->reader_comm, "task");
	assert_string_equal(packet[0]->header.dev, "nic1");
	assert_int_equal(packet[0]->header.nr_bytes, 14);
	assert_memory_equal(packet[0]->header.bytes, "\1\2\3\0", 4);
	assert_string_equal(packet[0]->span[0].comm, "task");
	assert_null(packet[0]->span[1].comm);
	assert_ptr_equal(packet[0]->span[1].stage, &trail_stage[TRAIL_STAGE_QUEUE]);
	assert_int_equal(packet[0]->link[0].packet, 3);
	trail_stat_free(stat);
}

static void add_drop(struct trail_stat *stat, const char *reason, const char *symbol,
		     uint64_t offset, uint8_t class)
{
	struct trail_packet packet = {
		.fate = TRAIL_DROPPED, .flags = TRAIL_PACKET_DROPPED,
		.drop = { .reason = reason, .symbol = symbol, .symbol_offset = offset,
			  .address = 0xff00 + offset, .socket = offset + 1, .class = class },
	};

	assert_int_equal(trail_stat_add(stat, &packet), 0);
}

static void test_drops(void **state)
{
	struct trail_stat *stat = new_stat(0);
	const struct trail_drop_count *row;
	char reason[] = "NO_SOCKET";

	for (size_t i = 0; i < 3; i++)
		add_drop(stat, reason, "udp", 0x6e2, TRAIL_DROP_PROTOCOL);
	assert_int_equal(trail_stat_drops(stat, &row), 1);
	reason[0] = 'X';	/* the table has its own copy */
	add_drop(stat, "NO_SOCKET", "udp", 0x6e2, TRAIL_DROP_PROTOCOL);
	add_drop(stat, NULL, "udp", 0x6e2, TRAIL_DROP_UNKNOWN);
	add_drop(stat, NULL, "udp", 0x6e2, TRAIL_DROP_UNKNOWN);
	add_drop(stat, NULL, NULL, 1, TRAIL_DROP_UNKNOWN);
	assert_int_equal(trail_stat_drops(stat, &row), 3);
	assert_string_equal(row[0].drop.reason, "NO_SOCKET");
	assert_int_equal(row[0].count, 4);
	assert_int_equal(row[1].count, 2);
	assert_null(row[1].drop.reason);
	assert_int_equal(row[2].count, 1);
	assert_null(row[2].drop.symbol);
	assert_int_equal(row[2].drop.address, 0xff01);
	trail_stat_free(stat);
}

static void test_many_kinds_of_drops(void **state)
{
	struct trail_stat *stat = new_stat(0);
	const struct trail_drop_count *row;

	for (uint64_t i = 0; i < 3000; i++) {
		add_drop(stat, "R", "symbol", i % 1000, TRAIL_DROP_POLICY);
		if (i == 1500)
			trail_stat_drops(stat, &row);
	}
	assert_int_equal(trail_stat_drops(stat, &row), 1000);
	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(row[i].count, 3);
		assert_int_equal(row[i].drop.symbol_offset, i);
	}
	trail_stat_free(stat);
	trail_stat_free(NULL);
}

static void test_names(void **state)
{
	for (int id = 0; id < TRAIL_NR_STAGE; id++)
		assert_int_equal(trail_stage[id].id, id);
	assert_string_equal(trail_fate_name(TRAIL_IN_FLIGHT), "in-flight");
	assert_string_equal(trail_role_name(TRAIL_CHILD), "child");
	assert_string_equal(trail_cause_name(TRAIL_NR_CAUSE), "unknown");
}

int main(void)
{
	const struct CMUnitTest test[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_stages_of_complete_packets),
		cmocka_unit_test(test_slowest),
		cmocka_unit_test(test_drops),
		cmocka_unit_test(test_many_kinds_of_drops),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}
