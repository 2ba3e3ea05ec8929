// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * where-parse.c - the text of --where -> a program
 *
 *	any	= all { ("or" | "||") all }
 *	all	= one { ("and" | "&&") one }
 *	one	= { "not" | "!" } ( "(" any ")" | "known" "(" field ")" | field operator constant )
 *	field	= NAME | "stage" "(" NAME ")"
 *
 * By recursive descent, of bounded depth; each rule leaves the answer of its part on the stack of
 * the program.
 */
#include <errno.h>
#include <stdlib.h>

#include "where.h"

/**
 * struct parser - an expression under way
 * @token: the next one
 * @depth: parentheses that are open
 */
struct parser {
	const char *expr;
	struct trail_where *where;
	struct trail_error *error;
	struct where_token token;
	unsigned int depth;
};

/* ------------------------------------------------------------------ tokens */

static size_t offset_of(const struct parser *parser)
{
	return (size_t)(parser->token.at - parser->expr);
}

static int advance(struct parser *parser)
{
	return where_next(parser->expr, parser->token.at + parser->token.len, &parser->token,
			  parser->error);
}

static bool is_word(const struct where_token *token, const char *word)
{
	return token->kind == WHERE_WORD && token->len == strlen(word) &&
	       !strncmp(token->at, word, token->len);
}

/* "'abc'", or the end: @what is missing there. */
static int missing(struct parser *parser, const char *what)
{
	const struct where_token *token = &parser->token;
	int len = token->len > 60 ? 60 : (int)token->len;

	if (token->kind == WHERE_END)
		return select_fail(parser->error, offset_of(parser), "%s is missing at the end",
				   what);
	return select_fail(parser->error, offset_of(parser), "%s is missing before '%.*s'", what,
			   len, token->at);
}

/* ------------------------------------------------------------------ the program */

static int emit(struct parser *parser, enum where_code code, uint32_t arg)
{
	struct trail_where *where = parser->where;

	if (where->nr_op == where->cap_op) {
		uint32_t cap = where->cap_op ? 2 * where->cap_op : 16;
		struct where_op *op = realloc(where->op, cap * sizeof(*op));

		if (!op)
			return -ENOMEM;
		where->op = op;
		where->cap_op = cap;
	}
	where->op[where->nr_op++] = (struct where_op){ code, arg };
	return 0;
}

