// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-child.c - a child that ends, fails or crashes -> what its parent says and returns
 */
#include <setjmp.h>
#include <stdarg.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../cmd/child.h"
#include "../../cmd/cmd.h"

static char said[400];

/* In place of the one in main.c. */
void complain(const char *hint, const char *format, ...)
{
	va_list args;

	(void)hint;
	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
}

static void overflow(void)
{
	volatile int *nowhere = NULL;

	signal(SIGSEGV, SIG_DFL);
	*nowhere = 1;
}

static void end_well(void)
{
	_exit(STATUS_INCOMPLETE);
}

static void abort_it(void)
{
	signal(SIGABRT, SIG_DFL);
	abort();
}

static void take_too_long(void)
{
	raise(SIGXCPU);
}

/* What the child does, and what its parent makes of it. */
static int run(void (*work)(void))
{
	int status = -1;

	said[0] = '\0';
	if (child_start("/dev/null", "it cannot be done", &status)) {
		work();
		_exit(STATUS_OK);
	}
	return status;
}

static void test_end(void **state)
{
	(void)state;
	assert_int_equal(run(end_well), STATUS_INCOMPLETE);
	assert_string_equal(said, "");
}

static void test_crash(void **state)
{
	(void)state;
	assert_int_equal(run(overflow), STATUS_FAILED);
	assert_string_equal(said, "/dev/null: it cannot be done: the file is damaged: "
			    "reading it crashed");
	assert_int_equal(run(abort_it), STATUS_FAILED);
	assert_non_null(strstr(said, "crashed"));
}

static void test_time(void **state)
{
	(void)state;
	/* The sandbox lets nobody send himself a signal but through tgkill(), as raise() does. */
	assert_int_equal(run(take_too_long), STATUS_FAILED);
	assert_non_null(strstr(said, "takes too long"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
