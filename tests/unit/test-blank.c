// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-blank.c - what a capture does not keep of a packet: its payload, and what lies behind it
 *
 * Pages with records of the header events are made, written to a file, blanked and read again.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "skbtrail.h"
#include "tracedat-blank.h"

#define PAGE		4096
#define RX_ID		77
#define TX_ID		78
#define OTHER_ID	79
#define BYTES_AT	48
#define NR_BYTES	96
/* What a packet filter looked at. */
#define FILTER_AT	(BYTES_AT + NR_BYTES)
#define NR_FILTER	8
#define RECORD_SIZE	(FILTER_AT + NR_FILTER)
#define FILL		0xaa
#define HEAD		0x1000

#define FIELDS \
	"format:\n" \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n" \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n" \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n" \
	"\tfield:u64 skb;\toffset:8;\tsize:8;\tsigned:0;\n" \
	"\tfield:u32 len;\toffset:16;\tsize:4;\tsigned:0;\n" \
	"\tfield:u32 data_len;\toffset:20;\tsize:4;\tsigned:0;\n" \
	"\tfield:u16 protocol;\toffset:24;\tsize:2;\tsigned:0;\n" \
	"\tfield:u16 arphrd;\toffset:26;\tsize:2;\tsigned:0;\n" \
	"\tfield:u64 head;\toffset:28;\tsize:8;\tsigned:0;\n" \
	"\tfield:u64 data;\toffset:36;\tsize:8;\tsigned:0;\n" \
	"\tfield:u16 mac;\toffset:44;\tsize:2;\tsigned:0;\n" \
	"\tfield:u16 network;\toffset:46;\tsize:2;\tsigned:0;\n" \
	"\tfield:u64 bytes[];\toffset:48;\tsize:96;\tsigned:0;\n" \
	"\tfield:u8 b_14;\toffset:144;\tsize:1;\tsigned:0;\n" \
	"\tfield:u16 h62;\toffset:146;\tsize:2;\tsigned:0;\n" \
	"\tfield:u32 w30;\toffset:148;\tsize:4;\tsigned:0;\n\nprint fmt: \"\"\n"

static const char rx_format[] = "name: rx\nID: 77\n" FIELDS;
static const char tx_format[] = "name: tx\nID: 78\n" FIELDS;

/* 14 bytes of Ethernet, 20 of IPv4, then the transport header; network byte order. */
static const uint8_t tcp_head[] = {
	2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
	0x45, 0, 0, 140, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
	0x10, 0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 1, 0x80, 0x18, 0, 0, 0, 0, 0, 0,
	1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 1,
};

static const uint8_t udp_head[] = {
	2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
	0x45, 0, 0, 34, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
	0x10, 0, 0, 53, 0, 14, 0, 0,
};

/* A packet as a record holds it, and how many of its bytes are to be kept. */
struct packet {
	uint16_t id;
	const uint8_t *head;
	uint32_t head_bytes;
	uint32_t len;		/* skb->len: from skb->data on */
	uint32_t data_len;
	uint32_t keep;
	uint32_t keep_payload;
};

static const struct packet packet[] = {
	{ RX_ID, tcp_head, sizeof(tcp_head), 140, 0, 66, 96 },
	{ RX_ID, tcp_head, sizeof(tcp_head), 140, 88, 66, 66 },	/* payload in fragments */
	{ RX_ID, tcp_head, sizeof(tcp_head), 140, 120, 34, 34 },
	{ RX_ID, udp_head, sizeof(udp_head), 34, 0, 42, 48 },
	{ TX_ID, tcp_head, sizeof(tcp_head), 154, 0, 66, 96 },
	{ TX_ID, udp_head, sizeof(udp_head), 48, 0, 42, 48 },
	{ OTHER_ID, udp_head, sizeof(udp_head), 34, 0, 96, 96 },
};

#define NR_PACKET	(sizeof(packet) / sizeof(packet[0]))

static void put(unsigned char *at, uint64_t value, size_t size)
{
	memcpy(at, &value, size);	/* little and big endian: the low bytes of what is used */
}

static void fill_record(unsigned char *at, const struct packet *p)
{
	uint16_t id = p->id, arphrd = 1, ethertype = 0x0008, mac = 64, network = 78;
	bool rx = p->id == RX_ID;

	if (*(const uint8_t *)&arphrd == 0)
		ethertype = 0x0800;
	memset(at, 0, RECORD_SIZE);
	memcpy(at, &id, 2);
	memcpy(at + 16, &p->len, 4);
	memcpy(at + 20, &p->data_len, 4);
	memcpy(at + 24, &ethertype, 2);
	memcpy(at + 26, &arphrd, 2);
	put(at + 28, HEAD, 8);
	put(at + 36, HEAD + (rx ? network : mac), 8);
	memcpy(at + 44, &mac, 2);
	memcpy(at + 46, &network, 2);
	memset(at + BYTES_AT, FILL, NR_BYTES + NR_FILTER);
	memcpy(at + BYTES_AT, p->head, p->head_bytes);
}

static uint32_t entry_head(void)
{
	uint32_t words = RECORD_SIZE / 4;

	/* Entries of up to 112 bytes say their length in the type: these are longer. */
	return words > 28 ? 0 : words;
}

