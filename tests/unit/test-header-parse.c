// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-header-parse.c - hand-made packet bytes -> addresses, ports, ranges, tunnels
 *
 * Every packet is parsed cut at every length as well: what the shorter one says, the longer one
 * says too.  The bytes are in memory of their exact size, so that a sanitizer sees a read behind.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/header-parse.h"

#define IPV4_TCP	"4500 003c 1267 4000 4006 0000 0a000001 0a000002"
#define IPV6(payload, next) \
	"60000000" payload next "40" \
	"fd000000000000000000000000000001" "fd000000000000000000000000000002"
#define ETHER		"020000000002 020000000001"
/* Ports 40000 and 80; 0x12345678; 20 bytes of header, ACK and PSH. */
#define TCP		"9c40 0050 12345678 00000000 5018 0200 0000 0000"
#define UDP		"9c40 0035 001c 0000"
#define PAYLOAD_20	"0001020304050607 08090a0b0c0d0e0f 10111213"

struct bytes {
	uint8_t at[400];
	size_t nr;
};

static struct bytes from_hex(const char *text)
{
	struct bytes bytes = { .nr = 0 };
	unsigned int digits = 0;

	for (; *text; text++) {
		const char *all = "0123456789abcdef", *digit = strchr(all, *text);

		if (!digit)
			continue;
		assert_true(bytes.nr < sizeof(bytes.at));
		bytes.at[bytes.nr] = (uint8_t)(bytes.at[bytes.nr] << 4 | (digit - all));
		if (++digits % 2 == 0)
			bytes.nr++;
	}
	assert_int_equal(digits % 2, 0);
	return bytes;
}

/* The first @nr bytes of a packet that has @wire_len of them. */
static struct header_facts parse_cut(const struct bytes *bytes, size_t nr, uint32_t wire_len,
				     enum trail_layer layer)
{
	struct header_facts facts;
	uint8_t *copy = malloc(nr ? nr : 1);
	struct trail_header header = {
		.bytes = copy, .nr_bytes = (uint16_t)nr, .wire_len = wire_len,
		.layer = (uint8_t)layer,
	};

	assert_non_null(copy);
	memcpy(copy, bytes->at, nr);
	header_parse(&header, &facts);
	free(copy);
	return facts;
}

static bool says_flow(const struct trail_flow *less, const struct trail_flow *more)
{
	return !less->family ||
	       (less->family == more->family && !memcmp(less->saddr, more->saddr, 16) &&
		!memcmp(less->daddr, more->daddr, 16) &&
		(!less->sport || less->sport == more->sport) &&
		(!less->dport || less->dport == more->dport));
}

static void assert_part_of(const struct header_facts *less, const struct header_facts *more)
{
	assert_true(says_flow(&less->flow, &more->flow));
	assert_true(says_flow(&less->inner, &more->inner));
	assert_true(!less->tunnel || less->tunnel == more->tunnel);
	assert_true(less->ipid == -1 || less->ipid == more->ipid);
	assert_true(less->vlan == -1 || less->vlan == more->vlan);
	assert_true(less->ip_bytes == -1 || less->ip_bytes == more->ip_bytes);
	assert_true(less->inner_bytes == -1 || less->inner_bytes == more->inner_bytes);
	if (less->has_range) {
		assert_true(more->has_range);
		assert_int_equal(less->tcp_seq, more->tcp_seq);
		assert_int_equal(less->tcp_end, more->tcp_end);
	}
}

static struct header_facts parse_layer(const char *hex, enum trail_layer layer)
{
	struct bytes bytes = from_hex(hex);
	struct header_facts whole = parse_cut(&bytes, bytes.nr, (uint32_t)bytes.nr, layer), less;
	struct header_facts last = parse_cut(&bytes, 0, (uint32_t)bytes.nr, layer);

	for (size_t nr = 0; nr < bytes.nr; nr++) {
		less = parse_cut(&bytes, nr, (uint32_t)bytes.nr, layer);
		assert_part_of(&last, &less);
		assert_part_of(&less, &whole);
		last = less;
		/* Nor is anything read behind where the length on the wire is not known. */
		parse_cut(&bytes, nr, 0, layer);
	}
	return whole;
}

static struct header_facts parse(const char *hex)
{
	return parse_layer(hex, TRAIL_LAYER_ETHERNET);
}

