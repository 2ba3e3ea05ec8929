// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * parse-dev.c - /proc/net/dev: a line for each device -> counters
 *
 * net/core/net-procfs.c: dev_seq_printf_stats().  It adds several counters up ("drop" has those
 * that the device missed): rtnetlink (parse-link.c) tells them one by one, and this is read only
 * where that cannot be had.
 */
#include "parse.h"
#include "words.h"

static const char *const column[] = {
	"rx_bytes", "rx_packets", "rx_errs", "rx_drop", "rx_fifo", "rx_frame", "rx_compressed",
	"rx_multicast", "tx_bytes", "tx_packets", "tx_errs", "tx_drop", "tx_fifo", "tx_colls",
	"tx_carrier", "tx_compressed",
};

#define NR_COLUMN	(sizeof(column) / sizeof(column[0]))

/* A name may hold anything but blanks, '/' and ':' (net/core/dev.c: dev_valid_name()). */
void parse_dev(const char *text, size_t size, struct tally *tally)
{
	struct words left = { text, size }, line, before, name, word;
	uint64_t value;
	char object[64];

	while (words_line(&left, &line)) {
		/* The title has bars in place of a colon. */
		if (!memchr(line.at, ':', line.size) || !words_until(&line, ':', &before) ||
		    !words_next(&before, &name))
			continue;
		snprintf(object, sizeof(object), "%.*s", (int)(name.size < 63 ? name.size : 63),
			 name.at);
		tally_object(tally, object, 0);
		for (size_t i = 0; i < NR_COLUMN && words_next(&line, &word) &&
		     words_number(word, 10, &value); i++)
			tally_name(tally, column[i], value);
	}
}
