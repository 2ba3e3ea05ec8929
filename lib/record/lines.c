// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * lines.c - lines of a word, a blank, and a text <-> text
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"

void line_add_escaped(struct blob *out, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n\t\\");

		blob_add(out, text, n);
		text += n;
		if (!*text)
			return;
		blob_add(out, *text == '\n' ? "\\n" : *text == '\t' ? "\\t" : "\\\\", 2);
		text++;
	}
}

bool line_next(struct line *text, struct line *line)
{
	const char *end = text->size ? memchr(text->at, '\n', text->size) : NULL;

	if (!end)
		return false;
	*line = (struct line){ text->at, end - text->at };
	text->size -= line->size + 1;
	text->at = end + 1;
	return true;
}

bool line_is(struct line line, const char *text)
{
	return line.size == strlen(text) && !memcmp(line.at, text, line.size);
}

bool line_take_word(struct line *line, const char *word)
{
	size_t size = strlen(word);

	if (line->size <= size + 1 || memcmp(line->at, word, size) || line->at[size] != ' ')
		return false;
	line->at += size + 1;
	line->size -= size + 1;
	return true;
}

/* What a backslash and @c stand for, '\0' for nothing. */
static char escaped(char c)
{
	return c == 'n' ? '\n' : c == 't' ? '\t' : c == '\\' ? c : '\0';
}

int line_unescape(struct line from, char **out)
{
	char *to = malloc(from.size + 1), *at = to;

	if (!to)
		return -ENOMEM;
	for (size_t i = 0; i < from.size; i++) {
		char c = from.at[i];

		if (c == '\\')
			c = ++i < from.size ? escaped(from.at[i]) : '\0';
		if (!c) {
			free(to);
			return -EINVAL;
		}
		*at++ = c;
	}
	*at = '\0';
	*out = to;
	return 0;
}

int line_number(struct line line, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (!line.size)
		return -EINVAL;
	for (size_t i = 0; i < line.size; i++) {
		unsigned int digit = line.at[i] - '0';

		if (digit > 9 || digit > max || value > (max - digit) / 10)
			return -EINVAL;
		value = value * 10 + digit;
	}
	*out = value;
	return 0;
}
