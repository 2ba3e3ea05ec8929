// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * terminal.c - the environment -> width, colours and pager of standard output
 *
 * Ask for width and colours before the pager starts: behind it stdout is a pipe.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "terminal.h"

#define DEFAULT_WIDTH	80
/* For the shell: not every machine has less. */
#define DEFAULT_PAGER	"if command -v less >/dev/null; then exec less; else exec cat; fi"

unsigned int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	int width;

	if (!isatty(STDOUT_FILENO))
		return 0;
	width = columns ? atoi(columns) : 0;
	if (width > 0)
		return (unsigned int)width;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return DEFAULT_WIDTH;
}

/* One that prints and nothing else: less would ask for Enter before it begins. */
static bool is_dumb(void)
{
	const char *term = getenv("TERM");

	return !term || !*term || !strcmp(term, "dumb");
}

int terminal_color(const char *when)
{
	const char *no_color = getenv("NO_COLOR");

	if (!strcmp(when, "always"))
		return 1;
	if (!strcmp(when, "never"))
		return 0;
	if (strcmp(when, "auto"))
		return -EINVAL;
	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && !is_dumb();
}

/* The first of the variables that is set, even to "": that is a wish for no pager. */
static const char *pager_command(void)
{
	const char *command = getenv("SKBTRAIL_PAGER");

	if (!command)
		command = getenv("PAGER");
	if (!command)
		command = DEFAULT_PAGER;
	return strcmp(command, "cat") ? command : "";
}

static void run_pager(const char *command, const int pipe_fd[2])
{
	dup2(pipe_fd[0], STDIN_FILENO);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	setenv("LESS", "FRSX", 0);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

pid_t pager_start(void)
{
	const char *command = pager_command();
	int pipe_fd[2];
	pid_t pid;

	if (!isatty(STDOUT_FILENO) || is_dumb() || !*command || pipe(pipe_fd))
		return 0;
	fflush(stdout);
	pid = fork();
	if (!pid)
		run_pager(command, pipe_fd);
	if (pid > 0)
		dup2(pipe_fd[1], STDOUT_FILENO);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	return pid > 0 ? pid : 0;
}

void pager_wait(pid_t pid)
{
	if (pid <= 0)
		return;
	fflush(stdout);
	close(STDOUT_FILENO);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
