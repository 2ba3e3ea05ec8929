// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * types-dwarf.c - DWARF 4 and 5 -> the types of a program
 *
 * A type is a number that is given out when the type is first met: a DIE may come from another
 * file (dwz) or section (type units), so its offset would not tell which.  The number of an array
 * has in its low byte how many of its dimensions are taken away.
 */
#include <dwarf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dwarf-private.h"

#define DIMENSION_BITS	8
#define MAX_DIMENSION	((1 << DIMENSION_BITS) - 1)
#define MAX_PEEL	64	/* typedefs of typedefs: a damaged file may have a ring of them */
#define MAX_NESTED	16
#define POINTER_BYTES	8

static const struct dwarf_types *types_of(const struct probe_types *base)
{
	return (const struct dwarf_types *)base;
}

/* ---- numbers */

static uint64_t number_of(const struct dwarf_types *const_types, const Dwarf_Die *die)
{
	/* What is met becomes known: no answer of before changes by it. */
	struct dwarf_types *types = (struct dwarf_types *)const_types;

	for (size_t i = types->nr_die; i--;)
		if (types->die[i].addr == die->addr)
			return (uint64_t)i << DIMENSION_BITS;
	if (types->nr_die == types->room) {
		size_t room = types->room ? 2 * types->room : 64;
		Dwarf_Die *more = reallocarray(types->die, room, sizeof(*more));

		if (!more)
			return PROBE_NO_TYPE;
		types->die = more;
		types->room = room;
	}
	types->die[types->nr_die] = *die;
	return (uint64_t)types->nr_die++ << DIMENSION_BITS;
}

static bool die_of(const struct dwarf_types *types, uint64_t type, Dwarf_Die *die)
{
	if (type >> DIMENSION_BITS >= types->nr_die)
		return false;
	*die = types->die[type >> DIMENSION_BITS];
	return true;
}

static bool follow_type(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attr;

	return dwarf_attr_integrate(die, DW_AT_type, &attr) && dwarf_formref_die(&attr, type);
}

uint64_t dwarf_type_of(const struct dwarf_types *types, Dwarf_Die *die)
{
	Dwarf_Die type;

	return follow_type(die, &type) ? number_of(types, &type) : PROBE_NO_TYPE;
}

/* ---- names */

static bool has_tag(Dwarf_Die *die, const char *keyword)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
		return !strcmp(keyword, "struct");
	case DW_TAG_union_type:
		return !strcmp(keyword, "union");
	case DW_TAG_enumeration_type:
		return !strcmp(keyword, "enum");
	case DW_TAG_typedef:
	case DW_TAG_base_type:
		return !*keyword;
	default:
		return false;
	}
}

static bool is_declaration(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	bool flag = false;

	return dwarf_attr(die, DW_AT_declaration, &attr) && !dwarf_formflag(&attr, &flag) && flag;
}

/* What has a unit of its own (-fdebug-types-section) is only referred to here. */
static void follow_signature(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Die whole;

	if (dwarf_attr(die, DW_AT_signature, &attr) && dwarf_formref_die(&attr, &whole))
		*die = whole;
}

static bool find_in(Dwarf_Die *unit, const char *keyword, const char *name, Dwarf_Die *found)
{
	int more = dwarf_child(unit, found);

	for (; !more; more = dwarf_siblingof(found, found)) {
		const char *its = has_tag(found, keyword) ? dwarf_diename(found) : NULL;

		if (its && !strcmp(its, name) && !is_declaration(found))
			return true;
	}
	return false;
}

bool dwarf_next(Dwarf *dwarf, Dwarf_CU **cu, Dwarf_Die *unit)
{
	Dwarf_Die split;
	uint8_t type;

	if (dwarf_get_units(dwarf, *cu, cu, NULL, &type, unit, &split))
		return false;
	/* The rest of it is in a .dwo file; libdw has looked for that. */
	if (type == DW_UT_skeleton && split.addr)
		*unit = split;
	return true;
}

/* In the function's own unit, then in all others, those of single types included. */
static bool find_die(const struct dwarf_types *types, const char *keyword, const char *name,
		     Dwarf_Die *found)
{
	Dwarf_Die own = types->unit, unit;
	Dwarf_CU *cu = NULL;

	if (find_in(&own, keyword, name, found))
		return true;
	while (dwarf_next(types->dwarf, &cu, &unit))
		if (find_in(&unit, keyword, name, found))
			return true;
	return false;
}

