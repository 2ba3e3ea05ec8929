// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sockets.c - lives of sockets: found by address or cookie, established, gone
 *
 * A dead socket's memory is used again only after many others have died, and is given back only at
 * the end: whoever still points to it reads a socket, if an old one.
 */
#include <errno.h>
#include <stdlib.h>

#include "engine.h"

#define QUARANTINE	1024

static struct socket *take(struct trail_engine *engine)
{
	struct socket *sock = engine->dead_first, *all;

	if (engine->nr_dead <= QUARANTINE) {
		sock = calloc(1, sizeof(*sock));
		if (!sock)
			return NULL;
		sock->next_all = engine->all_sockets;
		engine->all_sockets = sock;
		return sock;
	}
	engine->nr_dead--;
	engine->dead_first = sock->next_dead;
	all = sock->next_all;
	*sock = (struct socket){ .next_all = all };
	return sock;
}

/* It is in no table any more. */
static void bury(struct trail_engine *engine, struct socket *sock)
{
	sock->next_dead = NULL;
	if (engine->nr_dead)
		engine->dead_last->next_dead = sock;
	else
		engine->dead_first = sock;
	engine->dead_last = sock;
	engine->nr_dead++;
}

int socket_get(struct trail_engine *engine, uint64_t key, enum trail_protocol protocol,
	       struct socket **out)
{
	struct socket *sock = hash_get(&engine->sockets, key);

	*out = sock;
	if (sock || !key)
		return 0;
	sock = take(engine);
	if (!sock)
		return -ENOMEM;
	sock->key = key;
	sock->protocol = (uint8_t)protocol;
	sock->losses = engine->losses;
	*out = sock;
	return hash_set(&engine->sockets, key, sock);
}

/* One socket under both of its names, where an event says them. */
int socket_of(struct trail_engine *engine, const struct trail_segment *segment,
	      struct socket **out)
{
	struct socket *by_cookie = hash_get(&engine->sockets, segment->cookie), *by_sk;
	int err;

	if (!segment->sk || !segment->cookie)
		return socket_get(engine, segment->sk ? segment->sk : segment->cookie,
				  TRAIL_PROTO_TCP, out);
	by_sk = hash_get(&engine->sockets, segment->sk);
	*out = by_cookie ? by_cookie : by_sk;
	/* Probes name it by its address. */
	if (by_cookie && by_sk && by_sk != by_cookie && by_sk->exact) {
		by_sk->flow = by_cookie->flow;
		*out = by_sk;
		bury(engine, by_cookie);
		by_cookie = NULL;
	}
	if (by_cookie && by_cookie == by_sk)
		return 0;
	if (by_cookie && by_sk) {
		/* State events named it by address, segments by cookie, until now. */
		by_cookie->in_sync |= by_sk->in_sync;
		bury(engine, by_sk);
	}
	if (!*out) {
		err = socket_get(engine, segment->sk, TRAIL_PROTO_TCP, out);
		if (err)
			return err;
	}
	(*out)->key = segment->sk;
	(*out)->cookie = segment->cookie;
	err = hash_set(&engine->sockets, segment->sk, *out);
	return err ? err : hash_set(&engine->sockets, segment->cookie, *out);
}

void socket_free_all(struct trail_engine *engine)
{
	struct socket *sock, *next;

	for (sock = engine->all_sockets; sock; sock = next) {
		next = sock->next_all;
		free(sock);
	}
	hash_release(&engine->sockets);
}

/*
 * What a socket that is gone has left unread.  Nobody can read it any more; that nobody had read
 * it before is only known when all of its reads were seen.
 */
