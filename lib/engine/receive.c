// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * receive.c - backlog and protocols: a packet on its way up
 *
 * An address says which packet only as long as that packet lives: a birth event on an address
 * whose packet was not handed on is another packet.
 */
#include <errno.h>

#include "engine.h"

void receive_remove(struct packet **list, uint32_t *nr, const struct packet *packet)
{
	uint32_t i, kept = 0;

	for (i = 0; i < *nr; i++)
		if (list[i] != packet)
			list[kept++] = list[i];
	*nr = kept;
}

void receive_forget(struct trail_engine *engine, struct packet *packet)
{
	struct cpu *cpu = engine->cpu[packet->list_cpu];
	uint32_t i;

	receive_remove(cpu->batch, &cpu->nr_batch, packet);
	receive_remove(cpu->held, &cpu->nr_held, packet);
	for (i = 0; i < cpu->nr_gro; i++)
		if (cpu->gro[i] == packet)
			cpu->gro[i] = NULL;
	if (cpu->probed == packet)
		cpu->probed = NULL;
}

static void set_device(struct packet *packet, const struct trail_skb *skb)
{
	if (!packet->out.dev)
		packet->out.dev = skb->dev;
	if (packet->out.len < 0)
		packet->out.len = skb->len;
	if (!packet->ethertype)
		packet->ethertype = skb->ethertype;
	if (!packet->hash)
		packet->hash = skb->hash;
	packet->gso |= skb->gso;
}

/* What came in a tunnel may be of another protocol than the tunnel. */
static void set_carried(struct packet *packet, const struct trail_skb *skb)
{
	if (skb->len > 0 && skb->len < packet->in_len)
		packet->tunnel_len += packet->in_len - skb->len;
	if (skb->ethertype)
		packet->ethertype = skb->ethertype;
}

/* Sent and received here: the same skb comes in at the peer device. */
static int hand_over(struct trail_engine *engine, const struct trail_event *event,
		     struct packet *packet)
{
	packet->out.dir = TRAIL_LOCAL;
	packet->state = STATE_RX_BACKLOG;
	transmit_forget(engine, packet);
	if (packet->stage && packet->stage->id == TRAIL_STAGE_COMPLETE) {
		/* net_dev_xmit came first: what looked like completion was the wait. */
		packet->stage = &trail_stage[TRAIL_STAGE_BACKLOG];
		return 0;
	}
	return packet_stage(engine, event, packet, TRAIL_STAGE_BACKLOG);
}

static int born(struct trail_engine *engine, const struct trail_event *event,
		const struct trail_skb *skb, struct packet **out)
{
	int err = packet_new(engine, event, skb->skb, out);

	if (err)
		return err;
	(*out)->out.dir = TRAIL_RX;
	set_device(*out, skb);
	return 0;
}

/* At the driver's GRO: from the wire, or from the transmitting side of a pair. */
static int arrive(struct trail_engine *engine, const struct trail_event *event,
		  const struct trail_skb *skb, struct packet **out)
{
	struct cpu *cpu = engine_cpu(engine, event);
	int err;

	*out = transmit_handed(engine, skb, cpu);
	if (*out) {
		err = hand_over(engine, event, *out);
		return err ? err : poll_leave_backlog(engine, event, cpu, *out);
	}
	err = born(engine, event, skb, out);
	if (*out)
		(*out)->prefix = true;
	return err;
}

/* Is this one of the packets that the protocols work on, on this CPU? */
static bool works_on(const struct cpu *cpu, const struct packet *packet)
{
	uint32_t i;

	for (i = 0; packet->state == STATE_RX_STACK && i < cpu->nr_batch; i++)
		if (cpu->batch[i] == packet)
			return true;
	return false;
}

/*
 * A tunnel's device gets what its outer packet carried, in a poll of its own
 * (net/core/gro_cells.c): in the same run, before 6.5 in the next one, or, when that has used its
 * time up, in a later one, where the length must be what the outer packet's header told.  A device
 * with interrupts could have been given the address anew.
 */
