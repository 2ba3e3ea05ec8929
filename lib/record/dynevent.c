// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dynevent.c - the plugins' symbolic definitions -> dynamic events of this kernel
 *
 * What a kernel takes is found out by asking it, form by form: distributions backport features,
 * and which functions there are to be probed is a matter of the compiler.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>
#include <unistd.h>

#include "btf.h"
#include "dynevent-args.h"
#include "dynevent.h"
#include "kernel-filter.h"

#define PREFIX		"skbtrail:"
#define BTF_PATH	"/sys/kernel/btf/vmlinux"
#define MAX_GROUPS	100
#define FILTER_LINE	"\nfilter "
#define PAYLOAD_LINE	"\npayload kept"

static const char *const kind_name[] = {
	[TRAIL_PROBE_EPROBE] = "eprobe", [TRAIL_PROBE_FPROBE] = "fprobe",
	[TRAIL_PROBE_KPROBE] = "kprobe", [TRAIL_PROBE_KRETPROBE] = "kretprobe",
	[TRAIL_PROBE_COVERED] = "covered",
};

void dynevent_release(struct dynevent_list *list)
{
	for (size_t i = 0; i < list->nr_event; i++)
		free(list->event[i].filter);
	kernel_filter_free(list->kernel_filter);
	free(list->event);
	*list = (struct dynevent_list){ 0 };
}

/* ---- which */

bool dynevent_is_name(const char *name)
{
	return !strncmp(name, PREFIX, strlen(PREFIX)) || !strncmp(name, "skbtrail/", 9);
}

static int add_row(struct dynevent_list *list, const struct trail_row *row, bool named)
{
	struct dynevent *event;

	event = reallocarray(list->event, list->nr_event + 1, sizeof(*event));
	if (!event)
		return -ENOMEM;
	list->event = event;
	event[list->nr_event++] = (struct dynevent){
		.row = row, .name = row->event + strlen(PREFIX), .named = named,
	};
	return 0;
}

/* Did the user name the row's event? */
static bool is_named(const struct session *session, const struct trail_row *row)
{
	const struct trail_record_opts *opts = session->opts;

	for (size_t i = 0; i < opts->nr_event; i++)
		if (dynevent_is_name(opts->event[i].name) &&
		    !strcmp(opts->event[i].name + strlen(PREFIX), row->event + strlen(PREFIX)))
			return true;
	return false;
}

static bool is_wanted(const struct session *session, const struct trail_row *row)
{
	const struct trail_record_opts *opts = session->opts;

	if (opts->no_probes || !(row->preset & opts->preset) ||
	    (opts->packet_filter && row->preset & TRAIL_ROW_UNFILTERED))
		return false;
	return opts->snap_bytes || !strstr(row->probe->args, "{snap");
}

static const struct dynevent *find(const struct dynevent_list *list, const char *name)
{
	for (size_t i = 0; i < list->nr_event; i++)
		if (!strcmp(list->event[i].name, name))
			return &list->event[i];
	return NULL;
}

/* A name that no plugin has is a mistake of the user's. */
static int check_names(const struct dynevent_list *list, const struct session *session)
{
	const struct trail_record_opts *opts = session->opts;

	for (size_t i = 0; i < opts->nr_event; i++)
		if (dynevent_is_name(opts->event[i].name) &&
		    !find(list, opts->event[i].name + strlen(PREFIX)))
			return session_fail(session, -ENOENT, NULL, "no probe '%s'",
					    opts->event[i].name);
	return 0;
}

/* A group that an earlier recording with our pid left behind is not ours. */
static void choose_group(struct dynevent_list *list, const struct session *session)
{
	char path[600];

	for (int i = 0; i < MAX_GROUPS; i++) {
		snprintf(list->system, sizeof(list->system), i ? "skbtrail_%d_%d" : "skbtrail_%d",
			 (int)getpid(), i);
		snprintf(path, sizeof(path), "%s/events/%s", session->tracing_dir, list->system);
		if (faccessat(AT_FDCWD, path, F_OK, AT_EACCESS))
			return;
	}
}

