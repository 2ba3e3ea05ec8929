// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scenario.c - a few options -> one way to send or to read packets, and a log of each call
 *
 * Where traffic.c makes plain traffic, this reads and sends in the many ways that programs do:
 * by other system calls, with MSG_PEEK, in parts, late, from several threads.  The log has a JSON
 * object a line, with CLOCK_MONOTONIC before ("b") and after ("t") the call: what the kernel did
 * for the call lies between the two.  Datagrams begin with their number in decimal digits.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif

#define MAX_BUFFER	(1 << 20)
#define NUMBER_DIGITS	6
#define MAX_BATCH	8

enum call {
	CALL_RECVFROM,
	CALL_RECVMSG,
	CALL_RECVMMSG,
	CALL_READ,
	CALL_READV,
	CALL_SPLICE,
};

static const char *const call_name[] = {
	[CALL_RECVFROM] = "recvfrom", [CALL_RECVMSG] = "recvmsg", [CALL_RECVMMSG] = "recvmmsg",
	[CALL_READ] = "read", [CALL_READV] = "readv", [CALL_SPLICE] = "splice",
};

/**
 * struct scenario - what to do
 * @addr: peer (send) or own (receive) address and port
 * @log: where the lines go
 * @udp: or TCP
 * @call: how to read
 * @count: sends; receivers: close after so many reads, 0 = never
 * @bytes: of each send; receivers: size of the buffer
 * @first: number of the first datagram
 * @gap_ms: pause between two calls
 * @late_ms: pause before the first read
 * @hog_ms: senders: be of real-time priority, and stay on the CPU for so long
 * @segment: UDP_SEGMENT, 0 = none
 * @buffer: SO_RCVBUF, 0 = the default
 * @threads: that read one socket
 * @cpu: to stay on, -1 = any
 * @flags: of recv
 * @peek: a call with MSG_PEEK before each read
 * @epoll: wait in epoll_wait(2), then read
 */
struct scenario {
	struct sockaddr_in addr;
	FILE *log;
	bool udp;
	enum call call;
	long count;
	long bytes;
	long first;
	long gap_ms;
	long late_ms;
	long hog_ms;
	long segment;
	long buffer;
	long threads;
	long cpu;
	int flags;
	bool peek;
	bool epoll;
};

/**
 * struct reader - one thread that reads
 * @s: what it does
 * @fd: from here
 * @port: of the peer, 0 = several
 * @off: bytes of the stream before the next read
 * @reads: done so far
 * @data: for what is read
 */
