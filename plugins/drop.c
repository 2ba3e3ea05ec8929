// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * drop.c - a probe at kfree_skb: who the packet is, at whichever layer it died
 *
 * skb->data may be at any header there, so bytes on both sides of it are recorded, and where the
 * network header is among them is found by the offsets in the skb.
 */
#include <errno.h>

#include "skbtrail.h"

/* include/uapi/linux/if_arp.h, if_packet.h, if_ether.h; include/net/tcp_states.h */
#define ARPHRD_ETHER	1
#define ARPHRD_LOOPBACK	772
#define PACKET_BROADCAST	1
#define PACKET_MULTICAST	2
#define PACKET_OTHERHOST	3
#define PACKET_LOOPBACK	5	/* net/core/dev.c: dev_loopback_xmit(), of both */
#define ETHERTYPE_IPV4	0x0800
#define ETHERTYPE_IPV6	0x86dd
#define ETHER_SIZE	14
#define MAX_LINK_SIZE	22
#define TCP_TIME_WAIT	6
#define TCP_NEW_SYN_RECV	12
#define UNSET		0xffff		/* mac_header, network_header: nobody has said it yet */
#define BEFORE		64		/* bytes in front of skb->data that are recorded as well */

/* The first five are those of kfree_skb. */
enum {
	F_SKB, F_LOCATION, F_REASON, F_RX_SK, F_PROTOCOL,
	F_SK, F_DEV, F_NAME, F_ARPHRD, F_IFINDEX, F_NETNS, F_IIF, F_PKT_TYPE, F_LEN,
	F_DATA_LEN, F_HEAD, F_DATA, F_MAC, F_NETWORK, F_VLAN_PROTO, F_VLAN_TCI, F_VLAN_PRESENT,
	F_STATE, F_SOCKET, F_INODE, F_RMEM, F_RCVBUF,
	F_RX_STATE, F_RX_SOCKET, F_RX_INODE, F_RX_RMEM, F_RX_RCVBUF,
	F_QKIND, F_QLEN, F_QLIMIT, F_BYTES, F_MORE, F_STACK, F_STACK_END = F_STACK + 4,
};

#define FIELDS	"skb", "location", "reason", "rx_sk", "ethertype", "sk", "dev", "name", "arphrd", \
		"ifindex", "netns", "iif", "pkt_type", "len", "data_len", "head", "data", "mac", \
		"network", "vlan_proto", "vlan_tci", "vlan_present", "state", "socket", "inode", \
		"rmem", "rcvbuf", "rx_state", "rx_socket", "rx_inode", "rx_rmem", "rx_rcvbuf", \
		"qkind", "qlen", "qlimit", "bytes", "more", "stack1", "stack2", "stack3", "stack4"

/*
 * Where a pointer on the way is NULL, or is none, the kernel leaves in the record what was there:
 * so each of them is a field of its own, to be looked at first.
 */
#define SOCKET(prefix, sk) \
	" ?" prefix "state=+{sock.__sk_common.skc_state}(" sk "):u8" \
	" ?" prefix "socket=+{sock.sk_socket}(" sk "):x64" \
	" ?" prefix "inode=+{socket_alloc.vfs_inode.i_ino}(+{sock.sk_socket}(" sk ")):u64" \
	" ?" prefix "rmem=+{sock.sk_backlog.rmem_alloc}(" sk "):s32" \
	" ?" prefix "rcvbuf=+{sock.sk_rcvbuf}(" sk "):s32"
#define DEVICE(skb, member)	"+{net_device." member "}(+{sk_buff.dev}(" skb "))"
/* Of a device with one queue, and of the root of one with several. */
#define QDISC(skb, member)	"+{Qdisc." member "}(" DEVICE(skb, "qdisc") ")"
#define SKB(skb) \
	"skb=" skb ":x64 ethertype=+{sk_buff.protocol}(" skb "):x16" \
	" sk=+{sk_buff.sk}(" skb "):x64 dev=+{sk_buff.dev}(" skb "):x64" \
	" name=" DEVICE(skb, "name") ":string arphrd=" DEVICE(skb, "type") ":u16" \
	" ifindex=" DEVICE(skb, "ifindex") ":u32" \
	" ?netns=+{net.ns.inum}(" DEVICE(skb, "nd_net") "):u32" \
	" ?iif=+{sk_buff.skb_iif}(" skb "):u32" \
	" ?pkt_type=+{sk_buff.pkt_type}(" skb "):{=sk_buff.pkt_type}" \
	" len=+{sk_buff.len}(" skb "):u32 data_len=+{sk_buff.data_len}(" skb "):u32" \
	" head=+{sk_buff.head}(" skb "):x64 data=+{sk_buff.data}(" skb "):x64" \
	" mac=+{sk_buff.mac_header}(" skb "):u16 network=+{sk_buff.network_header}(" skb "):u16" \
	" vlan_proto=+{sk_buff.vlan_proto}(" skb "):x16 vlan_tci=+{sk_buff.vlan_tci}(" skb "):x16" \
	" ?vlan_present=+{sk_buff.vlan_present}(" skb "):{=sk_buff.vlan_present}" \
	SOCKET("", "+{sk_buff.sk}(" skb ")") \
	" ?qkind=+{Qdisc_ops.id}(" QDISC(skb, "ops") "):string" \
	" ?qlen=" QDISC(skb, "q.qlen") ":u32 ?qlimit=" QDISC(skb, "limit") ":u32"
