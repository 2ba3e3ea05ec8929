// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch-count.c - events, or counts of the kernel, by key -> tables
 *
 * Rows are counts since the start; what is new since the last table is told by what they were then.
 * Both ways of counting fill the same table, so that both print the same.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "watch-parts.h"

#define MAX_ROW		65536	/* keys behind them are counted together */
#define TEXT_SIZE	256	/* of a column */
#define MAX_WIDTH	48	/* of a column that is not the last */

/* @text: the columns, each with its end. */
struct row {
	uint64_t total;
	uint64_t before;
	char *text;
	size_t size;
};

struct watch_count {
	char *keys;			/* what @key points into */
	const char *key[WATCH_MAX_KEYS + 1];
	size_t nr_key;
	struct row *row;
	size_t nr_row;
	size_t cap_row;
	uint32_t *slot;			/* hash -> row + 1; twice as many as rows at least */
	size_t nr_slot;
	struct row others;
};

static bool is_repeated(const struct watch_count *count, const char *word)
{
	for (size_t i = 0; i < count->nr_key; i++)
		if (!strcmp(count->key[i], word))
			return true;
	return false;
}

static void refuse_key(const struct watch_count *count, const char *word)
{
	static const char hint[] = "comm, pid, cpu, or fields of the event, with commas";

	if (!*word)
		complain(hint, "watch: --count-by: an empty key");
	else if (is_repeated(count, word))
		complain(hint, "watch: --count-by: '%s' is there twice", word);
	else
		complain(hint, "watch: --count-by: more than %d keys", WATCH_MAX_KEYS);
}

int watch_count_new(const char *keys, bool with_event, struct watch_count **out)
{
	struct watch_count *count = calloc(1, sizeof(*count));
	char *at, *word;

	if (!count || !(count->keys = strdup(keys))) {
		free(count);
		return -ENOMEM;
	}
	if (with_event)
		count->key[count->nr_key++] = "event";
	for (at = count->keys; (word = strsep(&at, ","));) {
		/* It is the first column by itself. */
		if (with_event && !strcmp(word, "event"))
			continue;
		if (!*word || is_repeated(count, word) || count->nr_key >= WATCH_MAX_KEYS)
			break;
		count->key[count->nr_key++] = word;
	}
	if (word) {
		refuse_key(count, word);
		watch_count_free(count);
		return -EINVAL;
	}
	*out = count;
	return 0;
}

void watch_count_free(struct watch_count *count)
{
	if (!count)
		return;
	for (size_t i = 0; i < count->nr_row; i++)
		free(count->row[i].text);
	free(count->row);
	free(count->slot);
	free(count->keys);
	free(count);
}

size_t watch_count_keys(const struct watch_count *count, const char *const **keys)
{
	*keys = count->key;
	return count->nr_key;
}

/* ---- what the columns are */

static bool is_common(const char *key)
{
	return !strcmp(key, "comm") || !strcmp(key, "pid") || !strcmp(key, "cpu") ||
	       !strcmp(key, "event");
}

static const struct trail_shown *find_field(const struct trail_description *what,
					    const char *key)
{
	for (uint16_t i = 0; i < what->nr_field; i++)
		if (!strcmp(what->field[i].name, key))
			return &what->field[i];
	return NULL;
}

/* The entry that a return's values are told by. */
static const struct trail_description *entry_of(const struct trail_capture *cap,
						const struct trail_description *what)
{
	const struct trail_description *entry;

	entry = what->entry < 0 ? NULL : trail_capture_describe(cap, (unsigned int)what->entry);
	return entry && entry->is_part ? entry : NULL;
}

static void add_fields(const struct trail_description *what, char *buf, size_t size)
{
	size_t len = strlen(buf);

	for (uint16_t i = 0; i < what->nr_field && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, ", %s", what->field[i].name);
}

int watch_count_check(const struct watch_count *count, const struct trail_capture *cap,
		      const struct trail_description *what)
{
	const struct trail_description *entry = entry_of(cap, what);
	char fields[200] = "comm, pid, cpu";

	for (size_t i = 0; i < count->nr_key; i++) {
		if (is_common(count->key[i]) || find_field(what, count->key[i]) ||
		    (entry && find_field(entry, count->key[i])))
			continue;
		if (entry)
			add_fields(entry, fields, sizeof(fields));
		add_fields(what, fields, sizeof(fields));
		complain(fields, "watch: --count-by: %s has no '%s'", what->name, count->key[i]);
		return -EINVAL;
	}
	return 0;
}

