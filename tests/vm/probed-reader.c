// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * probed-reader.c - a program to be probed, which writes down what it passed and what it got
 *
 *	probed-reader LOG datagrams THREADS COUNT	each thread sends to itself and reads
 *	probed-reader LOG descend THREADS DEPTH		each thread in a recursion
 *	probed-reader LOG prefix PORT			messages behind their length, one without
 *
 * With WAIT=FILE in the environment it begins when that file is there.  A line of the log is
 *
 *	FUNCTION TID RESULT VALUE TEXT
 *
 * for each call: recvfrom's VALUE is the descriptor, TEXT the bytes it returned, in hexadecimal.
 * parse's VALUE is what remained of the message when it was called, TEXT the bytes it was given.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BUFFER		64
#define SHOWN		32
/* clang makes no copies of functions, and does not know how to be told so. */
#ifdef __clang__
#define PUBLIC		__attribute__((noinline, visibility("default")))
#else
#define PUBLIC		__attribute__((noinline, noclone, visibility("default")))
#endif

struct message {
	uint16_t length;
	uint8_t kind : 3;
	uint8_t urgent : 1;
	char text[BUFFER];
	struct message *before;
};

static int log_fd;
static int count;

static void note(const char *function, long result, long value, const char *text)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "%s %ld %ld %ld %s\n", function,
			 (long)syscall(SYS_gettid), result, value, text);

	if (write(log_fd, line, (size_t)n) != n)
		abort();
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void note_bytes(const char *function, long value, const void *bytes, ssize_t n)
{
	char text[2 * SHOWN + 1] = "-";

	for (ssize_t i = 0; i < n && i < SHOWN; i++)
		sprintf(text + 2 * i, "%02x", ((const unsigned char *)bytes)[i]);
	note(function, n, value, text);
}

static ssize_t receive(int fd, void *bytes, size_t size)
{
	ssize_t n = recvfrom(fd, bytes, size, 0, NULL, NULL);

	note_bytes("recvfrom", fd, bytes, n);
	return n;
}

static int loopback(int type, uint16_t port, struct sockaddr_in *address)
{
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, type, 0), on = 1;

	*address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)address, size) ||
	    getsockname(fd, (struct sockaddr *)address, &size))
		fail("socket");
	return fd;
}

/* ---- datagrams */

PUBLIC int take_message(struct message *message, const char *text, int number, uint16_t port);

/* Returns the length, through the structure as well. */
PUBLIC int take_message(struct message *message, const char *text, int number, uint16_t port)
{
	message->length = (uint16_t)strlen(text);
	message->kind = (uint8_t)(number % 8);
	message->urgent = number % 2;
	snprintf(message->text, sizeof(message->text), "%s!", text);
	message->before = port ? message : NULL;
	return message->length + number;
}

static void *run_datagrams(void *argument)
{
	long thread = (long)argument;
	struct sockaddr_in address;
	int fd = loopback(SOCK_DGRAM, 0, &address);

	for (int i = 0; i < count; i++) {
		struct message message;
		char text[BUFFER], bytes[BUFFER];
		int n, result;

		n = snprintf(text, sizeof(text), "thread-%02ld-message-%03d", thread, i);
		if (sendto(fd, text, (size_t)n, 0, (struct sockaddr *)&address,
			   sizeof(address)) != n)
			fail("sendto");
		receive(fd, bytes, sizeof(bytes));
		result = take_message(&message, text, i, ntohs(address.sin_port));
		note("take_message", result, i, message.text);
	}
	close(fd);
	return NULL;
}

/* ---- recursion */

PUBLIC int descend(int depth, char *out);

/* What it stores is there at its return, not before. */
PUBLIC int descend(int depth, char *out)
{
	char below[BUFFER] = "";
	int sum = depth;

	if (depth)
		sum += descend(depth - 1, below);
	snprintf(out, BUFFER, "level-%d", depth);
	note("descend", sum, depth, out);
	return sum;
}

static void *run_descend(void *argument)
{
	char text[BUFFER];

	for (int i = 0; i < 5; i++)
		descend(count, text);
	return NULL;
}

/* ---- length, then text */

static void send_message(int fd, const char *text, int has_length)
{
	uint16_t length = htons((uint16_t)strlen(text));

	if (has_length && write(fd, &length, sizeof(length)) != sizeof(length))
		fail("write");
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail("write");
	usleep(100000);
}

static void *run_sender(void *argument)
{
	struct sockaddr_in *address = argument;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)address, sizeof(*address)))
		fail("connect");
	send_message(fd, "first", 1);
	send_message(fd, "second", 1);
	/* Its first two bytes are taken for a length: "th" is 29800. */
	send_message(fd, "third", 0);
	send_message(fd, "fourth", 1);
	close(fd);
	return NULL;
}

/**
 * struct parser - a message, as far as it was read
 * @nr_length: bytes of its length that are there
 * @left: bytes of its text that are not
 */
struct parser {
	uint8_t length[2];
	uint8_t nr_length;
	size_t have;
	uint32_t left;
	char text[65536];
};

PUBLIC size_t parse(struct parser *p, const char *bytes, size_t size);

/* Return: how many bytes it needs next. */
PUBLIC size_t parse(struct parser *p, const char *bytes, size_t size)
{
	note_bytes("parse", p->left, bytes, (ssize_t)size);
	if (!p->left) {
		memcpy(p->length + p->nr_length, bytes, size);
		p->nr_length += (uint8_t)size;
		if (p->nr_length < sizeof(p->length))
			return sizeof(p->length) - p->nr_length;
		p->left = (uint32_t)p->length[0] << 8 | p->length[1];
		p->have = p->nr_length = 0;
		return p->left ? p->left : sizeof(p->length);
	}
	memcpy(p->text + p->have, bytes, size);
	p->have += size;
	p->left -= (uint32_t)size;
	if (p->left)
		return p->left;
	p->text[p->have] = '\0';
	note("message", (long)p->have, 0, p->text);
	return sizeof(p->length);
}

/* Reads until a message is whole: one that seems lost is waited for as part of a large one. */
static void run_prefix(uint16_t port)
{
	struct sockaddr_in address;
	int listening = loopback(SOCK_STREAM, port, &address), fd;
	struct parser parser = { .nr_length = 0 };
	size_t want = sizeof(parser.length);
	pthread_t sender;
	char bytes[65536];
	ssize_t n;

	if (listen(listening, 1) || pthread_create(&sender, NULL, run_sender, &address))
		fail("listen");
	fd = accept(listening, NULL, NULL);
	while ((n = receive(fd, bytes, want)) > 0)
		want = parse(&parser, bytes, (size_t)n);
	pthread_join(sender, NULL);
}

int main(int argc, char **argv)
{
	void *(*run)(void *) = argc > 2 && *argv[2] == 'd' && argv[2][1] == 'e' ? run_descend :
			       run_datagrams;
	pthread_t thread[64];
	long nr;

	if (argc < 4)
		return 2;
	log_fd = open(argv[1], O_WRONLY | O_CREAT | O_APPEND, 0644);
	while (getenv("WAIT") && access(getenv("WAIT"), F_OK))
		usleep(10000);
	if (!strcmp(argv[2], "prefix")) {
		run_prefix((uint16_t)atoi(argv[3]));
		return 0;
	}
	count = argc > 4 ? atoi(argv[4]) : 1;
	nr = atol(argv[3]);
	for (long i = 0; i < nr && i < 64; i++)
		if (pthread_create(&thread[i], NULL, run, (void *)i))
			fail("pthread_create");
	for (long i = 0; i < nr && i < 64; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
