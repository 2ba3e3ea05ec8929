/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * types.h - what the type information of a kernel (BTF), an event (its format) and a program
 * (DWARF) have in common
 *
 * A provider answers questions; resolve.c puts them together: a name, then member after member.  A
 * type is a number that only its provider understands.  Names that it yields live as long as it.
 */
#ifndef PROBE_TYPES_H
#define PROBE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROBE_NO_TYPE	UINT64_MAX	/* nothing is known of it */
#define PROBE_TEXT_SIZE	128

/*
 * Plain integers that need no provider: of a kernel's event we know no more of a field than its
 * size and sign.  Numbers of providers are below PROBE_POINTER_TO.
 */
#define PROBE_PLAIN		(UINT64_C(1) << 62)
#define PROBE_POINTER_TO	(UINT64_C(1) << 56)	/* added once for each star */
#define PROBE_PLAIN_SIGNED	(UINT64_C(1) << 8)
#define PROBE_PLAIN_TEXT	(UINT64_C(1) << 9)	/* a string, which the kernel has to find */
#define PROBE_PLAIN_VOID	(UINT64_C(1) << 10)

enum probe_kind {
	PROBE_VOID,		/* also functions, and what is declared and nowhere defined */
	PROBE_INT,		/* _Bool, char and enumerations included */
	PROBE_POINTER,
	PROBE_COMPOSITE,	/* struct, union, class */
	PROBE_ARRAY,
	PROBE_FLOAT,		/* the kernel cannot show it */
};

/**
 * struct probe_type - a type, behind typedefs and qualifiers
 * @size_bytes: 0 when it is not known
 * @is_char: an int of one byte that is meant as text
 * @target: what a PROBE_POINTER points to, what a PROBE_ARRAY consists of
 * @nr_element: of PROBE_ARRAY; 0: not known (a member at the end)
 * @name: as it is written: of typedefs the outermost name, as "__be16"; "" for none
 * @tag: of PROBE_COMPOSITE behind typedefs: "sk_buff"; "" for none
 */
struct probe_type {
	enum probe_kind kind;
	uint64_t size_bytes;
	bool is_signed;
	bool is_char;
	uint64_t target;
	uint64_t nr_element;
	const char *name;
	const char *tag;
};

/**
 * struct probe_member - a member of a composite
 * @offset_bits: from its start, those of unnamed structures around it included
 * @size_bits: of a bit field its width, else 0
 */
struct probe_member {
	const char *name;
	uint64_t type;
	uint64_t offset_bits;
	uint32_t size_bits;
};

/**
 * struct probe_place - where a variable is when the probe hits
 * @fetch: in the kernel's words: "$arg3", "%di", "%sp"; "" when it is nowhere
 * @is_memory: it is stored at the address @fetch + @offset; else @fetch is its value
 * @why: of a variable that is nowhere: a few words
 */
struct probe_place {
	char fetch[PROBE_TEXT_SIZE];
	bool is_memory;
	int64_t offset;
	char why[PROBE_TEXT_SIZE];
};

/* A variable: an argument, a field of an event or, with @is_local, one that a function has. */
struct probe_variable {
	const char *name;
	uint64_t type;
	bool is_local;
	struct probe_place place;
};

struct probe_types;

/* Something else than 0 ends the walk, which returns it. */
typedef int probe_visit_variable(void *data, const struct probe_variable *variable);
typedef int probe_visit_member(void *data, const struct probe_member *member);

/**
 * struct probe_types_ops - a provider
 * @what: "BTF", "DWARF", "fields", for messages
 *
 * All return 0 or -errno: -ENOENT there is none of that name, -ENOTSUP it cannot be told, -ENOMEM.
 */
struct probe_types_ops {
	const char *what;
	/* The function (or event) that the provider was opened for: its arguments, in order. */
	int (*walk_variables)(const struct probe_types *types, probe_visit_variable *visit,
			      void *data);
	/* The type of its return value; PROBE_NO_TYPE: none. */
	int (*return_type)(const struct probe_types *types, uint64_t *type);
	/* @keyword: "struct", "union", "enum", or "" for a typedef or a base type. */
	int (*find_type)(const struct probe_types *types, const char *keyword, const char *name,
			 uint64_t *type);
	/* Neither PROBE_NO_TYPE nor plain ones: call probe_describe(). */
	int (*describe)(const struct probe_types *types, uint64_t type, struct probe_type *out);
	/*
	 * Members in order, with those of unnamed structures and unions in their place.  @type is
	 * a PROBE_COMPOSITE.
	 */
	int (*walk_members)(const struct probe_types *types, uint64_t type,
			    probe_visit_member *visit, void *data);
	/* The value of an enumerator.  May be NULL. */
	int (*find_enumerator)(const struct probe_types *types, const char *name, int64_t *value);
	void (*close)(struct probe_types *types);
};

/* A provider's own struct begins with it. */
struct probe_types {
	const struct probe_types_ops *ops;
};

static inline void probe_types_close(struct probe_types *types)
{
	if (types)
		types->ops->close(types);
}

/* Of any type; @types may be NULL for PROBE_NO_TYPE (which is void) and plain ones. */
int probe_describe(const struct probe_types *types, uint64_t type, struct probe_type *out);

/* A type that points to @type, as casts and the operator & make them. */
uint64_t probe_pointer_to(uint64_t type);
/* "u32", "int", "char": those that are the same everywhere.  Return: 0 or -ENOENT. */
int probe_plain_type(const char *name, uint64_t *type);

/* "struct sk_buff *", "u8[16]", for messages and signatures.  Return: @text. */
const char *probe_type_text(const struct probe_types *types, uint64_t type, char *text,
			    size_t size);

#endif /* PROBE_TYPES_H */