/* All packets in one page; @tail_garbage: behind them an entry that is longer than the page. */
static void fill_page(unsigned char *page, bool tail_garbage)
{
	unsigned char *at = page + 16;
	uint32_t length = RECORD_SIZE + 4, too_long = 0xffffff0, head = entry_head();
	uint64_t commit;

	memset(page, 0, PAGE);
	for (size_t i = 0; i < NR_PACKET; i++) {
		memcpy(at, &head, 4);
		memcpy(at + 4, &length, 4);
		fill_record(at + 8, &packet[i]);
		at += 8 + RECORD_SIZE;
	}
	if (tail_garbage) {
		memcpy(at, &head, 4);
		memcpy(at + 4, &too_long, 4);
		memset(at + 8, FILL, 100);
		at += 108;
	}
	commit = (uint64_t)(at - page - 16);
	memcpy(page + 8, &commit, 8);
}

static const struct trail_row *row_of(const char *event)
{
	for (size_t i = 0; trail_builtin_plugin[i]; i++)
		for (const struct trail_row *row = trail_builtin_plugin[i]->row; row->event; row++)
			if (!strcmp(row->event, event))
				return row;
	fail_msg("no row %s", event);
	return NULL;
}

static void blank_pages(unsigned char *pages, size_t size, bool payload)
{
	char path[] = "blank-test-XXXXXX";
	int fd = mkstemp(path);
	struct blank *blank;

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, pages, size), size);
	assert_int_equal(blank_new(PAGE, 8, payload, &blank), 0);
	/* Without formats nothing is touched. */
	assert_int_equal(blank_file(blank, fd, size), 0);
	assert_int_equal(blank_add(blank, row_of("skbtrail:tx"), tx_format, strlen(tx_format)), 0);
	assert_int_equal(blank_add(blank, row_of("skbtrail:rx"), rx_format, strlen(rx_format)), 0);
	assert_int_equal(blank_file(blank, fd, size), 0);
	blank_free(blank);
	assert_int_equal(pread(fd, pages, size, 0), size);
	close(fd);
}

static void check_page(const unsigned char *page, bool payload)
{
	static const unsigned char zero[NR_BYTES];
	unsigned char want[RECORD_SIZE];

	for (size_t i = 0; i < NR_PACKET; i++) {
		const unsigned char *at = page + 16 + i * (8 + RECORD_SIZE) + 8;
		uint32_t keep = payload ? packet[i].keep_payload : packet[i].keep;

		fill_record(want, &packet[i]);
		assert_memory_equal(at, want, BYTES_AT + keep);
		assert_memory_equal(at + BYTES_AT + keep, zero, NR_BYTES - keep);
		if (packet[i].id == OTHER_ID)
			assert_memory_equal(at + FILTER_AT, want + FILTER_AT, NR_FILTER);
		else
			assert_memory_equal(at + FILTER_AT, zero, NR_FILTER);
	}
}

static void keeps_headers_only(void **state)
{
	unsigned char page[2 * PAGE];

	fill_page(page, false);
	fill_page(page + PAGE, false);
	blank_pages(page, sizeof(page), false);
	check_page(page, false);
	check_page(page + PAGE, false);
}

static void keeps_the_packet_only(void **state)
{
	unsigned char page[PAGE];

	fill_page(page, false);
	blank_pages(page, sizeof(page), true);
	check_page(page, true);
}

/* What cannot be told apart is not kept. */
static void clears_what_is_damaged(void **state)
{
	size_t damaged = 16 + NR_PACKET * (8 + RECORD_SIZE);
	unsigned char page[PAGE];

	fill_page(page, true);
	blank_pages(page, sizeof(page), false);
	check_page(page, false);
	for (size_t i = damaged; i < damaged + 108; i++)
		assert_int_equal(page[i], 0);
}

/* More pages than go into one piece of the file. */
static void goes_over_long_files(void **state)
{
	size_t nr = 300;
	unsigned char *pages = malloc(nr * PAGE);

	assert_non_null(pages);
	for (size_t i = 0; i < nr; i++)
		fill_page(pages + i * PAGE, false);
	blank_pages(pages, nr * PAGE, false);
	for (size_t i = 0; i < nr; i++)
		check_page(pages + i * PAGE, false);
	free(pages);
}

static void measures_headers(void **state)
{
	static const uint8_t arp[60] = { [12] = 8, [13] = 6 };
	static const uint8_t other[60] = { [12] = 0x88, [13] = 0xcc };
	uint8_t tagged[80] = { 0 };

	assert_int_equal(trail_header_size(tcp_head, sizeof(tcp_head), TRAIL_LAYER_ETHERNET), 66);
	assert_int_equal(trail_header_size(tcp_head, 50, TRAIL_LAYER_ETHERNET), 50);
	assert_int_equal(trail_header_size(udp_head + 14, 28, TRAIL_LAYER_IP), 28);
	assert_int_equal(trail_header_size(arp, sizeof(arp), TRAIL_LAYER_ETHERNET), 42);
	assert_int_equal(trail_header_size(other, sizeof(other), TRAIL_LAYER_ETHERNET), 14);
	assert_int_equal(trail_header_size(udp_head, 42, TRAIL_LAYER_UNKNOWN), 0);
	assert_int_equal(trail_header_size(NULL, 0, TRAIL_LAYER_ETHERNET), 0);
	memcpy(tagged, udp_head, 12);
	memcpy(tagged + 12, (const uint8_t[]){ 0x81, 0, 0, 10 }, 4);
	memcpy(tagged + 16, udp_head + 12, sizeof(udp_head) - 12);
	assert_int_equal(trail_header_size(tagged, sizeof(tagged), TRAIL_LAYER_ETHERNET), 46);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_headers_only),
		cmocka_unit_test(keeps_the_packet_only),
		cmocka_unit_test(clears_what_is_damaged),
		cmocka_unit_test(goes_over_long_files),
		cmocka_unit_test(measures_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
