/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filesystem.h - what a file system refused, in words
 */
#ifndef FILESYSTEM_H
#define FILESYSTEM_H

#include <stddef.h>
#include <stdint.h>

/* "/mnt/disk (ext4)": where the file behind @fd lies; "" where the kernel does not say. */
void filesystem_name(int fd, char *text, size_t size);
/*
 * Why a write to the file behind @fd, or to its directory, failed with @err, a negative errno:
 * which file system is full, over quota or read-only, or which limit was reached.
 */
void filesystem_why(int fd, int err, char *text, size_t size);
/* The largest file that this process may write, in bytes; UINT64_MAX without a limit. */
uint64_t filesystem_max_file(void);
/* Bytes that are free for this user where @fd lies; UINT64_MAX where that is not known. */
uint64_t filesystem_free(int fd);

#endif /* FILESYSTEM_H */
