// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * live-events.c - the events of a command, printed while it runs
 *
 *	live-events [-kp] [-b KB] [-B INSTANCE] [-d MS] [-s USEC] EVENT ... -- COMMAND ...
 *
 * -p adds the events of packets, with probes; -d waits so long between two batches; -k kills itself
 * when the command has ended; -s is the time for which events are collected.  The last lines, on
 * standard error, are the numbers.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "skbtrail.h"

#define MAX_EVENT	32

struct run {
	struct trail_record_opts opts;
	struct trail_record_event event[MAX_EVENT];
	struct trail_live *live;
	uint64_t nr;
	uint64_t nr_lost;
	uint64_t nr_disorder;
	uint64_t last_ns;
	long delay_ms;
	bool kills;
};

static void warn(void *data, const char *text)
{
	fprintf(stderr, "warning: %s\n", text);
}

static int fail(int err, const struct trail_error *error)
{
	fprintf(stderr, "%d %s\n", err, *error->text ? error->text : strerror(-err));
	return 1;
}

static pid_t start(char **command, int go[2])
{
	char byte;
	pid_t pid;

	if (pipe(go))
		return -1;
	pid = fork();
	if (pid)
		return pid;
	close(go[1]);
	if (read(go[0], &byte, 1) < 0)
		_exit(126);
	execvp(command[0], command);
	_exit(127);
}

static void print(struct run *run, const struct trail_event *event, int nr)
{
	char line[4096];

	for (int i = 0; i < nr; i++) {
		run->nr++;
		run->nr_lost += event[i].lost > 0 ? (uint64_t)event[i].lost : 0;
		run->nr_disorder += event[i].ts_ns < run->last_ns;
		run->last_ns = event[i].ts_ns;
		trail_capture_print(trail_live_capture(run->live), &event[i], line, sizeof(line));
		puts(line);
		fflush(stdout);
	}
}

static int follow(struct run *run, pid_t pid, struct trail_error *error)
{
	const struct timespec delay = { run->delay_ms / 1000, run->delay_ms % 1000 * 1000000 };
	const struct trail_event *event;
	bool has_ended = false;
	int nr;

	while ((nr = trail_live_batch(run->live, 50, &event, error)) > 0 || (!nr && !has_ended)) {
		print(run, event, nr);
		if (!has_ended && waitpid(pid, NULL, WNOHANG) == pid) {
			has_ended = true;
			if (run->kills)
				raise(SIGKILL);
			if (trail_live_stop(run->live, error))
				return -EIO;
		}
		nanosleep(&delay, NULL);
	}
	return nr;
}

static int record(struct run *run, char **command)
{
	struct trail_live_stat stat;
	struct trail_error error;
	int err, go[2];
	pid_t pid;

	err = trail_live_open(&run->opts, &run->live, &error);
	if (err)
		return fail(err, &error);
	pid = start(command, go);
	err = pid < 0 ? -errno : trail_live_start(run->live, &error);
	close(go[1]);
	if (!err)
		err = follow(run, pid, &error);
	if (err)
		fail(err, &error);
	trail_live_stat(run->live, &stat);
	fprintf(stderr, "printed %" PRIu64 " given %" PRIu64 " lost %" PRIu64 " marked %" PRIu64
		" late %" PRIu64 " disorder %" PRIu64 "\n", run->nr, stat.events, stat.lost,
		run->nr_lost, stat.late, run->nr_disorder);
	for (uint32_t i = 0; i < stat.nr_cpu; i++)
		fprintf(stderr, "cpu %u %" PRIu64 " lost %" PRIu64 "\n", stat.cpu[i].cpu,
			stat.cpu[i].events, stat.cpu[i].lost);
	err = trail_live_close(run->live, &error);
	return err ? fail(err, &error) : 0;
}

static void add_packets(struct trail_record_opts *opts)
{
	opts->preset = TRAIL_PRESET_NET;
	opts->snap_bytes = TRAIL_SNAP_BYTES;
	opts->no_probes = false;
}

int main(int argc, char **argv)
{
	struct run run = { .opts = { .event = run.event, .warn = warn, .no_probes = true } };
	int option;

	while ((option = getopt(argc, argv, "+b:B:d:kps:")) > 0) {
		if (option == 'b')
			run.opts.buffer_kb = strtoul(optarg, NULL, 10);
		else if (option == 'B')
			run.opts.instance = optarg;
		else if (option == 'd')
			run.delay_ms = strtol(optarg, NULL, 10);
		else if (option == 's')
			run.opts.interval_us = strtoul(optarg, NULL, 10);
		else if (option == 'k')
			run.kills = true;
		else if (option == 'p')
			add_packets(&run.opts);
		else
			return 2;
	}
	for (; argv[optind] && strcmp(argv[optind], "--"); optind++)
		if (run.opts.nr_event < MAX_EVENT)
			run.event[run.opts.nr_event++].name = argv[optind];
	if (!argv[optind] || !argv[optind + 1])
		return 2;
	return record(&run, argv + optind + 1);
}
