// SPDX-License-Identifier: LGPL-2.1-or-later
/* udp.c - UDP: a datagram enters its socket and leaves it; drops come from skb:kfree_skb */
#include "skbtrail.h"

/* AF_INET, AF_INET6 of the recorded kernel: the same numbers on every Linux. */
enum { FAMILY_INET = 2, FAMILY_INET6 = 10 };

/*
 * net/ipv4/udp.c: __udp_queue_rcv_skb() frees the datagram next.  Since 6.10 the event has ports in
 * host order, and addresses as struct sockaddr_in and sockaddr_in6.
 */
static int refused(struct trail_engine *engine, const struct trail_event *event)
{
	bool v6 = trail_u64(event, 0) == FAMILY_INET6;
	size_t len_s, len_d, at = v6 ? 8 : 4, size = v6 ? 16 : 4;
	const char *s = trail_str(event, 3, &len_s);
	const char *d = trail_str(event, 4, &len_d);
	struct trail_flow flow = {
		.family = v6 ? 6 : 4, .protocol = 17,
		.sport = (uint16_t)trail_u64(event, 1), .dport = (uint16_t)trail_u64(event, 2),
	};

	if ((!v6 && trail_u64(event, 0) != FAMILY_INET) || !s || !d || len_s < at + size ||
	    len_d < at + size)
		return 0;
	memcpy(flow.saddr, s + at, size);
	memcpy(flow.daddr, d + at, size);
	return trail_flow_refused(engine, event, &flow);
}

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
	{ "udp:udp_fail_queue_rcv_skb", { "family", "sport", "dport", "saddr", "daddr" }, refused,
	  TRAIL_PRESET_NET | TRAIL_PRESET_DROPS },
	{ "skbtrail:udp_queue", { "sk", "skb", "rmem", "rcvbuf" }, queue, TRAIL_PRESET_NET,
	  queue_probe },
	{ "skbtrail:udp_read", { "sk", "skb", "len" }, read, TRAIL_PRESET_NET, read_probe },
	{ 0 }
};

TRAIL_PLUGIN(udp) = { TRAIL_PLUGIN_ABI, "udp", "UDP: datagrams and their sockets", row };
