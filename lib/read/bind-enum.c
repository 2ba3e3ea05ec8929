// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bind-enum.c - __print_symbolic() lists of an event's print format -> names of values
 *
 * The kernel writes its enums into the format text as { number, "name" }, so the names are
 * those of the recorded kernel.
 */
#include <errno.h>
#include <event-parse.h>
#include <stdlib.h>
#include <string.h>

#include "read.h"

struct enum_name {
	uint64_t value;
	const char *name;
};

/* One list; @field is the first field in the expression that selects, NULL if there is none. */
struct enum_list {
	struct enum_list *next;
	const char *field;
	struct enum_name *name;
	size_t nr;
};

static const char *first_field(const struct tep_print_arg *arg)
{
	const char *name;

	if (!arg)
		return NULL;
	switch (arg->type) {
	case TEP_PRINT_FIELD:
		return arg->field.name;
	case TEP_PRINT_TYPE:
		return first_field(arg->typecast.item);
	case TEP_PRINT_OP:
		name = first_field(arg->op.left);
		return name ? name : first_field(arg->op.right);
	default:
		return NULL;
	}
}

static int add_list(struct enum_list ***tail, const struct tep_print_arg *arg)
{
	struct enum_list *list = calloc(1, sizeof(*list));
	size_t nr = 0;

	if (!list)
		return -ENOMEM;
	**tail = list;
	*tail = &list->next;
	list->field = first_field(arg->symbol.field);
	for (const struct tep_print_flag_sym *sym = arg->symbol.symbols; sym; sym = sym->next)
		nr++;
	list->name = calloc(nr ? nr : 1, sizeof(*list->name));
	if (!list->name)
		return -ENOMEM;
	for (const struct tep_print_flag_sym *sym = arg->symbol.symbols; sym; sym = sym->next) {
		if (sym->value && sym->str)
			list->name[list->nr++] = (struct enum_name){ strtoull(sym->value, NULL, 0),
								     sym->str };
	}
	return 0;
}

static int find_lists(struct enum_list ***tail, const struct tep_print_arg *arg)
{
	int err = 0;

	for (; arg && !err; arg = arg->next) {
		switch (arg->type) {
		case TEP_PRINT_SYMBOL:
			err = add_list(tail, arg);
			break;
		case TEP_PRINT_TYPE:
			err = find_lists(tail, arg->typecast.item);
			break;
		case TEP_PRINT_OP:
			err = find_lists(tail, arg->op.left);
			if (!err)
				err = find_lists(tail, arg->op.right);
			break;
		case TEP_PRINT_FUNC:
			err = find_lists(tail, arg->func.args);
			break;
		default:
			break;
		}
	}
	return err;
}

int enum_list_new(const struct tep_event *event, struct enum_list **out)
{
	struct enum_list **tail = out;

	*out = NULL;
	return find_lists(&tail, event->print_fmt.args);
}

const char *enum_list_name(const struct enum_list *list, const char *field, uint64_t value)
{
	const struct enum_list *found = NULL;

	for (const struct enum_list *l = list; l && field && !found; l = l->next) {
		if (l->field && !strcmp(l->field, field))
			found = l;
	}
	if (!found && list && !list->next)
		found = list;
	for (size_t i = 0; found && i < found->nr; i++) {
		if (found->name[i].value == value)
			return found->name[i].name;
	}
	return NULL;
}

void enum_list_free(struct enum_list *list)
{
	struct enum_list *next;

	for (; list; list = next) {
		next = list->next;
		free(list->name);
		free(list);
	}
}
