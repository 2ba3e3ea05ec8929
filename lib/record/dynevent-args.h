/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dynevent-args.h - fields of a dynamic event in symbols -> in the kernel's grammar
 */
#ifndef DYNEVENT_ARGS_H
#define DYNEVENT_ARGS_H

#include "blob.h"

struct btf;

/**
 * struct dynevent_kernel - what the symbols are resolved with
 * @btf: NULL: the kernel has no type information
 * @snap_bytes: packet bytes to be kept, at most TRAIL_MAX_SNAP_BYTES
 */
struct dynevent_kernel {
	const struct btf *btf;
	uint32_t snap_bytes;
};

/**
 * dynevent_args - struct trail_probe's args -> what tracefs takes
 * @out: text is added to it, with a NUL behind
 * @why: @size bytes, filled when it fails
 *
 * Return: 0; -ENOENT @args need a member that this kernel lacks; -EINVAL a mistake in @args;
 * -ENOMEM.
 */
int dynevent_args(const char *args, const struct dynevent_kernel *kernel, struct blob *out,
		  char *why, size_t size);

#endif /* DYNEVENT_ARGS_H */
