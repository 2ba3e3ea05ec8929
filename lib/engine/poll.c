// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * poll.c - NET_RX runs and NAPI polls: why a packet was taken from its device when it was
 *
 * A softirq raise leaves a cause for the next run.  A run is one NET_RX softirq; the polls in it
 * are told apart by napi_poll, which comes at the end of each.  The packets that arrive before it
 * belong to it: they share a window, and the window learns its napi and cause when it is over.
 * A threaded NAPI polls without a softirq: its window begins when the thread runs.
 */
#include <errno.h>
#include <stdlib.h>

#include "engine.h"

/* The cause of a raise, by the first test that holds. */
static enum trail_cause classify(const struct trail_event *event, const struct cpu *cpu)
{
	if (context_hardirq(cpu))
		return TRAIL_CAUSE_IRQ;
	if (!(event->flags & TRAIL_FLAG_HARDIRQ)) {
		if (cpu->nr_xmit)
			return TRAIL_CAUSE_LOCAL_TX;
		if (cpu->run_ns)
			return TRAIL_CAUSE_RERAISE;
	}
	if (context_in_softirq(cpu, TRAIL_SOFTIRQ_TIMER) ||
	    context_in_softirq(cpu, TRAIL_SOFTIRQ_HRTIMER))
		return TRAIL_CAUSE_TIMER;
	/* An interrupt without handler events, or the idle loop that ran its work itself. */
	if ((event->flags & TRAIL_FLAG_HARDIRQ) || (context_is_task(event) && event->pid == 0))
		return TRAIL_CAUSE_RPS_IPI;
	return TRAIL_CAUSE_TASK;
}

void poll_raise(struct trail_engine *engine, const struct trail_event *event, struct cpu *cpu)
{
	const struct frame *irq = context_hardirq(cpu);
	struct cause *cause;

	if (cpu->nr_pending == MAX_PENDING)
		return;
	cause = &cpu->pending[cpu->nr_pending++];
	*cause = (struct cause){
		.raise_ns = event->ts_ns, .irq = -1, .pid = event->pid, .comm = cpu->comm,
		.kind = (uint8_t)classify(event, cpu),
	};
	if (cause->kind == TRAIL_CAUSE_IRQ) {
		cause->irq = irq->number;
		cause->irq_name = irq->name;
		cause->irq_ns = irq->enter_ns;
	}
}

/* kernel/softirq.c: the threads are named "ksoftirqd/CPU". */
static void note_ksoftirqd(const struct trail_engine *engine, const struct trail_event *event,
			   struct cpu *cpu)
{
	const struct task *task;

	cpu->ksoftirqd.nr = 0;
	if (!engine->sees_switch || !engine->sees_waking || strncmp(cpu->comm, "ksoftirqd/", 10))
		return;
	task = task_find(engine, event->pid);
	if (task)
		cpu->ksoftirqd = task->wakes;
}

/* How much of the wait for a softirq was for ksoftirqd: to be woken, and to get the CPU. */
static void softirq_parts(struct packet *packet, const struct wakes *ksoftirqd,
			  const uint64_t span[2])
{
	int64_t asleep, runqueue;

	if (!ksoftirqd->nr || !wakes_split(ksoftirqd, span, &asleep, &runqueue))
		return;
	packet->out.softirq_wake_ns = asleep;
	packet->out.softirq_runqueue_ns = runqueue;
}

void poll_run_enter(struct trail_engine *engine, const struct trail_event *event,
		    struct cpu *cpu)
{
	window_settle(cpu);
	memcpy(cpu->run, cpu->pending, sizeof(cpu->run));
	cpu->nr_run = cpu->nr_pending;
	cpu->nr_pending = 0;
	cpu->last_run_ns = cpu->this_run_ns;
	cpu->run_ns = cpu->this_run_ns = event->ts_ns;
	cpu->polled = false;
	note_ksoftirqd(engine, event, cpu);
}

void poll_run_exit(struct trail_engine *engine, struct cpu *cpu)
{
	window_settle(cpu);
	cpu->nr_run = 0;
	cpu->run_ns = 0;
	cpu->nr_batch = 0;
	cpu->probed = NULL;
	cpu->split.id = 0;
}

void window_put(struct window *window)
{
	if (window && !--window->refs)
		free(window);
}

void window_settle(struct cpu *cpu)
{
	if (!cpu->window)
		return;
	cpu->window->settled = true;
	window_put(cpu->window);
	cpu->window = NULL;
}

static int window_open(struct trail_engine *engine, const struct trail_event *event,
		       struct cpu *cpu)
{
	struct window *window = calloc(1, sizeof(*window));
	struct task *task;

