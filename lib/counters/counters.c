// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * counters.c - a series -> its counters, one by one
 */
#include "series.h"

const struct trail_counters_info *trail_counters_info(const struct trail_counters *series)
{
	return &series->info;
}

static void fill(const struct trail_counters *series, const struct series_group *group,
		 const struct series_value *value, struct trail_counter *out)
{
	*out = (struct trail_counter){
		.netns = series->netns[group->netns], .source = group->source,
		.object = group->object, .name = value->name, .first = value->first,
		.last = value->last, .growth = value->growth, .most = value->most,
		.most_ns = value->most_ns, .flags = value->flags,
	};
	if (group->is_gone)
		out->flags |= TRAIL_COUNTER_GONE;
}

static void cut_to_mark(const struct series_value *value, struct trail_counter *out)
{
	out->first = value->mark;
	out->growth -= value->mark_growth;
	/* That it was reset, or is new, may be long ago. */
	if (!out->growth)
		out->flags &= TRAIL_COUNTER_GAUGE;
}

bool trail_counters_next(const struct trail_counters *series, struct trail_counters_at *at,
			 struct trail_counter *out)
{
	for (; at->group < series->nr_group; at->group++, at->value = 0) {
		const struct series_group *group = series->group[at->group];

		while (at->value < group->nr_value) {
			const struct series_value *value = &group->value[at->value++];

			if (!value->is_known)
				continue;
			fill(series, group, value, out);
			if (at->since_mark)
				cut_to_mark(value, out);
			return true;
		}
	}
	return false;
}

/* By its counters: settings of what is not there are not looked at, and so stay as they were. */
static bool is_gone(const struct trail_counters *series, const struct series_setting *setting)
{
	bool gone = false;

	for (size_t i = 0; i < series->nr_source; i++)
		if (series->source[i].netns == setting->netns_index && series->source[i].is_gone)
			return true;
	for (size_t i = 0; *setting->object && i < series->nr_group; i++) {
		const struct series_group *group = series->group[i];

		if (group->netns != setting->netns_index || group->object != setting->object)
			continue;
		if (!group->is_gone)
			return false;
		gone = true;
	}
	return gone;
}

bool trail_counters_setting(const struct trail_counters *series, size_t i,
			    struct trail_setting *out)
{
	const struct series_setting *setting = &series->setting[i];

	if (i >= series->nr_setting)
		return false;
	*out = (struct trail_setting){
		.netns = setting->netns, .object = setting->object, .name = setting->name,
		.first = setting->first, .last = setting->last,
		.is_gone = is_gone(series, setting),
	};
	return true;
}

static void mark(struct series_group *group)
{
	for (uint32_t i = 0; i < group->nr_value; i++) {
		struct series_value *value = &group->value[i];

		value->mark = value->last;
		value->mark_growth = value->growth;
	}
}

void trail_counters_mark(struct trail_counters *series)
{
	for (size_t i = 0; i < series->nr_group; i++)
		mark(series->group[i]);
	series->info.mark_ns = series->info.end_ns;
	series->mark_look = series->look;
}
