// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * probe-list.c - which probes there are and whose, and removing those that were made to stay
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session.h"

#define PREFIX		"skbtrail_"
#define NAME_SIZE	128
#define PLACE_SIZE	600
#define SPEC_SIZE	1024

/**
 * struct listing - one walk over dynamic_events
 * @kept: "-:GROUP/NAME" of what was made to stay, one a line
 * @left: the same of what was left behind
 * @spec: of both, "-:GROUP/NAME<tab>SPEC"
 * @gone: "GROUP/" of probes in files that are not there, one a line: what was made to stay has a
 *	  group of its own for each SPEC
 */
struct listing {
	struct blob kept;
	struct blob left;
	struct blob spec;
	struct blob gone;
	int (*visit)(void *data, const struct trail_probe_info *info);
	void *data;
};

/* From a walk over journals: where names and specs go. */
struct collection {
	struct blob *name;
	struct blob *spec;
};

static void add_spec(struct blob *out, const char *undo, const char *spec)
{
	blob_add(out, undo, strlen(undo));
	blob_add(out, "\t", 1);
	for (; *spec; spec++)
		blob_add(out, *spec == '\n' ? " " : spec, 1);
	blob_add(out, "\n", 1);
}

static int collect(void *data, struct journal *journal)
{
	const struct collection *out = data;

	for (size_t i = 0; i < journal->nr_change; i++) {
		const struct change *change = &journal->change[i];

		if (change->is_done || change->kind != CHANGE_DYNEVENT ||
		    !journal_is_of_this_boot(journal))
			continue;
		blob_add(out->name, change->old, strlen(change->old));
		blob_add(out->name, "\n", 1);
		if (journal->spec)
			add_spec(out->spec, change->old, journal->spec);
	}
	journal_leave(journal);
	return out->name->err ? out->name->err : out->spec->err;
}

static int walk_journals(struct listing *listing)
{
	struct collection of_kept = { &listing->kept, &listing->spec };
	struct collection of_left = { &listing->left, &listing->spec };
	struct journal_walk kept = { .visit = collect, .data = &of_kept, .kept = true };
	struct journal_walk left = { .visit = collect, .data = &of_left };
	int err = journal_walk(&kept);

	return err ? err : journal_walk(&left);
}

static bool is_listed(const struct blob *list, const char *system, const char *name)
{
	char text[2 * NAME_SIZE + 8];

	snprintf(text, sizeof(text), "-:%s/%s\n", system, name);
	return list->data && strstr(list->data, text);
}

/* Return: is it known? */
static bool find_spec(const struct listing *listing, const struct trail_probe_info *info,
		      char spec[SPEC_SIZE])
{
	char text[2 * NAME_SIZE + 8];
	const char *at;

	snprintf(text, sizeof(text), "-:%s/%s\t", info->system, info->name);
	at = listing->spec.data ? strstr(listing->spec.data, text) : NULL;
	if (!at)
		return false;
	at += strlen(text);
	snprintf(spec, SPEC_SIZE, "%.*s", (int)strcspn(at, "\n"), at);
	return true;
}

/* "p:GROUP/NAME /PATH:0x4d0 ARGS" */
static void note_if_gone(struct listing *listing, const char *line)
{
	char system[NAME_SIZE], place[PLACE_SIZE], *colon;

	if (sscanf(line, "%*[^:]:%127[^/]/%*s %599s", system, place) != 2 || *place != '/')
		return;
	colon = strrchr(place, ':');
	if (colon)
		*colon = '\0';
	if (!access(place, F_OK) || errno != ENOENT)
		return;
	blob_add(&listing->gone, system, strlen(system));
	blob_add(&listing->gone, "/\n", 2);
}

static void collect_gone(struct listing *listing, const struct blob *text)
{
	const char *line = text->size ? text->data : NULL;

	while (line) {
		note_if_gone(listing, line);
		line = strchr(line, '\n');
		line = line && line[1] ? line + 1 : NULL;
	}
}

static bool is_file_gone(const struct listing *listing, const char *system)
{
	char text[NAME_SIZE + 3];

	snprintf(text, sizeof(text), "%s/\n", system);
	return listing->gone.data && strstr(listing->gone.data, text);
}

static bool has_process(int pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	return !faccessat(AT_FDCWD, path, F_OK, AT_EACCESS);
}

/* The lock of the journal says who is dead; who has the number may be another one by now. */
static enum trail_probe_state find_state(const struct listing *listing,
					 const struct trail_probe_info *info)
{
	if (is_listed(&listing->kept, info->system, info->name))
		return TRAIL_PROBE_KEPT;
	if (is_listed(&listing->left, info->system, info->name))
		return TRAIL_PROBE_LEFT;
	return has_process(info->pid) ? TRAIL_PROBE_ALIVE : TRAIL_PROBE_LEFT;
}