int dynevent_choose(struct dynevent_list *list, const struct session *session)
{
	const struct trail_plugin *const *plugin = session->opts->plugin;
	int err = 0;

	if (!plugin)
		plugin = trail_builtin_plugin;
	for (; !err && *plugin; plugin++)
		for (const struct trail_row *row = (*plugin)->row; !err && row->event; row++) {
			bool named = row->probe && is_named(session, row);

			if (named || (row->probe && is_wanted(session, row)))
				err = add_row(list, row, named);
		}
	choose_group(list, session);
	return err ? err : check_names(list, session);
}

/* ---- into the kernel */

static struct tracefs_dynevent *alloc_eprobe(const char *system, const char *name,
					     const char *place, const char *args)
{
	const char *slash = strchr(place, '/');
	char target[128];

	if (!slash)
		return NULL;
	snprintf(target, sizeof(target), "%.*s", (int)(slash - place), place);
	return tracefs_eprobe_alloc(system, name, target, slash + 1, args);
}

/* libtracefs knows no fprobes before 1.8. */
static int create_fprobe(const char *system, const char *name, const char *place,
			 const char *args)
{
	char *text;
	int err;

	if (asprintf(&text, "f:%s/%s %s %s\n", system, name, place, args) < 0)
		return -ENOMEM;
	errno = 0;
	err = tracefs_instance_file_append(NULL, "dynamic_events", text) < 0 ? -errno : 0;
	free(text);
	return err;
}

static int ask_kernel(const char *system, const char *name, const struct trail_probe *form,
		      const char *args)
{
	struct tracefs_dynevent *dynevent = NULL;
	int err;

	errno = 0;
	if (form->kind == TRAIL_PROBE_FPROBE)
		return create_fprobe(system, name, form->place, args);
	if (form->kind == TRAIL_PROBE_EPROBE)
		dynevent = alloc_eprobe(system, name, form->place, args);
	else if (form->kind == TRAIL_PROBE_KPROBE)
		dynevent = tracefs_kprobe_alloc(system, name, form->place, args);
	else if (form->kind == TRAIL_PROBE_KRETPROBE)
		dynevent = tracefs_kretprobe_alloc(system, name, form->place, args, 0);
	if (!dynevent)
		return errno ? -errno : -EINVAL;
	err = tracefs_dynevent_create(dynevent) ? -errno : 0;
	tracefs_dynevent_free(dynevent);
	return err;
}

/* Where there is no function, some kernels complain about its arguments, others about its name. */
static bool is_no_function(const struct trail_probe *form, int err, const char *log)
{
	return form->kind != TRAIL_PROBE_EPROBE &&
	       (err == -ENOENT || strstr(log, "Invalid $-va") ||
		strstr(log, "Invalid probed addr"));
}

static void explain(const struct session *session, struct dynevent *event, int err,
		    const struct trail_probe *form, const char *log_before)
{
	char log[120];

	session_kernel_error(session, log, sizeof(log));
	if (is_no_function(form, err, log))
		snprintf(event->why, sizeof(event->why), "no function %s", form->place);
	else
		snprintf(event->why, sizeof(event->why), "%s %s: %s", kind_name[form->kind],
			 form->place, *log && strcmp(log, log_before) ? log : strerror(-err));
}

/* What would be written, for a dry run. */
static void tell(const struct session *session, const char *system, const char *name,
		 const struct trail_probe *form, const char *args)
{
	static const char letter[] = { [TRAIL_PROBE_EPROBE] = 'e', [TRAIL_PROBE_FPROBE] = 'f',
				       [TRAIL_PROBE_KPROBE] = 'p', [TRAIL_PROBE_KRETPROBE] = 'r' };
	const struct trail_record_opts *opts = session->opts;
	char path[600], *text;

	snprintf(path, sizeof(path), "%s/dynamic_events", session->tracing_dir);
	if (asprintf(&text, "%c:%s/%s %s %s", letter[form->kind], system, name, form->place,
		     args) < 0)
		return;
	opts->dry_write(opts->data, path, text);
	free(text);
}

