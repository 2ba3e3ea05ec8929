// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * spec-expr.c - the text of a value -> a tree of what is applied to what
 *
 * As in C: what follows (-> . []) binds before what precedes (* & and casts), so a cast whose
 * members are wanted stands in parentheses.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "spec-private.h"

void spec_free_expr(struct spec_expr *expr)
{
	while (expr) {
		struct spec_expr *of = expr->of;

		free(expr->name);
		free(expr);
		expr = of;
	}
}

bool spec_same_expr(const struct spec_expr *a, const struct spec_expr *b)
{
	for (; a && b; a = a->of, b = b->of)
		if (a->kind != b->kind || a->keyword != b->keyword || a->nr_star != b->nr_star ||
		    a->from != b->from || a->to != b->to || !a->name != !b->name ||
		    (a->name && strcmp(a->name, b->name) != 0))
			return false;
	return a == b;
}

/* @of: becomes part of it, also when it fails. */
static struct spec_expr *new_expr(enum spec_expr_kind kind, unsigned int column,
				  struct spec_expr *of)
{
	struct spec_expr *expr = calloc(1, sizeof(*expr));

	if (!expr) {
		spec_free_expr(of);
		return NULL;
	}
	expr->kind = kind;
	expr->column = column;
	expr->of = of;
	return expr;
}

static int too_deep(struct spec_parser *parser)
{
	return spec_fail(parser->error, spec_column(parser, parser->at), NULL,
			 "more than %d steps", SPEC_MAX_DEPTH);
}

/* ---- casts */

static const struct { const char *word; enum spec_keyword keyword; } keyword[] = {
	{ "struct", SPEC_STRUCT }, { "union", SPEC_UNION }, { "enum", SPEC_ENUM },
	{ "const", SPEC_NO_KEYWORD }, { "volatile", SPEC_NO_KEYWORD },
};

/*
 * Is what the parenthesis at @at begins a type?  "(struct x *)", "(unsigned long)", "(u32 *)", and
 * "(u32)" when something follows that a cast can be applied to.
 */
static bool is_cast(const char *at)
{
	unsigned int nr_word = 0;
	size_t n;

	for (at++; ; at += n) {
		at += strspn(at, " \t\n");
		n = spec_name_length(at);
		if (!n)
			break;
		nr_word++;
	}
	if (!nr_word || (*at != '*' && *at != ')'))
		return false;
	if (nr_word > 1 || *at == '*')
		return true;
	at++;
	return isalnum((unsigned char)*at) || (*at && strchr("_*&($%@", *at));
}

/* One more word of the type's name. */
static int add_type_word(char **name, const char *word, size_t length)
{
	char *longer;

	if (asprintf(&longer, "%s%s%.*s", *name ? *name : "", *name ? " " : "", (int)length,
		     word) < 0)
		return -ENOMEM;
	free(*name);
	*name = longer;
	return 0;
}

static int parse_type_name(struct spec_parser *parser, struct spec_expr *cast)
{
	size_t i, n, nr = sizeof(keyword) / sizeof(keyword[0]);
	int err = 0;

	for (;;) {
		spec_skip_blanks(parser);
		n = spec_name_length(parser->at);
		if (err || !n)
			break;
		for (i = 0; i < nr; i++)
			if (strlen(keyword[i].word) == n &&
			    !strncmp(keyword[i].word, parser->at, n))
				break;
		if (i == nr) {
			if (!cast->name)
				cast->column = spec_column(parser, parser->at);
			err = add_type_word(&cast->name, parser->at, n);
		} else if (keyword[i].keyword) {
			cast->keyword = keyword[i].keyword;
		}
		parser->at += n;
	}
	if (!err && !cast->name)
		err = spec_fail(parser->error, spec_column(parser, parser->at), NULL,
				"the name of a type is expected here");
	while (!err && spec_take(parser, "*")) {
		cast->nr_star++;
		spec_take_word(parser, "const");
	}
	if (!err && !spec_take(parser, ")"))
		err = spec_fail(parser->error, spec_column(parser, parser->at), NULL,
				"'*' or ')' is expected here");
	return err;
}

static int parse_unary(struct spec_parser *parser, struct spec_expr **out);

static int parse_cast(struct spec_parser *parser, struct spec_expr **out)
{
	struct spec_expr *cast = new_expr(SPEC_CAST, spec_column(parser, parser->at), NULL);
	int err;

	if (!cast)
		return -ENOMEM;
	parser->at++;
	err = parse_type_name(parser, cast);
	if (!err)
		err = parse_unary(parser, &cast->of);
	*out = cast;
	return err;
}

/* ---- what begins an expression */