static void assert_flow(const struct trail_flow *flow, uint8_t protocol, const char *from,
			const char *to)
{
	uint8_t saddr[16] = { 0 }, daddr[16] = { 0 };
	int family = strchr(from, ':') ? AF_INET6 : AF_INET;

	assert_int_equal(flow->family, family == AF_INET6 ? 6 : 4);
	assert_int_equal(flow->protocol, protocol);
	assert_int_equal(inet_pton(family, from, saddr), 1);
	assert_int_equal(inet_pton(family, to, daddr), 1);
	assert_memory_equal(flow->saddr, saddr, 16);
	assert_memory_equal(flow->daddr, daddr, 16);
}

static void assert_ports(const struct trail_flow *flow, uint16_t sport, uint16_t dport)
{
	assert_int_equal(flow->sport, sport);
	assert_int_equal(flow->dport, dport);
}

static void assert_range(const struct header_facts *facts, uint32_t seq, uint32_t bytes)
{
	assert_true(facts->has_range);
	assert_int_equal(facts->tcp_seq, seq);
	assert_int_equal(facts->tcp_end - facts->tcp_seq, bytes);
}

static void test_tcp(void **state)
{
	struct header_facts facts = parse(ETHER "0800" IPV4_TCP TCP PAYLOAD_20);

	assert_flow(&facts.flow, 6, "10.0.0.1", "10.0.0.2");
	assert_ports(&facts.flow, 40000, 80);
	assert_range(&facts, 0x12345678, 20);
	assert_int_equal(facts.ipid, 0x1267);
	assert_int_equal(facts.ip_bytes, 60);
	assert_int_equal(facts.vlan, -1);
	assert_null(facts.tunnel);
	assert_int_equal(facts.inner_bytes, -1);
	assert_false(facts.syn);
	/* Behind the IP packet the frame is filled up to its least length. */
	facts = parse(ETHER "0800" "4500 0028 0001 0000 4006 0000 0a000001 0a000002" TCP
		      "000000000000");
	assert_range(&facts, 0x12345678, 0);
	assert_int_equal(facts.ip_bytes, 40);
	/* Without a link header; TCP options. */
	facts = parse_layer("4500 0038 0001 0000 4006 0000 0a000001 0a000002"
			    "9c40 0050 ffffffff 00000000 8010 0200 0000 0000"
			    "0101080a 00000001 00000002 01020304", TRAIL_LAYER_IP);
	assert_range(&facts, 0xffffffff, 4);
	assert_int_equal(facts.tcp_end, 3);
}

static void test_syn_and_fin(void **state)
{
	struct header_facts facts;

	facts = parse(ETHER "0800" "4500 0028 0001 0000 4006 0000 0a000001 0a000002"
		      "9c40 0050 12345678 00000000 5002 0200 0000 0000");
	assert_true(facts.syn);
	assert_range(&facts, 0x12345678, 0);
	/* Fast Open: the first byte of data is the one behind the SYN. */
	facts = parse(ETHER "0800" IPV4_TCP
		      "9c40 0050 12345678 00000000 5002 0200 0000 0000" PAYLOAD_20);
	assert_range(&facts, 0x12345679, 20);
	facts = parse(ETHER "0800" "4500 0028 0001 0000 4006 0000 0a000001 0a000002"
		      "9c40 0050 12345678 00000000 5011 0200 0000 0000");
	assert_range(&facts, 0x12345678, 0);
	facts = parse(ETHER "0800" "4500 0028 0001 0000 4006 0000 0a000001 0a000002"
		      "9c40 0050 12345678 00000000 5014 0000 0000 0000");
	assert_true(facts.reset);
}

static void test_options_and_fragments(void **state)
{
	struct header_facts facts;

	facts = parse(ETHER "0800" "4600 0034 0001 0000 4011 0000 0a000001 0a000002 94040000" UDP
		      PAYLOAD_20);
	assert_flow(&facts.flow, 17, "10.0.0.1", "10.0.0.2");
	assert_ports(&facts.flow, 40000, 53);
	assert_false(facts.has_range);
	/* The first fragment has the ports, no other one. */
	facts = parse(ETHER "0800" "4500 0030 0007 2000 4011 0000 0a000001 0a000002" UDP
		      PAYLOAD_20);
	assert_ports(&facts.flow, 40000, 53);
	facts = parse(ETHER "0800" "4500 0030 0007 20b9 4011 0000 0a000001 0a000002" UDP
		      PAYLOAD_20);
	assert_flow(&facts.flow, 17, "10.0.0.1", "10.0.0.2");
	assert_ports(&facts.flow, 0, 0);
	assert_int_equal(facts.ipid, 7);
	/* Nor is there a TCP header, or a tunnel, in the middle of a packet. */
	facts = parse(ETHER "0800" "4500 003c 0007 00b9 4006 0000 0a000001 0a000002" TCP
		      PAYLOAD_20);
	assert_false(facts.has_range);
	facts = parse(ETHER "0800" "4500 0044 0007 00b9 4004 0000 0a000001 0a000002"
		      "4500 0030 0007 0000 4011 0000 0a000001 0a000002" UDP PAYLOAD_20);
	assert_null(facts.tunnel);
}

