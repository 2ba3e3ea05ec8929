// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * carrier-write.c - counters -> lines of text: only what is new
 *
 *	netns =NAME			the next namespace; the machine, 0, is not told
 *	group NETNS SOURCE ID =OBJECT	the next group
 *	names G NAME ...		more counters of group G
 *	like G H			its counters have the names of those of group H
 *	at NS				a look, at that time; what follows was seen then
 *	is G ID				it is another of the same name
 *	all G VALUE ...			its counters, one after the other
 *	v G I VALUE I VALUE ...		some of them, by place
 *	gone G				it is not there any more, until values of it follow
 *	set NETNS =OBJECT =NAME =TEXT
 *	source NETNS SOURCE		the next source of a namespace, looked at from this look on
 *	rest S ...			these are left alone from this look on
 *	look S ...			these are looked at again
 *	lost S ...			these are not there any more: what they counted is not known
 *	note =TEXT
 *
 * Numbers are decimal; what could be taken for a blank or the end of a line is written \xNN.
 * Values are whole and not differences: each look stands for itself.
 */
#include <errno.h>
#include <inttypes.h>

#include "carrier.h"

static void put_text(FILE *out, const char *mark, const char *text)
{
	fputs(mark, out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c <= ' ' || c == '\\' || c >= 0x7f)
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
}

static bool same_names(const struct series_group *a, const struct series_group *b)
{
	if (a->source != b->source || a->nr_value != b->nr_value)
		return false;
	for (uint32_t i = 0; i < a->nr_value; i++)
		if (a->value[i].name != b->value[i].name)
			return false;
	return true;
}

/* The first group with the same names, if that is before @index and was told. */
static bool is_like(const struct trail_counters *series, size_t index, size_t *like)
{
	for (size_t i = 0; i < index; i++) {
		const struct series_group *group = series->group[i];

		if (group->nr_sent != group->nr_value || !group->nr_value ||
		    !same_names(group, series->group[index]))
			continue;
		*like = i;
		return true;
	}
	return false;
}

static void write_names(const struct trail_counters *series, size_t index, FILE *out)
{
	struct series_group *group = series->group[index];
	size_t like;

	if (!group->is_sent) {
		fprintf(out, "group %" PRIu32, group->netns);
		put_text(out, " ", group->source);
		fprintf(out, " %" PRIu64, group->id);
		put_text(out, " =", group->object);
		fputc('\n', out);
		group->is_sent = true;
		group->sent_id = group->id;
	}
	if (group->nr_sent == group->nr_value)
		return;
	if (!group->nr_sent && is_like(series, index, &like)) {
		fprintf(out, "like %zu %zu\n", index, like);
	} else {
		fprintf(out, "names %zu", index);
		for (uint32_t i = group->nr_sent; i < group->nr_value; i++)
			put_text(out, " ", group->value[i].name);
		fputc('\n', out);
	}
	group->nr_sent = group->nr_value;
}

static uint32_t count_new(const struct series_group *group)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < group->nr_value; i++)
		nr += group->value[i].is_known &&
		      (!group->value[i].is_sent || group->value[i].sent != group->value[i].last);
	return nr;
}

static void write_values(struct series_group *group, size_t index, FILE *out)
{
	uint32_t nr = count_new(group);
	bool all = nr == group->nr_value || nr > group->nr_value / 2 + 4;

	for (uint32_t i = 0; all && i < group->nr_value; i++)
		all = group->value[i].is_known;
	if (nr)
		fprintf(out, all ? "all %zu" : "v %zu", index);
	for (uint32_t i = 0; nr && i < group->nr_value; i++) {
		struct series_value *value = &group->value[i];

		if (!value->is_known || (!all && value->is_sent && value->sent == value->last))
			continue;
		if (!all)
			fprintf(out, " %" PRIu32, i);
		fprintf(out, " %" PRIu64, value->last);
		value->sent = value->last;
		value->is_sent = true;
	}
	if (nr)
		fputc('\n', out);
}

static void write_group(struct series_group *group, size_t index, FILE *out)
{
	if (group->sent_id != group->id)
		fprintf(out, "is %zu %" PRIu64 "\n", index, group->id);
	group->sent_id = group->id;
	if (group->sent_gone && !group->is_gone)
		fprintf(out, "v %zu\n", index);
	write_values(group, index, out);
	if (group->is_gone && !group->sent_gone)
		fprintf(out, "gone %zu\n", index);
	group->sent_gone = group->is_gone;
}

static void write_settings(struct trail_counters *series, FILE *out)
{
	for (size_t i = 0; i < series->nr_setting; i++) {
		struct series_setting *setting = &series->setting[i];

		if (setting->is_sent)
			continue;
		fprintf(out, "set %" PRIu32, setting->netns_index);
		put_text(out, " =", setting->object);
		put_text(out, " =", setting->name);
		put_text(out, " =", setting->last);
		fputc('\n', out);
		setting->is_sent = true;
	}
}

/* What has become of it since it was told. */
static const char *change_of(const struct series_source *source)
{
	if (source->is_gone)
		return source->sent_gone ? "" : "lost";
	if (!source->first == source->sent_rests)
		return "";
	return source->first ? "look" : "rest";
}

static void write_sources(struct trail_counters *series, FILE *out)
{
	static const char *const change[] = { "rest", "look", "lost" };

	for (size_t i = 0; i < series->nr_source; i++) {
		struct series_source *source = &series->source[i];

		if (source->is_sent)
			continue;
		fprintf(out, "source %" PRIu32, source->netns);
		put_text(out, " ", source->source);
		fputc('\n', out);
		source->is_sent = true;
	}
	for (size_t word = 0; word < sizeof(change) / sizeof(change[0]); word++) {
		bool any = false;

		for (size_t i = 0; i < series->nr_source; i++) {
			if (strcmp(change_of(&series->source[i]), change[word]))
				continue;
			fprintf(out, "%s %zu", any ? "" : change[word], i);
			any = true;
		}
		if (any)
			fputc('\n', out);
	}
	for (size_t i = 0; i < series->nr_source; i++) {
		series->source[i].sent_rests = !series->source[i].first;
		series->source[i].sent_gone = series->source[i].is_gone;
	}
}

int carrier_write(struct trail_counters *series, FILE *out)
{
	for (; series->sent_netns + 1 < series->nr_netns; series->sent_netns++) {
		put_text(out, "netns =", series->netns[series->sent_netns + 1]);
		fputc('\n', out);
	}
	if (series->sent_look != series->look)
		fprintf(out, "at %" PRIu64 "\n", series->now_ns);
	series->sent_look = series->look;
	for (size_t i = 0; i < series->nr_group; i++) {
		write_names(series, i, out);
		write_group(series->group[i], i, out);
	}
	write_settings(series, out);
	write_sources(series, out);
	for (; series->sent_note < series->nr_note; series->sent_note++) {
		put_text(out, "note =", series->note[series->sent_note]);
		fputc('\n', out);
	}
	errno = 0;
	return ferror(out) ? errno ? -errno : -EIO : 0;
}
