// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-kernel-filter.c - do the emitted event filters match what libpcap matches
 *
 * Each frame is laid out as an skb, in receive and in transmit, its VLAN tag inside or taken off.
 * The fields are read by the fetch texts that were emitted, and the filter is evaluated over them.
 * libpcap gets the frame as it is on the wire.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <netdb.h>
#include <pcap/pcap.h>

#include "blob.h"
#include "event-filter.h"
#include "kernel-filter.h"
#include "random-frame.h"

#define NR_FRAME	1500
#define NR_RANDOM	150

/* ---- skbs */

/**
 * struct skb - a frame as the kernel has it
 * @data: offset in @byte, after the link header in receive; there are bytes before and behind
 * @page: what is behind the link header is in a page
 */
struct skb {
	uint8_t byte[3 * MAX_FRAME];
	uint32_t data;
	uint32_t len;
	uint16_t protocol;
	uint16_t vlan_proto;
	uint16_t vlan_tci;
	uint16_t arphrd;
	bool tx;
	bool page;
	const char *name;
};

static uint16_t get_u16(const uint8_t *byte)
{
	return (uint16_t)(byte[0] << 8 | byte[1]);
}

static uint16_t in_memory(uint16_t value)
{
	uint8_t byte[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	memcpy(&value, byte, 2);
	return value;
}

static bool is_tag(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

/* @take_off: as hardware does */
static void make_skb(struct skb *skb, const struct frame *frame, bool tx, bool take_off)
{
	struct frame inner = *frame;

	memset(skb, 0xaa, sizeof(*skb));
	skb->vlan_proto = skb->vlan_tci = 0;
	skb->page = false;
	if (take_off) {
		skb->vlan_proto = in_memory(get_u16(frame->byte + 12));
		skb->vlan_tci = get_u16(frame->byte + 14);
		inner.size -= 4;
		memmove(inner.byte + 12, inner.byte + 16, inner.size - 12);
	}
	memcpy(skb->byte + MAX_FRAME, inner.byte, inner.size);
	skb->tx = tx;
	skb->data = MAX_FRAME + (tx ? 0 : ETHER);
	skb->len = inner.size - (tx ? 0 : ETHER);
	skb->protocol = in_memory(get_u16(inner.byte + 12));
	skb->arphrd = 1;
	skb->name = "nic0";
}

/* Without a link header. */
static void make_raw_skb(struct skb *skb, const struct frame *frame, bool tx)
{
	make_skb(skb, frame, tx, false);
	if (tx) {
		skb->data += ETHER;
		skb->len -= ETHER;
	}
	memset(skb->byte + MAX_FRAME, 0xaa, ETHER);
	skb->arphrd = 65534;
}

static uint64_t fetch(const struct skb *skb, const char *base, long offset, unsigned int bits)
{
	const uint8_t *at = skb->byte + skb->data + offset;
	bool in_page = !strcmp(base, "PAGE");
	uint32_t u32;
	uint16_t u16;

	assert_true((long)skb->data + offset >= 0);
	assert_true((long)skb->data + offset + 4 < (long)sizeof(skb->byte));
	/* Where the kernel does not have the header there is anything. */
	if (offset >= 0 && in_page != skb->page)
		return random_below(1 << bits / 2);
	memcpy(&u32, at, 4);
	memcpy(&u16, at, 2);
	return bits == 8 ? *at : bits == 16 ? u16 : u32;
}

static void make_event(struct test_event *event, const struct skb *skb, const char *args)
{
	char name[24], base[8];
	unsigned int bits;
	int used;
	long offset;

	event->nr_field = 0;
	test_event_add(event, "name", 0, skb->name);
	test_event_add(event, "len", skb->len, NULL);
	test_event_add(event, "protocol", skb->protocol, NULL);
	test_event_add(event, "arphrd", skb->arphrd, NULL);
	test_event_add(event, "vlan_proto", skb->vlan_proto, NULL);
	test_event_add(event, "vlan_tci", skb->vlan_tci, NULL);
	test_event_add(event, "packet", skb->page ? 0xffff888000000000 : 0, NULL);
	for (; sscanf(args, " %23[a-z0-9_]=%ld(%4[A-Z]):u%u%n", name, &offset, base, &bits,
		      &used) == 4; args += used)
		test_event_add(event, name, fetch(skb, base, offset, bits), NULL);
	assert_string_equal(args, "");
}

/* ---- comparing */

struct compiled {
	struct kernel_filter *filter;
	struct blob args[2];
	struct blob text[2];
};

static int compile(const char *expr, struct compiled *out, struct trail_error *error)
{
	int err = kernel_filter_new(expr, &out->filter, error);

	for (int tx = 0; !err && tx < 2; tx++) {
		struct packet_layout layout = { "DATA", tx ? NULL : "PAGE", tx, false };

		assert_true(kernel_filter_args(out->filter, &layout, &out->args[tx]) >= 0);
		assert_int_equal(kernel_filter_text(out->filter, &layout, &out->text[tx]), 0);
	}
	return err;
}

static void release(struct compiled *compiled)
{
	kernel_filter_free(compiled->filter);
	for (int tx = 0; tx < 2; tx++) {
		blob_release(&compiled->args[tx]);
		blob_release(&compiled->text[tx]);
	}
	*compiled = (struct compiled){ NULL };
}

static int matches(const struct compiled *compiled, const struct skb *skb)
{
	struct test_event event;
	const struct blob *args = &compiled->args[skb->tx];
	int result;

	make_event(&event, skb, args->size ? args->data : "");
	result = test_event_filter(&event, compiled->text[skb->tx].data);
	if (result < 0)
		fail_msg("not an event filter: %s", compiled->text[skb->tx].data);
	return result;
}

static void dump(const struct frame *frame)
{
	for (uint32_t i = 0; i < frame->size; i++)
		fprintf(stderr, "%02x%s", frame->byte[i], i % 16 == 15 ? "\n" : " ");
	fprintf(stderr, "\n");
}

static void compare(const char *expr, const struct compiled *compiled, const struct frame *frame,
		    bool wanted)
{
	bool tagged = is_tag(get_u16(frame->byte + 12));
	struct skb skb;

	for (int way = 0; way < 8; way++) {
		/* In a page in receive only; a tag to be taken off must be there. */
		if ((way & 4 && way & 1) || (way & 2 && !tagged))
			continue;
		make_skb(&skb, frame, way & 1, way & 2);
		skb.page = way & 4;
		if (matches(compiled, &skb) == wanted)
			continue;
		dump(frame);
		fail_msg("'%s' is %d for libpcap, not so for %s%s%s: %s", expr, wanted,
			 way & 1 ? "tx" : "rx", way & 2 ? ", tag taken off" : "",
			 way & 4 ? ", in a page" : "",
			 compiled->text[way & 1].data);
	}
}

static bool pcap_matches(struct bpf_program *program, const uint8_t *data, uint32_t size)
{
	struct pcap_pkthdr header = { .caplen = size, .len = size };

	return pcap_offline_filter(program, &header, data) != 0;
}

/* Return: frames that match. */
static size_t compare_all(const char *expr, const struct frame *frame, size_t nr_frame,
			  bool optimize)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535);
	struct compiled compiled = { NULL };
	struct bpf_program program;
	struct trail_error error;
	size_t nr_match = 0;

	if (compile(expr, &compiled, &error))
		fail_msg("'%s': %s (column %u)", expr, error.text, error.column);
	if (pcap_compile(pcap, &program, expr, optimize, PCAP_NETMASK_UNKNOWN))
		fail_msg("'%s': libpcap: %s", expr, pcap_geterr(pcap));
	for (size_t i = 0; i < nr_frame; i++) {
		bool wanted = pcap_matches(&program, frame[i].byte, frame[i].size);

		nr_match += wanted;
		compare(expr, &compiled, &frame[i], wanted);
	}
	pcap_freecode(&program);
	pcap_close(pcap);
	release(&compiled);
	return nr_match;
}

