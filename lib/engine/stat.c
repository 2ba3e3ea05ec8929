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

#define CUT	(TRAIL_PACKET_EDGE | TRAIL_PACKET_LOSS)

struct trail_stat {
	uint64_t fate[TRAIL_NR_DIR][TRAIL_NR_FATE];
	uint64_t nr_complete;
	uint64_t nr_edge;
	uint64_t nr_loss;
	struct trail_histogram *stage[TRAIL_NR_DIR][TRAIL_NR_STAGE];
	struct drop_table drops;
	struct trail_packet **heap;		/* the fastest of the slowest on top */
	const struct trail_packet **sorted;	/* for trail_stat_slowest() */
	size_t nr_heap;
	size_t cap_heap;
};

int trail_stat_new(unsigned int nr_slowest, struct trail_stat **out)
{
	struct trail_stat *stat = calloc(1, sizeof(*stat));

	if (!stat)
		return -ENOMEM;
	stat->cap_heap = nr_slowest;
	if (nr_slowest) {
		stat->heap = calloc(nr_slowest, sizeof(*stat->heap));
		stat->sorted = calloc(nr_slowest, sizeof(*stat->sorted));
		if (!stat->heap || !stat->sorted) {
			trail_stat_free(stat);
			return -ENOMEM;
		}
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
	for (size_t i = 0; i < stat->nr_heap; i++)
		free(stat->heap[i]);
	drop_table_release(&stat->drops);
	free(stat->heap);
	free(stat->sorted);
	free(stat);
}

/* ------------------------------------------------------------------ the slowest packets */

static size_t text_size(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static const char *text_copy(char **at, const char *text)
{
	char *copy = *at;

	if (!text)
		return NULL;
	*at += text_size(text);
	return strcpy(copy, text);
}

static size_t packet_text_size(const struct trail_packet *packet)
{
	const struct trail_drop *drop = &packet->drop;
	size_t size = text_size(packet->dev) + text_size(packet->reader_comm) +
		      text_size(packet->header.dev) +
		      text_size(packet->poll.dev) + text_size(packet->poll.irq_name) +
		      text_size(drop->reason) + text_size(drop->symbol) + text_size(drop->module);

	for (size_t i = 0; i < packet->nr_span; i++)
		size += text_size(packet->span[i].comm);
	return size;
}

/* One block: the packet, its spans, its links, its strings, its header bytes. */
static struct trail_packet *packet_copy(const struct trail_packet *packet)
{
	size_t spans = packet->nr_span * sizeof(*packet->span);
	size_t links = packet->nr_link * sizeof(*packet->link);
	size_t bytes = packet->header.bytes ? packet->header.nr_bytes : 0;
	struct trail_packet *copy = malloc(sizeof(*copy) + spans + links + bytes +
					   packet_text_size(packet));
	struct trail_span *span;
	struct trail_link *link;
	char *text;

	if (!copy)
		return NULL;
	span = (struct trail_span *)(copy + 1);
	link = (struct trail_link *)(span + packet->nr_span);
	text = (char *)(link + packet->nr_link);

	*copy = *packet;
	copy->dev = text_copy(&text, packet->dev);
	copy->reader_comm = text_copy(&text, packet->reader_comm);
	copy->header.dev = text_copy(&text, packet->header.dev);
	copy->poll.dev = text_copy(&text, packet->poll.dev);
	copy->poll.irq_name = text_copy(&text, packet->poll.irq_name);
	copy->drop.reason = text_copy(&text, packet->drop.reason);
	copy->drop.symbol = text_copy(&text, packet->drop.symbol);
	copy->drop.module = text_copy(&text, packet->drop.module);
	for (size_t i = 0; i < packet->nr_span; i++) {
		span[i] = packet->span[i];
		span[i].comm = text_copy(&text, packet->span[i].comm);
	}
	if (links)
		memcpy(link, packet->link, links);
	copy->header.bytes = bytes ? memcpy(text, packet->header.bytes, bytes) : NULL;
	copy->span = span;
	copy->link = link;
	return copy;
}

/* A damaged capture may have times that go back; they must not become huge ones. */
static uint64_t elapsed(uint64_t start_ns, uint64_t end_ns)
{
	return end_ns > start_ns ? end_ns - start_ns : 0;
}

/* Of two equally slow packets the earlier one counts as slower, so that the choice is stable. */
static bool is_slower(const struct trail_packet *a, const struct trail_packet *b)
{
	uint64_t a_ns = elapsed(a->start_ns, a->end_ns);
	uint64_t b_ns = elapsed(b->start_ns, b->end_ns);

	return a_ns != b_ns ? a_ns > b_ns : a->id < b->id;
}

static void heap_swap(struct trail_packet **a, struct trail_packet **b)
{
	struct trail_packet *old = *a;

	*a = *b;
	*b = old;
}

static void heap_up(struct trail_packet **heap, size_t i)
{
	for (; i && is_slower(heap[(i - 1) / 2], heap[i]); i = (i - 1) / 2)
		heap_swap(&heap[i], &heap[(i - 1) / 2]);
}

static void heap_down(struct trail_packet **heap, size_t nr)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < nr) {
		if (child + 1 < nr && is_slower(heap[child], heap[child + 1]))
			child++;
		if (!is_slower(heap[i], heap[child]))
			return;
		heap_swap(&heap[i], &heap[child]);
		i = child;
	}
}

static int add_slowest(struct trail_stat *stat, const struct trail_packet *packet)
{
	bool full = stat->nr_heap == stat->cap_heap;
	struct trail_packet *copy;

	if (!stat->cap_heap || (full && !is_slower(packet, stat->heap[0])))
		return 0;
	copy = packet_copy(packet);
	if (!copy)
		return -ENOMEM;
	if (full) {
		free(stat->heap[0]);
		stat->heap[0] = copy;
		heap_down(stat->heap, stat->nr_heap);
	} else {
		stat->heap[stat->nr_heap] = copy;
		heap_up(stat->heap, stat->nr_heap++);
	}
	return 0;
}

static int by_slowness(const void *a, const void *b)
{
	const struct trail_packet *const *left = a;
	const struct trail_packet *const *right = b;

	return is_slower(*left, *right) ? -1 : 1;
}

size_t trail_stat_slowest(struct trail_stat *stat, const struct trail_packet *const **out)
{
	for (size_t i = 0; i < stat->nr_heap; i++)
		stat->sorted[i] = stat->heap[i];
	if (stat->nr_heap)
		qsort(stat->sorted, stat->nr_heap, sizeof(*stat->sorted), by_slowness);
	*out = stat->sorted;
	return stat->nr_heap;
}

/* ------------------------------------------------------------------ counting */

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
		return err ? err : add_slowest(stat, packet);
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

size_t trail_stat_drops(struct trail_stat *stat, const struct trail_drop_count **out)
{
	return drop_table_sort(&stat->drops, out);
}
