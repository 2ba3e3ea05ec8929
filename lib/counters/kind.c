// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kind.c - which of the kernel's numbers are levels and not counters
 */
#include "series.h"

static const struct { const char *source; const char *name; } gauge[] = {
	/* "*": all of it */
	{ "sockstat", "*" }, { "sockstat6", "*" },
	{ "snmp", "IpForwarding" }, { "snmp", "IpDefaultTTL" },
	{ "snmp", "TcpRtoAlgorithm" }, { "snmp", "TcpRtoMin" }, { "snmp", "TcpRtoMax" },
	{ "snmp", "TcpMaxConn" }, { "snmp", "TcpCurrEstab" },
	{ "softnet", "backlog_len" }, { "softnet", "input_qlen" }, { "softnet", "process_qlen" },
	{ "udp", "rx_queue" }, { "udp6", "rx_queue" },
	{ "qdisc", "qlen" }, { "qdisc", "backlog" },
	/* drivers/net/veth.c: a number, not a count */
	{ "ethtool", "peer_ifindex" },
};

bool counter_is_gauge(const char *source, const char *name)
{
	for (size_t i = 0; i < sizeof(gauge) / sizeof(gauge[0]); i++)
		if (!strcmp(gauge[i].source, source) &&
		    (*gauge[i].name == '*' || !strcmp(gauge[i].name, name)))
			return true;
	return false;
}
