/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * join.h - hits of the user's probes -> the packets that they are about
 *
 * Only engines for captures with such probes have a struct joins: all others pay for one test of
 * a pointer where something is remembered for hits to come.
 */
#ifndef JOIN_H
#define JOIN_H

#include "engine.h"
#include "hit.h"

#define MAX_JOINED	32	/* hits of a packet; more are counted */
#define MAX_READS	32	/* packets of one read call */
#define MAX_WAITING	16	/* hits of a task that wait for the end of its call */
#define MAX_ENTERED	16	/* hits at entries of a program's functions */
#define MAX_UNBORN	256	/* hits of skbs that are nobody's packet yet */

/* A packet whose bytes a task has read. */
struct read {
	struct hold hold;
	uint64_t sk;		/* key of its socket, 0 unknown */
	uint8_t evidence;	/* of what led to it */
};

struct waiting {
	struct hit *hit;
	uint64_t sk;		/* 0: none in its arguments */
};

/**
 * struct task_joins - of a task: its latest read, and hits that wait
 * @read: the first @nr_read packets of the read
 * @first_ns: when the first of them was read
 * @over: the next packet read is the first of another read
 * @waiting: hits in the kernel, of the call that is open
 * @entered: hits at the entry of functions of the program, whose returns will tell more
 */
struct task_joins {
	struct read read[MAX_READS];
	uint32_t nr_read;
	uint64_t first_ns;
	bool over;
	struct waiting waiting[MAX_WAITING];
	uint32_t nr_waiting;
	struct hit *entered[MAX_ENTERED];
	uint32_t nr_entered;
};

/* A hit with an skb that is nobody's packet yet. */
struct unborn {
	uint64_t skb;		/* 0: empty */
	struct hit *hit;
	struct hold meanwhile;	/* the packet that the CPU worked on */
	int32_t pid;
	uint16_t cpu;
};

struct joins {
	struct trail_pairs *pairs;
	struct trail_hit_stat stat;
	struct unborn unborn[MAX_UNBORN];
	uint32_t nr_unborn;	/* ever */
	uint32_t nr_open;	/* of them, those that still wait */
};

/* join.c */
/* Return: 0, also where the capture has no such probes, or -ENOMEM. */
int joins_new(struct trail_engine *engine);
void joins_free(struct trail_engine *engine);
/* Events were lost. */
void joins_lost(struct trail_engine *engine);
/* Puts the hit beside the packet.  Return: 0 or -ENOMEM. */
int join_packet(struct trail_engine *engine, struct packet *packet, struct hit *hit,
		const uint8_t join_confidence[2]);
/* The same by a hold, which may be over: then nothing happens. */
int join_hold(struct trail_engine *engine, const struct hold *hold, struct hit *hit,
	      const uint8_t join_confidence[2]);
/* The packet leaves the output: its hits in time order. */
void join_sort(struct packet *packet);
void join_release(struct packet *packet);
/* A packet is born. */
int join_born(struct trail_engine *engine, const struct trail_event *event,
	      struct packet *packet);
/* @copy is a clone of @skb. */
void join_cloned(struct trail_engine *engine, uint64_t skb, uint64_t copy);
/* The address is nobody's packet, and free. */
int join_gone(struct trail_engine *engine, uint64_t skb);
/* The capture is over. */
int join_finish(struct trail_engine *engine);

/* join-task.c */
int join_task_hit(struct trail_engine *engine, const struct trail_event *event, struct hit *hit,
		  uint64_t sk);
int join_user_hit(struct trail_engine *engine, const struct trail_event *event, struct hit *hit,
		  bool is_entry);
/* A task reads from a packet. */
int join_read(struct trail_engine *engine, const struct trail_event *event,
	      struct packet *packet);
void join_read_over(struct task *task);
/* A call begins, or is over. */
void join_call(struct task *task, enum trail_call call);
int join_call_over(struct trail_engine *engine, struct task *task, enum trail_call call);
/* The task sends a packet. */
int join_sent(struct trail_engine *engine, const struct trail_event *event,
	      struct packet *packet);
void join_task_free(struct task *task);

#endif /* JOIN_H */
