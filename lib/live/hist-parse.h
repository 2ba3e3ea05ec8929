/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hist-parse.h - the text of a histogram of the kernel -> its rows
 */
#ifndef HIST_PARSE_H
#define HIST_PARSE_H

#include "skbtrail.h"

#define HIST_MAX_KEYS	3	/* include/linux/tracing_map.h: TRACING_MAP_KEYS_MAX */
#define HIST_TEXT	256	/* of a value */

/**
 * struct hist_row - a row as the kernel prints it
 * @value: @len bytes for each key, in its order
 */
struct hist_row {
	const char *value[HIST_MAX_KEYS];
	size_t len[HIST_MAX_KEYS];
	uint64_t count;
};

/* The fields of an event by the text of its format.  Return: for free(); NULL without memory. */
struct trail_description *hist_describe(const char *system, const char *name,
					const char *format, size_t size);

/**
 * hist_next_row - the next row of @text from *@at on
 * @name: of the keys, as they are printed; @nr_name
 *
 * "{ order:          1, comm: bash       } hitcount:          3".  A name of a task may be
 * anything: texts belong at the end, where only what is behind them is looked for.
 *
 * Return: false when there are no more.
 */
bool hist_next_row(const char *text, size_t *at, const char *const *name, size_t nr_name,
		   struct hist_row *row);
/* "Dropped: N"; 0 without. */
uint64_t hist_dropped(const char *text);

#endif /* HIST_PARSE_H */
