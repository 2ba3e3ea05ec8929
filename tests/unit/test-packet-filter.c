// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-packet-filter.c - pcap-filter(7) on recorded bytes: what matches, what is wrong where, and
 * that no name server is ever asked
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "skbtrail.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* ------------------------------------------------------------------ no name server */

/* What libpcap asks for hosts and nets with; these stand before those of the C library. */
static unsigned int nr_lookup;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **out)
{
	int (*real)(const char *node, const char *service, const struct addrinfo *hints,
		    struct addrinfo **out);
	struct in6_addr address;

	/* A number is not looked up, nor is a service without a host. */
	if (node && inet_pton(AF_INET6, node, &address) != 1 &&
	    inet_pton(AF_INET, node, &address) != 1) {
		nr_lookup++;
		return EAI_NONAME;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(node, service, hints, out);
}

struct hostent *gethostbyname(const char *name)
{
	nr_lookup++;
	return NULL;
}

struct netent *getnetbyname(const char *name)
{
	nr_lookup++;
	return NULL;
}

/* Its sixth parameter, h_errno, is of no interest here. */
int no_net(const char *name, struct netent *net, char *buf, size_t size, struct netent **out)
	__asm__("getnetbyname_r");

int no_net(const char *name, struct netent *net, char *buf, size_t size, struct netent **out)
{
	nr_lookup++;
	*out = NULL;
	return ENOENT;
}

/* ------------------------------------------------------------------ packets */

#define ETHER(type)	2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, (type) >> 8, (type) & 0xff
#define IPV4(proto)	0x45, 0, 0, 44, 0x12, 0x67, 0, 0, 64, proto, 0, 0, 10, 0, 0, 2, 10, 1, 2, 3
#define PORTS		0x9c, 0x40, 0x01, 0xbb
#define TCP_REST	0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff, 0, 0, 0, 0

static const uint8_t tcp[] = { ETHER(0x0800), IPV4(6), PORTS, TCP_REST };
static const uint8_t cut[] = { ETHER(0x0800), IPV4(6), PORTS };
static const uint8_t tagged[] = { ETHER(0x8100), 0, 7, 0x08, 0, IPV4(17), PORTS, 0, 8, 0, 0 };
static const uint8_t raw[] = { IPV4(6), PORTS, TCP_REST };
static const uint8_t raw6[] = {
	0x60, 0, 0, 0, 0, 8, 17, 64, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
	0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, PORTS, 0, 8, 0, 0,
};

enum { TCP = 1, CUT = 2, TAGGED = 4, RAW = 8, RAW6 = 16, ALL = 31 };

#define HEADER(array, kind, len) \
	{ .header = { .bytes = array, .nr_bytes = sizeof(array), .layer = kind, .wire_len = len } }

static const struct trail_packet packet[] = {
	HEADER(tcp, TRAIL_LAYER_ETHERNET, 1514),
	HEADER(cut, TRAIL_LAYER_ETHERNET, 60),
	HEADER(tagged, TRAIL_LAYER_ETHERNET, 64),
	HEADER(raw, TRAIL_LAYER_IP, 0),
	HEADER(raw6, TRAIL_LAYER_IP, 48),
};

static const struct { const char *expr; int matches; } valid[] = {
	{ "", ALL }, { "tcp", TCP | CUT | RAW }, { "udp", RAW6 }, { "ip", TCP | CUT | RAW },
	{ "ip6", RAW6 }, { "vlan 7", TAGGED }, { "vlan and udp", TAGGED }, { "vlan 8", 0 },
	{ "tcp port 443", TCP | CUT | RAW }, { "port https", TCP | CUT | RAW | RAW6 },
	{ "port http or https", TCP | CUT | RAW | RAW6 }, { "dst port 40000", 0 },
	{ "not tcp", TAGGED | RAW6 }, { "! tcp && ! udp", TAGGED },
	{ "host 10.0.0.2", TCP | CUT | RAW }, { "src net 10.0.0.0/8", TCP | CUT | RAW },
	{ "net 10.1", TCP | CUT | RAW }, { "dst net 10.1.0.0 mask 255.255.0.0", TCP | CUT | RAW },
	{ "host 2001:db8::1", RAW6 }, { "net 2001:db8::/32", RAW6 },
	/* What it asks for is not in the raw ones, or was not recorded. */
	{ "ether host 2:0:0:0:0:1", TCP | CUT | TAGGED }, { "not ether host 2:0:0:0:0:1", 0 },
	{ "ether src 02-00-00-00-00-02", TCP | CUT | TAGGED },
	{ "ether host 2:0:0:0:0:1 or udp", TCP | CUT | TAGGED },
	{ "tcp[tcpflags] & tcp-syn != 0", TCP | RAW }, { "tcp[13] & 2 = 0", 0 },
	{ "tcp[0:2] = 40000", TCP | CUT | RAW }, { "(tcp[((tcp[12]>>2)&4):1]) = 0", TCP | RAW },
	{ "ip proto \\tcp", TCP | CUT | RAW }, { "ip proto 6", TCP | CUT | RAW },
	{ "ip proto tcp or 17", -1 }, { "ether proto \\ip", TCP | CUT | RAW },
	{ "greater 1000", TCP }, { "len <= 60", CUT | RAW | RAW6 }, { "portrange 1-500", TCP | CUT |
	  RAW | RAW6 }, { "portrange ftp-https", TCP | CUT | RAW | RAW6 }, { "arp", 0 },
	{ "ip[4:2] = 0x1267", TCP | CUT | RAW }, { "port (http or https)", TCP | CUT | RAW | RAW6 },
	{ "llc rr", 0 }, { "multicast", 0 }, { "ip protochain 6", TCP | CUT | RAW },
};

static void test_matches(void **state)
{
	struct trail_packet_filter *filter;
	struct trail_error error;

	for (size_t i = 0; i < ARRAY_SIZE(valid); i++) {
		int matches = 0, err = trail_packet_filter_new(valid[i].expr, &filter, &error);

		if (valid[i].matches < 0) {
			assert_int_equal(err, -EINVAL);
			continue;
		}
		if (err)
			fail_msg("%s: %s at %u", valid[i].expr, error.text, error.column);
		for (size_t j = 0; j < ARRAY_SIZE(packet); j++)
			matches |= trail_packet_filter_match(filter, &packet[j]) << j;
		if (matches != valid[i].matches)
			fail_msg("%s: %x instead of %x", valid[i].expr, (unsigned int)matches,
				 (unsigned int)valid[i].matches);
		trail_packet_filter_free(filter);
	}
	assert_int_equal(nr_lookup, 0);
	trail_packet_filter_free(NULL);
}

static void test_no_bytes(void **state)
{
	const struct trail_packet none = { 0 };
	struct trail_packet unknown = packet[0];
	struct trail_packet_filter *filter;

	unknown.header.layer = TRAIL_LAYER_UNKNOWN;
	assert_int_equal(trail_packet_filter_new("not tcp", &filter, NULL), 0);
	assert_int_equal(trail_packet_filter_match(filter, &none), -ENODATA);
	assert_int_equal(trail_packet_filter_match(filter, &unknown), -ENODATA);
	trail_packet_filter_free(filter);
}

/* ------------------------------------------------------------------ errors */

#define NOT_LOOKED_UP	"names of hosts are not looked up: write the address"
#define LANGUAGE	"the language is that of pcap-filter(7)"

static const struct { const char *expr, *place, *text, *hint; } wrong[] = {
	{ "host example.com",
	  "     ^", "'example.com' is neither a keyword nor an address", NOT_LOOKED_UP },
	{ "tcp and src localhost and port 80",
	  "            ^", "'localhost' is neither a keyword nor an address", NOT_LOOKED_UP },
	{ "tpc port 80",
	  "^", "'tpc' is neither a keyword nor an address", "did you mean tcp?" },
	{ "tcp prot 80",
	  "    ^", "'prot' is neither a keyword nor an address", "did you mean port?" },
	{ "host 1.2.3.4.5",
	  "     ^", "'1.2.3.4.5' is neither a keyword nor an address", NOT_LOOKED_UP },
	{ "port 80 and tcp and http",
	  "                    ^", "'http' is neither a keyword nor an address", NOT_LOOKED_UP },
	{ "(port http) or ssh",
	  "               ^", "'ssh' is neither a keyword nor an address", NOT_LOOKED_UP },
	{ "len-1 > 5",
	  "^", "'len-1' is neither a keyword nor an address", NOT_LOOKED_UP },
	{ "host \\tcp",
	  "     ^", "'\\tcp' is neither a keyword nor an address", NOT_LOOKED_UP },
	{ "host 2001:db8:::1",
	  "     ^", "'2001:db8:::1' is no address", "" },
	{ "ether host 0:1:2:3:4:5:6",
	  "           ^", "'0:1:2:3:4:5:6' is no address", "" },
	{ "tcp; udp",
	  "   ^", "';' is no character of the language", "" },
	{ "inbound and tcp",
	  "^", "'inbound' is not told by the bytes of a packet", "--where 'dir == rx', or tx" },
	{ "tcp and ifindex 3",
	  "        ^", "'ifindex' is not told by the bytes of a packet",
	  "--where 'ifindex == 2'" },
	{ "(tcp or (udp and port 53)",
	  "^", "'(' is not closed", "" },
	{ "tcp)",
	  "   ^", "')' closes what was not opened", "" },
	{ "tcp[13",
	  "   ^", "'[' is not closed", "" },
	{ "(tcp[13) = 1",
	  "       ^", "')' does not close what was opened last", "" },
	{ "tcp and",
	  "       ^", "something is missing at the end", "" },
	{ "not",
	  "   ^", "something is missing at the end", "" },
	{ "tcp port",
	  "        ^", "something is missing at the end", "" },
	{ "host 10.0.0.1 and (tcp or udp) and src",
	  "                                      ^", "something is missing at the end", "" },
	{ "tcp[13] &",
	  "         ^", "something is missing at the end", "" },
	{ "tcp[13]",
	  "       ^", "something is missing at the end", "" },
	{ "and tcp",
	  "^", "syntax error", LANGUAGE },
	{ "tcp and and udp",
	  "        ^", "syntax error", LANGUAGE },
	{ "tcp udp",
	  "    ^", "syntax error", LANGUAGE },
	{ "tcp & udp",
	  "    ^", "syntax error", LANGUAGE },
	{ "(tcp and (udp or )) and port 80",
	  "                 ^", "syntax error", LANGUAGE },
	{ "src or dst port 80 and",
	  "                      ^", "something is missing at the end", "" },
	{ "port 80 or 443 or 70000 or tcp",
	  "                  ^", "illegal port number 70000 > 65535", "" },
	{ "host 1.2.3.4 5.6.7.8",
	  "             ^", "syntax error", LANGUAGE },
	{ "1.2.3.4",
	  "^", "syntax error", LANGUAGE },
	{ "tcp port 80 80",
	  "            ^", "syntax error", LANGUAGE },
	{ "tcp and port 70000",
	  "             ^", "illegal port number 70000 > 65535", "" },
	{ "udp and port nosuchservice and ip",
	  "             ^", "unknown port 'nosuchservice'", "" },
	{ "ip proto nosuchproto",
	  "         ^", "unknown ip proto 'nosuchproto'", "" },
	{ "ip and tcp host 1.2.3.4",
	  "           ^", "'tcp' modifier applied to host", "" },
	{ "ip or ether host 1.2.3.4",
	  "                 ^", "illegal link layer address", "" },
	{ "udp or vlan 5000",
	  "            ^", "VLAN tag 5000 greater than maximum 4095", "" },
	{ "gateway 1.2.3.4",
	  "^", "'gateway' requires a name", "" },
	{ "net 10.0.0.1/8",
	  "             ^", "non-network bits set in \"10.0.0.1/8\"", "" },
	{ "tcp[0:3] = 1",
	  "      ^", "data size must be 1, 2, or 4", "" },
	{ "tcp and ip broadcast",
	  "           ^", "netmask not known, so 'ip broadcast' not supported", "" },
	{ "ip and type mgt",
	  "       ^", "802.11 link-layer types supported only on 802.11", "" },
	{ "ip and tcp and udp",
	  "               ^", "no packet can meet this", "" },
};

static void test_errors(void **state)
{
	struct trail_packet_filter *filter;
	struct trail_error error;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (trail_packet_filter_new(wrong[i].expr, &filter, &error) != -EINVAL)
			fail_msg("'%s' is taken", wrong[i].expr);
		assert_null(filter);
		if (error.column != strlen(wrong[i].place) || strcmp(error.text, wrong[i].text) ||
		    strcmp(error.hint, wrong[i].hint))
			fail_msg("'%s': '%s' '%s' at %u instead of '%s' '%s' at %zu", wrong[i].expr,
				 error.text, error.hint, error.column, wrong[i].text,
				 wrong[i].hint, strlen(wrong[i].place));
	}
	assert_int_equal(nr_lookup, 0);
}

