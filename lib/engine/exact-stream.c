// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exact-stream.c - a TCP stream by sequence numbers: which packet brought which bytes
 *
 * A place in the stream is 64 bits wide; its low half is the sequence number, so that streams of
 * more than 4 GiB and numbers that wrap are places in a row.  The queue of the socket is in order
 * of places: a hole is filled where it is, and what comes twice stands behind what came first.
 * A byte is delivered once, to the packet that is first in the queue and has it.
 */
#include "exact.h"

/* Of an Ethernet frame of 60 bytes; what is shorter arrives padded to it. */
#define PADDED		46

static struct packet *next_part(const struct packet *head, const struct packet *packet)
{
	return packet == head ? head->member : packet->next_member;
}

int stream_locate(struct trail_engine *engine, const struct trail_event *event,
		  struct socket *sock, uint32_t seq, uint64_t *place)
{
	int64_t jump = (int32_t)(seq - (uint32_t)sock->written);
	int err = 0;

	if (sock->exact && (jump > MAX_JUMP || jump < -MAX_JUMP)) {
		err = socket_end_queue(engine, sock, event->ts_ns);
		sock->exact = false;
	}
	if (!sock->exact) {
		sock->exact = true;
		sock->read_from = false;
		sock->written = sock->cursor = (1ull << 32) + seq;
		jump = 0;
	}
	*place = sock->written + (uint64_t)jump;
	return err;
}

/* Does the socket have all of these bytes, or had it?  Not counting those of @group. */
static bool is_covered(const struct socket *sock, const struct packet *group, uint64_t from,
		       uint64_t to)
{
	const struct packet *packet;

	if (sock->read_from && from < sock->cursor)
		from = sock->cursor;
	for (packet = sock->first; packet && from < to; packet = packet->next_queued) {
		if (packet == group || (group && packet->head == group))
			continue;
		if (stream_begin(packet) > from)
			break;
		if (packet->to > from)
			from = packet->to;
	}
	return from >= to;
}

bool exact_is_duplicate(const struct packet *packet)
{
	const struct packet *p;
	uint64_t to = packet->to;

	if (!packet->duplicate)
		return false;
	for (p = packet->member; p; p = p->next_member)
		to = p->to;
	return is_covered(packet->sock, packet, stream_begin(packet), to);
}

/* Bytes take their place, whether or not anybody knows the packet that brought them. */
static void extend(struct socket *sock, uint64_t from, uint64_t to)
{
	if (to > sock->written)
		sock->written = to;
	if (!sock->read_from && from < sock->cursor)
		sock->cursor = from;
}

void stream_insert(struct socket *sock, struct packet *packet, uint64_t from)
{
	struct packet **at = &sock->first;

	packet->to = from + (uint64_t)packet->payload;
	packet->sock = sock;
	packet->queued = true;
	packet->carrier = packet->head ? packet->head->out.id : 0;
	packet->state = STATE_RX_SOCKQ;
	if (sock->last && stream_begin(sock->last) <= from)
		at = &sock->last->next_queued;
	else
		while (*at && stream_begin(*at) <= from)
			at = &(*at)->next_queued;
	packet->next_queued = *at;
	*at = packet;
	if (!packet->next_queued)
		sock->last = packet;
}

/* Payload by the packet's own header, or by the lengths of its GRO group; -1 unknown. */
static int64_t payload_of(const struct packet *packet)
{
	if (packet->out.flags & TRAIL_PACKET_SEQ)
		return (int64_t)(packet->out.header.tcp_end - packet->out.header.tcp_seq);
	return packet->payload;
}

/*
 * Is the last of @bytes the place of a FIN?  Headers are made of words of four bytes, so when
 * nobody has said how long the payload is, the length of the packet does.
 */
