// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sink-ndjson.c - packets -> one JSON object a line, for streams
 *
 * Nothing is kept: a line leaves as soon as its packet ends.
 */
#include <errno.h>
#include <stdlib.h>

#include "groups.h"
#include "json.h"
#include "sink.h"

/* Ends the line that was begun with json_open(). */
static int end_line(struct trail_sink *sink)
{
	struct json *json = sink->state;

	json_close(json, '}');
	json_newline(json);
	return json_flush(json, sink->opts.out);
}

static void release(struct trail_sink *sink)
{
	json_release(sink->state);
	free(sink->state);
}

static int ndjson_open(struct trail_sink *sink)
{
	struct json *json = malloc(sizeof(*json));
	int err = json ? json_init(json) : -ENOMEM;

	if (err) {
		free(json);
		return err;
	}
	sink->state = json;
	json_open(json, NULL, '{');
	json_string(json, "type", "capture");
	json_u64(json, "schema", 1);
	json_capture(json, sink->opts.capture);
	err = end_line(sink);
	if (err)
		release(sink);
	return err;
}

static int ndjson_packet(struct trail_sink *sink, const struct trail_packet *packet)
{
	json_open(sink->state, NULL, '{');
	json_packet(sink->state, packet);
	return end_line(sink);
}

static int print_groups(struct trail_sink *sink)
{
	const struct trail_group *const *group;
	size_t nr_group = trail_groups_sort(sink->opts.groups, &group);
	int err = 0;

	for (size_t i = 0; !err && i < nr_group; i++) {
		json_open(sink->state, NULL, '{');
		json_string(sink->state, "type", "group");
		json_group(sink->state, group[i]);
		err = end_line(sink);
	}
	return err;
}

static int ndjson_close(struct trail_sink *sink)
{
	struct json *json = sink->state;
	int err = sink->opts.groups ? print_groups(sink) : 0;

	json_open(json, NULL, '{');
	json_string(json, "type", "summary");
	json_summary(json, &sink->opts);
	err = err ? err : end_line(sink);
	release(sink);
	return err;
}

const struct trail_sink_type trail_sink_ndjson = {
	"ndjson", "every packet as a JSON object on a line of its own",
	ndjson_open, ndjson_packet, ndjson_close
};
