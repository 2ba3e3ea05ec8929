// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * meaning.c - counters that people misread -> what they count
 *
 * The one table of it.  Patterns as fnmatch(3) has them, as the same is in several files and
 * drivers have names of their own; the first that fits counts.
 */
#include <fnmatch.h>

#include "skbtrail.h"

static const struct {
	const char *source;
	const char *name;
	struct trail_counter_meaning is;
} table[] = {
	/* ---- devices */
	{ "dev", "rx_missed_errors",
	  { "dropped by the device, as the host had not given it buffers in time: they "
	    "never became packets, so no event shows them; see the rx ring size and the "
	    "CPU of the interrupt",
	    "include/uapi/linux/if_link.h" } },
	{ "ethtool", "*rx_no_buffer*",
	  { "frames that found no free buffer when they came; the device may still have "
	    "kept them in its own memory: only rx_missed_errors are lost",
	    "drivers/net/ethernet/intel/e1000e/ethtool.c, Intel 82574 datasheet: RNBC" } },
	{ "ethtool", "*rx_missed*",
	  { "dropped by the device for want of buffers, the same as rx_missed_errors of "
	    "dev",
	    "drivers/net/ethernet/intel/e1000e/ethtool.c" } },
	{ "dev", "rx_dropped",
	  { "received and given up: no protocol wanted them, or the backlog of a CPU was "
	    "full; not those that the device missed, but /proc/net/dev adds these to it",
	    "include/uapi/linux/if_link.h, net/core/net-procfs.c" } },
	{ "dev", "rx_drop",
	  { "rx_dropped and rx_missed_errors together: what was given up, and what the "
	    "device had no buffer for",
	    "net/core/net-procfs.c: dev_seq_printf_stats()" } },
	{ "dev", "rx_nohandler",
	  { "came in on a device that takes nothing, as the inactive one of a bond: no "
	    "loss",
	    "include/uapi/linux/if_link.h" } },
	{ "dev", "rx_otherhost_dropped",
	  { "addressed to another station, seen because the device is promiscuous: no "
	    "loss",
	    "include/uapi/linux/if_link.h" } },
	{ "dev", "rx_fifo_errors",
	  { "the device's own memory ran over; some drivers count here what others count "
	    "as missed",
	    "include/uapi/linux/if_link.h" } },
	{ "dev", "rx_crc_errors",
	  { "damaged on the wire: cable, transceiver or the other end; never a packet of "
	    "this host",
	    "include/uapi/linux/if_link.h" } },
	{ "dev", "tx_dropped",
	  { "not sent, as the driver or the device's queue could not take them",
	    "include/uapi/linux/if_link.h" } },
	/* ---- CPUs */
	{ "softnet", "time_squeeze",
	  { "net_rx_action() ended with work left, as netdev_budget or "
	    "netdev_budget_usecs was used up: packets wait a little longer, none is lost",
	    "net/core/dev.c: net_rx_action()" } },
	{ "softnet", "dropped",
	  { "the backlog of the CPU was full: net.core.netdev_max_backlog, or RPS to "
	    "more CPUs",
	    "net/core/dev.c: enqueue_to_backlog()" } },
	{ "softnet", "flow_limit_count",
	  { "dropped because one flow had half of a backlog that was half full: "
	    "net.core.flow_limit_cpu_bitmap",
	    "net/core/dev.c: skb_flow_limit()" } },
	/* ---- queueing disciplines */
	{ "qdisc", "drops",
	  { "dropped before they reached the device: the queue's limit, or what it is "
	    "there for (netem, policing)",
	    "include/net/sch_generic.h: qdisc_drop()" } },
	{ "qdisc", "overlimits",
	  { "how often a packet had to wait for its time, or was over a limit: no loss "
	    "by itself",
	    "net/sched/sch_tbf.c" } },
	{ "qdisc", "requeues",
	  { "put back as the device was busy: no loss",
	    "net/sched/sch_generic.c" } },
	/* ---- UDP */
	{ "snmp*", "Udp*RcvbufErrors",
	  { "the socket's receive buffer was full: its reader is too slow for SO_RCVBUF "
	    "(net.core.rmem_max); they are in InErrors too, and which socket it was is "
	    "told by udp drops",
	    "net/ipv4/udp.c: __udp_queue_rcv_skb()" } },
	{ "snmp*", "Udp*MemErrors",
	  { "not the socket's limit but that of all UDP sockets: net.ipv4.udp_mem",
	    "net/ipv4/udp.c: __udp_queue_rcv_skb()" } },
	{ "snmp*", "Udp*InErrors",
	  { "a sum: RcvbufErrors, MemErrors and InCsumErrors are in it",
	    "net/ipv4/udp.c: __udp_queue_rcv_skb()" } },
	{ "snmp*", "Udp*NoPorts",
	  { "no socket was bound to the port",
	    "net/ipv4/udp.c: __udp4_lib_rcv()" } },
	{ "snmp*", "Udp*SndbufErrors",
	  { "a send failed: the socket's send buffer or the device's queue was full",
	    "net/ipv4/udp.c: udp_sendmsg()" } },
	{ "udp*", "drops",
	  { "datagrams that this socket could not take; those of a socket that was "
	    "closed meanwhile are only counted up to the last look at it",
	    "net/ipv4/udp.c: udp4_format_sock()" } },
	/* ---- TCP */
	{ "netstat", "TcpExtListenOverflows",
	  { "a handshake was complete, but the accept queue full: the program calls "
	    "accept() too late, or its backlog (bounded by net.core.somaxconn) is too "
	    "small",
	    "net/ipv4/tcp_ipv4.c: tcp_v4_syn_recv_sock()" } },
	{ "netstat", "TcpExtListenDrops",
	  { "whatever a listening socket dropped; ListenOverflows are in it",
	    "net/ipv4/tcp_input.c: tcp_conn_request()" } },
	{ "netstat", "TcpExtTCPReqQFull*",
	  { "the queue of half-open connections was full: a burst, or a SYN flood; see "
	    "net.ipv4.tcp_max_syn_backlog",
	    "net/ipv4/tcp_input.c: tcp_syn_flood_action()" } },
	{ "netstat", "TcpExtTCPBacklogDrop",
	  { "a task was at the socket, and what came meanwhile exceeded its receive and "
	    "send buffer: the peer sends it again",
	    "net/ipv4/tcp_ipv4.c: tcp_add_backlog()" } },
	{ "netstat", "TcpExtTCPRcvCollapsed",
	  { "buffers, not losses, that were merged to save memory, as the receive buffer "
	    "was full: costs CPU time; the reader is too slow for net.ipv4.tcp_rmem",
	    "net/ipv4/tcp_input.c: tcp_collapse_one()" } },
	{ "netstat", "TcpExtPruneCalled",
	  { "how often a receive buffer was found full and its queues were squeezed; "
	    "data was lost only if OfoPruned or RcvPruned grew",
	    "net/ipv4/tcp_input.c: tcp_prune_queue()" } },
	{ "netstat", "TcpExtRcvPruned",
	  { "squeezing the queues did not make room: what came was dropped",
	    "net/ipv4/tcp_input.c: tcp_prune_queue()" } },
	{ "netstat", "TcpExtOfoPruned",
	  { "what had come out of order was thrown away to make room: the peer sends it "
	    "again",
	    "net/ipv4/tcp_input.c: tcp_prune_ofo_queue()" } },
	{ "netstat", "TcpExtTCPRcvQDrop",
	  { "no memory for what came: net.ipv4.tcp_mem, or the receive buffer",
	    "net/ipv4/tcp_input.c: tcp_data_queue()" } },
	{ "netstat", "TcpExtTCPZeroWindowDrop",
	  { "the peer sent although we had told it that there is no room",
	    "net/ipv4/tcp_input.c: tcp_data_queue()" } },
	{ "snmp", "TcpRetransSegs",
	  { "sent again: lost on the way, or taken to be lost",
	    "net/ipv4/tcp_output.c" } },
	{ "snmp", "Tcp*InCsumErrors",
	  { "a bad checksum: damaged on the way, or by whoever offloads it",
	    "net/ipv4/tcp_ipv4.c: tcp_v4_rcv()" } },
	/* ---- IP */
	{ "snmp*", "Ip*ReasmFails",
	  { "fragments that did not become a packet: with as many ReasmTimeout, some "
	    "were lost on the way; without, compare FRAG.memory with ipfrag_high_thresh",
	    "net/ipv4/ip_fragment.c" } },
	{ "snmp*", "Ip*ReasmTimeout",
	  { "packets of which not all fragments came within ipfrag_time",
	    "net/ipv4/ip_fragment.c: ip_expire()" } },
	{ "netstat", "TcpExtIPReversePathFilter",
	  { "the way back would be another device: rp_filter",
	    "net/ipv4/ip_input.c: ip_rcv_finish_core()" } },
	{ "netstat", "IpExtInNoRoutes",
	  { "received, and no route to where they go",
	    "net/ipv4/route.c: ip_error()" } },
	{ "snmp*", "Ip*OutNoRoutes",
	  { "not sent: no route",
	    "net/ipv4/route.c, net/ipv4/ip_output.c" } },
	{ "snmp*", "Ip*InAddrErrors",
	  { "not for this host, and it does not forward; or an address that cannot be",
	    "net/ipv4/route.c: ip_error()" } },
	{ "snmp*", "Ip*InHdrErrors",
	  { "a header that is not valid; on routers also packets whose TTL has come to "
	    "its end",
	    "net/ipv4/ip_input.c, net/ipv4/ip_forward.c" } },
	{ "snmp*", "Ip*InDiscards",
	  { "fine packets that were given up all the same: no memory, or a filter of "
	    "IPv6",
	    "net/ipv4/ip_input.c" } },
	{ "snmp*", "*InCsumErrors",
	  { "a bad checksum: damaged on the way, or by whoever offloads it",
	    "net/ipv4/udp.c, net/ipv4/icmp.c" } },
};

const struct trail_counter_meaning *trail_counter_meaning(const char *source, const char *name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!fnmatch(table[i].source, source, 0) && !fnmatch(table[i].name, name, 0))
			return &table[i].is;
	return NULL;
}
