// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * irq.c - hard interrupts and softirqs -> contexts of a CPU
 *
 * kernel/softirq.c, include/linux/interrupt.h: the softirq vector numbers have been stable since
 * 4.5 (5 changed its name only).
 */
#include "skbtrail.h"

static enum trail_softirq softirq(const struct trail_event *event)
{
	static const uint8_t vec[] = {
		[1] = TRAIL_SOFTIRQ_TIMER,	[2] = TRAIL_SOFTIRQ_NET_TX,
		[3] = TRAIL_SOFTIRQ_NET_RX,	[6] = TRAIL_SOFTIRQ_TASKLET,
		[8] = TRAIL_SOFTIRQ_HRTIMER,
	};
	uint64_t v = trail_u64(event, 0);

	return v < sizeof(vec) ? (enum trail_softirq)vec[v] : TRAIL_SOFTIRQ_OTHER;
}

static int irq_entry(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_irq_enter(engine, event, (int)trail_s64(event, 0),
			       trail_text(engine, event, 1));
}

static int irq_exit(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_irq_exit(engine, event, (int)trail_s64(event, 0));
}

static int raise(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_softirq_raise(engine, event, softirq(event));
}

static int softirq_entry(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_softirq_enter(engine, event, softirq(event));
}

static int softirq_exit(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_softirq_exit(engine, event, softirq(event));
}

static const struct trail_row row[] = {
	{ "irq:irq_handler_entry", { "irq", "name" }, irq_entry, TRAIL_PRESET_BOTH },
	{ "irq:irq_handler_exit", { "irq" }, irq_exit, TRAIL_PRESET_BOTH },
	{ "irq:softirq_raise", { "vec" }, raise, TRAIL_PRESET_BOTH },
	{ "irq:softirq_entry", { "vec" }, softirq_entry, TRAIL_PRESET_BOTH },
	{ "irq:softirq_exit", { "vec" }, softirq_exit, TRAIL_PRESET_BOTH },
	{ 0 }
};

TRAIL_PLUGIN(irq) = { TRAIL_PLUGIN_ABI, "irq", "hard interrupts and softirqs", row };
