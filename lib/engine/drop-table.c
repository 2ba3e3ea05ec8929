// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * drop-table.c - drops -> a row for each reason, location and class
 *
 * Rows are contiguous and a hash of indices finds them, so they can be sorted in place: the
 * index is then made anew.  Strings are compared by content, since they outlive their owner here.
 */
#include <errno.h>
#include <stdlib.h>

#include "../drop-kind.h"
#include "drop-table.h"

#define FIRST_CAP	16

/* The slot that holds @kind, or the free one where it belongs. */
static uint32_t *find_slot(const struct drop_table *table, const struct trail_drop *kind)
{
	size_t mask = 2 * table->cap_row - 1;
	size_t i = (size_t)drop_kind_hash(kind) & mask;

	while (table->slot[i] && !drop_kind_is_same(&table->row[table->slot[i] - 1].drop, kind))
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

static int row_init(struct trail_drop_count *row, const struct trail_drop *kind)
{
	int err = drop_kind_copy(&row->drop, kind);

	row->count = 1;
	if (err)
		drop_kind_release(&row->drop);
	return err;
}

int drop_table_add(struct drop_table *table, const struct trail_drop *drop)
{
	struct trail_drop kind = *drop;
	uint32_t *slot;
	int err = 0;

	/* Reasons are told together, whatever device the drops are of. */
	kind.dev = NULL;
	if (table->nr_row == table->cap_row)
		err = grow(table);
	if (err)
		return err;
	slot = find_slot(table, &kind);
	if (*slot) {
		table->row[*slot - 1].count++;
		return 0;
	}
	err = row_init(&table->row[table->nr_row], &kind);
	if (!err)
		*slot = (uint32_t)++table->nr_row;
	return err;
}

static int by_count(const void *a, const void *b)
{
	const struct trail_drop_count *left = a;
	const struct trail_drop_count *right = b;

	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	return drop_kind_compare(&left->drop, &right->drop);
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
		drop_kind_release(&table->row[i].drop);
	free(table->row);
	free(table->slot);
}
