// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * expire.c - packets and tasks of which nothing was heard for long are forgotten
 *
 * That a packet or a task has ended is told by an event, or by its address or pid being used again.
 * Where neither comes, memory would follow the length of the capture.  So many as a machine has at
 * a time are kept however long they are silent; when there are more, those that have been silent
 * for a minute go.  A sweep looks at all, and the next one comes when there are twice as many as it
 * left: O(1) for each packet and task.
 */
#include <stdlib.h>

#include "engine.h"
#include "expire.h"
#include "join.h"

#define SILENT_NS	60000000000ull
#define KEEP_PACKETS	8192
#define KEEP_TASKS	32768

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static bool is_silent(uint64_t last_ns, uint64_t now_ns)
{
	return now_ns > last_ns && now_ns - last_ns > SILENT_NS;
}

static size_t next_limit(size_t nr, size_t keep)
{
	return 2 * nr > keep ? 2 * nr : keep;
}

void expire_init(struct trail_engine *engine)
{
	engine->max_live = KEEP_PACKETS;
	engine->max_tasks = KEEP_TASKS;
}

static enum trail_fate fate_of(const struct packet *packet)
{
	return packet->out.bytes_delivered ? TRAIL_PARTIAL : packet_silent_fate(packet);
}

static int expire_packets(struct trail_engine *engine, uint64_t now_ns)
{
	struct packet *packet;
	int err = 0;

	/* An end takes others along; those lead on in the list until they leave the output. */
	for (packet = engine->live.next; packet != &engine->live && !err; packet = packet->next)
		if (packet->state != STATE_ENDED && !packet->taken &&
		    is_silent(later(packet->stage_ns, packet->out.end_ns), now_ns))
			err = packet_end(engine, packet, fate_of(packet), 0);
	engine->max_live = next_limit(engine->nr_live, KEEP_PACKETS);
	return err;
}

static bool is_on_cpu(const struct trail_engine *engine, const struct task *task)
{
	uint32_t i;

	for (i = 0; i < engine->nr_cpu; i++)
		if (engine->cpu[i] && engine->cpu[i]->pid == task->pid)
			return true;
	return false;
}

static bool is_forgotten(const struct trail_engine *engine, const struct task *task,
			 uint64_t now_ns)
{
	uint64_t last_ns = later(later(task->call_ns, task->copy_ns),
				 later(task->taken_ns, task->range_ns));

	return is_silent(later(last_ns, task_heard(task)), now_ns) &&
	       !packet_held(&task->taken) && !is_on_cpu(engine, task);
}

static void expire_tasks(struct trail_engine *engine, uint64_t now_ns)
{
	struct hash *tasks = &engine->tasks;
	size_t i = 0;

	while (i <= tasks->mask) {
		struct task *task = tasks->slot[i].value;

		if (!task || !is_forgotten(engine, task, now_ns)) {
			i++;
			continue;
		}
		/* One from a later slot may take its place: the same slot once more. */
		hash_remove(tasks, tasks->slot[i].key);
		join_task_free(task);
		free(task);
	}
	engine->max_tasks = next_limit(tasks->used, KEEP_TASKS);
}

int expire(struct trail_engine *engine, uint64_t now_ns)
{
	int err = 0;

	if (engine->nr_live > engine->max_live)
		err = expire_packets(engine, now_ns);
	if (engine->tasks.used > engine->max_tasks)
		expire_tasks(engine, now_ns);
	return err;
}
