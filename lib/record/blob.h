/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blob.h - bytes that grow
 *
 * The first error sticks, so that a run of additions is checked once, at its end.
 */
#ifndef BLOB_H
#define BLOB_H

#include <stddef.h>
#include <stdint.h>

/* Zero-filled it is empty; @data has a NUL behind its @size bytes once something was added. */
struct blob {
	char *data;
	size_t size;
	size_t capacity;
	int err;
};

void blob_add(struct blob *blob, const void *data, size_t size);
void blob_add_text(struct blob *blob, const char *text);	/* with its NUL */
void blob_add_u16(struct blob *blob, uint16_t value);
void blob_add_u32(struct blob *blob, uint32_t value);
void blob_add_u64(struct blob *blob, uint64_t value);
/* The whole content of a file whose size is not known before: tracefs, procfs.  -errno sticks. */
int blob_add_file(struct blob *blob, const char *path);
void blob_release(struct blob *blob);

#endif /* BLOB_H */
