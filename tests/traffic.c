// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic.c - a few options -> UDP datagrams and TCP streams of known content, and a log of them
 *
 * The log has one JSON object a line, with CLOCK_MONOTONIC: of a send before the system call, of a
 * receive after it.  So a packet's time in the kernel lies between two lines.  Every line is on
 * disk before the next call: a receiver may be killed at any time.  What a sender gets as answer
 * has a line as that of a receiver.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
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

/* Both sockaddr_in and sockaddr_in6 have the port in the same place. */
union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/**
 * struct traffic - what to do
 * @addr: peer (send) or own (receive) address and port
 * @addr_len: of that family
 * @log: where the lines go
 * @kind: "k" of the lines of a sender
 * @count: datagrams or streams to send, 0 = until @seconds are over
 * @bytes: of the first datagram, of the first stream; receivers: of the buffer
 * @step: by how much each is longer than the one before
 * @write: of each write to a stream
 * @gap_us: pause between two; receivers: between two reads of a stream
 * @seconds: senders: stop then; receivers: stop when nothing came for so long, as who waits for
 *	     an answer
 * @answer: receivers: send everything back; senders: wait for that
 */
struct traffic {
	union address addr;
	socklen_t addr_len;
	FILE *log;
	const char *kind;
	long count;
	long bytes;
	long step;
	long write;
	long gap_us;
	long seconds;
	bool answer;
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

static void pause_us(long us)
{
	struct timespec pause = { us / 1000000, us % 1000000 * 1000 };

	if (us)
		nanosleep(&pause, NULL);
}

static unsigned int port_of(const union address *addr)
{
	return ntohs(addr->v4.sin_port);
}

static unsigned int own_port(int fd)
{
	union address own = { 0 };
	socklen_t len = sizeof(own);

	return getsockname(fd, &own.any, &len) ? 0 : port_of(&own);
}

/* Of IPv4 over a socket of IPv6 the address of IPv4. */
static const char *text_of(const union address *addr, char text[INET6_ADDRSTRLEN])
{
	const struct in6_addr *v6 = &addr->v6.sin6_addr;

	if (addr->any.sa_family == AF_INET)
		return inet_ntop(AF_INET, &addr->v4.sin_addr, text, INET6_ADDRSTRLEN);
	if (IN6_IS_ADDR_V4MAPPED(v6))
		return inet_ntop(AF_INET, &v6->s6_addr[12], text, INET6_ADDRSTRLEN);
	return inet_ntop(AF_INET6, v6, text, INET6_ADDRSTRLEN);
}

/* A receiver says by an empty line of its log that it is ready. */
static int open_socket(const struct traffic *t, int type, bool receive)
{
	struct timeval idle = { .tv_sec = t->seconds };
	int one = 1, fd;

	fd = socket(t->addr.any.sa_family, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	if (receive || t->answer)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof(idle));
	if (type == SOCK_STREAM && t->write)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (!receive)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!bind(fd, &t->addr.any, t->addr_len) && (type == SOCK_DGRAM || !listen(fd, 16))) {
		fputs("\n", t->log);
		fflush(t->log);
		return fd;
	}
	close(fd);
	return -1;
}

/**
 * struct chunk - what one call received
 * @peer: from whom
 * @lport: own port
 * @off: of a stream: bytes read before
 * @len: bytes, -1 when the call failed
 */
struct chunk {
	union address peer;
	unsigned int lport;
	long long off;
	ssize_t len;
};

static void log_read(const struct traffic *t, const struct chunk *c, long n)
{
	char text[INET6_ADDRSTRLEN];

	fprintf(t->log, "{\"t\": %lld, ", (long long)clock_ns(CLOCK_MONOTONIC));
	if (n < 0)
		fprintf(t->log, "\"off\": %lld, ", c->off);
	else
		fprintf(t->log, "\"n\": %ld, ", n);
	fprintf(t->log, "\"len\": %zd, \"port\": %u, \"peer\": \"%s\", \"lport\": %u}\n", c->len,
		port_of(&c->peer), text_of(&c->peer, text), c->lport);
	fflush(t->log);
}

/* Reads a datagram into @data and logs it.  Return: 1, or 0 when there is no more to come. */
static int read_datagram(const struct traffic *t, int fd, char *data, struct chunk *c)
{
	char number[NUMBER_DIGITS + 1] = "";
	socklen_t peer_len = sizeof(c->peer);

	c->len = recvfrom(fd, data, MAX_BYTES, 0, &c->peer.any, &peer_len);
	if (c->len < NUMBER_DIGITS)
		return 0;
	memcpy(number, data, NUMBER_DIGITS);
	log_read(t, c, strtol(number, NULL, 10));
	return 1;
}

