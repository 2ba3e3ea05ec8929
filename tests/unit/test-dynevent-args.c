// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-dynevent-args.c - symbols in the fields of dynamic events, resolved by type information
 *
 * The BTF is made here: a structure with an unnamed union, a nested structure, a bit field and a
 * typedef on the way.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "btf.h"
#include "dynevent-args.h"
#include "skbtrail.h"

/*
 * struct cb { u32 seq; u32 end_seq; }
 * struct net { u32 ns; }, typedef struct net net_t
 * struct skb { u64 next; union { u64 dev; struct { u16 low; u16 high; }; }; u32 len;
 *		u8 a:3, tagged:1, b:4; net_t net; char text[16]; }
 */
static struct btf *make_btf(void)
{
	struct btf *btf = btf__new_empty();
	int u8, u16, u32, u64, chars, inner, anonymous, net, net_t;

	u8 = btf__add_int(btf, "unsigned char", 1, 0);
	u16 = btf__add_int(btf, "unsigned short", 2, 0);
	u32 = btf__add_int(btf, "unsigned int", 4, 0);
	u64 = btf__add_int(btf, "unsigned long", 8, 0);
	chars = btf__add_array(btf, u32, u8, 16);
	inner = btf__add_struct(btf, NULL, 4);
	btf__add_field(btf, "low", u16, 0, 0);
	btf__add_field(btf, "high", u16, 16, 0);
	anonymous = btf__add_union(btf, NULL, 8);
	btf__add_field(btf, "dev", u64, 0, 0);
	btf__add_field(btf, NULL, inner, 0, 0);
	btf__add_struct(btf, "cb", 8);
	btf__add_field(btf, "seq", u32, 0, 0);
	btf__add_field(btf, "end_seq", u32, 32, 0);
	net = btf__add_struct(btf, "net", 4);
	btf__add_field(btf, "ns", u32, 0, 0);
	net_t = btf__add_typedef(btf, "net_t", net);
	btf__add_struct(btf, "skb", 48);
	btf__add_field(btf, "next", u64, 0, 0);
	btf__add_field(btf, NULL, anonymous, 64, 0);
	btf__add_field(btf, "len", u32, 128, 0);
	btf__add_field(btf, "a", u8, 160, 3);
	btf__add_field(btf, "tagged", u8, 163, 1);
	btf__add_field(btf, "b", u8, 164, 4);
	btf__add_field(btf, "net", net_t, 192, 0);
	btf__add_field(btf, "text", chars, 224, 0);
	return btf;
}

struct args_case {
	const char *args;
	uint32_t snap_bytes;
	const char *want;
};

static const struct args_case good[] = {
	{ "x=$arg1:x64", 96, "x=$arg1:x64" },
	{ "x=+{skb.len}($arg1):u32", 96, "x=+16($arg1):u32" },
	{ "x=+{skb.dev}($arg1) y=+{skb.high}($arg1):u16", 96, "x=+8($arg1) y=+10($arg1):u16" },
	{ "x=+{skb.net.ns}(+{skb.next}($arg1)):u32", 96, "x=+24(+0($arg1)):u32" },
	{ "x=+{skb.text+cb.end_seq}($arg1):u32", 96, "x=+32($arg1):u32" },
	{ "x=+{skb.tagged}($arg1):{=skb.tagged}", 96, "x=+20($arg1):b1@3/8" },
	{ "x=$arg1:{=skb.len} y=$arg1:{=skb.low}", 96, "x=$arg1:u32 y=$arg1:u16" },
	{ "?x=+{skb.gone}($arg1) y=$arg2", 96, "y=$arg2" },
	{ "y=$arg2 ?x=+{skb.gone}($arg1)", 96, "y=$arg2" },
	{ "?x=+{gone.len}($arg1) ?y=+{skb.len}($arg1)", 96, "y=+16($arg1)" },
	{ "b=+0($arg1):{snap} ?m=+512($arg1):{more}", 96, "b=+0($arg1):x64[12]" },
	{ "b=+0($arg1):{snap} ?m=+512($arg1):{more}", 90, "b=+0($arg1):x64[12]" },
	{ "b=+0($arg1):{snap} ?m=+512($arg1):{more}", 1, "b=+0($arg1):x64[1]" },
	{ "b=+0($arg1):{snap} ?m=+512($arg1):{more}", 512, "b=+0($arg1):x64[64]" },
	{ "b=+0($arg1):{snap} ?m=+512($arg1):{more}", 520,
	  "b=+0($arg1):x64[64] m=+512($arg1):x64[1]" },
	{ "b=+0($arg1):{snap} ?m=+512($arg1):{more}", 1024,
	  "b=+0($arg1):x64[64] m=+512($arg1):x64[64]" },
};

