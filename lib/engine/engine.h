/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * engine.h - what the files of the engine share
 *
 * A packet (one life of an sk_buff) is alive from its birth event until its end is established;
 * then it waits in the output until those that ended before it, and until the poll window that it
 * arrived in is over (napi_poll comes at the end of a poll), and goes to the callback.
 *
 * Cost: every event is O(1); memory follows packets in flight, tasks, sockets and addresses that
 * are in use.  expire.c keeps packets and tasks from outliving their use; sockets are as many as
 * the kernel had addresses for, places in the code and names as many as it has.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include "skbtrail.h"
#include "hash.h"
#include "header-parse.h"
#include "life.h"
#include "window.h"

#define MAX_FRAMES	12	/* nested contexts of a CPU; deeper ones are not followed */
#define MAX_PENDING	8	/* causes of a NET_RX run that are remembered */
#define MAX_OPEN	16	/* nested GRO calls and transmits of a CPU */
#define MAX_BATCH	64	/* packets given to the protocols in one frame, not yet claimed */
#define MAX_CHILDREN	64	/* segments of a GSO packet that are remembered */
#define MAX_SENT	4	/* latest transmits of a CPU */
#define MAX_LOOSE	64	/* packets that a frame left without a word about them */
/* Header bytes of a TCP segment from the network header on: IPv4 to IPv6, with all options. */
#define MIN_HEADER	40
#define MAX_HEADER	140
#define MAX_ALIASES	1024	/* addresses of clones and of datagrams split off, remembered */
#define HORIZON		512	/* finished packets that wait for one that ended before them */
#define RECENT_BITS	8
#define INLINE_SPANS	10
#define INLINE_LINKS	2

enum state {
	STATE_RX_GRO,		/* inside the GRO call */
	STATE_RX_HELD,		/* head of a GRO group, or about to leave GRO */
	STATE_RX_BACKLOG,	/* on a CPU's queue */
	STATE_RX_STACK,		/* with the protocols */
	STATE_RX_SOCKQ,		/* in a socket */
	STATE_TX_STACK,		/* given to a device */
	STATE_TX_DRIVER,	/* ndo_start_xmit() runs */
	STATE_TX_RING,		/* the driver has it */
	STATE_ABSORBED,		/* inside another packet's skb */
	STATE_ENDED,
};

struct joins;
struct socket;
struct task_joins;

/* What an event says that a probe and the kernel's own event may both say: a verb of skbtrail.h. */
typedef int (*verb_fn)(struct trail_engine *engine, const struct trail_event *event,
		       const struct trail_skb *skb);

struct said {
	verb_fn verb;
	const char *dev;
	bool by_probe;
	bool twice;		/* by the probe and by the event */
};

struct packet {
	struct trail_packet out;	/* must be first: what the callback sees */
	const char *in_dev;		/* device that it came in by last */
	const char *out_dev;		/* device that it was given to last */
	int64_t in_len;			/* and its length there */
	int64_t tunnel_len;		/* bytes that a tunnel's device took off since */
	struct packet *prev, *next;	/* live list; next also: free list */
	struct packet *head;		/* GRO head that carries this one, NULL itself a head */
	struct packet *member, *last_member;	/* of a GRO head, in order of arrival */
	struct packet *next_member;
	struct packet *next_queued;	/* in the socket's queue */
	struct window *window;
	struct socket *sock;
	const struct trail_stage *stage;	/* open stage, NULL without */
	const char *stage_comm;
	uint64_t stage_ns;
	uint64_t to;			/* stream: end of its bytes in the socket's stream */
	uint64_t left_ns;		/* when it left GRO as it was, 0 unknown */
	uint64_t carrier;		/* packet in the stream whose skb could carry it */
	uint64_t batch;			/* packets given to the protocols together; 0 none */
	uint64_t received_ns;		/* given to the protocols */
	int64_t payload;		/* bytes for the reader, -1 unknown */
	int64_t said_bytes;		/* payload of its skb by trail_segment(), -1 unknown */
	uint64_t merging;		/* skb that takes it in, if the kernel then says so; or 0 */
	int64_t frame_len;		/* transmit: with all headers, 0 unknown */
	int64_t carried;		/* IP bytes inside of the tunnel, 0 unknown or none */
	struct trail_span *spans;	/* inline_span or allocated */
	struct trail_link *links;
	uint8_t *bytes;			/* header bytes; stays when the memory is used again */
	uint64_t *stack;		/* at its drop; stays as well */
	struct said said;		/* the last verb */
	uint32_t cap_span, cap_link, cap_bytes;
	struct trail_joined *joined;	/* NULL without hits */
	int32_t stage_pid;
	int32_t nr_member;
	uint32_t stage_epoch;		/* losses of stage_cpu when the stage began */
	uint16_t stage_cpu;
	uint16_t list_cpu;		/* whose lists it stands in */
	uint32_t hash;			/* of its flow, 0 unknown */
	uint16_t ethertype;		/* 0 unknown */
	uint16_t cap_joined;
	uint8_t state;
	uint8_t stage_confidence;
	uint8_t evidence;		/* confidence of what led to where the packet is now */
	uint8_t evidence_alone;		/* the same, before it was absorbed or given to a socket */
	bool mapped;			/* the address table points to it */
	bool queued;			/* in a socket's queue */
	bool prefix;			/* its window tells the stages before its first event */
	bool stated;			/* it changed the state of its socket */
	bool held;			/* GRO held it: of a protocol that it merges */
	bool guessed;			/* its socket was told by order, others could be meant */
	bool cloned;			/* a clone of it waits in a socket */
	bool segmented;			/* its socket split it into datagrams */
	bool gso;			/* several packets in one */
	bool wire_flow;			/* its flow is read from its header */
	bool duplicate;			/* the socket had its bytes when it came */
	bool taken;			/* a call has read it that has not returned */
	bool given;			/* it left the output: others may read it now */
	/* From here on nothing is cleared for the next packet. */
	struct trail_link inline_link[INLINE_LINKS];
	struct trail_span inline_span[INLINE_SPANS];
};

