// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-header.c - any bytes as the beginning of a packet
 *
 * The first byte is the layer, the next four the length on the wire.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/header-parse.h"
#include "fuzz.h"

#define HEAD	5

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trail_header header = { 0 };
	struct header_facts facts;
	uint8_t *bytes;
	uint32_t used;

	if (size < HEAD || size - HEAD > UINT16_MAX)
		return 0;
	header.layer = data[0] % 4;
	memcpy(&header.wire_len, data + 1, sizeof(header.wire_len));
	header.nr_bytes = (uint16_t)(size - HEAD);
	/* Of just that size: what is read behind it is seen. */
	bytes = malloc(header.nr_bytes ? header.nr_bytes : 1);
	fuzz_check(bytes, "memory");
	memcpy(bytes, data + HEAD, header.nr_bytes);
	header.bytes = bytes;
	header_parse(&header, &facts);
	fuzz_check(facts.vlan >= -1 && facts.vlan < 4096, "a VLAN has 12 bits");
	fuzz_check(facts.ipid >= -1 && facts.ipid <= UINT16_MAX, "an IP id has 16 bits");
	fuzz_check(!facts.inner.family || facts.tunnel, "what is inside is in a tunnel");
	used = trail_header_size(header.bytes, header.nr_bytes, header.layer);
	fuzz_check(used <= header.nr_bytes, "headers are no longer than the packet");
	free(bytes);
	return 0;
}
