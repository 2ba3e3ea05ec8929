// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * drop-rules.c - drop reasons, and functions that drop -> class, advice, place in the kernel
 *
 * All that is known of them, for the skb plugin, which needs classes, and for the outputs.  Classes
 * are ours: who would have to act.  Reasons are those of include/net/dropreason-core.h from 5.17 to
 * 7.2, of Open vSwitch (net/openvswitch/drop.h) and of queueing disciplines
 * (include/net/dropreason-qdisc.h), by name, since their numbers move.  Functions are for kernels
 * before 5.17 and for NOT_SPECIFIED: one function may drop for several reasons, so what they tell
 * is an inference.  Places are those of 6.1 and 6.12 where these have the reason.
 *
 * Lists are sorted by name; a rule is found by bisection.
 */
#include <stdlib.h>

#include "skbtrail.h"

/* What to look at.  Several reasons may share it. */
static const char auth[] =
	"keys or signatures of the two ends do not agree (TCP-MD5, TCP-AO): compare the "
	"keys, see TcpExtTCPMD5* and TcpExtTCPAO* in 'nstat -az'";
static const char bridge[] =
	"the bridge does not let it through: look at the port's state and filters in 'bridge "
	"-d link' and 'bridge vlan'";
static const char broadcast_queue[] =
	"broadcasts come faster than the macvlan or ipvlan hands them on: look at bcqueuelen "
	"in 'ip -d link'";
static const char burst[] =
	"too many tasks send at a time through one queueing discipline: look at "
	"net.core.qdisc_max_burst";
static const char can[] =
	"what the CAN device delivered is no CAN frame: look at its driver";
static const char cgroup[] =
	"a BPF program of the sender's cgroup drops it: see 'bpftool cgroup tree'";
static const char checksum[] =
	"the checksum is wrong: damaged on the way or never filled in; look at the link's "
	"error counters and the offloads ('ethtool -S', 'ethtool -k')";
static const char closed[] =
	"the connection is closed at this end: look at 'ss -tan', and when the program "
	"closed it";
static const char control[] =
	"nothing was lost: a frame for the link itself or for another host";
static const char cpu_queue[] =
	"the queue of the CPU that should go on with it is full: look at "
	"net.core.netdev_max_backlog, RPS (rps_cpus) and column 2 of /proc/net/softnet_stat";
static const char device_down[] =
	"the device is down or not ready: look at 'ip link', and for a tun or tap at the "
	"program behind it";
static const char duplicate[] =
	"nothing was lost: its data had come before; many of them tell of retransmissions "
	"that were not needed";
static const char ecn[] =
	"the marks for congestion of the tunnel's outer and inner header exclude each other "
	"(RFC 6040): look at the routers between";
static const char fastopen[] =
	"TCP Fast Open refuses it: look at net.ipv4.tcp_fastopen and TcpExtTCPFastOpen* in "
	"'nstat -az'";
static const char firewall[] =
	"a rule of the firewall drops it: look at the counters of 'nft list ruleset' or "
	"'iptables -nvL', find the rule with 'nft monitor trace'";
static const char forward[] =
	"it cannot be forwarded: its TTL is used up (a loop?), or no route leads on; try "
	"'traceroute' and 'ip route get'";
static const char fragments[] =
	"the rest of the datagram did not come in time, or there was no room for it: look "
	"for loss before this host, at net.ipv4.ipfrag_time and ipfrag_high_thresh";
static const char gso[] =
	"a large packet could not be cut into segments: look at 'ethtool -k' and the "
	"kernel's log";
static const char header[] =
	"a header is cut short or makes no sense: capture it with 'tcpdump -vv' and look at "
	"the sender";
static const char ip_protocol[] =
	"nothing here takes this IP protocol: load its module, or ask who sends it";
static const char ipsec[] =
	"no IPsec policy allows it: compare 'ip xfrm policy' and 'ip xfrm state' with the "
	"peer's, see /proc/net/xfrm_stat";
static const char ipv6_off[] =
	"IPv6 is switched off: look at net.ipv6.conf.*.disable_ipv6";
static const char listener[] =
	"the accept queue of the listening socket is full: look at Recv-Q in 'ss -ltn', the "
	"backlog of listen() and net.core.somaxconn";
static const char loop[] =
	"it passed too many devices or actions: look for a loop in the configuration (tc, "
	"bridge, tunnels)";
static const char lsm[] =
	"a security module refuses it (SELinux, Smack, AppArmor): look into the audit log";
static const char martian[] =
	"such an address cannot come in here: look at 'ip addr', "
	"net.ipv4.conf.*.accept_local and route_localnet; log_martians tells more";
static const char memory[] =
	"the kernel found no memory for it: look at 'free', vm.min_free_kbytes and the "
	"kernel's log";
static const char minttl[] =
	"its TTL is lower than the socket wants (IP_MINTTL): look at the TTL security of the "
	"routing daemon";
static const char neigh_queue[] =
	"the neighbour is not resolved yet and its queue is full: look at 'ip neigh' and "
	"net.ipv4.neigh.*.unres_qlen_bytes";
static const char neigh_table[] =
	"the neighbour table has no room: look at 'ip -s neigh' and "
	"net.ipv4.neigh.default.gc_thresh3";
static const char neighbour[] =
	"the neighbour does not answer ARP or neighbour discovery: look at 'ip neigh', the "
	"link and the address";
static const char no_route[] =
	"no route leads there: look at 'ip route get ADDRESS' and 'ip rule'";
static const char nobody[] =
	"no socket takes it: look at 'ss -lntu' for the port and the address, in the network "
	"namespace that it came to";
static const char not_joined[] =
	"nothing was lost: a broadcast or multicast that nobody waits for here; see 'ip maddr' for "
	"the groups and 'ss -lnu' for the ports";
static const char ovs[] =
	"Open vSwitch drops it: look at 'ovs-dpctl dump-flows' and 'ovs-appctl dpctl/show'";
static const char paws[] =
	"its time stamp is older than the last one: packets of several hosts behind one NAT, "
	"or very late ones; see TcpExtPAWS* in 'nstat -az'";
