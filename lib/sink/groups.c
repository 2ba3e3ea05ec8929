// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * groups.c - groups of packets -> a table, and JSON objects
 */
#include <inttypes.h>

#include "columns.h"
#include "groups.h"
#include "readable.h"

#define NR_TOP	3
/* From here on it is said how exact percentiles are. */
#define NOTABLE_ERROR	0.01

const char *text_group(char *buf, size_t size, const struct trail_group *group)
{
	const struct trail_group_key *key = &group->key;

	if (group->is_others) {
		snprintf(buf, size, "(others)");
	} else if (!key->is_known) {
		snprintf(buf, size, "(unknown)");
	} else if (group->by == TRAIL_BY_FLOW) {
		text_flow(buf, size, &key->flow);
	} else if (group->by == TRAIL_BY_CPU) {
		snprintf(buf, size, "%" PRId64, key->number);
	} else if (group->by == TRAIL_BY_STAGE) {
		snprintf(buf, size, "%s", trail_stage[key->number].name);
	} else {
		text_safe(buf, size, key->text);
	}
	return buf;
}

/* ------------------------------------------------------------------ the table */

/* "queue 311us/6.50ms": the stages with most time, their P50 and P99. */
static const char *text_top(char *buf, size_t size, const struct trail_group *group)
{
	char p50[DURATION_SIZE], p99[DURATION_SIZE];
	uint64_t limit = UINT64_MAX;
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < NR_TOP; i++) {
		struct trail_group_times times, most = { 0 };
		enum trail_stage_id top = 0;

		for (enum trail_stage_id id = 0; id < TRAIL_NR_STAGE; id++)
			if (trail_group_times(group, id, &times) && times.total_ns < limit &&
			    times.total_ns > most.total_ns) {
				most = times;
				top = id;
			}
		if (!most.total_ns || n >= size)
			break;
		limit = most.total_ns;
		n += (size_t)snprintf(buf + n, size - n, "%s%s %s/%s", i ? ", " : "",
				      trail_stage[top].name,
				      text_duration(p50, most.p50_ns),
				      text_duration(p99, most.p99_ns));
	}
	return buf;
}

/* Flows of the same addresses in two network namespaces look the same without it. */
static bool has_two_netns(const struct trail_group *const *group, size_t nr_group)
{
	for (size_t i = 1; i < nr_group; i++)
		if (group[i]->key.is_known && group[0]->key.is_known &&
		    group[i]->key.netns != group[0]->key.netns)
			return true;
	return false;
}

static void group_row(struct table *table, const struct trail_group *group, bool netns)
{
	struct trail_group_times times;
	char buf[TEXT_SIZE];

	table_row(table);
	table_text(table, text_group(buf, sizeof(buf), group));
	if (netns && group->key.netns)
		table_count(table, group->key.netns);
	else if (netns)
		table_text(table, NULL);
	table_count(table, group->packets);
	table_count(table, group->bytes);
	table_count(table, group->dropped);
	if (trail_group_times(group, TRAIL_NR_STAGE, &times)) {
		table_duration(table, times.p50_ns);
		table_duration(table, times.p99_ns);
		table_duration(table, times.max_ns);
	} else {
		for (size_t i = 0; i < 3; i++)
			table_text(table, NULL);
	}
	table_text(table, text_top(buf, sizeof(buf), group));
}

static double worst_error(const struct trail_group *const *group, size_t nr_group)
{
	struct trail_group_times times;
	double worst = 0;

	for (size_t i = 0; i < nr_group; i++)
		for (unsigned int id = 0; id <= TRAIL_NR_STAGE; id++)
			if (trail_group_times(group[i], id, &times) && times.error > worst)
				worst = times.error;
	return worst;
}

