// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * event-list.c - names that the user gave -> events of this kernel, switched on
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "dynevent.h"
#include "event-list.h"

#define NAME_SIZE	128
#define NR_NEAR		3

void event_list_release(struct event_list *list)
{
	blob_release(&list->text);
	free(list->event);
	*list = (struct event_list){ 0 };
}

static int compare(const void *a, const void *b)
{
	const struct event_choice *x = a, *y = b;
	int order = strcmp(x->system, y->system);

	return order ? order : strcmp(x->name, y->name);
}

/* Cuts "system:name" lines in place. */
int event_list_read(struct event_list *list, const struct session *session)
{
	char path[512], *line, *save, *colon;
	size_t nr = 0;
	int err;

	snprintf(path, sizeof(path), "%s/available_events", session->tracing_dir);
	err = session_read(session, path, &list->text);
	if (err)
		return session_fail(session, err, NULL, "%s: %s", path, strerror(-err));
	for (size_t i = 0; i < list->text.size; i++)
		nr += list->text.data[i] == '\n';
	list->event = calloc(nr + 1, sizeof(*list->event));
	if (!list->event)
		return -ENOMEM;
	for (line = strtok_r(list->text.data, "\n", &save); line && list->nr_event < nr;
	     line = strtok_r(NULL, "\n", &save)) {
		colon = strchr(line, ':');
		if (!colon)
			continue;
		*colon = '\0';
		list->event[list->nr_event].system = line;
		list->event[list->nr_event++].name = colon + 1;
	}
	qsort(list->event, list->nr_event, sizeof(*list->event), compare);
	return 0;
}

int event_list_add(struct event_list *list, const char *system, const char *name)
{
	struct event_choice added = {
		.system = system, .name = name, .on = true, .optional = true,
	};
	struct event_choice *event;
	size_t at = list->nr_event;

	event = reallocarray(list->event, list->nr_event + 1, sizeof(*event));
	if (!event)
		return -ENOMEM;
	list->event = event;
	while (at && compare(&event[at - 1], &added) > 0)
		at--;
	memmove(&event[at + 1], &event[at], (list->nr_event - at) * sizeof(*event));
	event[at] = added;
	list->nr_event++;
	list->nr_on++;
	return 0;
}

/* ---- by name */

static int find_event(const void *key, const void *element)
{
	const struct event_choice *event = element;
	const char *name = key;
	size_t length = strcspn(name, ":");
	int order = strncmp(name, event->system, length);

	if (!order && event->system[length])
		order = -1;
	return order ? order : strcmp(name + length + 1, event->name);
}

struct event_choice *event_list_find(const struct event_list *list, const char *name)
{
	if (!strchr(name, ':'))
		return NULL;
	return bsearch(name, list->event, list->nr_event, sizeof(*list->event), find_event);
}

/* The two halves of "system:event" or "system/event"; @event is "" when there is only one. */
static void split(const char *name, char *system, char *event)
{
	size_t n = strcspn(name, ":/");

	snprintf(system, NAME_SIZE, "%.*s", (int)n, name);
	snprintf(event, NAME_SIZE, "%s", name[n] ? name + n + 1 : "");
	if (name[n] && !*event)
		snprintf(event, NAME_SIZE, "*");
}

static size_t turn_on(struct event_list *list, const struct trail_record_event *wanted)
{
	char system[NAME_SIZE], event[NAME_SIZE];
	size_t nr = 0;
	bool all = !strcmp(wanted->name, "all");

	split(wanted->name, system, event);
	for (size_t i = 0; i < list->nr_event; i++) {
		struct event_choice *choice = &list->event[i];
		bool fits = !fnmatch(system, choice->system, 0);

		if (*event)
			fits = fits && !fnmatch(event, choice->name, 0);
		else
			fits = fits || all || !fnmatch(system, choice->name, 0);
		if (!fits)
			continue;
		nr++;
		list->nr_on += !choice->on;
		choice->on = choice->named = true;
		if (wanted->filter)
			choice->filter = wanted->filter;
	}
	return nr;
}

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Edits that turn @a into @b. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[NAME_SIZE + 1], before, above;
	size_t length = strnlen(b, NAME_SIZE);

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		before = row[0];
		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			above = row[j];
			row[j] = least(above + 1, row[j - 1] + 1, before + (a[i - 1] != b[j - 1]));
			before = above;
		}
	}
	return row[length];
}

struct near {
	char name[NAME_SIZE];
	unsigned int distance;
};

/* Keeps the nearest ones, nearest first. */
static void keep_near(struct near *near, const char *name, unsigned int dist)
{
	size_t at = NR_NEAR;

	for (size_t i = 0; i < NR_NEAR; i++)
		if (!strcmp(near[i].name, name))
			return;
	while (at && dist < near[at - 1].distance)
		at--;
	if (at == NR_NEAR)
		return;
	memmove(&near[at + 1], &near[at], (NR_NEAR - at - 1) * sizeof(*near));
	snprintf(near[at].name, NAME_SIZE, "%s", name);
	near[at].distance = dist;
}

