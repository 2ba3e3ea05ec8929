// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * types-btf.c - BTF -> functions with their arguments, types, members
 *
 * Arguments are where the calling convention puts them, which the kernel knows by number ($argN);
 * a structure that is passed by value takes as many numbers as registers.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "types-btf.h"

#define WORD_BYTES	8
#define MAX_NESTED	8	/* unnamed unions in unnamed structures */
#define MAX_BY_VALUE	16	/* longer structures are passed in memory */

/* @function: ids of the functions of @base by their names, NULL: not sorted */
struct probe_btf {
	struct btf *base;
	struct btf *module;	/* on top of it, or NULL */
	uint32_t *function;
	size_t nr_function;
};

/* @proto: of the function; 0: @variable, @nr_variable are the caller's */
struct types_btf {
	struct probe_types types;
	const struct probe_btf *btf;
	uint32_t proto;
	const struct probe_variable *variable;
	size_t nr_variable;
};

static const struct types_btf *own(const struct probe_types *types)
{
	return (const struct types_btf *)types;
}

static const struct btf *top(const struct probe_btf *btf)
{
	return btf->module ? btf->module : btf->base;
}

static const struct btf_type *type_of(const struct probe_btf *btf, uint64_t id)
{
	return id < UINT32_MAX ? btf__type_by_id(top(btf), (uint32_t)id) : NULL;
}

static const char *name_of(const struct probe_btf *btf, uint32_t offset)
{
	const char *name = btf__name_by_offset(top(btf), offset);

	return name ? name : "";
}

/* ---- files */

int probe_btf_open(const char *dir, const char *module, struct probe_btf **out)
{
	struct probe_btf *btf = calloc(1, sizeof(*btf));
	char path[256];
	int err = 0;

	if (!btf)
		return -ENOMEM;
	/* libbpf speaks on stderr otherwise. */
	libbpf_set_print(NULL);
	snprintf(path, sizeof(path), "%s/vmlinux", dir);
	btf->base = btf__parse(path, NULL);
	if (!btf->base)
		err = errno ? -errno : -EINVAL;
	if (!err && module)
		err = probe_btf_set_module(btf, dir, module);
	if (err) {
		probe_btf_close(btf);
		return err;
	}
	*out = btf;
	return 0;
}

int probe_btf_set_module(struct probe_btf *btf, const char *dir, const char *module)
{
	char path[256];

	btf__free(btf->module);
	btf->module = NULL;
	if (!module)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", dir, module);
	btf->module = btf__parse_split(path, btf->base);
	return btf->module ? 0 : errno ? -errno : -EINVAL;
}

void probe_btf_close(struct probe_btf *btf)
{
	if (!btf)
		return;
	free(btf->function);
	btf__free(btf->module);
	btf__free(btf->base);
	free(btf);
}

/* ---- types */

/* Behind typedefs and qualifiers.  @name: of the outermost typedef. */
static const struct btf_type *skip(const struct probe_btf *btf, uint64_t *id, const char **name)
{
	const struct btf_type *type = type_of(btf, *id);

	/* A cycle of them is damage. */
	for (unsigned int i = 0; type && i < 32; i++) {
		if (!btf_is_mod(type) && !btf_is_typedef(type) && !btf_is_type_tag(type))
			return type;
		if (btf_is_typedef(type) && name && !**name)
			*name = name_of(btf, type->name_off);
		*id = type->type;
		type = type_of(btf, *id);
	}
	return NULL;
}

static void describe_int(const struct probe_btf *btf, const struct btf_type *type,
			 struct probe_type *out)
{
	int encoding = btf_int_encoding(type);

	out->kind = PROBE_INT;
	out->size_bytes = type->size;
	out->is_signed = encoding & BTF_INT_SIGNED;
	/* GCC does not mark char as such, so its name tells: u8 and __u8 are bytes. */
	out->is_char = type->size == 1 && (encoding & BTF_INT_CHAR ||
					   !strcmp(name_of(btf, type->name_off), "char"));
}

