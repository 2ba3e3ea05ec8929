// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * read.c - a task takes bytes out of a socket: packets are delivered
 *
 * What names the packet, best first: the skb whose bytes were copied or whose datagram was freed
 * inside the reader's call (exact); the socket's queue and the number of bytes (inferred).
 * A datagram without fragments is never "copied" by an event: its free, or the queue, tells.
 */
#include <errno.h>

#include "engine.h"
#include "exact.h"
#include "join.h"

/* Network and UDP header: IPv4 without options, IPv6 without extension headers. */
#define UDP_HEADER	8
#define UDP4_HEADER	28
#define UDP6_HEADER	48
#define ETHERTYPE_IPV6	0x86dd
/* An Ethernet frame of 60 bytes without its header: shorter packets arrive padded to it. */
#define PADDED		46

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * queue | copy: the reader began to take it when it was in its call and running, and the packet
 * was there.
 */
static int close_queue(struct trail_engine *engine, const struct trail_event *event,
		       struct packet *packet)
{
	const struct task *task = task_find(engine, event->pid);
	uint64_t span[2] = { packet->stage_ns, packet->stage_ns };
	const struct trail_stage *stage = packet->stage;
	int err;

	if (!stage)
		return 0;
	if (task && task->call == TRAIL_CALL_RECV)
		span[1] = later(later(task->call_ns, task_runs_since(task)), span[0]);
	else if (task && task->copy_ns)
		span[1] = later(task->copy_ns, span[0]);
	else
		span[1] = event->ts_ns;
	if (span[1] > event->ts_ns)
		span[1] = event->ts_ns;
	if (stage->id == TRAIL_STAGE_QUEUE) {
		task_wait(engine, task, packet, span);
		packet->stage_pid = event->pid;
		packet->stage_comm = engine_cpu(engine, event)->comm;
	}
	err = packet_close_stage(engine, packet, span[1]);
	if (err || stage->id != TRAIL_STAGE_QUEUE)
		return err;
	return packet_span(packet, &(struct trail_span){
		.stage = &trail_stage[TRAIL_STAGE_COPY], .start_ns = span[1],
		.end_ns = event->ts_ns, .comm = engine_cpu(engine, event)->comm,
		.pid = event->pid, .cpu = event->cpu, .confidence = packet->evidence });
}

int read_touch(struct trail_engine *engine, const struct trail_event *event,
	       struct packet *packet)
{
	packet->out.reader_pid = event->pid;
	packet->out.reader_comm = engine_cpu(engine, event)->comm;
	if (packet->sock) {
		packet->sock->reader_pid = event->pid;
		packet->sock->reader_comm = packet->out.reader_comm;
	}
	return engine->joins ? join_read(engine, event, packet) : 0;
}

int read_deliver(struct trail_engine *engine, const struct trail_event *event,
		 struct packet *packet, enum trail_fate fate)
{
	struct packet *member, *next;
	int err;

	err = read_touch(engine, event, packet);
	if (err)
		return err;
	/* Its members are in the same queue and have their own turn. */
	for (member = packet->member; member; member = next) {
		next = member->next_member;
		member->head = member->next_member = NULL;
	}
	packet->member = packet->last_member = NULL;
	err = close_queue(engine, event, packet);
	return err ? err : packet_end(engine, packet, fate, event->ts_ns);
}

/* Did the datagram have more?  The reader's buffer was too small then, and the rest is gone. */
static bool is_cut(const struct packet *packet, int64_t bytes)
{
	int64_t header = MAX_HEADER;

	/* A VLAN's tag was part of the padded frame. */
	if (packet->member || packet->segmented || packet_length(packet) <= PADDED)
		return false;
	if (packet->sock && packet->sock->protocol == TRAIL_PROTO_UDP && packet->ethertype)
		header = packet->ethertype == ETHERTYPE_IPV6 ? UDP6_HEADER : UDP4_HEADER;
	return packet_length(packet) - header > bytes;
}

static int64_t udp_header(const struct packet *packet)
{
	return packet->ethertype == ETHERTYPE_IPV6 ? UDP6_HEADER : UDP4_HEADER;
}

