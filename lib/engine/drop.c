// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * drop.c - an skb dies: whose it was, where, for which queue
 *
 * Two events may tell of one drop, the kernel's own and a probe at it, in either order: the second
 * one adds what it knows to the packet, which has ended by then but not left the output.  A drop of
 * an skb that no event has named before counts all the same.
 */
#include <errno.h>
#include <stdlib.h>

#include "drop.h"
#include "engine.h"
#include "exact.h"

/* Between an event and the kernel's stack at it lies the time that it takes to write it. */
#define STACK_NS	1000000
/* Packets among which those of a backlog are counted: O(this) for a drop of a full one. */
#define MAX_LOOKED_AT	4096

/**
 * struct drop_note - what a CPU remembers of its last drops
 * @seen: what a probe says of the drop that is told next; its bytes are in @bytes
 * @has_seen: there is one
 * @told: the last ones, newest at nr_told - 1
 * @refused: what an event says of the drop that is told next; family 0: nothing
 */
struct drop_note {
	struct trail_drop_seen seen;
	bool has_seen;
	struct told {
		struct hold hold;
		uint64_t skb;
		uint64_t address;
		uint64_t ts_ns;
		int32_t pid;
		bool by_probe;
		bool twice;
		bool has_stack;
	} told[4];
	uint32_t nr_told;
	struct trail_queue full;
	struct trail_flow refused;
	uint8_t bytes[TRAIL_MAX_SNAP_BYTES];
};

#define NR_TOLD	(sizeof(((struct drop_note *)0)->told) / sizeof(struct told))

/* A drop, and how it came to be told. */
struct telling {
	const struct trail_drop *drop;
	uint64_t skb;
	enum trail_free where;
	bool by_probe;
};

static struct drop_note *note_of(struct cpu *cpu)
{
	if (!cpu->drops)
		cpu->drops = calloc(1, sizeof(*cpu->drops));
	return cpu->drops;
}

static const struct trail_drop_seen *seen_of(const struct drop_note *note, uint64_t skb)
{
	return note->has_seen && note->seen.header.skb == skb ? &note->seen : NULL;
}

/* The same drop by the other of its two events, not yet paired; NULL: this is the first. */
static struct told *find_told(struct drop_note *note, const struct telling *telling)
{
	for (uint32_t n = 0; n < NR_TOLD && n < note->nr_told; n++) {
		struct told *told = &note->told[(note->nr_told - 1 - n) % NR_TOLD];

		if (told->skb == telling->skb && told->address == telling->drop->address &&
		    told->by_probe != telling->by_probe && !told->twice)
			return told;
	}
	return NULL;
}

static struct told *remember(struct drop_note *note, const struct trail_event *event,
			     const struct telling *telling)
{
	struct told *told = &note->told[note->nr_told++ % NR_TOLD];

	*told = (struct told){
		.skb = telling->skb, .address = telling->drop->address, .ts_ns = event->ts_ns,
		.pid = event->pid, .by_probe = telling->by_probe,
	};
	return told;
}

/* Is the packet still the engine's, to be added to? */
static bool is_here(const struct told *told)
{
	const struct packet *packet = told->hold.packet;

	return told->hold.id && packet->out.id == told->hold.id && !packet->given;
}

/* ------------------------------------------------------------------ what is known of it */

/*
 * A reader that finds a bad checksum in its queue drops the packet itself, and who closes a socket
 * what is left in it; their calls may have begun before the capture.
 */
static void fill_reader(struct trail_engine *engine, const struct trail_event *event,
			struct packet *packet)
{
	const struct task *task = task_find(engine, event->pid);
	struct trail_drop *drop = &packet->out.drop;

	if (!packet->queued || !context_is_task(event) || !event->pid ||
	    (task && task->call == TRAIL_CALL_SEND))
		return;
	if (!drop->socket)
		drop->socket = packet->sock->key;
	drop->owner_pid = event->pid;
	drop->owner_comm = engine_cpu(engine, event)->comm;
}

void drop_fill_owner(struct trail_engine *engine, struct packet *packet)
{
	struct trail_drop *drop = &packet->out.drop;
	const struct socket *sock = drop->socket ? hash_get(&engine->sockets, drop->socket) : NULL;

	if (!sock || !sock->reader_pid || drop->owner_pid)
		return;
	drop->owner_pid = sock->reader_pid;
	drop->owner_comm = sock->reader_comm;
}

