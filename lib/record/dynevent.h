/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dynevent.h - the dynamic events of a recording
 *
 * Rows of the plugins define them in symbols.  They are created in a group of this recording's
 * own, skbtrail_<pid>, each in the best form that the kernel takes.
 */
#ifndef DYNEVENT_H
#define DYNEVENT_H

#include "event-list.h"

/**
 * struct dynevent - a row's dynamic event
 * @form: what the kernel took, NULL: nothing
 * @named: the user asked for it by its name
 * @filter: event filter that makes of it what the packet filter asks for, or NULL
 * @why: why there is none
 * @missed: hits that the kernel did not run, after dynevent_count_missed()
 */
struct dynevent {
	const struct trail_row *row;
	const struct trail_probe *form;
	const char *name;
	bool named;
	char *filter;
	uint64_t missed;
	char why[160];
};

struct kernel_filter;

/* @kernel_filter: of the options, compiled; NULL without one. */
struct dynevent_list {
	char system[32];
	struct kernel_filter *kernel_filter;
	struct dynevent *event;
	size_t nr_event;
};

/* Does @name, of the user's, mean a dynamic event of ours? */
bool dynevent_is_name(const char *name);

/*
 * Chooses the rows of the session's presets, and those that the user named as "skbtrail:NAME".
 * Return: 0; -ENOENT the user named one that no plugin has.
 */
int dynevent_choose(struct dynevent_list *list, const struct session *session);

/*
 * Creates them and adds them to @events, switched on; what they replace there is off then, if it
 * was not named.  What the kernel does not take is left out.
 * Return: 0; -ENOENT ... one that the user named cannot be had; -ENOMEM.
 */
int dynevent_create(struct dynevent_list *list, struct session *session,
		    struct event_list *events);

/*
 * The packet filter of the session's options, before the events are created.
 * Return: 0; -EINVAL with the place in session->error; -ENOMEM.
 */
int dynevent_compile_filter(struct dynevent_list *list, const struct session *session);
/* Adds to @args what the filter of @event needs, and makes the filter.  Return: 0 or -ENOMEM. */
int dynevent_add_filter(const struct dynevent_list *list, struct dynevent *event,
			struct blob *args);
/* Does this form find headers that a driver left in a page?  Then it is the one to be filtered. */
bool dynevent_looks_in_page(const struct trail_probe *form);
/* Sets the filters, before the events are on.  Return: 0; -errno when one cannot be had. */
int dynevent_set_filters(const struct dynevent_list *list, struct session *session);

/*
 * After the events were switched on: what stands in for those that the kernel refused.  Warns once
 * of all that are missing.
 */
int dynevent_settle(struct dynevent_list *list, struct session *session,
		    struct event_list *events);

/* Before they are removed: how many hits the kernel did not run.  0 where it does not say. */
uint64_t dynevent_count_missed(struct dynevent_list *list, const struct session *session);

/* Lines for the capture: lib/read/capture-probes.c has what they say. */
void dynevent_describe(const struct dynevent_list *list, const struct trail_record_opts *opts,
		       struct blob *out);
void dynevent_release(struct dynevent_list *list);

#endif /* DYNEVENT_H */
