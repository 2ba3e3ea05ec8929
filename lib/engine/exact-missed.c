// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exact-missed.c - TCP segments whose way into their socket no probe has told
 *
 * The kernel skips a probe when it is hit inside of the handler of another one, so that what an
 * interrupt there has done is not told.  The segment's own header says where in the stream its
 * bytes are; what names its skb later, or a read of bytes that nobody has brought, says that they
 * got there.
 */
#include "exact.h"

/* Reads of a socket for whose bytes nobody was found; then nobody is looked for any more. */
#define MAX_IN_VAIN	16

static uint64_t place_of(const struct packet *packet, uint64_t near)
{
	return near + (uint64_t)(int64_t)(int32_t)(packet->out.header.tcp_seq - (uint32_t)near);
}

static uint32_t own_bytes(const struct packet *packet)
{
	return packet->out.header.tcp_end - packet->out.header.tcp_seq;
}

/* With the protocols, and it and all in its skb have a place in the stream by their headers. */
static bool is_waiting(const struct packet *packet)
{
	const struct packet *p;

	if (packet->queued || packet->stated || packet->head ||
	    (packet->state != STATE_RX_STACK && packet->state != STATE_RX_SOCKQ))
		return false;
	for (p = packet; p; p = p == packet ? packet->member : p->next_member)
		if (!(p->out.flags & TRAIL_PACKET_SEQ) || !own_bytes(p))
			return false;
	return true;
}

/* It was in there by @ts_ns. */
static int put(struct trail_engine *engine, struct socket *sock, struct packet *packet,
	       uint64_t near, uint64_t ts_ns)
{
	struct packet *p;
	uint64_t from;
	int err;

	receive_back_to_stack(packet);
	receive_forget(engine, packet);
	for (p = packet->member; p; p = p->next_member)
		p->stage_confidence = TRAIL_INFERRED;
	err = receive_into_socket(engine, packet, ts_ns);
	for (p = packet; p && !err; p = p == packet ? packet->member : p->next_member) {
		from = place_of(p, near);
		p->payload = own_bytes(p);
		stream_insert(sock, p, from);
		if (sock->flow.family)
			header_suppose_flow(p, &sock->flow);
	}
	return err;
}

int missed_merge(struct trail_engine *engine, const struct trail_event *event,
		 struct packet *packet, const struct packet *into)
{
	struct socket *sock = into->sock;

	if (!into->queued || !sock->exact || sock->protocol != TRAIL_PROTO_TCP ||
	    !is_waiting(packet) || place_of(packet, into->to) < stream_begin(into))
		return 0;
	return put(engine, sock, packet, into->to, event->ts_ns);
}

/* Without a header: one packet, whose length its bytes and a header of theirs add up to. */
static bool is_all_of(const struct packet *packet, uint32_t bytes)
{
	int64_t header = packet_length(packet) - bytes;

	return !packet->queued && !packet->stated && !packet->head && !packet->member &&
	       !(packet->out.flags & TRAIL_PACKET_SEQ) && header >= MIN_HEADER &&
	       header <= MAX_HEADER &&
	       (packet->state == STATE_RX_STACK || packet->state == STATE_RX_SOCKQ);
}

/* When the protocols had done with it; its reader may be quicker. */
static uint64_t left_by(const struct packet *packet, const struct trail_event *event)
{
	return packet->left_ns ? packet->left_ns : event->ts_ns;
}

int missed_copy(struct trail_engine *engine, const struct trail_event *event, struct socket *sock,
		const struct trail_range *range, uint64_t from)
{
	struct packet *packet = packet_at(engine, range->skb);
	uint32_t bytes = range->end_seq - range->seq;
	int err;

	if (!packet || packet->queued)
		return 0;
	if (engine->sees_header && is_all_of(packet, bytes)) {
		packet_weaken(packet, TRAIL_INFERRED);
		err = stream_say(engine, sock, packet, range);
		if (err)
			return err;
	}
	if (!is_waiting(packet) || place_of(packet, from) > from ||
	    (!packet->member && place_of(packet, from) + own_bytes(packet) <= from))
		return 0;
	return put(engine, sock, packet, from, left_by(packet, event));
}

static bool is_of(const struct packet *packet, const struct socket *sock)
{
	const struct trail_flow *flow = header_innermost(packet);

	return flow->sport == sock->flow.sport && flow->dport == sock->flow.dport &&
	       flow->family == sock->flow.family &&
	       !memcmp(flow->saddr, sock->flow.saddr, sizeof(flow->saddr)) &&
	       !memcmp(flow->daddr, sock->flow.daddr, sizeof(flow->daddr));
}

/* Nothing has named its skb: its bytes went on in that of those before it. */
static int put_behind(struct trail_engine *engine, const struct trail_event *event,
		      struct socket *sock, struct packet *packet, uint64_t near)
{
	struct packet *before = NULL, *p;
	int err;

	packet_weaken(packet, TRAIL_INFERRED);
	err = put(engine, sock, packet, near, left_by(packet, event));
	if (err)
		return err;
	for (p = sock->first; p && p != packet; p = p->next_queued)
		before = p;
	if (!before || before->to != stream_begin(packet))
		return 0;
	packet->carrier = before->carrier ? before->carrier : before->out.id;
	return socket_link_carrier(packet);
}

/* Return: 1 if @packet has bytes of the gap from @gap[0] to @gap[1], and now is there. */
static int consider(struct trail_engine *engine, const struct trail_event *event,
		    struct socket *sock, struct packet *packet, const uint64_t gap[2])
{
	uint64_t place;
	int err;

	if (!packet || !is_waiting(packet) || !is_of(packet, sock))
		return 0;
	place = place_of(packet, gap[0]);
	if (place < gap[0] || place >= gap[1])
		return 0;
	err = put_behind(engine, event, sock, packet, gap[0]);
	return err ? err : 1;
}

/* Those that CPUs have left without a word, or still work on. */
static int fill(struct trail_engine *engine, const struct trail_event *event, struct socket *sock,
		const uint64_t gap[2])
{
	int found = 0, got = 0;
	uint32_t c, i;

	if (!sock->flow.family || sock->in_vain >= MAX_IN_VAIN)
		return 0;
	for (c = 0; c < engine->nr_cpu; c++) {
		struct cpu *cpu = engine->cpu[c];

		for (i = 0; cpu && i < MAX_LOOSE && got >= 0; i++, found += got)
			got = consider(engine, event, sock,
				       packet_of(engine, &cpu->loose[i]), gap);
		/* Whoever is found leaves the list. */
		for (i = cpu ? cpu->nr_batch : 0; i-- && got >= 0; found += got)
			got = consider(engine, event, sock, cpu->batch[i], gap);
		if (got < 0)
			return got;
	}
	sock->in_vain = found ? 0 : (uint8_t)(sock->in_vain + 1);
	return 0;
}

int missed_read(struct trail_engine *engine, const struct trail_event *event, struct socket *sock,
		const uint64_t range[2])
{
	const struct packet *packet;
	uint64_t gap[2] = { range[0], range[1] };
	int err = 0;

	for (packet = sock->first; packet && gap[0] < range[1]; packet = packet->next_queued) {
		gap[1] = stream_begin(packet) < range[1] ? stream_begin(packet) : range[1];
		if (gap[1] > gap[0])
			err = fill(engine, event, sock, gap);
		if (err)
			return err;
		if (packet->to > gap[0])
			gap[0] = packet->to;
	}
	gap[1] = range[1];
	return gap[0] < gap[1] ? fill(engine, event, sock, gap) : 0;
}
