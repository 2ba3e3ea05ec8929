/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail.h - libskbtrail's only public header
 *
 * A straight line: a capture (trace.dat) yields events in time order, plugins say what each
 * event means for a packet, the engine rebuilds packets, sinks consume them.
 *
 *	capture -> event -> plugin -> engine -> packet -> sink
 *
 * Conventions: functions return 0 or a positive count, or a negative errno.  Nothing here
 * prints or exits.  Times are nanoseconds of the capture's trace clock.
 */
#ifndef SKBTRAIL_H
#define SKBTRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct trail_error - what a failing call knows beyond its errno
 * @text: what failed and why, one line without newline, "" if errno says it all
 * @hint: what the user could do, or ""
 * @column: where in the expression that was given: byte, the first is 1; 0 if it is about no place
 */
struct trail_error {
	char text[320];
	char hint[320];
	unsigned int column;
};

/* ------------------------------------------------------------------ events and plugins */

struct trail_engine;
struct trail_event;

#define TRAIL_PLUGIN_ABI	2
/* Packet bytes kept by `record`, and the most: two arrays of 64 words. */
#define TRAIL_SNAP_BYTES	96
#define TRAIL_MAX_SNAP_BYTES	1024
#define TRAIL_MAX_FIELDS	20

/* Which presets of `record` switch a row's event on. */
enum trail_preset_flag {
	TRAIL_PRESET_MINIMAL	= 1 << 0,	/* fewest events that give every receive stage */
	TRAIL_PRESET_NET	= 1 << 1,	/* the default */
};

/*
 * Beside them: a packet's life begins here.  With a packet filter it is left out, and the dynamic
 * events with packet bytes, which are filtered, stand for it.
 */
#define TRAIL_ROW_BIRTH		(1 << 8)

#define TRAIL_PRESET_BOTH	(TRAIL_PRESET_MINIMAL | TRAIL_PRESET_NET)

/* How a dynamic event is attached to the kernel; from which kernel on, is read in its README. */
enum trail_probe_kind {
	TRAIL_PROBE_END,	/* ends a list of forms */
	TRAIL_PROBE_EPROBE,	/* to an event: place "system/event" (5.15) */
	TRAIL_PROBE_FPROBE,	/* to a function by ftrace: "function" or "function%return" (6.5) */
	TRAIL_PROBE_KPROBE,	/* to a function's entry */
	TRAIL_PROBE_KRETPROBE,	/* to a function's return */
	TRAIL_PROBE_COVERED,	/* another row's probe, which @place names, yields it as well */
};

/**
 * struct trail_probe - one form of a dynamic event
 * @kind: enum trail_probe_kind
 * @place: what it is attached to
 * @args: its fields in the grammar of tracefs' dynamic_events, with
 *	  {struct.member.member}	offset of a member, in bytes
 *	  {=struct.member}		type of a member as the grammar has it: u16, b1@7/8
 *	  {snap}			array of the packet bytes to be kept: x64[12]
 *	  packet=...			where a packet filter finds the network header when it is
 *					not 0, else it is where data=... says
 *	  ?name=...			left out when the kernel has no such member; without the
 *					question mark the whole form is not to be had then
 * @replaces: the event "system:event" that need not be recorded beside it, or NULL
 */
struct trail_probe {
	enum trail_probe_kind kind;
	const char *place;
	const char *args;
	const char *replaces;
};

/**
 * struct trail_row - one event that a plugin knows
 * @event: "system:event".  "skbtrail:NAME" is a dynamic event, which `record` creates by @probe in
 *	   the group skbtrail_<pid>
 * @field: names of the fields that @handler reads, in the order of its indices; "a|b" takes the
 *	   first name that the capture's format has.  A field that the format lacks is absent
 *	   (trail_has() is false), never zero.
 * @handler: says to the engine what the event means; NULL for an event that is only recorded.
 *	     Returns 0 or a negative errno.
 * @preset: enum trail_preset_flag bits
 * @probe: forms of the dynamic event, the best first, TRAIL_PROBE_END after the last; NULL for an
 *	   event of the kernel
 * @surplus: of an event with packet bytes: which bytes of the record a capture is not to keep:
 *	     what is behind the packet's headers, or if @payload what is behind its end.  Return:
 *	     how many, from *@offset of the record on.  NULL: all are kept
 */
struct trail_row {
	const char *event;
	const char *field[TRAIL_MAX_FIELDS];
	int (*handler)(struct trail_engine *engine, const struct trail_event *event);
	unsigned int preset;
	const struct trail_probe *probe;
	uint32_t (*surplus)(const struct trail_event *event, bool payload, uint32_t *offset);
};

