// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hist.c - events -> the kernel's own counts of them, by keys
 *
 * A session like that of a recording, whose events are not switched on: a hist trigger makes the
 * kernel count them.  The kernel names a task in a histogram by what it was called at its first
 * hit, which of a program that a shell has started is the shell.  So for "comm" there is an eprobe
 * whose field is the name at each hit, and that is counted.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../record/record-private.h"
#include "hist-parse.h"

#define PATH_SIZE	300
#define TEXT_SIZE	600
/* Rows that the kernel has room for; twice as many slots are allocated. */
#define HIST_SIZE	16384

/**
 * struct hist_event - an event that is counted
 * @trigger: as it is written
 * @is_counting: the trigger is there
 * @system, @name: whose trigger it is: an eprobe's for "comm"
 * @label: what the user called it
 * @shown: how the value of each key is shown, NULL: comm, pid, cpu
 * @from: which of the histogram's keys a key is, -1: none
 */
struct hist_event {
	char system[64];
	char name[64];
	const char *label;
	char trigger[TEXT_SIZE];
	const char *printed[HIST_MAX_KEYS];
	size_t nr_printed;
	struct trail_description *what;
	struct blob format;
	const struct trail_shown **shown;
	int *from;
	bool is_counting;
};

struct trail_hist {
	struct trail_record *record;
	const char *const *key;
	size_t nr_key;
	struct hist_event *event;
	size_t nr_event;
};

static int fail(struct trail_hist *hist, int err, const char *what)
{
	return session_fail(&hist->record->session, err, NULL, "%s: %s", what, strerror(-err));
}

static bool has_key(const struct trail_hist *hist, const char *key)
{
	for (size_t i = 0; i < hist->nr_key; i++)
		if (!strcmp(hist->key[i], key))
			return true;
	return false;
}

static bool is_common(const char *key)
{
	return !strcmp(key, "comm") || !strcmp(key, "pid") || !strcmp(key, "cpu") ||
	       !strcmp(key, "event");
}

/* ---- what is asked of the kernel */

static int read_format(struct trail_hist *hist, struct hist_event *event)
{
	char path[PATH_SIZE];
	int err;

	snprintf(path, sizeof(path), "events/%s/%s/format", event->system, event->name);
	err = session_read(&hist->record->session, path, &event->format);
	if (err)
		return err;
	event->what = hist_describe(event->system, event->name, event->format.data,
				    event->format.size);
	return event->what ? 0 : -ENOMEM;
}

static const struct trail_shown *find_shown(const struct hist_event *event, const char *key)
{
	for (uint16_t i = 0; i < event->what->nr_field; i++)
		if (!strcmp(event->what->field[i].name, key))
			return &event->what->field[i];
	return NULL;
}

static bool is_text(const struct hist_event *event, const struct trail_hist *hist, size_t i)
{
	return !strcmp(hist->key[i], "comm") ||
	       (event->shown[i] && event->shown[i]->show == TRAIL_SHOW_STRING);
}

/* The kernel prints numbers and texts; how a user's own probe shows them only a capture says. */
static int find_fields(struct trail_hist *hist, struct hist_event *event)
{
	for (size_t i = 0; i < hist->nr_key; i++) {
		if (is_common(hist->key[i]))
			continue;
		event->shown[i] = find_shown(event, hist->key[i]);
		if (!event->shown[i])
			return -ENOENT;
		if (!strncmp(event->system, "skbtrail_", 9) ||
		    event->shown[i]->show > TRAIL_SHOW_STRING ||
		    event->shown[i]->show == TRAIL_SHOW_SYMBOL)
			return -ENOTSUP;
	}
	return 0;
}

/* Numbers first: see hist_next_row(). */
static int order_keys(const struct trail_hist *hist, struct hist_event *event, const char *cpu)
{
	event->nr_printed = 0;
	for (int text = 0; text < 2; text++)
		for (size_t i = 0; i < hist->nr_key; i++) {
			const char *key = hist->key[i];

			if (!strcmp(key, "event")) {
				event->from[i] = -1;
				continue;
			}
			if (is_text(event, hist, i) != text)
				continue;
			if (event->nr_printed == HIST_MAX_KEYS)
				return -ENOTSUP;
			event->from[i] = (int)event->nr_printed;
			event->printed[event->nr_printed++] = !strcmp(key, "pid") ? "common_pid" :
							      !strcmp(key, "cpu") ? cpu : key;
		}
	return event->nr_printed ? 0 : -ENOTSUP;
}

static void write_trigger(struct hist_event *event)
{
	int len = snprintf(event->trigger, TEXT_SIZE, "hist:keys=");

	for (size_t i = 0; i < event->nr_printed; i++)
		len += snprintf(event->trigger + len, TEXT_SIZE - (size_t)len, "%s%s",
				i ? "," : "", event->printed[i]);
	snprintf(event->trigger + len, TEXT_SIZE - (size_t)len, ":size=%d", HIST_SIZE);
}

