/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * header-parse.h - packet bytes -> addresses, ports, sequence numbers, tunnel
 */
#ifndef HEADER_PARSE_H
#define HEADER_PARSE_H

#include "skbtrail.h"

/**
 * struct header_facts - what the bytes of a packet say; what they do not say is unknown
 * @flow: of the outermost IP header, family 0 unknown; ports 0 where there are none
 * @inner: of the IP header in @tunnel, family 0 without
 * @tunnel: NULL without; valid for ever
 * @ip_bytes: of the outermost IP packet with its header, -1 unknown
 * @inner_bytes: of the IP packet in @tunnel, -1 unknown
 * @tcp_seq, @tcp_end: the TCP payload of this packet: number of its first byte, and behind its last
 *	      one.  SYN and FIN count for nothing: without payload both are the header's sequence
 *	      number.  In a tunnel those of the inner TCP header
 * @ipid: of the outermost header when that is IPv4, -1 unknown
 * @vlan: id of the first tag, -1 without
 * @has_range: @tcp_seq, @tcp_end, @syn and @reset are known
 */
struct header_facts {
	struct trail_flow flow;
	struct trail_flow inner;
	const char *tunnel;
	int64_t ip_bytes;
	int64_t inner_bytes;
	uint32_t tcp_seq;
	uint32_t tcp_end;
	int32_t ipid;
	int32_t vlan;
	bool has_range;
	bool syn;
	bool reset;
};

/* Reads @bytes, @nr_bytes, @wire_len and @layer of @header. */
void header_parse(const struct trail_header *header, struct header_facts *out);

#endif /* HEADER_PARSE_H */
