// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * types.c - types that need no provider, and how C writes a type
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "types.h"

#define MAX_DEPTH	8	/* of pointers to arrays of pointers ... */

static const char *plain_name(uint64_t size_bytes, bool is_signed)
{
	static const char *const name[2][4] = {
		{ "u8", "u16", "u32", "u64" }, { "s8", "s16", "s32", "s64" },
	};

	return name[is_signed][size_bytes == 8 ? 3 : size_bytes == 4 ? 2 : size_bytes == 2];
}

#define POINTER_MASK	(PROBE_PLAIN - PROBE_POINTER_TO)
#define WORD_BYTES	8

uint64_t probe_pointer_to(uint64_t type)
{
	if (type == PROBE_NO_TYPE)
		type = PROBE_PLAIN | PROBE_PLAIN_VOID;
	return (type & POINTER_MASK) == POINTER_MASK ? type : type + PROBE_POINTER_TO;
}

int probe_plain_type(const char *name, uint64_t *type)
{
	static const struct { const char *name; uint64_t type; } plain[] = {
		{ "u8", 1 }, { "u16", 2 }, { "u32", 4 }, { "u64", 8 },
		{ "s8", 1 | PROBE_PLAIN_SIGNED }, { "s16", 2 | PROBE_PLAIN_SIGNED },
		{ "s32", 4 | PROBE_PLAIN_SIGNED }, { "s64", 8 | PROBE_PLAIN_SIGNED },
		{ "char", 1 | PROBE_PLAIN_SIGNED }, { "unsigned char", 1 },
		{ "short", 2 | PROBE_PLAIN_SIGNED }, { "unsigned short", 2 },
		{ "int", 4 | PROBE_PLAIN_SIGNED }, { "unsigned int", 4 },
		{ "long", 8 | PROBE_PLAIN_SIGNED }, { "unsigned long", 8 },
		{ "void", PROBE_PLAIN_VOID },
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (!strcmp(plain[i].name, name)) {
			*type = PROBE_PLAIN | plain[i].type;
			return 0;
		}
	return -ENOENT;
}

int probe_describe(const struct probe_types *types, uint64_t type, struct probe_type *out)
{
	*out = (struct probe_type){ .name = "void", .tag = "", .target = PROBE_NO_TYPE };
	if (type == PROBE_NO_TYPE || type == (PROBE_PLAIN | PROBE_PLAIN_VOID))
		return 0;
	if (type & POINTER_MASK) {
		out->kind = PROBE_POINTER;
		out->size_bytes = WORD_BYTES;
		out->target = type - PROBE_POINTER_TO;
		out->name = "";
		return 0;
	}
	if (!(type & PROBE_PLAIN))
		return types ? types->ops->describe(types, type, out) : -ENOTSUP;
	out->kind = PROBE_INT;
	out->size_bytes = type & 0xff;
	out->is_signed = type & PROBE_PLAIN_SIGNED;
	out->is_char = type & PROBE_PLAIN_TEXT;
	out->name = out->is_char ? "string" : plain_name(out->size_bytes, out->is_signed);
	return 0;
}

/* Pointers and arrays on the way to what they are of: "*", "[16]", innermost first. */
static void describe(const struct probe_types *types, uint64_t type, char *suffix, size_t size,
		     struct probe_type *last)
{
	size_t used = 0;

	for (unsigned int i = 0; i < MAX_DEPTH; i++) {
		if (probe_describe(types, type, last)) {
			*last = (struct probe_type){ .name = "void", .tag = "" };
			return;
		}
		/* A typedef's name says it all. */
		if (*last->name || (last->kind != PROBE_POINTER && last->kind != PROBE_ARRAY))
			return;
		if (last->kind == PROBE_POINTER && used + 1 < size) {
			memmove(suffix + 1, suffix, used + 1);
			*suffix = '*';
			used++;
		} else if (last->kind == PROBE_ARRAY) {
			used += (size_t)snprintf(suffix + used, size - used, "[%llu]",
						 (unsigned long long)last->nr_element);
			used = used < size ? used : size - 1;
		}
		type = last->target;
	}
}

const char *probe_type_text(const struct probe_types *types, uint64_t type, char *text,
			    size_t size)
{
	struct probe_type last = { .name = "void", .tag = "" };
	char suffix[64] = "";

	describe(types, type, suffix, sizeof(suffix), &last);
	snprintf(text, size, "%s%s%s%s", last.kind == PROBE_COMPOSITE && *last.tag &&
		 !strcmp(last.tag, last.name) ? "struct " : "",
		 *last.name ? last.name : last.kind == PROBE_COMPOSITE ? "struct" : "void",
		 *suffix == '*' ? " " : "", suffix);
	return text;
}