static int find_type(const struct probe_types *base, const char *keyword, const char *name,
		     uint64_t *type)
{
	Dwarf_Die found;

	if (!find_die(types_of(base), keyword, name, &found))
		return -ENOENT;
	*type = number_of(types_of(base), &found);
	return *type == PROBE_NO_TYPE ? -ENOMEM : 0;
}

/* ---- descriptions */

static bool is_qualifier(int tag)
{
	return tag == DW_TAG_const_type || tag == DW_TAG_volatile_type ||
	       tag == DW_TAG_restrict_type || tag == DW_TAG_atomic_type ||
	       tag == DW_TAG_packed_type || tag == DW_TAG_shared_type ||
	       tag == DW_TAG_immutable_type;
}

/* Takes typedefs and qualifiers off.  Return: false: what is behind them is void. */
static bool peel(Dwarf_Die *die, const char **name)
{
	for (int i = 0; i < MAX_PEEL; i++) {
		int tag = dwarf_tag(die);

		if (tag == DW_TAG_typedef && !**name && dwarf_diename(die))
			*name = dwarf_diename(die);
		if (tag != DW_TAG_typedef && !is_qualifier(tag)) {
			follow_signature(die);
			return true;
		}
		if (!follow_type(die, die))
			return false;
	}
	return false;
}

static uint64_t size_of(Dwarf_Die *die)
{
	Dwarf_Word size;

	return dwarf_aggregate_size(die, &size) ? 0 : size;
}

static void describe_base(Dwarf_Die *die, struct probe_type *out)
{
	Dwarf_Attribute attr;
	Dwarf_Word encoding = 0;
	const char *name = dwarf_diename(die);

	if (dwarf_attr_integrate(die, DW_AT_encoding, &attr))
		dwarf_formudata(&attr, &encoding);
	out->kind = PROBE_INT;
	switch (encoding) {
	case DW_ATE_signed:
	case DW_ATE_signed_char:
		out->is_signed = true;
		break;
	case DW_ATE_boolean:
	case DW_ATE_unsigned:
	case DW_ATE_unsigned_char:
	case DW_ATE_address:
	case DW_ATE_UTF:
		break;
	default:
		out->kind = PROBE_FLOAT;
	}
	out->is_char = out->size_bytes == 1 && name && !strcmp(name, "char");
}

static void describe_enum(Dwarf_Die *die, struct probe_type *out)
{
	struct probe_type integer = { 0 };
	const char *ignored = "";
	Dwarf_Die type;

	out->kind = PROBE_INT;
	if (!follow_type(die, &type) || !peel(&type, &ignored))
		return;
	describe_base(&type, &integer);
	out->is_signed = integer.is_signed;
}

/* How many elements the next dimensions have; 0: one of them is open. */
static uint64_t count_elements(Dwarf_Die *die, unsigned int skip, uint64_t *first)
{
	uint64_t product = 1, nr = 0;
	Dwarf_Die range;

	*first = 0;
	if (dwarf_child(die, &range))
		return 0;
	do {
		Dwarf_Attribute attr;
		Dwarf_Word value = 0;

		if (dwarf_tag(&range) != DW_TAG_subrange_type || nr++ < skip)
			continue;
		if (dwarf_attr_integrate(&range, DW_AT_count, &attr))
			dwarf_formudata(&attr, &value);
		else if (dwarf_attr_integrate(&range, DW_AT_upper_bound, &attr) &&
			 !dwarf_formudata(&attr, &value))
			value++;
		if (nr == skip + 1)
			*first = value;
		if (__builtin_mul_overflow(product, value, &product))
			product = 0;
	} while (!dwarf_siblingof(&range, &range));
	return product;
}

static unsigned int count_dimensions(Dwarf_Die *die)
{
	unsigned int nr = 0;
	Dwarf_Die range;

	if (dwarf_child(die, &range))
		return 0;
	do
		nr += dwarf_tag(&range) == DW_TAG_subrange_type;
	while (!dwarf_siblingof(&range, &range));
	return nr;
}

static void describe_array(const struct dwarf_types *types, uint64_t number, Dwarf_Die *die,
			   struct probe_type *out)
{
	unsigned int skip = number & MAX_DIMENSION;
	uint64_t all = count_elements(die, skip, &out->nr_element);
	struct probe_type element;
	Dwarf_Die type;

