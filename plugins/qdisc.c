// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qdisc.c - queueing disciplines: events for the eye
 *
 * How long a packet waited in its qdisc is told by net_dev_queue and net_dev_start_xmit, also where
 * the qdisc is bypassed.  qdisc_dequeue fires after nearly every transmit with packets 0, the
 * attempt to send more (net/sched/sch_generic.c: dequeue_skb()), and a dequeue of several packets
 * names only the first.  What a qdisc drops, kfree_skb tells.
 */
#include "skbtrail.h"

static const struct trail_row row[] = {
	{ "qdisc:qdisc_enqueue", { 0 }, NULL, TRAIL_PRESET_NET },
	{ "qdisc:qdisc_dequeue", { 0 }, NULL, TRAIL_PRESET_NET },
	/* Its list of names is looked at for the drops that kfree_skb tells. */
	{ "qdisc:qdisc_drop", { "reason" }, NULL, TRAIL_PRESET_NET | TRAIL_PRESET_DROPS },
	{ 0 }
};

TRAIL_PLUGIN(qdisc) = { TRAIL_PLUGIN_ABI, "qdisc", "queueing disciplines", row };
