// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * resolve-type.c - a value, and the type that it is to have -> the field, in the kernel's words
 *
 * Where the user names no type it is that of C, as far as the kernel has it.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "resolve-private.h"

#define MAX_ARRAY	64	/* kernel/trace/trace_probe.h: MAX_ARRAY_LEN */
#define WORD_BYTES	8
#define TYPES_HINT	"u8 to u64, s8 to s64, x8 to x64, be16, be32, be64, string, ustring, " \
			"symbol, hex"

enum asked { ASKED_NOTHING, ASKED_INT, ASKED_BIG_ENDIAN, ASKED_TEXT, ASKED_SYMBOL, ASKED_HEX };

/* What the user writes behind the colon. */
static const struct asked_type {
	const char *name;
	enum asked asked;
	const char *kernel;
	uint32_t size_bytes;
} asked_type[] = {
	{ "u8", ASKED_INT, "u8", 1 }, { "u16", ASKED_INT, "u16", 2 },
	{ "u32", ASKED_INT, "u32", 4 }, { "u64", ASKED_INT, "u64", 8 },
	{ "s8", ASKED_INT, "s8", 1 }, { "s16", ASKED_INT, "s16", 2 },
	{ "s32", ASKED_INT, "s32", 4 }, { "s64", ASKED_INT, "s64", 8 },
	{ "x8", ASKED_INT, "x8", 1 }, { "x16", ASKED_INT, "x16", 2 },
	{ "x32", ASKED_INT, "x32", 4 }, { "x64", ASKED_INT, "x64", 8 },
	{ "be16", ASKED_BIG_ENDIAN, "u16", 2 }, { "be32", ASKED_BIG_ENDIAN, "u32", 4 },
	{ "be64", ASKED_BIG_ENDIAN, "u64", 8 }, { "string", ASKED_TEXT, "string", 0 },
	{ "ustring", ASKED_TEXT, "ustring", 0 }, { "symbol", ASKED_SYMBOL, "symbol", 8 },
	{ "hex", ASKED_HEX, NULL, 0 },
};

static const struct asked_type *find_asked(const char *name)
{
	for (size_t i = 0; i < sizeof(asked_type) / sizeof(asked_type[0]); i++)
		if (!strcmp(asked_type[i].name, name))
			return &asked_type[i];
	return NULL;
}

static enum probe_show show_of_size(uint32_t size_bytes)
{
	return size_bytes == 2 ? PROBE_SHOW_BE16 : size_bytes == 4 ? PROBE_SHOW_BE32 :
	       PROBE_SHOW_BE64;
}

/* ---- the fetch */

static int set_fetch(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		     const struct value *value, struct probe_field *out)
{
	int n;

	if (value->where == IN_MEMORY)
		n = snprintf(out->fetch, sizeof(out->fetch), "%+" PRId64 "(%s)", value->offset,
			     value->base);
	else
		n = snprintf(out->fetch, sizeof(out->fetch), "%s", value->base);
	if (n < 0 || (size_t)n >= sizeof(out->fetch))
		return spec_fail(resolver->error, fetch->column, NULL,
				 "too many pointers to follow");
	if (value->where == IS_ADDRESS && value->offset)
		return spec_fail(resolver->error, fetch->column,
				 "the kernel cannot add; [0..N]:hex shows what is there",
				 "the address of %s is no value that the kernel could record",
				 value->name);
	out->reads_memory = value->where == IN_MEMORY || strchr(value->base, '(');
	return 0;
}

/* What is to be read lies where a pointer or an array points. */
static int go_there(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		    struct value *value, const struct probe_type *type)
{
	int err = 0;

	if (type->kind == PROBE_COMPOSITE || (type->kind == PROBE_ARRAY &&
					      value->where == IN_MEMORY))
		return 0;
	if (value->where == IN_MEMORY)
		err = value_load(resolver, fetch->column, value);
	value->where = IN_MEMORY;
	return err;
}

