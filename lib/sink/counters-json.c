// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * counters-json.c - the kernel's counters -> a JSON object, as output-schema.md has it
 */
#include "counters.h"

static void print_flag(struct json *json, const struct trail_counter *counter,
		       unsigned int flag, const char *key)
{
	if (counter->flags & flag)
		json_true(json, key);
}

static void print_counter(struct json *json, const struct trail_counter *counter,
			  double rate)
{
	const struct trail_counter_meaning *meaning;
	bool is_gauge = counter->flags & TRAIL_COUNTER_GAUGE;

	json_open(json, NULL, '{');
	json_string(json, "netns", *counter->netns ? counter->netns : NULL);
	json_string(json, "source", counter->source);
	json_string(json, "object", *counter->object ? counter->object : NULL);
	json_string(json, "name", counter->name);
	json_string(json, "kind", is_gauge ? "level" : "counter");
	json_u64(json, "first", counter->first);
	json_u64(json, "last", counter->last);
	if (!is_gauge) {
		json_u64(json, "growth", counter->growth);
		json_real(json, "per_second", rate);
		json_u64(json, "most", counter->most);
		json_u64(json, "most_ns", counter->most_ns);
	}
	print_flag(json, counter, TRAIL_COUNTER_WRAPPED, "wrapped");
	print_flag(json, counter, TRAIL_COUNTER_RESET, "reset");
	print_flag(json, counter, TRAIL_COUNTER_CAME, "came");
	print_flag(json, counter, TRAIL_COUNTER_GONE, "gone");
	meaning = trail_counter_meaning(counter->source, counter->name);
	if (meaning && counter_has_changed(counter))
		json_string(json, "meaning", meaning->text);
	json_close(json, '}');
}

static void print_setting(struct json *json, const struct trail_setting *setting)
{
	json_open(json, NULL, '{');
	json_string(json, "netns", *setting->netns ? setting->netns : NULL);
	json_string(json, "object", *setting->object ? setting->object : NULL);
	json_string(json, "name", setting->name);
	json_string(json, "first", setting->first);
	json_string(json, "last", setting->last);
	if (setting->is_gone)
		json_true(json, "gone");
	json_close(json, '}');
}

static void print_source(struct json *json, const struct trail_counter_source *source)
{
	json_open(json, NULL, '{');
	json_string(json, "netns", *source->netns ? source->netns : NULL);
	json_string(json, "source", source->source);
	json_u64(json, "looks", source->nr_look);
	json_u64(json, "longest_ns", source->longest_ns);
	if (source->is_gone) {
		json_true(json, "gone");
		json_u64(json, "unknown_ns", source->unknown_ns);
	}
	json_close(json, '}');
}

static void print_all(struct json *json, const struct trail_counters *counters,
		      const struct trail_counters_print *print)
{
	const struct trail_counters_info *info = trail_counters_info(counters);
	struct trail_counters_at at = { .since_mark = print->since_mark };
	uint64_t start_ns = counters_start_ns(counters, print);
	struct trail_counter counter;
	struct trail_counter_source source;
	struct trail_setting setting;

	json_u64(json, "start_ns", start_ns);
	json_u64(json, "end_ns", info->end_ns);
	json_u64(json, "looks", info->nr_look);
	json_u64(json, "longest_ns", info->longest_ns);
	json_open(json, "seldom", '[');
	for (size_t i = 0; trail_counters_source(counters, i, &source); i++)
		if (source.longest_ns || source.is_gone)
			print_source(json, &source);
	json_close(json, ']');
	json_open(json, "counters", '[');
	while (trail_counters_next(counters, &at, &counter))
		if (print->all || counter_has_changed(&counter))
			print_counter(json, &counter,
				      per_second(counter.growth, start_ns, info));
	json_close(json, ']');
	json_open(json, "settings", '[');
	for (size_t i = 0; trail_counters_setting(counters, i, &setting); i++)
		if (print->all || strcmp(setting.first, setting.last))
			print_setting(json, &setting);
	json_close(json, ']');
	json_open(json, "notes", '[');
	for (size_t i = 0; info->note[i]; i++)
		json_string(json, NULL, info->note[i]);
	json_close(json, ']');
}

int trail_counters_json(const struct trail_counters *counters,
			const struct trail_counters_print *print)
{
	struct json json;
	int err = json_init(&json);

	if (err)
		return err;
	json_open(&json, NULL, '{');
	json_u64(&json, "schema", 1);
	json_string(&json, "file", print->sink.capture ? print->sink.capture->file : NULL);
	if (print->is_total)
		json_true(&json, "total");
	print_all(&json, counters, print);
	json_close(&json, '}');
	json_newline(&json);
	err = json_flush(&json, print->sink.out);
	json_release(&json);
	return err;
}
