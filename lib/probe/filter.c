// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * filter.c - a condition -> the event filter of the kernel
 *
 * The kernel compares a field as it is stored with a constant.  Of a field in network byte order
 * the constant is swapped, and only equality makes sense.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emit-private.h"

struct filter {
	const struct probe_event *event;
	const struct probe_resolver *resolver;
	char *text;
};

static int fail(const struct filter *filter, unsigned int column, const char *hint,
		const char *what)
{
	return spec_fail(filter->resolver->error, column, hint, "%s", what);
}

const char *filter_generic(const char *name)
{
	static const char *const known[][2] = {
		{ "comm", "comm" }, { "COMM", "comm" }, { "cpu", "cpu" }, { "CPU", "cpu" },
		{ "pid", "common_pid" }, { "common_pid", "common_pid" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i][0], name))
			return known[i][1];
	return NULL;
}

/* ---- constants */

static uint64_t swap(uint64_t number, uint32_t bytes)
{
	uint64_t swapped = 0;

	for (uint32_t i = 0; i < bytes; i++)
		swapped = swapped << 8 | (number >> 8 * i & 0xff);
	return swapped;
}

static bool is_swapped(const struct probe_field *field)
{
	return field->show == PROBE_SHOW_BE16 || field->show == PROBE_SHOW_BE32 ||
	       field->show == PROBE_SHOW_BE64;
}

static int find_number(const struct filter *filter, const struct spec_cond *cond,
		       uint64_t *number, bool *is_negative)
{
	const struct probe_types *types = filter->resolver->types;
	int64_t value;

	*number = cond->number;
	*is_negative = cond->is_negative;
	if (cond->value_kind == SPEC_VALUE_NUMBER)
		return 0;
	if (cond->value_kind == SPEC_VALUE_STRING)
		return fail(filter, cond->value_column, NULL, "a number is compared with a string");
	if (!types || !types->ops->find_enumerator ||
	    types->ops->find_enumerator(types, cond->string, &value))
		return fail(filter, cond->value_column, "numbers, \"strings\", or enumerators as "
			    "TCP_LISTEN", "no enumerator of this name is known");
	*number = (uint64_t)value;
	*is_negative = value < 0;
	return 0;
}

static int check_range(const struct filter *filter, const struct spec_cond *cond,
		       const struct probe_field *field, uint64_t number, bool is_negative)
{
	uint32_t bits = field->size_bytes * 8;

	if (is_negative && !field->is_signed)
		return fail(filter, cond->value_column, NULL, "the field is never negative");
	if (bits < 64 && !is_negative && number >> (bits - field->is_signed))
		return fail(filter, cond->value_column, NULL, "the field is never that large");
	return 0;
}

static int add_number(struct filter *filter, const struct spec_cond *cond,
		      const struct probe_field *field)
{
	uint64_t number;
	bool is_negative;
	int err = find_number(filter, cond, &number, &is_negative);

	if (!err)
		err = check_range(filter, cond, field, number, is_negative);
	if (err)
		return err;
	if (is_swapped(field)) {
		if (cond->operator != SPEC_EQ && cond->operator != SPEC_NE &&
		    cond->operator != SPEC_BITS)
			return fail(filter, cond->column, "== != and & are possible", "the kernel "
				    "cannot tell which of two numbers in network byte order is "
				    "larger");
		number = swap(number, field->size_bytes);
	}
	if (is_negative)
		return probe_text(&filter->text, "%" PRId64, (int64_t)number);
	return probe_text(&filter->text, number > INT64_MAX ? "0x%" PRIx64 : "%" PRIu64, number);
}

/* ---- relations */

static int add_string(struct filter *filter, const struct spec_cond *cond)
{
	static const char *const sign[] = {
		[SPEC_EQ] = "==", [SPEC_NE] = "!=", [SPEC_GLOB] = "~",
	};

	if (cond->value_kind == SPEC_VALUE_NUMBER)
		return fail(filter, cond->value_column, NULL, "a string is compared with a number");
	if (cond->operator != SPEC_EQ && cond->operator != SPEC_NE && cond->operator != SPEC_GLOB)
		return fail(filter, cond->column, NULL, "strings are compared by == != and =~");
	if (strchr(cond->string, '"') || strchr(cond->string, '\\'))
		return fail(filter, cond->value_column, NULL,
			    "the kernel takes no quotes and backslashes in strings");
	return probe_text(&filter->text, " %s \"%s\"", sign[cond->operator], cond->string);
}

static int add_relation(struct filter *filter, const struct spec_cond *cond)
{
	static const struct probe_field number = { .size_bytes = 4, .is_signed = true };
	static const char *const sign[] = { "==", "!=", "<", "<=", ">", ">=", "&" };
	const struct probe_field *field = emit_find_field(filter->event, cond->operand);
	const char *generic = field ? NULL : filter_generic(cond->operand->name);
	int err;

	if (field && field->is_array)
		return fail(filter, cond->operand->column, "one element of it: buf[0]",
			    "the kernel compares no arrays");
	err = probe_text(&filter->text, "%s", field ? field->name : generic);
	if (err)
		return err;
	if (generic ? !strcmp(generic, "comm") : field->show == PROBE_SHOW_STRING)
		return add_string(filter, cond);
	if (cond->operator == SPEC_GLOB)
		return fail(filter, cond->column, NULL, "=~ is for strings");
	err = probe_text(&filter->text, " %s ", sign[cond->operator]);
	return err ? err : add_number(filter, cond, field ? field : &number);
}

static int add_cond(struct filter *filter, const struct spec_cond *cond)
{
	int err;

	if (cond->kind == SPEC_RELATION)
		return add_relation(filter, cond);
	err = probe_text(&filter->text, cond->kind == SPEC_NOT ? "!(" : "(");
	if (!err)
		err = add_cond(filter, cond->left);
	if (!err && cond->right)
		err = probe_text(&filter->text, cond->kind == SPEC_AND ? " && " : " || ");
	if (!err && cond->right)
		err = add_cond(filter, cond->right);
	return err ? err : probe_text(&filter->text, ")");
}

int emit_filter(const struct probe_event *event, const struct probe_resolver *resolver,
		char **out)
{
	struct filter filter = { event, resolver, NULL };
	int err = event->spec->cond ? add_cond(&filter, event->spec->cond) : 0;

	if (err)
		free(filter.text);
	*out = err ? NULL : filter.text;
	return err;
}
