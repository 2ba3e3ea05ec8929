/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * where.h - the parts of --where: tokens, fields, values, the compiled program
 *
 *	text -> tokens (where-lex.c) -> program (where-parse.c, where-value.c) -> yes or no
 *
 * where-field.c knows what a packet has, where-eval.c runs the program.
 */
#ifndef WHERE_H
#define WHERE_H

#include "expression.h"

/* Parentheses in parentheses; bounds the parser's recursion and the program's stack. */
#define WHERE_MAX_DEPTH	64
/* Each level has at most an operand of `or` and one of `and` waiting, and its own value. */
#define WHERE_STACK	(2 * (WHERE_MAX_DEPTH + 1) + 1)

/* ------------------------------------------------------------------ tokens */

enum where_token_kind {
	WHERE_END,
	WHERE_WORD,
	WHERE_STRING,		/* in quotes */
	WHERE_OPERATOR,
	WHERE_OPEN,
	WHERE_CLOSE,
	WHERE_AND,
	WHERE_OR,
	WHERE_NOT,
};

enum where_operator {
	WHERE_EQ, WHERE_NE, WHERE_LT, WHERE_LE, WHERE_GT, WHERE_GE, WHERE_GLOB,
	WHERE_KNOWN,		/* known(FIELD) */
	WHERE_NR_OPERATOR
};

/**
 * struct where_token - a piece of the expression
 * @at: first character; of a string, its opening quote
 * @len: bytes, the quotes of a string included
 * @operator: of WHERE_OPERATOR, enum where_operator
 */
struct where_token {
	enum where_token_kind kind;
	enum where_operator operator;
	const char *at;
	size_t len;
};

/**
 * where_next - the token at @at or behind the blanks there
 * @expr: where the expression begins, for the place of an error
 * Return: 0 or -EINVAL with @error.
 */
int where_next(const char *expr, const char *at, struct where_token *token,
	       struct trail_error *error);
/* Writes what the token says to @to (at most @token->len + 1 bytes): a string without quotes. */
size_t where_token_text(const struct where_token *token, char *to);

/* ------------------------------------------------------------------ fields */

enum where_type {
	WHERE_TIME,
	WHERE_BYTES,
	WHERE_NUMBER,
	WHERE_TEXT,
	WHERE_NAME,		/* one of a list of names */
	WHERE_ADDRESS,
};

#define WHERE_LOCATION	512

/**
 * struct where_value - one value of a field of a packet
 * @number: of times, bytes, numbers and names
 * @address: of addresses; @family 4 or 6
 * @text: of texts, valid as long as the packet and this struct
 */
struct where_value {
	int64_t number;
	const uint8_t *address;
	const char *text;
	uint8_t family;
	char buf[WHERE_LOCATION];
};

enum where_found {
	WHERE_VALUE,
	WHERE_UNKNOWN,		/* no value here, but maybe further on */
	WHERE_NO_MORE,
};

/**
 * struct where_field - something that a packet has
 * @ordered: names that can be compared with < and >
 * @never_unknown: having no value is an answer as well
 * @numbers: names that may also be given as numbers
 * @arg: handed to @get
 * @get: value @i of the field
 * @name: the names of WHERE_NAME: @i-th, with its number; NULL behind the last
 */
struct where_field {
	const char *name;
	enum where_type type;
	bool ordered;
	bool never_unknown;
	bool numbers;
	unsigned int arg;
	enum where_found (*get)(const struct trail_packet *packet, unsigned int arg, size_t i,
				struct where_value *value);
	const char *(*names)(size_t i, int64_t *number);
};

/* Ends with one that has no name. */
extern const struct where_field where_field[];

/* Return: the field of this name, or NULL. */
const struct where_field *where_find(const char *name, size_t len);
/* stage(NAME), by stage; name is that of the stage, or of a part of one. */
const struct where_field *where_find_stage(const char *name, size_t len);
void where_near_stage(struct near *near);

/* ------------------------------------------------------------------ programs */

/**
 * struct where_test - one comparison
 * @text: constant of texts and globs, in the program's text
 * @family, @prefix, @address: constant of addresses
 */
struct where_test {
	const struct where_field *field;
	const char *text;
	int64_t number;
	uint8_t operator;	/* enum where_operator */
	uint8_t family;
	uint8_t prefix;
	uint8_t address[16];
};

/* Instructions for a machine with a stack of answers. */
enum where_code {
	WHERE_DO_TEST,		/* push the answer of test @arg */
	WHERE_DO_NOT,
	WHERE_DO_AND,
	WHERE_DO_OR,
	WHERE_SKIP_FALSE,	/* to instruction @arg when the top is no */
	WHERE_SKIP_TRUE,	/* ... when it is yes */
};

struct where_op {
	uint32_t code;		/* enum where_code */
	uint32_t arg;
};

struct trail_where {
	struct where_test *test;
	struct where_op *op;
	char *text;		/* constants, each with its NUL */
	size_t nr_text;
	uint32_t nr_test;
	uint32_t cap_test;
	uint32_t nr_op;
	uint32_t cap_op;
};

/**
 * where_constant - the constant of a comparison
 * @test: field and operator are set; filled with the constant
 * @text: what the token says, valid as long as the program
 * @offset: of the token in the expression
 * Return: 0 or -EINVAL with @error.
 */
int where_constant(struct where_test *test, const struct where_token *token, const char *text,
		   size_t offset, struct trail_error *error);

#endif /* WHERE_H */