	if (!window)
		return -ENOMEM;
	window->refs = 1;
	window->cpu = event->cpu;
	window->poll.irq = window->poll.work = window->poll.budget = -1;
	window->enter_ns = cpu->run_ns;
	if (cpu->run_ns && cpu->ksoftirqd.nr)
		window->ksoftirqd = cpu->ksoftirqd;
	cpu->window = window;
	if (cpu->run_ns || !context_is_task(event))
		return 0;
	task = task_find(engine, event->pid);
	if (task && task->call != TRAIL_CALL_NONE) {
		window->poll.cause = TRAIL_CAUSE_BUSY_POLL;
		return 0;
	}
	/* net/core/dev.c: napi_kthread_create() names the threads "napi/DEVICE-ID". */
	if (!strncmp(cpu->comm, "napi/", 5)) {
		window->poll.cause = TRAIL_CAUSE_THREAD;
		if (task && task->wakes.nr) {
			uint32_t last = (task->wakes.nr - 1) % MAX_WAKES;

			window->raise_ns = task->wakes.wake[last].waking_ns;
			window->enter_ns = task->wakes.wake[last].run_ns;
		}
	}
	return 0;
}

int poll_arrive(struct trail_engine *engine, const struct trail_event *event, struct cpu *cpu,
		struct packet *packet)
{
	int err = 0;

	if (packet->window)
		return 0;
	if (!cpu->window)
		err = window_open(engine, event, cpu);
	if (err)
		return err;
	packet->window = cpu->window;
	packet->window->refs++;
	packet->window->arrivals++;
	return 0;
}

static void set_cause(struct window *window, const struct cause *cause)
{
	window->poll.cause = cause->kind;
	window->raise_ns = cause->raise_ns;
	window->cause_ns = cause->irq_ns;
	window->cause_pid = cause->pid;
	window->cause_comm = cause->comm;
	window->poll.irq = cause->irq;
	window->poll.irq_name = cause->irq_name;
}

static uint64_t irq_key(int32_t irq)
{
	return (uint64_t)(uint32_t)irq + 1;
}

static bool binds(const struct trail_engine *engine, const struct cause *cause, uint64_t napi)
{
	return cause->kind == TRAIL_CAUSE_IRQ &&
	       hash_get(&engine->irqs, irq_key(cause->irq)) == (void *)(uintptr_t)napi;
}

/* Most drivers name the interrupt after the device; a hint where nothing better is known. */
static bool hints(const struct cause *cause, const char *dev)
{
	return cause->kind == TRAIL_CAUSE_IRQ && dev && cause->irq_name &&
	       strstr(cause->irq_name, dev);
}

static const struct cause *choose(const struct trail_engine *engine, const struct cpu *cpu,
				  uint64_t napi, const char *dev)
{
	uint32_t i;

	for (i = 0; i < cpu->nr_run; i++)
		if (binds(engine, &cpu->run[i], napi))
			return &cpu->run[i];
	/* Scheduled by an interrupt during the run, and still polled in it. */
	for (i = 0; i < cpu->nr_pending; i++)
		if (binds(engine, &cpu->pending[i], napi))
			return &cpu->pending[i];
	for (i = 0; i < cpu->nr_run; i++)
		if (hints(&cpu->run[i], dev))
			return &cpu->run[i];
	for (i = 0; i < cpu->nr_run; i++)
		if (dev ? cpu->nr_run == 1 : cpu->run[i].kind != TRAIL_CAUSE_IRQ)
			return &cpu->run[i];
	return NULL;
}

/*
 * A run with one cause teaches which napi the interrupt schedules: the first that is polled.  Those
 * behind it may be of a device that a packet came to in the run: a tunnel, the peer of a pair.
 */
static int learn(struct trail_engine *engine, const struct cpu *cpu, uint64_t napi,
		 const char *dev)
{
	struct device *device;
	int err;

	if (cpu->nr_run != 1 || cpu->run[0].kind != TRAIL_CAUSE_IRQ || cpu->polled || !dev)
		return 0;
	err = engine_device(engine, dev, &device);
	if (err)
		return err;
	device->has_irq = true;
	return hash_set(&engine->irqs, irq_key(cpu->run[0].irq), (void *)(uintptr_t)napi);
}

