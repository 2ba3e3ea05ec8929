// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sock.c - sockets: data ready, read, state
 *
 * sk_data_ready and sock_recv_length exist since 6.3; inet_sock_set_state since 4.16.
 */
#include "skbtrail.h"

/* AF_INET, AF_INET6 of the recorded kernel: the same numbers on every Linux. */
enum { FAMILY_INET = 2, FAMILY_INET6 = 10 };

/* Fields as below: a socket of IPv6 may speak IPv4. */
static bool has_v6(const struct trail_event *event, unsigned int i)
{
	size_t len;
	const char *peer = trail_str(event, i + 4, &len);

	return trail_u64(event, i) == FAMILY_INET6 &&
	       !(peer && len == 16 && trail_is_mapped((const uint8_t *)peer));
}

/*
 * Fields from index @i on: family, saddr, daddr (4 bytes), saddr_v6, daddr_v6 (16 bytes), sport,
 * dport in host order (include/trace/events/sock.h: inet_sock_set_state).
 */
static void tuple_from_state(const struct trail_event *event, unsigned int i,
				    struct trail_flow *flow)
{
	bool v6 = has_v6(event, i);
	unsigned int at = v6 ? i + 3 : i + 1;
	size_t len_s, len_d, want = v6 ? 16 : 4;
	const char *s = trail_str(event, at, &len_s);
	const char *d = trail_str(event, at + 1, &len_d);

	if (!s || !d || len_s < want || len_d < want)
		return;
	memcpy(flow->saddr, s, want);
	memcpy(flow->daddr, d, want);
	flow->sport = (uint16_t)trail_u64(event, i + 5);
	flow->dport = (uint16_t)trail_u64(event, i + 6);
	flow->protocol = 6;
	flow->family = v6 ? 6 : 4;
}

/* include/linux/socket.h: MSG_PEEK */
#define PEEK_FLAG	0x2

static enum trail_protocol protocol(uint64_t ip_protocol)
{
	switch (ip_protocol) {
	case 6:
		return TRAIL_PROTO_TCP;
	case 17:
		return TRAIL_PROTO_UDP;
	case 1:
	case 58:
		return TRAIL_PROTO_ICMP;
	default:
		return TRAIL_PROTO_OTHER;
	}
}

/* What else has sockets moves no packets of a device. */
static bool is_inet(const struct trail_event *event, unsigned int i)
{
	uint64_t family = trail_u64(event, i);

	return family == FAMILY_INET || family == FAMILY_INET6;
}

static int data_ready(struct trail_engine *engine, const struct trail_event *event)
{
	if (!is_inet(event, 1))
		return 0;
	return trail_socket_ready(engine, event, trail_u64(event, 0),
				  protocol(trail_u64(event, 2)));
}

static int recv_length(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_read read = {
		.sk = trail_u64(event, 0),
		.protocol = protocol(trail_u64(event, 2)),
		.bytes = trail_s64(event, 3),
		.peek = trail_u64(event, 4) & PEEK_FLAG,
	};

	if (!is_inet(event, 1))
		return 0;
	return trail_read(engine, event, &read);
}

/* include/net/tcp_states.h: TCP_ESTABLISHED */
#define ESTABLISHED	1

static int set_state(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_segment segment = { .sk = trail_u64(event, 0) };
	uint64_t state = trail_u64(event, 1);

	if (trail_u64(event, 2) != 6)
		return 0;
	tuple_from_state(event, 3, &segment.flow);
	return trail_socket_state(engine, event, &segment,
				  state == ESTABLISHED ? TRAIL_TCP_ESTABLISHED
						       : TRAIL_TCP_OTHER);
}

/* net/core/sock.c: __sock_queue_rcv_skb(); who called it then drops the packet. */
static int full(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_queue queue = {
		trail_s64(event, 0), trail_s64(event, 1), TRAIL_QUEUE_SOCKET,
	};

	return trail_queue_full(engine, event, &queue);
}

static const struct trail_row row[] = {
	{ "sock:sk_data_ready", { "skaddr", "family", "protocol" }, data_ready,
	  TRAIL_PRESET_BOTH },
	{ "sock:sock_recv_length", { "sk", "family", "protocol", "ret", "flags" }, recv_length,
	  TRAIL_PRESET_BOTH },
	{ "sock:inet_sock_set_state",
	  { "skaddr", "newstate", "protocol", "family", "saddr", "daddr", "saddr_v6", "daddr_v6",
	    "sport", "dport" }, set_state, TRAIL_PRESET_BOTH },
	{ "sock:sock_send_length", { 0 }, NULL, TRAIL_PRESET_NET },
	{ "sock:sock_rcvqueue_full", { "rmem_alloc", "sk_rcvbuf" }, full,
	  TRAIL_PRESET_NET | TRAIL_PRESET_DROPS },
	{ "sock:sock_exceed_buf_limit", { 0 }, NULL, TRAIL_PRESET_NET },
	{ "sock:inet_sk_error_report", { 0 }, NULL, TRAIL_PRESET_NET },
	{ 0 }
};

TRAIL_PLUGIN(sock) = { TRAIL_PLUGIN_ABI, "sock", "sockets: ready, read, state", row };