/* "$retval", "%di", "@jiffies": a sign and a name. */
static int parse_sign(struct spec_parser *parser, enum spec_expr_kind kind,
		      struct spec_expr **out)
{
	static const char *const what[] = {
		[SPEC_DOLLAR] = "retval, comm, arg1 or the like",
		[SPEC_REGISTER] = "the name of a register", [SPEC_SYMBOL] = "a variable's name",
	};
	struct spec_expr *expr = new_expr(kind, spec_column(parser, parser->at), NULL);

	if (!expr)
		return -ENOMEM;
	*out = expr;
	parser->at++;
	if (isspace((unsigned char)*parser->at))
		return spec_fail(parser->error, spec_column(parser, parser->at), NULL,
				 "%s is expected here", what[kind]);
	return spec_take_name(parser, what[kind], &expr->name);
}

static int parse_primary(struct spec_parser *parser, struct spec_expr **out)
{
	struct spec_expr *expr;

	if (*parser->at == '(') {
		parser->at++;
		if (++parser->depth > SPEC_MAX_DEPTH)
			return too_deep(parser);
		int err = spec_parse_expr(parser, out);

		parser->depth--;
		if (!err && !spec_take(parser, ")"))
			err = spec_fail(parser->error, spec_column(parser, parser->at), NULL,
					"')' is expected here");
		return err;
	}
	if (*parser->at == '$')
		return parse_sign(parser, SPEC_DOLLAR, out);
	if (*parser->at == '%')
		return parse_sign(parser, SPEC_REGISTER, out);
	if (*parser->at == '@')
		return parse_sign(parser, SPEC_SYMBOL, out);
	expr = new_expr(SPEC_NAME, spec_column(parser, parser->at), NULL);
	if (!expr)
		return -ENOMEM;
	*out = expr;
	if (isdigit((unsigned char)*parser->at)) {
		expr->kind = SPEC_NUMBER;
		return spec_take_number(parser, &expr->from);
	}
	return spec_take_name(parser, "an argument, or another value,", &expr->name);
}

/* ---- what follows */

static int parse_member(struct spec_parser *parser, enum spec_expr_kind kind,
			struct spec_expr **expr)
{
	struct spec_expr *member;

	spec_skip_blanks(parser);
	member = new_expr(kind, spec_column(parser, parser->at), *expr);
	*expr = member;
	return member ? spec_take_name(parser, "the name of a member", &member->name) : -ENOMEM;
}

static int parse_index(struct spec_parser *parser, struct spec_expr **expr)
{
	struct spec_expr *index = new_expr(SPEC_INDEX, spec_column(parser, parser->at), *expr);
	int err;

	*expr = index;
	if (!index)
		return -ENOMEM;
	err = spec_take_number(parser, &index->from);
	if (!err && spec_take(parser, "..")) {
		index->kind = SPEC_RANGE;
		err = spec_take_number(parser, &index->to);
		if (!err && index->to <= index->from)
			return spec_fail(parser->error, index->column,
					 "[0..4] is four elements, from 0 to 3",
					 "a range without elements");
	}
	if (!err && !spec_take(parser, "]"))
		err = spec_fail(parser->error, spec_column(parser, parser->at), NULL,
				index->kind == SPEC_RANGE ? "']' is expected here" :
				"'..' or ']' is expected here");
	return err;
}

static int parse_postfix(struct spec_parser *parser, struct spec_expr **out)
{
	unsigned int nr = 0;
	int err = parse_primary(parser, out);

	while (!err) {
		if (++nr > SPEC_MAX_DEPTH)
			return too_deep(parser);
		if (!strncmp(parser->at, "->", 2)) {
			parser->at += 2;
			err = parse_member(parser, SPEC_ARROW, out);
		} else if (*parser->at == '.') {
			parser->at++;
			err = parse_member(parser, SPEC_MEMBER, out);
		} else if (*parser->at == '[') {
			parser->at++;
			err = parse_index(parser, out);
		} else {
			return 0;
		}
	}
	return err;
}

static int parse_unary(struct spec_parser *parser, struct spec_expr **out)
{
	struct spec_expr *expr;
	int err;

	spec_skip_blanks(parser);
	if (++parser->depth > SPEC_MAX_DEPTH)
		return too_deep(parser);
	if (*parser->at == '*' || *parser->at == '&') {
		expr = new_expr(*parser->at == '*' ? SPEC_DEREF : SPEC_ADDRESS,
				spec_column(parser, parser->at), NULL);
		if (!expr)
			return -ENOMEM;
		*out = expr;
		parser->at++;
		err = parse_unary(parser, &expr->of);
	} else if (*parser->at == '(' && is_cast(parser->at)) {
		err = parse_cast(parser, out);
	} else {
		err = parse_postfix(parser, out);
	}
	parser->depth--;
	return err;
}

int spec_parse_expr(struct spec_parser *parser, struct spec_expr **out)
{
	return parse_unary(parser, out);
}