/**
 * struct trail_plugin - the knowledge about one kernel subsystem
 * @abi: TRAIL_PLUGIN_ABI
 * @name: file name without ending
 * @about: one line
 * @row: ends with an empty row
 */
struct trail_plugin {
	unsigned int abi;
	const char *name;
	const char *about;
	const struct trail_row *row;
};

/* Built in, the symbol is trail_plugin_NAME; as a module (-DTRAIL_MODULE) it is trail_plugin. */
#ifdef TRAIL_MODULE
#define TRAIL_PLUGIN(id) \
	extern const struct trail_plugin trail_plugin; \
	const struct trail_plugin trail_plugin
#else
#define TRAIL_PLUGIN(id) \
	extern const struct trail_plugin trail_plugin_##id; \
	const struct trail_plugin trail_plugin_##id
#endif

/* The built-in plugins, NULL at the end; made by meson from the list in plugins/meson.build. */
extern const struct trail_plugin *const trail_builtin_plugin[];

enum trail_field_kind {
	TRAIL_FIELD_ABSENT,
	TRAIL_FIELD_UNSIGNED,
	TRAIL_FIELD_SIGNED,
	TRAIL_FIELD_STRING,		/* char array in the record */
	TRAIL_FIELD_DYNAMIC,		/* __data_loc: u16 offset, u16 length */
	TRAIL_FIELD_DYNAMIC_REL,	/* __rel_loc: offset counts from the end of the field */
	TRAIL_FIELD_BYTES,		/* any other array */
	TRAIL_FIELD_DYNAMIC_BYTES,	/* __data_loc of what is no string */
	TRAIL_FIELD_DYNAMIC_REL_BYTES,
};

/* Where a field lies in the raw record of this capture. */
struct trail_field {
	uint16_t offset;
	uint16_t size;
	uint8_t kind;		/* enum trail_field_kind */
	uint8_t swap;		/* the capture has the other byte order */
};

/**
 * struct trail_binding - a row bound to the formats of one capture
 * @next: another plugin's row for the same event, or NULL
 * @priv: of bind.c
 */
struct trail_binding {
	const struct trail_row *row;
	const struct trail_plugin *plugin;
	const struct trail_binding *next;
	const void *priv;
	uint16_t type;
	struct trail_field field[TRAIL_MAX_FIELDS];
};

/**
 * struct trail_event - a view of one record; valid until the next trail_capture_next()
 * @ts_ns: time of the capture's clock
 * @data: the raw record, from common_type on, @size bytes
 * @binding: the plugins' rows for it, NULL when no plugin knows the event
 * @lost: events lost on this CPU right before this one: 0 none, > 0 so many, -1 an unknown number
 * @pid: common_pid
 * @type: common_type, the event id
 * @cpu: CPU whose buffer held it
 * @flags: common_flags as recorded
 * @preempt: common_preempt_count as recorded
 * @buffer: index of the ring buffer (0 the first in the file)
 */
struct trail_event {
	uint64_t ts_ns;
	const void *data;
	const struct trail_binding *binding;
	uint32_t size;
	int32_t lost;
	int32_t pid;
	uint16_t type;
	uint16_t cpu;
	uint8_t flags;
	uint8_t preempt;
	uint8_t buffer;
};

/* Bits of common_flags (include/linux/trace_events.h: enum trace_flag_type). */
enum trail_event_flag {
	TRAIL_FLAG_IRQS_OFF	= 0x01,
	TRAIL_FLAG_NEED_RESCHED	= 0x04,
	TRAIL_FLAG_HARDIRQ	= 0x08,
	TRAIL_FLAG_SOFTIRQ	= 0x10,
	TRAIL_FLAG_NMI		= 0x40,
};

/* Does the capture's format have field @i of the row?  False also where the record is too short. */
static inline bool trail_has(const struct trail_event *event, unsigned int i)
{
	const struct trail_field *field = &event->binding->field[i];

	return field->kind != TRAIL_FIELD_ABSENT &&
	       (uint32_t)field->offset + field->size <= event->size;
}

/* Integer field @i, sign-extended where the format says signed; 0 when absent. */
uint64_t trail_swapped_u64(const struct trail_field *field, const unsigned char *at);

