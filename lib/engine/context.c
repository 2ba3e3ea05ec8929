// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * context.c - what a CPU is doing: task, softirq, hard interrupt
 *
 * A stack of frames per CPU, kept honest by common_flags: a frame whose bit is clear in a record
 * is gone even when its exit event was lost, and nothing is popped from an empty stack.
 */
#include "engine.h"

static void pop(struct trail_engine *engine, struct cpu *cpu)
{
	const struct frame *top = &cpu->frame[--cpu->nr_frame];

	if (top->kind == FRAME_SOFTIRQ && top->number == TRAIL_SOFTIRQ_NET_RX)
		poll_run_exit(engine, cpu);
}

static void push(struct cpu *cpu, const struct frame *frame)
{
	if (cpu->nr_frame < MAX_FRAMES)
		cpu->frame[cpu->nr_frame++] = *frame;
}

void context_leave(struct trail_engine *engine, const struct trail_event *event, struct cpu *cpu)
{
	while (cpu->nr_frame) {
		const struct frame *top = &cpu->frame[cpu->nr_frame - 1];

		if (event->flags & (top->kind == FRAME_HARDIRQ ? TRAIL_FLAG_HARDIRQ
							       : TRAIL_FLAG_SOFTIRQ))
			break;
		pop(engine, cpu);
	}
}

const struct frame *context_hardirq(const struct cpu *cpu)
{
	const struct frame *top = cpu->nr_frame ? &cpu->frame[cpu->nr_frame - 1] : NULL;

	return top && top->kind == FRAME_HARDIRQ ? top : NULL;
}

bool context_in_softirq(const struct cpu *cpu, enum trail_softirq vec)
{
	uint32_t i;

	for (i = 0; i < cpu->nr_frame; i++)
		if (cpu->frame[i].kind == FRAME_SOFTIRQ && cpu->frame[i].number == (int)vec)
			return true;
	return false;
}

int trail_irq_enter(struct trail_engine *engine, const struct trail_event *event, int irq,
		    const char *name)
{
	struct frame frame = {
		.enter_ns = event->ts_ns, .name = name, .number = irq, .kind = FRAME_HARDIRQ,
	};

	push(engine_cpu(engine, event), &frame);
	return 0;
}

int trail_irq_exit(struct trail_engine *engine, const struct trail_event *event, int irq)
{
	struct cpu *cpu = engine_cpu(engine, event);
	const struct frame *top = context_hardirq(cpu);

	if (top && top->number == irq)
		pop(engine, cpu);
	return 0;
}

int trail_softirq_raise(struct trail_engine *engine, const struct trail_event *event,
			enum trail_softirq vec)
{
	if (vec == TRAIL_SOFTIRQ_NET_RX)
		poll_raise(engine, event, engine_cpu(engine, event));
	return 0;
}

int trail_softirq_enter(struct trail_engine *engine, const struct trail_event *event,
			enum trail_softirq vec)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct frame frame = {
		.enter_ns = event->ts_ns, .number = (int32_t)vec, .kind = FRAME_SOFTIRQ,
	};

	/* Softirqs do not nest: one that is still open lost its exit. */
	while (cpu->nr_frame)
		pop(engine, cpu);
	push(cpu, &frame);
	if (vec == TRAIL_SOFTIRQ_NET_RX)
		poll_run_enter(engine, event, cpu);
	return 0;
}

int trail_softirq_exit(struct trail_engine *engine, const struct trail_event *event,
		       enum trail_softirq vec)
{
	struct cpu *cpu = engine_cpu(engine, event);
	int err = 0;

	if (vec == TRAIL_SOFTIRQ_NET_RX)
		err = receive_frame_end(engine, event, cpu);
	while (cpu->nr_frame)
		pop(engine, cpu);
	return err;
}
