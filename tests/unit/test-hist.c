// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-hist.c - texts of the kernel's histograms, and lines on probes, those of somebody else too
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "live/hist-parse.h"
#include "read/describe.h"

static const char histogram[] =
	"# event histogram\n#\n"
	"# trigger info: hist:keys=order,comm:vals=hitcount:sort=hitcount:size=4096 [active]\n"
	"#\n\n"
	"{ order:          3, comm: head                    } hitcount:          1\n"
	"{ order: 18446744073709551615, comm: a } b, order: 5          } hitcount:          2\n"
	"{ order:          0, comm: new\nline                } hitcount:         40\n"
	"\nTotals:\n    Hits: 43\n    Entries: 3\n    Dropped: 7\n";

static void expect_row(const struct hist_row *row, const char *first, const char *second,
		       uint64_t count)
{
	assert_int_equal(row->len[0], strlen(first));
	assert_memory_equal(row->value[0], first, row->len[0]);
	assert_int_equal(row->len[1], strlen(second));
	assert_memory_equal(row->value[1], second, row->len[1]);
	assert_int_equal(row->count, count);
}

static void rows(void **state)
{
	static const char *const name[] = { "order", "comm" };
	struct hist_row row;
	size_t at = 0;

	assert_true(hist_next_row(histogram, &at, name, 2, &row));
	expect_row(&row, "3", "head", 1);
	assert_true(hist_next_row(histogram, &at, name, 2, &row));
	expect_row(&row, "18446744073709551615", "a } b, order: 5", 2);
	assert_true(hist_next_row(histogram, &at, name, 2, &row));
	expect_row(&row, "0", "new\nline", 40);
	assert_false(hist_next_row(histogram, &at, name, 2, &row));
	assert_int_equal(hist_dropped(histogram), 7);
}

static void cut_rows(void **state)
{
	static const char *const name[] = { "order", "comm" };
	char text[sizeof(histogram)];
	struct hist_row row;

	for (size_t len = 0; len < sizeof(histogram); len++) {
		size_t at = 0, nr = 0;

		memcpy(text, histogram, len);
		text[len] = '\0';
		while (hist_next_row(text, &at, name, 2, &row))
			nr++;
		assert_in_range(nr, 0, 3);
		assert_in_range(at, 0, len);
	}
}

static const char format[] =
	"name: f\nID: 1\nformat:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 skb;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 a;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\tfield:u16 port;\toffset:32;\tsize:2;\tsigned:0;\n"
	"\tfield:u8 buf[5];\toffset:34;\tsize:5;\tsigned:0;\n"
	"\tfield:s16 arr[2];\toffset:40;\tsize:4;\tsigned:1;\n"
	"\nprint fmt: \"(%lx) skb=%Lu a=0x%Lx\", REC->__probe_ip\n";

static struct trail_description *describe_line(const char *line)
{
	return describe(&(struct described){
		.system = "skbtrail_1", .name = "f", .line = { line, strlen(line) },
		.format = { format, sizeof(format) - 1 } });
}

static void fields(void **state)
{
	struct trail_description *what =
		describe_line("skb=skb be16=port hex=buf entry=g : f skb=x be16=a");

	assert_non_null(what);
	assert_string_equal(what->spec, "f skb=x be16=a");
	assert_int_equal(what->nr_field, 5);
	assert_int_equal(what->field[0].role, TRAIL_ROLE_SKB);
	assert_int_equal(what->field[0].show, TRAIL_SHOW_HEX);
	assert_int_equal(what->field[1].show, TRAIL_SHOW_HEX);
	assert_int_equal(what->field[2].show, TRAIL_SHOW_NETWORK);
	assert_int_equal(what->field[3].show, TRAIL_SHOW_DUMP);
	assert_int_equal(what->field[4].show, TRAIL_SHOW_ARRAY);
	assert_int_equal(what->field[4].element, -2);
	assert_false(what->is_return);
	assert_ptr_equal(describe_role(what, "skb", 0), &what->field[0]);
	assert_null(describe_role(what, "skb", 1));
	assert_null(describe_role(what, "sk", 0));
	free(what);
}

static void odd_lines(void **state)
{
	static const char *const line[] = {
		":", " ", "=", "skb", "skb=", "skb=,,,", "=skb", ": : :", "hex=buf,",
		"skb= skb=skb", "entry", "space=user",
		"be16=buf be32=arr symbol=port took=skb retval=a sk=buf :",
	};
	struct text value;

	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		struct trail_description *what = describe_line(line[i]);

		assert_non_null(what);
		assert_int_equal(what->nr_field, 5);
		free(what);
	}
	assert_false(describe_key((struct text){ "a=b : skb=c", 11 }, "skb", &value));
}

static void values(void **state)
{
	static const char bytes[] = { 0, 5, 'h', 'e', '\n' };
	struct trail_value value[] = {
		{ .name = "buf", .kind = TRAIL_VALUE_BYTES, .bytes = bytes, .nr_bytes = 5 },
		{ .name = "s", .kind = TRAIL_VALUE_STRING, .bytes = bytes, .nr_bytes = 5 },
		{ .name = "ret", .kind = TRAIL_VALUE_SIGNED, .number = (uint64_t)-11,
		  .role = TRAIL_ROLE_RETVAL },
		{ .name = "gone" },
	};
	static const char want[] =
		"(buf=00 05 68 65 0a |..he.| s=\"\\x00\\x05he\\x0a\" gone=?) = -11";
	char buf[200];

	assert_int_equal(trail_values_text(value, 4, buf, sizeof(buf)), strlen(want));
	assert_string_equal(buf, want);
	/* However little room there is. */
	for (size_t size = 0; size < strlen(want); size++) {
		memset(buf, 'x', sizeof(buf));
		assert_int_equal(trail_values_text(value, 4, buf, size), strlen(want));
		assert_int_equal(buf[size], 'x');
		assert_true(!size || strlen(buf) < size);
	}
}

int main(void)
{
	const struct CMUnitTest test[] = {
		cmocka_unit_test(rows), cmocka_unit_test(cut_rows), cmocka_unit_test(fields),
		cmocka_unit_test(odd_lines), cmocka_unit_test(values),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}