int socket_end_queue(struct trail_engine *engine, struct socket *sock, uint64_t ts_ns)
{
	struct packet *packet;
	int err = 0;

	while (!err && (packet = sock->first)) {
		packet_weaken(packet, TRAIL_INFERRED);
		if (packet->out.bytes_delivered) {
			err = packet_end(engine, packet, TRAIL_PARTIAL, ts_ns);
		} else if (!socket_is_sure(engine, sock) || sock->unseen_reader) {
			packet_weaken(packet, TRAIL_AMBIGUOUS);
			if (sock->losses != engine->losses)
				packet->out.flags |= TRAIL_PACKET_LOSS;
			err = packet_end(engine, packet, TRAIL_UNKNOWN, 0);
		} else {
			packet->out.drop.class = TRAIL_DROP_BENIGN;
			packet->out.drop.means = "SOCKET_CLOSE";
			packet->out.drop.is_inferred = true;
			packet->out.drop.socket = sock->key;
			packet->out.flags |= TRAIL_PACKET_DROPPED;
			err = packet_end(engine, packet, TRAIL_DROPPED, ts_ns);
		}
	}
	return err;
}

int trail_socket_gone(struct trail_engine *engine, const struct trail_event *event,
		      const struct trail_segment *segment)
{
	struct socket *sock = hash_get(&engine->sockets, segment->sk);
	int err;

	if (!sock)
		sock = hash_get(&engine->sockets, segment->cookie);
	if (!sock)
		return 0;
	err = socket_end_queue(engine, sock, event->ts_ns);
	hash_remove(&engine->sockets, sock->key);
	hash_remove(&engine->sockets, sock->cookie);
	bury(engine, sock);
	return err;
}

/* The packet that this CPU works on, or worked on last for the task that owns the socket. */
static struct packet *worked_on(struct trail_engine *engine, const struct trail_event *event,
				struct cpu *cpu)
{
	struct packet *packet;

	if (!context_is_task(event))
		return cpu->nr_batch == 1 ? cpu->batch[0] : NULL;
	if (!cpu->nr_loose)
		return NULL;
	packet = packet_of(engine, &cpu->loose[(cpu->nr_loose - 1) % MAX_LOOSE]);
	return packet && packet->state == STATE_RX_STACK && !packet->sock ? packet : NULL;
}

/* Could the packet be of this flow, by its ports?  Addresses may have been translated. */
static bool could_be_of(const struct packet *packet, const struct trail_flow *flow)
{
	const struct trail_flow *own = header_innermost(packet);

	return !packet->wire_flow || (own->protocol == flow->protocol &&
				      own->sport == flow->sport && own->dport == flow->dport);
}

int trail_socket_state(struct trail_engine *engine, const struct trail_event *event,
		       const struct trail_segment *segment, enum trail_tcp_state state)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct trail_flow flow = segment->flow;
	struct packet *packet;
	struct socket *sock;
	int err = socket_get(engine, segment->sk, TRAIL_PROTO_TCP, &sock);

	if (err || !sock)
		return err;
	if (state == TRAIL_TCP_ESTABLISHED) {
		/* A new connection, maybe at an address whose last socket went unseen. */
		err = socket_end_queue(engine, sock, event->ts_ns);
		sock->cursor = sock->written;
		sock->exact = false;
		socket_sure(engine, sock);
		sock->unseen_reader = false;
		if (err)
			return err;
	} else if (context_is_task(event)) {
		return 0;
	}
	/* The event tells the socket's view; the packet came the other way. */
	memcpy(flow.saddr, segment->flow.daddr, sizeof(flow.saddr));
	memcpy(flow.daddr, segment->flow.saddr, sizeof(flow.daddr));
	flow.sport = segment->flow.dport;
	flow.dport = segment->flow.sport;
	packet = worked_on(engine, event, cpu);
	if (!packet || !could_be_of(packet, &flow))
		return 0;
	if (!packet->stated)
		packet->evidence_alone = packet->evidence;
	packet_weaken(packet, TRAIL_INFERRED);
	packet->stated = true;
	packet->sock = sock;
	header_suppose_flow(packet, &flow);
	return 0;
}

int trail_stream_taken(struct trail_engine *engine, const struct trail_event *event,
		       const struct trail_segment *segment)
{
	struct socket *sock;
	struct task *task;
	int err = socket_of(engine, segment, &sock);

	if (!err)
		err = task_get(engine, event->pid, &task);
	if (err || !sock)
		return err;
	task->taken_from = sock;
	/* Until the call says how much it was. */
	sock->unseen_reader = true;
	return 0;
}
