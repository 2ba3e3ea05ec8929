// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * transmit.c - a packet on its way down: device queue, qdisc, driver, completion
 */
#include <errno.h>

#include "engine.h"
#include "join.h"

/* Larger than any kernel's struct sk_buff: 224 to 256 bytes. */
#define MAX_SKB_BYTES	512

void transmit_forget(struct trail_engine *engine, struct packet *packet)
{
	struct cpu *cpu = engine->cpu[packet->list_cpu];
	uint32_t i;

	for (i = 0; i < cpu->nr_xmit; i++)
		if (cpu->xmit[i].packet == packet)
			cpu->xmit[i].packet = NULL;
}

static struct open_xmit *open_xmit(struct cpu *cpu, uint64_t skb)
{
	uint32_t i = cpu->nr_xmit;

	while (i--)
		if (cpu->xmit[i].skb == skb)
			return &cpu->xmit[i];
	return NULL;
}

/*
 * veth, loopback, tunnels: the receiver gets the very skb, inside ndo_start_xmit() or soon after.
 * A device that has interrupts sends to a wire: there the address was freed and is in use again.
 */
struct packet *transmit_handed(struct trail_engine *engine, const struct trail_skb *skb,
			       struct cpu *cpu)
{
	struct packet *packet = packet_at(engine, skb->skb);
	struct open_xmit *xmit = open_xmit(cpu, skb->skb);
	const struct device *device;

	if (!packet)
		return NULL;
	if (xmit && xmit->packet == packet)
		return packet;
	if (packet->state != STATE_TX_RING && packet->state != STATE_TX_DRIVER)
		return NULL;
	device = hash_get(&engine->devices, (uintptr_t)packet->out.dev);
	if (device && device->has_irq)
		return NULL;
	if (skb->len >= 0 && packet->out.len >= 0 && skb->len != packet->out.len)
		return NULL;
	packet_weaken(packet, TRAIL_INFERRED);
	return packet;
}

/* Received here and sent on, or sent on by an upper device: the same packet, another hop. */
static bool goes_on(const struct cpu *cpu, const struct packet *packet, const char *dev)
{
	uint32_t i;

	if (packet->state == STATE_TX_DRIVER)
		for (i = 0; i < cpu->nr_xmit; i++)
			if (cpu->xmit[i].packet == packet)
				return true;
	/*
	 * An answer can use the address of the packet that it answers, freed unseen; it leaves by
	 * the device that this one came in by.
	 */
	if (packet->state == STATE_RX_STACK && packet->in_dev != dev)
		for (i = 0; i < cpu->nr_batch; i++)
			if (cpu->batch[i] == packet)
				return true;
	return false;
}

/* From the system call to the device, when it is this task's call. */
static int send_stage(struct trail_engine *engine, const struct trail_event *event,
		      struct packet *packet)
{
	const struct task *task = task_find(engine, event->pid);

	if (!context_is_task(event) || !task || task->call != TRAIL_CALL_SEND)
		return 0;
	packet->out.start_ns = task->call_ns;
	return packet_span(packet, &(struct trail_span){
		.stage = &trail_stage[TRAIL_STAGE_SEND], .start_ns = task->call_ns,
		.end_ns = event->ts_ns, .comm = engine_cpu(engine, event)->comm,
		.pid = event->pid, .cpu = event->cpu });
}

/* Who sends is told by the context of the first event. */
static enum trail_origin origin_of(const struct trail_event *event, const struct cpu *cpu)
{
	if (context_is_task(event))
		return TRAIL_ORIGIN_TASK;
	if (context_in_softirq(cpu, TRAIL_SOFTIRQ_NET_RX))
		return TRAIL_ORIGIN_RECEIVE;
	if (context_in_softirq(cpu, TRAIL_SOFTIRQ_TIMER))
		return TRAIL_ORIGIN_TIMER;
	if (context_in_softirq(cpu, TRAIL_SOFTIRQ_TASKLET))
		return TRAIL_ORIGIN_TSQ;
	if (context_in_softirq(cpu, TRAIL_SOFTIRQ_HRTIMER))
		return TRAIL_ORIGIN_PACING;
	if (context_in_softirq(cpu, TRAIL_SOFTIRQ_NET_TX))
		return TRAIL_ORIGIN_QDISC;
	return TRAIL_ORIGIN_UNKNOWN;
}

static void set_origin(struct packet *packet, const struct trail_event *event, struct cpu *cpu)
{
	packet->out.origin = (uint8_t)origin_of(event, cpu);
	cpu->sent[cpu->nr_sent++ % MAX_SENT] = (struct life){ packet->out.skb, packet->out.id };
}