/* Bytes in front of a fragment's part of the datagram: IPv4 header; IPv6 and fragment header. */
static int64_t fragment_header(const struct packet *packet)
{
	return packet->ethertype == ETHERTYPE_IPV6 ? UDP6_HEADER : UDP4_HEADER - UDP_HEADER;
}

/* From the network header on; of what came in a tunnel, what that carried. */
static int64_t fragment_length(const struct packet *packet)
{
	return packet->in_len ? packet->in_len : packet->out.len;
}

/* Bytes for the reader of a reassembled datagram, by the lengths of its fragments. */
static int64_t reassembled(const struct packet *last)
{
	int64_t bytes = fragment_length(last) - fragment_header(last) - UDP_HEADER;
	const struct packet *member;

	for (member = last->member; member; member = member->next_member)
		bytes += fragment_length(member) - fragment_header(member);
	return bytes;
}

/* Every fragment brought its part; the first one has the UDP header too. */
static int read_fragments(struct trail_engine *engine, const struct trail_event *event,
			  struct packet *last, int64_t bytes)
{
	bool known = bytes == reassembled(last);
	int64_t header = UDP_HEADER;
	struct packet *packet = last->member, *next;
	int err = 0;

	for (; packet && !err; packet = next) {
		next = packet->next_member;
		packet->head = packet->next_member = NULL;
		if (known)
			packet->out.bytes_delivered = (uint64_t)(fragment_length(packet) -
						fragment_header(packet) - header);
		else
			packet_weaken(packet, TRAIL_AMBIGUOUS);
		header = 0;
		bytes -= (int64_t)packet->out.bytes_delivered;
		err = read_deliver(engine, event, packet, TRAIL_DELIVERED);
	}
	last->member = last->last_member = NULL;
	if (err)
		return err;
	if (!known)
		packet_weaken(last, TRAIL_AMBIGUOUS);
	last->out.bytes_delivered = (uint64_t)bytes;
	return read_deliver(engine, event, last, TRAIL_DELIVERED);
}

/* A datagram is taken whole; @bytes -1: the kernel did not say how many. */
int read_packet(struct trail_engine *engine, const struct trail_event *event,
		struct packet *packet, int64_t bytes)
{
	if (bytes >= 0 && packet->member)
		return read_fragments(engine, event, packet, bytes);
	if (bytes >= 0)
		packet->out.bytes_delivered += (uint64_t)bytes;
	if (packet->segmented && bytes >= 0 &&
	    (int64_t)packet->out.bytes_delivered < packet_length(packet) - udp_header(packet)) {
		return read_touch(engine, event, packet);
	}
	return read_deliver(engine, event, packet,
		       is_cut(packet, bytes) && bytes >= 0 ? TRAIL_PARTIAL : TRAIL_DELIVERED);
}

/* The address of a queue's entry can be in use again; the socket still knows the packet. */
static struct packet *in_queue(const struct socket *sock, const struct packet *packet)
{
	struct packet *p;

	for (p = sock->first; p && p != packet; p = p->next_queued)
		;
	return p;
}

/* Everything before @packet must have been read unseen. */
static int skip_to(struct trail_engine *engine, struct socket *sock, const struct packet *packet)
{
	int err = 0;

	while (!err && sock->first && sock->first != packet) {
		packet_weaken(sock->first, TRAIL_AMBIGUOUS);
		err = packet_end(engine, sock->first, TRAIL_UNKNOWN, 0);
	}
	return err;
}

/* @named: the packet whose skb a copy event named, NULL without. */
static int read_stream(struct trail_engine *engine, const struct trail_event *event,
		       struct socket *sock, uint64_t bytes, const struct packet *named)
{
	enum trail_confidence confidence = socket_is_sure(engine, sock) ? TRAIL_INFERRED
									: TRAIL_AMBIGUOUS;
	struct packet *packet;
	uint64_t from, upto;
	int err = 0;

