// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * parse-snmp6.c - /proc/net/snmp6: a name and a number a line -> counters
 */
#include "parse.h"
#include "words.h"

void parse_snmp6(const char *text, size_t size, struct tally *tally)
{
	struct words left = { text, size }, line, name, number;
	uint64_t value;

	tally_object(tally, "", 0);
	while (words_line(&left, &line))
		if (words_next(&line, &name) && words_next(&line, &number) &&
		    words_number(number, 10, &value))
			tally_value(tally, name.at, name.size, value);
}