static void describe_other(const struct btf_type *type, struct probe_type *out)
{
	if (btf_is_ptr(type)) {
		out->kind = PROBE_POINTER;
		out->size_bytes = WORD_BYTES;
		out->target = type->type;
	} else if (btf_is_array(type)) {
		out->kind = PROBE_ARRAY;
		out->target = btf_array(type)->type;
		out->nr_element = btf_array(type)->nelems;
	} else if (btf_is_any_enum(type)) {
		out->kind = PROBE_INT;
		out->size_bytes = type->size;
		out->is_signed = btf_kflag(type);
	} else if (btf_is_float(type)) {
		out->kind = PROBE_FLOAT;
		out->size_bytes = type->size;
	}
}

static int describe(const struct probe_types *types, uint64_t id, struct probe_type *out)
{
	const struct probe_btf *btf = own(types)->btf;
	const struct btf_type *type;
	const char *name = "";
	int64_t size;

	if (!btf)
		return -ENOTSUP;
	*out = (struct probe_type){ .name = "", .tag = "", .target = PROBE_NO_TYPE };
	type = skip(btf, &id, &name);
	if (!type)
		return -EINVAL;
	out->name = *name ? name : name_of(btf, type->name_off);
	if (!id) {
		out->name = "void";
	} else if (btf_is_int(type)) {
		describe_int(btf, type, out);
	} else if (btf_is_composite(type)) {
		out->kind = PROBE_COMPOSITE;
		out->size_bytes = type->size;
		out->tag = name_of(btf, type->name_off);
	} else {
		describe_other(type, out);
	}
	if (out->kind == PROBE_ARRAY) {
		size = btf__resolve_size(top(btf), (uint32_t)id);
		out->size_bytes = size < 0 ? 0 : (uint64_t)size;
	}
	return 0;
}

struct member_walk {
	const struct probe_btf *btf;
	probe_visit_member *visit;
	void *data;
};

static int walk_composite(const struct member_walk *walk, const struct btf_type *type,
			  uint64_t start_bits, unsigned int depth)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < btf_vlen(type); i++) {
		const struct btf_member *member = btf_members(type) + i;
		uint64_t id = member->type;
		struct probe_member found = {
			.name = name_of(walk->btf, member->name_off), .type = id,
			.offset_bits = start_bits + btf_member_bit_offset(type, i),
			.size_bits = btf_member_bitfield_size(type, i),
		};
		const struct btf_type *inner;

		if (*found.name) {
			err = walk->visit(walk->data, &found);
			continue;
		}
		inner = skip(walk->btf, &id, NULL);
		if (inner && btf_is_composite(inner) && depth < MAX_NESTED)
			err = walk_composite(walk, inner, found.offset_bits, depth + 1);
	}
	return err;
}

static int walk_members(const struct probe_types *types, uint64_t id, probe_visit_member *visit,
			void *data)
{
	struct member_walk walk = { own(types)->btf, visit, data };
	const struct btf_type *type = walk.btf ? skip(walk.btf, &id, NULL) : NULL;

	if (!type || !btf_is_composite(type))
		return -EINVAL;
	return walk_composite(&walk, type, 0, 0);
}

/* C's spellings that BTF has otherwise. */
static const char *base_name(const char *name)
{
	static const char *const spelling[][2] = {
		{ "unsigned", "unsigned int" }, { "long", "long int" },
		{ "unsigned long", "long unsigned int" }, { "short", "short int" },
		{ "unsigned short", "short unsigned int" }, { "long long", "long long int" },
		{ "unsigned long long", "long long unsigned int" }, { "bool", "_Bool" },
	};

	for (size_t i = 0; i < sizeof(spelling) / sizeof(spelling[0]); i++)
		if (!strcmp(name, spelling[i][0]))
			return spelling[i][1];
	return name;
}

static int find_named(const struct btf *btf, const char *name, const uint32_t *kind, size_t nr)
{
	int id = -ENOENT;

	for (size_t i = 0; id < 0 && i < nr; i++)
		id = btf__find_by_name_kind(btf, name, kind[i]);
	return id;
}

