// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-pcapng.c - hand-made packets -> a pcapng file, walked block by block and read by tshark
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "sink/pcapng.h"
#include "skbtrail.h"

#define FILE_NAME	"test.pcapng"
#define WALL_NS		1700000000000000000
#define NR_WITH_BYTES	6

/* Ethernet, IPv4 10.0.0.1 > 10.0.0.2, UDP 4000 > 4001, "ab"; both checksums are right. */
static const uint8_t udp4[] = {
	0x52, 0x54, 0, 0, 0, 0x11, 0x52, 0x54, 0, 0, 0, 0x10, 0x08, 0x00,
	0x45, 0, 0, 30, 0x12, 0x67, 0, 0, 64, 17, 0x54, 0x66, 10, 0, 0, 1, 10, 0, 0, 2,
	0x0f, 0xa0, 0x0f, 0xa1, 0, 10, 0x6b, 0x34, 'a', 'b',
};

/* Ethernet, VLAN 7, IPv6 fd00::1 > fd00::2, TCP 4000 > 80, SYN, no checksum. */
static const uint8_t tcp6[] = {
	0x52, 0x54, 0, 0, 0, 0x11, 0x52, 0x54, 0, 0, 0, 0x10, 0x81, 0x00, 0x00, 0x07, 0x86, 0xdd,
	0x60, 0, 0, 0, 0, 20, 6, 64, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
	0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
	0x0f, 0xa0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0,
};

static const char *const capability[] = { NULL };

static const struct trail_capture_info info = {
	.file = "dir/a\nb.dat", .kernel = "6.1.0-50-amd64", .clock = "mono", .reader = "native",
	.capability = capability, .wall_offset_ns = WALL_NS, .has_wall = true,
};

static const struct trail_span span[] = {
	{ &trail_stage[TRAIL_STAGE_IRQ], 1000, 10030, "swapper/1", 0, 1, TRAIL_EXACT },
	{ &trail_stage[TRAIL_STAGE_STACK], 10030, 20000, "", 0, 1, TRAIL_INFERRED },
	{ &trail_stage[TRAIL_STAGE_QUEUE], 20000, 331000, "py\xff", 231, 0, TRAIL_INFERRED },
	{ &trail_stage[TRAIL_STAGE_COPY], 331000, 813000, "py\xff", 231, 0, TRAIL_AMBIGUOUS },
};

static const struct trail_link member = { 16, TRAIL_LINK_GRO, TRAIL_MEMBER, TRAIL_INFERRED };
static const struct trail_link head = { 17, TRAIL_LINK_GRO, TRAIL_HEAD, TRAIL_EXACT };

#define UNKNOWN_PARTS \
	.reader_pid = -1, .wake_ns = -1, .runqueue_ns = -1, .app_ns = -1, .softirq_wake_ns = -1, \
	.softirq_runqueue_ns = -1

/* In the order of their ends, which is not that of their times. */
static const struct trail_packet packet[] = {
	{
		.id = 9, .dir = TRAIL_TX, .dev = "nic1.7", .fate = TRAIL_SENT, .start_ns = 7000,
		.end_ns = 7500,
		.header = { tcp6, 7000, "nic1", .wire_len = 1518, .nr_bytes = sizeof(tcp6),
			    .layer = TRAIL_LAYER_ETHERNET },
		.origin = TRAIL_ORIGIN_RETRANSMIT, .link = &member, .nr_link = 1, UNKNOWN_PARTS,
	}, {
		.id = 1, .dir = TRAIL_RX, .dev = "nic1", .fate = TRAIL_DELIVERED, .start_ns = 1000,
		.end_ns = 813000, .span = span, .nr_span = 4, .reader_comm = "py\xff\x1b",
		.reader_pid = 231, .wake_ns = 1200, .runqueue_ns = TRAIL_UNKNOWN_NS, .app_ns = 0,
		.header = { udp4, 1500, "nic1", .wire_len = sizeof(udp4), .nr_bytes = sizeof(udp4),
			    .layer = TRAIL_LAYER_ETHERNET }, .link = &head, .nr_link = 1,
	}, {
		.id = 2, .dir = TRAIL_RX, .dev = "nic1", .start_ns = 2000, .end_ns = 3000,
		.fate = TRAIL_CONSUMED, UNKNOWN_PARTS,
	}, {
		.id = 3, .dir = TRAIL_RX, .fate = TRAIL_DROPPED, .start_ns = 999, .end_ns = 1999,
		.flags = TRAIL_PACKET_DROPPED | TRAIL_PACKET_EDGE,
		.drop = { "NO_SOCKET", "__udp4_lib_rcv", "x\nz", .symbol_offset = 0x6e2,
			  .address = 0xff77, .class = TRAIL_DROP_PROTOCOL },
		.header = { udp4 + 14, 999, "tun\"0\n", 4026531840, .nr_bytes = 30,
			    .layer = TRAIL_LAYER_IP }, UNKNOWN_PARTS,
	}, {
		.id = 4, .dir = TRAIL_LOCAL, .fate = TRAIL_PARTIAL, .bytes_delivered = 1,
		.start_ns = 7000, .end_ns = 9000, .flags = TRAIL_PACKET_LOSS,
		.header = { udp4, 7000, "nic1", 4026532200, .wire_len = 44, .nr_bytes = 42,
			    .layer = TRAIL_LAYER_ETHERNET }, UNKNOWN_PARTS,
	}, {
		.id = 5, .dir = TRAIL_FORWARD, .fate = TRAIL_UNKNOWN, .start_ns = 8000,
		.end_ns = 8000, .header = { udp4, 8000, .wire_len = 3, .nr_bytes = 3 },
		UNKNOWN_PARTS,
	}, {
		/* Damaged data may hold any number; times behind all others. */
		.id = UINT64_MAX, .dir = TRAIL_RX, .fate = TRAIL_IN_FLIGHT,
		.start_ns = 9000, .end_ns = 1, .header = { udp4, 9000, "nic1", .wire_len = 1,
		.nr_bytes = 14, .layer = TRAIL_LAYER_ETHERNET }, UNKNOWN_PARTS,
	},
};