/* Return: 0 the kernel took it, -ENOMEM, or another -errno with event->why filled. */
static int try_form(struct dynevent_list *list, struct session *session, struct dynevent *event,
		    const struct trail_probe *form, const struct btf *btf)
{
	struct dynevent_kernel kernel = { btf, session->opts->snap_bytes };
	struct blob args = { 0 };
	char log_before[120];
	int err;

	err = dynevent_args(form->args, &kernel, &args, event->why, sizeof(event->why));
	if (!err)
		err = dynevent_add_filter(list, event, &args);
	if (!err && session->opts->dry_write) {
		tell(session, list->system, event->name, form, args.data);
	} else if (!err) {
		session_kernel_error(session, log_before, sizeof(log_before));
		/* Without a journal no other form can be had either. */
		if (session_remember_dynevent(session, list->system, event->name)) {
			blob_release(&args);
			return -ENOMEM;
		}
		err = ask_kernel(list->system, event->name, form, args.data);
		if (err) {
			session_forget(session);
			if (err != -ENOMEM)
				explain(session, event, err, form, log_before);
		}
	}
	blob_release(&args);
	return err;
}

static bool is_covered(const struct dynevent_list *list, const struct trail_probe *form)
{
	const struct dynevent *by = find(list, form->place);

	return by && by->form;
}

static bool looks_in_page(const struct dynevent_list *list, const struct trail_probe *form)
{
	const struct dynevent *by;

	if (form->kind != TRAIL_PROBE_COVERED)
		return dynevent_looks_in_page(form);
	by = find(list, form->place);
	return by && by->form && dynevent_looks_in_page(by->form);
}

/* @only_page: only those forms that look into pages. */
static int try_forms(struct dynevent_list *list, struct session *session, struct dynevent *event,
		     const struct btf *btf, bool only_page)
{
	const struct trail_probe *form;
	int err;

	for (form = event->row->probe; form->kind != TRAIL_PROBE_END && !event->form; form++) {
		if (only_page && !looks_in_page(list, form))
			continue;
		if (form->kind == TRAIL_PROBE_COVERED) {
			event->form = is_covered(list, form) ? form : NULL;
			continue;
		}
		err = try_form(list, session, event, form, btf);
		if (err == -ENOMEM)
			return err;
		if (!err)
			event->form = form;
	}
	return 0;
}

static int create(struct dynevent_list *list, struct session *session, struct dynevent *event,
		  const struct btf *btf)
{
	int err = 0;

	if (list->kernel_filter)
		err = try_forms(list, session, event, btf, true);
	if (!err && !event->form)
		err = try_forms(list, session, event, btf, false);
	if (err)
		return err;
	if (!event->form && event->named)
		return session_fail(session, -ENOENT, NULL, "cannot probe skbtrail:%s: %s",
				    event->name, event->why);
	return 0;
}

static int add_event(struct dynevent_list *list, const struct dynevent *event,
		     struct event_list *events)
{
	struct event_choice *replaced;

	if (!event->form || event->form->kind == TRAIL_PROBE_COVERED)
		return 0;
	replaced = event->form->replaces ? event_list_find(events, event->form->replaces) : NULL;
	if (replaced && replaced->on && !replaced->named) {
		replaced->is_read = true;
		replaced->on = false;
		events->nr_on--;
	}
	return event_list_add(events, list->system, event->name);
}

static bool has_dynamic_events(const struct session *session)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/dynamic_events", session->tracing_dir);
	return !faccessat(AT_FDCWD, path, F_OK, AT_EACCESS);
}

int dynevent_create(struct dynevent_list *list, struct session *session,
		    struct event_list *events)
{
	bool possible = has_dynamic_events(session);
	struct btf *btf = NULL;
	int err = 0;