static int find_type(const struct probe_types *types, const char *keyword, const char *name,
		     uint64_t *type)
{
	static const uint32_t plain[] = { BTF_KIND_TYPEDEF, BTF_KIND_INT };
	static const uint32_t structure[] = { BTF_KIND_STRUCT };
	static const uint32_t union_[] = { BTF_KIND_UNION };
	static const uint32_t enumeration[] = { BTF_KIND_ENUM, BTF_KIND_ENUM64 };
	const struct probe_btf *btf = own(types)->btf;
	int id;

	if (!btf)
		return -ENOTSUP;
	if (!*keyword && !strcmp(name, "void")) {
		*type = PROBE_NO_TYPE;
		return 0;
	}
	if (!strcmp(keyword, "struct"))
		id = find_named(top(btf), name, structure, 1);
	else if (!strcmp(keyword, "union"))
		id = find_named(top(btf), name, union_, 1);
	else if (!strcmp(keyword, "enum"))
		id = find_named(top(btf), name, enumeration, 2);
	else
		id = find_named(top(btf), base_name(name), plain, 2);
	if (id < 0)
		return -ENOENT;
	*type = (uint64_t)id;
	return 0;
}

static bool find_in_enum(const struct probe_btf *btf, const struct btf_type *type,
			 const char *name, int64_t *value)
{
	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		if (btf_is_enum(type) &&
		    !strcmp(name_of(btf, btf_enum(type)[i].name_off), name)) {
			*value = btf_enum(type)[i].val;
			return true;
		}
		if (btf_is_enum64(type) &&
		    !strcmp(name_of(btf, btf_enum64(type)[i].name_off), name)) {
			*value = (int64_t)btf_enum64_value(&btf_enum64(type)[i]);
			return true;
		}
	}
	return false;
}

static int find_enumerator(const struct probe_types *types, const char *name, int64_t *value)
{
	const struct probe_btf *btf = own(types)->btf;
	uint32_t nr = btf ? btf__type_cnt(top(btf)) : 0;

	for (uint32_t id = 1; id < nr; id++) {
		const struct btf_type *type = type_of(btf, id);

		if (btf_is_any_enum(type) && find_in_enum(btf, type, name, value))
			return 0;
	}
	return -ENOENT;
}

/* ---- functions */

static int compare_functions(const void *a, const void *b, void *data)
{
	const struct probe_btf *btf = data;

	return strcmp(name_of(btf, type_of(btf, *(const uint32_t *)a)->name_off),
		      name_of(btf, type_of(btf, *(const uint32_t *)b)->name_off));
}

int probe_btf_index(struct probe_btf *btf)
{
	uint32_t nr = btf__type_cnt(btf->base);

	if (btf->function)
		return 0;
	btf->function = calloc(nr, sizeof(*btf->function));
	if (!btf->function)
		return -ENOMEM;
	for (uint32_t id = 1; id < nr; id++)
		if (btf_is_func(type_of(btf, id)))
			btf->function[btf->nr_function++] = id;
	qsort_r(btf->function, btf->nr_function, sizeof(*btf->function), compare_functions, btf);
	return 0;
}

static int find_function(const struct probe_btf *btf, const char *name)
{
	size_t low = 0, high = btf->nr_function;

	if (!btf->function || btf->module)
		return btf__find_by_name_kind(top(btf), name, BTF_KIND_FUNC);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t id = btf->function[middle];
		int order = strcmp(name, name_of(btf, type_of(btf, id)->name_off));

		if (!order)
			return (int)id;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -ENOENT;
}

static int find_proto(const struct probe_btf *btf, const char *function, uint32_t *proto)
{
	int id = find_function(btf, function);
	const struct btf_type *type;

	if (id < 0)
		return -ENOENT;
	type = type_of(btf, (uint64_t)id);
	*proto = type->type;
	type = type_of(btf, *proto);
	return type && btf_is_func_proto(type) ? 0 : -EINVAL;
}

/*
 * How many $argN an argument takes; 0: it is passed in memory, and so nothing behind it can be
 * counted on.  System V ABI and AAPCS64: up to two registers.
 */
static unsigned int nr_register(const struct probe_types *types, uint64_t id)
{
	struct probe_type type;

	if (probe_describe(types, id, &type) || type.kind == PROBE_FLOAT)
		return 0;
	if (type.kind != PROBE_COMPOSITE)
		return type.size_bytes > WORD_BYTES ? 2 : 1;
	if (!type.size_bytes || type.size_bytes > MAX_BY_VALUE)
		return 0;
	return (unsigned int)(type.size_bytes + WORD_BYTES - 1) / WORD_BYTES;
}

