// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * resolve-name.c - names of arguments and members -> where they are; what there is instead of those
 * that are unknown
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "near.h"
#include "resolve-private.h"

/* ---- arguments */

static const char *without_underscores(const char *name)
{
	return name + strspn(name, "_");
}

/* @exact, @alike: what fits; @nr_alike: how many differ by leading underscores only */
struct variable_search {
	const char *name;
	struct probe_variable exact;
	struct probe_variable alike;
	unsigned int nr_exact;
	unsigned int nr_alike;
	char *list;
	size_t size;
};

static int look_at_variable(void *data, const struct probe_variable *variable)
{
	struct variable_search *search = data;

	probe_add_name(search->list, search->size, variable->name);
	if (!strcmp(variable->name, search->name)) {
		if (!search->nr_exact++)
			search->exact = *variable;
	} else if (*variable->name &&
		   !strcmp(without_underscores(variable->name),
			   without_underscores(search->name))) {
		search->nr_alike++;
		search->alike = *variable;
	}
	return 0;
}

/* @name: of a member that was perhaps meant; @found: the variable that has it, or "" */
struct holder_search {
	const struct probe_resolver *resolver;
	char *name;
	char found[PROBE_NAME_SIZE];
};

static int look_for_holder(void *data, const struct probe_variable *variable)
{
	struct holder_search *search = data;
	struct spec_expr holder = { .kind = SPEC_NAME, .name = (char *)variable->name };
	struct spec_expr member = { .kind = SPEC_ARROW, .name = search->name, .of = &holder };
	const struct spec_fetch fetch = { .expr = &member };
	struct probe_resolver resolver = *search->resolver;
	struct trail_error ignored = { 0 };
	struct probe_field field;

	resolver.error = &ignored;
	resolver.slots = NULL;
	if (probe_resolve(&resolver, &fetch, &field))
		return 0;
	snprintf(search->found, sizeof(search->found), "%s", variable->name);
	return 1;
}

static int no_variable(const struct probe_resolver *resolver, const struct spec_expr *expr,
		       const char *list)
{
	struct holder_search search = { resolver, expr->name, "" };
	char hint[320] = "";

	resolver->types->ops->walk_variables(resolver->types, look_for_holder, &search);
	if (*search.found)
		snprintf(hint, sizeof(hint), "did you mean %s->%s? ", search.found, expr->name);
	probe_add_text(hint, sizeof(hint), *list ? "%s has: %s" : "%s has none", resolver->where,
		       list);
	return spec_fail(resolver->error, expr->column, hint, "no %s '%s'", resolver->what,
			 expr->name);
}

static int no_names(const struct probe_resolver *resolver, const struct spec_expr *expr)
{
	const char *types = resolver->types_hint ? resolver->types_hint : "";
	char hint[320];

	if (!resolver->machine)
		snprintf(hint, sizeof(hint), "they can be read by number: $arg1:u32, "
			 "((struct sk_buff *)$arg1)->len");
	else if (!resolver->is_entry)
		snprintf(hint, sizeof(hint), "%s", types);
	else if (*types)
		snprintf(hint, sizeof(hint), "%.270s; or by number: $arg1:u32", types);
	else
		snprintf(hint, sizeof(hint), "they can be read by number: $arg1:u32");
	return spec_fail(resolver->error, expr->column, hint, "the names of %ss are not known: %s",
			 resolver->what, resolver->why_no_types);
}

/* What comes from the entry is kept until the return. */
static int use_slot(const struct probe_resolver *resolver, const struct spec_expr *expr,
		    struct value *value)
{
	struct probe_slots *slots = resolver->slots;
	struct probe_type type;
	size_t i;
	int err = probe_describe(resolver->types, value->type, &type);

	if (err)
		return err;
	if (type.kind == PROBE_COMPOSITE || type.kind == PROBE_ARRAY)
		return spec_fail(resolver->error, expr->column, NULL, "this kernel can keep "
				 "numbers and pointers until the return, %s is neither",
				 value->name);
	if (value->where == IN_MEMORY)
		err = value_load(resolver, expr->column, value);
	for (i = 0; !err && i < slots->nr && strcmp(slots->fetch[i], value->base); i++)
		;
	if (err || i == PROBE_MAX_SLOT)
		return err ? err : spec_fail(resolver->error, expr->column, NULL,
					     "more than %d arguments at the return",
					     PROBE_MAX_SLOT);
	if (i == slots->nr)
		snprintf(slots->fetch[slots->nr++], PROBE_FETCH_SIZE, "%s", value->base);
	snprintf(value->base, sizeof(value->base), "$a%zu", i);
	return 0;
}

