// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * text-padded.c - record -> a copy behind which there is room
 *
 * libtraceevent takes a field, and an array that a record points to, to lie in the record.  Formats
 * in which offsets and sizes have more than 16 bits are refused (format.c), and so is all that it
 * can reach from there: an offset and a size of the field, and those that are in the record.  A
 * copy costs less than a hundredth of the line that is made of it.
 */
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define REACH	(4u << 16)

void *padded_copy(struct padded *padded, const void *data, size_t size)
{
	if (padded->capacity < size + REACH) {
		free(padded->at);
		padded->used = 0;
		padded->capacity = 0;
		padded->at = calloc(1, 2 * size + REACH);
		if (!padded->at)
			return NULL;
		padded->capacity = 2 * size + REACH;
	}
	memcpy(padded->at, data, size);
	if (padded->used > size)
		memset(padded->at + size, 0, padded->used - size);
	padded->used = size;
	return padded->at;
}

void padded_free(struct padded *padded)
{
	free(padded->at);
}
