// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-drop-bytes.c - which bytes of the probe at kfree_skb a capture keeps: the headers, wherever
 * skb->data is, and nothing in front of them or behind them
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "skbtrail.h"

#define BEFORE		64
#define NR_BYTES	160
#define BYTES_AT	64
#define HEADERS		(14 + 20 + 8)

/* A record whose fields stand one behind the other; @binding is of the row. */
struct drop {
	struct trail_binding binding;
	uint8_t record[BYTES_AT + NR_BYTES];
	uint16_t end;
};

static const struct trail_row *find_row(const char *event)
{
	for (const struct trail_plugin *const *plugin = trail_builtin_plugin; *plugin; plugin++)
		for (const struct trail_row *row = (*plugin)->row; row->event; row++)
			if (!strcmp(row->event, event))
				return row;
	fail();
	return NULL;
}

static void put(struct drop *drop, const char *name, uint64_t value, uint16_t size)
{
	for (unsigned int i = 0; drop->binding.row->field[i]; i++) {
		if (strcmp(drop->binding.row->field[i], name))
			continue;
		drop->binding.field[i] = (struct trail_field){
			.offset = drop->end, .size = size, .kind = TRAIL_FIELD_UNSIGNED,
		};
		memcpy(drop->record + drop->end, &value, size);
		drop->end = (uint16_t)(drop->end + size);
		return;
	}
	fail();
}

/* A datagram of 100 bytes in an Ethernet frame whose headers end @at bytes behind the first one. */
static void make(struct drop *drop, uint32_t at, uint32_t data, uint32_t len)
{
	static const uint8_t head[HEADERS] = {
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
		0x45, 0, 0, 128, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
		0x10, 0, 0, 53, 0, 108, 0, 0,
	};

	memset(drop, 0, sizeof(*drop));
	drop->binding.row = find_row("skbtrail:drop");
	put(drop, "ethertype", 0x0008, 2);
	put(drop, "arphrd", 1, 2);
	put(drop, "len", len, 4);
	put(drop, "data_len", 0, 4);
	/* Where the first recorded byte is in the buffer: 1000 behind its head. */
	put(drop, "head", 0xffff888000000000, 8);
	put(drop, "data", 0xffff888000000000 + 1000 + data, 8);
	put(drop, "mac", 1000 + data - BEFORE + at, 2);
	put(drop, "network", 1000 + data - BEFORE + at + 14, 2);
	for (unsigned int i = 0; drop->binding.row->field[i]; i++)
		if (!strcmp(drop->binding.row->field[i], "bytes"))
			drop->binding.field[i] = (struct trail_field){
				.offset = BYTES_AT, .size = NR_BYTES, .kind = TRAIL_FIELD_BYTES,
			};
	memset(drop->record + BYTES_AT, 0xaa, NR_BYTES);
	if (at + HEADERS <= NR_BYTES)
		memcpy(drop->record + BYTES_AT + at, head, HEADERS);
}

/* Of the recorded bytes those from @from up to @to stay. */
static void check(const struct drop *drop, bool payload, uint32_t from, uint32_t to)
{
	const struct trail_event event = {
		.data = drop->record, .size = sizeof(drop->record), .binding = &drop->binding,
	};
	bool gone[NR_BYTES] = { false };
	uint32_t offset = 0, size, nr = 0;

	while ((size = drop->binding.row->surplus(&event, payload, &offset)) != 0) {
		assert_true(offset >= BYTES_AT && offset + size <= sizeof(drop->record));
		assert_true(++nr <= 2);
		memset(gone + offset - BYTES_AT, true, size);
		offset += size;
	}
	for (uint32_t i = 0; i < NR_BYTES; i++)
		assert_int_equal(gone[i], i < from || i >= to);
}

static void test_places(void **state)
{
	struct drop drop;

	(void)state;
	/* skb->data at the UDP header, at the IP header, at the link header. */
	make(&drop, BEFORE - 34, 0, 108);
	check(&drop, false, BEFORE - 34, BEFORE + 8);
	check(&drop, true, BEFORE - 34, NR_BYTES);
	make(&drop, BEFORE - 14, 0, 128);
	check(&drop, false, BEFORE - 14, BEFORE + 28);
	make(&drop, BEFORE, 0, 142);
	check(&drop, false, BEFORE, BEFORE + HEADERS);
	/* The packet ends before the recorded bytes do. */
	make(&drop, BEFORE - 34, 0, 20);
	check(&drop, true, BEFORE - 34, BEFORE + 20);
	/* At its end already. */
	make(&drop, BEFORE - HEADERS, 0, 0);
	check(&drop, true, BEFORE - HEADERS, BEFORE);
}

/* Where the packet begins is not known: nothing stays. */
static void test_nowhere(void **state)
{
	struct drop drop;

	(void)state;
	make(&drop, BEFORE - 34, 0, 108);
	drop.record[BYTES_AT + BEFORE - 34 + 14] = 0x99;	/* no IP version */
	check(&drop, false, NR_BYTES, NR_BYTES);
	check(&drop, true, NR_BYTES, NR_BYTES);
	make(&drop, NR_BYTES, 0, 108);
	check(&drop, true, NR_BYTES, NR_BYTES);
}

int main(void)
{
	const struct CMUnitTest test[] = {
		cmocka_unit_test(test_places), cmocka_unit_test(test_nowhere),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}