static inline uint64_t trail_u64(const struct trail_event *event, unsigned int i)
{
	const struct trail_field *field = &event->binding->field[i];
	const unsigned char *at = (const unsigned char *)event->data + field->offset;
	bool is_signed = field->kind == TRAIL_FIELD_SIGNED;
	uint64_t v8;
	uint32_t v4;
	uint16_t v2;

	if (!trail_has(event, i))
		return 0;
	if (field->swap)
		return trail_swapped_u64(field, at);
	switch (field->size) {
	case 8:
		memcpy(&v8, at, 8);
		return v8;
	case 4:
		memcpy(&v4, at, 4);
		return is_signed ? (uint64_t)(int32_t)v4 : v4;
	case 2:
		memcpy(&v2, at, 2);
		return is_signed ? (uint64_t)(int16_t)v2 : v2;
	case 1:
		return is_signed ? (uint64_t)(int8_t)*at : *at;
	default:
		return 0;
	}
}

static inline int64_t trail_s64(const struct trail_event *event, unsigned int i)
{
	return (int64_t)trail_u64(event, i);
}

/**
 * trail_str - string or byte field @i of an event
 * @len: filled with the length in bytes, the terminating NUL not counted for strings
 *
 * Return: the bytes inside the record (not necessarily NUL-terminated), or NULL when absent or
 * when the record's own offset and length lie outside of it.
 */
const char *trail_str(const struct trail_event *event, unsigned int i, size_t *len);

/* ------------------------------------------------------------------ captures */

struct trail_capture;

enum trail_reader {
	TRAIL_READER_AUTO,		/* native, libtracecmd for what native declines */
	TRAIL_READER_NATIVE,
	TRAIL_READER_LIBTRACECMD,
};

/* A second thread where the program may use a second CPU. */
#define TRAIL_THREADS_AUTO	(~0u)

/**
 * struct trail_capture_opts - how to open
 * @reader: backend
 * @plugin: NULL-terminated array of plugins to bind; NULL = trail_builtin_plugin
 * @single_pass: do not walk the pages at open.  Of trail_capture_info(), capability, start_ns,
 *		 end_ns and all numbers of events and losses are complete only when
 *		 trail_capture_next() has returned 0, and damage is found by it, not at open
 * @nr_threads: 0 or 1: records are read in the caller's thread; 2 and more, or TRAIL_THREADS_AUTO:
 *		another thread reads ahead from the first trail_capture_next() on, with the same
 *		results; trail_capture_print() is not to be had then
 */
struct trail_capture_opts {
	enum trail_reader reader;
	const struct trail_plugin *const *plugin;
	bool single_pass;
	unsigned int nr_threads;
};

/**
 * struct trail_cpu_stat - what is known of one CPU's buffer
 * @nr_event: records in the file
 * @lost_events: lost, by the page headers, number known
 * @lost_unknown: gaps of which the kernel did not say how many events they held
 * @has_stats: the capture carries per_cpu/cpuN/stats of this CPU, the four below are valid
 * @overrun: overwritten before they were read
 * @commit_overrun: lost by nested interrupts
 * @dropped: not written because the buffer was full (no-overwrite mode)
 * @read_events: taken by readers
 * @cpu: CPU number
 */
struct trail_cpu_stat {
	uint64_t nr_event;
	uint64_t lost_events;
	uint64_t lost_unknown;
	uint64_t overrun;
	uint64_t commit_overrun;
	uint64_t dropped;
	uint64_t read_events;
	uint32_t cpu;
	bool has_stats;
};

/**
 * struct trail_capture_info - what the capture says of itself
 * @file: path as given
 * @kernel: release of the recorded kernel, NULL if the file does not say
 * @clock: trace clock, NULL if the file does not say
 * @reader: "native" or "libtracecmd"
 * @tool: version string of the recording tool, or NULL
 * @version: file format, 6 or 7
 * @wall_offset_ns: time of day minus the capture's clock, as its recording began; valid if
 *		    @has_wall
 * @nr_cpu: CPUs that have a buffer
 * @cpu: @nr_cpu entries, by CPU number
 * @start_ns, @end_ns: first and last record, 0 without any
 * @nr_event: records
 * @lost_events: events known lost: of each CPU the larger of what page headers and stats say
 * @lost_unknown: gaps of unknown size
 * @capability: NULL-terminated, what occurs in it: "tracepoints", "function", "function_graph";
 *		dynamic events of `skbtrail record` in the form that the kernel took: "eprobe",
 *		"fprobe", "kprobe", "kretprobe", or "probe" where the capture does not say which
 * @packet_filter: only packets that it matches were recorded, as trail_record_opts.packet_filter;
 *		   NULL = all
 * @missed_probes: hits of dynamic events that the kernel counted but did not run
 * @missing: NULL-terminated or NULL: dynamic events that the kernel did not take, "NAME: WHY"
 * @warning: NULL-terminated one-line texts: truncated file, clock not comparable, ...
 * @truncated: data is missing at the end of the file
 * @payload: packet bytes behind the headers are those of the packet, not zeros
 */