/* A long expression: neither a deep recursion nor a long wait. */
static void test_large(void **state)
{
	struct trail_packet_filter *filter;
	struct trail_error error;
	char *text = calloc(1, 100000), *at = text;

	memset(text, '(', 10000);
	assert_int_equal(trail_packet_filter_new(text, &filter, &error), -EINVAL);
	assert_int_equal(error.column, 101);
	memset(text, ' ', 70000);
	assert_int_equal(trail_packet_filter_new(text, &filter, &error), -EINVAL);
	memset(text, 0, 100000);
	for (size_t i = 0; i < 150; i++)
		at += sprintf(at, "%shost 10.0.%zu.%zu", i ? " or " : "", i / 100, i % 100);
	assert_int_equal(trail_packet_filter_new(text, &filter, &error), 0);
	assert_int_equal(trail_packet_filter_match(filter, &packet[0]), 1);
	trail_packet_filter_free(filter);
	strcat(text, " or or tcp");
	assert_int_equal(trail_packet_filter_new(text, &filter, &error), -EINVAL);
	assert_int_equal(error.column, (size_t)(at - text) + 5);
	free(text);
}

static void try(const char *expr)
{
	struct trail_packet_filter *filter;
	struct trail_error error;
	int err = trail_packet_filter_new(expr, &filter, &error);

	if (err)
		assert_true(err == -EINVAL && error.text[0] && error.column &&
			    error.column <= strlen(expr) + 1);
	for (size_t i = 0; !err && i < ARRAY_SIZE(packet); i++)
		trail_packet_filter_match(filter, &packet[i]);
	trail_packet_filter_free(err ? NULL : filter);
}

