// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * drops-packet.c - a dropped packet -> a line as tcpdump writes it, and why it was dropped
 *
 * The bytes may be cut anywhere: what is not there is left out.
 */
#include <inttypes.h>
#include <time.h>

#include "drops-words.h"
#include "line.h"

#define ETHER_SIZE	14
#define VLAN_TAG	4
#define PROTO_ICMP	1
#define PROTO_TCP	6
#define PROTO_UDP	17
#define PROTO_ICMPV6	58

/* @left bytes from @at on. */
struct rest {
	const uint8_t *at;
	size_t left;
};

static uint16_t be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)be16(at) << 16 | be16(at + 2);
}

static void skip(struct rest *rest, size_t nr)
{
	nr = nr < rest->left ? nr : rest->left;
	rest->at += nr;
	rest->left -= nr;
}

/* The bytes from the network header on; @type 0 when the link header does not say. */
static struct rest network(const struct trail_header *header, uint16_t *type)
{
	struct rest rest = { header->bytes, header->bytes ? header->nr_bytes : 0 };

	*type = 0;
	if (header->layer != TRAIL_LAYER_ETHERNET)
		return rest;
	if (rest.left >= ETHER_SIZE)
		*type = be16(rest.at + ETHER_SIZE - 2);
	skip(&rest, ETHER_SIZE);
	while ((*type == 0x8100 || *type == 0x88a8) && rest.left >= VLAN_TAG) {
		*type = be16(rest.at + 2);
		skip(&rest, VLAN_TAG);
	}
	return rest;
}

/*
 * To what IP carries, as @packet->flow has it: extension headers of IPv6 are not followed.  Return:
 * bytes of IP's payload, -1 unknown.
 */
static int64_t transport(struct rest *rest, const struct trail_packet *packet)
{
	int64_t bytes;

	if (packet->flow.family == 6 && rest->left >= 40) {
		bytes = be16(rest->at + 4);
		if (rest->at[6] != packet->flow.protocol)
			rest->left = 0;
		skip(rest, 40);
		return bytes;
	}
	if (packet->flow.family != 4 || rest->left < 20) {
		rest->left = 0;
		return -1;
	}
	bytes = be16(rest->at + 2) - (rest->at[0] & 15) * 4;
	if (be16(rest->at + 6) & 0x1fff)
		rest->left = 0;
	else
		skip(rest, (rest->at[0] & 15u) * 4);
	return bytes;
}

static void put_tcp(struct line *line, const struct rest *rest, int64_t bytes)
{
	static const char letter[] = { 'F', 'S', 'R', 'P', '.', 'U', 'E', 'W' };
	int64_t payload = bytes - (rest->at[12] >> 4) * 4;
	uint32_t seq = be32(rest->at + 4);
	uint8_t flags = rest->at[13];

	line_text(line, " Flags [");
	for (unsigned int i = 0; i < 8; i++)
		if (flags & 1 << i)
			line_bytes(line, &letter[i], 1);
	line_text(line, flags ? "], seq " : "none], seq ");
	line_u64(line, seq);
	if (payload > 0) {
		line_text(line, ":");
		line_u64(line, (uint32_t)(seq + payload));
	}
	if (flags & 0x10) {
		line_text(line, ", ack ");
		line_u64(line, be32(rest->at + 8));
	}
	line_text(line, ", win ");
	line_u64(line, be16(rest->at + 14));
	line_text(line, ", length ");
	line_u64(line, payload > 0 ? (uint64_t)payload : 0);
}

