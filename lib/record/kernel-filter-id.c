// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kernel-filter-id.c - an address, port or protocol and what stands before it -> formula
 *
 * Names of hosts and networks are not looked up: what they stand for may change while recording.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>

#include "kernel-filter-private.h"

#define NAME_SIZE	64

/* Of IPv4 @size is 4, of IPv6 16, of Ethernet 6. */
struct address {
	uint8_t byte[16];
	uint8_t mask[16];
	uint8_t size;
	bool is_partial;
};

/* ---- addresses */

static void set_prefix(struct address *address, uint32_t bits)
{
	for (uint32_t i = 0; i < address->size; i++, bits -= bits < 8 ? bits : 8)
		address->mask[i] = bits >= 8 ? 0xff : (uint8_t)(0xff00 >> bits);
}

/* One to four decimal numbers between dots; fewer than four are a network. */
static bool read_ipv4(const char *text, struct address *address)
{
	uint32_t n = 0, value;

	*address = (struct address){ .size = 4 };
	for (; n < 4 && isdigit((unsigned char)*text); text++) {
		for (value = 0; isdigit((unsigned char)*text); text++)
			if ((value = value * 10 + (uint32_t)(*text - '0')) > 255)
				return false;
		address->byte[n++] = (uint8_t)value;
		if (*text != '.')
			break;
	}
	set_prefix(address, 8 * n);
	address->is_partial = n < 4;
	return n && !*text;
}

static bool read_ethernet(const char *text, struct address *address)
{
	unsigned int n = 0;
	char *end;

	*address = (struct address){ .size = 6 };
	set_prefix(address, 48);
	for (; n < 6 && isxdigit((unsigned char)*text); text = end + (*end == ':' || *end == '-')) {
		unsigned long value = strtoul(text, &end, 16);

		if (value > 255)
			return false;
		address->byte[n++] = (uint8_t)value;
		if (*end != ':' && *end != '-')
			return n == 6 && !*end;
	}
	return false;
}

static int read_address(struct parser *parser, const struct qualifier *qualifier,
			const struct token *token, struct address *address)
{
	char text[NAME_SIZE];
	bool ethernet;

	if (!token_copy(token, text, sizeof(text)))
		return kernel_filter_wrong(parser, token, "an address is expected here");
	ethernet = read_ethernet(text, address);
	if (ethernet && qualifier->proto == PROTO_ETHER)
		return 0;
	if (ethernet)
		return kernel_filter_wrong(parser, token, "'%s' is an Ethernet address: write "
					   "'ether host %s'", text, text);
	if (read_ipv4(text, address) && qualifier->proto != PROTO_ETHER)
		return 0;
	*address = (struct address){ .size = 16 };
	set_prefix(address, 128);
	if (inet_pton(AF_INET6, text, address->byte) == 1 && qualifier->proto != PROTO_ETHER)
		return 0;
	if (qualifier->proto == PROTO_ETHER)
		return kernel_filter_wrong(parser, token, "'%s' is not an Ethernet address", text);
	if (isdigit((unsigned char)*text) || strchr(text, ':'))
		return kernel_filter_wrong(parser, token, "'%s' is not an address", text);
	return kernel_filter_refuse(parser, token, "'%s' is a name, and names of hosts are not "
				    "looked up: write its address", text);
}

/* "/24" or "mask 255.255.0.0" behind a network. */
static int read_mask(struct parser *parser, struct address *address)
{
	const struct token *token = &parser->token[parser->pos];
	struct address mask;
	char text[NAME_SIZE];
	uint32_t bits;

	if (token_is(token, "/")) {
		if (!token_number(token + 1, &bits) || bits > 8u * address->size)
			return kernel_filter_wrong(parser, token + 1,
						   "0 to %u bits are expected behind '/'",
						   8u * address->size);
		set_prefix(address, bits);
	} else if (token_is(token, "mask")) {
		if (!token_copy(token + 1, text, sizeof(text)) || !read_ipv4(text, &mask) ||
		    address->size != 4)
			return kernel_filter_wrong(parser, token + 1,
						   "a mask of an IPv4 network is expected here");
		memcpy(address->mask, mask.byte, 4);
	} else {
		return 0;
	}
	for (unsigned int i = 0; i < address->size; i++)
		if (address->byte[i] & ~address->mask[i])
			return kernel_filter_wrong(parser, token - 1, "the network has bits that "
						   "its mask has not");
	parser->pos += 2;
	return 0;
}

static uint32_t word_at(const uint8_t *byte, unsigned int size)
{
	uint32_t value = 0;

	while (size--)
		value = value << 8 | *byte++;
	return value;
}

