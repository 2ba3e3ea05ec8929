// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-drop-rules.c - the table of drop reasons: sorted, complete, and what it says of a drop
 *
 * Which reasons there are is told by the formats of real kernels in tests/fixtures/formats.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "skbtrail.h"

typedef const struct trail_drop_rule *(*at_fn)(size_t i);

static void check_list(at_fn at, bool place)
{
	const struct trail_drop_rule *rule, *last = NULL;

	for (size_t i = 0; (rule = at(i)); i++) {
		if (last)
			assert_true(strcmp(last->name, rule->name) < 0);
		last = rule;
		assert_non_null(rule->source);
		assert_true(strlen(rule->advice) > 20);
		assert_true(strlen(rule->advice) < 170);
		assert_in_range(rule->class, TRAIL_DROP_POLICY, TRAIL_DROP_BENIGN);
		assert_true(place || !rule->means);
		/* A function stands for a reason of the table, and for its class. */
		if (rule->means) {
			assert_non_null(trail_drop_reason(rule->means));
			assert_int_equal(trail_drop_reason(rule->means)->class, rule->class);
		}
		assert_ptr_equal(place ? trail_drop_place(rule->name)
				       : trail_drop_reason(rule->name), rule);
	}
	assert_non_null(last);
}

static void test_lists(void **state)
{
	(void)state;
	check_list(trail_drop_reason_at, false);
	check_list(trail_drop_place_at, true);
	assert_null(trail_drop_reason(NULL));
	assert_null(trail_drop_place(NULL));
	assert_null(trail_drop_reason("NO_SUCH_REASON"));
	assert_null(trail_drop_place("no_such_function"));
}

static void check_name(const char *kernel, const char *name, size_t len)
{
	char text[64];

	assert_true(len < sizeof(text));
	snprintf(text, sizeof(text), "%.*s", (int)len, name);
	if (!strcmp(text, "NOT_SPECIFIED") || !strcmp(text, "MAX") || trail_drop_reason(text))
		return;
	print_error("%s: no rule for %s\n", kernel, text);
	fail();
}

/* Every name in the kernel's own list of kfree_skb has a rule. */
static void check_kernel(const char *folder, const char *kernel)
{
	char path[400], text[16384];
	const char *at;
	size_t nr = 0, n;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/skb/kfree_skb.format", folder, kernel);
	file = fopen(path, "r");
	assert_non_null(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	at = strstr(text, "__print_symbolic(REC->reason");
	assert_non_null(at);
	while ((at = strchr(at, '"'))) {
		const char *end = strchr(++at, '"');

		assert_non_null(end);
		check_name(kernel, at, (size_t)(end - at));
		at = end + 1;
		nr++;
	}
	assert_true(nr > 50);
}

static void test_kernels(void **state)
{
	const char *folder = *state;

	check_kernel(folder, "6.1");
	check_kernel(folder, "6.12");
	check_kernel(folder, "7.2");
}

/* Every reason of net/sched/ is one of a qdisc's, and no other. */
static void test_qdisc(void **state)
{
	const struct trail_drop_rule *rule;

	(void)state;
	for (size_t i = 0; (rule = trail_drop_reason_at(i)); i++)
		assert_int_equal(trail_drop_is_qdisc(rule->name),
				 strstr(rule->source, "net/sched/sch_") ||
				 strstr(rule->name, "QDISC"));
	assert_false(trail_drop_is_qdisc("TC_EGRESS"));
	assert_false(trail_drop_is_qdisc(NULL));
}

static void test_explain(void **state)
{
	struct trail_drop drop = { .reason = "SOCKET_RCVBUFF", .symbol = "nf_hook_slow" };

	(void)state;
	assert_string_equal(trail_drop_explain(&drop)->name, "SOCKET_RCVBUFF");
	assert_false(trail_drop_is_unsaid(&drop));
	drop.reason = "NOT_SPECIFIED";
	assert_true(trail_drop_is_unsaid(&drop));
	assert_string_equal(trail_drop_explain(&drop)->means, "NETFILTER_DROP");
	drop.reason = NULL;
	assert_string_equal(trail_drop_explain(&drop)->name, "nf_hook_slow");
	drop.symbol = NULL;
	assert_null(trail_drop_explain(&drop));
	/* What a kernel that gives reasons would have said. */
	drop.symbol = "__udp4_lib_rcv";
	assert_string_equal(trail_drop_explain(&drop)->means, "NO_SOCKET");
	drop.reason = "NOT_SPECIFIED";
	assert_null(trail_drop_explain(&drop));
	drop.means = "IGNORED_MULTI";
	assert_int_equal(trail_drop_explain(&drop)->class, TRAIL_DROP_BENIGN);
	drop.reason = "MAC80211_UNUSABLE_5";
	assert_non_null(strstr(trail_drop_explain(&drop)->advice, "wireless"));
}

int main(int argc, char **argv)
{
	char formats[300];
	const struct CMUnitTest test[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test_prestate(test_kernels, formats),
		cmocka_unit_test(test_explain), cmocka_unit_test(test_qdisc),
	};

	if (argc < 2)
		return 2;
	snprintf(formats, sizeof(formats), "%s/../fixtures/formats", argv[1]);
	return cmocka_run_group_tests(test, NULL, NULL);
}
