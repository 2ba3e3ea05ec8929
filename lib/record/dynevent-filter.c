// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dynevent-filter.c - the packet filter -> filters of the dynamic events with packet bytes
 *
 * These events stand for the kernel's own, of which none that tells of a packet's birth is recorded
 * then: a packet that does not match is never heard of.  So none of them may go without its filter.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dynevent.h"
#include "kernel-filter.h"

#define HINT	"record without --filter and use 'skbtrail report --filter'"

/* Rows with packet bytes say which of them are not to be kept. */
static bool has_bytes(const struct dynevent *event)
{
	return event->row->surplus && !(event->row->preset & TRAIL_ROW_UNFILTERED);
}

int dynevent_compile_filter(struct dynevent_list *list, const struct session *session)
{
	const struct trail_record_opts *opts = session->opts;

	if (!opts->packet_filter)
		return 0;
	if (opts->no_probes || !opts->snap_bytes)
		return session_fail(session, -EINVAL, NULL, "a packet filter needs the probes that "
				    "read packet bytes");
	return kernel_filter_new(opts->packet_filter, &list->kernel_filter, session->error);
}

/* The value of " NAME=" in @args up to its type, "" when there is none. */
static void find_fetch(const char *args, const char *name, char *fetch, size_t size)
{
	const char *at = strstr(args, name), *end;

	*fetch = '\0';
	if (!at)
		return;
	at += strlen(name);
	end = strchr(at, ':');
	if (end && (size_t)(end - at) < size)
		snprintf(fetch, size, "%.*s", (int)(end - at), at);
}

int dynevent_add_filter(const struct dynevent_list *list, struct dynevent *event,
			struct blob *args)
{
	struct packet_layout layout;
	struct blob text = { 0 };
	char data[64], page[64];
	int err;

	if (!list->kernel_filter || !has_bytes(event))
		return 0;
	find_fetch(args->data, " data=", data, sizeof(data));
	find_fetch(args->data, " packet=", page, sizeof(page));
	layout = (struct packet_layout){
		.data = data, .page = *page ? page : NULL, .tx = !strstr(args->data, " bytes=-"),
		.has_vlan_present = strstr(args->data, " vlan_present="),
	};
	args->size--;
	err = kernel_filter_args(list->kernel_filter, &layout, args);
	if (err >= 0)
		err = kernel_filter_text(list->kernel_filter, &layout, &text);
	blob_add(args, "", 1);
	blob_add(&text, "", 1);
	free(event->filter);
	event->filter = text.data;
	return err ? err : args->err ? args->err : text.err;
}

bool dynevent_looks_in_page(const struct trail_probe *form)
{
	return form->kind == TRAIL_PROBE_KPROBE && strstr(form->args, "?packet=");
}

static int set_filter(const struct dynevent_list *list, const struct dynevent *event,
		      struct session *session)
{
	char path[200], why[160];
	int err;

	snprintf(path, sizeof(path), "events/%s/%s/filter", list->system, event->name);
	err = session_write(session, path, event->filter, WRITE_VALUE);
	if (!err)
		return 0;
	session_kernel_error(session, why, sizeof(why));
	return session_fail(session, err, HINT, "the kernel does not take the filter of "
			    "skbtrail:%s: %s", event->name, *why ? why : strerror(-err));
}

/* Packets are born at these at the latest. */
static bool is_needed(const struct dynevent *event)
{
	return !strcmp(event->name, "rx") || !strcmp(event->name, "tx");
}

int dynevent_set_filters(const struct dynevent_list *list, struct session *session)
{
	int err = 0;

	for (size_t i = 0; list->kernel_filter && !err && i < list->nr_event; i++) {
		const struct dynevent *event = &list->event[i];

		if (!has_bytes(event))
			continue;
		if (!event->form && is_needed(event))
			err = session_fail(session, -ENOTSUP, HINT, "packets cannot be filtered "
					   "by this kernel: %s: %s", event->name, event->why);
		else if (event->form && event->form->kind != TRAIL_PROBE_COVERED)
			err = set_filter(list, event, session);
	}
	return err;
}
