// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * skb.c - the ends of an skb: consumed, dropped; and its copy to user space
 *
 * What a free means is told by the function that called it (consume_skb has had its location since
 * 6.3, kfree_skb always) and by the drop reason (since 5.17).  Neither alone is enough: see
 * Documentation/how-packets-are-followed.md.  Reasons are compared by the names in the capture's
 * own format: their numbers move between kernels.
 */
#include <errno.h>

#include "skbtrail.h"

#define PROTOCOL_TCP	6

struct place {
	const char *symbol;
	enum trail_free where;
};

/* Functions that free an skb of which nothing was lost (net/core/, net/ipv4/, net/packet/). */
static const struct place place[] = {
	{ "udp_recvmsg", TRAIL_FREE_READ },
	{ "udpv6_recvmsg", TRAIL_FREE_READ },
	{ "skb_consume_udp", TRAIL_FREE_READ },
	{ "raw_recvmsg", TRAIL_FREE_READ },
	{ "rawv6_recvmsg", TRAIL_FREE_READ },
	{ "ping_recvmsg", TRAIL_FREE_READ },
	{ "skb_free_datagram", TRAIL_FREE_READ },
	{ "skb_defer_free_flush", TRAIL_FREE_LAZY },
	{ "net_rx_action", TRAIL_FREE_LAZY },	/* skb_defer_free_flush() inlined, 6.12 */
	{ "net_tx_action", TRAIL_FREE_LAZY },
	{ "napi_consume_skb", TRAIL_FREE_LAZY },
	{ "__dev_kfree_skb_any", TRAIL_FREE_LAZY },
	{ "dev_kfree_skb_any_reason", TRAIL_FREE_LAZY },
	{ "validate_xmit_skb", TRAIL_FREE_SPLIT },
	{ "udp_queue_rcv_skb", TRAIL_FREE_SPLIT },	/* UDP GSO met a socket without UDP_GRO */
	{ "udpv6_queue_rcv_skb", TRAIL_FREE_SPLIT },
	{ "skb_release_data", TRAIL_FREE_MEMBER },
	{ "kfree_skb_list_reason", TRAIL_FREE_MEMBER },	/* or a qdisc's list */
	{ "kfree_skb_list", TRAIL_FREE_MEMBER },
	{ "inet_frag_reasm_prepare", TRAIL_FREE_REASSEMBLED },
	{ "inet_frag_reasm_finish", TRAIL_FREE_REASSEMBLED },
	{ "tpacket_rcv", TRAIL_FREE_TAP },
	{ "packet_rcv", TRAIL_FREE_TAP },
	{ NULL }
};

/*
 * kfree_skb of a packet that did its work: NOT_SPECIFIED (or no reason at all) in these functions
 * ends control segments, and an echo reply whose clone the raw socket got ends with NO_SOCKET.
 */
static const char *const used_in[] = {
	"tcp_rcv_state_process", "tcp_v4_rcv", "tcp_v6_rcv", "tcp_v4_do_rcv", "tcp_v6_do_rcv",
	"tcp_rcv_established", "tcp_data_queue", "tcp_rcv_synsent_state_process", NULL
};

static const char *const echo_reply_in[] = { "icmp_rcv", "ping_rcv", "icmpv6_rcv", NULL };

struct reason {
	const char *name;
	enum trail_drop_class class;
};