	if (sock->exact)
		return exact_read_on(engine, event, sock, bytes);
	sock->cursor += bytes;
	/* More than was seen to come in: the stream was joined in the middle. */
	if (sock->cursor > sock->written) {
		sock->written = sock->cursor;
		confidence = TRAIL_AMBIGUOUS;
	}
	while (!err && (packet = sock->first)) {
		from = packet->to - (uint64_t)packet->payload;
		if (sock->cursor <= from && packet->payload)
			break;
		upto = sock->cursor < packet->to ? sock->cursor : packet->to;
		packet->out.bytes_delivered = upto - from;
		if (packet != named)
			packet_weaken(packet, confidence);
		if (sock->losses != engine->losses)
			packet->out.flags |= TRAIL_PACKET_LOSS;
		if (upto < packet->to) {
			err = read_touch(engine, event, packet);
			break;
		}
		err = read_deliver(engine, event, packet, TRAIL_DELIVERED);
	}
	return err;
}

static struct socket *stream_of(const struct packet *packet)
{
	return packet && packet->sock && packet->sock->protocol == TRAIL_PROTO_TCP &&
	       packet->queued ? packet->sock : NULL;
}

/* Could @bytes be all of this datagram? */
static bool fits(const struct packet *packet, int64_t bytes, enum trail_protocol protocol)
{
	int64_t header = packet_length(packet) - bytes;

	if (packet->segmented)
		return bytes <= packet_length(packet);
	if (packet->member)
		return bytes == reassembled(packet);
	if (packet_length(packet) == PADDED && header >= UDP4_HEADER)
		return true;
	if (protocol == TRAIL_PROTO_ICMP)
		return header >= 0 && header <= UDP6_HEADER;
	return header == (packet->ethertype == ETHERTYPE_IPV6 ? UDP6_HEADER : UDP4_HEADER) ||
	       (!packet->ethertype && header == UDP6_HEADER);
}

/* The datagram that a task freed is delivered; @bytes -1: nobody said how many. */
static int resolve_taken(struct trail_engine *engine, const struct trail_event *event,
			 struct task *task, int64_t bytes)
{
	struct packet *packet = packet_held(&task->taken);

	task->taken.id = 0;
	if (!packet)
		return 0;
	packet->taken = false;
	if (task->taken_bytes >= 0)
		bytes = task->taken_bytes;
	/* No datagram of that length: another family's skb had its address; it has ended unseen. */
	if (!task->taken_here && bytes >= 0 && !fits(packet, bytes, TRAIL_PROTO_UDP) &&
	    bytes != packet_length(packet))
		return packet_end_silently(engine, packet);
	if (!task->taken_here && bytes < 0)
		packet_weaken(packet, TRAIL_AMBIGUOUS);
	if (bytes < 0)
		packet->out.flags |= TRAIL_PACKET_NO_BYTES;
	if (packet->queued && packet->sock->first == packet)
		socket_sure(engine, packet->sock);
	return read_packet(engine, event, packet, bytes);
}

/* The task has gone on: what it freed before ended then. */
static int resolve_late(struct trail_engine *engine, struct task *task)
{
	struct trail_event then = {
		.ts_ns = task->taken_ns, .cpu = task->taken_cpu, .pid = task->pid,
	};
	struct cpu *cpu = engine->cpu[then.cpu];
	const char *comm = cpu->comm;
	int err;

	cpu->comm = task->comm ? task->comm : "";
	err = resolve_taken(engine, &then, task, -1);
	cpu->comm = comm;
	return err;
}

/* A task freed the skb of a datagram: exact.  How many bytes it got, its call says at the end. */
int read_taken(struct trail_engine *engine, const struct trail_event *event,
	       struct packet *packet, enum trail_free where)
{
	struct task *task;
	int err = task_get(engine, event->pid, &task);

	if (err || (packet_held(&task->taken) == packet && packet->taken))
		return err;
	if (task->taken.id)
		err = resolve_late(engine, task);	/* recvmmsg(2) */
	if (err)
		return err;
	task->taken = packet_hold(packet);
	task->taken_bytes = -1;
	packet->taken = engine->exact_read || engine->sees_end;
	task->taken_ns = event->ts_ns;
	task->taken_cpu = event->cpu;
	task->taken_here = where == TRAIL_FREE_READ;
	return 0;
}

int read_finish(struct trail_engine *engine)
{
	size_t i;
	int err = 0;

	for (i = 0; engine->tasks.slot && i <= engine->tasks.mask && !err; i++) {
		struct task *task = engine->tasks.slot[i].value;

		if (task && task->taken.id)
			err = resolve_late(engine, task);
	}
	return err;
}

