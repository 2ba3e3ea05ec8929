/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/hit.h - events by their own formats: what they say, and how that is shown
 *
 * Meant for the probes of the user (`record --probe`), of which no plugin knows the fields, and
 * good for any other event as well.
 */
#ifndef SKBTRAIL_HIT_H
#define SKBTRAIL_HIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "skbtrail/capture.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a field of a user's probe is, besides a value. */
enum trail_field_role {
	TRAIL_ROLE_NONE,
	TRAIL_ROLE_SKB,		/* address of a struct sk_buff */
	TRAIL_ROLE_SK,		/* address of a struct sock */
	TRAIL_ROLE_RETVAL,	/* what the function returned */
	TRAIL_ROLE_TOOK,	/* nanoseconds since the function's entry */
};

enum trail_show {
	TRAIL_SHOW_NUMBER,	/* decimal, by its sign */
	TRAIL_SHOW_HEX,		/* 0x... */
	TRAIL_SHOW_NETWORK,	/* decimal, its bytes are in network order */
	TRAIL_SHOW_SYMBOL,	/* an address of code */
	TRAIL_SHOW_STRING,
	TRAIL_SHOW_DUMP,	/* bytes */
	TRAIL_SHOW_ARRAY,	/* numbers of trail_shown.element bytes */
};

/**
 * struct trail_shown - a field of an event, and how it is shown
 * @place: in the record
 * @show: enum trail_show
 * @role: enum trail_field_role
 * @element: bytes of an element of an array; negative: signed
 */
struct trail_shown {
	const char *name;
	struct trail_field place;
	uint8_t show;
	uint8_t role;
	int8_t element;
};

/**
 * struct trail_description - an event by its format
 * @spec: what the user asked for, NULL where it is no probe of the user
 * @field: @nr_field of them, without those that all events have
 * @at: where the address of the probe is, and in a return event that of the caller
 * @stack: where the stack pointer is by which an entry and its return are known to be of one call
 * @stack_step: of a return: so far it is above that of its entry
 * @entry: type of the event at the entry of the function whose return this is, -1 without
 * @is_return: of a probe at a function's return
 * @is_entry: another event has this one as @entry
 * @is_part: and that is all it is there for: nobody asked for the event itself.  Its fields are
 *	     those that its return is shown with
 * @in_user: known to be of a program, not of the kernel
 */
struct trail_description {
	const char *system;
	const char *name;
	const char *spec;
	const struct trail_shown *field;
	struct trail_field at;
	struct trail_field caller;
	struct trail_field stack;
	int32_t entry;
	uint16_t nr_field;
	uint16_t type;
	uint8_t stack_step;
	bool is_return;
	bool is_entry;
	bool is_part;
	bool in_user;
};

/**
 * trail_capture_describe - an event type by its format in the capture
 * Return: valid as long as the capture; NULL without such a format, or without memory.
 */
const struct trail_description *trail_capture_describe(const struct trail_capture *cap,
						       unsigned int type);

enum trail_value_kind {
	TRAIL_VALUE_UNKNOWN,	/* the record does not have it */
	TRAIL_VALUE_UNSIGNED,
	TRAIL_VALUE_SIGNED,
	TRAIL_VALUE_HEX,
	TRAIL_VALUE_STRING,	/* @bytes, which may be anything */
	TRAIL_VALUE_TEXT,	/* @bytes: a symbol, a list of numbers */
	TRAIL_VALUE_BYTES,
};

/**
 * struct trail_value - a value that an event has
 * @kind: enum trail_value_kind
 * @number: of the first three kinds with a number; of a symbol its address
 * @bytes: @nr_bytes of the others
 */
struct trail_value {
	const char *name;
	const char *bytes;
	uint64_t number;
	uint16_t nr_bytes;
	uint8_t kind;
	uint8_t role;		/* enum trail_field_role */
};

#define TRAIL_VALUE_ROOM	256

/**
 * trail_event_value - a field of a record -> its value
 * @room: of TRAIL_VALUE_ROOM bytes, for texts that are made; the value may point into it, or into
 *	  the record
 */
void trail_event_value(const struct trail_capture *cap, const struct trail_event *event,
		       const struct trail_shown *shown, char *room, struct trail_value *value);

/**
 * trail_value_text - a value as it is shown to people
 *
 * Strings in quotes and escaped, bytes as "00 05 68 65 |..he|".
 *
 * Return: length of the whole text, which may be more than fits, as snprintf().
 */
