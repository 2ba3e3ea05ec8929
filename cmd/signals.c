// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * signals.c - signals -> a descriptor: whatever ends a recording, there is one way out
 */
#include <errno.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "signals.h"

/* What nobody sends to end a program, but ends it: by mistake, or a limit of CPU time. */
static const int unusual[] = { SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGIO,
			       SIGPWR };

bool signals_is_unusual(int number)
{
	for (size_t i = 0; i < sizeof(unusual) / sizeof(unusual[0]); i++)
		if (unusual[i] == number)
			return true;
	return false;
}

/* One that is blocked is queued even where it is ignored, as nohup(1) ignores SIGHUP. */
static void add_unless_ignored(sigset_t *set, int number)
{
	struct sigaction now;

	if (sigaction(number, NULL, &now) || now.sa_handler != SIG_IGN)
		sigaddset(set, number);
}

int signals_block(sigset_t *before)
{
	static const int number[] = { SIGINT, SIGTERM, SIGQUIT, SIGPIPE, SIGCHLD };
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++)
		sigaddset(&set, number[i]);
	add_unless_ignored(&set, SIGHUP);
	for (size_t i = 0; i < sizeof(unusual) / sizeof(unusual[0]); i++)
		add_unless_ignored(&set, unusual[i]);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	/* Blocked as well, but nobody waits for it: writes say EFBIG. */
	sigaddset(&set, SIGXFSZ);
	if (fd < 0 || sigprocmask(SIG_BLOCK, &set, before))
		return -errno;
	return fd;
}

int signals_next(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
}

int signals_next_of_others(int fd)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGPIPE || info.ssi_pid != (uint32_t)getpid())
			return (int)info.ssi_signo;
	return 0;
}

int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}
