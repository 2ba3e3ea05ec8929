// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * expression.c - what is wrong with an expression -> text, place and what may have been meant
 */
#include <errno.h>
#include <stdarg.h>

#include "expression.h"

#define MAX_WORD	32
/* A word is near when at most this many characters differ, and a third of it. */
#define MAX_DISTANCE	2

int select_fail(struct trail_error *error, size_t offset, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	error->column = (unsigned int)offset + 1;
	return -EINVAL;
}

void select_hint(struct trail_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->hint, sizeof(error->hint), format, args);
	va_end(args);
}

static unsigned int smallest(unsigned int a, unsigned int b, unsigned int c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/* Edits from one word to the other: optimal string alignment. */
static unsigned int distance(const char *a, size_t nr_a, const char *b, size_t nr_b)
{
	unsigned int cost[MAX_WORD + 1][MAX_WORD + 1];

	for (size_t i = 0; i <= nr_a; i++)
		cost[i][0] = (unsigned int)i;
	for (size_t j = 0; j <= nr_b; j++)
		cost[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= nr_a; i++) {
		for (size_t j = 1; j <= nr_b; j++) {
			cost[i][j] = smallest(cost[i - 1][j] + 1, cost[i][j - 1] + 1,
					      cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    cost[i - 2][j - 2] + 1 < cost[i][j])
				cost[i][j] = cost[i - 2][j - 2] + 1;
		}
	}
	return cost[nr_a][nr_b];
}

void near_try(struct near *near, const char *name)
{
	size_t len = strlen(name);
	unsigned int edits;

	if (near->len > MAX_WORD || len > MAX_WORD)
		return;
	edits = distance(near->word, near->len, name, len);
	/* The beginning of a name stands for it. */
	if (near->len >= 3 && near->len < len && !strncmp(near->word, name, near->len))
		edits = smallest(edits, 1, 1);
	if (edits > MAX_DISTANCE || 3 * edits > near->len)
		return;
	if (!near->best || edits < near->distance) {
		near->best = name;
		near->distance = edits;
	}
}

void near_hint(const struct near *near, struct trail_error *error)
{
	if (near->best)
		select_hint(error, "did you mean %s?", near->best);
}