	if (!list->nr_event)
		return 0;
	if (possible)
		btf_open(BTF_PATH, &btf);
	for (size_t i = 0; !err && i < list->nr_event; i++) {
		struct dynevent *event = &list->event[i];

		if (!possible)
			snprintf(event->why, sizeof(event->why), "no dynamic events");
		if (possible || event->named)
			err = create(list, session, event, btf);
		if (!err)
			err = add_event(list, event, events);
	}
	btf_close(btf);
	return err;
}

/* ---- what is missing */

static int stand_in(const struct dynevent_list *list, struct dynevent *event,
		    struct session *session, struct event_list *events)
{
	struct event_choice *replaced = NULL;

	if (event->form->replaces)
		replaced = event_list_find(events, event->form->replaces);
	event->form = NULL;
	snprintf(event->why, sizeof(event->why), "the kernel does not switch it on");
	if (event->named)
		return session_fail(session, -EINVAL, NULL, "cannot switch on skbtrail:%s",
				    event->name);
	if (list->kernel_filter && event->row->surplus &&
	    !(event->row->preset & TRAIL_ROW_UNFILTERED))
		return session_fail(session, -EINVAL, NULL, "cannot switch on skbtrail:%s, so "
				    "packets cannot be filtered", event->name);
	if (!replaced || replaced->on)
		return 0;
	replaced->on = true;
	events->nr_on++;
	return event_list_switch_on(replaced, session);
}

static void warn_missing(const struct dynevent_list *list, const struct session *session)
{
	struct blob text = { 0 };
	size_t nr = 0;

	for (size_t i = 0; i < list->nr_event; i++) {
		const struct dynevent *event = &list->event[i];

		if (event->form)
			continue;
		blob_add(&text, ", ", nr++ ? 2 : 0);
		blob_add(&text, event->name, strlen(event->name));
		blob_add(&text, " (", 2);
		blob_add(&text, event->why, strlen(event->why));
		blob_add(&text, ")", 1);
	}
	if (nr && nr == list->nr_event)
		session_warn(session, "this kernel takes no dynamic events (eprobes, kprobes): "
			     "packets are recorded without headers and flows");
	else if (nr && !text.err)
		session_warn(session, "this kernel cannot be probed for: %s", text.data);
	blob_release(&text);
}

int dynevent_settle(struct dynevent_list *list, struct session *session,
		    struct event_list *events)
{
	char full[160];
	int err = 0;

	for (size_t i = 0; !err && i < list->nr_event; i++) {
		struct event_choice *choice;

		snprintf(full, sizeof(full), "%s:%s", list->system, list->event[i].name);
		choice = event_list_find(events, full);
		if (!choice || !choice->refused)
			continue;
		choice->on = false;
		events->nr_on--;
		err = stand_in(list, &list->event[i], session, events);
	}
	if (!err)
		warn_missing(list, session);
	return err;
}

void dynevent_describe(const struct dynevent_list *list, const struct trail_record_opts *opts,
		       struct blob *out)
{
	const char *expr = opts->packet_filter;

	if (expr) {
		blob_add(out, FILTER_LINE, strlen(FILTER_LINE));
		/* A line end separates words as a blank does. */
		for (; *expr; expr++)
			blob_add(out, *expr == '\n' ? " " : expr, 1);
	}
	if (opts->payload && list->nr_event)
		blob_add(out, PAYLOAD_LINE, strlen(PAYLOAD_LINE));
	for (size_t i = 0; i < list->nr_event; i++) {
		const struct dynevent *event = &list->event[i];
		char line[400];
		int n;

		if (event->form)
			n = snprintf(line, sizeof(line), "\nprobe %s: %s %s", event->name,
				     kind_name[event->form->kind], event->form->place);
		else
			n = snprintf(line, sizeof(line), "\nmissing %s: %s", event->name,
				     event->why);
		blob_add(out, line, (size_t)n);
		if (!event->missed)
			continue;
		n = snprintf(line, sizeof(line), "\nmissed %s: %llu", event->name,
			     (unsigned long long)event->missed);
		blob_add(out, line, (size_t)n);
	}
}
