// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * names.c - enums of a packet -> the words of every output
 *
 * The only place where these words are written.  A value outside of its enum is "unknown", so
 * that a sink never has to check.
 */
#include "skbtrail.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const char *const dir_name[TRAIL_NR_DIR] = {
	[TRAIL_RX] = "rx",
	[TRAIL_TX] = "tx",
	[TRAIL_FORWARD] = "forward",
	[TRAIL_LOCAL] = "local",
};

static const char *const origin_name[TRAIL_NR_ORIGIN] = {
	[TRAIL_ORIGIN_UNKNOWN] = "unknown",
	[TRAIL_ORIGIN_TASK] = "task",
	[TRAIL_ORIGIN_RECEIVE] = "receive",
	[TRAIL_ORIGIN_TIMER] = "timer",
	[TRAIL_ORIGIN_RETRANSMIT] = "retransmit",
	[TRAIL_ORIGIN_TSQ] = "tsq",
	[TRAIL_ORIGIN_PACING] = "pacing",
	[TRAIL_ORIGIN_QDISC] = "qdisc",
};

static const char *const fate_name[TRAIL_NR_FATE] = {
	[TRAIL_DELIVERED] = "delivered",
	[TRAIL_PARTIAL] = "partial",
	[TRAIL_DROPPED] = "dropped",
	[TRAIL_SENT] = "sent",
	[TRAIL_CONSUMED] = "consumed",
	[TRAIL_QUEUED] = "queued",
	[TRAIL_IN_FLIGHT] = "in-flight",
	[TRAIL_UNKNOWN] = "unknown",
};

static const char *const confidence_name[] = {
	[TRAIL_EXACT] = "exact",
	[TRAIL_INFERRED] = "inferred",
	[TRAIL_AMBIGUOUS] = "ambiguous",
};

static const char *const drop_class_name[TRAIL_NR_DROP_CLASS] = {
	[TRAIL_DROP_UNKNOWN] = "unknown",
	[TRAIL_DROP_POLICY] = "policy",
	[TRAIL_DROP_RESOURCE] = "resource",
	[TRAIL_DROP_PROTOCOL] = "protocol",
	[TRAIL_DROP_BENIGN] = "benign",
};

static const char *const queue_kind_name[TRAIL_NR_QUEUE_KIND] = {
	[TRAIL_QUEUE_UNKNOWN] = "unknown",
	[TRAIL_QUEUE_SOCKET] = "socket",
	[TRAIL_QUEUE_QDISC] = "qdisc",
	[TRAIL_QUEUE_BACKLOG] = "backlog",
};

static const char *const cause_name[TRAIL_NR_CAUSE] = {
	[TRAIL_CAUSE_UNKNOWN] = "unknown",
	[TRAIL_CAUSE_IRQ] = "irq",
	[TRAIL_CAUSE_LOCAL_TX] = "local-tx",
	[TRAIL_CAUSE_RERAISE] = "reraise",
	[TRAIL_CAUSE_RPS_IPI] = "rps-ipi",
	[TRAIL_CAUSE_TIMER] = "timer",
	[TRAIL_CAUSE_TASK] = "task",
	[TRAIL_CAUSE_BUSY_POLL] = "busy-poll",
	[TRAIL_CAUSE_THREAD] = "thread",
};

static const char *const link_type_name[TRAIL_NR_LINK_TYPE] = {
	[TRAIL_LINK_GRO] = "gro",
	[TRAIL_LINK_GSO] = "gso",
	[TRAIL_LINK_CLONE] = "clone",
	[TRAIL_LINK_COALESCE] = "coalesce",
	[TRAIL_LINK_FRAGMENT] = "fragment",
	[TRAIL_LINK_FORWARD] = "forward",
};

static const char *const role_name[TRAIL_NR_ROLE] = {
	[TRAIL_HEAD] = "head",
	[TRAIL_MEMBER] = "member",
	[TRAIL_PARENT] = "parent",
	[TRAIL_CHILD] = "child",
};

const struct trail_stage trail_stage[TRAIL_NR_STAGE] = {
	{ "irq", "hard IRQ entry to softirq raise", TRAIL_STAGE_IRQ },
	{ "softirq", "softirq raise to its entry", TRAIL_STAGE_SOFTIRQ },
	{ "poll", "start of the NAPI poll to this packet's turn", TRAIL_STAGE_POLL },
	{ "gro", "held for merging with later packets", TRAIL_STAGE_GRO },
	{ "backlog", "in a CPU's backlog queue", TRAIL_STAGE_BACKLOG },
	{ "stack", "protocol layers, up to the socket", TRAIL_STAGE_STACK },
	{ "sockbacklog", "the socket was locked by its user", TRAIL_STAGE_SOCKBACKLOG },
	{ "queue", "in the socket's queue until its reader ran", TRAIL_STAGE_QUEUE },
	{ "copy", "copy to user space", TRAIL_STAGE_COPY },
	{ "send", "system call to the device's queue", TRAIL_STAGE_SEND },
	{ "qdisc", "in the queueing discipline", TRAIL_STAGE_QDISC },
	{ "driver", "the driver's transmit function", TRAIL_STAGE_DRIVER },
	{ "complete", "handed to the hardware until freed", TRAIL_STAGE_COMPLETE },
};

static const char *name_of(const char *const *name, size_t nr_name, unsigned int value)
{
	return value < nr_name ? name[value] : "unknown";
}

const char *trail_dir_name(enum trail_dir dir)
{
	return name_of(dir_name, ARRAY_SIZE(dir_name), dir);
}

const char *trail_origin_name(enum trail_origin origin)
{
	return name_of(origin_name, ARRAY_SIZE(origin_name), origin);
}

const char *trail_join_name(enum trail_join join)
{
	static const char *const join_name[] = {
		[TRAIL_JOIN_SKB] = "skb", [TRAIL_JOIN_SOCKET] = "socket",
		[TRAIL_JOIN_CPU] = "processing", [TRAIL_JOIN_READ] = "read",
	};

	return name_of(join_name, ARRAY_SIZE(join_name), join);
}

const char *trail_fate_name(enum trail_fate fate)
{
	return name_of(fate_name, ARRAY_SIZE(fate_name), fate);
}

const char *trail_confidence_name(enum trail_confidence confidence)
{
	return name_of(confidence_name, ARRAY_SIZE(confidence_name), confidence);
}

const char *trail_drop_class_name(enum trail_drop_class class)
{
	return name_of(drop_class_name, ARRAY_SIZE(drop_class_name), class);
}

const char *trail_queue_kind_name(enum trail_queue_kind kind)
{
	return name_of(queue_kind_name, ARRAY_SIZE(queue_kind_name), kind);
}

const char *trail_cause_name(enum trail_cause cause)
{
	return name_of(cause_name, ARRAY_SIZE(cause_name), cause);
}

const char *trail_link_type_name(enum trail_link_type type)
{
	return name_of(link_type_name, ARRAY_SIZE(link_type_name), type);
}

const char *trail_role_name(enum trail_role role)
{
	return name_of(role_name, ARRAY_SIZE(role_name), role);
}
