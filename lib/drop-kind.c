// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * drop-kind.c - a drop -> which other drops are of the same kind
 */
#include <errno.h>
#include <stdlib.h>

#include "drop-kind.h"

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *at = data;

	/* FNV-1a */
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ at[i]) * 0x100000001b3ull;
	return hash;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	return text ? hash_bytes(hash, text, strlen(text) + 1) : hash_bytes(hash, "\xff", 1);
}

/* An address tells locations apart only where there is no symbol: the symbol says more. */
static uint64_t place_of(const struct trail_drop *kind)
{
	return kind->symbol ? kind->symbol_offset : kind->address;
}

uint64_t drop_kind_hash(const struct trail_drop *kind)
{
	uint64_t place = place_of(kind);
	uint64_t hash = 0xcbf29ce484222325ull;

	hash = hash_text(hash, kind->reason);
	hash = hash_text(hash, kind->means);
	hash = hash_text(hash, kind->symbol);
	hash = hash_text(hash, kind->module);
	hash = hash_text(hash, kind->dev);
	hash = hash_bytes(hash, &kind->class, sizeof(kind->class));
	return hash_bytes(hash, &place, sizeof(place));
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool drop_kind_is_same(const struct trail_drop *a, const struct trail_drop *b)
{
	return a->class == b->class && place_of(a) == place_of(b) &&
	       same_text(a->reason, b->reason) && same_text(a->means, b->means) &&
	       same_text(a->symbol, b->symbol) && same_text(a->module, b->module) &&
	       same_text(a->dev, b->dev);
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

int drop_kind_compare(const struct trail_drop *a, const struct trail_drop *b)
{
	int order = compare_text(a->reason, b->reason);

	if (!order)
		order = compare_text(a->means, b->means);
	if (!order)
		order = compare_text(a->symbol, b->symbol);
	if (!order)
		order = compare_text(a->dev, b->dev);
	if (order)
		return order;
	if (place_of(a) != place_of(b))
		return place_of(a) < place_of(b) ? -1 : 1;
	return (int)a->class - (int)b->class;
}

static int copy_text(const char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return from && !*to ? -ENOMEM : 0;
}

int drop_kind_copy(struct trail_drop *to, const struct trail_drop *from)
{
	int err;

	*to = (struct trail_drop){
		.symbol_offset = from->symbol_offset, .address = from->address,
		.class = from->class, .is_inferred = from->is_inferred,
	};
	err = copy_text(&to->reason, from->reason);
	err |= copy_text(&to->means, from->means);
	err |= copy_text(&to->symbol, from->symbol);
	err |= copy_text(&to->module, from->module);
	err |= copy_text(&to->dev, from->dev);
	return err ? -ENOMEM : 0;
}

void drop_kind_release(struct trail_drop *kind)
{
	free((char *)kind->reason);
	free((char *)kind->means);
	free((char *)kind->symbol);
	free((char *)kind->module);
	free((char *)kind->dev);
}
