/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spec-private.h - what the parts of the parser share
 */
#ifndef PROBE_SPEC_PRIVATE_H
#define PROBE_SPEC_PRIVATE_H

#include "skbtrail.h"
#include "spec.h"

/* Of expressions in expressions, and conditions in conditions. */
#define SPEC_MAX_DEPTH	32

/* @at: the next byte of @text */
struct spec_parser {
	const char *text;
	const char *at;
	struct trail_error *error;
	unsigned int depth;
};

/* A number for @at. */
unsigned int spec_column(const struct spec_parser *parser, const char *at);
void spec_skip_blanks(struct spec_parser *parser);
/* Takes @sign behind blanks, if it is there. */
bool spec_take(struct spec_parser *parser, const char *sign);
/* Takes @word if it is there, and no longer word is. */
bool spec_take_word(struct spec_parser *parser, const char *word);
/* Length of the name that starts at @at; 0: none does. */
size_t spec_name_length(const char *at);
/* Return: 0; -EINVAL, @what is expected; -ENOMEM. */
int spec_take_name(struct spec_parser *parser, const char *what, char **out);
int spec_take_number(struct spec_parser *parser, uint64_t *out);

/* spec-expr.c */
int spec_parse_expr(struct spec_parser *parser, struct spec_expr **out);
void spec_free_expr(struct spec_expr *expr);

/* spec-cond.c */
int spec_parse_cond(struct spec_parser *parser, struct spec_cond **out);
void spec_free_cond(struct spec_cond *cond);

#endif /* PROBE_SPEC_PRIVATE_H */