/* ---- dumps and arrays */

/* @bytes in a row: bytes as far as the kernel has room in an array, words where there are more. */
static int set_dump(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		    uint64_t bytes, struct probe_field *out)
{
	if (!bytes)
		return spec_fail(resolver->error, fetch->column, "as in buf[0..32]:hex",
				 "how many bytes?");
	if (bytes > MAX_ARRAY * WORD_BYTES)
		return spec_fail(resolver->error, fetch->column, NULL, "more than %d bytes",
				 MAX_ARRAY * WORD_BYTES);
	if (bytes <= MAX_ARRAY)
		snprintf(out->type, sizeof(out->type), "x8[%u]", (unsigned int)bytes);
	else
		snprintf(out->type, sizeof(out->type), "x64[%u]",
			 (unsigned int)((bytes + WORD_BYTES - 1) / WORD_BYTES));
	out->show = PROBE_SHOW_HEX;
	out->is_array = true;
	out->size_bytes = (uint32_t)bytes;
	return 0;
}

static int store_hex(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		     struct value *value, struct probe_field *out)
{
	struct probe_type type, element = { .size_bytes = 0 };
	uint64_t bytes = fetch->nr_type;
	int err = probe_describe(resolver->types, value->type, &type);

	if (!err && value->nr) {
		/* Follows already; the value's type is that of an element. */
		bytes = value->nr * (type.size_bytes ? type.size_bytes : 1);
	} else if (!err) {
		if (type.kind == PROBE_POINTER)
			err = probe_describe(resolver->types, type.target, &element);
		if (!bytes)
			bytes = type.kind == PROBE_POINTER ? element.size_bytes : type.size_bytes;
		if ((type.kind == PROBE_INT || type.kind == PROBE_FLOAT) && !fetch->nr_type) {
			snprintf(out->type, sizeof(out->type), "x%u",
				 (unsigned int)bytes * 8);
			out->size_bytes = (uint32_t)bytes;
			return set_fetch(resolver, fetch, value, out);
		}
		if (!err)
			err = go_there(resolver, fetch, value, &type);
	}
	if (!err)
		err = set_dump(resolver, fetch, bytes, out);
	return err ? err : set_fetch(resolver, fetch, value, out);
}

/* @nr elements of the type @kernel, an int. */
static int set_array(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		     const char *kernel, uint64_t nr, struct probe_field *out)
{
	if (nr > MAX_ARRAY)
		return spec_fail(resolver->error, fetch->column,
				 "[0..64], [64..128] are two values", "more than %d elements",
				 MAX_ARRAY);
	snprintf(out->type, sizeof(out->type), "%s[%u]", kernel, (unsigned int)nr);
	out->is_array = true;
	return 0;
}

/* ---- types that the user asks for */

static int store_asked(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		       struct value *value, struct probe_field *out)
{
	const struct asked_type *asked = find_asked(fetch->type.text);
	struct probe_type type;
	uint64_t nr = fetch->nr_type ? fetch->nr_type : value->nr;
	int err;

	if (!asked)
		return spec_fail(resolver->error, fetch->type.column, TYPES_HINT, "no type '%s'",
				 fetch->type.text);
	if (asked->asked == ASKED_HEX)
		return store_hex(resolver, fetch, value, out);
	err = probe_describe(resolver->types, value->type, &type);
	if (err)
		return err;
	if (value->size_bits)
		return spec_fail(resolver->error, fetch->type.column, "leave the type out",
				 "%s is a bit field of %u bits", value->name, value->size_bits);
	if (asked->asked == ASKED_TEXT && nr)
		return spec_fail(resolver->error, fetch->type.column, NULL,
				 "a string ends where it ends");
	/* Strings, and what is behind an array's or a pointer's address. */
	if (!value->nr && (asked->asked == ASKED_TEXT || fetch->nr_type) &&
	    !(resolver->is_event && type.is_char))
		err = go_there(resolver, fetch, value, &type);
	snprintf(out->type, sizeof(out->type), "%s", asked->kernel);
	if (!err && nr)
		err = set_array(resolver, fetch, asked->kernel, nr, out);
	out->size_bytes = asked->size_bytes;
	out->is_signed = *asked->kernel == 's' && asked->asked == ASKED_INT;
	if (asked->asked == ASKED_BIG_ENDIAN)
		out->show = show_of_size(asked->size_bytes);
	if (asked->asked == ASKED_SYMBOL)
		out->show = PROBE_SHOW_SYMBOL;
	if (asked->asked == ASKED_TEXT)
		out->show = PROBE_SHOW_STRING;
	return err ? err : set_fetch(resolver, fetch, value, out);
}