struct reader {
	const struct scenario *s;
	int fd;
	unsigned int port;
	long long off;
	long reads;
	char *data;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void sleep_ms(long ms)
{
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	if (ms)
		nanosleep(&pause, NULL);
}

static int fail(const char *what)
{
	fprintf(stderr, "scenario: %s: %s\n", what, strerror(errno));
	return 1;
}

static void stay_on(long cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (cpu >= 0 && sched_setaffinity(0, sizeof(set), &set))
		fail("sched_setaffinity");
}

/* An empty line of the log tells who waits for it that the program is ready. */
static void say_ready(const struct scenario *s)
{
	fputs("\n", s->log);
	fflush(s->log);
}

/* A datagram's number; -1 where the data of the read are not at hand. */
static long number_of(const char *data, ssize_t len)
{
	char number[NUMBER_DIGITS + 1] = "";

	if (!data || len < NUMBER_DIGITS)
		return -1;
	memcpy(number, data, NUMBER_DIGITS);
	return strtol(number, NULL, 10);
}

/* One read's line; @times: before and after. */
static void log_read(struct reader *r, const int64_t times[2], ssize_t len, const char *data,
		     bool peek)
{
	flockfile(r->s->log);
	fprintf(r->s->log, "{\"b\": %lld, \"t\": %lld, \"tid\": %ld, \"lport\": %u, \"port\": %u, ",
		(long long)times[0], (long long)times[1], (long)syscall(SYS_gettid),
		ntohs(r->s->addr.sin_port), r->port);
	if (r->s->udp)
		fprintf(r->s->log, "\"n\": %ld, ", number_of(data, len));
	else
		fprintf(r->s->log, "\"off\": %lld, ", r->off);
	fprintf(r->s->log, "\"len\": %zd, \"buf\": %ld, \"call\": \"%s\", \"peek\": %d}\n", len,
		r->s->bytes, call_name[r->s->call], peek);
	fflush(r->s->log);
	funlockfile(r->s->log);
}

/* From a socket to nowhere, through a pipe. */
static ssize_t splice_away(struct reader *r)
{
	static int null = -1, pipes[2] = { -1, -1 };
	ssize_t len, left, gone;

	if (null < 0)
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (pipes[0] < 0 && pipe(pipes))
		return -1;
	len = splice(r->fd, NULL, pipes[1], NULL, r->s->bytes, 0);
	for (left = len; left > 0; left -= gone) {
		gone = splice(pipes[0], NULL, null, NULL, left, 0);
		if (gone <= 0)
			return -1;
	}
	return len;
}

static ssize_t read_batch(struct reader *r)
{
	struct mmsghdr messages[MAX_BATCH] = { 0 };
	struct iovec parts[MAX_BATCH];
	int64_t times[2];
	int got;

	for (int i = 0; i < MAX_BATCH; i++) {
		parts[i].iov_base = r->data + i * 2048;
		parts[i].iov_len = 2048;
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	times[0] = now_ns();
	got = recvmmsg(r->fd, messages, MAX_BATCH, MSG_WAITFORONE, NULL);
	times[1] = now_ns();
	for (int i = 0; i < got; i++)
		log_read(r, times, messages[i].msg_len, parts[i].iov_base, false);
	return got;
}

static ssize_t read_once(struct reader *r, int flags)
{
	struct iovec part[2] = {
		{ r->data, r->s->bytes / 2 },
		{ r->data + r->s->bytes / 2, r->s->bytes - r->s->bytes / 2 },
	};
	struct msghdr message = { .msg_iov = part, .msg_iovlen = 2 };

	switch (r->s->call) {
	case CALL_RECVMSG:
		return recvmsg(r->fd, &message, flags);
	case CALL_READ:
		return read(r->fd, r->data, r->s->bytes);
	case CALL_READV:
		return readv(r->fd, part, 2);
	case CALL_SPLICE:
		return splice_away(r);
	default:
		return recv(r->fd, r->data, r->s->bytes, flags);
	}
}

static ssize_t read_logged(struct reader *r, int flags)
{
	bool peek = flags & MSG_PEEK;
	int64_t times[2];
	ssize_t len;

	if (r->s->call == CALL_RECVMMSG)
		return read_batch(r);
	times[0] = now_ns();
	len = read_once(r, flags);
	times[1] = now_ns();
	if (len < 0)
		return len;
	log_read(r, times, len, r->s->call == CALL_SPLICE ? NULL : r->data, peek);
	if (!peek)
		r->off += len;
	return len;
}

static int open_epoll(int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) ? -1 : epoll;
}

static void *read_all(void *arg)
{
	struct reader *r = arg;
	const struct scenario *s = r->s;
	int epoll = s->epoll ? open_epoll(r->fd) : -1;
	struct epoll_event event;
	ssize_t len;

	stay_on(s->cpu);
	sleep_ms(s->late_ms);
	do {
		if (epoll >= 0 && epoll_wait(epoll, &event, 1, -1) < 0)
			break;
		if (s->peek && read_logged(r, MSG_PEEK) <= 0)
			break;
		len = read_logged(r, s->flags);
		if (len <= 0)
			break;
		sleep_ms(s->gap_ms);
	} while (!s->count || ++r->reads < s->count);
	if (epoll >= 0)
		close(epoll);
	return NULL;
}

static int open_receiver(const struct scenario *s)
{
	const struct sockaddr *addr = (const struct sockaddr *)&s->addr;
	int fd = socket(AF_INET, (s->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
	int one = 1, buffer = s->buffer;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (buffer)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if (!bind(fd, addr, sizeof(s->addr)) && (s->udp || !listen(fd, 16)))
		return fd;
	close(fd);
	return -1;
}

static void log_close(const struct scenario *s)
{
	fprintf(s->log, "{\"t\": %lld, \"lport\": %u, \"close\": 1}\n", (long long)now_ns(),
		ntohs(s->addr.sin_port));
	fflush(s->log);
}

static int receive_udp(const struct scenario *s, int fd)
{
	pthread_t threads[8];
	struct reader readers[8];
	long number = s->threads < 8 ? s->threads : 8;

	for (long i = 0; i < number; i++) {
		readers[i] = (struct reader){ .s = s, .fd = fd, .data = malloc(MAX_BUFFER) };
		if (!readers[i].data ||
		    pthread_create(&threads[i], NULL, read_all, &readers[i]))
			return fail("a thread");
	}
	for (long i = 0; i < number; i++) {
		pthread_join(threads[i], NULL);
		free(readers[i].data);
	}
	log_close(s);
	close(fd);
	return 0;
}

static int receive_tcp(const struct scenario *s, int listener)
{
	char *data = malloc(MAX_BUFFER);

	if (!data)
		return fail("memory");
	for (;;) {
		struct sockaddr_in from;
		socklen_t from_len = sizeof(from);
		struct reader r = { .s = s, .data = data };

		r.fd = accept(listener, (struct sockaddr *)&from, &from_len);
		if (r.fd < 0)
			break;
		r.port = ntohs(from.sin_port);
		read_all(&r);
		log_close(s);
		close(r.fd);
	}
	free(data);
	return 0;
}

static int receive(const struct scenario *s)
{
	int fd = open_receiver(s);

	if (fd < 0)
		return fail("receive");
	say_ready(s);
	return s->udp ? receive_udp(s, fd) : receive_tcp(s, fd);
}

/* Each segment of what one call sends has its own number. */
static long write_numbers(const struct scenario *s, char *data, long n)
{
	long step = s->segment ? s->segment : s->bytes;

	for (long at = 0; at + NUMBER_DIGITS <= s->bytes; at += step) {
		char number[24];

		snprintf(number, sizeof(number), "%0*ld", NUMBER_DIGITS, n++);
		memcpy(data + at, number, NUMBER_DIGITS);
	}
	return n;
}

static int open_sender(const struct scenario *s)
{
	const struct sockaddr *addr = (const struct sockaddr *)&s->addr;
	int fd = socket(AF_INET, (s->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
	int one = 1, segment = s->segment;
	struct sockaddr_in any = { .sin_family = AF_INET };

	if (fd < 0)
		return -1;
	if (segment && setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)))
		goto failed;
	if (!s->udp)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	/* A datagram socket stays unconnected, or it would be told of the ICMP errors. */
	if (s->udp ? !bind(fd, (struct sockaddr *)&any, sizeof(any)) :
	    !connect(fd, addr, sizeof(s->addr)))
		return fd;
failed:
	close(fd);
	return -1;
}

/* Keeps the CPU to itself for a while. */
static void hog(const struct scenario *s)
{
	int64_t start = now_ns(), end = start;

	while (end - start < s->hog_ms * INT64_C(1000000))
		end = now_ns();
	fprintf(s->log, "{\"b\": %lld, \"t\": %lld, \"hog\": 1}\n", (long long)start,
		(long long)end);
	fflush(s->log);
}

static int send_all(const struct scenario *s)
{
	int fd = open_sender(s);
	struct sockaddr_in own = { 0 };
	struct sched_param first = { .sched_priority = 50 };
	socklen_t own_len = sizeof(own);
	char *data = calloc(1, MAX_BUFFER);
	long next = s->first;

	if (fd < 0 || !data)
		return fail("send");
	stay_on(s->cpu);
	if (s->hog_ms && sched_setscheduler(0, SCHED_FIFO, &first))
		return fail("sched_setscheduler");
	getsockname(fd, (struct sockaddr *)&own, &own_len);
	for (long i = 0; i < s->count; i++) {
		long n = next;
		int64_t before;
		ssize_t len;

		next = s->udp ? write_numbers(s, data, n) : n + 1;
		before = now_ns();
		len = sendto(fd, data, s->bytes, MSG_NOSIGNAL,
			     s->udp ? (const struct sockaddr *)&s->addr : NULL,
			     s->udp ? sizeof(s->addr) : 0);
		fprintf(s->log, "{\"b\": %lld, \"t\": %lld, \"n\": %ld, \"len\": %zd, "
			"\"port\": %u, \"dport\": %u, \"tid\": %d}\n", (long long)before,
			(long long)now_ns(), n, len, ntohs(own.sin_port),
			ntohs(s->addr.sin_port), getpid());
		fflush(s->log);
		sleep_ms(s->gap_ms);
	}
	if (s->hog_ms)
		hog(s);
	/* Until the reader has read and closed. */
	if (!s->udp && !shutdown(fd, SHUT_WR)) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };

		poll(&wait, 1, 10000);
	}
	close(fd);
	free(data);
	return 0;
}

/* Loads a program that drops everything and pins it at @path, for ip-link(8). */
static int xdp_drop(const char *path)
{
	static const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_DROP },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_XDP, .insns = (uintptr_t)code, .insn_cnt = 2,
		.license = (uintptr_t)"GPL",
	};
	union bpf_attr pin = { .pathname = (uintptr_t)path };
	int fd = syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));

	if (fd < 0)
		return fail("bpf");
	pin.bpf_fd = fd;
	return syscall(SYS_bpf, BPF_OBJ_PIN, &pin, sizeof(pin)) ? fail(path) : 0;
}

