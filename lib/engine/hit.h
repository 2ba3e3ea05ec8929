/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hit.h - a hit of a user's probe: in one piece of memory, shared by the packets it belongs to
 */
#ifndef HIT_H
#define HIT_H

#include "skbtrail.h"

#define MAX_VALUES	32	/* of a hit; what has more shows the first */

struct hit {
	struct trail_hit out;
	uint32_t refs;
	bool joined;		/* beside a packet */
};

/* Bytes that a copy of the hit takes, a multiple of 8. */
size_t hit_size(const struct trail_hit *hit);
/* Fills @room, of hit_size() bytes, with a copy that needs nothing else. */
struct trail_hit *hit_copy(void *room, const struct trail_hit *hit);

/* Return: with one reference; NULL without memory. */
struct hit *hit_new(const struct trail_hit *from);
static inline struct hit *hit_get(struct hit *hit)
{
	hit->refs++;
	return hit;
}
/* NULL is fine. */
void hit_put(struct hit *hit);
/* Of a hit that hit_new() made. */
static inline struct hit *hit_of(const struct trail_hit *out)
{
	return (struct hit *)(uintptr_t)out;
}

#endif /* HIT_H */
