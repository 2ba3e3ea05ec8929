// SPDX-License-Identifier: LGPL-2.1-or-later
/* sched.c - the scheduler -> who was asked to wake up, was woken, runs */
#include "skbtrail.h"

/*
 * prev_state holds the task state bits; with nothing but the preemption marks set the task goes on
 * being runnable.  The mark is the bit above the last reported state: include/trace/events/sched.h,
 * __trace_sched_switch_state(), TASK_REPORT_MAX = 0x100 since 4.14 (0x200 and 0x400 seen later
 * cannot be sleeping states either: those are the low byte).
 */
#define TASK_STATE_BITS		0xff

static int waking(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_waking(engine, event, (int)trail_s64(event, 0));
}

static int wakeup(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_woken(engine, event, (int)trail_s64(event, 0));
}

static int sched_switch(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_switch sw = {
		.prev = (int)trail_s64(event, 0),
		.prev_runnable = !(trail_u64(event, 1) & TASK_STATE_BITS),
		.next = (int)trail_s64(event, 2),
		.next_comm = trail_text(engine, event, 3),
	};

	return trail_running(engine, event, &sw);
}

static const struct trail_row row[] = {
	{ "sched:sched_waking", { "pid" }, waking, TRAIL_PRESET_BOTH },
	{ "sched:sched_wakeup", { "pid" }, wakeup, TRAIL_PRESET_BOTH },
	{ "sched:sched_switch", { "prev_pid", "prev_state", "next_pid", "next_comm" },
	  sched_switch, TRAIL_PRESET_BOTH },
	{ 0 }
};

TRAIL_PLUGIN(sched) = { TRAIL_PLUGIN_ABI, "sched", "wakeups and task switches", row };
