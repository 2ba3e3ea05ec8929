// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * words.c - text -> lines -> words -> numbers; nothing is copied
 */
#include <string.h>

#include "words.h"

bool words_until(struct words *line, char end, struct words *piece)
{
	const char *at = line->size ? memchr(line->at, end, line->size) : NULL;

	if (!line->size)
		return false;
	piece->at = line->at;
	piece->size = at ? (size_t)(at - line->at) : line->size;
	line->at += piece->size + !!at;
	line->size -= piece->size + !!at;
	return true;
}

bool words_line(struct words *text, struct words *line)
{
	return words_until(text, '\n', line);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool words_next(struct words *line, struct words *word)
{
	while (line->size && is_blank(*line->at)) {
		line->at++;
		line->size--;
	}
	word->at = line->at;
	while (line->size && !is_blank(*line->at)) {
		line->at++;
		line->size--;
	}
	word->size = line->at - word->at;
	return word->size;
}

bool words_is(struct words word, const char *text)
{
	return word.size == strlen(text) && !memcmp(word.at, text, word.size);
}

static unsigned int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

bool words_number(struct words word, unsigned int base, uint64_t *value)
{
	bool is_negative = word.size > 1 && *word.at == '-';
	uint64_t sum = 0;

	for (size_t i = is_negative; i < word.size; i++) {
		unsigned int digit = digit_of(word.at[i]);

		if (digit >= base || sum > (UINT64_MAX - digit) / base)
			return false;
		sum = sum * base + digit;
	}
	*value = is_negative ? 0 - sum : sum;
	return word.size > is_negative;
}