static struct frame *make_frames(size_t nr)
{
	struct frame *frame = calloc(nr, sizeof(*frame));

	assert_non_null(frame);
	for (size_t i = 0; i < nr; i++)
		random_frame(&frame[i]);
	return frame;
}

/* ---- tests */

static const char *const expression[] = {
	"ip", "ip6", "arp", "rarp", "tcp", "udp", "sctp", "icmp", "icmp6", "igmp", "ah", "esp",
	"pim", "igrp", "vrrp", "not ip", "! tcp", "not not udp", "ip proto 47", "ip6 proto 58",
	"proto 6", "ip proto \\tcp", "ip6 proto \\udp", "ether proto 0x88cc", "ether proto \\arp",
	"host 10.0.0.1", "src host 10.0.0.1", "dst host 10.0.0.2", "src 10.0.0.1", "dst 10.0.0.2",
	"src and dst host 10.0.0.1", "src or dst host 10.0.0.1", "ip host 10.0.0.1",
	"arp host 10.0.0.2", "rarp src host 10.0.0.2", "host fe80::1", "ip6 src fe80::1",
	"dst ::1", "net 10.0.0.0/8", "net 10", "net 10.1", "host 10.1", "net 192.168.0",
	"src net 172.16.0.0/12", "net 10.128.0.0/9", "net 10.0.0.0/31", "net 192.168.0.0/17",
	"net 10.0.0.0 mask 255.0.255.0", "dst net 0.0.0.0/0", "net fe80::/10", "net fe80::/64",
	"src net 2001:db8::/33", "ip6 net ::/0", "net fe80::/11 or ff02::1",
	"port 80", "tcp port 80", "udp port 53", "sctp port 1000", "src port 443", "dst port 22",
	"tcp src port 80", "src and dst port 80", "tcp src or dst port 443", "port 0x50",
	"portrange 0-255", "portrange 256-1023", "tcp portrange 80-443", "src portrange 1000-2000",
	"udp portrange 2000-1000", "portrange 1024-65535", "port 80 or 443",
	"src portrange 1-2 or 80-90",
	"tcp port (80 or 443)", "port 80 and not 443", "not port 80", "not tcp port 80",
	"tcp port 443 and host 10.0.0.2", "not host 10.0.0.1 and 10.0.0.2",
	"host 10.0.0.1 or (10.0.0.2 or 192.168.0.1)", "host (10.0.0.1 or 10.0.0.2)",
	"src host 10.0.0.1 or dst 10.0.0.2", "dst port 80 and src port 443 or 22",
	"tcp or udp and port 80", "tcp or (udp and port 80)", "not (tcp or udp)",
	"not (tcp and port 80)", "icmp or icmp6", "ip and not (tcp port 22 or host 10.0.0.1)",
	"ether host 52:54:00:00:00:10", "ether src 52:54:0:0:0:11", "ether dst ff:ff:ff:ff:ff:ff",
	"ether src or dst 52-54-00-00-00-10", "broadcast", "ether broadcast", "multicast",
	"ether multicast", "ip multicast", "ip6 multicast", "not broadcast and not multicast",
	"tcp[13] & 2 != 0", "tcp[tcpflags] & tcp-syn != 0", "tcp[tcpflags] == tcp-syn",
	"tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", "(tcp[13] & 0x12) = 0x12",
	"tcp[13] & 0xf > 5", "tcp[13] & 0x3c >= 16", "tcp[13] & 0x3c < 16", "tcp[13] & 0x3c <= 17",
	"tcp[13] & 0x3c > 1000", "not tcp[13] & 2 != 0", "tcp[0:2] == 80", "udp[2:2] > 1000",
	"ip[8] < 64", "ip[8] <= 64", "ip[8] > 0x40", "ip[8] >= 0x40", "ip[8] != 64", "64 > ip[8]",
	"ip[6:2] & 0x1fff = 0", "ip[6:2] & 0x1fff > 0xb8", "ip[6:2] & 0x2000 != 0",
	"ip[0] & 0xf != 5",
	"ip[0] & 0xf > 5", "ip[12:4] = 0x0a000001", "ip[12:4] > 0x0a000001",
	"ip[12:4] <= 0xc0a80000",
	"ip[4:4] & 0xff00ff = 0", "ip[2:2] < 256", "ip[2:2] >= 256", "ip[2:4] > 4294967295",
	"ip6[6] = 58", "ip6[8:4] == 0xfe800000",
	"icmp[icmptype] == icmp-echo", "icmp[0] = 8 or icmp[1] > 3", "icmp6[icmp6type] == 128",
	"icmp6[0] & 1 = 1", "arp[6:2] = 1", "ether[0] & 1 = 0", "ether[0] = 0x52",
	"ether[6:4] = 0x52540000", "len > 80", "len >= 80", "len < 80", "len <= 80", "len = 80",
	"len != 80", "less 80", "greater 80", "80 > len", "len > 5", "len < 5", "len >= 14",
	"len = 3",
	"len > 15 and tcp", "vlan", "vlan 5", "not vlan", "not vlan 5", "vlan 0", "vlan 4095",
	"vlan and tcp", "vlan 5 and ip", "vlan 5 and tcp port 80", "vlan and not tcp",
	"vlan 5 and (tcp or not udp port 53)", "vlan 5 and host 10.0.0.1 and tcp port 80",
	"tcp port 80 or (vlan and tcp port 80)", "not (vlan and tcp)", "vlan and ip[8] > 64",
	"vlan and ether src 52:54:0:0:0:11", "vlan 5 and tcp[13] & 2 != 0", "vlan and len > 90",
	"vlan and ip6 multicast", "vlan and src portrange 80-443", "ip and not vlan",
};

