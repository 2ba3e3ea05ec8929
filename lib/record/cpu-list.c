// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cpu-list.c - "0-3,8,10-11" -> which CPUs that is
 */
#include <stdlib.h>

#include "cpu-list.h"

#define MAX_CPU		65536

/* One range; moves *@at behind it.  Return: false at the end, or where there is no number. */
static bool next_range(const char **at, long *first, long *last)
{
	char *end;

	*first = *last = strtol(*at, &end, 10);
	if (end == *at)
		return false;
	*at = end;
	if (*end == '-') {
		*last = strtol(end + 1, &end, 10);
		*at = end;
	}
	if (**at == ',')
		++*at;
	return *first >= 0 && *last < MAX_CPU;
}

bool cpu_list_has(const char *list, int cpu)
{
	long first, last;

	while (next_range(&list, &first, &last))
		if (cpu >= first && cpu <= last)
			return true;
	return false;
}

int cpu_list_end(const char *list)
{
	long first, last, end = 0;

	while (next_range(&list, &first, &last))
		if (last >= end)
			end = last + 1;
	return (int)end;
}
