// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-probe-spec.c - the language of probes: what each element means, and where it is wrong
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "skbtrail.h"
#include "spec.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* ---- a tree as text, each operation in parentheses */

static void __attribute__((format(printf, 3, 4)))
put(char *out, size_t size, const char *format, ...)
{
	size_t used = strlen(out);
	va_list args;

	va_start(args, format);
	vsnprintf(out + used, size - used, format, args);
	va_end(args);
}

static void show_expr(const struct spec_expr *expr, char *out, size_t size)
{
	static const char *const before[] = {
		[SPEC_DOLLAR] = "$", [SPEC_REGISTER] = "%", [SPEC_SYMBOL] = "@",
		[SPEC_DEREF] = "*", [SPEC_ADDRESS] = "&", [SPEC_RANGE] = "", [SPEC_CAST] = "",
	};
	static const char *const keyword[] = { "", "struct ", "union ", "enum " };

	put(out, size, "%s", before[expr->kind] ? before[expr->kind] : "");
	if (expr->kind == SPEC_CAST)
		put(out, size, "<%s%s%.*s>", keyword[expr->keyword], expr->name,
		    (int)expr->nr_star, "****");
	if (expr->kind == SPEC_NUMBER)
		put(out, size, "%llu", (unsigned long long)expr->from);
	if (expr->of) {
		put(out, size, "(");
		show_expr(expr->of, out, size);
		put(out, size, ")");
	}
	if (expr->kind == SPEC_MEMBER || expr->kind == SPEC_ARROW)
		put(out, size, "%s%s", expr->kind == SPEC_ARROW ? "->" : ".", expr->name);
	else if (expr->kind != SPEC_CAST && expr->name)
		put(out, size, "%s", expr->name);
	if (expr->kind == SPEC_INDEX)
		put(out, size, "[%llu]", (unsigned long long)expr->from);
	if (expr->kind == SPEC_RANGE)
		put(out, size, "[%llu..%llu]", (unsigned long long)expr->from,
		    (unsigned long long)expr->to);
}

static void show_cond(const struct spec_cond *cond, char *out, size_t size)
{
	static const char *const sign[] = { "==", "!=", "<", "<=", ">", ">=", "&", "=~" };

	if (cond->kind == SPEC_RELATION) {
		show_expr(cond->operand, out, size);
		put(out, size, " %s ", sign[cond->operator]);
		if (cond->value_kind == SPEC_VALUE_STRING)
			put(out, size, "'%s'", cond->string);
		else if (cond->value_kind == SPEC_VALUE_NAME)
			put(out, size, "%s", cond->string);
		else
			put(out, size, "%lld", (long long)cond->number);
		return;
	}
	put(out, size, cond->kind == SPEC_NOT ? "!{" : "{");
	show_cond(cond->left, out, size);
	if (cond->right) {
		put(out, size, cond->kind == SPEC_AND ? " && " : " || ");
		show_cond(cond->right, out, size);
	}
	put(out, size, "}");
}

static void show(const struct spec *spec, char *out, size_t size)
{
	static const char *const target[] = { "kernel", "named", "file", "pid" };

	*out = '\0';
	put(out, size, "%s", target[spec->target]);
	if (spec->object.text)
		put(out, size, " [%s]", spec->object.text);
	put(out, size, " %s%s", spec->symbol.text, spec->is_address ? "(address)" : "");
	if (spec->offset)
		put(out, size, "+%llu", (unsigned long long)spec->offset);
	if (spec->is_return)
		put(out, size, "%%return");
	if (spec->name.text)
		put(out, size, " as %s", spec->name.text);
	for (size_t i = 0; i < spec->nr_fetch; i++) {
		put(out, size, " | ");
		if (spec->fetch[i].name.text)
			put(out, size, "%s=", spec->fetch[i].name.text);
		show_expr(spec->fetch[i].expr, out, size);
		if (spec->fetch[i].type.text)
			put(out, size, ":%s", spec->fetch[i].type.text);
		if (spec->fetch[i].nr_type)
			put(out, size, "x%llu", (unsigned long long)spec->fetch[i].nr_type);
	}
	if (spec->cond) {
		put(out, size, " if ");
		show_cond(spec->cond, out, size);
	}
}

/* ---- what is right */

