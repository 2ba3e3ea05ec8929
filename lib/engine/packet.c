// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * packet.c - births, stages and ends of packets
 *
 * Packets are never handed back to the allocator before the end: finished ones are used again, so
 * the number of allocations follows the packets in flight.
 */
#include <errno.h>
#include <stdlib.h>

#include "engine.h"
#include "expire.h"
#include "exact.h"
#include "join.h"

static struct packet *take_spare(struct trail_engine *engine)
{
	struct packet *packet = engine->spare;
	uint32_t cap_bytes;
	uint64_t *stack;
	uint8_t *bytes;

	if (!packet)
		return calloc(1, sizeof(*packet));
	engine->spare = packet->next;
	bytes = packet->bytes;
	cap_bytes = packet->cap_bytes;
	stack = packet->stack;
	memset(packet, 0, offsetof(struct packet, inline_link));
	packet->bytes = bytes;
	packet->cap_bytes = cap_bytes;
	packet->stack = stack;
	return packet;
}

int packet_new(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
	       struct packet **out)
{
	struct packet *old = packet_at(engine, skb);
	struct packet *packet;
	int err;

	*out = NULL;
	err = old ? packet_end_silently(engine, old) : 0;
	if (err)
		return err;
	packet = take_spare(engine);
	if (!packet)
		return -ENOMEM;
	packet->spans = packet->inline_span;
	packet->cap_span = INLINE_SPANS;
	packet->links = packet->inline_link;
	packet->cap_link = INLINE_LINKS;
	packet->out.id = ++engine->nr_packet;
	packet->out.skb = skb;
	packet->out.start_ns = packet->out.end_ns = event->ts_ns;
	packet->out.len = -1;
	packet->out.reader_pid = -1;
	packet->out.header.ipid = packet->out.header.vlan = -1;
	packet->out.wake_ns = packet->out.runqueue_ns = packet->out.app_ns = TRAIL_UNKNOWN_NS;
	packet->out.softirq_wake_ns = packet->out.softirq_runqueue_ns = TRAIL_UNKNOWN_NS;
	packet->payload = packet->said_bytes = -1;
	packet->list_cpu = event->cpu;
	packet->prev = engine->live.prev;
	packet->next = &engine->live;
	packet->prev->next = packet->next->prev = packet;
	engine->nr_live++;
	*out = packet;
	/* Only in a damaged capture: no later event can mean it. */
	if (!skb)
		return 0;
	if (hash_set(&engine->packets, skb, packet))
		return -ENOMEM;
	packet->mapped = true;
	err = engine->joins ? join_born(engine, event, packet) : 0;
	return err ? err : exact_born(engine, packet);
}

struct packet *packet_at(struct trail_engine *engine, uint64_t skb)
{
	return hash_get(&engine->packets, skb);
}

struct packet *packet_of(struct trail_engine *engine, const struct life *life)
{
	struct packet *packet = life->id ? packet_at(engine, life->skb) : NULL;

	return packet && packet->out.id == life->id ? packet : NULL;
}

struct hold packet_hold(struct packet *packet)
{
	return (struct hold){ packet, packet->out.id };
}

/* Memory of packets is only used for other packets, and those have other ids. */
struct packet *packet_held(const struct hold *hold)
{
	struct packet *packet = hold->id ? hold->packet : NULL;

	return packet && packet->out.id == hold->id && packet->state != STATE_ENDED ? packet : NULL;
}

void packet_unmap(struct trail_engine *engine, struct packet *packet)
{
	if (packet->mapped)
		hash_remove(&engine->packets, packet->out.skb);
	packet->mapped = false;
}

static void weaken(uint8_t *at, uint8_t confidence)
{
	if (*at < confidence)
		*at = confidence;
}

void packet_weaken(struct packet *packet, enum trail_confidence confidence)
{
	weaken(&packet->evidence, (uint8_t)confidence);
	weaken(&packet->out.confidence, (uint8_t)confidence);
	weaken(&packet->stage_confidence, (uint8_t)confidence);
}

void packet_confirm(struct packet *packet)
{
	uint16_t i;

	packet->evidence = packet->stage_confidence = packet->evidence_alone;
	packet->out.confidence = packet->evidence;
	for (i = 0; i < packet->out.nr_span; i++)
		weaken(&packet->out.confidence, packet->spans[i].confidence);
	for (i = 0; i < packet->out.nr_link; i++)
		weaken(&packet->out.confidence, packet->links[i].confidence);
}

