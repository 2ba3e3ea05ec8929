// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-counters-parse.c - what four kernels say of their counters -> numbers
 *
 * tests/counters/KERNEL has the files of guests in which 50 datagrams were sent to a small socket
 * of IPv4 and one of IPv6 each: what different files say of these must be the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/gen_stats.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "../../lib/counters/parse.h"

typedef void parser(const char *text, size_t size, struct tally *tally);

static const char *folder;
static const char *const kernel[] = { "5.10", "6.1", "6.12", "7.2" };

#define NR_KERNEL	(sizeof(kernel) / sizeof(kernel[0]))

static char *read_text(const char *release, const char *name, size_t *size)
{
	char path[512], *text = malloc(1 << 16);
	FILE *file;

	snprintf(path, sizeof(path), "%s/../counters/%s/%s", folder, release, name);
	file = fopen(path, "r");
	assert_non_null(file);
	*size = fread(text, 1, 1 << 16, file);
	fclose(file);
	/* Without anything behind the end: the sanitizer sees who reads there. */
	return realloc(text, *size);
}

static void parse_irqs_all(const char *text, size_t size, struct tally *tally)
{
	parse_interrupts(text, size, NULL, tally);
}

static const struct { const char *file; const char *source; parser *parse; } source[] = {
	{ "snmp", "snmp", parse_snmp }, { "snmp6", "snmp6", parse_snmp6 },
	{ "netstat", "netstat", parse_snmp }, { "softnet_stat", "softnet", parse_softnet },
	{ "dev", "dev", parse_dev }, { "udp", "udp", parse_udp }, { "udp6", "udp6", parse_udp },
	{ "sockstat", "sockstat", parse_sockstat }, { "interrupts", "interrupts", parse_irqs_all },
};

#define NR_SOURCE	(sizeof(source) / sizeof(source[0]))

static struct trail_counters *read_kernel(const char *release)
{
	struct trail_counters *series = series_new();
	struct tally tally;

	series_look(series, 1000);
	for (size_t i = 0; i < NR_SOURCE; i++) {
		size_t size;
		char *text = read_text(release, source[i].file, &size);

		tally_begin(&tally, series, SERIES_HOST, source[i].source);
		source[i].parse(text, size, &tally);
		assert_int_equal(tally_end(&tally), 0);
		free(text);
	}
	return series;
}

static bool find(const struct trail_counters *series, const char *from, const char *object,
		 const char *name, struct trail_counter *out)
{
	struct trail_counters_at at = { 0 };

	while (trail_counters_next(series, &at, out))
		if (!strcmp(out->source, from) && !strcmp(out->name, name) &&
		    !strncmp(out->object, object, strlen(object)))
			return true;
	return false;
}

static uint64_t value(const struct trail_counters *series, const char *from, const char *object,
		      const char *name)
{
	struct trail_counter counter;

	if (!find(series, from, object, name, &counter))
		fail_msg("no %s %s %s", from, object, name);
	return counter.last;
}

static void test_sockets(void **state)
{
	static const uint64_t dropped[NR_KERNEL] = { 46, 46, 46, 47 };
	struct trail_counter counter;

	for (size_t i = 0; i < NR_KERNEL; i++) {
		struct trail_counters *series = read_kernel(kernel[i]);

		assert_int_equal(value(series, "snmp", "", "UdpRcvbufErrors"), dropped[i]);
		assert_int_equal(value(series, "snmp", "", "UdpInErrors"), dropped[i]);
		assert_int_equal(value(series, "snmp", "", "UdpOutDatagrams"), 50);
		assert_int_equal(value(series, "udp", "127.0.0.1:5000 inode ", "drops"),
				 dropped[i]);
		assert_int_equal(value(series, "snmp6", "", "Udp6RcvbufErrors"), dropped[i]);
		assert_int_equal(value(series, "udp6", "[::1]:5001 inode ", "drops"), dropped[i]);
		/* Those that have not dropped anything are left out. */
		assert_false(find(series, "udp", "0.0.0.0", "drops", &counter));
		assert_int_equal(value(series, "sockstat", "", "UDP.inuse"), 2);
		assert_true(find(series, "sockstat", "", "FRAG.memory", &counter));
		assert_true(counter.flags & TRAIL_COUNTER_GAUGE);
		/* Since 5.12 */
		assert_int_equal(find(series, "snmp", "", "UdpMemErrors", &counter), i > 0);
		trail_counters_free(series);
	}
}

