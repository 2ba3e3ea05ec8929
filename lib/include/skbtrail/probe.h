/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/probe.h - the user's probes outside of a recording
 *
 * A SPEC is in the language of skbtrail-probe(1).  Where a SPEC is wrong, struct trail_error has
 * the column, and with several of them the item.
 */
#ifndef SKBTRAIL_PROBE_H
#define SKBTRAIL_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "skbtrail/error.h"
#include "skbtrail/record.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * trail_probe_show - what would be written for a probe, and how each of its names was found
 * @text: the caller frees it; the form that is tried first
 *
 * Changes nothing.  Needs to read tracefs.
 * Return: 0; -EINVAL, -ENOTSUP with @error; -EACCES, -ENOENT no tracefs; -ENOMEM.
 */
int trail_probe_show(const char *spec, char **text, struct trail_error *error);

/**
 * trail_probe_functions - functions of the kernel, or of a program, and events that can be probed
 * @pattern: a glob, as "tcp_v4_*", "libc:recv*", "/usr/sbin/nginx:*", "pid 1234:recv*", of a module
 *	     "ext4:*", of a system of events "net:*"
 * @visit: called for each; @module is "" for the kernel's own, of a program its path, @signature
 *	   NULL where types are not known.  Something else than 0 ends it.
 *
 * Return: 0 or what @visit returned; -errno with @error.
 */
int trail_probe_functions(const char *pattern,
			  int (*visit)(void *data, const char *name, const char *module,
				       const char *signature),
			  void *data, struct trail_error *error);

struct trail_probes;

/**
 * struct trail_probe_opts - probes for others than a recording of ours to use
 * @spec: one at least
 * @keep: they stay when the process ends, until trail_probe_del()
 * @warn: called for each warning, one line; may be NULL
 * @data: handed to it
 */
struct trail_probe_opts {
	struct trail_record_list spec;
	bool keep;
	void (*warn)(void *data, const char *text);
	void *data;
};

/**
 * trail_probe_add - create them, in the top instance
 *
 * Return: 0; -EINVAL, -ENOTSUP a SPEC; -errno with @error.
 */
int trail_probe_add(const struct trail_probe_opts *opts, struct trail_probes **out,
		    struct trail_error *error);
/* "system:name" of the event of SPEC @i. */
const char *trail_probe_name(const struct trail_probes *probes, size_t i);
/* Warns of programs that were replaced, deleted or changed and of processes that ended since. */
void trail_probe_look(struct trail_probes *probes);
/* Removes them, unless they are kept.  Return: 0 or -errno with @error. */
int trail_probe_close(struct trail_probes *probes, struct trail_error *error);

enum trail_probe_state {
	TRAIL_PROBE_ALIVE,	/* belongs to a process that is running */
	TRAIL_PROBE_KEPT,	/* made to stay */
	TRAIL_PROBE_LEFT,	/* of a process that was killed: trail_reset() removes it */
	TRAIL_PROBE_FOREIGN,	/* not ours */
};

/**
 * struct trail_probe_info - a dynamic event of the kernel
 * @pid: of the process that made it; 0 when it is not known
 * @definition: as the kernel shows it
 * @spec: what the user called one that was made to stay, NULL when it is not known
 * @is_file_gone: it was made to stay, in a file that has no name any more: who runs it is probed
 */
struct trail_probe_info {
	const char *system;
	const char *name;
	const char *definition;
	const char *spec;
	enum trail_probe_state state;
	int pid;
	bool is_file_gone;
};

/*
 * All dynamic events, in the kernel's order.
 * Return: 0 or what @visit returned; -errno with @error.
 */
int trail_probe_list(int (*visit)(void *data, const struct trail_probe_info *info), void *data,
		     struct trail_error *error);

/**
 * trail_probe_del - remove probes that were made to stay
 * @name: "system:name" or "name" of one; NULL: all
 * @nr: how many were removed
 *
 * Return: 0; -ENOENT there is none of that name; -EBUSY somebody uses it; -errno with @error.
 */
int trail_probe_del(const char *name, unsigned int *nr, struct trail_error *error);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_PROBE_H */