static void put_transport(struct line *line, const struct trail_packet *packet, struct rest rest)
{
	int64_t bytes = transport(&rest, packet);

	switch (packet->flow.protocol) {
	case PROTO_TCP:
		if (rest.left >= 16)
			put_tcp(line, &rest, bytes);
		break;
	case PROTO_UDP:
		line_text(line, " UDP, length ");
		line_u64(line, bytes >= 8 ? (uint64_t)bytes - 8 : 0);
		break;
	case PROTO_ICMP:
	case PROTO_ICMPV6:
		if (rest.left < 2)
			break;
		line_text(line, packet->flow.protocol == PROTO_ICMP ? " ICMP type " :
			  " ICMP6 type ");
		line_u64(line, rest.at[0]);
		line_text(line, " code ");
		line_u64(line, rest.at[1]);
		break;
	default:
		if (packet->len < 0)
			break;
		line_text(line, " length ");
		line_u64(line, (uint64_t)packet->len);
	}
}

static void put_arp(struct line *line, const struct rest *rest)
{
	struct trail_flow flow = { .family = 4 };
	char buf[64];

	line_text(line, " ARP");
	if (rest->left < 28)
		return;
	line_text(line, be16(rest->at + 6) == 1 ? ", who-has " : ", reply ");
	memcpy(flow.saddr, rest->at + 24, 4);
	line_text(line, text_address(buf, sizeof(buf), &flow, flow.saddr));
	memcpy(flow.saddr, rest->at + 14, 4);
	line_text(line, " tell ");
	line_text(line, text_address(buf, sizeof(buf), &flow, flow.saddr));
}

static void put_header(struct line *line, const struct trail_packet *packet)
{
	char buf[TEXT_SIZE];
	uint16_t type;
	struct rest rest = network(&packet->header, &type);
	const char *flow = text_flow(buf, sizeof(buf), &packet->flow);

	if (flow) {
		line_text(line, packet->flow.family == 6 ? " IP6 " : " IP ");
		/* The protocol stands behind. */
		line_text(line, strchr(flow, ' ') + 1);
		line_text(line, ":");
		put_transport(line, packet, rest);
		return;
	}
	if (type == 0x0806) {
		put_arp(line, &rest);
		return;
	}
	if (!packet->header.bytes) {
		line_text(line, " no header known");
		return;
	}
	snprintf(buf, sizeof(buf), " ethertype 0x%04x, length %" PRIu32, type,
		 packet->header.wire_len);
	line_text(line, buf);
}

const char *trail_drops_time(const struct trail_drops_print *print, uint64_t ns, char buf[32])
{
	const struct trail_capture_info *info =
		print->capture ? trail_capture_info(print->capture) : NULL;
	time_t seconds;
	struct tm tm;

	if (info && info->has_wall) {
		ns += (uint64_t)info->wall_offset_ns;
		seconds = (time_t)(ns / 1000000000);
		if (localtime_r(&seconds, &tm)) {
			snprintf(buf, 32, "%02d:%02d:%02d.%06u", tm.tm_hour, tm.tm_min, tm.tm_sec,
				 (unsigned int)(ns % 1000000000 / 1000));
			return buf;
		}
	}
	snprintf(buf, 32, "%" PRIu64 ".%06" PRIu64, ns / 1000000000, ns % 1000000000 / 1000);
	return buf;
}

void trail_drops_print_packet(const struct trail_drops_print *print,
			      const struct trail_packet *packet)
{
	const struct trail_drop *drop = &packet->drop;
	char buf[TEXT_SIZE], time[32];
	const char *reason, *place;
	struct line line;

	line_begin(&line);
	line_text(&line, trail_drops_time(print, packet->end_ns, time));
	line_text(&line, " ");
	line_safe(&line, drop->dev ? drop->dev : "?");
	line_text(&line, packet->dir == TRAIL_TX ? " Out" : " In");
	put_header(&line, packet);
	reason = drops_reason(buf, sizeof(buf), drop);
	line_text(&line, " | ");
	line_safe(&line, reason ? reason : "no reason given");
	place = text_location(buf, sizeof(buf), drop);
	line_text(&line, " at ");
	line_safe(&line, place ? place : "an unknown place");
	line_text(&line, " (");
	line_text(&line, trail_drop_class_name(drop->class));
	line_text(&line, ")");
	line_end(&line, print->out);
}