/*
 * Bytes from the network header on, as the protocols got it last: of what came in a tunnel, what
 * that carried.  Of a GRO group's head they got the whole group.
 */
static inline int64_t packet_length(const struct packet *packet)
{
	return packet->in_len && !packet->nr_member ? packet->in_len : packet->out.len;
}

enum frame_kind { FRAME_SOFTIRQ, FRAME_HARDIRQ };

struct frame {
	uint64_t enter_ns;
	const char *name;
	int32_t number;		/* irq, or enum trail_softirq */
	uint8_t kind;
};

struct cause {
	uint64_t irq_ns;	/* 0 unless an interrupt */
	uint64_t raise_ns;
	const char *irq_name;
	const char *comm;	/* of the task that ran */
	int32_t irq;
	int32_t pid;
	uint8_t kind;		/* enum trail_cause */
};

struct open_xmit {
	struct packet *packet;	/* NULL: already ended or handed on */
	uint64_t skb;
};

/* A GSO packet whose segments are being given to the driver. */
struct split {
	uint64_t id;			/* 0: none is open */
	const char *dev;
	struct trail_flow flow;
	struct trail_header whole;	/* its header, without the bytes */
	uint64_t netns;
	int64_t len, sum, header;	/* header 0: not known yet */
	uint32_t ifindex;
	uint32_t nr;
	bool has_range;
	bool partial;			/* a segment is a GSO packet itself */
	struct life child[MAX_CHILDREN];
	int64_t child_len[MAX_CHILDREN];
};

struct cpu {
	struct frame frame[MAX_FRAMES];
	struct cause pending[MAX_PENDING];	/* of the next NET_RX run */
	struct cause run[MAX_PENDING];		/* of the running one */
	struct packet *gro[MAX_OPEN];
	struct open_xmit xmit[MAX_OPEN];
	struct packet *batch[MAX_BATCH];
	struct packet *held[MAX_OPEN];	/* heads of open GRO groups, newest last */
	struct packet *probed;	/* the last packet that met its socket here */
	struct hold given;	/* the latest of the batch, claimed or not */
	int32_t given_pid;	/* the task then */
	uint32_t nr_given;	/* of the batch */
	uint8_t given_flags;	/* the context then */
	struct life loose[MAX_LOOSE];
	struct life sent[MAX_SENT];
	struct life queuing;	/* given to a device, not yet to its driver */
	struct hold split_up;	/* its datagrams enter their socket now */
	struct begun begun;
	bool probed_in_task;
	uint32_t nr_sent;	/* ever; the last MAX_SENT are kept */
	struct split split;
	struct window *window;
	struct trail_skb_header header;	/* of the verb that this event says next; skb 0: none */
	struct drop_note *drops;	/* NULL: none yet */
	const char *comm;
	const char *idle_comm;	/* of its idle task; NULL not needed yet */
	uint64_t run_ns;	/* NET_RX entry of the running run, 0 without */
	uint64_t this_run_ns, last_run_ns;	/* entry of the latest run, of that before */
	struct wakes ksoftirqd;	/* of that run: see struct window */
	uint64_t waking_ns;	/* first wakeup asked for since the last receive, 0 none */
	int32_t pid;
	uint32_t epoch;		/* gaps of lost events so far */
	uint32_t nr_loose;	/* ever; the last MAX_LOOSE are kept */
	uint64_t nr_batches;
	uint32_t nr_frame, nr_pending, nr_run, nr_gro, nr_held, nr_xmit, nr_batch;
	uint16_t number;
	bool polled;		/* a poll of the running run is over */
};

