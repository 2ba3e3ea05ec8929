/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * words.h - text of procfs, cut into lines and words that stay where they are
 */
#ifndef COUNTERS_WORDS_H
#define COUNTERS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text that is left, or a piece of it; no NUL behind it. */
struct words {
	const char *at;
	size_t size;
};

/* Cuts the next line off, without its newline; the last one needs none. */
bool words_line(struct words *text, struct words *line);
/* Cuts the next word off: what is between blanks and tabs. */
bool words_next(struct words *line, struct words *word);
/* Cuts off what is before @end, and @end; all of it where there is no @end. */
bool words_until(struct words *line, char end, struct words *piece);
bool words_is(struct words word, const char *text);
/* All of @word is a number of that base, 10 or 16, and fits; a minus makes it two's complement. */
bool words_number(struct words word, unsigned int base, uint64_t *value);

#endif /* COUNTERS_WORDS_H */
