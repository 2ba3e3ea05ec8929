/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dynevent-user.h - the probes that the user asked for
 *
 * In this order: choose, before anything is changed; create, when there is a journal; arm, when
 * there is an instance and before events are switched on.
 */
#ifndef DYNEVENT_USER_H
#define DYNEVENT_USER_H

#include "event-list.h"
#include "probe/emit.h"

/**
 * struct user_probes - the probes of a session
 * @spec: the SPEC of each of @set's events, for messages
 * @plan: which of its plans the kernel took, by event; NULL: none yet
 * @missed: hits that the kernel did not run, by event
 */
struct user_probes {
	struct probe_kernel kernel;
	struct probe_set set;
	const struct probe_plan **plan;
	uint64_t *missed;
	bool has_kernel;
};

/*
 * Works out all probes of the session's options.  @group: the system in which they will be.
 * Return: 0; -EINVAL, -ENOTSUP with the place in session->error and the number of the SPEC in
 * session->error->item; -ENOMEM.
 */
int user_probes_choose(struct user_probes *probes, struct session *session, const char *group);
/*
 * Creates them in the best form that the kernel takes, and adds them to @events, switched on.
 * Errors as those of user_probes_choose().
 */
int user_probes_create(struct user_probes *probes, struct session *session,
		       struct event_list *events);
/* Their triggers and filters. */
int user_probes_arm(struct user_probes *probes, struct session *session);
/* Warns of programs that were replaced and processes that ended since, once of each. */
void user_probes_look(struct user_probes *probes, struct session *session);
/* The same at the end, and of calls that the kernel could not keep.  Before they are removed. */
void user_probes_finish(struct user_probes *probes, struct session *session);
/* Before they are removed: as dynevent_count_missed(). */
uint64_t user_probes_count_missed(struct user_probes *probes, const struct session *session);
/* Lines for the capture: lib/read/capture-probes.c has what they say. */
void user_probes_describe(const struct user_probes *probes, struct blob *out);
void user_probes_release(struct user_probes *probes);

#endif /* DYNEVENT_USER_H */