static int walk_arguments(const struct types_btf *self, probe_visit_variable *visit, void *data)
{
	const struct btf_type *proto = type_of(self->btf, self->proto);
	const struct btf_param *param = btf_params(proto);
	unsigned int number = 1;
	bool is_known = true;
	int err = 0;

	for (uint32_t i = 0; !err && i < btf_vlen(proto); i++) {
		struct probe_variable variable = {
			.name = name_of(self->btf, param[i].name_off), .type = param[i].type,
		};
		unsigned int nr = nr_register(&self->types, param[i].type);

		/* "..." */
		if (!param[i].type)
			break;
		is_known &= nr != 0;
		if (is_known)
			snprintf(variable.place.fetch, sizeof(variable.place.fetch), "$arg%u",
				 number);
		else
			snprintf(variable.place.why, sizeof(variable.place.why),
				 "a structure is passed in memory");
		number += nr;
		err = visit(data, &variable);
	}
	return err;
}

static int walk_variables(const struct probe_types *types, probe_visit_variable *visit, void *data)
{
	const struct types_btf *self = own(types);
	int err = 0;

	if (self->proto)
		return walk_arguments(self, visit, data);
	if (!self->variable)
		return -ENOTSUP;
	for (size_t i = 0; !err && i < self->nr_variable; i++)
		err = visit(data, &self->variable[i]);
	return err;
}

static int return_type(const struct probe_types *types, uint64_t *type)
{
	const struct types_btf *self = own(types);

	if (!self->proto)
		return -ENOENT;
	*type = type_of(self->btf, self->proto)->type;
	if (!*type)
		*type = PROBE_NO_TYPE;
	return 0;
}

static void close_types(struct probe_types *types)
{
	free(types);
}

static const struct probe_types_ops btf_ops = {
	.what = "BTF", .walk_variables = walk_variables, .return_type = return_type,
	.find_type = find_type, .describe = describe, .walk_members = walk_members,
	.find_enumerator = find_enumerator, .close = close_types,
};

static int new_types(const struct types_btf *from, struct probe_types **out)
{
	struct types_btf *self = malloc(sizeof(*self));

	if (!self)
		return -ENOMEM;
	*self = *from;
	self->types.ops = &btf_ops;
	*out = &self->types;
	return 0;
}

int probe_btf_function(const struct probe_btf *btf, const char *function,
		       struct probe_types **out)
{
	struct types_btf types = { .btf = btf };
	int err = find_proto(btf, function, &types.proto);

	return err ? err : new_types(&types, out);
}

int probe_btf_variables(const struct probe_btf *btf, const struct probe_variable *variable,
			size_t nr, struct probe_types **out)
{
	struct types_btf types = { .btf = btf, .variable = variable, .nr_variable = nr };

	return new_types(&types, out);
}

/* ---- signatures */

int probe_btf_signature(const struct probe_btf *btf, const char *function, char *text,
			size_t size)
{
	struct types_btf self = { .types = { &btf_ops }, .btf = btf };
	const struct btf_type *proto;
	char type[PROBE_TEXT_SIZE];
	size_t used = 0;
	int err = find_proto(btf, function, &self.proto);

	if (err)
		return err;
	proto = type_of(btf, self.proto);
	probe_type_text(&self.types, proto->type ? proto->type : PROBE_NO_TYPE, type,
			sizeof(type));
	used = (size_t)snprintf(text, size, "%s%s%s(", type, strchr(type, '*') ? "" : " ",
				function);
	for (uint32_t i = 0; i < btf_vlen(proto) && used < size; i++) {
		const struct btf_param *param = btf_params(proto) + i;

		probe_type_text(&self.types, param->type, type, sizeof(type));
		used += (size_t)snprintf(text + used, size - used, "%s%s%s%s", i ? ", " : "",
					 param->type ? type : "...",
					 !param->type || strchr(type, '*') ? "" : " ",
					 name_of(btf, param->name_off));
	}
	if (used < size)
		snprintf(text + used, size - used, "%s)", btf_vlen(proto) ? "" : "void");
	return 0;
}