/* What holds of any packet needs no bytes, for libpcap it does. */
static const char *const constant[] = {
	"ip[8] > 255", "ip[8] < 256", "ip[8] >= 0", "ip6 proto 58 and ip6[6] < 256",
	"tcp[13] & 2 >= 0", "tcp[13] & 2 <= 2",
};

static void test_constant(void **state)
{
	struct frame *frame = make_frames(NR_FRAME / 4);

	for (size_t i = 0; i < sizeof(constant) / sizeof(constant[0]); i++)
		compare_all(constant[i], frame, NR_FRAME / 4, false);
	free(frame);
}

static void test_like_libpcap(void **state)
{
	struct frame *frame = make_frames(NR_FRAME);
	size_t nr_with = 0, nr = sizeof(expression) / sizeof(expression[0]);

	for (size_t i = 0; i < nr; i++)
		nr_with += compare_all(expression[i], frame, NR_FRAME, false) > 0;
	/* Four cannot match. */
	assert_true(nr_with >= nr - 8);
	free(frame);
}

/* Without "vlan", of which there is one at most. */
static void random_expression(char *text, size_t size, unsigned int depth)
{
	char left[400], right[400];
	uint32_t kind = depth ? random_below(5) : 0;
	const char *plain;

	do
		plain = expression[random_below(sizeof(expression) / sizeof(expression[0]))];
	while (strstr(plain, "vlan"));
	if (!kind) {
		snprintf(text, size, "(%s)", plain);
		return;
	}
	random_expression(left, sizeof(left), depth - 1);
	random_expression(right, sizeof(right), depth - 1);
	if (kind == 1)
		snprintf(text, size, "not %s", left);
	else
		snprintf(text, size, "(%s %s %s)", left, kind & 1 ? "and" : "or", right);
}

