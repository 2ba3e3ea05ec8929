// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-header.c - what probes say of packets -> packets with bytes, flows and positions
 *
 *	test-header DIRECTORY		the one that has 6.12/mixed.dat: an engine wants a capture
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "skbtrail.h"

#define SKB		0xffff888000001000ull
#define FRAME_SIZE	54

/* The last packet that came out of the engine, and how many there were. */
struct result {
	struct trail_packet last;
	uint8_t bytes[TRAIL_MAX_SNAP_BYTES + 4];
	unsigned int nr;
};

/* An engine and the event that is being told; every event is a microsecond later. */
struct bed {
	struct trail_capture *cap;
	struct trail_engine *engine;
	struct trail_event event;
	struct result result;
};

static const char *golden;

static int take_packet(void *data, const struct trail_packet *packet)
{
	struct result *result = data;

	result->nr++;
	result->last = *packet;
	if (packet->header.bytes)
		memcpy(result->bytes, packet->header.bytes, packet->header.nr_bytes);
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
	assert_int_equal(trail_engine_new(bed->cap, take_packet, &bed->result, &bed->engine), 0);
	bed->event.ts_ns = 1000000;
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

static void put32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

/* TCP from 10.0.0.1 to 10.0.0.2, port @sport to 80, with @bytes of payload. */
static void make_frame(uint8_t *frame, uint16_t sport, uint32_t seq, uint16_t bytes)
{
	static const uint8_t head[FRAME_SIZE] = {
		2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
		0x45, 0, 0, 0, 0, 9, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
		0, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x10, 2, 0, 0, 0, 0, 0,
	};

	memcpy(frame, head, FRAME_SIZE);
	frame[16] = (uint8_t)((40 + bytes) >> 8);
	frame[17] = (uint8_t)(40 + bytes);
	frame[34] = (uint8_t)(sport >> 8);
	frame[35] = (uint8_t)sport;
	put32(frame + 38, seq);
}

static void next_event(struct bed *bed)
{
	bed->event.ts_ns += 1000;
	assert_int_equal(trail_engine_events(bed->engine, &bed->event, 1), 0);
}

static struct trail_skb_header header_of(const uint8_t *frame, uint16_t payload)
{
	return (struct trail_skb_header){
		.skb = SKB, .netns = 4026531840, .bytes = frame, .nr_bytes = FRAME_SIZE,
		.wire_len = FRAME_SIZE + payload, .ifindex = 3, .layer = TRAIL_LAYER_ETHERNET,
	};
}

/* One packet is received, and dies.  Return: what came out of it. */
static const struct trail_packet *receive(struct bed *bed, const struct trail_skb_header *header)
{
	struct trail_skb skb = {
		.skb = SKB, .dev = "nic1", .len = header->wire_len - 14, .network_offset = -1,
		.data_len = -1,
	};
	struct trail_drop drop = { .reason = "NO_SOCKET" };

	next_event(bed);
	assert_int_equal(trail_header(bed->engine, &bed->event, header), 0);
	assert_int_equal(trail_receive(bed->engine, &bed->event, &skb), 0);
	next_event(bed);
	assert_int_equal(trail_dropped(bed->engine, &bed->event, SKB, &drop, TRAIL_FREE_UNKNOWN),
			 0);
	return &bed->result.last;
}

/* Packets wait in the engine for others that ended before: positions are looked at in the end. */
static void receive_tcp(struct bed *bed, uint16_t sport, uint32_t seq, uint16_t bytes)
{
	uint8_t frame[FRAME_SIZE] = { 0 };
	struct trail_skb_header header = header_of(frame, bytes);

	make_frame(frame, sport, seq, bytes);
	receive(bed, &header);
}

static const struct trail_packet *finish(struct bed *bed)
{
	assert_int_equal(trail_engine_finish(bed->engine), 0);
	return &bed->result.last;
}

static void test_tag_is_put_back(void **state)
{
	struct bed *bed = *state;
	uint8_t frame[FRAME_SIZE] = { 0 };
	struct trail_skb_header header = header_of(frame, 100);
	const struct trail_packet *packet;

	make_frame(frame, 40000, 1, 100);
	header.vlan_proto = 0x88a8;
	header.vlan_tci = 0x6007;
	receive(bed, &header);
	packet = finish(bed);
	assert_int_equal(packet->header.vlan, 7);
	assert_int_equal(packet->header.nr_bytes, FRAME_SIZE + 4);
	assert_int_equal(packet->header.wire_len, FRAME_SIZE + 100 + 4);
	assert_memory_equal(bed->result.bytes, frame, 12);
	assert_memory_equal(bed->result.bytes + 12, "\x88\xa8\x60\x07", 4);
	assert_memory_equal(bed->result.bytes + 16, frame + 12, FRAME_SIZE - 12);
	assert_int_equal(packet->ifindex, 3);
	assert_int_equal(packet->netns, 4026531840);
	assert_string_equal(packet->header.dev, "nic1");
	assert_int_equal(packet->header.ts_ns, packet->start_ns);
}

/* More than is ever recorded, fewer than an Ethernet header, none. */
static void test_sizes(void **state)
{
	static uint8_t large[2 * TRAIL_MAX_SNAP_BYTES];
	struct bed *bed = *state;
	struct trail_skb_header header = header_of(large, 0);
	const struct trail_packet *packet;

	make_frame(large, 40000, 1, 2000);
	header.nr_bytes = sizeof(large);
	header.wire_len = sizeof(large);
	header.vlan_proto = 0x8100;
	receive(bed, &header);
	header.nr_bytes = 11;
	receive(bed, &header);
	header.nr_bytes = 0;
	receive(bed, &header);
	header.bytes = NULL;
	receive(bed, &header);
	packet = finish(bed);
	assert_int_equal(bed->result.nr, 4);
	assert_null(packet->header.bytes);
	assert_int_equal(packet->flow.family, 0);
	assert_int_equal(packet->header.vlan, -1);
	assert_int_equal(packet->ifindex, 3);
}

/* Two of the same verb: by the probe and by the tracepoint is one step, by the same is two. */
static unsigned int packets_after(struct bed *bed, const char *by)
{
	uint8_t frame[FRAME_SIZE] = { 0 };
	struct trail_skb_header header = header_of(frame, 100);
	struct trail_skb skb = { .skb = SKB, .dev = "nic1", .len = 154, .network_offset = 14 };

	make_frame(frame, 40000, 1, 100);
	for (; *by; by++) {
		next_event(bed);
		if (*by == 'p')
			trail_header(bed->engine, &bed->event, &header);
		skb.dev = *by == 'v' ? "vlan7" : "nic1";
		assert_int_equal(trail_tx_queue(bed->engine, &bed->event, &skb), 0);
	}
	assert_int_equal(trail_engine_finish(bed->engine), 0);
	return bed->result.nr;
}

static void test_probe_before(void **state)
{
	struct bed *bed = *state;

	assert_int_equal(packets_after(bed, "pt"), 1);
	assert_int_equal(bed->result.last.flow.sport, 40000);
}

static void test_probe_before_twice(void **state)
{
	assert_int_equal(packets_after(*state, "ptpt"), 2);
}

static void test_probe_alone(void **state)
{
	assert_int_equal(packets_after(*state, "ppp"), 3);
}

static void test_probe_after_other_device(void **state)
{
	assert_int_equal(packets_after(*state, "pv"), 2);
}

/* One after the other in the same memory: bytes are those of each. */
static void test_memory_is_used_again(void **state)
{
	struct bed *bed = *state;
	uint8_t frame[FRAME_SIZE] = { 0 };
	struct trail_skb_header header = header_of(frame, 0);

	for (unsigned int i = 0; i < 10000; i++) {
		make_frame(frame, (uint16_t)(i + 1), i, 0);
		header.nr_bytes = i % 3 ? FRAME_SIZE : 34;
		receive(bed, &header);
		if (!bed->result.nr)
			continue;
		assert_int_equal(bed->result.last.header.nr_bytes,
				 (bed->result.nr - 1) % 3 ? FRAME_SIZE : 34);
		if ((bed->result.nr - 1) % 3)
			assert_int_equal(bed->result.bytes[34] << 8 | bed->result.bytes[35],
					 bed->result.nr);
	}
	finish(bed);
	assert_int_equal(bed->result.nr, 10000);
	assert_int_equal(bed->result.last.flow.family, 4);
	assert_int_equal(bed->result.last.flow.sport, 0);
}

static void test_positions(void **state)
{
	struct bed *bed = *state;
	const struct trail_packet *packet;
	uint32_t seq = 0xffff0000;
	uint64_t sent = 0;

	/* Six gigabytes: the 32 bits begin again, the position does not. */
	for (; sent < 6000000000ull; sent += 50000)
		receive_tcp(bed, 40000, seq + (uint32_t)sent, 50000);
	/* Back by a window, and in front of the first. */
	receive_tcp(bed, 40000, seq + (uint32_t)(sent - 1000000), 10);
	packet = finish(bed);
	assert_int_equal(packet->header.seq_start, sent - 1000000);
	assert_int_equal(packet->header.seq_end, sent - 1000000 + 10);
	assert_int_equal(packet->header.tcp_end - packet->header.tcp_seq, 10);
}

static void test_position_before_first(void **state)
{
	receive_tcp(*state, 40000, 100, 10);
	receive_tcp(*state, 40000, 0xfffffff0, 10);
	assert_int_equal(finish(*state)->header.seq_start, -116);
}

/* The flow that was not seen for the longest time is forgotten. */
static void test_many_flows(void **state)
{
	struct bed *bed = *state;

	receive_tcp(bed, 40000, 100, 10);
	for (unsigned int i = 0; i < 65535; i++) {
		struct trail_skb_header header;
		uint8_t frame[FRAME_SIZE] = { 0 };

		make_frame(frame, (uint16_t)(i + 1), 7, 10);
		frame[29] = 9;
		header = header_of(frame, 10);
		receive(bed, &header);
		if (i == 65000)
			receive_tcp(bed, 40000, 200, 10);
	}
	receive_tcp(bed, 40000, 300, 10);
	receive_tcp(bed, 40001, 5000, 10);
	receive_tcp(bed, 40000, 400, 10);
	assert_int_equal(finish(bed)->header.seq_start, 300);
}

static void test_forgotten_flow(void **state)
{
	struct bed *bed = *state;

	receive_tcp(bed, 40000, 100, 10);
	for (unsigned int i = 0; i < 65536; i++) {
		uint8_t frame[FRAME_SIZE] = { 0 };
		struct trail_skb_header header = header_of(frame, 10);

		make_frame(frame, (uint16_t)i, 7, 10);
		frame[29] = (uint8_t)(9 + (i == 0));
		receive(bed, &header);
	}
	receive_tcp(bed, 40000, 400, 10);
	assert_int_equal(finish(bed)->header.seq_start, 0);
}

/* The kernel's event ends a packet that nobody had seen, and the probe's tells its bytes. */
static void test_bytes_at_drop(void **state)
{
	struct bed *bed = *state;
	uint8_t frame[FRAME_SIZE] = { 0 };
	const struct trail_drop drop = { .reason = "QUEUE_PURGE", .address = 1 };
	struct trail_drop_seen seen = {
		.header = header_of(frame, 0), .drop = &drop, .len = -1,
	};
	const struct trail_packet *packet;

	make_frame(frame, 40000, 1, 0);
	next_event(bed);
	assert_int_equal(trail_dropped(bed->engine, &bed->event, SKB, &drop, TRAIL_FREE_UNKNOWN),
			 0);
	next_event(bed);
	assert_int_equal(trail_drop_seen(bed->engine, &bed->event, &seen), 0);
	packet = finish(bed);
	assert_int_equal(bed->result.nr, 1);
	assert_int_equal(packet->header.nr_bytes, FRAME_SIZE);
	assert_int_equal(packet->header.ts_ns, packet->end_ns);
	assert_int_equal(packet->end_ns, bed->event.ts_ns - 1000);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_tag_is_put_back),
		TEST(test_sizes),
		TEST(test_probe_before),
		TEST(test_probe_before_twice),
		TEST(test_probe_alone),
		TEST(test_probe_after_other_device),
		TEST(test_memory_is_used_again),
		TEST(test_positions),
		TEST(test_position_before_first),
		TEST(test_many_flows),
		TEST(test_forgotten_flow),
		TEST(test_bytes_at_drop),
	};

	if (argc != 2)
		return 2;
	golden = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
