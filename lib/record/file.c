// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * file.c - reads and writes that go on where the kernel stopped
 */
#include <errno.h>
#include <unistd.h>

#include "file.h"

int file_read_at(int fd, void *data, size_t size, uint64_t offset)
{
	char *at = data;
	ssize_t n;

	while (size) {
		n = pread(fd, at, size, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		at += n;
		size -= n;
		offset += n;
	}
	return 0;
}

int file_write_at(int fd, const void *data, size_t size, uint64_t offset)
{
	const char *at = data;
	ssize_t n;

	while (size) {
		n = pwrite(fd, at, size, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		size -= n;
		offset += n;
	}
	return 0;
}
