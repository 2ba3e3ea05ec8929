/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tracedat-private.h - what the halves of the writer share
 */
#ifndef TRACEDAT_PRIVATE_H
#define TRACEDAT_PRIVATE_H

#include <zstd.h>

#include "blob.h"
#include "tracedat-write.h"

/* Sections of version 7; 16 to 21 are options as well, which point to the section. */
enum section_id {
	SEC_OPTIONS = 0, SEC_BUFFER = 3, SEC_HEADER_INFO = 16, SEC_FTRACE = 17, SEC_FORMATS = 18,
	SEC_KALLSYMS = 19, SEC_PRINTK = 20, SEC_CMDLINES = 21, SEC_END = 22,
};

/**
 * struct tracedat - a file being written
 * @pos: where the next byte goes
 * @head_patch: version 7: where the offset of the options belongs
 * @section: version 7: file offsets by section id, 0 = not written
 */
struct tracedat {
	int fd;
	unsigned int version;
	uint32_t page_size;
	uint64_t pos;
	uint64_t head_patch;
	uint64_t section[SEC_END];
	ZSTD_CCtx *zstd;
};

/* Where the data of a CPU came to lie in the file. */
struct placed {
	uint64_t offset;
	uint64_t size;
};

static inline uint64_t round_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

static inline uint64_t cpu_size(const struct tracedat_cpu *cpu)
{
	return cpu->source[0].size + cpu->source[1].size;
}

/* At the end of what has been written. */
int tracedat_put(struct tracedat *dat, const void *data, size_t size);
/* The same, or the error that the blob holds. */
int tracedat_put_blob(struct tracedat *dat, const struct blob *blob);
/* Adds u32 compressed size, u32 size, compressed bytes. */
void tracedat_add_compressed(struct tracedat *dat, struct blob *out, const void *data,
			     size_t size);
/*
 * All pages of CPU number @i, as they are or as a list of compressed chunks, from a page boundary
 * on.
 */
int tracedat_put_cpu(struct tracedat *dat, const struct tracedat_tail *tail, uint32_t i,
		     struct placed *placed);

#endif /* TRACEDAT_PRIVATE_H */
