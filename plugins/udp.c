// SPDX-License-Identifier: LGPL-2.1-or-later
/* udp.c - UDP: a datagram enters its socket and leaves it; drops come from skb:kfree_skb */
#include "skbtrail.h"

static int queue(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_queue level = {
		trail_s64(event, 2), trail_s64(event, 3), TRAIL_QUEUE_SOCKET,
	};
	int err = 0;

	if (trail_has(event, 2) && trail_has(event, 3))
		err = trail_socket_level(engine, event, trail_u64(event, 0), &level);
	return err ? err : trail_datagram_queued(engine, event, trail_u64(event, 1),
						 trail_u64(event, 0));
}

/* @len is negative when the datagram was only looked at (net/ipv4/udp.c: udp_recvmsg()). */
static int read(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_datagram_taken(engine, event, trail_u64(event, 1), trail_s64(event, 2));
}

static const struct trail_probe queue_probe[] = {
	{ TRAIL_PROBE_KPROBE, "__udp_enqueue_schedule_skb",
	  "sk=$arg1:x64 skb=$arg2:x64"
	  " ?netns=+{net.ns.inum}(+{sock.__sk_common.skc_net}($arg1)):u32"
	  " ?rmem=+{sock.sk_backlog.rmem_alloc}($arg1):s32 ?rcvbuf=+{sock.sk_rcvbuf}($arg1):s32",
	  NULL },
	{ 0 }
};

static const struct trail_probe read_probe[] = {
	{ TRAIL_PROBE_KPROBE, "skb_consume_udp", "sk=$arg1:x64 skb=$arg2:x64 len=$arg3:s32", NULL },
	{ 0 }
};

static const struct trail_row row[] = {
	{ "udp:udp_fail_queue_rcv_skb", { 0 }, NULL, TRAIL_PRESET_NET | TRAIL_PRESET_DROPS },
	{ "skbtrail:udp_queue", { "sk", "skb", "rmem", "rcvbuf" }, queue, TRAIL_PRESET_NET,
	  queue_probe },
	{ "skbtrail:udp_read", { "sk", "skb", "len" }, read, TRAIL_PRESET_NET, read_probe },
	{ 0 }
};

TRAIL_PLUGIN(udp) = { TRAIL_PLUGIN_ABI, "udp", "UDP: datagrams and their sockets", row };