/* ---- types of C */

/* The smallest container in which the bits lie at once. */
static int store_bits(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		      struct value *value, struct probe_field *out)
{
	uint32_t container = 8;

	while (container < value->shift_bits + value->size_bits)
		container *= 2;
	if (container > 64)
		return spec_fail(resolver->error, fetch->column, NULL,
				 "the bits of %s lie in more than 8 bytes", value->name);
	snprintf(out->type, sizeof(out->type), "b%u@%u/%u", value->size_bits, value->shift_bits,
		 container);
	out->size_bytes = container / 8;
	return set_fetch(resolver, fetch, value, out);
}

static int int_name(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		    const struct probe_type *type, char name[8])
{
	uint64_t bytes = type->size_bytes;

	if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8)
		return spec_fail(resolver->error, fetch->column, NULL,
				 "the kernel cannot show an integer of %llu bytes",
				 (unsigned long long)bytes);
	snprintf(name, 8, "%c%u", type->is_signed ? 's' : 'u', (unsigned int)bytes * 8);
	return 0;
}

static int store_int(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		     const struct probe_type *type, struct probe_field *out)
{
	char name[8];
	int err = int_name(resolver, fetch, type, name);

	if (err)
		return err;
	snprintf(out->type, sizeof(out->type), "%s", name);
	out->size_bytes = (uint32_t)type->size_bytes;
	out->is_signed = type->is_signed;
	if (!strcmp(type->name, "__be16") || !strcmp(type->name, "__be32") ||
	    !strcmp(type->name, "__be64"))
		out->show = show_of_size(out->size_bytes);
	return 0;
}

static int store_pointer(const struct probe_resolver *resolver, const struct probe_type *type,
			 struct probe_field *out)
{
	struct probe_type target;
	int err = probe_describe(resolver->types, type->target, &target);

	if (err)
		return err;
	snprintf(out->type, sizeof(out->type), "x64");
	out->size_bytes = WORD_BYTES;
	if (target.kind == PROBE_COMPOSITE && !strcmp(target.tag, "sk_buff"))
		out->show = PROBE_SHOW_SKB;
	if (target.kind == PROBE_COMPOSITE && !strcmp(target.tag, "sock"))
		out->show = PROBE_SHOW_SOCK;
	return 0;
}

/* An array, or a range: @element has been described, @nr of them. */
static int store_elements(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
			  const struct probe_type *element, uint64_t nr, struct probe_field *out)
{
	char name[8] = "x64";
	int err = 0;

	if (element->kind == PROBE_VOID || (element->kind == PROBE_INT &&
					    element->size_bytes == 1 && !element->is_signed) ||
	    element->is_char)
		return set_dump(resolver, fetch, nr, out);
	if (element->kind == PROBE_INT)
		err = int_name(resolver, fetch, element, name);
	else if (element->kind != PROBE_POINTER)
		err = spec_fail(resolver->error, fetch->column, "add :hex",
				"the kernel cannot show these elements");
	out->size_bytes = (uint32_t)element->size_bytes;
	return err ? err : set_array(resolver, fetch, name, nr, out);
}