static void test_devices(void **state)
{
	static const uint64_t processed[NR_KERNEL][2] = {
		{ 0x66, 7 }, { 0x68, 5 }, { 4, 0x69 }, { 0x68, 5 },
	};
	static const char *const irq[NR_KERNEL] = {
		"32 nic0-rx-0", "32 nic0-rx-0", "32 nic0-rx-0", "32 nic0-rx-0",
	};
	static const uint64_t count[NR_KERNEL] = { 10, 6, 8, 8 };
	struct trail_counter counter;

	for (size_t i = 0; i < NR_KERNEL; i++) {
		struct trail_counters *series = read_kernel(kernel[i]);
		uint64_t all = value(series, "softnet", "cpu0", "processed") +
			       value(series, "softnet", "cpu1", "processed");

		assert_int_equal(value(series, "softnet", "cpu0", "processed"), processed[i][0]);
		assert_int_equal(value(series, "softnet", "cpu1", "processed"), processed[i][1]);
		/* Loopback, and what came in by the NIC. */
		assert_in_range(all - value(series, "dev", "lo", "rx_packets"), 1, 20);
		assert_int_equal(value(series, "dev", "lo", "rx_packets"),
				 value(series, "dev", "lo", "tx_packets"));
		assert_true(find(series, "dev", "nic0", "tx_compressed", &counter));
		assert_int_equal(value(series, "interrupts", irq[i], "CPU0"), count[i]);
		assert_int_equal(value(series, "interrupts", irq[i], "CPU1"), 0);
		assert_true(find(series, "netstat", "", "TcpExtListenOverflows", &counter));
		assert_true(find(series, "netstat", "", "IpExtInOctets", &counter));
		trail_counters_free(series);
	}
}

/* Each prefix of each file: nothing is read behind its end, and numbers are not made up. */
static void test_cut(void **state)
{
	for (size_t i = 0; i < NR_SOURCE; i++) {
		size_t size;
		char *text = read_text("7.2", source[i].file, &size);

		for (size_t cut = 0; cut < size; cut += 1 + cut / 64) {
			struct trail_counters *series = series_new();
			char *copy = malloc(cut + !cut);
			struct tally tally;

			memcpy(copy, text, cut);
			series_look(series, 1);
			tally_begin(&tally, series, SERIES_HOST, source[i].source);
			source[i].parse(copy, cut, &tally);
			assert_int_equal(tally_end(&tally), 0);
			free(copy);
			trail_counters_free(series);
		}
		free(text);
	}
}

static void test_odd_text(void **state)
{
	static const char snmp[] = "New: Brand x\nNew: 7 notanumber\nBad: a\nOther: 5\n";
	static const char softnet[] =
		"00000001 00000002 00000003 00000000 00000000 00000000 00000000 00000000 00000000 "
		"00000000 00000000 00000004 00000009 00000005 00000006 0000000b\n";
	struct trail_counters *series = series_new();
	struct trail_counter counter;
	struct tally tally;

	series_look(series, 1);
	tally_begin(&tally, series, SERIES_HOST, "snmp");
	parse_snmp(snmp, sizeof(snmp) - 1, &tally);
	assert_int_equal(tally_end(&tally), 0);
	/* What nobody here knows is kept; what is no number is not. */
	assert_int_equal(value(series, "snmp", "", "NewBrand"), 7);
	assert_false(find(series, "snmp", "", "Newx", &counter));
	assert_false(find(series, "snmp", "", "Bada", &counter));
	tally_begin(&tally, series, SERIES_HOST, "softnet");
	parse_softnet(softnet, sizeof(softnet) - 1, &tally);
	assert_int_equal(tally_end(&tally), 0);
	assert_int_equal(value(series, "softnet", "cpu9", "dropped"), 2);
	assert_int_equal(value(series, "softnet", "cpu9", "process_qlen"), 6);
	assert_int_equal(value(series, "softnet", "cpu9", "column_16"), 11);
	trail_counters_free(series);
}

static void test_ethtool(void **state)
{
	char name[3 * ETH_GSTRING_LEN] = "rx_missed_errors";
	const uint64_t number[] = { 5000, 1, 2 };
	struct trail_counters *series = series_new();
	struct trail_counter counter;
	struct tally tally;

	memset(name + ETH_GSTRING_LEN, 'x', ETH_GSTRING_LEN);
	memset(name + 2 * ETH_GSTRING_LEN, ' ', ETH_GSTRING_LEN);
	series_look(series, 1);
	tally_begin(&tally, series, SERIES_HOST, "ethtool");
	tally_object(&tally, "nic0", 2);
	parse_ethtool(name, number, 3, &tally);
	assert_int_equal(tally_end(&tally), 0);
	assert_int_equal(value(series, "ethtool", "nic0", "rx_missed_errors"), 5000);
	assert_int_equal(value(series, "ethtool", "nic0", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), 1);
	assert_false(find(series, "ethtool", "nic0", "", &counter));
	trail_counters_free(series);
}

/* ---- netlink */

