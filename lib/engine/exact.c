// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exact.c - what probes say exactly, where tracepoints only let infer: clones, merges, real ends
 *
 * exact-stream.c and exact-datagram.c do so for what sockets get and give.
 */
#include "exact.h"
#include "join.h"

void exact_init(struct trail_engine *engine, const struct trail_capture *cap)
{
	engine->exact_stream = trail_capture_has_event(cap, "skbtrail:tcp_queue") &&
			       trail_capture_has_event(cap, "skbtrail:copy");
	engine->exact_queue = trail_capture_has_event(cap, "skbtrail:udp_queue");
	engine->exact_read = trail_capture_has_event(cap, "skbtrail:udp_read");
	engine->sees_end = trail_capture_has_event(cap, "skbtrail:skb_end");
}

struct alias *exact_alias(struct trail_engine *engine, uint64_t skb)
{
	return hash_get(&engine->aliases, skb);
}

static void forget_alias(struct trail_engine *engine, uint64_t skb)
{
	struct alias *alias = exact_alias(engine, skb);

	if (!alias)
		return;
	hash_remove(&engine->aliases, skb);
	alias->skb = 0;
}

int exact_add_alias(struct trail_engine *engine, uint64_t skb, struct packet *packet, bool part)
{
	struct alias *alias;

	if (!skb)
		return 0;
	forget_alias(engine, skb);
	alias = &engine->alias[engine->nr_alias++ % MAX_ALIASES];
	if (alias->skb)
		hash_remove(&engine->aliases, alias->skb);
	*alias = (struct alias){ .skb = skb, .hold = packet_hold(packet), .part = part };
	return hash_set(&engine->aliases, skb, alias);
}

void exact_free(struct trail_engine *engine)
{
	hash_release(&engine->aliases);
}

int exact_born(struct trail_engine *engine, struct packet *packet)
{
	static const uint8_t as_child[2] = { TRAIL_CHILD, TRAIL_EXACT };
	static const uint8_t as_parent[2] = { TRAIL_PARENT, TRAIL_EXACT };
	const struct alias *alias = exact_alias(engine, packet->out.skb);
	struct packet *parent;
	int err;

	if (!alias)
		return 0;
	parent = alias->part ? NULL : packet_held(&alias->hold);
	forget_alias(engine, packet->out.skb);
	if (!parent)
		return 0;
	err = packet_link(packet, parent->out.id, TRAIL_LINK_CLONE, as_child);
	return err ? err : packet_link(parent, packet->out.id, TRAIL_LINK_CLONE, as_parent);
}

/* Does this CPU work on the packet at this moment? */
static bool is_here(struct trail_engine *engine, const struct cpu *cpu,
		    const struct packet *packet)
{
	uint32_t i;

	for (i = 0; i < cpu->nr_batch; i++)
		if (cpu->batch[i] == packet)
			return true;
	for (i = 0; i < cpu->nr_xmit; i++)
		if (cpu->xmit[i].packet == packet)
			return true;
	return packet->state == STATE_TX_STACK && packet_of(engine, &cpu->queuing) == packet;
}

int trail_cloned(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		 uint64_t copy)
{
	const struct cpu *cpu = engine_cpu(engine, event);
	struct packet *packet = packet_at(engine, skb), *old = packet_at(engine, copy);
	const struct alias *alias = exact_alias(engine, skb);
	int err;

	/* skb_morph(): a fragment's skb goes on with what another one was. */
	if (old && is_here(engine, cpu, old))
		return 0;
	err = old ? packet_end_silently(engine, old) : 0;
	if (err)
		return err;
	/* A clone's clone. */
	if (!packet && alias && !alias->part)
		packet = packet_held(&alias->hold);
	forget_alias(engine, copy);
	if (!packet && engine->joins)
		join_cloned(engine, skb, copy);
	return packet && is_here(engine, cpu, packet) ?
	       exact_add_alias(engine, copy, packet, false) : 0;
}

/* Its bytes stay where they are in the stream of their socket. */
static int end_queued(struct trail_engine *engine, const struct trail_event *event,
		      struct packet *packet)
{
	struct socket *sock = packet->sock;

	if (sock->protocol == TRAIL_PROTO_UDP && engine->exact_read) {
		/* Nobody was seen to read it. */
		packet_weaken(packet, TRAIL_AMBIGUOUS);
		return packet_end(engine, packet, TRAIL_UNKNOWN, 0);
	}
	/* Before 5.17 TCP drops without a word. */
	if (sock->exact && exact_is_duplicate(packet)) {
		packet->out.drop = (struct trail_drop){ .class = TRAIL_DROP_BENIGN };
		packet->out.flags |= TRAIL_PACKET_DROPPED;
		return exact_drop(engine, event, packet);
	}
	packet_unmap(engine, packet);
	return 0;
}

