/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/packet.h - what the engine makes of events
 */
#ifndef SKBTRAIL_PACKET_H
#define SKBTRAIL_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "skbtrail/event.h"
#include "skbtrail/hit.h"

#ifdef __cplusplus
extern "C" {
#endif

enum trail_dir { TRAIL_RX, TRAIL_TX, TRAIL_FORWARD, TRAIL_LOCAL, TRAIL_NR_DIR };

enum trail_fate {
	TRAIL_DELIVERED,	/* a task read all its bytes */
	TRAIL_PARTIAL,		/* a task read some of its bytes */
	TRAIL_DROPPED,
	TRAIL_SENT,		/* the driver took it */
	TRAIL_CONSUMED,		/* used up by the kernel: ACK, ARP, parent of a split */
	TRAIL_QUEUED,		/* still in a socket or qdisc at the end of the capture */
	TRAIL_IN_FLIGHT,	/* elsewhere at the end of the capture */
	TRAIL_UNKNOWN,		/* its end was not seen */
	TRAIL_NR_FATE
};

enum trail_confidence { TRAIL_EXACT, TRAIL_INFERRED, TRAIL_AMBIGUOUS };

enum trail_drop_class {
	TRAIL_DROP_UNKNOWN,
	TRAIL_DROP_POLICY,
	TRAIL_DROP_RESOURCE,
	TRAIL_DROP_PROTOCOL,
	TRAIL_DROP_BENIGN,
	TRAIL_NR_DROP_CLASS
};

enum trail_cause {
	TRAIL_CAUSE_UNKNOWN,
	TRAIL_CAUSE_IRQ,
	TRAIL_CAUSE_LOCAL_TX,
	TRAIL_CAUSE_RERAISE,
	TRAIL_CAUSE_RPS_IPI,
	TRAIL_CAUSE_TIMER,
	TRAIL_CAUSE_TASK,
	TRAIL_CAUSE_BUSY_POLL,
	TRAIL_CAUSE_THREAD,		/* threaded NAPI */
	TRAIL_NR_CAUSE
};

enum trail_link_type {
	TRAIL_LINK_GRO,
	TRAIL_LINK_GSO,
	TRAIL_LINK_CLONE,
	TRAIL_LINK_COALESCE,
	TRAIL_LINK_FRAGMENT,
	TRAIL_LINK_FORWARD,
	TRAIL_NR_LINK_TYPE
};

/* What made the kernel send a packet. */
enum trail_origin {
	TRAIL_ORIGIN_UNKNOWN,
	TRAIL_ORIGIN_TASK,		/* a task's own call */
	TRAIL_ORIGIN_RECEIVE,		/* the receive path: an ACK, an answer, forwarding */
	TRAIL_ORIGIN_TIMER,		/* a timer that is no known retransmission */
	TRAIL_ORIGIN_RETRANSMIT,
	TRAIL_ORIGIN_TSQ,		/* TCP small queues: room in the device's queue again */
	TRAIL_ORIGIN_PACING,		/* a high resolution timer */
	TRAIL_ORIGIN_QDISC,		/* NET_TX: the qdisc went on */
	TRAIL_NR_ORIGIN
};

enum trail_role { TRAIL_HEAD, TRAIL_MEMBER, TRAIL_PARENT, TRAIL_CHILD, TRAIL_NR_ROLE };

/* Names as in output-schema.md: "rx", "delivered", "exact", "protocol", "irq", "gro", "head" ... */
const char *trail_dir_name(enum trail_dir dir);
const char *trail_fate_name(enum trail_fate fate);
const char *trail_confidence_name(enum trail_confidence confidence);
const char *trail_drop_class_name(enum trail_drop_class class);
const char *trail_cause_name(enum trail_cause cause);
const char *trail_link_type_name(enum trail_link_type type);
const char *trail_role_name(enum trail_role role);
const char *trail_origin_name(enum trail_origin origin);

/* Stages in the order of a packet's way; receive first, then transmit. */
enum trail_stage_id {
	TRAIL_STAGE_IRQ, TRAIL_STAGE_SOFTIRQ, TRAIL_STAGE_POLL, TRAIL_STAGE_GRO,
	TRAIL_STAGE_BACKLOG, TRAIL_STAGE_STACK, TRAIL_STAGE_SOCKBACKLOG, TRAIL_STAGE_QUEUE,
	TRAIL_STAGE_COPY,
	TRAIL_STAGE_SEND, TRAIL_STAGE_QDISC, TRAIL_STAGE_DRIVER, TRAIL_STAGE_COMPLETE,
	TRAIL_NR_STAGE
};

/**
 * struct trail_stage - a named place in the stack
 * @name: the key in every output
 * @about: from what to what, one line
 * @id: enum trail_stage_id, index into trail_stage[]
 */
struct trail_stage {
	const char *name;
	const char *about;
	enum trail_stage_id id;
};

extern const struct trail_stage trail_stage[TRAIL_NR_STAGE];

#define TRAIL_UNKNOWN_NS	(-1)

/**
 * struct trail_span - one stage of one packet
 * @comm: task name, "" when unknown; valid as long as the engine
 */
struct trail_span {
	const struct trail_stage *stage;
	uint64_t start_ns;
	uint64_t end_ns;
	const char *comm;
	int32_t pid;
	uint16_t cpu;
	uint8_t confidence;	/* enum trail_confidence */
};

struct trail_link {
	uint64_t packet;	/* id of the other one */
	uint8_t type;		/* enum trail_link_type */
	uint8_t role;		/* enum trail_role: what this packet is in it */
	uint8_t confidence;
};

/**
 * struct trail_flow - a 5-tuple
 * @family: 4 or 6, 0 = unknown
 * @protocol: IP protocol number
 * @saddr, @daddr: network byte order, the first 4 bytes for IPv4
 * @sport, @dport: host byte order, both 0 where there are none: ICMP, fragments behind the first
 */
struct trail_flow {
	uint8_t family;
	uint8_t protocol;
	uint16_t sport;
	uint16_t dport;
	uint8_t saddr[16];
	uint8_t daddr[16];
};

/* Is it IPv4 as a socket of IPv6 has it, ::ffff:10.0.0.1?  The address is in the last 4 bytes. */
static inline bool trail_is_mapped(const uint8_t address[16])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(address, prefix, sizeof(prefix));
}