/* ---- rows */

static uint64_t hash(const char *text, size_t size)
{
	uint64_t value = 0xcbf29ce484222325;

	for (size_t i = 0; i < size; i++)
		value = (value ^ (unsigned char)text[i]) * 0x100000001b3;
	return value ^ value >> 29;
}

static void put_slot(struct watch_count *count, size_t i)
{
	size_t at = hash(count->row[i].text, count->row[i].size) % count->nr_slot;

	while (count->slot[at])
		at = (at + 1) % count->nr_slot;
	count->slot[at] = (uint32_t)i + 1;
}

static int grow(struct watch_count *count)
{
	size_t cap = count->cap_row ? 2 * count->cap_row : 64;
	struct row *row = reallocarray(count->row, cap, sizeof(*row));
	uint32_t *slot;

	if (!row)
		return -ENOMEM;
	count->row = row;
	slot = calloc(4 * cap, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	free(count->slot);
	count->slot = slot;
	count->nr_slot = 4 * cap;
	count->cap_row = cap;
	for (size_t i = 0; i < count->nr_row; i++)
		put_slot(count, i);
	return 0;
}

/* Return: NULL without memory. */
static struct row *find_row(struct watch_count *count, const char *text, size_t size)
{
	size_t at = count->nr_slot ? hash(text, size) % count->nr_slot : 0;
	struct row *row;

	for (; count->nr_slot && count->slot[at]; at = (at + 1) % count->nr_slot) {
		row = &count->row[count->slot[at] - 1];
		if (row->size == size && !memcmp(row->text, text, size))
			return row;
	}
	if (count->nr_row == MAX_ROW)
		return &count->others;
	if (count->nr_row == count->cap_row && grow(count))
		return NULL;
	row = &count->row[count->nr_row];
	*row = (struct row){ .text = malloc(size), .size = size };
	if (!row->text)
		return NULL;
	memcpy(row->text, text, size);
	put_slot(count, count->nr_row++);
	return row;
}

static size_t add_column(char *buf, size_t len, const char *text)
{
	size_t size = strnlen(text, TEXT_SIZE - 1);

	memcpy(buf + len, text, size);
	buf[len + size] = '\0';
	return len + size + 1;
}

int watch_count_set(struct watch_count *count, const char *const *column, uint64_t total)
{
	char buf[WATCH_MAX_KEYS * TEXT_SIZE];
	struct row *row;
	size_t len = 0;

	for (size_t i = 0; i < count->nr_key; i++)
		len = add_column(buf, len, column[i]);
	row = find_row(count, buf, len);
	if (!row)
		return -ENOMEM;
	if (row == &count->others)
		row->total += total;
	else
		row->total = total;
	return 0;
}

static void field_text(const struct trail_capture *cap, const struct trail_event *event,
		       const struct trail_shown *shown, char *buf)
{
	struct trail_value value = { .kind = TRAIL_VALUE_UNKNOWN };
	char room[TRAIL_VALUE_ROOM];

	if (event)
		trail_event_value(cap, event, shown, room, &value);
	trail_value_text(&value, buf, TEXT_SIZE);
}

static void comm_text(struct watch_tasks *tasks, const struct trail_event *event, char *buf)
{
	const char *comm = watch_task_name(tasks, event);

	trail_escape(*comm ? comm : "?", *comm ? strlen(comm) : 1, buf, TEXT_SIZE);
}

/* Of a key that is not "comm". */
static void column_text(const struct trail_capture *cap, const struct trail_event *event,
			const struct trail_pair *pair, const char *key, char *buf)
{
	const struct trail_description *what = trail_capture_describe(cap, event->type);
	const struct trail_description *entry = what ? entry_of(cap, what) : NULL;
	const struct trail_shown *shown;

	if (!strcmp(key, "event"))
		snprintf(buf, TEXT_SIZE, "%s", what ? what->name : "?");
	else if (!strcmp(key, "pid"))
		snprintf(buf, TEXT_SIZE, "%d", event->pid);
	else if (!strcmp(key, "cpu"))
		snprintf(buf, TEXT_SIZE, "%u", event->cpu);
	else if (what && (shown = find_field(what, key)))
		field_text(cap, event, shown, buf);
	else if (entry && (shown = find_field(entry, key)))
		field_text(cap, pair->entry, shown, buf);
	else
		snprintf(buf, TEXT_SIZE, "?");
}

int watch_count_event(struct watch_count *count, const struct trail_capture *cap,
		      struct watch_tasks *tasks, const struct trail_event *event,
		      const struct trail_pair *pair)
{
	char buf[WATCH_MAX_KEYS * TEXT_SIZE], column[TEXT_SIZE];
	struct row *row;
	size_t len = 0;

	for (size_t i = 0; i < count->nr_key; i++) {
		if (strcmp(count->key[i], "comm") != 0)
			column_text(cap, event, pair, count->key[i], column);
		else
			comm_text(tasks, event, column);
		len = add_column(buf, len, column);
	}
	row = find_row(count, buf, len);
	if (!row)
		return -ENOMEM;
	row->total++;
	return 0;
}

/* ---- tables */

static uint64_t shown_of(const struct row *row, bool is_total)
{
	return is_total ? row->total : row->total - row->before;
}

static int by_total(const void *a, const void *b)
{
	const struct row *left = a, *right = b;
	size_t size = left->size < right->size ? left->size : right->size;

	if (left->total != right->total)
		return left->total > right->total ? -1 : 1;
	return memcmp(left->text, right->text, size);
}

static int by_new(const void *a, const void *b)
{
	const struct row *left = a, *right = b;
	uint64_t left_new = left->total - left->before, right_new = right->total - right->before;

	if (left_new != right_new)
		return left_new > right_new ? -1 : 1;
	return by_total(a, b);
}

static void measure(const struct watch_count *count, size_t nr, int *width)
{
	for (size_t i = 0; i < count->nr_key; i++)
		width[i] = (int)strlen(count->key[i]);
	for (size_t i = 0; i < nr; i++) {
		const char *text = count->row[i].text;

		for (size_t j = 0; j < count->nr_key; j++, text += strlen(text) + 1)
			if ((int)strlen(text) > width[j])
				width[j] = (int)strlen(text);
	}
	for (size_t i = 0; i < count->nr_key; i++)
		if (width[i] > MAX_WIDTH || i + 1 == count->nr_key)
			width[i] = i + 1 == count->nr_key ? 0 : MAX_WIDTH;
}

static void print_rows(const struct watch_count *count, size_t nr, const struct watch_table *table)
{
	int width[WATCH_MAX_KEYS];

	measure(count, nr, width);
	fprintf(table->out, "%12s", "count");
	for (size_t i = 0; i < count->nr_key; i++)
		fprintf(table->out, "  %-*s", width[i], count->key[i]);
	fputc('\n', table->out);
	for (size_t i = 0; i < nr; i++) {
		const char *text = count->row[i].text;

		fprintf(table->out, "%12" PRIu64, shown_of(&count->row[i], table->is_total));
		for (size_t j = 0; j < count->nr_key; j++, text += strlen(text) + 1)
			fprintf(table->out, "  %-*s", width[j], text);
		fputc('\n', table->out);
	}
}

void watch_count_print(struct watch_count *count, const struct watch_table *table)
{
	uint64_t sum = shown_of(&count->others, table->is_total);
	size_t nr = 0, shown;

	if (count->nr_row)
		qsort(count->row, count->nr_row, sizeof(*count->row),
		      table->is_total ? by_total : by_new);
	if (count->nr_slot)
		memset(count->slot, 0, count->nr_slot * sizeof(*count->slot));
	for (size_t i = 0; i < count->nr_row; i++) {
		put_slot(count, i);
		nr += shown_of(&count->row[i], table->is_total) > 0;
		sum += shown_of(&count->row[i], table->is_total);
	}
	fprintf(table->out, "%s%" PRIu64 " in %" PRIu64 ".%02" PRIu64 "s\n",
		table->is_total ? "total: " : "", sum, table->ns / 1000000000,
		table->ns / 10000000 % 100);
	shown = table->top && nr > table->top ? table->top : nr;
	if (shown)
		print_rows(count, shown, table);
	if (shown < nr)
		fprintf(table->out, "%12s  %zu more\n", "...", nr - shown);
	if (shown_of(&count->others, table->is_total))
		fprintf(table->out, "%12" PRIu64 "  behind the first %d keys\n",
			shown_of(&count->others, table->is_total), MAX_ROW);
	fputc('\n', table->out);
	for (size_t i = 0; i < count->nr_row; i++)
		count->row[i].before = count->row[i].total;
	count->others.before = count->others.total;
}