struct device {
	struct trail_device polled;
	struct device *next;
	int32_t network_offset;	/* before the network header, by the last transmit; 0 unknown */
	bool has_irq;
};

struct task {
	const char *comm;
	struct wakes wakes;
	uint64_t call_ns;	/* entry of the open call */
	struct life copied;	/* packet of the first copy in the open call */
	struct hold taken;	/* datagram freed by the open call */
	int64_t taken_bytes;	/* -1: the kernel has not said how many */
	uint64_t taken_ns;
	uint16_t taken_cpu;
	bool taken_here;	/* the place of its free says that it was read */
	struct socket *copied_from;	/* its stream, NULL without */
	struct socket *taken_from;	/* the kernel took bytes out of this stream */
	uint64_t copied_bytes;
	uint64_t applied_bytes;	/* copied and taken as read before anybody said how many */
	uint64_t copy_ns;	/* first copy in the open call */
	struct socket *range_of;	/* stream of the bytes copied, NULL without */
	uint64_t range[2];	/* their place in it, not yet delivered */
	uint64_t range_ns;	/* the last copy */
	uint64_t range_skb;	/* and its skb, which another event will name as well */
	uint64_t range_done;	/* bytes delivered before the call said how many */
	uint16_t range_cpu;
	int32_t pid;
	struct task_joins *joins;	/* NULL without */
	uint8_t call;		/* enum trail_call */
	bool peek;
	bool read_seen;		/* trail_read() spoke in the open call */
};

struct socket {
	uint64_t key;
	uint64_t cookie;		/* other key of the same socket, 0 none */
	uint64_t netns;			/* 0 unknown */
	struct packet *first, *last;	/* queue of packets not yet read */
	/* exact: places in the stream, whose low 32 bits are the sequence number */
	uint64_t written;		/* bytes put into the stream */
	uint64_t cursor;		/* bytes read */
	struct trail_flow flow;
	uint8_t protocol;		/* enum trail_protocol */
	uint64_t losses;		/* gaps in the capture when its queue was last right */
	bool in_sync;			/* its queue was followed from an empty one on */
	bool unseen_reader;		/* bytes were taken and nobody said how many */
	int64_t header;			/* of its latest segment, 0 unknown */
	bool exact;			/* its bytes are counted by sequence numbers */
	bool read_from;			/* and the cursor is where a read ended */
	uint8_t in_vain;		/* reads of bytes that nobody was found for */
	int32_t copier;			/* pid of the last one that copied out of it */
	int32_t reader_pid;		/* of the last one that a packet was delivered to, 0 none */
	const char *reader_comm;
	struct trail_queue level;	/* when the last packet came */
	struct socket *next_all, *next_dead;
};

struct flow;

/* TCP flows by direction: one that was not seen for long gives way to a new one. */
struct flow_table {
	struct hash flows;		/* hash of the flow -> struct flow */
	struct flow *newest, *oldest;
	size_t nr;
};

/* Finished packets: a heap by the time of their end. */
struct finished {
	uint64_t end_ns;
	struct packet *packet;
	const struct window *window;	/* of @packet, which lies in no near cache */
};

struct output {
	struct finished *heap;
	size_t nr, cap;
};

/* A short name and its interned copy. */
struct recent {
	uint64_t word[2];
	const char *text;
};