static int usage(void)
{
	fputs("usage: scenario receive|send [options] udp|tcp ADDRESS PORT\n"
	      "       scenario xdp-drop PATH\n"
	      "  -o FILE  log (default: standard output)\n"
	      "  -N PATH  the network namespace\n"
	      "  -b N     bytes of each send (1000); size of the buffer to read into (65536)\n"
	      "  -n N     sends (default 1); close after so many reads (default never)\n"
	      "  -i N     send: number of the first datagram\n"
	      "  -g MS    pause after each call\n"
	      "  -k CPU   stay there\n"
	      "  -s N     send: UDP_SEGMENT\n"
	      "  -f MS    send: in real time, then keep the CPU busy\n"
	      "  -c CALL  receive: recvfrom, recvmsg, recvmmsg, read, readv or splice\n"
	      "  -w MS    receive: pause before the first read\n"
	      "  -r N     receive: SO_RCVBUF\n"
	      "  -j N     receive: threads of one UDP socket\n"
	      "  -p       receive: look with MSG_PEEK before each read\n"
	      "  -e       receive: wait in epoll_wait\n"
	      "  -a, -t   receive: MSG_WAITALL, MSG_TRUNC\n", stderr);
	return 2;
}

static int enter_namespace(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		return fail(path);
	close(fd);
	return 0;
}