static void test_random_combinations(void **state)
{
	struct frame *frame = make_frames(NR_FRAME / 10);
	unsigned int nr_done = 0;
	char text[1000];

	for (unsigned int i = 0; i < NR_RANDOM; i++) {
		struct kernel_filter *filter;
		struct trail_error error;

		random_expression(text, sizeof(text), 3);
		/* The kernel's limits are another matter. */
		if (kernel_filter_new(text, &filter, &error)) {
			assert_non_null(strstr(error.text, "the kernel takes"));
			continue;
		}
		kernel_filter_free(filter);
		compare_all(text, frame, NR_FRAME / 10, false);
		nr_done++;
	}
	assert_true(nr_done > NR_RANDOM / 2);
	free(frame);
}

/* But not between the ports, of which libpcap looks at the first alone. */
static void cut(struct frame *frame)
{
	uint32_t ports = ETHER + 40;

	if (get_u16(frame->byte + 12) == 0x0800)
		ports = ETHER + 4 * (frame->byte[ETHER] & 0xf);
	frame->size = 18 + random_below(frame->size - 18);
	if (frame->size >= ports && frame->size < ports + 4)
		frame->size = ports;
}

/*
 * Where libpcap ends at the first byte that is not there, an event filter goes on to the next
 * alternative: compared are filters that have none.  Its optimizer leaves out needless reads.
 */