static struct nlmsghdr *put_link(char *buffer, const char *name, size_t stats_bytes)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	uint64_t stat[32];
	struct ifinfomsg *link;

	for (uint64_t i = 0; i < 32; i++)
		stat[i] = 100 + i;
	header->nlmsg_type = RTM_NEWLINK;
	link = mnl_nlmsg_put_extra_header(header, sizeof(*link));
	link->ifi_index = 7;
	link->ifi_flags = 1;
	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	mnl_attr_put(header, IFLA_STATS64, stats_bytes, stat);
	return header;
}

static void test_link(void **state)
{
	char buffer[1024];
	struct nlmsghdr *header = put_link(buffer, "nic0", 27 * 8);
	struct trail_counters *series = series_new();
	struct parse_device device;
	struct tally tally;

	series_look(series, 1);
	tally_begin(&tally, series, SERIES_HOST, "dev");
	assert_true(parse_link(header, header->nlmsg_len, &device, &tally));
	assert_int_equal(tally_end(&tally), 0);
	assert_string_equal(device.name, "nic0");
	assert_int_equal(device.index, 7);
	assert_true(device.is_up);
	/* struct rtnl_link_stats64 */
	assert_int_equal(value(series, "dev", "nic0", "rx_missed_errors"), 100 +
			 offsetof(struct rtnl_link_stats64, rx_missed_errors) / 8);
	assert_int_equal(value(series, "dev", "nic0", "tx_window_errors"), 100 +
			 offsetof(struct rtnl_link_stats64, tx_window_errors) / 8);
	assert_int_equal(value(series, "dev", "nic0", "rx_nohandler"), 100 +
			 offsetof(struct rtnl_link_stats64, rx_nohandler) / 8);
	assert_int_equal(value(series, "dev", "nic0", "stat64_26"), 126);
	/* Cut, the message is none. */
	for (size_t size = 0; size < header->nlmsg_len; size++) {
		char *copy = malloc(size + !size);

		memcpy(copy, header, size);
		assert_false(parse_link(copy, size, &device, &tally));
		free(copy);
	}
	trail_counters_free(series);
}

static const char *name_of(void *data, uint32_t index)
{
	return index == 7 ? "nic0" : NULL;
}

static struct nlmsghdr *put_qdisc(char *buffer, int index)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct gnet_stats_queue queue = { 3, 4, 5, 6, 7 };
	char basic[12] = { 0 };
	struct nlattr *nest;
	struct tcmsg *tc;

	header->nlmsg_type = RTM_NEWQDISC;
	tc = mnl_nlmsg_put_extra_header(header, sizeof(*tc));
	tc->tcm_ifindex = index;
	tc->tcm_handle = 0x80010000;
	tc->tcm_parent = TC_H_ROOT;
	mnl_attr_put_strz(header, TCA_KIND, "fq_codel");
	nest = mnl_attr_nest_start(header, TCA_STATS2);
	mnl_attr_put(header, TCA_STATS_BASIC, sizeof(basic), basic);
	mnl_attr_put(header, TCA_STATS_QUEUE, sizeof(queue), &queue);
	mnl_attr_nest_end(header, nest);
	return header;
}

static void test_qdisc(void **state)
{
	char buffer[1024];
	struct nlmsghdr *header = put_qdisc(buffer, 7);
	struct trail_counters *series = series_new();
	const char *object = "nic0 fq_codel 8001: root";
	struct trail_counter counter;
	struct tally tally;

	series_look(series, 1);
	tally_begin(&tally, series, SERIES_HOST, "qdisc");
	assert_true(parse_qdisc(header, header->nlmsg_len, name_of, NULL, &tally));
	assert_int_equal(tally_end(&tally), 0);
	assert_int_equal(value(series, "qdisc", object, "qlen"), 3);
	assert_int_equal(value(series, "qdisc", object, "backlog"), 4);
	assert_int_equal(value(series, "qdisc", object, "drops"), 5);
	assert_int_equal(value(series, "qdisc", object, "requeues"), 6);
	assert_int_equal(value(series, "qdisc", object, "overlimits"), 7);
	assert_true(find(series, "qdisc", object, "qlen", &counter));
	assert_true(counter.flags & TRAIL_COUNTER_GAUGE);
	/* Of a device that has gone meanwhile. */
	header = put_qdisc(buffer, 8);
	assert_false(parse_qdisc(header, header->nlmsg_len, name_of, NULL, &tally));
	for (size_t size = 0; size < header->nlmsg_len; size++) {
		char *copy = malloc(size + !size);

		memcpy(copy, header, size);
		assert_false(parse_qdisc(copy, size, name_of, NULL, &tally));
		free(copy);
	}
	trail_counters_free(series);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sockets), cmocka_unit_test(test_devices),
		cmocka_unit_test(test_cut), cmocka_unit_test(test_odd_text),
		cmocka_unit_test(test_ethtool), cmocka_unit_test(test_link),
		cmocka_unit_test(test_qdisc),
	};

	folder = argc > 1 ? argv[1] : "tests/golden";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
