// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * user.c - probes of the user: what all of them have in common
 *
 * One row for all: the recorder wrote into the capture which events there are, and which of their
 * fields have the address of an skb or a socket.  "=skb" is a field of that role, not of that name.
 *
 * kernel/trace/trace_kprobe.c, trace_uprobe.c: entry events have __probe_ip, those of returns
 * __probe_func and __probe_ret_ip.  Programs have the lower half of the address space.
 */
#include "skbtrail.h"

#define SIGN_BIT	((uint64_t)1 << 63)

enum { F_AT, F_CALLER, F_SKB, F_SK = F_SKB + TRAIL_MAX_PROBED, F_END = F_SK + TRAIL_MAX_PROBED };

static int hit(struct trail_engine *engine, const struct trail_event *event)
{
	uint64_t at = trail_u64(event, F_AT);
	struct trail_probed probed = {
		.in_user = at && !(at & SIGN_BIT), .is_return = trail_has(event, F_CALLER),
	};

	for (unsigned int i = 0; i < TRAIL_MAX_PROBED; i++) {
		probed.skb[i] = trail_u64(event, F_SKB + i);
		probed.sk[i] = trail_u64(event, F_SK + i);
	}
	return trail_probed(engine, event, &probed);
}

static const struct trail_row row[] = {
	{ "user:*", { "__probe_ip|__probe_func", "__probe_ret_ip", "=skb", "=skb", "=skb", "=skb",
		      "=sk", "=sk", "=sk", "=sk" }, hit, 0 },
	{ 0 }
};

_Static_assert(F_END == 10, "a field for each index");

TRAIL_PLUGIN(user) = {
	TRAIL_PLUGIN_ABI, "user", "probes of the user", row
};
