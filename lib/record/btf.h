/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * btf.h - where the members of the running kernel's structures lie, by its own type information
 */
#ifndef RECORD_BTF_H
#define RECORD_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;

/**
 * struct btf_place - a member
 * @offset_bits: from the start of the outermost structure
 * @size_bits: of a bit field its width
 * @is_bitfield: not a whole number of bytes at a whole byte
 */
struct btf_place {
	uint32_t offset_bits;
	uint32_t size_bits;
	bool is_bitfield;
};

/* @path: /sys/kernel/btf/vmlinux or a file like it.  Return: 0 or -errno. */
int btf_open(const char *path, struct btf **out);
void btf_close(struct btf *btf);

/**
 * btf_find - "sk_buff.cb" or "net.ns.inum" -> its place
 * @path: @length bytes: a structure, then members, a dot between
 *
 * Members of unnamed unions and structures are found by their names.
 *
 * Return: 0; -ENOENT no such structure or member; -EINVAL no path, or through what is no structure.
 */
int btf_find(const struct btf *btf, const char *path, size_t length, struct btf_place *out);

#endif /* RECORD_BTF_H */
