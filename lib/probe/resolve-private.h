/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resolve-private.h - what the parts of the resolver share
 */
#ifndef PROBE_RESOLVE_PRIVATE_H
#define PROBE_RESOLVE_PRIVATE_H

#include "resolve.h"

#define PROBE_MAX_SHOWN	10	/* members of a larger structure: no more are listed */

enum value_where {
	IS_VALUE,	/* @base is the value */
	IN_MEMORY,	/* it is stored at the address @base + @offset */
	IS_ADDRESS,	/* it is the address @base + @offset */
};

/**
 * struct value - a value on the way
 * @type: its type, as C sees it: of an array that is IN_MEMORY the array's
 * @size_bits, @shift_bits: of a bit field, behind @offset
 * @nr: elements of a range of it, 0: it is no range
 * @name: of the last variable or member
 */
struct value {
	enum value_where where;
	char base[PROBE_FETCH_SIZE];
	int64_t offset;
	uint64_t type;
	uint32_t size_bits;
	uint32_t shift_bits;
	uint64_t nr;
	const char *name;
	bool from_entry;
};

/* The value's own address or, of a pointer, what it points to: what is behind "->" or "*". */
int value_follow(const struct probe_resolver *resolver, const struct spec_expr *expr,
		 struct value *value);
/* "+8(base)", which reads a word there.  Return: 0; -EINVAL it gets too long. */
int value_load(const struct probe_resolver *resolver, unsigned int column, struct value *value);

/* resolve-type.c: the last step, to a field with its type. */
int value_store(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		struct value *value, struct probe_field *out);

/* resolve-name.c: what names mean, and what to say when they mean nothing. */
int resolve_variable(const struct probe_resolver *resolver, const struct spec_expr *expr,
		     struct value *value, char *how);
int resolve_member(const struct probe_resolver *resolver, const struct spec_expr *expr,
		   struct value *value, char *how);

#endif /* PROBE_RESOLVE_PRIVATE_H */