static const char protocol_memory[] =
	"all sockets of this protocol together use up their memory: compare 'mem' in "
	"/proc/net/sockstat with net.ipv4.udp_mem and tcp_mem";
static const char psp[] =
	"encryption by PSP fails: look at the keys of the connection and the device's "
	"statistics";
static const char purged[] =
	"nothing was lost on the way: a queue was emptied when its socket, device or "
	"neighbour went";
static const char qdisc[] =
	"the queueing discipline of the device has no room for it or decides to drop: look "
	"at dropped, overlimits and backlog in 'tc -s qdisc'";
static const char qdisc_full[] =
	"the queue of the device is full: look at the limit, dropped and backlog in 'tc -s "
	"qdisc', and at the rate of link and shaper";
static const char qdisc_signal[] =
	"active queue management drops it to slow the sender down: look at drops and marks "
	"in 'tc -s qdisc', and use ECN";
static const char reader[] =
	"the socket's receive buffer is full: its program is too slow or the buffer too "
	"small; look at rb and d in 'ss -nuampi', SO_RCVBUF and net.core.rmem_max";
static const char reset[] =
	"the connection was reset: look at who ended it, and TcpExtTCPAbort* in 'nstat -az'";
static const char ring[] =
	"the ring to the program behind the device is full: it is too slow, or the ring too "
	"small; look at txqueuelen in 'ip -s link'";
static const char rp_filter[] =
	"its source has no route back by this device: look at net.ipv4.conf.*.rp_filter and "
	"'ip route get SOURCE'";
static const char sequence[] =
	"its sequence or acknowledgement number does not belong to the connection: late "
	"duplicates, a middlebox or forgery; see TcpExt* in 'nstat -az'";
static const char socket_filter[] =
	"a filter that the program has attached to its socket rejects it: look at 'ss -b' "
	"and the program";
static const char socket_owned[] =
	"its socket was in use by its program and the socket's backlog is full: look at "
	"SO_RCVBUF, net.core.rmem_max and TcpExtTCPBacklogDrop in 'nstat -az'";
static const char tap[] =
	"a packet socket (tcpdump) could not take its copy, others may have got it: see the "
	"drops that the program reports, and its buffer";
static const char tc[] =
	"a filter or action of tc drops it: look at the counters in 'tc -s filter show dev "
	"DEVICE ingress' and egress";
static const char tcp_memory[] =
	"the receive queue of the connection has no memory for data out of order: look at "
	"net.ipv4.tcp_rmem, and whether its program reads";
static const char too_big[] =
	"it is larger than the way allows: look at the MTU of the devices and whether ICMP "
	"for path MTU discovery comes through";
static const char tun_filter[] =
	"a filter of the tun or tap device rejects it: look at what the program behind it "
	"has set";
static const char tunnel[] =
	"its tunnel is not known here or its header is wrong: compare 'ip -d link' (VNI, "
	"remote, key) at both ends";
static const char tunnel_peer[] =
	"the tunnel has no peer for it: look at 'bridge fdb' and the remote in 'ip -d link'";
static const char unhandled[] =
	"no protocol here takes frames of this type: look at the ethertype with 'tcpdump "
	"-e', and /proc/net/ptype";
static const char wifi[] =
	"the wireless stack cannot use the frame (replay, keys, damage): look at 'iw dev "
	"DEVICE station dump' and the kernel's log";
static const char window[] =
	"the receiver has no room left and says so: its program does not read; look at "
	"Recv-Q in 'ss -tm' and net.ipv4.tcp_rmem";
static const char xdp[] =
	"an XDP program drops it: look at 'bpftool net' and the program's own counters";

