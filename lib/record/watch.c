// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * watch.c - a running recording -> its progress, when it lost events, what others did to it
 *
 * The pages of the ring buffer tell where events were overwritten, but not where the kernel
 * refused to write them, and nothing of what it lost last.  The counters of each CPU, looked at
 * once a second, do.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record-private.h"

/* Of these a capture holds no more; later losses of a CPU make its last one longer. */
#define MAX_LOSS	2048
/* These lines are read by lib/read/capture-probes.c. */
#define CLEARED_LINE	"\ncleared"

/* What an instance that existed had counted before is taken off, as modulo arithmetic does. */
static void set_base(struct watch_cpu *cpu)
{
	cpu->before.overrun = -cpu->last.overrun;
	cpu->before.commit_overrun = -cpu->last.commit_overrun;
	cpu->before.dropped = -cpu->last.dropped;
	cpu->before.read_events = -cpu->last.read_events;
}

int watch_start(struct trail_record *record)
{
	struct watch_cpu *cpu = calloc(record->max_cpu, sizeof(*cpu));
	struct blob text = { 0 };

	if (!cpu)
		return -ENOMEM;
	record->watch.cpu = cpu;
	for (int i = 0; i < record->nr_cpu; i++)
		if (!cpu_stats_read(&record->session, i, &text, &cpu[i].last))
			set_base(&cpu[i]);
	blob_release(&text);
	return 0;
}

void watch_release(struct watch *watch)
{
	free(watch->cpu);
	free(watch->loss);
	*watch = (struct watch){ 0 };
}

/* A flight recorder lets the oldest go on purpose. */
static uint64_t lost(const struct trail_record *record, const struct cpu_stats *stats)
{
	return (record->opts.flight ? 0 : stats->overrun) + stats->commit_overrun + stats->dropped;
}

uint64_t watch_lost(const struct trail_record *record, int number)
{
	const struct watch_cpu *cpu = &record->watch.cpu[number];

	return lost(record, &cpu->before) + lost(record, &cpu->last);
}

static struct loss *last_loss(struct watch *watch, int cpu)
{
	for (size_t i = watch->nr_loss; i; i--)
		if (watch->loss[i - 1].cpu == cpu)
			return &watch->loss[i - 1];
	return NULL;
}

/* Out of memory the time is forgotten, not the number: that is in the kernel's counters. */
static void add_loss(struct watch *watch, const struct loss *loss)
{
	struct loss *last = watch->nr_loss >= MAX_LOSS ? last_loss(watch, loss->cpu) : NULL;
	struct loss *more;

	if (last) {
		last->to_ns = loss->to_ns;
		last->nr += loss->nr;
		return;
	}
	more = reallocarray(watch->loss, watch->nr_loss + 1, sizeof(*more));
	if (!more)
		return;
	watch->loss = more;
	more[watch->nr_loss++] = *loss;
}

static void clear(struct trail_record *record, struct watch_cpu *cpu)
{
	if (!record->watch.was_cleared)
		session_warn(&record->session, "the kernel's buffer was cleared while recording, "
			     "and what it held is lost: somebody wrote to its trace file, or a "
			     "module with recorded events was unloaded");
	record->watch.was_cleared = true;
	cpu->before.overrun += cpu->last.overrun;
	cpu->before.commit_overrun += cpu->last.commit_overrun;
	cpu->before.dropped += cpu->last.dropped;
	cpu->before.read_events += cpu->last.read_events;
	cpu->last = (struct cpu_stats){ .now_ns = cpu->last.now_ns };
	cpu->written = 0;
}

/*
 * Is @stats of a buffer that was reset since the last look?  Only a reset makes what was written in
 * all go back.  As long as a CPU has written less since than it had before, that shows.
 */
static bool was_reset(const struct watch_cpu *cpu, const struct cpu_stats *stats)
{
	return stats->read_events < cpu->last.read_events || stats->overrun < cpu->last.overrun ||
	       cpu_stats_most(stats) < cpu->written;
}

/* Twice: the kernel reads one counter after the other, and events move between them meanwhile. */
static void look(struct trail_record *record, int number, struct blob *text)
{
	struct watch_cpu *cpu = &record->watch.cpu[number];
	struct cpu_stats first, stats;
	struct loss loss;

	if (cpu_stats_read(&record->session, number, text, &first) ||
	    cpu_stats_read(&record->session, number, text, &stats))
		return;
	if (was_reset(cpu, &first))
		clear(record, cpu);
	loss = (struct loss){ number, cpu->last.now_ns ? cpu->last.now_ns : stats.now_ns,
			      stats.now_ns, lost(record, &stats) - lost(record, &cpu->last) };
	if (loss.nr)
		add_loss(&record->watch, &loss);
	cpu->last = stats;
	cpu->written = cpu_stats_least(&first, &stats);
}