static int use_variable(const struct probe_resolver *resolver, const struct spec_expr *expr,
			const struct probe_variable *variable, struct value *value)
{
	const struct probe_place *place = &variable->place;

	if (!*place->fetch)
		return spec_fail(resolver->error, expr->column, NULL, "%s '%s' cannot be read: %s",
				 resolver->what, variable->name, place->why);
	value->where = place->is_memory ? IN_MEMORY : IS_VALUE;
	value->offset = place->offset;
	value->type = variable->type;
	snprintf(value->base, sizeof(value->base), "%s", place->fetch);
	value->from_entry = !resolver->is_event;
	return resolver->slots ? use_slot(resolver, expr, value) : 0;
}

static int resolve_named(const struct probe_resolver *resolver, const struct spec_expr *expr,
			 struct value *value, char *how)
{
	char list[180] = "", text[PROBE_TEXT_SIZE];
	struct variable_search search = { .name = expr->name, .list = list, .size = sizeof(list) };
	const struct probe_variable *found;
	int err;

	err = resolver->types ? resolver->types->ops->walk_variables(resolver->types,
					look_at_variable, &search) : -ENOTSUP;
	if (err == -ENOTSUP)
		return no_names(resolver, expr);
	if (err)
		return err;
	if (!search.nr_exact && search.nr_alike != 1)
		return no_variable(resolver, expr, list);
	found = search.nr_exact ? &search.exact : &search.alike;
	if (!resolver->is_entry && !resolver->is_event && !resolver->machine)
		return spec_fail(resolver->error, expr->column, "behind the start, name a register "
				 "and give its type: ((struct sk_buff *)%di)->len",
				 "where '%s' is at this place is not known", expr->name);
	value->name = expr->name;
	probe_add_text(how, PROBE_HOW_SIZE, "%s: %s %s (%s)", expr->name, resolver->what,
		       found->place.fetch,
		       probe_type_text(resolver->types, found->type, text, sizeof(text)));
	return use_variable(resolver, expr, found, value);
}

/* ---- what needs no type information */

static bool is_numbered(const char *name, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(name, word, n) && name[n] && name[n + strspn(name + n, "0123456789")] == 0;
}

static int no_dollar(const struct probe_resolver *resolver, const struct spec_expr *expr)
{
	return spec_fail(resolver->error, expr->column, "there are $retval, $arg1, $comm, $stack, "
			 "$stack1", "no value '$%s'", expr->name);
}

static int resolve_return_value(const struct probe_resolver *resolver,
				const struct spec_expr *expr, struct value *value)
{
	char hint[160];
	int err;

	if (!resolver->is_return) {
		snprintf(hint, sizeof(hint), "at the return it is: %s%%return", resolver->where);
		return spec_fail(resolver->error, expr->column, resolver->is_event ? NULL : hint,
				 "there is no return value here");
	}
	snprintf(value->base, sizeof(value->base), "%s", resolver->slots ? "$ret" : "$retval");
	if (!resolver->types)
		return 0;
	err = resolver->types->ops->return_type(resolver->types, &value->type);
	if (err)
		return err == -ENOENT ? 0 : err;
	return value->type == PROBE_NO_TYPE ? -ENODATA : 0;
}

/* "$arg2" is the second one by its name, where names are known. */
struct numbered_search {
	struct probe_place place;
	uint64_t type;
};

static int look_at_number(void *data, const struct probe_variable *variable)
{
	struct numbered_search *search = data;

	if (!strcmp(variable->place.fetch, search->place.fetch) &&
	    variable->place.is_memory == search->place.is_memory &&
	    variable->place.offset == search->place.offset)
		search->type = variable->type;
	return 0;
}

/* The kernel knows its own functions' arguments by number; for a program's we do. */
static int resolve_argument(const struct probe_resolver *resolver, const struct spec_expr *expr,
			    struct value *value)
{
	struct numbered_search search = { .type = PROBE_NO_TYPE };
	unsigned long nth = strtoul(expr->name + strlen("arg"), NULL, 10);
	int err = 0;

