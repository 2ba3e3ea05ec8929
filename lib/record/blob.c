// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * blob.c - bytes that grow
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blob.h"

#define MIN_ROOM	4096

/* Room for @size more bytes and a NUL. */
static int make_room(struct blob *blob, size_t size)
{
	size_t capacity = blob->capacity ? blob->capacity : MIN_ROOM;
	char *data;

	if (size >= SIZE_MAX / 4 - blob->size)
		return -ENOMEM;
	while (capacity < blob->size + size + 1)
		capacity *= 2;
	if (capacity == blob->capacity)
		return 0;
	data = realloc(blob->data, capacity);
	if (!data)
		return -ENOMEM;
	blob->data = data;
	blob->capacity = capacity;
	return 0;
}

int blob_add(struct blob *blob, const void *data, size_t size)
{
	int err = make_room(blob, size);

	if (err)
		return err;
	if (size)
		memcpy(blob->data + blob->size, data, size);
	blob->size += size;
	blob->data[blob->size] = '\0';
	return 0;
}

int blob_add_text(struct blob *blob, const char *text)
{
	return blob_add(blob, text, strlen(text) + 1);
}

int blob_add_u16(struct blob *blob, uint16_t value)
{
	return blob_add(blob, &value, sizeof(value));
}

int blob_add_u32(struct blob *blob, uint32_t value)
{
	return blob_add(blob, &value, sizeof(value));
}

int blob_add_u64(struct blob *blob, uint64_t value)
{
	return blob_add(blob, &value, sizeof(value));
}

int blob_add_file(struct blob *blob, const char *path)
{
	ssize_t n;
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		err = make_room(blob, MIN_ROOM);
		if (err)
			break;
		n = read(fd, blob->data + blob->size, blob->capacity - blob->size - 1);
		if (n < 0) {
			err = errno == EINTR ? 0 : -errno;
			n = !err;
		} else {
			blob->size += n;
		}
		blob->data[blob->size] = '\0';
	} while (!err && n);
	close(fd);
	return err;
}

void blob_release(struct blob *blob)
{
	free(blob->data);
	*blob = (struct blob){ 0 };
}