#define NR_PACKET	(sizeof(packet) / sizeof(packet[0]))

static void write_file_with(const struct trail_capture_info *capture)
{
	struct trail_sink_opts opts = { .capture = capture };
	struct trail_sink *sink;

	opts.out = fopen(FILE_NAME, "w");
	assert_non_null(opts.out);
	assert_int_equal(trail_sink_open("pcapng", &opts, &sink), 0);
	for (size_t i = 0; i < NR_PACKET; i++)
		assert_int_equal(trail_sink_packet(sink, &packet[i]), 0);
	assert_int_equal(trail_sink_close(sink), 0);
	assert_int_equal(fclose(opts.out), 0);
}

/* ---- block by block */

static uint32_t u32_at(const unsigned char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint16_t u16_at(const unsigned char *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* Options from @at to @end, the last of which ends them. */
static void walk_options(const unsigned char *at, const unsigned char *end)
{
	while (u16_at(at)) {
		at += 4 + (u16_at(at + 2) + 3u) / 4 * 4;
		assert_true(at + 4 <= end);
	}
	assert_int_equal(u16_at(at + 2), 0);
	assert_ptr_equal(at + 4, end);
}

/* Return: number of blocks of @type after checking the lengths of all blocks. */
static unsigned int count_blocks(const unsigned char *data, size_t size, uint32_t type)
{
	const unsigned char *end = data + size;
	unsigned int nr = 0;

	for (const unsigned char *at = data; at < end; at += u32_at(at + 4)) {
		uint32_t length = u32_at(at + 4);
		uint32_t body = u32_at(at) == PCAPNG_SECTION ? 24 :
				u32_at(at) == PCAPNG_INTERFACE ? 16 :
				28 + (u32_at(at + 20) + 3) / 4 * 4;

		assert_int_equal(length % 4, 0);
		assert_true(length <= (size_t)(end - at));
		assert_int_equal(u32_at(at + length - 4), length);
		walk_options(at + body, at + length - 4);
		nr += u32_at(at) == type;
	}
	return nr;
}

static void test_blocks(void **state)
{
	unsigned char data[16384];
	FILE *in;
	size_t size;

	write_file_with(&info);
	in = fopen(FILE_NAME, "r");
	assert_non_null(in);
	size = fread(data, 1, sizeof(data), in);
	assert_true(feof(in));
	fclose(in);
	assert_memory_equal(data, "\n\r\r\n", 4);
	assert_int_equal(count_blocks(data, size, PCAPNG_SECTION), 1);
	/* nic1, tun, nic1 of another namespace, none. */
	assert_int_equal(count_blocks(data, size, PCAPNG_INTERFACE), 4);
	assert_int_equal(count_blocks(data, size, PCAPNG_PACKET), NR_WITH_BYTES);
}

/* ---- by tshark */

static void need(const char *program)
{
	char command[64];

	snprintf(command, sizeof(command), "command -v %s >/dev/null", program);
	if (system(command)) {
		print_message("%s is not installed\n", program);
		skip();
	}
}

static void check_output(const char *command, const char *wanted)
{
	char text[8192];
	FILE *in = popen(command, "r");
	size_t size;

	assert_non_null(in);
	size = fread(text, 1, sizeof(text) - 1, in);
	text[size] = '\0';
	assert_int_equal(pclose(in), 0);
	assert_string_equal(text, wanted);
}

#define TSHARK	"tshark -n -r " FILE_NAME " -T fields -E separator=/s "

static void test_packets(void **state)
{
	need("tshark");
	write_file_with(&info);
	check_output(TSHARK "-e frame.packet_id -e frame.time_epoch -e frame.len -e frame.cap_len "
		     "-e frame.interface_name -e frame.interface_id "
		     "-e frame.packet_flags_direction 2>/dev/null",
		     "3 1700000000.000000999 30 30 tun\"0\\x0a 1 0x00000001\n"
		     "1 1700000000.000001500 44 44 nic1 0 0x00000001\n"
		     "9 1700000000.000007000 1518 78 nic1 0 0x00000002\n"
		     "4 1700000000.000007000 44 42 nic1 2 0x00000002\n"
		     "5 1700000000.000008000 3 3 unknown 3 0x00000001\n"
		     "18446744073709551615 1700000000.000009000 14 14 nic1 0 0x00000001\n");
}

static void test_contents(void **state)
{
	need("tshark");
	write_file_with(&info);
	check_output(TSHARK "-o ip.check_checksum:TRUE -o udp.check_checksum:TRUE "
		     "-e ip.checksum.status -e udp.checksum.status -e ip.src -e udp.dstport "
		     "-e ipv6.dst -e tcp.dstport -e vlan.id -e data.data 2>/dev/null",
		     "1 1 10.0.0.1 4001    6162\n"
		     "1 1 10.0.0.1 4001    6162\n"
		     "    fd00::2 80 7 \n"
		     "1 2 10.0.0.1 4001    \n"
		     "       525400\n"
		     "       \n");
}

static void test_comments(void **state)
{
	need("tshark");
	write_file_with(&info);
	check_output(TSHARK "-e frame.comment 2>/dev/null",
		     "rx dropped in 1.00us; dropped: NO_SOCKET at __udp4_lib_rcv+0x6e2 [x\\x0az]; "
		     "cut by the edge of the capture; length on the wire unknown\n"
		     "rx delivered in 812us: irq 9.03us, stack 9.97us, queue 311us (wake 1.20us, "
		     "app 0ns), copy 482us; reader py\\xff\\x1b/231; stack, queue inferred; "
		     "copy ambiguous\n"
		     "tx sent in 500ns; sent by retransmit; gro member of packet 16 inferred\n"
		     "local partial (1 bytes) in 2.00us; events lost\n"
		     "forward unknown in 0ns\n"
		     "rx in-flight in 0ns\n");
}

/* Without the time of day, those of the clock. */
static void test_clock(void **state)
{
	struct trail_capture_info no_wall = info;

	need("tshark");
	no_wall.has_wall = false;
	write_file_with(&no_wall);
	check_output(TSHARK "-Y 'frame.packet_id == 1' -e frame.time_epoch 2>/dev/null",
		     "0.000001500\n");
}

#define INDENT	"                     "

static void test_capinfos(void **state)
{
	need("capinfos");
	write_file_with(&info);
	check_output("capinfos -t -c -o -T -r " FILE_NAME " 2>/dev/null",
		     FILE_NAME "\tpcapng\t6\tTrue\n");
	check_output("capinfos -F -k -I " FILE_NAME " 2>/dev/null | "
		     "sed -n -E 's/^(Capture|Number|  *(Name|Desc|Encap)[a-z]* =)/&/p'",
		     "Capture oper-sys:    Linux 6.1.0-50-amd64\n"
		     "Capture application: skbtrail " SKBTRAIL_VERSION "\n"
		     "Capture comment:     from a\\x0ab.dat; times are the time of day, by clock "
		     "mono\n"
		     "Number of interfaces in file: 4\n" INDENT "Name = nic1\n"
		     INDENT "Encapsulation = Ethernet (1 - ether)\n"
		     INDENT "Name = tun\"0\\x0a\n" INDENT "Description = netns 4026531840\n"
		     INDENT "Encapsulation = Raw IP (7 - rawip)\n"
		     INDENT "Name = nic1\n" INDENT "Description = netns 4026532200\n"
		     INDENT "Encapsulation = Ethernet (1 - ether)\n"
		     INDENT "Encapsulation = USER 0 (45 - user0)\n");
}

/* However long the strings of a damaged capture are. */
static void test_long_comment(void **state)
{
	struct trail_span many[400];
	struct trail_packet long_one = packet[1];
	char buf[COMMENT_SIZE];
	size_t len;

	for (size_t i = 0; i < 400; i++)
		many[i] = span[i % 4];
	long_one.span = many;
	long_one.nr_span = 400;
	len = strlen(comment_of_packet(buf, &long_one));
	assert_true(len < COMMENT_SIZE && len > COMMENT_SIZE - 64);
	assert_string_equal(buf + len - 3, "...");
}

int main(void)
{
	const struct CMUnitTest test[] = {
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_contents),
		cmocka_unit_test(test_comments),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_capinfos),
		cmocka_unit_test(test_long_comment),
	};
	int nr_failed = cmocka_run_group_tests(test, NULL, NULL);

	unlink(FILE_NAME);
	return nr_failed;
}
