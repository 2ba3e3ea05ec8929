// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stat.c - finished packets -> counts, stage histograms, drops and the slowest ones
 *
 * A packet that was cut by an edge of the capture or touched by lost events is counted, but its
 * times are not its own: it stays out of the histograms and of the slowest.
 * Memory does not grow with the number of packets: histograms are bounded, drops have a row for
 * each kind, and the slowest are deep copies in a heap of fixed size.
 */
#include <errno.h>
#include <stdlib.h>

#include "skbtrail.h"
#include "drop-table.h"
#include "slowest.h"

#define CUT	(TRAIL_PACKET_EDGE | TRAIL_PACKET_LOSS)

struct trail_stat {
	uint64_t fate[TRAIL_NR_DIR][TRAIL_NR_FATE];
	uint64_t nr_complete;
	uint64_t nr_edge;
	uint64_t nr_loss;
	struct trail_histogram *stage[TRAIL_NR_DIR][TRAIL_NR_STAGE];
	struct drop_table drops;
	struct slowest slowest;
};

int trail_stat_new(unsigned int nr_slowest, struct trail_stat **out)
{
	struct trail_stat *stat = calloc(1, sizeof(*stat));

	if (!stat)
		return -ENOMEM;
	if (slowest_init(&stat->slowest, nr_slowest)) {
		trail_stat_free(stat);
		return -ENOMEM;
	}
	*out = stat;
	return 0;
}

void trail_stat_free(struct trail_stat *stat)
{
	if (!stat)
		return;
	for (size_t dir = 0; dir < TRAIL_NR_DIR; dir++)
		for (size_t id = 0; id < TRAIL_NR_STAGE; id++)
			trail_histogram_free(stat->stage[dir][id]);
	slowest_release(&stat->slowest);
	drop_table_release(&stat->drops);
	free(stat);
}

static int add_spans(struct trail_stat *stat, const struct trail_packet *packet)
{
	int err = 0;

	for (size_t i = 0; !err && i < packet->nr_span; i++) {
		const struct trail_span *span = &packet->span[i];
		struct trail_histogram **hist = &stat->stage[packet->dir][span->stage->id];

		if (!*hist)
			*hist = trail_histogram_new();
		if (!*hist)
			return -ENOMEM;
		err = trail_histogram_add(*hist, elapsed(span->start_ns, span->end_ns));
	}
	return err;
}

/**
 * trail_stat_add - count a finished packet; it is copied where it has to be kept
 *
 * Return: 0; -EINVAL for a packet with an unknown direction or fate; -ENOMEM.
 */
int trail_stat_add(struct trail_stat *stat, const struct trail_packet *packet)
{
	int err = 0;

	if (packet->dir >= TRAIL_NR_DIR || packet->fate >= TRAIL_NR_FATE)
		return -EINVAL;
	stat->fate[packet->dir][packet->fate]++;
	if (packet->flags & TRAIL_PACKET_DROPPED)
		err = drop_table_add(&stat->drops, &packet->drop);
	if (err)
		return err;
	if (!(packet->flags & CUT)) {
		stat->nr_complete++;
		err = add_spans(stat, packet);
		return err ? err : slowest_add(&stat->slowest, packet);
	}
	/* Losses are the graver of the two: a packet is counted in one of them. */
	if (packet->flags & TRAIL_PACKET_LOSS)
		stat->nr_loss++;
	else
		stat->nr_edge++;
	return 0;
}

uint64_t trail_stat_packets(const struct trail_stat *stat, enum trail_dir dir)
{
	uint64_t count = 0;

	for (size_t fate = 0; fate < TRAIL_NR_FATE; fate++)
		count += stat->fate[dir][fate];
	return count;
}

uint64_t trail_stat_fates(const struct trail_stat *stat, enum trail_dir dir, enum trail_fate fate)
{
	return stat->fate[dir][fate];
}

uint64_t trail_stat_complete(const struct trail_stat *stat)
{
	return stat->nr_complete;
}

uint64_t trail_stat_truncated_by_edge(const struct trail_stat *stat)
{
	return stat->nr_edge;
}

uint64_t trail_stat_truncated_by_loss(const struct trail_stat *stat)
{
	return stat->nr_loss;
}

const struct trail_histogram *trail_stat_stage(const struct trail_stat *stat, enum trail_dir dir,
					       enum trail_stage_id stage)
{
	return stat->stage[dir][stage];
}

uint64_t trail_stat_stage_total(const struct trail_stat *stat, enum trail_dir dir)
{
	uint64_t total = 0;

	for (size_t id = 0; id < TRAIL_NR_STAGE; id++)
		if (stat->stage[dir][id])
			total += trail_histogram_total(stat->stage[dir][id]);
	return total;
}

size_t trail_stat_slowest(struct trail_stat *stat, const struct trail_packet *const **out)
{
	return slowest_sort(&stat->slowest, out);
}

size_t trail_stat_drops(struct trail_stat *stat, const struct trail_drop_count **out)
{
	return drop_table_sort(&stat->drops, out);
}
