/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * readable.h - strings of a capture and numbers, made fit for people and for JSON
 */
#ifndef READABLE_H
#define READABLE_H

#include "skbtrail.h"

/* Holds any comm, device, reason or location with every byte escaped; longer text is cut. */
#define TEXT_SIZE	1024
#define DURATION_SIZE	32
#define DECIMAL_SIZE	24

/* @value, so that its last digit stands before @end.  Return: its first digit. */
static inline char *text_decimal(char *end, uint64_t value)
{
	do {
		*--end = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	return end;
}

/* Times of a damaged capture may go back; they must not become huge ones. */
static inline uint64_t elapsed(uint64_t start_ns, uint64_t end_ns)
{
	return end_ns > start_ns ? end_ns - start_ns : 0;
}

/*
 * @text with control characters and invalid UTF-8 as \xNN: a task may call itself anything, and
 * a terminal must not obey it.  NULL becomes "-".  Return: @buf, always terminated.
 */
const char *text_safe(char *buf, size_t size, const char *text);

/*
 * "850ns" "12.3us" "4.10ms" "1.50s": three digits.  @buf has DURATION_SIZE bytes.  Return: @buf.
 */
const char *text_duration(char *buf, uint64_t ns);

/* "192.168.77.1"; NULL when the flow is unknown.  @size: INET6_ADDRSTRLEN.  Return: @buf. */
const char *text_address(char *buf, size_t size, const struct trail_flow *flow,
			 const uint8_t *address);

/* No packet that Linux sends goes from port 0 to port 0: there are none, or they are unknown. */
static inline bool flow_has_ports(const struct trail_flow *flow)
{
	return flow->sport || flow->dport;
}

/*
 * "tcp 192.168.77.1:40000 > 192.168.77.2:6001", "udp [fd00::1]:5000 > [fd00::2]:53",
 * "icmp 10.0.0.1 > 10.0.0.2"; NULL when unknown.  Return: @buf.
 */
const char *text_flow(char *buf, size_t size, const struct trail_flow *flow);

/*
 * What is known behind the flow: " seq 1:1449 id 4711 vlan 7", " id 4711 vxlan (tcp ... seq 1:9)".
 * Return: @buf.
 */
const char *text_header(char *buf, size_t size, const struct trail_packet *packet);

/* "tcp", "udp" ..., or the number. */
const char *text_protocol(char *buf, size_t size, uint8_t protocol);

/* Holds a hit with many values; longer text is cut. */
#define HIT_SIZE	2048

/* "tcp_v4_rcv(skb=0xff... len=52) = 0".  Return: @buf, of HIT_SIZE bytes. */
const char *text_hit(char *buf, const struct trail_hit *hit);

/* Where a packet died: "symbol+0x1a [module]", or the address; NULL when not even that is known. */
const char *text_location(char *buf, size_t size, const struct trail_drop *drop);

#endif /* READABLE_H */