/* 4, 2 or 1: so many are there at @i, and of more than 1 the mask has all bits. */
static uint8_t whole_bytes(const struct address *address, unsigned int i)
{
	unsigned int left = address->size - i;

	if (left >= 4 && word_at(address->mask + i, 4) == UINT32_MAX)
		return 4;
	return left >= 2 && word_at(address->mask + i, 2) == UINT16_MAX ? 2 : 1;
}

/* Largest pieces of the address whose mask is all ones or all zeros; the odd byte bit by bit. */
static formula_id address_at(struct parser *parser, const struct address *address,
			     struct bytes bytes)
{
	formula_id result = 0, piece;
	int32_t start = bytes.offset;

	for (unsigned int i = 0; i < address->size; i += bytes.size) {
		uint32_t mask;

		bytes.size = whole_bytes(address, i);
		bytes.offset = start + (int32_t)i;
		bytes.end = bytes.base == BASE_NETWORK ? start + (int32_t)(i / 4 * 4 + 4) : 0;
		mask = word_at(address->mask + i, bytes.size);
		if (!mask)
			continue;
		piece = formula_masked_equal(parser, bytes, mask,
					     word_at(address->byte + i, bytes.size));
		result = result ? formula_and(parser, result, piece) : piece;
	}
	return result ? result : formula_true(parser);
}

static formula_id either_end(struct parser *parser, enum qualifier_direction direction,
			     formula_id source, formula_id destination)
{
	switch (direction) {
	case DIR_SRC:
		return source;
	case DIR_DST:
		return destination;
	case DIR_AND:
		return formula_and(parser, source, destination);
	default:
		return formula_or(parser, source, destination);
	}
}

static formula_id ends_of(struct parser *parser, const struct qualifier *qualifier,
			  const struct address *address, struct bytes source, int32_t destination)
{
	struct bytes other = { source.base, destination, 0, 0 };

	return either_end(parser, qualifier->direction, address_at(parser, address, source),
			  address_at(parser, address, other));
}

static formula_id in_network(struct parser *parser, const struct qualifier *qualifier,
			     const struct address *address, int32_t source, int32_t destination)
{
	return ends_of(parser, qualifier, address, (struct bytes){ BASE_NETWORK, source, 0, 0 },
		       destination);
}

/* Without a protocol: IPv4, and ARP and RARP, which have the addresses at the same places. */
static formula_id ipv4_host(struct parser *parser, const struct qualifier *qualifier,
			    const struct address *address)
{
	struct cases cases = { .key = KEY_HOST | qualifier->proto };
	formula_id arp = formula_plain(parser, FORMULA_ETHERTYPE, ETHERTYPE_ARP);
	formula_id rarp = formula_plain(parser, FORMULA_ETHERTYPE, ETHERTYPE_RARP);

	switch (qualifier->proto) {
	case PROTO_IP:
		cases.condition[0] = formula_ip(parser);
		return formula_cases(parser, &cases,
				     in_network(parser, qualifier, address, 12, 16), 0);
	case PROTO_ARP:
	case PROTO_RARP:
		cases.condition[0] = qualifier->proto == PROTO_ARP ? arp : rarp;
		return formula_cases(parser, &cases,
				     in_network(parser, qualifier, address, 14, 24), 0);
	default:
		cases.condition[0] = formula_ip(parser);
		cases.condition[1] = formula_or(parser, arp, rarp);
		return formula_cases(parser, &cases,
				     in_network(parser, qualifier, address, 12, 16),
				     in_network(parser, qualifier, address, 14, 24));
	}
}

static formula_id ipv6_host(struct parser *parser, const struct qualifier *qualifier,
			    const struct address *address)
{
	struct cases cases = { .key = KEY_HOST | PROTO_IP6 };

	cases.condition[0] = formula_ip6(parser);
	return formula_cases(parser, &cases, in_network(parser, qualifier, address, 8, 24), 0);
}

static int host(struct parser *parser, const struct qualifier *qualifier, formula_id *out)
{
	const struct token *token = &parser->token[parser->pos++];
	struct address address;
	int err = read_address(parser, qualifier, token, &address);

	if (!err && qualifier->type == TYPE_NET)
		err = read_mask(parser, &address);
	else if (!err && token_is(token + 1, "/"))
		err = kernel_filter_wrong(parser, token + 1, "only 'net' takes a mask");
	if (err)
		return err;
	if (qualifier->proto >= PROTO_TCP ||
	    (address.size == 4 && qualifier->proto == PROTO_IP6) ||
	    (address.size == 16 && qualifier->proto != PROTO_NONE && qualifier->proto != PROTO_IP6))
		return kernel_filter_wrong(parser, &qualifier->proto_token,
					   "'%.*s' has no such addresses",
					   (int)qualifier->proto_token.length,
					   qualifier->proto_token.at);
	if (address.size == 6)
		*out = ends_of(parser, qualifier, &address,
			       (struct bytes){ BASE_ETHER, 6, 0, 0 }, 0);
	else if (address.size == 4)
		*out = ipv4_host(parser, qualifier, &address);
	else
		*out = ipv6_host(parser, qualifier, &address);
	return 0;
}

