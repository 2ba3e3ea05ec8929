// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * drop-table.c - drops -> a row for each reason, location and class
 *
 * Rows are contiguous and a hash of indices finds them, so they can be sorted in place: the
 * index is then made anew.  Strings are compared by content, since they outlive their owner here.
 */
#include <errno.h>
#include <stdlib.h>

#include "drop-table.h"

#define FIRST_CAP	16

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *at = data;

	/* FNV-1a */
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ at[i]) * 0x100000001b3ull;
	return hash;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	return text ? hash_bytes(hash, text, strlen(text) + 1) : hash_bytes(hash, "\xff", 1);
}

/* An address tells locations apart only where there is no symbol: the symbol says more. */
static uint64_t place_of(const struct trail_drop *drop)
{
	return drop->symbol ? drop->symbol_offset : drop->address;
}

static uint64_t hash_drop(const struct trail_drop *drop)
{
	uint64_t place = place_of(drop);
	uint64_t hash = 0xcbf29ce484222325ull;

	hash = hash_text(hash, drop->reason);
	hash = hash_text(hash, drop->symbol);
	hash = hash_text(hash, drop->module);
	hash = hash_bytes(hash, &drop->class, sizeof(drop->class));
	return hash_bytes(hash, &place, sizeof(place));
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_drop(const struct trail_drop *a, const struct trail_drop *b)
{
	return a->class == b->class && place_of(a) == place_of(b) &&
	       same_text(a->reason, b->reason) && same_text(a->symbol, b->symbol) &&
	       same_text(a->module, b->module);
}

/* The slot that holds @drop, or the free one where it belongs. */
static uint32_t *find_slot(const struct drop_table *table, const struct trail_drop *drop)
{
	size_t mask = 2 * table->cap_row - 1;
	size_t i = (size_t)hash_drop(drop) & mask;

	while (table->slot[i] && !same_drop(&table->row[table->slot[i] - 1].drop, drop))
		i = (i + 1) & mask;
	return &table->slot[i];
}

static void make_index(struct drop_table *table)
{
	memset(table->slot, 0, 2 * table->cap_row * sizeof(*table->slot));
	for (size_t i = 0; i < table->nr_row; i++)
		*find_slot(table, &table->row[i].drop) = (uint32_t)i + 1;
}

static int grow(struct drop_table *table)
{
	size_t cap = table->cap_row ? 2 * table->cap_row : FIRST_CAP;
	struct trail_drop_count *row;
	uint32_t *slot;

	row = realloc(table->row, cap * sizeof(*row));
	if (!row)
		return -ENOMEM;
	table->row = row;
	slot = realloc(table->slot, 2 * cap * sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	table->slot = slot;
	table->cap_row = cap;
	make_index(table);
	return 0;
}

static void row_release(struct trail_drop_count *row)
{
	free((char *)row->drop.reason);
	free((char *)row->drop.symbol);
	free((char *)row->drop.module);
}

static int copy_text(const char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return from && !*to ? -ENOMEM : 0;
}

static int row_init(struct trail_drop_count *row, const struct trail_drop *drop)
{
	int err;

	*row = (struct trail_drop_count){ .drop = *drop, .count = 1 };
	row->drop.socket = 0;	/* differs from packet to packet */
	err = copy_text(&row->drop.reason, drop->reason);
	err |= copy_text(&row->drop.symbol, drop->symbol);
	err |= copy_text(&row->drop.module, drop->module);
	if (err)
		row_release(row);
	return err ? -ENOMEM : 0;
}

int drop_table_add(struct drop_table *table, const struct trail_drop *drop)
{
	uint32_t *slot;
	int err = 0;

	if (table->nr_row == table->cap_row)
		err = grow(table);
	if (err)
		return err;
	slot = find_slot(table, drop);
	if (*slot) {
		table->row[*slot - 1].count++;
		return 0;
	}
	err = row_init(&table->row[table->nr_row], drop);
	if (!err)
		*slot = (uint32_t)++table->nr_row;
	return err;
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int by_count(const void *a, const void *b)
{
	const struct trail_drop_count *left = a;
	const struct trail_drop_count *right = b;
	int order;

	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	order = compare_text(left->drop.reason, right->drop.reason);
	if (!order)
		order = compare_text(left->drop.symbol, right->drop.symbol);
	if (order)
		return order;
	if (place_of(&left->drop) != place_of(&right->drop))
		return place_of(&left->drop) < place_of(&right->drop) ? -1 : 1;
	return (int)left->drop.class - (int)right->drop.class;
}

size_t drop_table_sort(struct drop_table *table, const struct trail_drop_count **out)
{
	if (table->nr_row) {
		qsort(table->row, table->nr_row, sizeof(*table->row), by_count);
		make_index(table);
	}
	*out = table->row;
	return table->nr_row;
}

void drop_table_release(struct drop_table *table)
{
	for (size_t i = 0; i < table->nr_row; i++)
		row_release(&table->row[i]);
	free(table->row);
	free(table->slot);
}
