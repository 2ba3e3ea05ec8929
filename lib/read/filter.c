// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * filter.c - expression of `trace-cmd report -F` -> yes or no per event
 *
 * libtraceevent parses and evaluates.  What it would swallow is refused before or after: an
 * unknown field, which it takes for "never", a comma behind the colon, which breaks its splitting
 * of event names, and long texts, which overflow its buffer for messages.
 */
#include <ctype.h>
#include <errno.h>
#include <event-parse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "read.h"
#include "text.h"

#define MAX_EXPRESSION	450

struct trail_filter {
	struct tep_event_filter *tep;
	struct padded record;
};

/* Behind the string or character constant that begins at @at. */
static const char *skip_quoted(const char *at)
{
	char quote = *at++;

	while (*at && *at != quote)
		at += 1 + (at[0] == '\\' && at[1]);
	return *at ? at + 1 : at;
}

/* The next word that can be a field name, its length in @len; NULL when there is none. */
static const char *next_name(const char *at, size_t *len)
{
	while (*at) {
		if (*at == '"' || *at == '\'') {
			at = skip_quoted(at);
		} else if (isdigit((unsigned char)*at)) {
			while (isalnum((unsigned char)*at))
				at++;
		} else if (isalpha((unsigned char)*at) || *at == '_') {
			for (*len = 0; isalnum((unsigned char)at[*len]) || at[*len] == '_';)
				(*len)++;
			return at;
		} else {
			at++;
		}
	}
	return NULL;
}

/* Has one of the events that the filter selects this field? */
static bool known_field(const struct tep_event_filter *tep, const char *name)
{
	if (!strcmp(name, "COMM") || !strcmp(name, "CPU"))
		return true;
	for (int i = 0; i < tep->filters; i++) {
		if (tep_find_any_field(tep->event_filters[i].event, name))
			return true;
	}
	return false;
}

static int check_fields(const struct tep_event_filter *tep, const char *expr,
			struct trail_error *error)
{
	const char *colon = strchr(expr, ':');
	const char *at = colon ? colon + 1 : NULL;
	size_t len;

	while (at && (at = next_name(at, &len))) {
		char name[MAX_EXPRESSION + 1];

		memcpy(name, at, len);
		name[len] = 0;
		at += len;
		if (known_field(tep, name))
			continue;
		snprintf(error->hint, sizeof(error->hint),
			 "text constants need double quotes; "
			 "the format of the event lists its fields");
		return read_fail(error, -EINVAL, "filter: no selected event has a field \"%.100s\"",
				 name);
	}
	return 0;
}

static int check_text(const char *expr, struct trail_error *error)
{
	const char *colon = strchr(expr, ':');

	if (strlen(expr) > MAX_EXPRESSION)
		return read_fail(error, -EINVAL, "filter: longer than %d characters",
				 MAX_EXPRESSION);
	if (!expr[strspn(expr, " \t")])
		return read_fail(error, -EINVAL, "filter: empty expression");
	if (colon && strchr(colon, ','))
		return read_fail(error, -EINVAL,
				 "filter: a comma behind the colon is not possible");
	return 0;
}

static int add(struct trail_filter *filter, const char *expr, struct trail_error *error)
{
	int err = tep_filter_add_filter_str(filter->tep, expr);

	if (err < 0) {
		if (err == TEP_ERRNO__EVENT_NOT_FOUND)
			return read_fail(error, -EINVAL,
					 "filter: no such event in the capture: %.250s", expr);
		snprintf(error->hint, sizeof(error->hint),
			 "EVENT[,EVENT...][:CONDITION], text constants in double quotes");
		return read_fail(error, -EINVAL, "filter: cannot parse: %.280s", expr);
	}
	return check_fields(filter->tep, expr, error);
}

int trail_filter_new(struct trail_capture *cap, const char *expr, struct trail_filter **out,
		     struct trail_error *error)
{
	struct trail_filter *filter;
	struct trail_error ignored;
	int err;

	*out = NULL;
	if (!error)
		error = &ignored;
	memset(error, 0, sizeof(*error));
	err = check_text(expr, error);
	if (err)
		return err;
	err = text_give_names(cap);
	if (err)
		return err;
	filter = calloc(1, sizeof(*filter));
	if (!filter)
		return -ENOMEM;
	/* Names of events are regular expressions, so every format has to be known. */
	bind_parse_all(cap->bind);
	filter->tep = tep_filter_alloc(bind_tep(cap->bind));
	err = filter->tep ? add(filter, expr, error) : -ENOMEM;
	if (err) {
		trail_filter_free(filter);
		return err;
	}
	*out = filter;
	return 0;
}

bool trail_filter_match(struct trail_filter *filter, const struct trail_event *event)
{
	struct tep_record record = { .ts = event->ts_ns, .size = event->size, .cpu = event->cpu };

	record.data = padded_copy(&filter->record, event->data, event->size);
	/* Without memory the event is shown rather than kept back. */
	if (!record.data)
		return true;
	return tep_filter_match(filter->tep, &record) == TEP_ERRNO__FILTER_MATCH;
}

void trail_filter_free(struct trail_filter *filter)
{
	if (!filter)
		return;
	if (filter->tep)
		tep_filter_free(filter->tep);
	padded_free(&filter->record);
	free(filter);
}
