// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-probe-errors.c - what is answered to mistakes in probes, and what can be probed
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fake-kernel.h"
#include "skbtrail.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* ---- mistakes */

static const struct { const char *spec; unsigned int column; const char *text, *hint; } wrong[] = {
	{ "rcx skb", 1, "no function 'rcx'", "did you mean rcv? Else it is inlined in this "
	  "kernel, or its module is not loaded" },
	{ "nothing_like_it", 1, "no function", "probe functions" },
	{ "static_fn", 1, "static_fn.constprop.0", "static_fn.constprop.0 $arg1" },
	{ "dev_queue_xmit", 1, "is inlined", "__dev_queue_xmit" },
	{ "skb_queue_empty", 1, "is inlined", "around it: process_backlog" },
	{ "rcv sbk", 5, "no argument 'sbk'", "rcv has: skb" },
	{ "rcv skb->lenn", 10, "struct sk_buff has no member 'lenn'", "did you mean len?" },
	{ "rcv skb->qqqqqqqq", 10, "no member", "it has: next, dev, dev_scratch, sk, len" },
	{ "rcv skb->dev->nam", 15, "struct net_device has no member", "name" },
	{ "rcv skb.len", 9, "skb is a pointer, struct sk_buff *", "use ->" },
	{ "rcv skb->len->x", 15, "len is no pointer, but unsigned int", "" },
	{ "rcv skb->sk->__sk_common", 5, "whole structure", "skc_daddr, skc_dport" },
	{ "rcv *skb", 5, "whole structure", "" },
	{ "rcv *skb->len", 5, "no pointer", "" },
	{ "rcv skb->cb[48]", 13, "48 elements only", "" },
	{ "rcv skb->cb[0..49]", 13, "48 elements only", "" },
	{ "rcv skb->data[0..600]:hex", 5, "more than 512 bytes", "" },
	{ "rcv skb->len:u128", 14, "no type 'u128'", "be16" },
	{ "rcv skb->pkt_type:u8", 19, "bit field", "" },
	{ "rcv &skb->len", 5, "the address of len", "" },
	{ "rcv &skb", 5, "no address", "" },
	{ "rcv ((struct foo *)skb)->x", 14, "no type 'struct foo'", "" },
	{ "rcv ((sk_buff *)skb)->x", 7, "no type 'sk_buff'", "'struct' stands before" },
	{ "rcv $retval", 5, "no return value here", "rcv%return" },
	{ "rcv $foo", 5, "no value '$foo'", "$comm" },
	{ "rcv+0x10 skb", 10, "where 'skb' is at this place", "name a register" },
	{ "rcv+0x10 $arg1", 10, "at the start of a function only", "" },
	{ "rcv a=skb a=skb", 11, "called a already", "" },
	{ "rcv common_pid=skb", 5, "every event has one", "" },
	{ "connect *buf", 9, "has no type", "*p:u32" },
	{ "connect buf->x", 14, "no structure, but points to void", "a cast" },
	{ "by_value last", 10, "passed in memory", "" },
	{ "unknown_types skb", 15, "names of arguments are not known", "$arg1" },
	{ "rcv if len > 5", 8, "no argument 'len'", "did you mean skb->len? rcv has: skb" },
	{ "rcv len", 5, "no argument 'len'", "did you mean skb->len? rcv has: skb" },
	{ "rcv if sport == 80", 8, "no argument 'sport'", "rcv has: skb; or name a value before" },
	{ "rcv l=skb->len if lenn > 5", 19, "no argument 'lenn'",
	  "rcv has: skb; values named before 'if': l" },
	{ "rcv skb->len, skb->sk", 13, "',' is not expected here", "blanks separate values" },
	{ "rcv (struct tcp_sock *)skb->sk->rcv_nxt", 33, "struct sock has no member 'rcv_nxt'",
	  "two pairs of parentheses: ((struct tcp_sock *)sk)->rcv_nxt" },
	{ "rcv *(struct wide *)skb", 5, "whole structure", "a_long_name_of_a_member_number_7 ...; "
	  "or add :hex" },
	{ "rcv skb->len if len == x", 24, "no enumerator", "" },
	{ "rcv skb->len if len == 'x'", 24, "compared with a string", "" },
	{ "rcv skb->len if len == -1", 24, "never negative", "" },
	{ "rcv skb->pkt_type if pkt_type == 256", 34, "never that large", "" },
	{ "rcv p=skb->sk->sk_dport if p > 80", 30, "network byte order", "==" },
	{ "rcv skb->cb if cb == 1", 16, "no arrays", "one element" },
	{ "rcv skb->dev->name if name > 'a'", 28, "== != and =~", "" },
	{ "rcv skb->dev->name if name == 5", 31, "with a number", "" },
	{ "rcv skb->len if len =~ 'a'", 21, "for strings", "" },
	{ "net:netif_rx skb", 14, "no field 'skb'", "skbaddr, len, name" },
	{ "net:netif_rx saddr6", 14, "arrays of an event", "" },
	{ "net:netif_rx%return", 13, "no function", "" },
	{ "net:netif_rx len $arg1", 18, "no value '$arg1'", "" },
	{ "net:netif_rx if lenn > 5", 17, "no field 'lenn'", "" },
	{ "net:netif_rxx len", 5, "no event 'netif_rxx' in 'net'", "did you mean netif_rx?" },
	{ "net:qqqqqqqq", 5, "no event 'qqqqqqqq' in 'net'", "functions 'net:*'" },
	{ "nett:netif_rx", 1, "no event system, loaded module, program or library 'nett'",
	  "did you mean the events of net?" },
	{ "nf_conntrakc:nf_conntrack_in", 1, "no event system, loaded module", "load the module" },
	{ "vmlinux:rcx", 9, "no function 'rcx'", "did you mean rcv?" },
};

