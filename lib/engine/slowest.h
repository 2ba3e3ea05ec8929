/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * slowest.h - the packets that took longest
 */
#ifndef SLOWEST_H
#define SLOWEST_H

#include "skbtrail.h"

/**
 * struct slowest - zeroed memory is one that keeps none
 * @heap: @nr deep copies, the fastest of them on top
 * @sorted: for slowest_sort()
 */
struct slowest {
	struct trail_packet **heap;
	const struct trail_packet **sorted;
	size_t nr;
	size_t cap;
};

/* A damaged capture may have times that go back; they must not become huge ones. */
static inline uint64_t elapsed(uint64_t start_ns, uint64_t end_ns)
{
	return end_ns > start_ns ? end_ns - start_ns : 0;
}

/* Keeps the @size slowest.  Return: 0 or -ENOMEM; to be released in both cases. */
int slowest_init(struct slowest *slowest, size_t size);
/* Copies the packet if it is one of them.  Return: 0 or -ENOMEM. */
int slowest_add(struct slowest *slowest, const struct trail_packet *packet);
/* Slowest first; valid until the next slowest_add().  Return: their number. */
size_t slowest_sort(struct slowest *slowest, const struct trail_packet *const **out);
void slowest_release(struct slowest *slowest);

#endif /* SLOWEST_H */