	out->kind = PROBE_ARRAY;
	out->size_bytes = 0;
	out->target = PROBE_NO_TYPE;
	if (!follow_type(die, &type))
		return;
	out->target = number_of(types, &type);
	if (out->target == PROBE_NO_TYPE ||
	    types->base.ops->describe(&types->base, out->target, &element))
		return;
	if (__builtin_mul_overflow(element.size_bytes, all, &out->size_bytes))
		out->size_bytes = 0;
	if (skip + 1 < count_dimensions(die) && skip + 1 < MAX_DIMENSION)
		out->target = number + 1;
}

/* What is only declared here may be defined in another unit. */
static void describe_composite(const struct dwarf_types *types, Dwarf_Die *die,
			       struct probe_type *out)
{
	const char *tag = dwarf_diename(die);
	Dwarf_Die found;

	out->kind = PROBE_COMPOSITE;
	out->tag = tag ? tag : "";
	if (!is_declaration(die))
		return;
	if (tag && find_die(types, dwarf_tag(die) == DW_TAG_union_type ? "union" : "struct", tag,
			    &found))
		out->size_bytes = size_of(&found);
	else
		out->kind = PROBE_VOID;
}

static int describe(const struct probe_types *base, uint64_t type, struct probe_type *out)
{
	const struct dwarf_types *types = types_of(base);
	const char *name = "";
	Dwarf_Die die;

	*out = (struct probe_type){ .name = "", .tag = "", .target = PROBE_NO_TYPE };
	if (!die_of(types, type, &die))
		return -ENOENT;
	if (!peel(&die, &name)) {
		out->name = name;
		return 0;
	}
	out->size_bytes = size_of(&die);
	switch (dwarf_tag(&die)) {
	case DW_TAG_base_type:
		describe_base(&die, out);
		break;
	case DW_TAG_enumeration_type:
		describe_enum(&die, out);
		break;
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		out->kind = PROBE_POINTER;
		out->size_bytes = POINTER_BYTES;
		out->target = dwarf_type_of(types, &die);
		break;
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
		describe_composite(types, &die, out);
		break;
	case DW_TAG_array_type:
		describe_array(types, type, &die, out);
		break;
	}
	if (!*name && dwarf_diename(&die))
		name = dwarf_diename(&die);
	out->name = name;
	return 0;
}

/* ---- members */

/* @base_bits: of the unnamed structure or base class that is walked, in the one asked for. */
struct member_walk {
	const struct dwarf_types *types;
	probe_visit_member *visit;
	void *data;
	uint64_t base_bits;
	unsigned int depth;
};

static bool read_number(Dwarf_Die *die, unsigned int name, uint64_t *value)
{
	Dwarf_Attribute attr;
	Dwarf_Word word;

	if (!dwarf_attr_integrate(die, name, &attr) || dwarf_formudata(&attr, &word))
		return false;
	*value = word;
	return true;
}

/* DW_AT_data_member_location may be an expression: "the address plus so much". */
static uint64_t member_bytes(Dwarf_Die *member)
{
	Dwarf_Attribute attr;
	uint64_t bytes = 0;
	Dwarf_Op *op;
	size_t nr;

	if (read_number(member, DW_AT_data_member_location, &bytes))
		return bytes;
	if (dwarf_attr_integrate(member, DW_AT_data_member_location, &attr) &&
	    !dwarf_getlocation(&attr, &op, &nr) && nr == 1 && op->atom == DW_OP_plus_uconst)
		return op->number;
	return 0;
}

/*
 * DWARF 4 (section 5.5.6) counts from the start of the structure; before it was from the high end
 * of the storage unit, which on little-endian machines is behind the field.
 */
static void member_place(Dwarf_Die *die, uint64_t type_bytes, struct probe_member *member)
{
	uint64_t from_high, storage_bytes = type_bytes, bits = 0, size_bits = 0;

	if (read_number(die, DW_AT_bit_size, &size_bits))
		member->size_bits = (uint32_t)size_bits;
	if (read_number(die, DW_AT_data_bit_offset, &bits)) {
		member->offset_bits += bits;
		return;
	}
	member->offset_bits += 8 * member_bytes(die);
	if (!read_number(die, DW_AT_bit_offset, &from_high))
		return;
	read_number(die, DW_AT_byte_size, &storage_bytes);
	member->offset_bits += 8 * storage_bytes - from_high - size_bits;
}

static int walk_composite(const struct member_walk *walk, Dwarf_Die *composite);

