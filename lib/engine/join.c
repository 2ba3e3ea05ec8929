// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * join.c - hits of the user's probes -> packets, by skb, socket, and what the CPU works on
 *
 * What an argument names is exact, and so is the only packet that a CPU can be working on; where
 * there are several it is the next in order, which is inferred.  An skb that is nobody's packet may
 * become one: its hits wait for that.  What tasks do is in join-task.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "join.h"

/* include/linux/skbuff.h: struct sk_buff_fclones has the clone right behind the original. */
#define MAX_FCLONE_BYTES	512

int joins_new(struct trail_engine *engine)
{
	int err;

	if (!trail_capture_has_event(engine->cap, "user:*"))
		return 0;
	engine->joins = calloc(1, sizeof(*engine->joins));
	if (!engine->joins)
		return -ENOMEM;
	err = trail_pairs_new(engine->cap, &engine->joins->pairs);
	if (err) {
		free(engine->joins);
		engine->joins = NULL;
	}
	return err;
}

void joins_free(struct trail_engine *engine)
{
	struct joins *joins = engine->joins;

	if (!joins)
		return;
	for (size_t i = 0; i < MAX_UNBORN; i++)
		hit_put(joins->unborn[i].hit);
	trail_pairs_free(joins->pairs);
	free(joins);
}

void joins_lost(struct trail_engine *engine)
{
	if (engine->joins)
		trail_pairs_lost(engine->joins->pairs);
}

void trail_engine_hits(const struct trail_engine *engine, struct trail_hit_stat *out)
{
	*out = engine->joins ? engine->joins->stat : (struct trail_hit_stat){ 0 };
}

/* ---- beside packets */

static int grow(struct packet *packet)
{
	uint32_t cap = packet->cap_joined ? 2 * packet->cap_joined : 4;
	struct trail_joined *more = realloc(packet->joined, cap * sizeof(*more));

	if (!more)
		return -ENOMEM;
	packet->joined = more;
	packet->cap_joined = (uint16_t)cap;
	return 0;
}

int join_packet(struct trail_engine *engine, struct packet *packet, struct hit *hit,
		const uint8_t join_confidence[2])
{
	struct trail_packet *out = &packet->out;

	for (uint16_t i = 0; i < out->nr_joined; i++)
		if (hit_of(packet->joined[i].hit) == hit)
			return 0;
	engine->joins->stat.joined += !hit->joined;
	hit->joined = true;
	if (out->nr_joined == MAX_JOINED) {
		out->hits_left_out++;
		return 0;
	}
	if (out->nr_joined == packet->cap_joined && grow(packet))
		return -ENOMEM;
	packet->joined[out->nr_joined++] = (struct trail_joined){
		.hit = &hit_get(hit)->out, .join = join_confidence[0],
		.confidence = join_confidence[1],
	};
	return 0;
}

int join_hold(struct trail_engine *engine, const struct hold *hold, struct hit *hit,
	      const uint8_t join_confidence[2])
{
	/* One that has ended is there until it leaves the output. */
	if (!hold->id || hold->packet->out.id != hold->id)
		return 0;
	return join_packet(engine, hold->packet, hit, join_confidence);
}

/* Nearly in order already: what waited comes late. */
void join_sort(struct packet *packet)
{
	struct trail_joined *joined = packet->joined;

	for (uint16_t i = 1; i < packet->out.nr_joined; i++) {
		struct trail_joined one = joined[i];
		uint16_t at = i;

		for (; at && joined[at - 1].hit->ts_ns > one.hit->ts_ns; at--)
			joined[at] = joined[at - 1];
		joined[at] = one;
	}
	packet->out.joined = joined;
}

void join_release(struct packet *packet)
{
	for (uint16_t i = 0; i < packet->out.nr_joined; i++)
		hit_put(hit_of(packet->joined[i].hit));
	free(packet->joined);
}

/* ---- skbs that are nobody's packet yet */

