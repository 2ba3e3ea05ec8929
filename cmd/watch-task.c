// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch-task.c - who a task was when an event came
 *
 * Events are seen a tenth of a second after they came: by then a task may have another name, or be
 * gone.  The kernel tells when names change and tasks end; what is left is asked of /proc.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "watch-parts.h"

#define NR_SLOT		16384	/* power of two; tasks share them */
#define COMM_SIZE	24
#define NR_SOURCE	3

const char *const watch_task_event[] = {
	"task:task_rename", "sched:sched_process_exit", "sched:sched_process_fork", NULL
};

/* @before, @after: fields with the task's name until then, and from then on; NULL: not told. */
static const struct source {
	const char *name;
	const char *pid;
	const char *before;
	const char *after;
} source[NR_SOURCE] = {
	{ "task_rename", "pid", "oldcomm", "newcomm" },
	{ "sched_process_exit", "pid", "comm", NULL },
	{ "sched_process_fork", "child_pid", NULL, "child_comm" },
};

struct slot {
	int pid;
	bool is_known;
	char comm[COMM_SIZE];
};

struct watch_tasks {
	struct trail_capture *cap;
	char idle[COMM_SIZE];		/* of the idle task that was asked for last */
	struct slot slot[NR_SLOT];
};

int watch_tasks_new(struct trail_capture *cap, struct watch_tasks **out)
{
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	(*out)->cap = cap;
	return 0;
}

void watch_tasks_free(struct watch_tasks *tasks)
{
	free(tasks);
}

static const struct source *source_of(const struct trail_description *what)
{
	for (size_t i = 0; what && !what->spec && i < NR_SOURCE; i++)
		if (!strcmp(what->name, source[i].name))
			return &source[i];
	return NULL;
}

static bool value_of(const struct watch_tasks *tasks, const struct trail_event *event,
		     const char *name, struct trail_value *value)
{
	const struct trail_description *what = trail_capture_describe(tasks->cap, event->type);
	char room[TRAIL_VALUE_ROOM];

	for (uint16_t i = 0; name && i < what->nr_field; i++) {
		if (strcmp(what->field[i].name, name) != 0)
			continue;
		/* Numbers and strings, which have no use for the room. */
		trail_event_value(tasks->cap, event, &what->field[i], room, value);
		return value->kind != TRAIL_VALUE_UNKNOWN && value->kind != TRAIL_VALUE_TEXT;
	}
	return false;
}

static struct slot *slot_of(struct watch_tasks *tasks, int pid)
{
	struct slot *slot = &tasks->slot[(unsigned int)pid % NR_SLOT];

	if (slot->pid != pid) {
		slot->pid = pid;
		slot->is_known = false;
	}
	return slot;
}

static void set(struct slot *slot, const char *comm, size_t len)
{
	len = len < COMM_SIZE ? len : COMM_SIZE - 1;
	memcpy(slot->comm, comm, len);
	slot->comm[len] = '\0';
	slot->is_known = true;
}

/* Which task a source tells of: without a number its own. */
static int task_of(const struct watch_tasks *tasks, const struct trail_event *event,
		   const struct source *from)
{
	struct trail_value pid;

	return value_of(tasks, event, from->pid, &pid) ? (int)pid.number : event->pid;
}

void watch_tasks_prepare(struct watch_tasks *tasks, const struct trail_event *event, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		const struct trail_description *what =
			trail_capture_describe(tasks->cap, event[i].type);
		const struct source *from = source_of(what);
		struct trail_value comm;
		struct slot *slot;

		if (!from)
			continue;
		slot = slot_of(tasks, task_of(tasks, &event[i], from));
		/* The first thing that is told of it says what it was called before. */
		if (!slot->is_known && value_of(tasks, &event[i], from->before, &comm))
			set(slot, comm.bytes, comm.nr_bytes);
	}
}

void watch_tasks_see(struct watch_tasks *tasks, const struct trail_event *event)
{
	const struct source *from = source_of(trail_capture_describe(tasks->cap, event->type));
	struct trail_value comm;

	if (from && value_of(tasks, event, from->after, &comm))
		set(slot_of(tasks, task_of(tasks, event, from)), comm.bytes, comm.nr_bytes);
}

const char *watch_task_name(struct watch_tasks *tasks, const struct trail_event *event)
{
	struct slot *slot = slot_of(tasks, event->pid);
	const char *comm;

	/* kernel/smpboot.c, init/init_task.c: each CPU has one. */
	if (!event->pid) {
		snprintf(tasks->idle, sizeof(tasks->idle), "swapper/%u", event->cpu);
		return tasks->idle;
	}
	if (!slot->is_known) {
		comm = trail_capture_comm(tasks->cap, event->pid);
		if (!comm)
			return "";
		set(slot, comm, strlen(comm));
	}
	return slot->comm;
}
