/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child.h - a process for what a capture may crash
 */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>

/**
 * child_start - goes on in a child process that can do little but read files and write its output
 * @file: the capture; its size bounds the child's memory and time
 * @what: for the message when it crashes: "events cannot be printed"
 * @status: set in the parent
 *
 * The child cannot create, change or remove files, start programs or reach the network, as far as
 * the kernel has seccomp.
 *
 * Return: true in the child; false in the parent, once the child has ended: the exit status is
 * @status, and what is to be said of a crash has been said.
 */
bool child_start(const char *file, const char *what, int *status);

#endif /* CHILD_H */
