/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SANDBOX_H
#define SANDBOX_H

/*
 * From now on this process can read files, use memory and write to what is open, and nothing else;
 * other system calls fail with EPERM.  Where the kernel or the machine's architecture lacks that,
 * nothing changes.
 */
void sandbox_enter(void);

#endif /* SANDBOX_H */
