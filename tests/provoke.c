// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * provoke.c - a kind of loss and a number -> so many packets that are lost, and a log of them
 *
 * What ordinary programs send arrives; these are packets that are wrong in one way, connections
 * that nobody takes, and a ring that nobody empties.  The log has a JSON object for each packet,
 * with CLOCK_MONOTONIC before ("b") and after ("t") the call that sent it: the number of lines is
 * the number provoked.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNECT	64
#define MAX_PAYLOAD	1400

/* What is wrong with a frame. */
enum fault {
	BAD_NOTHING = 0,
	BAD_IP_CHECKSUM = 1 << 0,
	BAD_CHECKSUM = 1 << 1,	/* of UDP, TCP or ICMP */
	BAD_TTL = 1 << 2,	/* too small to be forwarded */
	BAD_FIRST = 1 << 3,	/* a first fragment, and no other */
	BAD_LAST = 1 << 4,	/* a last fragment, and no other */
};

/**
 * struct provoke - what to do
 * @log: where the lines go
 * @device: to send on
 * @mac: of the receiver
 * @src: addresses
 * @dst: the peer (frames, connect) or the own (listen)
 * @sport: source port of the first frame; the next has the next
 * @dport: destination port
 * @protocol: of the frames
 * @count: frames or connections; listen: the backlog
 * @bytes: payload of a frame
 * @gap_ms: pause after each
 * @wait_ms: connect: before the sockets are closed
 * @fault: what is wrong with the frames
 */
struct provoke {
	FILE *log;
	const char *device;
	struct ether_addr mac;
	struct in_addr src;
	struct in_addr dst;
	long sport;
	long dport;
	long count;
	long bytes;
	long gap_ms;
	long wait_ms;
	uint8_t protocol;
	unsigned int fault;
};

struct frame {
	struct ether_header eth;
	struct iphdr ip;
	union {
		struct udphdr udp;
		struct tcphdr tcp;
		struct icmphdr icmp;
		char data[sizeof(struct tcphdr) + MAX_PAYLOAD];
	};
} __attribute__((packed));

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
	fprintf(stderr, "provoke: %s: %s\n", what, strerror(errno));
	return 1;
}

/* An empty line of the log tells who waits for it that the program is ready. */
static void say_ready(const struct provoke *p)
{
	fputs("\n", p->log);
	fflush(p->log);
}

static uint32_t add_words(uint32_t sum, const void *data, size_t size)
{
	const unsigned char *at = data;

	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? at[i] : at[i] << 8;
	return sum;
}

/* RFC 1071, in the byte order of the wire. */
static uint16_t checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static uint16_t inner_checksum(const struct frame *frame, size_t size)
{
	uint32_t sum = add_words(0, frame->data, size);

	if (frame->ip.protocol != IPPROTO_ICMP) {
		sum = add_words(sum, &frame->ip.saddr, 8);
		sum += frame->ip.protocol + size;
	}
	return checksum(sum);
}

/* Where the checksum is behind the header of IP. */
static char *inner_check(struct frame *frame)
{
	return frame->data + (frame->ip.protocol == IPPROTO_UDP ? offsetof(struct udphdr, check) :
			      frame->ip.protocol == IPPROTO_TCP ? offsetof(struct tcphdr, check) :
			      offsetof(struct icmphdr, checksum));
}

/* The header behind that of IP; the port or the identifier is @number more than the first.
 * Returns its size.
 */
static size_t fill_inner(const struct provoke *p, struct frame *frame, long number)
{
	switch (p->protocol) {
	case IPPROTO_UDP:
		frame->udp.source = htons(p->sport + number);
		frame->udp.dest = htons(p->dport);
		frame->udp.len = htons(sizeof(frame->udp) + p->bytes);
		return sizeof(frame->udp);
	case IPPROTO_TCP:
		frame->tcp.source = htons(p->sport + number);
		frame->tcp.dest = htons(p->dport);
		frame->tcp.seq = htonl(1000);
		frame->tcp.doff = sizeof(frame->tcp) / 4;
		frame->tcp.syn = 1;
		frame->tcp.window = htons(1000);
		return sizeof(frame->tcp);
	default:
		frame->icmp.type = ICMP_ECHO;
		frame->icmp.un.echo.id = htons(p->sport);
		frame->icmp.un.echo.sequence = htons(number);
		return sizeof(frame->icmp);
	}
}

static uint16_t fragment_field(const struct provoke *p)
{
	if (p->fault & BAD_FIRST)
		return htons(IP_MF);
	return p->fault & BAD_LAST ? htons(1024 / 8) : 0;
}

