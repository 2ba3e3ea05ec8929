// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netload.c - a UDP ping-pong or a TCP stream between two network namespaces -> how long it took
 *
 *	netload [-c CPU] udp NETNS DEVICE ADDRESS ROUNDS
 *	netload [-c CPU] tcp NETNS DEVICE ADDRESS BYTES
 *
 * The near side runs in the namespace that it is started in, the far side in NETNS (a file) at
 * ADDRESS.  Nothing is logged and nothing else happens while the clock runs, so that what is
 * measured is the kernel.  With -c both sides share a CPU: then no CPU is ever idle, what tracing
 * costs cannot hide in waiting, and all work on packets is done in the time of one of the two.
 * Prints the time, the CPU time of both sides in it, the median of the round trips, and how many
 * packets DEVICE moved from the start to the end.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORT		6100
#define PING_BYTES	64
#define WRITE_BYTES	16384
#define READ_BYTES	65536
/* A datagram that is lost would stop a ping-pong for ever. */
#define TIMEOUT_SECONDS	20

/**
 * struct load - what to do
 * @type: SOCK_DGRAM or SOCK_STREAM
 * @addr: of the far side
 * @amount: round trips or bytes
 * @ready: the far side says here that it listens
 * @far_clock: CPU time of the far side
 */
struct load {
	int type;
	struct sockaddr_in addr;
	long amount;
	int ready[2];
	clockid_t far_clock;
};

/* How long it took: by the clock on the wall, CPU time of both sides, median of the round trips. */
struct took {
	int64_t wall_ns;
	int64_t cpu_ns;
	int64_t median_ns;
};

static int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		err(1, "clock");
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static int64_t cpu_ns(const struct load *load)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID) + clock_ns(load->far_clock);
}

/* Received and sent. */
static long count_packets(const char *device)
{
	FILE *file = fopen("/proc/self/net/dev", "re");
	long received = 0, sent = 0;
	char line[512], *at;

	while (file && fgets(line, sizeof(line), file)) {
		at = line + strspn(line, " ");
		if (strncmp(at, device, strlen(device)) || at[strlen(device)] != ':')
			continue;
		sscanf(at + strlen(device) + 1, "%*u %ld %*u %*u %*u %*u %*u %*u %*u %ld",
		       &received, &sent);
	}
	if (file)
		fclose(file);
	return received + sent;
}

static int open_socket(const struct load *load)
{
	struct timeval timeout = { .tv_sec = TIMEOUT_SECONDS };
	int fd = socket(AF_INET, load->type | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		err(1, "socket");
	return fd;
}

/* ---- the far side */

static void echo(int fd, char *data)
{
	struct sockaddr_in peer;
	socklen_t peer_len = sizeof(peer);
	ssize_t len;

	while ((len = recvfrom(fd, data, READ_BYTES, 0, (void *)&peer, &peer_len)) >= 0)
		if (sendto(fd, data, len, 0, (void *)&peer, peer_len) < 0)
			err(1, "sendto");
}

/* The last byte tells the sender that all others were read. */
static void swallow(int listener, char *data)
{
	int fd = accept(listener, NULL, NULL);
	ssize_t len;

	if (fd < 0)
		err(1, "accept");
	while ((len = recv(fd, data, READ_BYTES, 0)) > 0)
		;
	if (len < 0 || send(fd, "", 1, 0) != 1)
		err(1, "stream");
	/* Its clock is read before it is killed. */
	pause();
}

static void far_side(const struct load *load, const char *netns)
{
	int ns = open(netns, O_RDONLY | O_CLOEXEC), one = 1, fd;
	char data[READ_BYTES];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (ns < 0 || setns(ns, CLONE_NEWNET))
		err(1, "%s", netns);
	fd = open_socket(load);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const void *)&load->addr, sizeof(load->addr)) ||
	    (load->type == SOCK_STREAM && listen(fd, 1)))
		err(1, "listen");
	if (write(load->ready[1], "", 1) != 1)
		err(1, "pipe");
	if (load->type == SOCK_DGRAM)
		echo(fd, data);
	else
		swallow(fd, data);
	exit(0);
}

/* ---- the near side */