static bool has_fin(const struct packet *head, int64_t bytes)
{
	const struct packet *packet;
	int64_t len = 0, sum = 0, payload;
	bool padded = false;

	if (head->said_bytes >= 0)
		return bytes == head->said_bytes + 1;
	for (packet = head; packet; packet = next_part(head, packet)) {
		payload = payload_of(packet);
		sum = payload < 0 || sum < 0 ? -1 : sum + payload;
		len += packet->in_len;
		padded |= packet->in_len == PADDED;
	}
	if (sum >= 0)
		return bytes == sum + 1;
	if (padded)
		return bytes == 1;
	return head->in_len && ((len - bytes) & 3) == 3;
}

/* Nobody knows whose bytes are whose: the last one stands for all. */
static void share_unknown(struct packet *head, int64_t bytes)
{
	struct packet *packet;

	for (packet = head; packet; packet = next_part(head, packet)) {
		packet->payload = next_part(head, packet) ? 0 : bytes;
		packet_weaken(packet, TRAIL_AMBIGUOUS);
	}
}

/* The packets of a group share its @bytes in the order in which they came. */
static void share(struct packet *head, int64_t bytes)
{
	int64_t known = 0, len = 0, nr = 0, header = 0, payload;
	struct packet *packet;

	for (packet = head; packet; packet = next_part(head, packet)) {
		payload = head->member ? payload_of(packet) : bytes;
		packet->payload = payload;
		known += payload < 0 ? 0 : payload;
		len += payload < 0 ? packet->out.len : 0;
		nr += payload < 0;
	}
	if (nr)
		header = (len - (bytes - known)) / nr;
	if (nr ? (len - (bytes - known)) % nr || header < MIN_HEADER || header > MAX_HEADER :
		 known != bytes) {
		share_unknown(head, bytes);
		return;
	}
	for (packet = head; nr && packet; packet = next_part(head, packet)) {
		if (packet->payload >= 0)
			continue;
		packet->payload = packet->out.len - header;
		if (nr > 1)
			packet_weaken(packet, TRAIL_INFERRED);
		if (packet->payload < 0) {
			share_unknown(head, bytes);
			return;
		}
	}
}

/* Without bytes of its own: an ACK, a FIN. */
static bool is_empty(const struct packet *packet)
{
	return !packet->payload && packet->evidence != TRAIL_AMBIGUOUS;
}

/* Its bytes go on in the queue, and it itself is used up. */
static int end_empty_head(struct trail_engine *engine, const struct trail_event *event,
			  struct packet *head)
{
	struct packet *member;
	int err = 0;

	while (!err && (member = head->member)) {
		packet_leave_head(member);
		err = packet_stage(engine, event, member, TRAIL_STAGE_QUEUE);
	}
	return err ? err : packet_end(engine, head, TRAIL_CONSUMED, event->ts_ns);
}

static int queue_group(struct trail_engine *engine, const struct trail_event *event,
		       struct socket *sock, struct packet *head, uint64_t from)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct packet *packet, *next;
	int err = 0;

	for (packet = head; packet && !err; packet = next) {
		next = next_part(head, packet);
		if (sock->flow.family)
			header_suppose_flow(packet, &sock->flow);
		packet->stated = false;
		if (!is_empty(packet)) {
			stream_insert(sock, packet, from);
			from += (uint64_t)packet->payload;
		} else if (packet != head) {
			err = packet_end(engine, packet, TRAIL_CONSUMED, event->ts_ns);
		}
	}
	if (err)
		return err;
	if (is_empty(head))
		return end_empty_head(engine, event, head);
	cpu->probed = head;
	cpu->probed_in_task = context_is_task(event);
	head->list_cpu = event->cpu;
	return packet_stage(engine, event, head, TRAIL_STAGE_QUEUE);
}

/* Kernels whose tcp_probe does not say the skb say it with the function that comes next. */
static int finish_begun(struct trail_engine *engine, const struct trail_event *event,
			struct socket *sock, struct packet *packet, uint32_t bytes)
{
	struct begun *begun = &engine_cpu(engine, event)->begun;
	bool is = begun->is && begun->in_task == context_is_task(event) &&
		  bytes - begun->bytes <= 1;

