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
#include "tracedat-blank.h"

#define BUFFER_BYTES	(256u * 1024)

struct blank {
	struct page_layout layout;
	bool payload;
	struct trail_binding **by_type;	/* nr_type, NULL: nothing to be done */
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
	struct trail_binding **by_type;

	if (type < blank->nr_type)
		return 0;
	by_type = reallocarray(blank->by_type, type + 1, sizeof(struct trail_binding *));
	if (!by_type)
		return -ENOMEM;
	memset(by_type + blank->nr_type, 0,
	       (type + 1 - blank->nr_type) * sizeof(struct trail_binding *));
	blank->by_type = by_type;
	blank->nr_type = type + 1;
	return 0;
}

int blank_add(struct blank *blank, const struct trail_row *row, const char *format, size_t size)
{
	struct text text = { format, size }, name;
	struct trail_binding *binding;
	struct format_field field;
	unsigned int type;

	if (!format_head(text, &name, &type) || type > UINT16_MAX)
		return -EINVAL;
	if (make_room(blank, type))
		return -ENOMEM;
	binding = calloc(1, sizeof(*binding));
	if (!binding)
		return -ENOMEM;
	binding->row = row;
	binding->type = (uint16_t)type;
	for (unsigned int i = 0; i < TRAIL_MAX_FIELDS && row->field[i]; i++)
		if (format_find_field(text, row->field[i], &field))
			binding->field[i] = field.place;
	free(blank->by_type[type]);
	blank->by_type[type] = binding;
	return 0;
}

/* common_type is the first field of every event (kernel/trace/trace.h: struct trace_entry). */
static const struct trail_binding *binding_of(const struct blank *blank,
					      const struct record *record)
{
	uint16_t type;

	if (record->size < sizeof(type))
		return NULL;
	memcpy(&type, record->data, sizeof(type));
	return type < blank->nr_type ? blank->by_type[type] : NULL;
}

/* @page is writable, struct record only looks at it.  Return: whether it was changed. */
static bool blank_record(const struct blank *blank, const struct record *record,
			 unsigned char *page)
{
	struct trail_event event = { .data = record->data, .size = record->size };
	uint32_t offset, size;

	event.binding = binding_of(blank, record);
	if (!event.binding)
		return false;
	size = event.binding->row->surplus(&event, blank->payload, &offset);
	if (!size || offset > record->size || size > record->size - offset)
		return false;
	memset(page + (record->data - page) + offset, 0, size);
	return true;
}

static bool blank_page(const struct blank *blank, unsigned char *data)
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
