// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sink-json.c - statistics -> one JSON object
 */
#include "groups.h"
#include "json.h"
#include "sink.h"

static void stage(struct json *json, const struct trail_stat *stat, enum trail_dir dir,
		  enum trail_stage_id id)
{
	const struct trail_histogram *hist = trail_stat_stage(stat, dir, id);
	uint64_t all = trail_stat_stage_total(stat, dir);

	if (!hist)
		return;
	json_open(json, NULL, '{');
	json_string(json, "dir", trail_dir_name(dir));
	json_string(json, "stage", trail_stage[id].name);
	json_u64(json, "count", trail_histogram_count(hist));
	json_u64(json, "p50_ns", trail_histogram_percentile(hist, 50));
	json_u64(json, "p90_ns", trail_histogram_percentile(hist, 90));
	json_u64(json, "p99_ns", trail_histogram_percentile(hist, 99));
	json_u64(json, "max_ns", trail_histogram_max(hist));
	json_u64(json, "total_ns", trail_histogram_total(hist));
	json_share(json, "share", all ? (double)trail_histogram_total(hist) / (double)all : 0);
	json_close(json, '}');
}

static void stages(struct json *json, const struct trail_stat *stat)
{
	json_open(json, "stages", '[');
	for (enum trail_dir dir = 0; dir < TRAIL_NR_DIR; dir++)
		for (enum trail_stage_id id = 0; id < TRAIL_NR_STAGE; id++)
			stage(json, stat, dir, id);
	json_close(json, ']');
}

static void drops(struct json *json, struct trail_stat *stat)
{
	const struct trail_drop_count *row;
	size_t nr_row = trail_stat_drops(stat, &row);

	json_open(json, "drops", '[');
	for (size_t i = 0; i < nr_row; i++) {
		json_open(json, NULL, '{');
		json_drop(json, &row[i].drop);
		json_u64(json, "count", row[i].count);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void slowest(struct json *json, struct trail_stat *stat)
{
	const struct trail_packet *const *packet;
	size_t nr_packet = trail_stat_slowest(stat, &packet);

	json_open(json, "slowest", '[');
	for (size_t i = 0; i < nr_packet; i++) {
		json_open(json, NULL, '{');
		json_packet(json, packet[i]);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void groups(struct json *json, struct trail_groups *all)
{
	const struct trail_group *const *group;
	size_t nr_group = trail_groups_sort(all, &group);

	json_open(json, "groups", '[');
	for (size_t i = 0; i < nr_group; i++) {
		json_open(json, NULL, '{');
		json_group(json, group[i]);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static int json_sink_close(struct trail_sink *sink)
{
	struct trail_stat *stat = sink->opts.stat;
	struct json json;
	int err = json_init(&json);

	if (err)
		return err;
	json_open(&json, NULL, '{');
	json_u64(&json, "schema", 1);
	json_open(&json, "capture", '{');
	json_capture(&json, sink->opts.capture);
	json_close(&json, '}');
	json_open(&json, "summary", '{');
	json_summary(&json, &sink->opts);
	json_close(&json, '}');
	stages(&json, stat);
	drops(&json, stat);
	slowest(&json, stat);
	if (sink->opts.groups)
		groups(&json, sink->opts.groups);
	json_close(&json, '}');
	json_newline(&json);
	err = json_flush(&json, sink->opts.out);
	json_release(&json);
	return err;
}

const struct trail_sink_type trail_sink_json = {
	"json", "the summary as one JSON object", NULL, NULL, json_sink_close
};
