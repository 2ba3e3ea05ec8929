// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * parse-udp.c - /proc/net/udp, udp6: a line for each socket -> counters
 *
 * net/ipv4/udp.c: udp4_format_sock().  Most sockets never drop anything, and there can be very
 * many: a socket comes in with its first drop.  An address is printed as words of the machine.
 */
#include <arpa/inet.h>

#include "parse.h"
#include "words.h"

#define NR_COLUMN	13

/* "0100007F:1388" -> "127.0.0.1:5000" */
static bool address_text(struct words word, char *out, size_t size)
{
	char text[INET6_ADDRSTRLEN];
	struct words address;
	uint32_t part[4];
	uint64_t value;
	bool is_v6;

	if (!words_until(&word, ':', &address))
		return false;
	is_v6 = address.size == 32;
	if (!is_v6 && address.size != 8)
		return false;
	for (size_t i = 0; i < address.size / 8; i++) {
		if (!words_number((struct words){ address.at + 8 * i, 8 }, 16, &value))
			return false;
		part[i] = value;
	}
	if (!words_number(word, 16, &value) ||
	    !inet_ntop(is_v6 ? AF_INET6 : AF_INET, part, text, sizeof(text)))
		return false;
	snprintf(out, size, is_v6 ? "[%s]:%u" : "%s:%u", text, (unsigned int)(value & 0xffff));
	return true;
}

static void take_line(struct words line, struct tally *tally)
{
	char object[256], local[80], remote[80];
	struct words word[NR_COLUMN], rx;
	uint64_t drops, inode, port, queue;
	size_t nr = 0;

	while (nr < NR_COLUMN && words_next(&line, &word[nr]))
		nr++;
	if (nr < NR_COLUMN || !words_number(word[9], 10, &inode) ||
	    !words_number(word[12], 10, &drops) ||
	    !address_text(word[1], local, sizeof(local)) ||
	    !address_text(word[2], remote, sizeof(remote)))
		return;
	if (!words_until(&word[4], ':', &rx) || !words_number(word[4], 16, &queue))
		return;
	/* One that is not connected has no other end. */
	port = strcmp(strrchr(remote, ':'), ":0");
	snprintf(object, sizeof(object), "%s%s%s inode %llu", local, port ? " > " : "",
		 port ? remote : "", (unsigned long long)inode);
	if (!drops && !tally_has(tally, object))
		return;
	tally_object(tally, object, 0);
	/* An int that is counted up. */
	tally_name(tally, "drops", drops & UINT32_MAX);
	tally_name(tally, "rx_queue", queue);
}

void parse_udp(const char *text, size_t size, struct tally *tally)
{
	struct words left = { text, size }, line;

	/* The title has words where there are numbers. */
	while (words_line(&left, &line))
		take_line(line, tally);
}
