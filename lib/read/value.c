// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * value.c - a field of a record -> a value -> text
 *
 * Values are what the record has; only symbols and lists of numbers are made into text here.
 */
#include <inttypes.h>
#include <string.h>

#include "read.h"

/* Bytes in a dump that are shown in one line. */
#define MAX_DUMP	64

static const char *bytes_of(const struct trail_event *event, const struct trail_field *place,
			    size_t *len)
{
	struct trail_binding binding = { .field[0] = *place };
	struct trail_event bound = *event;

	bound.binding = &binding;
	return trail_str(&bound, 0, len);
}

static bool number_of(const struct trail_event *event, const struct trail_field *place,
		      uint64_t *number)
{
	struct trail_binding binding = { .field[0] = *place };
	struct trail_event bound = *event;

	bound.binding = &binding;
	*number = trail_u64(&bound, 0);
	return trail_has(&bound, 0);
}

/* The bytes of an integer in network order, wherever it was recorded. */
static uint64_t network_number(const struct trail_event *event, const struct trail_field *place)
{
	const unsigned char *at = (const unsigned char *)event->data + place->offset;
	uint64_t number = 0;

	for (unsigned int i = 0; i < place->size && i < sizeof(number); i++)
		number = number << 8 | at[i];
	return number;
}

static void symbol_value(const struct trail_capture *cap, char *room, struct trail_value *value)
{
	struct trail_symbol symbol;
	int len;

	value->kind = TRAIL_VALUE_HEX;
	if (!value->number || !trail_capture_symbol(cap, value->number, &symbol))
		return;
	len = snprintf(room, TRAIL_VALUE_ROOM, "%s+0x%" PRIx64 "%s%s%s", symbol.name,
		       symbol.offset, symbol.module ? " [" : "",
		       symbol.module ? symbol.module : "", symbol.module ? "]" : "");
	value->kind = TRAIL_VALUE_TEXT;
	value->bytes = room;
	value->nr_bytes = (uint16_t)(len < TRAIL_VALUE_ROOM ? len : TRAIL_VALUE_ROOM - 1);
}

/* "{1, 2, 3}" */
static void array_value(const struct trail_event *event, const struct trail_shown *shown,
			char *room, struct trail_value *value)
{
	size_t size = (size_t)(shown->element < 0 ? -shown->element : shown->element);
	size_t at = 0, len = 1;

	room[0] = '{';
	for (; at + size <= value->nr_bytes && len < TRAIL_VALUE_ROOM - 32; at += size) {
		struct trail_field place = shown->place;
		uint64_t number;

		place.offset = (uint16_t)(value->bytes - (const char *)event->data + at);
		place.size = (uint16_t)size;
		place.kind = shown->element < 0 ? TRAIL_FIELD_SIGNED : TRAIL_FIELD_UNSIGNED;
		number_of(event, &place, &number);
		len += (size_t)snprintf(room + len, TRAIL_VALUE_ROOM - len,
					shown->element < 0 ? "%s%" PRId64 : "%s%" PRIu64,
					at ? ", " : "", number);
	}
	len += (size_t)snprintf(room + len, TRAIL_VALUE_ROOM - len, "%s}",
				at + size <= value->nr_bytes ? ", ..." : "");
	value->kind = TRAIL_VALUE_TEXT;
	value->bytes = room;
	value->nr_bytes = (uint16_t)len;
}

static void bytes_value(const struct trail_event *event, const struct trail_shown *shown,
			char *room, struct trail_value *value)
{
	size_t len;

	value->bytes = bytes_of(event, &shown->place, &len);
	if (!value->bytes)
		return;
	value->nr_bytes = (uint16_t)(len < UINT16_MAX ? len : UINT16_MAX);
	value->kind = shown->show == TRAIL_SHOW_STRING ? TRAIL_VALUE_STRING : TRAIL_VALUE_BYTES;
	if (shown->show == TRAIL_SHOW_ARRAY)
		array_value(event, shown, room, value);
}

void trail_event_value(const struct trail_capture *cap, const struct trail_event *event,
		       const struct trail_shown *shown, char *room, struct trail_value *value)
{
	*value = (struct trail_value){ .name = shown->name, .role = shown->role };
	if (shown->show == TRAIL_SHOW_STRING || shown->show == TRAIL_SHOW_DUMP ||
	    shown->show == TRAIL_SHOW_ARRAY) {
		bytes_value(event, shown, room, value);
		return;
	}
	if (!number_of(event, &shown->place, &value->number))
		return;
	value->kind = shown->show == TRAIL_SHOW_HEX ? TRAIL_VALUE_HEX :
		      shown->place.kind == TRAIL_FIELD_SIGNED ? TRAIL_VALUE_SIGNED :
		      TRAIL_VALUE_UNSIGNED;
	if (shown->show == TRAIL_SHOW_NETWORK) {
		value->number = network_number(event, &shown->place);
		value->kind = TRAIL_VALUE_UNSIGNED;
	}
	/* As the kernel has it: the sign of a short number is none of an address. */
	if (shown->show == TRAIL_SHOW_HEX && shown->place.size < sizeof(uint64_t))
		value->number &= ((uint64_t)1 << 8 * shown->place.size) - 1;
	if (shown->show == TRAIL_SHOW_SYMBOL)
		symbol_value(cap, room, value);
}

/* Text that is built piece by piece, and may be longer than there is room for. */
struct piece {
	char *buf;
	size_t size;
	size_t len;
};