enum trail_queue_kind {
	TRAIL_QUEUE_UNKNOWN,
	TRAIL_QUEUE_SOCKET,	/* receive queue of a socket: bytes of memory */
	TRAIL_QUEUE_QDISC,	/* queueing discipline: packets */
	TRAIL_QUEUE_BACKLOG,	/* of a CPU: packets */
	TRAIL_NR_QUEUE_KIND
};

/* "socket", "qdisc", "backlog", "unknown" */
const char *trail_queue_kind_name(enum trail_queue_kind kind);

/**
 * struct trail_queue - how full the queue was that a packet was meant for
 * @used, @limit: in what enum trail_queue_kind says; @limit -1 when unknown
 */
struct trail_queue {
	int64_t used;
	int64_t limit;
	uint8_t kind;
};

/**
 * struct trail_drop - where and why a packet died
 * @reason: NULL where the kernel does not say
 * @means: then the reason that it most likely is, NULL when unknown
 * @symbol, @module: NULL when unknown, @module also for the kernel proper
 * @address: 0 when unknown
 * @dev: device that it was at, NULL when unknown
 * @owner_comm: of @owner_pid
 * @stack: @nr_stack addresses, innermost first, where the capture has the kernel's stack; valid as
 *	   long as the packet
 * @socket: kernel address of the socket that it was for, 0 when unknown
 * @inode: of that socket, as /proc/PID/fd names it, 0 when unknown
 * @queue: kind TRAIL_QUEUE_UNKNOWN when it is not known
 * @owner_pid: task that last read from the socket, 0 when unknown
 * @class: enum trail_drop_class
 * @is_inferred: the kernel gives no reason, the class is told by the location or by the packet
 */
struct trail_drop {
	const char *reason;
	const char *symbol;
	const char *module;
	const char *means;
	const char *dev;
	const char *owner_comm;
	const uint64_t *stack;
	uint64_t symbol_offset;
	uint64_t address;
	uint64_t socket;
	uint64_t inode;
	struct trail_queue queue;
	int32_t owner_pid;
	uint16_t nr_stack;
	uint8_t class;
	bool is_inferred;
};

/* The NAPI poll that a packet arrived in. */
struct trail_poll {
	uint64_t napi;
	const char *dev;
	const char *irq_name;	/* NULL unless cause is IRQ */
	int32_t irq;		/* -1 unless cause is IRQ */
	int32_t work;		/* -1 when unknown */
	int32_t budget;		/* -1 when unknown */
	uint8_t cause;		/* enum trail_cause */
};

