// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * napi.c - NAPI polls
 *
 * napi_poll is emitted at the end of a poll (net/core/dev.c: __napi_poll()).  "(no_device)" is the
 * per-CPU backlog, whose napi_struct belongs to no device (include/trace/events/napi.h).
 */
#include "skbtrail.h"

static int napi_poll(struct trail_engine *engine, const struct trail_event *event)
{
	const int work_budget[2] = {
		trail_has(event, 2) ? (int)trail_s64(event, 2) : -1,
		trail_has(event, 3) ? (int)trail_s64(event, 3) : -1,
	};
	const char *dev = trail_text(engine, event, 1);

	if (dev && !strcmp(dev, "(no_device)"))
		dev = NULL;
	return trail_poll_end(engine, event, trail_u64(event, 0), dev, work_budget);
}

static const struct trail_row row[] = {
	{ "napi:napi_poll", { "napi", "dev_name", "work", "budget" }, napi_poll,
	  TRAIL_PRESET_BOTH },
	{ 0 }
};

TRAIL_PLUGIN(napi) = { TRAIL_PLUGIN_ABI, "napi", "NAPI polls", row };
