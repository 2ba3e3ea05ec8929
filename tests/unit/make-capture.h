/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make-capture.h - small captures made by hand, to test what no recorder writes on request
 */
#ifndef MAKE_CAPTURE_H
#define MAKE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MADE_PAGE	4096
#define MADE_TYPE	300	/* event id of test:sample, fields of which are below */

/**
 * struct made - what to make
 * @version: 6 or 7
 * @swap: in the byte order that this machine does not have
 * @commit_size: sizeof(long) of the kernel, 4 or 8
 * @zstd: compress the pages and the formats (version 7)
 * @nr_cpu: CPUs, each with @nr_page pages of @nr_record records
 * @date: with option DATE: 5 us more in each time
 */
struct made {
	unsigned int version;
	bool swap;
	unsigned int commit_size;
	bool zstd;
	unsigned int nr_cpu;
	unsigned int nr_page;
	unsigned int nr_record;
	bool date;
};

/* Bytes that grow. */
struct blob {
	unsigned char *at;
	size_t len;
	bool swap;
};

void blob_add(struct blob *blob, const void *data, size_t len);
void blob_u16(struct blob *blob, uint16_t value);
void blob_u32(struct blob *blob, uint32_t value);
void blob_u64(struct blob *blob, uint64_t value);
void blob_long(struct blob *blob, uint64_t value, unsigned int size);
void blob_pad(struct blob *blob, size_t align);
void blob_free(struct blob *blob);

/* Header word of a ring buffer entry. */
void blob_entry(struct blob *blob, uint32_t type_len, uint32_t delta);

/* Payload of one test:sample record, 32 bytes. */
void blob_sample(struct blob *blob, int pid, uint32_t value);

/* The capture; to be freed by blob_free().  Record i of CPU c has the time 1000 + 10 * i + c. */
struct blob make_capture(const struct made *made);

void write_file(const char *path, const void *data, size_t len);

#endif /* MAKE_CAPTURE_H */