/* Without the probe: the device that it was given to, or came in by, last. */
static const char *device_at(const struct packet *packet)
{
	bool tx = packet->state == STATE_TX_STACK || packet->state == STATE_TX_DRIVER ||
		  packet->state == STATE_TX_RING;
	const char *dev = tx ? packet->out_dev : packet->in_dev;

	return dev ? dev : packet->out.dev;
}

/*
 * Packets that this CPU has put on a backlog before @dropped and that nobody took from there yet.
 * With RPS they may be on several CPUs' queues, and none of them may be as long.
 */
static struct trail_queue backlog_of(const struct trail_engine *engine, uint16_t cpu,
				     const struct packet *dropped)
{
	struct trail_queue queue = { 0, -1, TRAIL_QUEUE_BACKLOG };
	const struct packet *packet = engine->live.prev;

	if (!engine->sees_births)
		return (struct trail_queue){ 0 };
	/* The latest are last. */
	for (size_t i = 0; i < MAX_LOOKED_AT && packet != &engine->live; i++) {
		queue.used += packet->state == STATE_RX_BACKLOG && packet->stage_cpu == cpu &&
			      packet != dropped;
		packet = packet->prev;
	}
	return queue;
}

static void fill_queue(struct trail_engine *engine, const struct trail_event *event,
		       struct packet *packet, const struct trail_drop_seen *seen)
{
	struct drop_note *note = engine_cpu(engine, event)->drops;
	struct trail_queue *queue = &packet->out.drop.queue;
	const struct socket *sock = packet->sock;
	uint8_t kind = queue->kind < TRAIL_NR_QUEUE_KIND ? queue->kind : TRAIL_QUEUE_UNKNOWN;

	*queue = (struct trail_queue){ 0 };
	if (seen && seen->level[kind].kind == kind)
		*queue = seen->level[kind];
	else if (note->full.kind == kind)
		*queue = note->full;
	else if (kind == TRAIL_QUEUE_SOCKET && packet->queued && sock->level.kind == kind)
		*queue = sock->level;
	else if (kind == TRAIL_QUEUE_BACKLOG)
		*queue = backlog_of(engine, event->cpu, packet);
	note->full.kind = TRAIL_QUEUE_UNKNOWN;
}

/* Where the kernel gives no reason, the packet may tell one. */
static void fill_meaning(struct trail_drop *drop, const struct trail_drop_seen *seen)
{
	const struct trail_drop_rule *rule;

	if (!seen->means || !trail_drop_is_unsaid(drop))
		return;
	rule = trail_drop_reason(seen->means);
	if (!rule)
		return;
	drop->means = seen->means;
	drop->class = rule->class;
	drop->is_inferred = true;
}

static int fill(struct trail_engine *engine, const struct trail_event *event,
		struct packet *packet, const struct trail_drop_seen *seen)
{
	struct trail_drop *drop = &packet->out.drop;

	if (!drop->dev)
		drop->dev = device_at(packet);
	fill_queue(engine, event, packet, seen);
	fill_reader(engine, event, packet);
	if (!seen)
		return 0;
	if (seen->dev)
		drop->dev = seen->dev;
	if (!drop->socket)
		drop->socket = seen->header.sk;
	if (drop->socket == seen->header.sk)
		drop->inode = seen->inode;
	fill_meaning(drop, seen);
	return header_at_drop(engine, event, packet, seen);
}

/* ------------------------------------------------------------------ the drop */

static uint8_t direction(const struct trail_event *event, const struct trail_drop_seen *seen)
{
	if (seen && seen->iif)
		return TRAIL_RX;
	/* Received packets are charged to nobody before they are in a socket's queue. */
	if (seen && seen->header.sk && !(seen->drop && seen->drop->socket))
		return TRAIL_TX;
	return context_is_task(event) ? TRAIL_TX : TRAIL_RX;
}

static int drop_unseen(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		       struct packet **out)
{
	const struct drop_note *note = engine_cpu(engine, event)->drops;
	const struct trail_drop_seen *seen = seen_of(note, skb);
	int err = packet_new(engine, event, skb, out);

	if (err)
		return err;
	(*out)->out.dir = direction(event, seen);
	packet_weaken(*out, TRAIL_INFERRED);
	return 0;
}

