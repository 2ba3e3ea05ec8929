// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * series.c - values of counters, look after look -> how much each has grown
 *
 * Only the first value, the last and the growth are kept, so memory follows the number of counters
 * and not the time.  Whoever reads a recording's looks and whoever makes them use the same code.
 */
#include <errno.h>
#include <search.h>
#include <stdarg.h>
#include <stdlib.h>

#include "series.h"

static int compare_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int compare_group(const void *a, const void *b)
{
	const struct series_group *x = a, *y = b;
	int order;

	if (x->netns != y->netns)
		return x->netns < y->netns ? -1 : 1;
	order = strcmp(x->source, y->source);
	return order ? order : strcmp(x->object, y->object);
}

static void free_nothing(void *data)
{
}

static void *grow(void *array, size_t nr, size_t size)
{
	/* Whenever it is a power of two, room for as many again. */
	return nr & (nr - 1) ? array : reallocarray(array, nr ? 2 * nr : 1, size);
}

struct trail_counters *series_new(void)
{
	struct trail_counters *series = calloc(1, sizeof(*series));

	if (!series)
		return NULL;
	series->note = calloc(SERIES_MAX_NOTE + 1, sizeof(*series->note));
	series->info.note = series->note;
	if (!series->note || series_new_netns(series, "") < 0) {
		trail_counters_free(series);
		return NULL;
	}
	return series;
}

void trail_counters_free(struct trail_counters *series)
{
	if (!series)
		return;
	for (size_t i = 0; i < series->nr_group; i++) {
		free(series->group[i]->value);
		free(series->group[i]);
	}
	tdestroy(series->tree, free_nothing);
	tdestroy(series->text, free);
	free(series->group);
	free(series->setting);
	free(series->source);
	free(series->netns);
	free(series->note);
	free(series);
}

const char *series_text(struct trail_counters *series, const char *text, size_t size)
{
	char *copy = strndup(text, size);
	void *node;

	if (!copy)
		return NULL;
	node = tsearch(copy, &series->text, compare_text);
	if (!node || *(char **)node != copy)
		free(copy);
	return node ? *(const char **)node : NULL;
}

int series_new_netns(struct trail_counters *series, const char *name)
{
	const char *text = series_text(series, name, strlen(name));
	const char **more;

	if (!text)
		return -ENOMEM;
	if (series->nr_netns == SERIES_MAX_NETNS)
		return -E2BIG;
	more = grow(series->netns, series->nr_netns, sizeof(*more));
	if (!more)
		return -ENOMEM;
	series->netns = more;
	more[series->nr_netns] = text;
	return series->nr_netns++;
}

void series_look(struct trail_counters *series, uint64_t now_ns)
{
	series->before_ns = series->now_ns;
	series->now_ns = now_ns;
	series->look++;
	if (!series->info.nr_look++)
		series->info.start_ns = series->info.mark_ns = now_ns;
	else if (now_ns > series->before_ns &&
		 now_ns - series->before_ns > series->info.longest_ns)
		series->info.longest_ns = now_ns - series->before_ns;
	series->info.end_ns = now_ns;
}

int series_note(struct trail_counters *series, const char *format, ...)
{
	const char *text;
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	text = series_text(series, line, strlen(line));
	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < series->nr_note; i++)
		if (series->note[i] == text)
			return 0;
	if (series->nr_note < SERIES_MAX_NOTE)
		series->note[series->nr_note++] = text;
	return 0;
}

/* ---- settings */

static struct series_setting *find_setting(struct trail_counters *series, uint32_t netns,
					   const char *object, const char *name)
{
	for (size_t i = 0; i < series->nr_setting; i++) {
		struct series_setting *setting = &series->setting[i];

		/* Strings are there once. */
		if (setting->netns_index == netns && setting->object == object &&
		    setting->name == name)
			return setting;
	}
	return NULL;
}

