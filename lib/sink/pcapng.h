/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pcapng.h - the blocks of a pcapng file, and a packet's comment
 */
#ifndef PCAPNG_H
#define PCAPNG_H

#include "skbtrail.h"

/* https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html */
enum pcapng_block_type {
	PCAPNG_SECTION		= 0x0a0d0d0a,
	PCAPNG_INTERFACE	= 1,
	PCAPNG_PACKET		= 6,	/* the enhanced one */
};

/* Numbers of options mean something else in each type of block, but for the first two. */
enum pcapng_option {
	PCAPNG_END		= 0,
	PCAPNG_COMMENT		= 1,
	PCAPNG_SECTION_OS	= 3,
	PCAPNG_SECTION_PROGRAM	= 4,
	PCAPNG_IF_NAME		= 2,
	PCAPNG_IF_DESCRIPTION	= 3,
	PCAPNG_IF_TSRESOL	= 9,
	PCAPNG_PACKET_FLAGS	= 2,
	PCAPNG_PACKET_ID	= 5,
};

/* https://www.tcpdump.org/linktypes.html */
enum pcapng_linktype {
	LINKTYPE_ETHERNET	= 1,
	LINKTYPE_RAW		= 101,	/* IPv4 or IPv6 */
	LINKTYPE_USER0		= 147,	/* for private use */
};

/**
 * struct block - a block under construction, in the byte order of this machine
 * @err: the first error sticks; to be looked at after block_end()
 */
struct block {
	unsigned char *at;
	size_t size;
	size_t capacity;
	int err;
};

/* Empties it; the memory is used again. */
void block_begin(struct block *block, enum pcapng_block_type type);
void block_u16(struct block *block, uint16_t value);
void block_u32(struct block *block, uint32_t value);
void block_u64(struct block *block, uint64_t value);
/* Filled up to a multiple of four. */
void block_bytes(struct block *block, const void *data, size_t size);
void block_option(struct block *block, enum pcapng_option code, const void *data, size_t size);
void block_option_text(struct block *block, enum pcapng_option code, const char *text);
/* Ends the options and the block.  Return: 0 or -ENOMEM. */
int block_end(struct block *block);
void block_release(struct block *block);

#define COMMENT_SIZE	4096

/*
 * Where the packet's time went, one line of UTF-8 without control characters:
 *
 *	rx delivered in 801us: irq 9.03us, softirq 176us, queue 218us (wake 128us, app 41.2us),
 *	copy 62.0us; reader python3/161; stack, queue inferred
 *
 * What does not fit is left out, with "..." in its place.  Return: @buf.
 */
const char *comment_of_packet(char buf[COMMENT_SIZE], const struct trail_packet *packet);

#endif /* PCAPNG_H */
