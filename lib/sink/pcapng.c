// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pcapng.c - values -> the blocks of a pcapng file
 *
 * An own writer: libpcap writes only the older pcap, which has no comments and no interfaces, and
 * Wireshark's libwiretap has no stable interface.  A block is its type, its length, a body that
 * the type defines, options, and its length once more; all of it at multiples of four bytes.
 */
#include <errno.h>
#include <stdlib.h>

#include "pcapng.h"

#define FIRST_CAPACITY	1024

static unsigned char *block_grow(struct block *block, size_t size)
{
	size_t capacity = block->capacity ? block->capacity : FIRST_CAPACITY;
	unsigned char *at;

	if (block->err)
		return NULL;
	while (capacity < block->size + size)
		capacity *= 2;
	if (capacity != block->capacity) {
		at = realloc(block->at, capacity);
		if (!at) {
			block->err = -ENOMEM;
			return NULL;
		}
		block->at = at;
		block->capacity = capacity;
	}
	at = block->at + block->size;
	block->size += size;
	return at;
}

static void block_add(struct block *block, const void *data, size_t size)
{
	unsigned char *at = block_grow(block, size);

	if (at && size)
		memcpy(at, data, size);
}

void block_u16(struct block *block, uint16_t value)
{
	block_add(block, &value, sizeof(value));
}

void block_u32(struct block *block, uint32_t value)
{
	block_add(block, &value, sizeof(value));
}

void block_u64(struct block *block, uint64_t value)
{
	block_add(block, &value, sizeof(value));
}

void block_bytes(struct block *block, const void *data, size_t size)
{
	static const char zero[3];

	block_add(block, data, size);
	block_add(block, zero, -size & 3);
}

void block_begin(struct block *block, enum pcapng_block_type type)
{
	block->size = 0;
	block->err = 0;
	block_u32(block, type);
	block_u32(block, 0);
}

void block_option(struct block *block, enum pcapng_option code, const void *data, size_t size)
{
	block_u16(block, code);
	block_u16(block, (uint16_t)size);
	block_bytes(block, data, (uint16_t)size);
}

void block_option_text(struct block *block, enum pcapng_option code, const char *text)
{
	block_option(block, code, text, strlen(text));
}

int block_end(struct block *block)
{
	uint32_t size;

	block_u16(block, PCAPNG_END);
	block_u16(block, 0);
	size = (uint32_t)block->size + (uint32_t)sizeof(size);
	block_u32(block, size);
	if (!block->err)
		memcpy(block->at + sizeof(size), &size, sizeof(size));
	return block->err;
}

void block_release(struct block *block)
{
	free(block->at);
	*block = (struct block){ 0 };
}
