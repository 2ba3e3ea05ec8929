/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drop-table.h - drops counted by reason, location and class
 */
#ifndef DROP_TABLE_H
#define DROP_TABLE_H

#include "skbtrail.h"

/**
 * struct drop_table - zeroed memory is an empty one
 * @row: in order of first sight, or sorted; strings are owned
 * @slot: hash -> index into @row plus 1, 0 = empty; power of two, at most half full
 */
struct drop_table {
	struct trail_drop_count *row;
	uint32_t *slot;
	size_t nr_row;
	size_t cap_row;
};

/* Return: 0 or -ENOMEM. */
int drop_table_add(struct drop_table *table, const struct trail_drop *drop);
/* Rows, most first; valid until the next drop_table_add().  Return: their number. */
size_t drop_table_sort(struct drop_table *table, const struct trail_drop_count **out);
void drop_table_release(struct drop_table *table);

#endif /* DROP_TABLE_H */