struct trail_engine {
	const struct trail_capture *cap;
	int (*packet_fn)(void *data, const struct trail_packet *packet);
	void *packet_data;
	struct hash packets;	/* address -> struct packet */
	struct hash sockets;
	struct hash tasks;	/* pid + 1 -> struct task */
	struct hash locations;
	struct hash strings;	/* hash -> struct string chain */
	struct recent recent[1 << RECENT_BITS];	/* by hash, the last of each */
	struct hash irqs;	/* irq + 1 -> the napi that it schedules */
	struct hash devices;	/* name -> struct device */
	struct device *first_device, **device_end;
	struct device_list *asked;
	struct cpu **cpu;
	uint32_t nr_cpu;
	struct packet live;	/* list head */
	size_t nr_live;
	size_t max_live, max_tasks;	/* more are looked through for silent ones */
	struct socket *all_sockets, *dead_first, *dead_last;
	size_t nr_dead;
	struct output output;
	struct handover *handover;	/* NULL: the callback is called in our own thread */
	struct flow_table flows;
	struct packet *spare;	/* free list */
	uint64_t nr_packet;
	uint64_t losses;	/* gaps of lost events so far, on any CPU */
	uint64_t lost_ns;	/* when the last of them was over */
	bool sees_switch, sees_waking;	/* the scheduler's events are in the capture */
	bool ready_said;		/* trail_socket_ready() was said */
	bool sees_ready;		/* the kernel says trail_socket_ready() */
	bool sees_read;			/* the kernel says trail_read() */
	bool sees_header;		/* probes say trail_header() */
	bool sees_births;		/* packets are followed, not only their drops */
	bool is_filtered;		/* births of packets that do not match are not told */
	bool has_payload;		/* bytes behind the headers are those of the packet */
	bool exact_stream;		/* probes say which bytes come and are copied */
	bool exact_queue, exact_read;	/* and which datagrams are queued, are read */
	bool sees_end;			/* and when the memory of an skb is free */
	struct hash aliases;		/* address -> struct alias */
	struct alias alias[MAX_ALIASES];
	uint32_t nr_alias;		/* ever; the last MAX_ALIASES are kept */
	struct joins *joins;		/* NULL where the user had no probes */
};

/* engine.c */
/* The CPU of an event that the engine was given. */
static inline struct cpu *engine_cpu(struct trail_engine *engine, const struct trail_event *event)
{
	return engine->cpu[event->cpu];
}

/* The device of an interned name. */
int engine_device(struct trail_engine *engine, const char *dev, struct device **out);

/* strings.c */
/* Interned copy of @len bytes; NULL without memory. */
const char *engine_string(struct trail_engine *engine, const char *text, size_t len);
void strings_free(struct trail_engine *engine);

/* packet.c: births, stages, ends */
int packet_new(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
	       struct packet **out);
struct packet *packet_at(struct trail_engine *engine, uint64_t skb);
struct packet *packet_of(struct trail_engine *engine, const struct life *life);
struct hold packet_hold(struct packet *packet);
/* The packet held, if it has not ended; NULL otherwise. */
struct packet *packet_held(const struct hold *hold);
void packet_unmap(struct trail_engine *engine, struct packet *packet);
void packet_leave_head(struct packet *packet);
/* Closes the open stage at @ts_ns and opens @id there, for the GRO members too. */
int packet_stage(struct trail_engine *engine, const struct trail_event *event,
		 struct packet *packet, enum trail_stage_id id);
/* Closes the open stage at @ts_ns and leaves none open, for the GRO members too. */
int packet_close_stage(struct trail_engine *engine, struct packet *packet, uint64_t ts_ns);
int packet_span(struct packet *packet, const struct trail_span *span);
int packet_link(struct packet *packet, uint64_t other, enum trail_link_type type,
		const uint8_t role_confidence[2]);
/* Did the CPU lose events while the packet's open stage lasted? */
bool packet_was_lost(const struct trail_engine *engine, const struct packet *packet);
/* From now on the packet's stages rest on evidence of this kind, or of a weaker one. */
void packet_weaken(struct packet *packet, enum trail_confidence confidence);
/* What weakened it when it was absorbed, or was taken for a socket's, turns out to be true. */
void packet_confirm(struct packet *packet);
/* The end is established: takes it out of every structure, queues it for output. */
int packet_end(struct trail_engine *engine, struct packet *packet, enum trail_fate fate,
	       uint64_t ts_ns);
/* The address is in use again although the end was not seen. */
int packet_end_silently(struct trail_engine *engine, struct packet *packet);
/* It has left the output: its memory serves the next one. */
void packet_release(struct trail_engine *engine, struct packet *packet);
void packet_free_all(struct trail_engine *engine);

