// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * counters-text.c - the kernel's counters -> a table for people, and what they mean
 */
#include <errno.h>
#include <inttypes.h>

#include "columns.h"
#include "counters.h"
#include "readable.h"

#define BOLD	"\033[1m"
#define RED	"\033[31m"
#define RESET	"\033[0m"

static void print_title(const struct trail_counters_print *print, const char *title)
{
	fprintf(print->sink.out, "\n%s%s%s\n", print->sink.color ? BOLD : "", title,
		print->sink.color ? RESET : "");
}

static void print_head(const struct trail_counters *counters,
		       const struct trail_counters_print *print)
{
	const struct trail_counters_info *info = trail_counters_info(counters);
	const struct trail_capture_info *capture = print->sink.capture;
	char buf[TEXT_SIZE], duration[DURATION_SIZE];

	if (capture)
		fprintf(print->sink.out, "%s: ", text_safe(buf, sizeof(buf), capture->file));
	fprintf(print->sink.out, "counters of %s, %" PRIu32 " look%s",
		text_duration(duration, elapsed(counters_start_ns(counters, print), info->end_ns)),
		info->nr_look, info->nr_look == 1 ? "" : "s");
	/* Two are as far apart as it lasts. */
	if (info->nr_look > 2)
		fprintf(print->sink.out, ", up to %s apart",
			text_duration(duration, info->longest_ns));
	fputc('\n', print->sink.out);
}

static const char *state_text(unsigned int flags, char *buf, size_t size)
{
	static const struct { unsigned int flag; const char *text; } state[] = {
		{ TRAIL_COUNTER_RESET, "was reset: at least" },
		{ TRAIL_COUNTER_WRAPPED, "wrapped" },
		{ TRAIL_COUNTER_CAME, "new" }, { TRAIL_COUNTER_GONE, "gone" },
	};
	size_t n = 0;

	*buf = '\0';
	for (size_t i = 0; i < sizeof(state) / sizeof(state[0]); i++)
		if (flags & state[i].flag)
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "",
					      state[i].text);
	return n ? buf : NULL;
}

/* Has it a sentence below the table? */
static bool is_explained(const struct trail_counter *counter)
{
	return counter_has_changed(counter) &&
	       trail_counter_meaning(counter->source, counter->name);
}

static void print_row(struct table *table, const struct trail_counter *counter,
		      double rate)
{
	bool is_gauge = counter->flags & TRAIL_COUNTER_GAUGE;
	char buf[128];

	table_row(table);
	if (counter->growth && trail_counter_meaning(counter->source, counter->name))
		table_row_color(table, RED);
	table_text(table, *counter->netns ? counter->netns : NULL);
	table_text(table, counter->source);
	table_text(table, *counter->object ? counter->object : NULL);
	table_text(table, counter->name);
	table_count(table, counter->first);
	table_count(table, counter->last);
	snprintf(buf, sizeof(buf), "+%" PRIu64, counter->growth);
	table_text(table, is_gauge ? NULL : buf);
	snprintf(buf, sizeof(buf), "%.1f", rate);
	table_text(table, is_gauge ? NULL : buf);
	table_text(table, state_text(counter->flags, buf, sizeof(buf)));
}

static size_t count_rows(const struct trail_counters *counters,
			 const struct trail_counters_print *print)
{
	struct trail_counters_at at = { .since_mark = print->since_mark };
	struct trail_counter counter;
	size_t nr = 0;

	while (trail_counters_next(counters, &at, &counter))
		nr += print->all || counter_has_changed(&counter);
	return nr;
}

