/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake-kernel.h - a kernel for probes: its BTF, its events, its symbols
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include "emit.h"

/* As the README of 5.10, 6.1 and 6.12. */
extern const char readme_5_10[], readme_6_1[], readme_6_12[];

#define FAKE_KERNEL_DIR	"probe-kernel"

/* Set-up and tear-down of a group of tests: files in FAKE_KERNEL_DIR. */
int fake_kernel_make(void **state);
int fake_kernel_remove(void **state);
/* What can be probed there, with the features that @readme tells of. */
void fake_kernel_init(struct probe_kernel *kernel, const char *readme);

#endif /* FAKE_KERNEL_H */
