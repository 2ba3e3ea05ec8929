// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * spec-cond.c - the text behind "if" -> a tree of relations
 *
 *	port == 80 && (len > 100 || !(flags & 0x10)) and comm =~ "nginx*"
 *
 * On the left of a relation stands what is fetched, on the right a constant: that is what the
 * kernel's event filters can say.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "spec-private.h"

#define MAX_ADDRESS	16	/* 255.255.255.255 */

static const struct { const char *text; enum spec_operator operator; } sign[] = {
	/* Longer ones first. */
	{ "==", SPEC_EQ }, { "!=", SPEC_NE }, { "<=", SPEC_LE }, { ">=", SPEC_GE },
	{ "=~", SPEC_GLOB }, { "<", SPEC_LT }, { ">", SPEC_GT }, { "~", SPEC_GLOB },
	{ "&", SPEC_BITS }, { "=", SPEC_EQ },
};

void spec_free_cond(struct spec_cond *cond)
{
	if (!cond)
		return;
	spec_free_cond(cond->left);
	spec_free_cond(cond->right);
	spec_free_expr(cond->operand);
	free(cond->string);
	free(cond);
}

static struct spec_cond *new_cond(enum spec_cond_kind kind, unsigned int column)
{
	struct spec_cond *cond = calloc(1, sizeof(*cond));

	if (cond) {
		cond->kind = kind;
		cond->column = column;
	}
	return cond;
}

/* ---- values */

static int parse_string(struct spec_parser *parser, struct spec_cond *cond)
{
	const char quote[] = { *parser->at, '\0' };
	size_t n = strcspn(parser->at + 1, quote);

	if (parser->at[n + 1] != *quote)
		return spec_fail(parser->error, spec_column(parser, parser->at), NULL,
				 "the quote has no end");
	cond->value_kind = SPEC_VALUE_STRING;
	cond->string = strndup(parser->at + 1, n);
	parser->at += n + 2;
	return cond->string ? 0 : -ENOMEM;
}

/* "10.0.0.1" */
static bool take_address(struct spec_parser *parser, uint64_t *out)
{
	size_t n = strspn(parser->at, "0123456789.");
	unsigned int part[4];
	char text[MAX_ADDRESS];
	int used = 0;

	if (n >= sizeof(text))
		return false;
	memcpy(text, parser->at, n);
	text[n] = '\0';
	if (sscanf(text, "%3u.%3u.%3u.%3u%n", &part[0], &part[1], &part[2], &part[3], &used) != 4 ||
	    (size_t)used != n)
		return false;
	*out = 0;
	for (int i = 0; i < 4; i++) {
		if (part[i] > 255)
			return false;
		*out = *out << 8 | part[i];
	}
	parser->at += n;
	return true;
}

static int parse_value(struct spec_parser *parser, struct spec_cond *cond)
{
	int err;

	spec_skip_blanks(parser);
	cond->value_column = spec_column(parser, parser->at);
	if (*parser->at == '"' || *parser->at == '\'')
		return parse_string(parser, cond);
	if (spec_name_length(parser->at)) {
		cond->value_kind = SPEC_VALUE_NAME;
		return spec_take_name(parser, "", &cond->string);
	}
	cond->value_kind = SPEC_VALUE_NUMBER;
	if (take_address(parser, &cond->number))
		return 0;
	cond->is_negative = spec_take(parser, "-");
	if (!isdigit((unsigned char)*parser->at))
		return spec_fail(parser->error, spec_column(parser, parser->at), NULL,
				 "a number, \"a string\" or an enumerator is expected here");
	err = spec_take_number(parser, &cond->number);
	if (!err && cond->is_negative)
		cond->number = -cond->number;
	return err;
}

/* ---- relations */

