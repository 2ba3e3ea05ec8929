// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-filter.c - any text as a packet filter, of report (libpcap) and of record (our compiler)
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "kernel-filter.h"
#include "skbtrail.h"

static void match(const struct trail_packet_filter *filter)
{
	static const uint8_t frame[] = {
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0,
		10, 0, 0, 1, 10, 0, 0, 2, 1, 187, 200, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2,
	};
	struct trail_packet packet = {
		.dev = "eth0", .len = 40,
		.header = { .nr_bytes = sizeof(frame), .wire_len = 60,
			    .layer = TRAIL_LAYER_ETHERNET, .vlan = -1, .ipid = -1 },
	};
	uint8_t *exact = malloc(sizeof(frame));

	fuzz_check(exact, "memory");
	memcpy(exact, frame, sizeof(frame));
	packet.header.bytes = exact;
	fuzz_check(trail_packet_filter_match(filter, &packet) >= 0, "a packet matches or not");
	packet.header.nr_bytes = 20;
	trail_packet_filter_match(filter, &packet);
	free(exact);
}

static void compile_for_kernel(const char *text)
{
	static const struct packet_layout layout = {
		.data = "+208($skbaddr)", .page = "+0(+200($skbaddr))", .has_vlan_present = true,
	};
	struct kernel_filter *filter;
	struct blob blob = { 0 };
	struct trail_error error;
	int err = kernel_filter_new(text, &filter, &error);

	if (err) {
		fuzz_check(error.text[0], "a refused filter has a reason");
		fuzz_check(error.column <= strlen(text) + 1, "the place lies in the filter");
		return;
	}
	fuzz_check(kernel_filter_args(filter, &layout, &blob) >= 0, "arguments");
	fuzz_check(!kernel_filter_text(filter, &layout, &blob), "filter text");
	kernel_filter_free(filter);
	blob_release(&blob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct trail_packet_filter *filter;
	struct trail_error error;
	int err;

	fuzz_check(text, "memory");
	err = trail_packet_filter_new(text, &filter, &error);
	if (err) {
		fuzz_check(error.text[0], "a refused filter has a reason");
		fuzz_check(error.column <= strlen(text) + 1, "the place lies in the filter");
	} else {
		match(filter);
		trail_packet_filter_free(filter);
	}
	compile_for_kernel(text);
	free(text);
	return 0;
}