/* header.c */
/* Does the capture have events that say trail_header()? */
bool header_is_recorded(const struct trail_capture *cap);
/* Says @verb, unless it is the same step once more, and who the packet is if that was said. */
int header_verb(struct trail_engine *engine, const struct trail_event *event,
		const struct trail_skb *skb, verb_fn verb);
/* Has the probe said which packet the verb is about? */
static inline bool header_is_said(const struct cpu *cpu, const struct trail_skb *skb)
{
	return skb->skb && cpu->header.skb == skb->skb;
}

/* What its headers say of a packet that a tunnel may have carried. */
static inline const struct trail_flow *header_innermost(const struct packet *packet)
{
	const struct trail_header *header = &packet->out.header;

	return header->tunnel && header->inner.family ? &header->inner : &packet->out.flow;
}

/* What a socket says of the flow, where the packet itself does not. */
static inline void header_suppose_flow(struct packet *packet, const struct trail_flow *flow)
{
	if (!packet->wire_flow)
		packet->out.flow = *flow;
}

/* flow.c: the range of @facts, relative to the first sequence number of its flow. */
int flow_range(struct trail_engine *engine, struct packet *packet,
	       const struct header_facts *facts);
void flow_free_all(struct flow_table *table);

/* output.c */
/* Can the first one leave: are there enough (HORIZON) behind it, and is its poll over? */
static inline bool output_is_due(const struct output *output, size_t enough)
{
	const struct window *window;

	if (output->nr <= enough)
		return false;
	window = output->heap[0].window;
	return !window || window->settled;
}

int output_add(struct output *output, struct packet *packet);
/* Those that are due; @all: all. */
int output_flush(struct trail_engine *engine, size_t enough, bool all);

/* context.c */
/* Forgets the frames that @event shows to be gone. */
void context_leave(struct trail_engine *engine, const struct trail_event *event,
		   struct cpu *cpu);
static inline void context_check(struct trail_engine *engine, const struct trail_event *event,
				 struct cpu *cpu)
{
	uint8_t bit;

	if (!cpu->nr_frame)
		return;
	bit = cpu->frame[cpu->nr_frame - 1].kind == FRAME_HARDIRQ ? TRAIL_FLAG_HARDIRQ
								  : TRAIL_FLAG_SOFTIRQ;
	if (!(event->flags & bit))
		context_leave(engine, event, cpu);
}

const struct frame *context_hardirq(const struct cpu *cpu);
bool context_in_softirq(const struct cpu *cpu, enum trail_softirq vec);
static inline bool context_is_task(const struct trail_event *event)
{
	return !(event->flags & (TRAIL_FLAG_HARDIRQ | TRAIL_FLAG_SOFTIRQ | TRAIL_FLAG_NMI));
}

/* poll.c */
void poll_raise(struct trail_engine *engine, const struct trail_event *event, struct cpu *cpu);
void poll_run_enter(struct trail_engine *engine, const struct trail_event *event,
		    struct cpu *cpu);
void poll_run_exit(struct trail_engine *engine, struct cpu *cpu);
/* The packet arrives in the poll that runs on this CPU. */
int poll_arrive(struct trail_engine *engine, const struct trail_event *event, struct cpu *cpu,
		struct packet *packet);
/* Splits the open backlog stage by what this CPU's run knows, and closes it. */
int poll_leave_backlog(struct trail_engine *engine, const struct trail_event *event,
		       struct cpu *cpu, struct packet *packet);

/* gro.c */
int gro_close(struct trail_engine *engine, struct cpu *cpu, struct packet *head, int64_t len);
/* The bytes of @packet go on in the skb of @head. */
int receive_absorb(struct trail_engine *engine, struct packet *head, struct packet *packet,
		   enum trail_link_type type, enum trail_confidence confidence);

/* The member at @skb is one for sure.  Return: 0. */
int gro_confirm(struct packet *head, uint64_t skb);

/* receive.c */
void receive_remove(struct packet **list, uint32_t *nr, const struct packet *packet);
/* A packet that ends or is claimed leaves the CPUs' lists. */
void receive_forget(struct trail_engine *engine, struct packet *packet);

