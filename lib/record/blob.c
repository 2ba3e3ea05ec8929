// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * blob.c - bytes that grow
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blob.h"

#define MIN_ROOM	4096

/* Room for @size more bytes and a NUL. */
static bool make_room(struct blob *blob, size_t size)
{
	size_t capacity = blob->capacity ? blob->capacity : MIN_ROOM;
	char *data;

	if (blob->err)
		return false;
	blob->err = -ENOMEM;
	if (size >= SIZE_MAX / 4 - blob->size)
		return false;
	while (capacity < blob->size + size + 1)
		capacity *= 2;
	data = capacity == blob->capacity ? blob->data : realloc(blob->data, capacity);
	if (!data)
		return false;
	blob->data = data;
	blob->capacity = capacity;
	blob->err = 0;
	return true;
}

void blob_add(struct blob *blob, const void *data, size_t size)
{
	if (!make_room(blob, size))
		return;
	if (size)
		memcpy(blob->data + blob->size, data, size);
	blob->size += size;
	blob->data[blob->size] = '\0';
}

void blob_add_text(struct blob *blob, const char *text)
{
	blob_add(blob, text, strlen(text) + 1);
}

void blob_add_u16(struct blob *blob, uint16_t value)
{
	blob_add(blob, &value, sizeof(value));
}

void blob_add_u32(struct blob *blob, uint32_t value)
{
	blob_add(blob, &value, sizeof(value));
}

void blob_add_u64(struct blob *blob, uint64_t value)
{
	blob_add(blob, &value, sizeof(value));
}

int blob_add_file(struct blob *blob, const char *path)
{
	ssize_t n = 1;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		blob->err = -errno;
		return blob->err;
	}
	while (n && make_room(blob, MIN_ROOM)) {
		n = read(fd, blob->data + blob->size, blob->capacity - blob->size - 1);
		if (n > 0)
			blob->size += n;
		else if (n < 0 && errno != EINTR)
			blob->err = -errno;
		blob->data[blob->size] = '\0';
	}
	close(fd);
	return blob->err;
}

void blob_release(struct blob *blob)
{
	free(blob->data);
	*blob = (struct blob){ 0 };
}