static int store_array(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		       struct value *value, const struct probe_type *type,
		       struct probe_field *out)
{
	struct probe_type element;
	int err = probe_describe(resolver->types, type->target, &element);

	if (err)
		return err;
	if (element.is_char) {
		snprintf(out->type, sizeof(out->type), "string");
		out->show = PROBE_SHOW_STRING;
		return 0;
	}
	if (!type->nr_element)
		return spec_fail(resolver->error, fetch->column, "as in buf[0..32]",
				 "how many elements of %s?", value->name);
	return store_elements(resolver, fetch, &element, type->nr_element, out);
}

struct names { char *text; size_t size; unsigned int nr; };

static int add_name(void *data, const struct probe_member *member)
{
	struct names *names = data;

	probe_add_name(names->text, names->size,
		       names->nr++ < PROBE_MAX_SHOWN ? member->name : NULL);
	return 0;
}

static int whole_structure(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
			   const struct value *value)
{
	char text[PROBE_TEXT_SIZE], list[280] = "", hint[320];
	struct names names = { list, sizeof(list), 0 };

	resolver->types->ops->walk_members(resolver->types, value->type, add_name, &names);
	snprintf(hint, sizeof(hint), "a member of it: %s; or add :hex", list);
	return spec_fail(resolver->error, fetch->column, hint,
			 "%s is a whole structure, %s", value->name,
			 probe_type_text(resolver->types, value->type, text, sizeof(text)));
}

static int store_plain(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		       struct value *value, struct probe_field *out)
{
	struct probe_type type;
	int err = probe_describe(resolver->types, value->type, &type);

	if (err)
		return err;
	if (value->nr)
		err = store_elements(resolver, fetch, &type, value->nr, out);
	else if (value->size_bits)
		return store_bits(resolver, fetch, value, out);
	else if (type.is_char && type.size_bytes == 0)
		snprintf(out->type, sizeof(out->type), "string");
	else if (type.kind == PROBE_INT)
		err = store_int(resolver, fetch, &type, out);
	else if (type.kind == PROBE_POINTER)
		err = store_pointer(resolver, &type, out);
	else if (type.kind == PROBE_ARRAY)
		err = store_array(resolver, fetch, value, &type, out);
	else if (type.kind == PROBE_COMPOSITE)
		err = whole_structure(resolver, fetch, value);
	else if (type.kind == PROBE_FLOAT)
		err = spec_fail(resolver->error, fetch->column, "as bits: :x64",
				"the kernel cannot read floating point");
	else if (value->where == IN_MEMORY)
		err = spec_fail(resolver->error, fetch->column, "as in *p:u32, p[0..16]:hex",
				"what %s points to has no type", value->name);
	else
		snprintf(out->type, sizeof(out->type), "x64");
	if (!out->size_bytes)
		out->size_bytes = WORD_BYTES;
	if (!strcmp(out->type, "string"))
		out->show = PROBE_SHOW_STRING;
	return err ? err : set_fetch(resolver, fetch, value, out);
}

/* ---- the name */

static void set_name(const struct spec_fetch *fetch, const struct value *value,
		     struct probe_field *out)
{
	const char *name = fetch->name.text ? fetch->name.text : value->name;
	size_t n = 0;

	for (; *name && n + 1 < sizeof(out->name); name++)
		out->name[n++] = isalnum((unsigned char)*name) ? *name : '_';
	out->name[n] = '\0';
}

int value_store(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		struct value *value, struct probe_field *out)
{
	if (fetch->name.text && strlen(fetch->name.text) >= PROBE_NAME_SIZE)
		return spec_fail(resolver->error, fetch->name.column, NULL,
				 "a name of %d letters at most", PROBE_NAME_SIZE - 1);
	set_name(fetch, value, out);
	out->from_entry = value->from_entry;
	return fetch->type.text ? store_asked(resolver, fetch, value, out)
				: store_plain(resolver, fetch, value, out);
}
