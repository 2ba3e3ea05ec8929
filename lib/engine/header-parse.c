// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * header-parse.c - packet bytes -> addresses, ports, sequence numbers, tunnel
 *
 * The bytes are the beginning of a packet, cut anywhere, and anybody may have sent them: a cursor
 * knows how many are left and how many the packet has on the wire, and nothing is read past
 * either.  What was read before the end stays.
 */
#include "header-parse.h"

#define ETHER_ADDRESSES	12
#define ETHERTYPE_IPV4	0x0800
#define ETHERTYPE_IPV6	0x86dd
#define ETHERTYPE_BRIDGED	0x6558	/* GRE: an Ethernet frame */
#define ETHERTYPE_VLAN	0x8100
#define ETHERTYPE_QINQ	0x88a8
#define ETHERTYPE_OLD_QINQ	0x9100

#define PROTO_HOP_OPTIONS	0
#define PROTO_IPV4	4
#define PROTO_TCP	6
#define PROTO_UDP	17
#define PROTO_DCCP	33
#define PROTO_IPV6	41
#define PROTO_ROUTING	43
#define PROTO_FRAGMENT	44
#define PROTO_GRE	47
#define PROTO_AH	51
#define PROTO_DEST_OPTIONS	60
#define PROTO_SCTP	132
#define PROTO_UDPLITE	136

/* IANA's port and the one that Linux used before it. */
#define VXLAN_PORT	4789
#define VXLAN_OLD_PORT	8472
#define VXLAN_HAS_VNI	0x08

#define GRE_CHECKSUM	0x8000
#define GRE_ROUTING	0x4000
#define GRE_KEY		0x2000
#define GRE_SEQUENCE	0x1000
#define GRE_VERSION	0x0007

/* @left recorded bytes from @at on, of @wire that the packet has there; @wire -1: unknown. */
struct cursor {
	const uint8_t *at;
	size_t left;
	int64_t wire;
};

/* What one IP header says; @whole: the cursor is behind it, at what it carries. */
struct ip {
	struct trail_flow flow;
	int64_t bytes;
	int32_t ipid;
	bool later_fragment;
	bool whole;
};

static uint16_t be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)be16(at) << 16 | be16(at + 2);
}

static bool skip(struct cursor *c, size_t nr)
{
	bool there = c->left >= nr;

	if (!there)
		nr = c->left;
	c->at += nr;
	c->left -= nr;
	if (c->wire >= 0)
		c->wire -= (int64_t)nr;
	return there;
}

/* A header says that the rest is @nr bytes: what lies behind is padding. */
static void bound(struct cursor *c, size_t nr)
{
	if (c->left > nr)
		c->left = nr;
	if (c->wire < 0 || c->wire > (int64_t)nr)
		c->wire = (int64_t)nr;
}

/* Return: the type of what follows, 0 when the bytes end before it. */
static uint16_t parse_ethernet(struct cursor *c, int32_t *vlan)
{
	uint16_t type;

	*vlan = -1;
	if (!skip(c, ETHER_ADDRESSES))
		return 0;
	while (c->left >= 2) {
		type = be16(c->at);
		skip(c, 2);
		if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ && type != ETHERTYPE_OLD_QINQ)
			return type;
		if (c->left < 2)
			return 0;
		if (*vlan < 0)
			*vlan = be16(c->at) & 0xfff;
		skip(c, 2);
	}
	return 0;
}

/*
 * Headers between IP and what it carries: @flow.protocol is the one that follows.  IPv4 has only
 * the authentication header of them.
 */
static void skip_extensions(struct cursor *c, struct ip *ip)
{
	size_t size;

	for (;;) {
		uint8_t protocol = ip->flow.protocol;
		bool extension = protocol == PROTO_AH ||
				 (ip->flow.family == 6 &&
				  (protocol == PROTO_HOP_OPTIONS || protocol == PROTO_ROUTING ||
				   protocol == PROTO_FRAGMENT || protocol == PROTO_DEST_OPTIONS));

		if (!extension || ip->later_fragment) {
			ip->whole = true;
			return;
		}
		if (c->left < 4)
			return;
		size = protocol == PROTO_FRAGMENT ? 8 :
		       protocol == PROTO_AH ? (c->at[1] + 2u) * 4 : (c->at[1] + 1u) * 8;
		if (protocol == PROTO_FRAGMENT)
			ip->later_fragment = be16(c->at + 2) & 0xfff8;
		ip->flow.protocol = c->at[0];
		if (!skip(c, size))
			return;
	}
}