static void test_vlan(void **state)
{
	struct header_facts facts;

	facts = parse(ETHER "8100 6007 0800" IPV4_TCP TCP PAYLOAD_20);
	assert_int_equal(facts.vlan, 7);
	assert_range(&facts, 0x12345678, 20);
	facts = parse(ETHER "88a8 0064 8100 0007 86dd" IPV6("001c", "11") UDP PAYLOAD_20);
	assert_int_equal(facts.vlan, 100);
	assert_flow(&facts.flow, 17, "fd00::1", "fd00::2");
	/* A tag for priority only. */
	facts = parse(ETHER "8100 6000 0806 0001");
	assert_int_equal(facts.vlan, 0);
	assert_int_equal(facts.flow.family, 0);
}

static void test_ipv6(void **state)
{
	struct header_facts facts;

	facts = parse(ETHER "86dd" IPV6("0028", "06") TCP PAYLOAD_20);
	assert_flow(&facts.flow, 6, "fd00::1", "fd00::2");
	assert_range(&facts, 0x12345678, 20);
	assert_int_equal(facts.ipid, -1);
	/* Hop-by-hop options, routing, destination options, AH: 8, 24, 8 and 24 bytes. */
	facts = parse(ETHER "86dd" IPV6("0068", "00") "2b00 050200000100"
		      "3c02 0401 00000000 fd000000000000000000000000000009"
		      "3300 010400000000"
		      "0604 0000 00000001 00000001 000102030405060708090a0b"
		      TCP PAYLOAD_20);
	assert_flow(&facts.flow, 6, "fd00::1", "fd00::2");
	assert_ports(&facts.flow, 40000, 80);
	assert_range(&facts, 0x12345678, 20);
	/* The first fragment, and another one. */
	facts = parse(ETHER "86dd" IPV6("0024", "2c") "1100 0001 00000005" UDP PAYLOAD_20);
	assert_ports(&facts.flow, 40000, 53);
	facts = parse(ETHER "86dd" IPV6("0024", "2c") "1100 05c9 00000005" UDP PAYLOAD_20);
	assert_flow(&facts.flow, 17, "fd00::1", "fd00::2");
	assert_ports(&facts.flow, 0, 0);
	/* AH in IPv4. */
	facts = parse(ETHER "0800" "4500 0048 0001 0000 4033 0000 0a000001 0a000002"
		      "1104 0000 00000001 00000001 000102030405060708090a0b" UDP PAYLOAD_20);
	assert_flow(&facts.flow, 17, "10.0.0.1", "10.0.0.2");
	assert_ports(&facts.flow, 40000, 53);
}

static void test_no_ports(void **state)
{
	struct header_facts facts;

	facts = parse(ETHER "0800" "4500 001c 0009 0000 4001 0000 0a000001 0a000002"
		      "0800 0000 1234 0001");
	assert_flow(&facts.flow, 1, "10.0.0.1", "10.0.0.2");
	assert_ports(&facts.flow, 0, 0);
	assert_int_equal(facts.ipid, 9);
	facts = parse(ETHER "86dd" IPV6("0008", "3a") "8000 0000 1234 0001");
	assert_flow(&facts.flow, 58, "fd00::1", "fd00::2");
	assert_ports(&facts.flow, 0, 0);
	facts = parse(ETHER "0806 0001 0800 06 04 0001"
		      "020000000001 0a000001 000000000000 0a000002");
	assert_int_equal(facts.flow.family, 0);
	assert_int_equal(facts.ipid, -1);
	/* IEEE 802.3 with a length for a type. */
	facts = parse(ETHER "0026 424203 0000000000");
	assert_int_equal(facts.flow.family, 0);
}

#define INNER_TCP	IPV4_TCP TCP PAYLOAD_20		/* 60 bytes */

