// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mutation.c - the ways in which a capture is damaged
 */
#include <stdbool.h>
#include <string.h>

#include "mutation.h"

#define MAX_BLOCK	4096
#define SECTION_HEAD	16

uint64_t draw(uint64_t *state, uint64_t below)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return (*state >> 24) % below;
}

static void flip_bits(struct bytes *bytes, uint64_t *state)
{
	for (uint64_t nr = 1 + draw(state, 8); nr; nr--)
		bytes->at[draw(state, bytes->size)] ^= 1 << draw(state, 8);
}

/* Numbers at which lengths, offsets and counts go wrong. */
static uint64_t odd_number(const struct bytes *bytes, uint64_t *state)
{
	switch (draw(state, 8)) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return 1ull << draw(state, 64);
	case 3:
		return (1ull << draw(state, 64)) - 1;
	case 4:
		return bytes->size;
	case 5:
		return bytes->size - 1 - draw(state, 16);
	case 6:
		return draw(state, bytes->size);
	default:
		return draw(state, 64);
	}
}

static void put_number(struct bytes *bytes, uint64_t *state)
{
	size_t size = 1ull << draw(state, 4);
	size_t at = draw(state, bytes->size);
	uint64_t value = odd_number(bytes, state);

	if (draw(state, 2))
		at &= ~(size - 1);
	if (size <= bytes->size - at)
		memcpy(bytes->at + at, &value, size);
}

/* A little more or less, where a number probably is. */
static void change_number(struct bytes *bytes, uint64_t *state)
{
	size_t at = draw(state, bytes->size) & ~(size_t)1;
	uint16_t value;

	if (bytes->size - at < sizeof(value))
		return;
	memcpy(&value, bytes->at + at, sizeof(value));
	value = (uint16_t)(value + draw(state, 64) - 32);
	memcpy(bytes->at + at, &value, sizeof(value));
}

/* Offsets, sizes and ids that are texts: 16 -> 96, 169, 1 ... */
static void change_digit(struct bytes *bytes, uint64_t *state)
{
	size_t at = draw(state, bytes->size);

	for (size_t i = 0; i < MAX_BLOCK && at < bytes->size; i++, at++) {
		if (bytes->at[at] < '0' || bytes->at[at] > '9')
			continue;
		bytes->at[at] = (unsigned char)"0123456789-;,[("[draw(state, 15)];
		return;
	}
}

/* Swaps two blocks, or puts one in the place of the other. */
static void move_block(struct bytes *bytes, uint64_t *state)
{
	size_t size = 1 + draw(state, draw(state, 2) ? 64 : MAX_BLOCK);
	unsigned char copy[MAX_BLOCK];
	size_t from, to;

	if (size > bytes->size / 2)
		return;
	from = draw(state, bytes->size - size);
	to = draw(state, bytes->size - size);
	memcpy(copy, bytes->at + to, size);
	memmove(bytes->at + to, bytes->at + from, size);
	if (draw(state, 2))
		memcpy(bytes->at + from, copy, size);
}

/* Takes a block out, or puts zeros in. */
static void shift(struct bytes *bytes, uint64_t *state)
{
	size_t size = 1 + draw(state, draw(state, 2) ? 8 : MAX_BLOCK);
	size_t at = draw(state, bytes->size);

	if (draw(state, 2)) {
		if (size >= bytes->size - at)
			return;
		memmove(bytes->at + at, bytes->at + at + size, bytes->size - at - size);
		bytes->size -= size;
	} else if (bytes->size + size <= bytes->capacity) {
		memmove(bytes->at + at + size, bytes->at + at, bytes->size - at);
		memset(bytes->at + at, 0, size);
		bytes->size += size;
	}
}

/* Bytes that terminals, JSON and parsers of formats take for something else. */
static void put_text(struct bytes *bytes, uint64_t *state)
{
	static const char *const text[] = {
		"\033]0;x\a", "\2332J", "\"},{\"", "\\u0000", "\xc2\x9b", "\r\n", "</script>",
		"%s%n", "[99999]", "))))", "((((", "->", "\xff\xfe", "\xe2\x80\xae",
	};
	const char *word = text[draw(state, sizeof(text) / sizeof(text[0]))];
	size_t at = draw(state, bytes->size), len = strlen(word);

	if (len <= bytes->size - at)
		memcpy(bytes->at + at, word, len);
}

void mutate(struct bytes *bytes, uint64_t *state)
{
	static void (*const way[])(struct bytes *, uint64_t *) = {
		flip_bits, flip_bits, put_number, put_number, put_number, change_number,
		change_digit, move_block, shift, put_text,
	};

	for (uint64_t nr = 1 + draw(state, 4); nr; nr--)
		way[draw(state, sizeof(way) / sizeof(way[0]))](bytes, state);
}

static size_t add_place(const struct bytes *bytes, size_t *place, size_t nr, size_t max,
			uint64_t at)
{
	if (nr < max && at <= bytes->size)
		place[nr++] = at;
	return nr;
}

/* Version 7: section after section, {u16 id; u16 flags; u32; u64 size; payload}. */
static size_t section_places(const struct bytes *bytes, size_t *place, size_t max)
{
	size_t nr = 0, at = 18;

	for (int strings = 0; strings < 2 && at < bytes->size; at++)
		strings += !bytes->at[at];
	for (at += 8; at + SECTION_HEAD <= bytes->size;) {
		uint64_t size;

		memcpy(&size, bytes->at + at + 8, sizeof(size));
		nr = add_place(bytes, place, nr, max, at);
		nr = add_place(bytes, place, nr, max, at + SECTION_HEAD);
		if (size > bytes->size - at - SECTION_HEAD)
			break;
		at += SECTION_HEAD + size;
	}
	return nr;
}

size_t boundaries(const struct bytes *bytes, size_t *place, size_t max)
{
	static const char *const word[] = {
		"tracing", "header_page", "header_event", "options", "flyrecord", "name: ",
	};
	size_t nr = 0;

	for (size_t i = 0; i <= 40; i++)
		nr = add_place(bytes, place, nr, max, i);
	if (bytes->size > 12 && bytes->at[10] == '7')
		return nr + section_places(bytes, place + nr, max - nr);
	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
		const unsigned char *at = memmem(bytes->at, bytes->size, word[i], strlen(word[i]));

		for (int j = -16; at && j <= 16; j++)
			nr = add_place(bytes, place, nr, max, (size_t)(at - bytes->at) + j);
	}
	return nr;
}
