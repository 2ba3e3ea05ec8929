// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * free.c - the ends of an skb: consumed, dropped
 *
 * What they mean is told by drop-judge.c.
 */
#include <errno.h>

#include "skbtrail.h"

static int consume(struct trail_engine *engine, const struct trail_event *event)
{
	enum trail_free where = TRAIL_FREE_UNKNOWN;
	const struct trail_location *location;

	if (trail_has(event, 1)) {
		location = trail_location(engine, trail_u64(event, 1));
		if (!location)
			return -ENOMEM;
		where = trail_free_place(location->symbol);
	}
	return trail_freed(engine, event, trail_u64(event, 0), where);
}

static int drop(struct trail_engine *engine, const struct trail_event *event)
{
	enum trail_free where;
	struct trail_drop d;
	int err = trail_read_drop(engine, event, NULL, &d, &where);

	return err ? err : trail_dropped(engine, event, trail_u64(event, 0), &d, where);
}

static const struct trail_row row[] = {
	{ "skb:consume_skb", { "skbaddr", "location" }, consume, TRAIL_PRESET_BOTH },
	{ "skb:kfree_skb", { "skbaddr", "location", "reason", "rx_sk", "protocol" }, drop,
	  TRAIL_PRESET_BOTH | TRAIL_PRESET_DROPS },
	{ 0 }
};

TRAIL_PLUGIN(free) = { TRAIL_PLUGIN_ABI, "free", "ends of an skb: consumed, dropped", row };
