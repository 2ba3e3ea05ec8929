/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * expression.h - what the languages that select packets share: errors with a place, near names
 */
#ifndef EXPRESSION_H
#define EXPRESSION_H

#include "skbtrail.h"

/* Fills @error: the text, and the place, @offset bytes into the expression.  Return: -EINVAL. */
int select_fail(struct trail_error *error, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void select_hint(struct trail_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * struct near - the search for the name that somebody may have meant
 * @word: what was written, @len bytes
 * @best: the nearest name so far, NULL when none is near
 * @distance: of @best: characters added, left out, changed, or neighbours swapped
 */
struct near {
	const char *word;
	const char *best;
	size_t len;
	unsigned int distance;
};

void near_try(struct near *near, const char *name);
/* "did you mean latency?" if there is a near name. */
void near_hint(const struct near *near, struct trail_error *error);

#endif /* EXPRESSION_H */