static void test_truncated(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(valid); i++) {
		for (size_t len = 0; len < strlen(valid[i].expr); len++) {
			char *text = strndup(valid[i].expr, len);

			try(text);
			free(text);
		}
	}
	assert_int_equal(nr_lookup, 0);
}

static void test_random(void **state)
{
	static const char *const token[] = {
		"tcp", "udp", "ip", "ip6", "ether", "vlan", "host", "net", "port", "portrange",
		"proto", "src", "dst", "and", "or", "not", "(", ")", "[", "]", "tcp[13]", "=", ">",
		"&", "/", ":", "80", "0x", "10.0.0.1", "::1", "1:2:3:4:5:6", "::", "1.2.3.4.5",
		"http", "\\tcp", "example.com", "ssh", "a-b", "-", "_", "1-2", "$a", "type", "llc",
		"reason", "on", "len", "mask", "gateway", "protochain", "\x80", "abcdabcdabcd",
		"0-0-0-0-0-0", "decnet",
	};
	unsigned int seed = 1;
	char expr[512];

	for (size_t i = 0; i < 500; i++) {
		size_t nr = (size_t)rand_r(&seed) % 8;
		int space = rand_r(&seed) % 4;

		expr[0] = '\0';
		for (size_t j = 0; j < nr; j++) {
			strcat(expr, token[(size_t)rand_r(&seed) % ARRAY_SIZE(token)]);
			strcat(expr, space ? " " : "");
		}
		try(expr);
		if (nr_lookup)
			fail_msg("'%s' was looked up", expr);
	}
}

int main(void)
{
	const struct CMUnitTest test[] = {
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_no_bytes),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}
