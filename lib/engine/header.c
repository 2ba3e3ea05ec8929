// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * header.c - packet bytes -> who the packet is
 *
 * A probe says the bytes and then what happens to the skb; where the kernel's own event tells the
 * same step as well, before or after the probe, the second of the two is not another step.
 *
 * The first header of a life stays: on receive that is the outermost one.  On transmit tags and
 * tunnels are put around the packet on its way down, so there the last one is what is sent.
 */
#include <errno.h>
#include <stdlib.h>

#include "drop.h"
#include "engine.h"

#define ETHER_ADDRESSES	12
#define VLAN_TAG	4
#define PROTO_TCP	6
#define PROTO_UDP	17

bool header_is_recorded(const struct trail_capture *cap)
{
	static const char *const event[] = {
		"skbtrail:rx_gro", "skbtrail:rx_frags", "skbtrail:rx_backlog", "skbtrail:rx",
		"skbtrail:tx", "skbtrail:tx_start",
	};

	for (size_t i = 0; i < sizeof(event) / sizeof(event[0]); i++)
		if (trail_capture_has_event(cap, event[i]))
			return true;
	return false;
}

int trail_header(struct trail_engine *engine, const struct trail_event *event,
		 const struct trail_skb_header *header)
{
	engine->sees_header = true;
	engine_cpu(engine, event)->header = *header;
	return 0;
}

static bool has_ports(const struct trail_flow *flow)
{
	return flow->sport || flow->dport;
}

static bool has_same_ends(const struct trail_flow *a, const struct trail_flow *b)
{
	return a->family == b->family && a->protocol == b->protocol &&
	       !memcmp(a->saddr, b->saddr, sizeof(a->saddr)) &&
	       !memcmp(a->daddr, b->daddr, sizeof(a->daddr));
}

/* Could another header of this life say more than the one that is kept?  Mostly not. */
static bool is_complete(const struct packet *packet, const struct trail_skb *skb)
{
	const struct trail_flow *flow = &packet->out.flow;

	if (!packet->wire_flow || (packet->out.dir == TRAIL_TX && skb->dev != packet->out.dev))
		return false;
	if (packet->out.flags & TRAIL_PACKET_SEQ)
		return true;
	return !packet->out.header.tunnel && flow->protocol != PROTO_TCP &&
	       (flow->protocol != PROTO_UDP || has_ports(flow));
}

/* On its way down it got a tag, or became what a tunnel carries. */
static bool is_wrapped(const struct packet *packet, const struct header_facts *facts)
{
	const struct trail_header *header = &packet->out.header;

	return packet->out.dir == TRAIL_TX &&
	       ((facts->tunnel && !header->tunnel) ||
		(facts->vlan >= 0 && header->vlan < 0 &&
		 has_same_ends(&facts->flow, &packet->out.flow)));
}

/* The bytes that were kept end early: of a packet whose bytes were not in one piece. */
static bool is_fuller(const struct packet *packet, const struct header_facts *facts)
{
	if (!packet->wire_flow)
		return facts->flow.family != 0;
	return !has_ports(&packet->out.flow) && has_ports(&facts->flow) &&
	       has_same_ends(&facts->flow, &packet->out.flow);
}

/* A tag that the hardware puts in or took out stands behind the addresses on the wire. */
static int keep_bytes(struct packet *packet, const struct trail_skb_header *header)
{
	struct trail_header *out = &packet->out.header;
	uint32_t nr = header->nr_bytes, at = 0, need;
	bool tagged = header->vlan_proto && header->layer == TRAIL_LAYER_ETHERNET &&
		      nr >= ETHER_ADDRESSES;
	uint8_t *bytes = packet->bytes;

	if (nr > TRAIL_MAX_SNAP_BYTES)
		nr = TRAIL_MAX_SNAP_BYTES;
	need = nr + VLAN_TAG;
	if (need > packet->cap_bytes) {
		bytes = realloc(bytes, need);
		if (!bytes)
			return -ENOMEM;
		packet->bytes = bytes;
		packet->cap_bytes = need;
	}
	if (tagged) {
		memcpy(bytes, header->bytes, ETHER_ADDRESSES);
		bytes[ETHER_ADDRESSES] = (uint8_t)(header->vlan_proto >> 8);
		bytes[ETHER_ADDRESSES + 1] = (uint8_t)header->vlan_proto;
		bytes[ETHER_ADDRESSES + 2] = (uint8_t)(header->vlan_tci >> 8);
		bytes[ETHER_ADDRESSES + 3] = (uint8_t)header->vlan_tci;
		at = ETHER_ADDRESSES;
	}
	memcpy(bytes + at + (tagged ? VLAN_TAG : 0), header->bytes + at, nr - at);
	out->bytes = bytes;
	out->nr_bytes = (uint16_t)(tagged ? nr + VLAN_TAG : nr);
	out->layer = header->layer;
	out->wire_len = header->wire_len && tagged ? header->wire_len + VLAN_TAG : header->wire_len;
	return 0;
}

/* A group that left GRO says the length of all its packets; this one brought only its own. */
static void clip_range(const struct packet *packet, struct header_facts *facts)
{
	int64_t more = facts->ip_bytes - packet->out.len;

	if (facts->has_range && packet->out.dir == TRAIL_RX && packet->out.len >= 0 &&
	    !facts->tunnel && more > 0 && more <= (int64_t)(facts->tcp_end - facts->tcp_seq))
		facts->tcp_end -= (uint32_t)more;
}

static int keep(struct trail_engine *engine, const struct trail_event *event,
		struct packet *packet, struct header_facts *facts)
{
	struct trail_skb_header said = engine_cpu(engine, event)->header;
	struct trail_header *header = &packet->out.header;
	bool wrapped = header->bytes && is_wrapped(packet, facts);
	int err;

