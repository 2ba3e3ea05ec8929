// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * packet-filter-words.c - a pcap-filter(7) expression -> its words
 *
 * Divided as libpcap does it, or coarser: what it would take for a name is never seen here as an
 * address with something behind it.
 */
#include <arpa/inet.h>
#include <ctype.h>

#include "packet-filter.h"

#define MAX_ADDRESS	46	/* INET6_ADDRSTRLEN */

/* pcap-filter(7), libpcap 1.10; by what they are about. */
static const char *const keyword[] = {
	"and", "or", "not", "host", "net", "mask", "port", "portrange", "proto", "protochain",
	"gateway", "src", "dst", "less", "greater", "byte", "broadcast", "multicast", "len",
	"length", "inbound", "outbound", "ifindex",
	"ether", "link", "ppp", "slip", "fddi", "tr", "wlan", "vlan", "mpls", "pppoed", "pppoes",
	"geneve", "llc", "lane", "radio", "stp", "ipx", "netbeui", "atalk", "aarp", "decnet", "lat",
	"sca", "moprc", "mopdl",
	"arp", "rarp", "ip", "ip6", "tcp", "udp", "sctp", "icmp", "icmp6", "igmp", "igrp", "pim",
	"vrrp", "carp", "ah", "esp",
	"iso", "esis", "es-is", "isis", "is-is", "clnp", "l1", "l2", "iih", "lsp", "snp", "csnp",
	"psnp",
	"type", "subtype", "direction", "dir", "address1", "address2", "address3", "address4",
	"addr1", "addr2", "addr3", "addr4", "ra", "ta",
	"on", "ifname", "rset", "ruleset", "rnr", "rulenum", "srnr", "subrulenum", "reason",
	"action",
	"metac", "bcc", "oam", "oamf4", "oamf4ec", "oamf4sc", "sc", "ilmic", "vpi", "vci",
	"connectmsg", "metaconnect",
	"fisu", "lssu", "lsu", "msu", "hfisu", "hlssu", "hmsu", "sio", "opc", "dpc", "sls", "hsio",
	"hopc", "hdpc", "hsls",
	"tcpflags", "tcp-fin", "tcp-syn", "tcp-rst", "tcp-push", "tcp-ack", "tcp-urg", "tcp-ece",
	"tcp-cwr",
	"icmptype", "icmpcode", "icmp-echoreply", "icmp-unreach", "icmp-sourcequench",
	"icmp-redirect", "icmp-echo", "icmp-routeradvert", "icmp-routersolicit", "icmp-timxceed",
	"icmp-paramprob", "icmp-tstamp", "icmp-tstampreply", "icmp-ireq", "icmp-ireqreply",
	"icmp-maskreq", "icmp-maskreply",
	"icmp6type", "icmp6code", "icmp6-destinationunreach", "icmp6-packettoobig",
	"icmp6-timeexceeded", "icmp6-parameterproblem", "icmp6-echo", "icmp6-echoreply",
	"icmp6-multicastlistenerquery", "icmp6-multicastlistenerreportv1",
	"icmp6-multicastlistenerdone", "icmp6-routersolicit", "icmp6-routeradvert",
	"icmp6-neighborsolicit", "icmp6-neighboradvert", "icmp6-redirect", "icmp6-routerrenum",
	"icmp6-nodeinformationquery", "icmp6-nodeinformationresponse",
	"icmp6-ineighbordiscoverysolicit", "icmp6-ineighbordiscoveryadvert",
	"icmp6-multicastlistenerreportv2", "icmp6-homeagentdiscoveryrequest",
	"icmp6-homeagentdiscoveryreply", "icmp6-mobileprefixsolicit", "icmp6-mobileprefixadvert",
	"icmp6-certpathsolicit", "icmp6-certpathadvert", "icmp6-multicastrouteradvert",
	"icmp6-multicastroutersolicit", "icmp6-multicastrouterterm",
};

#define NR_KEYWORD	(sizeof(keyword) / sizeof(keyword[0]))

bool filter_is_keyword(const char *word, size_t len)
{
	for (size_t i = 0; i < NR_KEYWORD; i++)
		if (strlen(keyword[i]) == len && !strncmp(keyword[i], word, len))
			return true;
	return false;
}

void filter_near_keyword(struct near *near)
{
	for (size_t i = 0; i < NR_KEYWORD; i++)
		near_try(near, keyword[i]);
}

bool filter_word_is(const char *expr, const struct filter_word *word, const char *text)
{
	return word->len == strlen(text) && !strncmp(expr + word->offset, text, word->len);
}