/* A list of skbs is freed for a fragment list, and by a qdisc that refuses packets. */
static bool is_member(const struct trail_engine *engine, const struct packet *packet,
		      const struct trail_drop_seen *seen, enum trail_free where)
{
	bool may_be_list = where == TRAIL_FREE_LIST ||
			   (where == TRAIL_FREE_MEMBER && seen && seen->where == TRAIL_FREE_LIST);

	if (where != TRAIL_FREE_MEMBER && where != TRAIL_FREE_LIST)
		return false;
	if (packet)
		return packet->state != STATE_TX_STACK;
	return engine->sees_births || !may_be_list;
}

/* It did its work, or is a copy for somebody else. */
static int used_up(struct trail_engine *engine, const struct trail_event *event,
		   struct packet *packet)
{
	if (!packet)
		return 0;
	if (!packet->cloned || !packet->queued)
		return packet_end(engine, packet, TRAIL_CONSUMED, event->ts_ns);
	packet_unmap(engine, packet);	/* the socket has a clone of it */
	return 0;
}

static int end_dropped(struct trail_engine *engine, const struct trail_event *event,
		       struct packet *packet)
{
	engine_cpu(engine, event)->begun.is = false;
	if (packet->queued && packet->sock->exact)
		return exact_drop(engine, event, packet);
	if (packet->queued && engine->exact_queue)
		exact_refused(engine, event, packet);
	return packet_end(engine, packet, TRAIL_DROPPED, event->ts_ns);
}

/* Return: 0 with @out the packet that ended by it, NULL: none did. */
static int find_dropped(struct trail_engine *engine, const struct trail_event *event,
			const struct telling *telling, struct packet **out)
{
	struct packet *packet = packet_at(engine, telling->skb);
	enum trail_free where = telling->where;
	int err = 0;

	*out = NULL;
	if (is_member(engine, packet,
		      seen_of(engine_cpu(engine, event)->drops, telling->skb), where))
		return 0;
	if (where == TRAIL_FREE_USED || where == TRAIL_FREE_TAP)
		return used_up(engine, event, packet);
	/* What waits for its socket's owner or for fragments can die later, but not by a task. */
	if (packet && context_is_task(event) && free_is_stale(engine, packet, where)) {
		err = packet_end_silently(engine, packet);
		if (err)
			return err;
		packet = NULL;
	}
	/* With a packet filter, what was not seen before is what does not match. */
	if (!packet && (where == TRAIL_FREE_FOREIGN || engine->is_filtered))
		return 0;
	if (!packet)
		err = drop_unseen(engine, event, telling->skb, &packet);
	*out = packet;
	return err;
}

static int tell(struct trail_engine *engine, const struct trail_event *event,
		const struct telling *telling)
{
	struct drop_note *note = engine_cpu(engine, event)->drops;
	struct told *told = remember(note, event, telling);
	struct trail_flow refused = note->refused;
	struct packet *packet;
	int err = find_dropped(engine, event, telling, &packet);

	note->refused.family = 0;
	if (err || !packet)
		return err;
	told->hold = packet_hold(packet);
	packet->out.drop = *telling->drop;
	packet->out.flags |= TRAIL_PACKET_DROPPED;
	err = fill(engine, event, packet, seen_of(note, telling->skb));
	if (!packet->out.flow.family)
		packet->out.flow = refused;
	if (!err)
		err = end_dropped(engine, event, packet);
	drop_fill_owner(engine, packet);
	return err;
}

int trail_dropped(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		  const struct trail_drop *drop, enum trail_free where)
{
	const struct telling telling = { drop, skb, where, false };
	struct drop_note *note = note_of(engine_cpu(engine, event));
	struct told *told;
	int err = 0;

	if (!note)
		return -ENOMEM;
	told = find_told(note, &telling);
	if (told)
		told->twice = true;
	else
		err = tell(engine, event, &telling);
	note->has_seen = false;
	return err;
}

static void stash(struct drop_note *note, const struct trail_drop_seen *seen)
{
	struct trail_skb_header *header = &note->seen.header;

	note->seen = *seen;
	note->has_seen = true;
	if (header->nr_bytes > sizeof(note->bytes))
		header->nr_bytes = sizeof(note->bytes);
	if (!header->bytes)
		return;
	memcpy(note->bytes, header->bytes, header->nr_bytes);
	header->bytes = note->bytes;
}

