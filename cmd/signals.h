/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signals.h - signals as something to be read, and time, for loops that wait
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Blocks what ends a recording, and SIGCHLD; @before is what a command gets.  SIGHUP and unusual
 * ones go on being ignored if they are.  Not SIGINT: shells ignore it for what they start with '&'.
 * Return: a descriptor of signalfd(2), -errno.
 */
int signals_block(sigset_t *before);
/* Is it one that would have ended the program, but not one that is sent to do that? */
bool signals_is_unusual(int number);
/* Return: the next signal that has come, 0: none. */
int signals_next(int fd);
/* As that, but without a SIGPIPE that came of writing a message that nobody reads. */
int signals_next_of_others(int fd);
/* CLOCK_MONOTONIC */
int64_t now_ns(void);

#endif /* SIGNALS_H */
