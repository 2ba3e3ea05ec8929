// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-kernel-filter-errors.c - what is wrong with a packet filter, and where
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel-filter.h"

/* @is_wrong: by the language; else beyond what event filters can express. */
static const struct {
	const char *expr;
	unsigned int column;
	const char *text;
	bool is_wrong;
} wanted[] = {
	{ "", 1, "ends too early", true },
	{ "tcp and", 8, "ends too early", true },
	{ "10.0.0.1", 1, "syntax error at '10.0.0.1'", true },
	{ "tcp and 80", 9, "syntax error at '80'", true },
	{ "(host 1.2.3.4) or 5.6.7.8", 19, "syntax error", true },
	{ "tcp udp", 5, "syntax error at 'udp'", true },
	{ "tcp port 80 )", 13, "syntax error at ')'", true },
	{ "(tcp port 80", 13, "')' is expected", true },
	{ "tcp port 80 \"", 13, "syntax error at '\"'", true },
	{ "port 70000", 6, "65535", true },
	{ "port nosuchservice", 6, "no port is named", true },
	{ "ip port 80", 1, "'ip' has no ports", true },
	{ "udp host 1.2.3.4", 1, "'udp' has no such addresses", true },
	{ "ip6 host 1.2.3.4", 1, "'ip6' has no such", true },
	{ "host 1.2.3.4.5", 6, "not an address", true },
	{ "host 1.2.3.256", 6, "not an address", true },
	{ "host 1:2:3:4:5:6", 6, "write 'ether host", true },
	{ "ether host 10.0.0.1", 12, "not an Ethernet address", true },
	{ "tcp port 80 and host www.example.org", 22, "not looked up", false },
	{ "net 10.0.0.1/8", 5, "bits that its mask", true },
	{ "net 10.0.0.0/33", 14, "0 to 32", true },
	{ "net fe80:: mask 255.0.0.0", 17, "mask of an IPv4", true },
	{ "host 10.0.0.0/8", 14, "only 'net'", true },
	{ "tcp and gateway foo", 9, "'gateway' cannot be expressed", false },
	{ "ip protochain 6", 4, "'protochain' cannot", false },
	{ "ip broadcast", 4, "netmask is not known", false },
	{ "vlan 5 or vlan 6", 11, "second 'vlan'", false },
	{ "vlan 4096", 6, "4095", true },
	{ "vlan or tcp", 9, "not joined", false },
	{ "not vlan and tcp", 14, "not joined", false },
	{ "ether proto 0x8100", 13, "write 'vlan'", false },
	{ "ether proto 100", 13, "802.3", false },
	{ "ether[12:2] = 0x800", 1, "only the addresses", false },
	{ "mpls", 1, "'mpls' cannot", false },
	{ "tcp[13] + 1 = 3", 9, "cannot compute '+'", false },
	{ "tcp[13] * 2 = 4", 9, "cannot compute '*'", false },
	{ "tcp[ip[0]] = 4", 5, "must be a number", false },
	{ "tcp[2:3] = 4", 7, "1, 2 or 4 bytes", true },
	{ "tcp[2:2 = 4", 9, "']' is expected", true },
	{ "tcp[13] & 2", 12, "comparison is expected", true },
	{ "tcp[13] = udp[0]", 9, "with a number", false },
	{ "tcp[13] & 2 | 1 = 3", 13, "parentheses", false },
	{ "radio[0] = 3", 1, "cannot read 'radio[]'", false },
	{ "ip[2000] = 3", 1, "first 1024 bytes", false },
	{ "src portrange 1-70000", 17, "65535", true },
	{ "on a:b", 4, "name of a device", true },
	{ "on abcdefghijklmnop", 4, "name of a device", true },
	{ "src proto 6", 11, "no direction", true },
	{ "portrange 80-90 and not src portrange 1000-3000", 1, "the kernel takes", false },
};

static void test_refused(void **state)
{
	struct kernel_filter *filter;
	struct trail_error error;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		int err = kernel_filter_new(wanted[i].expr, &filter, &error);

		if (err != -EINVAL || !strstr(error.text, wanted[i].text) ||
		    error.column != wanted[i].column)
			fail_msg("'%s': %d, %s, column %u", wanted[i].expr, err, error.text,
				 error.column);
		assert_non_null(strstr(error.hint, wanted[i].is_wrong ? "pcap-filter(7)" :
				       "without --filter"));
	}
}

static void test_deep_nesting(void **state)
{
	struct kernel_filter *filter;
	struct trail_error error;
	char text[4000];

	memset(text, '(', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(kernel_filter_new(text, &filter, &error), -EINVAL);
	assert_non_null(strstr(error.text, "deeply"));
	memcpy(text + sizeof(text) - 9, "1 = 1   ", 8);
	assert_int_equal(kernel_filter_new(text, &filter, &error), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_deep_nesting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
