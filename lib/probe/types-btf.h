/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * types-btf.h - the kernel's own type information
 */
#ifndef PROBE_TYPES_BTF_H
#define PROBE_TYPES_BTF_H

#include "types.h"

#define PROBE_BTF_DIR	"/sys/kernel/btf"

struct probe_btf;

/*
 * probe_btf_open - read it
 * @dir: PROBE_BTF_DIR or one like it, with a file vmlinux
 * @module: of which the types are wanted as well, or NULL
 *
 * Return: 0; -ENOENT the kernel (or the module) has none; -errno.
 */
int probe_btf_open(const char *dir, const char *module, struct probe_btf **out);
void probe_btf_close(struct probe_btf *btf);
/*
 * Takes the types of another module, or of none (NULL), instead; what came from the last one ends.
 * Return: 0 or -errno; it has none then.
 */
int probe_btf_set_module(struct probe_btf *btf, const char *dir, const char *module);
/* Whoever asks for many functions makes finding them fast.  Return: 0 or -ENOMEM. */
int probe_btf_index(struct probe_btf *btf);

/*
 * probe_btf_function - the provider for a function
 * @btf: must outlive it
 *
 * Arguments are "$arg1" and so on, counted as the machine passes them.
 * Return: 0; -ENOENT no such function; -ENOMEM.
 */
int probe_btf_function(const struct probe_btf *btf, const char *function,
		       struct probe_types **out);
/*
 * The same with variables of the caller's: @nr of them, which must outlive it, or NULL: their names
 * are not known.  @btf may be NULL.
 */
int probe_btf_variables(const struct probe_btf *btf, const struct probe_variable *variable,
			size_t nr, struct probe_types **out);

/* "int tcp_v4_rcv(struct sk_buff *skb)".  Return: 0 or -ENOENT. */
int probe_btf_signature(const struct probe_btf *btf, const char *function, char *text,
			size_t size);

#endif /* PROBE_TYPES_BTF_H */
