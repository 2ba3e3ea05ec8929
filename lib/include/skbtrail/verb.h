/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/verb.h - what plugins say to the engine
 */
#ifndef SKBTRAIL_VERB_H
#define SKBTRAIL_VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "skbtrail/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Verbs: what an event means for a packet, a CPU, a task or a socket.  The engine owns identity,
 * time and confidence; plugins own kernel knowledge.  All return 0 or -ENOMEM, or what the packet
 * callback returned.  CPU, task and time are those of @event.
 */

/* String field @i of the event as a string that lives as long as the engine; NULL when absent. */
const char *trail_text(struct trail_engine *engine, const struct trail_event *event,
		       unsigned int i);

/* A copy of @text that lives as long as the engine, the same for the same text; NULL: no memory. */
const char *trail_intern(struct trail_engine *engine, const char *text);

enum trail_softirq {
	TRAIL_SOFTIRQ_OTHER,
	TRAIL_SOFTIRQ_TIMER,
	TRAIL_SOFTIRQ_NET_TX,
	TRAIL_SOFTIRQ_NET_RX,
	TRAIL_SOFTIRQ_TASKLET,
	TRAIL_SOFTIRQ_HRTIMER,
};

int trail_irq_enter(struct trail_engine *engine, const struct trail_event *event, int irq,
		    const char *name);
int trail_irq_exit(struct trail_engine *engine, const struct trail_event *event, int irq);
int trail_softirq_raise(struct trail_engine *engine, const struct trail_event *event,
			enum trail_softirq vec);
int trail_softirq_enter(struct trail_engine *engine, const struct trail_event *event,
			enum trail_softirq vec);
int trail_softirq_exit(struct trail_engine *engine, const struct trail_event *event,
		       enum trail_softirq vec);

/* A NAPI poll is over; @dev NULL: the backlog.  @work and @budget -1 when unknown. */
int trail_poll_end(struct trail_engine *engine, const struct trail_event *event, uint64_t napi,
		   const char *dev, const int work_budget[2]);

/* The scheduler: @pid is asked to wake up; is on a run queue; @next runs instead of @prev. */
int trail_waking(struct trail_engine *engine, const struct trail_event *event, int pid);
int trail_woken(struct trail_engine *engine, const struct trail_event *event, int pid);

struct trail_switch {
	const char *next_comm;
	int prev;
	int next;
	bool prev_runnable;	/* it was preempted or yielded, it does not sleep */
};

int trail_running(struct trail_engine *engine, const struct trail_event *event,
		  const struct trail_switch *sw);

/* What an event says of an skb; 0, NULL, -1: it does not say. */
struct trail_skb {
	uint64_t skb;
	const char *dev;
	int64_t len;		/* from the network header on in receive, whole frame in transmit */
	int32_t network_offset;	/* transmit: bytes before the network header */
	int64_t data_len;	/* bytes in fragments */
	uint32_t hash;		/* of the flow, 0 unknown */
	uint16_t ethertype;	/* 0 unknown */
	bool gso;		/* several packets in one */
};

/**
 * struct trail_skb_header - packet bytes of an skb, as a probe recorded them
 * @bytes: from the link header on, or from the network header on if there is no link header;
 *	   @nr_bytes of them, all inside of the packet; valid until the verb was said
 * @layer: enum trail_layer
 * @wire_len: bytes of the whole frame from @bytes on, 0 when unknown
 * @vlan_proto, @vlan_tci: tag that the hardware took off or will put on, host byte order;
 *			   @vlan_proto 0: none
 * @ifindex, @netns, @sk: 0 when unknown
 * @to_group: the kernel has it as a broadcast or multicast, or as the copy of one for this host
 */
struct trail_skb_header {
	uint64_t skb;
	uint64_t sk;
	uint64_t netns;
	const uint8_t *bytes;
	uint32_t nr_bytes;
	uint32_t wire_len;
	uint32_t ifindex;
	uint16_t vlan_proto;
	uint16_t vlan_tci;
	uint8_t layer;
	bool to_group;
};