static int end_memory(struct trail_engine *engine, const struct trail_event *event,
		      struct packet *packet)
{
	struct cpu *cpu = engine_cpu(engine, event);
	int err;

	/* The end of its call says what became of it. */
	if (packet->taken || packet->state == STATE_RX_GRO || packet->state == STATE_ABSORBED) {
		packet_unmap(engine, packet);
		return 0;
	}
	if (packet->queued)
		return end_queued(engine, event, packet);
	if (packet->state == STATE_TX_RING || packet->state == STATE_TX_DRIVER)
		return packet_end(engine, packet, TRAIL_SENT, event->ts_ns);
	receive_back_to_stack(packet);
	if (packet->state != STATE_RX_STACK)
		return packet_end_silently(engine, packet);
	if ((context_is_task(event) || is_here(engine, cpu, packet)) &&
	    exact_is_used_up(event, cpu, packet)) {
		err = exact_leave_backlog(engine, event, packet);
		return err ? err : packet_end(engine, packet, TRAIL_CONSUMED, event->ts_ns);
	}
	return packet_end(engine, packet, packet->stated ? TRAIL_CONSUMED : TRAIL_UNKNOWN,
			  event->ts_ns);
}

int trail_skb_end(struct trail_engine *engine, const struct trail_event *event, uint64_t skb)
{
	struct packet *packet = packet_at(engine, skb);

	forget_alias(engine, skb);
	if (!packet && engine->joins)
		return join_gone(engine, skb);
	return packet ? end_memory(engine, event, packet) : 0;
}

/* In a socket's queue: the bytes have their place in the stream, the skb is gone. */
static int merge_queued(struct trail_engine *engine, struct packet *packet, struct packet *into)
{
	static const uint8_t as_member[2] = { TRAIL_MEMBER, TRAIL_EXACT };
	static const uint8_t as_head[2] = { TRAIL_HEAD, TRAIL_EXACT };
	int err;

	packet_unmap(engine, packet);
	packet->carrier = packet->out.id;
	if (!into || !into->queued || into->sock != packet->sock)
		return 0;
	packet->carrier = into->out.id;
	err = packet_link(packet, into->out.id, TRAIL_LINK_COALESCE, as_member);
	return err ? err : packet_link(into, packet->out.id, TRAIL_LINK_COALESCE, as_head);
}

/*
 * Not yet in a socket: a segment goes on in one that came before it and waits for the socket's
 * owner; a fragment goes on in the one that completes the datagram, which came last.
 */
static int merge_waiting(struct trail_engine *engine, struct packet *packet, struct packet *into)
{
	enum trail_link_type type = packet->received_ns > into->received_ns ||
				    (packet->received_ns == into->received_ns &&
				     packet->out.id > into->out.id) ?
				    TRAIL_LINK_COALESCE : TRAIL_LINK_FRAGMENT;

	receive_back_to_stack(packet);
	receive_back_to_stack(into);
	if (packet->state != STATE_RX_STACK || into->state != STATE_RX_STACK)
		return 0;
	receive_forget(engine, packet);
	return receive_absorb(engine, into, packet, type, TRAIL_EXACT);
}

static int merge(struct trail_engine *engine, const struct trail_event *event, uint64_t from,
		 uint64_t to)
{
	struct packet *packet = packet_at(engine, from), *into = packet_at(engine, to);
	int err;

	/* Its bytes were told apart already, by their lengths: now it is sure. */
	if (!packet)
		return into ? gro_confirm(into, from) : 0;
	if (packet == into)
		return 0;
	err = into ? missed_merge(engine, event, packet, into) : 0;
	if (err)
		return err;
	if (packet->queued && packet->sock->protocol == TRAIL_PROTO_TCP)
		return merge_queued(engine, packet, into);
	return into ? merge_waiting(engine, packet, into) : 0;
}

int trail_coalesced(struct trail_engine *engine, const struct trail_event *event, uint64_t to,
		    uint64_t from, bool sure)
{
	struct packet *packet;

	if (sure)
		return merge(engine, event, from, to);
	packet = packet_at(engine, from);
	if (packet)
		packet->merging = to;
	return 0;
}

int trail_skb_eaten(struct trail_engine *engine, const struct trail_event *event, uint64_t from)
{
	struct packet *packet = packet_at(engine, from);
	int err = packet && packet->merging ? merge(engine, event, from, packet->merging) : 0;

	/* The memory is given up here, and nothing else may say so. */
	return err ? err : trail_skb_end(engine, event, from);
}
