// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * generate-base.c - a capture -> its records in memory, ready to be copied
 *
 * Copies of a record differ in addresses of objects, pids, socket cookies and CPU numbers.  Which
 * fields those are is read from the formats; an address is told by its value: of data, not of code.
 * Gaps between addresses are made small, so that many copies fit side by side.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "generate.h"
#include "page.h"

/* Of a gap between addresses no more than this is kept, and what makes it no multiple. */
#define MAX_GAP		(1ull << 21)
/*
 * Between them lie the kernel's data, with page tables of 4 and of 5 levels
 * (Documentation/arch/x86/x86_64/mm.rst), above them its code, modules and error numbers.
 */
#define FIRST_DATA	0xff00000000000000ull
#define FIRST_CODE	0xffffffff00000000ull
/* Where the copies' addresses begin. */
#define FIRST_MOVED	0xff11000000000000ull

/* All addresses of all records, with repetitions, then each once and where it went. */
struct addresses {
	uint64_t *value;
	uint64_t *moved;
	size_t nr;
};

bool base_is_address(uint64_t value)
{
	return value >= FIRST_DATA && value < FIRST_CODE;
}

static bool ends_with(struct text text, const char *end)
{
	size_t len = strlen(end);

	return text.len >= len && !memcmp(text.at + text.len - len, end, len);
}

/* Return: enum base_kind, or -1 when copies may have the same value. */
static int kind_of(const struct format_field *field)
{
	bool number = field->place.kind == TRAIL_FIELD_UNSIGNED ||
		      field->place.kind == TRAIL_FIELD_SIGNED;

	if (number && field->place.size == 8)
		return ends_with(field->name, "sock_cookie") ? BASE_COOKIE : BASE_ADDRESS;
	if (number && field->place.size == 4 && ends_with(field->name, "pid"))
		return BASE_PID;
	if (number && field->place.size == 4 && ends_with(field->name, "cpu"))
		return BASE_CPU;
	return -1;
}

static void add_type(struct base *base, struct text format)
{
	struct format_field field;
	struct base_type *type;
	struct text name;
	unsigned int id;
	size_t at = 0;

	if (!format_head(format, &name, &id))
		return;
	type = calloc(1, sizeof(*type));
	if (!type)
		err(1, "formats");
	while (format_next_field(format, &at, &field)) {
		int kind = kind_of(&field);

		if (kind < 0)
			continue;
		if (type->nr_field == sizeof(type->field) / sizeof(type->field[0]))
			errx(1, "%.*s: too many fields", (int)name.len, name.at);
		type->field[type->nr_field++] =
			(struct base_field){ field.place.offset, field.place.size, (uint8_t)kind };
	}
	base->type[id] = type;
}

static void add_record(struct base *base, struct base_cpu *cpu, const struct record *record)
{
	struct base_record *to;

	if (!(cpu->nr_record & (cpu->nr_record - 1)))
		cpu->record = reallocarray(cpu->record, cpu->nr_record ? cpu->nr_record * 2 : 1,
					   sizeof(*cpu->record));
	if (!cpu->record)
		err(1, "records");
	to = &cpu->record[cpu->nr_record++];
	*to = (struct base_record){ record->ts, malloc(record->size), record->size, record->lost };
	if (!to->data)
		err(1, "records");
	memcpy(to->data, record->data, record->size);
	base->nr_record++;
}

static void read_records(struct base *base, const char *path)
{
	struct page_layout layout = { .page_size = base->cut.page_size, .commit_size = 8 };
	struct page *page = calloc(base->cut.nr_cpu, sizeof(*page));
	struct record record;

	base->cpu = calloc(base->cut.nr_cpu, sizeof(*base->cpu));
	if (!page || !base->cpu)
		err(1, "%s", path);
	for (size_t i = 0; i < base->cut.nr_page; i++) {
		uint32_t cpu = base->cut.page[i].cpu;
		int more;

		if (cpu >= base->cut.nr_cpu || page_start(&page[cpu], &layout,
							  base->cut.page[i].data))
			errx(1, "%s: damaged page", path);
		while ((more = page_next(&page[cpu], &layout, &record)) > 0)
			if (record.size >= 8)
				add_record(base, &base->cpu[cpu], &record);
		if (more < 0)
			errx(1, "%s: damaged page", path);
	}
	free(page);
	if (!base->nr_record)
		errx(1, "%s: no events", path);
}

