// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic.c - a few options -> UDP datagrams and TCP streams of known content, and a log of them
 *
 * The log has one JSON object a line, with CLOCK_MONOTONIC: of a send before the system call, of a
 * receive after it.  So a packet's time in the kernel lies between two lines.  Every line is on
 * disk before the next call: a receiver may be killed at any time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The largest datagram over IPv4, and of what a stream is sent. */
#define MAX_BYTES	65507
#define NUMBER_DIGITS	6

/**
 * struct traffic - what to do
 * @addr: peer (send) or own (receive) address and port
 * @log: where the lines go
 * @kind: "k" of the lines of a sender
 * @count: datagrams or streams to send, 0 = until @seconds are over
 * @bytes: of the first datagram, of each stream
 * @step: by how much each datagram is longer than the one before
 * @gap_us: pause between two
 * @seconds: senders: stop then; receivers: stop when nothing came for so long
 */
struct traffic {
	struct sockaddr_in addr;
	FILE *log;
	const char *kind;
	long count;
	long bytes;
	long step;
	long gap_us;
	long seconds;
};

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int fail(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	return 1;
}

static int open_socket(const struct traffic *t, int type, bool receive)
{
	const struct sockaddr *addr = (const struct sockaddr *)&t->addr;
	struct timeval idle = { .tv_sec = t->seconds };
	int one = 1, fd;

	fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	if (fd < 0 || !receive)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof(idle));
	if (!bind(fd, addr, sizeof(t->addr)) && (type == SOCK_DGRAM || !listen(fd, 16)))
		return fd;
	close(fd);
	return -1;
}

static int udp_recv(const struct traffic *t)
{
	char data[MAX_BYTES + 1], number[NUMBER_DIGITS + 1] = "";
	struct sockaddr_in from;
	int fd = open_socket(t, SOCK_DGRAM, true);

	if (fd < 0)
		return fail("udp-recv");
	for (;;) {
		socklen_t from_len = sizeof(from);
		ssize_t len = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from,
				       &from_len);
		int64_t now = clock_ns(CLOCK_MONOTONIC);

		if (len < NUMBER_DIGITS)
			break;
		memcpy(number, data, NUMBER_DIGITS);
		fprintf(t->log, "{\"t\": %lld, \"n\": %ld, \"len\": %zd, \"port\": %u}\n",
			(long long)now, strtol(number, NULL, 10), len, ntohs(from.sin_port));
		fflush(t->log);
	}
	close(fd);
	return 0;
}

static void read_stream(const struct traffic *t, int fd, unsigned int port)
{
	char data[MAX_BYTES];
	long long off = 0;
	ssize_t len;

	do {
		len = recvfrom(fd, data, sizeof(data), 0, NULL, NULL);
		if (len < 0)
			break;
		fprintf(t->log, "{\"t\": %lld, \"port\": %u, \"off\": %lld, \"len\": %zd}\n",
			(long long)clock_ns(CLOCK_MONOTONIC), port, off, len);
		fflush(t->log);
		off += len;
	} while (len > 0);
	/* The answer tells the sender that all of it was read. */
	if (send(fd, "done", 4, MSG_NOSIGNAL) < 0)
		fail("tcp-recv: answer");
}

static int tcp_recv(const struct traffic *t)
{
	int listener = open_socket(t, SOCK_STREAM, true);
	struct sockaddr_in from;

	if (listener < 0)
		return fail("tcp-recv");
	for (;;) {
		socklen_t from_len = sizeof(from);
		int fd = accept(listener, (struct sockaddr *)&from, &from_len);

		if (fd < 0)
			break;
		read_stream(t, fd, ntohs(from.sin_port));
		close(fd);
	}
	close(listener);
	return 0;
}

/* Is there another one to send?  Pauses between two. */
static bool more(const struct traffic *t, long n, int64_t start)
{
	struct timespec pause = { t->gap_us / 1000000, t->gap_us % 1000000 * 1000 };

	if (t->count && n >= t->count)
		return false;
	if (n && t->gap_us)
		nanosleep(&pause, NULL);
	return t->count || clock_ns(CLOCK_MONOTONIC) - start < t->seconds * INT64_C(1000000000);
}

static int udp_send(const struct traffic *t)
{
	int64_t start = clock_ns(CLOCK_MONOTONIC);
	int fd = open_socket(t, SOCK_DGRAM, false);
	char data[MAX_BYTES];

	if (fd < 0)
		return fail("udp-send");
	memset(data, 'x', sizeof(data));
	for (long n = 0; more(t, n, start); n++) {
		char number[24];
		long len = t->bytes + n * t->step;

		if (len > MAX_BYTES)
			len = MAX_BYTES;
		snprintf(number, sizeof(number), "%0*ld", NUMBER_DIGITS, n);
		memcpy(data, number, NUMBER_DIGITS);
		fprintf(t->log, "{\"k\": \"%s\", \"t\": %lld, \"n\": %ld, \"len\": %ld}\n",
			t->kind, (long long)clock_ns(CLOCK_MONOTONIC), n, len);
		fflush(t->log);
		/* Not connected, so that an ICMP error of the closed port is not reported here. */
		if (sendto(fd, data, len, 0, (const struct sockaddr *)&t->addr,
			   sizeof(t->addr)) < 0) {
			close(fd);
			return fail("udp-send");
		}
	}
	close(fd);
	return 0;
}