/* ---- ports */

struct port_range {
	uint32_t first;
	uint32_t last;
	enum qualifier_direction direction;
};

static formula_id port_test(struct parser *parser, struct bytes port,
			    const struct port_range *range)
{
	formula_id above;

	if (range->first == range->last)
		return formula_equal(parser, port, range->first);
	above = formula_at_least(parser, port, range->last + 1);
	return formula_and(parser, formula_at_least(parser, port, range->first),
			   formula_not(parser, above));
}

/* The first two words in TCP, UDP and SCTP.  A packet that was cut between them has no ports. */
static formula_id ports(struct parser *parser, const struct port_range *range)
{
	struct bytes source = { BASE_TRANSPORT, 0, 2, 4 };
	struct bytes destination = { BASE_TRANSPORT, 2, 2, 4 };

	return either_end(parser, range->direction, port_test(parser, source, range),
			  port_test(parser, destination, range));
}

static formula_id protocols(struct parser *parser, enum qualifier_proto proto, int32_t offset)
{
	struct bytes at = { BASE_NETWORK, offset, 1, 0 };

	switch (proto) {
	case PROTO_TCP:
		return formula_equal(parser, at, IPPROTO_TCP);
	case PROTO_UDP:
		return formula_equal(parser, at, IPPROTO_UDP);
	case PROTO_SCTP:
		return formula_equal(parser, at, IPPROTO_SCTP);
	default:
		return formula_or(parser, formula_equal(parser, at, IPPROTO_TCP),
				  formula_or(parser, formula_equal(parser, at, IPPROTO_UDP),
					     formula_equal(parser, at, IPPROTO_SCTP)));
	}
}

static bool service(const char *name, const char *proto, uint32_t *port)
{
	struct servent entry, *found = NULL;
	char buffer[1024];

	if (getservbyname_r(name, proto, &entry, buffer, sizeof(buffer), &found) || !found)
		return false;
	*port = ntohs((uint16_t)found->s_port);
	return true;
}

static int named_port(struct parser *parser, const struct qualifier *qualifier,
		      const struct token *token, uint32_t *port)
{
	bool tcp_wanted = qualifier->proto != PROTO_UDP && qualifier->proto != PROTO_SCTP;
	bool udp_wanted = qualifier->proto != PROTO_TCP && qualifier->proto != PROTO_SCTP;
	uint32_t tcp = 0, udp = 0;
	char name[NAME_SIZE];

	if (!token_copy(token, name, sizeof(name)) || isdigit((unsigned char)*name))
		return kernel_filter_wrong(parser, token, "a port is expected here");
	if (qualifier->proto == PROTO_SCTP)
		return kernel_filter_refuse(parser, token, "SCTP ports have no names here");
	tcp_wanted = tcp_wanted && service(name, "tcp", &tcp);
	udp_wanted = udp_wanted && service(name, "udp", &udp);
	if (!tcp_wanted && !udp_wanted)
		return kernel_filter_wrong(parser, token, "no port is named '%s'", name);
	if (tcp_wanted && udp_wanted && tcp != udp)
		return kernel_filter_refuse(parser, token, "'%s' is port %u of TCP and %u of UDP",
					    name, tcp, udp);
	/* A name that only one of them knows stands for that one alone. */
	if (tcp_wanted != udp_wanted && qualifier->proto == PROTO_NONE)
		return kernel_filter_refuse(parser, token, "'%s' is a port of %s only: write '%s "
					    "port %u'", name, tcp_wanted ? "TCP" : "UDP",
					    tcp_wanted ? "tcp" : "udp", tcp_wanted ? tcp : udp);
	*port = tcp_wanted ? tcp : udp;
	return 0;
}

static int read_port(struct parser *parser, const struct qualifier *qualifier,
		     const struct token *token, uint32_t *port)
{
	if (!token_number(token, port))
		return named_port(parser, qualifier, token, port);
	if (*port > 65535)
		return kernel_filter_wrong(parser, token, "ports go up to 65535");
	return 0;
}

/* The word is cut at a '-' such that both halves are ports: names have that sign as well. */
static int read_range(struct parser *parser, const struct qualifier *qualifier,
		      const struct token *token, struct port_range *range)
{
	struct token first = *token, last = *token;
	uint32_t swap;
	int err = 1;

	for (uint32_t i = 1; err && i + 1 < token->length; i++) {
		if (token->at[i] != '-')
			continue;
		first.length = i;
		last.at = token->at + i + 1;
		last.length = token->length - i - 1;
		err = read_port(parser, qualifier, &first, &range->first);
		if (!err)
			err = read_port(parser, qualifier, &last, &range->last);
	}
	if (err == 1) {
		err = read_port(parser, qualifier, token, &range->first);
		range->last = range->first;
	}
	if (!err && range->first > range->last) {
		swap = range->first;
		range->first = range->last;
		range->last = swap;
	}
	return err;
}