static int give_up(struct trail_engine *engine, struct unborn *unborn)
{
	static const uint8_t beside[2] = { TRAIL_JOIN_CPU, TRAIL_INFERRED };
	int err = unborn->hit ? join_hold(engine, &unborn->meanwhile, unborn->hit, beside) : 0;

	engine->joins->nr_open -= unborn->skb != 0;
	hit_put(unborn->hit);
	*unborn = (struct unborn){ 0 };
	return err;
}

static int wait_for_birth(struct trail_engine *engine, const struct unborn *from)
{
	struct joins *joins = engine->joins;
	struct unborn *unborn = &joins->unborn[joins->nr_unborn++ % MAX_UNBORN];
	int err = give_up(engine, unborn);

	*unborn = *from;
	hit_get(unborn->hit);
	joins->nr_open++;
	return err;
}

/* Of the packet, or of the skb that it is a clone of? */
static bool is_of(const struct unborn *unborn, const struct trail_event *event,
		  const struct packet *packet, uint8_t *confidence)
{
	uint64_t behind = packet->out.skb - unborn->skb;
	bool here = unborn->pid == event->pid && unborn->cpu == event->cpu;

	if (!unborn->skb || behind >= MAX_FCLONE_BYTES || (behind && !here))
		return false;
	*confidence = behind || !here ? TRAIL_INFERRED : TRAIL_EXACT;
	return true;
}

int join_born(struct trail_engine *engine, const struct trail_event *event,
	      struct packet *packet)
{
	struct joins *joins = engine->joins;
	uint8_t beside[2] = { TRAIL_JOIN_SKB };
	int err = 0;

	for (size_t i = 0; joins->nr_open && i < MAX_UNBORN && !err; i++) {
		struct unborn *unborn = &joins->unborn[i];

		if (!is_of(unborn, event, packet, &beside[1]))
			continue;
		unborn->meanwhile.id = 0;
		err = join_packet(engine, packet, unborn->hit, beside);
		give_up(engine, unborn);
	}
	return err;
}

void join_cloned(struct trail_engine *engine, uint64_t skb, uint64_t copy)
{
	struct joins *joins = engine->joins;

	for (size_t i = 0; joins->nr_open && i < MAX_UNBORN; i++) {
		struct unborn *unborn = &joins->unborn[i];

		/* What is sent is the clone; the original is kept, and is told of no more. */
		if (unborn->skb && unborn->skb == skb)
			unborn->skb = copy;
	}
}

int join_gone(struct trail_engine *engine, uint64_t skb)
{
	struct joins *joins = engine->joins;
	int err = 0;

	for (size_t i = 0; joins->nr_open && i < MAX_UNBORN && !err; i++)
		if (joins->unborn[i].skb && joins->unborn[i].skb == skb)
			err = give_up(engine, &joins->unborn[i]);
	return err;
}

int join_finish(struct trail_engine *engine)
{
	int err = 0;

	for (size_t i = 0; i < MAX_UNBORN && !err; i++)
		err = give_up(engine, &engine->joins->unborn[i]);
	return err;
}

/* ---- what a CPU works on */

static bool is_staged_here(const struct packet *packet, const struct trail_event *event)
{
	return packet && packet->stage_cpu == event->cpu && packet->stage_pid == event->pid;
}

/* Since then the CPU has not left its softirq, or the task its call. */
static bool is_same_run(const struct trail_engine *engine, const struct trail_event *event,
			const struct cpu *cpu, uint64_t since_ns)
{
	const struct task *task;

	if (event->flags & TRAIL_FLAG_SOFTIRQ)
		return !cpu->nr_frame || cpu->frame[cpu->nr_frame - 1].enter_ns <= since_ns;
	task = task_find(engine, event->pid);
	return task && task->call != TRAIL_CALL_NONE && task->call_ns <= since_ns;
}

/* Given to a device, and its driver has not begun: in the qdisc's code, or left there. */
static struct packet *queuing(struct trail_engine *engine, const struct trail_event *event,
			      const struct cpu *cpu)
{
	struct packet *packet = packet_of(engine, &cpu->queuing);

	return is_staged_here(packet, event) && packet->state == STATE_TX_STACK &&
	       is_same_run(engine, event, cpu, packet->stage_ns) ? packet : NULL;
}

