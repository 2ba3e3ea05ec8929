// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * flow.c - TCP sequence numbers -> positions in the stream of a flow
 *
 * Positions count from the first sequence number that was seen of a flow, in its direction and
 * network namespace; a SYN with another number begins a new connection.  They go on where the
 * 32 bits of the sequence number begin again.  The table is bounded: the flow that was not seen
 * for the longest time gives way.  O(1), at most 7 MB.
 */
#include <errno.h>
#include <stdlib.h>

#include "engine.h"

#define MAX_FLOWS	65536

struct flow {
	struct trail_flow id;
	uint64_t netns;
	uint64_t key;
	int64_t position;	/* of last_seq */
	uint32_t first_seq;
	uint32_t last_seq;	/* the highest */
	struct flow *newer, *older;
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 32;
}

static uint64_t key_of(const struct trail_flow *flow, uint64_t netns)
{
	uint64_t word[4], key;

	memcpy(word, flow->saddr, 16);
	memcpy(word + 2, flow->daddr, 16);
	key = mix(netns, (uint64_t)flow->sport << 32 | (uint64_t)flow->dport << 16 | flow->family);
	for (unsigned int i = 0; i < 4; i++)
		key = mix(key, word[i]);
	return key ? key : 1;
}

static bool is_same(const struct flow *flow, const struct trail_flow *id, uint64_t netns)
{
	return flow->id.sport == id->sport && flow->id.dport == id->dport &&
	       flow->id.family == id->family && flow->netns == netns &&
	       !memcmp(flow->id.saddr, id->saddr, 16) && !memcmp(flow->id.daddr, id->daddr, 16);
}

static void take_out(struct flow_table *table, struct flow *flow)
{
	*(flow->newer ? &flow->newer->older : &table->newest) = flow->older;
	*(flow->older ? &flow->older->newer : &table->oldest) = flow->newer;
}

static void put_first(struct flow_table *table, struct flow *flow)
{
	flow->newer = NULL;
	flow->older = table->newest;
	*(table->newest ? &table->newest->newer : &table->oldest) = flow;
	table->newest = flow;
}

static int new_flow(struct flow_table *table, uint64_t key, struct flow **out)
{
	struct flow *flow = table->oldest;
	int err;

	if (table->nr < MAX_FLOWS) {
		flow = malloc(sizeof(*flow));
		if (!flow)
			return -ENOMEM;
		table->nr++;
	} else {
		take_out(table, flow);
		hash_remove(&table->flows, flow->key);
	}
	flow->key = key;
	put_first(table, flow);
	err = hash_set(&table->flows, key, flow);
	*out = flow;
	return err;
}

int flow_range(struct trail_engine *engine, struct packet *packet,
	       const struct header_facts *facts)
{
	const struct trail_flow *id = facts->tunnel ? &facts->inner : &facts->flow;
	struct trail_header *header = &packet->out.header;
	struct flow_table *table = &engine->flows;
	uint64_t netns = packet->out.netns, key = key_of(id, netns);
	struct flow *flow = hash_get(&table->flows, key);
	bool known = flow && is_same(flow, id, netns);
	uint32_t bytes = facts->tcp_end - facts->tcp_seq;
	/* Of the header: data of a SYN begins one behind. */
	uint32_t seq = facts->tcp_seq - (facts->syn && bytes);
	int64_t position;
	int err;

	if (!flow) {
		err = new_flow(table, key, &flow);
		if (err)
			return err;
	} else if (table->newest != flow) {
		take_out(table, flow);
		put_first(table, flow);
	}
	if (!known || (facts->syn && seq != flow->first_seq)) {
		flow->id = *id;
		flow->netns = netns;
		flow->position = 0;
		flow->first_seq = flow->last_seq = seq;
	}
	position = flow->position + (int32_t)(facts->tcp_seq - flow->last_seq);
	/* The number of a reset can be anything. */
	if (position > flow->position && !facts->reset) {
		flow->position = position;
		flow->last_seq = facts->tcp_seq;
	}
	header->tcp_seq = facts->tcp_seq;
	header->tcp_end = facts->tcp_end;
	header->seq_start = position;
	header->seq_end = position + bytes;
	packet->out.flags |= TRAIL_PACKET_SEQ;
	return 0;
}

void flow_free_all(struct flow_table *table)
{
	struct flow *flow, *next;

	for (flow = table->newest; flow; flow = next) {
		next = flow->older;
		free(flow);
	}
	hash_release(&table->flows);
}
