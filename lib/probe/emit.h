/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * emit.h - a SPEC and a kernel -> what is to be written to tracefs, in several forms, best first
 *
 * Nothing is written here: whoever does keeps the journal (lib/record/dynevent-user.c).
 */
#ifndef PROBE_EMIT_H
#define PROBE_EMIT_H

#include "kernel.h"
#include "process.h"
#include "resolve.h"

#define PROBE_EVENT_SIZE	64	/* kernel/trace/trace.h: MAX_EVENT_NAME_LEN */
#define PROBE_MAX_PLAN		4

/*
 * A line for dynamic_events, which creates @system/@name; several lines of one name are one event.
 * @filter: event filter in the place of the probe's, or NULL
 */
struct probe_line {
	char *system;
	char *name;
	char *text;
	char *filter;
};

/* A trigger for the event @system/@name of the instance; "!" before it removes it. */
struct probe_trigger {
	char *system;
	char *name;
	char *text;
};

/**
 * struct probe_plan - one form of a probe
 * @form: "fprobe", "kprobe", "eprobe", "event" (the kernel's own, nothing is created) ...
 * @line, @trigger: in the order in which they are to be made; undone in the opposite one
 * @entry: name of the event at the function's entry, when there is one: to be recorded as well
 * @uses_hist: entry values are kept by hist triggers
 * @entry_fields: fields without memory behind them are in the entry's event only; both events have
 *		  __probe_sp, by which the reader knows that they are of one call
 * @stack_step: then, how far the stack pointer at the return is above that at the entry
 */
struct probe_plan {
	const char *form;
	struct probe_line *line;
	size_t nr_line;
	struct probe_trigger *trigger;
	size_t nr_trigger;
	char entry[PROBE_EVENT_SIZE];
	bool uses_hist;
	bool entry_fields;
	unsigned int stack_step;
};

/**
 * struct probe_event - a probe
 * @system, @name: the event that the user sees; of a tracepoint without values its own
 * @is_user: of a program
 * @field: @nr_field
 * @filter: event filter, or NULL
 * @note: what was left out, and why, or ""
 * @where: how the place was found, for `probe show`
 * @watch: of a program, the file and the process that are probed; NULL: it cannot be watched
 * @retval: index of the field with the return value, or -1
 */
struct probe_event {
	struct spec *spec;
	char system[PROBE_EVENT_SIZE];
	char name[PROBE_EVENT_SIZE];
	bool is_user;
	struct probe_field *field;
	size_t nr_field;
	char *filter;
	char note[320];
	char where[320];
	struct process_watch *watch;
	int retval;
	struct probe_plan plan[PROBE_MAX_PLAN];
	size_t nr_plan;
};

/**
 * struct probe_set - the probes of one session
 * @group: the system in which they are created, "skbtrail_1234"
 */
struct probe_set {
	char group[32];
	struct probe_event *event;
	size_t nr_event;
};

/*
 * Parses @text and works out how it is to be probed.  @kernel: stays the caller's, may be changed.
 * Return: 0; -EINVAL with text, hint and column in @error; -ENOTSUP this kernel cannot; -ENOMEM.
 */
int probe_set_add(struct probe_set *set, struct probe_kernel *kernel, const char *text,
		  struct trail_error *error);
void probe_set_release(struct probe_set *set);

/* "probe show": the lines of a plan, and how each name was found.  Return: the text, or NULL. */
char *probe_event_describe(const struct probe_event *event, const struct probe_plan *plan);
/* " KEY=FIELD,...", of the line in a capture (capture-probes.c).  Return: the text, or NULL. */
char *probe_event_keys(const struct probe_event *event, const struct probe_plan *plan);

#endif /* PROBE_EMIT_H */
