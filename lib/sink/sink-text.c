// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sink-text.c - statistics -> the summary for people
 *
 * The answer first: where the time went and how much was lost; then the tables behind it.
 */
#include <inttypes.h>

#include "columns.h"
#include "groups.h"
#include "head.h"
#include "readable.h"
#include "reconcile.h"
#include "sink.h"

#define BOLD	"\033[1m"
#define RED	"\033[31m"
#define RESET	"\033[0m"
#define NR_TOP	3

static const char *const dir_title[TRAIL_NR_DIR] = {
	[TRAIL_RX] = "Receive",
	[TRAIL_TX] = "Transmit",
	[TRAIL_FORWARD] = "Forward",
	[TRAIL_LOCAL] = "Local (sent and received here: loopback, veth)",
};

static void print_title(const struct trail_sink *sink, const char *title)
{
	head_print_title(&sink->opts, title);
}

/* ------------------------------------------------------------------ the answer */

/* The stages with the largest shares of @dir, largest first.  Return: how many have a share. */
static size_t top_stages(const struct trail_stat *stat, enum trail_dir dir,
			 enum trail_stage_id top[NR_TOP], uint64_t total[NR_TOP])
{
	size_t nr_top = 0;

	for (enum trail_stage_id id = 0; id < TRAIL_NR_STAGE; id++) {
		const struct trail_histogram *hist = trail_stat_stage(stat, dir, id);
		uint64_t sum = hist ? trail_histogram_total(hist) : 0;
		size_t at = nr_top;

		while (at && total[at - 1] < sum)
			at--;
		if (!sum || at == NR_TOP)
			continue;
		if (nr_top < NR_TOP)
			nr_top++;
		for (size_t i = nr_top - 1; i > at; i--) {
			top[i] = top[i - 1];
			total[i] = total[i - 1];
		}
		top[at] = id;
		total[at] = sum;
	}
	return nr_top;
}

static void print_top(const struct trail_sink *sink)
{
	const struct trail_stat *stat = sink->opts.stat;
	FILE *out = sink->opts.out;

	for (enum trail_dir dir = 0; dir < TRAIL_NR_DIR; dir++) {
		enum trail_stage_id top[NR_TOP];
		uint64_t total[NR_TOP];
		uint64_t all = trail_stat_stage_total(stat, dir);
		size_t nr_top = top_stages(stat, dir, top, total);

		if (!nr_top)
			continue;
		fprintf(out, "time of %s packets:", trail_dir_name(dir));
		for (size_t i = 0; i < nr_top; i++)
			fprintf(out, "%s %s %.1f%%", i ? "," : "", trail_stage[top[i]].name,
				100.0 * (double)total[i] / (double)all);
		fputc('\n', out);
	}
}

static uint64_t count_drops(struct trail_stat *stat, bool benign)
{
	const struct trail_drop_count *row;
	size_t nr_row = trail_stat_drops(stat, &row);
	uint64_t count = 0;

	for (size_t i = 0; i < nr_row; i++)
		if ((row[i].drop.class == TRAIL_DROP_BENIGN) == benign)
			count += row[i].count;
	return count;
}

static void print_losses(const struct trail_sink *sink)
{
	uint64_t lost = count_drops(sink->opts.stat, false);
	uint64_t benign = count_drops(sink->opts.stat, true);

	fprintf(sink->opts.out, "%s%" PRIu64 " packet%s dropped%s",
		lost && sink->opts.color ? RED : "", lost, lost == 1 ? "" : "s",
		lost && sink->opts.color ? RESET : "");
	if (benign)
		fprintf(sink->opts.out, ", and %" PRIu64 " freed as dropped without a loss",
			benign);
	fputc('\n', sink->opts.out);
}

/*
 * Polls that handled more than came of them; what XDP passes on elsewhere is not lost.  With a
 * packet filter it is those that do not match.
 */
static void print_unseen(const struct trail_sink *sink)
{
	struct trail_device device;
	char dev[TEXT_SIZE];

	if (sink->opts.capture->packet_filter)
		return;
	for (size_t i = 0; sink->opts.engine &&
	     trail_engine_device(sink->opts.engine, i, &device); i++)
		if (device.work > device.packets)
			fprintf(sink->opts.out, "%s: %" PRIu64 " of %" PRIu64 " packets that its "
				"polls handled ended below the protocols (XDP or the driver)\n",
				text_safe(dev, sizeof(dev), device.dev),
				device.work - device.packets, device.work);
}

/* ------------------------------------------------------------------ the tables */

static uint64_t fate_total(const struct trail_stat *stat, enum trail_fate fate)
{
	uint64_t count = 0;

	for (enum trail_dir dir = 0; dir < TRAIL_NR_DIR; dir++)
		count += trail_stat_fates(stat, dir, fate);
	return count;
}

