// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * gro.c - GRO: which packets went on in which one
 *
 * No event names the group that a packet is merged into.  It is the newest open one of the device
 * and flow hash, and the length with which a group leaves must be the sum of its parts.  Where the
 * headers were recorded, it is the group of the same flow, whose bytes the packet's follow.
 */
#include <errno.h>

#include "engine.h"

static bool is_same_flow(const struct trail_flow *a, const struct trail_flow *b)
{
	return a->family == b->family && a->protocol == b->protocol && a->sport == b->sport &&
	       a->dport == b->dport && !memcmp(a->saddr, b->saddr, sizeof(a->saddr)) &&
	       !memcmp(a->daddr, b->daddr, sizeof(a->daddr));
}

static bool is_like(const struct packet *head, const struct packet *packet)
{
	return head->out.dev == packet->out.dev && head->hash == packet->hash &&
	       head->ethertype == packet->ethertype &&
	       (!head->wire_flow || !packet->wire_flow ||
		is_same_flow(&head->out.flow, &packet->out.flow));
}

/* Do the headers say that the bytes of @packet follow those of the group? */
static bool continues(const struct packet *head, const struct packet *packet)
{
	const struct packet *last = head->last_member ? head->last_member : head;

	return head->wire_flow && packet->wire_flow && last->out.flags & TRAIL_PACKET_SEQ &&
	       packet->out.flags & TRAIL_PACKET_SEQ &&
	       packet->out.header.tcp_seq == last->out.header.tcp_end;
}

/* The newest open group of the same device and flow hash (0 from NICs that make none). */
static struct packet *group_of(const struct cpu *cpu, const struct packet *packet,
			       enum trail_confidence *confidence)
{
	struct packet *found = NULL;
	uint32_t i = cpu->nr_held;

	while (i--) {
		if (!is_like(cpu->held[i], packet))
			continue;
		if (continues(cpu->held[i], packet)) {
			*confidence = TRAIL_EXACT;
			return cpu->held[i];
		}
		*confidence = found ? TRAIL_AMBIGUOUS : TRAIL_INFERRED;
		if (!found)
			found = cpu->held[i];
	}
	return found;
}

/* What @packet had absorbed, before a tunnel's device merged it or a socket, is @into's, too. */
static void hand_members(struct packet *packet, struct packet *into)
{
	struct packet *member;

	for (member = packet->member; member; member = member->next_member)
		member->head = into;
	if (!packet->member)
		return;
	into->last_member->next_member = packet->member;
	into->last_member = packet->last_member;
	into->nr_member += packet->nr_member;
	packet->member = packet->last_member = NULL;
	packet->nr_member = 0;
}

/* The bytes of @packet, and of all that it had absorbed, go on in the skb of @head. */
int receive_absorb(struct trail_engine *engine, struct packet *head, struct packet *packet,
		  enum trail_link_type type, enum trail_confidence confidence)
{
	const uint8_t as_member[2] = { TRAIL_MEMBER, (uint8_t)confidence };
	const uint8_t as_head[2] = { TRAIL_HEAD, (uint8_t)confidence };
	int err;

	packet_unmap(engine, packet);
	packet->evidence_alone = packet->evidence;
	packet_weaken(packet, confidence);
	packet->state = STATE_ABSORBED;
	packet->head = head;
	if (head->last_member)
		head->last_member->next_member = packet;
	else
		head->member = packet;
	head->last_member = packet;
	head->nr_member++;
	hand_members(packet, head);
	err = packet_link(packet, head->out.id, type, as_member);
	return err ? err : packet_link(head, packet->out.id, type, as_head);
}

static int merge(struct trail_engine *engine, struct cpu *cpu, struct packet *packet)
{
	enum trail_confidence confidence = TRAIL_INFERRED;
	struct packet *head = group_of(cpu, packet, &confidence);

	if (head)
		return receive_absorb(engine, head, packet, TRAIL_LINK_GRO, confidence);
	packet_unmap(engine, packet);
	packet->state = STATE_ABSORBED;
	return 0;
}

int trail_gro_exit(struct trail_engine *engine, const struct trail_event *event,
		   enum trail_gro result)
{
	struct cpu *cpu = engine_cpu(engine, event);
	struct packet *packet;

	if (!cpu->nr_gro)
		return 0;
	packet = cpu->gro[--cpu->nr_gro];
	/* Given on inside the call already: nothing waits. */
	if (!packet || packet->state != STATE_RX_GRO)
		return 0;
	switch (result) {
	case TRAIL_GRO_MERGED:
	case TRAIL_GRO_MERGED_FREE:
		return merge(engine, cpu, packet);
	case TRAIL_GRO_HELD:
		packet->held = true;
		if (cpu->nr_held < MAX_OPEN)
			cpu->held[cpu->nr_held++] = packet;
		break;
	default:
		packet->left_ns = event->ts_ns;
		break;
	}
	packet->state = STATE_RX_HELD;
	return 0;
}

/*
 * Header bytes of each of the @nr packets of a group that leaves GRO with @len bytes; 0: these
 * packets, @sum bytes together, cannot be the group.
 */