/* "p:GROUP/NAME PLACE ARGS", "s:synthetic/NAME\tFIELDS" */
static int tell(const struct listing *listing, const char *line)
{
	struct trail_probe_info info = { .definition = line };
	char system[NAME_SIZE], name[NAME_SIZE], spec[SPEC_SIZE];
	const char *ours;

	if (sscanf(line, "%*[^:]:%127[^/]/%127[^ \t\n]", system, name) != 2)
		return 0;
	info.system = system;
	info.name = name;
	/* Of synthetic events the name tells whose they are. */
	ours = strcmp(system, "synthetic") ? system : name;
	info.state = TRAIL_PROBE_FOREIGN;
	if (!strncmp(ours, PREFIX, strlen(PREFIX))) {
		info.pid = atoi(ours + strlen(PREFIX));
		info.state = find_state(listing, &info);
		info.spec = find_spec(listing, &info, spec) ? spec : NULL;
		info.is_file_gone = info.state == TRAIL_PROBE_KEPT &&
				    is_file_gone(listing, system);
	}
	return listing->visit(listing->data, &info);
}

int trail_probe_list(int (*visit)(void *data, const struct trail_probe_info *info), void *data,
		     struct trail_error *error)
{
	struct listing listing = { .visit = visit, .data = data };
	const struct trail_record_opts opts = { 0 };
	struct session session = { .opts = &opts, .error = error };
	struct blob text = { 0 };
	char *line, *save = NULL;
	int err;

	*error = (struct trail_error){ 0 };
	session.journal = (struct journal)JOURNAL_NONE;
	err = session_find_tracefs(&session);
	if (!err)
		err = walk_journals(&listing);
	if (!err && session_has(&session, "dynamic_events"))
		err = session_read(&session, "dynamic_events", &text);
	if (!err)
		collect_gone(&listing, &text);
	for (line = err || !text.data ? NULL : strtok_r(text.data, "\n", &save); !err && line;
	     line = strtok_r(NULL, "\n", &save))
		err = tell(&listing, line);
	blob_release(&text);
	blob_release(&listing.kept);
	blob_release(&listing.left);
	blob_release(&listing.spec);
	blob_release(&listing.gone);
	session_release(&session);
	return err;
}

/* ---- del */

struct deletion {
	const char *name;
	unsigned int nr;
	struct trail_error *error;
};

/* Is the probe that the user sees in this journal?  "-:GROUP/NAME" is the last one. */
static bool is_meant(const struct journal *journal, const char *wanted)
{
	char name[2 * NAME_SIZE];
	char *slash;

	for (size_t i = 0; wanted && i < journal->nr_change; i++) {
		const struct change *change = &journal->change[i];

		if (change->kind != CHANGE_DYNEVENT || strlen(change->old) < 3)
			continue;
		snprintf(name, sizeof(name), "%s", change->old + 2);
		slash = strchr(name, '/');
		if (!slash)
			continue;
		*slash = ':';
		if (!strcmp(wanted, name) || !strcmp(wanted, slash + 1))
			return true;
	}
	return !wanted;
}

static int delete(void *data, struct journal *journal)
{
	struct deletion *deletion = data;
	int err = 0, this_err;

	if (!journal_is_of_this_boot(journal)) {
		journal_keep(journal);
		return 0;
	}
	if (!is_meant(journal, deletion->name)) {
		journal_leave(journal);
		return 0;
	}
	deletion->nr++;
	for (size_t i = journal->nr_change; i--;) {
		this_err = journal_undo(journal, i);
		if (this_err && !err)
			snprintf(deletion->error->text, sizeof(deletion->error->text),
				 "cannot remove %.200s: %s", journal->change[i].old,
				 strerror(-this_err));
		err = err ? err : this_err;
	}
	return err;
}

int trail_probe_del(const char *name, unsigned int *nr, struct trail_error *error)
{
	struct deletion deletion = { .name = name, .error = error };
	struct journal_walk walk = { .visit = delete, .data = &deletion, .kept = true };
	int err;

	*error = (struct trail_error){ 0 };
	err = journal_walk(&walk);
	*nr = deletion.nr;
	if (err || !name || deletion.nr)
		return err;
	snprintf(error->text, sizeof(error->text), "no probe '%.200s' was made to stay", name);
	snprintf(error->hint, sizeof(error->hint), "'skbtrail probe list' shows those that are "
		 "there; probes of a recording end with it");
	return -ENOENT;
}
