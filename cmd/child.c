// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * child.c - a process for what a capture may crash
 *
 * libtraceevent and libtracecmd parse print formats and sections of a file as if the own kernel had
 * written them.  What they get was checked as far as that goes without a second such parser; the
 * rest must do no harm: it crashes a child, and while it does, it can only write to what is open.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "cmd.h"
#include "sandbox.h"

/* libtraceevent keeps symbols and formats some twenty times as large as they are in a file. */
#define MEMORY_BYTES	(1ull << 30)
#define MEMORY_RATIO	256
/* It prints a MB of pages in 0.1 s; compressed ones are a tenth. */
#define TIME_S		60
#define BYTES_PER_S	(64u << 10)

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN	1
#endif
#endif

static void limit(int resource, uint64_t value)
{
	struct rlimit old, new = { .rlim_cur = value, .rlim_max = value };

	/* Only to less than it is. */
	if (!getrlimit(resource, &old) && value < old.rlim_max)
		setrlimit(resource, &new);
}

static void confine(const char *file, pid_t parent)
{
	struct stat st;
	uint64_t size = stat(file, &st) ? 0 : (uint64_t)st.st_size;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(STATUS_FAILED);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, TIME_S + size / BYTES_PER_S);
	/* The sanitizer's own memory is terabytes of addresses, and it traces itself at the end. */
#ifndef HAVE_ASAN
	limit(RLIMIT_AS, MEMORY_BYTES + MEMORY_RATIO * size);
	sandbox_enter();
#endif
}

/* As if what ended the child had been sent to us. */
static void end_alike(int number)
{
	signal(number, SIG_DFL);
	raise(number);
}

static int judge(const char *file, const char *what, int ended)
{
	int number = WIFSIGNALED(ended) ? WTERMSIG(ended) : 0;

	if (!number)
		return WIFEXITED(ended) ? WEXITSTATUS(ended) : STATUS_FAILED;
	if (number == SIGPIPE || number == SIGINT || number == SIGTERM || number == SIGHUP ||
	    number == SIGQUIT)
		end_alike(number);
	complain("packets by the native reader need neither libtraceevent nor libtracecmd",
		 "%s: %s: the file is damaged: %s", file, what,
		 number == SIGXCPU || number == SIGKILL ? "reading it takes too long" :
		 "reading it crashed");
	return STATUS_FAILED;
}

bool child_start(const char *file, const char *what, int *status)
{
	pid_t parent = getpid(), child;
	int ended = 0;

	fflush(stdout);
	child = fork();
	if (child < 0) {
		complain(NULL, "%s: cannot start a process: %s", file, strerror(errno));
		*status = STATUS_FAILED;
		return false;
	}
	if (!child) {
		confine(file, parent);
		return true;
	}
	while (waitpid(child, &ended, 0) < 0 && errno == EINTR)
		;
	*status = judge(file, what, ended);
	return false;
}