/* include/net/dropreason-core.h; classes are ours: who would have to act. */
static const struct reason reason[] = {
	{ "NETFILTER_DROP", TRAIL_DROP_POLICY },
	{ "SOCKET_FILTER", TRAIL_DROP_POLICY },
	{ "XFRM_POLICY", TRAIL_DROP_POLICY },
	{ "BPF_CGROUP_EGRESS", TRAIL_DROP_POLICY },
	{ "TC_EGRESS", TRAIL_DROP_POLICY },
	{ "TC_INGRESS", TRAIL_DROP_POLICY },
	{ "XDP", TRAIL_DROP_POLICY },
	{ "SECURITY_HOOK", TRAIL_DROP_POLICY },
	{ "IP_RPFILTER", TRAIL_DROP_POLICY },
	{ "TAP_FILTER", TRAIL_DROP_POLICY },
	{ "TAP_TXFILTER", TRAIL_DROP_POLICY },
	{ "SOCKET_RCVBUFF", TRAIL_DROP_RESOURCE },
	{ "SOCKET_BACKLOG", TRAIL_DROP_RESOURCE },
	{ "PROTO_MEM", TRAIL_DROP_RESOURCE },
	{ "NOMEM", TRAIL_DROP_RESOURCE },
	{ "PFMEMALLOC", TRAIL_DROP_RESOURCE },
	{ "CPU_BACKLOG", TRAIL_DROP_RESOURCE },
	{ "FULL_RING", TRAIL_DROP_RESOURCE },
	{ "QDISC_DROP", TRAIL_DROP_RESOURCE },
	{ "QDISC_BURST_DROP", TRAIL_DROP_RESOURCE },
	{ "QDISC_OVERLIMIT", TRAIL_DROP_RESOURCE },
	{ "QDISC_CONGESTED", TRAIL_DROP_RESOURCE },
	{ "NEIGH_QUEUEFULL", TRAIL_DROP_RESOURCE },
	{ "TCP_OFO_QUEUE_PRUNE", TRAIL_DROP_RESOURCE },
	{ "TCP_LISTEN_OVERFLOW", TRAIL_DROP_RESOURCE },
	{ "TCP_ZEROWINDOW", TRAIL_DROP_RESOURCE },
	{ "MACVLAN_BROADCAST_BACKLOG", TRAIL_DROP_RESOURCE },
	{ "IPVLAN_MULTICAST_BACKLOG", TRAIL_DROP_RESOURCE },
	{ "QUEUE_PURGE", TRAIL_DROP_BENIGN },
	{ "SOCKET_CLOSE", TRAIL_DROP_BENIGN },
	{ "UNIX_DISCONNECT", TRAIL_DROP_BENIGN },
	{ "TCP_OLD_DATA", TRAIL_DROP_BENIGN },
	{ "TCP_OFOMERGE", TRAIL_DROP_BENIGN },
	{ "TCP_OLD_ACK", TRAIL_DROP_BENIGN },
	{ "OTHERHOST", TRAIL_DROP_BENIGN },
	{ NULL }
};

/*
 * Where kernels without reasons (before 5.17), or a NOT_SPECIFIED, drop: the function tells.
 * Functions of 5.10 and 6.1; the class is thereby inferred, the location itself is not.
 */
static const struct reason where_dropped[] = {
	{ "nf_hook_slow", TRAIL_DROP_POLICY },
	{ "nft_do_chain", TRAIL_DROP_POLICY },
	{ "ipt_do_table", TRAIL_DROP_POLICY },
	{ "ip6t_do_table", TRAIL_DROP_POLICY },
	{ "sk_filter_trim_cap", TRAIL_DROP_POLICY },
	{ "__udp4_lib_rcv", TRAIL_DROP_PROTOCOL },
	{ "__udp6_lib_rcv", TRAIL_DROP_PROTOCOL },
	{ "udp_queue_rcv_one_skb", TRAIL_DROP_RESOURCE },
	{ "udpv6_queue_rcv_one_skb", TRAIL_DROP_RESOURCE },
	{ "enqueue_to_backlog", TRAIL_DROP_RESOURCE },
	{ "__dev_queue_xmit", TRAIL_DROP_RESOURCE },
	{ "kfree_skb_list", TRAIL_DROP_RESOURCE },
	{ "tcp_add_backlog", TRAIL_DROP_RESOURCE },
	{ "sk_stream_kill_queues", TRAIL_DROP_BENIGN },
	{ "ip6_mc_input", TRAIL_DROP_BENIGN },	/* of a multicast group that nobody joined here */
	{ "ip_rcv_core", TRAIL_DROP_PROTOCOL },
	{ "ip_rcv_finish_core", TRAIL_DROP_PROTOCOL },
	{ "ip6_rcv_core", TRAIL_DROP_PROTOCOL },
	{ NULL }
};