static int put_trigger(struct trail_hist *hist, struct hist_event *event)
{
	struct session *session = &hist->record->session;
	char path[PATH_SIZE], full[PATH_SIZE + 512], text[TEXT_SIZE + 8];
	int err;

	snprintf(path, sizeof(path), "events/%s/%s/trigger", event->system, event->name);
	snprintf(full, sizeof(full), "%s/%s", session->dir, path);
	snprintf(text, sizeof(text), "!%s", event->trigger);
	/* With it an eprobe does not go, and the instance would be the last to be removed. */
	err = journal_add(&session->journal, CHANGE_FILE, full, text);
	if (err)
		return err;
	err = write_lines(full, event->trigger, 0);
	if (err)
		session_forget(session);
	event->is_counting = !err;
	return err;
}

/* "cpu" is "common_cpu" since 5.15. */
static int count_event(struct trail_hist *hist, struct hist_event *event)
{
	static const char *const cpu[] = { "common_cpu", "cpu" };
	int err = -ENOTSUP;

	for (size_t i = 0; i < 2 && !event->is_counting; i++) {
		err = order_keys(hist, event, cpu[i]);
		if (err)
			return err;
		write_trigger(event);
		err = put_trigger(hist, event);
		if (!has_key(hist, "cpu"))
			break;
	}
	return err && err != -ENOMEM ? -ENOTSUP : err;
}

/* ---- the name of the task at each hit */

static int type_of(const struct trail_shown *shown, char *type, size_t size)
{
	if (shown->show == TRAIL_SHOW_STRING)
		return snprintf(type, size, "string");
	return snprintf(type, size, "%c%u", shown->place.kind == TRAIL_FIELD_SIGNED ? 's' : 'u',
			8u * shown->place.size);
}

/* @to: the eprobe's own name. */
static int make_eprobe(struct trail_hist *hist, struct hist_event *event, const char *to)
{
	struct session *session = &hist->record->session;
	char text[TEXT_SIZE], type[16], group[40], path[PATH_SIZE];
	int len, err;

	snprintf(group, sizeof(group), "%s", hist->record->dynevents.system);
	if (!*group)
		snprintf(group, sizeof(group), "skbtrail_%d", (int)getpid());
	len = snprintf(text, sizeof(text), "e:%s/%s %s/%s comm=$comm:string", group, to,
		       event->system, event->name);
	for (size_t i = 0; i < hist->nr_key; i++) {
		if (!event->shown[i])
			continue;
		type_of(event->shown[i], type, sizeof(type));
		len += snprintf(text + len, sizeof(text) - (size_t)len, " %s=$%s:%s",
				hist->key[i], hist->key[i], type);
	}
	if (len >= (int)sizeof(text))
		return -ENOTSUP;
	if (session_remember_dynevent(session, group, to))
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/dynamic_events", session->tracing_dir);
	err = write_lines(path, text, O_APPEND);
	if (err) {
		session_forget(session);
		return -ENOTSUP;
	}
	snprintf(event->system, sizeof(event->system), "%s", group);
	snprintf(event->name, sizeof(event->name), "%s", to);
	return 0;
}

static int set_up_event(struct trail_hist *hist, struct hist_event *event,
			const struct event_choice *choice)
{
	struct session *session = &hist->record->session;
	char path[PATH_SIZE], name[32];
	int err;

	event->label = choice->name;
	event->from = calloc(hist->nr_key, sizeof(*event->from));
	event->shown = calloc(hist->nr_key, sizeof(struct trail_shown *));
	if (!event->from || !event->shown)
		return -ENOMEM;
	snprintf(event->system, sizeof(event->system), "%s", choice->system);
	snprintf(event->name, sizeof(event->name), "%s", choice->name);
	snprintf(path, sizeof(path), "events/%s/%s/hist", event->system, event->name);
	if (!session_has(session, path))
		return -ENOTSUP;
	snprintf(path, sizeof(path), "events/%s/%s/enable", event->system, event->name);
	err = session_write(session, path, "0", WRITE_VALUE);
	if (!err)
		err = read_format(hist, event);
	if (!err)
		err = find_fields(hist, event);
	snprintf(name, sizeof(name), "count_%zu", hist->nr_event);
	if (!err && has_key(hist, "comm"))
		err = make_eprobe(hist, event, name);
	return err ? err : count_event(hist, event);
}

static int set_up(struct trail_hist *hist)
{
	const struct event_list *list = &hist->record->list;
	int err = 0;

	hist->event = calloc(list->nr_on + 1, sizeof(*hist->event));
	if (!hist->event)
		return -ENOMEM;
	for (size_t i = 0; i < list->nr_event && !err; i++)
		if (list->event[i].on && !list->event[i].refused)
			err = set_up_event(hist, &hist->event[hist->nr_event++], &list->event[i]);
	return err;
}

int trail_hist_open(const struct trail_record_opts *opts, const char *const *key, size_t nr_key,
		    struct trail_hist **out, struct trail_error *error)
{
	struct trail_record_opts record_opts = *opts;
	struct trail_hist *hist = calloc(1, sizeof(*hist));
	int err;