#define BYTES(skb) \
	" bytes=-64(+{sk_buff.data}(" skb ")):{snap+64}" \
	" ?more=+448(+{sk_buff.data}(" skb ")):{more+64}"

/* Network byte order in the kernel's memory -> host. */
static uint16_t be16(const struct trail_event *event, unsigned int i)
{
	uint16_t value = (uint16_t)trail_u64(event, i);
	const uint8_t *byte = (const uint8_t *)&value;

	return (uint16_t)(byte[0] << 8 | byte[1]);
}

/* Kernel addresses are in the upper half; what else stands there for a time is no pointer. */
static bool is_pointer(const struct trail_event *event, unsigned int i)
{
	return trail_u64(event, i) >> 63;
}

/*
 * skb->dev is something else in a socket's queue: UDP keeps lengths there (dev_scratch), TCP's
 * tree of data out of order a node.  So the name must be one.
 */
static const char *device_of(struct trail_engine *engine, const struct trail_event *event)
{
	uint64_t ifindex = trail_u64(event, F_IFINDEX);
	const char *name;
	size_t len;

	if (!is_pointer(event, F_DEV) || !ifindex || ifindex > INT32_MAX)
		return NULL;
	name = trail_str(event, F_NAME, &len);
	if (!name || !len || len > 15)
		return NULL;
	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '/')
			return NULL;
	return trail_text(engine, event, F_NAME);
}

/* ---- bytes */

/**
 * struct placed - the recorded bytes of a packet and what they begin with
 * @bytes: NULL when it is not known where the packet begins
 * @nr_valid: of them lie in the packet's linear part
 * @nr_behind: recorded from @bytes on
 * @from_network: bytes from the network header on, -1 unknown
 */
struct placed {
	const uint8_t *bytes;
	uint32_t nr_valid;
	uint32_t nr_behind;
	uint32_t wire_len;
	int64_t from_network;
	enum trail_layer layer;
};

/* A long array is recorded in two, the second right behind the first. */
static const uint8_t *all_bytes(const struct trail_event *event, size_t *size)
{
	const char *bytes, *more;
	size_t more_size;

	bytes = trail_str(event, F_BYTES, size);
	more = trail_str(event, F_MORE, &more_size);
	if (bytes && more == bytes + *size)
		*size += more_size;
	return (const uint8_t *)bytes;
}

static bool is_ip(const uint8_t *byte, uint16_t ethertype)
{
	return (ethertype == ETHERTYPE_IPV4 && *byte >> 4 == 4) ||
	       (ethertype == ETHERTYPE_IPV6 && *byte >> 4 == 6);
}

/* Is an Ethernet header of @size bytes in front of @network, which names what follows? */
static bool has_link_header(const struct trail_event *event, const uint8_t *network, int64_t size)
{
	uint64_t arphrd = trail_u64(event, F_ARPHRD);
	uint16_t ethertype = be16(event, F_PROTOCOL);

	/* A device that is not known any more: the ethertype decides. */
	if (is_pointer(event, F_DEV) && arphrd != ARPHRD_ETHER && arphrd != ARPHRD_LOOPBACK)
		return false;
	return size >= ETHER_SIZE && size <= MAX_LINK_SIZE &&
	       (network[-2] << 8 | network[-1]) == ethertype;
}