static size_t hex_digits(const char *at, size_t max)
{
	size_t n = 0;

	while (n < max && isxdigit((unsigned char)at[n]))
		n++;
	return n;
}

/* 00:11:22:33:44:55 with : - or ., 0011.2233.4455, 001122334455.  Return: length or 0. */
static size_t mac_length(const char *at)
{
	size_t n = hex_digits(at, 2), len = n;
	char separator = at[n];

	if (n && (separator == ':' || separator == '-' || separator == '.')) {
		for (unsigned int i = 1; i < 6 && n && at[len] == separator; i++) {
			n = hex_digits(at + len + 1, 2);
			len += 1 + n;
			if (n && i == 5)
				return len;
		}
	}
	if (hex_digits(at, 12) == 12)
		return 12;
	return hex_digits(at, 4) == 4 && at[4] == '.' && hex_digits(at + 5, 4) == 4 &&
	       at[9] == '.' && hex_digits(at + 10, 4) == 4 ? 14 : 0;
}

/* 80, 0x50.  Return: length or 0. */
static size_t number_length(const char *at)
{
	size_t n = 0;

	if (at[0] == '0' && (at[1] | 0x20) == 'x') {
		n = hex_digits(at + 2, FILTER_MAX_LENGTH);
		return n ? 2 + n : 1;
	}
	while (isdigit((unsigned char)at[n]))
		n++;
	return n;
}

/* 10.0, 10.0.0, 10.0.0.1.  Return: length or 0. */
static size_t ipv4_length(const char *at)
{
	size_t len = number_length(at), n = len;

	for (unsigned int i = 0; i < 3 && n && at[len] == '.'; i++) {
		n = number_length(at + len + 1);
		if (n)
			len += 1 + n;
		else
			return 0;
	}
	return memchr(at, '.', len) ? len : 0;
}

/* What has two colons is an address or wrong.  Return: length or 0. */
static size_t colons_length(const char *at)
{
	size_t len = strspn(at, "0123456789abcdefABCDEF:.");
	const char *colon = memchr(at, ':', len);

	return colon && memchr(colon + 1, ':', len - (size_t)(colon + 1 - at)) ? len : 0;
}

static bool is_ipv6(const char *at, size_t len)
{
	char text[MAX_ADDRESS];
	struct in6_addr address;

	if (len >= sizeof(text))
		return false;
	memcpy(text, at, len);
	text[len] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

/* Letters, digits, and . - _ inside. */
static size_t name_length(const char *at)
{
	size_t n = 0;

	if (!isalnum((unsigned char)*at))
		return 0;
	while (isalnum((unsigned char)at[n]) || (at[n] && strchr("-_.", at[n])))
		n++;
	while (at[n - 1] == '-' || at[n - 1] == '_')
		n--;
	return n;
}

static void sign(const char *at, struct filter_word *word)
{
	static const char *const two[] = { ">=", "<=", "!=", "==", "<<", ">>", "&&", "||" };

	word->kind = strchr("+-*/%:[]!<>()&|^=", *at) ? FILTER_SIGN : FILTER_BAD;
	word->len = 1;
	for (size_t i = 0; i < sizeof(two) / sizeof(two[0]); i++)
		if (!strncmp(at, two[i], 2))
			word->len = 2;
	if (*at == '\\' && strcspn(at + 1, " !()\n\t")) {
		word->kind = FILTER_NAME;
		word->len = 1 + strcspn(at + 1, " !()\n\t");
	} else if (*at == '$' && hex_digits(at + 1, 2)) {
		/* A node of ARCNET. */
		word->kind = FILTER_ADDRESS;
		word->len = 1 + hex_digits(at + 1, 2);
	}
}

/* The longest match counts. */
static void name(const char *at, struct filter_word *word)
{
	word->len = name_length(at);
	if (filter_is_keyword(at, word->len))
		word->kind = FILTER_KEYWORD;
	else if (mac_length(at) == word->len || ipv4_length(at) == word->len)
		word->kind = FILTER_ADDRESS;
	else if (number_length(at) == word->len)
		word->kind = FILTER_NUMBER;
	else
		word->kind = FILTER_NAME;
}

int filter_next(const char *expr, size_t offset, struct filter_word *word)
{
	const char *at;
	size_t len;

	offset += strspn(expr + offset, " \t\r\n");
	at = expr + offset;
	word->offset = offset;
	if (!*at)
		return 0;
	len = colons_length(at);
	if (len) {
		word->len = len;
		word->kind = is_ipv6(at, len) || mac_length(at) == len ? FILTER_ADDRESS
								       : FILTER_BAD;
	} else if (isalnum((unsigned char)*at)) {
		name(at, word);
	} else {
		sign(at, word);
	}
	return 1;
}
