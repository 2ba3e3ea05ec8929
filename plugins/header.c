// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * header.c - who the packet is: its bytes, recorded by dynamic events
 *
 * The probes sit at the tracepoints of net.c and say all that those say, so they stand for them.
 * In receive skb->data is at the network header and the link header right before it
 * (net/ethernet/eth.c: eth_type_trans()); in transmit it is at the link header
 * (net/core/dev.c: __dev_queue_xmit(), dev_hard_start_xmit()).
 */
#include "skbtrail.h"

/* include/uapi/linux/if_arp.h */
#define ARPHRD_ETHER	1
#define ARPHRD_LOOPBACK	772
#define ETHER_SIZE	14
#define ETHERTYPE_IPV4	0x0800
#define ETHERTYPE_IPV6	0x86dd

enum {
	F_SKB, F_NAME, F_LEN, F_DATA_LEN, F_HASH, F_PROTOCOL, F_GSO, F_BYTES, F_ARPHRD, F_IFINDEX,
	F_NETNS, F_HEAD, F_DATA, F_MAC, F_NETWORK, F_VLAN_PROTO, F_VLAN_TCI, F_VLAN_PRESENT, F_SK,
	F_MORE,
};

#define FIELDS	"skb", "name", "len", "data_len", "hash", "protocol", "gso_size", "bytes", \
		"arphrd", "ifindex", "netns", "head", "data", "mac", "network", "vlan_proto", \
		"vlan_tci", "vlan_present", "sk", "more"

/* Of an skb whose address is the fetch argument @skb. */
#define DEVICE(skb, member)	"+{net_device." member "}(+{sk_buff.dev}(" skb "))"
#define SKB_ARGS(skb) \
	"skb=" skb ":x64 name=" DEVICE(skb, "name") ":string" \
	" len=+{sk_buff.len}(" skb "):u32 data_len=+{sk_buff.data_len}(" skb "):u32" \
	" hash=+{sk_buff.hash}(" skb "):u32 protocol=+{sk_buff.protocol}(" skb "):x16" \
	" arphrd=" DEVICE(skb, "type") ":u16 ifindex=" DEVICE(skb, "ifindex") ":u32" \
	" ?netns=+{net.ns.inum}(" DEVICE(skb, "nd_net") "):u32" \
	" head=+{sk_buff.head}(" skb "):x64 data=+{sk_buff.data}(" skb "):x64" \
	" mac=+{sk_buff.mac_header}(" skb "):u16 network=+{sk_buff.network_header}(" skb "):u16" \
	" vlan_proto=+{sk_buff.vlan_proto}(" skb "):x16 vlan_tci=+{sk_buff.vlan_tci}(" skb "):x16" \
	" ?vlan_present=+{sk_buff.vlan_present}(" skb "):{=sk_buff.vlan_present}"

/* From the place of an Ethernet header on, whether there is one or not. */
#define RX_ARGS(skb)	SKB_ARGS(skb) " bytes=-14(+{sk_buff.data}(" skb ")):{snap}" \
			" ?more=+498(+{sk_buff.data}(" skb ")):{more}"
#define TX_ARGS(skb)	SKB_ARGS(skb) " sk=+{sk_buff.sk}(" skb "):x64" \
			" bytes=+0(+{sk_buff.data}(" skb ")):{snap}" \
			" ?more=+512(+{sk_buff.data}(" skb ")):{more}"

/* Network byte order in the kernel's memory -> host. */
static uint16_t be16(const struct trail_event *event, unsigned int i)
{
	uint16_t value = (uint16_t)trail_u64(event, i);
	const uint8_t *byte = (const uint8_t *)&value;

	return (uint16_t)(byte[0] << 8 | byte[1]);
}

static struct trail_skb read_skb(struct trail_engine *engine, const struct trail_event *event)
{
	return (struct trail_skb){
		.skb = trail_u64(event, F_SKB),
		.dev = trail_text(engine, event, F_NAME),
		.len = (int64_t)(uint32_t)trail_u64(event, F_LEN),
		.network_offset = -1,
		.ethertype = be16(event, F_PROTOCOL),
		.hash = (uint32_t)trail_u64(event, F_HASH),
		.data_len = (int64_t)(uint32_t)trail_u64(event, F_DATA_LEN),
		.gso = trail_u64(event, F_GSO) != 0,
	};
}

static bool has_ethernet(const struct trail_event *event)
{
	uint64_t arphrd = trail_u64(event, F_ARPHRD);

	return arphrd == ARPHRD_ETHER || arphrd == ARPHRD_LOOPBACK;
}

/* Bytes between the link header and skb->data. */
static uint64_t pulled(const struct trail_event *event)
{
	return trail_u64(event, F_DATA) - trail_u64(event, F_HEAD) - trail_u64(event, F_MAC);
}

/* Bytes from skb->data to the network header. */
static int32_t network_offset(const struct trail_event *event)
{
	return (int32_t)(trail_u64(event, F_HEAD) + trail_u64(event, F_NETWORK) -
			 trail_u64(event, F_DATA));
}

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

