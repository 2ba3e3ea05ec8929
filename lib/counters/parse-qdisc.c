// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * parse-qdisc.c - messages RTM_NEWQDISC -> the counters of a queueing discipline
 *
 * "nic0 fq_codel 8001: root".  Only what all kinds have in common: what each adds of its own
 * (TCA_STATS_APP) is in a struct of its own.
 */
#include <libmnl/libmnl.h>
#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "parse.h"

#define OBJECT_SIZE	128

static void handle_text(uint32_t parent, char *text, size_t size)
{
	if (parent == TC_H_ROOT)
		snprintf(text, size, "root");
	else if (parent == TC_H_INGRESS)
		snprintf(text, size, "ingress");
	else
		snprintf(text, size, "parent %x:%x", parent >> 16, parent & 0xffff);
}

static void name_object(const struct tcmsg *tc, const struct nlattr *kind, const char *dev,
			char *object)
{
	size_t size = kind ? mnl_attr_get_payload_len(kind) : 0;
	char parent[40];

	handle_text(tc->tcm_parent, parent, sizeof(parent));
	snprintf(object, OBJECT_SIZE, "%s %.*s %x: %s", dev, (int)(size < 32 ? size : 32),
		 kind ? (const char *)mnl_attr_get_payload(kind) : "", tc->tcm_handle >> 16,
		 parent);
}

static void take_basic(const struct nlattr *attr, struct tally *tally)
{
	/* Without the padding at its end. */
	struct { uint64_t bytes; uint32_t packets; } basic;

	if (mnl_attr_get_payload_len(attr) < 12)
		return;
	memcpy(&basic.bytes, mnl_attr_get_payload(attr), 8);
	memcpy(&basic.packets, (const char *)mnl_attr_get_payload(attr) + 8, 4);
	tally_name(tally, "bytes", basic.bytes);
	tally_name(tally, "packets", basic.packets);
}

static void take_queue(const struct nlattr *attr, struct tally *tally)
{
	struct gnet_stats_queue queue;

	if (mnl_attr_get_payload_len(attr) < sizeof(queue))
		return;
	memcpy(&queue, mnl_attr_get_payload(attr), sizeof(queue));
	tally_name(tally, "drops", queue.drops);
	tally_name(tally, "overlimits", queue.overlimits);
	tally_name(tally, "requeues", queue.requeues);
	tally_name(tally, "qlen", queue.qlen);
	tally_name(tally, "backlog", queue.backlog);
}

bool parse_qdisc(const void *message, size_t size,
		 const char *(*name)(void *data, uint32_t index), void *data, struct tally *tally)
{
	const struct nlattr *attr, *kind = NULL, *stats = NULL;
	const struct nlmsghdr *header = message;
	const struct tcmsg *tc;
	char object[OBJECT_SIZE];
	const char *dev;

	if (size > INT32_MAX || !mnl_nlmsg_ok(header, (int)size) ||
	    header->nlmsg_type != RTM_NEWQDISC || mnl_nlmsg_get_payload_len(header) < sizeof(*tc))
		return false;
	tc = mnl_nlmsg_get_payload(header);
	dev = name(data, (uint32_t)tc->tcm_ifindex);
	mnl_attr_for_each(attr, header, sizeof(*tc)) {
		if (mnl_attr_get_type(attr) == TCA_KIND)
			kind = attr;
		else if (mnl_attr_get_type(attr) == TCA_STATS2)
			stats = attr;
	}
	if (!dev || !stats)
		return false;
	name_object(tc, kind, dev, object);
	tally_object(tally, object, (uint64_t)(uint32_t)tc->tcm_ifindex << 32 | tc->tcm_handle);
	mnl_attr_for_each_nested(attr, stats) {
		if (mnl_attr_get_type(attr) == TCA_STATS_BASIC)
			take_basic(attr, tally);
		else if (mnl_attr_get_type(attr) == TCA_STATS_QUEUE)
			take_queue(attr, tally);
	}
	return true;
}
