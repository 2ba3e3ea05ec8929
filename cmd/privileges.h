/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * privileges.h - what goes on with the kernel's events needs of root, and no more
 */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include <stdbool.h>

/*
 * Once everything is set up, and the command forked, which keeps what the user had: raises the
 * limit of open files to what a recorder for each CPU takes, then gives all capabilities up but
 * those that finishing @output and ending the command need.  Threads started later have no more.
 * @output: a file to be finished, or NULL
 * @restores: files of an instance that is not ours may have to be written back; on 5.10 some of
 * them are writable for nobody by their mode (kernel/trace/trace.c: buffer_percent, 0444).
 * Return: 0 or -errno: they could not be given up.
 */
int privileges_drop(const char *output, bool has_command, bool restores);
/*
 * The same for live drops: who has which socket open can still be asked.  @output: NULL: none.
 * Return: 0 or -errno.
 */
int privileges_drop_but_sockets(const char *output);

#endif /* PRIVILEGES_H */
