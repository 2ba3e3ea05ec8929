/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lines.h - notes that outlive a recording: lines of a word, a blank, and a text
 *
 * In the text backslash, newline and tab are written as \\, \n and \t.
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "blob.h"

/* A text, or a line of it without its end. */
struct line {
	const char *at;
	size_t size;
};

void line_add_escaped(struct blob *out, const char *text);
/* Takes the next line that has its end off @text.  False when there is none. */
bool line_next(struct line *text, struct line *line);
bool line_is(struct line line, const char *text);
/* Takes @word and a blank off the start of the line, of which something must be left. */
bool line_take_word(struct line *line, const char *word);
/* Return: 0; -EINVAL for what line_add_escaped() never yields; -ENOMEM. */
int line_unescape(struct line from, char **out);
/* Decimal, all of the line, at most @max.  Return: 0 or -EINVAL. */
int line_number(struct line line, uint64_t max, uint64_t *out);

#endif /* LINES_H */