/* Reads up to @len bytes of a stream and logs them.  Return: how many, 0 at the end, or -1. */
static ssize_t read_chunk(const struct traffic *t, int fd, char *data, size_t len,
			  struct chunk *c)
{
	c->len = recvfrom(fd, data, len, 0, NULL, NULL);
	if (c->len < 0)
		return -1;
	log_read(t, c, -1);
	c->off += c->len;
	return c->len;
}

static int udp_recv(const struct traffic *t)
{
	int fd = open_socket(t, SOCK_DGRAM, true);
	struct chunk c = { .lport = port_of(&t->addr) };
	char data[MAX_BYTES];

	if (fd < 0)
		return fail("udp-recv");
	while (read_datagram(t, fd, data, &c)) {
		if (t->answer && sendto(fd, data, c.len, 0, &c.peer.any, t->addr_len) < 0)
			fail("udp-recv: answer");
	}
	close(fd);
	return 0;
}

static void read_stream(const struct traffic *t, int fd, struct chunk c)
{
	char data[MAX_BYTES];
	size_t room = t->bytes < MAX_BYTES ? t->bytes : MAX_BYTES;

	while (read_chunk(t, fd, data, room, &c) > 0) {
		if (t->answer && send(fd, data, c.len, MSG_NOSIGNAL) < 0)
			fail("tcp-recv: answer");
		pause_us(t->gap_us);
	}
	/* The answer tells the sender that all of it was read. */
	if (send(fd, "done", 4, MSG_NOSIGNAL) < 0)
		fail("tcp-recv: answer");
}

static int tcp_recv(const struct traffic *t)
{
	int listener = open_socket(t, SOCK_STREAM, true);

	if (listener < 0)
		return fail("tcp-recv");
	for (;;) {
		struct chunk c = { .lport = port_of(&t->addr) };
		socklen_t peer_len = sizeof(c.peer);
		int fd = accept(listener, &c.peer.any, &peer_len);

		if (fd < 0)
			break;
		read_stream(t, fd, c);
		close(fd);
	}
	close(listener);
	return 0;
}

/* Is there another one to send?  Pauses between two. */
static bool more(const struct traffic *t, long n, int64_t start)
{
	if (t->count && n >= t->count)
		return false;
	if (n)
		pause_us(t->gap_us);
	return t->count || clock_ns(CLOCK_MONOTONIC) - start < t->seconds * INT64_C(1000000000);
}

static int udp_send(const struct traffic *t)
{
	int64_t start = clock_ns(CLOCK_MONOTONIC);
	int fd = open_socket(t, SOCK_DGRAM, false);
	char data[MAX_BYTES], answer[MAX_BYTES];
	int err = fd < 0;

	memset(data, 'x', sizeof(data));
	for (long n = 0; !err && more(t, n, start); n++) {
		char number[24];
		long len = t->bytes + n * t->step;
		struct chunk c = { 0 };

		if (len > MAX_BYTES)
			len = MAX_BYTES;
		snprintf(number, sizeof(number), "%0*ld", NUMBER_DIGITS, n);
		memcpy(data, number, NUMBER_DIGITS);
		fprintf(t->log, "{\"k\": \"%s\", \"t\": %lld, \"n\": %ld, \"len\": %ld}\n",
			t->kind, (long long)clock_ns(CLOCK_MONOTONIC), n, len);
		fflush(t->log);
		/* Not connected, so that an ICMP error of the closed port is not reported here. */
		err = sendto(fd, data, len, 0, &t->addr.any, t->addr_len) < 0;
		c.lport = own_port(fd);
		if (!err && t->answer)
			err = !read_datagram(t, fd, answer, &c);
	}
	if (err)
		fail("udp-send");
	if (fd >= 0)
		close(fd);
	return err;
}

/* Writes @left bytes, and reads as many again after each write where there are answers. */
static int write_stream(const struct traffic *t, int fd, long left, struct chunk *c)
{
	static const char data[16384];
	long most = t->write ? t->write : (long)sizeof(data);
	char answer[MAX_BYTES];

	while (left > 0) {
		ssize_t sent = send(fd, data, left < most ? left : most, MSG_NOSIGNAL);

		if (sent < 0)
			return -1;
		left -= sent;
		while (t->answer && sent > 0) {
			ssize_t len = read_chunk(t, fd, answer, sent, c);

			if (len <= 0)
				return -1;
			sent -= len;
		}
	}
	return 0;
}