/* Packets by direction and fate; a fate that no packet had gets no column. */
static int print_packets(const struct trail_sink *sink)
{
	const struct trail_stat *stat = sink->opts.stat;
	struct table table;

	print_title(sink, "Packets");
	table_init(&table, &sink->opts);
	table_column(&table, "DIR", TABLE_LEFT);
	table_column(&table, "PACKETS", TABLE_RIGHT);
	for (enum trail_fate fate = 0; fate < TRAIL_NR_FATE; fate++)
		if (fate_total(stat, fate))
			table_column(&table, trail_fate_name(fate), TABLE_RIGHT);
	for (enum trail_dir dir = 0; dir < TRAIL_NR_DIR; dir++) {
		if (!trail_stat_packets(stat, dir))
			continue;
		table_row(&table);
		table_text(&table, trail_dir_name(dir));
		table_count(&table, trail_stat_packets(stat, dir));
		for (enum trail_fate fate = 0; fate < TRAIL_NR_FATE; fate++)
			if (fate_total(stat, fate))
				table_count(&table, trail_stat_fates(stat, dir, fate));
	}
	return table_print(&table);
}

static void print_completeness(const struct trail_sink *sink)
{
	const struct trail_stat *stat = sink->opts.stat;
	uint64_t edge = trail_stat_truncated_by_edge(stat);
	uint64_t loss = trail_stat_truncated_by_loss(stat);

	if (!edge && !loss)
		return;
	fprintf(sink->opts.out, "%" PRIu64 " complete; left out of the times: %" PRIu64
		" cut by the edges of the capture, %" PRIu64 " touched by lost events\n",
		trail_stat_complete(stat), edge, loss);
}

static void stage_row(struct table *table, const struct trail_histogram *hist,
		      const struct trail_stage *stage, uint64_t all)
{
	uint64_t total = trail_histogram_total(hist);

	table_row(table);
	/* Half of the time in one stage: that is where to look. */
	table_row_color(table, total > all / 2 ? BOLD : NULL);
	table_text(table, stage->name);
	table_count(table, trail_histogram_count(hist));
	table_duration(table, trail_histogram_percentile(hist, 50));
	table_duration(table, trail_histogram_percentile(hist, 90));
	table_duration(table, trail_histogram_percentile(hist, 99));
	table_duration(table, trail_histogram_max(hist));
	table_percent(table, total, all);
	table_text(table, stage->about);
}

static int print_stages(const struct trail_sink *sink, enum trail_dir dir)
{
	static const char *const number[] = { "COUNT", "P50", "P90", "P99", "MAX", "SHARE" };
	const struct trail_stat *stat = sink->opts.stat;
	/* In the order of the way: a local packet is sent before it is received. */
	size_t first = dir == TRAIL_LOCAL ? TRAIL_STAGE_SEND : 0;
	uint64_t all = trail_stat_stage_total(stat, dir);
	size_t nr_stage = 0;
	struct table table;

	for (enum trail_stage_id id = 0; id < TRAIL_NR_STAGE; id++)
		if (trail_stat_stage(stat, dir, id))
			nr_stage++;
	if (!nr_stage)
		return 0;
	print_title(sink, dir_title[dir]);
	table_init(&table, &sink->opts);
	table_column(&table, "STAGE", TABLE_LEFT);
	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++)
		table_column(&table, number[i], TABLE_RIGHT);
	table_column(&table, "FROM WHAT TO WHAT", TABLE_REST);
	for (size_t i = 0; i < TRAIL_NR_STAGE; i++) {
		enum trail_stage_id id = (first + i) % TRAIL_NR_STAGE;

		if (trail_stat_stage(stat, dir, id))
			stage_row(&table, trail_stat_stage(stat, dir, id), &trail_stage[id], all);
	}
	return table_print(&table);
}

static int print_drops(const struct trail_sink *sink, bool benign)
{
	const struct trail_drop_count *row;
	size_t nr_row = trail_stat_drops(sink->opts.stat, &row);
	char buf[TEXT_SIZE];
	struct table table;

	if (!count_drops(sink->opts.stat, benign))
		return 0;
	print_title(sink, benign ? "Freed through the drop path without a loss" : "Drops");
	table_init(&table, &sink->opts);
	table_column(&table, "COUNT", TABLE_RIGHT);
	table_column(&table, "REASON", TABLE_LEFT);
	table_column(&table, "LOCATION", TABLE_LEFT);
	table_column(&table, "CLASS", TABLE_LEFT);
	for (size_t i = 0; i < nr_row; i++) {
		if ((row[i].drop.class == TRAIL_DROP_BENIGN) != benign)
			continue;
		table_row(&table);
		table_count(&table, row[i].count);
		table_text(&table, row[i].drop.reason);
		table_text(&table, text_location(buf, sizeof(buf), &row[i].drop));
		table_text(&table, trail_drop_class_name(row[i].drop.class));
	}
	return table_print(&table);
}