static int64_t group_header(int64_t sum, int64_t len, int32_t nr)
{
	int64_t header;

	if (nr == 1)
		return sum == len ? MIN_HEADER : 0;
	header = (sum - len) / (nr - 1);
	return (sum - len) % (nr - 1) || header < MIN_HEADER || header > MAX_HEADER ? 0 : header;
}

/* Without the links to and from its head, as it was before it was merged. */
static void unmerge(struct packet *member)
{
	struct packet *head = member->head;
	uint16_t i, kept = 0;

	packet_leave_head(member);
	head->nr_member--;
	for (i = 0; i < head->out.nr_link; i++)
		if (head->links[i].packet != member->out.id)
			head->links[kept++] = head->links[i];
	head->out.nr_link = kept;
	if (!head->nr_member)
		head->out.confidence = head->evidence;
	member->out.nr_link = 0;
	member->evidence = member->out.confidence = member->stage_confidence = TRAIL_EXACT;
}

/*
 * Groups that nothing tells apart but their sums: a packet that was taken for a member of another
 * one and that closes the sum of this one changes its place.
 */
static int regroup(struct trail_engine *engine, struct cpu *cpu, struct packet *head,
		   const int64_t sum_len[2])
{
	struct packet *found = NULL, *member;
	uint32_t i, nr = 0;

	for (i = 0; i < cpu->nr_held; i++) {
		if (cpu->held[i] == head || !is_like(head, cpu->held[i]))
			continue;
		for (member = cpu->held[i]->member; member; member = member->next_member) {
			if (member->evidence == TRAIL_EXACT ||
			    !group_header(sum_len[0] + member->out.len, sum_len[1],
					  head->nr_member + 2))
				continue;
			if (!found)
				found = member;
			nr++;
		}
	}
	if (!found)
		return 0;
	unmerge(found);
	return receive_absorb(engine, head, found, TRAIL_LINK_GRO,
			      nr > 1 ? TRAIL_AMBIGUOUS : TRAIL_INFERRED);
}

static int64_t group_sum(const struct packet *head)
{
	const struct packet *member;
	int64_t sum = head->out.len;

	for (member = head->member; member; member = member->next_member)
		sum += member->out.len;
	return sum;
}

/* Both ends of the link say how sure it is. */
static void set_link(struct packet *head, struct packet *member, uint8_t confidence)
{
	uint16_t i;

	for (i = 0; i < head->out.nr_link; i++)
		if (head->links[i].packet == member->out.id)
			head->links[i].confidence = confidence;
	for (i = 0; i < member->out.nr_link; i++)
		if (member->links[i].packet == head->out.id)
			member->links[i].confidence = confidence;
}

int gro_confirm(struct packet *head, uint64_t skb)
{
	struct packet *member;

	for (member = head->member; member && member->out.skb != skb; member = member->next_member)
		;
	if (!member)
		return 0;
	set_link(head, member, TRAIL_EXACT);
	packet_confirm(member);
	return 0;
}

/* The packet whose GRO call runs, when it completes the group. */
static int absorb_last(struct trail_engine *engine, struct cpu *cpu, struct packet *head,
		       const int64_t sum_len[2])
{
	struct packet *last = cpu->nr_gro ? cpu->gro[cpu->nr_gro - 1] : NULL;

	if (!last || last == head || last->state != STATE_RX_GRO || !is_like(head, last) ||
	    !group_header(sum_len[0] + group_sum(last), sum_len[1],
			  head->nr_member + last->nr_member + 2))
		return 0;
	return receive_absorb(engine, head, last, TRAIL_LINK_GRO,
			      continues(head, last) ? TRAIL_EXACT : TRAIL_INFERRED);
}

/*
 * A head leaves GRO with @len bytes: every member brought its length without its headers, which
 * are of one size within a group; what a tunnel took off counts as if it was there.  The packet
 * whose own GRO call runs may be the last member: it was merged and then made the kernel pass the
 * group on (net/core/gro.c: dev_gro_receive()).
 */
int gro_close(struct trail_engine *engine, struct cpu *cpu, struct packet *head, int64_t len)
{
	int64_t sum_len[2] = { group_sum(head), len }, header;
	struct packet *member;
	bool sure = true;
	int err = 0;

	if (!group_header(sum_len[0], len, head->nr_member + 1))
		err = absorb_last(engine, cpu, head, sum_len);
	sum_len[0] = group_sum(head);
	if (!err && !group_header(sum_len[0], len, head->nr_member + 1))
		err = regroup(engine, cpu, head, sum_len);
	if (err || !head->nr_member)
		return err;
	header = group_header(group_sum(head), len, head->nr_member + 1);
	head->payload = header ? head->out.len - header : -1;
	for (member = head->member; member; member = member->next_member) {
		member->payload = header ? member->out.len - header : -1;
		if (!header)
			packet_weaken(member, TRAIL_AMBIGUOUS);
		set_link(head, member, member->evidence);
		sure &= member->evidence != TRAIL_AMBIGUOUS;
	}
	/* Who is in the group is not known for sure: nothing that rests on it is. */
	if (!sure)
		packet_weaken(head, TRAIL_AMBIGUOUS);
	return 0;
}
