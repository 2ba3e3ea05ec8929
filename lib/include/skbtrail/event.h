/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/event.h - events of a capture, and what plugins know of them
 */
#ifndef SKBTRAIL_EVENT_H
#define SKBTRAIL_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "skbtrail/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct trail_engine;
struct trail_event;

#define TRAIL_PLUGIN_ABI	3
/* Packet bytes kept by `record`, and the most: two arrays of 64 words. */
#define TRAIL_SNAP_BYTES	96
#define TRAIL_MAX_SNAP_BYTES	1024
#define TRAIL_MAX_FIELDS	44

/* Which presets of `record` switch a row's event on. */
enum trail_preset_flag {
	TRAIL_PRESET_MINIMAL	= 1 << 0,	/* fewest events that give every receive stage */
	TRAIL_PRESET_NET	= 1 << 1,	/* the default */
	TRAIL_PRESET_DROPS	= 1 << 2,	/* dropped packets only, and who they are */
};

/*
 * Beside them: a packet's life begins here.  With a packet filter it is left out, and the dynamic
 * events with packet bytes, which are filtered, stand for it.
 */
#define TRAIL_ROW_BIRTH		(1 << 8)
/* Beside them: packet bytes that a packet filter cannot judge; with one the event is left out. */
#define TRAIL_ROW_UNFILTERED	(1 << 9)

#define TRAIL_PRESET_BOTH	(TRAIL_PRESET_MINIMAL | TRAIL_PRESET_NET)

/* How a dynamic event is attached to the kernel; from which kernel on, is read in its README. */
enum trail_probe_kind {
	TRAIL_PROBE_END,	/* ends a list of forms */
	TRAIL_PROBE_EPROBE,	/* to an event: place "system/event" (5.15) */
	TRAIL_PROBE_FPROBE,	/* to a function by ftrace: "function" or "function%return" (6.5) */
	TRAIL_PROBE_KPROBE,	/* to a function's entry */
	TRAIL_PROBE_KRETPROBE,	/* to a function's return */
	TRAIL_PROBE_COVERED,	/* another row's probe, which @place names, yields it as well */
};

/**
 * struct trail_probe - one form of a dynamic event
 * @kind: enum trail_probe_kind
 * @place: what it is attached to
 * @args: its fields in the grammar of tracefs' dynamic_events, with
 *	  {struct.member.member}	offset of a member, in bytes
 *	  {=struct.member}		type of a member as the grammar has it: u16, b1@7/8
 *	  {snap}			array of the packet bytes to be kept: x64[12]
 *	  {snap+64}			the same with room for 64 bytes more
 *	  packet=...			where a packet filter finds the network header when it is
 *					not 0, else it is where data=... says
 *	  ?name=...			left out when the kernel has no such member; without the
 *					question mark the whole form is not to be had then
 * @replaces: the event "system:event" that need not be recorded beside it, or NULL
 */
struct trail_probe {
	enum trail_probe_kind kind;
	const char *place;
	const char *args;
	const char *replaces;
};

/**
 * struct trail_row - one event that a plugin knows
 * @event: "system:event".  "skbtrail:NAME" is a dynamic event, which `record` creates by @probe in
 *	   the group skbtrail_<pid>
 * @field: names of the fields that @handler reads, in the order of its indices; "a|b" takes the
 *	   first name that the capture's format has.  A field that the format lacks is absent
 *	   (trail_has() is false), never zero.
 * @handler: says to the engine what the event means; NULL for an event that is only recorded.
 *	     Returns 0 or a negative errno.
 * @preset: enum trail_preset_flag bits
 * @probe: forms of the dynamic event, the best first, TRAIL_PROBE_END after the last; NULL for an
 *	   event of the kernel
 * @surplus: of an event with packet bytes: which bytes of the record a capture is not to keep:
 *	     what is behind the packet's headers, or if @payload what is behind its end; and what is
 *	     in front of it.  *@offset: look from there on; set to the place in the record.
 *	     Return: how many, 0: there are no more.  NULL: all are kept
 */
struct trail_row {
	const char *event;
	const char *field[TRAIL_MAX_FIELDS];
	int (*handler)(struct trail_engine *engine, const struct trail_event *event);
	unsigned int preset;
	const struct trail_probe *probe;
	uint32_t (*surplus)(const struct trail_event *event, bool payload, uint32_t *offset);
};

/**
 * struct trail_plugin - the knowledge about one kernel subsystem
 * @abi: TRAIL_PLUGIN_ABI
 * @name: file name without ending
 * @about: one line
 * @row: ends with an empty row
 */
struct trail_plugin {
	unsigned int abi;
	const char *name;
	const char *about;
	const struct trail_row *row;
};

/* Built in, the symbol is trail_plugin_NAME; as a module (-DTRAIL_MODULE) it is trail_plugin. */
#ifdef TRAIL_MODULE
#define TRAIL_PLUGIN(id) \
	extern const struct trail_plugin trail_plugin; \
	const struct trail_plugin trail_plugin
#else
#define TRAIL_PLUGIN(id) \
	extern const struct trail_plugin trail_plugin_##id; \
	const struct trail_plugin trail_plugin_##id