int series_set(struct trail_counters *series, uint32_t netns, const char *object, const char *name,
	       const char *text)
{
	struct series_setting *setting, *more;

	object = series_text(series, object, strlen(object));
	name = series_text(series, name, strlen(name));
	text = series_text(series, text, strlen(text));
	if (!object || !name || !text)
		return -ENOMEM;
	setting = find_setting(series, netns, object, name);
	if (setting) {
		setting->is_sent = setting->is_sent && setting->last == text;
		setting->last = text;
		return 0;
	}
	if (series->nr_setting == SERIES_MAX_SETTING)
		return -E2BIG;
	more = grow(series->setting, series->nr_setting, sizeof(*more));
	if (!more)
		return -ENOMEM;
	series->setting = more;
	more[series->nr_setting++] = (struct series_setting){
		.netns = series->netns[netns], .netns_index = netns, .object = object,
		.name = name, .first = text, .last = text,
	};
	return 0;
}

/* ---- groups and values */

static int add_group(struct trail_counters *series, const struct series_group *key,
		     struct series_group **out)
{
	struct series_group *group = NULL, **more;

	if (series->nr_group == SERIES_MAX_GROUP)
		return -E2BIG;
	more = grow(series->group, series->nr_group, sizeof(*more));
	if (!more)
		return -ENOMEM;
	series->group = more;
	group = calloc(1, sizeof(*group));
	if (!group)
		return -ENOMEM;
	*group = (struct series_group){ .netns = key->netns, .id = key->id, .source = key->source };
	group->object = series_text(series, key->object, strlen(key->object));
	if (!group->object || !tsearch(group, &series->tree, compare_group)) {
		free(group);
		return -ENOMEM;
	}
	more[series->nr_group++] = group;
	*out = group;
	return 0;
}

int series_group(struct trail_counters *series, const struct series_group *key,
		 struct series_group **out)
{
	void *node = tfind(key, &series->tree, compare_group);

	if (!node)
		return add_group(series, key, out);
	*out = *(struct series_group **)node;
	return 0;
}

int series_add_name(struct trail_counters *series, struct series_group *group, const char *name,
		    size_t size)
{
	struct series_value *value;
	const char *text;

	if (series->nr_value == SERIES_MAX_VALUE || size > SERIES_MAX_TEXT)
		return -E2BIG;
	if (group->nr_value == group->cap_value) {
		group->cap_value = group->cap_value ? 2 * group->cap_value : 4;
		value = reallocarray(group->value, group->cap_value, sizeof(*value));
		if (!value)
			return -ENOMEM;
		group->value = value;
	}
	text = series_text(series, name, size);
	if (!text)
		return -ENOMEM;
	value = &group->value[group->nr_value++];
	*value = (struct series_value){ .name = text };
	if (counter_is_gauge(group->source, text))
		value->flags = TRAIL_COUNTER_GAUGE;
	series->nr_value++;
	return 0;
}

/* Goes back near zero from near the end of 32 or 64 bits: devices have counters of either kind. */
static bool has_wrapped(uint64_t before, uint64_t now, uint64_t *growth)
{
	if (before > UINT32_MAX / 4 * 3 && before <= UINT32_MAX && now < UINT32_MAX / 4)
		*growth = now + UINT32_MAX - before + 1;
	else if (before > UINT64_MAX / 4 * 3 && now < UINT64_MAX / 4)
		*growth = now - before;
	else
		return false;
	return true;
}

/* parse-udp.c: a socket is not told before its first drop, however long it was there. */
static bool comes_late(const struct series_group *group)
{
	return !strcmp(group->source, "udp") || !strcmp(group->source, "udp6");
}

/* Also in a line that was there before: IcmpMsg has a column for each type that there was. */
static void first_value(const struct trail_counters *series, const struct series_group *group,
			struct series_value *value, uint64_t now)
{
	value->is_known = true;
	value->first = value->last = value->mark = now;
	if (series->look <= 1)
		return;
	value->flags |= comes_late(group) ? 0 : TRAIL_COUNTER_CAME;
	if (value->flags & TRAIL_COUNTER_GAUGE)
		return;
	/* What came meanwhile began at zero. */
	value->first = value->mark = 0;
	value->growth = value->most = now;
	value->most_ns = series->now_ns;
}

