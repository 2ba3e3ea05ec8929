// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dynevent-user.c - the plans of the user's probes -> dynamic events, triggers and filters
 *
 * What the README of tracefs promises is asked of the kernel, plan by plan; what one plan has
 * created is undone before the next is tried.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>

#include "dynevent-missed.h"
#include "dynevent-user.h"

#define PATH_SIZE	512

void user_probes_release(struct user_probes *probes)
{
	free(probes->plan);
	free(probes->missed);
	probe_set_release(&probes->set);
	if (probes->has_kernel)
		probe_kernel_release(&probes->kernel);
	*probes = (struct user_probes){ 0 };
}

/* ---- what is wanted */

int user_probes_choose(struct user_probes *probes, struct session *session, const char *group)
{
	const struct trail_record_list *list = &session->opts->probe;
	int err;

	if (!list->nr)
		return 0;
	err = probe_kernel_init(&probes->kernel, session->tracing_dir);
	if (err)
		return session_fail(session, err, NULL, "%s/README: %s", session->tracing_dir,
				    strerror(-err));
	probes->has_kernel = true;
	snprintf(probes->set.group, sizeof(probes->set.group), "%s", group);
	probes->plan = calloc(list->nr, sizeof(*probes->plan));
	probes->missed = calloc(list->nr, sizeof(*probes->missed));
	if (!probes->plan || !probes->missed)
		return -ENOMEM;
	for (size_t i = 0; !err && i < list->nr; i++) {
		err = probe_set_add(&probes->set, &probes->kernel, list->item[i], session->error);
		session->error->item = err ? (unsigned int)i + 1 : 0;
		if (!err && *probes->set.event[i].note)
			session_warn(session, "%s", probes->set.event[i].note);
	}
	return err;
}

/* ---- what the kernel says */

/* The log keeps the beginning of a command. */
static bool is_ours(const struct probe_plan *plan, const char *command)
{
	size_t length = strcspn(command, "\n");

	for (size_t i = 0; i < plan->nr_line; i++)
		if (length && !strncmp(plan->line[i].text, command, length < 200 ? length : 200))
			return true;
	return false;
}

/*
 * "[ 12.3] trace_kprobe: error: WHY\n  Command: LINE\n           ^\n", the last one: the field of
 * LINE that the caret is under.  Return: its column in the SPEC, 0: none.
 */
static unsigned int kernel_column(const struct probe_event *event, char *why, size_t size)
{
	const struct probe_plan *last = &event->plan[event->nr_plan - 1];
	char *log = tracefs_error_last(NULL), *command, *caret, *at;
	unsigned int column = 0;
	size_t offset;

	*why = '\0';
	at = log ? strstr(log, "error: ") : NULL;
	if (at)
		snprintf(why, size, "%.*s", (int)strcspn(at + 7, "\n"), at + 7);
	command = at ? strstr(at, "  Command: ") : NULL;
	/* Of somebody else's, it says nothing of ours. */
	if (!command || !is_ours(last, command + strlen("  Command: "))) {
		*why = '\0';
		command = NULL;
	}
	caret = command ? strchr(command, '\n') : NULL;
	offset = caret ? strspn(caret + 1, " ") : 0;
	for (size_t i = 0; command && i < event->nr_field; i++) {
		char field[PROBE_NAME_SIZE + 2];

		snprintf(field, sizeof(field), " %s=", event->field[i].name);
		at = strstr(command, field);
		if (at && at < caret && (size_t)(at - command) < offset)
			column = event->field[i].column;
	}
	free(log);
	return column;
}

/* No plan was taken. */
static int fail(const struct user_probes *probes, const struct session *session, size_t i,
		int err)
{
	const struct probe_event *event = &probes->set.event[i];
	struct trail_error *error = session->error;
	unsigned int column;
	char why[160];

	column = kernel_column(event, why, sizeof(why));
	if (err == -ENOENT || strstr(why, "probed addr") || strstr(why, "register probe") ||
	    !column)
		probe_kernel_explain(&probes->kernel, event->spec, error);
	if (event->spec->offset && strstr(why, "instruction bound"))
		spec_fail(error, event->spec->place_column, NULL, "no instruction begins there");
	else if (column)
		spec_fail(error, column, NULL, "the kernel does not take it: %s", why);
	else if (event->spec->target != SPEC_KERNEL)
		spec_fail(error, event->spec->symbol.column, NULL, "the kernel does not take it: "
			  "%s", *why ? why : strerror(-err));
	error->item = (unsigned int)i + 1;
	return err == -ENOMEM ? err : -EINVAL;
}

/* ---- dynamic events */