struct trail_capture_info {
	const char *file;
	const char *kernel;
	const char *clock;
	const char *reader;
	const char *tool;
	unsigned int version;
	int64_t wall_offset_ns;
	uint32_t nr_cpu;
	const struct trail_cpu_stat *cpu;
	uint64_t start_ns;
	uint64_t end_ns;
	uint64_t nr_event;
	uint64_t lost_events;
	uint64_t lost_unknown;
	uint64_t missed_probes;
	const char *const *capability;
	const char *packet_filter;
	const char *const *missing;
	const char *const *warning;
	bool truncated;
	bool payload;
	bool has_wall;
};

/**
 * trail_capture_open - open a trace.dat of version 6 or 7
 * @path: regular file
 * @opts: NULL for the defaults
 * @out: the capture, to be closed with trail_capture_close()
 * @error: filled on failure
 *
 * Walks all pages once to count events and losses, so that trail_capture_info() is complete;
 * not with opts.single_pass.
 *
 * Return: 0; -ENOENT, -EACCES ... of open(2); -EINVAL not a capture or damaged (@error names the
 * file offset); -ENOTSUP a feature that no backend reads; -ENOMEM.
 */
int trail_capture_open(const char *path, const struct trail_capture_opts *opts,
		       struct trail_capture **out, struct trail_error *error);
void trail_capture_close(struct trail_capture *cap);
const struct trail_capture_info *trail_capture_info(const struct trail_capture *cap);

/**
 * trail_capture_next - the next record of all CPUs in time order
 * @event: filled on success; valid until the next call on @cap
 *
 * Order: (time, CPU, position in the CPU's buffer).  O(log CPUs), no allocation.
 *
 * Return: 1 and fills @event; 0 at the end; -EINVAL damaged data; -ENOMEM.
 */
int trail_capture_next(struct trail_capture *cap, struct trail_event *event);

/**
 * struct trail_symbol - a kernel address, resolved by the capture's kallsyms
 * @name: function, valid as long as the capture
 * @module: without brackets, or NULL for the kernel proper
 * @offset: of the address from the function's start
 */
struct trail_symbol {
	const char *name;
	const char *module;
	uint64_t offset;
};

/* Return: 1 and fills @symbol, or 0 when the capture does not know the address. */
int trail_capture_symbol(const struct trail_capture *cap, uint64_t address,
			 struct trail_symbol *symbol);

/* Task name of @pid by the capture's saved_cmdlines; NULL when unknown.  "<idle>" is never said. */
const char *trail_capture_comm(const struct trail_capture *cap, int pid);

/**
 * trail_capture_enum - name of a value by the __print_symbolic() list in the event's format
 * @i: index of the row's field; 0 when there is exactly one list
 * Return: the name, valid as long as the capture, or NULL.
 */
const char *trail_capture_enum(const struct trail_capture *cap, const struct trail_binding *binding,
			       unsigned int i, uint64_t value);

/* Is this event in the capture's formats?  ("system:event") */
bool trail_capture_has_event(const struct trail_capture *cap, const char *event);

/**
 * trail_capture_print - an event as `trace-cmd report` prints it, without newline
 * @event: the one that trail_capture_next() gave out last
 * @buf: @size bytes, always terminated
 * Return: length of the text (which may exceed @size - 1, as snprintf); 0 where there is no line:
 * the return from a function is told by the line of its call when nothing lies between; -errno,
 * -ENOTSUP when the capture was opened for several threads.
 */
int trail_capture_print(struct trail_capture *cap, const struct trail_event *event, char *buf,
			size_t size);

struct trail_filter;

/**
 * trail_filter_new - an event filter in the grammar of `trace-cmd report -F`
 * Several filters on one capture select the events that any of them selects.
 * Return: 0; -EINVAL with @error; -ENOMEM.
 */
int trail_filter_new(struct trail_capture *cap, const char *expr, struct trail_filter **out,
		     struct trail_error *error);
bool trail_filter_match(struct trail_filter *filter, const struct trail_event *event);
void trail_filter_free(struct trail_filter *filter);

/* ------------------------------------------------------------------ packets */

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

