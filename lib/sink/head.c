// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * head.c - a capture -> the lines above everything that is printed of it
 */
#include <inttypes.h>

#include "columns.h"
#include "head.h"
#include "readable.h"

#define BOLD	"\033[1m"
#define RED	"\033[31m"
#define RESET	"\033[0m"

void head_print_title(const struct trail_sink_opts *opts, const char *title)
{
	fprintf(opts->out, "\n%s%s%s\n", opts->color ? BOLD : "", title,
		opts->color ? RESET : "");
}

/* Was it recorded with dynamic events? */
static bool has_probes(const struct trail_capture_info *info)
{
	static const char *const kind[] = { "eprobe", "fprobe", "kprobe", "kretprobe", "probe" };

	for (size_t i = 0; info->capability && info->capability[i]; i++)
		for (size_t j = 0; j < sizeof(kind) / sizeof(kind[0]); j++)
			if (!strcmp(info->capability[i], kind[j]))
				return true;
	return false;
}

static void print_capture(const struct trail_sink_opts *opts)
{
	const struct trail_capture_info *info = opts->capture;
	FILE *out = opts->out;
	char buf[TEXT_SIZE], duration[DURATION_SIZE];

	fprintf(out, "%s: ", text_safe(buf, sizeof(buf), info->file));
	fprintf(out, "kernel %s, ",
		text_safe(buf, sizeof(buf), info->kernel ? info->kernel : "unknown"));
	fprintf(out, "%" PRIu32 " CPU%s, %s (clock %s), ", info->nr_cpu,
		info->nr_cpu == 1 ? "" : "s",
		text_duration(duration, elapsed(info->start_ns, info->end_ns)),
		text_safe(buf, sizeof(buf), info->clock ? info->clock : "unknown"));
	fprintf(out, "%" PRIu64 " events, ", info->nr_event);
	if (info->ended)
		fprintf(out, "ended early (%s)", text_safe(buf, sizeof(buf), info->ended));
	if (!info->lost_events && !info->lost_unknown) {
		fputs(info->ended ? "\n" : "none lost\n", out);
		return;
	}
	if (info->ended)
		fputs(", ", out);
	fprintf(out, "%s%" PRIu64 " lost", opts->color ? RED : "", info->lost_events);
	if (info->lost_unknown)
		fprintf(out, " and %" PRIu64 " gap%s of unknown size", info->lost_unknown,
			info->lost_unknown == 1 ? "" : "s");
	fprintf(out, "%s\n", opts->color ? RESET : "");
}

static void print_let_go(const struct trail_sink_opts *opts)
{
	const struct trail_capture_info *info = opts->capture;

	if (info->bounded && info->let_go_unknown)
		fputs("only the newest was kept\n", opts->out);
	else if (info->bounded && info->let_go)
		fprintf(opts->out, "only the newest was kept: %" PRIu64 " older event%s gave "
			"way\n", info->let_go, info->let_go == 1 ? "" : "s");
}

int head_print_lost(const struct trail_sink_opts *opts)
{
	const struct trail_capture_info *info = opts->capture;
	struct table table;

	if (!info->lost_events && !info->lost_unknown)
		return 0;
	head_print_title(opts, "Lost events");
	table_init(&table, opts);
	table_column(&table, "CPU", TABLE_RIGHT);
	table_column(&table, "LOST", TABLE_RIGHT);
	table_column(&table, "GAPS", TABLE_RIGHT);
	table_column(&table, "FROM", TABLE_RIGHT);
	table_column(&table, "TO", TABLE_RIGHT);
	for (uint32_t i = 0; i < info->nr_cpu; i++) {
		const struct trail_cpu_stat *cpu = &info->cpu[i];

		if (!cpu->lost && !cpu->lost_unknown)
			continue;
		table_row(&table);
		table_count(&table, cpu->cpu);
		table_count(&table, cpu->lost);
		table_count(&table, cpu->nr_gap);
		table_time(&table, cpu->lost_from_ns);
		table_time(&table, cpu->lost_to_ns);
	}
	return table_print(&table);
}

static void print_missed(const struct trail_sink_opts *opts)
{
	uint64_t nr = opts->capture->missed_probes;

	if (nr)
		fprintf(opts->out, "%" PRIu64 " hit%s of probes missed: interrupts came while "
			"another probe ran\n", nr, nr == 1 ? "" : "s");
}

/* Those beside no packet are in no list of packets, and in no other format. */
static void print_hits(const struct trail_sink_opts *opts)
{
	struct trail_hit_stat stat = { 0 };
	FILE *out = opts->out;

	if (opts->engine)
		trail_engine_hits(opts->engine, &stat);
	if (!stat.hits)
		return;
	fprintf(out, "%" PRIu64 " hit%s of your probes, ", stat.hits, stat.hits == 1 ? "" : "s");
	if (!stat.joined)
		fprintf(out, "none of them of a packet (--events shows them)\n");
	else
		fprintf(out, "%" PRIu64 " of them of packets (--packets shows them%s)\n",
			stat.joined, stat.joined < stat.hits ? ", --events all" : "");
}

static void print_filter(const struct trail_sink_opts *opts)
{
	const char *expr = opts->capture->packet_filter;
	char buf[TEXT_SIZE];

	if (expr)
		fprintf(opts->out, "recorded with --filter: %s\n",
			text_safe(buf, sizeof(buf), expr));
}

static void print_selection(const struct trail_sink_opts *opts)
{
	const struct trail_selection *selection = opts->selection;
	FILE *out = opts->out;
	char buf[TEXT_SIZE];

	if (!selection)
		return;
	fprintf(out, "%" PRIu64 " of %" PRIu64 " packet%s selected: %s\n", selection->nr_selected,
		selection->nr_packet, selection->nr_packet == 1 ? "" : "s",
		text_safe(buf, sizeof(buf), selection->text));
	if (selection->nr_no_header)
		fprintf(out, "%" PRIu64 " packet%s without recorded headers left out\n",
			selection->nr_no_header, selection->nr_no_header == 1 ? "" : "s");
}

void head_print(const struct trail_sink_opts *opts)
{
	print_capture(opts);
	if (!has_probes(opts->capture))
		fputs("tracepoints only, no packet headers: flows are known of received TCP data "
		      "only\n", opts->out);
	print_let_go(opts);
	print_missed(opts);
	print_hits(opts);
	print_filter(opts);
	print_selection(opts);
}
