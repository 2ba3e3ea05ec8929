// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * near.c - a name that does not exist -> those that were perhaps meant
 *
 * The distance is that of Levenshtein: letters to be put in, left out or changed.  A name of which
 * a third is wrong is another name.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "near.h"

#define MAX_LENGTH	96
#define NONE		~0U

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

static unsigned int distance_of(const struct near_names *near, const char *name, unsigned int limit)
{
	size_t length = strnlen(name, MAX_LENGTH);
	unsigned int row[MAX_LENGTH + 1];

	if (length >= MAX_LENGTH || near->length >= MAX_LENGTH ||
	    length > near->length + limit || near->length > length + limit)
		return NONE;
	for (unsigned int j = 0; j <= length; j++)
		row[j] = j;
	for (unsigned int i = 1; i <= near->length; i++) {
		unsigned int corner = row[0], least = row[0] = i;

		for (unsigned int j = 1; j <= length; j++) {
			unsigned int above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1,
				      corner + (near->wanted[i - 1] != name[j - 1]));
			least = row[j] < least ? row[j] : least;
			corner = above;
		}
		if (least > limit)
			return NONE;
	}
	return row[length] > limit ? NONE : row[length];
}

static bool has(const struct near_names *near, const char *name)
{
	for (size_t i = 0; i < near->nr; i++)
		if (!strcmp(near->name[i], name))
			return true;
	return false;
}

void near_add(struct near_names *near, const char *name)
{
	unsigned int limit = (unsigned int)near->length / 3;
	unsigned int distance;
	size_t i;

	if (near->nr == NEAR_MAX && near->distance[NEAR_MAX - 1] < limit)
		limit = near->distance[NEAR_MAX - 1];
	distance = distance_of(near, name, limit);
	if (distance == NONE || has(near, name))
		return;
	for (i = near->nr; i && near->distance[i - 1] > distance; i--)
		;
	if (i == NEAR_MAX)
		return;
	near->nr += near->nr < NEAR_MAX;
	for (size_t j = near->nr - 1; j > i; j--) {
		near->name[j] = near->name[j - 1];
		near->distance[j] = near->distance[j - 1];
	}
	near->name[i] = name;
	near->distance[i] = distance;
}

size_t near_text(const struct near_names *near, char *text, size_t size)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < near->nr && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "",
					 near->name[i]);
	return near->nr;
}