static void read_tag(const struct trail_event *event, struct trail_skb_header *header)
{
	/* Before 6.2 a bit tells whether the tag is meant (commit 354259fa73e2). */
	bool tagged = trail_has(event, F_VLAN_PRESENT) ? trail_u64(event, F_VLAN_PRESENT) != 0
						       : trail_u64(event, F_VLAN_PROTO) != 0;

	if (!tagged)
		return;
	header->vlan_proto = be16(event, F_VLAN_PROTO);
	header->vlan_tci = (uint16_t)trail_u64(event, F_VLAN_TCI);
}

/**
 * struct placed - the bytes of a record and what they are
 * @nr_bytes: recorded; @nr_valid of them lie in the packet's linear part
 * @wire_len: of the frame from @bytes on
 */
struct placed {
	const uint8_t *bytes;
	uint32_t nr_bytes;
	uint32_t nr_valid;
	uint32_t wire_len;
	enum trail_layer layer;
};

/*
 * Where a packet is given to a device from above, nobody has said yet where its MAC header is
 * (net/core/dev.c: __dev_queue_xmit() does); the network header behind it tells.
 */
static bool has_link_header(const struct trail_event *event, uint32_t before)
{
	return has_ethernet(event) &&
	       (pulled(event) == before || (!before && network_offset(event) >= ETHER_SIZE));
}

/* @before: bytes in front of skb->data that the probe read as well. */
static struct placed place(const struct trail_event *event, uint32_t before)
{
	uint32_t len = (uint32_t)trail_u64(event, F_LEN);
	uint32_t data_len = (uint32_t)trail_u64(event, F_DATA_LEN);
	uint32_t linear = len > data_len ? len - data_len : 0;
	bool ethernet = has_link_header(event, before);
	uint16_t ethertype = be16(event, F_PROTOCOL);
	struct placed p = { 0 };
	size_t size;

	p.bytes = all_bytes(event, &size);
	p.nr_bytes = p.bytes ? (uint32_t)size : 0;
	p.layer = ethernet ? TRAIL_LAYER_ETHERNET :
		  ethertype == ETHERTYPE_IPV4 || ethertype == ETHERTYPE_IPV6 ? TRAIL_LAYER_IP :
		  TRAIL_LAYER_UNKNOWN;
	if (!ethernet && p.bytes) {
		/* What lies in front is of no known kind. */
		before = before < p.nr_bytes ? before : p.nr_bytes;
		p.bytes += before;
		p.nr_bytes -= before;
	}
	if (!ethernet)
		before = 0;
	p.wire_len = len + before;
	p.nr_valid = p.nr_bytes < linear + before ? p.nr_bytes : linear + before;
	return p;
}

static int say_header(struct trail_engine *engine, const struct trail_event *event,
		      uint32_t before)
{
	struct placed p = place(event, before);
	struct trail_skb_header header = {
		.skb = trail_u64(event, F_SKB), .sk = trail_u64(event, F_SK),
		.netns = trail_u64(event, F_NETNS),
		.ifindex = (uint32_t)trail_u64(event, F_IFINDEX),
		.bytes = p.bytes, .nr_bytes = p.nr_valid, .wire_len = p.wire_len, .layer = p.layer,
	};

	read_tag(event, &header);
	return trail_header(engine, event, &header);
}

/* Behind the packet's end lies whatever the kernel has there. */
static uint32_t surplus(const struct trail_event *event, bool payload, uint32_t before,
			uint32_t *offset)
{
	struct placed p = place(event, before);
	uint32_t keep = payload ? p.nr_valid : trail_header_size(p.bytes, p.nr_valid, p.layer);
	uint32_t from = p.bytes ? (uint32_t)(p.bytes - (const uint8_t *)event->data) + keep : 0;

	if (!p.bytes || *offset > from)
		return 0;
	*offset = from;
	return p.nr_bytes - keep;
}

static uint32_t rx_surplus(const struct trail_event *event, bool payload, uint32_t *offset)
{
	return surplus(event, payload, ETHER_SIZE, offset);
}

static uint32_t tx_surplus(const struct trail_event *event, bool payload, uint32_t *offset)
{
	return surplus(event, payload, 0, offset);
}

typedef int (*verb_fn)(struct trail_engine *engine, const struct trail_event *event,
		       const struct trail_skb *skb);

static int received(struct trail_engine *engine, const struct trail_event *event, verb_fn verb)
{
	struct trail_skb skb = read_skb(engine, event);
	int err = say_header(engine, event, ETHER_SIZE);

	return err ? err : verb(engine, event, &skb);
}

static int rx_gro(struct trail_engine *engine, const struct trail_event *event)
{
	return received(engine, event, trail_gro_enter);
}

static int rx_backlog(struct trail_engine *engine, const struct trail_event *event)
{
	return received(engine, event, trail_backlog);
}

