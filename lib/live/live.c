// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * live.c - options -> events while they happen
 *
 * A recording sets the kernel up and puts it back; the head of its capture, with formats and
 * symbols, goes to a file without a name, which the native reader opens; the pages go there as they
 * come.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live.h"
#include "../record/tracedat-blank.h"

#define DEFAULT_INTERVAL_MS	100

static const struct trail_plugin *const *plugins(const struct trail_live *live)
{
	const struct trail_record_opts *opts = &live->record->opts;

	return opts->plugin ? opts->plugin : trail_builtin_plugin;
}

static int fail(const struct trail_live *live, int err, const char *what)
{
	return session_fail(&live->record->session, err, NULL, "%s: %s", what, strerror(-err));
}

static int open_feed(struct trail_live *live, struct trail_error *error)
{
	struct trail_record *record = live->record;
	struct feed_opts opts = {
		.plugin = plugins(live), .nr_cpu = (uint32_t)recorders_max_cpu(),
		.comm = live_comm, .arg = live->comms,
	};
	char path[40];
	int err;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", record->head_fd);
	opts.head = path;
	err = feed_open(&opts, &live->cap, error);
	/* It is mapped. */
	close(record->head_fd);
	record->head_fd = -1;
	if (err)
		return err;
	live->nr_cpu = (int)opts.nr_cpu;
	live->pollfd = calloc(opts.nr_cpu, sizeof(*live->pollfd));
	live->cpu = calloc(opts.nr_cpu, sizeof(*live->cpu));
	return live->pollfd && live->cpu ? 0 : -ENOMEM;
}

static int set_up(struct trail_live *live, struct trail_error *error)
{
	struct trail_record *record = live->record;
	int err = record_finish_head(record);

	/* The largest piece, and now in the file. */
	blob_release(&record->metadata.kallsyms);
	if (!err && record->part.nr_surplus)
		err = part_blank_new(&record->part, plugins(live), &live->blank);
	if (!err)
		err = live_comms_new(&record->session, &live->comms);
	return err ? err : open_feed(live, error);
}

int trail_live_open(const struct trail_record_opts *opts, struct trail_live **out,
		    struct trail_error *error)
{
	struct trail_record_opts record_opts = *opts;
	struct trail_live *live;
	int err;

	*error = (struct trail_error){ 0 };
	if (opts->dry_write)
		return -EINVAL;
	record_opts.output = NULL;
	record_opts.version = 7;
	record_opts.compression = TRAIL_COMPRESS_NONE;
	record_opts.max_kb = 0;
	record_opts.flight = record_opts.keep = false;
	live = calloc(1, sizeof(*live));
	if (!live)
		return -ENOMEM;
	live->interval_ms = opts->interval_us ? (int)((opts->interval_us + 999) / 1000)
					      : DEFAULT_INTERVAL_MS;
	err = record_open(&record_opts, true, &live->record, error);
	if (!err)
		err = set_up(live, error);
	if (err) {
		trail_live_close(live, NULL);
		return err;
	}
	*out = live;
	return 0;
}

struct trail_capture *trail_live_capture(struct trail_live *live)
{
	return live->cap;
}

int trail_live_add_pid(struct trail_live *live, int pid, struct trail_error *error)
{
	return trail_record_add_pid(live->record, pid, error);
}

int trail_live_start(struct trail_live *live, struct trail_error *error)
{
	live->taken_ms = live_now_ms();
	live->take_ms = live->taken_ms + live->interval_ms;
	live->look_ms = live->taken_ms + 1000;
	return trail_record_start(live->record, error);
}

static int give_out(struct trail_live *live, int nr, const struct trail_event **events)
{
	for (int i = 0; i < nr; i++) {
		live->nr_late += live->batch[i].ts_ns < live->last_ns;
		if (live->batch[i].ts_ns > live->last_ns)
			live->last_ns = live->batch[i].ts_ns;
	}
	live->nr_event += (uint64_t)nr;
	*events = live->batch;
	return nr;
}

/* Nothing is left of what was taken. */
static void note_given(struct trail_live *live)
{
	if (live->until_ns)
		live->given_ns = live->until_ns;
	else if (live->is_drained && live->last_ns >= live->given_ns)
		live->given_ns = live->last_ns + 1;
}

static int fail_batch(struct trail_live *live, int err, struct trail_error *error)
{
	if (!live->failed) {
		if (!*error->text)
			fail(live, err, "cannot read the kernel's buffers");
		live->failed = err;
		live->why = *error;
	}
	*error = live->why;
	return live->failed;
}

int trail_live_batch(struct trail_live *live, int timeout_ms, const struct trail_event **events,
		     struct trail_error *error)
{
	int64_t end_ms = live_now_ms() + timeout_ms;
	int err = live->failed, nr;

	*error = (struct trail_error){ 0 };
	live->record->session.error = error;
	while (!err) {
		nr = feed_read(live->cap, live->batch, BATCH_EVENTS);
		if (nr > 0)
			return give_out(live, nr, events);
		if (!nr)
			note_given(live);
		if (!nr && (live->is_drained || (!live->is_stopped && !live_wait(live, end_ms))))
			return 0;
		err = nr ? nr : live_take(live, error);
	}
	return fail_batch(live, err, error);
}

uint64_t trail_live_until(const struct trail_live *live)
{
	return live->given_ns;
}

void trail_live_stat(struct trail_live *live, struct trail_live_stat *stat)
{
	struct trail_record *record = live->record;

	*stat = (struct trail_live_stat){
		.events = live->nr_event, .late = live->nr_late, .cpu = live->cpu,
		.nr_event_type = record->stat.nr_event_type,
	};
	watch_look(record);
	for (int cpu = 0; cpu < record->nr_cpu; cpu++) {
		struct trail_live_cpu *out = &live->cpu[stat->nr_cpu];
		struct feed_cpu_stat pages;
		uint64_t counted;

		if (record->recorder[cpu].raw_fd < 0)
			continue;
		feed_stat(live->cap, (uint32_t)cpu, &pages);
		counted = watch_lost(record, cpu);
		*out = (struct trail_live_cpu){
			.cpu = (uint32_t)cpu, .events = pages.events,
			.lost = counted > pages.lost ? counted : pages.lost,
		};
		stat->lost += out->lost;
		stat->nr_cpu++;
	}
	stat->missed_probes = dynevent_count_missed(&record->dynevents, &record->session) +
			      user_probes_count_missed(&record->probes, &record->session);
	stat->disturbed = record->watch.off_ns || record->watch.was_cleared;
}

int trail_live_stop(struct trail_live *live, struct trail_error *error)
{
	int err;

	*error = (struct trail_error){ 0 };
	live->record->session.error = error;
	if (live->is_stopped || live->record->state != STATE_RUNNING)
		return 0;
	live->is_stopped = true;
	err = record_switch_off(live->record);
	return err ? fail(live, err, "cannot stop tracing") : 0;
}

int trail_live_close(struct trail_live *live, struct trail_error *error)
{
	struct trail_error ignored = { 0 }, later = { 0 };
	int err = 0;

	if (!live)
		return 0;
	if (error)
		*error = (struct trail_error){ 0 };
	if (live->record && live->record->state == STATE_RUNNING) {
		live->record->session.error = error ? error : &ignored;
		err = record_restore(live->record, &later);
	}
	trail_capture_close(live->cap);
	live_comms_free(live->comms);
	blank_free(live->blank);
	free(live->pollfd);
	free(live->cpu);
	trail_record_free(live->record);
	free(live);
	return err;
}