/* Where the packet lost most of its time. */
static const struct trail_span *longest_span(const struct trail_packet *packet)
{
	const struct trail_span *longest = NULL;
	uint64_t ns, longest_ns = 0;

	for (size_t i = 0; i < packet->nr_span; i++) {
		ns = elapsed(packet->span[i].start_ns, packet->span[i].end_ns);
		if (longest && ns <= longest_ns)
			continue;
		longest = &packet->span[i];
		longest_ns = ns;
	}
	return longest;
}

static void slowest_row(struct table *table, const struct trail_packet *packet, bool flows)
{
	const struct trail_span *longest = longest_span(packet);
	char buf[TEXT_SIZE], took[DURATION_SIZE];

	table_row(table);
	table_duration(table, elapsed(packet->start_ns, packet->end_ns));
	snprintf(buf, sizeof(buf), "#%" PRIu64, packet->id);
	table_text(table, buf);
	table_text(table, trail_dir_name(packet->dir));
	table_text(table, packet->dev);
	if (packet->len >= 0)
		table_count(table, (uint64_t)packet->len);
	else
		table_text(table, NULL);
	table_text(table, trail_fate_name(packet->fate));
	if (longest)
		snprintf(buf, sizeof(buf), "%s %s", longest->stage->name,
			 text_duration(took, elapsed(longest->start_ns, longest->end_ns)));
	table_text(table, longest ? buf : NULL);
	if (packet->reader_pid >= 0)
		snprintf(buf, sizeof(buf), "%s/%" PRId32,
			 packet->reader_comm ? packet->reader_comm : "", packet->reader_pid);
	table_text(table, packet->reader_pid >= 0 ? buf : NULL);
	if (flows)
		table_text(table, text_flow(buf, sizeof(buf), &packet->flow));
}

static int print_slowest(const struct trail_sink *sink)
{
	const struct trail_packet *const *packet;
	size_t nr_packet = trail_stat_slowest(sink->opts.stat, &packet);
	bool flows = false;
	struct table table;

	if (!nr_packet)
		return 0;
	print_title(sink, "Slowest packets");
	table_init(&table, &sink->opts);
	table_column(&table, "TIME", TABLE_RIGHT);
	table_column(&table, "PACKET", TABLE_RIGHT);
	table_column(&table, "DIR", TABLE_LEFT);
	table_column(&table, "DEVICE", TABLE_LEFT);
	table_column(&table, "BYTES", TABLE_RIGHT);
	table_column(&table, "FATE", TABLE_LEFT);
	table_column(&table, "LONGEST STAGE", TABLE_LEFT);
	/* Without headers a flow is known by chance only: no column for that. */
	for (size_t i = 0; i < nr_packet; i++)
		flows |= packet[i]->header.bytes != NULL;
	table_column(&table, "READER", flows ? TABLE_LEFT : TABLE_REST);
	if (flows)
		table_column(&table, "FLOW", TABLE_REST);
	for (size_t i = 0; i < nr_packet; i++)
		slowest_row(&table, packet[i], flows);
	return table_print(&table);
}

static bool has_packets(const struct trail_stat *stat)
{
	uint64_t count = 0;

	for (enum trail_dir dir = 0; dir < TRAIL_NR_DIR; dir++)
		count += trail_stat_packets(stat, dir);
	return count;
}

static int text_close(struct trail_sink *sink)
{
	const struct trail_reconcile_row *row = NULL;
	size_t nr_row = reconcile_take(&sink->opts, &row);
	int err;

	head_print(&sink->opts);
	if (!has_packets(sink->opts.stat)) {
		fputs("no packets\n", sink->opts.out);
		reconcile_print_top(&sink->opts, row, nr_row);
		return head_print_lost(&sink->opts);
	}
	print_top(sink);
	print_losses(sink);
	reconcile_print_top(&sink->opts, row, nr_row);
	print_unseen(sink);
	if (sink->opts.groups)
		return groups_print(sink);
	err = print_packets(sink);
	print_completeness(sink);
	for (enum trail_dir dir = 0; !err && dir < TRAIL_NR_DIR; dir++)
		err = print_stages(sink, dir);
	err = err ? err : print_drops(sink, false);
	err = err ? err : print_drops(sink, true);
	reconcile_print(&sink->opts, row, nr_row);
	err = err ? err : head_print_lost(&sink->opts);
	return err ? err : print_slowest(sink);
}

const struct trail_sink_type trail_sink_text = {
	"text", "the summary for people", NULL, NULL, text_close
};
