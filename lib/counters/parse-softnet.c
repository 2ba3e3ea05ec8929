// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * parse-softnet.c - /proc/net/softnet_stat: a line for each CPU -> counters
 *
 * net/core/net-procfs.c: softnet_seq_show().  Columns were added at the end only: flow_limit_count
 * in 3.11, the length of the backlog and the CPU in 5.10, those of both queues in 6.4.  Which CPU
 * a line is of older kernels do not say: those that are offline have none.
 */
#include "parse.h"
#include "words.h"

#define CPU_COLUMN	12

/* Columns that always are 0 have no name. */
static const char *const column[] = {
	[0] = "processed", [1] = "dropped", [2] = "time_squeeze", [8] = "cpu_collision",
	[9] = "received_rps", [10] = "flow_limit_count", [11] = "backlog_len",
	[13] = "input_qlen", [14] = "process_qlen",
};

#define NR_COLUMN	(sizeof(column) / sizeof(column[0]))

void parse_softnet(const char *text, size_t size, struct tally *tally)
{
	struct words left = { text, size }, line, word;
	unsigned int line_number = 0;

	for (; words_line(&left, &line); line_number++) {
		uint64_t value[32] = { 0 };
		char object[24];
		size_t nr = 0;

		while (nr < 32 && words_next(&line, &word) && words_number(word, 16, &value[nr]))
			nr++;
		if (!nr)
			continue;
		snprintf(object, sizeof(object), "cpu%u", nr > CPU_COLUMN ?
			 (unsigned int)value[CPU_COLUMN] : line_number);
		tally_object(tally, object, 0);
		for (size_t i = 0; i < nr; i++) {
			char other[24];

			snprintf(other, sizeof(other), "column_%zu", i + 1);
			if (i < NR_COLUMN && column[i])
				tally_name(tally, column[i], value[i]);
			else if (i >= NR_COLUMN)
				tally_name(tally, other, value[i]);
		}
	}
}