enum trail_packet_flag {
	TRAIL_PACKET_EDGE	= 1 << 0,	/* cut by the start or end of the capture */
	TRAIL_PACKET_LOSS	= 1 << 1,	/* touched by lost events */
	TRAIL_PACKET_HAS_POLL	= 1 << 2,
	TRAIL_PACKET_DROPPED	= 1 << 3,	/* drop is valid */
	TRAIL_PACKET_NO_BYTES	= 1 << 4,	/* how many bytes were delivered was not said */
	TRAIL_PACKET_SEQ	= 1 << 5,	/* header.tcp_seq and what goes with it is valid */
};

/* What the recorded bytes of a packet begin with. */
enum trail_layer {
	TRAIL_LAYER_UNKNOWN,
	TRAIL_LAYER_ETHERNET,
	TRAIL_LAYER_IP,		/* IPv4 or IPv6, no link header: tun, tunnels */
};

/**
 * struct trail_header - what the recorded header bytes of a packet say
 * @bytes: @nr_bytes as on the wire, a VLAN tag that the hardware had taken off put back; NULL
 *	   where none were recorded; valid as long as the packet
 * @layer: enum trail_layer
 * @wire_len: bytes of the whole frame from @bytes on, 0 when unknown
 * @ts_ns: when they were recorded
 * @dev: where; not the first hop's device when the packet got a tag or a tunnel on its way down,
 *	 NULL when unknown; valid as long as the engine
 * @netns: of @dev, inode number, 0 when unknown
 * @tunnel: "vxlan", "gre", "ipip", "sit", "ip6tnl", NULL without
 * @inner: flow inside the tunnel, family 0 without
 * @tcp_seq, @tcp_end: sequence numbers of the payload, @tcp_end behind its last byte: their
 *	      difference is what the packet itself brought.  SYN and FIN count for nothing.  Of the
 *	      inner header in a tunnel.  Valid with TRAIL_PACKET_SEQ
 * @seq_start, @seq_end: the same, relative to the first one seen of the flow in this direction;
 *	      can be negative
 * @ipid: identification of IPv4, -1 without
 * @vlan: VLAN id of the outer tag, -1 without
 */
struct trail_header {
	const uint8_t *bytes;
	uint64_t ts_ns;
	const char *dev;
	uint64_t netns;
	const char *tunnel;
	struct trail_flow inner;
	uint32_t wire_len;
	uint32_t tcp_seq;
	uint32_t tcp_end;
	int64_t seq_start;
	int64_t seq_end;
	int32_t ipid;
	int32_t vlan;
	uint16_t nr_bytes;
	uint8_t layer;
};

/**
 * struct trail_packet - one life of one sk_buff, finished
 * @id: counts from 1 in order of birth
 * @skb: kernel address
 * @dev: device of the first hop, NULL when unknown; all strings are valid as long as the engine
 * @ifindex: 0 when unknown
 * @netns: inode number of the device's network namespace, 0 when unknown
 * @len: bytes from the network header on, -1 when unknown
 * @bytes_delivered: to user space
 * @reader_pid: -1 when no task read it
 * @wake_ns, @runqueue_ns, @app_ns: parts of the queue stage, TRAIL_UNKNOWN_NS when unknown
 * @softirq_wake_ns, @softirq_runqueue_ns: parts of the softirq stage when ksoftirqd ran it: until
 *	it was woken, until it ran; TRAIL_UNKNOWN_NS otherwise
 * @span: @nr_span in time order
 * @link: @nr_link
 * @joined: @nr_joined hits of the user's probes, in time order; @hits_left_out more were too many
 */
struct trail_packet {
	uint64_t id;
	uint64_t skb;
	uint64_t start_ns;
	uint64_t end_ns;
	const char *dev;
	const char *reader_comm;
	uint64_t netns;
	uint64_t bytes_delivered;
	int64_t len;
	int64_t wake_ns;
	int64_t runqueue_ns;
	int64_t app_ns;
	int64_t softirq_wake_ns;
	int64_t softirq_runqueue_ns;
	struct trail_flow flow;
	struct trail_header header;
	struct trail_drop drop;
	struct trail_poll poll;
	const struct trail_span *span;
	const struct trail_link *link;
	const struct trail_joined *joined;
	int32_t reader_pid;
	uint32_t ifindex;
	uint16_t nr_span;
	uint16_t nr_link;
	uint8_t dir;		/* enum trail_dir */
	uint8_t fate;		/* enum trail_fate */
	uint8_t confidence;	/* the weakest of its spans and links */
	uint8_t flags;		/* enum trail_packet_flag */
	uint8_t origin;		/* enum trail_origin, of packets that were sent */
	uint16_t nr_joined;
	uint32_t hits_left_out;
};

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_PACKET_H */