/* Where and why a packet died. */
struct trail_drop {
	const char *reason;	/* NULL where the kernel does not say */
	const char *symbol;	/* NULL when unknown */
	const char *module;	/* NULL for the kernel proper */
	uint64_t symbol_offset;
	uint64_t address;	/* 0 when unknown */
	uint64_t socket;	/* 0 when unknown */
	uint8_t class;		/* enum trail_drop_class */
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
	int32_t reader_pid;
	uint32_t ifindex;
	uint16_t nr_span;
	uint16_t nr_link;
	uint8_t dir;		/* enum trail_dir */
	uint8_t fate;		/* enum trail_fate */
	uint8_t confidence;	/* the weakest of its spans and links */
	uint8_t flags;		/* enum trail_packet_flag */
	uint8_t origin;		/* enum trail_origin, of packets that were sent */
};

/* ------------------------------------------------------------------ engine */

/**
 * trail_engine_new - an engine for one capture
 * @cap: asked for names (symbols, enums, comms) only; must outlive the engine
 * @packet: called for each packet when its end is established; returns 0 or a negative errno
 *	    that ends the run
 * @data: handed to @packet
 * Return: 0 or -ENOMEM.
 */
int trail_engine_new(const struct trail_capture *cap,
		     int (*packet)(void *data, const struct trail_packet *packet), void *data,
		     struct trail_engine **out);
int trail_engine_event(struct trail_engine *engine, const struct trail_event *event);
/* Ends the packets that are still alive.  To be called once, after the last event. */
int trail_engine_finish(struct trail_engine *engine);
void trail_engine_free(struct trail_engine *engine);

/* ------------------------------------------------------------------ what plugins say */

/*
 * Verbs: what an event means for a packet, a CPU, a task or a socket.  The engine owns identity,
 * time and confidence; plugins own kernel knowledge.  All return 0 or -ENOMEM, or what the packet
 * callback returned.  CPU, task and time are those of @event.
 */

/* String field @i of the event as a string that lives as long as the engine; NULL when absent. */
const char *trail_text(struct trail_engine *engine, const struct trail_event *event,
		       unsigned int i);

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
	TRAIL_FREE_REASSEMBLED,	/* IP fragment, its bytes go on in another skb */
	TRAIL_FREE_TAP,		/* a packet socket's clone */
	TRAIL_FREE_FOREIGN,	/* of a family without network packets, unless the skb is known */
	TRAIL_FREE_USED,	/* used up: control packet */
};

int trail_freed(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		enum trail_free where);
/* An skb died; @drop->class BENIGN with @where USED: it did its work, no loss. */
int trail_dropped(struct trail_engine *engine, const struct trail_event *event, uint64_t skb,
		  const struct trail_drop *drop, enum trail_free where);

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

/* ------------------------------------------------------------------ statistics */

struct trail_histogram;

/*
 * Log-linear buckets of fixed bounds: 512 per octave, so a percentile is off by less than 0.1 %.
 * Count, total, minimum and maximum are exact.
 */
struct trail_histogram *trail_histogram_new(void);
int trail_histogram_add(struct trail_histogram *hist, uint64_t value);
uint64_t trail_histogram_count(const struct trail_histogram *hist);
uint64_t trail_histogram_total(const struct trail_histogram *hist);
uint64_t trail_histogram_max(const struct trail_histogram *hist);
uint64_t trail_histogram_min(const struct trail_histogram *hist);
/* Nearest-rank percentile, @percent 0 < p <= 100; 0 when empty. */
uint64_t trail_histogram_percentile(const struct trail_histogram *hist, double percent);
void trail_histogram_free(struct trail_histogram *hist);

/* A row of "where and why packets died". */
struct trail_drop_count {
	struct trail_drop drop;
	uint64_t count;
};

struct trail_stat;

/* Statistics over packets; keeps the @nr_slowest packets with the longest time. */
int trail_stat_new(unsigned int nr_slowest, struct trail_stat **out);
int trail_stat_add(struct trail_stat *stat, const struct trail_packet *packet);
void trail_stat_free(struct trail_stat *stat);

uint64_t trail_stat_packets(const struct trail_stat *stat, enum trail_dir dir);
uint64_t trail_stat_fates(const struct trail_stat *stat, enum trail_dir dir, enum trail_fate fate);
uint64_t trail_stat_complete(const struct trail_stat *stat);
uint64_t trail_stat_truncated_by_edge(const struct trail_stat *stat);
uint64_t trail_stat_truncated_by_loss(const struct trail_stat *stat);
/* Histogram of a stage in a direction, of complete spans only; NULL when there was none. */
const struct trail_histogram *trail_stat_stage(const struct trail_stat *stat, enum trail_dir dir,
					       enum trail_stage_id stage);