static int compare_u64(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* Sets the time that @take events in the middle span. */
static void find_window(struct base *base, uint64_t take)
{
	uint64_t *ts = calloc(base->nr_record, sizeof(*ts));
	uint64_t first, nr = 0;

	if (!ts)
		err(1, "records");
	for (uint32_t i = 0; i < base->cut.nr_cpu; i++)
		for (uint64_t j = 0; j < base->cpu[i].nr_record; j++)
			ts[nr++] = base->cpu[i].record[j].ts;
	qsort(ts, nr, sizeof(*ts), compare_u64);
	if (!take || take > nr)
		take = nr;
	first = (nr - take) / 2;
	base->start_ns = ts[first];
	base->end_ns = ts[first + take - 1];
	free(ts);
}

static void cut_window(struct base *base)
{
	base->nr_record = 0;
	for (uint32_t i = 0; i < base->cut.nr_cpu; i++) {
		struct base_cpu *cpu = &base->cpu[i];
		uint64_t kept = 0;

		for (uint64_t j = 0; j < cpu->nr_record; j++) {
			struct base_record *record = &cpu->record[j];

			if (record->ts >= base->start_ns && record->ts <= base->end_ns)
				cpu->record[kept++] = *record;
			else
				free(record->data);
		}
		cpu->nr_record = kept;
		base->nr_record += kept;
	}
}

typedef void visit_field(void *data, const struct base_field *field, unsigned char *at);

static void each_field(struct base *base, visit_field *visit, void *data)
{
	for (uint32_t i = 0; i < base->cut.nr_cpu; i++) {
		for (uint64_t j = 0; j < base->cpu[i].nr_record; j++) {
			const struct base_record *record = &base->cpu[i].record[j];
			const struct base_type *type = base_type_of(base, record);

			for (unsigned int k = 0; type && k < type->nr_field; k++)
				if (base_has(record, &type->field[k]))
					visit(data, &type->field[k],
					      record->data + type->field[k].offset);
		}
	}
}

static uint64_t get_u64(const unsigned char *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint32_t get_u32(const unsigned char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static void collect_address(void *data, const struct base_field *field, unsigned char *at)
{
	struct addresses *all = data;

	if (field->kind != BASE_ADDRESS || !base_is_address(get_u64(at)))
		return;
	if (!(all->nr & (all->nr - 1)))
		all->value = reallocarray(all->value, all->nr ? all->nr * 2 : 1,
					  sizeof(*all->value));
	if (!all->value)
		err(1, "addresses");
	all->value[all->nr++] = get_u64(at);
}

static void move_address(void *data, const struct base_field *field, unsigned char *at)
{
	const struct addresses *all = data;
	uint64_t value, *found;

	if (field->kind != BASE_ADDRESS || !base_is_address(get_u64(at)))
		return;
	value = get_u64(at);
	found = bsearch(&value, all->value, all->nr, sizeof(value), compare_u64);
	memcpy(at, &all->moved[found - all->value], sizeof(value));
}

static void number_addresses(struct base *base)
{
	struct addresses all = { 0 };
	size_t nr = 0;

	each_field(base, collect_address, &all);
	if (!all.nr)
		return;
	qsort(all.value, all.nr, sizeof(*all.value), compare_u64);
	all.moved = calloc(all.nr, sizeof(*all.moved));
	if (!all.moved)
		err(1, "addresses");
	for (size_t i = 0; i < all.nr; i++)
		if (!i || all.value[i] != all.value[nr - 1])
			all.value[nr++] = all.value[i];
	all.nr = nr;
	all.moved[0] = FIRST_MOVED + all.value[0] % MAX_GAP;
	for (size_t i = 1; i < nr; i++) {
		uint64_t gap = all.value[i] - all.value[i - 1];

		all.moved[i] = all.moved[i - 1] + (gap < MAX_GAP ? gap : MAX_GAP + gap % MAX_GAP);
	}
	base->address_span = all.moved[nr - 1] - FIRST_MOVED + MAX_GAP;
	each_field(base, move_address, &all);
	free(all.value);
	free(all.moved);
}

static void mark_pid(void *data, const struct base_field *field, unsigned char *at)
{
	uint32_t *index = data;

	if (field->kind == BASE_PID && get_u32(at) && get_u32(at) < MAX_PID)
		index[get_u32(at)] = 1;
}

static void move_pid(void *data, const struct base_field *field, unsigned char *at)
{
	const uint32_t *index = data;

	if (field->kind == BASE_PID && get_u32(at) && get_u32(at) < MAX_PID)
		memcpy(at, &index[get_u32(at)], sizeof(*index));
}

static void number_pids(struct base *base)
{
	uint32_t *index = calloc(MAX_PID, sizeof(*index));

	base->pid = calloc(MAX_PID, sizeof(*base->pid));
	if (!index || !base->pid)
		err(1, "pids");
	each_field(base, mark_pid, index);
	for (uint32_t pid = 1; pid < MAX_PID; pid++) {
		if (!index[pid])
			continue;
		base->pid[base->nr_pid++] = pid;
		index[pid] = base->nr_pid;
	}
	each_field(base, move_pid, index);
	free(index);
}

void base_read(struct base *base, const char *path, uint64_t take)
{
	*base = (struct base){ 0 };
	cut_read(path, &base->cut);
	for (size_t i = 0; i < base->cut.nr_format; i++)
		add_type(base, (struct text){ base->cut.format[i].text.at,
					      base->cut.format[i].text.len });
	read_records(base, path);
	find_window(base, take);
	cut_window(base);
	number_addresses(base);
	number_pids(base);
}