	/* What is inside was seen whole before it was wrapped. */
	if (wrapped && facts->tunnel && packet->wire_flow)
		facts->inner = packet->out.flow;
	if (!header->bytes || wrapped || is_fuller(packet, facts)) {
		/* The recorder has overwritten the rest. */
		if (!engine->has_payload)
			said.nr_bytes = trail_header_size(said.bytes, said.nr_bytes, said.layer);
		err = keep_bytes(packet, &said);
		if (err)
			return err;
		header->ts_ns = event->ts_ns;
		header->dev = packet->said.dev;
		header->netns = said.netns;
		header->tunnel = facts->tunnel;
		packet->carried = facts->inner_bytes > 0 ? facts->inner_bytes : 0;
		header->inner = facts->inner;
		header->ipid = facts->ipid;
		header->vlan = facts->vlan;
		if (facts->flow.family) {
			packet->out.flow = facts->flow;
			packet->wire_flow = true;
		}
	}
	if (!facts->has_range || packet->out.flags & TRAIL_PACKET_SEQ)
		return 0;
	clip_range(packet, facts);
	return flow_range(engine, packet, facts);
}

static int attach(struct trail_engine *engine, const struct trail_event *event,
		  struct packet *packet, const struct trail_skb *skb)
{
	const struct trail_skb_header *said = &engine_cpu(engine, event)->header;
	struct trail_header view = {
		.bytes = said->bytes, .wire_len = said->wire_len, .layer = said->layer,
		.nr_bytes = said->nr_bytes > TRAIL_MAX_SNAP_BYTES ? TRAIL_MAX_SNAP_BYTES
								  : (uint16_t)said->nr_bytes,
	};
	struct header_facts facts;

	/* Of the device of the first hop, as the name is. */
	if (skb->dev == packet->out.dev) {
		if (!packet->out.ifindex)
			packet->out.ifindex = said->ifindex;
		if (!packet->out.netns)
			packet->out.netns = said->netns;
	}
	if (!said->bytes || !said->nr_bytes || is_complete(packet, skb))
		return 0;
	header_parse(&view, &facts);
	if (said->vlan_proto)
		facts.vlan = said->vlan_tci & 0xfff;
	return keep(engine, event, packet, &facts);
}

int header_at_drop(struct trail_engine *engine, const struct trail_event *event,
		   struct packet *packet, const struct trail_drop_seen *seen)
{
	const struct trail_skb skb = { .skb = packet->out.skb, .dev = seen->dev };

	if (packet->out.header.bytes)
		return 0;
	if (!packet->out.dev)
		packet->out.dev = seen->dev;
	if (!packet->said.dev)
		packet->said.dev = seen->dev;
	if (packet->out.len < 0)
		packet->out.len = seen->len;
	/* Without a name the number is known: of the device that it came in by. */
	if (!packet->out.dev && !packet->out.ifindex)
		packet->out.ifindex = seen->iif;
	engine_cpu(engine, event)->header = seen->header;
	return attach(engine, event, packet, &skb);
}

/* The probe's event and the kernel's own tell one step, in either order. */
static bool repeats(struct trail_engine *engine, const struct trail_event *event,
		    const struct packet *packet, const struct said *now)
{
	const struct said *last = &packet->said;

	return last->verb == now->verb && last->dev == now->dev &&
	       last->by_probe != now->by_probe && !last->twice && packet->stage &&
	       packet->stage_cpu == event->cpu &&
	       packet->stage_epoch == engine_cpu(engine, event)->epoch;
}

/*
 * A probe at the start of a function comes before the event inside of it, and its own work lies in
 * between: the step is where the event is.
 */
static void move_step(struct packet *packet, uint64_t ts_ns)
{
	uint64_t from_ns = packet->stage_ns;
	struct packet *p = packet;

	if (packet->out.header.ts_ns == from_ns)
		packet->out.header.ts_ns = ts_ns;
	for (; p; p = p == packet ? packet->member : p->next_member) {
		if (!p->stage || p->stage_ns != from_ns)
			continue;
		if (p->out.nr_span && p->spans[p->out.nr_span - 1].end_ns == from_ns)
			p->spans[p->out.nr_span - 1].end_ns = ts_ns;
		else if (!p->out.nr_span && p->out.start_ns == from_ns)
			p->out.start_ns = ts_ns;
		p->stage_ns = p->out.end_ns = ts_ns;
	}
}

/* Each of the two knows something that the other does not. */
static void add_facts(struct packet *packet, const struct trail_skb *skb)
{
	packet->said.twice = true;
	packet->gso |= skb->gso;
	if (!packet->hash)
		packet->hash = skb->hash;
	if (!packet->ethertype)
		packet->ethertype = skb->ethertype;
	if (packet->out.len < 0 && skb->network_offset >= 0 && skb->len > skb->network_offset)
		packet->out.len = skb->len - skb->network_offset;
}

int header_verb(struct trail_engine *engine, const struct trail_event *event,
		const struct trail_skb *skb, verb_fn verb)
{
	struct said now = { .verb = verb, .dev = skb->dev };
	struct packet *packet;
	int err;

	if (!engine->sees_header)
		return verb(engine, event, skb);
	now.by_probe = header_is_said(engine_cpu(engine, event), skb);
	packet = packet_at(engine, skb->skb);
	if (packet && repeats(engine, event, packet, &now)) {
		if (!now.by_probe)
			move_step(packet, event->ts_ns);
		add_facts(packet, skb);
	} else {
		err = verb(engine, event, skb);
		packet = packet_at(engine, skb->skb);
		if (err || !packet)
			return err;
		packet->said = now;
	}
	return now.by_probe ? attach(engine, event, packet, skb) : 0;
}
