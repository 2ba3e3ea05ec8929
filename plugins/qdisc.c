// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qdisc.c - queueing disciplines
 *
 * qdisc_dequeue fires after nearly every transmit with packets 0: the attempt to send more
 * (net/sched/sch_generic.c: dequeue_skb()).  A dequeue of several packets names only the first.
 */
#include "skbtrail.h"

static int enqueue(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_qdisc_enqueue(engine, event, trail_u64(event, 0));
}

static int dequeue(struct trail_engine *engine, const struct trail_event *event)
{
	if (!trail_u64(event, 0) || trail_s64(event, 1) < 1)
		return 0;
	return trail_qdisc_dequeue(engine, event, trail_u64(event, 0));
}

static const struct trail_row row[] = {
	{ "qdisc:qdisc_enqueue", { "skbaddr" }, enqueue, TRAIL_PRESET_NET },
	{ "qdisc:qdisc_dequeue", { "skbaddr", "packets" }, dequeue, TRAIL_PRESET_NET },
	{ "qdisc:qdisc_drop", { 0 }, NULL, TRAIL_PRESET_NET },
	{ 0 }
};

TRAIL_PLUGIN(qdisc) = { TRAIL_PLUGIN_ABI, "qdisc", "queueing disciplines", row };
