// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * drops-text.c - drops -> what people read: the answer, the rows, what is behind them
 */
#include <errno.h>
#include <inttypes.h>

#include "columns.h"
#include "drops-words.h"
#include "head.h"
#include "reconcile.h"

#define RED	"\033[31m"
#define BOLD	"\033[1m"
#define RESET	"\033[0m"
#define NR_SHOWN	3	/* ways, flows, sockets and stacks of a row */

/* Who has to act can act: the classes in this order. */
static const enum trail_drop_class order[] = {
	TRAIL_DROP_RESOURCE, TRAIL_DROP_POLICY, TRAIL_DROP_PROTOCOL, TRAIL_DROP_UNKNOWN,
	TRAIL_DROP_BENIGN,
};

static const char *const class_title[TRAIL_NR_DROP_CLASS] = {
	[TRAIL_DROP_RESOURCE] = "Resource: a buffer, a queue or memory was full",
	[TRAIL_DROP_POLICY] = "Policy: a rule or a setting says no",
	[TRAIL_DROP_PROTOCOL] = "Protocol: a check of a protocol failed",
	[TRAIL_DROP_UNKNOWN] = "Unknown: the kernel gives no reason",
	[TRAIL_DROP_BENIGN] = "Benign: nothing was lost",
};

static struct trail_sink_opts sink_opts(const struct trail_drops_print *print)
{
	return (struct trail_sink_opts){
		.out = print->out, .width = print->width, .color = print->color,
	};
}

/* ------------------------------------------------------------------ the answer */

/* The row with most losses, NULL: none. */
static const struct trail_drop_row *worst(const struct trail_drop_row *const *row, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (row[i]->drop.class != TRAIL_DROP_BENIGN && !row[i]->is_others)
			return row[i];
	return NULL;
}

static void print_worst(const struct trail_drop_row *row, uint64_t lost,
			const struct trail_drops_print *print)
{
	char why[TEXT_SIZE], place[TEXT_SIZE], buf[TEXT_SIZE], at[TEXT_SIZE];
	const char *reason = drops_reason(why, sizeof(why), &row->drop);
	const char *location = text_location(place, sizeof(place), &row->drop);
	FILE *out = print->out;

	fprintf(out, "%.0f%% of them: %s", 100.0 * (double)row->count / (double)lost,
		text_safe(buf, sizeof(buf), reason ? reason : "no reason given"));
	fprintf(out, " at %s", location ? text_safe(at, sizeof(at), location) : "an unknown place");
	if (row->drop.dev)
		fprintf(out, ", %s", text_safe(buf, sizeof(buf), row->drop.dev));
	fprintf(out, "%s%s\n", row->rule ? ": " : "", row->rule ? row->rule->advice : "");
}

int trail_drops_print_worst(const struct trail_drops_print *print, struct trail_drops *drops)
{
	const struct trail_drop_row *const *row, *first;
	size_t nr = trail_drops_sort(drops, &row);

	first = worst(row, nr);
	if (first)
		print_worst(first, trail_drops_count(drops, TRAIL_NR_DROP_CLASS), print);
	return ferror(print->out) ? -EIO : 0;
}

int trail_drops_print_answer(const struct trail_drops_print *print, struct trail_drops *drops)
{
	uint64_t lost = trail_drops_count(drops, TRAIL_NR_DROP_CLASS);
	uint64_t benign = trail_drops_count(drops, TRAIL_DROP_BENIGN);
	uint64_t unseen;
	bool red;

	trail_drops_unseen(print, drops, &unseen);
	red = (lost || unseen) && print->color;
	fprintf(print->out, "%s%" PRIu64 " packet%s lost", red ? RED : "", lost,
		lost == 1 ? "" : "s");
	if (unseen)
		fprintf(print->out, " that events show, %" PRIu64 " more by the kernel's counters",
			unseen);
	fputs(red ? RESET : "", print->out);
	if (benign)
		fprintf(print->out, ", and %" PRIu64 " dropped without a loss%s", benign,
			print->all ? "" : " (--all shows them)");
	fputc('\n', print->out);
	return trail_drops_print_worst(print, drops);
}

/* ------------------------------------------------------------------ the table */

static void print_row(struct table *table, const struct trail_drop_row *row,
		      const struct trail_drops_print *print)
{
	char buf[TEXT_SIZE];

	table_row(table);
	table_count(table, row->count);
	if (row->is_others) {
		table_text(table, "(others)");
		table_text(table, NULL);
	} else {
		table_text(table, drops_reason(buf, sizeof(buf), &row->drop));
		table_text(table, text_location(buf, sizeof(buf), &row->drop));
	}
	table_text(table, trail_drop_class_name(row->drop.class));
	table_text(table, row->drop.dev);
	table_text(table, row->nr_owner ? drops_owner(buf, sizeof(buf), print, &row->owner[0])
					: NULL);
	table_text(table, drops_flow(buf, sizeof(buf), row));
}

