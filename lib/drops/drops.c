// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * drops.c - dropped packets -> rows by reason, location, class and device
 *
 * Bounded: the first MAX_ROWS kinds have a row of their own, all later ones share the last; of
 * flows, sockets, ways and stacks each row keeps the most frequent.  O(1) a packet.
 */
#include <errno.h>
#include <stdlib.h>

#include "../drop-kind.h"
#include "top.h"

#define MAX_ROWS	1024
#define NR_SLOT		(2 * MAX_ROWS)
#define MAX_FLOWS	16
#define MAX_OWNERS	8
#define MAX_PATHS	8
#define MAX_STACKS	8

/**
 * struct row - @out is what others see
 * @flow ...: room for the lists of @out, which are filled in by sorting
 */
struct row {
	struct trail_drop_row out;
	struct top flows, owners, paths, stacks;
	struct trail_drop_flow flow[MAX_FLOWS];
	struct trail_drop_owner owner[MAX_OWNERS];
	struct trail_drop_path path[MAX_PATHS];
	struct trail_drop_stack *stack;		/* MAX_STACKS, NULL: none yet */
};

struct trail_drops {
	struct row *row[MAX_ROWS + 1];
	const struct trail_drop_row *sorted[MAX_ROWS + 1];
	uint16_t slot[NR_SLOT];		/* kind -> index of its row plus 1, 0 = empty */
	uint64_t count[TRAIL_NR_DROP_CLASS];
	size_t nr;			/* without the others */
};

int trail_drops_new(struct trail_drops **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : -ENOMEM;
}

static void row_free(struct row *row)
{
	if (!row)
		return;
	drop_kind_release(&row->out.drop);
	free(row->stack);
	free(row);
}

void trail_drops_clear(struct trail_drops *drops)
{
	for (size_t i = 0; i <= MAX_ROWS; i++)
		row_free(drops->row[i]);
	memset(drops, 0, sizeof(*drops));
}

void trail_drops_free(struct trail_drops *drops)
{
	if (!drops)
		return;
	trail_drops_clear(drops);
	free(drops);
}

/* ------------------------------------------------------------------ kinds */

/* The slot that holds @drop, or the free one where it belongs. */
static uint16_t *find_slot(struct trail_drops *drops, const struct trail_drop *drop)
{
	size_t i = drop_kind_hash(drop) % NR_SLOT;

	while (drops->slot[i] &&
	       !drop_kind_is_same(&drops->row[drops->slot[i] - 1]->out.drop, drop))
		i = (i + 1) % NR_SLOT;
	return &drops->slot[i];
}

/* @drop NULL: the row of the others. */
static int row_new(const struct trail_drop *drop, struct row **out)
{
	struct row *row = calloc(1, sizeof(*row));

	*out = NULL;
	if (!row)
		return -ENOMEM;
	row->out.is_others = !drop;
	if (drop && drop_kind_copy(&row->out.drop, drop)) {
		row_free(row);
		return -ENOMEM;
	}
	row->out.rule = drop ? trail_drop_explain(&row->out.drop) : NULL;
	row->flows = (struct top){ row->flow, sizeof(*row->flow),
		sizeof(*row->flow) - sizeof(struct trail_drop_share), MAX_FLOWS, 0 };
	row->owners = (struct top){ row->owner, sizeof(*row->owner), 2 * sizeof(uint64_t),
		MAX_OWNERS, 0 };
	row->paths = (struct top){ row->path, sizeof(*row->path),
		sizeof(*row->path) - sizeof(struct trail_drop_share), MAX_PATHS, 0 };
	row->stacks = (struct top){ NULL, sizeof(*row->stack),
		sizeof(*row->stack) - sizeof(struct trail_drop_share), MAX_STACKS, 0 };
	*out = row;
	return 0;
}

static int find_others(struct trail_drops *drops, const struct trail_drop *drop, struct row **out)
{
	int err = drops->row[MAX_ROWS] ? 0 : row_new(NULL, &drops->row[MAX_ROWS]);

	*out = drops->row[MAX_ROWS];
	if (err)
		return err;
	if (!(*out)->out.count)
		(*out)->out.drop.class = drop->class;
	else if ((*out)->out.drop.class != drop->class)
		(*out)->out.drop.class = TRAIL_DROP_UNKNOWN;
	return 0;
}

static int find_row(struct trail_drops *drops, const struct trail_drop *drop, struct row **out)
{
	uint16_t *slot = find_slot(drops, drop);
	int err;

	if (*slot) {
		*out = drops->row[*slot - 1];
		return 0;
	}
	if (drops->nr == MAX_ROWS)
		return find_others(drops, drop, out);
	err = row_new(drop, out);
	if (err)
		return err;
	drops->row[drops->nr++] = *out;
	*slot = (uint16_t)drops->nr;
	return 0;
}

/* ------------------------------------------------------------------ what differs */

static void add_flow(struct row *row, const struct trail_packet *packet)
{
	struct trail_drop_flow item;

	if (!packet->flow.family)
		return;
	/* Keys are compared as bytes. */
	memset(&item, 0, sizeof(item));
	item.flow = packet->flow;
	item.netns = packet->header.netns ? packet->header.netns : packet->netns;
	top_count(&row->flows, &item);
}

static void add_owner(struct row *row, const struct trail_drop *drop)
{
	struct trail_drop_owner item;

	if (!drop->socket && !drop->inode)
		return;
	memset(&item, 0, sizeof(item));
	item.socket = drop->socket;
	item.inode = drop->inode;
	item.pid = drop->owner_pid;
	if (drop->owner_pid && drop->owner_comm)
		memccpy(item.comm, drop->owner_comm, 0, sizeof(item.comm) - 1);
	top_count(&row->owners, &item);
}