/**
 * trail_header_size - how many of these bytes are headers
 * @layer: enum trail_layer, what @bytes begin with
 *
 * Link header, tags, IP with options and extension headers, TCP with options, UDP, 8 bytes of ICMP,
 * ARP, and the same once more inside of a tunnel.  What is of another kind ends the headers.
 *
 * Return: at most @nr_bytes.
 */
uint32_t trail_header_size(const uint8_t *bytes, uint32_t nr_bytes, enum trail_layer layer);

/*
 * Who the packet is.  Said by the same event as the verb that tells where the skb is, before it;
 * that verb may be said once more by the tracepoint itself, right before or after on the same CPU,
 * and counts once.
 */
int trail_header(struct trail_engine *engine, const struct trail_event *event,
		 const struct trail_skb_header *header);

enum trail_gro {
	TRAIL_GRO_MERGED,
	TRAIL_GRO_MERGED_FREE,
	TRAIL_GRO_HELD,
	TRAIL_GRO_NORMAL,
	TRAIL_GRO_CONSUMED,
	TRAIL_GRO_UNKNOWN,
};

/* Receive: given to GRO, left GRO, put on a backlog, given to the protocols. */
int trail_gro_enter(struct trail_engine *engine, const struct trail_event *event,
		    const struct trail_skb *skb);
int trail_gro_exit(struct trail_engine *engine, const struct trail_event *event,
		   enum trail_gro result);
int trail_backlog(struct trail_engine *engine, const struct trail_event *event,
		  const struct trail_skb *skb);
int trail_receive(struct trail_engine *engine, const struct trail_event *event,
		  const struct trail_skb *skb);

/* Transmit: given to a device, given to its driver, back from there. */
int trail_tx_queue(struct trail_engine *engine, const struct trail_event *event,
		   const struct trail_skb *skb);
int trail_tx_start(struct trail_engine *engine, const struct trail_event *event,
		   const struct trail_skb *skb);
enum trail_tx_result { TRAIL_TX_OK, TRAIL_TX_BUSY, TRAIL_TX_OTHER };
int trail_tx_end(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		 enum trail_tx_result result);
/* What was sent last on this CPU from @skb or its clone was a retransmission. */
int trail_retransmitted(struct trail_engine *engine, const struct trail_event *event,
			uint64_t skb);

enum trail_protocol { TRAIL_PROTO_OTHER, TRAIL_PROTO_TCP, TRAIL_PROTO_UDP, TRAIL_PROTO_ICMP };

/**
 * struct trail_segment - a TCP segment meets its established socket
 * @skb: 0 when the kernel does not say (before 6.9)
 * @sk: socket, 0 when the kernel does not say (before 6.9)
 * @cookie: the socket's cookie, 0 when the kernel does not say
 * @bytes: payload
 */
struct trail_segment {
	uint64_t skb;
	uint64_t sk;
	uint64_t cookie;
	uint32_t bytes;
	struct trail_flow flow;
};

int trail_segment(struct trail_engine *engine, const struct trail_event *event,
		  const struct trail_segment *segment);

enum trail_tcp_state { TRAIL_TCP_OTHER, TRAIL_TCP_ESTABLISHED };

/* A socket changed its state, maybe because of the packet that this CPU works on. */
int trail_socket_state(struct trail_engine *engine, const struct trail_event *event,
		       const struct trail_segment *segment, enum trail_tcp_state state);
int trail_socket_ready(struct trail_engine *engine, const struct trail_event *event, uint64_t sk,
		       enum trail_protocol protocol);

/* The kernel took bytes out of a TCP socket: how many, the call says or nobody. */
int trail_stream_taken(struct trail_engine *engine, const struct trail_event *event,
		       const struct trail_segment *segment);
/* A TCP socket is no more. */
int trail_socket_gone(struct trail_engine *engine, const struct trail_event *event,
		      const struct trail_segment *segment);

/* A receive call on @sk took @bytes; nothing was removed from the queue when @peek. */
struct trail_read {
	uint64_t sk;
	int64_t bytes;
	enum trail_protocol protocol;
	bool peek;
};

int trail_read(struct trail_engine *engine, const struct trail_event *event,
	       const struct trail_read *read);
/* @bytes of @skb were copied to user space. */
int trail_copied(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		 uint32_t bytes);

