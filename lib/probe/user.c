// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * user.c - "/usr/sbin/nginx:FUNC", "libc:FUNC", "pid 1234:FUNC", "/path:0x1234" -> a file and an
 * offset, types and a filter
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "types-dwarf.h"
#include "user.h"

/* Gives what a part of lib/probe found wrong its place in the SPEC. */
static int at(struct trail_error *error, const struct spec_word *word, int err)
{
	error->column = word->column;
	return err == -ENOMEM ? err : -EINVAL;
}

/* ---- the file */

static bool has_blank(const char *path)
{
	while (*path && isgraph((unsigned char)*path))
		path++;
	return *path;
}

/* Of links the file itself is named; what lies in /proc is no name that could be looked up. */
static int set_path(struct probe_user *user, const char *path, const struct spec_word *word,
		    struct trail_error *error)
{
	char *real = strncmp(path, "/proc/", 6) ? realpath(path, NULL) : NULL;
	int n;

	/* A link may be there just because the file's name has blanks. */
	n = snprintf(user->path, sizeof(user->path), "%s",
		     real && (!has_blank(real) || *path != '/') ? real : path);
	free(real);
	if (n >= (int)sizeof(user->path))
		return spec_fail(error, word->column, NULL, "the path is too long");
	if (has_blank(user->path))
		return spec_fail(error, word->column, "give the path of a link to it, without them",
				 "the kernel takes no path with blanks");
	return 0;
}

static int open_path(struct probe_user *user, const char *path, const struct spec_word *word,
		     struct trail_error *error)
{
	int err = set_path(user, path, word, error);

	if (err)
		return err;
	err = elf_file_open(user->path, &user->elf, error);
	return err ? at(error, word, err) : 0;
}

static int find_function(struct probe_user *user, const struct spec *spec,
			 struct trail_error *error);

/* What the linker would take: the first of the process' files that has it. */
static int search_process(struct probe_user *user, const struct spec *spec,
			  struct trail_error *error)
{
	const struct process *process = user->process;
	struct trail_error first = { 0 };
	char path[PROCESS_PATH_SIZE];
	int err = -EINVAL;

	for (size_t i = 0; i < process->nr_map && err && err != -ENOMEM; i++) {
		if (i && !strcmp(process->map[i].path, process->map[i - 1].path))
			continue;
		process_path(process, &process->map[i], path);
		elf_file_close(user->elf);
		user->elf = NULL;
		err = open_path(user, path, &spec->object, error);
		if (!err)
			err = find_function(user, spec, error);
		if (err == -ENOTSUP)
			return at(error, &spec->symbol, err);
		if (err && !*first.text)
			first = *error;
	}
	if (!err || err == -ENOMEM)
		return err;
	spec_fail(error, spec->symbol.column, first.hint, "no file that process %d executes has a "
		  "function '%s'", process->pid, spec->symbol.text);
	return -EINVAL;
}

static int open_process(struct probe_user *user, const struct spec *spec,
			struct trail_error *error)
{
	char *end;
	long pid = strtol(spec->object.text, &end, 10);
	int err;

	if (*end || pid <= 0 || pid > INT32_MAX)
		return spec_fail(error, spec->object.column, NULL, "'%s' is no process number",
				 spec->object.text);
	err = process_open((int)pid, &user->process, error);
	return err ? at(error, &spec->object, err) : 0;
}

/* ---- the place */

static int no_function(struct probe_user *user, const struct spec *spec,
		       struct trail_error *error, int err)
{
	struct dwarf_inlined inlined = { 0 };
	char hint[320];

	if (err == -ENOENT)
		types_dwarf_find_inlined(user->elf, spec->symbol.text, &inlined);
	if (!inlined.is_inline)
		return err;
	snprintf(hint, sizeof(hint), "it is now a part of %s%s: probe there", inlined.callers,
		 inlined.nr_caller > 3 ? " and others" : "");
	spec_fail(error, 0, hint, "'%s' was inlined in %s", spec->symbol.text, user->path);
	return err;
}

static int find_function(struct probe_user *user, const struct spec *spec,
			 struct trail_error *error)
{
	int err = elf_file_find(user->elf, spec->symbol.text, &user->symbol, error);

	return err ? no_function(user, spec, error, err) : 0;
}

/* An offset in the file, as the kernel itself has it for uprobes. */
static int find_offset(struct probe_user *user, const struct spec *spec,
		       struct trail_error *error)
{
	uint64_t offset = strtoull(spec->symbol.text, NULL, 16), address, right;
	char hint[160];
	int err;

	err = elf_file_address(user->elf, offset, &address);
	if (err && !elf_file_offset(user->elf, offset, &right)) {
		snprintf(hint, sizeof(hint),
			 "it is an address; its place in the file is 0x%" PRIx64, right);
		return spec_fail(error, spec->symbol.column, hint,
				 "%s has nothing to execute at 0x%" PRIx64, user->path, offset);
	}
	if (err)
		return spec_fail(error, spec->symbol.column, NULL,
				 "%s has nothing to execute at 0x%" PRIx64, user->path, offset);
	user->offset = offset;
	if (elf_file_function_at(user->elf, address, &user->symbol))
		user->symbol = (struct elf_symbol){ .name = "", .version = "",
						    .address = address };
	user->is_entry = user->symbol.address == address;
	return 0;
}

static int find_place(struct probe_user *user, const struct spec *spec,
		      struct trail_error *error)
{
	uint64_t address = user->symbol.address + spec->offset;

