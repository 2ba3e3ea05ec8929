// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * progress.c - a recording's counters -> lines on standard error
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

static void print_bytes(uint64_t bytes)
{
	if (bytes < 10 << 20)
		fprintf(stderr, "%" PRIu64 " KB", bytes >> 10);
	else
		fprintf(stderr, "%" PRIu64 " MB", bytes >> 20);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

void progress_start(struct progress *progress, bool has_command)
{
	uint64_t now = now_ns();

	*progress = (struct progress){
		.is_shown = isatty(STDERR_FILENO) && !has_command, .start_ns = now, .at_ns = now,
	};
}

void progress_clear(struct progress *progress)
{
	if (progress->is_on_line)
		fputs("\r\033[K", stderr);
	progress->is_on_line = false;
}

void progress_show(struct progress *progress, const struct trail_record_progress *now)
{
	uint64_t at_ns = now_ns(), took_ns = at_ns - progress->at_ns;
	/* Less than before: somebody has cleared a buffer. */
	uint64_t more = now->events < progress->events ? 0 : now->events - progress->events;

	progress->events = now->events;
	progress->at_ns = at_ns;
	if (!progress->is_shown || !took_ns)
		return;
	progress_clear(progress);
	fprintf(stderr, "%.0f s: %.0f events/s, ", (at_ns - progress->start_ns) / 1e9,
		1e9 * more / took_ns);
	print_bytes(now->bytes);
	if (now->lost)
		fprintf(stderr, ", %" PRIu64 " lost", now->lost);
	else
		fputs(", none lost", stderr);
	fflush(stderr);
	progress->is_on_line = true;
}

void progress_end(const struct trail_record_stat *stat, const char *output)
{
	uint64_t lost = stat->overrun + stat->commit_overrun + stat->dropped;

	fprintf(stderr, "skbtrail: %" PRIu64 " events, ", stat->kept_events);
	print_bytes(stat->bytes);
	fprintf(stderr, " of %u CPUs in %s; ", stat->nr_cpu, output);
	if (stat->let_go)
		fprintf(stderr, "%" PRIu64 " older ones gave way; ", stat->let_go);
	if (stat->not_kept)
		fprintf(stderr, "%" PRIu64 " more were not kept%s", stat->not_kept,
			lost ? "; " : "\n");
	if (lost)
		fprintf(stderr, "%" PRIu64 " lost (overrun %" PRIu64 ", commit overrun %" PRIu64
			", dropped %" PRIu64 "): -b KB makes the kernel's buffers larger\n",
			lost, stat->overrun, stat->commit_overrun, stat->dropped);
	else if (!stat->not_kept)
		fprintf(stderr, stat->disturbed ? "none lost but for what others did\n" :
			"none lost\n");
	if (stat->missed_probes)
		fprintf(stderr, "skbtrail: warning: %" PRIu64 " hits of probes missed: interrupts "
			"came while another probe ran\n", stat->missed_probes);
}
