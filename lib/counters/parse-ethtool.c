// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * parse-ethtool.c - what ETHTOOL_GSTRINGS and ETHTOOL_GSTATS yield -> counters
 *
 * Texts that are long enough have no NUL; some drivers pad with blanks, and leave names empty.
 */
#include <linux/ethtool.h>

#include "parse.h"

void parse_ethtool(const char *name, const uint64_t *value, size_t nr, struct tally *tally)
{
	for (size_t i = 0; i < nr; i++, name += ETH_GSTRING_LEN) {
		size_t size = strnlen(name, ETH_GSTRING_LEN);
		const char *at = name;

		while (size && *at == ' ') {
			at++;
			size--;
		}
		while (size && at[size - 1] == ' ')
			size--;
		if (size)
			tally_value(tally, at, size, value[i]);
	}
}