static void round_trip(int fd, char *data)
{
	if (send(fd, data, PING_BYTES, 0) < 0 || recv(fd, data, PING_BYTES, 0) != PING_BYTES)
		err(1, "ping-pong");
}

static int compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* A tenth more goes before, to warm up. */
static struct took ping_pong(const struct load *load, int fd)
{
	int64_t *each = calloc(load->amount, sizeof(*each)), start, before, after;
	char data[PING_BYTES] = "";
	struct took took;

	if (!each)
		err(1, NULL);
	for (long i = 0; i < load->amount / 10; i++)
		round_trip(fd, data);
	took.cpu_ns = -cpu_ns(load);
	start = before = clock_ns(CLOCK_MONOTONIC);
	for (long i = 0; i < load->amount; i++) {
		round_trip(fd, data);
		after = clock_ns(CLOCK_MONOTONIC);
		each[i] = after - before;
		before = after;
	}
	took.wall_ns = before - start;
	took.cpu_ns += cpu_ns(load);
	qsort(each, load->amount, sizeof(*each), compare);
	took.median_ns = each[load->amount / 2];
	free(each);
	return took;
}

static struct took stream(const struct load *load, int fd)
{
	static const char data[WRITE_BYTES];
	struct took took = { -clock_ns(CLOCK_MONOTONIC), -cpu_ns(load), 0 };
	char answer;

	for (long left = load->amount; left > 0;) {
		ssize_t sent = send(fd, data, left < WRITE_BYTES ? left : WRITE_BYTES,
				    MSG_NOSIGNAL);

		if (sent < 0)
			err(1, "send");
		left -= sent;
	}
	if (shutdown(fd, SHUT_WR) || recv(fd, &answer, 1, 0) != 1)
		err(1, "stream");
	took.wall_ns += clock_ns(CLOCK_MONOTONIC);
	took.cpu_ns += cpu_ns(load);
	return took;
}

static void near_side(const struct load *load, const char *device)
{
	long packets = count_packets(device);
	int fd = open_socket(load);
	struct took took;
	char byte;

	if (read(load->ready[0], &byte, 1) != 1)
		errx(1, "the far side ended");
	if (connect(fd, (const void *)&load->addr, sizeof(load->addr)))
		err(1, "connect");
	took = load->type == SOCK_DGRAM ? ping_pong(load, fd) : stream(load, fd);
	close(fd);
	packets = count_packets(device) - packets;
	printf("{\"wall_ns\": %" PRId64 ", \"cpu_ns\": %" PRId64 ", \"median_ns\": %" PRId64
	       ", \"packets\": %ld}\n", took.wall_ns, took.cpu_ns, took.median_ns, packets);
}

static int usage(void)
{
	fputs("usage: netload [-c CPU] udp|tcp NETNS DEVICE ADDRESS ROUNDS|BYTES\n", stderr);
	return 2;
}

static int parse(struct load *load, char **arg)
{
	load->type = !strcmp(arg[0], "udp") ? SOCK_DGRAM : SOCK_STREAM;
	load->addr.sin_family = AF_INET;
	load->addr.sin_port = htons(PORT);
	load->amount = strtol(arg[4], NULL, 10);
	if (load->type == SOCK_STREAM && strcmp(arg[0], "tcp"))
		return -1;
	return inet_pton(AF_INET, arg[3], &load->addr.sin_addr) == 1 && load->amount > 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct load load = { 0 };
	cpu_set_t cpus;
	pid_t child;
	int option;

	CPU_ZERO(&cpus);
	while ((option = getopt(argc, argv, "c:")) != -1) {
		if (option != 'c')
			return usage();
		CPU_SET(strtol(optarg, NULL, 10), &cpus);
	}
	if (argc - optind != 5 || parse(&load, argv + optind))
		return usage();
	if (CPU_COUNT(&cpus) && sched_setaffinity(0, sizeof(cpus), &cpus))
		err(1, "CPU");
	if (pipe2(load.ready, O_CLOEXEC))
		err(1, "pipe");
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child)
		far_side(&load, argv[optind + 1]);
	if (clock_getcpuclockid(child, &load.far_clock))
		errx(1, "no CPU clock of the far side");
	near_side(&load, argv[optind + 2]);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}
