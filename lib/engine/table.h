/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * table.h - open-addressing hash table from a 64-bit key to a pointer
 *
 * Linear probing, at most half full, deletion by shifting back: no tombstones, so a table that
 * sees millions of short lives stays as quick as on its first day.  Key 0 cannot be stored.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_slot {
	uint64_t key;
	void *value;
};

struct table {
	struct table_slot *slot;
	size_t mask;	/* slots - 1 */
	size_t used;
};

/* All zero is an empty table.  The values are the caller's to free. */
void table_release(struct table *table);
void *table_get(const struct table *table, uint64_t key);
/* Replaces the value of a key that is there.  Return: 0, -EINVAL for key 0, -ENOMEM. */
int table_set(struct table *table, uint64_t key, void *value);
void table_remove(struct table *table, uint64_t key);

#endif /* TABLE_H */
