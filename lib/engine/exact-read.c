// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exact-read.c - a TCP stream by sequence numbers: which bytes were copied to whom
 *
 * The copies of a call are bytes in a row.  They are remembered with the task and delivered when
 * its call says how many it took, or that it only looked.
 */
#include "exact.h"

/* All of it is another packet's, too, which had been there before. */
static int end_duplicate(struct trail_engine *engine, const struct trail_event *event,
			 struct packet *packet)
{
	packet_weaken(packet, TRAIL_INFERRED);
	packet->out.drop = (struct trail_drop){
		.class = TRAIL_DROP_BENIGN, .socket = packet->sock->key,
	};
	packet->out.flags |= TRAIL_PACKET_DROPPED;
	return packet_end(engine, packet, TRAIL_DROPPED, event->ts_ns);
}

/* Bytes before @from that nobody was seen to read. */
static int skip_to(struct trail_engine *engine, const struct trail_event *event,
		   struct socket *sock, uint64_t from)
{
	struct packet *packet, *next;
	int err = 0;

	for (packet = sock->first; packet && !err && stream_begin(packet) < from; packet = next) {
		next = packet->next_queued;
		if (packet->to > from)
			continue;
		if (sock->read_from && packet->to <= sock->cursor) {
			err = end_duplicate(engine, event, packet);
			continue;
		}
		packet_weaken(packet, TRAIL_AMBIGUOUS);
		if (sock->losses != engine->losses)
			packet->out.flags |= TRAIL_PACKET_LOSS;
		err = packet_end(engine, packet,
				 packet->out.bytes_delivered ? TRAIL_PARTIAL : TRAIL_UNKNOWN, 0);
	}
	return err;
}

/* The bytes from @range[0] to @range[1] of the stream were read by the task that runs. */
static int deliver(struct trail_engine *engine, const struct trail_event *event,
		   struct socket *sock, const uint64_t range[2],
		   enum trail_confidence confidence)
{
	uint64_t at = range[0], first, last;
	struct packet *packet, *next;
	int err = skip_to(engine, event, sock, range[0]);

	if (sock->read_from && at < sock->cursor)
		at = sock->cursor;
	if (!err)
		err = missed_read(engine, event, sock, (uint64_t[2]){ at, range[1] });
	for (packet = sock->first; packet && !err; packet = next) {
		if (stream_begin(packet) >= range[1])
			break;
		next = packet->next_queued;
		first = stream_begin(packet) > at ? stream_begin(packet) : at;
		last = packet->to < range[1] ? packet->to : range[1];
		if (last > first) {
			packet->out.bytes_delivered += last - first;
			packet_weaken(packet, confidence);
			err = read_touch(engine, event, packet);
			at = last;
		}
		if (err || packet->to > range[1])
			continue;
		if (packet->out.bytes_delivered || !packet->payload)
			err = read_deliver(engine, event, packet, TRAIL_DELIVERED);
		else
			err = end_duplicate(engine, event, packet);
	}
	if (!sock->read_from || sock->cursor < range[1])
		sock->cursor = range[1];
	sock->read_from = true;
	return err;
}

int exact_read_on(struct trail_engine *engine, const struct trail_event *event,
		  struct socket *sock, uint64_t bytes)
{
	enum trail_confidence confidence = socket_is_sure(engine, sock) ? TRAIL_INFERRED
									: TRAIL_AMBIGUOUS;
	uint64_t range[2] = { sock->cursor, sock->cursor + bytes };

	/* More than was seen to come in: the stream was joined in the middle. */
	if (range[1] > sock->written) {
		range[1] = sock->written;
		confidence = TRAIL_AMBIGUOUS;
	}
	return range[1] > range[0] ? deliver(engine, event, sock, range, confidence) : 0;
}

/* The first @bytes of what @task has copied. */
static int deliver_copied(struct trail_engine *engine, const struct trail_event *event,
			  struct task *task, uint64_t bytes)
{
	uint64_t range[2] = { task->range[0], task->range[1] };
	struct socket *sock = task->range_of;
	int err;

	task->range_of = NULL;
	if (range[1] - range[0] > bytes)
		range[1] = range[0] + bytes;
	err = deliver(engine, event, sock, range, TRAIL_EXACT);
	socket_sure(engine, sock);
	return err;
}

int64_t exact_read(struct trail_engine *engine, const struct trail_event *event,
		   struct task *task, uint64_t bytes)
{
	uint64_t done = task->range_done, more;
	int err;

	task->range_done = 0;
	if (!task->range_of || done >= bytes) {
		task->range_of = NULL;
		return (int64_t)(done < bytes ? done : bytes);
	}
	more = task->range[1] - task->range[0];
	if (more > bytes - done)
		more = bytes - done;
	err = deliver_copied(engine, event, task, more);
	return err ? err : (int64_t)(done + more);
}

/* What @task has copied is read, although its call has not said so: another copy follows. */
static int deliver_early(struct trail_engine *engine, struct task *task)
{
	struct trail_event then = {
		.ts_ns = task->range_ns, .cpu = task->range_cpu, .pid = task->pid,
	};
	struct cpu *cpu = engine->cpu[then.cpu];
	const char *comm = cpu->comm;
	int err;

	task->range_done += task->range[1] - task->range[0];
	cpu->comm = task->comm ? task->comm : "";
	err = deliver_copied(engine, &then, task, UINT64_MAX);
	cpu->comm = comm;
	return err;
}

int trail_stream_copied(struct trail_engine *engine, const struct trail_event *event,
			const struct trail_range *range)
{
	struct task *task, *other;
	struct socket *sock;
	uint64_t from;
	int err = task_get(engine, event->pid, &task);

	if (err || !engine->exact_stream || range->end_seq - range->seq > MAX_JUMP ||
	    (task->call == TRAIL_CALL_RECV && task->peek))
		return err;
	err = socket_get(engine, range->sk, TRAIL_PROTO_TCP, &sock);
	if (err || !sock)
		return err;
	err = stream_locate(engine, event, sock, range->seq, &from);
	if (!err)
		err = missed_copy(engine, event, sock, range, from);
	/* The socket is one reader's at a time: the other has gone on. */
	other = sock->copier != task->pid ? task_find(engine, sock->copier) : NULL;
	if (!err && other && other->range_of == sock)
		err = deliver_early(engine, other);
	if (!err && task->range_of && (task->range_of != sock || task->range[1] != from))
		err = deliver_early(engine, task);
	if (err)
		return err;
	if (!task->range_of) {
		task->range_of = sock;
		task->range[0] = from;
		task->copy_ns = event->ts_ns;
	}
	task->range[1] = from + (range->end_seq - range->seq);
	task->range_ns = event->ts_ns;
	task->range_cpu = event->cpu;
	task->range_skb = range->skb;
	sock->copier = task->pid;
	/* Neither the call nor the socket will say more: what was copied was read. */
	if (task->call == TRAIL_CALL_RECV || engine->sees_read)
		return 0;
	task->range_done += task->range[1] - task->range[0];
	return deliver_copied(engine, event, task, UINT64_MAX);
}
