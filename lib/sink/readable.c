// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * readable.c - strings of a capture and numbers -> what people can read
 */
#include <arpa/inet.h>
#include <inttypes.h>

#include "readable.h"

/* Two IPv6 addresses with ports and protocol. */
#define FLOW_SIZE	128
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

const char *text_safe(char *buf, size_t size, const char *text)
{
	text = text ? text : "-";
	trail_escape(text, strlen(text), buf, size);
	return buf;
}

/*
 * @ns in units of @unit_ns with @decimals behind the point, as printf() rounds.  What lies between
 * two results, or is too long for a double, is left to printf(): false.
 */
static bool put_rounded(char *buf, uint64_t ns, uint64_t unit_ns, unsigned int decimals)
{
	static const uint64_t power[] = { 1, 10, 100 };
	uint64_t step = unit_ns / power[decimals], twice_rest = 2 * (ns % step);
	char text[DECIMAL_SIZE], *end = text + sizeof(text), *at;
	size_t len;

	if (twice_rest == step || ns >> 50)
		return false;
	at = text_decimal(end, ns / step + (twice_rest > step));
	len = (size_t)(end - at) - decimals;
	memcpy(buf, at, len);
	if (decimals)
		buf[len++] = '.';
	memcpy(buf + len, end - decimals, decimals);
	buf[len + decimals] = '\0';
	return true;
}

const char *text_duration(char *buf, uint64_t ns)
{
	static const struct { const char *name; uint64_t ns; } unit[] = {
		{ "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 },
	};
	unsigned int decimals;
	size_t i = 0;

	if (ns < 1000) {
		put_rounded(buf, ns, 1, 0);
		return strcat(buf, "ns");
	}
	/* 999.5 would be printed as 1000: the next unit says it better. */
	while (i + 1 < ARRAY_SIZE(unit) && ns >= 999 * unit[i].ns + unit[i].ns / 2)
		i++;
	decimals = ns < 10 * unit[i].ns - unit[i].ns / 200 ? 2 :
		   ns < 100 * unit[i].ns - unit[i].ns / 20 ? 1 : 0;
	if (!put_rounded(buf, ns, unit[i].ns, decimals))
		snprintf(buf, DURATION_SIZE, "%.*f", (int)decimals,
			 (double)ns / (double)unit[i].ns);
	return strcat(buf, unit[i].name);
}

const char *text_location(char *buf, size_t size, const struct trail_drop *drop)
{
	if (!drop->symbol && !drop->address)
		return NULL;
	if (!drop->symbol)
		snprintf(buf, size, "0x%" PRIx64, drop->address);
	else
		snprintf(buf, size, "%s+0x%" PRIx64 "%s%s%s", drop->symbol, drop->symbol_offset,
			 drop->module ? " [" : "", drop->module ? drop->module : "",
			 drop->module ? "]" : "");
	return buf;
}

const char *text_hit(char *buf, const struct trail_hit *hit)
{
	size_t len = strlen(text_safe(buf, HIT_SIZE, hit->name));

	trail_values_text(hit->value, hit->nr_value, buf + len, HIT_SIZE - len);
	return buf;
}

static const char *text_ipv4(char *buf, const uint8_t *address)
{
	char text[INET_ADDRSTRLEN], *end = text + sizeof(text), *at = end - 1;

	*at = '\0';
	for (int i = 3; i >= 0; i--) {
		at = text_decimal(at, address[i]);
		if (i)
			*--at = '.';
	}
	return memcpy(buf, at, (size_t)(end - at));
}

const char *text_address(char *buf, size_t size, const struct trail_flow *flow,
			 const uint8_t *address)
{
	if (!flow->family)
		return NULL;
	if (flow->family == 6)
		return inet_ntop(AF_INET6, address, buf, (socklen_t)size);
	return text_ipv4(buf, address);
}

const char *text_protocol(char *buf, size_t size, uint8_t protocol)
{
	switch (protocol) {
	case 1:
		return "icmp";
	case 6:
		return "tcp";
	case 17:
		return "udp";
	case 47:
		return "gre";
	case 50:
		return "esp";
	case 58:
		return "icmp6";
	case 132:
		return "sctp";
	default:
		snprintf(buf, size, "%u", protocol);
		return buf;
	}
}

const char *text_flow(char *buf, size_t size, const struct trail_flow *flow)
{
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN], protocol[8];
	const char *open = flow->family == 6 ? "[" : "", *close = flow->family == 6 ? "]" : "";
	const char *name = text_protocol(protocol, sizeof(protocol), flow->protocol);

	if (!text_address(from, sizeof(from), flow, flow->saddr) ||
	    !text_address(to, sizeof(to), flow, flow->daddr))
		return NULL;
	if (flow_has_ports(flow))
		snprintf(buf, size, "%s %s%s%s:%u > %s%s%s:%u", name, open, from, close,
			 flow->sport, open, to, close, flow->dport);
	else
		snprintf(buf, size, "%s %s > %s", name, from, to);
	return buf;
}

static void text_range(char *buf, size_t size, const struct trail_packet *packet)
{
	const struct trail_header *header = &packet->header;

	buf[0] = '\0';
	if (!(packet->flags & TRAIL_PACKET_SEQ))
		return;
	if (header->seq_end == header->seq_start)
		snprintf(buf, size, " seq %" PRId64, header->seq_start);
	else
		snprintf(buf, size, " seq %" PRId64 ":%" PRId64, header->seq_start,
			 header->seq_end);
}

const char *text_header(char *buf, size_t size, const struct trail_packet *packet)
{
	const struct trail_header *header = &packet->header;
	char inner[FLOW_SIZE] = "no IP", range[64], id[24] = "", vlan[24] = "";

	text_range(range, sizeof(range), packet);
	if (header->ipid >= 0)
		snprintf(id, sizeof(id), " id %" PRId32, header->ipid);
	if (header->vlan >= 0)
		snprintf(vlan, sizeof(vlan), " vlan %" PRId32, header->vlan);
	if (!header->tunnel) {
		snprintf(buf, size, "%s%s%s", range, id, vlan);
		return buf;
	}
	text_flow(inner, sizeof(inner), &header->inner);
	snprintf(buf, size, "%s%s %s (%s%s)", id, vlan, header->tunnel, inner, range);
	return buf;
}
