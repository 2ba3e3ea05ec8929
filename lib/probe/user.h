/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * user.h - a SPEC of a program -> the place that is to be probed, and what is known of it
 */
#ifndef PROBE_USER_H
#define PROBE_USER_H

#include "elf-file.h"
#include "process.h"
#include "spec.h"
#include "types.h"

#define USER_MAX_CALL	8

/**
 * struct probe_user - a place in a program
 * @path: the file, as it is named to the kernel
 * @offset: of the place in it
 * @symbol: the function; its name is "" where only the place is known
 * @types: of the function, NULL: not known; then @why says why
 * @is_entry: the place is the first instruction of the function
 * @process: NULL: all processes are wanted
 * @mark: of @process
 * @where: how it was found
 * @note: what the user should know, or ""
 * @call: @nr_call places in the file right behind system calls, if the function is nothing but a
 *	  way to them: its arguments are still in their registers there
 */
struct probe_user {
	char path[PROCESS_PATH_SIZE];
	uint64_t offset;
	struct elf_file *elf;
	struct elf_symbol symbol;
	struct probe_types *types;
	struct trail_error why;
	bool is_entry;
	struct process *process;
	struct process_mark mark;
	char where[320];
	char note[320];
	uint64_t call[USER_MAX_CALL];
	size_t nr_call;
};

/*
 * @spec: SPEC_FILE, SPEC_PID, or SPEC_NAMED for a library or program by its short name.
 * Return: 0; -EINVAL with text, hint and column in @error; -ENOMEM.
 */
int probe_user_open(const struct spec *spec, struct probe_user **out, struct trail_error *error);
void probe_user_close(struct probe_user *user);
/*
 * An event filter that keeps other processes out, for probes at @nr places @offset of the file.
 * @is_return: the event is one of a return probe.  *@out: NULL when all processes are wanted.
 * Return: 0 or -ENOMEM.
 */
int probe_user_filter(const struct probe_user *user, bool is_return, const uint64_t *offset,
		      size_t nr, char **out);

/* user-call.c: fills user->call. */
void probe_user_find_calls(struct probe_user *user);

#endif /* PROBE_USER_H */
