// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-sandbox.c - what the child that prints events may do, and what not
 */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../cmd/sandbox.h"

#define FILE_NAME	"sandbox-test.txt"

/* Return: number of the first thing that is not as it should be, 0 none. */
static int try_all(int fd)
{
	void *memory;

	sandbox_enter();
	if (open(FILE_NAME, O_RDONLY) < 0)
		return 1;
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || write(fd, "x", 1) != 1)
		return 2;
	if (open(FILE_NAME, O_WRONLY) >= 0 || errno != EPERM)
		return 3;
	if (open(FILE_NAME, O_RDWR | O_CREAT, 0600) >= 0 || creat("sandbox-other.txt", 0600) >= 0)
		return 4;
	if (open(FILE_NAME, O_RDONLY | O_TRUNC) >= 0)
		return 5;
	if (!unlink(FILE_NAME) || !rename(FILE_NAME, "sandbox-other.txt") ||
	    !chmod(FILE_NAME, 0777))
		return 6;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || fork() >= 0)
		return 7;
	if (!execl("/bin/true", "true", (char *)NULL) || !kill(getppid(), 0))
		return 8;
	if (!ioctl(fd, TIOCSTI, "x") || errno != EPERM)
		return 9;
	return 0;
}

static void test_calls(void **state)
{
	int fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);
	int status;
	pid_t pid;

	(void)state;
#if !defined(__x86_64__) && !defined(__aarch64__)
	skip();
#endif
	assert_true(fd >= 0);
	pid = fork();
	if (!pid)
		_exit(try_all(fd));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	close(fd);
	assert_int_equal(unlink(FILE_NAME), 0);
}

static void test_abort(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		sandbox_enter();
		abort();
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_abort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