/* By the trace clock, at the last look. */
static uint64_t last_ns(const struct trail_record *record)
{
	uint64_t last = 0;

	for (int i = 0; record->watch.cpu && i < record->nr_cpu; i++)
		if (record->watch.cpu[i].last.now_ns > last)
			last = record->watch.cpu[i].last.now_ns;
	return last;
}

void watch_tracing(struct trail_record *record)
{
	struct blob text = { 0 };
	bool is_off;

	if (session_read(&record->session, "tracing_on", &text)) {
		blob_release(&text);
		return;
	}
	is_off = *text.data == '0';
	blob_release(&text);
	if (is_off == record->watch.is_off)
		return;
	record->watch.is_off = is_off;
	if (is_off && !record->watch.off_ns)
		record->watch.off_ns = last_ns(record);
	session_warn(&record->session, is_off ?
		     "tracing was switched off by somebody else: nothing more is recorded" :
		     "tracing was switched on again");
}

void watch_look(struct trail_record *record)
{
	struct blob text = { 0 };

	for (int i = 0; i < record->nr_cpu; i++)
		if (record->recorder[i].raw_fd >= 0)
			look(record, i, &text);
	blob_release(&text);
}

int trail_record_poll(struct trail_record *record, struct trail_record_progress *progress,
		      struct trail_error *error)
{
	int err;

	*error = (struct trail_error){ 0 };
	*progress = (struct trail_record_progress){ 0 };
	record->session.error = error;
	err = recorders_add_new(record);
	if (err)
		return session_fail(&record->session, err, NULL,
				    "cannot record a CPU that came online: %s", strerror(-err));
	watch_look(record);
	user_probes_look(&record->probes, &record->session);
	for (int i = 0; i < record->nr_cpu; i++) {
		const struct recorder *recorder = &record->recorder[i];
		const struct watch_cpu *cpu = &record->watch.cpu[i];

		if (recorder->raw_fd < 0)
			continue;
		progress->events += cpu->before.read_events + cpu->last.read_events +
				    cpu->last.entries;
		progress->bytes += recorder->file_bytes[0] + recorder->file_bytes[1] +
				   cpu->last.bytes;
		progress->lost += watch_lost(record, i);
	}
	watch_tracing(record);
	counting_poll(record);
	return 0;
}

void watch_end(struct trail_record *record)
{
	struct trail_record_stat *stat = &record->stat;

	for (int i = 0; i < record->nr_cpu && record->watch.cpu; i++) {
		const struct watch_cpu *cpu = &record->watch.cpu[i];

		if (record->recorder[i].raw_fd < 0)
			continue;
		look(record, i, &record->cpu_stat[i]);
		stat->nr_cpu++;
		stat->overrun += cpu->before.overrun + cpu->last.overrun;
		stat->commit_overrun += cpu->before.commit_overrun + cpu->last.commit_overrun;
		stat->dropped += cpu->before.dropped + cpu->last.dropped;
		stat->read_events += cpu->before.read_events + cpu->last.read_events;
		/* Where none failed, all has been taken out. */
		if (record->ended_early)
			stat->not_kept += cpu->last.entries;
	}
	stat->disturbed = record->watch.off_ns || record->watch.was_cleared;
	if (record->opts.flight) {
		stat->let_go = stat->overrun;
		stat->overrun = 0;
	}
}

void watch_count_kept(struct trail_record *record)
{
	struct trail_record_stat *stat = &record->stat;
	uint64_t missing = stat->read_events > stat->kept_events ?
			   stat->read_events - stat->kept_events : 0;

	if (record->opts.max_kb && !record->ended_early)
		stat->let_go = missing;
	else
		stat->not_kept += missing;
}

void watch_describe(const struct watch *watch, struct blob *out)
{
	char line[100];

	if (watch->off_ns) {
		int n = snprintf(line, sizeof(line), "\noff %" PRIu64, watch->off_ns);

		blob_add(out, line, (size_t)n);
	}
	if (watch->was_cleared)
		blob_add(out, CLEARED_LINE, strlen(CLEARED_LINE));
	for (size_t i = 0; i < watch->nr_loss; i++) {
		const struct loss *loss = &watch->loss[i];
		int n = snprintf(line, sizeof(line),
				 "\nlost %d %" PRIu64 " %" PRIu64 " %" PRIu64, loss->cpu,
				 loss->from_ns, loss->to_ns, loss->nr);

		blob_add(out, line, (size_t)n);
	}
}
