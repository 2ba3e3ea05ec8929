// SPDX-License-Identifier: LGPL-2.1-or-later
/* hash.c - open-addressing hash table, see hash.h */
#include <errno.h>
#include <stdlib.h>

#include "hash.h"

#define FIRST_SLOTS	256

/* Kernel addresses differ in their middle bits; the multiplication moves them to the top. */
static size_t home(const struct hash *table, uint64_t key)
{
	return (size_t)((key * 0x9e3779b97f4a7c15ull) >> 20) & table->mask;
}

void hash_release(struct hash *table)
{
	free(table->slot);
	*table = (struct hash){ 0 };
}

static struct hash_slot *find(const struct hash *table, uint64_t key)
{
	size_t i;

	for (i = home(table, key); table->slot[i].key; i = (i + 1) & table->mask)
		if (table->slot[i].key == key)
			break;
	return &table->slot[i];
}

void *hash_get(const struct hash *table, uint64_t key)
{
	if (!table->slot || !key)
		return NULL;
	return find(table, key)->value;
}

static int grow(struct hash *table)
{
	size_t nr = table->slot ? 2 * (table->mask + 1) : FIRST_SLOTS;
	struct hash bigger = { .mask = nr - 1, .used = table->used };
	size_t i;

	bigger.slot = calloc(nr, sizeof(*bigger.slot));
	if (!bigger.slot)
		return -ENOMEM;
	for (i = 0; table->slot && i <= table->mask; i++)
		if (table->slot[i].key)
			*find(&bigger, table->slot[i].key) = table->slot[i];
	free(table->slot);
	*table = bigger;
	return 0;
}

int hash_set(struct hash *table, uint64_t key, void *value)
{
	struct hash_slot *slot;
	int err;

	if (!key)
		return -EINVAL;
	if (!table->slot || 2 * (table->used + 1) > table->mask) {
		err = grow(table);
		if (err)
			return err;
	}
	slot = find(table, key);
	if (!slot->key)
		table->used++;
	slot->key = key;
	slot->value = value;
	return 0;
}

void hash_remove(struct hash *table, uint64_t key)
{
	struct hash_slot *hole, *slot;
	size_t i;

	if (!table->slot || !key)
		return;
	hole = find(table, key);
	if (!hole->key)
		return;
	table->used--;
	/* Whoever probed over the hole moves into it, so that no search stops too early. */
	for (i = (size_t)(hole - table->slot); ; ) {
		i = (i + 1) & table->mask;
		slot = &table->slot[i];
		if (!slot->key)
			break;
		if (((i - home(table, slot->key)) & table->mask) <
		    ((i - (size_t)(hole - table->slot)) & table->mask))
			continue;
		*hole = *slot;
		hole = slot;
	}
	*hole = (struct hash_slot){ 0 };
}
