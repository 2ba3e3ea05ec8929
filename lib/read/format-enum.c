// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * format-enum.c - __print_symbolic() lists of an event's print format -> names of values
 *
 * The kernel writes its enums into the format text as { number, "name" }, so the names are
 * those of the recorded kernel.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"

#define SYMBOLIC	"__print_symbolic("

/* Of one format; each list is a copy of what follows it.  The kernel has at most a few. */
#define MAX_LISTS	16
#define MAX_LIST_BYTES	65536

struct enum_name {
	uint64_t value;
	const char *name;
};

/* One list; @field is the first field of the expression that selects, or empty. */
struct enum_list {
	struct enum_list *next;
	char *text;		/* owned; @field and the names lie in it */
	struct text field;
	struct enum_name *name;
	size_t nr;
};

static char *skip_string(char *at)
{
	for (at++; *at && *at != '"'; at++)
		at += at[0] == '\\' && at[1];
	return at;
}

/* Up to a comma or the closing bracket of this level; strings and inner brackets are skipped. */
static char *skip_expression(char *at)
{
	int depth = 0;

	for (; *at; at++) {
		if (*at == '"')
			at = skip_string(at);
		else if (strchr("({[", *at))
			depth++;
		else if (depth && strchr(")}]", *at))
			depth--;
		else if (!depth && strchr(",)}]", *at))
			break;
		if (!*at)
			break;
	}
	return at;
}

static char *skip_blanks(char *at)
{
	while (isspace((unsigned char)*at))
		at++;
	return at;
}

static void find_field(struct enum_list *list, char *at, const char *end)
{
	char *field = memmem(at, end - at, "REC->", 5);

	if (!field)
		return;
	list->field.at = field + 5;
	while (isalnum((unsigned char)list->field.at[list->field.len]) ||
	       list->field.at[list->field.len] == '_')
		list->field.len++;
}

static int add_name(struct enum_list *list, uint64_t value, const char *name)
{
	struct enum_name *grown = tracedat_grow(list->name, list->nr, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->name = grown;
	grown[list->nr++] = (struct enum_name){ value, name };
	return 0;
}

/* N, -N or 1 << N, possibly in brackets; false for what only a compiler can evaluate. */
static bool read_value(char *at, const char *end, uint64_t *out)
{
	char *shift;

	while (at < end && (*at == '(' || isspace((unsigned char)*at)))
		at++;
	if (!isdigit((unsigned char)*at) && *at != '-')
		return false;
	*out = strtoull(at, &at, 0);
	while (at < end && (isalpha((unsigned char)*at) || isspace((unsigned char)*at)))
		at++;			/* UL */
	shift = memmem(at, end - at, "<<", 2);
	if (shift == at && at < end)
		*out <<= strtoul(at + 2, NULL, 0) & 63;
	return true;
}

/* { 1, "ONE" } at @at; returns what follows, NULL when it is not of that form. */
static char *parse_name(struct enum_list *list, char *at, int *err)
{
	char *comma, *name, *end;
	uint64_t value;

	if (*at != '{')
		return NULL;
	comma = skip_expression(at + 1);
	if (*comma != ',')
		return NULL;
	name = skip_blanks(comma + 1);
	if (*name != '"')
		return NULL;
	end = skip_string(name);
	if (!*end)
		return NULL;
	*end = 0;
	if (read_value(at + 1, comma, &value))
		*err = add_name(list, value, name + 1);
	end = skip_blanks(end + 1);
	return *end == '}' ? skip_blanks(end + 1) : NULL;
}

/* The list whose expression begins at @from in a format that ends at @end. */
static int add_list(struct enum_list ***tail, const char *from, const char *end)
{
	struct enum_list *list = calloc(1, sizeof(*list));
	int err = 0;
	char *at;

	if (!list)
		return -ENOMEM;
	**tail = list;
	*tail = &list->next;
	list->text = strndup(from, end - from < MAX_LIST_BYTES ? end - from : MAX_LIST_BYTES);
	if (!list->text)
		return -ENOMEM;
	at = skip_expression(list->text);
	find_field(list, list->text, at);
	while (at && *at == ',' && !err)
		at = parse_name(list, skip_blanks(at + 1), &err);
	return err;
}

int enum_list_new(struct text format, struct enum_list **out)
{
	const char *end = format.at + format.len;
	const char *at = memmem(format.at, format.len, "print fmt:", 10);
	struct enum_list **tail = out;
	int err = 0;

	*out = NULL;
	for (unsigned int nr = 0; at && nr < MAX_LISTS && !err; nr++) {
		at = memmem(at, end - at, SYMBOLIC, strlen(SYMBOLIC));
		if (!at)
			break;
		at += strlen(SYMBOLIC);
		err = add_list(&tail, at, end);
	}
	return err;
}

const char *enum_list_name(const struct enum_list *list, struct text field, uint64_t value)
{
	const struct enum_list *found = NULL;

	for (const struct enum_list *l = list; l && field.len && !found; l = l->next) {
		if (l->field.len == field.len && !memcmp(l->field.at, field.at, field.len))
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
		free(list->text);
		free(list->name);
		free(list);
	}
}