/* Members of a base class or of an unnamed structure count as the structure's own. */
static int walk_inner(const struct member_walk *walk, Dwarf_Die *die, bool *is_inner)
{
	struct member_walk inner = *walk;
	const char *ignored = "";
	Dwarf_Die type;
	int tag;

	*is_inner = false;
	if (walk->depth == MAX_NESTED || !follow_type(die, &type) || !peel(&type, &ignored))
		return 0;
	tag = dwarf_tag(&type);
	if (tag != DW_TAG_structure_type && tag != DW_TAG_union_type && tag != DW_TAG_class_type)
		return 0;
	*is_inner = true;
	inner.base_bits += 8 * member_bytes(die);
	inner.depth++;
	return walk_composite(&inner, &type);
}

static int visit_member(const struct member_walk *walk, Dwarf_Die *die)
{
	struct probe_member member = { .name = dwarf_diename(die),
				       .offset_bits = walk->base_bits };
	struct probe_type about = { 0 };
	bool is_inner = false;
	int err;

	if (dwarf_tag(die) == DW_TAG_inheritance)
		return walk_inner(walk, die, &is_inner);
	/* A static member of a class is no part of its objects. */
	if (dwarf_tag(die) != DW_TAG_member || is_declaration(die))
		return 0;
	if (!member.name) {
		err = walk_inner(walk, die, &is_inner);
		if (err || is_inner)
			return err;
		member.name = "";
	}
	member.type = dwarf_type_of(walk->types, die);
	if (member.type != PROBE_NO_TYPE)
		describe(&walk->types->base, member.type, &about);
	member_place(die, about.size_bytes, &member);
	return *member.name ? walk->visit(walk->data, &member) : 0;
}

static int walk_composite(const struct member_walk *walk, Dwarf_Die *composite)
{
	int err = 0, more;
	Dwarf_Die die;

	more = dwarf_child(composite, &die);
	for (; !more && !err; more = dwarf_siblingof(&die, &die))
		err = visit_member(walk, &die);
	return err;
}

static int walk_members(const struct probe_types *base, uint64_t type, probe_visit_member *visit,
			void *data)
{
	struct member_walk walk = { types_of(base), visit, data, 0, 0 };
	const char *ignored = "", *tag;
	Dwarf_Die die;

	if (!die_of(walk.types, type, &die) || !peel(&die, &ignored))
		return -ENOENT;
	tag = dwarf_diename(&die);
	if (is_declaration(&die) &&
	    (!tag || !find_die(walk.types, dwarf_tag(&die) == DW_TAG_union_type ? "union" :
			       "struct", tag, &die)))
		return -ENOENT;
	return walk_composite(&walk, &die);
}

/* ---- the rest */

static int return_type(const struct probe_types *base, uint64_t *type)
{
	const struct dwarf_types *types = types_of(base);
	Dwarf_Die function = types->function;

	*type = dwarf_type_of(types, &function);
	return 0;
}

static bool find_value(Dwarf_Die *enumeration, const char *name, int64_t *value)
{
	Dwarf_Die die;
	int more = dwarf_child(enumeration, &die);

	for (; !more; more = dwarf_siblingof(&die, &die)) {
		const char *its = dwarf_diename(&die);
		Dwarf_Attribute attr;
		Dwarf_Sword number;

		if (!its || strcmp(its, name) || !dwarf_attr(&die, DW_AT_const_value, &attr) ||
		    dwarf_formsdata(&attr, &number))
			continue;
		*value = number;
		return true;
	}
	return false;
}

static bool find_value_in(Dwarf_Die *unit, const char *name, int64_t *value)
{
	Dwarf_Die die;
	int more = dwarf_child(unit, &die);

	for (; !more; more = dwarf_siblingof(&die, &die))
		if (dwarf_tag(&die) == DW_TAG_enumeration_type && find_value(&die, name, value))
			return true;
	return false;
}

static int find_enumerator(const struct probe_types *base, const char *name, int64_t *value)
{
	const struct dwarf_types *types = types_of(base);
	Dwarf_Die own = types->unit, unit;
	Dwarf_CU *cu = NULL;

	if (find_value_in(&own, name, value))
		return 0;
	while (dwarf_next(types->dwarf, &cu, &unit))
		if (find_value_in(&unit, name, value))
			return 0;
	return -ENOENT;
}

static void close_types(struct probe_types *base)
{
	struct dwarf_types *types = (struct dwarf_types *)base;

	free(types->die);
	free(types);
}

const struct probe_types_ops dwarf_ops = {
	.what = "DWARF",
	.walk_variables = dwarf_walk_variables,
	.return_type = return_type,
	.find_type = find_type,
	.describe = describe,
	.walk_members = walk_members,
	.find_enumerator = find_enumerator,
	.close = close_types,
};