int trail_copied(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		 uint32_t bytes)
{
	struct packet *packet = packet_at(engine, skb);
	struct task *task;
	int err = task_get(engine, event->pid, &task);

	if (err)
		return err;
	if (task->call == TRAIL_CALL_RECV && task->peek)
		return 0;
	/* A probe in the same function has said it better. */
	if (task->range_skb == skb) {
		task->range_skb = 0;
		return 0;
	}
	if (!task->copied_bytes) {
		task->copied = (struct life){ skb, packet ? packet->out.id : 0 };
		task->copied_from = stream_of(packet);
		task->copy_ns = event->ts_ns;
	}
	task->copied_bytes += bytes;
	/* Neither the call nor the socket will say more: what was copied was read. */
	if (task->call == TRAIL_CALL_RECV || engine->sees_read)
		return 0;
	task->copied_bytes = 0;
	if (!stream_of(packet))
		return 0;
	task->applied_bytes += bytes;
	return read_stream(engine, event, packet->sock, bytes, packet);
}

/* The copy names a packet of no stream: a segment that met its socket unseen. */
static int read_copied(struct trail_engine *engine, const struct trail_event *event,
		       struct packet *packet, uint64_t bytes)
{
	int err = 0;

	if (packet->state != STATE_RX_SOCKQ && packet->state != STATE_RX_STACK)
		return 0;
	if (packet->state == STATE_RX_STACK && packet->left_ns)
		err = receive_into_socket(engine, packet, packet->left_ns);
	if (err)
		return err;
	/* The read went on with other skbs: how much was this one's, nobody said. */
	if ((int64_t)bytes > packet_length(packet) - MIN_HEADER) {
		packet->out.flags |= TRAIL_PACKET_NO_BYTES;
		return read_packet(engine, event, packet, -1);
	}
	return read_packet(engine, event, packet, (int64_t)bytes);
}

/*
 * The first copy of a read names the skb that the stream goes on with: when that is not what the
 * sums say, reads or segments before it went unseen.
 */
static int synchronise(struct trail_engine *engine, struct socket *sock, struct packet *copied)
{
	uint64_t from = copied->to - (uint64_t)copied->payload;
	int err;

	if (!in_queue(sock, copied))
		return 0;
	if (from > sock->cursor || !sock->in_sync) {
		err = skip_to(engine, sock, copied);
		if (err)
			return err;
		sock->cursor = from;
	}
	socket_sure(engine, sock);
	return 0;
}

static int read_tcp(struct trail_engine *engine, const struct trail_event *event,
		    struct task *task, struct socket *sock, uint64_t bytes)
{
	struct packet *copied = packet_of(engine, &task->copied);
	int err;

	task->copied_bytes = 0;
	if (copied && !stream_of(copied))
		return read_copied(engine, event, copied, bytes);
	if (!sock)
		sock = task->copied_from;	/* its skb may be free by now */
	if (!sock)
		return 0;
	if (copied) {
		err = synchronise(engine, sock, copied);
		if (err)
			return err;
	}
	return read_stream(engine, event, sock, bytes, copied);
}

/*
 * Several packets were worked on when a datagram entered the socket, and the first was taken for
 * it.  The length of the read tells when it was another, and when it could be any.
 */
static int settle_guess(struct trail_engine *engine, struct socket *sock,
			const struct trail_read *read, struct packet **first)
{
	struct packet *guess = *first, *other;
	bool fit = fits(guess, read->bytes, read->protocol);
	uint32_t i = 0;
	int err;

	while ((other = receive_sibling(engine, guess, &i))) {
		if (!fits(other, read->bytes, read->protocol))
			continue;
		if (fit) {
			packet_weaken(guess, TRAIL_AMBIGUOUS);
			return 0;
		}
		err = receive_into_socket(engine, other, other->left_ns);
		if (err)
			return err;
		packet_weaken(other, TRAIL_INFERRED);
		socket_replace(sock, guess, other);
		receive_unguess(guess);
		*first = other;
		return 0;
	}
	return 0;
}

static int read_datagram(struct trail_engine *engine, const struct trail_event *event,
			 struct socket *sock, const struct trail_read *read)
{
	enum trail_confidence confidence = TRAIL_INFERRED;
	struct packet *packet, *first = sock->first;
	int err;

