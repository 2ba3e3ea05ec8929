/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * live.h - inside of live events
 */
#ifndef LIVE_H
#define LIVE_H

#include <poll.h>

#include "../read/feed.h"
#include "../record/record-private.h"

#define BATCH_EVENTS	256

struct live_comms;

/**
 * struct trail_live - a recording that gives its events out
 * @record: sets everything up; only raw_fd of its recorders is used
 * @cap: what the pages are fed to
 * @blank: what packets are not to show; NULL = nothing is to be blanked
 * @pollfd: of CPUs with a buffer, room for all
 * @cpu: for trail_live_stat
 * @interval_ms: between two times of taking pages
 * @take_ms, @look_ms: when to take pages, and to look after the recording, by CLOCK_MONOTONIC
 * @pause_ms: not before that much time is over, even where there are events
 * @until_ns: what is older was taken; @given_ns: and given out
 * @last_ns: the youngest event that was given out
 * @failed: the error that ended it, with its text in @why
 * @is_stopped: tracing is off
 * @is_drained: and all pages were taken
 */
struct trail_live {
	struct trail_record *record;
	struct trail_capture *cap;
	struct blank *blank;
	struct live_comms *comms;
	struct pollfd *pollfd;
	struct trail_live_cpu *cpu;
	int nr_cpu;
	int interval_ms;
	int pause_ms;
	int64_t take_ms;
	int64_t taken_ms;
	int64_t look_ms;
	uint64_t until_ns;
	uint64_t given_ns;
	uint64_t last_ns;
	uint64_t nr_late;
	uint64_t nr_event;
	int failed;
	struct trail_error why;
	bool is_stopped;
	bool is_drained;
	struct trail_event batch[BATCH_EVENTS];
};

/* CLOCK_MONOTONIC in milliseconds */
int64_t live_now_ms(void);
/*
 * take.c: waits until it is time to take pages, at most until @end_ms.
 * Return: 1 it is time, 0 it is not.
 */
int live_wait(struct trail_live *live, int64_t end_ms);
/* Takes what the buffers hold and has what is old enough given out.  Return: 0 or -errno. */
int live_take(struct trail_live *live, struct trail_error *error);

/* comm.c: names of tasks that are alive, or were just now */
int live_comms_new(const struct session *session, struct live_comms **out);
const char *live_comm(void *comms, int pid);
void live_comms_free(struct live_comms *comms);

#endif /* LIVE_H */
