// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * event.c - fields of a raw record that are more than a load
 */
#include <string.h>

#include "skbtrail.h"

uint64_t trail_swapped_u64(const struct trail_field *field, const unsigned char *at)
{
	bool is_signed = field->kind == TRAIL_FIELD_SIGNED;
	uint64_t v8;
	uint32_t v4;
	uint16_t v2;

	switch (field->size) {
	case 8:
		memcpy(&v8, at, 8);
		return __builtin_bswap64(v8);
	case 4:
		memcpy(&v4, at, 4);
		v4 = __builtin_bswap32(v4);
		return is_signed ? (uint64_t)(int32_t)v4 : v4;
	case 2:
		memcpy(&v2, at, 2);
		v2 = __builtin_bswap16(v2);
		return is_signed ? (uint64_t)(int16_t)v2 : v2;
	case 1:
		return is_signed ? (uint64_t)(int8_t)*at : *at;
	default:
		return 0;
	}
}

/* __data_loc: the low half is the offset of the bytes, the high half their number. */
static const char *dynamic(const struct trail_event *event, const struct trail_field *field,
			   bool relative, size_t *len)
{
	uint32_t offset;
	uint32_t loc;

	memcpy(&loc, (const unsigned char *)event->data + field->offset, sizeof(loc));
	if (field->swap)
		loc = __builtin_bswap32(loc);
	offset = loc & 0xffff;
	if (relative)
		offset += field->offset + field->size;
	*len = loc >> 16;
	if (offset > event->size || *len > event->size - offset) {
		*len = 0;
		return NULL;
	}
	return (const char *)event->data + offset;
}

const char *trail_str_room(const struct trail_event *event, unsigned int i, size_t *room)
{
	const struct trail_field *field = &event->binding->field[i];

	*room = 0;
	if (!trail_has(event, i))
		return NULL;
	switch (field->kind) {
	case TRAIL_FIELD_DYNAMIC:
	case TRAIL_FIELD_DYNAMIC_BYTES:
		return dynamic(event, field, false, room);
	case TRAIL_FIELD_DYNAMIC_REL:
	case TRAIL_FIELD_DYNAMIC_REL_BYTES:
		return dynamic(event, field, true, room);
	case TRAIL_FIELD_STRING:
	case TRAIL_FIELD_BYTES:
		*room = field->size;
		return (const char *)event->data + field->offset;
	default:
		return NULL;
	}
}

const char *trail_str(const struct trail_event *event, unsigned int i, size_t *len)
{
	const char *at = trail_str_room(event, i, len);

	switch (event->binding->field[i].kind) {
	case TRAIL_FIELD_DYNAMIC:
	case TRAIL_FIELD_DYNAMIC_REL:
	case TRAIL_FIELD_STRING:
		*len = at ? strnlen(at, *len) : 0;
		break;
	}
	return at;
}
