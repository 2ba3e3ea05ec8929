// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-flush.c - packets that are asked for early are the same packets
 *
 *	test-flush DIRECTORY		the one that has 5.10/mixed.dat ...
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "skbtrail.h"

#define MAX_ID	4096

/* What came out of one run, by packet id. */
struct outcome {
	uint64_t end_ns[MAX_ID];
	uint8_t fate[MAX_ID];
	uint16_t nr_span[MAX_ID];
	uint16_t times[MAX_ID];
	size_t nr;
	size_t nr_early;	/* before the engine was told of the end */
};

static int add(void *data, const struct trail_packet *packet)
{
	struct outcome *out = data;

	assert_true(packet->id < MAX_ID);
	out->times[packet->id]++;
	out->end_ns[packet->id] = packet->end_ns;
	out->fate[packet->id] = packet->fate;
	out->nr_span[packet->id] = packet->nr_span;
	out->nr++;
	return 0;
}

static struct outcome *run(const char *path, bool flush)
{
	struct outcome *out = calloc(1, sizeof(*out));
	const struct trail_event *event;
	struct trail_capture *cap;
	struct trail_engine *engine;
	struct trail_error error;
	int nr;

	if (trail_capture_open(path, NULL, &cap, &error))
		fail_msg("%s", error.text);
	assert_int_equal(trail_engine_new(cap, add, out, &engine), 0);
	while ((nr = trail_capture_batch(cap, &event)) > 0) {
		assert_int_equal(trail_engine_events(engine, event, (size_t)nr), 0);
		if (flush)
			assert_int_equal(trail_engine_flush(engine), 0);
	}
	assert_int_equal(nr, 0);
	out->nr_early = out->nr;
	assert_int_equal(trail_engine_finish(engine), 0);
	trail_engine_free(engine);
	trail_capture_close(cap);
	return out;
}

static void test_flush(void **state)
{
	static const char *const kernel[] = { "5.10", "6.1", "6.12", "7.2" };
	char path[4096];

	for (size_t i = 0; i < sizeof(kernel) / sizeof(kernel[0]); i++) {
		struct outcome *whole, *parts;

		snprintf(path, sizeof(path), "%s/%s/mixed.dat", (char *)*state, kernel[i]);
		whole = run(path, false);
		parts = run(path, true);
		assert_true(whole->nr > 100);
		assert_true(parts->nr_early > whole->nr_early);
		assert_int_equal(whole->nr, parts->nr);
		assert_memory_equal(whole->times, parts->times, sizeof(whole->times));
		assert_memory_equal(whole->end_ns, parts->end_ns, sizeof(whole->end_ns));
		assert_memory_equal(whole->fate, parts->fate, sizeof(whole->fate));
		assert_memory_equal(whole->nr_span, parts->nr_span, sizeof(whole->nr_span));
		free(whole);
		free(parts);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_flush, argv[1]),
	};

	return argc == 2 ? cmocka_run_group_tests(tests, NULL, NULL) : 2;
}