void series_update(struct trail_counters *series, struct series_group *group, uint32_t i,
		   uint64_t now)
{
	struct series_value *value = &group->value[i];
	uint64_t growth = now - value->last;

	if (!value->is_known) {
		first_value(series, group, value, now);
		return;
	}
	if (value->flags & TRAIL_COUNTER_GAUGE)
		growth = 0;
	else if (now < value->last && has_wrapped(value->last, now, &growth))
		value->flags |= TRAIL_COUNTER_WRAPPED;
	else if (now < value->last) {
		value->flags |= TRAIL_COUNTER_RESET;
		value->reset_look = series->look;
		growth = now;
	}
	value->last = now;
	value->growth += growth;
	if (growth <= value->most)
		return;
	value->most = growth;
	value->most_ns = series->now_ns;
}

/* Another of the same name: whatever it has counted, it began at zero. */
static void make_anew(const struct trail_counters *series, struct series_group *group)
{
	for (uint32_t i = 0; i < group->nr_value; i++) {
		struct series_value *value = &group->value[i];

		if (value->flags & TRAIL_COUNTER_GAUGE)
			continue;
		value->flags |= TRAIL_COUNTER_RESET;
		value->reset_look = series->look;
		value->last = 0;
	}
}

void series_touch(struct trail_counters *series, struct series_group *group, uint64_t id)
{
	if (group->look && group->id != id)
		make_anew(series, group);
	group->id = id;
	group->look = series->look;
	group->is_gone = false;
}

void series_gone(const struct trail_counters *series, struct series_group *group)
{
	if (!group->is_gone)
		group->gone_look = series->look;
	group->is_gone = true;
}

/* ---- what parsers say */

void tally_begin(struct tally *tally, struct trail_counters *series, uint32_t netns,
		const char *source)
{
	*tally = (struct tally){ .series = series, .source = source, .netns = netns };
}

void tally_object(struct tally *tally, const char *object, uint64_t id)
{
	struct series_group key = {
		.netns = tally->netns, .source = tally->source, .object = object, .id = id,
	};

	if (tally->err)
		return;
	tally->err = series_group(tally->series, &key, &tally->group);
	if (!tally->err)
		series_touch(tally->series, tally->group, id);
	tally->at = 0;
}

bool tally_has(struct tally *tally, const char *object)
{
	struct series_group key = {
		.netns = tally->netns, .source = tally->source, .object = object,
	};

	return tfind(&key, &tally->series->tree, compare_group);
}

static bool is_name(const struct series_group *group, uint32_t i, const char *name, size_t size)
{
	return !strncmp(group->value[i].name, name, size) && !group->value[i].name[size];
}

void tally_value(struct tally *tally, const char *name, size_t size, uint64_t value)
{
	struct series_group *group = tally->group;
	uint32_t i = tally->at;

	if (tally->err || !group)
		return;
	if (i >= group->nr_value || !is_name(group, i, name, size))
		for (i = 0; i < group->nr_value && !is_name(group, i, name, size); i++)
			;
	if (i == group->nr_value)
		tally->err = series_add_name(tally->series, group, name, size);
	if (tally->err)
		return;
	tally->at = i + 1;
	series_update(tally->series, group, i, value);
}

void tally_name(struct tally *tally, const char *name, uint64_t value)
{
	tally_value(tally, name, strlen(name), value);
}

int tally_end(struct tally *tally)
{
	for (size_t i = 0; !tally->err && i < tally->series->nr_group; i++) {
		struct series_group *group = tally->series->group[i];

		if (group->netns == tally->netns && group->source == tally->source &&
		    group->look != tally->series->look)
			series_gone(tally->series, group);
	}
	if (!tally->err)
		tally->err = series_looked(tally->series, tally->netns, tally->source);
	return tally->err;
}