static int print_counters(const struct trail_counters *counters,
			  const struct trail_counters_print *print)
{
	static const char *const number[] = { "FIRST", "LAST", "GROWTH", "PER SECOND" };
	const struct trail_counters_info *info = trail_counters_info(counters);
	uint64_t start_ns = counters_start_ns(counters, print);
	struct trail_counters_at at;
	struct trail_counter counter;
	struct table table;

	if (!count_rows(counters, print)) {
		fputs("no counter has changed\n", print->sink.out);
		return 0;
	}
	print_title(print, print->all ? "Counters" : "Counters that have changed");
	table_init(&table, &print->sink);
	table_column(&table, "NETNS", TABLE_LEFT);
	table_column(&table, "SOURCE", TABLE_LEFT);
	table_column(&table, "OBJECT", TABLE_LEFT);
	table_column(&table, "COUNTER", TABLE_LEFT);
	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++)
		table_column(&table, number[i], TABLE_RIGHT);
	table_column(&table, "STATE", TABLE_REST);
	/* Those first that have a sentence below: they are told for a reason. */
	for (int is_rest = 0; is_rest < 2; is_rest++) {
		at = (struct trail_counters_at){ .since_mark = print->since_mark };
		while (trail_counters_next(counters, &at, &counter))
			if ((print->all || counter_has_changed(&counter)) &&
			    is_rest == !is_explained(&counter))
				print_row(&table, &counter,
					  per_second(counter.growth, start_ns, info));
	}
	return table_print(&table);
}

/* Was a counter of that meaning before @end? */
static bool has_meaning(const struct trail_counters *counters, const struct trail_counters_at *end,
			const struct trail_counter_meaning *meaning)
{
	struct trail_counters_at at = { .since_mark = end->since_mark };
	struct trail_counter counter;

	while ((at.group != end->group || at.value != end->value) &&
	       trail_counters_next(counters, &at, &counter)) {
		if (at.group == end->group && at.value == end->value)
			return false;
		if (counter_has_changed(&counter) &&
		    trail_counter_meaning(counter.source, counter.name) == meaning)
			return true;
	}
	return false;
}

static void print_meanings(const struct trail_counters *counters,
			   const struct trail_counters_print *print)
{
	const struct trail_counter_meaning *meaning;
	struct trail_counters_at at = { .since_mark = print->since_mark };
	struct trail_counter counter;
	char buf[TEXT_SIZE];
	bool is_first = true;

	while (trail_counters_next(counters, &at, &counter)) {
		meaning = trail_counter_meaning(counter.source, counter.name);
		if (!meaning || !counter_has_changed(&counter) ||
		    has_meaning(counters, &at, meaning))
			continue;
		if (is_first)
			print_title(print, "What they mean");
		is_first = false;
		fprintf(print->sink.out, "%s: ", text_safe(buf, sizeof(buf), counter.name));
		fprintf(print->sink.out, "%s (%s)\n", meaning->text, meaning->basis);
	}
}

static int print_settings(const struct trail_counters *counters,
			  const struct trail_counters_print *print)
{
	struct trail_setting setting;
	bool is_first = true;
	struct table table;

	for (size_t i = 0; trail_counters_setting(counters, i, &setting); i++) {
		bool has_changed = strcmp(setting.first, setting.last);

		if (!print->all && !has_changed)
			continue;
		if (is_first) {
			print_title(print, print->all ? "Settings" : "Settings that have changed");
			table_init(&table, &print->sink);
			table_column(&table, "NETNS", TABLE_LEFT);
			table_column(&table, "OBJECT", TABLE_LEFT);
			table_column(&table, "SETTING", TABLE_LEFT);
			table_column(&table, "FIRST", TABLE_LEFT);
			table_column(&table, "LAST", TABLE_REST);
		}
		is_first = false;
		table_row(&table);
		table_text(&table, *setting.netns ? setting.netns : NULL);
		table_text(&table, *setting.object ? setting.object : NULL);
		table_text(&table, setting.name);
		table_text(&table, setting.first);
		table_text(&table, setting.is_gone ? "gone" : has_changed ? setting.last : "same");
	}
	return is_first ? 0 : table_print(&table);
}