static int parse_call(struct scenario *s, const char *name)
{
	for (size_t i = 0; i < sizeof(call_name) / sizeof(call_name[0]); i++) {
		if (strcmp(call_name[i], name))
			continue;
		s->call = i;
		return 0;
	}
	return -EINVAL;
}

static int parse_option(struct scenario *s, int option)
{
	long *const number = option == 'b' ? &s->bytes : option == 'n' ? &s->count :
			     option == 'g' ? &s->gap_ms : option == 'k' ? &s->cpu :
			     option == 's' ? &s->segment : option == 'w' ? &s->late_ms :
			     option == 'r' ? &s->buffer : option == 'j' ? &s->threads :
			     option == 'f' ? &s->hog_ms :
			     option == 'i' ? &s->first : NULL;

	if (number) {
		*number = strtol(optarg, NULL, 10);
		return *number < 0 || *number > MAX_BUFFER ? -EINVAL : 0;
	}
	switch (option) {
	case 'o':
		s->log = fopen(optarg, "we");
		return s->log ? 0 : -errno;
	case 'c':
		return parse_call(s, optarg);
	case 'N':
		return enter_namespace(optarg);
	case 'p':
		s->peek = true;
		return 0;
	case 'e':
		s->epoll = true;
		return 0;
	case 'a':
		s->flags |= MSG_WAITALL;
		return 0;
	case 't':
		s->flags |= MSG_TRUNC;
		return 0;
	}
	return -EINVAL;
}

static int parse_address(struct scenario *s, char **arg)
{
	s->udp = !strcmp(arg[0], "udp");
	if (!s->udp && strcmp(arg[0], "tcp"))
		return -EINVAL;
	if (inet_pton(AF_INET, arg[1], &s->addr.sin_addr) != 1)
		return -EINVAL;
	s->addr.sin_family = AF_INET;
	s->addr.sin_port = htons(strtol(arg[2], NULL, 10));
	return 0;
}

int main(int argc, char **argv)
{
	struct scenario s = { .log = stdout, .threads = 1, .cpu = -1 };
	const char *mode = argc > 1 ? argv[1] : "";
	bool sends = !strcmp(mode, "send");
	int option;

	if (argc == 3 && !strcmp(mode, "xdp-drop"))
		return xdp_drop(argv[2]);
	if (!sends && strcmp(mode, "receive"))
		return usage();
	s.bytes = sends ? 1000 : 65536;
	s.count = sends;
	argc--;
	argv++;
	while ((option = getopt(argc, argv, "o:b:i:n:g:k:s:c:w:r:j:f:N:peat")) != -1) {
		if (parse_option(&s, option))
			return usage();
	}
	if (argc - optind != 3 || parse_address(&s, argv + optind))
		return usage();
	return sends ? send_all(&s) : receive(&s);
}
