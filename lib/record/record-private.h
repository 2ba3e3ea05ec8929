/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record-private.h - what the parts of a recording share
 */
#ifndef RECORD_PRIVATE_H
#define RECORD_PRIVATE_H

#include "counting.h"
#include "dynevent-user.h"
#include "dynevent.h"
#include "metadata.h"
#include "output.h"
#include "part.h"
#include "recorder.h"
#include "session.h"
#include "setup.h"
#include "watch.h"

enum state { STATE_SET_UP, STATE_RUNNING, STATE_STOPPED };

/**
 * struct trail_record - a recording
 * @is_live: its pages are taken by the caller, from raw_fd of the recorders, which have no threads:
 *	     there is no output
 * @head_fd: then, a file without a name for the head of the capture
 * @is_off: we have switched tracing off
 */
struct trail_record {
	struct trail_record_opts opts;
	struct session session;
	struct event_list list;
	struct dynevent_list dynevents;
	struct user_probes probes;
	struct output output;
	struct metadata metadata;
	struct tracedat *dat;
	bool is_live;
	bool is_off;
	int head_fd;
	struct part part;
	char clock[CLOCK_SIZE];
	enum state state;
	const char *ended_early;	/* why, NULL: it did not */
	int stop_fd;
	int failed_fd;
	struct recorder_room room;
	struct recorder *recorder;	/* by CPU, max_cpu */
	struct blob *cpu_stat;		/* by CPU, max_cpu */
	int nr_cpu;			/* of the capture: behind them nothing was recorded */
	int max_cpu;			/* that this machine can have */
	struct watch watch;
	struct counting counting;
	struct blob cmdlines;
	struct trail_record_stat stat;
};

/* trail_record_open(), or the same without an output. */
int record_open(const struct trail_record_opts *opts, bool is_live, struct trail_record **out,
		struct trail_error *error);
/*
 * Of a live recording that is set up: makes a capture without data in @record->head_fd, and fills
 * @record->part.  Return: 0 or -errno with session->error filled.
 */
int record_finish_head(struct trail_record *record);
/* Tracing is off, events that the buffers hold remain: those of CPUs that came last as well. */
int record_switch_off(struct trail_record *record);

/*
 * Of a running recording: ends it and puts the kernel back.  Return: 0 or the first failure, with
 * session->error filled; @later is for further ones.
 */
int record_restore(struct trail_record *record, struct trail_error *later);

/* recorders.c: one for each CPU that has a buffer */
/* CPUs that this machine can have. */
int recorders_max_cpu(void);
int recorders_start(struct trail_record *record);
/* For the CPUs that came online since. */
int recorders_add_new(struct trail_record *record);
/* For those of which recorders_add_new() saw nothing, but whose buffer has events. */
int recorders_add_last(struct trail_record *record);

#endif /* RECORD_PRIVATE_H */