static void test_short_frames(void **state)
{
	struct frame *frame = make_frames(NR_FRAME);

	for (size_t i = 0; i < NR_FRAME; i++)
		cut(&frame[i]);
	for (size_t i = 0; i < sizeof(expression) / sizeof(expression[0]); i++)
		if (!strstr(expression[i], " or ") && !strstr(expression[i], "vlan") &&
		    !strstr(expression[i], "not") && !strchr(expression[i], '!'))
			compare_all(expression[i], frame, NR_FRAME, true);
	free(frame);
}

/* Devices without a link header: what libpcap makes of packets that begin with theirs. */
static void test_no_link_header(void **state)
{
	static const char *const expr[] = {
		"ip", "not ip6", "tcp port 80", "host 10.0.0.1", "portrange 80-443 or icmp",
		"net fe80::/10", "len > 80", "len = 76", "tcp[13] & 2 != 0", "ip6 proto 58",
	};
	pcap_t *pcap = pcap_open_dead(DLT_RAW, 65535);
	struct frame *frame = make_frames(NR_FRAME);
	struct compiled compiled = { NULL };
	struct bpf_program program;
	struct trail_error error;
	struct skb skb;

	for (size_t i = 0; i < sizeof(expr) / sizeof(expr[0]); i++) {
		assert_int_equal(compile(expr[i], &compiled, &error), 0);
		assert_int_equal(pcap_compile(pcap, &program, expr[i], 0, PCAP_NETMASK_UNKNOWN), 0);
		for (size_t k = 0; k < NR_FRAME; k++) {
			uint16_t type = get_u16(frame[k].byte + 12);
			bool wanted = pcap_matches(&program, frame[k].byte + ETHER,
						   frame[k].size - ETHER);

			if (type != 0x0800 && type != 0x86dd)
				continue;
			make_raw_skb(&skb, &frame[k], false);
			assert_int_equal(matches(&compiled, &skb), wanted);
			make_raw_skb(&skb, &frame[k], true);
			assert_int_equal(matches(&compiled, &skb), wanted);
		}
		pcap_freecode(&program);
		release(&compiled);
	}
	pcap_close(pcap);
	free(frame);
}

static int match_one(const char *expr, struct skb *skb)
{
	struct compiled compiled = { NULL };
	struct trail_error error;
	int result;

	assert_int_equal(compile(expr, &compiled, &error), 0);
	result = matches(&compiled, skb);
	release(&compiled);
	return result;
}

/* What libpcap has for other systems, or for live captures, only. */
static void test_device_and_way(void **state)
{
	struct frame frame;
	struct skb skb;

	random_frame(&frame);
	for (int tx = 0; tx < 2; tx++) {
		make_skb(&skb, &frame, tx, false);
		assert_int_equal(match_one("ifname nic0", &skb), 1);
		assert_int_equal(match_one("on nic0", &skb), 1);
		assert_int_equal(match_one("on nic", &skb), 0);
		assert_int_equal(match_one("not on eth0.5", &skb), 1);
		assert_int_equal(match_one("outbound", &skb), tx);
		assert_int_equal(match_one("inbound", &skb), !tx);
		assert_int_equal(match_one("inbound or on nic0", &skb), 1);
		make_raw_skb(&skb, &frame, tx);
		assert_int_equal(match_one("vlan", &skb), 0);
		assert_int_equal(match_one("ether host 52:54:0:0:0:11", &skb), 0);
		assert_int_equal(match_one("not vlan", &skb), 1);
		skb.arphrd = 32;
		assert_int_equal(match_one("len > 5", &skb), 0);
	}
}

static void test_services(void **state)
{
	struct frame *frame = make_frames(NR_FRAME / 4);

	if (!getservbyname("domain", "tcp"))
		skip();
	assert_true(compare_all("port domain or tcp port http", frame, NR_FRAME / 4, false) > 0);
	free(frame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_like_libpcap),
		cmocka_unit_test(test_random_combinations),
		cmocka_unit_test(test_short_frames),
		cmocka_unit_test(test_constant),
		cmocka_unit_test(test_no_link_header),
		cmocka_unit_test(test_device_and_way),
		cmocka_unit_test(test_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