/* What the driver says that it handled beside what was seen to come of it. */
static int account(struct trail_engine *engine, const struct cpu *cpu, const char *dev,
		   const int work_budget[2])
{
	struct device *device;
	int err;

	if (!dev || work_budget[0] < 0)
		return 0;
	err = engine_device(engine, dev, &device);
	if (err)
		return err;
	device->polled.polls++;
	device->polled.work += (uint64_t)work_budget[0];
	device->polled.packets += cpu->window ? cpu->window->arrivals : 0;
	if (work_budget[0] >= work_budget[1] && work_budget[1] > 0)
		device->polled.squeezed++;
	return 0;
}

int trail_poll_end(struct trail_engine *engine, const struct trail_event *event, uint64_t napi,
		   const char *dev, const int work_budget[2])
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct window *window = cpu->window;
	const struct cause *cause;
	int err = account(engine, cpu, dev, work_budget);

	if (!err)
		err = receive_batch_over(engine, event, cpu);
	if (!err && cpu->run_ns)
		err = learn(engine, cpu, napi, dev);
	cpu->polled = true;
	if (window) {
		window->poll.napi = napi;
		window->poll.dev = dev;
		window->poll.work = work_budget[0];
		window->poll.budget = work_budget[1];
		cause = cpu->run_ns ? choose(engine, cpu, napi, dev) : NULL;
		if (cause)
			set_cause(window, cause);
		window_settle(cpu);
	}
	return err;
}

int poll_leave_backlog(struct trail_engine *engine, const struct trail_event *event,
		       struct cpu *cpu, struct packet *packet)
{
	uint64_t from = packet->stage_ns, enter = cpu->run_ns, raise = 0;
	int err;

	if (!enter || enter <= from)
		return packet_close_stage(engine, packet, event->ts_ns);
	if (cpu->nr_run)
		raise = cpu->run[0].raise_ns;
	if (raise > from && raise <= enter) {
		err = packet_close_stage(engine, packet, raise);
		from = raise;
	} else {
		packet->stage = NULL;
		err = 0;
	}
	if (err)
		return err;
	softirq_parts(packet, &cpu->ksoftirqd, (const uint64_t[]){ from, enter });
	err = packet_span(packet, &(struct trail_span){
		.stage = &trail_stage[TRAIL_STAGE_SOFTIRQ], .start_ns = from, .end_ns = enter,
		.comm = cpu->comm, .pid = event->pid, .cpu = event->cpu });
	if (err)
		return err;
	packet->out.end_ns = event->ts_ns;
	return packet_span(packet, &(struct trail_span){
		.stage = &trail_stage[TRAIL_STAGE_POLL], .start_ns = enter,
		.end_ns = event->ts_ns, .comm = cpu->comm, .pid = event->pid,
		.cpu = event->cpu });
}

/* Puts @span before all others. */
static int prepend(struct packet *packet, const struct trail_span *span)
{
	int err;

	if (span->start_ns >= span->end_ns && span->stage->id != TRAIL_STAGE_POLL)
		return 0;
	err = packet_span(packet, span);
	if (err)
		return err;
	memmove(packet->spans + 1, packet->spans, (packet->out.nr_span - 1u) * sizeof(*span));
	packet->spans[0] = *span;
	packet->out.start_ns = span->start_ns;
	return 0;
}

int poll_prefix(struct packet *packet)
{
	const struct window *window = packet->window;
	uint64_t birth = packet->out.start_ns, from;
	struct trail_span span = { .end_ns = birth, .comm = "", .pid = -1 };
	int err;

	if (!packet->prefix || !window || !window->enter_ns || window->enter_ns > birth)
		return 0;
	if (packet->out.nr_span) {
		span.comm = packet->spans[0].comm;
		span.pid = packet->spans[0].pid;
	}
	span.cpu = window->cpu;
	from = window->raise_ns > window->enter_ns && window->raise_ns <= birth ?
	       window->raise_ns : window->enter_ns;
	span.stage = &trail_stage[TRAIL_STAGE_POLL];
	span.start_ns = from;
	err = prepend(packet, &span);
	if (err || !window->raise_ns || window->raise_ns > from)
		return err;
	span.stage = &trail_stage[TRAIL_STAGE_SOFTIRQ];
	span.start_ns = window->raise_ns;
	span.end_ns = from;
	softirq_parts(packet, &window->ksoftirqd, (const uint64_t[]){ span.start_ns, from });
	err = prepend(packet, &span);
	if (err || !window->cause_ns)
		return err;
	span.stage = &trail_stage[TRAIL_STAGE_IRQ];
	span.start_ns = window->cause_ns;
	span.end_ns = window->raise_ns;
	span.pid = window->cause_pid;
	span.comm = window->cause_comm;
	return prepend(packet, &span);
}
