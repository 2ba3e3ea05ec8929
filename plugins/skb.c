// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * skb.c - an skb is copied to user space, cloned, merged into another one
 *
 * Its ends are in free.c.
 */
#include "skbtrail.h"

#define PROTOCOL_TCP	6

static int copy(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_copied(engine, event, trail_u64(event, 0), (uint32_t)trail_u64(event, 1));
}

/* TCP_SKB_CB(skb)->seq is the first member of the control block (include/net/tcp.h). */
static int copy_range(struct trail_engine *engine, const struct trail_event *event)
{
	uint32_t from = (uint32_t)trail_u64(event, 2) + (uint32_t)trail_u64(event, 3);
	struct trail_range range = {
		.skb = trail_u64(event, 0), .sk = trail_u64(event, 1), .seq = from,
		.end_seq = from + (uint32_t)trail_u64(event, 4),
	};

	/* Datagrams and other families have another control block. */
	if (!range.sk || trail_u64(event, 5) != PROTOCOL_TCP)
		return 0;
	return trail_stream_copied(engine, event, &range);
}

static int end(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_skb_end(engine, event, trail_u64(event, 0));
}

/* Without the function's result, kfree_skb_partial() tells that @from was taken in. */
static int coalesce(struct trail_engine *engine, const struct trail_event *event)
{
	bool sure = trail_has(event, 2);

	if (sure && !trail_u64(event, 2))
		return 0;
	return trail_coalesced(engine, event, trail_u64(event, 0), trail_u64(event, 1), sure);
}

static int eaten(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_skb_eaten(engine, event, trail_u64(event, 0));
}

static int clone(struct trail_engine *engine, const struct trail_event *event)
{
	uint64_t made = trail_u64(event, 1);

	return made ? trail_cloned(engine, event, trail_u64(event, 0), made) : 0;
}

static const struct trail_probe copy_probe[] = {
	{ TRAIL_PROBE_KPROBE, "skb_copy_datagram_iter",
	  "skb=$arg1:x64 sk=+{sk_buff.sk}($arg1):x64 seq=+{sk_buff.cb}($arg1):u32 off=$arg2:s32"
	  " len=$arg4:s32 proto=+{sock.sk_protocol}(+{sk_buff.sk}($arg1)):{=sock.sk_protocol}",
	  NULL },
	{ 0 }
};

static const struct trail_probe end_probe[] = {
	{ TRAIL_PROBE_KPROBE, "kfree_skbmem", "skb=$arg1:x64", NULL },
	{ 0 }
};

/* Arguments at a function's return: 6.9. */
static const struct trail_probe coalesce_probe[] = {
	{ TRAIL_PROBE_FPROBE, "skb_try_coalesce%return",
	  "to=$arg1:x64 from=$arg2:x64 ret=$retval:u8", NULL },
	{ TRAIL_PROBE_KPROBE, "skb_try_coalesce", "to=$arg1:x64 from=$arg2:x64", NULL },
	{ 0 }
};

static const struct trail_probe eaten_probe[] = {
	{ TRAIL_PROBE_KPROBE, "kfree_skb_partial", "skb=$arg1:x64", NULL },
	{ 0 }
};

/*
 * __skb_clone() may be part of skb_clone() (6.12.117).  An fprobe takes longer to create and to
 * remove than a kprobe or a kretprobe (Documentation/performance.md): ftrace compares its name with
 * all others (kernel/trace/ftrace.c: match_records()).
 */
static const struct trail_probe clone_probe[] = {
	{ TRAIL_PROBE_KPROBE, "__skb_clone", "skb=$arg2:x64 copy=$arg1:x64", NULL },
	{ TRAIL_PROBE_KRETPROBE, "skb_clone", "skb=$arg1:x64 copy=$retval:x64", NULL },
	{ TRAIL_PROBE_FPROBE, "skb_clone%return", "skb=$arg1:x64 copy=$retval:x64", NULL },
	{ 0 }
};

static const struct trail_row row[] = {
	{ "skb:skb_copy_datagram_iovec", { "skbaddr", "len" }, copy, TRAIL_PRESET_BOTH },
	{ "skbtrail:copy", { "skb", "sk", "seq", "off", "len", "proto" }, copy_range,
	  TRAIL_PRESET_NET, copy_probe },
	{ "skbtrail:skb_end", { "skb" }, end, TRAIL_PRESET_NET, end_probe },
	{ "skbtrail:coalesce", { "to", "from", "ret" }, coalesce, TRAIL_PRESET_NET,
	  coalesce_probe },
	{ "skbtrail:eaten", { "skb" }, eaten, TRAIL_PRESET_NET, eaten_probe },
	{ "skbtrail:clone", { "skb", "copy" }, clone, TRAIL_PRESET_NET, clone_probe },
	{ 0 }
};

TRAIL_PLUGIN(skb) = { TRAIL_PLUGIN_ABI, "skb", "copies, clones and merged skbs", row };
