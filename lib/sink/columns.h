/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * columns.h - a libsmartcols table that remembers its first error
 */
#ifndef COLUMNS_H
#define COLUMNS_H

#include "skbtrail.h"

struct libscols_table;
struct libscols_line;

/**
 * struct table - a table under construction; errors stick and come out of table_print()
 * @row: the current row
 * @column: where the next cell goes
 */
struct table {
	struct libscols_table *table;
	struct libscols_line *row;
	size_t column;
	int err;
};

/* REST is cut at the terminal's edge. */
enum table_align { TABLE_LEFT, TABLE_RIGHT, TABLE_REST };

void table_init(struct table *table, const struct trail_sink_opts *opts);
void table_column(struct table *table, const char *name, enum table_align align);
void table_row(struct table *table);
/* @color: an escape sequence, used only when colours are wanted; NULL for none */
void table_row_color(struct table *table, const char *color);
void table_text(struct table *table, const char *text);
void table_count(struct table *table, uint64_t count);
void table_duration(struct table *table, uint64_t ns);
/* Of the capture's clock, in seconds; nothing for 0. */
void table_time(struct table *table, uint64_t ns);
void table_percent(struct table *table, uint64_t part, uint64_t whole);
/* Prints and releases.  Return: 0; -ENOMEM; -EIO. */
int table_print(struct table *table);

#endif /* COLUMNS_H */
