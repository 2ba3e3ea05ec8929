// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * parse-snmp.c - /proc/net/snmp, netstat -> counters
 *
 * Pairs of lines, "Udp: NAME NAME" and "Udp: NUMBER NUMBER" (net/ipv4/proc.c).
 */
#include "parse.h"
#include "words.h"

#define NAME_SIZE	128

static void put(struct words prefix, struct words name, struct words number, struct tally *tally)
{
	char full[NAME_SIZE];
	uint64_t value;

	if (prefix.size + name.size > sizeof(full) || !words_number(number, 10, &value))
		return;
	memcpy(full, prefix.at, prefix.size);
	memcpy(full + prefix.size, name.at, name.size);
	tally_value(tally, full, prefix.size + name.size, value);
}

void parse_snmp(const char *text, size_t size, struct tally *tally)
{
	struct words left = { text, size }, names, numbers, prefix, other, name, number;

	tally_object(tally, "", 0);
	while (words_line(&left, &names) && words_line(&left, &numbers)) {
		if (!words_until(&names, ':', &prefix) || !words_until(&numbers, ':', &other) ||
		    prefix.size != other.size || memcmp(prefix.at, other.at, other.size))
			return;
		while (words_next(&names, &name) && words_next(&numbers, &number))
			put(prefix, name, number, tally);
	}
}