size_t trail_value_text(const struct trail_value *value, char *buf, size_t size);

/* @nr values: "(skb=0xff... len=52) = 0"; the length as trail_value_text(). */
size_t trail_values_text(const struct trail_value *value, size_t nr, char *buf, size_t size);

struct trail_pairs;

/* Returns of functions and their entries, by thread.  Return: 0 or -ENOMEM. */
int trail_pairs_new(const struct trail_capture *cap, struct trail_pairs **out);
/**
 * struct trail_pair - of a return, what its entry tells
 * @took_ns: the time since the function was entered, TRAIL_UNKNOWN_NS where that was not seen, or
 *	     events were lost since
 * @entry: the event at the entry, where there are values in it that the return is shown with, and
 *	   where it is surely of the same call; else NULL.  Valid until the next trail_pairs_see()
 */
struct trail_pair {
	int64_t took_ns;
	const struct trail_event *entry;
};

/* An event, in order: all of them, so that none with losses is missed.  Return: 0 or -ENOMEM. */
int trail_pairs_see(struct trail_pairs *pairs, const struct trail_event *event,
		    struct trail_pair *pair);
/* Events were lost, and trail_pairs_see() is not given the one that says so. */
void trail_pairs_lost(struct trail_pairs *pairs);
void trail_pairs_free(struct trail_pairs *pairs);

/* Of one hit; kernels allow 128 arguments of a probe. */
#define TRAIL_MAX_VALUES	64

/**
 * struct trail_hit_values - values of a hit, and what they point into
 * @value: @nr of them
 */
struct trail_hit_values {
	struct trail_value value[TRAIL_MAX_VALUES];
	char room[TRAIL_MAX_VALUES][TRAIL_VALUE_ROOM];
	uint16_t nr;
};

/**
 * trail_hit_values - all values of a hit of a user's probe: of a return those of its entry first
 * @pair: what trail_pairs_see() told of it, NULL: without values of the entry
 * @out: those of an entry that is not known are TRAIL_VALUE_UNKNOWN; valid as long as the records
 */
void trail_hit_values(const struct trail_capture *cap, const struct trail_event *event,
		      const struct trail_pair *pair, struct trail_hit_values *out);

/**
 * trail_hit_text - the same as text: "(skb=0xff... len=52) = 0"
 * Return: length of the whole text, which may be more than fits, as snprintf().
 */
size_t trail_hit_text(const struct trail_capture *cap, const struct trail_event *event,
		      const struct trail_pair *pair, char *buf, size_t size);

/**
 * trail_capture_print_values - what an event says, in parentheses
 *
 * A user's probe as trail_hit_text() has it, any other event by its print format, as
 * trail_capture_print() does, and with what is said there.
 *
 * Return: length of the text, which may exceed @size - 1; -errno.
 */
int trail_capture_print_values(struct trail_capture *cap, const struct trail_event *event,
			       const struct trail_pair *pair, char *buf, size_t size);

/* trail_capture_print(), of a hit of a user's probe with what @pair tells: "<12.345us>". */
int trail_capture_print_call(struct trail_capture *cap, const struct trail_event *event,
			     const struct trail_pair *pair, char *buf, size_t size);

/**
 * struct trail_hit - a hit of a user's probe
 * @name: of the event
 * @comm: task name, "" when unknown
 * @value: @nr_value
 * @took_ns: of a return: since the function was entered, TRAIL_UNKNOWN_NS when unknown
 */
struct trail_hit {
	uint64_t ts_ns;
	int64_t took_ns;
	const char *name;
	const char *comm;
	const struct trail_value *value;
	int32_t pid;
	uint16_t cpu;
	uint16_t nr_value;
};

/* Why a hit belongs to a packet. */
enum trail_join {
	TRAIL_JOIN_SKB,		/* an argument is its skb */
	TRAIL_JOIN_SOCKET,	/* an argument is its socket, which got, gave or sent its bytes */
	TRAIL_JOIN_CPU,		/* it came while the CPU worked on the packet */
	TRAIL_JOIN_READ,	/* it came in the program that had read its bytes */
	TRAIL_NR_JOIN
};

/* "skb", "socket", "processing", "read" */
const char *trail_join_name(enum trail_join join);

/* A hit beside a packet; the same hit may be beside several. */
struct trail_joined {
	const struct trail_hit *hit;
	uint8_t join;		/* enum trail_join */
	uint8_t confidence;	/* enum trail_confidence */
};

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_HIT_H */