static bool listed(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

static enum trail_free place_of(const char *symbol)
{
	const struct place *p;

	for (p = place; symbol && p->symbol; p++)
		if (!strcmp(p->symbol, symbol))
			return p->where;
	return TRAIL_FREE_UNKNOWN;
}

static int class_by(const struct reason *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table->class;
	return -1;
}

static bool says_nothing(const char *name)
{
	return !name || !strcmp(name, "NOT_SPECIFIED");
}

/* Every reason that the kernel names and that is not in the table is one of a protocol's checks. */
static enum trail_drop_class class_of(const struct trail_drop *drop)
{
	int class = -1;

	if (!says_nothing(drop->reason))
		class = class_by(reason, drop->reason);
	else if (drop->symbol)
		class = class_by(where_dropped, drop->symbol);
	if (class >= 0)
		return (enum trail_drop_class)class;
	return says_nothing(drop->reason) ? TRAIL_DROP_UNKNOWN : TRAIL_DROP_PROTOCOL;
}

/* Did kfree_skb end a packet that was of use? */
static bool is_used_up(const struct trail_drop *drop)
{
	bool closed = drop->reason && !strcmp(drop->reason, "TCP_CLOSE");
	bool no_socket = !drop->reason || !strcmp(drop->reason, "NO_SOCKET");

	if (!drop->symbol)
		return false;
	if (no_socket && listed(echo_reply_in, drop->symbol))
		return true;
	return (says_nothing(drop->reason) || closed) && listed(used_in, drop->symbol);
}

static int consume(struct trail_engine *engine, const struct trail_event *event)
{
	enum trail_free where = TRAIL_FREE_UNKNOWN;
	const struct trail_location *location;

	if (trail_has(event, 1)) {
		location = trail_location(engine, trail_u64(event, 1));
		if (!location)
			return -ENOMEM;
		where = place_of(location->symbol);
	}
	return trail_freed(engine, event, trail_u64(event, 0), where);
}

static int drop(struct trail_engine *engine, const struct trail_event *event)
{
	const struct trail_location *location = trail_location(engine, trail_u64(event, 1));
	struct trail_drop d = { 0 };
	enum trail_free where;

	if (!location)
		return -ENOMEM;
	d.address = location->address;
	d.symbol = location->symbol;
	d.symbol_offset = location->offset;
	d.module = location->module;
	d.socket = trail_u64(event, 3);
	d.reason = trail_has(event, 2) ? trail_enum(engine, event, 2) : NULL;
	where = place_of(d.symbol);
	/* Netlink, unix and vsock skbs die here too; what goes to a device has a protocol. */
	if (where == TRAIL_FREE_UNKNOWN && trail_has(event, 4) && !trail_u64(event, 4))
		where = TRAIL_FREE_FOREIGN;
	d.class = (uint8_t)class_of(&d);
	if (is_used_up(&d)) {
		d.class = TRAIL_DROP_BENIGN;
		where = TRAIL_FREE_USED;
	}
	return trail_dropped(engine, event, trail_u64(event, 0), &d, where);
}

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

/* To create an fprobe took 137 ms of CPU time on an emulated 6.12, a kprobe 14 to 19. */
static const struct trail_probe clone_probe[] = {
	{ TRAIL_PROBE_KPROBE, "__skb_clone", "skb=$arg2:x64 copy=$arg1:x64", NULL },
	{ TRAIL_PROBE_FPROBE, "skb_clone%return", "skb=$arg1:x64 copy=$retval:x64", NULL },
	{ 0 }
};

static const struct trail_row row[] = {
	{ "skb:consume_skb", { "skbaddr", "location" }, consume, TRAIL_PRESET_BOTH },
	{ "skb:kfree_skb", { "skbaddr", "location", "reason", "rx_sk", "protocol" }, drop,
	  TRAIL_PRESET_BOTH },
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

TRAIL_PLUGIN(skb) = { TRAIL_PLUGIN_ABI, "skb", "ends of an skb and its copy to user space", row };
