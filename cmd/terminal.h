/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terminal.h - what standard output is: width, colours, a pager
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>

/* Columns of the terminal that standard output is, 0 when it is none. */
unsigned int terminal_width(void);
/*
 * @when: "auto", "always" or "never".  Auto: a terminal that is not dumb, and no NO_COLOR.
 * Return: 1, 0, or -EINVAL for another word.
 */
int terminal_color(const char *when);

/**
 * pager_start - send standard output through a pager, if it is a terminal
 * Return: its pid for pager_wait(), or 0 when there is none: output then goes on as it was.
 */
pid_t pager_start(void);
/* Ends the pager's input and waits until the user has left it. */
void pager_wait(pid_t pid);

#endif /* TERMINAL_H */
