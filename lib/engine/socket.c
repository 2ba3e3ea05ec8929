// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * socket.c - sockets: queues of datagrams, and TCP byte streams
 *
 * A packet in a stream covers the bytes up to packet->to.  The ranges live in the socket's queue
 * and not in the address table, so a packet whose skb was merged into another one (its address is
 * in use again) is still found by the read that takes its bytes.
 */
#include <errno.h>

#include "engine.h"
#include "exact.h"

#define MAX_CARRIERS	64	/* packets of a queue that are looked at */

void socket_leave(struct packet *packet)
{
	struct socket *sock = packet->sock;
	struct packet **at, *last = NULL;

	if (!sock || !packet->queued)
		return;
	for (at = &sock->first; *at; at = &(*at)->next_queued) {
		if (*at == packet) {
			*at = packet->next_queued;
			break;
		}
		last = *at;
	}
	if (sock->last == packet)
		sock->last = last;
	packet->next_queued = NULL;
	packet->queued = false;
}

void socket_queue(struct socket *sock, struct packet *packet, uint64_t bytes)
{
	sock->written += bytes;
	packet->to = sock->written;
	packet->payload = (int64_t)bytes;
	packet->sock = sock;
	packet->next_queued = NULL;
	packet->carrier = 0;
	if (sock->last)
		packet->carrier = sock->last->mapped ? sock->last->out.id : sock->last->carrier;
	if (sock->last)
		sock->last->next_queued = packet;
	else
		sock->first = packet;
	sock->last = packet;
	packet->queued = true;
}

int socket_link_carrier(struct packet *packet)
{
	static const uint8_t as_member[2] = { TRAIL_MEMBER, TRAIL_INFERRED };
	static const uint8_t as_head[2] = { TRAIL_HEAD, TRAIL_INFERRED };
	struct packet *carrier = packet->sock->first;
	int i, err;

	/* It is at the head of the queue, or near: what was read before it has left. */
	for (i = 0; carrier && carrier->out.id != packet->carrier && i < MAX_CARRIERS; i++)
		carrier = carrier->next_queued;
	if (!packet->carrier || !carrier || carrier->out.id != packet->carrier)
		return 0;
	err = packet_link(packet, carrier->out.id, TRAIL_LINK_COALESCE, as_member);
	return err ? err : packet_link(carrier, packet->out.id, TRAIL_LINK_COALESCE, as_head);
}

void socket_replace(struct socket *sock, struct packet *packet, struct packet *other)
{
	struct packet **at;

	for (at = &sock->first; *at && *at != packet; at = &(*at)->next_queued)
		;
	if (!*at)
		return;
	*at = other;
	other->next_queued = packet->next_queued;
	if (sock->last == packet)
		sock->last = other;
	other->sock = sock;
	other->queued = true;
	packet->queued = false;
	packet->next_queued = NULL;
}

/* A head and its members take their parts of @bytes, in order of arrival. */
static void queue_group(struct socket *sock, struct packet *head, uint32_t bytes)
{
	uint64_t left = bytes, part;
	struct packet *packet = head;

	while (packet) {
		struct packet *next = packet == head ? head->member : packet->next_member;

		part = next && packet->payload >= 0 && (uint64_t)packet->payload < left ?
		       (uint64_t)packet->payload : left;
		if (next && packet->payload < 0)
			part = 0;	/* ambiguous group: its last member stands for all */
		packet->state = STATE_RX_SOCKQ;
		socket_queue(sock, packet, part);
		header_suppose_flow(packet, &head->out.flow);
		left -= part;
		packet = next;
	}
}

/*
 * How many of @bytes a packet or group itself brought, -1 unknown.  Headers differ in length
 * within a connection (SACK): what fits into the packet is its own.
 */
static int64_t own_bytes(const struct socket *sock, const struct packet *packet, int64_t bytes)
{
	const struct packet *member;
	int64_t sum = packet->payload;

	if (!packet->member && packet_length(packet) - bytes >= MIN_HEADER)
		return bytes;
	if (!packet->member)
		return sock->header ? packet_length(packet) - sock->header : -1;
	for (member = packet->member; member && sum >= 0; member = member->next_member)
		sum = member->payload < 0 ? -1 : sum + member->payload;
	return sum;
}

int socket_leave_backlog(struct trail_engine *engine, const struct trail_event *event,
			 struct packet *packet)
{
	struct packet *p;

	for (p = packet; p; p = p == packet ? packet->member : p->next_member)
		p->stage = &trail_stage[TRAIL_STAGE_SOCKBACKLOG];
	return packet_stage(engine, event, packet, TRAIL_STAGE_STACK);
}

/*
 * net/ipv4/tcp_ipv4.c: tcp_add_backlog() puts the bytes of a segment behind those of the last one
 * of the socket's backlog: @bytes more came with it than it brought.
 */
static int queue_backlogged(struct trail_engine *engine, const struct trail_event *event,
			    struct socket *sock, int64_t bytes)
{
	struct packet *packet = receive_claim_waiting(engine, sock, bytes);
	int err;