static int write_line(struct session *session, const struct probe_line *line)
{
	char path[PATH_SIZE];
	int err;

	snprintf(path, sizeof(path), "%s/dynamic_events", session->tracing_dir);
	if (session->opts->dry_write) {
		session->opts->dry_write(session->opts->data, path, line->text);
		return 0;
	}
	err = session_remember_dynevent(session, line->system, line->name);
	/* Without a journal no other form can be had either. */
	if (err)
		return -ENOMEM;
	err = write_lines(path, line->text, O_APPEND);
	if (err)
		session_forget(session);
	return err;
}

static int try_plan(struct session *session, const struct probe_plan *plan)
{
	size_t nr = 0;
	int err = 0;

	while (!err && nr < plan->nr_line) {
		err = write_line(session, &plan->line[nr]);
		nr += !err;
	}
	if (err)
		session_undo(session, nr);
	return err;
}

static int add_to_list(struct event_list *events, const char *system, const char *name)
{
	struct event_choice *choice;
	char full[2 * PROBE_EVENT_SIZE];
	int err = event_list_add(events, system, name);

	if (err)
		return err;
	snprintf(full, sizeof(full), "%s:%s", system, name);
	choice = event_list_find(events, full);
	/* Whoever asked for it wants to know when it is not there. */
	if (choice)
		choice->optional = false;
	return 0;
}

/* The kernel's own event. */
static int use_event(const struct session *session, const struct probe_event *event,
		     struct event_list *events)
{
	struct event_choice *choice;
	char full[2 * PROBE_EVENT_SIZE];

	snprintf(full, sizeof(full), "%s:%s", event->system, event->name);
	choice = event_list_find(events, full);
	if (!choice)
		return session_fail(session, -ENOENT, NULL, "this kernel has no event '%s'", full);
	if (choice->on && event->filter)
		return spec_fail(session->error, event->spec->object.column, "name a field as a "
				 "value before 'if': then it is an event of its own",
				 "%s is recorded for the packets as well, so it cannot have a "
				 "condition", full);
	events->nr_on += !choice->on;
	choice->on = choice->named = true;
	return 0;
}

static int create(struct user_probes *probes, struct session *session, size_t i,
		  struct event_list *events)
{
	const struct probe_event *event = &probes->set.event[i];
	const struct probe_plan *plan = NULL;
	int err = -EINVAL;

	for (size_t j = 0; err && err != -ENOMEM && j < event->nr_plan; j++) {
		plan = &event->plan[j];
		err = try_plan(session, plan);
	}
	if (err)
		return fail(probes, session, i, err);
	probes->plan[i] = plan;
	if (!plan->nr_line) {
		err = use_event(session, event, events);
		session->error->item = err ? (unsigned int)i + 1 : 0;
		return err;
	}
	err = add_to_list(events, event->system, event->name);
	if (!err && *plan->entry)
		err = add_to_list(events, event->system, plan->entry);
	return err;
}

int user_probes_create(struct user_probes *probes, struct session *session,
		       struct event_list *events)
{
	int err = 0;

	for (size_t i = 0; !err && i < probes->set.nr_event; i++)
		err = create(probes, session, i, events);
	return err;
}

/* ---- triggers and filters */

static int set_trigger(struct session *session, const struct probe_trigger *trigger)
{
	char path[PATH_SIZE], why[160];
	int err;

	snprintf(path, sizeof(path), "events/%s/%s/trigger", trigger->system, trigger->name);
	err = session_add_trigger(session, path, trigger->text);
	if (!err)
		return 0;
	session_kernel_error(session, why, sizeof(why));
	return session_fail(session, err, NULL, "the kernel does not take the trigger '%s': %s",
			    trigger->text, *why ? why : strerror(-err));
}

static int set_filter(struct session *session, const char *system, const char *name,
		      const char *filter)
{
	char path[PATH_SIZE], why[160];
	int err;

	snprintf(path, sizeof(path), "events/%s/%s/filter", system, name);
	err = session_write(session, path, filter, WRITE_VALUE);
	if (!err)
		return 0;
	session_kernel_error(session, why, sizeof(why));
	return session_fail(session, err, NULL, "the kernel does not take the condition '%s': %s",
			    filter, *why ? why : strerror(-err));
}

/* Those that lines of the plan have for their events, then the probe's own. */
static int set_filters(struct session *session, const struct probe_event *event,
		       const struct probe_plan *plan)
{
	bool is_set = !event->filter;
	int err = 0;

	for (size_t i = 0; !err && i < plan->nr_line; i++) {
		const struct probe_line *line = &plan->line[i];

		if (!line->filter)
			continue;
		err = set_filter(session, line->system, line->name, line->filter);
		is_set |= !strcmp(line->name, event->name);
	}
	return err || is_set ? err : set_filter(session, event->system, event->name,
						event->filter);
}

