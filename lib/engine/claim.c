// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * claim.c - packets that the protocols work on -> which of them an event means
 *
 * Events of sockets do not always name the skb.  What can be meant are the packets that this CPU
 * was given together and that nothing has ended or claimed yet: its batch; and those that a batch
 * left without a word: loose ones, which wait for a socket's owner, for other fragments, or are
 * gone.
 */
#include <errno.h>

#include "engine.h"

struct packet *receive_claim(struct cpu *cpu, int64_t bytes)
{
	uint32_t i;

	for (i = 0; i < cpu->nr_batch; i++) {
		struct packet *packet = cpu->batch[i];
		int64_t header = packet_length(packet) - bytes;

		if (bytes >= 0 && packet->nr_member == 0 &&
		    (header < MIN_HEADER || header > MAX_HEADER))
			continue;
		receive_remove(cpu->batch, &cpu->nr_batch, packet);
		return packet;
	}
	return NULL;
}

/* What receive_into_socket() supposed turns out to be wrong: it waits for other fragments. */
void receive_back_to_stack(struct packet *packet)
{
	const struct trail_span *span;
	struct packet *p;

	if (packet->state != STATE_RX_SOCKQ || packet->queued)
		return;
	packet->state = STATE_RX_STACK;
	for (p = packet; p; p = p == packet ? packet->member : p->next_member) {
		if (!p->out.nr_span)
			continue;
		span = &p->spans[--p->out.nr_span];
		p->stage = span->stage;
		p->stage_ns = p->out.end_ns = span->start_ns;
		p->stage_confidence = p->evidence;
	}
}

/*
 * Kernels before 6.3 do not say when a packet enters its socket: it did so by @ts_ns, and when it
 * woke somebody before, then right before that.
 */
int receive_into_socket(struct trail_engine *engine, struct packet *packet, uint64_t ts_ns)
{
	const struct cpu *cpu = engine->cpu[packet->stage_cpu];
	struct packet *p;
	int err;

	if (cpu->nr_batch && cpu->batch[cpu->nr_batch - 1] == packet && cpu->waking_ns &&
	    cpu->waking_ns < ts_ns)
		ts_ns = cpu->waking_ns;
	packet->stage_confidence = TRAIL_INFERRED;
	err = packet_close_stage(engine, packet, ts_ns);
	packet->state = STATE_RX_SOCKQ;
	for (p = packet; p; p = p == packet ? packet->member : p->next_member) {
		p->stage = &trail_stage[TRAIL_STAGE_QUEUE];
		p->stage_ns = p->out.end_ns;
		p->stage_epoch = cpu->epoch;
	}
	return err;
}

/*
 * A driver's packets go to the protocols in lists, and each list is worked off before the next
 * packet enters GRO and before the poll ends.  Whoever is left then went where no event tells.
 */
int receive_batch_over(struct trail_engine *engine, const struct trail_event *event,
		       struct cpu *cpu)
{
	uint32_t i;
	int err = 0;

	for (i = 0; i < cpu->nr_batch && !err; i++) {
		struct packet *packet = cpu->batch[i];

		cpu->loose[cpu->nr_loose++ % MAX_LOOSE] =
			(struct life){ packet->out.skb, packet->out.id };
		packet->left_ns = event->ts_ns;
		if (!engine->sees_ready && !packet->stated)
			err = receive_into_socket(engine, packet, event->ts_ns);
	}
	cpu->nr_batch = cpu->nr_given = 0;
	cpu->nr_batches++;
	cpu->probed = NULL;
	return err;
}

int receive_frame_end(struct trail_engine *engine, const struct trail_event *event,
		      struct cpu *cpu)
{
	return receive_batch_over(engine, event, cpu);
}

struct packet *receive_claim_datagram(struct cpu *cpu)
{
	struct packet *packet = NULL;
	uint32_t i, nr = 0;

	/* GRO merges TCP; datagrams pass it. */
	for (i = 0; i < cpu->nr_batch; i++) {
		if (cpu->batch[i]->held)
			continue;
		if (!packet)
			packet = cpu->batch[i];
		nr++;
	}
	if (!packet)
		return receive_claim(cpu, -1);
	packet->guessed = nr > 1;
	receive_remove(cpu->batch, &cpu->nr_batch, packet);
	return packet;
}

struct packet *receive_sibling(struct trail_engine *engine, const struct packet *packet,
			       uint32_t *i)
{
	const struct cpu *cpu = engine->cpu[packet->list_cpu];

	for (; *i < MAX_LOOSE; (*i)++) {
		struct packet *other = packet_of(engine, &cpu->loose[*i]);

		if (!other || other == packet || other->batch != packet->batch || other->queued ||
		    other->state != STATE_RX_STACK)
			continue;
		(*i)++;
		return other;
	}
	return NULL;
}

void receive_unguess(struct packet *packet)
{
	socket_leave(packet);
	packet->sock = NULL;
	packet->guessed = false;
	receive_back_to_stack(packet);
}

/* RFC 791: all but the last carry a multiple of 8 bytes; 576 bytes every host must take whole. */
bool receive_could_be_fragment(const struct packet *packet, const struct packet *last)
{
	int64_t len = packet_length(packet);

	return len >= 576 && len >= packet_length(last) && (len - 20) % 8 == 0;
}