	if (user->symbol.size_bytes && spec->offset >= user->symbol.size_bytes)
		return spec_fail(error, spec->place_column, NULL, "'%s' is %" PRIu64 " bytes long",
				 spec->symbol.text, user->symbol.size_bytes);
	if (elf_file_offset(user->elf, address, &user->offset))
		return spec_fail(error, spec->symbol.column, NULL,
				 "'%s' is at no place of the file", spec->symbol.text);
	user->is_entry = !spec->offset;
	return 0;
}

static void add_note(struct probe_user *user, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add_note(struct probe_user *user, const char *format, ...)
{
	size_t used = strlen(user->note);
	va_list args;

	if (used && used + 2 < sizeof(user->note))
		used += (size_t)snprintf(user->note + used, sizeof(user->note) - used, "; ");
	va_start(args, format);
	vsnprintf(user->note + used, sizeof(user->note) - used, format, args);
	va_end(args);
}

/* In the middle of an instruction a probe would make two of it. */
static void check_instruction(struct probe_user *user, uint64_t address)
{
	if (!user->is_entry && !types_dwarf_is_line(user->elf, address))
		add_note(user, "it is not known whether an instruction starts there: a probe "
			 "inside of one breaks the program");
}

/* ---- what is known of it */

static int describe(struct probe_user *user, const struct spec *spec)
{
	uint64_t address;
	int err;

	if (elf_file_address(user->elf, user->offset, &address))
		return -EINVAL;
	check_instruction(user, address);
	err = types_dwarf_open(user->elf, address, &user->types, &user->why);
	if (err == -ENOMEM)
		return err;
	snprintf(user->where, sizeof(user->where), "a function of %.200s, at 0x%" PRIx64
		 " of the file, types %s", user->path, user->offset,
		 user->types ? "by DWARF" : "not known");
	if (spec->is_return)
		probe_user_find_calls(user);
	return 0;
}

static int restrict_to_process(struct probe_user *user, const struct spec *spec,
			       struct trail_error *error)
{
	int pid = user->process->pid;
	int err = process_mark(user->process, user->path, user->offset,
			       elf_file_is_pie(user->elf), &user->mark);

	if (err == -E2BIG)
		return spec_fail(error, spec->object.column, "leave out pid: all processes are "
				 "recorded then, and filter the report",
				 "process %d has more threads than an event filter can list", pid);
	if (err == -ENOMEM)
		return err;
	if (err)
		return spec_fail(error, spec->object.column, NULL, "process %d does not execute %s",
				 pid, user->path);
	if (user->mark.base)
		add_note(user, "recorded are all threads of process %d, and what it forks "
			       "until that executes another program", pid);
	else
		add_note(user, "recorded are the threads that process %d has now, not those "
			       "that it starts later", pid);
	return 0;
}

/* Registers of the kernel tell where it was hit: kernel/trace/trace_uprobe.c. */
int probe_user_filter(const struct probe_user *user, bool is_return, const uint64_t *offset,
		      size_t nr, char **out)
{
	char text[64 * USER_MAX_CALL] = "";
	size_t used = 0;

	*out = NULL;
	if (!user->process)
		return 0;
	for (size_t i = 0; user->mark.base && i < nr && i < USER_MAX_CALL; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s == 0x%" PRIx64,
					 i ? " || " : "",
					 is_return ? "__probe_func" : "__probe_ip",
					 user->mark.base + offset[i]);
	*out = strdup(user->mark.base ? text : user->mark.threads);
	return *out ? 0 : -ENOMEM;
}

static int open_object(struct probe_user *user, const struct spec *spec,
		       struct trail_error *error)
{
	char path[PROCESS_PATH_SIZE];
	int err;

	if (spec->target == SPEC_PID) {
		err = open_process(user, spec, error);
		return err || spec->is_address ? err : search_process(user, spec, error);
	}
	if (spec->target == SPEC_FILE)
		return open_path(user, spec->object.text, &spec->object, error);
	err = elf_search(spec->object.text, path, sizeof(path), error);
	return err ? at(error, &spec->object, err) : open_path(user, path, &spec->object, error);
}

static int open_user(struct probe_user *user, const struct spec *spec, struct trail_error *error)
{
	int err = open_object(user, spec, error);

	if (!err && spec->is_address && spec->target == SPEC_PID)
		return spec_fail(error, spec->symbol.column, "give the path of the file instead",
				 "a place is one of a file, not of a process");
	if (!err && spec->is_address) {
		err = find_offset(user, spec, error);
	} else if (!err) {
		if (spec->target != SPEC_PID)
			err = find_function(user, spec, error);
		if (err)
			return at(error, &spec->symbol, err);
		err = find_place(user, spec, error);
	}
	if (!err)
		err = describe(user, spec);
	if (!err && spec->target == SPEC_PID)
		err = restrict_to_process(user, spec, error);
	return err;
}

int probe_user_open(const struct spec *spec, struct probe_user **out, struct trail_error *error)
{
	struct probe_user *user = calloc(1, sizeof(*user));
	int err;

	*out = NULL;
	if (!user)
		return -ENOMEM;
	err = open_user(user, spec, error);
	if (err) {
		probe_user_close(user);
		return err;
	}
	*out = user;
	return 0;
}

void probe_user_close(struct probe_user *user)
{
	if (!user)
		return;
	probe_types_close(user->types);
	elf_file_close(user->elf);
	process_close(user->process);
	free(user->mark.threads);
	free(user);
}
