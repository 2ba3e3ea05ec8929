/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mutation.h - bytes of a capture and how they are damaged
 */
#ifndef MUTATION_H
#define MUTATION_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
	unsigned char *at;
	size_t size;
	size_t capacity;
};

/* The same numbers on each machine.  Return: below @below, which is not 0. */
uint64_t draw(uint64_t *state, uint64_t below);

/* Damages @bytes in one to four ways; it may get shorter, or longer by 4096 bytes each. */
void mutate(struct bytes *bytes, uint64_t *state);

/* Where pieces of a capture begin and end.  Return: how many places there are in @place. */
size_t boundaries(const struct bytes *bytes, size_t *place, size_t max);

#endif /* MUTATION_H */