/* claim.c */
/* What receive_into_socket() supposed was wrong. */
void receive_back_to_stack(struct packet *packet);
/* The frame's first packet that no socket has claimed and that could carry @bytes (-1: any). */
struct packet *receive_claim(struct cpu *cpu, int64_t bytes);
/* Fragments of a datagram are of one length, but for the last one. */
bool receive_could_be_fragment(const struct packet *packet, const struct packet *last);
/* By the headers: does a later packet of the batch complete the datagram of @packet? */
bool receive_is_fragment(const struct cpu *cpu, const struct packet *packet);
/* Fragments that wait for @last, which completes their datagram, become its members. */
int receive_reassemble(struct trail_engine *engine, struct cpu *cpu, struct packet *first);
/* The packet that waited for its socket's owner, by the bytes that it brings; NULL: none fits. */
struct packet *receive_claim_waiting(struct trail_engine *engine, const struct socket *sock,
				     int64_t bytes);
int receive_into_socket(struct trail_engine *engine, struct packet *packet, uint64_t ts_ns);
/* What the CPU was given together has been worked on. */
int receive_batch_over(struct trail_engine *engine, const struct trail_event *event,
		       struct cpu *cpu);
/* The packet of a datagram that entered its socket; marked when others could be meant. */
struct packet *receive_claim_datagram(struct cpu *cpu);
/* The next packet of the batch of @packet that no socket was given; NULL: no more. */
struct packet *receive_sibling(struct trail_engine *engine, const struct packet *packet,
			       uint32_t *i);
/* A guess was wrong: it is with the protocols. */
void receive_unguess(struct packet *packet);
int receive_frame_end(struct trail_engine *engine, const struct trail_event *event,
		      struct cpu *cpu);

/* transmit.c: is this address being transmitted here, so that the receiver goes on with it? */
struct packet *transmit_handed(struct trail_engine *engine, const struct trail_skb *skb,
			       struct cpu *cpu);
/* The packet gives way to its segments, which this CPU gives to the driver next. */
void transmit_split(struct cpu *cpu, const struct packet *packet);
void transmit_forget(struct trail_engine *engine, struct packet *packet);

/* sockets.c */
/* Its queue is known from a first entry on, and nothing was lost since. */
static inline bool socket_is_sure(const struct trail_engine *engine, const struct socket *sock)
{
	return sock->in_sync && sock->losses == engine->losses;
}

static inline void socket_sure(const struct trail_engine *engine, struct socket *sock)
{
	sock->in_sync = true;
	sock->losses = engine->losses;
}

int socket_get(struct trail_engine *engine, uint64_t key, enum trail_protocol protocol,
	       struct socket **out);
int socket_of(struct trail_engine *engine, const struct trail_segment *segment,
	      struct socket **out);
/* Nobody can read what is left in its queue any more. */
int socket_end_queue(struct trail_engine *engine, struct socket *sock, uint64_t ts_ns);
void socket_free_all(struct trail_engine *engine);

/* socket.c */
void socket_leave(struct packet *packet);
void socket_queue(struct socket *sock, struct packet *packet, uint64_t bytes);
int socket_leave_backlog(struct trail_engine *engine, const struct trail_event *event,
			 struct packet *packet);
/* The skb of @packet was merged into one before it in the stream. */
int socket_link_carrier(struct packet *packet);
/* @other takes the place of @packet in the queue. */
void socket_replace(struct socket *sock, struct packet *packet, struct packet *other);

/* read.c */
/* The task that runs has taken all that it will ever get of @packet. */
int read_deliver(struct trail_engine *engine, const struct trail_event *event,
		 struct packet *packet, enum trail_fate fate);
/* It has taken some of it. */
int read_touch(struct trail_engine *engine, const struct trail_event *event,
	       struct packet *packet);
int read_packet(struct trail_engine *engine, const struct trail_event *event,
		struct packet *packet, int64_t bytes);
int read_taken(struct trail_engine *engine, const struct trail_event *event,
	       struct packet *packet, enum trail_free where);
/* Datagrams whose calls had not returned when the capture ended. */
int read_finish(struct trail_engine *engine);
int read_call_over(struct trail_engine *engine, const struct trail_event *event,
		   struct task *task, int64_t ret);

/* task.c */
int task_get(struct trail_engine *engine, int pid, struct task **out);
struct task *task_find(const struct trail_engine *engine, int pid);
/* Of the task that runs on @cpu; NULL without memory. */
const char *task_comm(struct trail_engine *engine, struct cpu *cpu);
/* Fills the parts of the queue stage that lasted from @span[0] to @span[1]. */
void task_wait(const struct trail_engine *engine, const struct task *task, struct packet *packet,
	       const uint64_t span[2]);
/* When @task last began to run, 0 unknown. */
uint64_t task_runs_since(const struct task *task);
void task_free_all(struct trail_engine *engine);

#endif /* ENGINE_H */
