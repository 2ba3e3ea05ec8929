// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-probe-emit.c - probes on kernels with more and with fewer features: what is written for
 * them, and how their fields are shown
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

/* ---- what is written */

struct emit_case { const char *spec, *fields, *filter; };

/* At the entry, first form; "PLACE" is left out before fields. */
static const struct emit_case entry[] = {
	{ "rcv skb->len", " len=+24($arg1):u32", NULL },
	{ "rcv skb", " skb=$arg1:x64", NULL },
	{ "rcv skb->dev->name skb->dev->mtu", " name=+0(+8($arg1)):string mtu=+16(+8($arg1)):u32",
	  NULL },
	{ "rcv a=skb->sk->__sk_common.skc_dport", " a=+4(+16($arg1)):u16", NULL },
	{ "rcv skb->sk->sk_state skb->sk->sk_err",
	  " sk_state=+8(+16($arg1)):u8 sk_err=+12(+16($arg1)):s32", NULL },
	{ "rcv skb->pkt_type skb->cloned",
	  " pkt_type=+28($arg1):b3@0/8 cloned=+28($arg1):b1@3/8", NULL },
	{ "rcv skb->cb skb->cb[4..8]", " cb=+32($arg1):x8[48] cb_2=+36($arg1):x8[4]", NULL },
	{ "rcv skb->cb[3]", " cb=+35($arg1):u8", NULL },
	{ "rcv skb->data[0..32]:hex *skb->data skb->data",
	  " data=+0(+80($arg1)):x8[32] data_2=+0(+80($arg1)):u8 data_3=+80($arg1):x64", NULL },
	{ "rcv skb->data[2..102]:hex", " data=+2(+80($arg1)):x64[13]", NULL },
	{ "rcv skb->data:x16[4] skb->data[0..4]:u16",
	  " data=+0(+80($arg1)):x16[4] data_2=+0(+80($arg1)):u16[4]", NULL },
	{ "rcv skb->len:x32 $arg1:u64 skb->len:hex", " len=+24($arg1):x32 arg1=$arg1:u64 "
	  "len_2=+24($arg1):x32", NULL },
	{ "rcv skb->sk->sk_data_ready:symbol", " sk_data_ready=+16(+16($arg1)):symbol", NULL },
	{ "rcv skb->sk->words", " words=+24(+16($arg1)):u16[4]", NULL },
	{ "rcv ((struct tcp_sock *)skb->sk)->rcv_nxt", " rcv_nxt=+32(+16($arg1)):u32", NULL },
	{ "rcv ((struct sock *)skb->cb)->sk_err *(u23 *)skb->cb", NULL, "no type" },
	{ "rcv ((struct sock *)skb->cb)->sk_err *(unsigned int *)skb->cb",
	  " sk_err=+44($arg1):s32 cb=+32($arg1):u32", NULL },
	{ "rcv (&skb->sk)[1]->sk_err &skb->next", " sk_err=+12(+24($arg1)):s32 next=$arg1:x64",
	  NULL },
	{ "rcv $comm @jiffies:u64 $stack1", " comm=$comm:string jiffies=@jiffies:u64 "
	  "stack1=$stack1:u64", NULL },
	{ "rcv skb->dev->name:x8[4] skb->data:string",
	  " name=+0(+8($arg1)):x8[4] data=+0(+80($arg1)):string", NULL },
	{ "window space rcv_wnd *rcv_wnd",
	  " space=$arg2:s32 rcv_wnd=$arg3:x64 rcv_wnd_2=+0($arg3):u32", NULL },
	{ "connect buf[0..8]", " buf=+0($arg2):x8[8]", NULL },
	{ "by_value len", " len=$arg3:u32", NULL },
	{ "unknown_types ((struct sk_buff *)$arg2)->len $arg1", " len=+24($arg2):u32 "
	  "arg1=$arg1:x64", NULL },
	{ "rcv if skb->len > 100", " len=+24($arg1):u32", "len > 100" },
	{ "rcv skb->len if skb->len > 100 && len < 0x200", " len=+24($arg1):u32",
	  "(len > 100 && len < 512)" },
	{ "rcv p=skb->sk->sk_dport if p == 80 || !p & 1", " p=+4(+16($arg1)):u16",
	  "(p == 20480 || !(p & 256))" },
	{ "rcv skb->sk->sk_daddr if sk_daddr != 10.0.0.1", " sk_daddr=+0(+16($arg1)):u32",
	  "sk_daddr != 16777226" },
	{ "rcv if skb->sk->sk_state == TCP_LISTEN and comm =~ \"ngi*\" and pid == 5",
	  " sk_state=+8(+16($arg1)):u8",
	  "((sk_state == 10 && comm ~ \"ngi*\") && common_pid == 5)" },
	{ "rcv skb->sk->sk_err if sk_err == -11", " sk_err=+12(+16($arg1)):s32", "sk_err == -11" },
	{ "rcv skb->dev->name if name != 'lo'", " name=+0(+8($arg1)):string", "name != \"lo\"" },
};