	if (!resolver->machine)
		snprintf(search.place.fetch, sizeof(search.place.fetch), "$%s", expr->name);
	else if (nth > UINT8_MAX || abi_argument(resolver->machine, (unsigned int)nth,
						 &search.place))
		return no_dollar(resolver, expr);
	if (resolver->types)
		err = resolver->types->ops->walk_variables(resolver->types, look_at_number,
							   &search);
	if (err && err != -ENOTSUP)
		return err;
	snprintf(value->base, sizeof(value->base), "%s", search.place.fetch);
	value->where = search.place.is_memory ? IN_MEMORY : IS_VALUE;
	value->offset = search.place.offset;
	value->type = search.type;
	value->from_entry = true;
	return resolver->slots ? use_slot(resolver, expr, value) : 0;
}

static int resolve_dollar(const struct probe_resolver *resolver, const struct spec_expr *expr,
			  struct value *value)
{
	snprintf(value->base, sizeof(value->base), "$%s", expr->name);
	value->name = expr->name;
	if (!strcmp(expr->name, "retval"))
		return resolve_return_value(resolver, expr, value);
	if (!strcmp(expr->name, "comm")) {
		value->type = PROBE_PLAIN | PROBE_PLAIN_TEXT;
		return 0;
	}
	if (resolver->is_event)
		return no_dollar(resolver, expr);
	if (!strcmp(expr->name, "stack") || is_numbered(expr->name, "stack")) {
		value->type = PROBE_PLAIN | 8;
		return 0;
	}
	if (!is_numbered(expr->name, "arg") || !strcmp(expr->name, "arg0"))
		return no_dollar(resolver, expr);
	if (!resolver->is_entry)
		return spec_fail(resolver->error, expr->column, NULL,
				 "arguments are known at the start of a function only");
	return resolve_argument(resolver, expr, value);
}

int resolve_variable(const struct probe_resolver *resolver, const struct spec_expr *expr,
		     struct value *value, char *how)
{
	int err = 0;

	if (expr->kind == SPEC_NAME)
		return resolve_named(resolver, expr, value, how);
	if (expr->kind == SPEC_DOLLAR) {
		err = resolve_dollar(resolver, expr, value);
	} else if (expr->kind == SPEC_REGISTER) {
		if (resolver->is_event || resolver->slots)
			return spec_fail(resolver->error, expr->column, NULL,
					 "there are no registers here");
		snprintf(value->base, sizeof(value->base), "%%%s", expr->name);
		value->name = expr->name;
	} else if (expr->kind == SPEC_SYMBOL) {
		snprintf(value->base, sizeof(value->base), "@%s", expr->name);
		value->name = expr->name;
	} else {
		snprintf(value->base, sizeof(value->base), "@0x%" PRIx64, expr->from);
		value->name = "it";
	}
	probe_add_text(how, PROBE_HOW_SIZE, "%s", value->base);
	return err;
}

/* ---- members */

struct member_search {
	const char *name;
	struct probe_member found;
	bool is_found;
	unsigned int nr;
	struct near_names near;
	char *list;
	size_t size;
};

static int look_at_member(void *data, const struct probe_member *member)
{
	struct member_search *search = data;

	if (!strcmp(member->name, search->name)) {
		search->found = *member;
		search->is_found = true;
		return 1;
	}
	near_add(&search->near, member->name);
	probe_add_name(search->list, search->size,
		       search->nr++ < PROBE_MAX_SHOWN ? member->name : NULL);
	return 0;
}

struct lookup { const char *name; struct probe_member *found; };

static int compare_member(void *data, const struct probe_member *member)
{
	const struct lookup *lookup = data;

	if (strcmp(member->name, lookup->name) != 0)
		return 0;
	*lookup->found = *member;
	return 1;
}

/* Goes on from a member to one of its own.  @member: with type and offset so far. */
static bool step_into(const struct probe_types *types, const char *name,
		      struct probe_member *member)
{
	uint64_t start_bits = member->offset_bits;
	struct lookup lookup = { name, member };
	struct probe_type type;

