// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tcp.c - TCP: a segment meets its socket
 *
 * tcp_probe is emitted at the start of tcp_rcv_established() (net/ipv4/tcp_input.c), so only by
 * established sockets.  skbaddr and skaddr came with 6.9; before, the socket's cookie stands for
 * the socket, and tcp_rcv_space_adjust, which has both, tells which socket that is.
 * saddr and daddr are struct sockaddr_in or _in6: family in the first two bytes,
 * address at 4 or 8; they are those of the socket, so the packet went from daddr to saddr.
 */
#include "skbtrail.h"

/* AF_INET of the recorded kernel: the same number on every Linux. */
#define FAMILY_INET	2

/* Return: is it one of IPv6? */
static bool address(const struct trail_event *event, unsigned int i, uint8_t *out)
{
	size_t len;
	const char *sa = trail_str(event, i, &len);
	uint16_t family;

	if (!sa || len < 24)
		return false;
	memcpy(&family, sa, sizeof(family));
	if (family != FAMILY_INET && !trail_is_mapped((const uint8_t *)sa + 8)) {
		memcpy(out, sa + 8, 16);
		return true;
	}
	memcpy(out, family == FAMILY_INET ? sa + 4 : sa + 20, 4);
	return false;
}

static int probe(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_segment segment = {
		.skb = trail_u64(event, 0),
		.sk = trail_u64(event, 1),
		.cookie = trail_u64(event, 2),
		.bytes = (uint32_t)trail_u64(event, 3),
		.flow = {
			.protocol = 6,
			.sport = (uint16_t)trail_u64(event, 7),
			.dport = (uint16_t)trail_u64(event, 6),
		},
	};
	bool v6 = address(event, 5, segment.flow.saddr);

	address(event, 4, segment.flow.daddr);
	segment.flow.family = v6 ? 6 : 4;
	return trail_segment(engine, event, &segment);
}

/* At the end of every read that took bytes, by recvmsg, splice or the kernel itself. */
static int space_adjust(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_segment segment = {
		.sk = trail_u64(event, 0), .cookie = trail_u64(event, 1),
	};

	return trail_stream_taken(engine, event, &segment);
}

static int destroy_sock(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_segment segment = {
		.sk = trail_u64(event, 0), .cookie = trail_u64(event, 1),
	};

	return trail_socket_gone(engine, event, &segment);
}

/* The event follows the transmit of the clone (net/ipv4/tcp_output.c: __tcp_retransmit_skb()). */
static int retransmit(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_retransmitted(engine, event, trail_u64(event, 0));
}

static int queue_range(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_range range = {
		.sk = trail_u64(event, 0), .skb = trail_u64(event, 1),
		.seq = (uint32_t)trail_u64(event, 2), .end_seq = (uint32_t)trail_u64(event, 3),
		.netns = trail_u64(event, 4),
	};

	return trail_stream_queued(engine, event, &range);
}

/* The control block, include/net/tcp.h: struct tcp_skb_cb. */
#define RANGE_ARGS \
	"sk=$arg1:x64 skb=$arg2:x64 seq=+{sk_buff.cb+tcp_skb_cb.seq}($arg2):u32" \
	" end_seq=+{sk_buff.cb+tcp_skb_cb.end_seq}($arg2):u32" \
	" ?netns=+{net.ns.inum}(+{sock.__sk_common.skc_net}($arg1)):u32"

/* The fast path of tcp_rcv_established() ends there, and what is in order in tcp_data_queue(). */
static const struct trail_probe queue_probe[] = {
	{ TRAIL_PROBE_KPROBE, "tcp_queue_rcv", RANGE_ARGS, NULL },
	{ 0 }
};

/* Out of order, or in a state other than established. */
static const struct trail_probe data_probe[] = {
	{ TRAIL_PROBE_KPROBE, "tcp_data_queue", RANGE_ARGS, NULL },
	{ 0 }
};

static const struct trail_row row[] = {
	{ "tcp:tcp_probe", { "skbaddr", "skaddr", "sock_cookie", "data_len", "saddr", "daddr",
			     "sport", "dport" }, probe, TRAIL_PRESET_BOTH },
	{ "tcp:tcp_retransmit_skb", { "skbaddr" }, retransmit, TRAIL_PRESET_NET },
	{ "tcp:tcp_rcv_space_adjust", { "skaddr", "sock_cookie" }, space_adjust,
	  TRAIL_PRESET_BOTH },
	{ "tcp:tcp_send_reset", { 0 }, NULL, TRAIL_PRESET_NET },
	{ "tcp:tcp_receive_reset", { 0 }, NULL, TRAIL_PRESET_NET },
	{ "tcp:tcp_destroy_sock", { "skaddr", "sock_cookie" }, destroy_sock, TRAIL_PRESET_BOTH },
	{ "skbtrail:tcp_queue", { "sk", "skb", "seq", "end_seq", "netns" }, queue_range,
	  TRAIL_PRESET_NET, queue_probe },
	{ "skbtrail:tcp_data", { "sk", "skb", "seq", "end_seq", "netns" }, queue_range,
	  TRAIL_PRESET_NET, data_probe },
	{ 0 }
};

TRAIL_PLUGIN(tcp) = { TRAIL_PLUGIN_ABI, "tcp", "TCP: segments and their sockets", row };