static const struct { const char *text, *want; } valid[] = {
	{ "tcp_v4_rcv", "kernel tcp_v4_rcv" },
	{ "  tcp_select_initial_window  space mss=mss *rcv_wnd ",
	  "kernel tcp_select_initial_window | space | mss=mss | *(rcv_wnd)" },
	{ "tcp_select_initial_window%return  *rcv_wnd  $retval",
	  "kernel tcp_select_initial_window%return | *(rcv_wnd) | $retval" },
	{ "ip_rcv+0x10", "kernel ip_rcv+16" },
	{ "ip_rcv+16 %di ((struct sk_buff *)%di)->len",
	  "kernel ip_rcv+16 | %di | (<struct sk_buff*>(%di))->len" },
	{ "tcp_v4_rcv  skb->len skb->dev->name  sk=skb->sk->__sk_common.skc_dport:be16",
	  "kernel tcp_v4_rcv | (skb)->len | ((skb)->dev)->name | "
	  "sk=(((skb)->sk)->__sk_common).skc_dport:be16" },
	{ "f (struct tcp_sock *)sk", "kernel f | <struct tcp_sock*>(sk)" },
	{ "f ((struct tcp_sock*)sk)->rcv_nxt", "kernel f | (<struct tcp_sock*>(sk))->rcv_nxt" },
	{ "f ((const struct tcp_sock *const)sk)->a", "kernel f | (<struct tcp_sock*>(sk))->a" },
	{ "f *(unsigned long *)p (u32)x (union u **)y",
	  "kernel f | *(<unsigned long*>(p)) | <u32>(x) | <union u**>(y)" },
	{ "f (a)->b (a)", "kernel f | (a)->b | a" },
	{ "f **a &b.c *a[3] &a->b", "kernel f | *(*(a)) | &((b).c) | *((a)[3]) | &((a)->b)" },
	{ "f buf[0..32]:hex", "kernel f | (buf)[0..32]:hex" },
	{ "f buf:hex[16] skb->data:x8[40]", "kernel f | buf:hexx16 | (skb)->data:x8x40" },
	{ "f a[1][2].b", "kernel f | (((a)[1])[2]).b" },
	{ "f @jiffies:u64 $comm $stack3 %ax", "kernel f | @jiffies:u64 | $comm | $stack3 | %ax" },
	{ "win=f a", "kernel f as win | a" },
	{ "f iff=iff", "kernel f | iff=iff" },
	{ "tcp_foo.isra.0", "kernel tcp_foo.isra.0" },
	{ "/usr/sbin/nginx:ngx_http_process_request r->headers_in",
	  "file [/usr/sbin/nginx] ngx_http_process_request | (r)->headers_in" },
	{ "\"/opt/a b:c/d\":main+0x4 a", "file [/opt/a b:c/d] main+4 | a" },
	{ "/bin/x:0x4d0%return", "file [/bin/x] 0x4d0(address)%return" },
	{ "/bin/x:ns::f(int, x%return", NULL },
	{ "/bin/x:ns::operator+%return", "file [/bin/x] ns::operator+%return" },
	{ "libc:recvfrom%return  buf[0..32]:hex  $retval",
	  "named [libc] recvfrom%return | (buf)[0..32]:hex | $retval" },
	{ "libc.so.6:malloc", "named [libc.so.6] malloc" },
	{ "pid 1234:malloc bytes", "pid [1234] malloc | bytes" },
	{ "kmem:mm_page_alloc order if order > 2",
	  "named [kmem] mm_page_alloc | order if order > 2" },
	{ "pid:f", "named [pid] f" },
	{ "f sport len if sport == 80 && len > 100",
	  "kernel f | sport | len if {sport == 80 && len > 100}" },
	{ "f if a == 1 || b != 0x10 && !c < -3",
	  "kernel f if {a == 1 || {b != 16 && !{c < -3}}}" },
	{ "f if (a == 1 || b == 2) and not (c >= 3)",
	  "kernel f if {{a == 1 || b == 2} && !{c >= 3}}" },
	{ "f if skb->len <= 5 or ((struct x *)y)->z & 0x8",
	  "kernel f if {(skb)->len <= 5 || (<struct x*>(y))->z & 8}" },
	{ "f if daddr == 10.0.0.1", "kernel f if daddr == 167772161" },
	{ "f if name =~ \"eth*\" && state == TCP_LISTEN && c ~ 'x'",
	  "kernel f if {{name =~ 'eth*' && state == TCP_LISTEN} && c =~ 'x'}" },
	{ "f if *p = 3", "kernel f if *(p) == 3" },
};

static void understands(void **state)
{
	struct trail_error error;
	struct spec *spec;
	char out[512];

	for (size_t i = 0; i < ARRAY_SIZE(valid); i++) {
		if (!valid[i].want) {
			assert_int_equal(spec_parse(valid[i].text, &spec, &error), -EINVAL);
			continue;
		}
		if (spec_parse(valid[i].text, &spec, &error))
			fail_msg("%s: %s, column %u", valid[i].text, error.text, error.column);
		show(spec, out, sizeof(out));
		assert_string_equal(out, valid[i].want);
		assert_string_equal(spec->text, valid[i].text);
		spec_free(spec);
	}
}