/* Returns the frame's size. */
static size_t fill_frame(const struct provoke *p, struct frame *frame, long number)
{
	uint16_t check;
	size_t size;

	memset(frame, 0, sizeof(*frame));
	memcpy(frame->eth.ether_dhost, &p->mac, ETH_ALEN);
	frame->eth.ether_shost[0] = 2;
	frame->eth.ether_type = htons(ETHERTYPE_IP);
	frame->ip.version = 4;
	frame->ip.ihl = sizeof(frame->ip) / 4;
	frame->ip.id = htons(1000 + number);
	frame->ip.ttl = p->fault & BAD_TTL ? 1 : 64;
	frame->ip.protocol = p->protocol;
	frame->ip.frag_off = fragment_field(p);
	frame->ip.saddr = p->src.s_addr;
	frame->ip.daddr = p->dst.s_addr;
	size = fill_inner(p, frame, number) + p->bytes;
	frame->ip.tot_len = htons(sizeof(frame->ip) + size);
	check = inner_checksum(frame, size) ^ (p->fault & BAD_CHECKSUM ? 0x5555 : 0);
	memcpy(inner_check(frame), &check, sizeof(check));
	frame->ip.check = checksum(add_words(0, &frame->ip, sizeof(frame->ip))) ^
			  (p->fault & BAD_IP_CHECKSUM ? 0x5555 : 0);
	return sizeof(frame->eth) + sizeof(frame->ip) + size;
}

/* A fragment behind the first has no ports. */
static void log_packet(const struct provoke *p, int64_t begin, long number, long sport)
{
	char src[INET_ADDRSTRLEN], dst[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &p->src, src, sizeof(src));
	inet_ntop(AF_INET, &p->dst, dst, sizeof(dst));
	fprintf(p->log, "{\"b\": %lld, \"t\": %lld, \"n\": %ld, \"tid\": %d, \"proto\": %u, "
		"\"src\": \"%s\", \"dst\": \"%s\", \"ipid\": %ld", (long long)begin,
		(long long)now_ns(), number, getpid(), p->protocol, src, dst, 1000 + number);
	if (!(p->fault & BAD_LAST) && p->protocol != IPPROTO_ICMP)
		fprintf(p->log, ", \"sport\": %ld, \"dport\": %ld", sport, p->dport);
	fputs("}\n", p->log);
	fflush(p->log);
}

static int send_frames(const struct provoke *p)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE_IP),
		.sll_ifindex = if_nametoindex(p->device), .sll_halen = ETH_ALEN,
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct frame frame;

	if (fd < 0 || !to.sll_ifindex)
		return fail(p->device);
	for (long i = 0; i < p->count; i++) {
		size_t size = fill_frame(p, &frame, i);
		int64_t begin = now_ns();

		if (sendto(fd, &frame, size, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
			return fail("sendto");
		log_packet(p, begin, i, p->sport + i);
		sleep_ms(p->gap_ms);
	}
	close(fd);
	return 0;
}

/* One SYN each: the sockets are closed before the first is sent again, after a second. */
static int send_syns(struct provoke *p)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(p->dport), .sin_addr = p->dst,
	};
	int fd[MAX_CONNECT];

	p->protocol = IPPROTO_TCP;
	for (long i = 0; i < p->count; i++) {
		struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr = p->src,
					   .sin_port = htons(p->sport + i) };
		int64_t begin = now_ns();

		fd[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd[i] < 0 || bind(fd[i], (struct sockaddr *)&own, sizeof(own)))
			return fail("bind");
		if (connect(fd[i], (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS &&
		    errno != ECONNREFUSED)
			return fail("connect");
		log_packet(p, begin, i, p->sport + i);
		sleep_ms(p->gap_ms);
	}
	sleep_ms(p->wait_ms);
	for (long i = 0; i < p->count; i++)
		close(fd[i]);
	return 0;
}

/* It is blocked from the start, so that none gets lost. */
static void wait_for_signal(void)
{
	sigset_t set;
	int number;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigwait(&set, &number);
}

/* Never accepts. */
static int listen_only(const struct provoke *p)
{
	struct sockaddr_in own = {
		.sin_family = AF_INET, .sin_port = htons(p->dport), .sin_addr = p->dst,
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof(own)) || listen(fd, p->count))
		return fail("listen");
	say_ready(p);
	wait_for_signal();
	close(fd);
	return 0;
}