static int send_stream(const struct traffic *t, int fd, long n)
{
	struct sockaddr_in own = { 0 };
	socklen_t own_len = sizeof(own);
	static const char data[16384];
	char answer[8];
	long left;

	if (getsockname(fd, (struct sockaddr *)&own, &own_len))
		return -1;
	fprintf(t->log, "{\"k\": \"%s\", \"t\": %lld, \"n\": %ld, \"port\": %u, \"bytes\": %ld}\n",
		t->kind, (long long)clock_ns(CLOCK_MONOTONIC), n, ntohs(own.sin_port), t->bytes);
	fflush(t->log);
	for (left = t->bytes; left > 0;) {
		size_t want = left < (long)sizeof(data) ? (size_t)left : sizeof(data);
		ssize_t sent = send(fd, data, want, MSG_NOSIGNAL);

		if (sent < 0)
			return -1;
		left -= sent;
	}
	if (shutdown(fd, SHUT_WR))
		return -1;
	return recv(fd, answer, sizeof(answer), 0) == 4 ? 0 : -1;
}

static int tcp_send(const struct traffic *t)
{
	int64_t start = clock_ns(CLOCK_MONOTONIC);

	for (long n = 0; more(t, n, start); n++) {
		int fd = open_socket(t, SOCK_STREAM, false);
		int err;

		if (fd < 0)
			return fail("tcp-send");
		err = connect(fd, (const struct sockaddr *)&t->addr, sizeof(t->addr));
		if (!err)
			err = send_stream(t, fd, n);
		if (err) {
			close(fd);
			return fail("tcp-send");
		}
		close(fd);
	}
	return 0;
}

/*
 * Both clocks at once: what the stamps of the log are on tcpdump's time scale.  Of several tries
 * the one that was least disturbed.
 */
static int clocks(void)
{
	int64_t least = INT64_MAX, mono = 0, real = 0;

	for (int i = 0; i < 20; i++) {
		int64_t before = clock_ns(CLOCK_MONOTONIC);
		int64_t between = clock_ns(CLOCK_REALTIME);
		int64_t took = clock_ns(CLOCK_MONOTONIC) - before;

		if (took >= least)
			continue;
		least = took;
		mono = before + took / 2;
		real = between;
	}
	printf("{\"mono\": %lld, \"real\": %lld}\n", (long long)mono, (long long)real);
	return 0;
}

static int usage(void)
{
	fputs("usage: traffic clock\n"
	      "       traffic udp-recv|tcp-recv|udp-send|tcp-send [options] ADDRESS PORT\n"
	      "  -o FILE   log (default: standard output)\n"
	      "  -n COUNT  datagrams or streams to send (default: until the time is over)\n"
	      "  -b BYTES  of the first datagram (at least 6), of each stream (default 1000)\n"
	      "  -s BYTES  by how much each datagram is longer than the last (default 0)\n"
	      "  -g USEC   pause between two (default 0)\n"
	      "  -T SEC    senders: stop then; receivers: stop when idle so long (default 8)\n"
	      "  -k KIND   name of the lines in the log (default: udp, tcp)\n", stderr);
	return 2;
}

static int parse(struct traffic *t, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "o:n:b:s:g:T:k:")) != -1) {
		long *number = option == 'n' ? &t->count : option == 'b' ? &t->bytes :
			       option == 's' ? &t->step : option == 'g' ? &t->gap_us :
			       option == 'T' ? &t->seconds : NULL;

		if (number)
			*number = strtol(optarg, NULL, 10);
		else if (option == 'k')
			t->kind = optarg;
		else if (option == 'o')
			t->log = fopen(optarg, "we");
		else
			return -EINVAL;
		if (!t->log || (number && *number < 0)) {
			fail(optarg);
			return -EINVAL;
		}
	}
	if (argc - optind != 2 || t->bytes < NUMBER_DIGITS || t->bytes > 1 << 30 ||
	    inet_pton(AF_INET, argv[optind], &t->addr.sin_addr) != 1)
		return -EINVAL;
	t->addr.sin_family = AF_INET;
	t->addr.sin_port = htons(strtol(argv[optind + 1], NULL, 10));
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *mode;
		const char *kind;
		int (*run)(const struct traffic *t);
	} mode[] = {
		{ "udp-recv", "udp", udp_recv }, { "tcp-recv", "tcp", tcp_recv },
		{ "udp-send", "udp", udp_send }, { "tcp-send", "tcp", tcp_send },
	};
	struct traffic t = { .log = stdout, .bytes = 1000, .seconds = 8 };

	if (argc == 2 && !strcmp(argv[1], "clock"))
		return clocks();
	for (size_t i = 0; argc > 1 && i < sizeof(mode) / sizeof(mode[0]); i++) {
		if (strcmp(argv[1], mode[i].mode))
			continue;
		t.kind = mode[i].kind;
		return parse(&t, argc - 1, argv + 1) ? usage() : mode[i].run(&t);
	}
	return usage();
}
