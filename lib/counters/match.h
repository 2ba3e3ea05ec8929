/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * match.h - which drops are counted by which counter
 */
#ifndef COUNTERS_MATCH_H
#define COUNTERS_MATCH_H

#include "skbtrail.h"

#define COUNTER_MATCH_REASONS	4

/**
 * struct counter_match - a counter, and the drops that it counts
 * @label: for people
 * @source, @name: the counter, or several with "+" between them, whose drops are told by reasons
 *		    that do not tell which of them counts
 * @object_end: of objects that end so only; NULL: all of them, added up
 * @reason: the kernel's, any of these
 * @places: beginnings of names of functions, NULL-terminated; NULL: any
 * @needs_reason: by the function alone they cannot be told from others
 * @needs_packet: they are told apart only where the packet is known
 */
struct counter_match {
	const char *label;
	const char *source;
	const char *name;
	const char *object_end;
	const char *reason[COUNTER_MATCH_REASONS];
	const char *const *places;
	bool needs_reason;
	bool needs_packet;
};

/* A counter of drops that no event shows. */
struct counter_unseen {
	const char *source;
	const char *name;
	const char *why;
};

/* The @i-th; NULL behind the last. */
const struct counter_match *counter_match(size_t i);
const struct counter_unseen *counter_unseen(size_t i);
/* Is @name the counter, or one of them? */
bool counter_match_name(const struct counter_match *match, const char *name);
/* Why it was dropped, said or inferred; NULL: not known. */
const char *counter_reason(const struct trail_drop *drop);
/* Does it count what is dropped for @reason in the function @symbol, which may be NULL? */
bool counter_match_drop(const struct counter_match *match, const char *reason, const char *symbol);

#endif /* COUNTERS_MATCH_H */