int trail_retransmitted(struct trail_engine *engine, const struct trail_event *event, uint64_t skb)
{
	struct cpu *cpu = engine_cpu(engine, event);
	uint32_t i;

	/* TCP sends a clone that lies right behind the original (struct sk_buff_fclones). */
	for (i = 0; i < MAX_SENT; i++) {
		struct packet *packet = packet_of(engine, &cpu->sent[i]);

		if (packet && packet->out.skb - skb < MAX_SKB_BYTES)
			packet->out.origin = TRAIL_ORIGIN_RETRANSMIT;
	}
	return 0;
}

static int queue_new(struct trail_engine *engine, const struct trail_event *event,
		     const struct trail_skb *skb, struct packet **out)
{
	const struct device *device;
	int err = packet_new(engine, event, skb->skb, out);

	if (err)
		return err;
	(*out)->out.dir = TRAIL_TX;
	(*out)->out.dev = skb->dev;
	(*out)->state = STATE_TX_STACK;
	err = engine->joins ? join_sent(engine, event, *out) : 0;
	if (err)
		return err;
	set_origin(*out, event, engine_cpu(engine, event));
	device = skb->dev ? hash_get(&engine->devices, (uintptr_t)skb->dev) : NULL;
	if (skb->network_offset >= 0 && skb->len > skb->network_offset)
		(*out)->out.len = skb->len - skb->network_offset;
	else if (device && device->network_offset && skb->len > device->network_offset)
		(*out)->out.len = skb->len - device->network_offset;
	return send_stage(engine, event, *out);
}

static int enter_queue(struct trail_engine *engine, const struct trail_event *event,
		       const struct trail_skb *skb)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct packet *packet = packet_at(engine, skb->skb);
	int err;

	if (packet && goes_on(cpu, packet, skb->dev)) {
		if (packet->out.dir == TRAIL_RX)
			packet->out.dir = TRAIL_FORWARD;
		else if (packet->out.dir == TRAIL_LOCAL)
			packet->out.dir = TRAIL_TX;
		receive_forget(engine, packet);
		packet->state = STATE_TX_STACK;
	} else {
		err = queue_new(engine, event, skb, &packet);
		if (err)
			return err;
	}
	packet->frame_len = skb->len;
	packet->out_dev = skb->dev;
	cpu->queuing = (struct life){ packet->out.skb, packet->out.id };
	return packet_stage(engine, event, packet, TRAIL_STAGE_QDISC);
}

void transmit_split(struct cpu *cpu, const struct packet *packet)
{
	const struct trail_header *header = &packet->out.header;
	struct split *split = &cpu->split;

	*split = (struct split){
		.id = packet->out.id, .dev = packet->out_dev, .len = packet->frame_len,
		.flow = packet->out.flow, .netns = packet->out.netns,
		.ifindex = packet->out.ifindex, .whole = *header,
		.has_range = packet->out.flags & TRAIL_PACKET_SEQ,
	};
	split->whole.bytes = NULL;
	if (split->has_range)
		split->header = split->len - (uint32_t)(header->tcp_end - header->tcp_seq);
	/* What was merged on its way in may have had one id for all (SKB_GSO_TCP_FIXEDID). */
	if (packet->out.dir != TRAIL_TX || header->tunnel)
		split->whole.ipid = -1;
}

/*
 * Segment @i, whose payload begins @offset bytes behind that of the whole.  Sequence numbers and
 * IP ids go on from one to the next (net/ipv4/tcp_offload.c: tcp_gso_segment(),
 * net/ipv4/af_inet.c: inet_gso_segment()).  False: its own header says something else.
 */
static bool number_segment(struct packet *child, const struct split *split, uint32_t i,
			   int64_t offset)
{
	struct trail_header *header = &child->out.header;
	uint32_t seq = split->whole.tcp_seq + (uint32_t)offset;
	int64_t payload = split->child_len[i] - split->header;

	if (child->out.flags & TRAIL_PACKET_SEQ)
		return split->has_range && header->tcp_seq == seq;
	if (header->bytes)
		return true;
	if (split->whole.ipid >= 0 && !split->partial)
		header->ipid = (split->whole.ipid + (int32_t)i) & 0xffff;
	header->vlan = split->whole.vlan;
	if (!split->has_range)
		return true;
	header->tcp_seq = seq;
	header->tcp_end = seq + (uint32_t)payload;
	header->seq_start = split->whole.seq_start + offset;
	header->seq_end = header->seq_start + payload;
	child->out.flags |= TRAIL_PACKET_SEQ;
	return true;
}

/* The lengths add up: who the segments are is sure. */
static void close_split(struct trail_engine *engine, struct split *split)
{
	bool in_order = split->nr <= MAX_CHILDREN;
	int64_t offset = 0;
	uint32_t i;

	for (i = 0; i < split->nr && i < MAX_CHILDREN; i++) {
		struct packet *child = packet_of(engine, &split->child[i]);

		if (child && child->out.nr_link) {
			child->links[0].confidence = TRAIL_EXACT;
			child->out.confidence = child->evidence;
		}
		if (child && in_order)
			in_order = number_segment(child, split, i, offset);
		offset += split->child_len[i] - split->header;
	}
	split->id = 0;
}