/* ---- what is wrong, and where */

static const struct { const char *text; unsigned int column; const char *says; } wrong[] = {
	{ "", 1, "the name of a function" },
	{ "  ", 3, "the name of a function" },
	{ "tcp-rcv", 1, "the name of a function" },
	{ "0x1234 a", 1, "given by their names" },
	{ "f+", 3, "a number" },
	{ "f+x", 3, "a number" },
	{ "f+0x10%return", 7, "a blank" },
	{ "f%entry", 2, "a blank" },
	{ "f%return+4", 9, "a blank" },
	{ "f+0xffffffffff", 3, "no function is that long" },
	{ "f skb->", 8, "the name of a member" },
	{ "f skb->len.", 12, "the name of a member" },
	{ "f skb->3", 8, "the name of a member" },
	{ "f a[", 5, "a number" },
	{ "f a[1", 6, "'..' or ']'" },
	{ "f a[4..4]", 5, "a range without elements" },
	{ "f a[0..4", 9, "']'" },
	{ "f (struct x *sk", 14, "'*' or ')'" },
	{ "f (struct *)sk", 11, "the name of a type" },
	{ "f (a", 5, "')'" },
	{ "f (struct tcp_sock *)sk)->rcv_nxt", 24, "')' is not expected" },
	{ "f a:", 5, "a type" },
	{ "f a:u8[0]", 10, "an array of nothing" },
	{ "f a-b", 4, "'-' is not expected" },
	{ "f a*b", 4, "'*' is not expected" },
	{ "f x= b", 0, NULL },
	{ "f $", 4, "retval" },
	{ "f %", 4, "a register" },
	{ "f @ x", 4, "a variable" },
	{ "f ,", 3, "an argument" },
	{ "f 99999999999999999999", 3, "no number of 64 bits" },
	{ "f 12ab", 3, "no number of 64 bits" },
	{ "f if", 5, "an argument" },
	{ "f if a", 7, "a comparison" },
	{ "f if a && b == 1", 8, "a comparison" },
	{ "f if a ==", 10, "a number" },
	{ "f if a == \"x", 11, "the quote has no end" },
	{ "f if (a == 1", 13, "')'" },
	{ "f if a == 1 b", 13, "should end here" },
	{ "f if a == 1)", 12, "should end here" },
	{ "/usr/bin/x", 11, "':' and a function" },
	{ "/usr/bin/x:", 12, "the name of a function" },
	{ "\"/usr/bin/x:f", 14, "the quote has no end" },
	{ "pid 12", 7, "':' and a function" },
	{ "pid 0:f", 5, "no process" },
	{ "pid 99999999999:f", 5, "no process" },
};

static void points_at_mistakes(void **state)
{
	struct trail_error error;
	struct spec *spec;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		int err = spec_parse(wrong[i].text, &spec, &error);

		if (!wrong[i].says) {
			assert_int_equal(err, 0);
			spec_free(spec);
			continue;
		}
		if (!err)
			fail_msg("'%s' is taken", wrong[i].text);
		assert_int_equal(err, -EINVAL);
		if (error.column != wrong[i].column || !strstr(error.text, wrong[i].says))
			fail_msg("'%s': column %u: %s", wrong[i].text, error.column, error.text);
	}
}

/* Whoever writes ten thousand parentheses is answered as well. */
static void has_limits(void **state)
{
	static const char *const part[] = { "(", "*", "!", "->a", "(struct x *)", "[1]", "a " };
	struct trail_error error;
	char text[4096];
	struct spec *spec;

	for (size_t i = 0; i < ARRAY_SIZE(part); i++) {
		size_t n = strlen(part[i]);
		int err;

		snprintf(text, sizeof(text), "%s", i == 2 ? "f if " : i < 6 ? "f a " : "f ");
		for (size_t at = strlen(text) - (i == 3 || i == 5); at + n < sizeof(text); at += n)
			memcpy(text + at, part[i], n + 1);
		err = spec_parse(text, &spec, &error);
		assert_int_equal(err, -EINVAL);
		assert_non_null(strstr(error.text, "more than"));
	}
}

/* Each beginning of what is right is taken or answered, and nothing else happens. */
static void survives_cuts(void **state)
{
	struct trail_error error;
	struct spec *spec;

	for (size_t i = 0; i < ARRAY_SIZE(valid); i++)
		for (size_t n = 0; n < strlen(valid[i].text); n++) {
			char *text = strndup(valid[i].text, n);
			int err = spec_parse(text, &spec, &error);

			if (!err)
				spec_free(spec);
			else
				assert_in_range(error.column, 1, n + 1);
			free(text);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(understands),
		cmocka_unit_test(points_at_mistakes),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(survives_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