	begun->is = false;
	if (!is)
		return 0;
	sock->flow = begun->flow;
	if (packet)
		packet->said_bytes = begun->bytes;
	if (!begun->cookie || sock->cookie || hash_get(&engine->sockets, begun->cookie))
		return 0;
	sock->cookie = begun->cookie;
	return hash_set(&engine->sockets, begun->cookie, sock);
}

bool exact_is_used_up(const struct trail_event *event, struct cpu *cpu, struct packet *packet)
{
	struct begun *begun = &cpu->begun;

	if (!begun->is || begun->bytes || begun->in_task != context_is_task(event))
		return false;
	begun->is = false;
	header_suppose_flow(packet, &begun->flow);
	return true;
}

int exact_leave_backlog(struct trail_engine *engine, const struct trail_event *event,
			struct packet *packet)
{
	if (!context_is_task(event) || !packet->stage || event->pid == packet->stage_pid)
		return 0;
	return socket_leave_backlog(engine, event, packet);
}

int exact_segment(struct trail_engine *engine, const struct trail_event *event,
		  const struct trail_segment *segment)
{
	struct socket *sock = hash_get(&engine->sockets, segment->cookie);
	struct cpu *cpu = engine_cpu(engine, event);
	struct packet *packet;
	int err = segment->sk ? socket_of(engine, segment, &sock) : 0;

	if (err)
		return err;
	if (sock)
		sock->flow = segment->flow;
	cpu->begun = (struct begun){
		.flow = segment->flow, .cookie = segment->cookie, .bytes = segment->bytes,
		.in_task = context_is_task(event), .is = !segment->skb,
	};
	packet = segment->skb ? packet_at(engine, segment->skb) : NULL;
	if (!segment->skb && !segment->bytes && !engine->sees_end)
		packet = receive_claim(cpu, 0);
	if (!packet || packet->state != STATE_RX_STACK)
		return 0;
	packet_weaken(packet, segment->skb ? TRAIL_EXACT : TRAIL_INFERRED);
	header_suppose_flow(packet, &segment->flow);
	err = exact_leave_backlog(engine, event, packet);
	if (err)
		return err;
	if (!segment->bytes)
		return packet_end(engine, packet, TRAIL_CONSUMED, event->ts_ns);
	packet->said_bytes = segment->bytes;
	return 0;
}

int stream_say(struct trail_engine *engine, const struct socket *sock, struct packet *packet,
	       const struct trail_range *range)
{
	const struct header_facts facts = {
		.flow = sock->flow, .tcp_seq = range->seq, .tcp_end = range->end_seq,
		.has_range = true,
	};

	if (!engine->sees_header || packet->wire_flow || packet->member || !sock->flow.family ||
	    packet->out.flags & TRAIL_PACKET_SEQ)
		return 0;
	if (!packet->out.netns)
		packet->out.netns = sock->netns;
	return flow_range(engine, packet, &facts);
}

/*
 * How many of the @bytes from @seq on are those of the packet itself, by its header: the others
 * came with segments that the kernel merged into it (net/ipv4/tcp_ipv4.c: tcp_add_backlog()).
 */
static uint32_t own_part(const struct packet *packet, uint32_t seq, uint32_t bytes)
{
	const struct trail_header *header = &packet->out.header;
	uint32_t own = header->tcp_end - seq;

	if (packet->member || !(packet->out.flags & TRAIL_PACKET_SEQ) ||
	    (int32_t)(seq - header->tcp_seq) < 0 || (int32_t)own <= 0 || own > bytes)
		return bytes;
	return own;
}

/* The @bytes of @range, a FIN not among them, are those of @packet and of all in its skb. */
static int share_range(struct trail_engine *engine, const struct socket *sock,
		       struct packet *packet, const struct trail_range *range, uint32_t bytes)
{
	const struct trail_range said = { .seq = range->seq, .end_seq = range->seq + bytes };
	int err = stream_say(engine, sock, packet, &said);

	if (!err)
		share(packet, own_part(packet, range->seq, bytes));
	return err;
}

/* The packet at the address, if it is this one that meets its socket now. */
static int find_segment(struct trail_engine *engine, const struct trail_range *range,
			struct packet **out)
{
	struct packet *packet = packet_at(engine, range->skb);