int trail_drops_print_table(const struct trail_drops_print *print, struct trail_drops *drops)
{
	static const char *const name[] = { "REASON", "LOCATION", "CLASS", "DEVICE", "SOCKET" };
	const struct trail_drop_row *const *row;
	const struct trail_sink_opts opts = sink_opts(print);
	size_t nr = trail_drops_sort(drops, &row), shown = 0;
	struct table table;

	for (size_t i = 0; i < nr; i++)
		shown += drops_is_shown(print, row[i]);
	if (!shown)
		return 0;
	table_init(&table, &opts);
	table_column(&table, "DROPS", TABLE_RIGHT);
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		table_column(&table, name[i], TABLE_LEFT);
	table_column(&table, "TOP FLOW", TABLE_REST);
	for (size_t i = 0; i < nr; i++)
		if (drops_is_shown(print, row[i]))
			print_row(&table, row[i], print);
	return table_print(&table);
}

/* ------------------------------------------------------------------ behind the rows */

static void print_heading(const struct trail_drop_row *row, const struct trail_drops_print *print)
{
	char why[TEXT_SIZE], place[TEXT_SIZE], buf[TEXT_SIZE], at[TEXT_SIZE];
	const char *reason = drops_reason(why, sizeof(why), &row->drop);

	fprintf(print->out, "%" PRIu64 " %s", row->count, row->is_others ? "others" :
		text_safe(buf, sizeof(buf), reason ? reason : "no reason given"));
	if (!row->is_others)
		fprintf(print->out, " at %s",
			text_safe(at, sizeof(at), text_location(place, sizeof(place), &row->drop)));
	if (row->drop.dev)
		fprintf(print->out, ", %s", text_safe(buf, sizeof(buf), row->drop.dev));
	fputc('\n', print->out);
}

static void print_share(FILE *out, const char *what, const struct trail_drop_share *share,
			const char *text)
{
	char buf[2 * TEXT_SIZE];

	fprintf(out, "  %-6s %s%" PRIu64 "  %s\n", what, share->over ? "about " : "", share->count,
		text_safe(buf, sizeof(buf), text));
}

static void print_paths(const struct trail_drop_row *row, FILE *out)
{
	char buf[TEXT_SIZE], mean[DURATION_SIZE];

	for (size_t i = 0; i < row->nr_path && i < NR_SHOWN; i++)
		print_share(out, i ? "" : "way", &row->path[i].share,
			    drops_path(buf, sizeof(buf), &row->path[i]));
	if (row->way_ns)
		fprintf(out, "  %-6s %s on average until the drop\n", "",
			text_duration(mean, row->way_ns / row->count));
}

static void print_fill(const struct trail_drop_row *row, FILE *out)
{
	bool any = false;
	char buf[256];

	for (enum trail_queue_kind kind = 0; kind < TRAIL_NR_QUEUE_KIND; kind++) {
		const struct trail_drop_fill *fill = &row->fill[kind];

		if (!fill->nr)
			continue;
		fprintf(out, "  %-6s %s of the %s", any ? "" : "queue",
			drops_fill(buf, sizeof(buf), fill, kind), trail_queue_kind_name(kind));
		fprintf(out, fill->nr < row->count ? ", known of %" PRIu64 " drops\n" : "\n",
			fill->nr);
		any = true;
	}
	if (!any && row->drop.class == TRAIL_DROP_RESOURCE)
		fputs("  queue  how full it was is not known\n", out);
}

static void print_who(const struct trail_drop_row *row, const struct trail_drops_print *print)
{
	char buf[TEXT_SIZE];

	for (size_t i = 0; i < row->nr_flow && i < NR_SHOWN; i++)
		print_share(print->out, i ? "" : "flow", &row->flow[i].share,
			    text_flow(buf, sizeof(buf), &row->flow[i].flow));
	for (size_t i = 0; i < row->nr_owner && i < NR_SHOWN; i++)
		print_share(print->out, i ? "" : "socket", &row->owner[i].share,
			    drops_owner(buf, sizeof(buf), print, &row->owner[i]));
}

static void print_frame(const struct trail_drops_print *print, uint64_t address)
{
	struct trail_drop place = { .address = address };
	char buf[TEXT_SIZE], safe[TEXT_SIZE];
	struct trail_symbol symbol;

	if (print->capture && trail_capture_symbol(print->capture, address, &symbol)) {
		place.symbol = symbol.name;
		place.symbol_offset = symbol.offset;
		place.module = symbol.module;
	}
	fprintf(print->out, "           %s\n",
		text_safe(safe, sizeof(safe), text_location(buf, sizeof(buf), &place)));
}

