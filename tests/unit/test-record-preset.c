// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-record-preset.c - rows of plugins -> what a dry run would switch on
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "skbtrail.h"

static const struct trail_row net_row[] = {
	{ .event = "net:netif_receive_skb", .preset = TRAIL_PRESET_BOTH },
	{ .event = "net:net_dev_queue", .preset = TRAIL_PRESET_NET },
	{ .event = "net:no_such_event", .preset = TRAIL_PRESET_NET },
	{ 0 }
};

static const struct trail_row other_row[] = {
	{ .event = "net:net_dev_queue", .preset = TRAIL_PRESET_NET },
	{ .event = "nosuch:event", .preset = TRAIL_PRESET_BOTH },
	{ .event = "net:netif_rx" },
	{ 0 }
};

static const struct trail_plugin net = { TRAIL_PLUGIN_ABI, "net", "", net_row };
static const struct trail_plugin other = { TRAIL_PLUGIN_ABI, "other", "", other_row };
static const struct trail_plugin *const plugin[] = { &net, &other, NULL };

struct seen {
	unsigned int nr_warning;
	unsigned int nr_enabled;
	char warning[200];
};

static void warn(void *data, const char *text)
{
	struct seen *seen = data;

	seen->nr_warning++;
	snprintf(seen->warning, sizeof(seen->warning), "%s", text);
}

static void dry_write(void *data, const char *path, const char *value)
{
	struct seen *seen = data;

	seen->nr_enabled += strstr(path, "/events/net/") && strstr(path, "/enable");
}

static int open_preset(unsigned int preset, struct seen *seen)
{
	struct trail_record_opts opts = {
		.output = "no-such-file.dat", .preset = preset, .plugin = plugin, .version = 7,
		.warn = warn, .dry_write = dry_write, .data = seen,
	};
	struct trail_record *record;
	struct trail_error error;
	int err;

	if (access("/sys/kernel/tracing/available_events", R_OK))
		skip();
	err = trail_record_open(&opts, &record, &error);
	if (!err)
		trail_record_free(record);
	return err;
}

static void test_each_event_once(void **state)
{
	struct seen seen = { 0 };

	assert_int_equal(open_preset(TRAIL_PRESET_NET, &seen), 0);
	assert_int_equal(seen.nr_enabled, 2);
	assert_int_equal(seen.nr_warning, 1);
	assert_string_equal(seen.warning, "this kernel lacks: net:no_such_event, nosuch:event");
}

static void test_minimal(void **state)
{
	struct seen seen = { 0 };

	assert_int_equal(open_preset(TRAIL_PRESET_MINIMAL, &seen), 0);
	assert_int_equal(seen.nr_enabled, 1);
	assert_string_equal(seen.warning, "this kernel lacks: nosuch:event");
}

static void test_nothing_to_record(void **state)
{
	struct seen seen = { 0 };

	assert_int_equal(open_preset(0, &seen), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_event_once),
		cmocka_unit_test(test_minimal),
		cmocka_unit_test(test_nothing_to_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