static bool could_carry(const struct packet *packet, const struct socket *sock, int64_t bytes)
{
	int64_t header = packet_length(packet) - bytes, sum = packet->payload;
	const struct packet *member;

	if (packet->sock || packet->stated || packet->queued || packet->head ||
	    (packet->state != STATE_RX_STACK && packet->state != STATE_RX_SOCKQ))
		return false;
	for (member = packet->member; member; member = member->next_member)
		sum += member->payload;
	if (packet->member)
		return sum == bytes;
	return sock->header ? header == sock->header
			    : header >= MIN_HEADER && header <= MAX_HEADER;
}

/* Of those that could carry the bytes the one that came first, and how many there are. */
static void consider(struct packet *packet, const struct socket *sock, int64_t bytes,
		     struct packet **found, uint32_t *nr)
{
	if (!packet || !could_carry(packet, sock, bytes))
		return;
	(*nr)++;
	if (!*found || packet->out.id < (*found)->out.id)
		*found = packet;
}

/* The CPU that put it on the socket's backlog may still be in the poll that brought it. */
struct packet *receive_claim_waiting(struct trail_engine *engine, const struct socket *sock,
				     int64_t bytes)
{
	struct packet *found = NULL;
	uint32_t c, i, nr = 0;

	for (c = 0; c < engine->nr_cpu; c++) {
		struct cpu *cpu = engine->cpu[c];

		if (!cpu)
			continue;
		for (i = 0; i < MAX_LOOSE; i++)
			consider(packet_of(engine, &cpu->loose[i]), sock, bytes, &found, &nr);
		for (i = 0; i < cpu->nr_batch; i++)
			consider(cpu->batch[i], sock, bytes, &found, &nr);
	}
	if (!found)
		return NULL;
	receive_back_to_stack(found);
	packet_weaken(found, nr > 1 ? TRAIL_AMBIGUOUS : TRAIL_INFERRED);
	return found;
}

/* Fragments of one datagram by their headers; without headers, maybe. */
static bool could_be_of_one_datagram(const struct packet *a, const struct packet *b)
{
	const struct trail_flow *f = header_innermost(a), *g = header_innermost(b);

	if (!a->wire_flow || !b->wire_flow)
		return true;
	return f->family == g->family && f->protocol == g->protocol &&
	       (a->out.header.tunnel || a->out.header.ipid == b->out.header.ipid) &&
	       !memcmp(f->saddr, g->saddr, sizeof(f->saddr)) &&
	       !memcmp(f->daddr, g->daddr, sizeof(f->daddr));
}

/*
 * What completes the datagram of @first: without headers, the latest that was given to the
 * protocols; with headers, the first one that is shorter than those in front of it.
 */
static struct packet *last_fragment(const struct cpu *cpu, const struct packet *first)
{
	struct packet *last = NULL;

	for (uint32_t i = 0; i < cpu->nr_batch; i++) {
		struct packet *packet = cpu->batch[i];

		if (!could_be_of_one_datagram(first, packet))
			continue;
		last = packet;
		if (first->wire_flow && packet->out.id > first->out.id &&
		    packet->out.len < first->out.len)
			break;
	}
	return last;
}

bool receive_is_fragment(const struct cpu *cpu, const struct packet *packet)
{
	const struct packet *last = last_fragment(cpu, packet);

	return packet->wire_flow && last && last != packet && last->out.id > packet->out.id &&
	       !header_innermost(last)->sport && !header_innermost(last)->dport;
}

static int absorb_fragment(struct trail_engine *engine, struct packet *first,
			   struct packet *last, struct packet *packet)
{
	if (packet->out.id < first->out.id || packet == last || packet->stated || packet->sock ||
	    (first->wire_flow && packet->out.id > last->out.id) ||
	    packet->out.dev != last->out.dev || packet->out.len != first->out.len ||
	    !could_be_of_one_datagram(first, packet))
		return 0;
	receive_back_to_stack(packet);
	if (packet->state != STATE_RX_STACK)
		return 0;
	receive_forget(engine, packet);
	return receive_absorb(engine, last, packet, TRAIL_LINK_FRAGMENT, TRAIL_INFERRED);
}

int receive_reassemble(struct trail_engine *engine, struct cpu *cpu, struct packet *first)
{
	struct packet *last = last_fragment(cpu, first), *batch[MAX_BATCH];
	uint32_t i = cpu->nr_loose > MAX_LOOSE ? cpu->nr_loose - MAX_LOOSE : 0;
	uint32_t nr = cpu->nr_batch;
	int err = 0;

	if (!last || first == last)
		return 0;
	/* In order of arrival: the first one has the UDP header. */
	for (; i < cpu->nr_loose && !err; i++) {
		struct packet *packet = packet_of(engine, &cpu->loose[i % MAX_LOOSE]);

		if (packet)
			err = absorb_fragment(engine, first, last, packet);
	}
	/* Those that came in the same list as the last one. */
	memcpy(batch, cpu->batch, nr * sizeof(struct packet *));
	for (i = 0; i < nr && !err; i++)
		err = absorb_fragment(engine, first, last, batch[i]);
	return err;
}
