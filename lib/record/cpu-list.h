/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpu-list.h - the kernel's lists of CPUs, "0-3,8,10-11"
 */
#ifndef CPU_LIST_H
#define CPU_LIST_H

#include <stdbool.h>

bool cpu_list_has(const char *list, int cpu);
/* One more than the highest CPU of it; 0 where it names none. */
int cpu_list_end(const char *list);

#endif /* CPU_LIST_H */
