// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * columns.c - rows of cells -> a libsmartcols table
 */
#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>

#include "../escape.h"
#include "columns.h"
#include "readable.h"

void table_init(struct table *table, const struct trail_sink_opts *opts)
{
	struct libscols_table *new = scols_new_table();

	*table = (struct table){ .table = new, .err = new ? 0 : -ENOMEM };
	if (!new)
		return;
	/* Width and colours are the caller's to decide, not those of whatever stdout is. */
	scols_table_set_termforce(new, SCOLS_TERMFORCE_NEVER);
	if (opts->width) {
		scols_table_set_termforce(new, SCOLS_TERMFORCE_ALWAYS);
		scols_table_set_termwidth(new, opts->width);
	}
	scols_table_enable_colors(new, opts->color);
	scols_table_set_stream(new, opts->out);
}

void table_column(struct table *table, const char *name, enum table_align align)
{
	static const int flag[] = {
		[TABLE_LEFT] = 0, [TABLE_RIGHT] = SCOLS_FL_RIGHT, [TABLE_REST] = SCOLS_FL_TRUNC,
	};

	if (!table->err && !scols_table_new_column(table->table, name, 0, flag[align]))
		table->err = -ENOMEM;
}

void table_row(struct table *table)
{
	if (table->err)
		return;
	table->column = 0;
	table->row = scols_table_new_line(table->table, NULL);
	if (!table->row)
		table->err = -ENOMEM;
}

void table_row_color(struct table *table, const char *color)
{
	if (!table->err && color && scols_line_set_color(table->row, color))
		table->err = -ENOMEM;
}

static void cell(struct table *table, const char *text)
{
	if (!table->err && scols_line_set_data(table->row, table->column++, text))
		table->err = -ENOMEM;
}

/* The same with U+FFFD for characters that turn text, which libsmartcols lets pass. */
static const char *without_direction(char *buf, size_t size, const char *text)
{
	size_t left = strlen(text), n = 0;

	while (left && n + 4 < size) {
		const unsigned char *at = (const unsigned char *)text;
		size_t len = utf8_length(at, left);

		if (!len)
			len = 1;
		memcpy(buf + n, utf8_is_direction(at, len) ? "\xef\xbf\xbd" : text, len);
		n += len;
		text += len;
		left -= len;
	}
	buf[n] = '\0';
	return buf;
}

/* No text_safe(): libsmartcols escapes control characters itself, and would do it twice. */
void table_text(struct table *table, const char *text)
{
	char buf[TEXT_SIZE];

	/* All of them begin so. */
	if (text && strchr(text, 0xe2))
		text = without_direction(buf, sizeof(buf), text);
	cell(table, text ? text : "-");
}

void table_count(struct table *table, uint64_t count)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "%" PRIu64, count);
	cell(table, buf);
}

void table_duration(struct table *table, uint64_t ns)
{
	char buf[32];

	cell(table, text_duration(buf, ns));
}

void table_time(struct table *table, uint64_t ns)
{
	char text[40] = "";

	if (ns)
		snprintf(text, sizeof(text), "%" PRIu64 ".%09" PRIu64, ns / 1000000000,
			 ns % 1000000000);
	table_text(table, text);
}

void table_percent(struct table *table, uint64_t part, uint64_t whole)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "%.1f%%", whole ? 100.0 * (double)part / (double)whole : 0);
	cell(table, buf);
}

int table_print(struct table *table)
{
	if (!table->err && scols_print_table(table->table) < 0)
		table->err = -EIO;
	scols_unref_table(table->table);
	return table->err;
}
