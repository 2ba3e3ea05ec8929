// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exact.c - what probes say exactly, where tracepoints only let infer
 */
#include "engine.h"

int trail_stream_queued(struct trail_engine *engine, const struct trail_event *event,
			const struct trail_range *range)
{
	return 0;
}

int trail_stream_copied(struct trail_engine *engine, const struct trail_event *event,
			const struct trail_range *range)
{
	return 0;
}

int trail_datagram_queued(struct trail_engine *engine, const struct trail_event *event,
			  uint64_t skb, uint64_t sk)
{
	return 0;
}

int trail_datagram_taken(struct trail_engine *engine, const struct trail_event *event,
			 uint64_t skb, bool peek)
{
	return 0;
}

int trail_skb_end(struct trail_engine *engine, const struct trail_event *event, uint64_t skb)
{
	return 0;
}

int trail_coalesced(struct trail_engine *engine, const struct trail_event *event, uint64_t to,
		    uint64_t from, bool sure)
{
	return 0;
}

int trail_skb_eaten(struct trail_engine *engine, const struct trail_event *event, uint64_t from)
{
	return 0;
}

int trail_cloned(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		 uint64_t copy)
{
	return 0;
}
