// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * match.c - which drops are counted by which counter
 *
 * The one table of it: only pairs that the kernel keeps together, a line apart, so that a
 * difference means something.  Not here: counters that count other things as well (UdpInErrors,
 * rx_dropped, IpReasmFails), and drops that several counters share.
 *
 * A reason that the kernel does not give is inferred from the function (plugins/drop-rules.c);
 * where that drops for several reasons, the pair needs a kernel that gives them.
 */
#include "match.h"

static const char *const udp4[] = { "udp_", "__udp4", "__udp_", "first_packet",
				    "__first_packet", NULL };
static const char *const udp6[] = { "udpv6_", "__udpv6_", "udp6_", "__udp6", NULL };
static const char *const tcp[] = { "tcp_", "__tcp", NULL };
static const char *const ip4[] = { "ip_", "__ip_", NULL };
/* net/ipv6/icmp.c: icmpv6_param_prob_reason() drops for who found the fault. */
static const char *const ip6[] = { "ip6_", "ipv6_", "__ip6", "icmpv6_param_prob", NULL };
static const char *const icmp4[] = { "icmp_", NULL };
static const char *const icmp6[] = { "icmpv6_", NULL };

/*
 * @places: beginnings of the functions' names, NULL any
 */
static const struct counter_match table[] = {
	/* net/ipv4/udp.c, net/ipv6/udp.c: __udp_queue_rcv_skb(), __udpv6_queue_rcv_skb() */
	{ "UDP RcvbufErrors", "snmp", "UdpRcvbufErrors", NULL, { "SOCKET_RCVBUFF" }, udp4 },
	{ "UDP6 RcvbufErrors", "snmp6", "Udp6RcvbufErrors", NULL, { "SOCKET_RCVBUFF" }, udp6 },
	{ "UDP MemErrors", "snmp", "UdpMemErrors", NULL, { "PROTO_MEM" }, udp4, true },
	{ "UDP6 MemErrors", "snmp6", "Udp6MemErrors", NULL, { "PROTO_MEM" }, udp6, true },
	/* __udp4_lib_rcv(), __udp6_lib_rcv() */
	{ "UDP NoPorts", "snmp", "UdpNoPorts", NULL, { "NO_SOCKET" }, udp4, true },
	/* Without a checksum and for nobody: NO_SOCKET is said, a bad checksum counted. */
	{ "UDP6 NoPorts and InCsumErrors", "snmp6", "Udp6NoPorts+Udp6InCsumErrors", NULL,
	  { "NO_SOCKET", "UDP_CSUM" }, udp6, true },
	/* __udp4_lib_mcast_deliver(), __udp6_lib_mcast_deliver(): part of these two */
	{ "UDP IgnoredMulti", "snmp", "UdpIgnoredMulti", NULL, { "IGNORED_MULTI" }, udp4, true,
	  true },
	{ "UDP6 IgnoredMulti", "snmp6", "Udp6IgnoredMulti", NULL, { "IGNORED_MULTI" }, udp6, true,
	  true },
	{ "UDP InCsumErrors", "snmp", "UdpInCsumErrors", NULL, { "UDP_CSUM" }, udp4, true },
	/* net/ipv4/tcp_ipv4.c: tcp_add_backlog(); of both families */
	{ "TCP BacklogDrop", "netstat", "TcpExtTCPBacklogDrop", NULL, { "SOCKET_BACKLOG" }, tcp,
	  true },
	/* tcp_v4_rcv(), net/ipv6/tcp_ipv6.c: tcp_v6_rcv() */
	{ "TCP InCsumErrors", "snmp", "TcpInCsumErrors", NULL, { "TCP_CSUM" }, tcp, true },
	/* net/ipv4/tcp_input.c: tcp_data_queue() */
	{ "TCP ZeroWindowDrop", "netstat", "TcpExtTCPZeroWindowDrop", NULL, { "TCP_ZEROWINDOW" },
	  tcp, true },
	/* net/ipv4/icmp.c: icmp_rcv(), net/ipv6/icmp.c: icmpv6_rcv() */
	{ "ICMP InCsumErrors", "snmp", "IcmpInCsumErrors", NULL, { "ICMP_CSUM" }, icmp4, true },
	{ "ICMP6 InCsumErrors", "snmp6", "Icmp6InCsumErrors", NULL, { "ICMP_CSUM" }, icmp6, true },
	/* net/ipv4/ip_input.c: ip_rcv_finish_core() */
	{ "IP ReversePathFilter", "netstat", "TcpExtIPReversePathFilter", NULL, { "IP_RPFILTER" },
	  ip4, true },
	/* ip_rcv_core(), net/ipv4/ip_forward.c: ip_forward() */
	{ "IP InHdrErrors", "snmp", "IpInHdrErrors", NULL, { "IP_INHDR", "IP_CSUM" }, ip4, true },
	/* ip6_rcv_core() of another version, net/ipv6/exthdrs.c: ip6_tlvopt_unknown() */
	{ "IP6 InHdrErrors", "snmp6", "Ip6InHdrErrors", NULL, { "IP_INHDR", "UNHANDLED_PROTO" },
	  ip6, true },
	/* net/ipv4/route.c: ip_error() */
	{ "IP InNoRoutes", "netstat", "IpExtInNoRoutes", NULL, { "IP_INNOROUTES" }, ip4, true },
	/* net/core/dev.c: enqueue_to_backlog() */
	{ "CPU backlog dropped", "softnet", "dropped", NULL, { "CPU_BACKLOG" }, NULL },
	/* include/net/sch_generic.h: qdisc_drop(); those below the root are in its number */
	{ "qdisc drops", "qdisc", "drops", " root", { "QDISC_DROP" }, NULL },
};