/* Makes a tun device, and reads what is in its ring only when it is told to end. */
static int hold_tun(const struct provoke *p)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	char packet[2048];
	ssize_t size;

	if (fd < 0)
		return fail("/dev/net/tun");
	strncpy(request.ifr_name, p->device, IFNAMSIZ - 1);
	if (ioctl(fd, TUNSETIFF, &request))
		return fail(p->device);
	say_ready(p);
	wait_for_signal();
	/* What the kernel itself sends there is not of the traffic. */
	while ((size = read(fd, packet, sizeof(packet))) > 0) {
		if (packet[0] >> 4 == 4)
			fprintf(p->log, "{\"t\": %lld, \"len\": %zd}\n", (long long)now_ns(), size);
	}
	fflush(p->log);
	close(fd);
	return 0;
}

static int usage(void)
{
	fputs("usage: provoke frames|connect|listen|tun [options]\n"
	      "  frames   sends IPv4 frames by a packet socket\n"
	      "  connect  begins TCP connections, one SYN each\n"
	      "  listen   accepts none; -n is the backlog\n"
	      "  tun      makes the device, reads its packets when it gets SIGTERM\n"
	      "  -o FILE  log (default: standard output)\n"
	      "  -N PATH  the network namespace\n"
	      "  -i NAME  the device\n"
	      "  -m MAC   of the receiver\n"
	      "  -S, -D ADDRESS  source and destination\n"
	      "  -s, -d PORT     source port of the first, destination port\n"
	      "  -p PROTO udp, tcp or icmp\n"
	      "  -n N     how many (default 1)\n"
	      "  -b N     bytes of payload of a frame (default 0)\n"
	      "  -g MS    pause after each\n"
	      "  -w MS    connect: pause before the sockets are closed (default 0)\n"
	      "  -f FAULT of the frames: ip-checksum, checksum, ttl, first, last\n", stderr);
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

static int parse_fault(struct provoke *p, const char *name)
{
	static const char *const fault[] = { "ip-checksum", "checksum", "ttl", "first", "last" };

	for (unsigned int i = 0; i < sizeof(fault) / sizeof(fault[0]); i++) {
		if (strcmp(fault[i], name))
			continue;
		p->fault |= 1u << i;
		return 0;
	}
	return -EINVAL;
}

static int parse_protocol(struct provoke *p, const char *name)
{
	p->protocol = !strcmp(name, "tcp") ? IPPROTO_TCP : !strcmp(name, "icmp") ? IPPROTO_ICMP :
		      IPPROTO_UDP;
	return p->protocol == IPPROTO_UDP && strcmp(name, "udp") ? -EINVAL : 0;
}

static int parse_number(struct provoke *p, int option)
{
	long *const number = option == 's' ? &p->sport : option == 'd' ? &p->dport :
			     option == 'n' ? &p->count : option == 'b' ? &p->bytes :
			     option == 'g' ? &p->gap_ms : option == 'w' ? &p->wait_ms : NULL;

	if (!number)
		return -EINVAL;
	*number = strtol(optarg, NULL, 10);
	return *number < 0 || *number > UINT16_MAX ? -EINVAL : 0;
}

static int parse_option(struct provoke *p, int option)
{
	switch (option) {
	case 'o':
		p->log = fopen(optarg, "we");
		return p->log ? 0 : -errno;
	case 'N':
		return enter_namespace(optarg);
	case 'i':
		p->device = optarg;
		return 0;
	case 'm':
		return ether_aton_r(optarg, &p->mac) ? 0 : -EINVAL;
	case 'S':
		return inet_pton(AF_INET, optarg, &p->src) == 1 ? 0 : -EINVAL;
	case 'D':
		return inet_pton(AF_INET, optarg, &p->dst) == 1 ? 0 : -EINVAL;
	case 'p':
		return parse_protocol(p, optarg);
	case 'f':
		return parse_fault(p, optarg);
	}
	return parse_number(p, option);
}

int main(int argc, char **argv)
{
	struct provoke p = { .log = stdout, .device = "", .count = 1, .protocol = IPPROTO_UDP };
	sigset_t set;
	const char *mode = argc > 1 ? argv[1] : "";
	int option;

	argc--;
	argv++;
	while ((option = getopt(argc, argv, "o:N:i:m:S:D:s:d:p:n:b:g:w:f:")) != -1) {
		if (parse_option(&p, option))
			return usage();
	}
	if (optind < argc || p.bytes > MAX_PAYLOAD)
		return usage();
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	if (!strcmp(mode, "listen") || !strcmp(mode, "tun"))
		sigprocmask(SIG_BLOCK, &set, NULL);
	if (!strcmp(mode, "frames"))
		return send_frames(&p);
	if (!strcmp(mode, "connect"))
		return p.count > MAX_CONNECT ? usage() : send_syns(&p);
	if (!strcmp(mode, "listen"))
		return listen_only(&p);
	if (!strcmp(mode, "tun"))
		return hold_tun(&p);
	return usage();
}