static void add_path(struct row *row, const struct trail_packet *packet)
{
	struct trail_drop_path item;

	memset(&item, 0, sizeof(item));
	if (packet->dev)
		memccpy(item.dev, packet->dev, 0, sizeof(item.dev) - 1);
	item.dir = packet->dir;
	for (size_t i = 0; i < packet->nr_span; i++) {
		uint8_t id = (uint8_t)packet->span[i].stage->id;

		/* A stage in two pieces is one. */
		if (item.nr_stage && item.stage[item.nr_stage - 1] == id)
			continue;
		item.is_cut = item.nr_stage == TRAIL_DROP_STAGES;
		if (item.is_cut)
			break;
		item.stage[item.nr_stage++] = id;
	}
	top_count(&row->paths, &item);
}

/* Frames inside of where it was dropped: kfree_skb() and how the event gets told. */
static size_t nr_inner(const struct trail_drop *drop)
{
	for (size_t i = 0; drop->address && i < drop->nr_stack; i++)
		if (drop->stack[i] == drop->address)
			return i;
	return 0;
}

static int add_stack(struct row *row, const struct trail_drop *drop)
{
	struct trail_drop_stack item;
	size_t inner = nr_inner(drop), nr = drop->nr_stack - inner;

	nr = nr < TRAIL_DROP_FRAMES ? nr : TRAIL_DROP_FRAMES;
	if (!nr)
		return 0;
	if (!row->stack) {
		row->stack = calloc(MAX_STACKS, sizeof(*row->stack));
		if (!row->stack)
			return -ENOMEM;
		row->stacks.item = row->stack;
	}
	memset(&item, 0, sizeof(item));
	memcpy(item.address, drop->stack + inner, nr * sizeof(*drop->stack));
	top_count(&row->stacks, &item);
	return 0;
}

static void add_fill(struct row *row, const struct trail_queue *queue)
{
	struct trail_drop_fill *fill;

	if (queue->kind == TRAIL_QUEUE_UNKNOWN || queue->kind >= TRAIL_NR_QUEUE_KIND)
		return;
	fill = &row->out.fill[queue->kind];
	if (!fill->nr++) {
		*fill = (struct trail_drop_fill){
			1, queue->used, queue->used, queue->limit, queue->limit,
		};
		return;
	}
	if (queue->used < fill->used_min)
		fill->used_min = queue->used;
	if (queue->used > fill->used_max)
		fill->used_max = queue->used;
	if (queue->limit < fill->limit_min)
		fill->limit_min = queue->limit;
	if (queue->limit > fill->limit_max)
		fill->limit_max = queue->limit;
}

static void add_times(struct trail_drop_row *row, const struct trail_packet *packet)
{
	uint64_t end_ns = packet->end_ns, start_ns = packet->start_ns;

	if (!row->count++ || end_ns < row->first_ns)
		row->first_ns = end_ns;
	if (end_ns > row->last_ns)
		row->last_ns = end_ns;
	row->way_ns += end_ns > start_ns ? end_ns - start_ns : 0;
	if (packet->len > 0)
		row->bytes += (uint64_t)packet->len;
}

int trail_drops_add(struct trail_drops *drops, const struct trail_packet *packet)
{
	const struct trail_drop *drop = &packet->drop;
	struct row *row;
	int err;

	if (!(packet->flags & TRAIL_PACKET_DROPPED) || drop->class >= TRAIL_NR_DROP_CLASS)
		return 0;
	err = find_row(drops, drop, &row);
	if (err)
		return err;
	add_times(&row->out, packet);
	add_flow(row, packet);
	add_owner(row, drop);
	add_path(row, packet);
	add_fill(row, &drop->queue);
	err = add_stack(row, drop);
	drops->count[drop->class]++;
	return err ? err : 1;
}

/* ------------------------------------------------------------------ the rows */

static void publish(struct row *row)
{
	top_sort(&row->flows);
	top_sort(&row->owners);
	top_sort(&row->paths);
	top_sort(&row->stacks);
	row->out.flow = row->flow;
	row->out.nr_flow = row->flows.nr;
	row->out.owner = row->owner;
	row->out.nr_owner = row->owners.nr;
	row->out.path = row->path;
	row->out.nr_path = row->paths.nr;
	row->out.stack = row->stack;
	row->out.nr_stack = row->stacks.nr;
}

static int by_count(const void *a, const void *b)
{
	const struct trail_drop_row *left = *(const struct trail_drop_row *const *)a;
	const struct trail_drop_row *right = *(const struct trail_drop_row *const *)b;

	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	return drop_kind_compare(&left->drop, &right->drop);
}

size_t trail_drops_sort(struct trail_drops *drops, const struct trail_drop_row *const **out)
{
	size_t nr = drops->nr;

	for (size_t i = 0; i < nr; i++) {
		publish(drops->row[i]);
		drops->sorted[i] = &drops->row[i]->out;
	}
	qsort(drops->sorted, nr, sizeof(drops->sorted[0]), by_count);
	if (drops->row[MAX_ROWS]) {
		publish(drops->row[MAX_ROWS]);
		drops->sorted[nr++] = &drops->row[MAX_ROWS]->out;
	}
	*out = drops->sorted;
	return nr;
}

uint64_t trail_drops_count(const struct trail_drops *drops, enum trail_drop_class class)
{
	uint64_t count = 0;

	if (class != TRAIL_NR_DROP_CLASS)
		return class < TRAIL_NR_DROP_CLASS ? drops->count[class] : 0;
	for (size_t i = 0; i < TRAIL_NR_DROP_CLASS; i++)
		count += i == TRAIL_DROP_BENIGN ? 0 : drops->count[i];
	return count;
}
