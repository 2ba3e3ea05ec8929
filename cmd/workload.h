/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * workload.h - the command that is recorded
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* What ended by signal N has the status 128 + N, as a shell says it. */
#define STATUS_SIGNAL	128

/**
 * struct workload - the command that is recorded
 * @pid: 0 without a command
 * @go_fd: closing it lets the command start
 * @status: exit status as a shell would say it, once @has_ended
 */
struct workload {
	pid_t pid;
	int go_fd;
	int status;
	bool has_ended;
};

/* Forks it; it waits for workload_go() and then has the signal mask @mask.  Return: 0 or -errno. */
int workload_start(struct workload *workload, char **command, const sigset_t *mask);
void workload_go(struct workload *workload);
/* Has it ended?  Keeps its status. */
bool workload_reap(struct workload *workload);
/* Ends what still runs, gently at first; a command that was never started just goes. */
void workload_end(struct workload *workload);

#endif /* WORKLOAD_H */
