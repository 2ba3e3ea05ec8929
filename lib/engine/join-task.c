// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * join-task.c - hits of the user's probes in calls and programs -> packets read and sent
 *
 * In the kernel a hit of a receive call belongs to the packets that the call reads, which its end
 * tells; one of a send call to the first packet that is sent then.  In the program a hit belongs to
 * the packets that the task has read last: exactly, where the function whose return it is was
 * entered before they were read, so that it returned their bytes.
 */
#include <errno.h>
#include <stdlib.h>

#include "join.h"

static int joins_of(struct trail_engine *engine, int pid, struct task_joins **out)
{
	struct task *task;
	int err = task_get(engine, pid, &task);

	*out = NULL;
	if (err)
		return err;
	if (!task->joins)
		task->joins = calloc(1, sizeof(*task->joins));
	*out = task->joins;
	return *out ? 0 : -ENOMEM;
}

static void forget_waiting(struct task_joins *joins)
{
	for (uint32_t i = 0; i < joins->nr_waiting; i++)
		hit_put(joins->waiting[i].hit);
	joins->nr_waiting = 0;
}

static void forget_entered(struct task_joins *joins)
{
	for (uint32_t i = 0; i < joins->nr_entered; i++)
		hit_put(joins->entered[i]);
	joins->nr_entered = 0;
}

void join_task_free(struct task *task)
{
	if (!task->joins)
		return;
	forget_waiting(task->joins);
	forget_entered(task->joins);
	free(task->joins);
}

static void remove_waiting(struct task_joins *joins, uint32_t i)
{
	hit_put(joins->waiting[i].hit);
	joins->nr_waiting--;
	memmove(joins->waiting + i, joins->waiting + i + 1,
		(joins->nr_waiting - i) * sizeof(joins->waiting[0]));
}

/* ---- in the kernel */

int join_task_hit(struct trail_engine *engine, const struct trail_event *event, struct hit *hit,
		  uint64_t sk)
{
	const struct task *task = task_find(engine, event->pid);
	struct task_joins *joins;
	int err;

	/* Outside of calls that we know only a socket leads to a packet. */
	if (!sk && (!task || task->call == TRAIL_CALL_NONE))
		return 0;
	err = joins_of(engine, event->pid, &joins);
	if (err)
		return err;
	if (joins->nr_waiting == MAX_WAITING)
		remove_waiting(joins, 0);
	joins->waiting[joins->nr_waiting++] = (struct waiting){ hit_get(hit), sk };
	return 0;
}

/* The hit is of a call that read the first @nr_read packets. */
static int join_reads(struct trail_engine *engine, const struct task_joins *joins,
		      struct hit *hit, uint64_t sk, const uint8_t join_confidence[2])
{
	int err = 0;

	for (uint32_t i = 0; i < joins->nr_read && !err; i++) {
		const struct read *read = &joins->read[i];
		uint8_t beside[2] = { join_confidence[0], join_confidence[1] };

		if (sk && read->sk && read->sk != sk)
			continue;
		if (beside[1] < read->evidence)
			beside[1] = read->evidence;
		err = join_hold(engine, &read->hold, hit, beside);
	}
	return err;
}

void join_call(struct task *task, enum trail_call call)
{
	struct task_joins *joins = task->joins;

	if (!joins)
		return;
	forget_waiting(joins);
	joins->over |= call == TRAIL_CALL_RECV;
}

int join_call_over(struct trail_engine *engine, struct task *task, enum trail_call call)
{
	struct task_joins *joins = task->joins;
	uint8_t beside[2] = { TRAIL_JOIN_SOCKET };
	int err = 0;

	if (!joins)
		return 0;
	/* Still over: nothing was read. */
	if (call == TRAIL_CALL_RECV && !joins->over) {
		beside[1] = joins->nr_read == 1 ? TRAIL_EXACT : TRAIL_INFERRED;
		for (uint32_t i = 0; i < joins->nr_waiting && !err; i++) {
			beside[0] = joins->waiting[i].sk ? TRAIL_JOIN_SOCKET : TRAIL_JOIN_CPU;
			err = join_reads(engine, joins, joins->waiting[i].hit,
					 joins->waiting[i].sk, beside);
		}
	}
	if (call == TRAIL_CALL_RECV && joins->over)
		joins->nr_read = 0;
	forget_waiting(joins);
	return err;
}

