// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * free.c - an skb is freed: what that says about its packet
 *
 * The same tracepoint ends a delivered datagram, completes a transmit, frees a clone, and comes
 * milliseconds late.  The state of the packet and the place of the call decide.
 */
#include "drop.h"
#include "engine.h"
#include "exact.h"
#include "join.h"

static bool is_receiving(const struct packet *packet)
{
	return packet->state <= STATE_RX_SOCKQ;
}

/* A GSO packet gives way to its segments, which the driver gets next on this CPU. */
static int split(struct trail_engine *engine, const struct trail_event *event,
		  struct packet *packet)
{
	transmit_split(engine_cpu(engine, event), packet);
	return packet_end(engine, packet, TRAIL_CONSUMED, event->ts_ns);
}

static bool in_call(const struct trail_engine *engine, const struct trail_event *event,
		    enum trail_call call)
{
	const struct task *task = task_find(engine, event->pid);

	return context_is_task(event) && task && task->call == call;
}

/* A call may have begun before the capture: then only the CPU tells that it is not the softirq. */
static bool is_reader(const struct trail_engine *engine, const struct trail_event *event,
		      const struct packet *packet)
{
	return in_call(engine, event, TRAIL_CALL_RECV) ||
	       (in_call(engine, event, TRAIL_CALL_NONE) && event->cpu != packet->list_cpu);
}

/* A queued packet that is freed late was read before; when, and by whom, nobody said. */
static int end_lazily(struct trail_engine *engine, struct packet *packet)
{
	packet_weaken(packet, TRAIL_AMBIGUOUS);
	return packet_end(engine, packet, TRAIL_UNKNOWN, 0);
}

/*
 * Without a location: an skb of an earlier softirq that is freed while the CPU works on another
 * packet of the device has given its place to it (net/ipv4/inet_fragment.c,
 * inet_frag_reasm_prepare()).
 */
static bool is_fragment(const struct trail_event *event, const struct cpu *cpu,
			const struct packet *packet, enum trail_free where)
{
	const struct packet *last = cpu->nr_batch ? cpu->batch[cpu->nr_batch - 1] : NULL;

	if (packet->wire_flow)
		return where == TRAIL_FREE_UNKNOWN && !context_is_task(event) && !packet->sock &&
		       receive_is_fragment(cpu, packet);
	return where == TRAIL_FREE_UNKNOWN && !context_is_task(event) && last &&
	       packet->received_ns && packet->received_ns < cpu->run_ns && !packet->sock &&
	       last->out.dev == packet->out.dev && receive_could_be_fragment(packet, last);
}

static int freed_receiving(struct trail_engine *engine, const struct trail_event *event,
			   struct packet *packet, enum trail_free where)
{
	struct cpu *cpu = engine_cpu(engine, event);
	bool in_socket = packet->state == STATE_RX_SOCKQ;
	int err;

	/* A stream's skb is freed when its bytes were read, now or by somebody's later softirq. */
	if (packet->queued && packet->sock->protocol == TRAIL_PROTO_TCP) {
		packet_unmap(engine, packet);
		return 0;
	}
	/* A UDP GSO packet meets a socket that wants single datagrams: they enter it next. */
	if (where == TRAIL_FREE_SPLIT && packet->state == STATE_RX_STACK) {
		packet_unmap(engine, packet);
		packet->segmented = true;
		cpu->split_up = packet_hold(packet);
		return 0;
	}
	if (packet->state <= STATE_RX_SOCKQ && !packet->queued &&
	    (where == TRAIL_FREE_REASSEMBLED || is_fragment(event, cpu, packet, where)))
		return receive_reassemble(engine, cpu, packet);
	/* Its reader was quicker than the end of the softirq that brought it. */
	if (packet->state == STATE_RX_STACK && !engine->sees_ready && !packet->stated &&
	    is_reader(engine, event, packet)) {
		err = receive_into_socket(engine, packet, event->ts_ns);
		if (err)
			return err;
		in_socket = true;
	}
	/* Freed by its reader, or after that. */
	if (packet->taken)
		return 0;
	if (where == TRAIL_FREE_READ ||
	    (where == TRAIL_FREE_UNKNOWN && in_socket &&
	     in_call(engine, event, TRAIL_CALL_RECV)))
		return read_taken(engine, event, packet, where);
	if (where == TRAIL_FREE_UNKNOWN && in_socket && context_is_task(event) &&
	    !engine->sees_read && !in_call(engine, event, TRAIL_CALL_SEND))
		return read_taken(engine, event, packet, where);
	if (where == TRAIL_FREE_LAZY || in_socket)
		return end_lazily(engine, packet);
	/* Without a location: the socket may have split it, and its datagrams live on. */
	if (where == TRAIL_FREE_UNKNOWN && packet->gso)
		return packet_end(engine, packet, TRAIL_UNKNOWN, event->ts_ns);
	return packet_end(engine, packet, TRAIL_CONSUMED, event->ts_ns);
}

/*
 * Without a location: between a packet's (or its segment's) way to a device and to its driver,
 * packet sockets get clones of it and free them (net/core/dev.c: dev_queue_xmit_nit()).
 * Whoever had the address of the clone before has ended unseen.
 */
static bool is_tap(struct trail_engine *engine, const struct trail_event *event,
		   const struct packet *packet)
{
	const struct cpu *cpu = engine_cpu(engine, event);
	const struct packet *queuing = packet_of(engine, &cpu->queuing);

	return is_receiving(packet) &&
	       (cpu->split.id || (queuing && queuing != packet &&
				  queuing->state == STATE_TX_STACK));
}

bool free_is_stale(const struct trail_engine *engine, const struct packet *packet,
		   enum trail_free where)
{
	return packet->state == STATE_RX_STACK && packet->left_ns && engine->ready_said &&
	       !packet->segmented && where != TRAIL_FREE_REASSEMBLED;
}

int trail_freed(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		enum trail_free where)
{
	struct packet *packet = packet_at(engine, skb);

	if (!packet && engine->joins)
		return join_gone(engine, skb);
	/* A clone, a packet from before the capture, or one that GRO had absorbed. */
	if (!packet || where == TRAIL_FREE_MEMBER || where == TRAIL_FREE_TAP)
		return 0;
	if (where == TRAIL_FREE_UNKNOWN && is_tap(engine, event, packet))
		return packet_end_silently(engine, packet);
	if (free_is_stale(engine, packet, where))
		return packet_end_silently(engine, packet);
	if (is_receiving(packet))
		return freed_receiving(engine, event, packet, where);
	if (packet->state == STATE_TX_STACK)
		return split(engine, event, packet);
	return packet_end(engine, packet, TRAIL_SENT, event->ts_ns);
}
