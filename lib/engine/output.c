// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * output.c - finished packets -> the callback, in order of their ends
 *
 * Most ends are seen, and come in order.  Some are established late: a packet whose address is in
 * use again ended with the last thing that was seen of it.  A heap of bounded size puts those in
 * their place; the poll window of a packet must be over before it leaves.  O(log HORIZON) a packet.
 */
#include <errno.h>
#include <stdlib.h>

#include "drop.h"
#include "engine.h"
#include "handover.h"
#include "join.h"

#define FIRST_CAPACITY	256
#define CACHE_LINE_BYTES	64

static bool before(const struct finished *a, const struct finished *b)
{
	if (a->end_ns != b->end_ns)
		return a->end_ns < b->end_ns;
	return a->packet->out.id < b->packet->out.id;
}

int output_add(struct output *output, struct packet *packet)
{
	struct finished new = { packet->out.end_ns, packet, packet->window };
	struct finished *heap = output->heap;
	size_t i = output->nr, up;

	if (output->nr == output->cap) {
		size_t cap = output->cap ? 2 * output->cap : FIRST_CAPACITY;

		heap = realloc(heap, cap * sizeof(*heap));
		if (!heap)
			return -ENOMEM;
		output->heap = heap;
		output->cap = cap;
	}
	output->nr++;
	for (; i; i = up) {
		up = (i - 1) / 2;
		if (!before(&new, &heap[up]))
			break;
		heap[i] = heap[up];
	}
	heap[i] = new;
	return 0;
}

static void drop_first(struct output *output)
{
	struct finished *heap = output->heap, last = heap[--output->nr];
	size_t i = 0, down;

	while ((down = 2 * i + 1) < output->nr) {
		if (down + 1 < output->nr && before(&heap[down + 1], &heap[down]))
			down++;
		if (!before(&heap[down], &last))
			break;
		heap[i] = heap[down];
		i = down;
	}
	heap[i] = last;
}

/*
 * Those that ended HORIZON packets ago lie in no near cache any more.  What is asked for now is
 * there when the next packet has ended, some tens of events later: the window of the first one,
 * and the second one.
 */
static void prefetch(const struct output *output)
{
	const struct finished *heap = output->heap;
	const char *at;
	size_t i;

	if (output->nr < 3)
		return;
	at = (const char *)heap[0].window;
	for (i = 0; at && i < sizeof(struct window); i += CACHE_LINE_BYTES)
		__builtin_prefetch(at + i);
	at = (const char *)heap[before(&heap[1], &heap[2]) ? 1 : 2].packet;
	for (i = 0; i < sizeof(struct packet); i += CACHE_LINE_BYTES)
		__builtin_prefetch(at + i, 1);
}

static int complete(struct trail_engine *engine, struct packet *packet)
{
	int err = poll_prefix(packet);

	if (err)
		return err;
	/* The reader of a full socket may have come later. */
	if (packet->out.flags & TRAIL_PACKET_DROPPED)
		drop_fill_owner(engine, packet);
	packet->given = true;
	packet->out.span = packet->spans;
	packet->out.link = packet->links;
	if (packet->joined)
		join_sort(packet);
	if (packet->window) {
		packet->out.poll = packet->window->poll;
		packet->out.flags |= TRAIL_PACKET_HAS_POLL;
	}
	return 0;
}

/* To the callback; afterwards, or if there is an error, the packet is no longer in the output. */
static int give(struct trail_engine *engine, struct packet *packet)
{
	int err;

	if (engine->handover)
		return handover_give(engine, packet);
	err = engine->packet_fn(engine->packet_data, &packet->out);
	packet_release(engine, packet);
	return err;
}

int output_flush(struct trail_engine *engine, size_t enough, bool all)
{
	struct output *output = &engine->output;
	struct packet *packet;
	int err;

	while (all ? output->nr > 0 : output_is_due(output, enough)) {
		packet = output->heap[0].packet;
		err = complete(engine, packet);
		if (err)
			return err;
		drop_first(output);
		err = give(engine, packet);
		if (err)
			return err;
		prefetch(output);
	}
	return 0;
}