static int emit_test(struct parser *parser, const struct where_test *test)
{
	struct trail_where *where = parser->where;

	if (where->nr_test == where->cap_test) {
		uint32_t cap = where->cap_test ? 2 * where->cap_test : 8;
		struct where_test *bigger = realloc(where->test, cap * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		where->test = bigger;
		where->cap_test = cap;
	}
	where->test[where->nr_test] = *test;
	return emit(parser, WHERE_DO_TEST, where->nr_test++);
}

/* ------------------------------------------------------------------ comparisons */

static int no_field(struct parser *parser)
{
	const struct where_token *token = &parser->token;
	struct near near = { .word = token->at, .len = token->len };
	int len = token->len > 60 ? 60 : (int)token->len;

	if (where_find_stage(token->at, token->len)) {
		select_hint(parser->error, "stage(%.*s) is the time spent there", len, token->at);
	} else {
		select_hint(parser->error, "skbtrail-report(1) lists the fields");
		for (size_t i = 0; where_field[i].name; i++)
			near_try(&near, where_field[i].name);
		near_try(&near, "stage");
		near_try(&near, "known");
		near_hint(&near, parser->error);
	}
	return select_fail(parser->error, offset_of(parser), "no field '%.*s'", len, token->at);
}

static int open_parenthesis(struct parser *parser, const char *what)
{
	if (parser->token.kind != WHERE_OPEN)
		return missing(parser, what);
	return advance(parser);
}

/* @opened: offset of the parenthesis that is to be closed. */
static int close_parenthesis(struct parser *parser, size_t opened)
{
	if (parser->token.kind == WHERE_END)
		return select_fail(parser->error, opened, "the parenthesis is not closed");
	if (parser->token.kind != WHERE_CLOSE)
		return missing(parser, "')'");
	return advance(parser);
}

/* Behind "stage". */
static int parse_stage(struct parser *parser, const struct where_field **out)
{
	struct near near;
	size_t opened = offset_of(parser);
	int err;

	select_hint(parser->error, "stage(NAME) is the time spent in a stage: stage(queue)");
	err = open_parenthesis(parser, "'('");
	if (err)
		return err;
	if (parser->token.kind != WHERE_WORD)
		return missing(parser, "the name of a stage");
	*out = where_find_stage(parser->token.at, parser->token.len);
	if (!*out) {
		near = (struct near){ .word = parser->token.at, .len = parser->token.len };
		where_near_stage(&near);
		near_hint(&near, parser->error);
		return select_fail(parser->error, offset_of(parser), "no stage '%.*s'",
				   near.len > 60 ? 60 : (int)near.len, near.word);
	}
	parser->error->hint[0] = '\0';
	err = advance(parser);
	return err ? err : close_parenthesis(parser, opened);
}

static int parse_field(struct parser *parser, const struct where_field **out)
{
	int err;

	if (parser->token.kind != WHERE_WORD)
		return missing(parser, "a field");
	if (is_word(&parser->token, "stage")) {
		err = advance(parser);
		return err ? err : parse_stage(parser, out);
	}
	*out = where_find(parser->token.at, parser->token.len);
	return *out ? advance(parser) : no_field(parser);
}

static int check_operator(struct parser *parser, const struct where_test *test)
{
	enum where_type type = test->field->type;
	const char *name = test->field->name;
	bool ordered = type <= WHERE_NUMBER || test->field->ordered;
	int len = (int)parser->token.len;

	if (test->operator == WHERE_GLOB && type != WHERE_TEXT && type != WHERE_NAME) {
		if (type == WHERE_ADDRESS)
			select_hint(parser->error, "a net has a prefix: %s == 10.0.0.0/8", name);
		return select_fail(parser->error, offset_of(parser),
				   "%s is no text, =~ does not compare it", name);
	}
	if (test->operator <= WHERE_NE || test->operator == WHERE_GLOB || ordered)
		return 0;
	select_hint(parser->error, type == WHERE_ADDRESS ? "== and !=" : "==, != and =~");
	return select_fail(parser->error, offset_of(parser), "%s has no order, '%.*s' does not "
			   "compare it", name, len, parser->token.at);
}

static int parse_comparison(struct parser *parser)
{
	struct where_test test = { 0 };
	struct where_token *token = &parser->token;
	struct trail_where *where = parser->where;
	char *text;
	int err;

	err = parse_field(parser, &test.field);
	if (err)
		return err;
	if (token->kind == WHERE_OPEN)
		return select_fail(parser->error, offset_of(parser), "%s takes no argument",
				   test.field->name);
	if (token->kind != WHERE_OPERATOR) {
		select_hint(parser->error, "==, !=, <, <=, >, >= or =~");
		return missing(parser, "a comparison");
	}
	test.operator = (uint8_t)token->operator;
	err = check_operator(parser, &test);
	err = err ? err : advance(parser);
	if (err)
		return err;
	if (token->kind != WHERE_WORD && token->kind != WHERE_STRING) {
		if (token->kind == WHERE_AND || token->kind == WHERE_OR || token->kind == WHERE_NOT)
			select_hint(parser->error, "in quotes it is text");
		return missing(parser, "something to compare with");
	}
	text = where->text + where->nr_text;
	where->nr_text += where_token_text(token, text) + 1;
	err = where_constant(&test, token, text, offset_of(parser), parser->error);
	err = err ? err : emit_test(parser, &test);
	return err ? err : advance(parser);
}

/* Behind "known". */
static int parse_known(struct parser *parser)
{
	struct where_test test = { .operator = WHERE_KNOWN };
	size_t opened = offset_of(parser);
	int err;

	select_hint(parser->error, "known(FIELD) asks if a field has a value: known(reader)");
	err = open_parenthesis(parser, "'('");
	if (err)
		return err;
	if (parser->token.kind != WHERE_WORD)
		return missing(parser, "a field");
	parser->error->hint[0] = '\0';
	err = parse_field(parser, &test.field);
	err = err ? err : close_parenthesis(parser, opened);
	return err ? err : emit_test(parser, &test);
}

/* ------------------------------------------------------------------ and, or, not */

static int parse_any(struct parser *parser);

/* At "(". */
static int parse_inner(struct parser *parser)
{
	size_t opened = offset_of(parser);
	int err;

	if (parser->depth == WHERE_MAX_DEPTH)
		return select_fail(parser->error, opened, "more than %d parentheses in each other",
				   WHERE_MAX_DEPTH);
	parser->depth++;
	err = advance(parser);
	err = err ? err : parse_any(parser);
	err = err ? err : close_parenthesis(parser, opened);
	parser->depth--;
	return err;
}

static int parse_one(struct parser *parser)
{
	bool negated = false;
	int err = 0;

	for (; !err && parser->token.kind == WHERE_NOT; negated = !negated)
		err = advance(parser);
	if (err)
		return err;
	if (parser->token.kind == WHERE_OPEN) {
		err = parse_inner(parser);
	} else if (is_word(&parser->token, "known")) {
		err = advance(parser);
		err = err ? err : parse_known(parser);
	} else {
		err = parse_comparison(parser);
	}
	return err || !negated ? err : emit(parser, WHERE_DO_NOT, 0);
}

/* The rest of a chain, its first part is on the stack: what decides it ends it. */
static int parse_rest(struct parser *parser, enum where_token_kind kind,
		      int (*part)(struct parser *parser))
{
	bool is_and = kind == WHERE_AND;
	uint32_t skip;
	int err = 0;

	while (!err && parser->token.kind == kind) {
		skip = parser->where->nr_op;
		err = emit(parser, is_and ? WHERE_SKIP_FALSE : WHERE_SKIP_TRUE, 0);
		err = err ? err : advance(parser);
		err = err ? err : part(parser);
		err = err ? err : emit(parser, is_and ? WHERE_DO_AND : WHERE_DO_OR, 0);
		if (!err)
			parser->where->op[skip].arg = parser->where->nr_op;
	}
	return err;
}

static int parse_all(struct parser *parser)
{
	int err = parse_one(parser);

	return err ? err : parse_rest(parser, WHERE_AND, parse_one);
}

static int parse_any(struct parser *parser)
{
	int err = parse_all(parser);

	return err ? err : parse_rest(parser, WHERE_OR, parse_all);
}

static int parse(struct parser *parser)
{
	int err = advance(parser);

	if (!err && parser->token.kind == WHERE_END)
		return select_fail(parser->error, 0, "the expression is empty");
	err = err ? err : parse_any(parser);
	if (err || parser->token.kind == WHERE_END)
		return err;
	if (parser->token.kind == WHERE_CLOSE)
		return select_fail(parser->error, offset_of(parser), "no parenthesis is open here");
	return missing(parser, "and, or");
}

/**
 * trail_where_new - compile an expression over packets
 *
 * O(length) memory; everything that can be wrong is found here.
 */
int trail_where_new(const char *expr, struct trail_where **out, struct trail_error *error)
{
	struct trail_error ignored;
	struct parser parser = { .expr = expr, .token.at = expr };
	int err = -ENOMEM;

	*out = NULL;
	parser.error = error ? error : &ignored;
	memset(parser.error, 0, sizeof(*parser.error));
	parser.where = calloc(1, sizeof(*parser.where));
	if (!parser.where)
		return err;
	/* Each constant has at least one character in the expression, and gets a NUL. */
	parser.where->text = malloc(2 * strlen(expr) + 1);
	if (parser.where->text)
		err = parse(&parser);
	if (err) {
		trail_where_free(parser.where);
		return err;
	}
	*out = parser.where;
	return 0;
}

void trail_where_free(struct trail_where *where)
{
	if (!where)
		return;
	free(where->test);
	free(where->op);
	free(where->text);
	free(where);
}