int user_probes_arm(struct user_probes *probes, struct session *session)
{
	int err = 0;

	for (size_t i = 0; !err && i < probes->set.nr_event; i++) {
		const struct probe_plan *plan = probes->plan[i];

		for (size_t j = 0; !err && plan && j < plan->nr_trigger; j++)
			err = set_trigger(session, &plan->trigger[j]);
		if (!err && plan)
			err = set_filters(session, &probes->set.event[i], plan);
		session->error->item = err ? (unsigned int)i + 1 : 0;
	}
	return err;
}

/* ---- while it runs */

/* Several probes may be in one file, or in one process. */
static bool is_told(const struct user_probes *probes, size_t i, enum process_news news)
{
	const struct process_watch *watch = probes->set.event[i].watch, *other;

	while (i--) {
		other = probes->set.event[i].watch;
		if (other && (other->told & news) && other->pid == watch->pid &&
		    (news == PROCESS_ENDED || !strcmp(other->path, watch->path)))
			return true;
	}
	return false;
}

void user_probes_look(struct user_probes *probes, struct session *session)
{
	char text[PROCESS_PATH_SIZE + 128];
	enum process_news news;

	for (size_t i = 0; i < probes->set.nr_event; i++) {
		struct process_watch *watch = probes->set.event[i].watch;

		while (watch && (news = process_watch_look(watch, text, sizeof(text))))
			if (!is_told(probes, i, news))
				session_warn(session, "%s", text);
	}
}

/* "    Dropped: 3", at the end of a histogram: there was no place for so many. */
static unsigned long long count_dropped(const struct session *session, const char *system,
					const char *name)
{
	static const char word[] = "Dropped: ";
	unsigned long long nr = 0;
	struct blob text = { 0 };
	char path[PATH_SIZE];
	const char *at;

	snprintf(path, sizeof(path), "events/%s/%s/hist", system, name);
	if (!session_read(session, path, &text) && text.data)
		for (at = text.data; (at = strstr(at, word)); at += strlen(word))
			nr += strtoull(at + strlen(word), NULL, 10);
	blob_release(&text);
	return nr;
}

void user_probes_finish(struct user_probes *probes, struct session *session)
{
	user_probes_look(probes, session);
	for (size_t i = 0; i < probes->set.nr_event; i++) {
		const struct probe_event *event = &probes->set.event[i];
		unsigned long long nr;

		if (!probes->plan[i] || !probes->plan[i]->uses_hist)
			continue;
		nr = count_dropped(session, event->system, probes->plan[i]->entry);
		if (nr)
			session_warn(session, "%s: of %llu calls the kernel could not keep the "
				     "arguments until the return", event->name, nr);
	}
}

/* ---- the end */

uint64_t user_probes_count_missed(struct user_probes *probes, const struct session *session)
{
	struct missed_text text;
	uint64_t sum = 0;

	if (!probes->set.nr_event || dynevent_missed_read(&text, session))
		return 0;
	for (size_t i = 0; i < probes->set.nr_event; i++) {
		const struct probe_plan *plan = probes->plan[i];

		probes->missed[i] = 0;
		for (size_t j = 0; plan && j < plan->nr_line; j++)
			probes->missed[i] += dynevent_missed_of(&text, plan->line[j].system,
						       plan->line[j].name);
		sum += probes->missed[i];
	}
	dynevent_missed_release(&text);
	return sum;
}

/* ---- the capture */

static void add_text(struct blob *out, const char *text)
{
	/* A line end separates words as a blank does. */
	for (; *text; text++)
		blob_add(out, *text == '\n' ? " " : text, 1);
}

static void add_missed(struct blob *out, const char *name, uint64_t missed)
{
	char line[120];
	int n = snprintf(line, sizeof(line), "\nmissed %s: %llu", name,
			 (unsigned long long)missed);

	blob_add(out, line, (size_t)n);
}

void user_probes_describe(const struct user_probes *probes, struct blob *out)
{
	for (size_t i = 0; i < probes->set.nr_event; i++) {
		const struct probe_event *event = &probes->set.event[i];
		const struct probe_plan *plan = probes->plan[i];
		char *keys = plan ? probe_event_keys(event, plan) : NULL;

		if (!plan)
			continue;
		blob_add(out, "\nuser ", 6);
		if (!plan->nr_line) {
			add_text(out, event->system);
			blob_add(out, "/", 1);
		}
		add_text(out, event->name);
		if (keys)
			add_text(out, keys);
		else
			out->err = -ENOMEM;
		blob_add(out, " : ", 3);
		add_text(out, event->spec->text);
		free(keys);
		if (probes->missed[i])
			add_missed(out, event->name, probes->missed[i]);
	}
}
