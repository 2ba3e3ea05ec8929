// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exact-datagram.c - datagrams whose skb the kernel's functions name
 */
#include "exact.h"

/* A datagram that the socket split off a larger packet: that packet, now in its socket. */
static int queue_part(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		      struct packet **out)
{
	struct packet *packet = packet_held(&engine_cpu(engine, event)->split_up);

	*out = NULL;
	if (!packet)
		return 0;
	if (packet->state == STATE_RX_STACK)
		*out = packet;
	return exact_add_alias(engine, skb, packet, true);
}

static int find_datagram(struct trail_engine *engine, const struct trail_event *event,
			 uint64_t skb, struct packet **out)
{
	struct packet *packet = packet_at(engine, skb);

	*out = NULL;
	if (!packet)
		return queue_part(engine, event, skb, out);
	engine_cpu(engine, event)->split_up.id = 0;
	receive_back_to_stack(packet);
	if (packet->state == STATE_RX_STACK || packet->state == STATE_RX_BACKLOG ||
	    packet->state == STATE_RX_HELD)
		*out = packet;
	/* Somebody else's datagram, at the address of one whose end went unseen. */
	return *out ? 0 : packet_end_silently(engine, packet);
}

int trail_datagram_queued(struct trail_engine *engine, const struct trail_event *event,
			  uint64_t skb, uint64_t sk)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct packet *packet;
	struct socket *sock;
	int err;

	if (!engine->exact_queue)
		return 0;
	err = find_datagram(engine, event, skb, &packet);
	if (err || !packet)
		return err;
	err = socket_get(engine, sk, TRAIL_PROTO_UDP, &sock);
	if (err || !sock)
		return err;
	receive_forget(engine, packet);
	packet->state = STATE_RX_SOCKQ;
	socket_queue(sock, packet, 0);
	packet->carrier = 0;
	packet->payload = -1;
	packet->list_cpu = event->cpu;
	cpu->probed = packet;
	cpu->probed_in_task = context_is_task(event);
	return packet_stage(engine, event, packet, TRAIL_STAGE_QUEUE);
}

void exact_refused(struct trail_engine *engine, const struct trail_event *event,
		   struct packet *packet)
{
	struct cpu *cpu = engine_cpu(engine, event);

	if (cpu->probed != packet || cpu->probed_in_task != context_is_task(event))
		return;
	if (!packet->out.drop.socket)
		packet->out.drop.socket = packet->sock->key;
	socket_leave(packet);
	receive_back_to_stack(packet);
}

int trail_datagram_taken(struct trail_engine *engine, const struct trail_event *event,
			 uint64_t skb, int64_t bytes)
{
	const struct alias *alias = exact_alias(engine, skb);
	struct packet *packet = packet_at(engine, skb);
	struct task *task;
	int err = task_get(engine, event->pid, &task);

	if (err || bytes < 0 || (task->call == TRAIL_CALL_RECV && task->peek))
		return err;
	if (!packet && alias && alias->part)
		packet = packet_held(&alias->hold);
	/* Its reader was quicker than the end of the softirq that brought it. */
	if (packet && packet->state == STATE_RX_STACK && !packet->segmented)
		err = receive_into_socket(engine, packet, event->ts_ns);
	if (err || !packet || packet->state != STATE_RX_SOCKQ)
		return err;
	err = read_taken(engine, event, packet, TRAIL_FREE_READ);
	task->taken_bytes = bytes;
	return err;
}
