// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * user-list.c - "libc:recv*", "pid 1:recv*" -> the functions of a program that can be probed, as C
 * declares them
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf-file.h"
#include "process.h"
#include "types-dwarf.h"
#include "user-list.h"

#define SIGNATURE_SIZE	1024

struct listing {
	struct elf_file *elf;
	const char *glob;
	probe_user_visit *visit;
	void *data;
};

struct signature {
	const struct probe_types *types;
	char *text;
	size_t size;
	unsigned int nr;
};

static void add(struct signature *signature, const char *text)
{
	size_t used = strlen(signature->text);

	snprintf(signature->text + used, signature->size - used, "%s", text);
}

/* A star stands at the name: "const char *text". */
static int add_argument(void *data, const struct probe_variable *variable)
{
	struct signature *signature = data;
	char type[PROBE_TEXT_SIZE];
	size_t length;

	if (variable->is_local)
		return 0;
	probe_type_text(signature->types, variable->type, type, sizeof(type));
	length = strlen(type);
	add(signature, signature->nr++ ? ", " : "");
	add(signature, type);
	add(signature, length && type[length - 1] == '*' ? "" : " ");
	add(signature, variable->name);
	return 0;
}

static void describe(struct signature *signature, const char *name)
{
	char type[PROBE_TEXT_SIZE];
	uint64_t id = PROBE_NO_TYPE;
	size_t length;

	signature->types->ops->return_type(signature->types, &id);
	probe_type_text(signature->types, id, type, sizeof(type));
	length = strlen(type);
	add(signature, type);
	add(signature, length && type[length - 1] == '*' ? "" : " ");
	add(signature, name);
	add(signature, "(");
	signature->types->ops->walk_variables(signature->types, add_argument, signature);
	add(signature, signature->nr ? ")" : "void)");
}

static int list(void *data, const struct elf_symbol *symbol)
{
	const struct listing *listing = data;
	char text[SIGNATURE_SIZE] = "";
	struct signature signature = { .text = text, .size = sizeof(text) };
	struct trail_error ignored;
	struct probe_types *types;
	int err;

	/* What is chosen when a program starts cannot be probed, nor what is an old version. */
	if (symbol->is_ifunc || !symbol->is_default || fnmatch(listing->glob, symbol->name, 0))
		return 0;
	/* The rare part of a function, which is jumped to: "f.cold", "f.cold.3" of gcc 8. */
	if (strstr(symbol->name, ".cold"))
		return 0;
	err = types_dwarf_open(listing->elf, symbol->address, &types, &ignored);
	if (err == -ENOMEM)
		return err;
	if (!err) {
		signature.types = types;
		describe(&signature, symbol->name);
		probe_types_close(types);
	}
	return listing->visit(listing->data, symbol->name, elf_file_path(listing->elf),
			      err ? NULL : text);
}

/* ---- the place */

/* Of @pattern, as a SPEC has it: PATH:GLOB, "PATH":GLOB.  @object is freed by the caller. */
static int split(const char *pattern, char **object, const char **glob, struct trail_error *error)
{
	bool is_quoted = *pattern == '"';
	const char *start = pattern + is_quoted;
	const char *colon = strstr(start, is_quoted ? "\":" : ":");

	*object = NULL;
	if (!colon || colon == start) {
		snprintf(error->text, sizeof(error->text), "'%.200s' names no file", pattern);
		snprintf(error->hint, sizeof(error->hint), "as in 'libc:recv*'");
		return -EINVAL;
	}
	*glob = colon + is_quoted + 1;
	if (!**glob) {
		snprintf(error->text, sizeof(error->text), "'%.200s': a glob is expected behind "
			 "the colon", pattern);
		snprintf(error->hint, sizeof(error->hint), "all functions: '%.200s*'", pattern);
		return -EINVAL;
	}
	*object = strndup(start, (size_t)(colon - start));
	return *object ? 0 : -ENOMEM;
}

static int list_file(struct listing *listing, const char *path, struct trail_error *error)
{
	int err = elf_file_open(path, &listing->elf, error);

	if (!err)
		err = elf_file_each(listing->elf, list, listing);
	elf_file_close(listing->elf);
	listing->elf = NULL;
	return err;
}

/* Those of all files that it executes, in the order in which the linker looks for them. */
static int list_process(struct listing *listing, const char *number, struct trail_error *error)
{
	struct process *process;
	struct trail_error ignored;
	char path[PROCESS_PATH_SIZE], *end;
	long pid = strtol(number, &end, 10);
	int err;

	if (*end || pid <= 0 || pid > INT32_MAX) {
		snprintf(error->text, sizeof(error->text), "'%.100s' is no process number", number);
		return -EINVAL;
	}
	err = process_open((int)pid, &process, error);
	for (size_t i = 0; !err && i < process->nr_map; i++) {
		if (i && !strcmp(process->map[i].path, process->map[i - 1].path))
			continue;
		process_path(process, &process->map[i], path);
		err = list_file(listing, path, &ignored);
		/* Code that another program made, or a file that is gone. */
		if (err < 0 && err != -ENOMEM)
			err = 0;
	}
	process_close(process);
	return err;
}

int probe_user_list(const char *pattern, probe_user_visit *visit, void *data,
		    struct trail_error *error)
{
	struct listing listing = { .visit = visit, .data = data };
	char *object, path[PROCESS_PATH_SIZE];
	int err = split(pattern, &object, &listing.glob, error);

	if (err)
		return err;
	if (!strncmp(object, "pid ", 4)) {
		err = list_process(&listing, object + 4, error);
	} else {
		err = elf_search(object, path, sizeof(path), error);
		if (!err)
			err = list_file(&listing, path, error);
	}
	free(object);
	return err;
}
