// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-where.c - any text as an expression of report --where
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "skbtrail.h"

static void match(const struct trail_where *where)
{
	const struct trail_span span[] = {
		{ .start_ns = 1000, .end_ns = 2000, .stage = &trail_stage[TRAIL_STAGE_QUEUE],
		  .pid = 1, .comm = "reader" },
		{ .start_ns = 2000, .end_ns = 9000, .stage = &trail_stage[TRAIL_STAGE_COPY],
		  .pid = -1 },
	};
	struct trail_packet packet = {
		.id = 1, .start_ns = 1000, .end_ns = 9000, .len = 60, .dev = "eth0", .span = span,
		.nr_span = 2, .reader_pid = 231, .reader_comm = "reader", .wake_ns = -1,
		.flow = { .family = 4, .protocol = 6, .sport = 1, .dport = 443 },
		.header = { .ipid = -1, .vlan = 7 },
	};
	const struct trail_packet empty = { .len = -1, .reader_pid = -1 };

	trail_where_match(where, &packet);
	packet.flow.family = 6;
	packet.dir = TRAIL_TX;
	trail_where_match(where, &packet);
	trail_where_match(where, &empty);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct trail_error error;
	struct trail_where *where;
	int err;

	fuzz_check(text, "memory");
	err = trail_where_new(text, &where, &error);
	if (err) {
		fuzz_check(error.text[0], "a refused expression has a reason");
		fuzz_check(error.column <= strlen(text) + 1, "the place lies in the expression");
	} else {
		match(where);
		trail_where_free(where);
	}
	free(text);
	return 0;
}