static void test_vxlan(void **state)
{
	/* 60 + 14 of the inner frame, 8 of VXLAN, 8 of UDP, 20 of IP. */
	const char *hex = ETHER "0800 4500 006e 0003 0000 4011 0000 c0a80001 c0a80002"
			  "c000 12b5 005a 0000 08000000 00000900"
			  "020000000004 020000000003 0800" INNER_TCP;
	struct header_facts facts = parse(hex);
	struct bytes bytes = from_hex(hex);

	assert_flow(&facts.flow, 17, "192.168.0.1", "192.168.0.2");
	assert_ports(&facts.flow, 49152, 4789);
	assert_string_equal(facts.tunnel, "vxlan");
	assert_flow(&facts.inner, 6, "10.0.0.1", "10.0.0.2");
	assert_ports(&facts.inner, 40000, 80);
	assert_int_equal(facts.inner_bytes, 60);
	assert_range(&facts, 0x12345678, 20);
	assert_int_equal(facts.ipid, 3);
	/* Linux's old port. */
	bytes.at[36] = 8472 >> 8;
	bytes.at[37] = 8472 & 255;
	facts = parse_cut(&bytes, bytes.nr, (uint32_t)bytes.nr, TRAIL_LAYER_ETHERNET);
	assert_string_equal(facts.tunnel, "vxlan");
	/* What carries no network number is something else at that port. */
	bytes.at[42] = 0;
	facts = parse_cut(&bytes, bytes.nr, (uint32_t)bytes.nr, TRAIL_LAYER_ETHERNET);
	assert_null(facts.tunnel);
	assert_int_equal(facts.inner.family, 0);
	assert_false(facts.has_range);
}

static void test_gre(void **state)
{
	struct header_facts facts;

	facts = parse(ETHER "0800 4500 0054 0003 0000 402f 0000 c0a80001 c0a80002"
		      "0000 0800" INNER_TCP);
	assert_flow(&facts.flow, 47, "192.168.0.1", "192.168.0.2");
	assert_ports(&facts.flow, 0, 0);
	assert_string_equal(facts.tunnel, "gre");
	assert_flow(&facts.inner, 6, "10.0.0.1", "10.0.0.2");
	assert_range(&facts, 0x12345678, 20);
	/* Checksum, key and sequence number; a frame inside. */
	facts = parse(ETHER "0800 4500 006e 0003 0000 402f 0000 c0a80001 c0a80002"
		      "b000 6558 12340000 00000007 00000001"
		      "020000000004 020000000003 0800" INNER_TCP);
	assert_string_equal(facts.tunnel, "gre");
	assert_range(&facts, 0x12345678, 20);
	/* PPTP and source routing are not followed, what is no IP is not either. */
	facts = parse(ETHER "0800 4500 0054 0003 0000 402f 0000 c0a80001 c0a80002"
		      "3001 880b" INNER_TCP);
	assert_null(facts.tunnel);
	facts = parse(ETHER "0800 4500 0054 0003 0000 402f 0000 c0a80001 c0a80002"
		      "4000 0800" INNER_TCP);
	assert_null(facts.tunnel);
	facts = parse(ETHER "0800 4500 0054 0003 0000 402f 0000 c0a80001 c0a80002"
		      "0000 88be" INNER_TCP);
	assert_string_equal(facts.tunnel, "gre");
	assert_int_equal(facts.inner.family, 0);
}

static void test_ip_in_ip(void **state)
{
	struct header_facts facts;

	facts = parse(ETHER "0800 4500 0050 0003 0000 4004 0000 c0a80001 c0a80002" INNER_TCP);
	assert_string_equal(facts.tunnel, "ipip");
	assert_flow(&facts.inner, 6, "10.0.0.1", "10.0.0.2");
	facts = parse(ETHER "0800 4500 0064 0003 0000 4029 0000 c0a80001 c0a80002"
		      IPV6("0028", "06") TCP PAYLOAD_20);
	assert_string_equal(facts.tunnel, "sit");
	assert_flow(&facts.inner, 6, "fd00::1", "fd00::2");
	assert_range(&facts, 0x12345678, 20);
	facts = parse(ETHER "86dd" IPV6("003c", "04") INNER_TCP);
	assert_string_equal(facts.tunnel, "ip6tnl");
	/* One level: what is in the inner one stays inside. */
	facts = parse(ETHER "0800 4500 0064 0003 0000 4004 0000 c0a80001 c0a80002"
		      "4500 0050 0004 0000 4004 0000 0a000001 0a000002" INNER_TCP);
	assert_flow(&facts.inner, 4, "10.0.0.1", "10.0.0.2");
	assert_false(facts.has_range);
}