/* Of the packets that the protocols got together. */
static struct packet *with_protocols(const struct trail_event *event, const struct cpu *cpu,
				     uint8_t *confidence)
{
	struct packet *latest = cpu->given.packet;
	uint8_t context = event->flags & (TRAIL_FLAG_HARDIRQ | TRAIL_FLAG_SOFTIRQ);

	if (!cpu->nr_given || latest->out.id != cpu->given.id || cpu->given_flags != context ||
	    cpu->given_pid != event->pid)
		return NULL;
	/* In a softirq the next batch, or its end, tells when this one is over. */
	*confidence = cpu->nr_given == 1 && context ? TRAIL_EXACT : TRAIL_INFERRED;
	if (cpu->nr_given == 1)
		return latest;
	return cpu->probed ? cpu->probed : cpu->nr_batch ? cpu->batch[0] : latest;
}

static struct packet *working_on(struct trail_engine *engine, const struct trail_event *event,
				 uint8_t *confidence)
{
	const struct cpu *cpu = engine_cpu(engine, event);
	struct packet *packet;

	*confidence = TRAIL_EXACT;
	if (event->flags & (TRAIL_FLAG_HARDIRQ | TRAIL_FLAG_NMI))
		return NULL;
	if (cpu->nr_xmit)
		return cpu->xmit[cpu->nr_xmit - 1].packet;
	*confidence = TRAIL_INFERRED;
	packet = queuing(engine, event, cpu);
	if (packet)
		return packet;
	*confidence = TRAIL_EXACT;
	if (cpu->nr_gro && is_staged_here(cpu->gro[cpu->nr_gro - 1], event))
		return cpu->gro[cpu->nr_gro - 1];
	return with_protocols(event, cpu, confidence);
}

/* By the flow of the socket: the one packet of the batch that is for it. */
static struct packet *of_socket(const struct cpu *cpu, const struct socket *sock,
				uint8_t *confidence)
{
	struct packet *found = NULL;
	uint32_t nr = 0;

	for (uint32_t i = 0; i < cpu->nr_batch; i++) {
		struct packet *packet = cpu->batch[i];

		if (memcmp(header_innermost(packet), &sock->flow, sizeof(sock->flow)) != 0)
			continue;
		found = found ? found : packet;
		nr++;
	}
	*confidence = nr == 1 ? TRAIL_EXACT : TRAIL_INFERRED;
	return found;
}

static bool is_for(const struct packet *packet, const struct socket *sock)
{
	return packet->sock == sock ||
	       (sock->flow.family && !memcmp(header_innermost(packet), &sock->flow,
					     sizeof(sock->flow)));
}

/* ---- a hit */

static int join_skb(struct trail_engine *engine, const struct trail_event *event,
		    struct hit *hit, uint64_t skb)
{
	const struct alias *alias = hash_get(&engine->aliases, skb);
	struct packet *packet = packet_at(engine, skb), *now;
	uint8_t beside[2] = { TRAIL_JOIN_SKB, TRAIL_EXACT }, unused;
	struct unborn unborn = { .skb = skb, .hit = hit, .pid = event->pid, .cpu = event->cpu };

	/* A clone of it, or a datagram that was split off. */
	if (!packet && alias)
		packet = packet_held(&alias->hold);
	if (packet && packet_was_lost(engine, packet))
		beside[1] = TRAIL_AMBIGUOUS;
	if (packet)
		return join_packet(engine, packet, hit, beside);
	now = working_on(engine, event, &unused);
	if (now)
		unborn.meanwhile = packet_hold(now);
	return wait_for_birth(engine, &unborn);
}

/* Return: 1 it belongs to what the CPU works on, 0 to nothing, or -ENOMEM. */
static int join_processing(struct trail_engine *engine, const struct trail_event *event,
			   struct hit *hit, uint64_t sk)
{
	const struct socket *sock = sk ? hash_get(&engine->sockets, sk) : NULL;
	uint8_t beside[2] = { TRAIL_JOIN_CPU };
	struct packet *packet = working_on(engine, event, &beside[1]), *other;
	const struct cpu *cpu = engine_cpu(engine, event);
	uint8_t confidence;
	int err;