/* What no event shows, and why. */
static const struct counter_unseen unseen[] = {
	{ "dev", "rx_missed_errors", "dropped by the device before any event" },
	{ "dev", "rx_fifo_errors", "dropped by the device before any event" },
	{ "dev", "rx_over_errors", "dropped by the device before any event" },
	{ "dev", "rx_crc_errors", "dropped by the device before any event: damaged on the wire" },
	{ "dev", "rx_length_errors", "dropped by the device before any event: of no valid length" },
	{ "dev", "rx_frame_errors", "dropped by the device before any event: damaged on the wire" },
	/* net/ipv4/tcp_input.c: tcp_rcv_state_process() consumes a SYN that is not taken */
	{ "netstat", "TcpExtListenDrops", "a SYN that is not taken is freed as one that is" },
	{ "netstat", "TcpExtTCPReqQFullDrop", "a SYN that is not taken is freed as one that is" },
};

const struct counter_match *counter_match(size_t i)
{
	return i < sizeof(table) / sizeof(table[0]) ? &table[i] : NULL;
}

const struct counter_unseen *counter_unseen(size_t i)
{
	return i < sizeof(unseen) / sizeof(unseen[0]) ? &unseen[i] : NULL;
}

static bool is_place(const char *const *places, const char *symbol)
{
	if (!places)
		return true;
	for (; symbol && *places; places++)
		if (!strncmp(symbol, *places, strlen(*places)))
			return true;
	return false;
}

/*
 * Reasons of a queueing discipline are many; all of them are its drops but one: __dev_xmit_skb()
 * gives up before it has the lock of the numbers.
 */
static bool is_reason(const struct counter_match *match, const char *reason)
{
	for (size_t i = 0; i < COUNTER_MATCH_REASONS && match->reason[i]; i++)
		if (!strcmp(match->reason[i], reason))
			return true;
	return !strcmp(match->source, "qdisc") && trail_drop_is_qdisc(reason) &&
	       strcmp(reason, "QDISC_BURST_DROP") != 0;
}

bool counter_match_name(const struct counter_match *match, const char *name)
{
	const char *at = match->name;
	size_t len = strlen(name);

	while (at && (strncmp(at, name, len) || (at[len] && at[len] != '+'))) {
		at = strchr(at, '+');
		at += at ? 1 : 0;
	}
	return at;
}

const char *counter_reason(const struct trail_drop *drop)
{
	const struct trail_drop_rule *rule;

	if (!trail_drop_is_unsaid(drop))
		return drop->reason;
	if (drop->means)
		return drop->means;
	rule = trail_drop_explain(drop);
	return rule ? rule->means : NULL;
}

bool counter_match_drop(const struct counter_match *match, const char *reason, const char *symbol)
{
	return is_reason(match, reason) && is_place(match->places, symbol);
}