/*
 * Every segment repeats the headers: with @header bytes of them, the split is over when
 * sum(len) - header * (nr - 1) is the length of the whole.  Then the links are sure.
 */
static void add_segment(struct trail_engine *engine, struct split *split, struct packet *packet,
			const struct trail_skb *skb)
{
	if (split->nr < MAX_CHILDREN) {
		split->child[split->nr] = (struct life){ packet->out.skb, packet->out.id };
		split->child_len[split->nr] = skb->len;
	}
	split->nr++;
	split->sum += skb->len;
	split->partial |= skb->gso;
	/* The payload of segments lies in fragments, what is linear are the headers. */
	if (!split->header && skb->data_len > 0)
		split->header = skb->len - skb->data_len;
	if (split->header && split->sum - split->header * (split->nr - 1) == split->len)
		close_split(engine, split);
}

/* A segment of the GSO packet that this CPU splits, or a transmit that passed no queue. */
static int start_new(struct trail_engine *engine, const struct trail_event *event,
		     const struct trail_skb *skb, struct packet **out)
{
	struct cpu *cpu = engine_cpu(engine, event);
	const uint8_t as_child[2] = { TRAIL_CHILD, TRAIL_INFERRED };
	int err = packet_new(engine, event, skb->skb, out);

	if (err)
		return err;
	(*out)->out.dir = TRAIL_TX;
	(*out)->out.dev = skb->dev;
	set_origin(*out, event, cpu);
	if (cpu->split.id && cpu->split.dev == skb->dev) {
		(*out)->out.flow = cpu->split.flow;
		(*out)->out.netns = cpu->split.netns;
		(*out)->out.ifindex = cpu->split.ifindex;
		err = packet_link(*out, cpu->split.id, TRAIL_LINK_GSO, as_child);
		add_segment(engine, &cpu->split, *out, skb);
		return err;
	}
	packet_weaken(*out, TRAIL_INFERRED);
	return 0;
}

/* The driver's event says where the network header is: for this packet and the device's next. */
static int learn_length(struct trail_engine *engine, struct packet *packet,
			const struct trail_skb *skb)
{
	struct device *device;
	int err;

	if (!skb->dev || skb->len < 0 || skb->network_offset < 0)
		return 0;
	err = engine_device(engine, skb->dev, &device);
	if (err)
		return err;
	device->network_offset = skb->network_offset;
	packet->ethertype = skb->ethertype;
	packet->gso |= skb->gso;
	if (packet->out.len < 0)
		packet->out.len = skb->len - skb->network_offset;
	return 0;
}

static int enter_driver(struct trail_engine *engine, const struct trail_event *event,
			const struct trail_skb *skb)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct packet *packet = packet_at(engine, skb->skb);
	int err;

	if (!packet || packet->state != STATE_TX_STACK) {
		err = start_new(engine, event, skb, &packet);
		if (err)
			return err;
	} else if (cpu->split.dev == skb->dev) {
		/* Segments go on to the device below, and the split with the next one. */
		cpu->split.id = 0;
	}
	err = learn_length(engine, packet, skb);
	if (err)
		return err;
	packet->state = STATE_TX_DRIVER;
	packet->list_cpu = event->cpu;
	if (cpu->nr_xmit < MAX_OPEN)
		cpu->xmit[cpu->nr_xmit++] = (struct open_xmit){ packet, skb->skb };
	return packet_stage(engine, event, packet, TRAIL_STAGE_DRIVER);
}

int trail_tx_end(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		 enum trail_tx_result result)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct open_xmit *xmit = open_xmit(cpu, skb);
	struct packet *packet;

	if (!xmit)
		return 0;
	packet = xmit->packet;
	cpu->nr_xmit = (uint32_t)(xmit - cpu->xmit);
	if (!packet || packet->state != STATE_TX_DRIVER)
		return 0;
	if (result == TRAIL_TX_BUSY) {
		packet->state = STATE_TX_STACK;
		return packet_stage(engine, event, packet, TRAIL_STAGE_QDISC);
	}
	packet->state = STATE_TX_RING;
	return packet_stage(engine, event, packet, TRAIL_STAGE_COMPLETE);
}

int trail_tx_queue(struct trail_engine *engine, const struct trail_event *event,
		   const struct trail_skb *skb)
{
	return header_verb(engine, event, skb, enter_queue);
}

int trail_tx_start(struct trail_engine *engine, const struct trail_event *event,
		   const struct trail_skb *skb)
{
	return header_verb(engine, event, skb, enter_driver);
}
