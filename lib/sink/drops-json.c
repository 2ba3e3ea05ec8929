// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * drops-json.c - drops -> one JSON object in one line
 */
#include "drops-words.h"
#include "json.h"
#include "reconcile.h"

static void put_share(struct json *json, const struct trail_drop_share *share)
{
	json_u64(json, "count", share->count);
	/* The count may be too high by it. */
	if (share->over)
		json_u64(json, "over", share->over);
}

static void put_flows(struct json *json, const struct trail_drop_row *row)
{
	json_open(json, "flows", '[');
	for (size_t i = 0; i < row->nr_flow; i++) {
		json_open(json, NULL, '{');
		json_flow(json, "flow", &row->flow[i].flow);
		json_known(json, "netns", row->flow[i].netns ? (int64_t)row->flow[i].netns : -1);
		put_share(json, &row->flow[i].share);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_owners(struct json *json, const struct trail_drop_row *row,
		       const struct trail_drops_print *print)
{
	json_open(json, "sockets", '[');
	for (size_t i = 0; i < row->nr_owner; i++) {
		const struct trail_drop_owner *owner = &row->owner[i];
		char comm[24];
		int32_t pid = drops_owner_pid(print, owner, comm);

		json_open(json, NULL, '{');
		json_address(json, "socket", owner->socket);
		json_known(json, "inode", owner->inode ? (int64_t)owner->inode : -1);
		json_known(json, "pid", pid ? pid : -1);
		json_string(json, "comm", pid ? comm : NULL);
		put_share(json, &owner->share);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_paths(struct json *json, const struct trail_drop_row *row)
{
	json_open(json, "ways", '[');
	for (size_t i = 0; i < row->nr_path; i++) {
		const struct trail_drop_path *path = &row->path[i];

		json_open(json, NULL, '{');
		json_string(json, "dir", trail_dir_name(path->dir));
		json_string(json, "dev", *path->dev ? path->dev : NULL);
		json_open(json, "stages", '[');
		for (size_t j = 0; j < path->nr_stage; j++)
			json_string(json, NULL, trail_stage[path->stage[j]].name);
		json_close(json, ']');
		put_share(json, &path->share);
		json_close(json, '}');
	}
	json_close(json, ']');
}

/* Null where it is not known of any of the drops. */
static void put_fills(struct json *json, const struct trail_drop_row *row)
{
	bool any = false;

	for (enum trail_queue_kind kind = 0; kind < TRAIL_NR_QUEUE_KIND; kind++) {
		const struct trail_drop_fill *fill = &row->fill[kind];

		if (!fill->nr)
			continue;
		if (!any)
			json_open(json, "queue", '{');
		any = true;
		json_open(json, trail_queue_kind_name(kind), '{');
		json_u64(json, "drops", fill->nr);
		json_s64(json, "used_min", fill->used_min);
		json_s64(json, "used_max", fill->used_max);
		json_known(json, "limit_min", fill->limit_min);
		json_known(json, "limit_max", fill->limit_max);
		json_close(json, '}');
	}
	if (any)
		json_close(json, '}');
	else
		json_null(json, "queue");
}

static void put_stacks(struct json *json, const struct trail_drop_row *row,
		       const struct trail_drops_print *print)
{
	struct trail_symbol symbol;
	char buf[TEXT_SIZE];

	json_open(json, "stacks", '[');
	for (size_t i = 0; i < row->nr_stack; i++) {
		json_open(json, NULL, '{');
		put_share(json, &row->stack[i].share);
		json_open(json, "frames", '[');
		for (size_t j = 0; j < TRAIL_DROP_FRAMES && row->stack[i].address[j]; j++) {
			struct trail_drop frame = { .address = row->stack[i].address[j] };

			if (print->capture &&
			    trail_capture_symbol(print->capture, frame.address, &symbol)) {
				frame.symbol = symbol.name;
				frame.symbol_offset = symbol.offset;
				frame.module = symbol.module;
			}
			json_string(json, NULL, text_location(buf, sizeof(buf), &frame));
		}
		json_close(json, ']');
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_row(struct json *json, const struct trail_drop_row *row,
		    const struct trail_drops_print *print)
{
	json_open(json, NULL, '{');
	json_drop(json, &row->drop);
	json_string(json, "inferred", row->drop.means);
	json_string(json, "dev", row->drop.dev);
	json_u64(json, "count", row->count);
	json_known(json, "bytes", row->bytes ? (int64_t)row->bytes : -1);
	json_u64(json, "first_ns", row->first_ns);
	json_u64(json, "last_ns", row->last_ns);
	/* Of packets that are known from their drop on. */
	json_known(json, "way_ns", row->way_ns ? (int64_t)(row->way_ns / row->count) : -1);
	put_flows(json, row);
	put_owners(json, row, print);
	put_paths(json, row);
	put_fills(json, row);
	if (print->stack)
		put_stacks(json, row, print);
	json_string(json, "advice", row->rule ? row->rule->advice : NULL);
	json_string(json, "source", row->rule ? row->rule->source : NULL);
	if (row->is_others)
		json_u64(json, "others", 1);
	json_close(json, '}');
}

static void put_capture(struct json *json, const struct trail_sink_opts *about)
{
	const struct trail_selection *selection = about->selection;

	json_open(json, "capture", '{');
	json_capture(json, about->capture);
	json_close(json, '}');
	if (!selection)
		return;
	json_open(json, "selection", '{');
	json_string(json, "by", selection->text);
	json_u64(json, "packets", selection->nr_packet);
	json_u64(json, "selected", selection->nr_selected);
	json_u64(json, "without_header", selection->nr_no_header);
	json_close(json, '}');
}

/* Null where the counters are not known. */
static void put_numbers(struct json *json, const struct trail_drops_print *print,
			struct trail_drops *drops)
{
	uint64_t unseen;
	bool is_known = trail_drops_unseen(print, drops, &unseen);

	json_u64(json, "dropped", trail_drops_count(drops, TRAIL_NR_DROP_CLASS));
	json_u64(json, "benign", trail_drops_count(drops, TRAIL_DROP_BENIGN));
	if (is_known)
		json_u64(json, "unseen", unseen);
	else
		json_null(json, "unseen");
}

static void put_counted(struct json *json, const struct trail_drops_counted *counted)
{
	json_reconcile(json, counted->row, counted->nr_row);
	json_open(json, "notes", '[');
	for (size_t i = 0; i < counted->nr_note; i++)
		json_string(json, NULL, counted->note[i]);
	json_close(json, ']');
}

static void put_interval(struct json *json, const struct trail_drops_interval *interval)
{
	json_string(json, "type", interval->number ? "interval" : "total");
	if (interval->number)
		json_u64(json, "number", interval->number);
	json_u64(json, "from_ns", interval->from_ns);
	json_u64(json, "to_ns", interval->to_ns);
	json_u64(json, "lost_events", interval->lost);
	json_u64(json, "unjudged", interval->unjudged);
}

int trail_drops_print_json(const struct trail_drops_print *print, struct trail_drops *drops,
			   const struct trail_drops_interval *interval)
{
	const struct trail_drop_row *const *row;
	struct trail_drops_counted counted = { .row = NULL };
	struct trail_drops_print numbers = *print;
	struct json json;
	size_t nr;
	int err = json_init(&json);

	if (err)
		return err;
	json_open(&json, NULL, '{');
	json_u64(&json, "schema", 1);
	if (print->about)
		put_capture(&json, print->about);
	if (interval)
		put_interval(&json, interval);
	counted.nr_row = reconcile_take_drops(print->about, drops, &counted.row);
	if (print->about && print->about->reconcile)
		numbers.counted = &counted;
	put_numbers(&json, &numbers, drops);
	nr = trail_drops_sort(drops, &row);
	json_open(&json, "drops", '[');
	for (size_t i = 0; i < nr; i++)
		if (drops_is_shown(print, row[i]))
			put_row(&json, row[i], print);
	json_close(&json, ']');
	if (print->about && print->about->reconcile)
		json_reconcile(&json, counted.row, counted.nr_row);
	if (print->counted)
		put_counted(&json, print->counted);
	json_close(&json, '}');
	json_newline(&json);
	err = json_flush(&json, print->out);
	json_release(&json);
	return err;
}
