/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event-list.h - the kernel's events, and which of them are wanted
 */
#ifndef EVENT_LIST_H
#define EVENT_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "session.h"

/*
 * @filter: belongs to the caller's options
 * @is_read: a probe of ours reads it: what it names is told by its format
 * @in_use: somebody else had it on already in the instance that we were told to use
 * @named: the user asked for it, not a preset
 * @optional: when the kernel refuses to switch it on, that is no failure of the recording
 * @refused: and so it did
 */
struct event_choice {
	const char *system;
	const char *name;
	const char *filter;
	bool on;
	bool is_read;
	bool in_use;
	bool named;
	bool optional;
	bool refused;
};

/* Sorted by system, then name, as the kernel lists them. */
struct event_list {
	struct blob text;
	struct event_choice *event;
	size_t nr_event;
	size_t nr_on;
};

/* Reads available_events. */
int event_list_read(struct event_list *list, const struct session *session);
void event_list_release(struct event_list *list);
/* By "system:event"; NULL when the kernel lacks it. */
struct event_choice *event_list_find(const struct event_list *list, const char *name);
/* One more event, switched on and optional; @system and @name stay the caller's.  0 or -ENOMEM. */
int event_list_add(struct event_list *list, const char *system, const char *name);
/* Chooses the session's events by name; an unknown one is -ENOENT with near matches. */
int event_list_choose(struct event_list *list, const struct session *session);
/* Chooses the events of the plugins' rows; warns once of those that the kernel lacks. */
int event_list_choose_preset(struct event_list *list, const struct session *session);
/* Marks those that are on in an instance that is not ours: they will be in the data as well. */
int event_list_mark_in_use(struct event_list *list, const struct session *session);
/* Switches one on.  One that is optional and refused is marked so. */
int event_list_switch_on(struct event_choice *choice, struct session *session);
/* All that are chosen. */
int event_list_enable(struct event_list *list, struct session *session);

#endif /* EVENT_LIST_H */
