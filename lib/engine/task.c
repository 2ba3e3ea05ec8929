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
#include "expire.h"
#include "join.h"

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

/* Every CPU has an idle task, all have pid 0. */
static const char *idle_comm(struct trail_engine *engine, struct cpu *cpu)
{
	char comm[24];
	int len;

	if (!cpu->idle_comm) {
		len = snprintf(comm, sizeof(comm), "swapper/%u", cpu->number);
		cpu->idle_comm = engine_string(engine, comm, (size_t)len);
	}
	return cpu->idle_comm;
}

const char *task_comm(struct trail_engine *engine, struct cpu *cpu)
{
	struct task *task;
	const char *comm;

	if (!cpu->pid)
		return idle_comm(engine, cpu);
	if (task_get(engine, cpu->pid, &task))
		return NULL;
	if (!task->comm) {
		comm = trail_capture_comm(engine->cap, cpu->pid);
		if (!comm)
			comm = "";
		task->comm = engine_string(engine, comm, strlen(comm));
	}
	return task->comm;
}

void task_free_all(struct trail_engine *engine)
{
	size_t i;

	for (i = 0; engine->tasks.slot && i <= engine->tasks.mask; i++) {
		struct task *task = engine->tasks.slot[i].value;

		if (task)
			join_task_free(task);
		free(task);
	}
	hash_release(&engine->tasks);
}

static struct wake *newest(struct task *task)
{
	return task->wakes.nr ? &task->wakes.wake[(task->wakes.nr - 1) % MAX_WAKES] : NULL;
}

static struct wake *add_wake(struct task *task, uint64_t waking_ns)
{
	struct wake *wake = &task->wakes.wake[task->wakes.nr++ % MAX_WAKES];

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
	wake->preempted = true;
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

	if (!task || !task->wakes.nr)
		return 0;
	wake = &task->wakes.wake[(task->wakes.nr - 1) % MAX_WAKES];
	return wake->run_ns;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

uint64_t task_heard(const struct task *task)
{
	const struct wake *wake;

	if (!task->wakes.nr)
		return 0;
	wake = &task->wakes.wake[(task->wakes.nr - 1) % MAX_WAKES];
	return later(later(wake->waking_ns, wake->woken_ns), wake->run_ns);
}

/* How much of @span the task waited for a CPU in one go. */
static uint64_t waited(const struct wake *wake, const uint64_t span[2])
{
	uint64_t from = later(wake->woken_ns ? wake->woken_ns : wake->waking_ns, span[0]);

	return wake->run_ns > from && wake->run_ns <= span[1] ? wake->run_ns - from : 0;
}

bool wakes_split(const struct wakes *wakes, const uint64_t span[2], int64_t *asleep_ns,
		 int64_t *runqueue_ns)
{
	uint32_t i, oldest = wakes->nr > MAX_WAKES ? wakes->nr - MAX_WAKES : 0;
	const struct wake *first = NULL, *wake;
	uint64_t woken, asleep = 0, runqueue = 0;

	for (i = oldest; i < wakes->nr; i++) {
		wake = &wakes->wake[i % MAX_WAKES];
		if (!first && wake->run_ns > span[0])
			first = wake;
		/* Woken more often since than is remembered: the first one is gone. */
		if (first == wake && i == oldest && oldest && wake->waking_ns > span[0])
			return false;
		runqueue += waited(wake, span);
	}
	/* A task that lost its CPU had been awake. */
	if (first && first->run_ns <= span[1] && !first->preempted) {
		woken = later(first->woken_ns ? first->woken_ns : first->waking_ns, span[0]);
		asleep = (woken < first->run_ns ? woken : first->run_ns) - span[0];
	}
	*asleep_ns = (int64_t)asleep;
	*runqueue_ns = (int64_t)runqueue;
	return wakes->nr > 0;
}

void task_wait(const struct trail_engine *engine, const struct task *task, struct packet *packet,
	       const uint64_t span[2])
{
	int64_t asleep, runqueue;

	if (!engine->sees_switch || !engine->sees_waking || !task ||
	    !wakes_split(&task->wakes, span, &asleep, &runqueue))
		return;
	packet->out.wake_ns = asleep;
	packet->out.runqueue_ns = runqueue;
	packet->out.app_ns = (int64_t)(span[1] - span[0]) - asleep - runqueue;
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
	task->copied = (struct life){ 0 };
	task->taken.id = 0;
	task->copied_bytes = task->copy_ns = task->range_done = 0;
	task->range_of = NULL;
	task->copied_from = task->taken_from = NULL;
	if (engine->joins)
		join_call(task, call);
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
	if (!err && engine->joins)
		err = join_call_over(engine, task, call);
	task->call = TRAIL_CALL_NONE;
	engine_cpu(engine, event)->split.id = 0;
	return err;
}
