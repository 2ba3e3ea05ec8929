/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resolve.h - an expression and the types -> how the kernel fetches it
 *
 * The kernel follows pointers and adds constants, "+24(+16($arg1)):u32", and does no other
 * arithmetic.
 */
#ifndef PROBE_RESOLVE_H
#define PROBE_RESOLVE_H

#include "skbtrail.h"
#include "spec.h"
#include "types.h"

#define PROBE_FETCH_SIZE	256
#define PROBE_NAME_SIZE		32	/* kernel/trace/trace_probe.h: MAX_ARG_NAME_LEN */
#define PROBE_HOW_SIZE		512
#define PROBE_MAX_SLOT		16

/* How a field is to be shown, and what it means. */
enum probe_show {
	PROBE_SHOW_PLAIN, PROBE_SHOW_BE16, PROBE_SHOW_BE32, PROBE_SHOW_BE64, PROBE_SHOW_HEX,
	PROBE_SHOW_SYMBOL, PROBE_SHOW_STRING,
	PROBE_SHOW_SKB,		/* the address of a struct sk_buff */
	PROBE_SHOW_SOCK,	/* the address of a struct sock */
};

/**
 * struct probe_field - a field of the event
 * @fetch, @type: what is written to the kernel is "NAME=FETCH:TYPE"
 * @size_bytes, @is_signed, @is_array: of what is stored, for conditions
 * @reads_memory: not just what is in a register
 * @from_entry: it begins with an argument of the function, as it was at the entry
 * @how: how it was found: "skb: argument $arg1 (struct sk_buff *), ->len: +112 (unsigned int)"
 * @column: in the SPEC
 */
struct probe_field {
	char name[PROBE_NAME_SIZE];
	char fetch[PROBE_FETCH_SIZE];
	char type[32];
	enum probe_show show;
	uint32_t size_bytes;
	bool is_signed;
	bool is_array;
	bool reads_memory;
	bool from_entry;
	char how[PROBE_HOW_SIZE];
	unsigned int column;
};

/**
 * struct probe_slots - values that are kept from the entry of a function until its return
 * @fetch: what is fetched at the entry, @nr; at the return they are $a0, $a1 ...
 */
struct probe_slots {
	char fetch[PROBE_MAX_SLOT][PROBE_FETCH_SIZE];
	size_t nr;
};

/**
 * struct probe_resolver - what is known where the probe is
 * @types: NULL: nothing
 * @why_no_types: then why, for messages
 * @types_hint: then what could be done, or NULL
 * @where: "tcp_v4_rcv", for messages
 * @what: "argument", "field"
 * @is_return: $retval is there
 * @is_entry: arguments are where they were passed (also at the return, where the kernel keeps them)
 * @machine: of a program its own, EM_X86_64 ...: arguments have registers; 0: it is the kernel
 * @slots: NULL, or arguments and the return value ($ret) come out of these
 * @is_event: fields of an event, "$name"
 */
struct probe_resolver {
	const struct probe_types *types;
	const char *why_no_types;
	const char *types_hint;
	const char *where;
	const char *what;
	bool is_return;
	bool is_entry;
	bool is_event;
	unsigned int machine;
	struct probe_slots *slots;
	struct trail_error *error;
};

/*
 * Return: 0; -ENODATA it is the return value of a function that returns nothing; -EINVAL with text,
 * hint and column in the resolver's error; -ENOMEM.
 */
int probe_resolve(const struct probe_resolver *resolver, const struct spec_fetch *fetch,
		  struct probe_field *out);

/* Adds to a text of @size, of which it fills no more. */
void probe_add_text(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds ", NAME" to a list, whole or not at all; NULL, or no room, ends it with " ...". */
void probe_add_name(char *list, size_t size, const char *name);

#endif /* PROBE_RESOLVE_H */
