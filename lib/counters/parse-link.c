// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * parse-link.c - messages RTM_NEWLINK -> the counters of a device
 *
 * struct rtnl_link_stats64 grows at its end: an older kernel sends less of it, a newer one more
 * than there is a name for.
 */
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "parse.h"

static const char *const stat_name[] = {
	"rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "rx_errors", "tx_errors", "rx_dropped",
	"tx_dropped", "multicast", "collisions", "rx_length_errors", "rx_over_errors",
	"rx_crc_errors", "rx_frame_errors", "rx_fifo_errors", "rx_missed_errors",
	"tx_aborted_errors", "tx_carrier_errors", "tx_fifo_errors", "tx_heartbeat_errors",
	"tx_window_errors", "rx_compressed", "tx_compressed", "rx_nohandler",
	"rx_otherhost_dropped",
};

#define NR_STAT	(sizeof(stat_name) / sizeof(stat_name[0]))

static void take_stats(const struct nlattr *attr, struct tally *tally)
{
	const char *payload = mnl_attr_get_payload(attr);
	size_t nr = mnl_attr_get_payload_len(attr) / sizeof(uint64_t);
	uint64_t value;

	for (size_t i = 0; i < nr; i++) {
		char other[24];

		/* They are aligned to four bytes only. */
		memcpy(&value, payload + i * sizeof(value), sizeof(value));
		snprintf(other, sizeof(other), "stat64_%zu", i);
		tally_name(tally, i < NR_STAT ? stat_name[i] : other, value);
	}
}

static void copy_text(const struct nlattr *attr, char *to, size_t size)
{
	size_t n = mnl_attr_get_payload_len(attr);
	const char *text = mnl_attr_get_payload(attr);

	n = strnlen(text, n < size - 1 ? n : size - 1);
	memcpy(to, text, n);
	to[n] = '\0';
}

static void take_info(const struct nlattr *info, struct parse_device *device)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, info)
		if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
			copy_text(attr, device->kind, sizeof(device->kind));
}

bool parse_link(const void *message, size_t size, struct parse_device *device, struct tally *tally)
{
	const struct nlmsghdr *header = message;
	const struct nlattr *attr, *stats = NULL;
	const struct ifinfomsg *link;

	if (size > INT32_MAX || !mnl_nlmsg_ok(header, (int)size) ||
	    header->nlmsg_type != RTM_NEWLINK ||
	    mnl_nlmsg_get_payload_len(header) < sizeof(*link))
		return false;
	link = mnl_nlmsg_get_payload(header);
	*device = (struct parse_device){ .index = (uint32_t)link->ifi_index,
					 .is_up = link->ifi_flags & IFF_UP };
	mnl_attr_for_each(attr, header, sizeof(*link)) {
		if (mnl_attr_get_type(attr) == IFLA_IFNAME)
			copy_text(attr, device->name, sizeof(device->name));
		else if (mnl_attr_get_type(attr) == IFLA_STATS64)
			stats = attr;
		else if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
			take_info(attr, device);
	}
	if (!*device->name || !stats)
		return false;
	tally_object(tally, device->name, device->index);
	take_stats(stats, tally);
	return true;
}