static bool was_left_alone(const struct trail_counter_source *source)
{
	return source->longest_ns && !source->is_gone;
}

/* Those that the @i-th begins, which were looked at together: "snmp netstat".  Return: how many. */
static size_t join_sources(const struct trail_counters *counters, size_t i, char *buf, size_t size)
{
	struct trail_counter_source first, source;
	size_t nr = 0, used = 0;

	for (; trail_counters_source(counters, i + nr, &source); nr++) {
		if (!nr)
			first = source;
		if (source.netns != first.netns || source.longest_ns != first.longest_ns ||
		    source.nr_look != first.nr_look || source.is_gone || used + 1 >= size)
			break;
		used += (size_t)snprintf(buf + used, size - used, "%s%s", nr ? " " : "",
					 source.source);
	}
	return nr;
}

static int print_seldom(const struct trail_counters *counters,
			const struct trail_counters_print *print)
{
	struct trail_counter_source source;
	char buf[TEXT_SIZE];
	struct table table;
	bool any = false;
	size_t nr;

	for (size_t i = 0; trail_counters_source(counters, i, &source); i += nr) {
		nr = 1;
		if (!was_left_alone(&source))
			continue;
		if (!any) {
			print_title(print, "Looked at more seldom, as it takes long");
			table_init(&table, &print->sink);
			table_column(&table, "NETNS", TABLE_LEFT);
			table_column(&table, "LOOKS", TABLE_RIGHT);
			table_column(&table, "UP TO APART", TABLE_RIGHT);
			table_column(&table, "SOURCES", TABLE_REST);
		}
		any = true;
		nr = join_sources(counters, i, buf, sizeof(buf));
		table_row(&table);
		table_text(&table, *source.netns ? source.netns : NULL);
		table_count(&table, source.nr_look);
		table_duration(&table, source.longest_ns);
		table_text(&table, buf);
	}
	return any ? table_print(&table) : 0;
}

/* Is the @i-th the first of a network namespace that is gone, and how long was it not known? */
static bool find_gone(const struct trail_counters *counters, size_t i, uint64_t *unknown_ns)
{
	struct trail_counter_source is, source;

	if (!trail_counters_source(counters, i, &is) || !is.is_gone)
		return false;
	*unknown_ns = 0;
	for (size_t j = 0; trail_counters_source(counters, j, &source); j++) {
		if (!source.is_gone || source.netns != is.netns)
			continue;
		if (j < i)
			return false;
		if (source.unknown_ns > *unknown_ns)
			*unknown_ns = source.unknown_ns;
	}
	return true;
}

static void print_notes(const struct trail_counters *counters,
			const struct trail_counters_print *print)
{
	const char *const *note = trail_counters_info(counters)->note;
	char buf[TEXT_SIZE], duration[DURATION_SIZE];
	struct trail_counter_source source;
	uint64_t unknown_ns;

	if (*note)
		print_title(print, "Notes");
	for (; *note; note++)
		fprintf(print->sink.out, "%s\n", text_safe(buf, sizeof(buf), *note));
	for (size_t i = 0; trail_counters_source(counters, i, &source); i++)
		if (find_gone(counters, i, &unknown_ns))
			fprintf(print->sink.out, "network namespace %s: what it counted after the "
				"last look at it, up to %s, is not known\n",
				text_safe(buf, sizeof(buf), source.netns),
				text_duration(duration, unknown_ns));
}

int trail_counters_text(const struct trail_counters *counters,
			const struct trail_counters_print *print)
{
	int err;

	print_head(counters, print);
	err = print_counters(counters, print);
	if (!err)
		print_meanings(counters, print);
	if (!err && !print->since_mark)
		err = print_settings(counters, print);
	if (!err && !print->since_mark)
		err = print_seldom(counters, print);
	if (!err && !print->since_mark)
		print_notes(counters, print);
	return err ? err : ferror(print->sink.out) ? -EIO : 0;
}
