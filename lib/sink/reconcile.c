// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * reconcile.c - drops beside the kernel's counters -> lines for people, JSON for programs
 */
#include <inttypes.h>

#include "readable.h"
#include "reconcile.h"

#define BOLD	"\033[1m"
#define RED	"\033[31m"
#define RESET	"\033[0m"
/* Of what nothing explains, in the answer. */
#define NR_TOP	5

size_t reconcile_take(const struct trail_sink_opts *opts, const struct trail_reconcile_row **row)
{
	const struct trail_drop_count *drop;
	size_t nr;

	if (!opts->reconcile)
		return 0;
	nr = trail_stat_drops(opts->stat, &drop);
	for (size_t i = 0; i < nr; i++)
		trail_reconcile_drop(opts->reconcile, &drop[i].drop, drop[i].count);
	return trail_reconcile_rows(opts->reconcile, opts->capture, row);
}

size_t reconcile_take_drops(const struct trail_sink_opts *opts, struct trail_drops *drops,
			    const struct trail_reconcile_row **row)
{
	const struct trail_drop_row *const *drop;
	size_t nr;

	if (!opts || !opts->reconcile)
		return 0;
	nr = trail_drops_sort(drops, &drop);
	for (size_t i = 0; i < nr; i++)
		trail_reconcile_drop(opts->reconcile, &drop[i]->drop, drop[i]->count);
	return trail_reconcile_rows(opts->reconcile, opts->capture, row);
}

static void print_row(FILE *out, const struct trail_reconcile_row *row, bool color)
{
	bool is_bad = row->state == TRAIL_RECONCILE_DIFFERS;
	char buf[TEXT_SIZE];

	fprintf(out, "%s%s ", color && is_bad ? RED : "", text_safe(buf, sizeof(buf), row->label));
	fprintf(out, "+%" PRIu64 "%s", row->counted, row->at_least ? " or more" : "");
	if (row->state == TRAIL_RECONCILE_NO_EVENT) {
		fprintf(out, ": %s", row->why);
	} else {
		fprintf(out, ", seen %" PRIu64, row->seen);
		if (is_bad)
			fprintf(out, ": %" PRIu64 " not explained", row->unexplained);
		if (row->why)
			fprintf(out, " (%s)", row->why);
	}
	fprintf(out, "%s\n", color && is_bad ? RESET : "");
}

/* What to look at: of a full accept queue no drop tells, which would have it. */
static const char *advice(const struct trail_reconcile_row *row)
{
	const struct trail_drop_rule *rule;

	if (row->state != TRAIL_RECONCILE_NO_EVENT || strcmp(row->name, "TcpExtListenDrops"))
		return NULL;
	rule = trail_drop_reason("TCP_LISTEN_OVERFLOW");
	return rule ? rule->advice : NULL;
}

static void print_advised(FILE *out, const struct trail_reconcile_row *row, bool color)
{
	const char *text = advice(row);

	print_row(out, row, color);
	if (text)
		fprintf(out, "  events tell neither reason, location, flow nor process of these\n"
			"  advice %s\n", text);
}

void reconcile_print_top(const struct trail_sink_opts *opts, const struct trail_reconcile_row *row,
			 size_t nr_row)
{
	size_t nr = 0;

	/* They come first. */
	while (nr < nr_row && (row[nr].state == TRAIL_RECONCILE_DIFFERS ||
			       row[nr].state == TRAIL_RECONCILE_NO_EVENT))
		nr++;
	for (size_t i = 0; i < nr && i < NR_TOP; i++)
		print_advised(opts->out, &row[i], opts->color);
	if (nr > NR_TOP)
		fprintf(opts->out, "%zu more counters of drops that events do not show\n",
			nr - NR_TOP);
}

void reconcile_print_rows(const struct trail_sink_opts *opts, const struct trail_reconcile_row *row,
			  size_t nr_row)
{
	for (size_t i = 0; i < nr_row; i++)
		print_advised(opts->out, &row[i], opts->color);
}

void reconcile_print(const struct trail_sink_opts *opts, const struct trail_reconcile_row *row,
		     size_t nr_row)
{
	if (nr_row)
		fprintf(opts->out, "\n%sDrops beside the kernel's counters%s\n",
			opts->color ? BOLD : "", opts->color ? RESET : "");
	/* With what is to be said of them at the head. */
	for (size_t i = 0; i < nr_row; i++)
		print_row(opts->out, &row[i], opts->color);
}

static void json_row(struct json *json, const struct trail_reconcile_row *row)
{
	json_open(json, NULL, '{');
	json_string(json, "label", row->label);
	json_string(json, "source", row->source);
	json_string(json, "name", row->name);
	json_string(json, "object", row->object);
	json_string(json, "netns", row->netns);
	json_u64(json, "counted", row->counted);
	if (row->at_least)
		json_true(json, "at_least");
	if (row->state == TRAIL_RECONCILE_NO_EVENT)
		json_null(json, "seen");
	else
		json_u64(json, "seen", row->seen);
	json_u64(json, "in_gap", row->in_gap);
	json_u64(json, "unexplained", row->unexplained);
	json_string(json, "state", trail_reconcile_state_name(row->state));
	json_string(json, "why", row->why);
	if (advice(row))
		json_string(json, "advice", advice(row));
	json_close(json, '}');
}

void json_reconcile(struct json *json, const struct trail_reconcile_row *row, size_t nr_row)
{
	json_open(json, "reconciliation", '[');
	for (size_t i = 0; i < nr_row; i++)
		json_row(json, &row[i]);
	json_close(json, ']');
}
