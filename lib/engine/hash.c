// SPDX-License-Identifier: LGPL-2.1-or-later
/* hash.c - open-addressing hash table, see hash.h */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "hash.h"

#define FIRST_SLOTS	256
/* Half full, millions of keys that nobody chose lie a hundred slots away at most. */
#define MAX_DISTANCE	1000

/* One multiplication leaves a difference in the highest bits where it is; all bits count here. */
static __attribute__((noinline, cold)) uint64_t mix(uint64_t key)
{
	for (int i = 0; i < 2; i++) {
		key ^= key >> 32;
		key *= 0xd6e8feb86659fd93ull;
	}
	return key ^ key >> 32;
}

/* Kernel addresses differ in their middle bits; the multiplication moves them to the top. */
static inline size_t home(const struct hash *table, uint64_t key)
{
	if (table->seed)
		key = mix(key ^ table->seed);
	return (size_t)((key * 0x9e3779b97f4a7c15ull) >> 20) & table->mask;
}

void hash_release(struct hash *table)
{
	free(table->slot);
	*table = (struct hash){ 0 };
}

static inline __attribute__((always_inline))
struct hash_slot *find(const struct hash *table, uint64_t key)
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

/* Moves everything into @nr slots. */
static int rebuild(struct hash *table, size_t nr, uint64_t seed)
{
	struct hash bigger = { .mask = nr - 1, .used = table->used, .seed = seed };
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

static int grow(struct hash *table)
{
	return rebuild(table, table->slot ? 2 * (table->mask + 1) : FIRST_SLOTS, table->seed);
}

/* How far a key lies from its home. */
static size_t distance(const struct hash *table, const struct hash_slot *slot)
{
	return ((size_t)(slot - table->slot) - home(table, slot->key)) & table->mask;
}

static uint64_t new_seed(const struct hash *table)
{
	uint64_t seed;

	/* Without it, where memory happens to lie is not told to who made the capture either. */
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uintptr_t)table->slot * 0xd6e8feb86659fd93ull;
	return seed;
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
	if (distance(table, slot) > MAX_DISTANCE)
		return rebuild(table, table->mask + 1, new_seed(table));
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