static int send_stream(const struct traffic *t, int fd, long n)
{
	struct chunk c = { .peer = t->addr, .lport = own_port(fd) };
	long bytes = t->bytes + n * t->step;
	char answer[8];

	fprintf(t->log, "{\"k\": \"%s\", \"t\": %lld, \"n\": %ld, \"port\": %u, \"bytes\": %ld}\n",
		t->kind, (long long)clock_ns(CLOCK_MONOTONIC), n, c.lport, bytes);
	fflush(t->log);
	if (write_stream(t, fd, bytes, &c) || shutdown(fd, SHUT_WR))
		return -1;
	return read_chunk(t, fd, answer, sizeof(answer), &c) == 4 ? 0 : -1;
}

static int tcp_send(const struct traffic *t)
{
	int64_t start = clock_ns(CLOCK_MONOTONIC);

	for (long n = 0; more(t, n, start); n++) {
		int fd = open_socket(t, SOCK_STREAM, false);
		int err;

		if (fd < 0)
			return fail("tcp-send");
		err = connect(fd, &t->addr.any, t->addr_len);
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
	      "  -b BYTES  of the first datagram (at least 6) or stream (default 1000);\n"
	      "            receivers: of a stream's reads (default 65507)\n"
	      "  -s BYTES  by how much each is longer than the last (default 0)\n"
	      "  -w BYTES  of each write to a stream, sent at once (default 16384)\n"
	      "  -g USEC   pause between two, receivers: after a stream's read (default 0)\n"
	      "  -T SEC    senders: stop then; receivers: stop when idle so long (default 8)\n"
	      "  -k KIND   name of the lines in the log (default: udp, tcp)\n"
	      "  -a        receivers: send everything back; senders: wait for that\n", stderr);
	return 2;
}

static int parse_address(struct traffic *t, char **arg)
{
	in_port_t port = htons(strtol(arg[1], NULL, 10));

	if (inet_pton(AF_INET, arg[0], &t->addr.v4.sin_addr) == 1) {
		t->addr.v4.sin_family = AF_INET;
		t->addr_len = sizeof(t->addr.v4);
	} else if (inet_pton(AF_INET6, arg[0], &t->addr.v6.sin6_addr) == 1) {
		t->addr.v6.sin6_family = AF_INET6;
		t->addr_len = sizeof(t->addr.v6);
	} else {
		return -EINVAL;
	}
	t->addr.v4.sin_port = port;
	return 0;
}

static int parse(struct traffic *t, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "o:n:b:s:w:g:T:k:a")) != -1) {
		long *number = option == 'n' ? &t->count : option == 'b' ? &t->bytes :
			       option == 's' ? &t->step : option == 'g' ? &t->gap_us :
			       option == 'w' ? &t->write :
			       option == 'T' ? &t->seconds : NULL;

		if (number)
			*number = strtol(optarg, NULL, 10);
		else if (option == 'k')
			t->kind = optarg;
		else if (option == 'o')
			t->log = fopen(optarg, "we");
		else if (option == 'a')
			t->answer = true;
		else
			return -EINVAL;
		if (!t->log || (number && *number < 0)) {
			fail(optarg);
			return -EINVAL;
		}
	}
	if (argc - optind != 2 || t->bytes < NUMBER_DIGITS || t->bytes > 1 << 30 ||
	    t->write > 16384)
		return -EINVAL;
	return parse_address(t, argv + optind);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *mode;
		const char *kind;
		long bytes;
		int (*run)(const struct traffic *t);
	} mode[] = {
		{ "udp-recv", "udp", MAX_BYTES, udp_recv },
		{ "tcp-recv", "tcp", MAX_BYTES, tcp_recv },
		{ "udp-send", "udp", 1000, udp_send }, { "tcp-send", "tcp", 1000, tcp_send },
	};
	struct traffic t = { .log = stdout, .seconds = 8 };

	if (argc == 2 && !strcmp(argv[1], "clock"))
		return clocks();
	for (size_t i = 0; argc > 1 && i < sizeof(mode) / sizeof(mode[0]); i++) {
		if (strcmp(argv[1], mode[i].mode))
			continue;
		t.kind = mode[i].kind;
		t.bytes = mode[i].bytes;
		return parse(&t, argc - 1, argv + 1) ? usage() : mode[i].run(&t);
	}
	return usage();
}