static void resolves_symbols(void **state)
{
	struct dynevent_kernel kernel = { *state, 0 };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct blob out = { 0 };
		char why[100];

		kernel.snap_bytes = good[i].snap_bytes;
		assert_int_equal(dynevent_args(good[i].args, &kernel, &out, why, sizeof(why)), 0);
		assert_string_equal(out.data, good[i].want);
		assert_int_equal(out.size, strlen(good[i].want) + 1);
		blob_release(&out);
	}
}

static void expect_failure(const struct btf *btf, const char *args, int want, const char *why_want)
{
	struct dynevent_kernel kernel = { btf, 96 };
	struct blob out = { 0 };
	char why[100] = "untouched";

	assert_int_equal(dynevent_args(args, &kernel, &out, why, sizeof(why)), want);
	assert_string_equal(why, why_want);
	blob_release(&out);
}

static void says_what_is_missing(void **state)
{
	const struct btf *btf = *state;

	expect_failure(btf, "x=+{skb.gone}($arg1)", -ENOENT, "the kernel has no member skb.gone");
	expect_failure(btf, "x=+{gone.len}($arg1)", -ENOENT, "the kernel has no member gone.len");
	expect_failure(btf, "x=+{skb.len.deep}($arg1)", -ENOENT,
		       "the kernel has no member skb.len.deep");
	expect_failure(btf, "x=+{skb.len+cb.gone}($arg1)", -ENOENT,
		       "the kernel has no member cb.gone");
	expect_failure(btf, "x=+0($arg1):{=skb.gone}", -ENOENT,
		       "the kernel has no member skb.gone");
	expect_failure(NULL, "x=+{skb.len}($arg1)", -ENOENT,
		       "the kernel has no type information (BTF)");
	expect_failure(btf, "x=+{skb.len($arg1)", -EINVAL, "");
}

static void needs_no_btf_without_symbols(void **state)
{
	struct dynevent_kernel kernel = { NULL, 16 };
	struct blob out = { 0 };
	char why[100];

	assert_int_equal(dynevent_args("a=$arg1 b=+0($arg1):{snap}", &kernel, &out, why,
				       sizeof(why)), 0);
	assert_string_equal(out.data, "a=$arg1 b=+0($arg1):x64[2]");
	blob_release(&out);
}

/* As the kernel gives it out: from a file. */
static void reads_a_file(void **state)
{
	char path[] = "btf-test-XXXXXX";
	int fd = mkstemp(path);
	struct btf_place place;
	const void *data;
	struct btf *btf;
	uint32_t size;

	assert_true(fd >= 0);
	data = btf__raw_data(*state, &size);
	assert_int_equal(write(fd, data, size), size);
	assert_int_equal(btf_open(path, &btf), 0);
	assert_int_equal(btf_find(btf, "skb.tagged", 10, &place), 0);
	assert_int_equal(place.offset_bits, 163);
	assert_int_equal(place.size_bits, 1);
	assert_true(place.is_bitfield);
	assert_int_equal(btf_find(btf, "skb", 3, &place), -EINVAL);
	assert_int_equal(btf_find(btf, "skb.", 4, &place), -EINVAL);
	assert_int_equal(btf_find(btf, ".len", 4, &place), -EINVAL);
	assert_int_equal(btf_find(btf, "skb.text", 8, &place), 0);
	assert_int_equal(place.size_bits, 128);
	btf_close(btf);
	assert_int_equal(ftruncate(fd, size / 2), 0);
	assert_true(btf_open(path, &btf) < 0);
	close(fd);
	unlink(path);
	assert_int_equal(btf_open(path, &btf), -ENOENT);
}

static int set_up(void **state)
{
	*state = make_btf();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	btf__free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolves_symbols),
		cmocka_unit_test(says_what_is_missing),
		cmocka_unit_test(needs_no_btf_without_symbols),
		cmocka_unit_test(reads_a_file),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