static void print_limits(const struct trail_sink *sink, const struct trail_group *const *group,
			 size_t nr_group)
{
	double error = worst_error(group, nr_group);

	if (group[nr_group - 1]->is_others)
		fprintf(sink->opts.out, "(others): %" PRIu64 " packets of what came behind the "
			"first %zu groups\n", group[nr_group - 1]->packets, nr_group - 1);
	if (error > NOTABLE_ERROR)
		fprintf(sink->opts.out, "percentiles are off by up to %.1f%%\n", 100 * error);
}

int groups_print(const struct trail_sink *sink)
{
	static const char *const title[TRAIL_NR_BY] = {
		[TRAIL_BY_FLOW] = "FLOW", [TRAIL_BY_DEV] = "DEVICE", [TRAIL_BY_CPU] = "CPU",
		[TRAIL_BY_READER] = "READER", [TRAIL_BY_STAGE] = "LONGEST STAGE",
	};
	static const char *const number[] = { "PACKETS", "BYTES", "DROPPED", "P50", "P99", "MAX" };
	const struct trail_group *const *group;
	size_t nr_group = trail_groups_sort(sink->opts.groups, &group);
	bool netns = has_two_netns(group, nr_group);
	struct table table;
	int err;

	if (!nr_group)
		return 0;
	fputc('\n', sink->opts.out);
	table_init(&table, &sink->opts);
	table_column(&table, title[group[0]->by], TABLE_LEFT);
	if (netns)
		table_column(&table, "NETNS", TABLE_RIGHT);
	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++)
		table_column(&table, number[i], TABLE_RIGHT);
	table_column(&table, "STAGES WITH MOST TIME (P50/P99)", TABLE_REST);
	for (size_t i = 0; i < nr_group; i++)
		group_row(&table, group[i], netns);
	err = table_print(&table);
	print_limits(sink, group, nr_group);
	return err;
}

/* ------------------------------------------------------------------ JSON */

static void json_times(struct json *json, const struct trail_group_times *times)
{
	json_u64(json, "count", times->count);
	json_u64(json, "p50_ns", times->p50_ns);
	json_u64(json, "p90_ns", times->p90_ns);
	json_u64(json, "p99_ns", times->p99_ns);
	json_u64(json, "max_ns", times->max_ns);
	json_u64(json, "total_ns", times->total_ns);
	json_share(json, "error", times->error);
}

static void json_key(struct json *json, const struct trail_group *group)
{
	const struct trail_group_key *key = &group->key;

	if (group->is_others) {
		json_null(json, "key");
		return;
	}
	json_open(json, "key", '{');
	if (group->by == TRAIL_BY_FLOW)
		json_flow(json, "flow", &key->flow);
	else if (!key->is_known)
		json_null(json, trail_by_name(group->by));
	else if (group->by == TRAIL_BY_CPU)
		json_s64(json, "cpu", key->number);
	else if (group->by == TRAIL_BY_STAGE)
		json_string(json, "stage", trail_stage[key->number].name);
	else
		json_string(json, trail_by_name(group->by), key->text);
	if (group->by == TRAIL_BY_FLOW && key->netns)
		json_u64(json, "netns", key->netns);
	else if (group->by == TRAIL_BY_FLOW)
		json_null(json, "netns");
	json_close(json, '}');
}

void json_group(struct json *json, const struct trail_group *group)
{
	struct trail_group_times times;

	json_string(json, "by", trail_by_name(group->by));
	json_key(json, group);
	json_u64(json, "packets", group->packets);
	json_u64(json, "bytes", group->bytes);
	json_u64(json, "dropped", group->dropped);
	if (trail_group_times(group, TRAIL_NR_STAGE, &times)) {
		json_open(json, "latency", '{');
		json_times(json, &times);
		json_close(json, '}');
	} else {
		json_null(json, "latency");
	}
	json_open(json, "stages", '[');
	for (enum trail_stage_id id = 0; id < TRAIL_NR_STAGE; id++) {
		if (!trail_group_times(group, id, &times))
			continue;
		json_open(json, NULL, '{');
		json_string(json, "stage", trail_stage[id].name);
		json_times(json, &times);
		json_close(json, '}');
	}
	json_close(json, ']');
}