/**
 * struct trail_range - TCP bytes of an skb, exactly
 * @seq, @end_seq: sequence numbers, @end_seq behind the last byte
 * @sk, @skb: 0 when unknown
 * @netns: inode number of the socket's network namespace, 0 unknown
 */
struct trail_range {
	uint64_t sk;
	uint64_t skb;
	uint64_t netns;
	uint32_t seq;
	uint32_t end_seq;
};

/* The segment meets its socket, in order or not; may be said twice of one segment. */
int trail_stream_queued(struct trail_engine *engine, const struct trail_event *event,
			const struct trail_range *range);
/* These bytes of a stream were copied to user space; @range->skb carried them. */
int trail_stream_copied(struct trail_engine *engine, const struct trail_event *event,
			const struct trail_range *range);
/* The datagram @skb is put into the queue of @sk. */
int trail_datagram_queued(struct trail_engine *engine, const struct trail_event *event,
			  uint64_t skb, uint64_t sk);
/* The running task has read @bytes of the datagram @skb; negative: it only looked at it. */
int trail_datagram_taken(struct trail_engine *engine, const struct trail_event *event,
			 uint64_t skb, int64_t bytes);
/* The memory of @skb is free: its address may be another packet's from now on. */
int trail_skb_end(struct trail_engine *engine, const struct trail_event *event, uint64_t skb);
/* The bytes of @from go on in @to; if not @sure, only once trail_skb_eaten() says so. */
int trail_coalesced(struct trail_engine *engine, const struct trail_event *event, uint64_t to,
		    uint64_t from, bool sure);
int trail_skb_eaten(struct trail_engine *engine, const struct trail_event *event, uint64_t from);
/* @copy shares the bytes of @skb. */
int trail_cloned(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		 uint64_t copy);

#define TRAIL_MAX_PROBED	4

/**
 * struct trail_probed - a probe of the user was hit
 * @skb, @sk: addresses of such in its arguments, 0 where there are less
 * @in_user: in a program, not in the kernel
 * @is_return: at a function's return
 */
struct trail_probed {
	uint64_t skb[TRAIL_MAX_PROBED];
	uint64_t sk[TRAIL_MAX_PROBED];
	bool in_user;
	bool is_return;
};

/* The hit belongs to the packets that it names, that are worked on, or that the task has read. */
int trail_probed(struct trail_engine *engine, const struct trail_event *event,
		 const struct trail_probed *probed);

enum trail_call { TRAIL_CALL_NONE, TRAIL_CALL_SEND, TRAIL_CALL_RECV };

int trail_call_enter(struct trail_engine *engine, const struct trail_event *event,
		     enum trail_call call, bool peek);
/* A call that does not return what it took. */
#define TRAIL_UNSAID	INT64_MIN

/* @ret: bytes, a negative errno, or TRAIL_UNSAID. */
int trail_call_exit(struct trail_engine *engine, const struct trail_event *event,
		    enum trail_call call, int64_t ret);

/* What the place where an skb was freed says about its end. */
enum trail_free {
	TRAIL_FREE_UNKNOWN,	/* the kernel does not say: look at the context */
	TRAIL_FREE_READ,	/* at the end of a datagram read */
	TRAIL_FREE_LAZY,	/* after the fact: completion or deferred free */
	TRAIL_FREE_SPLIT,	/* GSO: its segments go on */
	TRAIL_FREE_MEMBER,	/* on another skb's fragment list */
	TRAIL_FREE_LIST,	/* the same, or of several that a qdisc refuses */
	TRAIL_FREE_REASSEMBLED,	/* IP fragment, its bytes go on in another skb */
	TRAIL_FREE_TAP,		/* a packet socket's clone */
	TRAIL_FREE_FOREIGN,	/* of a family without network packets, unless the skb is known */
	TRAIL_FREE_USED,	/* used up: control packet */
};

int trail_freed(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		enum trail_free where);
/*
 * An skb died; @drop->class BENIGN with @where USED: it did its work, no loss.  @drop->queue.kind
 * is the kind of queue that it was meant for; how full it was the engine looks for.
 */
int trail_dropped(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		  const struct trail_drop *drop, enum trail_free where);