	if (!packet) {
		sock->written += (uint64_t)bytes;
		return 0;
	}
	receive_forget(engine, packet);
	err = socket_leave_backlog(engine, event, packet);
	if (err)
		return err;
	header_suppose_flow(packet, &sock->flow);
	queue_group(sock, packet, (uint32_t)bytes);
	packet->list_cpu = event->cpu;
	return packet_stage(engine, event, packet, TRAIL_STAGE_QUEUE);
}

int trail_segment(struct trail_engine *engine, const struct trail_event *event,
		  const struct trail_segment *segment)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct packet *packet;
	struct socket *sock;
	int64_t own, extra = 0;
	int err;

	if (engine->exact_stream)
		return exact_segment(engine, event, segment);
	err = socket_of(engine, segment, &sock);
	if (err || !sock)
		return err;
	packet = segment->skb ? packet_at(engine, segment->skb)
			      : receive_claim(cpu, segment->bytes);
	/* It was processed when the socket's owner let go of it.  An ACK is like any other. */
	if (!packet && segment->bytes && context_is_task(event))
		packet = receive_claim_waiting(engine, sock, segment->bytes);
	sock->flow = segment->flow;
	if (!packet || packet->state != STATE_RX_STACK) {
		/* Bytes of a packet that was not seen still take their place in the stream. */
		sock->written += segment->bytes;
		return 0;
	}
	receive_forget(engine, packet);
	header_suppose_flow(packet, &segment->flow);
	own = own_bytes(sock, packet, segment->bytes);
	/* More than it can hold, and nobody knows how much of that is its own. */
	if (own < 0 && !packet->member)
		packet_weaken(packet, TRAIL_AMBIGUOUS);
	if (context_is_task(event) && own > 0 && own < segment->bytes)
		extra = segment->bytes - own;
	if (!packet->member && !extra)
		sock->header = packet_length(packet) - segment->bytes;
	packet_weaken(packet, segment->skb ? TRAIL_EXACT : TRAIL_INFERRED);
	/* In its owner's context: until now it waited for the socket. */
	if (context_is_task(event) && packet->stage && event->pid != packet->stage_pid) {
		err = socket_leave_backlog(engine, event, packet);
		if (err)
			return err;
	}
	/* Used up: an ACK without data, a FIN. */
	if (!segment->bytes)
		return packet_end(engine, packet, TRAIL_CONSUMED, event->ts_ns);
	queue_group(sock, packet, (uint32_t)(segment->bytes - extra));
	cpu->probed = packet;
	packet->list_cpu = event->cpu;
	err = packet_stage(engine, event, packet, TRAIL_STAGE_QUEUE);
	return err || !extra ? err : queue_backlogged(engine, event, sock, extra);
}

/* The queue began when the reader was told, not when TCP began to look at the segment. */
static void move_boundary(struct packet *packet, uint64_t ts_ns)
{
	struct packet *p = packet, *next;

	for (; p; p = next) {
		next = p == packet ? packet->member : p->next_member;
		if (!p->stage || p->stage->id != TRAIL_STAGE_QUEUE || !p->out.nr_span)
			continue;
		p->spans[p->out.nr_span - 1].end_ns = ts_ns;
		p->stage_ns = p->out.end_ns = ts_ns;
	}
}

int trail_socket_ready(struct trail_engine *engine, const struct trail_event *event, uint64_t sk,
		       enum trail_protocol protocol)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct packet *packet = cpu->probed;
	struct socket *sock;
	int err;

	engine->sees_ready = engine->ready_said = true;
	cpu->probed = NULL;
	if (packet && packet->sock && packet->sock->key == sk) {
		move_boundary(packet, event->ts_ns);
		return 0;
	}
	/* What a probe would have named was not this. */
	if ((engine->exact_stream && protocol == TRAIL_PROTO_TCP) ||
	    (engine->exact_queue && protocol == TRAIL_PROTO_UDP))
		return 0;
	/* A listener is told of the connection that its child has just completed. */
	if (cpu->nr_batch && cpu->batch[0]->stated && protocol == TRAIL_PROTO_TCP &&
	    cpu->batch[0]->sock && cpu->batch[0]->sock->key != sk)
		return 0;
	/* A segment that no other event names is named by the copy of its bytes. */
	if (protocol == TRAIL_PROTO_TCP)
		packet = cpu->nr_batch == 1 ? receive_claim(cpu, -1) : NULL;
	else
		packet = receive_claim_datagram(cpu);
	if (!packet)
		return 0;
	err = socket_get(engine, sk, protocol, &sock);
	if (err || !sock)
		return err;
	packet_weaken(packet, TRAIL_INFERRED);
	packet->state = STATE_RX_SOCKQ;
	packet->sock = sock;
	if (protocol != TRAIL_PROTO_TCP)
		socket_queue(sock, packet, 0);
	packet->payload = -1;
	packet->cloned = protocol == TRAIL_PROTO_ICMP;
	return packet_stage(engine, event, packet, TRAIL_STAGE_QUEUE);
}
