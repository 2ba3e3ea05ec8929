// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hits.c - a function of the kernel or of this program, called again and again -> what a call takes
 *
 *	hits FILE call COUNT		vfs_fallocate() of the kernel, which nothing else here calls
 *	hits FILE function COUNT	step() of this program
 *
 * Writes to FILE "CPU WALL", in ns a call: the time of this program, and that on the clock.
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Not measured: what is slow only the first time. */
#define WARM	1000

static int64_t ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

__attribute__((noinline, visibility("default"))) long step(long number, long *sum);

__attribute__((noinline, visibility("default"))) long step(long number, long *sum)
{
	*sum += number;
	return number + 1;
}

/* A length of 0 is refused at once. */
static void run(int fd, int in_kernel, long count)
{
	long sum = 0;

	for (long i = 0; i < count; i++) {
		if (in_kernel)
			syscall(SYS_fallocate, fd, 0, 0L, 0L);
		else
			step(i, &sum);
	}
}

int main(int argc, char **argv)
{
	int fd = open("/dev/null", O_WRONLY), in_kernel;
	int64_t cpu, wall;
	long count;
	FILE *file;

	if (argc < 4)
		return 2;
	in_kernel = !strcmp(argv[2], "call");
	count = atol(argv[3]);
	run(fd, in_kernel, WARM);
	cpu = ns(CLOCK_PROCESS_CPUTIME_ID);
	wall = ns(CLOCK_MONOTONIC);
	run(fd, in_kernel, count);
	wall = ns(CLOCK_MONOTONIC) - wall;
	cpu = ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	file = fopen(argv[1], "w");
	if (!file || fprintf(file, "%.1f %.1f\n", (double)cpu / (double)count,
			     (double)wall / (double)count) < 0 || fclose(file))
		err(1, "%s", argv[1]);
	return 0;
}
