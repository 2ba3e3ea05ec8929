/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spec.h - what the user wrote of a probe, as a tree
 *
 *	SPEC    [NAME=]PLACE [FETCH ...] [if CONDITION]
 *
 *	FUNC  FUNC+OFFSET  FUNC%return			a function of the kernel
 *	SYSTEM:EVENT  MODULE:FUNC  LIBRARY:FUNC		which of them, the resolver finds out
 *	/PATH:FUNC  "PATH":FUNC  pid N:FUNC		a function of a program
 *
 *	tcp_v4_rcv  skb->len  port=skb->sk->__sk_common.skc_dport:be16  if port == 80
 *
 * The parser knows nothing of kernels and types.  Each part has the column in which it stands, the
 * first byte is 1, so that whoever finds it wrong can say where.
 */
#ifndef PROBE_SPEC_H
#define PROBE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trail_error;

/* @text: NULL, there is none. */
struct spec_word {
	char *text;
	unsigned int column;
};

enum spec_target {
	SPEC_KERNEL,		/* FUNC */
	SPEC_NAMED,		/* NAME:FUNC, @object: a system of events, module or library */
	SPEC_FILE,		/* PATH:FUNC, @object is the path */
	SPEC_PID,		/* pid N:FUNC, @object is the number */
};

enum spec_expr_kind {
	SPEC_NAME,		/* @name: an argument, a field of the event, a variable */
	SPEC_DOLLAR,		/* $@name: retval, arg1, comm, stack, stack2 */
	SPEC_REGISTER,		/* %@name */
	SPEC_SYMBOL,		/* @@name: what is stored at that symbol of the kernel */
	SPEC_NUMBER,		/* @from: an address, for casts */
	SPEC_DEREF,		/* *@of */
	SPEC_ADDRESS,		/* &@of */
	SPEC_MEMBER,		/* @of.@name */
	SPEC_ARROW,		/* @of->@name */
	SPEC_INDEX,		/* @of[@from] */
	SPEC_RANGE,		/* @of[@from..@to]: elements from @from up to, not including, @to */
	SPEC_CAST,		/* (@keyword @name @nr_star)@of */
};

enum spec_keyword { SPEC_NO_KEYWORD, SPEC_STRUCT, SPEC_UNION, SPEC_ENUM };

/**
 * struct spec_expr - an expression, as C has it
 * @column: where it is to be pointed at: of a member the member's name
 * @name: see the kinds; of SPEC_CAST the type's name, several words with one blank between
 * @keyword, @nr_star: of SPEC_CAST
 * @of: what it is applied to
 */
struct spec_expr {
	enum spec_expr_kind kind;
	unsigned int column;
	char *name;
	enum spec_keyword keyword;
	unsigned int nr_star;
	uint64_t from;
	uint64_t to;
	struct spec_expr *of;
};

/**
 * struct spec_fetch - a value that is to be recorded
 * @name: as the user wants it called
 * @type: behind the colon: "u32", "be16", "string", "hex" ...
 * @nr_type: TYPE[N], 0: no array
 */
struct spec_fetch {
	unsigned int column;
	struct spec_word name;
	struct spec_expr *expr;
	struct spec_word type;
	uint64_t nr_type;
};

enum spec_cond_kind { SPEC_AND, SPEC_OR, SPEC_NOT, SPEC_RELATION };

enum spec_operator {
	SPEC_EQ, SPEC_NE, SPEC_LT, SPEC_LE, SPEC_GT, SPEC_GE,
	SPEC_BITS,		/* has one of these bits */
	SPEC_GLOB,		/* =~, of strings */
};

enum spec_value_kind { SPEC_VALUE_NUMBER, SPEC_VALUE_STRING, SPEC_VALUE_NAME };

/**
 * struct spec_cond - a condition
 * @column: of the operator
 * @left: of SPEC_AND, SPEC_OR, SPEC_NOT
 * @right: of SPEC_AND, SPEC_OR
 * @operand: of SPEC_RELATION: the name of a field, or an expression that is fetched for it
 * @operator, @value_kind: of SPEC_RELATION
 * @number: the value; of a negative one its two's complement; of 10.0.0.1 0x0a000001
 * @is_negative: a minus stands before it
 * @string: a string without its quotes, or a name (of an enumerator)
 * @value_column: of the value
 */
struct spec_cond {
	enum spec_cond_kind kind;
	unsigned int column;
	struct spec_cond *left;
	struct spec_cond *right;
	struct spec_expr *operand;
	enum spec_operator operator;
	enum spec_value_kind value_kind;
	uint64_t number;
	bool is_negative;
	char *string;
	unsigned int value_column;
};

/**
 * struct spec - a probe
 * @text: all of it
 * @name: NULL: to be made from @symbol
 * @object: see enum spec_target
 * @symbol: function or event; with @is_address a number "0x1234" in a file
 * @offset: FUNC+OFFSET, in bytes
 * @place_column: of "+OFFSET" or "%return"
 * @fetch: @nr_fetch
 * @cond: NULL: always
 */
struct spec {
	char *text;
	struct spec_word name;
	enum spec_target target;
	struct spec_word object;
	struct spec_word symbol;
	bool is_address;
	uint64_t offset;
	bool is_return;
	unsigned int place_column;
	struct spec_fetch *fetch;
	size_t nr_fetch;
	struct spec_cond *cond;
};

/*
 * Return: 0; -EINVAL with text, hint and column in @error; -ENOMEM.
 */
int spec_parse(const char *text, struct spec **out, struct trail_error *error);
void spec_free(struct spec *spec);

/* Are both the same, but for where they stand? */
bool spec_same_expr(const struct spec_expr *a, const struct spec_expr *b);

/* Fills @error.  @column: 0 for no place; @hint may be NULL.  Return: -EINVAL. */
int spec_fail(struct trail_error *error, unsigned int column, const char *hint,
	      const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif /* PROBE_SPEC_H */
