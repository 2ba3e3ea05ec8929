// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hit.c - hits of the user's probes -> copies that live as long as the packets beside them
 */
#include <stdlib.h>

#include "hit.h"

static size_t text_size(const char *text)
{
	return strlen(text) + 1;
}

static const char *text_copy(char **at, const char *text)
{
	char *copy = *at;

	*at += text_size(text);
	return strcpy(copy, text);
}

size_t hit_size(const struct trail_hit *hit)
{
	size_t size = sizeof(*hit) + hit->nr_value * sizeof(*hit->value) +
		      text_size(hit->name) + text_size(hit->comm);

	for (uint16_t i = 0; i < hit->nr_value; i++)
		size += text_size(hit->value[i].name) + hit->value[i].nr_bytes;
	return (size + 7) & ~(size_t)7;
}

/* The parts of @hit behind it, at @room. */
static void copy_parts(struct trail_hit *hit, void *room)
{
	struct trail_value *value = room;
	char *text = (char *)(value + hit->nr_value);

	for (uint16_t i = 0; i < hit->nr_value; i++) {
		value[i] = hit->value[i];
		value[i].name = text_copy(&text, value[i].name);
		value[i].bytes = value[i].bytes ? memcpy(text, value[i].bytes, value[i].nr_bytes)
						: NULL;
		text += value[i].nr_bytes;
	}
	hit->name = text_copy(&text, hit->name);
	hit->comm = text_copy(&text, hit->comm);
	hit->value = value;
}

struct trail_hit *hit_copy(void *room, const struct trail_hit *hit)
{
	struct trail_hit *copy = room;

	*copy = *hit;
	copy_parts(copy, copy + 1);
	return copy;
}

struct hit *hit_new(const struct trail_hit *from)
{
	struct hit *hit = malloc(sizeof(*hit) + hit_size(from));

	if (!hit)
		return NULL;
	hit->out = *from;
	hit->refs = 1;
	hit->joined = false;
	copy_parts(&hit->out, hit + 1);
	return hit;
}

void hit_put(struct hit *hit)
{
	if (hit && !--hit->refs)
		free(hit);
}