int packet_span(struct packet *packet, const struct trail_span *span)
{
	if (packet->out.nr_span == packet->cap_span) {
		uint32_t cap = 2 * packet->cap_span;
		struct trail_span *more;

		if (cap > UINT16_MAX)
			return 0;	/* a loop between devices: its first 40960 stages tell */
		more = malloc(cap * sizeof(*more));
		if (!more)
			return -ENOMEM;
		memcpy(more, packet->spans, packet->out.nr_span * sizeof(*more));
		if (packet->spans != packet->inline_span)
			free(packet->spans);
		packet->spans = more;
		packet->cap_span = cap;
	}
	packet->spans[packet->out.nr_span++] = *span;
	weaken(&packet->out.confidence, span->confidence);
	return 0;
}

int packet_link(struct packet *packet, uint64_t other, enum trail_link_type type,
		const uint8_t role_confidence[2])
{
	struct trail_link *more;

	if (packet->out.nr_link == packet->cap_link) {
		if (packet->cap_link > UINT16_MAX / 2)
			return 0;
		more = malloc(2 * packet->cap_link * sizeof(*more));
		if (!more)
			return -ENOMEM;
		memcpy(more, packet->links, packet->out.nr_link * sizeof(*more));
		if (packet->links != packet->inline_link)
			free(packet->links);
		packet->links = more;
		packet->cap_link *= 2;
	}
	packet->links[packet->out.nr_link++] = (struct trail_link){
		.packet = other, .type = (uint8_t)type, .role = role_confidence[0],
		.confidence = role_confidence[1],
	};
	weaken(&packet->out.confidence, role_confidence[1]);
	return 0;
}

bool packet_was_lost(const struct trail_engine *engine, const struct packet *packet)
{
	return packet->stage && engine->cpu[packet->stage_cpu]->epoch != packet->stage_epoch;
}

static int close_one(struct trail_engine *engine, struct packet *packet, uint64_t ts_ns)
{
	struct trail_span span = {
		.stage = packet->stage, .start_ns = packet->stage_ns, .end_ns = ts_ns,
		.comm = packet->stage_comm, .pid = packet->stage_pid, .cpu = packet->stage_cpu,
		.confidence = packet->stage_confidence,
	};

	bool lost = packet_was_lost(engine, packet);

	if (!packet->stage)
		return 0;
	packet->stage = NULL;
	if (lost) {
		packet->out.flags |= TRAIL_PACKET_LOSS;
		span.confidence = TRAIL_AMBIGUOUS;
		packet_weaken(packet, TRAIL_AMBIGUOUS);
	}
	/* Equal or reversed times of two CPUs: a stage never takes less than nothing. */
	if (span.end_ns < span.start_ns)
		span.end_ns = span.start_ns;
	packet->out.end_ns = span.end_ns;
	return packet_span(packet, &span);
}

int packet_close_stage(struct trail_engine *engine, struct packet *packet, uint64_t ts_ns)
{
	struct packet *member;
	int err = close_one(engine, packet, ts_ns);

	for (member = packet->member; member && !err; member = member->next_member)
		err = close_one(engine, member, ts_ns);
	return err;
}

static void open_one(const struct trail_event *event, const struct cpu *cpu,
		     struct packet *packet, enum trail_stage_id id)
{
	packet->stage = &trail_stage[id];
	packet->stage_ns = event->ts_ns > packet->out.end_ns ? event->ts_ns : packet->out.end_ns;
	packet->stage_cpu = event->cpu;
	packet->stage_pid = event->pid;
	packet->stage_comm = cpu->comm;
	packet->stage_epoch = cpu->epoch;
	packet->stage_confidence = packet->evidence;
}

int packet_stage(struct trail_engine *engine, const struct trail_event *event,
		 struct packet *packet, enum trail_stage_id id)
{
	const struct cpu *cpu = engine_cpu(engine, event);
	struct packet *member;
	int err = packet_close_stage(engine, packet, event->ts_ns);

	if (err)
		return err;
	open_one(event, cpu, packet, id);
	for (member = packet->member; member; member = member->next_member)
		open_one(event, cpu, member, id);
	return 0;
}

/* From the live list to the output; whoever points to it forgets it. */
static int retire(struct trail_engine *engine, struct packet *packet)
{
	packet_unmap(engine, packet);
	receive_forget(engine, packet);
	transmit_forget(engine, packet);
	socket_leave(packet);
	packet->state = STATE_ENDED;
	packet->prev->next = packet->next;
	packet->next->prev = packet->prev;
	engine->nr_live--;
	return output_add(&engine->output, packet);
}

