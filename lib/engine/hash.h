/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hash.h - open-addressing hash table from a 64-bit key to a pointer
 *
 * Linear probing, at most half full, deletion by shifting back: no tombstones, so a table that
 * sees millions of short lives stays as quick as on its first day.  Key 0 cannot be stored.
 *
 * Keys may come from a capture that was made to collide: a search that gets long makes the table
 * choose other places, by a number that nobody knows before.
 */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_slot {
	uint64_t key;
	void *value;
};

struct hash {
	struct hash_slot *slot;
	size_t mask;	/* slots - 1 */
	size_t used;
	uint64_t seed;	/* 0 until somebody tries */
};

/* All zero is an empty table.  The values are the caller's to free. */
void hash_release(struct hash *table);
void *hash_get(const struct hash *table, uint64_t key);
/* Replaces the value of a key that is there.  Return: 0, -EINVAL for key 0, -ENOMEM. */
int hash_set(struct hash *table, uint64_t key, void *value);
void hash_remove(struct hash *table, uint64_t key);

#endif /* HASH_H */