/**
 * struct trail_drop_seen - what a probe saw of an skb at its drop
 * @header: who it is and for which socket; @header.bytes NULL without bytes
 * @dev: where it was, NULL when unknown
 * @drop: location, reason and class; NULL: only another event behind this one tells them
 * @means: the reason that the packet tells where the kernel does not say one, NULL none
 * @level: how full the queues are that it may have been meant for, by enum trail_queue_kind
 * @inode: as in struct trail_drop
 * @len: bytes from the network header on, -1 when unknown
 * @iif: index of the device that it came in by, 0: none, it was made here
 * @where: as of trail_dropped(); without @drop: TRAIL_FREE_LIST if it is known to be of a qdisc
 */
struct trail_drop_seen {
	struct trail_skb_header header;
	const char *dev;
	const struct trail_drop *drop;
	const char *means;
	struct trail_queue level[TRAIL_NR_QUEUE_KIND];
	uint64_t inode;
	int64_t len;
	uint32_t iif;
	enum trail_free where;
};

/*
 * trail_dropped(), and who the packet was, also of one that no event has named before.  The
 * kernel's own event may say trail_dropped() of the same drop, right before or after on the same
 * CPU, and it counts once.
 */
int trail_drop_seen(struct trail_engine *engine, const struct trail_event *event,
		    const struct trail_drop_seen *seen);
/* A queue was found full: of the next drop on this CPU that is for one of its kind. */
int trail_queue_full(struct trail_engine *engine, const struct trail_event *event,
		     const struct trail_queue *queue);
/* A datagram of @flow was refused: of the next drop on this CPU, if nothing else tells its flow. */
int trail_flow_refused(struct trail_engine *engine, const struct trail_event *event,
		       const struct trail_flow *flow);
/*
 * The bytes of @skb: those of a probe at its drop, if that comes next, else those of its packet;
 * @out is valid until the next verb.  Return: are there any?
 */
bool trail_known_header(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
			struct trail_skb_header *out);

/*
 * What the plugins share, plugins/drop-judge.c: the drop that @event tells, whose first fields are
 * skb, location, reason, rx_sk and protocol; @header: of the packet, NULL: the engine is asked.
 * Return: 0 or -ENOMEM.
 */
int trail_read_drop(struct trail_engine *engine, const struct trail_event *event,
		    const struct trail_skb_header *header, struct trail_drop *drop,
		    enum trail_free *where);
/* What a free in this function means, by its name. */
enum trail_free trail_free_place(const char *symbol);

/* How full the receive queue of a socket is when a datagram comes. */
int trail_socket_level(struct trail_engine *engine, const struct trail_event *event, uint64_t sk,
		       const struct trail_queue *level);
/* The kernel's stack at the last event of this CPU: @nr addresses, innermost first. */
int trail_stack(struct trail_engine *engine, const struct trail_event *event,
		const uint64_t *address, uint32_t nr);

/**
 * trail_location - a code address as the plugins see it, resolved once per address
 * @symbol: function name without compiler suffix, or NULL
 */
struct trail_location {
	uint64_t address;
	const char *symbol;
	const char *module;
	uint64_t offset;
};

/* Return: the location, valid as long as the engine; NULL without memory. */
const struct trail_location *trail_location(struct trail_engine *engine, uint64_t address);

/* Value @i of the event by the __print_symbolic() list of its format; NULL when not listed. */
const char *trail_enum(struct trail_engine *engine, const struct trail_event *event,
		       unsigned int i);

/* The same by the list of another event, "system:event", of whose row @field is. */
const char *trail_enum_of(struct trail_engine *engine, const char *event, const char *field,
			  uint64_t value);

/**
 * struct trail_device - the polls of a device, as far as the capture has them
 * @dev: name, valid as long as the engine
 * @polls: napi_poll events; @squeezed of them used their budget up
 * @work: packets that the driver says it has handled
 * @packets: packets that were seen to arrive in those polls
 *
 * @work - @packets ended below the protocols: XDP or the driver took them.
 */
struct trail_device {
	const char *dev;
	uint64_t polls;
	uint64_t squeezed;
	uint64_t work;
	uint64_t packets;
};

/* The @i-th device that was polled.  Return: 1 and fills @out, 0: there are no more. */
int trail_engine_device(const struct trail_engine *engine, size_t i, struct trail_device *out);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_VERB_H */