/* Sum over the stages of @dir of trail_histogram_total(). */
uint64_t trail_stat_stage_total(const struct trail_stat *stat, enum trail_dir dir);
/* Drops by reason and location, most first.  Return: number of rows. */
size_t trail_stat_drops(struct trail_stat *stat, const struct trail_drop_count **out);
/* Slowest packets, slowest first.  Return: number. */
size_t trail_stat_slowest(struct trail_stat *stat, const struct trail_packet *const **out);

/* ------------------------------------------------------------------ groups */

/* What packets have in common; each packet is in one group. */
enum trail_by {
	TRAIL_BY_FLOW,		/* 5-tuple and network namespace: each direction is a flow */
	TRAIL_BY_DEV,		/* the first device */
	TRAIL_BY_CPU,		/* of the first stage: where it came in or was sent */
	TRAIL_BY_READER,	/* name of the task that read it */
	TRAIL_BY_STAGE,		/* where it spent most of its time */
	TRAIL_NR_BY
};

/* "flow", "dev", "cpu", "reader", "stage" */
const char *trail_by_name(enum trail_by by);

/**
 * struct trail_group_key - what the packets of a group have in common
 * @netns: of flows, 0 when unknown
 * @number: CPU, or enum trail_stage_id
 * @text: device or reader, cut to fit
 * @is_known: false of the group of packets of which it is not known
 */
struct trail_group_key {
	uint64_t netns;
	int64_t number;
	struct trail_flow flow;
	char text[33];
	bool is_known;
};

/**
 * struct trail_group - packets that have something in common
 * @bytes: from the network header on, of the packets that say it
 * @is_others: the group of all that came when there were 4096 groups already; it has no key
 */
struct trail_group {
	struct trail_group_key key;
	uint64_t packets;
	uint64_t bytes;
	uint64_t dropped;
	enum trail_by by;
	bool is_others;
};

/**
 * struct trail_group_times - of a stage, or from start to end, of the complete packets of a group
 * @error: the most that a percentile is off, relative to its value: 0.001 for up to 1024 different
 *	   values, more where there are more or the memory for all groups is used up
 */
struct trail_group_times {
	uint64_t count;
	uint64_t total_ns;
	uint64_t p50_ns;
	uint64_t p90_ns;
	uint64_t p99_ns;
	uint64_t max_ns;
	double error;
};

struct trail_groups;

/* Keeps the @nr_slowest slowest packets of each group.  Return: 0 or -ENOMEM. */
int trail_groups_new(enum trail_by by, unsigned int nr_slowest, struct trail_groups **out);
/* Counts a finished packet.  Return: 0 or -ENOMEM. */
int trail_groups_add(struct trail_groups *groups, const struct trail_packet *packet);
/* Most time first, the others last; valid until the next call on @groups.  Return: number. */
size_t trail_groups_sort(struct trail_groups *groups, const struct trail_group *const **out);
/* Times in @stage; TRAIL_NR_STAGE: from start to end.  Return: were there any? */
bool trail_group_times(const struct trail_group *group, enum trail_stage_id stage,
		       struct trail_group_times *out);
/* Slowest packets of a group, slowest first.  Return: number. */
size_t trail_group_slowest(const struct trail_group *group, const struct trail_packet *const **out);
void trail_groups_free(struct trail_groups *groups);

/* ------------------------------------------------------------------ selecting packets */

struct trail_where;

/**
 * trail_where_new - compile an expression over what the engine knows of a packet
 * @expr: such as "latency > 1ms and (dev == eth0 or stage(queue.runqueue) >= 200us)", in the
 *	  language that skbtrail-report(1) describes
 * @out: the compiled expression, to be freed with trail_where_free(); does not refer to @expr
 * @error: filled on failure, @column names the place; may be NULL
 *
 * Return: 0; -EINVAL with @error: a name that does not exist, types that do not fit, ...; -ENOMEM.
 */
int trail_where_new(const char *expr, struct trail_where **out, struct trail_error *error);

/**
 * trail_where_match - does a packet meet the expression?
 *
 * What is unknown of a packet (null in the outputs) makes a comparison neither true nor false, and
 * so does "not" of it; such a packet is not selected.  Times are nanoseconds, sizes bytes.
 * Allocates nothing and changes nothing: several threads may share @where.
 */
bool trail_where_match(const struct trail_where *where, const struct trail_packet *packet);
void trail_where_free(struct trail_where *where);

struct trail_packet_filter;

