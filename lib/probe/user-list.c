// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * user-list.c - "libc:recv*" -> the functions of a program that can be probed, as C declares them
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

int probe_user_list(const char *pattern, probe_user_visit *visit, void *data,
		    struct trail_error *error)
{
	const char *colon = strrchr(pattern, ':');
	struct listing listing = { .visit = visit, .data = data };
	char *object, path[PROCESS_PATH_SIZE];
	int err;

	if (!colon || colon == pattern || !colon[1])
		return -EINVAL;
	object = strndup(pattern, (size_t)(colon - pattern));
	if (!object)
		return -ENOMEM;
	listing.glob = colon + 1;
	err = elf_search(object, path, sizeof(path), error);
	if (!err)
		err = elf_file_open(path, &listing.elf, error);
	if (!err)
		err = elf_file_each(listing.elf, list, &listing);
	elf_file_close(listing.elf);
	free(object);
	return err;
}
