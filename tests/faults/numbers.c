// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * numbers.c - the traffic that a recording is judged by: datagram N on loopback has N bytes
 *
 *	numbers LOG [GAP_US [SECONDS [CPU]]]
 *
 * LOG gets a line "N NS" when datagram N has been received again, NS by CLOCK_MONOTONIC, and "end"
 * at last: what a capture must hold that was on disk at a given time.  A length is in every tool's
 * output, and needs no packet bytes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORT		6543
#define MAX_NUMBER	60000
#define SECOND_NS	INT64_C(1000000000)

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND_NS + ts.tv_nsec;
}

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int open_socket(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct timeval patience = { 1, 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return -1;
	return fd;
}

static int stay_on(const char *cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(atoi(cpu), &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

int main(int argc, char **argv)
{
	static char bytes[MAX_NUMBER];
	int64_t gap_us = argc > 2 ? atoi(argv[2]) : 2000, end_ns;
	int fd, log;

	if (argc < 2)
		return 2;
	if (argc > 4 && stay_on(argv[4]))
		return fail("sched_setaffinity");
	fd = open_socket();
	log = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || log < 0)
		return fail(argv[1]);
	end_ns = argc > 3 ? now_ns() + (int64_t)(atof(argv[3]) * SECOND_NS) : INT64_MAX;
	for (int number = 1; number <= MAX_NUMBER && now_ns() < end_ns; number++) {
		if (send(fd, bytes, number, 0) != number ||
		    recv(fd, bytes, sizeof(bytes), 0) != number)
			return fail("datagram");
		if (dprintf(log, "%d %jd\n", number, (intmax_t)now_ns()) < 0)
			return fail(argv[1]);
		if (gap_us)
			usleep(gap_us);
	}
	return dprintf(log, "end\n") < 0 ? fail(argv[1]) : 0;
}
