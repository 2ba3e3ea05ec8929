// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * net.c - the device layer: GRO, backlog, receive, transmit
 *
 * net/core/dev.c, include/trace/events/net.h.  netif_receive_skb is emitted inside
 * __netif_receive_skb_core(): after GRO and after RPS, once for each device layer.
 */
#include "skbtrail.h"

/* enum gro_result, include/linux/netdevice.h; 4 was GRO_DROP before 5.12, GRO_CONSUMED since. */
static enum trail_gro gro_result(const struct trail_event *event)
{
	static const uint8_t result[] = {
		TRAIL_GRO_MERGED, TRAIL_GRO_MERGED_FREE, TRAIL_GRO_HELD, TRAIL_GRO_NORMAL,
		TRAIL_GRO_CONSUMED,
	};
	uint64_t ret = trail_u64(event, 0);

	return trail_has(event, 0) && ret < sizeof(result) ? (enum trail_gro)result[ret]
							   : TRAIL_GRO_UNKNOWN;
}

/* Rows below keep to this order of fields. */
static struct trail_skb read_skb(struct trail_engine *engine, const struct trail_event *event)
{
	return (struct trail_skb){
		.skb = trail_u64(event, 0),
		.dev = trail_text(engine, event, 1),
		.len = trail_has(event, 2) ? (int64_t)(uint32_t)trail_u64(event, 2) : -1,
		.network_offset = trail_has(event, 3) ? (int32_t)trail_s64(event, 3) : -1,
		.ethertype = (uint16_t)trail_u64(event, 4),
		.hash = (uint32_t)trail_u64(event, 5),
		.data_len = trail_has(event, 6) ? (int64_t)(uint32_t)trail_u64(event, 6) : -1,
		.gso = trail_u64(event, 7) != 0,
	};
}

#define SKB_FIELDS	"skbaddr", "name", "len", "network_offset", "protocol", "hash", \
			"data_len", "gso_size"

static int gro_entry(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_skb skb = read_skb(engine, event);

	return trail_gro_enter(engine, event, &skb);
}

static int gro_exit(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_gro_exit(engine, event, gro_result(event));
}

static int backlog(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_skb skb = read_skb(engine, event);

	return trail_backlog(engine, event, &skb);
}

static int receive(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_skb skb = read_skb(engine, event);

	return trail_receive(engine, event, &skb);
}

static int queue(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_skb skb = read_skb(engine, event);

	return trail_tx_queue(engine, event, &skb);
}

static int start_xmit(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_skb skb = read_skb(engine, event);

	return trail_tx_start(engine, event, &skb);
}

/* include/linux/netdevice.h: enum netdev_tx, NETDEV_TX_BUSY = 0x10; others are qdisc codes. */
static int xmit(struct trail_engine *engine, const struct trail_event *event)
{
	int64_t rc = trail_s64(event, 1);

	return trail_tx_end(engine, event, trail_u64(event, 0),
			    rc == 0 ? TRAIL_TX_OK : rc == 0x10 ? TRAIL_TX_BUSY : TRAIL_TX_OTHER);
}

static const struct trail_row row[] = {
	{ "net:napi_gro_receive_entry", { SKB_FIELDS }, gro_entry,
	  TRAIL_PRESET_BOTH | TRAIL_ROW_BIRTH },
	{ "net:napi_gro_frags_entry", { SKB_FIELDS }, gro_entry,
	  TRAIL_PRESET_BOTH | TRAIL_ROW_BIRTH },
	{ "net:napi_gro_receive_exit", { "ret" }, gro_exit, TRAIL_PRESET_BOTH },
	{ "net:napi_gro_frags_exit", { "ret" }, gro_exit, TRAIL_PRESET_BOTH },
	{ "net:netif_rx_entry", { SKB_FIELDS }, backlog,
	  TRAIL_PRESET_NET | TRAIL_ROW_BIRTH },
	{ "net:netif_rx_ni_entry", { SKB_FIELDS }, backlog,
	  TRAIL_PRESET_NET | TRAIL_ROW_BIRTH },
	{ "net:netif_rx", { SKB_FIELDS }, backlog,
	  TRAIL_PRESET_BOTH | TRAIL_ROW_BIRTH },
	{ "net:netif_receive_skb_entry", { SKB_FIELDS }, backlog,
	  TRAIL_PRESET_BOTH | TRAIL_ROW_BIRTH },
	{ "net:netif_receive_skb_list_entry", { SKB_FIELDS }, backlog,
	  TRAIL_PRESET_BOTH | TRAIL_ROW_BIRTH },
	{ "net:netif_receive_skb", { SKB_FIELDS }, receive,
	  TRAIL_PRESET_BOTH | TRAIL_ROW_BIRTH },
	{ "net:net_dev_queue", { SKB_FIELDS }, queue,
	  TRAIL_PRESET_BOTH | TRAIL_ROW_BIRTH },
	{ "net:net_dev_start_xmit", { SKB_FIELDS }, start_xmit,
	  TRAIL_PRESET_BOTH | TRAIL_ROW_BIRTH },
	{ "net:net_dev_xmit", { "skbaddr", "rc" }, xmit, TRAIL_PRESET_BOTH },
	{ "net:net_dev_xmit_timeout", { 0 }, NULL, TRAIL_PRESET_NET },
	{ 0 }
};

TRAIL_PLUGIN(net) = { TRAIL_PLUGIN_ABI, "net", "devices: GRO, backlog, receive, transmit", row };
