// SPDX-License-Identifier: LGPL-2.1-or-later
/* udp.c - events of UDP that are recorded for the eye; drops come from skb:kfree_skb */
#include "skbtrail.h"

static const struct trail_row row[] = {
	{ "udp:udp_fail_queue_rcv_skb", { 0 }, NULL, TRAIL_PRESET_NET },
	{ 0 }
};

TRAIL_PLUGIN(udp) = { TRAIL_PLUGIN_ABI, "udp", "UDP", row };