static int port(struct parser *parser, const struct qualifier *qualifier, formula_id *out)
{
	const struct token *token = &parser->token[parser->pos++];
	struct port_range range = { .direction = qualifier->direction };
	struct cases cases = { .key = KEY_PORT | qualifier->proto };
	formula_id test;
	int err;

	if (qualifier->proto != PROTO_NONE && qualifier->proto < PROTO_TCP)
		return kernel_filter_wrong(parser, &qualifier->proto_token, "'%.*s' has no ports",
					   (int)qualifier->proto_token.length,
					   qualifier->proto_token.at);
	if (qualifier->type == TYPE_PORTRANGE) {
		err = read_range(parser, qualifier, token, &range);
	} else {
		err = read_port(parser, qualifier, token, &range.first);
		range.last = range.first;
	}
	if (err)
		return err;
	formula_behind_ip(parser, &cases, protocols(parser, qualifier->proto, 9));
	cases.condition[1] = formula_and(parser, formula_ip6(parser),
					 protocols(parser, qualifier->proto, 6));
	test = ports(parser, &range);
	*out = formula_cases(parser, &cases, test, test);
	return 0;
}

/* ---- protocols */

static bool protocol_number(const struct token *token, uint32_t *number)
{
	struct protoent entry, *found = NULL;
	char name[NAME_SIZE], buffer[1024];

	if (token_number(token, number))
		return *number <= 255;
	if (!token_copy(token, name, sizeof(name)) ||
	    getprotobyname_r(name + (*name == '\\'), &entry, buffer, sizeof(buffer), &found) ||
	    !found)
		return false;
	*number = (uint32_t)found->p_proto;
	return true;
}

static int ether_proto(struct parser *parser, const struct token *token, formula_id *out)
{
	static const struct {
		const char *name;
		uint32_t number;
	} known[] = {
		{ "ip", ETHERTYPE_IPV4 }, { "ip6", ETHERTYPE_IPV6 }, { "arp", ETHERTYPE_ARP },
		{ "rarp", ETHERTYPE_RARP }, { "loopback", 0x9000 },
	};
	char name[NAME_SIZE] = "";
	uint32_t number = 0;

	token_copy(token, name, sizeof(name));
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(name + (*name == '\\'), known[i].name))
			number = known[i].number;
	if (!number && !token_number(token, &number))
		return kernel_filter_wrong(parser, token, "an Ethernet protocol is expected here");
	if (number > 65535)
		return kernel_filter_wrong(parser, token, "Ethernet protocols go up to 65535");
	/* The kernel tells neither the lengths of 802.3 nor tags that the hardware took off. */
	if (number < 1536)
		return kernel_filter_refuse(parser, token, "event filters do not see 802.3 frames");
	if (number == 0x8100 || number == 0x88a8 || number == 0x9100)
		return kernel_filter_refuse(parser, token, "a tag is not in the frame any more "
					    "when the hardware took it off: write 'vlan'");
	*out = formula_plain(parser, FORMULA_ETHERTYPE, number);
	return 0;
}

static int proto(struct parser *parser, const struct qualifier *qualifier, formula_id *out)
{
	const struct token *token = &parser->token[parser->pos++];
	uint32_t number;

	if (qualifier->direction != DIR_NONE)
		return kernel_filter_wrong(parser, token, "a protocol has no direction");
	if (qualifier->proto == PROTO_ETHER)
		return ether_proto(parser, token, out);
	if (qualifier->proto > PROTO_IP6)
		return kernel_filter_wrong(parser, &qualifier->proto_token,
					   "'proto' follows ether, ip or ip6");
	if (!protocol_number(token, &number))
		return kernel_filter_wrong(parser, token, "a protocol is expected here");
	if (qualifier->proto == PROTO_IP)
		*out = formula_ip_proto(parser, number);
	else if (qualifier->proto == PROTO_IP6)
		*out = formula_ip6_proto(parser, number);
	else
		*out = formula_or(parser, formula_ip_proto(parser, number),
				  formula_ip6_proto(parser, number));
	return 0;
}

int kernel_filter_id(struct parser *parser, const struct qualifier *qualifier, formula_id *out)
{
	parser->made_from = parser->token[parser->pos];
	switch (qualifier->type) {
	case TYPE_PORT:
	case TYPE_PORTRANGE:
		return port(parser, qualifier, out);
	case TYPE_PROTO:
		return proto(parser, qualifier, out);
	default:
		return host(parser, qualifier, out);
	}
}
