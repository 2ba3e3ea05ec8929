// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hist-parse.c - the text of a histogram of the kernel -> its rows
 *
 * kernel/trace/trace_events_hist.c: hist_trigger_show().  Rows begin a line with "{ "; the name of
 * a task may have newlines and braces in it.
 */
#include <stdlib.h>
#include <string.h>

#include "../read/describe.h"
#include "hist-parse.h"

#define BEGIN	"{ "
#define END	" } hitcount:"
#define DROPPED	"\n    Dropped: "

struct trail_description *hist_describe(const char *system, const char *name,
					const char *format, size_t size)
{
	return describe(&(struct described){ .system = system, .name = name,
					     .format = { format, size } });
}

static void trim(const char **at, size_t *len)
{
	while (*len && **at == ' ') {
		(*at)++;
		(*len)--;
	}
	while (*len && (*at)[*len - 1] == ' ')
		(*len)--;
}

/* Where the value of @name begins in the text from @at to @end; NULL: it is not there. */
static const char *behind_name(const char *at, const char *end, const char *name)
{
	size_t len = strlen(name);

	if ((size_t)(end - at) < len + 2 || memcmp(at, name, len) || memcmp(at + len, ": ", 2))
		return NULL;
	return at + len + 2;
}

/* The comma in front of @name. */
static const char *find_next(const char *at, const char *end, const char *name)
{
	for (; (at = memchr(at, ',', (size_t)(end - at))); at++)
		if (end - at > 2 && at[1] == ' ' && behind_name(at + 2, end, name))
			return at;
	return NULL;
}

static bool split(const char *at, const char *end, const char *const *name, size_t nr_name,
		  struct hist_row *row)
{
	for (size_t i = 0; i < nr_name; i++) {
		const char *next = end;

		at = behind_name(at, end, name[i]);
		if (at && i + 1 < nr_name)
			next = find_next(at, end, name[i + 1]);
		if (!at || !next)
			return false;
		row->value[i] = at;
		row->len[i] = (size_t)(next - at);
		trim(&row->value[i], &row->len[i]);
		at = next + 2;
	}
	return true;
}

bool hist_next_row(const char *text, size_t *at, const char *const *name, size_t nr_name,
		   struct hist_row *row)
{
	while (text[*at]) {
		const char *line = text + *at, *begin = line, *end, *newline;

		/* A count at the end of a line ends the row; the name may say the same before. */
		end = strncmp(line, BEGIN, strlen(BEGIN)) ? NULL : strstr(line, END);
		newline = strchr(end ? end : line, '\n');
		*at = newline ? (size_t)(newline + 1 - text) : strlen(text);
		if (!end)
			continue;
		row->count = strtoull(end + strlen(END), NULL, 10);
		if (split(begin + strlen(BEGIN), end, name, nr_name, row))
			return true;
	}
	return false;
}

uint64_t hist_dropped(const char *text)
{
	const char *at = strstr(text, DROPPED);

	return at ? strtoull(at + strlen(DROPPED), NULL, 10) : 0;
}
