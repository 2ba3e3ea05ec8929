/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * window.h - NAPI polls, and the wakeups of tasks that run them or read from sockets
 */
#ifndef WINDOW_H
#define WINDOW_H

#include "skbtrail.h"

#define MAX_WAKES	8	/* times a task was woken, remembered */

struct wake {
	uint64_t waking_ns;
	uint64_t woken_ns;
	uint64_t run_ns;	/* 0: does not run yet */
	bool preempted;		/* it was awake, another task took its CPU */
};

struct wakes {
	struct wake wake[MAX_WAKES];
	uint32_t nr;		/* ever; the last MAX_WAKES are kept */
};

/* One NAPI poll; packets that arrive in it hold a reference. */
struct window {
	struct trail_poll poll;
	uint64_t cause_ns;	/* hard interrupt entry; 0 without */
	uint64_t raise_ns;	/* softirq raise or thread wakeup; 0 unknown */
	uint64_t enter_ns;	/* NET_RX entry, or the thread runs */
	struct wakes ksoftirqd;	/* when it was ksoftirqd's run, else empty */
	uint32_t refs;
	uint32_t arrivals;
	int32_t cause_pid;	/* task that ran when the interrupt came */
	const char *cause_comm;
	uint16_t cpu;
	bool settled;		/* its napi_poll came, or never will */
};

struct cpu;
struct packet;

/* poll.c */
void window_put(struct window *window);
void window_settle(struct cpu *cpu);
/* The stages before the first event of a packet, by its window. */
int poll_prefix(struct packet *packet);

/* task.c */
/*
 * What a task did in @span (start, end): slept until the first wakeup; waited for a CPU, then and
 * whenever another task took it.  The rest it ran, or slept for something else.  False: not known.
 */
bool wakes_split(const struct wakes *wakes, const uint64_t span[2], int64_t *asleep_ns,
		 int64_t *runqueue_ns);

#endif /* WINDOW_H */
