// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * workload.c - the command that is recorded, from fork to exit status
 *
 * It is forked before tracing starts and waits on a pipe, so that it can be named to the kernel
 * (-F) and nothing of its start is missed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "workload.h"

/* A workload that was told to end has so long to do it. */
#define END_MS		2000

/* In the child; ends it. */
static void run_command(char **command, int go_fd, const sigset_t *mask)
{
	char byte;
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* A byte means go; end of file that the recording came to nothing. */
	if (read(go_fd, &byte, 1) != 1)
		_exit(STATUS_FAILED);
	prctl(PR_SET_PDEATHSIG, 0);
	close(go_fd);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(command[0], command);
	err = errno;
	complain(NULL, "%s: %s", command[0], strerror(err));
	_exit(err == ENOENT ? 127 : 126);
}

int workload_start(struct workload *workload, char **command, const sigset_t *mask)
{
	int fd[2];

	*workload = (struct workload){ .go_fd = -1 };
	if (!*command)
		return 0;
	if (pipe(fd))
		return -errno;
	fflush(NULL);
	workload->pid = fork();
	if (workload->pid < 0) {
		close(fd[0]);
		close(fd[1]);
		return -errno;
	}
	if (!workload->pid) {
		close(fd[1]);
		run_command(command, fd[0], mask);
	}
	close(fd[0]);
	workload->go_fd = fd[1];
	return 0;
}

void workload_go(struct workload *workload)
{
	if (workload->go_fd < 0)
		return;
	if (write(workload->go_fd, "", 1) < 0)
		complain(NULL, "record: the command is gone: %s", strerror(errno));
	close(workload->go_fd);
	workload->go_fd = -1;
}

bool workload_reap(struct workload *workload)
{
	int status;

	if (!workload->pid || workload->has_ended)
		return workload->has_ended;
	if (waitpid(workload->pid, &status, WNOHANG) != workload->pid)
		return false;
	workload->has_ended = true;
	workload->status = WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status)
					       : WEXITSTATUS(status);
	return true;
}

void workload_end(struct workload *workload)
{
	const struct timespec step = { 0, 10000000 };

	if (workload->go_fd >= 0)
		close(workload->go_fd);
	workload->go_fd = -1;
	if (!workload->pid || workload_reap(workload))
		return;
	kill(workload->pid, SIGTERM);
	for (int ms = 0; ms < END_MS && !workload_reap(workload); ms += 10)
		nanosleep(&step, NULL);
}