#endif

/* The built-in plugins, NULL at the end; made by meson from the list in plugins/meson.build. */
extern const struct trail_plugin *const trail_builtin_plugin[];

enum trail_field_kind {
	TRAIL_FIELD_ABSENT,
	TRAIL_FIELD_UNSIGNED,
	TRAIL_FIELD_SIGNED,
	TRAIL_FIELD_STRING,		/* char array in the record */
	TRAIL_FIELD_DYNAMIC,		/* __data_loc: u16 offset, u16 length */
	TRAIL_FIELD_DYNAMIC_REL,	/* __rel_loc: offset counts from the end of the field */
	TRAIL_FIELD_BYTES,		/* any other array */
	TRAIL_FIELD_DYNAMIC_BYTES,	/* __data_loc of what is no string */
	TRAIL_FIELD_DYNAMIC_REL_BYTES,
};

/* Where a field lies in the raw record of this capture. */
struct trail_field {
	uint16_t offset;
	uint16_t size;
	uint8_t kind;		/* enum trail_field_kind */
	uint8_t swap;		/* the capture has the other byte order */
};

/**
 * struct trail_binding - a row bound to the formats of one capture
 * @next: another plugin's row for the same event, or NULL
 * @priv: of bind.c
 */
struct trail_binding {
	const struct trail_row *row;
	const struct trail_plugin *plugin;
	const struct trail_binding *next;
	const void *priv;
	uint16_t type;
	struct trail_field field[TRAIL_MAX_FIELDS];
};

/**
 * struct trail_event - a view of one record; valid until the next one is read
 * @ts_ns: time of the capture's clock
 * @data: the raw record, from common_type on, @size bytes
 * @binding: the plugins' rows for it, NULL when no plugin knows the event
 * @lost: events lost on this CPU right before this one: 0 none, > 0 so many, -1 an unknown number
 * @pid: common_pid
 * @type: common_type, the event id
 * @cpu: CPU whose buffer held it
 * @flags: common_flags as recorded
 * @preempt: common_preempt_count as recorded
 * @buffer: index of the ring buffer (0 the first in the file)
 * @in_gap: events of another CPU are lost about now: its next one says so
 */
struct trail_event {
	uint64_t ts_ns;
	const void *data;
	const struct trail_binding *binding;
	uint32_t size;
	int32_t lost;
	int32_t pid;
	uint16_t type;
	uint16_t cpu;
	uint8_t flags;
	uint8_t preempt;
	uint8_t buffer;
	bool in_gap;
};

/* Bits of common_flags (include/linux/trace_events.h: enum trace_flag_type). */
enum trail_event_flag {
	TRAIL_FLAG_IRQS_OFF	= 0x01,
	TRAIL_FLAG_NEED_RESCHED	= 0x04,
	TRAIL_FLAG_HARDIRQ	= 0x08,
	TRAIL_FLAG_SOFTIRQ	= 0x10,
	TRAIL_FLAG_NMI		= 0x40,
};

/* Does the capture's format have field @i of the row?  False also where the record is too short. */
static inline bool trail_has(const struct trail_event *event, unsigned int i)
{
	const struct trail_field *field = &event->binding->field[i];

	return field->kind != TRAIL_FIELD_ABSENT &&
	       (uint32_t)field->offset + field->size <= event->size;
}

/* Integer field @i, sign-extended where the format says signed; 0 when absent. */
uint64_t trail_swapped_u64(const struct trail_field *field, const unsigned char *at);

static inline uint64_t trail_u64(const struct trail_event *event, unsigned int i)
{
	const struct trail_field *field = &event->binding->field[i];
	const unsigned char *at = (const unsigned char *)event->data + field->offset;
	bool is_signed = field->kind == TRAIL_FIELD_SIGNED;
	uint64_t v8;
	uint32_t v4;
	uint16_t v2;

	if (!trail_has(event, i))
		return 0;
	if (field->swap)
		return trail_swapped_u64(field, at);
	switch (field->size) {
	case 8:
		memcpy(&v8, at, 8);
		return v8;
	case 4:
		memcpy(&v4, at, 4);
		return is_signed ? (uint64_t)(int32_t)v4 : v4;
	case 2:
		memcpy(&v2, at, 2);
		return is_signed ? (uint64_t)(int16_t)v2 : v2;
	case 1:
		return is_signed ? (uint64_t)(int8_t)*at : *at;
	default:
		return 0;
	}
}

static inline int64_t trail_s64(const struct trail_event *event, unsigned int i)
{
	return (int64_t)trail_u64(event, i);
}

/**
 * trail_str - string or byte field @i of an event
 * @len: filled with the length in bytes, the terminating NUL not counted for strings
 *
 * Return: the bytes inside the record (not necessarily NUL-terminated), or NULL when absent or
 * when the record's own offset and length lie outside of it.
 */
const char *trail_str(const struct trail_event *event, unsigned int i, size_t *len);

/* As trail_str(), but a string's end is not looked for: @room is where it ends at the latest. */
const char *trail_str_room(const struct trail_event *event, unsigned int i, size_t *room);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_EVENT_H */