static int rx(struct trail_engine *engine, const struct trail_event *event)
{
	return received(engine, event, trail_receive);
}

static int sent(struct trail_engine *engine, const struct trail_event *event, verb_fn verb)
{
	struct trail_skb skb = read_skb(engine, event);
	int err;

	skb.network_offset = network_offset(event);
	err = say_header(engine, event, 0);
	return err ? err : verb(engine, event, &skb);
}

static int tx(struct trail_engine *engine, const struct trail_event *event)
{
	return sent(engine, event, trail_tx_queue);
}

static int tx_start(struct trail_engine *engine, const struct trail_event *event)
{
	return sent(engine, event, trail_tx_start);
}

/*
 * Drivers may leave the headers in the first page and copy nothing but the link header to skb->data
 * (virtio_net since 5.13, and all that call napi_gro_frags()).  GRO looks at them there
 * (net/core/gro.c: skb_gro_reset_offset(), napi_frags_skb()); a packet filter does, too.
 */
#define PAGE(skb)	" ?packet=+{sk_buff.cb+napi_gro_cb.frag0}(" skb "):x64"

static const struct trail_probe rx_gro_probe[] = {
	{ TRAIL_PROBE_EPROBE, "net/napi_gro_receive_entry",
	  RX_ARGS("$skbaddr") " gso_size=$gso_size:u16", "net:napi_gro_receive_entry" },
	{ TRAIL_PROBE_KPROBE, "dev_gro_receive", RX_ARGS("$arg2") PAGE("$arg2"),
	  "net:napi_gro_receive_entry" },
	{ 0 }
};

static const struct trail_probe rx_frags_probe[] = {
	{ TRAIL_PROBE_EPROBE, "net/napi_gro_frags_entry",
	  RX_ARGS("$skbaddr") " gso_size=$gso_size:u16" PAGE("$skbaddr"),
	  "net:napi_gro_frags_entry" },
	{ TRAIL_PROBE_COVERED, "rx_gro", NULL, NULL },
	{ 0 }
};

static const struct trail_probe rx_backlog_probe[] = {
	{ TRAIL_PROBE_EPROBE, "net/netif_rx", RX_ARGS("$skbaddr"), "net:netif_rx" },
	{ TRAIL_PROBE_KPROBE, "enqueue_to_backlog", RX_ARGS("$arg1"), NULL },
	{ 0 }
};

/* 5.10: struct sk_buff **pskb. */
static const struct trail_probe rx_probe[] = {
	{ TRAIL_PROBE_EPROBE, "net/netif_receive_skb", RX_ARGS("$skbaddr"),
	  "net:netif_receive_skb" },
	{ TRAIL_PROBE_KPROBE, "__netif_receive_skb_core", RX_ARGS("+0($arg1)"), NULL },
	{ TRAIL_PROBE_KPROBE, "ip_rcv_core", RX_ARGS("$arg1"), NULL },
	{ 0 }
};

static const struct trail_probe tx_probe[] = {
	{ TRAIL_PROBE_EPROBE, "net/net_dev_queue", TX_ARGS("$skbaddr"), "net:net_dev_queue" },
	{ TRAIL_PROBE_KPROBE, "__dev_queue_xmit", TX_ARGS("$arg1"), NULL },
	{ 0 }
};

/* dev_hard_start_xmit() is given a list: the tracepoint tells of those behind the first. */
static const struct trail_probe tx_start_probe[] = {
	{ TRAIL_PROBE_EPROBE, "net/net_dev_start_xmit",
	  TX_ARGS("$skbaddr") " gso_size=$gso_size:u16", "net:net_dev_start_xmit" },
	{ TRAIL_PROBE_KPROBE, "dev_hard_start_xmit", TX_ARGS("$arg1"), NULL },
	{ 0 }
};

static const struct trail_row row[] = {
	{ "skbtrail:rx_gro", { FIELDS }, rx_gro, TRAIL_PRESET_BOTH, rx_gro_probe,
	  rx_surplus },
	{ "skbtrail:rx_frags", { FIELDS }, rx_gro, TRAIL_PRESET_BOTH, rx_frags_probe,
	  rx_surplus },
	{ "skbtrail:rx_backlog", { FIELDS }, rx_backlog, TRAIL_PRESET_BOTH, rx_backlog_probe,
	  rx_surplus },
	{ "skbtrail:rx", { FIELDS }, rx, TRAIL_PRESET_BOTH, rx_probe,
	  rx_surplus },
	{ "skbtrail:tx", { FIELDS }, tx, TRAIL_PRESET_BOTH, tx_probe,
	  tx_surplus },
	{ "skbtrail:tx_start", { FIELDS }, tx_start, TRAIL_PRESET_BOTH, tx_start_probe,
	  tx_surplus },
	{ 0 }
};

TRAIL_PLUGIN(header) = {
	TRAIL_PLUGIN_ABI, "header", "packet bytes: who the packet is", row
};
