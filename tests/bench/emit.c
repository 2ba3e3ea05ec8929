// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emit.c - events at a steady rate: calls that fail at once, whose entry is a tracepoint
 *
 *	emit RATE EVENTS
 *
 * A process on each CPU that it may run on makes its share of EVENTS, RATE of them a second all
 * together, in bursts of a millisecond.  One that was kept from running for longer than some of
 * these goes on at the rate and does not catch up.  An event is syscalls:sys_enter_copy_file_range,
 * with descriptors that there are not; no recorder makes this call while it records.  Prints how
 * many there were, how long it took and the CPU time.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK_NS		1000000
#define SECOND_NS	INT64_C(1000000000)
#define MOST_LATE_NS	(4 * TICK_NS)

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND_NS + ts.tv_nsec;
}

static void sleep_until(int64_t ns)
{
	struct timespec ts = { ns / SECOND_NS, ns % SECOND_NS };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL))
		;
}

static void emit_one(void)
{
	if (copy_file_range(-1, NULL, -1, NULL, 1, 0) >= 0)
		errx(1, "copied nothing");
}

static void emit(int cpu, double rate, int64_t events)
{
	int64_t start, done = 0, tick = 0;
	cpu_set_t set;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "CPU %d", cpu);
	start = now_ns();
	while (done < events) {
		int64_t due = (int64_t)((double)++tick * TICK_NS * rate / SECOND_NS), late;

		sleep_until(start + tick * TICK_NS);
		for (; done < due && done < events; done++)
			emit_one();
		late = now_ns() - start - tick * TICK_NS;
		if (late > MOST_LATE_NS)
			start += late;
	}
}

static int64_t cpu_ns(int who)
{
	struct rusage used;

	getrusage(who, &used);
	return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * SECOND_NS +
	       (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000;
}

static void start_all(const cpu_set_t *cpus, double rate, int64_t events)
{
	int left = CPU_COUNT(cpus);

	for (int cpu = 0; left; cpu++) {
		int64_t share;
		pid_t pid;

		if (!CPU_ISSET(cpu, cpus))
			continue;
		share = events / left--;
		pid = fork();
		if (pid < 0)
			err(1, "fork");
		if (!pid) {
			emit(cpu, rate / CPU_COUNT(cpus), share);
			exit(0);
		}
		events -= share;
	}
}

int main(int argc, char **argv)
{
	int64_t events, start;
	cpu_set_t cpus;
	int status;

	if (argc != 3 || strtod(argv[1], NULL) <= 0) {
		fputs("usage: emit RATE EVENTS\n", stderr);
		return 2;
	}
	events = strtoll(argv[2], NULL, 10);
	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		err(1, "CPUs");
	start = now_ns();
	start_all(&cpus, strtod(argv[1], NULL), events);
	while (wait(&status) > 0)
		if (status)
			errx(1, "a process failed");
	printf("{\"events\": %" PRId64 ", \"wall_ns\": %" PRId64 ", \"cpu_ns\": %" PRId64 "}\n",
	       events, now_ns() - start, cpu_ns(RUSAGE_SELF) + cpu_ns(RUSAGE_CHILDREN));
	return 0;
}
