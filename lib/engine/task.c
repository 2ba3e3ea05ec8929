// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * task.c - tasks: names, wakeups, calls in progress
 *
 * A task keeps its last few wakeups, so that a packet that it reads later can be told how long it
 * waited for the wakeup, for a CPU, and for the reader to ask.
 */
#include <errno.h>
#include <stdlib.h>

#include "engine.h"

struct task *task_find(const struct trail_engine *engine, int pid)
{
	return hash_get(&engine->tasks, (uint64_t)(uint32_t)pid + 1);
}

int task_get(struct trail_engine *engine, int pid, struct task **out)
{
	struct task *task = task_find(engine, pid);
	int err;

	*out = task;
	if (task)
		return 0;
	task = calloc(1, sizeof(*task));
	if (!task)
		return -ENOMEM;
	task->pid = pid;
	err = hash_set(&engine->tasks, (uint64_t)(uint32_t)pid + 1, task);
	if (err)
		free(task);
	else
		*out = task;
	return err;
}

const char *task_comm(struct trail_engine *engine, int pid, unsigned int cpu)
{
	struct task *task;
	const char *comm;
	char idle[24];

	if (!pid) {
		int len = snprintf(idle, sizeof(idle), "swapper/%u", cpu);

		return engine_string(engine, idle, (size_t)len);
	}
	if (task_get(engine, pid, &task))
		return NULL;
	if (!task->comm) {
		comm = trail_capture_comm(engine->cap, pid);
		if (!comm)
			comm = "";
		task->comm = engine_string(engine, comm, strlen(comm));
	}
	return task->comm;
}

void task_free_all(struct trail_engine *engine)
{
	size_t i;

	for (i = 0; engine->tasks.slot && i <= engine->tasks.mask; i++)
		free(engine->tasks.slot[i].value);
	hash_release(&engine->tasks);
}

static struct wake *newest(struct task *task)
{
	return task->nr_wake ? &task->wake[(task->nr_wake - 1) % MAX_WAKES] : NULL;
}

static struct wake *add_wake(struct task *task, uint64_t waking_ns)
{
	struct wake *wake = &task->wake[task->nr_wake++ % MAX_WAKES];

	*wake = (struct wake){ .waking_ns = waking_ns };
	return wake;
}

int trail_waking(struct trail_engine *engine, const struct trail_event *event, int pid)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct task *task;
	struct wake *wake;
	int err = task_get(engine, pid, &task);

	if (err)
		return err;
	engine->sees_waking = true;
	if (!cpu->waking_ns && !context_hardirq(cpu))
		cpu->waking_ns = event->ts_ns;
	wake = newest(task);
	if (!wake || wake->run_ns)
		add_wake(task, event->ts_ns);
	return 0;
}

int trail_woken(struct trail_engine *engine, const struct trail_event *event, int pid)
{
	struct task *task;
	struct wake *wake;
	int err = task_get(engine, pid, &task);

	if (err)
		return err;
	wake = newest(task);
	if (!wake || wake->run_ns)
		wake = add_wake(task, event->ts_ns);
	if (!wake->woken_ns)
		wake->woken_ns = event->ts_ns;
	return 0;
}

static int switch_out(struct trail_engine *engine, const struct trail_event *event,
		      const struct trail_switch *sw)
{
	struct task *task;
	struct wake *wake;
	int err;

	if (!sw->prev || !sw->prev_runnable)
		return 0;
	err = task_get(engine, sw->prev, &task);
	if (err)
		return err;
	/* Preempted: it waits for a CPU from now on. */
	wake = add_wake(task, event->ts_ns);
	wake->woken_ns = event->ts_ns;
	return 0;
}

int trail_running(struct trail_engine *engine, const struct trail_event *event,
		  const struct trail_switch *sw)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct task *task;
	struct wake *wake;
	int err;

	engine->sees_switch = true;
	cpu->split.id = 0;
	/* A threaded poll is over when its thread leaves the CPU. */
	if (!cpu->run_ns)
		window_settle(cpu);
	err = switch_out(engine, event, sw);
	if (err || !sw->next)
		return err;
	err = task_get(engine, sw->next, &task);
	if (err)
		return err;
	if (sw->next_comm)
		task->comm = sw->next_comm;
	wake = newest(task);
	if (!wake || wake->run_ns)
		wake = add_wake(task, event->ts_ns);
	wake->run_ns = event->ts_ns;
	return 0;
}

uint64_t task_runs_since(const struct task *task)
{
	const struct wake *wake;

	if (!task || !task->nr_wake)
		return 0;
	wake = &task->wake[(task->nr_wake - 1) % MAX_WAKES];
	return wake->run_ns;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

void task_wait(const struct trail_engine *engine, const struct task *task, struct packet *packet,
	       const uint64_t span[2])
{
	const uint64_t from = span[0], to = span[1];
	const struct wake *wake = NULL;
	uint32_t i, oldest;
	uint64_t woken, runs;

	if (!engine->sees_switch || !engine->sees_waking || !task || !task->nr_wake)
		return;
	oldest = task->nr_wake > MAX_WAKES ? task->nr_wake - MAX_WAKES : 0;
	/* The first time that it began to run after the packet was there. */
	for (i = oldest; i < task->nr_wake && !wake; i++)
		if (task->wake[i % MAX_WAKES].run_ns > from)
			wake = &task->wake[i % MAX_WAKES];
	/* Woken more often since than is remembered: the first one is gone. */
	if (wake && i == oldest + 1 && oldest && wake->waking_ns > from)
		return;
	if (!wake || wake->run_ns > to) {
		packet->out.wake_ns = packet->out.runqueue_ns = 0;
		packet->out.app_ns = (int64_t)(to - from);
		return;
	}
	woken = later(wake->woken_ns ? wake->woken_ns : wake->waking_ns, from);
	runs = wake->run_ns;
	if (woken > runs)
		woken = runs;
	packet->out.wake_ns = (int64_t)(woken - from);
	packet->out.runqueue_ns = (int64_t)(runs - woken);
	packet->out.app_ns = (int64_t)(to - runs);
}

int trail_call_enter(struct trail_engine *engine, const struct trail_event *event,
		     enum trail_call call, bool peek)
{
	struct task *task;
	int err = task_get(engine, event->pid, &task);

	if (err)
		return err;
	task->call = (uint8_t)call;
	task->call_ns = event->ts_ns;
	task->peek = peek;
	task->read_seen = false;
	task->copied = task->taken = (struct life){ 0 };
	task->copied_bytes = task->copy_ns = 0;
	task->copied_from = task->taken_from = NULL;
	return 0;
}

int trail_call_exit(struct trail_engine *engine, const struct trail_event *event,
		    enum trail_call call, int64_t ret)
{
	struct task *task = task_find(engine, event->pid);
	int err = 0;

	if (!task)
		return 0;
	if (call == TRAIL_CALL_RECV)
		err = read_call_over(engine, event, task, ret);
	task->call = TRAIL_CALL_NONE;
	engine_cpu(engine, event)->split.id = 0;
	return err;
}
