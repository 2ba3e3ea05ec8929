/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/drops.h - dropped packets: what is known of their reasons, and statistics over them
 */
#ifndef SKBTRAIL_DROPS_H
#define SKBTRAIL_DROPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "skbtrail/packet.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what is known of reasons and locations; the table is plugins/drop-rules.c */

/**
 * struct trail_drop_rule - what it means that the kernel drops for this reason, or in this function
 * @name: the reason as the kernel names it, or a function
 * @means: of a function: the reason that it most likely has, NULL of a reason
 * @advice: what to look at: one sentence
 * @source: where the kernel decides it: "net/ipv4/udp.c: udp_queue_rcv_one_skb()"
 * @class: enum trail_drop_class
 * @is_said: of a function: kernels that give reasons give this one there, so that what they leave
 *	     out is something else
 */
struct trail_drop_rule {
	const char *name;
	const char *means;
	const char *advice;
	const char *source;
	uint8_t class;
	bool is_said;
};

/* By a reason's name, without SKB_DROP_REASON_; NULL: it is not known. */
const struct trail_drop_rule *trail_drop_reason(const char *reason);
/* By the name of a function, without the compiler's suffixes; NULL: it is not known. */
const struct trail_drop_rule *trail_drop_place(const char *symbol);
/* Is the reason of this name one of a queueing discipline's, of which there are many? */
bool trail_drop_is_qdisc(const char *name);
/* Does the kernel give no reason: none at all (before 5.17), or "not specified"? */
bool trail_drop_is_unsaid(const struct trail_drop *drop);
/*
 * By the reason where the kernel gives one, else by what it most likely is or by the location,
 * which is an inference.
 * Return: the rule, or NULL.
 */
const struct trail_drop_rule *trail_drop_explain(const struct trail_drop *drop);
/* The @i-th rule of reasons, or of functions, by name; NULL behind the last. */
const struct trail_drop_rule *trail_drop_reason_at(size_t i);
const struct trail_drop_rule *trail_drop_place_at(size_t i);

/* ---- statistics */

/*
 * The most frequent of many: exact as long as there are no more than fit, else a count may be too
 * high by up to @over (Metwally and others: space saving).
 */
struct trail_drop_share {
	uint64_t count;
	uint64_t over;
};

/* @netns: inode number, 0 unknown */
struct trail_drop_flow {
	struct trail_drop_share share;
	struct trail_flow flow;
	uint64_t netns;
};

/**
 * struct trail_drop_owner - a socket that did not get packets
 * @socket: kernel address, 0 unknown
 * @inode: as /proc/PID/fd names it, 0 unknown
 * @pid: of the task that last read from it, 0 unknown
 * @comm: its name, "" unknown
 */
struct trail_drop_owner {
	struct trail_drop_share share;
	uint64_t socket;
	uint64_t inode;
	int32_t pid;
	char comm[20];
};

#define TRAIL_DROP_STAGES	16
#define TRAIL_DROP_FRAMES	24

/**
 * struct trail_drop_path - the way that packets had taken before they were dropped
 * @dev: device of the first hop, "" unknown
 * @stage: @nr_stage of them, enum trail_stage_id, in order of time; none: nothing was seen of the
 *	   packet before
 * @is_cut: there were more
 */
struct trail_drop_path {
	struct trail_drop_share share;
	char dev[20];
	uint8_t dir;		/* enum trail_dir */
	uint8_t nr_stage;
	uint8_t is_cut;
	uint8_t stage[TRAIL_DROP_STAGES];
};

/* A kernel stack, innermost first; 0 behind the last. */
struct trail_drop_stack {
	struct trail_drop_share share;
	uint64_t address[TRAIL_DROP_FRAMES];
};

/**
 * struct trail_drop_fill - how full queues of a kind were, over the drops of which it is known
 * @nr: that many; the others are valid if it is not 0
 * @limit_min, @limit_max: -1 where it is not known
 */
struct trail_drop_fill {
	uint64_t nr;
	int64_t used_min;
	int64_t used_max;
	int64_t limit_min;
	int64_t limit_max;
};

/**
 * struct trail_drop_row - packets dropped for one reason, at one location, of one device
 * @drop: what they have in common, and its device; what differs is 0
 * @rule: what is known of it, NULL nothing
 * @bytes: from the network header on, of those packets that say it
 * @first_ns, @last_ns: of the first and the last drop
 * @way_ns: sum of the times from the first event of each packet to its drop
 * @flow, @owner, @path, @stack: most first
 * @fill: by enum trail_queue_kind
 * @is_others: of all that came when there were 1024 rows already: only the class is common
 */
struct trail_drop_row {
	struct trail_drop drop;
	const struct trail_drop_rule *rule;
	uint64_t count;
	uint64_t bytes;
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t way_ns;
	const struct trail_drop_flow *flow;
	const struct trail_drop_owner *owner;
	const struct trail_drop_path *path;
	const struct trail_drop_stack *stack;
	size_t nr_flow;
	size_t nr_owner;
	size_t nr_path;
	size_t nr_stack;
	struct trail_drop_fill fill[TRAIL_NR_QUEUE_KIND];
	bool is_others;
};

struct trail_drops;

/* Return: 0 or -ENOMEM. */
int trail_drops_new(struct trail_drops **out);
/*
 * Counts a finished packet if it was dropped; copies what it keeps.  At most 5 MB in all.
 * Return: 1 it was dropped, 0 it was not, -ENOMEM.
 */
int trail_drops_add(struct trail_drops *drops, const struct trail_packet *packet);
/* Rows, most drops first, the others last; valid until the next call on @drops.  Return: number. */
size_t trail_drops_sort(struct trail_drops *drops, const struct trail_drop_row *const **out);
/* Packets dropped of a class; TRAIL_NR_DROP_CLASS: of all but TRAIL_DROP_BENIGN. */
uint64_t trail_drops_count(const struct trail_drops *drops, enum trail_drop_class class);
/* As new: for the next interval. */
void trail_drops_clear(struct trail_drops *drops);
void trail_drops_free(struct trail_drops *drops);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_DROPS_H */
