/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kernel.h - what the running kernel can do, and which functions it has
 */
#ifndef PROBE_KERNEL_H
#define PROBE_KERNEL_H

#include "near.h"
#include "types-btf.h"

struct spec;
struct trail_error;

/**
 * struct probe_caps - which dynamic events a kernel has, by the README of its tracefs
 * @entry_at_return: return probes read arguments as they were at the entry
 * @stack_step: so much larger than at the entry of a function is the stack pointer at its return
 */
struct probe_caps {
	bool kprobe;
	bool fprobe;
	bool eprobe;
	bool uprobe;
	bool synthetic;
	bool hist;
	bool entry_at_return;
	unsigned int stack_step;
};

void probe_caps_read(const char *readme, const char *machine, struct probe_caps *caps);

/* Paths, for the tests' sake; those of the system are made by probe_kernel_init(). */
struct probe_kernel {
	struct probe_caps caps;
	const char *tracing_dir;
	const char *btf_dir;
	const char *kallsyms;
	const char *blacklist;
	struct probe_btf *btf;		/* when it was needed */
	char module[64];		/* of which the types are in @btf, or "" */
	int btf_err;			/* why there is none */
	int module_err;
	bool has_tried_btf;
};

/* @tracing_dir: must outlive it.  Reads README.  Return: 0 or -errno. */
int probe_kernel_init(struct probe_kernel *kernel, const char *tracing_dir);
void probe_kernel_release(struct probe_kernel *kernel);

/*
 * The type information of the kernel and, if not NULL, of @module; stays the kernel's.  Providers
 * that came from it end when another module is asked for.  Return: 0 or -errno.
 */
int probe_kernel_btf(struct probe_kernel *kernel, const char *module, const struct probe_btf **out);

#define PROBE_SYMBOL_SIZE	128

/**
 * struct probe_symbol - a function, by its name
 * @nr: how many there are of that name
 * @module: of the last one, "" for the kernel itself
 * @variant: what the compiler made of it where it has no function of the name itself,
 *	     "tcp_foo.isra.0", or ""
 * @near: names like it, which are in @kept
 */
struct probe_symbol {
	unsigned int nr;
	char module[64];
	char variant[PROBE_SYMBOL_SIZE];
	struct near_names near;
	char kept[NEAR_MAX + 1][PROBE_SYMBOL_SIZE];
};

/*
 * Looks through all symbols.  @name must outlive @out, which must stay where it is.
 * Return: 0, also when it finds none, or -errno.
 */
int probe_kernel_find_symbol(const struct probe_kernel *kernel, const char *name,
			     struct probe_symbol *out);
/* May a kprobe not be put there, by the kernel's list? */
bool probe_kernel_is_blacklisted(const struct probe_kernel *kernel, const char *name);
/* Is it in available_filter_functions?  True where there is no such file. */
bool probe_kernel_is_traceable(const struct probe_kernel *kernel, const char *name);

/* Is a module of that name loaded? */
bool probe_kernel_is_module(const struct probe_kernel *kernel, const char *name);

/* Functions that can be probed; @visit returns something else than 0 to end the walk. */
int probe_kernel_walk_functions(const struct probe_kernel *kernel, const char *pattern,
				int (*visit)(void *data, const char *name, const char *module),
				void *data);

/*
 * Events of @system whose names match; @text is "net:netif_rx(void * skbaddr, unsigned int len)".
 * Return: 0; -ENOENT, there is no such system; -errno; what @visit returned, if that was not 0.
 */
int probe_kernel_walk_events(const struct probe_kernel *kernel, const char *system,
			     const char *pattern, int (*visit)(void *data, const char *text),
			     void *data);

/* Why there is no probing FUNC.  Fills @error.  Return: -EINVAL or -ENOMEM. */
int probe_kernel_explain(const struct probe_kernel *kernel, const struct spec *spec,
			 struct trail_error *error);

#endif /* PROBE_KERNEL_H */
