// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * random-frame.c - Ethernet frames at random, of few addresses and ports so that filters match
 */
#include <stddef.h>
#include <string.h>

#include "random-frame.h"

static uint32_t random_state = 1;

uint32_t random_below(uint32_t below)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % below;
}

static void add(struct frame *frame, const void *data, size_t size)
{
	memcpy(frame->byte + frame->size, data, size);
	frame->size += (uint32_t)size;
}

static void add_u8(struct frame *frame, uint32_t value)
{
	frame->byte[frame->size++] = (uint8_t)value;
}

static void add_u16(struct frame *frame, uint32_t value)
{
	add_u8(frame, value >> 8);
	add_u8(frame, value);
}

static void add_random(struct frame *frame, uint32_t size)
{
	while (size--)
		add_u8(frame, random_below(4) ? random_below(256) : 0);
}

/* Few of them, so that filters match. */
static void add_address(struct frame *frame)
{
	static const uint8_t address[][4] = {
		{ 10, 0, 0, 1 }, { 10, 0, 0, 2 }, { 10, 1, 2, 3 }, { 192, 168, 0, 1 },
		{ 192, 168, 127, 255 }, { 172, 16, 5, 4 }, { 172, 31, 5, 4 }, { 224, 0, 0, 1 },
		{ 255, 255, 255, 255 }, { 10, 128, 0, 1 },
	};

	add(frame, address[random_below(10)], 4);
}

static void add_address6(struct frame *frame)
{
	static const uint8_t address[][16] = {
		{ 0xfe, 0x80, [15] = 1 }, { 0xfe, 0x80, [15] = 2 },
		{ 0x20, 1, 0xd, 0xb8, [15] = 1 },
		{ 0xff, 2, [15] = 1 }, { 0xfe, 0xa0, [15] = 1 }, { [15] = 1 },
	};

	add(frame, address[random_below(6)], 16);
}

static uint32_t port(void)
{
	static const uint16_t some[] = { 22, 53, 80, 80, 255, 256, 443, 1000, 1023, 1024, 2000,
					 0x0800, 0x8000 };

	return random_below(8) ? some[random_below(13)] : random_below(65536);
}

static uint32_t protocol(void)
{
	static const uint8_t some[] = { 1, 2, 6, 6, 6, 17, 17, 47, 50, 51, 58, 58, 103, 132, 44, 9,
					112 };

	return some[random_below(17)];
}

static void add_transport(struct frame *frame)
{
	add_u16(frame, port());
	add_u16(frame, port());
	add_random(frame, 8);
	add_u8(frame, 0x50);
	add_u8(frame, random_below(4) ? random_below(256) : 2);
	add_random(frame, 6 + random_below(20));
}

static void add_ipv4(struct frame *frame)
{
	static const uint16_t fragment[] = { 0, 0, 0, 0x4000, 0x4000, 0x2000, 1, 0x2100, 0x00b9 };
	uint32_t ihl = random_below(2) ? 5 : 5 + random_below(11);

	add_u8(frame, 0x40 | ihl);
	add_random(frame, 5);
	add_u16(frame, fragment[random_below(9)]);
	add_u8(frame, random_below(256));
	add_u8(frame, protocol());
	add_random(frame, 2);
	add_address(frame);
	add_address(frame);
	add_random(frame, 4 * ihl - 20);
	add_transport(frame);
}

static void add_ipv6(struct frame *frame)
{
	add_u8(frame, 0x60);
	add_random(frame, 5);
	add_u8(frame, protocol());
	add_u8(frame, 64);
	add_address6(frame);
	add_address6(frame);
	if (frame->byte[frame->size - 34] == 44) {
		add_u8(frame, protocol());
		add_random(frame, 7);
	}
	add_transport(frame);
}

static void add_arp(struct frame *frame)
{
	add_u16(frame, 1);
	add_u16(frame, 0x0800);
	add_u16(frame, 0x0604);
	add_u16(frame, 1 + random_below(2));
	add_random(frame, 6);
	add_address(frame);
	add_random(frame, 6);
	add_address(frame);
	add_random(frame, 18);
}

void random_frame(struct frame *frame)
{
	static const uint8_t mac[][6] = {
		{ 0x52, 0x54, 0, 0, 0, 0x10 }, { 0x52, 0x54, 0, 0, 0, 0x11 },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, { 1, 0, 0x5e, 0, 0, 1 },
	};
	static const uint16_t tag[] = { 0x8100, 0x8100, 0x88a8, 0x9100 };
	uint32_t kind = random_below(12);

	*frame = (struct frame){ .size = 0 };
	add(frame, mac[random_below(4)], 6);
	add(frame, mac[random_below(2)], 6);
	if (!random_below(3)) {
		add_u16(frame, tag[random_below(4)]);
		add_u16(frame, random_below(3) ? 5 | random_below(16) << 12 :
			random_below(2) ? 0xffff : 0);
		if (!random_below(8)) {
			add_u16(frame, tag[random_below(4)]);
			add_u16(frame, 7);
		}
	}
	add_u16(frame, kind < 7 ? 0x0800 : kind < 10 ? 0x86dd : kind < 11 ? 0x0806 :
		random_below(2) ? 0x8035 : 0x88cc);
	if (kind < 7)
		add_ipv4(frame);
	else if (kind < 10)
		add_ipv6(frame);
	else
		add_arp(frame);
}