static void parse_ipv4(struct cursor *c, struct ip *ip)
{
	size_t header = (c->at[0] & 15u) * 4, total;

	if (header < 20)
		return;
	if (c->left >= 6)
		ip->ipid = be16(c->at + 4);
	if (c->left < 20)
		return;
	total = be16(c->at + 2);
	ip->flow.family = 4;
	ip->flow.protocol = c->at[9];
	memcpy(ip->flow.saddr, c->at + 12, 4);
	memcpy(ip->flow.daddr, c->at + 16, 4);
	ip->later_fragment = be16(c->at + 6) & 0x1fff;
	if (total && total < header)
		return;
	/* Longer than 64 KB (BIG TCP), or to be filled in by the hardware (TSO). */
	if (total)
		bound(c, total);
	ip->bytes = c->wire;
	if (skip(c, header))
		skip_extensions(c, ip);
}

static void parse_ipv6(struct cursor *c, struct ip *ip)
{
	size_t payload;

	if (c->left < 40)
		return;
	payload = be16(c->at + 4);
	ip->flow.family = 6;
	ip->flow.protocol = c->at[6];
	memcpy(ip->flow.saddr, c->at + 8, 16);
	memcpy(ip->flow.daddr, c->at + 24, 16);
	if (payload)
		bound(c, 40 + payload);
	ip->bytes = c->wire;
	skip(c, 40);
	skip_extensions(c, ip);
}

static struct ip parse_ip(struct cursor *c, uint16_t type)
{
	struct ip ip = { .ipid = -1, .bytes = -1 };
	uint8_t version = c->left ? c->at[0] >> 4 : 0;

	if (type == ETHERTYPE_IPV4 && version == 4)
		parse_ipv4(c, &ip);
	else if (type == ETHERTYPE_IPV6 && version == 6)
		parse_ipv6(c, &ip);
	return ip;
}

static void parse_tcp(const struct cursor *c, struct header_facts *out)
{
	int64_t header, payload;

	if (c->left < 14 || c->wire < 0)
		return;
	header = (c->at[12] >> 4) * 4;
	payload = c->wire - header;
	if (header < 20 || payload < 0)
		return;
	out->has_range = true;
	out->syn = c->at[13] & 0x02;
	out->reset = c->at[13] & 0x04;
	out->tcp_seq = be32(c->at + 4);
	/* TCP Fast Open: data of a SYN begins behind it. */
	if (out->syn && payload)
		out->tcp_seq++;
	out->tcp_end = out->tcp_seq + (uint32_t)payload;
}

static void parse_transport(const struct cursor *c, struct ip *ip, struct header_facts *out)
{
	if (!ip->whole || ip->later_fragment)
		return;
	switch (ip->flow.protocol) {
	case PROTO_TCP:
	case PROTO_UDP:
	case PROTO_DCCP:
	case PROTO_SCTP:
	case PROTO_UDPLITE:
		if (c->left < 4)
			return;
		ip->flow.sport = be16(c->at);
		ip->flow.dport = be16(c->at + 2);
		break;
	default:
		return;
	}
	if (ip->flow.protocol == PROTO_TCP)
		parse_tcp(c, out);
}

static const char *open_vxlan(struct cursor *c, uint16_t dport, uint16_t *type)
{
	if ((dport != VXLAN_PORT && dport != VXLAN_OLD_PORT) || c->left < 16 ||
	    !(c->at[8] & VXLAN_HAS_VNI))
		return NULL;
	skip(c, 16);
	*type = ETHERTYPE_BRIDGED;
	return "vxlan";
}

static const char *open_gre(struct cursor *c, uint16_t *type)
{
	uint16_t flags;
	size_t size;

	if (c->left < 4)
		return NULL;
	flags = be16(c->at);
	if (flags & (GRE_ROUTING | GRE_VERSION))
		return NULL;
	size = 4 + 4 * (!!(flags & GRE_CHECKSUM) + !!(flags & GRE_KEY) + !!(flags & GRE_SEQUENCE));
	*type = be16(c->at + 2);
	skip(c, size);
	return "gre";
}