	*error = (struct trail_error){ 0 };
	if (!hist)
		return -ENOMEM;
	record_opts.version = 7;
	hist->key = key;
	hist->nr_key = nr_key;
	err = record_open(&record_opts, true, &hist->record, error);
	if (!err)
		err = set_up(hist);
	if (err) {
		struct trail_error ignored;

		trail_hist_close(hist, &ignored);
		return err;
	}
	*out = hist;
	return 0;
}

int trail_hist_add_pid(struct trail_hist *hist, int pid, struct trail_error *error)
{
	return trail_record_add_pid(hist->record, pid, error);
}

/* ---- counting */

static int tell(const struct trail_hist *hist, const struct hist_event *event,
		const char *before, const char *behind)
{
	char path[PATH_SIZE + 512], text[TEXT_SIZE + 8];

	snprintf(path, sizeof(path), "%s/events/%s/%s/trigger", hist->record->session.dir,
		 event->system, event->name);
	snprintf(text, sizeof(text), "%s%s%s", before, event->trigger, behind);
	return write_lines(path, text, 0);
}

/* From zero: the newest kernel of which this was tried refuses to go on with a paused one. */
int trail_hist_start(struct trail_hist *hist, struct trail_error *error)
{
	int err = 0;

	*error = (struct trail_error){ 0 };
	hist->record->session.error = error;
	for (size_t i = 0; i < hist->nr_event && !err; i++) {
		err = tell(hist, &hist->event[i], "!", "");
		if (!err)
			err = tell(hist, &hist->event[i], "", "");
	}
	return err ? fail(hist, err, "cannot have the kernel count") : 0;
}

void trail_hist_stop(struct trail_hist *hist)
{
	/* Where it cannot be paused, it goes on until it is read. */
	for (size_t i = 0; i < hist->nr_event; i++)
		(void)tell(hist, &hist->event[i], "", ":pause");
}

static void text_of(const struct trail_shown *shown, const char *value, size_t len, char *buf)
{
	struct trail_value number = { .kind = TRAIL_VALUE_UNSIGNED };
	char digits[32];

	if (!shown || shown->show == TRAIL_SHOW_STRING) {
		size_t at = shown ? (size_t)snprintf(buf, HIST_TEXT, "\"") : 0;

		at += trail_escape(value, len, buf + at, HIST_TEXT - at - 2);
		if (shown)
			strcpy(buf + (at < HIST_TEXT - 2 ? at : HIST_TEXT - 3), "\"");
		return;
	}
	snprintf(digits, sizeof(digits), "%.*s", (int)(len < 31 ? len : 31), value);
	number.number = strtoull(digits, NULL, 0);
	if (shown->show == TRAIL_SHOW_HEX)
		number.kind = TRAIL_VALUE_HEX;
	else if (shown->place.kind == TRAIL_FIELD_SIGNED)
		number.kind = TRAIL_VALUE_SIGNED;
	trail_value_text(&number, buf, HIST_TEXT);
}

static int give_rows(const struct trail_hist *hist, const struct hist_event *event,
		     const char *text,
		     int (*give)(void *data, const char *const *column, uint64_t count), void *data)
{
	char buf[HIST_MAX_KEYS + 1][HIST_TEXT];
	const char *column[HIST_MAX_KEYS + 1];
	struct hist_row row;
	size_t at = 0;
	int err = 0;

	while (!err && hist_next_row(text, &at, event->printed, event->nr_printed, &row)) {
		for (size_t i = 0; i < hist->nr_key && i <= HIST_MAX_KEYS; i++) {
			int from = event->from[i];

			column[i] = from < 0 ? event->label : buf[i];
			if (from >= 0)
				text_of(event->shown[i], row.value[from], row.len[from], buf[i]);
		}
		err = give(data, column, row.count);
	}
	return err;
}

int trail_hist_read(struct trail_hist *hist,
		    int (*row)(void *data, const char *const *column, uint64_t count), void *data,
		    uint64_t *dropped, struct trail_error *error)
{
	char path[PATH_SIZE];
	int err = 0;

	*error = (struct trail_error){ 0 };
	hist->record->session.error = error;
	*dropped = 0;
	for (size_t i = 0; i < hist->nr_event && !err; i++) {
		const struct hist_event *event = &hist->event[i];
		struct blob text = { 0 };

		snprintf(path, sizeof(path), "events/%s/%s/hist", event->system, event->name);
		err = session_read(&hist->record->session, path, &text);
		if (err)
			fail(hist, err, "cannot read the kernel's counts");
		else if (text.data)
			err = give_rows(hist, event, text.data, row, data);
		*dropped += text.data ? hist_dropped(text.data) : 0;
		blob_release(&text);
	}
	return err;
}

int trail_hist_close(struct trail_hist *hist, struct trail_error *error)
{
	int err = 0;

	if (!hist)
		return 0;
	if (hist->record) {
		hist->record->session.error = error;
		err = session_restore(&hist->record->session);
	}
	for (size_t i = 0; i < hist->nr_event; i++) {
		free(hist->event[i].what);
		free(hist->event[i].from);
		free(hist->event[i].shown);
		blob_release(&hist->event[i].format);
	}
	free(hist->event);
	trail_record_free(hist->record);
	free(hist);
	return err;
}