static bool is_decapsulated(struct trail_engine *engine, const struct cpu *cpu,
			    const struct packet *packet, const struct trail_skb *skb)
{
	const struct device *device = hash_get(&engine->devices, (uintptr_t)skb->dev);

	if ((packet->state != STATE_RX_STACK &&
	     (packet->state != STATE_RX_SOCKQ || packet->queued || packet->sock)) ||
	    packet->list_cpu != cpu->number || !packet->received_ns ||
	    packet->in_dev == skb->dev || (device && device->has_irq) || skb->len <= 0)
		return false;
	if (packet->carried && skb->len == packet->carried)
		return true;
	return cpu->run_ns && packet->received_ns >= cpu->last_run_ns && skb->len < packet->in_len;
}

static int enter_gro(struct trail_engine *engine, const struct trail_event *event,
		     const struct trail_skb *skb)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct packet *packet = packet_at(engine, skb->skb);
	int err;

	err = receive_batch_over(engine, event, cpu);
	if (err)
		return err;
	if (packet && is_decapsulated(engine, cpu, packet, skb)) {
		receive_back_to_stack(packet);
		packet->left_ns = 0;
		set_carried(packet, skb);
		packet_weaken(packet, TRAIL_INFERRED);
	} else {
		err = arrive(engine, event, skb, &packet);
	}
	if (err)
		return err;
	packet->state = STATE_RX_GRO;
	packet->list_cpu = event->cpu;
	err = poll_arrive(engine, event, cpu, packet);
	if (err)
		return err;
	if (cpu->nr_gro < MAX_OPEN)
		cpu->gro[cpu->nr_gro++] = packet;
	return packet_stage(engine, event, packet, TRAIL_STAGE_GRO);
}

static int enter_backlog(struct trail_engine *engine, const struct trail_event *event,
			 const struct trail_skb *skb)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct packet *packet = packet_at(engine, skb->skb);
	int err;

	/* netif_rx follows its own entry event: the same step. */
	if (packet && packet->state == STATE_RX_BACKLOG && packet->stage_cpu == event->cpu)
		return 0;
	/* RPS: GRO is over, and only the probe at enqueue_to_backlog() says so. */
	if (packet && header_is_said(cpu, skb) && packet->list_cpu == event->cpu &&
	    packet->out.dev == skb->dev &&
	    (packet->state == STATE_RX_GRO || packet->state == STATE_RX_HELD)) {
		packet->left_ns = event->ts_ns;
		packet->state = STATE_RX_HELD;
		return 0;
	}
	/* A tunnel queues what it carried, for the protocols to see it again. */
	if (packet && works_on(cpu, packet)) {
		receive_forget(engine, packet);
		packet->state = STATE_RX_BACKLOG;
		set_carried(packet, skb);
		return packet_stage(engine, event, packet, TRAIL_STAGE_BACKLOG);
	}
	packet = transmit_handed(engine, skb, cpu);
	if (packet)
		return hand_over(engine, event, packet);
	err = born(engine, event, skb, &packet);
	if (err)
		return err;
	packet->state = STATE_RX_BACKLOG;
	if (cpu->run_ns) {
		packet->prefix = true;
		err = poll_arrive(engine, event, cpu, packet);
		if (err)
			return err;
	}
	return packet_stage(engine, event, packet, TRAIL_STAGE_BACKLOG);
}

/* RPS took it to a CPU's backlog, maybe its own: GRO ended when it left, or with its poll. */
static int leave_other_cpu(struct trail_engine *engine, const struct trail_event *event,
			   struct packet *packet)
{
	uint64_t left_ns = packet->left_ns ? packet->left_ns : packet->stage_ns;
	uint16_t from_cpu = packet->stage_cpu;
	const char *comm = packet->stage_comm;
	int32_t pid = packet->stage_pid;
	int err = packet_close_stage(engine, packet, left_ns);

	if (err)
		return err;
	packet->out.end_ns = event->ts_ns;
	return packet_span(packet, &(struct trail_span){
		.stage = &trail_stage[TRAIL_STAGE_BACKLOG], .start_ns = left_ns,
		.end_ns = event->ts_ns, .comm = comm, .pid = pid, .cpu = from_cpu,
		.confidence = packet->left_ns ? TRAIL_EXACT : TRAIL_INFERRED });
}