/* Return: name of the tunnel whose header the cursor left; @type: of what follows. */
static const char *open_tunnel(struct cursor *c, const struct ip *ip, uint16_t *type)
{
	*type = 0;
	if (!ip->whole || ip->later_fragment)
		return NULL;
	switch (ip->flow.protocol) {
	case PROTO_UDP:
		return open_vxlan(c, ip->flow.dport, type);
	case PROTO_GRE:
		return open_gre(c, type);
	case PROTO_IPV4:
		*type = ETHERTYPE_IPV4;
		return ip->flow.family == 4 ? "ipip" : "ip6tnl";
	case PROTO_IPV6:
		*type = ETHERTYPE_IPV6;
		return ip->flow.family == 4 ? "sit" : "ip6tnl";
	default:
		return NULL;
	}
}

static void parse_inner(struct cursor *c, uint16_t type, struct header_facts *out)
{
	struct ip ip;
	int32_t vlan;

	if (type == ETHERTYPE_BRIDGED)
		type = parse_ethernet(c, &vlan);
	ip = parse_ip(c, type);
	parse_transport(c, &ip, out);
	out->inner = ip.flow;
	out->inner_bytes = ip.bytes;
}

void header_parse(const struct trail_header *header, struct header_facts *out)
{
	struct cursor c = {
		.at = header->bytes, .left = header->bytes ? header->nr_bytes : 0, .wire = -1,
	};
	uint16_t type = 0;
	struct ip ip;

	*out = (struct header_facts){ .vlan = -1, .inner_bytes = -1 };
	if (header->wire_len)
		bound(&c, header->wire_len);
	if (header->layer == TRAIL_LAYER_ETHERNET)
		type = parse_ethernet(&c, &out->vlan);
	else if (header->layer == TRAIL_LAYER_IP && c.left)
		type = c.at[0] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
	ip = parse_ip(&c, type);
	parse_transport(&c, &ip, out);
	out->flow = ip.flow;
	out->ipid = ip.ipid;
	out->ip_bytes = ip.bytes;
	out->tunnel = open_tunnel(&c, &ip, &type);
	if (out->tunnel)
		parse_inner(&c, type, out);
}

/* ------------------------------------------------------------------ how long the headers are */

#define ETHERTYPE_ARP	0x0806
#define ARP_SIZE	28
#define PROTO_ICMP	1
#define PROTO_ICMPV6	58

/* Of what @ip carries, at the cursor. */
static size_t transport_size(const struct cursor *c, const struct ip *ip)
{
	size_t tcp;

	if (!ip->whole || ip->later_fragment)
		return 0;
	switch (ip->flow.protocol) {
	case PROTO_TCP:
		/* What is too short to say its length holds no payload. */
		tcp = c->left < 13 ? c->left : (c->at[12] >> 4) * 4u;
		return tcp < 20 ? 20 : tcp;
	case PROTO_SCTP:
	case PROTO_DCCP:
		return 12;
	case PROTO_UDP:
	case PROTO_UDPLITE:
	case PROTO_ICMP:
	case PROTO_ICMPV6:
		return 8;
	default:
		return 0;
	}
}

static void skip_headers(struct cursor *c, uint16_t type, unsigned int tunnels)
{
	struct cursor inner;
	struct ip ip;
	int32_t vlan;

	if (type == ETHERTYPE_BRIDGED)
		type = parse_ethernet(c, &vlan);
	if (type == ETHERTYPE_ARP) {
		skip(c, ARP_SIZE);
		return;
	}
	ip = parse_ip(c, type);
	parse_transport(c, &ip, &(struct header_facts){ 0 });
	inner = *c;
	if (tunnels && open_tunnel(&inner, &ip, &type)) {
		*c = inner;
		skip_headers(c, type, tunnels - 1);
	} else {
		skip(c, transport_size(c, &ip));
	}
}

uint32_t trail_header_size(const uint8_t *bytes, uint32_t nr_bytes, enum trail_layer layer)
{
	struct cursor c = { .at = bytes, .left = bytes ? nr_bytes : 0, .wire = -1 };

	if (layer == TRAIL_LAYER_ETHERNET)
		skip_headers(&c, ETHERTYPE_BRIDGED, 1);
	else if (layer == TRAIL_LAYER_IP && c.left)
		skip_headers(&c, c.at[0] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4, 1);
	return (uint32_t)(c.at - bytes);
}