static int no_such_event(const struct event_list *list, const struct session *session,
			 const char *name)
{
	unsigned int limit = strlen(name) / 3 + 1;
	struct near near[NR_NEAR + 1] = { 0 };
	char full[2 * NAME_SIZE], system[NAME_SIZE], event[NAME_SIZE], hint[300];
	size_t n;

	split(name, system, event);
	for (size_t i = 0; i < NR_NEAR; i++)
		near[i].distance = limit + 1;
	for (size_t i = 0; i < list->nr_event && strlen(name) < NAME_SIZE; i++) {
		const struct event_choice *choice = &list->event[i];

		snprintf(full, NAME_SIZE, "%s:%s", choice->system, choice->name);
		if (*event) {
			/* The right event in the wrong system is the likeliest slip. */
			keep_near(near, full, !strcmp(event, choice->name) ? 1 :
				  distance(name, full));
			continue;
		}
		keep_near(near, choice->system, distance(name, choice->system));
		keep_near(near, full, distance(name, choice->name));
	}
	n = snprintf(hint, sizeof(hint), "%s", near[0].name[0] ? "did you mean " :
		     "the kernel's events are listed in available_events of tracefs");
	for (size_t i = 0; i < NR_NEAR && near[i].name[0] && n < sizeof(hint); i++)
		n += snprintf(hint + n, sizeof(hint) - n, "%s%s", i ? ", " : "", near[i].name);
	if (near[0].name[0] && n < sizeof(hint))
		snprintf(hint + n, sizeof(hint) - n, "?");
	return session_fail(session, -ENOENT, hint, "this kernel has no event '%s'", name);
}

int event_list_choose(struct event_list *list, const struct session *session)
{
	const struct trail_record_opts *opts = session->opts;

	for (size_t i = 0; i < opts->nr_event; i++)
		if (!dynevent_is_name(opts->event[i].name) && !turn_on(list, &opts->event[i]))
			return no_such_event(list, session, opts->event[i].name);
	return 0;
}

/* ---- switching on */

int event_list_mark_in_use(struct event_list *list, const struct session *session)
{
	struct blob text = { 0 };
	struct event_choice *choice;
	char *line, *save = NULL;
	int err;

	if (session->is_new || session->opts->dry_write)
		return 0;
	err = session_read(session, "set_event", &text);
	for (line = err ? NULL : strtok_r(text.data, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		choice = event_list_find(list, line);
		if (choice)
			choice->in_use = true;
	}
	blob_release(&text);
	return err;
}

static bool same_filter(const struct event_choice *choice, const char *filter)
{
	return choice->on && choice->filter == filter;
}

/*
 * One filter on all events of the -e that it belongs to.  Those that lack its fields stay
 * unfiltered, as with the kernel's own system-wide filters; but one at least must take it.
 */
static int set_filter(const struct event_list *list, struct session *session, const char *filter)
{
	struct blob refused = { 0 };
	char path[2 * NAME_SIZE], why[160] = "";
	size_t nr_taken = 0;
	int err = 0, this_err;

	for (size_t i = 0; !err && i < list->nr_event; i++) {
		const struct event_choice *choice = &list->event[i];

		if (!same_filter(choice, filter))
			continue;
		snprintf(path, sizeof(path), "events/%s/%s/filter", choice->system, choice->name);
		this_err = session_write(session, path, filter, WRITE_VALUE);
		nr_taken += !this_err;
		if (!this_err)
			continue;
		session_kernel_error(session, why, sizeof(why));
		err = this_err == -EINVAL ? 0 : this_err;
		blob_add(&refused, " ", 1);
		blob_add(&refused, choice->name, strlen(choice->name));
	}
	if (err || (!nr_taken && refused.size))
		err = session_fail(session, err ? err : -EINVAL, NULL, "filter '%s': %s", filter,
				   *why ? why : strerror(err ? -err : EINVAL));
	else if (refused.size)
		session_warn(session, "filter '%s' does not fit, recorded unfiltered:%s", filter,
			     refused.data);
	blob_release(&refused);
	return err;
}

static int set_filters(const struct event_list *list, struct session *session)
{
	const struct trail_record_opts *opts = session->opts;
	int err = 0;

	for (size_t i = 0; !err && i < opts->nr_event; i++)
		if (opts->event[i].filter)
			err = set_filter(list, session, opts->event[i].filter);
	return err;
}

int event_list_switch_on(struct event_choice *choice, struct session *session)
{
	char path[2 * NAME_SIZE];
	int err;

	snprintf(path, sizeof(path), "events/%s/%s/enable", choice->system, choice->name);
	err = session_write(session, path, "1", WRITE_VALUE);
	if (!err)
		return 0;
	if (choice->optional) {
		choice->refused = true;
		return 0;
	}
	return session_fail(session, err, NULL, "cannot switch on %s:%s: %s", choice->system,
			    choice->name, strerror(-err));
}

int event_list_enable(struct event_list *list, struct session *session)
{
	int err = set_filters(list, session);

	for (size_t i = 0; !err && i < list->nr_event; i++)
		if (list->event[i].on)
			err = event_list_switch_on(&list->event[i], session);
	return err;
}
