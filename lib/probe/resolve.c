// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * resolve.c - an expression -> a value: a base, and an offset behind it
 *
 * Offsets of members add up until a pointer is followed; then the kernel has to read a word:
 * skb->dev->name is +0(+16($arg1)).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "resolve-private.h"

#define WORD_BYTES	8

void probe_add_text(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

void probe_add_name(char *list, size_t size, const char *name)
{
	static const char end[] = " ...";
	size_t used = strlen(list), length = name ? strlen(name) : 0;

	if (used >= strlen(end) && !strcmp(list + used - strlen(end), end))
		return;
	if (!name || used + strlen(", ") + length + sizeof(end) > size)
		name = end;
	probe_add_text(list, size, "%s%s", used && name != end ? ", " : "", name);
}

int value_load(const struct probe_resolver *resolver, unsigned int column, struct value *value)
{
	char text[PROBE_FETCH_SIZE];
	int n;

	n = snprintf(text, sizeof(text), "%+" PRId64 "(%s)", value->offset, value->base);
	if (n < 0 || (size_t)n >= sizeof(text))
		return spec_fail(resolver->error, column, NULL, "too many pointers to follow");
	memcpy(value->base, text, (size_t)n + 1);
	value->where = IS_VALUE;
	value->offset = 0;
	return 0;
}

static const char *type_text(const struct probe_resolver *resolver, uint64_t type, char *text)
{
	return probe_type_text(resolver->types, type, text, PROBE_TEXT_SIZE);
}

int value_follow(const struct probe_resolver *resolver, const struct spec_expr *expr,
		 struct value *value)
{
	char text[PROBE_TEXT_SIZE];
	struct probe_type type;
	int err = probe_describe(resolver->types, value->type, &type);

	if (err)
		return err;
	/* Bytes at an address of which no more is known. */
	if (value->type == PROBE_NO_TYPE && (expr->kind == SPEC_DEREF ||
					     expr->kind == SPEC_INDEX ||
					     expr->kind == SPEC_RANGE))
		type = (struct probe_type){ .kind = PROBE_POINTER, .target = PROBE_NO_TYPE };
	if (value->size_bits || (type.kind != PROBE_POINTER && type.kind != PROBE_ARRAY))
		return spec_fail(resolver->error, expr->column, value->type == PROBE_NO_TYPE ?
				 "a cast gives it one: ((struct sk_buff *)$arg1)->len" : NULL,
				 value->type == PROBE_NO_TYPE ? "%s has no known type" :
				 "%s is no pointer, but %s", value->name,
				 type_text(resolver, value->type, text));
	/* An array is where its first element is. */
	if (type.kind == PROBE_ARRAY && value->where == IN_MEMORY)
		value->where = IS_ADDRESS;
	if (value->where == IN_MEMORY)
		err = value_load(resolver, expr->column, value);
	value->where = IN_MEMORY;
	value->type = type.target;
	return err;
}

static int resolve(const struct probe_resolver *resolver, const struct spec_expr *expr,
		   struct value *value, char *how);

/* a[3], a[0..16]: of pointers and arrays. */
static int resolve_index(const struct probe_resolver *resolver, const struct spec_expr *expr,
			 struct value *value, char *how)
{
	struct probe_type array, element;
	uint64_t bytes;
	int err = probe_describe(resolver->types, value->type, &array);

	if (!err)
		err = value_follow(resolver, expr, value);
	if (!err)
		err = probe_describe(resolver->types, value->type, &element);
	if (err)
		return err;
	bytes = element.size_bytes;
	if (element.kind == PROBE_VOID)
		bytes = 1;
	if (!bytes)
		return spec_fail(resolver->error, expr->column, NULL,
				 "the size of its elements is not known");
	if (array.kind == PROBE_ARRAY && array.nr_element &&
	    (expr->kind == SPEC_RANGE ? expr->to : expr->from + 1) > array.nr_element)
		return spec_fail(resolver->error, expr->column, NULL,
				 "%s has %llu elements only", value->name,
				 (unsigned long long)array.nr_element);
	if (expr->from > INT32_MAX / bytes)
		return spec_fail(resolver->error, expr->column, NULL, "that is too far");
	value->offset += (int64_t)(expr->from * bytes);
	if (expr->kind == SPEC_RANGE)
		value->nr = expr->to - expr->from;
	probe_add_text(how, PROBE_HOW_SIZE, ", [%llu] at %+" PRId64,
		       (unsigned long long)expr->from, value->offset);
	return 0;
}

static int resolve_cast(const struct probe_resolver *resolver, const struct spec_expr *expr,
			struct value *value, char *how)
{
	static const char *const keyword[] = {
		[SPEC_NO_KEYWORD] = "", [SPEC_STRUCT] = "struct", [SPEC_UNION] = "union",
		[SPEC_ENUM] = "enum",
	};
	const char *word = keyword[expr->keyword];
	struct probe_type type;
	uint64_t id;
	int err;

	err = resolver->types ? resolver->types->ops->find_type(resolver->types, word, expr->name,
								&id) : -ENOTSUP;
	if (err && !*word)
		err = probe_plain_type(expr->name, &id) ? err : 0;
	if (err == -ENOTSUP)
		return spec_fail(resolver->error, expr->column, resolver->types_hint,
				 "the type is not known: %s", resolver->why_no_types);
	if (err)
		return spec_fail(resolver->error, expr->column, expr->keyword ? NULL :
				 "of structures 'struct' stands before the name",
				 "no type '%s%s%s'", word, *word ? " " : "", expr->name);
	err = probe_describe(resolver->types, value->type, &type);
	if (!err && type.kind == PROBE_ARRAY && value->where == IN_MEMORY && expr->nr_star)
		value->where = IS_ADDRESS;
	value->type = id;
	for (unsigned int i = 0; i < expr->nr_star; i++)
		value->type = probe_pointer_to(value->type);
	value->size_bits = 0;
	probe_add_text(how, PROBE_HOW_SIZE, ", taken for %s%s%s %.*s", word, *word ? " " : "",
		       expr->name, (int)expr->nr_star, "********");
	return err;
}

static int resolve_address(const struct probe_resolver *resolver, const struct spec_expr *expr,
			   struct value *value)
{
	if (value->where != IN_MEMORY || value->size_bits)
		return spec_fail(resolver->error, expr->column, NULL,
				 "%s has no address: it is in a register", value->name);
	value->where = IS_ADDRESS;
	value->type = probe_pointer_to(value->type);
	return 0;
}

/* "(struct tcp_sock *)sk->rcv_nxt" casts rcv_nxt: was the cast meant to come first? */
static void hint_parentheses(const struct probe_resolver *resolver, const struct spec_expr *cast)
{
	static const char text[] = "a cast comes first with two pairs of parentheses: "
				   "((struct tcp_sock *)sk)->rcv_nxt";
	struct trail_error *error = resolver->error;
	bool is_below = false;

	for (const struct spec_expr *at = cast->of; at; at = at->of)
		is_below |= (at->kind == SPEC_ARROW || at->kind == SPEC_MEMBER) &&
			    at->column == error->column;
	if (!is_below || cast->keyword == SPEC_NO_KEYWORD || strstr(error->hint, text))
		return;
	/* There is no room for a list of members as well. */
	if (strncmp(error->hint, "did you mean ", strlen("did you mean ")))
		*error->hint = '\0';
	probe_add_text(error->hint, sizeof(error->hint), "%s%s", *error->hint ? " Or " : "", text);
}

/* What an operator is applied to comes first. */
static int resolve_operator(const struct probe_resolver *resolver, const struct spec_expr *expr,
			    struct value *value, char *how)
{
	int err = resolve(resolver, expr->of, value, how);

	if (err == -EINVAL && expr->kind == SPEC_CAST)
		hint_parentheses(resolver, expr);
	if (!err && value->nr)
		return spec_fail(resolver->error, expr->column, NULL,
				 "a range cannot be followed any further");
	if (err)
		return err;
	switch (expr->kind) {
	case SPEC_DEREF:
		err = value_follow(resolver, expr, value);
		probe_add_text(how, PROBE_HOW_SIZE, ", behind it");
		return err;
	case SPEC_ADDRESS:
		return resolve_address(resolver, expr, value);
	case SPEC_MEMBER:
	case SPEC_ARROW:
		return resolve_member(resolver, expr, value, how);
	case SPEC_INDEX:
	case SPEC_RANGE:
		return resolve_index(resolver, expr, value, how);
	default:
		return resolve_cast(resolver, expr, value, how);
	}
}

static int resolve(const struct probe_resolver *resolver, const struct spec_expr *expr,
		   struct value *value, char *how)
{
	if (expr->of)
		return resolve_operator(resolver, expr, value, how);
	return resolve_variable(resolver, expr, value, how);
}

int probe_resolve(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		  struct probe_field *out)
{
	struct value value = { .type = PROBE_NO_TYPE, .name = "it" };
	int err;

	*out = (struct probe_field){ .column = fetch->column };
	err = resolve(resolver, fetch->expr, &value, out->how);
	if (!err)
		err = value_store(resolver, fetch, &value, out);
	if (!err || err == -ENOMEM || err == -ENODATA)
		return err;
	/* A provider could not say: damaged type information. */
	if (!*resolver->error->text)
		spec_fail(resolver->error, fetch->column, NULL, "the type information is damaged");
	return -EINVAL;
}