	*out = NULL;
	if (!packet)
		return 0;
	receive_back_to_stack(packet);
	if (packet->state == STATE_RX_STACK || packet->state == STATE_RX_BACKLOG ||
	    packet->state == STATE_RX_HELD) {
		*out = packet;
		return 0;
	}
	return packet_end_silently(engine, packet);
}

int trail_stream_queued(struct trail_engine *engine, const struct trail_event *event,
			const struct trail_range *range)
{
	struct cpu *cpu = engine_cpu(engine, event);
	uint32_t bytes = range->end_seq - range->seq;
	struct packet *packet = packet_at(engine, range->skb);
	struct socket *sock;
	uint64_t from = 0;
	int err;

	if (!engine->exact_stream || range->end_seq - range->seq > MAX_JUMP)
		return 0;
	err = socket_get(engine, range->sk, TRAIL_PROTO_TCP, &sock);
	if (err || !sock)
		return err;
	sock->netns = range->netns;
	/* tcp_data_queue() has said so already. */
	if (packet && packet->queued && packet->sock == sock && sock->exact &&
	    (uint32_t)stream_begin(packet) == range->seq)
		return 0;
	err = find_segment(engine, range, &packet);
	if (!err)
		err = finish_begun(engine, event, sock, packet, bytes);
	if (!err && bytes)
		err = stream_locate(engine, event, sock, range->seq, &from);
	if (err)
		return err;
	if (packet) {
		if (packet->stated && packet->sock == sock)
			packet_confirm(packet);
		receive_forget(engine, packet);
		err = exact_leave_backlog(engine, event, packet);
		if (err)
			return err;
	}
	if (packet && !bytes)
		return packet_end(engine, packet, TRAIL_CONSUMED, event->ts_ns);
	if (!bytes)
		return 0;
	cpu->probed = NULL;
	if (packet) {
		bytes -= has_fin(packet, bytes);
		err = share_range(engine, sock, packet, range, bytes);
		packet->duplicate = bytes && from < sock->written &&
				    is_covered(sock, NULL, from, from + bytes);
		if (!err)
			err = queue_group(engine, event, sock, packet, from);
	}
	extend(sock, from, from + bytes);
	return err;
}

/* Takes the packets of an skb out of the queue that it was put into last. */
static void leave_queue(struct packet *head)
{
	struct packet *packet;

	for (packet = head; packet; packet = next_part(head, packet)) {
		socket_leave(packet);
		if (packet != head)
			packet->state = STATE_ABSORBED;
	}
}

/* Packets right behind @packet whose bytes the same skb has, which is gone. */
static int drop_carried(struct trail_engine *engine, const struct trail_event *event,
			const struct packet *packet)
{
	struct packet *carried = packet->next_queued, *next;
	int err = 0;

	for (; carried && carried->carrier && !err; carried = next) {
		next = carried->next_queued;
		if (carried->head == packet)
			continue;
		carried->out.drop = packet->out.drop;
		carried->out.flags |= TRAIL_PACKET_DROPPED;
		err = packet_end(engine, carried,
				 carried->out.bytes_delivered ? TRAIL_PARTIAL : TRAIL_DROPPED,
				 event->ts_ns);
	}
	return err;
}

int exact_drop(struct trail_engine *engine, const struct trail_event *event,
	       struct packet *packet)
{
	enum trail_fate fate = packet->out.bytes_delivered ? TRAIL_PARTIAL : TRAIL_DROPPED;
	struct cpu *cpu = engine_cpu(engine, event);
	bool refused = cpu->probed == packet && cpu->probed_in_task == context_is_task(event);
	int err = refused ? 0 : drop_carried(engine, event, packet);

	if (err)
		return err;
	if (!packet->out.drop.socket)
		packet->out.drop.socket = packet->sock->key;
	leave_queue(packet);
	/* TCP did not want it: it never was in the queue. */
	if (refused)
		receive_back_to_stack(packet);
	return packet_end(engine, packet, fate, event->ts_ns);
}