void packet_leave_head(struct packet *packet)
{
	struct packet **at, *last = NULL;

	for (at = &packet->head->member; *at; at = &(*at)->next_member) {
		if (*at == packet) {
			*at = packet->next_member;
			break;
		}
		last = *at;
	}
	if (packet->head->last_member == packet)
		packet->head->last_member = last;
	packet->head = packet->next_member = NULL;
}

/* Members share the end of their head, unless their bytes wait in a socket by themselves. */
static int end_members(struct trail_engine *engine, struct packet *packet, enum trail_fate fate,
		       uint64_t ts_ns)
{
	struct packet *member;
	int err = 0;

	while (!err && (member = packet->member)) {
		packet_leave_head(member);
		if (member->queued)
			continue;
		member->out.drop = packet->out.drop;
		member->out.flags |= packet->out.flags & TRAIL_PACKET_DROPPED;
		err = packet_end(engine, member, fate, ts_ns);
	}
	return err;
}

int packet_end(struct trail_engine *engine, struct packet *packet, enum trail_fate fate,
	       uint64_t ts_ns)
{
	int err;

	if (packet->head)
		packet_leave_head(packet);
	err = end_members(engine, packet, fate, ts_ns);
	if (err)
		return err;
	err = ts_ns ? close_one(engine, packet, ts_ns) : 0;
	if (ts_ns > packet->out.end_ns)
		packet->out.end_ns = ts_ns;
	packet->out.fate = (uint8_t)fate;
	/* What ended it may be among what was lost since it was last seen. */
	if (fate == TRAIL_UNKNOWN && engine->lost_ns > packet->out.end_ns)
		packet->out.flags |= TRAIL_PACKET_LOSS;
	if (err) {
		retire(engine, packet);
		return err;
	}
	return retire(engine, packet);
}

enum trail_fate packet_silent_fate(const struct packet *packet)
{
	switch (packet->state) {
	case STATE_RX_SOCKQ:
		return packet->stated && !packet->queued ? TRAIL_CONSUMED : TRAIL_UNKNOWN;
	case STATE_RX_STACK:
		return packet->stated ? TRAIL_CONSUMED : TRAIL_UNKNOWN;
	case STATE_TX_RING:
	case STATE_TX_DRIVER:
		return TRAIL_SENT;
	default:
		return TRAIL_UNKNOWN;
	}
}

int packet_end_silently(struct trail_engine *engine, struct packet *packet)
{
	if (packet->state == STATE_RX_SOCKQ && packet->taken) {
		packet_unmap(engine, packet);
		return 0;
	}
	/* Of datagrams whoever had read it would have been seen. */
	if (packet->state == STATE_RX_SOCKQ && packet->queued &&
	    (packet->sock->protocol != TRAIL_PROTO_UDP || !engine->exact_queue ||
	     !engine->exact_read)) {
		/* Merged into its predecessor; the socket's stream knows it. */
		packet_unmap(engine, packet);
		return socket_link_carrier(packet);
	}
	return packet_end(engine, packet, packet_silent_fate(packet), 0);
}

static void free_parts(struct packet *packet)
{
	if (packet->spans != packet->inline_span)
		free(packet->spans);
	if (packet->links != packet->inline_link)
		free(packet->links);
	window_put(packet->window);
	if (packet->joined)
		join_release(packet);
}

void packet_release(struct trail_engine *engine, struct packet *packet)
{
	free_parts(packet);
	packet->out.id = 0;	/* nobody can mean it any more */
	packet->next = engine->spare;
	engine->spare = packet;
}

static void free_packet(struct packet *packet)
{
	free(packet->bytes);
	free(packet->stack);
	free(packet);
}

void packet_free_all(struct trail_engine *engine)
{
	struct packet *packet, *next;
	size_t i;

	for (packet = engine->live.next; packet != &engine->live; packet = next) {
		next = packet->next;
		free_parts(packet);
		free_packet(packet);
	}
	for (i = 0; i < engine->output.nr; i++) {
		free_parts(engine->output.heap[i].packet);
		free_packet(engine->output.heap[i].packet);
	}
	free(engine->output.heap);
	for (packet = engine->spare; packet; packet = next) {
		next = packet->next;
		free_packet(packet);
	}
}
