// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * probe-add.c - probes without a recording: shown, created, and made to stay
 *
 * They are in the top instance, where every tool finds them.  Each SPEC has a session of its own,
 * with its own group and journal, so that those that stay can be removed one by one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dynevent-user.h"
#include "reset.h"

#define MAX_GROUPS	1000

/* @opts: what the session sees; its probe list is @spec alone */
struct added {
	struct trail_record_opts opts;
	const char *spec;
	struct session session;
	struct user_probes probes;
	char name[2 * PROBE_EVENT_SIZE];
};

struct trail_probes {
	struct added *added;
	size_t nr;
	bool keep;
};

static void start(struct added *added, const char *spec, struct trail_error *error)
{
	added->spec = spec;
	added->opts.probe = (struct trail_record_list){ &added->spec, 1 };
	added->session = (struct session){ .opts = &added->opts, .error = error };
	added->session.journal = (struct journal)JOURNAL_NONE;
}

static void release(struct added *added)
{
	user_probes_release(&added->probes);
	session_release(&added->session);
}

/* A name that nobody has, not even one who is dead. */
static int choose_group(const struct session *session, char *group, size_t size)
{
	char path[600];

	for (int i = 0; i < MAX_GROUPS; i++) {
		snprintf(group, size, i ? "skbtrail_%d_%d" : "skbtrail_%d", (int)getpid(), i);
		snprintf(path, sizeof(path), "%s/events/%s", session->tracing_dir, group);
		if (faccessat(AT_FDCWD, path, F_OK, AT_EACCESS))
			return 0;
	}
	return session_fail(session, -EEXIST, NULL, "no name left for a group of probes");
}

static int choose(struct added *added)
{
	struct session *session = &added->session;
	char group[32];
	int err = session_find_tracefs(session);

	if (!err)
		err = choose_group(session, group, sizeof(group));
	if (!err)
		err = user_probes_choose(&added->probes, session, group);
	return err;
}

/* ---- show */

int trail_probe_show(const char *spec, char **text, struct trail_error *error)
{
	struct added added = { 0 };
	int err;

	*error = (struct trail_error){ 0 };
	start(&added, spec, error);
	err = choose(&added);
	if (!err) {
		const struct probe_event *event = &added.probes.set.event[0];

		*text = probe_event_describe(event, &event->plan[0]);
		err = *text ? 0 : -ENOMEM;
	}
	release(&added);
	return err;
}

/* ---- add */

static int create(struct added *added)
{
	const struct probe_event *event = &added->probes.set.event[0];
	struct session *session = &added->session;
	struct event_list events = { 0 };
	int err;

	if (!event->plan[0].nr_line)
		return spec_fail(session->error, event->spec->object.column,
				 "name a field of it as a value",
				 "this event is there already, nothing is to be added");
	err = session_begin_journal(session, NULL);
	if (!err)
		err = user_probes_create(&added->probes, session, &events);
	if (!err)
		err = user_probes_arm(&added->probes, session);
	event_list_release(&events);
	snprintf(added->name, sizeof(added->name), "%s:%s", event->system, event->name);
	return err;
}

static int add(struct added *added, const struct trail_probe_opts *opts, size_t i,
	       struct trail_error *error)
{
	int err;

	added->opts = (struct trail_record_opts){ .warn = opts->warn, .data = opts->data };
	start(added, opts->spec.item[i], error);
	err = choose(added);
	if (!err)
		err = create(added);
	if (err && error->column)
		error->item = (unsigned int)i + 1;
	return err;
}

int trail_probe_add(const struct trail_probe_opts *opts, struct trail_probes **out,
		    struct trail_error *error)
{
	struct trail_probes *probes = calloc(1, sizeof(*probes));
	struct trail_error first;
	int err = 0;

	*error = (struct trail_error){ 0 };
	if (!probes)
		return -ENOMEM;
	probes->added = calloc(opts->spec.nr + 1, sizeof(*probes->added));
	if (!probes->added) {
		free(probes);
		return -ENOMEM;
	}
	for (size_t i = 0; !err && i < opts->spec.nr; i++)
		err = add(&probes->added[probes->nr++], opts, i, error);
	for (size_t i = 0; !err && opts->keep && i < probes->nr; i++)
		err = journal_set_kept(&probes->added[i].session.journal,
				       probes->added[i].spec);
	probes->keep = opts->keep && !err;
	if (!err) {
		*out = probes;
		return 0;
	}
	first = *error;
	trail_probe_close(probes, error);
	*error = first;
	return err;
}

const char *trail_probe_name(const struct trail_probes *probes, size_t i)
{
	return probes->added[i].name;
}

void trail_probe_look(struct trail_probes *probes)
{
	for (size_t i = 0; i < probes->nr; i++)
		user_probes_look(&probes->added[i].probes, &probes->added[i].session);
}

int trail_probe_close(struct trail_probes *probes, struct trail_error *error)
{
	int err = 0, this_err;

	*error = (struct trail_error){ 0 };
	if (!probes)
		return 0;
	for (size_t i = probes->nr; i--;) {
		struct session *session = &probes->added[i].session;

		session->error = error;
		if (probes->keep) {
			journal_leave(&session->journal);
		} else {
			this_err = session_restore(session);
			err = err ? err : this_err;
		}
		release(&probes->added[i]);
	}
	free(probes->added);
	free(probes);
	return err;
}
