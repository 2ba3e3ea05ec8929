// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * take.c - the kernel's buffers -> pages, and how far their events can be given out
 *
 * Each round notes the time T, then empties the buffers of all CPUs, sub-buffers that are not full
 * included: what was written before T is among the pages then, and what is younger waits for the
 * next round.  A record gets its time before it is written: one that an interrupt held up in
 * between would be missing, so T lies a little in the past.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../record/cpu-stats.h"
#include "live.h"
#include "../record/tracedat-blank.h"
#include "../record/wall.h"

/* How long a record may take to be written. */
#define SLACK_NS	2000000
#define LOOK_MS		1000
/* Kernels before 6.1 wake for each event: let some more come before looking again. */
#define PAUSE_MS	20
#define BUSY_PAUSE_MS	5

int64_t live_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
}

static void sleep_until(int64_t end_ms)
{
	int64_t left = end_ms - live_now_ms();

	if (left > 0)
		poll(NULL, 0, (int)left);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int live_wait(struct trail_live *live, int64_t end_ms)
{
	const struct trail_record *record = live->record;
	int64_t left;
	nfds_t nr = 0;

	sleep_until(earlier(earlier(live->taken_ms + live->pause_ms, live->take_ms), end_ms));
	left = earlier(end_ms, live->take_ms) - live_now_ms();
	if (left <= 0)
		return live_now_ms() >= live->take_ms;
	for (int cpu = 0; cpu < record->nr_cpu; cpu++)
		if (record->recorder[cpu].raw_fd >= 0)
			live->pollfd[nr++] = (struct pollfd){
				.fd = record->recorder[cpu].raw_fd, .events = POLLIN,
			};
	return poll(live->pollfd, nr, (int)left) > 0 || live_now_ms() >= live->take_ms;
}

/* The counters of each CPU say it, in microseconds: the earliest of them. */
static uint64_t clock_of_counters(const struct trail_record *record)
{
	uint64_t now = UINT64_MAX;
	struct blob text = { 0 };
	struct cpu_stats stats;

	for (int cpu = 0; cpu < record->nr_cpu; cpu++)
		if (record->recorder[cpu].raw_fd >= 0 &&
		    !cpu_stats_read(&record->session, cpu, &text, &stats) && stats.now_ns < now)
			now = stats.now_ns;
	blob_release(&text);
	return now == UINT64_MAX ? 0 : now;
}

uint64_t trail_live_now(const struct trail_live *live)
{
	uint64_t now;

	if (wall_trace_clock(live->record->clock, &now))
		now = clock_of_counters(live->record);
	return now;
}

/* Clock "counter" counts calls: there is nothing to wait for. */
static uint64_t horizon(const struct trail_live *live)
{
	uint64_t now = trail_live_now(live);

	if (!strcmp(live->record->clock, "counter"))
		return now;
	return now > SLACK_NS ? now - SLACK_NS : 1;
}

/* ENODEV: a CPU that has never been online has no buffer. */
static bool is_nothing(int err)
{
	return err == -EAGAIN || err == -EINTR || err == -ENODEV;
}

/* One sub-buffer.  Return: 1 with the time at which it begins, 0 when there is none, -errno. */
static int take_page(struct trail_live *live, int cpu, uint64_t *begin_ns)
{
	unsigned char *page;
	int size = feed_room(live->cap, (uint32_t)cpu, &page);
	ssize_t n;

	if (size < 0)
		return size;
	n = read(live->record->recorder[cpu].raw_fd, page, (size_t)size);
	if (n <= 0)
		return !n || is_nothing(-errno) ? 0 : -errno;
	memset(page + n, 0, (size_t)(size - n));
	if (live->blank)
		blank_page(live->blank, page);
	*begin_ns = feed_add(live->cap, (uint32_t)cpu);
	return 1;
}

/* Never for ever: a writer can be as quick as we are.  Return: bytes or -errno. */
static int64_t take_cpu(struct trail_live *live, int cpu)
{
	const struct recorder *recorder = &live->record->recorder[cpu];
	uint64_t taken = 0, begin_ns = 0;
	int more;

	/* What begins behind the horizon is of no use before the next round. */
	while ((!live->until_ns || begin_ns < live->until_ns) &&
	       taken < 4 * recorder->buffer_bytes) {
		more = take_page(live, cpu, &begin_ns);
		if (more <= 0)
			return more < 0 ? more : (int64_t)taken;
		taken += recorder->page_size;
	}
	return (int64_t)taken;
}

static int look_after(struct trail_live *live, int64_t now_ms, struct trail_error *error)
{
	struct trail_record_progress progress;

	if (now_ms < live->look_ms || live->is_stopped)
		return 0;
	live->look_ms = now_ms + LOOK_MS;
	return trail_record_poll(live->record, &progress, error);
}

int live_take(struct trail_live *live, struct trail_error *error)
{
	struct trail_record *record = live->record;
	int64_t now_ms = live_now_ms(), taken = 0, all = 0;
	bool is_busy = false;
	int err = look_after(live, now_ms, error);

	if (err)
		return err;
	live->until_ns = live->is_stopped ? 0 : horizon(live);
	feed_begin(live->cap);
	for (int cpu = 0; taken >= 0 && cpu < record->nr_cpu; cpu++) {
		const struct recorder *recorder = &record->recorder[cpu];

		if (recorder->raw_fd < 0)
			continue;
		taken = take_cpu(live, cpu);
		all += taken;
		is_busy |= taken >= (int64_t)(recorder->buffer_bytes / 16);
	}
	err = taken < 0 ? (int)taken : feed_until(live->cap, live->until_ns);
	live->is_drained = live->is_stopped && !err && !all;
	live->pause_ms = is_busy ? BUSY_PAUSE_MS : PAUSE_MS;
	live->taken_ms = live_now_ms();
	live->take_ms = live->taken_ms + live->interval_ms;
	return err;
}
