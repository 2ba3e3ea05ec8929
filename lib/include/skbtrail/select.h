/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/select.h - expressions that choose packets
 */
#ifndef SKBTRAIL_SELECT_H
#define SKBTRAIL_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "skbtrail/packet.h"

#ifdef __cplusplus
extern "C" {
#endif

struct trail_where;

/**
 * trail_where_new - compile an expression over what the engine knows of a packet
 * @expr: such as "latency > 1ms and (dev == eth0 or stage(queue.runqueue) >= 200us)", in the
 *	  language that skbtrail-report(1) describes
 * @out: the compiled expression, to be freed with trail_where_free(); does not refer to @expr
 * @error: filled on failure, @column names the place; may be NULL
 *
 * Return: 0; -EINVAL with @error: a name that does not exist, types that do not fit, ...; -ENOMEM.
 */
int trail_where_new(const char *expr, struct trail_where **out, struct trail_error *error);

/**
 * trail_where_match - does a packet meet the expression?
 *
 * What is unknown of a packet (null in the outputs) makes a comparison neither true nor false, and
 * so does "not" of it; such a packet is not selected.  Times are nanoseconds, sizes bytes.
 * Allocates nothing and changes nothing: several threads may share @where.
 */
bool trail_where_match(const struct trail_where *where, const struct trail_packet *packet);
/* The same, telling no from not known.  Return: 1, 0, or -ENODATA. */
int trail_where_judge(const struct trail_where *where, const struct trail_packet *packet);
/* Does it ask for this field, such as "dev"? */
bool trail_where_asks(const struct trail_where *where, const char *field);
void trail_where_free(struct trail_where *where);

struct trail_packet_filter;

/**
 * trail_packet_filter_new - compile an expression of pcap-filter(7) over the recorded bytes
 * @expr: such as "tcp port 443 and host 10.0.0.2"; "" is met by every packet
 * @out: the compiled expression, to be freed with trail_packet_filter_free()
 * @error: filled on failure, @column names the place; may be NULL
 *
 * Names of services (port http) and protocols are looked up in files, names of hosts and nets are
 * refused.  So is what only a network interface knows: inbound, outbound, ifindex.
 *
 * Return: 0; -EINVAL with @error; -ENOMEM.
 */
int trail_packet_filter_new(const char *expr, struct trail_packet_filter **out,
			    struct trail_error *error);

/**
 * trail_packet_filter_match - does a packet match, by its recorded bytes?
 *
 * What lies behind the recorded bytes makes the whole expression false.  Sizes (len, less) are
 * those on the wire.  Changes nothing: several threads may share @filter.
 *
 * Return: 1, 0, or -ENODATA when no bytes of the packet were recorded.
 */
int trail_packet_filter_match(const struct trail_packet_filter *filter,
			      const struct trail_packet *packet);
void trail_packet_filter_free(struct trail_packet_filter *filter);

/**
 * struct trail_selection - which packets were selected, for the outputs
 * @text: how: the options as the user gave them
 * @nr_packet: packets of the capture
 * @nr_selected: of them
 * @nr_no_header: left out by a packet filter because none of their bytes were recorded
 */
struct trail_selection {
	const char *text;
	uint64_t nr_packet;
	uint64_t nr_selected;
	uint64_t nr_no_header;
};

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_SELECT_H */
