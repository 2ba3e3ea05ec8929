// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * parse-sockstat.c - /proc/net/sockstat: "UDP: inuse 2 mem 1" -> "UDP.inuse", "UDP.mem"
 *
 * Levels: mem is in pages, memory of FRAG in bytes.
 */
#include "parse.h"
#include "words.h"

#define NAME_SIZE	128

void parse_sockstat(const char *text, size_t size, struct tally *tally)
{
	struct words left = { text, size }, line, prefix, name, number;
	char full[NAME_SIZE];
	uint64_t value;

	tally_object(tally, "", 0);
	while (words_line(&left, &line)) {
		if (!words_until(&line, ':', &prefix))
			continue;
		while (words_next(&line, &name) && words_next(&line, &number)) {
			int n = snprintf(full, sizeof(full), "%.*s.%.*s",
					 (int)(prefix.size < 60 ? prefix.size : 60), prefix.at,
					 (int)(name.size < 60 ? name.size : 60), name.at);

			if (words_number(number, 10, &value))
				tally_value(tally, full, n, value);
		}
	}
}