/* Everything behind the place. */
static const char *args_of(const char *line, const char *place)
{
	const char *at = strstr(line, place);

	assert_non_null(at);
	return at + strlen(place);
}

static void emits_fields(void **state)
{
	struct probe_kernel kernel;

	fake_kernel_init(&kernel, readme_6_12);
	for (size_t i = 0; i < ARRAY_SIZE(entry); i++) {
		struct probe_set set = { .group = "skbtrail_7" };
		struct trail_error error;
		const char *place;
		int err = probe_set_add(&set, &kernel, entry[i].spec, &error);

		if (!entry[i].fields) {
			assert_int_equal(err, -EINVAL);
			assert_non_null(strstr(error.text, entry[i].filter));
			probe_set_release(&set);
			continue;
		}
		if (err)
			fail_msg("%s: column %u: %s", entry[i].spec, error.column, error.text);
		assert_int_equal(set.event[0].nr_plan, 2);
		assert_string_equal(set.event[0].plan[0].form, "fprobe");
		/* "f:skbtrail_7/NAME PLACE FIELDS" */
		place = strchr(set.event[0].plan[0].line[0].text, ' ') + 1;
		assert_string_equal(args_of(place, set.event[0].spec->symbol.text),
				    entry[i].fields);
		if (entry[i].filter)
			assert_string_equal(set.event[0].filter, entry[i].filter);
		else
			assert_null(set.event[0].filter);
		probe_set_release(&set);
	}
	probe_kernel_release(&kernel);
}

/* ---- forms */

static void assert_lines(const struct probe_plan *plan, const char *const *want)
{
	size_t nr = 0;

	for (; nr < plan->nr_line; nr++) {
		assert_non_null(want[nr]);
		assert_string_equal(plan->line[nr].text, want[nr]);
	}
	for (size_t i = 0; i < plan->nr_trigger; i++, nr++) {
		assert_non_null(want[nr]);
		assert_string_equal(plan->trigger[i].text, want[nr]);
	}
	assert_null(want[nr]);
}

static void add_one(struct probe_set *set, struct probe_kernel *kernel, const char *spec)
{
	struct trail_error error;

	*set = (struct probe_set){ .group = "g" };
	if (probe_set_add(set, kernel, spec, &error))
		fail_msg("%s: column %u: %s", spec, error.column, error.text);
}

static void keeps_entry_values_itself(void **state)
{
	struct probe_kernel kernel;
	struct probe_set set;
	char *keys;

	fake_kernel_init(&kernel, readme_6_12);
	add_one(&set, &kernel, "connect%return sk sk->sk_dport $retval");
	assert_int_equal(set.event[0].nr_plan, 3);
	assert_lines(&set.event[0].plan[0], (const char *const[]){
		"f:g/connect__return__in connect", "f512:g/connect__return connect%return "
		"sk=$arg1:x64 sk_dport=+4($arg1):u16 retval=$retval:s32", NULL });
	assert_lines(&set.event[0].plan[1], (const char *const[]){
		"f:g/connect__return__in connect", "f:g/connect__return connect%return "
		"sk=$arg1:x64 sk_dport=+4($arg1):u16 retval=$retval:s32", NULL });
	assert_lines(&set.event[0].plan[2], (const char *const[]){
		"p:g/connect__return__in connect", "r512:g/connect__return connect "
		"sk=$arg1:x64 sk_dport=+4($arg1):u16 retval=$retval:s32", NULL });
	keys = probe_event_keys(&set.event[0], &set.event[0].plan[0]);
	assert_string_equal(keys, " sk=sk be16=sk_dport retval=retval "
			    "entry=connect__return__in return=1");
	free(keys);
	probe_set_release(&set);
	probe_kernel_release(&kernel);
}

static void keeps_entry_values_by_triggers(void **state)
{
	struct probe_kernel kernel;
	struct probe_set set;

	fake_kernel_init(&kernel, readme_6_1);
	add_one(&set, &kernel, "window%return *rcv_wnd space if rcv_wnd > 5");
	assert_int_equal(set.event[0].nr_plan, 1);
	assert_string_equal(set.event[0].filter, "rcv_wnd > 5");
	assert_lines(&set.event[0].plan[0], (const char *const[]){
		"p:g/window__return__in window sp=$stack:u64 step=\\8:u64 a0=$arg3:u64 "
		"a1=$arg2:u64",
		"r512:g/window__return__out window sp=$stack:u64",
		"s:g_0 u64 a0; u64 a1",
		"e:g/window__return synthetic/g_0 rcv_wnd=+0($a0):u32 space=$a1:s32",
		"hist:keys=common_pid,sp+step:v0=a0,v1=a1:size=16384",
		"hist:keys=common_pid,sp:w0=$v0,w1=$v1:size=16384:"
		"onmatch(g.window__return__in).trace(g_0,$w0,$w1)", NULL });
	probe_set_release(&set);
	add_one(&set, &kernel, "connect%return buf[0..4] $retval");
	assert_lines(&set.event[0].plan[0], (const char *const[]){
		"p:g/connect__return__in connect sp=$stack:u64 step=\\8:u64 a0=$arg2:u64",
		"r512:g/connect__return__out connect sp=$stack:u64 ret=$retval:u64",
		"s:g_0 u64 a0; u64 ret",
		"e:g/connect__return synthetic/g_0 buf=+0($a0):x8[4] retval=$ret:s32",
		"hist:keys=common_pid,sp+step:v0=a0:size=16384",
		"hist:keys=common_pid,sp:w0=$v0:size=16384:"
		"onmatch(g.connect__return__in).trace(g_0,$w0,ret)", NULL });
	probe_set_release(&set);
	/* Nothing of the entry: no need for it. */
	add_one(&set, &kernel, "by_value%return $retval->sk_err");
	assert_lines(&set.event[0].plan[0], (const char *const[]){
		"p:g/by_value__return__in by_value",
		"r512:g/by_value__return by_value sk_err=+12($retval):s32", NULL });
	probe_set_release(&set);
	probe_kernel_release(&kernel);
}