static void put(struct piece *to, const char *text, size_t len)
{
	size_t left = to->len < to->size ? to->size - to->len : 0;

	if (left) {
		memcpy(to->buf + to->len, text, len < left ? len : left - 1);
		to->buf[to->len + (len < left ? len : left - 1)] = '\0';
	}
	to->len += len;
}

static void put_text(struct piece *to, const char *text)
{
	put(to, text, strlen(text));
}

static void put_escaped(struct piece *to, const char *text, size_t len)
{
	bool room = to->len < to->size;

	to->len += trail_escape(text, len, room ? to->buf + to->len : NULL,
				room ? to->size - to->len : 0);
}

/* 00 05 68 65 |..he| */
static void put_dump(struct piece *to, const struct trail_value *value)
{
	size_t nr = value->nr_bytes < MAX_DUMP ? value->nr_bytes : MAX_DUMP;
	char hex[4], shown[MAX_DUMP];

	for (size_t i = 0; i < nr; i++) {
		unsigned char byte = (unsigned char)value->bytes[i];

		put(to, hex, (size_t)snprintf(hex, sizeof(hex), "%02x ", byte));
		shown[i] = byte >= ' ' && byte < 0x7f ? (char)byte : '.';
	}
	if (nr < value->nr_bytes)
		put_text(to, "... ");
	put_text(to, "|");
	put(to, shown, nr);
	put_text(to, "|");
}

size_t trail_value_text(const struct trail_value *value, char *buf, size_t size)
{
	struct piece to = { buf, size, 0 };
	char number[24] = "?";

	if (size)
		buf[0] = '\0';
	switch (value->kind) {
	case TRAIL_VALUE_STRING:
		put_text(&to, "\"");
		put_escaped(&to, value->bytes, value->nr_bytes);
		put_text(&to, "\"");
		return to.len;
	case TRAIL_VALUE_TEXT:
		put_escaped(&to, value->bytes, value->nr_bytes);
		return to.len;
	case TRAIL_VALUE_BYTES:
		put_dump(&to, value);
		return to.len;
	case TRAIL_VALUE_HEX:
		snprintf(number, sizeof(number), "0x%" PRIx64, value->number);
		break;
	case TRAIL_VALUE_SIGNED:
		snprintf(number, sizeof(number), "%" PRId64, (int64_t)value->number);
		break;
	case TRAIL_VALUE_UNSIGNED:
		snprintf(number, sizeof(number), "%" PRIu64, value->number);
		break;
	}
	put_text(&to, number);
	return to.len;
}

static void put_value(struct piece *to, const struct trail_value *value)
{
	bool room = to->len < to->size;

	to->len += trail_value_text(value, room ? to->buf + to->len : NULL,
				    room ? to->size - to->len : 0);
}

size_t trail_values_text(const struct trail_value *value, size_t nr, char *buf, size_t size)
{
	struct piece to = { buf, size, 0 };
	const char *before = "";

	if (size)
		buf[0] = '\0';
	put_text(&to, "(");
	for (size_t i = 0; i < nr; i++) {
		if (value[i].role == TRAIL_ROLE_RETVAL || value[i].role == TRAIL_ROLE_TOOK)
			continue;
		put_text(&to, before);
		put_escaped(&to, value[i].name, strlen(value[i].name));
		put_text(&to, "=");
		put_value(&to, &value[i]);
		before = " ";
	}
	put_text(&to, ")");
	for (size_t i = 0; i < nr; i++) {
		if (value[i].role != TRAIL_ROLE_RETVAL)
			continue;
		put_text(&to, " = ");
		put_value(&to, &value[i]);
	}
	return to.len;
}

/* The entry of @event, if it is a part of it. */
static const struct trail_description *entry_of(const struct trail_capture *cap,
						const struct trail_event *event)
{
	const struct trail_description *what = trail_capture_describe(cap, event->type);

	if (!what || what->entry < 0)
		return NULL;
	what = trail_capture_describe(cap, (unsigned int)what->entry);
	return what && what->is_part ? what : NULL;
}

static void add_values(const struct trail_capture *cap, const struct trail_event *event,
		       const struct trail_description *what, struct trail_hit_values *out)
{
	for (uint16_t i = 0; i < what->nr_field && out->nr < TRAIL_MAX_VALUES; i++, out->nr++) {
		const struct trail_shown *shown = &what->field[i];
		struct trail_value *value = &out->value[out->nr];

		if (event)
			trail_event_value(cap, event, shown, out->room[out->nr], value);
		else
			*value = (struct trail_value){ .name = shown->name, .role = shown->role };
	}
}

void trail_hit_values(const struct trail_capture *cap, const struct trail_event *event,
		      const struct trail_pair *pair, struct trail_hit_values *out)
{
	const struct trail_description *what = trail_capture_describe(cap, event->type);
	const struct trail_description *entry = pair ? entry_of(cap, event) : NULL;

	out->nr = 0;
	if (entry)
		add_values(cap, pair->entry, entry, out);
	if (what)
		add_values(cap, event, what, out);
}

size_t trail_hit_text(const struct trail_capture *cap, const struct trail_event *event,
		      const struct trail_pair *pair, char *buf, size_t size)
{
	struct trail_hit_values values;

	trail_hit_values(cap, event, pair, &values);
	return trail_values_text(values.value, values.nr, buf, size);
}
