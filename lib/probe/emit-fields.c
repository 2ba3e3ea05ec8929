// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * emit-fields.c - the values of a SPEC -> the fields of its event, with names of their own
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit-private.h"

#define MAX_FIELD	96	/* the kernel has 128 */

int probe_text(char **text, const char *format, ...)
{
	char *more, *both;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&more, format, args);
	va_end(args);
	if (n < 0)
		return -ENOMEM;
	n = *text ? asprintf(&both, "%s%s", *text, more) : 0;
	if (!*text)
		both = strdup(more);
	free(more);
	if (n < 0 || !both)
		return -ENOMEM;
	free(*text);
	*text = both;
	return 0;
}

static bool is_taken(const struct probe_event *event, const char *name)
{
	/* kernel/trace/trace_probe.c: reserved_field_names; __probe_sp is emit-return.c's. */
	static const char *const reserved[] = {
		"common_type", "common_flags", "common_preempt_count", "common_pid",
		"common_tgid", "__probe_ip", "__probe_ret_ip", "__probe_func", "__probe_sp",
	};

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (!strcmp(name, reserved[i]))
			return true;
	for (size_t i = 0; i < event->nr_field; i++)
		if (!strcmp(name, event->field[i].name))
			return true;
	return false;
}

/* Two members of one name are two fields: len, len_2. */
static void make_unique(const struct probe_event *event, struct probe_field *field)
{
	char base[PROBE_NAME_SIZE];

	snprintf(base, sizeof(base), "%s", *field->name ? field->name : "value");
	snprintf(field->name, sizeof(field->name), "%s", base);
	for (uint8_t i = 2; is_taken(event, field->name); i++)
		snprintf(field->name, sizeof(field->name), "%.27s_%u", base, i);
}

static int add_field(struct probe_event *event, const struct probe_resolver *resolver,
		     const struct spec_fetch *fetch)
{
	struct probe_field *field;
	int err;

	if (event->nr_field == MAX_FIELD)
		return spec_fail(resolver->error, fetch->column, NULL, "more than %d values",
				 MAX_FIELD);
	field = reallocarray(event->field, event->nr_field + 1, sizeof(*field));
	if (!field)
		return -ENOMEM;
	event->field = field;
	field += event->nr_field;
	err = probe_resolve(resolver, fetch, field);
	if (err == -ENODATA) {
		snprintf(event->note, sizeof(event->note), "%.80s returns nothing: $retval is left "
			 "out", resolver->where);
		return 0;
	}
	if (err)
		return err;
	if (fetch->name.text && is_taken(event, field->name))
		return spec_fail(resolver->error, fetch->name.column, NULL,
				 "there is a value called %s already, or every event has one",
				 field->name);
	make_unique(event, field);
	if (fetch->expr->kind == SPEC_DOLLAR && !strcmp(fetch->expr->name, "retval"))
		event->retval = (int)event->nr_field;
	event->nr_field++;
	return 0;
}

static const struct probe_field *at_column(const struct probe_event *event, unsigned int column)
{
	for (size_t i = 0; i < event->nr_field; i++)
		if (event->field[i].column == column)
			return &event->field[i];
	return NULL;
}

const struct probe_field *emit_find_field(const struct probe_event *event,
					  const struct spec_expr *operand)
{
	const struct spec *spec = event->spec;

	for (size_t i = 0; operand->kind == SPEC_NAME && i < event->nr_field; i++)
		if (!strcmp(event->field[i].name, operand->name))
			return &event->field[i];
	for (size_t i = 0; i < spec->nr_fetch; i++)
		if (!spec->fetch[i].type.text && spec_same_expr(spec->fetch[i].expr, operand))
			return at_column(event, spec->fetch[i].column);
	return at_column(event, operand->column);
}

/* A name of a condition means nothing: values have names as well. */
static void hint_values(const struct probe_event *event, struct trail_error *error)
{
	size_t used = strlen(error->hint);
	char list[100] = "";

	for (size_t i = 0; i < event->nr_field; i++)
		probe_add_name(list, sizeof(list), event->field[i].name);
	if (used + sizeof(list) + strlen("; values named before 'if': ") > sizeof(error->hint))
		return;
	if (*list)
		probe_add_text(error->hint, sizeof(error->hint), "; values named before 'if': %s",
			       list);
	else if (!strstr(error->hint, "->"))
		probe_add_text(error->hint, sizeof(error->hint),
			       "; or name a value before 'if': NAME=VALUE");
}

/* What a relation compares is a field already, one of every event, or becomes one. */
static int add_operand(struct probe_event *event, const struct probe_resolver *resolver,
		       struct spec_expr *operand)
{
	const struct spec_fetch fetch = { .column = operand->column, .expr = operand };
	struct trail_error before = *resolver->error;
	bool is_name = operand->kind == SPEC_NAME;
	int err;

	if (emit_find_field(event, operand))
		return 0;
	err = add_field(event, resolver, &fetch);
	if (err != -EINVAL || !is_name)
		return err;
	if (!filter_generic(operand->name)) {
		hint_values(event, resolver->error);
		return err;
	}
	*resolver->error = before;
	return 0;
}

static int add_operands(struct probe_event *event, const struct probe_resolver *resolver,
			const struct spec_cond *cond)
{
	int err;

	if (cond->kind == SPEC_RELATION)
		return add_operand(event, resolver, cond->operand);
	err = add_operands(event, resolver, cond->left);
	return err || !cond->right ? err : add_operands(event, resolver, cond->right);
}

int emit_fields(struct probe_event *event, const struct probe_resolver *resolver)
{
	const struct spec *spec = event->spec;
	int err = 0;

	for (size_t i = 0; !err && i < spec->nr_fetch; i++)
		err = add_field(event, resolver, &spec->fetch[i]);
	if (!err && spec->cond)
		err = add_operands(event, resolver, spec->cond);
	return err ? err : emit_filter(event, resolver, &event->filter);
}

/* ---- the same with another base */

struct again {
	const struct probe_event *event;
	const struct probe_resolver *resolver;
	struct probe_field *field;
};

static int resolve_again(const struct again *again, const struct spec_fetch *fetch)
{
	const struct probe_field *before = at_column(again->event, fetch->column);
	struct probe_field *field = before ? again->field + (before - again->event->field) : NULL;
	int err = field ? probe_resolve(again->resolver, fetch, field) : 0;

	if (field)
		memcpy(field->name, before->name, sizeof(before->name));
	return err;
}

static int cond_again(const struct again *again, const struct spec_cond *cond)
{
	struct spec_fetch fetch = { 0 };
	int err;

	if (cond->kind == SPEC_RELATION) {
		fetch.expr = cond->operand;
		fetch.column = cond->operand->column;
		return resolve_again(again, &fetch);
	}
	err = cond_again(again, cond->left);
	return err || !cond->right ? err : cond_again(again, cond->right);
}

int emit_again(const struct probe_event *event, const struct probe_resolver *resolver,
	       struct probe_field *field)
{
	const struct again again = { event, resolver, field };
	const struct spec *spec = event->spec;
	int err = 0;

	for (size_t i = 0; !err && i < spec->nr_fetch; i++)
		err = resolve_again(&again, &spec->fetch[i]);
	return err || !spec->cond ? err : cond_again(&again, spec->cond);
}

int emit_args(const struct probe_field *field, size_t nr, char **text)
{
	int err = 0;

	for (size_t i = 0; !err && i < nr; i++)
		err = probe_text(text, " %s=%s:%s", field[i].name, field[i].fetch,
				 field[i].type);
	return err;
}