/* Of @len bytes from skb->data on, and those in front of it from the offset @at on: how many. */
static uint32_t behind(uint32_t len, int64_t at)
{
	int64_t bytes = (int64_t)len + BEFORE - at;

	return bytes < 0 ? 0 : bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

/* Offsets count from the first recorded byte, which is BEFORE bytes in front of skb->data. */
static struct placed find_bytes(const struct trail_event *event)
{
	uint32_t len = (uint32_t)trail_u64(event, F_LEN);
	uint32_t data_len = (uint32_t)trail_u64(event, F_DATA_LEN);
	uint32_t linear = len > data_len ? len - data_len : 0;
	int64_t head = (int64_t)(trail_u64(event, F_HEAD) - trail_u64(event, F_DATA)) + BEFORE;
	uint64_t mac = trail_u64(event, F_MAC), network = trail_u64(event, F_NETWORK);
	int64_t at = head + (int64_t)network, link = head + (int64_t)mac;
	uint16_t ethertype = be16(event, F_PROTOCOL);
	struct placed p = { .from_network = -1 };
	const uint8_t *first;
	size_t size;

	first = all_bytes(event, &size);
	if (!first || size <= BEFORE)
		return p;
	/* Before anybody has looked at it. */
	if (!network || network == UNSET || at < 0 || at >= (int64_t)size)
		at = BEFORE;
	if (ethertype == ETHERTYPE_IPV4 || ethertype == ETHERTYPE_IPV6) {
		if (!is_ip(first + at, ethertype))
			return p;
		p.layer = TRAIL_LAYER_IP;
		p.from_network = behind(len, at);
	}
	if (mac != UNSET && link >= 0 && has_link_header(event, first + at, at - link)) {
		p.layer = TRAIL_LAYER_ETHERNET;
		at = link;
	}
	if (p.layer == TRAIL_LAYER_UNKNOWN)
		return p;
	p.bytes = first + at;
	p.nr_behind = (uint32_t)((int64_t)size - at);
	p.wire_len = behind(len, at);
	p.nr_valid = behind(linear, at) < p.nr_behind ? behind(linear, at) : p.nr_behind;
	return p;
}

/* In front of the packet and behind its end lies whatever the kernel has there. */
static uint32_t surplus(const struct trail_event *event, bool payload, uint32_t *offset)
{
	struct placed p = find_bytes(event);
	uint32_t keep = payload ? p.nr_valid : trail_header_size(p.bytes, p.nr_valid, p.layer);
	const uint8_t *record = event->data, *first;
	uint32_t start, end, from;
	size_t size;

	first = all_bytes(event, &size);
	if (!first)
		return 0;
	start = (uint32_t)(first - record);
	end = start + (uint32_t)size;
	from = p.bytes ? (uint32_t)(p.bytes - record) : end;
	if (*offset < from && start < from) {
		*offset = start;
		return from - start;
	}
	if (*offset > from + keep || from + keep >= end)
		return 0;
	*offset = from + keep;
	return end - *offset;
}

/* ---- sockets and queues */

/* Half-open and closed connections are told by smaller structures. */
static bool is_full_socket(const struct trail_event *event, unsigned int state)
{
	uint64_t value = trail_u64(event, state);

	return trail_has(event, state) && value && value != TCP_TIME_WAIT &&
	       value != TCP_NEW_SYN_RECV && value < 32;
}

/* The receiver where kfree_skb names it (6.11), else the socket that the skb is charged to. */
static void read_socket(const struct trail_event *event, struct trail_drop_seen *seen)
{
	bool rx = trail_u64(event, F_RX_SK);
	unsigned int shift = rx ? F_RX_STATE - F_STATE : 0;

	if (!is_pointer(event, rx ? F_RX_SK : F_SK))
		return;
	seen->header.sk = trail_u64(event, rx ? F_RX_SK : F_SK);
	if (!is_full_socket(event, F_STATE + shift))
		return;
	if (is_pointer(event, F_SOCKET + shift))
		seen->inode = trail_u64(event, F_INODE + shift);
	if (trail_s64(event, F_RMEM + shift) >= 0 && trail_s64(event, F_RCVBUF + shift) > 0)
		seen->level[TRAIL_QUEUE_SOCKET] = (struct trail_queue){
			trail_s64(event, F_RMEM + shift), trail_s64(event, F_RCVBUF + shift),
			TRAIL_QUEUE_SOCKET,
		};
}

/* Lockless ones count elsewhere, and the root of many (mq) has no queue: 0 says nothing. */
static struct trail_queue read_qdisc(const struct trail_event *event, const char *dev)
{
	int64_t len = trail_s64(event, F_QLEN), limit = trail_s64(event, F_QLIMIT);
	size_t size;
	const char *kind = trail_str(event, F_QKIND, &size);

	if (!dev || !kind || !len || len > INT32_MAX)
		return (struct trail_queue){ 0 };
	/* net/sched/sch_fifo.c: of bfifo it is bytes; classful ones have none of their own. */
	if (!limit || limit > INT32_MAX || (size == 5 && !memcmp(kind, "bfifo", 5)))
		limit = -1;
	return (struct trail_queue){ len, limit, TRAIL_QUEUE_QDISC };
}

/* ---- the probe's event */

/*
 * kfree_skb_list() before there were reasons: is the list a qdisc's?  Its caller is on the stack, a
 * few words behind the return into it.
 */
static enum trail_free list_of(struct trail_engine *engine, const struct trail_event *event)
{
	const struct trail_location *location;

	for (unsigned int i = F_STACK; i < F_STACK_END; i++) {
		if (!is_pointer(event, i))
			continue;
		location = trail_location(engine, trail_u64(event, i));
		if (location && location->symbol)
			return strcmp(location->symbol, "__dev_queue_xmit") ? TRAIL_FREE_UNKNOWN
									    : TRAIL_FREE_LIST;
	}
	return TRAIL_FREE_UNKNOWN;
}

static bool is_to_group(const struct trail_event *event)
{
	uint64_t type = trail_u64(event, F_PKT_TYPE);

	return trail_has(event, F_PKT_TYPE) &&
	       (type == PACKET_BROADCAST || type == PACKET_MULTICAST || type == PACKET_LOOPBACK);
}

static void read_header(struct trail_engine *engine, const struct trail_event *event,
			struct trail_drop_seen *seen)
{
	struct placed p = find_bytes(event);
	/* Before 6.2 a bit tells whether the tag is meant (commit 354259fa73e2). */
	bool tagged = trail_has(event, F_VLAN_PRESENT) ? trail_u64(event, F_VLAN_PRESENT) != 0
						       : trail_u64(event, F_VLAN_PROTO) != 0;

	seen->header = (struct trail_skb_header){
		.skb = trail_u64(event, F_SKB), .bytes = p.bytes, .nr_bytes = p.nr_valid,
		.wire_len = p.wire_len, .layer = p.layer, .to_group = is_to_group(event),
	};
	seen->len = p.from_network;
	seen->iif = (uint32_t)trail_u64(event, F_IIF);
	seen->dev = device_of(engine, event);
	if (seen->dev) {
		seen->header.ifindex = (uint32_t)trail_u64(event, F_IFINDEX);
		seen->header.netns = trail_u64(event, F_NETNS);
	}
	if (tagged) {
		seen->header.vlan_proto = be16(event, F_VLAN_PROTO);
		seen->header.vlan_tci = (uint16_t)trail_u64(event, F_VLAN_TCI);
	}
}

static int seen(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_drop_seen s = { 0 };
	struct trail_drop d = { 0 };
	int err;

	read_header(engine, event, &s);
	read_socket(event, &s);
	s.level[TRAIL_QUEUE_QDISC] = read_qdisc(event, s.dev);
	if (trail_has(event, F_PKT_TYPE) && trail_u64(event, F_PKT_TYPE) == PACKET_OTHERHOST)
		s.means = "OTHERHOST";
	/* Without a location it is told by kfree_skb, right behind. */
	if (!trail_has(event, F_LOCATION)) {
		s.where = list_of(engine, event);
		return trail_drop_seen(engine, event, &s);
	}
	err = trail_read_drop(engine, event, &s.header, &d, &s.where);
	if (err)
		return err;
	s.drop = &d;
	return trail_drop_seen(engine, event, &s);
}

#define EPROBE(more)	"location=$location:x64 " SKB("$skbaddr") more BYTES("$skbaddr")
#define FORMS(replaced) \
	{ TRAIL_PROBE_EPROBE, "skb/kfree_skb", \
	  EPROBE(" reason=$reason:u32 rx_sk=$rx_sk:x64" SOCKET("rx_", "$rx_sk")), replaced }, \
	{ TRAIL_PROBE_EPROBE, "skb/kfree_skb", EPROBE(" reason=$reason:u32"), replaced }, \
	{ TRAIL_PROBE_EPROBE, "skb/kfree_skb", EPROBE(""), replaced }, \
	{ TRAIL_PROBE_KPROBE, "kfree_skb", \
	  SKB("$arg1") BYTES("$arg1") " stack1=$stack1:x64 stack2=$stack2:x64" \
	  " stack3=$stack3:x64 stack4=$stack4:x64", NULL }, \
	{ 0 }

/* Instead of kfree_skb, and beside it: others look for the kernel's own event. */
static const struct trail_probe drop_probe[] = { FORMS("skb:kfree_skb") };
static const struct trail_probe dropped_probe[] = { FORMS(NULL) };

static const struct trail_row row[] = {
	{ "skbtrail:drop", { FIELDS }, seen, TRAIL_PRESET_DROPS | TRAIL_ROW_UNFILTERED, drop_probe,
	  surplus },
	{ "skbtrail:dropped", { FIELDS }, seen, TRAIL_PRESET_NET | TRAIL_ROW_UNFILTERED,
	  dropped_probe, surplus },
	{ 0 }
};

TRAIL_PLUGIN(drop) = { TRAIL_PLUGIN_ABI, "drop", "who a dropped packet is", row };
