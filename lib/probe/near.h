/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * near.h - a name that does not exist -> those that were perhaps meant
 */
#ifndef PROBE_NEAR_H
#define PROBE_NEAR_H

#include <stddef.h>

#define NEAR_MAX	3

/**
 * struct near_names - the nearest to @wanted so far
 * @wanted: @length bytes
 * @name: @nr names, the nearest first; the caller's, as they were added
 */
struct near_names {
	const char *wanted;
	size_t length;
	const char *name[NEAR_MAX];
	unsigned int distance[NEAR_MAX];
	size_t nr;
};

/* @name must live as long as @near is used. */
void near_add(struct near_names *near, const char *name);
/* "a, b, c".  Return: how many names. */
size_t near_text(const struct near_names *near, char *text, size_t size);

#endif /* PROBE_NEAR_H */
