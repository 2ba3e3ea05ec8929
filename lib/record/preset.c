// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * preset.c - rows of the plugins -> events to record
 *
 * The rows that give events their meaning in `report` also say what `record` switches on.
 */
#include <string.h>

#include "event-list.h"

/* Adds a name to the comma-separated list, once. */
static void add_missing(struct blob *missing, const char *name)
{
	char *at = missing->size ? strstr(missing->data, name) : NULL;

	if (at && (!at[strlen(name)] || at[strlen(name)] == ','))
		return;
	if (missing->size)
		blob_add(missing, ", ", 2);
	blob_add(missing, name, strlen(name));
}

static void choose_row(struct event_list *list, const struct trail_row *row, struct blob *missing)
{
	struct event_choice *choice = event_list_find(list, row->event);

	if (!choice) {
		add_missing(missing, row->event);
		return;
	}
	list->nr_on += !choice->on;
	choice->on = true;
}

int event_list_choose_preset(struct event_list *list, const struct session *session)
{
	const struct trail_plugin *const *plugin = session->opts->plugin;
	struct blob missing = { 0 };
	int err;

	if (!plugin)
		plugin = trail_builtin_plugin;
	for (; *plugin; plugin++)
		for (const struct trail_row *row = (*plugin)->row; row->event; row++)
			if (row->preset & session->opts->preset && !row->probe &&
			    !(session->opts->packet_filter && row->preset & TRAIL_ROW_BIRTH))
				choose_row(list, row, &missing);
	err = missing.err;
	if (!err && missing.size)
		session_warn(session, "this kernel lacks: %s", missing.data);
	blob_release(&missing);
	return err;
}
