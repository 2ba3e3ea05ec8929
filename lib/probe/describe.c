// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * describe.c - a probe -> what `probe show` prints of it, and what a capture says of its fields
 */
#include <stdlib.h>
#include <string.h>

#include "emit-private.h"

static int describe_lines(const struct probe_plan *plan, char **text)
{
	int err = 0;

	for (size_t i = 0; !err && i < plan->nr_line; i++)
		err = probe_text(text, "dynamic_events: %s\n", plan->line[i].text);
	for (size_t i = 0; !err && i < plan->nr_trigger; i++)
		err = probe_text(text, "events/%s/%s/trigger: %s\n", plan->trigger[i].system,
				 plan->trigger[i].name, plan->trigger[i].text);
	return err;
}

static int describe_filter(const char *system, const char *name, const char *filter, char **text)
{
	return probe_text(text, "events/%s/%s/filter: %s\n", system, name, filter);
}

/* As they are set: lib/record/dynevent-user.c. */
static int describe_filters(const struct probe_event *event, const struct probe_plan *plan,
			    char **text)
{
	bool is_set = !event->filter;
	int err = 0;

	for (size_t i = 0; !err && i < plan->nr_line; i++) {
		const struct probe_line *line = &plan->line[i];

		if (!line->filter)
			continue;
		err = describe_filter(line->system, line->name, line->filter, text);
		is_set |= !strcmp(line->name, event->name);
	}
	return err || is_set ? err : describe_filter(event->system, event->name, event->filter,
						     text);
}

static int describe_field(const struct probe_field *field, char **text)
{
	static const char *const show[] = {
		[PROBE_SHOW_BE16] = ", in network byte order",
		[PROBE_SHOW_BE32] = ", in network byte order",
		[PROBE_SHOW_BE64] = ", in network byte order",
		[PROBE_SHOW_HEX] = ", a dump", [PROBE_SHOW_SYMBOL] = ", a symbol",
		[PROBE_SHOW_SKB] = ", tells the packet", [PROBE_SHOW_SOCK] = ", tells the socket",
	};

	return probe_text(text, "  %s: %s%s\n", field->name, field->how,
			  show[field->show] ? show[field->show] : "");
}

char *probe_event_describe(const struct probe_event *event, const struct probe_plan *plan)
{
	char *text = NULL;
	int err = probe_text(&text, "%s:%s: %s%s%s\n", event->system, event->name, plan->form,
			     *event->where ? " at " : "", event->where);

	if (!err)
		err = describe_lines(plan, &text);
	if (!err)
		err = describe_filters(event, plan, &text);
	for (size_t i = 0; !err && i < event->nr_field; i++)
		err = describe_field(&event->field[i], &text);
	if (!err && *event->note)
		err = probe_text(&text, "  %s\n", event->note);
	if (err) {
		free(text);
		return NULL;
	}
	return text;
}

static int add_key(const struct probe_event *event, const char *key, enum probe_show show,
		   char **text)
{
	bool is_first = true;
	int err = 0;

	for (size_t i = 0; !err && i < event->nr_field; i++) {
		if (event->field[i].show != show)
			continue;
		err = is_first ? probe_text(text, " %s=", key) : probe_text(text, ",");
		if (!err)
			err = probe_text(text, "%s", event->field[i].name);
		is_first = false;
	}
	return err;
}

/* Fields that are in the event at the entry. */
static int add_passed(const struct probe_event *event, const struct probe_plan *plan, char **text)
{
	const char *before = " passed=";
	int err = 0;

	if (!plan->entry_fields)
		return 0;
	for (size_t i = 0; !err && i < event->nr_field; i++) {
		if (!event->field[i].from_entry)
			continue;
		err = probe_text(text, "%s%s", before, event->field[i].name);
		before = ",";
	}
	return err ? err : probe_text(text, " step=%u", plan->stack_step);
}

char *probe_event_keys(const struct probe_event *event, const struct probe_plan *plan)
{
	static const struct { const char *key; enum probe_show show; } key[] = {
		{ "skb", PROBE_SHOW_SKB }, { "sk", PROBE_SHOW_SOCK }, { "hex", PROBE_SHOW_HEX },
		{ "be16", PROBE_SHOW_BE16 }, { "be32", PROBE_SHOW_BE32 },
		{ "be64", PROBE_SHOW_BE64 }, { "symbol", PROBE_SHOW_SYMBOL },
	};
	char *text = NULL;
	int err = probe_text(&text, "%s", "");

	for (size_t i = 0; !err && i < sizeof(key) / sizeof(key[0]); i++)
		err = add_key(event, key[i].key, key[i].show, &text);
	if (!err && event->retval >= 0)
		err = probe_text(&text, " retval=%s", event->field[event->retval].name);
	if (!err && *plan->entry)
		err = probe_text(&text, " entry=%s", plan->entry);
	if (!err)
		err = add_passed(event, plan, &text);
	/* Chains and eprobes do not say themselves where they were hit. */
	if (!err && event->spec->is_return)
		err = probe_text(&text, " return=1");
	if (!err && event->is_user)
		err = probe_text(&text, " space=user");
	if (err) {
		free(text);
		return NULL;
	}
	return text;
}
