/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * parse.h - what the kernel says of its counters -> the counters; one file for each source
 *
 * Pure functions of their bytes.  Names are the source's: those that nobody here has heard of are
 * kept.  What is not as expected is left out, a line at a time.
 */
#ifndef COUNTERS_PARSE_H
#define COUNTERS_PARSE_H

#include "series.h"

/* /proc/net/snmp and netstat: names as nstat(8) has them, "UdpRcvbufErrors". */
void parse_snmp(const char *text, size_t size, struct tally *tally);
/* /proc/net/snmp6: "Udp6RcvbufErrors"; also other files of a name and a number a line. */
void parse_snmp6(const char *text, size_t size, struct tally *tally);
/* /proc/net/softnet_stat: an object for each CPU. */
void parse_softnet(const char *text, size_t size, struct tally *tally);
/* /proc/net/dev: an object for each device. */
void parse_dev(const char *text, size_t size, struct tally *tally);
/* /proc/net/udp and udp6: an object for each socket that has dropped something. */
void parse_udp(const char *text, size_t size, struct tally *tally);
/* /proc/net/sockstat and sockstat6: "UDP.mem" */
void parse_sockstat(const char *text, size_t size, struct tally *tally);

/**
 * struct parse_irqs - which lines of /proc/interrupts are wanted
 * @is_wanted: by number and the text behind the counts, @size bytes: "PCI-MSI 524288-edge nic0"
 */
struct parse_irqs {
	bool (*is_wanted)(void *data, unsigned int irq, const char *text, size_t size);
	void *data;
};

/* /proc/interrupts: an object for each, "35 nic0-rx-0", and a counter for each CPU. */
void parse_interrupts(const char *text, size_t size, const struct parse_irqs *irqs,
		      struct tally *tally);
/*
 * Of an ETHTOOL_GSTATS: @name are @nr texts of ETH_GSTRING_LEN bytes, and @value @nr numbers.
 * The object was named already.
 */
void parse_ethtool(const char *name, const uint64_t *value, size_t nr, struct tally *tally);

/**
 * struct parse_device - a device, as RTM_NEWLINK tells
 * @kind: "veth", "" where it is not said
 */
struct parse_device {
	char name[16];
	char kind[16];
	uint32_t index;
	bool is_up;
};

/* One message of a dump of RTM_GETLINK, of @size bytes: counters.  Return: is it a device? */
bool parse_link(const void *message, size_t size, struct parse_device *device, struct tally *tally);
/*
 * One message of a dump of RTM_GETQDISC.  @name tells the device of an index, NULL: none.
 * Return: is it a qdisc?
 */
bool parse_qdisc(const void *message, size_t size,
		 const char *(*name)(void *data, uint32_t index), void *data, struct tally *tally);

#endif /* COUNTERS_PARSE_H */