/**
 * trail_packet_filter_new - compile an expression of pcap-filter(7) over the recorded bytes
 * @expr: such as "tcp port 443 and host 10.0.0.2"; "" is met by every packet
 * @out: the compiled expression, to be freed with trail_packet_filter_free()
 * @error: filled on failure, @column names the place; may be NULL
 *
 * Names of services (port http) and protocols are looked up in files, names of hosts and nets are
 * refused.  So is what only a network interface knows: inbound, outbound, ifindex.
 *
 * Return: 0; -EINVAL with @error; -ENOMEM.
 */
int trail_packet_filter_new(const char *expr, struct trail_packet_filter **out,
			    struct trail_error *error);

/**
 * trail_packet_filter_match - does a packet match, by its recorded bytes?
 *
 * What lies behind the recorded bytes makes the whole expression false.  Sizes (len, less) are
 * those on the wire.  Changes nothing: several threads may share @filter.
 *
 * Return: 1, 0, or -ENODATA when no bytes of the packet were recorded.
 */
int trail_packet_filter_match(const struct trail_packet_filter *filter,
			      const struct trail_packet *packet);
void trail_packet_filter_free(struct trail_packet_filter *filter);

/**
 * struct trail_selection - which packets were selected, for the outputs
 * @text: how: the options as the user gave them
 * @nr_packet: packets of the capture
 * @nr_selected: of them
 * @nr_no_header: left out by a packet filter because none of their bytes were recorded
 */
struct trail_selection {
	const char *text;
	uint64_t nr_packet;
	uint64_t nr_selected;
	uint64_t nr_no_header;
};

/* ------------------------------------------------------------------ sinks */

struct trail_sink;

/**
 * struct trail_sink_opts - what a sink may need
 * @out: stream to write to; the sink does not close it
 * @capture: what was captured
 * @stat: filled by the caller while packets pass; read by the sink at its end
 * @engine: asked for the devices at the end, NULL: they are left out
 * @selection: filled by the caller while packets pass; NULL: all packets
 * @groups: filled by the caller while packets pass, printed instead of what is about all of them;
 *	    NULL: none
 * @width: columns of the terminal, 0 = not a terminal
 * @color: colours wanted
 */
struct trail_sink_opts {
	FILE *out;
	const struct trail_capture_info *capture;
	struct trail_stat *stat;
	const struct trail_engine *engine;
	const struct trail_selection *selection;
	struct trail_groups *groups;
	unsigned int width;
	bool color;
};

/**
 * struct trail_sink_type - an output
 * @name: as in `report --format=NAME`, or `export --to NAME` for those that write files
 * @open: before the first packet
 * @packet: for each packet, may be NULL
 * @close: after the last packet; writes what comes at the end and frees the state
 * @ending: of the names of its files, NULL for what people and pipes read
 * @magic: what its files begin with, if @ending
 */
struct trail_sink_type {
	const char *name;
	const char *about;
	int (*open)(struct trail_sink *sink);
	int (*packet)(struct trail_sink *sink, const struct trail_packet *packet);
	int (*close)(struct trail_sink *sink);
	const char *ending;
	const char *magic;
};

/* All sinks, NULL at the end. */
extern const struct trail_sink_type *const trail_sink_type[];

/* Return: 0; -EINVAL no such sink; -ENOMEM; -EIO. */
int trail_sink_open(const char *name, const struct trail_sink_opts *opts, struct trail_sink **out);
int trail_sink_packet(struct trail_sink *sink, const struct trail_packet *packet);
/* Ends the output and frees the sink.  Return: 0; -EIO, -ENOSPC ... of the stream; -ENOMEM. */
int trail_sink_close(struct trail_sink *sink);

/* ------------------------------------------------------------------ recording */

struct trail_record;

/**
 * struct trail_record_event - events that the user named
 * @name: "system", "system:event" or "event", each with globs; "all"
 * @filter: in the kernel's grammar, or NULL
 */
struct trail_record_event {
	const char *name;
	const char *filter;
};

/* A list of strings, as options that may be given several times yield them. */
struct trail_record_list {
	const char *const *item;
	size_t nr;
};

enum trail_compression { TRAIL_COMPRESS_NONE, TRAIL_COMPRESS_ZSTD };