	if (!first)
		return 0;
	if (first->guessed) {
		err = settle_guess(engine, sock, read, &first);
		if (err)
			return err;
	}
	for (packet = first; packet; packet = packet->next_queued)
		if (fits(packet, read->bytes, read->protocol))
			break;
	/* Cut to the reader's buffer: its place in the queue tells which it is. */
	if (is_cut(first, read->bytes) && socket_is_sure(engine, sock))
		packet = first;
	else if (!packet || packet != first)
		confidence = TRAIL_AMBIGUOUS;
	/* More than the head had: a datagram from before the capture, or an unseen one. */
	if (!packet && !is_cut(first, read->bytes)) {
		sock->in_sync = false;
		return 0;
	}
	/* Its own read may be among what was lost, and this one another's. */
	if (sock->losses != engine->losses)
		confidence = TRAIL_AMBIGUOUS;
	if (!packet)
		packet = first;
	err = skip_to(engine, sock, packet);
	if (err)
		return err;
	if (sock->losses != engine->losses)
		packet->out.flags |= TRAIL_PACKET_LOSS;
	sock->in_sync = confidence == TRAIL_INFERRED || !packet->next_queued;
	sock->losses = engine->losses;
	packet_weaken(packet, confidence);
	return read_packet(engine, event, packet, read->bytes);
}

static int read_said(struct trail_engine *engine, const struct trail_event *event,
		     struct task *task, const struct trail_read *read)
{
	struct socket *sock = hash_get(&engine->sockets, read->sk);
	int64_t copied, applied;

	engine->sees_read = true;
	task->read_seen = true;
	if (sock && task->taken_from == sock)
		sock->unseen_reader = false;
	task->taken_from = NULL;
	if (read->peek || read->bytes < 0) {
		task->copied_bytes = task->range_done = 0;
		task->range_of = NULL;
		return 0;
	}
	applied = (int64_t)task->applied_bytes;
	task->applied_bytes = 0;
	if (read->protocol == TRAIL_PROTO_TCP) {
		copied = exact_read(engine, event, task, (uint64_t)read->bytes);
		if (copied < 0)
			return (int)copied;
		applied += copied;
		return read->bytes <= applied ? 0 :
		       read_tcp(engine, event, task, sock, (uint64_t)(read->bytes - applied));
	}
	task->copied_bytes = 0;
	if (task->taken.id)
		return resolve_taken(engine, event, task, read->bytes);
	/* A datagram that was not seen. */
	if (engine->exact_read && engine->exact_queue && read->protocol == TRAIL_PROTO_UDP)
		return 0;
	return sock ? read_datagram(engine, event, sock, read) : 0;
}

int trail_read(struct trail_engine *engine, const struct trail_event *event,
	       const struct trail_read *read)
{
	struct task *task;
	int err = task_get(engine, event->pid, &task);

	if (!err)
		err = read_said(engine, event, task, read);
	if (!err && task->joins)
		join_read_over(task);
	return err;
}

int read_call_over(struct trail_engine *engine, const struct trail_event *event,
		   struct task *task, int64_t ret)
{
	int64_t copied = 0;
	uint64_t bytes;

	if (task->peek || ret == 0 || (ret < 0 && ret != TRAIL_UNSAID))
		task->range_of = NULL;
	else if (!task->read_seen)
		copied = exact_read(engine, event, task,
				    ret == TRAIL_UNSAID ? UINT64_MAX : (uint64_t)ret);
	if (copied < 0)
		return (int)copied;
	if (task->taken.id && !task->taken_from && !task->copied_from)
		return resolve_taken(engine, event, task,
				     ret == TRAIL_UNSAID ? -1 : ret < 0 ? 0 : ret);
	task->taken.id = 0;
	if (task->read_seen || ret <= 0 || task->peek)
		return 0;
	if (task->taken_from) {
		task->taken_from->unseen_reader = false;
		return ret <= copied ? 0 : read_tcp(engine, event, task, task->taken_from,
						    (uint64_t)(ret - copied));
	}
	if (!task->copied_bytes)
		return 0;
	bytes = (uint64_t)ret < task->copied_bytes ? (uint64_t)ret : task->copied_bytes;
	return read_tcp(engine, event, task, NULL, bytes);
}
