// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * drop-judge.c - an event that ends an skb -> was it lost, why, and for which queue it was meant
 *
 * What a free means is told by the function that called it (consume_skb has had its location since
 * 6.3, kfree_skb always) and by the drop reason (since 5.17).  Neither alone is enough: see
 * Documentation/how-packets-are-followed.md.  Reasons are compared by the names in the capture's
 * own format: their numbers move between kernels.  Where the kernel gives no reason the packet's
 * header may tell one.
 */
#include <errno.h>

#include "skbtrail.h"

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

static bool listed(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

enum trail_free trail_free_place(const char *symbol)
{
	const struct place *p;

	for (p = place; symbol && p->symbol; p++)
		if (!strcmp(p->symbol, symbol))
			return p->where;
	return TRAIL_FREE_UNKNOWN;
}

/* Every reason that the kernel names and that has no rule is one of a protocol's checks. */
static void classify(struct trail_drop *drop)
{
	const struct trail_drop_rule *rule = trail_drop_explain(drop);
	bool unsaid = trail_drop_is_unsaid(drop);

	drop->is_inferred = rule && unsaid;
	if (drop->is_inferred && !drop->means)
		drop->means = rule->means;
	drop->class = rule ? rule->class : unsaid ? TRAIL_DROP_UNKNOWN : TRAIL_DROP_PROTOCOL;
}

/* ------------------------------------------------------------------ what the header tells */

#define ETHER_SIZE	14
#define VLAN_TAG	4
#define PROTO_ICMP	1
#define PROTO_TCP	6
#define PROTO_UDP	17
#define UDP_SIZE	8
#define TCP_SIZE	20
#define PROTO_ICMPV6	58
#define ICMP_ECHOREPLY	0
#define ICMPV6_ECHO_REPLY	129
#define TCP_SYN		0x02
#define TCP_ACK		0x10

/* Of the IP packet; all zero when no bytes of it are known, but for @to_group. */
struct told {
	bool to_group;		/* a broadcast or multicast */
	bool to_multicast;	/* by its address */
	bool is_cut;		/* the header behind that of IP is not whole */
	bool is_martian;	/* such a source never comes from another host */
	bool is_icmp;
	bool is_reply;		/* to an echo request */
	bool is_tcp;
	bool is_new;		/* TCP: a connection is asked for */
	bool has_data;		/* TCP */
};

static uint16_t word_at(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void tell_transport(const uint8_t *at, size_t left, uint8_t protocol, struct told *told)
{
	bool tcp = protocol == PROTO_TCP && left >= 14;

	told->is_icmp = (protocol == PROTO_ICMP || protocol == PROTO_ICMPV6) && left;
	told->is_reply = told->is_icmp &&
			 *at == (protocol == PROTO_ICMP ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY);
	told->is_tcp = tcp;
	told->is_new = tcp && (at[13] & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* @size: what the IP header says, 0 where that is not told (jumbograms) */
static void tell_size(size_t size, uint8_t protocol, struct told *told)
{
	size_t whole = protocol == PROTO_UDP ? UDP_SIZE : protocol == PROTO_TCP ? TCP_SIZE : 0;

	told->is_cut = size && size < whole;
}

static void tell_ip(const uint8_t *at, size_t left, struct told *told)
{
	static const uint8_t everybody[4] = { 255, 255, 255, 255 };
	size_t header = (at[0] & 15u) * 4, tcp;

	if (at[0] >> 4 == 6 && left >= 40) {
		told->to_multicast = at[24] == 0xff;
		tell_size(word_at(at + 4), at[6], told);
		tell_transport(at + 40, left - 40, at[6], told);
		tcp = told->is_tcp ? (at[40 + 12] >> 4) * 4u : 0;
		told->has_data = told->is_tcp && word_at(at + 4) > tcp;
		return;
	}
	if (at[0] >> 4 != 4 || header < 20 || left < header)
		return;
	/* 127/8, multicast and beyond, 0/8: net/ipv4/route.c: ip_route_input_slow() */
	told->is_martian = at[12] == 127 || at[12] >= 224 || !at[12];
	told->to_multicast = at[16] >> 4 == 14;
	told->to_group = !memcmp(at + 16, everybody, sizeof(everybody));
	if (word_at(at + 6) & 0x1fff)
		return;		/* a fragment behind the first */
	if (word_at(at + 2) > header)
		tell_size(word_at(at + 2) - header, at[9], told);
	tell_transport(at + header, left - header, at[9], told);
	tcp = told->is_tcp ? (at[header + 12] >> 4) * 4u : 0;
	told->has_data = told->is_tcp && word_at(at + 2) > header + tcp;
}

static struct told tell(const struct trail_skb_header *header)
{
	size_t left = header->bytes ? header->nr_bytes : 0, skip = 0;
	struct told told = { 0 };

	if (header->layer == TRAIL_LAYER_ETHERNET)
		skip = ETHER_SIZE;
	while (skip && left >= skip + VLAN_TAG &&
	       (word_at(header->bytes + skip - 2) == 0x8100 ||
		word_at(header->bytes + skip - 2) == 0x88a8))
		skip += VLAN_TAG;
	if (header->layer != TRAIL_LAYER_UNKNOWN && left > skip)
		tell_ip(header->bytes + skip, left - skip, &told);
	/* The first bit of an Ethernet address, or the kernel, tells broadcasts of a network. */
	told.to_group |= told.to_multicast || header->to_group ||
			 (skip && left && *header->bytes & 1);
	return told;
}

static bool is_udp(const char *symbol)
{
	static const char *const in[] = {
		"__udp4_lib_rcv", "__udp6_lib_rcv", "udp_rcv", "udpv6_rcv", NULL
	};

	return listed(in, symbol);
}

/* Where the kernel has several reasons and says none: the one that this packet tells, or NULL. */
static const char *meaning(const struct trail_drop *drop, const struct told *told)
{
	if (!drop->symbol || !trail_drop_is_unsaid(drop))
		return NULL;
	/* net/ipv4/route.c: ip_route_input_rcu() asks for the group before the source */
	if (!strcmp(drop->symbol, "ip_rcv_finish_core"))
		return told->to_multicast ? "IGNORED_MULTI" :
		       told->is_martian ? "IP_INVALID_SOURCE" : NULL;
	/* net/ipv4/udp.c: NO_SOCKET is said, but not of one for many that nobody takes. */
	if (is_udp(drop->symbol))
		return told->to_group ? "IGNORED_MULTI" :
		       told->is_cut ? "PKT_TOO_SMALL" : NULL;
	if (strcmp(drop->symbol, "tcp_v4_rcv") && strcmp(drop->symbol, "tcp_v6_rcv"))
		return NULL;
	if (told->is_cut)
		return "PKT_TOO_SMALL";
	if (!drop->reason && (told->is_new || told->has_data))
		return "NO_SOCKET";
	return NULL;
}

/* Did kfree_skb end a packet that was of use? */
static bool is_used_up(const struct trail_drop *drop, const struct told *told)
{
	bool closed = drop->reason && !strcmp(drop->reason, "TCP_CLOSE");
	bool no_socket = !drop->reason || !strcmp(drop->reason, "NO_SOCKET");

	if (!drop->symbol)
		return false;
	if (no_socket && listed(echo_reply_in, drop->symbol))
		return !told->is_icmp || told->is_reply;
	if (drop->means && (!strcmp(drop->means, "NO_SOCKET") ||
			    !strcmp(drop->means, "PKT_TOO_SMALL")))
		return false;
	return (trail_drop_is_unsaid(drop) || closed) && listed(used_in, drop->symbol);
}

/* ------------------------------------------------------------------ reasons of sub-systems */

/* net/openvswitch/drop.h: numbered from 1 on, new ones come last. */
static const char *const ovs_reason[] = {
	NULL, "OVS_DROP_LAST_ACTION", "OVS_DROP_ACTION_ERROR", "OVS_DROP_EXPLICIT",
	"OVS_DROP_EXPLICIT_WITH_ERROR", "OVS_DROP_METER", "OVS_DROP_RECURSION_LIMIT",
	"OVS_DROP_DEFERRED_LIMIT", "OVS_DROP_FRAG_L2_TOO_LONG", "OVS_DROP_FRAG_INVALID_PROTO",
	"OVS_DROP_CONNTRACK", "OVS_DROP_IP_TTL",
};

static bool is_of(const struct trail_drop *drop, const char *module, const char *prefix)
{
	return (drop->module && !strcmp(drop->module, module)) ||
	       (drop->symbol && !strncmp(drop->symbol, prefix, strlen(prefix)));
}

/*
 * The number of a sub-system moves, too (include/net/dropreason.h), and its reasons are not in the
 * format: the code that drops tells whose they are, and queueing disciplines have a format of
 * their own (7.2).
 */
static const char *subsystem_reason(struct trail_engine *engine, const struct trail_drop *drop,
				    uint32_t value)
{
	const char *name = trail_enum_of(engine, "qdisc:qdisc_drop", "reason", value);
	uint32_t number = value & 0xffff;
	char text[80];

	if (is_of(drop, "openvswitch", "ovs_") &&
	    number < sizeof(ovs_reason) / sizeof(ovs_reason[0]) && ovs_reason[number])
		return ovs_reason[number];
	if (is_of(drop, "mac80211", "ieee80211_"))
		snprintf(text, sizeof(text), "MAC80211_%u", number);
	else if (name)
		snprintf(text, sizeof(text), "QDISC_DROP_%s", name);
	else
		snprintf(text, sizeof(text), "SUBSYS_%u_%u", value >> 16, number);
	return trail_intern(engine, text);
}

/* Of a field that is kfree_skb's own, or a probe's copy of it. */
static const char *reason_of(struct trail_engine *engine, const struct trail_event *event,
			     unsigned int i, const struct trail_drop *drop)
{
	uint32_t value = (uint32_t)trail_u64(event, i);
	const char *name;

	if (!trail_has(event, i))
		return NULL;
	name = trail_enum(engine, event, i);
	if (!name)
		name = trail_enum_of(engine, "skb:kfree_skb", "reason", value);
	return name || value < 0x10000 ? name : subsystem_reason(engine, drop, value);
}

/* ------------------------------------------------------------------ kfree_skb */

/* The first fields of the rows of kfree_skb and of the probe at it. */
enum { F_SKB, F_LOCATION, F_REASON, F_RX_SK, F_PROTOCOL };

/* What goes to a device has a protocol; netlink, unix and vsock skbs die here too. */
static bool is_foreign(const struct trail_event *event)
{
	return trail_has(event, F_PROTOCOL) && !trail_u64(event, F_PROTOCOL);
}

/* The kind of queue that the packet was meant for. */
static uint8_t queue_of(const struct trail_drop *drop)
{
	const char *name = trail_drop_is_unsaid(drop) ? drop->means : drop->reason;

	if (trail_drop_is_qdisc(name))
		return TRAIL_QUEUE_QDISC;
	if (name && !strcmp(name, "CPU_BACKLOG"))
		return TRAIL_QUEUE_BACKLOG;
	return drop->class == TRAIL_DROP_RESOURCE ? TRAIL_QUEUE_SOCKET : TRAIL_QUEUE_UNKNOWN;
}

int trail_read_drop(struct trail_engine *engine, const struct trail_event *event,
		    const struct trail_skb_header *header, struct trail_drop *drop,
		    enum trail_free *where)
{
	const struct trail_location *location =
		trail_location(engine, trail_u64(event, F_LOCATION));
	struct trail_skb_header known = { 0 };
	struct told told;

	if (!location)
		return -ENOMEM;
	if (header)
		known = *header;
	if (!known.bytes)
		trail_known_header(engine, event, trail_u64(event, F_SKB), &known);
	told = tell(&known);
	*drop = (struct trail_drop){
		.address = location->address, .symbol = location->symbol,
		.symbol_offset = location->offset, .module = location->module,
		.socket = trail_u64(event, F_RX_SK),
	};
	drop->reason = reason_of(engine, event, F_REASON, drop);
	*where = trail_free_place(drop->symbol);
	if (*where == TRAIL_FREE_UNKNOWN && is_foreign(event))
		*where = TRAIL_FREE_FOREIGN;
	/* A qdisc that refuses packets frees a list of them, as does who frees a fragment list. */
	if (*where == TRAIL_FREE_MEMBER && trail_drop_is_qdisc(drop->reason))
		*where = TRAIL_FREE_LIST;
	drop->means = meaning(drop, &told);
	classify(drop);
	drop->queue.kind = queue_of(drop);
	if (is_used_up(drop, &told)) {
		drop->class = TRAIL_DROP_BENIGN;
		*where = TRAIL_FREE_USED;
	}
	return 0;
}