	if (!packet)
		return 0;
	if (sock && sock->flow.family && cpu->nr_given > 1 && !is_for(packet, sock)) {
		other = of_socket(cpu, sock, &confidence);
		if (other) {
			packet = other;
			beside[1] = confidence;
		}
	}
	if (sock && is_for(packet, sock))
		beside[0] = TRAIL_JOIN_SOCKET;
	err = join_packet(engine, packet, hit, beside);
	return err ? err : 1;
}

static int join_kernel_hit(struct trail_engine *engine, const struct trail_event *event,
			   struct hit *hit, const struct trail_probed *probed)
{
	bool has_skb = false;
	uint64_t sk = 0;
	int ret = 0;

	for (unsigned int i = 0; i < TRAIL_MAX_PROBED && !ret; i++) {
		sk = sk ? sk : probed->sk[i];
		if (!probed->skb[i])
			continue;
		has_skb = true;
		ret = join_skb(engine, event, hit, probed->skb[i]);
	}
	if (ret || has_skb)
		return ret;
	ret = join_processing(engine, event, hit, sk);
	if (ret || !context_is_task(event))
		return ret < 0 ? ret : 0;
	return join_task_hit(engine, event, hit, sk);
}

static int make_hit(struct trail_engine *engine, const struct trail_event *event,
		    const struct trail_pair *pair, struct hit **out)
{
	const struct trail_description *what = trail_capture_describe(engine->cap, event->type);
	const char *comm = engine_cpu(engine, event)->comm;
	struct trail_hit_values values;
	struct trail_hit hit = {
		.ts_ns = event->ts_ns, .took_ns = pair->took_ns, .name = what->name,
		.comm = comm ? comm : "", .value = values.value, .pid = event->pid,
		.cpu = event->cpu,
	};

	trail_hit_values(engine->cap, event, pair, &values);
	hit.nr_value = values.nr < MAX_VALUES ? values.nr : MAX_VALUES;
	for (uint16_t i = 0; i < hit.nr_value; i++) {
		const struct trail_value *value = &values.value[i];

		if (value->role == TRAIL_ROLE_TOOK && value->kind != TRAIL_VALUE_UNKNOWN)
			hit.took_ns = (int64_t)value->number;
	}
	*out = hit_new(&hit);
	return *out ? 0 : -ENOMEM;
}

/* What the function was called with, where the return does not tell it itself. */
static void add_passed(const struct trail_engine *engine, const struct trail_event *entry,
		       struct trail_probed *probed)
{
	const struct trail_description *what = trail_capture_describe(engine->cap, entry->type);
	char room[TRAIL_VALUE_ROOM];
	struct trail_value value;

	for (uint16_t i = 0; what && i < what->nr_field; i++) {
		uint8_t role = what->field[i].role;
		uint64_t *to = role == TRAIL_ROLE_SKB ? probed->skb : probed->sk;
		unsigned int at = 0;

		if (role != TRAIL_ROLE_SKB && role != TRAIL_ROLE_SK)
			continue;
		trail_event_value(engine->cap, entry, &what->field[i], room, &value);
		while (at < TRAIL_MAX_PROBED && to[at])
			at++;
		if (at < TRAIL_MAX_PROBED)
			to[at] = value.number;
	}
}

int trail_probed(struct trail_engine *engine, const struct trail_event *event,
		 const struct trail_probed *probed)
{
	const struct trail_description *what = trail_capture_describe(engine->cap, event->type);
	struct trail_probed all = *probed;
	struct joins *joins = engine->joins;
	struct trail_pair pair;
	struct hit *hit;
	int err;

	if (!joins || !what)
		return 0;
	err = trail_pairs_see(joins->pairs, event, &pair);
	/* An entry that is there for its return only. */
	if (err || !what->spec)
		return err;
	if (pair.entry)
		add_passed(engine, pair.entry, &all);
	err = make_hit(engine, event, &pair, &hit);
	if (err)
		return err;
	joins->stat.hits++;
	if (probed->in_user || what->in_user)
		err = join_user_hit(engine, event, hit, what->is_entry);
	else
		err = join_kernel_hit(engine, event, hit, &all);
	hit_put(hit);
	return err;
}
