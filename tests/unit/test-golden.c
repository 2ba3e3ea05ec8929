// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-golden.c - the captures of four kernels: fields, names of values, symbols, tasks
 *
 *	test-golden DIRECTORY		the one that has 5.10/mixed.dat ...
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "skbtrail.h"

static const struct trail_row rows[] = {
	{ "skb:kfree_skb", { "skbaddr", "location", "reason", "protocol" } },
	{ "irq:softirq_entry", { "vec" } },
	{ "net:netif_receive_skb", { "skbaddr", "len", "name" } },
	{ "sched:sched_switch", { "prev_comm", "prev_pid", "next_pid" } },
	{ 0 }
};
static const struct trail_plugin plugin = { TRAIL_PLUGIN_ABI, "test", "test", rows };
static const struct trail_plugin *const plugins[] = { &plugin, NULL };

struct kernel {
	const char *name;
	const char *release;
	uint64_t nr_event;
	bool has_reason;
};

static const struct kernel kernels[] = {
	{ "5.10", "5.10.0-32-amd64", 15930, false },
	{ "6.1", "6.1.0-50-amd64", 12326, true },
	{ "6.12", "6.12.107+deb13-amd64", 14301, true },
	{ "7.2", "7.2.13+deb14-amd64", 16305, true },
};

static struct trail_capture *open_golden(const char *dir, const char *name)
{
	struct trail_capture_opts opts = { .plugin = plugins };
	struct trail_capture *cap;
	struct trail_error error;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s/mixed.dat", dir, name);
	if (trail_capture_open(path, &opts, &cap, &error))
		fail_msg("%s", error.text);
	return cap;
}

static void check_free(struct trail_capture *cap, const struct trail_event *event,
		       const struct kernel *kernel)
{
	struct trail_symbol symbol;
	const char *reason;

	assert_true(trail_u64(event, 0) >> 56 == 0xff);
	assert_int_equal(trail_capture_symbol(cap, trail_u64(event, 1), &symbol), 1);
	assert_true(symbol.name[0] && symbol.offset < 1 << 16);
	assert_int_equal(trail_has(event, 2), kernel->has_reason);
	reason = trail_capture_enum(cap, event->binding, 2, trail_u64(event, 2));
	if (!kernel->has_reason)
		return;
	assert_non_null(reason);
	assert_true(reason[0] >= 'A' && reason[0] <= 'Z');
}

static void check_event(struct trail_capture *cap, const struct trail_event *event,
			const struct kernel *kernel)
{
	const char *at;
	size_t len;

	if (!event->binding)
		return;
	if (event->binding->row == &rows[0])
		check_free(cap, event, kernel);
	if (event->binding->row == &rows[1] && trail_u64(event, 0) == 3)
		assert_string_equal(trail_capture_enum(cap, event->binding, 0, 3), "NET_RX");
	if (event->binding->row == &rows[2]) {
		at = trail_str(event, 2, &len);
		assert_non_null(at);
		assert_true(len > 1 && len < 16 && at[len] == 0);
	}
	if (event->binding->row == &rows[3]) {
		at = trail_str(event, 0, &len);
		assert_non_null(at);
		assert_true(len > 0 && len < 16);
		assert_int_equal(trail_s64(event, 1), event->pid);
	}
}

static void test_kernels(void **state)
{
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		struct trail_capture *cap = open_golden(*state, kernels[i].name);
		const struct trail_capture_info *info = trail_capture_info(cap);
		struct trail_event event;
		uint64_t nr = 0, last = 0;

		assert_string_equal(info->kernel, kernels[i].release);
		assert_string_equal(info->clock, "mono");
		assert_int_equal(info->nr_event, kernels[i].nr_event);
		while (trail_capture_next(cap, &event) > 0) {
			assert_true(event.ts_ns >= last);
			last = event.ts_ns;
			if (!nr++)
				assert_int_equal(event.ts_ns, info->start_ns);
			check_event(cap, &event, &kernels[i]);
		}
		assert_int_equal(nr, info->nr_event);
		assert_int_equal(last, info->end_ns);
		trail_capture_close(cap);
	}
}

static const struct trail_binding *find_binding(struct trail_capture *cap, size_t row)
{
	struct trail_event event;

	while (trail_capture_next(cap, &event) > 0) {
		if (event.binding && event.binding->row == &rows[row])
			return event.binding;
	}
	return NULL;
}

/* The numbers of drop reasons moved from kernel to kernel; the names are those of the capture. */
static void test_drop_reasons(void **state)
{
	static const struct { const char *kernel; uint64_t value; const char *name; } reason[] = {
		{ "6.1", 2, "NO_SOCKET" }, { "6.12", 3, "NO_SOCKET" },
		{ "7.2", 3, "NO_SOCKET" },
	};

	for (size_t i = 0; i < sizeof(reason) / sizeof(reason[0]); i++) {
		struct trail_capture *cap = open_golden(*state, reason[i].kernel);
		const struct trail_binding *binding = find_binding(cap, 0);

		assert_non_null(binding);
		assert_string_equal(trail_capture_enum(cap, binding, 2, reason[i].value),
				    reason[i].name);
		assert_null(trail_capture_enum(cap, binding, 2, 99999));
		trail_capture_close(cap);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_kernels, argc > 1 ? argv[1] : "."),
		cmocka_unit_test_prestate(test_drop_reasons, argc > 1 ? argv[1] : "."),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
