// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dynevent-missed.c - hits of probes that the kernel did not run
 *
 * While the handler of a kprobe runs on a CPU, an interrupt's kprobes there are only counted
 * (kernel/kprobes.c: kprobes_inc_nmissed_count()).  No page of the ring buffer tells of that, but
 * kprobe_profile does, by the names of the events without their groups, in the order of
 * dynamic_events.
 */
#include <stdlib.h>
#include <string.h>

#include "dynevent-missed.h"
#include "dynevent.h"

static char *next_line(char **at)
{
	char *line = *at, *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	*at = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return line;
}

/* "p:group/name place args", "r16:group/name place": is it a kprobe?  Of a uprobe it is a path. */
static bool read_definition(const char *line, const char **full, size_t *length)
{
	const char *colon = strchr(line, ':'), *place;

	if ((*line != 'p' && *line != 'r') || !colon)
		return false;
	*full = colon + 1;
	*length = strcspn(*full, " ");
	place = *full + *length;
	return *place && place[1] != '/';
}

static bool ends_in(const char *full, size_t length, const char *name)
{
	size_t n = strlen(name);

	return length > n && full[length - n - 1] == '/' && !memcmp(full + length - n, name, n);
}

/* How many kprobes of that name were defined before ours?  -1: ours is none. */
static int rank_of(const char *text, const char *system, const char *name)
{
	char *copy = strdup(text), *at = copy, *line;
	size_t length, n = strlen(system);
	const char *full;
	int rank = 0, found = -1;

	while (found < 0 && (line = next_line(&at))) {
		if (!read_definition(line, &full, &length) || !ends_in(full, length, name))
			continue;
		if (length == n + 1 + strlen(name) && !memcmp(full, system, n))
			found = rank;
		rank++;
	}
	free(copy);
	return found;
}

/* "  name   hits   missed", the line of that rank among those of the name. */
static uint64_t missed_by(const char *text, const char *name, int rank)
{
	char *copy = strdup(text), *at = copy, *line;
	unsigned long long hits, missed = 0;
	char first[128];

	while ((line = next_line(&at))) {
		if (sscanf(line, "%127s %llu %llu", first, &hits, &missed) == 3 &&
		    !strcmp(first, name) && !rank--)
			break;
		missed = 0;
	}
	free(copy);
	return missed;
}

int dynevent_missed_read(struct missed_text *text, const struct session *session)
{
	char path[600];
	int err;

	*text = (struct missed_text){ 0 };
	snprintf(path, sizeof(path), "%s/dynamic_events", session->tracing_dir);
	err = session_read(session, path, &text->defined);
	snprintf(path, sizeof(path), "%s/kprobe_profile", session->tracing_dir);
	if (!err)
		err = session_read(session, path, &text->profile);
	if (err)
		dynevent_missed_release(text);
	return err;
}

void dynevent_missed_release(struct missed_text *text)
{
	blob_release(&text->defined);
	blob_release(&text->profile);
}

uint64_t dynevent_missed_of(const struct missed_text *text, const char *system, const char *name)
{
	/* Nothing is there when either file is empty. */
	bool is_there = text->defined.data && text->profile.data;
	int rank = is_there ? rank_of(text->defined.data, system, name) : -1;

	return rank < 0 ? 0 : missed_by(text->profile.data, name, rank);
}

uint64_t dynevent_count_missed(struct dynevent_list *list, const struct session *session)
{
	struct missed_text text;
	uint64_t sum = 0;

	if (!list->nr_event || dynevent_missed_read(&text, session))
		return 0;
	for (size_t i = 0; i < list->nr_event; i++) {
		struct dynevent *event = &list->event[i];

		if (event->form)
			event->missed = dynevent_missed_of(&text, list->system, event->name);
		sum += event->missed;
	}
	dynevent_missed_release(&text);
	return sum;
}