/* What the packet was doing until now is over. */
static int leave_wait(struct trail_engine *engine, const struct trail_event *event,
		      struct cpu *cpu, struct packet *packet)
{
	int err = 0;

	if (packet->state == STATE_RX_BACKLOG)
		err = poll_leave_backlog(engine, event, cpu, packet);
	else if (packet->stage && (packet->stage_cpu != event->cpu ||
				   (packet->left_ns && packet->left_ns < cpu->run_ns)))
		err = leave_other_cpu(engine, event, packet);
	if (!err && packet->out.dir == TRAIL_LOCAL && !packet->window)
		err = poll_arrive(engine, event, cpu, packet);
	return err;
}

/* Can this be the packet at the address, given that it comes to the protocols now? */
static bool continues(const struct cpu *cpu, const struct packet *packet)
{
	switch (packet->state) {
	case STATE_RX_GRO:
	case STATE_RX_HELD:
	case STATE_RX_BACKLOG:
		return true;
	default:
		/* Another device layer (VLAN, bond, bridge). */
		return works_on(cpu, packet);
	}
}

static int enter_protocols(struct trail_engine *engine, const struct trail_event *event,
			   const struct trail_skb *skb)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct packet *packet = packet_at(engine, skb->skb);
	int err = 0;

	if (!packet || !continues(cpu, packet)) {
		packet = transmit_handed(engine, skb, cpu);
		if (packet)
			err = hand_over(engine, event, packet);
		else if (engine->is_filtered && skb->len > 0 && skb->data_len >= skb->len)
			return 0;	/* what the filter looked at were no bytes of the packet */
		else
			err = born(engine, event, skb, &packet);
		if (err)
			return err;
		if (packet->out.dir == TRAIL_RX)
			packet_weaken(packet, TRAIL_INFERRED);
	}
	if (packet->state == STATE_RX_STACK) {
		packet->in_dev = skb->dev;
		packet->in_len = skb->len;
		set_carried(packet, skb);
		return 0;
	}
	set_device(packet, skb);
	receive_forget(engine, packet);
	packet->list_cpu = event->cpu;
	/* The backlog gives its packets to the protocols one by one. */
	err = packet->state == STATE_RX_BACKLOG ? receive_batch_over(engine, event, cpu) : 0;
	if (!err)
		err = gro_close(engine, cpu, packet, skb->len + packet->tunnel_len);
	if (!err)
		err = leave_wait(engine, event, cpu, packet);
	if (err)
		return err;
	packet->state = STATE_RX_STACK;
	packet->in_dev = skb->dev;
	packet->in_len = skb->len;
	packet->batch = cpu->nr_batches;
	packet->received_ns = event->ts_ns;
	packet->left_ns = 0;
	cpu->waking_ns = 0;
	if (cpu->nr_batch == MAX_BATCH)
		receive_remove(cpu->batch, &cpu->nr_batch, cpu->batch[0]);
	cpu->batch[cpu->nr_batch++] = packet;
	cpu->given = packet_hold(packet);
	cpu->given_pid = event->pid;
	cpu->given_flags = event->flags & (TRAIL_FLAG_HARDIRQ | TRAIL_FLAG_SOFTIRQ);
	cpu->nr_given++;
	return packet_stage(engine, event, packet, TRAIL_STAGE_STACK);
}

int trail_gro_enter(struct trail_engine *engine, const struct trail_event *event,
		    const struct trail_skb *skb)
{
	return header_verb(engine, event, skb, enter_gro);
}

int trail_backlog(struct trail_engine *engine, const struct trail_event *event,
		  const struct trail_skb *skb)
{
	return header_verb(engine, event, skb, enter_backlog);
}

int trail_receive(struct trail_engine *engine, const struct trail_event *event,
		  const struct trail_skb *skb)
{
	return header_verb(engine, event, skb, enter_protocols);
}
