/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * file.h - all of it, or an error
 */
#ifndef RECORD_FILE_H
#define RECORD_FILE_H

#include <stddef.h>
#include <stdint.h>

/* Return: 0; -EIO the file ends before; another -errno. */
int file_read_at(int fd, void *data, size_t size, uint64_t offset);
int file_write_at(int fd, const void *data, size_t size, uint64_t offset);

#endif /* RECORD_FILE_H */