int join_read(struct trail_engine *engine, const struct trail_event *event,
	      struct packet *packet)
{
	static const uint8_t beside[2] = { TRAIL_JOIN_SOCKET, TRAIL_INFERRED };
	const struct task *task = task_find(engine, event->pid);
	uint64_t sk = packet->sock ? packet->sock->key : 0;
	struct task_joins *joins;
	struct read *last;
	int err = joins_of(engine, event->pid, &joins);

	if (err)
		return err;
	if (joins->over)
		joins->nr_read = 0;
	joins->over = false;
	last = joins->nr_read ? &joins->read[joins->nr_read - 1] : NULL;
	if (!last)
		joins->first_ns = event->ts_ns;
	if ((!last || last->hold.id != packet->out.id) && joins->nr_read < MAX_READS)
		joins->read[joins->nr_read++] = (struct read){ packet_hold(packet), sk,
							       packet->evidence };
	/* A call that nobody tells the end of: read(2). */
	for (uint32_t i = 0; i < joins->nr_waiting && !err; i++)
		if (task && task->call == TRAIL_CALL_NONE && sk && joins->waiting[i].sk == sk)
			err = join_packet(engine, packet, joins->waiting[i].hit, beside);
	return err;
}

void join_read_over(struct task *task)
{
	if (!task->joins || task->call != TRAIL_CALL_NONE)
		return;
	forget_waiting(task->joins);
	task->joins->over = true;
}

/* Which socket sends it, a probe may have said; what waits for another one goes on waiting. */
int join_sent(struct trail_engine *engine, const struct trail_event *event,
	      struct packet *packet)
{
	const struct cpu *cpu = engine_cpu(engine, event);
	const struct task *task = task_find(engine, event->pid);
	uint64_t sk = cpu->header.skb == packet->out.skb ? cpu->header.sk : 0;
	struct task_joins *joins = task && context_is_task(event) ? task->joins : NULL;
	uint8_t beside[2] = { TRAIL_JOIN_SOCKET, TRAIL_INFERRED };
	uint32_t i = 0;
	int err = 0;

	while (joins && i < joins->nr_waiting && !err) {
		uint64_t of = joins->waiting[i].sk;

		if (sk && of ? sk != of : task->call != TRAIL_CALL_SEND) {
			i++;
			continue;
		}
		beside[0] = of ? TRAIL_JOIN_SOCKET : TRAIL_JOIN_CPU;
		err = join_packet(engine, packet, joins->waiting[i].hit, beside);
		remove_waiting(joins, i);
	}
	return err;
}

/* ---- in the program */

static void remember_entry(struct task_joins *joins, struct hit *hit)
{
	if (joins->nr_entered == MAX_ENTERED) {
		hit_put(joins->entered[0]);
		joins->nr_entered--;
		memmove(joins->entered, joins->entered + 1,
			joins->nr_entered * sizeof(joins->entered[0]));
	}
	joins->entered[joins->nr_entered++] = hit_get(hit);
}

/* The hit at the entry at @ts_ns; what was entered later has been left without a return. */
static struct hit *find_entry(struct task_joins *joins, uint64_t ts_ns)
{
	uint32_t i = joins->nr_entered;
	struct hit *hit;

	while (i && joins->entered[i - 1]->out.ts_ns != ts_ns)
		i--;
	if (!i)
		return NULL;
	hit = joins->entered[i - 1];
	while (joins->nr_entered > i)
		hit_put(joins->entered[--joins->nr_entered]);
	joins->nr_entered--;
	return hit;
}

int join_user_hit(struct trail_engine *engine, const struct trail_event *event, struct hit *hit,
		  bool is_entry)
{
	uint8_t beside[2] = { TRAIL_JOIN_READ, TRAIL_INFERRED };
	struct task_joins *joins;
	struct hit *entry = NULL;
	uint64_t entry_ns = 0;
	int err = joins_of(engine, event->pid, &joins);

	if (err)
		return err;
	/* It runs: whatever it had called is over. */
	forget_waiting(joins);
	joins->over = true;
	if (is_entry) {
		remember_entry(joins, hit);
		return 0;
	}
	if (hit->out.took_ns >= 0) {
		entry_ns = event->ts_ns - (uint64_t)hit->out.took_ns;
		entry = find_entry(joins, entry_ns);
		if (entry_ns <= joins->first_ns)
			beside[1] = TRAIL_EXACT;
	}
	err = join_reads(engine, joins, hit, 0, beside);
	if (!err && entry)
		err = join_reads(engine, joins, entry, 0, beside);
	hit_put(entry);
	return err;
}