/**
 * struct trail_record_opts - what to record and how; must outlive the trail_record
 * @output: path of the capture
 * @event: @nr_event events by name; each must exist
 * @preset: enum trail_preset_flag bits; the events of the plugins' rows, those that the kernel
 *	    lacks are left out with one warning
 * @plugin: NULL-terminated; NULL = trail_builtin_plugin
 * @instance: name of the trace instance; NULL = skbtrail_<pid>.  Only an instance that was created
 *	      here is removed at the end.
 * @clock: NULL = mono, or the best that the kernel has
 * @tracer: NULL = none; a tracer that the kernel refuses in an instance is run in the top instance
 * @filter_func, @notrace_func, @graph_func: for function tracers
 * @option: trace options, "no" in front of a name switches it off
 * @cpumask: hexadecimal, "-1" = all CPUs; NULL = as it is
 * @pid: only these tasks; trail_record_add_pid() adds more
 * @follow_fork: children of these tasks as well
 * @stacktrace: a stack trace with each event
 * @keep: leave everything set up at the end (tracing is off)
 * @force: replace an output that is not a capture
 * @no_probes: no dynamic events, only those of the kernel
 * @buffer_kb: per CPU, 0 = as the kernel has it
 * @max_kb: bound of the data per CPU, the newest is kept; 0 = none
 * @interval_us: how long data may stay in the kernel when a buffer does not fill; 0 = half a second
 * @version: file format, 6 or 7
 * @snap_bytes: packet bytes kept by the header probes, 0 = none of these probes
 * @payload: keep what is behind the headers as well, as far as @snap_bytes goes
 * @packet_filter: in the language of pcap-filter(7), as far as event filters can express it: only
 *		   packets that match are recorded; NULL = all
 * @warn: called for each warning, one line; may be NULL
 * @dry_write: nothing is changed, and this called for each change instead: @value is written to
 *	       @path, NULL = the directory @path is made.  NULL = a real recording
 * @data: handed to both
 */
struct trail_record_opts {
	const char *output;
	const struct trail_record_event *event;
	size_t nr_event;
	unsigned int preset;
	const struct trail_plugin *const *plugin;
	const char *instance;
	const char *clock;
	const char *tracer;
	struct trail_record_list filter_func;
	struct trail_record_list notrace_func;
	struct trail_record_list graph_func;
	struct trail_record_list option;
	struct trail_record_list pid;
	const char *cpumask;
	bool follow_fork;
	bool stacktrace;
	bool keep;
	bool force;
	bool no_probes;
	uint64_t buffer_kb;
	uint64_t max_kb;
	uint64_t interval_us;
	unsigned int version;
	enum trail_compression compression;
	uint32_t snap_bytes;
	bool payload;
	const char *packet_filter;
	void (*warn)(void *data, const char *text);
	void (*dry_write)(void *data, const char *path, const char *value);
	void *data;
};

/**
 * struct trail_record_stat - what a recording got, all CPUs together
 * @read_events: taken out of the kernel's buffers
 * @bytes: of pages kept
 * @overrun: overwritten in the kernel before they were read
 * @commit_overrun: lost by nested interrupts
 * @dropped: not written because the buffer was full
 * @missed_probes: hits of kprobes that the kernel did not run, as an interrupt came while another
 *		   one ran on that CPU
 * @nr_event_type: events that were switched on
 */
struct trail_record_stat {
	uint64_t read_events;
	uint64_t bytes;
	uint64_t overrun;
	uint64_t commit_overrun;
	uint64_t dropped;
	uint64_t missed_probes;
	uint32_t nr_event_type;
	uint32_t nr_cpu;
};

/**
 * trail_record_open - set up everything but do not trace yet
 * @error: filled on failure
 *
 * Nothing is left behind when it fails.  Writes the head of the capture to @output.part/.
 *
 * Return: 0; -EINVAL an option; -ENOENT no such event; -EACCES, -EPERM, -ENOSPC ...; -ENOMEM.
 */
int trail_record_open(const struct trail_record_opts *opts, struct trail_record **out,
		      struct trail_error *error);
/* One more task to be recorded, and then only such tasks.  Before the start. */
int trail_record_add_pid(struct trail_record *record, int pid, struct trail_error *error);
/* Starts the recorders, then switches tracing on. */
int trail_record_start(struct trail_record *record, struct trail_error *error);
/* Becomes readable when a recorder has failed: time to call trail_record_stop(). */
int trail_record_fd(const struct trail_record *record);

/**
 * trail_record_stop - switch tracing off, take what is left, restore the kernel, finish the file
 *
 * Return: 0; -errno with @error when a recorder, the restoring or the file failed.  What had
 * reached the disk is in the file then, if the file could be finished at all.
 */
int trail_record_stop(struct trail_record *record, struct trail_error *error);
/* After the stop. */
const struct trail_record_stat *trail_record_stat(const struct trail_record *record);
/* Restores what is not restored yet. */
void trail_record_free(struct trail_record *record);


#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_H */
