// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-format.c - formats that libtraceevent may be given, and those that it may not
 *
 *	test-format DIRECTORY		the one that has 5.10/mixed.dat ...
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "read/format.h"

#define FIELD	"\tfield:int a;\toffset:8;\tsize:4;\tsigned:1;\n"
#define FORMAT	"name: x\nID: 1\nformat:\n" FIELD
#define PRINT	"\nprint fmt: "

static bool is_sane(const char *text)
{
	return format_is_sane((struct text){ text, strlen(text) });
}

/* Every event of real kernels can be printed. */
static void test_golden(void **state)
{
	static const char *const kernel[] = {
		"5.10/mixed", "6.1/mixed", "6.1/fgraph", "6.12/mixed", "6.12/headers", "7.2/mixed",
	};

	for (size_t i = 0; i < sizeof(kernel) / sizeof(kernel[0]); i++) {
		struct trail_error error;
		struct tracedat *dat;
		char path[4096];
		size_t refused = 0;

		snprintf(path, sizeof(path), "%s/%s.dat", (const char *)*state, kernel[i]);
		if (tracedat_open(path, &dat, &error))
			fail_msg("%s", error.text);
		for (size_t j = 0; j < dat->nr_format; j++) {
			struct text text = dat->format[j].text;

			if (format_is_sane(text))
				continue;
			refused++;
			print_message("%s: refused: %.*s\n", kernel[i], (int)text.len, text.at);
		}
		assert_true(dat->nr_format > 5);
		assert_int_equal(refused, 0);
		tracedat_close(dat);
	}
}

static void test_sane(void **state)
{
	(void)state;
	assert_true(is_sane(FORMAT PRINT "\"%d\", REC->a\n"));
	assert_true(is_sane(FORMAT PRINT "\"REC->none ((\", REC->a\n"));
	assert_true(is_sane(FORMAT PRINT "\"%s\", __print_symbolic(REC->a, { 1, \"(\" })\n"));
}

static void test_refused(void **state)
{
	static const char *const text[] = {
		"", "name: x\n", FORMAT, "name: x\nID: 1\n" PRINT "\"\"\n",
		/* crashed libtraceevent 1.7.1 */
		FORMAT PRINT "\"%s\", __print_symbolic(REC->b, { 1, \"ONE\" })\n",
		FORMAT PRINT "\"%s\", __print_symbolic(REC->\xff" "a, { 1, \"ONE\" })\n",
		FORMAT PRINT "\"%s\", __print_symbolic(REC->, { 1, \"ONE\" })\n",
		FORMAT PRINT "\"%d\", (REC->a\n", FORMAT PRINT "\"%d\", REC->a)\n",
		FORMAT PRINT "\"%d, REC->a\n", FORMAT PRINT "\"\033[0m%d\", REC->a\n",
		FORMAT "\tfield:int b;\toffset:70000;\tsize:4;\tsigned:1;\n" PRINT "\"\"\n",
		FORMAT "\tfield:int b;\toffset:8;\tsize:70000;\tsigned:1;\n" PRINT "\"\"\n",
		FORMAT "\tfield:int b;\toffset:-8;\tsize:4;\tsigned:1;\n" PRINT "\"\"\n",
		FORMAT "\tfield:int b;\tsize:4;\toffset:8;\tsigned:1;\n" PRINT "\"\"\n",
		FORMAT "\tfield:__data_loc char[] b;\toffset:8;\tsize:2;\tsigned:1;\n"
			PRINT "\"\"\n",
		FORMAT "\tfield:int b;\toffset:8;\tsize:4;\tsigned:1; field:int c;\toffset:99999;\n"
			PRINT "\"\"\n",
		FORMAT "field\n" PRINT "\"\"\n",
	};
	char deep[400] = FORMAT PRINT "\"%d\", ";

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		if (is_sane(text[i]))
			fail_msg("not refused: %s", text[i]);
	memset(deep + strlen(deep), '(', 100);
	strcat(deep, "REC->a");
	memset(deep + strlen(deep), ')', 100);
	assert_false(is_sane(deep));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_golden, argc > 1 ? argv[1] : "."),
		cmocka_unit_test(test_sane),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
