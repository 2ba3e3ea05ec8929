// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tracedat-blank.c - packet payload out of recorded pages
 *
 * Done on the recorders' files before they are joined, so that no capture ever holds it; what is
 * rewritten is written in place.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../read/format.h"
#include "../read/page.h"
#include "file.h"
#include "kernel-filter.h"
#include "tracedat-blank.h"

#define BUFFER_BYTES	(256u * 1024)

/**
 * struct known - an event with packet bytes
 * @filter_offset, @filter_size: the fields that only the packet filter looked at
 */
struct known {
	struct trail_binding binding;
	uint32_t filter_offset;
	uint32_t filter_size;
};

struct blank {
	struct page_layout layout;
	bool payload;
	struct known **by_type;		/* nr_type, NULL: nothing to be done */
	size_t nr_type;
};

int blank_new(uint32_t page_size, uint32_t commit_size, bool payload, struct blank **out)
{
	struct blank *blank = calloc(1, sizeof(*blank));

	if (!blank)
		return -ENOMEM;
	blank->layout.page_size = page_size;
	blank->layout.commit_size = commit_size;
	blank->payload = payload;
	*out = blank;
	return 0;
}

void blank_free(struct blank *blank)
{
	if (!blank)
		return;
	for (size_t i = 0; i < blank->nr_type; i++)
		free(blank->by_type[i]);
	free(blank->by_type);
	free(blank);
}

static int make_room(struct blank *blank, unsigned int type)
{
	struct known **by_type;

	if (type < blank->nr_type)
		return 0;
	by_type = reallocarray(blank->by_type, type + 1, sizeof(struct known *));
	if (!by_type)
		return -ENOMEM;
	memset(by_type + blank->nr_type, 0,
	       (type + 1 - blank->nr_type) * sizeof(struct known *));
	blank->by_type = by_type;
	blank->nr_type = type + 1;
	return 0;
}

/* They are one behind the other, and say nothing that the packet's bytes do not say. */
static void find_filter_fields(struct text text, struct known *known)
{
	uint32_t start = UINT32_MAX, end = 0;
	struct format_field field;
	size_t at = 0;

	while (format_next_field(text, &at, &field)) {
		if (!kernel_filter_is_field(field.name.at, field.name.len))
			continue;
		if (field.place.offset < start)
			start = field.place.offset;
		if (field.place.offset + field.place.size > end)
			end = field.place.offset + field.place.size;
	}
	known->filter_offset = end ? start : 0;
	known->filter_size = end ? end - start : 0;
}

int blank_add(struct blank *blank, const struct trail_row *row, const char *format, size_t size)
{
	struct text text = { format, size }, name;
	struct trail_binding *binding;
	struct known *known;
	struct format_field field;
	unsigned int type;

	if (!format_head(text, &name, &type) || type > UINT16_MAX)
		return -EINVAL;
	if (make_room(blank, type))
		return -ENOMEM;
	known = calloc(1, sizeof(*known));
	if (!known)
		return -ENOMEM;
	binding = &known->binding;
	binding->row = row;
	binding->type = (uint16_t)type;
	for (unsigned int i = 0; i < TRAIL_MAX_FIELDS && row->field[i]; i++)
		if (format_find_field(text, row->field[i], &field))
			binding->field[i] = field.place;
	find_filter_fields(text, known);
	free(blank->by_type[type]);
	blank->by_type[type] = known;
	return 0;
}

/* common_type is the first field of every event (kernel/trace/trace.h: struct trace_entry). */
static const struct known *known_of(const struct blank *blank, const struct record *record)
{
	uint16_t type;

	if (record->size < sizeof(type))
		return NULL;
	memcpy(&type, record->data, sizeof(type));
	return type < blank->nr_type ? blank->by_type[type] : NULL;
}

static bool zero(const struct record *record, unsigned char *page, uint32_t offset, uint32_t size)
{
	if (!size || offset > record->size || size > record->size - offset)
		return false;
	memset(page + (record->data - page) + offset, 0, size);
	return true;
}

/* @page is writable, struct record only looks at it.  Return: whether it was changed. */
static bool blank_record(const struct blank *blank, const struct record *record,
			 unsigned char *page)
{
	struct trail_event event = { .data = record->data, .size = record->size };
	const struct known *known = known_of(blank, record);
	uint32_t offset = 0, size;
	bool changed = false;

	if (!known)
		return false;
	event.binding = &known->binding;
	while ((size = event.binding->row->surplus(&event, blank->payload, &offset)) != 0) {
		changed |= zero(record, page, offset, size);
		offset += size;
	}
	return zero(record, page, known->filter_offset, known->filter_size) || changed;
}

bool blank_page(const struct blank *blank, unsigned char *data)
{
	struct page page = { 0 };
	struct record record;
	bool changed = false;
	int more;

	if (page_start(&page, &blank->layout, data))
		return false;
	while ((more = page_next(&page, &blank->layout, &record)) > 0)
		changed |= blank_record(blank, &record, data);
	/* What cannot be told apart cannot be kept. */
	if (more < 0 && page.at < page.end) {
		memset(data + (page.at - data), 0, (size_t)(page.end - page.at));
		changed = true;
	}
	return changed;
}

int blank_file(const struct blank *blank, int fd, uint64_t size)
{
	uint32_t page_size = blank->layout.page_size;
	size_t room = BUFFER_BYTES < page_size ? page_size : BUFFER_BYTES / page_size * page_size;
	unsigned char *buffer;
	int err = 0;

	if (!blank->nr_type)
		return 0;
	buffer = malloc(room);
	if (!buffer)
		return -ENOMEM;
	for (uint64_t done = 0; !err && done + page_size <= size;) {
		size_t n = size - done < room ? (size - done) / page_size * page_size : room;
		bool changed = false;

		err = file_read_at(fd, buffer, n, done);
		for (size_t at = 0; !err && at < n; at += page_size)
			changed |= blank_page(blank, buffer + at);
		if (!err && changed)
			err = file_write_at(fd, buffer, n, done);
		done += n;
	}
	free(buffer);
	return err;
}