static void print_stacks(const struct trail_drop_row *row, const struct trail_drops_print *print)
{
	for (size_t i = 0; i < row->nr_stack && i < NR_SHOWN; i++) {
		const struct trail_drop_stack *stack = &row->stack[i];

		fprintf(print->out, "  %-6s %s%" PRIu64 "\n", i ? "" : "stack",
			stack->share.over ? "about " : "", stack->share.count);
		for (size_t j = 0; j < TRAIL_DROP_FRAMES && stack->address[j]; j++)
			print_frame(print, stack->address[j]);
	}
}

static void print_details(const struct trail_drop_row *row, const struct trail_drops_print *print)
{
	FILE *out = print->out;

	print_heading(row, print);
	print_paths(row, out);
	print_fill(row, out);
	print_who(row, print);
	if (print->stack)
		print_stacks(row, print);
	if (row->rule)
		fprintf(out, "  %-6s %s (%s)\n", "advice", row->rule->advice, row->rule->source);
}

int trail_drops_print_details(const struct trail_drops_print *print, struct trail_drops *drops)
{
	const struct trail_sink_opts opts = sink_opts(print);
	const struct trail_drop_row *const *row;
	size_t nr = trail_drops_sort(drops, &row);

	for (size_t c = 0; c < sizeof(order) / sizeof(order[0]); c++) {
		bool any = false;

		for (size_t i = 0; i < nr; i++) {
			if (row[i]->drop.class != order[c] || !drops_is_shown(print, row[i]))
				continue;
			if (!any)
				head_print_title(&opts, class_title[order[c]]);
			any = true;
			print_details(row[i], print);
		}
	}
	return ferror(print->out) ? -EIO : 0;
}

int trail_drops_print_stacks(const struct trail_drops_print *print, struct trail_drops *drops)
{
	const struct trail_drop_row *const *row;
	size_t nr = trail_drops_sort(drops, &row);

	for (size_t i = 0; i < nr; i++) {
		if (!row[i]->nr_stack || !drops_is_shown(print, row[i]))
			continue;
		print_heading(row[i], print);
		print_stacks(row[i], print);
	}
	return ferror(print->out) ? -EIO : 0;
}

/* ------------------------------------------------------------------ beside counters */

int trail_drops_print_counted(const struct trail_drops_print *print)
{
	const struct trail_drops_counted *counted = print->counted;
	const struct trail_sink_opts opts = sink_opts(print);
	char buf[TEXT_SIZE];

	if (!counted)
		return 0;
	reconcile_print_rows(&opts, counted->row, counted->nr_row);
	for (size_t i = 0; i < counted->nr_note; i++)
		fprintf(print->out, "(%s)\n", text_safe(buf, sizeof(buf), counted->note[i]));
	return ferror(print->out) ? -EIO : 0;
}

/* ------------------------------------------------------------------ of a capture */

/* Packets that polls handled and nobody saw: XDP may have dropped them before there was an skb. */
static void print_unseen(const struct trail_sink_opts *opts)
{
	struct trail_device device;
	char dev[TEXT_SIZE];

	if (!opts->engine || opts->capture->packet_filter)
		return;
	for (size_t i = 0; trail_engine_device(opts->engine, i, &device); i++)
		if (device.work > device.packets)
			fprintf(opts->out, "%s: %" PRIu64 " of %" PRIu64 " packets that its polls "
				"handled ended below the protocols (XDP or the driver)\n",
				text_safe(dev, sizeof(dev), device.dev),
				device.work - device.packets, device.work);
}

int trail_drops_print_text(const struct trail_drops_print *print, struct trail_drops *drops)
{
	const struct trail_reconcile_row *row = NULL;
	size_t nr_row = reconcile_take_drops(print->about, drops, &row);
	const struct trail_drops_counted counted = { .row = row, .nr_row = nr_row };
	struct trail_drops_print answer = *print;
	int err;

	head_print(print->about);
	answer.counted = print->about->reconcile ? &counted : NULL;
	err = trail_drops_print_answer(&answer, drops);
	reconcile_print_top(print->about, row, nr_row);
	print_unseen(print->about);
	if (!err && (trail_drops_count(drops, TRAIL_NR_DROP_CLASS) ||
		     (print->all && trail_drops_count(drops, TRAIL_DROP_BENIGN))))
		fputc('\n', print->out);
	err = err ? err : trail_drops_print_table(print, drops);
	err = err ? err : trail_drops_print_details(print, drops);
	reconcile_print(print->about, row, nr_row);
	return err ? err : head_print_lost(print->about);
}
