// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * carrier-read.c - lines of text -> counters; carrier-write.c says what the lines are
 *
 * They may come from a stranger: numbers of groups and places are checked against what there is,
 * texts are kept as they are and escaped by whoever shows them, and how much there may be of
 * everything is bounded, as a short line can stand for many counters.  Lines that begin with a
 * word that is not known here are of a later version, and ignored.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "carrier.h"
#include "words.h"

/**
 * struct reading - lines so far
 * @has_look: a look was told, so there can be values
 */
struct reading {
	struct trail_counters *series;
	bool has_look;
};

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Return: length; -EINVAL for what put_text() never yields. */
static int unescape(struct words word, char out[SERIES_MAX_TEXT + 1])
{
	size_t nr = 0;

	for (size_t i = 0; i < word.size; i++) {
		char c = word.at[i];

		if (nr == SERIES_MAX_TEXT)
			return -EINVAL;
		if (c == '\\') {
			int high = i + 3 < word.size ? hex_digit(word.at[i + 2]) : -1;
			int low = i + 3 < word.size ? hex_digit(word.at[i + 3]) : -1;

			if (word.at[i + 1] != 'x' || high < 0 || low < 0)
				return -EINVAL;
			c = (char)(high << 4 | low);
			i += 3;
		}
		if (!c)
			return -EINVAL;
		out[nr++] = c;
	}
	out[nr] = '\0';
	return nr;
}

/* The next word, a text, which is the series' then. */
static int take_text(struct reading *reading, struct words *line, bool marked, const char **out)
{
	char text[SERIES_MAX_TEXT + 1];
	struct words word;
	int len;

	if (!words_next(line, &word) || (marked && *word.at != '='))
		return -EINVAL;
	len = unescape((struct words){ word.at + marked, word.size - marked }, text);
	if (len < 0)
		return len;
	*out = series_text(reading->series, text, len);
	return *out ? 0 : -ENOMEM;
}

static int take_number(struct words *line, uint64_t end, uint64_t *out)
{
	struct words word;

	return words_next(line, &word) && words_number(word, 10, out) && *word.at != '-' &&
	       (*out < end || end == UINT64_MAX) ? 0 : -EINVAL;
}

static int take_group(struct reading *reading, struct words *line, struct series_group **group)
{
	uint64_t index;
	int err = take_number(line, reading->series->nr_group, &index);

	if (!err)
		*group = reading->series->group[index];
	return err;
}

/* ---- a kind of line each; @line is what is behind its first word */

static int read_netns(struct reading *reading, struct words line)
{
	const char *name;
	int err = take_text(reading, &line, true, &name);

	if (!err)
		err = series_new_netns(reading->series, name);
	return err < 0 ? err : 0;
}

static int read_group(struct reading *reading, struct words line)
{
	struct trail_counters *series = reading->series;
	struct series_group key = { 0 }, *group;
	size_t before = series->nr_group;
	uint64_t netns;
	int err;

	err = take_number(&line, series->nr_netns, &netns);
	if (!err)
		err = take_text(reading, &line, false, &key.source);
	if (!err)
		err = take_number(&line, UINT64_MAX, &key.id);
	if (!err)
		err = take_text(reading, &line, true, &key.object);
	if (err)
		return err;
	key.netns = netns;
	err = series_group(series, &key, &group);
	/* Numbers of groups are counted: none comes twice. */
	return err ? err : series->nr_group == before ? -EINVAL : 0;
}

static int read_names(struct reading *reading, struct words line)
{
	struct series_group *group;
	const char *name;
	int err = take_group(reading, &line, &group);

	while (!err && line.size) {
		err = take_text(reading, &line, false, &name);
		if (!err)
			err = series_add_name(reading->series, group, name, strlen(name));
	}
	return err;
}

static int read_like(struct reading *reading, struct words line)
{
	struct series_group *group, *like;
	int err = take_group(reading, &line, &group);

	if (!err)
		err = take_group(reading, &line, &like);
	if (!err && (group == like || group->nr_value))
		err = -EINVAL;
	for (uint32_t i = 0; !err && i < like->nr_value; i++)
		err = series_add_name(reading->series, group, like->value[i].name,
				      strlen(like->value[i].name));
	return err;
}

static int read_at(struct reading *reading, struct words line)
{
	uint64_t now_ns;
	int err = take_number(&line, UINT64_MAX, &now_ns);

	if (!err && reading->series->look == UINT32_MAX)
		err = -E2BIG;
	if (!err)
		series_look(reading->series, now_ns);
	reading->has_look = true;
	return err;
}

static int read_is(struct reading *reading, struct words line)
{
	struct series_group *group;
	uint64_t id;
	int err = take_group(reading, &line, &group);

	if (!err)
		err = take_number(&line, UINT64_MAX, &id);
	if (!err)
		series_touch(reading->series, group, id);
	return err;
}

