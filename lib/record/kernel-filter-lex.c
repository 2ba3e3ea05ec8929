// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kernel-filter-lex.c - the text of a packet filter -> tokens
 *
 * A word may hold what addresses hold, so ':' belongs to it, but not inside brackets, where it
 * stands between offset and size.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "kernel-filter-private.h"

static int __attribute__((format(printf, 3, 0)))
complain(struct parser *parser, const struct token *token, const char *format, va_list args)
{
	struct trail_error *error = parser->error;

	vsnprintf(error->text, sizeof(error->text), format, args);
	error->column = (unsigned int)(token->at - parser->filter->expr) + 1;
	return -EINVAL;
}

int kernel_filter_wrong(struct parser *parser, const struct token *token, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(parser, token, format, args);
	va_end(args);
	snprintf(parser->error->hint, sizeof(parser->error->hint),
		 "the language is that of pcap-filter(7)");
	return -EINVAL;
}

int kernel_filter_refuse(struct parser *parser, const struct token *token, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(parser, token, format, args);
	va_end(args);
	snprintf(parser->error->hint, sizeof(parser->error->hint),
		 "record without --filter and use 'skbtrail report --filter'");
	return -EINVAL;
}

bool token_is(const struct token *token, const char *text)
{
	return token->kind != TOKEN_END && token->length == strlen(text) &&
	       !memcmp(token->at, text, token->length);
}

bool token_copy(const struct token *token, char *text, size_t size)
{
	if (token->kind != TOKEN_WORD || token->length >= size)
		return false;
	memcpy(text, token->at, token->length);
	text[token->length] = '\0';
	return true;
}

bool token_number(const struct token *token, uint32_t *value)
{
	char text[24], *end;
	unsigned long long number;

	if (!token_copy(token, text, sizeof(text)) || !isdigit((unsigned char)*text))
		return false;
	errno = 0;
	number = strtoull(text, &end, 0);
	if (*end || errno || number > UINT32_MAX)
		return false;
	*value = (uint32_t)number;
	return true;
}

static bool in_word(char c, bool bracket)
{
	return isalnum((unsigned char)c) || (c && strchr("_.-\\", c)) || (c == ':' && !bracket);
}

/* Length of the sign at @text, 0 when it is none. */
static uint32_t sign_length(const char *text)
{
	static const char *const two[] = { "&&", "||", "<=", ">=", "==", "!=", "<<", ">>" };

	for (size_t i = 0; i < sizeof(two) / sizeof(two[0]); i++)
		if (!strncmp(text, two[i], 2))
			return 2;
	return strchr("()[]:/!&|<>=+*^%~", *text) ? 1 : 0;
}

int kernel_filter_lex(struct parser *parser)
{
	const char *at = parser->filter->expr;
	struct token *token;
	bool bracket = false;

	/* No token is empty.  Behind the end there is one more, for who looks one ahead there. */
	parser->token = calloc(strlen(at) + 2, sizeof(*parser->token));
	if (!parser->token)
		return -ENOMEM;
	for (;; at += token->length) {
		while (isspace((unsigned char)*at))
			at++;
		token = &parser->token[parser->nr_token++];
		*token = (struct token){ at, 0, TOKEN_END };
		if (!*at)
			return 0;
		token->kind = in_word(*at, bracket) ? TOKEN_WORD : TOKEN_SIGN;
		if (token->kind == TOKEN_SIGN)
			token->length = sign_length(at);
		else
			while (in_word(at[token->length], bracket))
				token->length++;
		if (!token->length)
			return kernel_filter_wrong(parser, token, "syntax error at '%c'", *at);
		bracket = *at == '[' || (bracket && *at != ']');
	}
}