	if (probe_describe(types, member->type, &type) || type.kind != PROBE_COMPOSITE ||
	    types->ops->walk_members(types, member->type, compare_member, &lookup) != 1)
		return false;
	member->offset_bits += start_bits;
	return true;
}

/*
 * include/net/sock.h has macros for the members of __sk_common, as sk_state for skc_state;
 * include/net/inet_sock.h the same with inet_.
 */
static bool find_macro(const struct probe_types *types, uint64_t type, const char *name,
		       struct probe_member *found)
{
	char common[64];

	*found = (struct probe_member){ .type = type };
	if (!strncmp(name, "sk_", 3))
		snprintf(common, sizeof(common), "skc_%s", name + 3);
	else if (!strncmp(name, "inet_", 5))
		snprintf(common, sizeof(common), "skc_%s", name + 5);
	else
		return false;
	/* struct tcp_sock begins with others, down to struct sock. */
	while (!step_into(types, "__sk_common", found))
		if (!step_into(types, "inet_conn", found) &&
		    !step_into(types, "icsk_inet", found) &&
		    !step_into(types, "inet", found) && !step_into(types, "sk", found))
			return false;
	return step_into(types, common, found);
}

static int no_member(const struct probe_resolver *resolver, const struct spec_expr *expr,
		     struct member_search *search, const char *type)
{
	char hint[320], near[200];

	if (near_text(&search->near, near, sizeof(near)))
		snprintf(hint, sizeof(hint), "did you mean %s?", near);
	else
		snprintf(hint, sizeof(hint), "it has: %s", search->list);
	return spec_fail(resolver->error, expr->column, search->nr ? hint :
			 "its members are not in the type information",
			 "%s has no member '%s'", type, expr->name);
}

static int check_member_of(const struct probe_resolver *resolver, const struct spec_expr *expr,
			   struct value *value, const struct probe_type *type, const char *text)
{
	if (expr->kind == SPEC_ARROW)
		return value_follow(resolver, expr, value);
	if (type->kind == PROBE_POINTER)
		return spec_fail(resolver->error, expr->column, "use -> instead of .",
				 "%s is a pointer, %s", value->name, text);
	if (value->where != IN_MEMORY && value->where != IS_VALUE)
		return spec_fail(resolver->error, expr->column, NULL, "%s is an address",
				 value->name);
	return 0;
}

int resolve_member(const struct probe_resolver *resolver, const struct spec_expr *expr,
		   struct value *value, char *how)
{
	char list[280] = "", text[PROBE_TEXT_SIZE];
	struct member_search search = {
		.name = expr->name, .near = { expr->name, strlen(expr->name) }, .list = list,
		.size = sizeof(list),
	};
	struct probe_type type;
	int err = probe_describe(resolver->types, value->type, &type);

	probe_type_text(resolver->types, value->type, text, sizeof(text));
	if (!err)
		err = check_member_of(resolver, expr, value, &type, text);
	if (!err)
		err = probe_describe(resolver->types, value->type, &type);
	if (err)
		return err;
	probe_type_text(resolver->types, value->type, text, sizeof(text));
	if (type.kind != PROBE_COMPOSITE)
		return spec_fail(resolver->error, expr->column, type.kind == PROBE_VOID ?
				 "a cast gives it a type: ((struct sock *)p)->sk_state" : NULL,
				 "%s is no structure, but %s%s", value->name,
				 expr->kind == SPEC_ARROW ? "points to " : "", text);
	err = resolver->types->ops->walk_members(resolver->types, value->type, look_at_member,
						 &search);
	if (err < 0)
		return err;
	if (!search.is_found && !find_macro(resolver->types, value->type, expr->name,
					    &search.found))
		return no_member(resolver, expr, &search, text);
	value->offset += (int64_t)(search.found.offset_bits / 8);
	value->size_bits = search.found.size_bits;
	value->shift_bits = search.found.offset_bits % 8;
	value->type = search.found.type;
	/* As the user wrote it: a macro has another one. */
	value->name = expr->name;
	probe_add_text(how, PROBE_HOW_SIZE, ", %s: %+" PRId64 " (%s)", expr->name,
		       (int64_t)(search.found.offset_bits / 8),
		       probe_type_text(resolver->types, value->type, list, sizeof(list)));
	return 0;
}