static int read_all(struct reading *reading, struct words line)
{
	struct series_group *group;
	uint64_t value;
	int err = take_group(reading, &line, &group);

	if (!err)
		series_touch(reading->series, group, group->id);
	for (uint32_t i = 0; !err && i < group->nr_value; i++) {
		err = take_number(&line, UINT64_MAX, &value);
		if (!err)
			series_update(reading->series, group, i, value);
	}
	return err;
}

static int read_some(struct reading *reading, struct words line)
{
	struct series_group *group;
	uint64_t index, value;
	int err = take_group(reading, &line, &group);

	if (!err)
		series_touch(reading->series, group, group->id);
	while (!err && line.size) {
		err = take_number(&line, group->nr_value, &index);
		if (!err)
			err = take_number(&line, UINT64_MAX, &value);
		if (!err)
			series_update(reading->series, group, index, value);
	}
	return err;
}

static int read_gone(struct reading *reading, struct words line)
{
	struct series_group *group;
	int err = take_group(reading, &line, &group);

	if (!err)
		series_gone(reading->series, group);
	return err;
}

static int read_set(struct reading *reading, struct words line)
{
	const char *object, *name, *text;
	uint64_t netns;
	int err = take_number(&line, reading->series->nr_netns, &netns);

	if (!err)
		err = take_text(reading, &line, true, &object);
	if (!err)
		err = take_text(reading, &line, true, &name);
	if (!err)
		err = take_text(reading, &line, true, &text);
	return err ? err : series_set(reading->series, netns, object, name, text);
}

static int read_source(struct reading *reading, struct words line)
{
	const char *source;
	uint64_t netns;
	int err = take_number(&line, reading->series->nr_netns, &netns);

	if (!err)
		err = take_text(reading, &line, false, &source);
	return err ? err : series_add_source(reading->series, netns, source);
}

/* What has become of sources. */
static int read_sources(struct reading *reading, struct words line,
			void (*become)(struct trail_counters *, struct series_source *))
{
	uint64_t index;
	int err = 0;

	while (!err && line.size) {
		err = take_number(&line, reading->series->nr_source, &index);
		if (!err)
			become(reading->series, &reading->series->source[index]);
	}
	return err;
}

static int read_rest(struct reading *reading, struct words line)
{
	return read_sources(reading, line, series_rest);
}

static int read_look(struct reading *reading, struct words line)
{
	return read_sources(reading, line, series_resume);
}

static int read_lost(struct reading *reading, struct words line)
{
	return read_sources(reading, line, series_source_gone);
}

static int read_note(struct reading *reading, struct words line)
{
	const char *text;
	int err = take_text(reading, &line, true, &text);

	return err ? err : series_note(reading->series, "%s", text);
}

static const struct {
	const char *word;
	int (*read)(struct reading *reading, struct words line);
	bool needs_look;
} kind[] = {
	{ "v", read_some, true }, { "all", read_all, true }, { "at", read_at, false },
	{ "netns", read_netns, false }, { "group", read_group, false },
	{ "names", read_names, false }, { "like", read_like, false },
	{ "is", read_is, true }, { "gone", read_gone, true }, { "set", read_set, false },
	{ "note", read_note, false }, { "source", read_source, true },
	{ "rest", read_rest, true }, { "look", read_look, true }, { "lost", read_lost, true },
};

static int read_line(struct reading *reading, struct words line)
{
	struct words word;

	if (!words_next(&line, &word))
		return 0;
	for (size_t i = 0; i < sizeof(kind) / sizeof(kind[0]); i++)
		if (words_is(word, kind[i].word))
			return kind[i].needs_look && !reading->has_look ? -EINVAL :
			       kind[i].read(reading, line);
	return 0;
}

int trail_counters_parse(const char *text, size_t size, struct trail_counters **out,
			 struct trail_error *error)
{
	struct reading reading = { .series = series_new() };
	struct words left = { text, size }, line;
	unsigned int number = 0;
	int err = 0;

	*error = (struct trail_error){ 0 };
	*out = NULL;
	if (!reading.series)
		return -ENOMEM;
	while (!err && words_line(&left, &line)) {
		number++;
		err = read_line(&reading, line);
	}
	if (err == -ENOMEM) {
		trail_counters_free(reading.series);
		return err;
	}
	*out = reading.series;
	if (err)
		snprintf(error->text, sizeof(error->text), "counters: damaged in line %u", number);
	return err ? -EINVAL : 0;
}

int trail_counters_of(const struct trail_capture *cap, struct trail_counters **out,
		      struct trail_error *error)
{
	const struct trail_capture_info *info = trail_capture_info(cap);

	*error = (struct trail_error){ 0 };
	*out = NULL;
	if (!info->counters)
		return -ENODATA;
	return trail_counters_parse(info->counters, info->counters_bytes, out, error);
}
