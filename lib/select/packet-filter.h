/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * packet-filter.h - the words of pcap-filter(7), as libpcap divides an expression into them
 */
#ifndef PACKET_FILTER_H
#define PACKET_FILTER_H

#include "expression.h"

/*
 * Longer ones, and parentheses deeper in each other, libpcap does not get to see: 200 hosts take it
 * half a second, 1000 hosts 14 seconds.
 */
#define FILTER_MAX_LENGTH	16384
#define FILTER_MAX_DEPTH	100

enum filter_word_kind {
	FILTER_KEYWORD,
	FILTER_NUMBER,
	FILTER_ADDRESS,		/* IPv4, IPv6, Ethernet, or a part of one: nothing to look up */
	FILTER_NAME,		/* libpcap would look it up */
	FILTER_SIGN,
	FILTER_BAD,		/* no word of the language begins so */
};

/* @offset into the expression, @len bytes */
struct filter_word {
	enum filter_word_kind kind;
	size_t offset;
	size_t len;
};

/* Return: 1 and fills @word with the word at @offset or behind the blanks there; 0 at the end. */
int filter_next(const char *expr, size_t offset, struct filter_word *word);
bool filter_is_keyword(const char *word, size_t len);
void filter_near_keyword(struct near *near);
bool filter_word_is(const char *expr, const struct filter_word *word, const char *text);

/**
 * filter_check - all that libpcap must not be asked
 *
 * Names of hosts and nets: it would look them up.  What only a network interface knows.
 * Parentheses that are not closed are found here as well, as their place is known here.
 *
 * Return: 0 or -EINVAL with @error.
 */
int filter_check(const char *expr, struct trail_error *error);

/* Does libpcap compile @expr?  @data as given to filter_place(). */
typedef bool filter_compiles(void *data, const char *expr);

/**
 * filter_place - the word at which an expression goes wrong
 *
 * The first word with which no end can be found any more that makes the beginning whole.
 *
 * In a long chain, only the beginning of the part that is wrong.
 *
 * Return: offset of the word; the length of the expression when something is missing at its end;
 * -ENOMEM.
 */
int64_t filter_place(const char *expr, filter_compiles *compiles, void *data);

#endif /* PACKET_FILTER_H */