#define RULE(name, class, advice, source) { #name, NULL, advice, source, TRAIL_DROP_##class }
#define PLACE(name, means, class, advice, source) \
	{ #name, means, advice, source, TRAIL_DROP_##class }
#define PLACE_SAID(name, means, class, advice, source) \
	{ #name, means, advice, source, TRAIL_DROP_##class, true }

static const struct trail_drop_rule reason[] = {
	RULE(ARP_PVLAN_DISABLE, POLICY, bridge, "net/ipv4/route.c: __mkroute_input()"),
	RULE(BPF_CGROUP_EGRESS, POLICY, cgroup, "net/ipv4/ip_output.c: ip_finish_output()"),
	RULE(BRIDGE_INGRESS_STP_STATE, POLICY, bridge,
		"net/bridge/br_input.c: br_handle_frame_finish()"),
	RULE(CAKE_FLOOD, RESOURCE, qdisc_signal, "net/sched/sch_cake.c"),
	RULE(CANFD_RX_INVALID_FRAME, PROTOCOL, can, "net/can/af_can.c: canfd_rcv()"),
	RULE(CANXL_RX_INVALID_FRAME, PROTOCOL, can, "net/can/af_can.c: canxl_rcv()"),
	RULE(CAN_RX_INVALID_FRAME, PROTOCOL, can, "net/can/af_can.c: can_rcv()"),
	RULE(CPU_BACKLOG, RESOURCE, cpu_queue, "net/core/dev.c: enqueue_to_backlog()"),
	RULE(DEV_HDR, PROTOCOL, header, "drivers/net/tap.c: tap_get_user()"),
	RULE(DEV_READY, POLICY, device_down,
		"drivers/net/tun.c: tun_net_xmit(); net/core/dev.c: enqueue_to_backlog()"),
	RULE(DUALPI2_STEP_DROP, RESOURCE, qdisc_signal, "net/sched/sch_dualpi2.c"),
	RULE(DUP_FRAG, BENIGN, duplicate, "net/ipv4/ip_fragment.c: ip_frag_queue()"),
	RULE(FQ_BAND_LIMIT, RESOURCE, qdisc_full, "net/sched/sch_fq.c: fq_enqueue()"),
	RULE(FQ_FLOW_LIMIT, RESOURCE, qdisc_full, "net/sched/sch_fq.c: fq_enqueue()"),
	RULE(FQ_HORIZON_LIMIT, RESOURCE, qdisc, "net/sched/sch_fq.c: fq_enqueue()"),
	RULE(FRAG_REASM_TIMEOUT, PROTOCOL, fragments, "net/ipv4/ip_fragment.c: ip_expire()"),
	RULE(FRAG_TOO_FAR, PROTOCOL, fragments, "net/ipv4/ip_fragment.c: ip_frag_too_far()"),
	RULE(FULL_RING, RESOURCE, ring, "drivers/net/tun.c: tun_net_xmit()"),
	RULE(HDR_TRUNC, PROTOCOL, header, "drivers/net/tun.c: tun_net_xmit()"),
	RULE(ICMP_CSUM, PROTOCOL, checksum, "net/ipv4/icmp.c: icmp_rcv()"),
	RULE(IGNORED_MULTI, BENIGN, not_joined, "net/ipv4/udp.c: __udp4_lib_mcast_deliver()"),
	RULE(INVALID_PROTO, PROTOCOL, header, "net/ipv4/icmp.c: icmp_rcv()"),
	RULE(IPV6DISABLED, POLICY, ipv6_off, "net/ipv6/ip6_input.c: ip6_rcv_core()"),
	RULE(IPV6_BAD_EXTHDR, PROTOCOL, header, "net/ipv6/icmp.c: icmpv6_param_prob_reason()"),
	RULE(IPV6_NDISC_BAD_CODE, PROTOCOL, header, "net/ipv6/ndisc.c: ndisc_rcv()"),
	RULE(IPV6_NDISC_BAD_OPTIONS, PROTOCOL, header, "net/ipv6/ndisc.c: ndisc_recv_ns()"),
	RULE(IPV6_NDISC_FRAG, PROTOCOL, header, "net/ipv6/ndisc.c: ndisc_rcv()"),
	RULE(IPV6_NDISC_HOP_LIMIT, PROTOCOL, header, "net/ipv6/ndisc.c: ndisc_rcv()"),
	RULE(IPV6_NDISC_NS_OTHERHOST, BENIGN, control, "net/ipv6/ndisc.c: ndisc_recv_ns()"),
	RULE(IPV6_TOO_MANY_EXTHDRS, PROTOCOL, header, "net/ipv6/ip6_input.c"),
	RULE(IPVLAN_MULTICAST_BACKLOG, RESOURCE, broadcast_queue,
		"drivers/net/ipvlan/ipvlan_core.c: ipvlan_multicast_enqueue()"),
	RULE(IP_CSUM, PROTOCOL, checksum, "net/ipv4/ip_input.c: ip_rcv_core()"),
	RULE(IP_INADDRERRORS, PROTOCOL, forward, "net/ipv4/route.c: ip_error()"),
	RULE(IP_INHDR, PROTOCOL, forward,
		"net/ipv4/ip_input.c: ip_rcv_core(); net/ipv4/ip_forward.c: ip_forward()"),
	RULE(IP_INNOROUTES, PROTOCOL, no_route, "net/ipv4/route.c: ip_error()"),
	RULE(IP_INVALID_DEST, PROTOCOL, martian, "net/ipv4/route.c: ip_route_input_slow()"),
	RULE(IP_INVALID_SOURCE, PROTOCOL, martian, "net/ipv4/route.c: ip_route_input_slow()"),
	RULE(IP_LOCALNET, PROTOCOL, martian, "net/ipv4/route.c: ip_route_input_slow()"),
	RULE(IP_LOCAL_SOURCE, PROTOCOL, martian, "net/ipv4/fib_frontend.c: fib_validate_source()"),
	RULE(IP_NOPROTO, PROTOCOL, ip_protocol, "net/ipv4/ip_input.c: ip_protocol_deliver_rcu()"),
	RULE(IP_OUTNOROUTES, PROTOCOL, no_route, "net/ipv4/ip_output.c: __ip_queue_xmit()"),
	RULE(IP_RPFILTER, POLICY, rp_filter, "net/ipv4/ip_input.c: ip_rcv_finish_core()"),
	RULE(IP_TUNNEL_ECN, PROTOCOL, ecn, "drivers/net/vxlan/vxlan_core.c: vxlan_rcv()"),
	RULE(LOCAL_MAC, PROTOCOL, loop, "drivers/net/vxlan/vxlan_core.c: vxlan_set_mac()"),
	RULE(MACVLAN_BROADCAST_BACKLOG, RESOURCE, broadcast_queue,
		"drivers/net/macvlan.c: macvlan_broadcast_enqueue()"),
	RULE(MAC_IEEE_MAC_CONTROL, BENIGN, control, "net/bridge/br_input.c: br_handle_frame()"),
	RULE(MAC_INVALID_SOURCE, PROTOCOL, header,
		"drivers/net/vxlan/vxlan_core.c: vxlan_set_mac()"),
	RULE(NEIGH_CREATEFAIL, RESOURCE, neigh_table, "net/ipv4/ip_output.c: ip_finish_output2()"),
	RULE(NEIGH_DEAD, PROTOCOL, neighbour, "net/core/neighbour.c: __neigh_event_send()"),
	RULE(NEIGH_FAILED, PROTOCOL, neighbour, "net/core/neighbour.c: __neigh_event_send()"),
	RULE(NEIGH_HH_FILLFAIL, PROTOCOL, neighbour,
		"net/core/neighbour.c: neigh_resolve_output()"),
	RULE(NEIGH_QUEUEFULL, RESOURCE, neigh_queue, "net/core/neighbour.c: __neigh_event_send()"),
	RULE(NETFILTER_DROP, POLICY, firewall, "net/netfilter/core.c: nf_hook_slow()"),
	RULE(NOMEM, RESOURCE, memory, "drivers/net/tun.c: tun_net_xmit()"),
	RULE(NO_SOCKET, PROTOCOL, nobody,
		"net/ipv4/udp.c: __udp4_lib_rcv(); net/ipv4/tcp_ipv4.c: tcp_v4_rcv()"),
	RULE(NO_TX_TARGET, PROTOCOL, tunnel_peer, "drivers/net/vxlan/vxlan_core.c: vxlan_xmit()"),
	RULE(OTHERHOST, BENIGN, control, "net/ipv4/ip_input.c: ip_rcv_core()"),
	RULE(OVS_DROP_ACTION_ERROR, PROTOCOL, ovs,
		"net/openvswitch/actions.c: do_execute_actions()"),
	RULE(OVS_DROP_CONNTRACK, POLICY, ovs, "net/openvswitch/actions.c: do_execute_actions()"),
	RULE(OVS_DROP_DEFERRED_LIMIT, RESOURCE, ovs, "net/openvswitch/actions.c: clone_execute()"),
	RULE(OVS_DROP_EXPLICIT, POLICY, ovs, "net/openvswitch/actions.c: do_execute_actions()"),
	RULE(OVS_DROP_EXPLICIT_WITH_ERROR, POLICY, ovs,
		"net/openvswitch/actions.c: do_execute_actions()"),
	RULE(OVS_DROP_FRAG_INVALID_PROTO, PROTOCOL, ovs,
		"net/openvswitch/actions.c: ovs_fragment()"),
	RULE(OVS_DROP_FRAG_L2_TOO_LONG, PROTOCOL, ovs, "net/openvswitch/actions.c: ovs_fragment()"),
	RULE(OVS_DROP_IP_TTL, PROTOCOL, ovs, "net/openvswitch/actions.c: do_execute_actions()"),
	RULE(OVS_DROP_LAST_ACTION, POLICY, ovs, "net/openvswitch/actions.c: do_execute_actions()"),
	RULE(OVS_DROP_METER, POLICY, ovs, "net/openvswitch/actions.c: do_execute_actions()"),
	RULE(OVS_DROP_RECURSION_LIMIT, PROTOCOL, ovs,
		"net/openvswitch/actions.c: ovs_execute_actions()"),
	RULE(PACKET_SOCK_ERROR, RESOURCE, tap,
		"net/packet/af_packet.c: packet_rcv(), tpacket_rcv()"),
	RULE(PFMEMALLOC, RESOURCE, memory, "net/core/filter.c: sk_filter_trim_cap()"),
	RULE(PKT_TOO_BIG, PROTOCOL, too_big, "net/ipv4/ip_forward.c: ip_forward()"),
	RULE(PKT_TOO_SMALL, PROTOCOL, header, "net/ipv4/udp.c: __udp4_lib_rcv()"),
	RULE(PROTO_MEM, RESOURCE, protocol_memory, "net/ipv4/udp.c: __udp_enqueue_schedule_skb()"),
	RULE(PSP_INPUT, PROTOCOL, psp, "net/psp/psp_main.c"),
	RULE(PSP_OUTPUT, PROTOCOL, psp, "net/psp/psp_sock.c"),
	RULE(PTYPE_ABSENT, PROTOCOL, unhandled, "net/core/dev.c: __netif_receive_skb_core()"),
	RULE(QDISC_BURST_DROP, RESOURCE, burst, "net/core/dev.c: __dev_xmit_skb()"),
	RULE(QDISC_CONGESTED, RESOURCE, qdisc_signal, "include/net/dropreason-core.h (6.13)"),
	RULE(QDISC_DROP, RESOURCE, qdisc, "net/core/dev.c: __dev_xmit_skb()"),
	RULE(QDISC_DROP_BAND_LIMIT, RESOURCE, qdisc_full, "net/sched/sch_fq.c: fq_enqueue()"),
	RULE(QDISC_DROP_CONGESTED, RESOURCE, qdisc_signal, "include/net/dropreason-qdisc.h"),
	RULE(QDISC_DROP_FLOOD_PROTECTION, RESOURCE, qdisc_signal, "net/sched/sch_cake.c"),
	RULE(QDISC_DROP_FLOW_LIMIT, RESOURCE, qdisc_full, "net/sched/sch_fq.c: fq_enqueue()"),
	RULE(QDISC_DROP_GENERIC, RESOURCE, qdisc, "include/net/dropreason-qdisc.h"),
	RULE(QDISC_DROP_HORIZON_LIMIT, RESOURCE, qdisc, "net/sched/sch_fq.c: fq_enqueue()"),
	RULE(QDISC_DROP_L4S_STEP_NON_ECN, RESOURCE, qdisc_signal, "net/sched/sch_dualpi2.c"),
	RULE(QDISC_DROP_MAXFLOWS, RESOURCE, qdisc_full, "net/sched/sch_sfq.c: sfq_enqueue()"),
	RULE(QDISC_DROP_OVERLIMIT, RESOURCE, qdisc_full, "include/net/dropreason-qdisc.h"),
	RULE(QDISC_OVERLIMIT, RESOURCE, qdisc_full, "include/net/dropreason-core.h (6.13)"),
	RULE(QUEUE_PURGE, BENIGN, purged, "include/linux/skbuff.h: skb_queue_purge()"),
	RULE(RECURSION_LIMIT, PROTOCOL, loop, "net/core/dev.c: __dev_queue_xmit()"),
	RULE(SECURITY_HOOK, POLICY, lsm, "net/ipv4/syncookies.c: cookie_v4_check()"),
	RULE(SKB_BAD_GSO, PROTOCOL, gso, "net/core/dev.c: qdisc_pkt_len_segs_init()"),
	RULE(SKB_CSUM, PROTOCOL, checksum, "net/ipv6/raw.c: rawv6_rcv_skb()"),
	RULE(SKB_GSO_SEG, PROTOCOL, gso, "drivers/net/tap.c: tap_handle_frame()"),
	RULE(SKB_UCOPY_FAULT, RESOURCE, memory, "drivers/net/tun.c: tun_get_user()"),
	RULE(SOCKET_BACKLOG, RESOURCE, socket_owned, "net/ipv4/tcp_ipv4.c: tcp_add_backlog()"),
	RULE(SOCKET_CLOSE, BENIGN, purged, "net/unix/af_unix.c: unix_release_sock()"),
	RULE(SOCKET_FILTER, POLICY, socket_filter, "net/ipv4/udp.c: udp_queue_rcv_one_skb()"),
	RULE(SOCKET_RCVBUFF, RESOURCE, reader, "net/ipv4/udp.c: __udp_enqueue_schedule_skb()"),
	RULE(TAP_FILTER, POLICY, tun_filter, "drivers/net/tun.c: tun_net_xmit()"),
	RULE(TAP_TXFILTER, POLICY, tun_filter, "drivers/net/tun.c: tun_net_xmit()"),
	RULE(TCP_ABORT_ON_DATA, PROTOCOL, closed, "net/ipv4/tcp_input.c: tcp_rcv_state_process()"),
	RULE(TCP_ACK_UNSENT_DATA, PROTOCOL, sequence, "net/ipv4/tcp_input.c: tcp_ack()"),
	RULE(TCP_AOFAILURE, POLICY, auth, "net/ipv4/tcp_ao.c: tcp_ao_verify_hash()"),
	RULE(TCP_AOKEYNOTFOUND, POLICY, auth, "net/ipv4/tcp_ao.c: tcp_inbound_ao_hash()"),
	RULE(TCP_AONOTFOUND, POLICY, auth, "net/ipv4/tcp.c: tcp_inbound_hash()"),
	RULE(TCP_AOUNEXPECTED, POLICY, auth, "net/ipv4/tcp_ao.c: tcp_inbound_ao_hash()"),
	RULE(TCP_AUTH_HDR, POLICY, auth, "net/ipv4/tcp.c: tcp_inbound_hash()"),
	RULE(TCP_CLOSE, PROTOCOL, closed, "net/ipv4/tcp_input.c: tcp_rcv_state_process()"),
	RULE(TCP_CSUM, PROTOCOL, checksum, "net/ipv4/tcp_ipv4.c: tcp_v4_rcv()"),
	RULE(TCP_FASTOPEN, PROTOCOL, fastopen, "net/ipv4/tcp_input.c: tcp_rcv_state_process()"),
	RULE(TCP_FLAGS, PROTOCOL, sequence, "net/ipv4/tcp_input.c: tcp_rcv_established()"),
	RULE(TCP_INVALID_ACK_SEQUENCE, PROTOCOL, sequence,
		"net/ipv4/tcp_input.c: tcp_rcv_synsent_state_process()"),
	RULE(TCP_INVALID_END_SEQUENCE, PROTOCOL, sequence, "net/ipv4/tcp_input.c"),
	RULE(TCP_INVALID_SEQUENCE, PROTOCOL, sequence,
		"net/ipv4/tcp_input.c: tcp_validate_incoming()"),
	RULE(TCP_INVALID_SYN, PROTOCOL, sequence, "net/ipv4/tcp_input.c: tcp_validate_incoming()"),
	RULE(TCP_LISTEN_OVERFLOW, RESOURCE, listener, "net/ipv4/tcp_minisocks.c: tcp_check_req()"),
	RULE(TCP_MD5FAILURE, POLICY, auth, "net/ipv4/tcp.c: tcp_inbound_md5_hash()"),
	RULE(TCP_MD5NOTFOUND, POLICY, auth, "net/ipv4/tcp.c: tcp_inbound_md5_hash()"),
	RULE(TCP_MD5UNEXPECTED, POLICY, auth, "net/ipv4/tcp.c: tcp_inbound_md5_hash()"),
	RULE(TCP_MINTTL, POLICY, minttl, "net/ipv4/tcp_ipv4.c: tcp_v4_rcv()"),
	RULE(TCP_OFOMERGE, BENIGN, duplicate, "net/ipv4/tcp_input.c: tcp_data_queue_ofo()"),
	RULE(TCP_OFO_DROP, BENIGN, duplicate, "net/ipv4/tcp_input.c: tcp_ofo_queue()"),
	RULE(TCP_OFO_QUEUE_PRUNE, RESOURCE, tcp_memory,
		"net/ipv4/tcp_input.c: tcp_prune_ofo_queue()"),
	RULE(TCP_OLD_ACK, BENIGN, duplicate, "net/ipv4/tcp_input.c: tcp_ack()"),
	RULE(TCP_OLD_DATA, BENIGN, duplicate, "net/ipv4/tcp_input.c: tcp_data_queue()"),
	RULE(TCP_OLD_SEQUENCE, BENIGN, duplicate, "net/ipv4/tcp_input.c: tcp_sequence()"),
	RULE(TCP_OVERWINDOW, RESOURCE, window, "net/ipv4/tcp_input.c: tcp_data_queue()"),
	RULE(TCP_RESET, PROTOCOL, reset, "net/ipv4/tcp_input.c: tcp_validate_incoming()"),
	RULE(TCP_RFC7323_PAWS, PROTOCOL, paws, "net/ipv4/tcp_input.c: tcp_validate_incoming()"),
	RULE(TCP_RFC7323_PAWS_ACK, PROTOCOL, paws, "net/ipv4/tcp_input.c"),
	RULE(TCP_RFC7323_TSECR, PROTOCOL, paws, "net/ipv4/tcp_minisocks.c: tcp_check_req()"),
	RULE(TCP_RFC7323_TW_PAWS, PROTOCOL, paws,
		"net/ipv4/tcp_minisocks.c: tcp_timewait_state_process()"),
	RULE(TCP_TOO_OLD_ACK, PROTOCOL, sequence, "net/ipv4/tcp_input.c: tcp_ack()"),
	RULE(TCP_ZEROWINDOW, RESOURCE, window, "net/ipv4/tcp_input.c: tcp_data_queue()"),
	RULE(TC_CHAIN_NOTFOUND, POLICY, tc, "net/sched/cls_api.c: tcf_classify()"),
	RULE(TC_COOKIE_ERROR, RESOURCE, memory, "net/sched/cls_api.c: tcf_classify()"),
	RULE(TC_EGRESS, POLICY, tc, "net/core/dev.c: sch_handle_egress()"),
	RULE(TC_INGRESS, POLICY, tc, "net/core/dev.c: sch_handle_ingress()"),
	RULE(TC_RECLASSIFY_LOOP, POLICY, tc, "net/sched/cls_api.c: __tcf_classify()"),
	RULE(TUNNEL_TXINFO, PROTOCOL, tunnel_peer, "drivers/net/vxlan/vxlan_core.c: vxlan_xmit()"),
	RULE(UDP_CSUM, PROTOCOL, checksum, "net/ipv4/udp.c: __udp4_lib_rcv()"),
	RULE(UNHANDLED_PROTO, PROTOCOL, unhandled, "net/core/dev.c: __netif_receive_skb_core()"),
	RULE(UNICAST_IN_L2_MULTICAST, PROTOCOL, martian,
		"net/ipv4/ip_input.c: ip_rcv_finish_core()"),
	RULE(UNIX_DISCONNECT, BENIGN, purged, "net/unix/af_unix.c"),
	RULE(UNIX_SKIP_OOB, BENIGN, purged, "net/unix/af_unix.c: manage_oob()"),
	RULE(VXLAN_ENTRY_EXISTS, PROTOCOL, tunnel, "drivers/net/vxlan/vxlan_core.c: vxlan_snoop()"),
	RULE(VXLAN_INVALID_HDR, PROTOCOL, tunnel, "drivers/net/vxlan/vxlan_core.c: vxlan_rcv()"),
	RULE(VXLAN_INVALID_SMAC, PROTOCOL, header, "drivers/net/vxlan/vxlan_core.c"),
	RULE(VXLAN_NO_REMOTE, PROTOCOL, tunnel_peer, "drivers/net/vxlan/vxlan_core.c"),
	RULE(VXLAN_VNI_NOT_FOUND, PROTOCOL, tunnel, "drivers/net/vxlan/vxlan_core.c: vxlan_rcv()"),
	RULE(XDP, POLICY, xdp, "net/core/dev.c: do_xdp_generic()"),
	RULE(XFRM_POLICY, POLICY, ipsec, "net/ipv4/udp.c: udp_queue_rcv_one_skb()"),
};

static const struct trail_drop_rule place[] = {
	PLACE(__br_forward, NULL, POLICY, bridge, "net/bridge/br_forward.c"),
	PLACE(__dev_forward_skb2, "DEV_READY", POLICY, device_down,
		"include/linux/netdevice.h: ____dev_forward_skb()"),
	PLACE(__dev_queue_xmit, "QDISC_DROP", RESOURCE, qdisc, "net/core/dev.c: __dev_xmit_skb()"),
	PLACE(__first_packet_length, "UDP_CSUM", PROTOCOL, checksum, "net/ipv4/udp.c"),
	PLACE(__ip_queue_xmit, "IP_OUTNOROUTES", PROTOCOL, no_route, "net/ipv4/ip_output.c"),
	PLACE(__neigh_event_send, "NEIGH_QUEUEFULL", RESOURCE, neigh_queue, "net/core/neighbour.c"),
	PLACE(__netif_receive_skb_core, "UNHANDLED_PROTO", PROTOCOL, unhandled, "net/core/dev.c"),
	PLACE(__rtnl_unlock, "QUEUE_PURGE", BENIGN, purged, "net/core/rtnetlink.c"),
	PLACE(__udp4_lib_mcast_deliver, "IGNORED_MULTI", BENIGN, not_joined, "net/ipv4/udp.c"),
	PLACE_SAID(__udp4_lib_rcv, "NO_SOCKET", PROTOCOL, nobody, "net/ipv4/udp.c"),
	PLACE(__udp6_lib_mcast_deliver, "IGNORED_MULTI", BENIGN, not_joined, "net/ipv6/udp.c"),
	PLACE_SAID(__udp6_lib_rcv, "NO_SOCKET", PROTOCOL, nobody, "net/ipv6/udp.c"),
	PLACE(arp_error_report, "NEIGH_FAILED", PROTOCOL, neighbour, "net/ipv4/arp.c"),
	PLACE(arp_process, NULL, PROTOCOL, header, "net/ipv4/arp.c"),
	PLACE(bond_start_xmit, "DEV_READY", POLICY, device_down, "drivers/net/bonding/bond_main.c"),
	PLACE(br_dev_xmit, NULL, POLICY, bridge, "net/bridge/br_device.c"),
	PLACE(br_flood, NULL, POLICY, bridge, "net/bridge/br_forward.c"),
	PLACE(br_handle_frame, NULL, POLICY, bridge, "net/bridge/br_input.c"),
	PLACE(br_handle_frame_finish, "BRIDGE_INGRESS_STP_STATE", POLICY, bridge,
		"net/bridge/br_input.c"),
	PLACE(codel_dequeue, "QDISC_CONGESTED", RESOURCE, qdisc_signal, "net/sched/sch_codel.c"),
	PLACE(do_execute_actions, "OVS_DROP_LAST_ACTION", POLICY, ovs, "net/openvswitch/actions.c"),
	PLACE(do_xdp_generic, "XDP", POLICY, xdp, "net/core/dev.c"),
	PLACE(enqueue_to_backlog, "CPU_BACKLOG", RESOURCE, cpu_queue, "net/core/dev.c"),
	PLACE(first_packet_length, "UDP_CSUM", PROTOCOL, checksum, "net/ipv4/udp.c"),
	PLACE(fq_codel_dequeue, "QDISC_CONGESTED", RESOURCE, qdisc_signal,
		"net/sched/sch_fq_codel.c"),
	PLACE(icmp_rcv, "INVALID_PROTO", PROTOCOL, header, "net/ipv4/icmp.c"),
	PLACE(icmpv6_rcv, "INVALID_PROTO", PROTOCOL, header, "net/ipv6/icmp.c"),
	PLACE(igmp_rcv, NULL, BENIGN, control, "net/ipv4/igmp.c"),
	PLACE(inet_frag_destroy, "FRAG_REASM_TIMEOUT", PROTOCOL, fragments,
		"net/ipv4/inet_fragment.c"),
	PLACE(inet_frag_rbtree_purge, "FRAG_REASM_TIMEOUT", PROTOCOL, fragments,
		"net/ipv4/inet_fragment.c"),
	PLACE(inet_sock_destruct, "SOCKET_CLOSE", BENIGN, purged, "net/ipv4/af_inet.c"),
	PLACE(ip6_finish_output2, "NEIGH_CREATEFAIL", RESOURCE, neigh_table,
		"net/ipv6/ip6_output.c"),
	PLACE(ip6_forward, "IP_INHDR", PROTOCOL, forward, "net/ipv6/ip6_output.c"),
	PLACE(ip6_fragment, "PKT_TOO_BIG", PROTOCOL, too_big, "net/ipv6/ip6_output.c"),
	PLACE(ip6_mc_input, NULL, BENIGN, not_joined, "net/ipv6/ip6_input.c"),
	PLACE(ip6_pkt_drop, "IP_INNOROUTES", PROTOCOL, no_route, "net/ipv6/route.c"),
	PLACE(ip6_protocol_deliver_rcu, "IP_NOPROTO", PROTOCOL, ip_protocol,
		"net/ipv6/ip6_input.c"),
	PLACE(ip6_rcv_core, "IP_INHDR", PROTOCOL, header, "net/ipv6/ip6_input.c"),
	PLACE(ip6frag_expire_frag_queue, "FRAG_REASM_TIMEOUT", PROTOCOL, fragments,
		"include/net/ipv6_frag.h"),
	PLACE(ip6t_do_table, "NETFILTER_DROP", POLICY, firewall, "net/ipv6/netfilter/ip6_tables.c"),
	PLACE(ip_defrag, NULL, PROTOCOL, fragments, "net/ipv4/ip_fragment.c"),
	PLACE(ip_do_fragment, "PKT_TOO_BIG", PROTOCOL, too_big, "net/ipv4/ip_output.c"),
	PLACE_SAID(ip_error, "IP_INNOROUTES", PROTOCOL, no_route, "net/ipv4/route.c"),
	PLACE(ip_expire, "FRAG_REASM_TIMEOUT", PROTOCOL, fragments, "net/ipv4/ip_fragment.c"),
	PLACE(ip_finish_output2, "NEIGH_CREATEFAIL", RESOURCE, neigh_table, "net/ipv4/ip_output.c"),
	PLACE(ip_forward, "IP_INHDR", PROTOCOL, forward, "net/ipv4/ip_forward.c"),
	PLACE(ip_fragment, "PKT_TOO_BIG", PROTOCOL, too_big, "net/ipv4/ip_output.c"),
	PLACE(ip_mc_finish_output, "BPF_CGROUP_EGRESS", POLICY, cgroup, "net/ipv4/ip_output.c"),
	PLACE(ip_mr_input, NULL, PROTOCOL, no_route, "net/ipv4/ipmr.c"),
	PLACE(ip_protocol_deliver_rcu, "IP_NOPROTO", PROTOCOL, ip_protocol, "net/ipv4/ip_input.c"),
	PLACE(ip_rcv_core, "IP_INHDR", PROTOCOL, header, "net/ipv4/ip_input.c"),
	PLACE_SAID(ip_rcv_finish_core, "IP_RPFILTER", POLICY, rp_filter, "net/ipv4/ip_input.c"),
	PLACE(ip_tunnel_rcv, NULL, PROTOCOL, tunnel, "net/ipv4/ip_tunnel.c"),
	PLACE(ip_tunnel_xmit, NULL, PROTOCOL, tunnel_peer, "net/ipv4/ip_tunnel.c"),
	PLACE(ipt_do_table, "NETFILTER_DROP", POLICY, firewall, "net/ipv4/netfilter/ip_tables.c"),
	PLACE(ipv6_frag_rcv, NULL, PROTOCOL, fragments, "net/ipv6/reassembly.c"),
	PLACE(kfree_skb_list, "QDISC_DROP", RESOURCE, qdisc, "net/core/dev.c: __dev_xmit_skb()"),
	PLACE(kfree_skb_list_reason, "QDISC_DROP", RESOURCE, qdisc,
		"net/core/dev.c: __dev_xmit_skb()"),
	PLACE(macvlan_broadcast_enqueue, "MACVLAN_BROADCAST_BACKLOG", RESOURCE, broadcast_queue,
		"drivers/net/macvlan.c"),
	PLACE(ndisc_error_report, "NEIGH_FAILED", PROTOCOL, neighbour, "net/ipv6/ndisc.c"),
	PLACE(neigh_invalidate, "NEIGH_FAILED", PROTOCOL, neighbour, "net/core/neighbour.c"),
	PLACE(neigh_resolve_output, "NEIGH_FAILED", PROTOCOL, neighbour, "net/core/neighbour.c"),
	PLACE(netem_enqueue, "QDISC_DROP", RESOURCE, qdisc, "net/sched/sch_netem.c"),
	PLACE(netif_receive_generic_xdp, "XDP", POLICY, xdp, "net/core/dev.c"),
	PLACE(nf_ct_frag6_gather, NULL, PROTOCOL, fragments,
		"net/ipv6/netfilter/nf_conntrack_reasm.c"),
	PLACE(nf_hook_slow, "NETFILTER_DROP", POLICY, firewall, "net/netfilter/core.c"),
	PLACE(nft_do_chain, "NETFILTER_DROP", POLICY, firewall, "net/netfilter/nf_tables_core.c"),
	PLACE(packet_rcv, "PACKET_SOCK_ERROR", RESOURCE, tap, "net/packet/af_packet.c"),
	PLACE(pfifo_fast_reset, "QUEUE_PURGE", BENIGN, purged, "net/sched/sch_generic.c"),
	PLACE(ping_queue_rcv_skb, "SOCKET_RCVBUFF", RESOURCE, reader, "net/ipv4/ping.c"),
	PLACE(pktgen_stop_device, "QUEUE_PURGE", BENIGN, purged, "net/core/pktgen.c"),
	PLACE(raw_rcv, "XFRM_POLICY", POLICY, ipsec, "net/ipv4/raw.c"),
	PLACE(raw_rcv_skb, "SOCKET_RCVBUFF", RESOURCE, reader, "net/ipv4/raw.c"),
	PLACE(rawv6_rcv, "SOCKET_RCVBUFF", RESOURCE, reader, "net/ipv6/raw.c"),
	PLACE(rawv6_rcv_skb, "SOCKET_RCVBUFF", RESOURCE, reader, "net/ipv6/raw.c"),
	PLACE(sctp_rcv, "NO_SOCKET", PROTOCOL, nobody, "net/sctp/input.c"),
	PLACE(sk_filter_trim_cap, "SOCKET_FILTER", POLICY, socket_filter, "net/core/filter.c"),
	PLACE(sk_stream_kill_queues, "SOCKET_CLOSE", BENIGN, purged, "net/core/stream.c"),
	PLACE(skb_queue_purge, "QUEUE_PURGE", BENIGN, purged, "net/core/skbuff.c"),
	PLACE(skb_queue_purge_reason, "QUEUE_PURGE", BENIGN, purged, "net/core/skbuff.c"),
	PLACE(tap_handle_frame, "FULL_RING", RESOURCE, ring, "drivers/net/tap.c"),
	PLACE(tcp_add_backlog, "SOCKET_BACKLOG", RESOURCE, socket_owned, "net/ipv4/tcp_ipv4.c"),
	PLACE(tcp_conn_request, "TCP_LISTEN_OVERFLOW", RESOURCE, listener, "net/ipv4/tcp_input.c"),
	PLACE(tcp_prune_ofo_queue, "TCP_OFO_QUEUE_PRUNE", RESOURCE, tcp_memory,
		"net/ipv4/tcp_input.c"),
	PLACE(tpacket_rcv, "PACKET_SOCK_ERROR", RESOURCE, tap, "net/packet/af_packet.c"),
	PLACE(tun_net_xmit, "FULL_RING", RESOURCE, ring, "drivers/net/tun.c"),
	PLACE(udp_destruct_common, "SOCKET_CLOSE", BENIGN, purged, "net/ipv4/udp.c"),
	PLACE(udp_destruct_sock, "SOCKET_CLOSE", BENIGN, purged, "net/ipv4/udp.c"),
	PLACE(udp_queue_rcv_one_skb, "SOCKET_RCVBUFF", RESOURCE, reader, "net/ipv4/udp.c"),
	PLACE(udp_queue_rcv_skb, "SOCKET_RCVBUFF", RESOURCE, reader, "net/ipv4/udp.c"),
	PLACE(udp_recvmsg, "UDP_CSUM", PROTOCOL, checksum, "net/ipv4/udp.c"),
	PLACE(udpv6_queue_rcv_one_skb, "SOCKET_RCVBUFF", RESOURCE, reader, "net/ipv6/udp.c"),
	PLACE(udpv6_queue_rcv_skb, "SOCKET_RCVBUFF", RESOURCE, reader, "net/ipv6/udp.c"),
	PLACE(udpv6_recvmsg, "UDP_CSUM", PROTOCOL, checksum, "net/ipv6/udp.c"),
	PLACE(unix_release_sock, "SOCKET_CLOSE", BENIGN, purged, "net/unix/af_unix.c"),
	PLACE(validate_xmit_skb, "SKB_GSO_SEG", PROTOCOL, gso, "net/core/dev.c"),
	PLACE(validate_xmit_skb_list, "SKB_GSO_SEG", PROTOCOL, gso, "net/core/dev.c"),
	PLACE(veth_poll, "XDP", POLICY, xdp, "drivers/net/veth.c: veth_xdp_rcv()"),
	PLACE(veth_xdp_rcv, "XDP", POLICY, xdp, "drivers/net/veth.c"),
	PLACE(veth_xdp_rcv_skb, "XDP", POLICY, xdp, "drivers/net/veth.c"),
	PLACE(veth_xmit, "DEV_READY", POLICY, device_down, "drivers/net/veth.c"),
	PLACE(vxlan_rcv, "VXLAN_VNI_NOT_FOUND", PROTOCOL, tunnel, "drivers/net/vxlan/vxlan_core.c"),
};

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static int by_name(const void *name, const void *rule)
{
	return strcmp(name, ((const struct trail_drop_rule *)rule)->name);
}

const struct trail_drop_rule *trail_drop_reason(const char *name)
{
	/* mac80211 changes its list with every other kernel: one rule for all of them. */
	static const struct trail_drop_rule mac80211 = {
		"MAC80211", NULL, wifi, "net/mac80211/drop.h", TRAIL_DROP_PROTOCOL,
	};

	if (!name)
		return NULL;
	if (!strncmp(name, mac80211.name, strlen(mac80211.name)))
		return &mac80211;
	return bsearch(name, reason, ARRAY_SIZE(reason), sizeof(reason[0]), by_name);
}

const struct trail_drop_rule *trail_drop_place(const char *symbol)
{
	return symbol ? bsearch(symbol, place, ARRAY_SIZE(place), sizeof(place[0]), by_name)
		      : NULL;
}

bool trail_drop_is_qdisc(const char *name)
{
	/* include/net/dropreason-core.h; CAKE_, DUALPI2_, FQ_ are those before 7.2. */
	static const char *const prefix[] = { "QDISC_", "CAKE_", "DUALPI2_", "FQ_" };

	for (size_t i = 0; name && i < ARRAY_SIZE(prefix); i++)
		if (!strncmp(name, prefix[i], strlen(prefix[i])))
			return true;
	return false;
}

bool trail_drop_is_unsaid(const struct trail_drop *drop)
{
	return !drop->reason || !strcmp(drop->reason, "NOT_SPECIFIED");
}

const struct trail_drop_rule *trail_drop_explain(const struct trail_drop *drop)
{
	const struct trail_drop_rule *rule = trail_drop_place(drop->symbol);

	if (!trail_drop_is_unsaid(drop))
		return trail_drop_reason(drop->reason);
	/* The packet may tell more than the function. */
	if (drop->means && !(rule && rule->means && !strcmp(rule->means, drop->means)))
		return trail_drop_reason(drop->means);
	return rule && rule->is_said && drop->reason ? NULL : rule;
}

const struct trail_drop_rule *trail_drop_reason_at(size_t i)
{
	return i < ARRAY_SIZE(reason) ? &reason[i] : NULL;
}

const struct trail_drop_rule *trail_drop_place_at(size_t i)
{
	return i < ARRAY_SIZE(place) ? &place[i] : NULL;
}