static void answers_mistakes(void **state)
{
	struct probe_kernel kernel;

	fake_kernel_init(&kernel, readme_6_12);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct probe_set set = { .group = "g" };
		struct trail_error error;

		if (!probe_set_add(&set, &kernel, wrong[i].spec, &error))
			fail_msg("'%s' is taken", wrong[i].spec);
		if (error.column != wrong[i].column || !strstr(error.text, wrong[i].text) ||
		    !strstr(error.hint, wrong[i].hint))
			fail_msg("'%s': column %u: %s; hint: %s", wrong[i].spec, error.column,
				 error.text, error.hint);
		assert_int_equal(set.nr_event, 0);
		probe_set_release(&set);
	}
	probe_kernel_release(&kernel);
}

static void needs_types_for_names_only(void **state)
{
	struct probe_set set = { .group = "g" };
	struct probe_kernel kernel;
	struct trail_error error;

	fake_kernel_init(&kernel, readme_6_12);
	kernel.btf_dir = FAKE_KERNEL_DIR "/events";
	assert_int_equal(probe_set_add(&set, &kernel, "rcv skb->len", &error), -EINVAL);
	assert_int_equal(error.column, 5);
	assert_non_null(strstr(error.text, "no type information (BTF)"));
	assert_int_equal(probe_set_add(&set, &kernel, "rcv $arg1:u32 %di:x64", &error), 0);
	assert_string_equal(set.event[0].plan[0].line[0].text,
			    "f:g/rcv rcv arg1=$arg1:u32 di=%di:x64");
	probe_set_release(&set);
	probe_kernel_release(&kernel);
}

static void explains_refusals(void **state)
{
	struct probe_kernel kernel;
	struct trail_error error;
	struct spec *spec;

	fake_kernel_init(&kernel, readme_6_12);
	assert_int_equal(spec_parse("forbidden", &spec, &error), 0);
	probe_kernel_explain(&kernel, spec, &error);
	assert_non_null(strstr(error.text, "blacklist"));
	spec_free(spec);
	assert_int_equal(spec_parse("__dev_queue_xmit", &spec, &error), 0);
	probe_kernel_explain(&kernel, spec, &error);
	assert_non_null(strstr(error.text, "notrace"));
	spec_free(spec);
}

/* ---- lists */

struct seen { char text[512]; };

static int see(void *data, const char *name, const char *module)
{
	struct seen *seen = data;

	probe_add_text(seen->text, sizeof(seen->text), "%s[%s] ", name, module);
	return 0;
}

static int see_event(void *data, const char *text)
{
	struct seen *seen = data;

	probe_add_text(seen->text, sizeof(seen->text), "%s ", text);
	return 0;
}

static void lists_events(void **state)
{
	struct probe_kernel kernel;
	struct seen seen = { "" };

	fake_kernel_init(&kernel, readme_6_12);
	assert_int_equal(probe_kernel_walk_events(&kernel, "net", "n*x", see_event, &seen), 0);
	assert_string_equal(seen.text, "net:netif_rx(void * skbaddr, unsigned int len, "
			    "char[] name, __u8 saddr6[16]) ");
	assert_int_equal(probe_kernel_walk_events(&kernel, "net", "x*", see_event, &seen), 0);
	assert_int_equal(probe_kernel_walk_events(&kernel, "nett", "*", see_event, &seen),
			 -ENOENT);
	assert_true(probe_kernel_is_module(&kernel, "vmlinux"));
	assert_false(probe_kernel_is_module(&kernel, "."));
	probe_kernel_release(&kernel);
}

static void lists_functions(void **state)
{
	struct probe_kernel kernel;
	struct seen seen = { "" };
	const struct probe_btf *btf;
	char text[200];

	fake_kernel_init(&kernel, readme_6_12);
	assert_int_equal(probe_kernel_walk_functions(&kernel, "*", see, &seen), 0);
	assert_string_equal(seen.text,
			    "rcv[] window[] connect[] by_value[] unknown_types[] mod_fn[mod] ");
	assert_int_equal(probe_kernel_btf(&kernel, NULL, &btf), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(probe_btf_signature(btf, "window", text, sizeof(text)), 0);
		assert_string_equal(text, "void window(struct sock *sk, int __space, "
				    "unsigned int *rcv_wnd)");
		assert_int_equal(probe_btf_signature(btf, "windo", text, sizeof(text)), -ENOENT);
		assert_int_equal(probe_btf_index(kernel.btf), 0);
	}
	probe_kernel_release(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_mistakes),
		cmocka_unit_test(needs_types_for_names_only),
		cmocka_unit_test(explains_refusals),
		cmocka_unit_test(lists_functions),
		cmocka_unit_test(lists_events),
	};

	return cmocka_run_group_tests(tests, fake_kernel_make, fake_kernel_remove);
}