/* The kernel's own event came first: the packet has ended. */
static int amend(struct trail_engine *engine, const struct trail_event *event, struct told *told,
		 const struct trail_drop_seen *seen)
{
	struct packet *packet = told->hold.packet;
	struct trail_header *header = &packet->out.header;
	int err;

	told->twice = true;
	if (!is_here(told))
		return 0;
	packet->out.drop.queue.kind = seen->drop->queue.kind;
	err = fill(engine, event, packet, seen);
	/* Its bytes are those of its end, though they are told a moment later. */
	if (header->bytes && header->ts_ns > packet->out.end_ns)
		header->ts_ns = packet->out.end_ns;
	drop_fill_owner(engine, packet);
	return err;
}

int trail_drop_seen(struct trail_engine *engine, const struct trail_event *event,
		    const struct trail_drop_seen *seen)
{
	const struct telling telling = { seen->drop, seen->header.skb, seen->where, true };
	struct drop_note *note = note_of(engine_cpu(engine, event));
	struct told *told;
	int err;

	if (!note)
		return -ENOMEM;
	told = seen->drop ? find_told(note, &telling) : NULL;
	if (told)
		return amend(engine, event, told, seen);
	stash(note, seen);
	if (!seen->drop)
		return 0;
	err = tell(engine, event, &telling);
	note->has_seen = false;
	return err;
}

/* ------------------------------------------------------------------ more about it */

bool trail_known_header(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
			struct trail_skb_header *out)
{
	const struct drop_note *note = engine_cpu(engine, event)->drops;
	const struct packet *packet = packet_at(engine, skb);

	if (note && seen_of(note, skb) && note->seen.header.bytes) {
		*out = note->seen.header;
		return true;
	}
	if (!packet || !packet->out.header.bytes)
		return false;
	*out = (struct trail_skb_header){
		.skb = skb, .bytes = packet->out.header.bytes,
		.nr_bytes = packet->out.header.nr_bytes, .layer = packet->out.header.layer,
		.wire_len = packet->out.header.wire_len,
	};
	return true;
}

void drops_lost(struct cpu *cpu)
{
	if (!cpu->drops)
		return;
	cpu->drops->full.kind = TRAIL_QUEUE_UNKNOWN;
	cpu->drops->refused.family = 0;
}

int trail_queue_full(struct trail_engine *engine, const struct trail_event *event,
		     const struct trail_queue *queue)
{
	struct drop_note *note = note_of(engine_cpu(engine, event));

	if (!note)
		return -ENOMEM;
	note->full = *queue;
	return 0;
}

int trail_flow_refused(struct trail_engine *engine, const struct trail_event *event,
		       const struct trail_flow *flow)
{
	struct drop_note *note = note_of(engine_cpu(engine, event));

	if (!note)
		return -ENOMEM;
	note->refused = *flow;
	return 0;
}

int trail_socket_level(struct trail_engine *engine, const struct trail_event *event, uint64_t sk,
		       const struct trail_queue *level)
{
	struct socket *sock;
	int err = socket_get(engine, sk, TRAIL_PROTO_UDP, &sock);

	(void)event;
	if (!err && sock)
		sock->level = *level;
	return err;
}

int trail_stack(struct trail_engine *engine, const struct trail_event *event,
		const uint64_t *address, uint32_t nr)
{
	struct drop_note *note = engine_cpu(engine, event)->drops;
	struct packet *packet;
	struct told *told;
	uint64_t *stack;

	if (!note || !note->nr_told || !nr)
		return 0;
	told = &note->told[(note->nr_told - 1) % NR_TOLD];
	packet = told->hold.packet;
	if (!is_here(told) || told->has_stack || told->pid != event->pid ||
	    event->ts_ns - told->ts_ns > STACK_NS)
		return 0;
	if (nr > TRAIL_DROP_FRAMES)
		nr = TRAIL_DROP_FRAMES;
	stack = realloc(packet->stack, nr * sizeof(*stack));
	if (!stack)
		return -ENOMEM;
	memcpy(stack, address, nr * sizeof(*stack));
	told->has_stack = true;
	packet->stack = stack;
	packet->out.drop.stack = stack;
	packet->out.drop.nr_stack = (uint16_t)nr;
	return 0;
}
