// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * slowest.c - packets -> the ones that took longest, as deep copies in a heap of fixed size
 *
 * O(log size) for a packet that is kept, one comparison for the others.
 */
#include <errno.h>
#include <stdlib.h>

#include "hit.h"
#include "slowest.h"

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
		      text_size(drop->reason) + text_size(drop->symbol) + text_size(drop->module) +
		      text_size(drop->means) + text_size(drop->dev) + text_size(drop->owner_comm);

	for (size_t i = 0; i < packet->nr_span; i++)
		size += text_size(packet->span[i].comm);
	return size;
}

static size_t packet_hits_size(const struct trail_packet *packet)
{
	size_t size = packet->nr_joined * sizeof(*packet->joined);

	for (size_t i = 0; i < packet->nr_joined; i++)
		size += hit_size(packet->joined[i].hit);
	return size;
}

/* Return: behind the copies. */
static char *copy_hits(struct trail_packet *copy, struct trail_joined *joined)
{
	char *at = (char *)(joined + copy->nr_joined);

	for (size_t i = 0; i < copy->nr_joined; i++) {
		joined[i] = copy->joined[i];
		joined[i].hit = hit_copy(at, copy->joined[i].hit);
		at += hit_size(copy->joined[i].hit);
	}
	copy->joined = joined;
	return at;
}

/* One block: the packet, its spans, its links, its hits, its strings, its header bytes. */
static struct trail_packet *packet_copy(const struct trail_packet *packet)
{
	size_t spans = packet->nr_span * sizeof(*packet->span);
	size_t links = packet->nr_link * sizeof(*packet->link);
	size_t bytes = packet->header.bytes ? packet->header.nr_bytes : 0;
	struct trail_packet *copy = malloc(sizeof(*copy) + spans + links + bytes +
					   packet_hits_size(packet) + packet_text_size(packet));
	struct trail_span *span;
	struct trail_link *link;
	char *text;

	if (!copy)
		return NULL;
	span = (struct trail_span *)(copy + 1);
	link = (struct trail_link *)(span + packet->nr_span);

	*copy = *packet;
	text = copy_hits(copy, (struct trail_joined *)(link + packet->nr_link));
	copy->dev = text_copy(&text, packet->dev);
	copy->reader_comm = text_copy(&text, packet->reader_comm);
	copy->header.dev = text_copy(&text, packet->header.dev);
	copy->poll.dev = text_copy(&text, packet->poll.dev);
	copy->poll.irq_name = text_copy(&text, packet->poll.irq_name);
	copy->drop.reason = text_copy(&text, packet->drop.reason);
	copy->drop.symbol = text_copy(&text, packet->drop.symbol);
	copy->drop.module = text_copy(&text, packet->drop.module);
	copy->drop.means = text_copy(&text, packet->drop.means);
	copy->drop.dev = text_copy(&text, packet->drop.dev);
	copy->drop.owner_comm = text_copy(&text, packet->drop.owner_comm);
	copy->drop.stack = NULL;
	copy->drop.nr_stack = 0;
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

int slowest_init(struct slowest *slowest, size_t size)
{
	*slowest = (struct slowest){ .cap = size };
	if (!size)
		return 0;
	slowest->heap = calloc(size, sizeof(*slowest->heap));
	slowest->sorted = calloc(size, sizeof(*slowest->sorted));
	return slowest->heap && slowest->sorted ? 0 : -ENOMEM;
}

void slowest_release(struct slowest *slowest)
{
	for (size_t i = 0; i < slowest->nr; i++)
		free(slowest->heap[i]);
	free(slowest->heap);
	free(slowest->sorted);
}

int slowest_add(struct slowest *slowest, const struct trail_packet *packet)
{
	bool full = slowest->nr == slowest->cap;
	struct trail_packet *copy;

	if (!slowest->cap || (full && !is_slower(packet, slowest->heap[0])))
		return 0;
	copy = packet_copy(packet);
	if (!copy)
		return -ENOMEM;
	if (full) {
		free(slowest->heap[0]);
		slowest->heap[0] = copy;
		heap_down(slowest->heap, slowest->nr);
	} else {
		slowest->heap[slowest->nr] = copy;
		heap_up(slowest->heap, slowest->nr++);
	}
	return 0;
}

static int by_slowness(const void *a, const void *b)
{
	const struct trail_packet *const *left = a;
	const struct trail_packet *const *right = b;

	return is_slower(*left, *right) ? -1 : 1;
}

size_t slowest_sort(struct slowest *slowest, const struct trail_packet *const **out)
{
	for (size_t i = 0; i < slowest->nr; i++)
		slowest->sorted[i] = slowest->heap[i];
	if (slowest->nr)
		qsort(slowest->sorted, slowest->nr, sizeof(*slowest->sorted), by_slowness);
	*out = slowest->sorted;
	return slowest->nr;
}
