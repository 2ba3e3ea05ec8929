// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * where-lex.c - the text of --where -> tokens
 *
 * A word goes on until a blank or a character of an operator: addresses, 1.5ms, symbol+0x1a and
 * most globs need no quotes.
 */
#include <ctype.h>

#include "where.h"

#define NOT_IN_WORDS	"()!=<>&|~\"'"

static const struct {
	const char *text;
	enum where_token_kind kind;
	enum where_operator operator;
} sign[] = {
	/* Longer ones first. */
	{ "==", WHERE_OPERATOR, WHERE_EQ }, { "!=", WHERE_OPERATOR, WHERE_NE },
	{ "<=", WHERE_OPERATOR, WHERE_LE }, { ">=", WHERE_OPERATOR, WHERE_GE },
	{ "=~", WHERE_OPERATOR, WHERE_GLOB }, { "&&", WHERE_AND, 0 }, { "||", WHERE_OR, 0 },
	{ "<", WHERE_OPERATOR, WHERE_LT }, { ">", WHERE_OPERATOR, WHERE_GT },
	{ "!", WHERE_NOT, 0 }, { "(", WHERE_OPEN, 0 }, { ")", WHERE_CLOSE, 0 },
};

static const struct { const char *text; enum where_token_kind kind; } keyword[] = {
	{ "and", WHERE_AND }, { "or", WHERE_OR }, { "not", WHERE_NOT },
};

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static bool is_word(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f && !strchr(NOT_IN_WORDS, c);
}

static int quoted(const char *expr, struct where_token *token, struct trail_error *error)
{
	const char *at = token->at + 1;

	while (*at && *at != *token->at)
		at += *at == '\\' && at[1] ? 2 : 1;
	if (!*at)
		return select_fail(error, (size_t)(token->at - expr),
				   "the quote has no end");
	token->kind = WHERE_STRING;
	token->len = (size_t)(at + 1 - token->at);
	return 0;
}

static void word(struct where_token *token)
{
	while (is_word(token->at[token->len]))
		token->len++;
	token->kind = WHERE_WORD;
	for (size_t i = 0; i < ARRAY_SIZE(keyword); i++)
		if (strlen(keyword[i].text) == token->len &&
		    !strncmp(token->at, keyword[i].text, token->len))
			token->kind = keyword[i].kind;
}

static int bad_sign(const char *expr, const char *at, struct trail_error *error)
{
	static const char *const meant[][2] = {
		{ "=", "== compares, =~ is for globs" }, { "&", "and, or &&" },
		{ "|", "or, or ||" }, { "~", "=~ is for globs" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(meant); i++)
		if (*at == *meant[i][0])
			select_hint(error, "%s", meant[i][1]);
	if (isprint((unsigned char)*at))
		return select_fail(error, (size_t)(at - expr), "'%c' is no operator", *at);
	return select_fail(error, (size_t)(at - expr), "a control character (0x%02x)",
			   (unsigned int)(unsigned char)*at);
}

int where_next(const char *expr, const char *at, struct where_token *token,
	       struct trail_error *error)
{
	at += strspn(at, " \t\r\n");
	*token = (struct where_token){ .kind = WHERE_END, .at = at };
	if (!*at)
		return 0;
	if (*at == '"' || *at == '\'')
		return quoted(expr, token, error);
	for (size_t i = 0; i < ARRAY_SIZE(sign); i++) {
		token->len = strlen(sign[i].text);
		if (strncmp(at, sign[i].text, token->len))
			continue;
		token->kind = sign[i].kind;
		token->operator = sign[i].operator;
		return 0;
	}
	token->len = 0;
	if (!is_word(*at))
		return bad_sign(expr, at, error);
	word(token);
	return 0;
}

size_t where_token_text(const struct where_token *token, char *to)
{
	const char *at = token->at, *end = at + token->len;
	size_t n = 0;

	if (token->kind == WHERE_STRING) {
		at++;
		end--;
	}
	for (; at < end; at++) {
		if (token->kind == WHERE_STRING && *at == '\\' && at + 1 < end)
			at++;
		to[n++] = *at;
	}
	to[n] = '\0';
	return n;
}