/* Lengths that cannot be, and lengths that nobody filled in. */
static void test_lengths(void **state)
{
	struct bytes bytes = from_hex(ETHER "0800 4500 0000 0001 0000 4006 0000 0a000001 0a000002"
				      TCP PAYLOAD_20);
	struct header_facts facts;

	/* More than 64 KB, or TSO: as many as the frame has. */
	facts = parse_cut(&bytes, bytes.nr, 100054, TRAIL_LAYER_ETHERNET);
	assert_range(&facts, 0x12345678, 100000);
	facts = parse_cut(&bytes, bytes.nr, 0, TRAIL_LAYER_ETHERNET);
	assert_ports(&facts.flow, 40000, 80);
	assert_false(facts.has_range);
	/* The same of IPv6, without and with its jumbo option. */
	bytes = from_hex(ETHER "86dd" IPV6("0000", "06") TCP PAYLOAD_20);
	facts = parse_cut(&bytes, bytes.nr, 100074, TRAIL_LAYER_ETHERNET);
	assert_range(&facts, 0x12345678, 100000);
	bytes = from_hex(ETHER "86dd" IPV6("0000", "00") "0600 c204 000186bc" TCP PAYLOAD_20);
	facts = parse_cut(&bytes, bytes.nr, 100082, TRAIL_LAYER_ETHERNET);
	assert_range(&facts, 0x12345678, 100000);
	/* More than the frame has; less than the headers are. */
	facts = parse(ETHER "0800 4500 2000 0001 0000 4006 0000 0a000001 0a000002" TCP PAYLOAD_20);
	assert_range(&facts, 0x12345678, 20);
	facts = parse(ETHER "0800 4500 0010 0001 0000 4006 0000 0a000001 0a000002" TCP PAYLOAD_20);
	assert_false(facts.has_range);
	assert_ports(&facts.flow, 0, 0);
	facts = parse(ETHER "0800 4500 001e 0001 0000 4006 0000 0a000001 0a000002" TCP PAYLOAD_20);
	assert_false(facts.has_range);
	facts = parse(ETHER "0800 4400 003c 0001 0000 4006 0000 0a000001 0a000002" TCP PAYLOAD_20);
	assert_int_equal(facts.flow.family, 0);
	facts = parse(ETHER "0800" IPV4_TCP "9c40 0050 12345678 00000000 4018 0200 0000 0000"
		      PAYLOAD_20);
	assert_false(facts.has_range);
	facts = parse(ETHER "0800" IPV4_TCP "9c40 0050 12345678 00000000 f018 0200 0000 0000"
		      PAYLOAD_20);
	assert_false(facts.has_range);
	/* The type and the version must agree. */
	facts = parse(ETHER "86dd" IPV4_TCP TCP PAYLOAD_20);
	assert_int_equal(facts.flow.family, 0);
	facts = parse_layer(IPV4_TCP TCP PAYLOAD_20, TRAIL_LAYER_UNKNOWN);
	assert_int_equal(facts.flow.family, 0);
}

/* Headers with some bytes put at random: the parser ends, inside of the bytes, in bounds. */
static void test_random(void **state)
{
	static const char *const seed[] = {
		ETHER "0800" IPV4_TCP TCP PAYLOAD_20,
		ETHER "86dd" IPV6("0030", "00") "0600 050200000100" TCP PAYLOAD_20,
		ETHER "0800 4500 006e 0003 0000 4011 0000 c0a80001 c0a80002"
		"c000 12b5 005a 0000 08000000 00000900"
		"020000000004 020000000003 0800" INNER_TCP,
		ETHER "88a8 0064 8100 0007 0800 4500 0054 0003 0000 402f 0000 c0a80001 c0a80002"
		"0000 0800" INNER_TCP,
	};
	uint64_t random = 88172645463325252ull;

	for (unsigned int i = 0; i < 200000; i++) {
		struct bytes bytes = from_hex(seed[i % 4]);
		struct header_facts facts;
		uint32_t wire_len;

		for (unsigned int n = 0; n < 4; n++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			bytes.at[random % bytes.nr] = (uint8_t)(random >> 32);
		}
		wire_len = random >> 40 & 1 ? (uint32_t)(random >> 50) : 0;
		facts = parse_cut(&bytes, (size_t)(random >> 20) % (bytes.nr + 1), wire_len,
				  (enum trail_layer)(random >> 60 & 3));
		assert_true(facts.vlan >= -1 && facts.vlan < 4096);
		assert_true(facts.ipid >= -1 && facts.ipid < 65536);
		if (facts.has_range && wire_len)
			assert_true(facts.tcp_end - facts.tcp_seq < wire_len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_syn_and_fin),
		cmocka_unit_test(test_options_and_fragments),
		cmocka_unit_test(test_vlan),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_no_ports),
		cmocka_unit_test(test_vxlan),
		cmocka_unit_test(test_gre),
		cmocka_unit_test(test_ip_in_ip),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
