/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kernel-filter.h - an expression of pcap-filter(7) -> filters of the events with packet bytes
 *
 * What the kernel's event filters cannot say is refused, with the place that is at fault.
 */
#ifndef KERNEL_FILTER_H
#define KERNEL_FILTER_H

#include <stdbool.h>

#include "blob.h"
#include "skbtrail.h"

struct kernel_filter;

/**
 * struct packet_layout - of the event that is filtered
 * @data: fetch text of skb->data, e.g. "+208($skbaddr)"
 * @page: NULL, or fetch text of where the network header is when the event's field "packet" is not
 *	  0: in a page, nothing but the link header has been copied to skb->data
 * @tx: skb->data is at the link header, where the device has one; else behind it
 * @has_vlan_present: the event has the field vlan_present (kernels before 6.2)
 *
 * Besides these an event has the fields name, len, protocol, arphrd, vlan_proto and vlan_tci.
 */
struct packet_layout {
	const char *data;
	const char *page;
	bool tx;
	bool has_vlan_present;
};

/*
 * Return: 0; -EINVAL with @error: the expression is wrong, cannot be expressed, or gets too long
 * for the kernel; -ENOMEM.
 */
int kernel_filter_new(const char *expr, struct kernel_filter **out, struct trail_error *error);
void kernel_filter_free(struct kernel_filter *filter);
/*
 * Adds " name=fetch:type" for each field that kernel_filter_text() names and the event lacks.
 * Return: their number, or -ENOMEM.
 */
int kernel_filter_args(const struct kernel_filter *filter, const struct packet_layout *layout,
		       struct blob *out);
/* Is that the name of a field that kernel_filter_args() makes? */
bool kernel_filter_is_field(const char *name, size_t length);
/* Adds the event filter.  Return: 0 or -ENOMEM. */
int kernel_filter_text(const struct kernel_filter *filter, const struct packet_layout *layout,
		       struct blob *out);

#endif /* KERNEL_FILTER_H */