static int parse_relation(struct spec_parser *parser, struct spec_cond **out)
{
	size_t i, nr = sizeof(sign) / sizeof(sign[0]);
	struct spec_cond *cond = new_cond(SPEC_RELATION, spec_column(parser, parser->at));
	int err;

	if (!cond)
		return -ENOMEM;
	*out = cond;
	err = spec_parse_expr(parser, &cond->operand);
	if (err)
		return err;
	spec_skip_blanks(parser);
	cond->column = spec_column(parser, parser->at);
	for (i = 0; i < nr; i++)
		/* Not the start of "&&". */
		if (strncmp(parser->at, "&&", 2) && spec_take(parser, sign[i].text))
			break;
	if (i == nr)
		return spec_fail(parser->error, cond->column,
				 "one of == != < <= > >= & =~, and a constant",
				 "a comparison is expected here");
	cond->operator = sign[i].operator;
	return parse_value(parser, cond);
}

static int parse_or(struct spec_parser *parser, struct spec_cond **out);

/*
 * "(a == 1)" is a condition in parentheses, "((struct x *)a)->b == 1" and "(a)->b == 1" begin with
 * an expression: whether a relation's end or an operator follows the parenthesis tells them apart.
 */
static bool is_group(const char *at)
{
	unsigned int depth = 0;
	bool has_relation = false;

	for (; *at; at++) {
		if (*at == '"' || *at == '\'') {
			const char *end = strchr(at + 1, *at);

			if (!end)
				return true;
			at = end;
		}
		depth += *at == '(';
		if (*at == ')' && !--depth)
			break;
		has_relation |= strchr("=!<&|~", *at) || (*at == '>' && at[-1] != '-');
	}
	return has_relation;
}

static int parse_not(struct spec_parser *parser, struct spec_cond **out)
{
	const char *start;
	int err;

	spec_skip_blanks(parser);
	if (++parser->depth > SPEC_MAX_DEPTH)
		return spec_fail(parser->error, spec_column(parser, parser->at), NULL,
				 "more than %d conditions in one another", SPEC_MAX_DEPTH);
	start = parser->at;
	if ((*start == '!' && ++parser->at) || spec_take_word(parser, "not")) {
		*out = new_cond(SPEC_NOT, spec_column(parser, start));
		err = *out ? parse_not(parser, &(*out)->left) : -ENOMEM;
	} else if (*start == '(' && is_group(start)) {
		parser->at++;
		err = parse_or(parser, out);
		if (!err && !spec_take(parser, ")"))
			err = spec_fail(parser->error, spec_column(parser, parser->at), NULL,
					"')' is expected here");
	} else {
		err = parse_relation(parser, out);
	}
	parser->depth--;
	return err;
}

/* *@out, which is taken over, and what follows. */
static int join(struct spec_parser *parser, enum spec_cond_kind kind, const char *at,
		struct spec_cond **out)
{
	struct spec_cond *cond = new_cond(kind, spec_column(parser, at));

	if (!cond)
		return -ENOMEM;
	cond->left = *out;
	*out = cond;
	return 0;
}

static int parse_and(struct spec_parser *parser, struct spec_cond **out)
{
	int err = parse_not(parser, out);

	while (!err) {
		const char *at = parser->at;

		if (!spec_take(parser, "&&") && !spec_take_word(parser, "and"))
			break;
		err = join(parser, SPEC_AND, at, out);
		if (!err)
			err = parse_not(parser, &(*out)->right);
	}
	return err;
}

static int parse_or(struct spec_parser *parser, struct spec_cond **out)
{
	int err = parse_and(parser, out);

	while (!err) {
		const char *at = parser->at;

		if (!spec_take(parser, "||") && !spec_take_word(parser, "or"))
			break;
		err = join(parser, SPEC_OR, at, out);
		if (!err)
			err = parse_and(parser, &(*out)->right);
	}
	return err;
}

int spec_parse_cond(struct spec_parser *parser, struct spec_cond **out)
{
	int err = parse_or(parser, out);

	spec_skip_blanks(parser);
	if (!err && *parser->at)
		err = spec_fail(parser->error, spec_column(parser, parser->at),
				"join conditions by && or ||; values stand before 'if'",
				"the condition should end here");
	return err;
}