static void leaves_it_to_the_reader(void **state)
{
	struct trail_error error;
	struct probe_kernel kernel;
	struct probe_set set;
	char *keys;

	fake_kernel_init(&kernel, readme_5_10);
	add_one(&set, &kernel, "connect%return sk $retval");
	assert_true(set.event[0].plan[0].entry_fields);
	assert_lines(&set.event[0].plan[0], (const char *const[]){
		"p:g/connect__return__in connect __probe_sp=$stack:u64 sk=$arg1:x64",
		"r512:g/connect__return connect __probe_sp=$stack:u64 retval=$retval:s32", NULL });
	keys = probe_event_keys(&set.event[0], &set.event[0].plan[0]);
	assert_string_equal(keys, " sk=sk retval=retval entry=connect__return__in passed=sk "
			    "step=8 return=1");
	free(keys);
	assert_int_equal(probe_set_add(&set, &kernel, "window%return space *rcv_wnd", &error),
			 -EINVAL);
	assert_int_equal(error.column, 21);
	assert_non_null(strstr(error.text, "cannot read at the return what is behind"));
	assert_int_equal(probe_set_add(&set, &kernel, "net:netif_rx len", &error), -EINVAL);
	assert_non_null(strstr(error.text, "no eprobes"));
	probe_set_release(&set);
	probe_kernel_release(&kernel);
}

static void uses_events(void **state)
{
	struct probe_kernel kernel;
	struct probe_set set;
	char *keys;

	fake_kernel_init(&kernel, readme_6_1);
	add_one(&set, &kernel, "net:netif_rx skbaddr->dev->name name len if len > 3");
	assert_lines(&set.event[0].plan[0], (const char *const[]){
		"e:g/netif_rx net/netif_rx name=+0(+8($skbaddr)):string name_2=$name:string "
		"len=$len:u32", NULL });
	assert_string_equal(set.event[0].filter, "len > 3");
	probe_set_release(&set);
	add_one(&set, &kernel, "net:netif_rx if name == 'lo' && comm == 'x'");
	assert_int_equal(set.event[0].plan[0].nr_line, 0);
	assert_string_equal(set.event[0].system, "net");
	assert_string_equal(set.event[0].filter, "(name == \"lo\" && comm == \"x\")");
	keys = probe_event_keys(&set.event[0], &set.event[0].plan[0]);
	assert_string_equal(keys, " skb=skbaddr");
	free(keys);
	probe_set_release(&set);
	probe_kernel_release(&kernel);
}

static void names_events(void **state)
{
	static const char *const name[][2] = {
		{ "rcv", "rcv" }, { "rcv skb", "rcv_2" }, { "rcv%return", "rcv__return" },
		{ "rcv%return $retval", "rcv__return_2" }, { "mine=rcv", "mine" },
		{ "static_fn.constprop.0 $arg1", "static_fn_constprop_0" },
	};
	struct probe_kernel kernel;
	struct probe_set set = { .group = "g" };
	struct trail_error error;

	fake_kernel_init(&kernel, readme_6_12);
	for (size_t i = 0; i < ARRAY_SIZE(name); i++) {
		if (probe_set_add(&set, &kernel, name[i][0], &error))
			fail_msg("%s: %s", name[i][0], error.text);
		assert_string_equal(set.event[i].name, name[i][1]);
	}
	assert_int_equal(probe_set_add(&set, &kernel, "mine=connect", &error), -EINVAL);
	assert_int_equal(error.column, 1);
	probe_set_release(&set);
	probe_kernel_release(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(emits_fields),
		cmocka_unit_test(keeps_entry_values_itself),
		cmocka_unit_test(keeps_entry_values_by_triggers),
		cmocka_unit_test(leaves_it_to_the_reader),
		cmocka_unit_test(uses_events),
		cmocka_unit_test(names_events),
	};

	return cmocka_run_group_tests(tests, fake_kernel_make, fake_kernel_remove);
}
