/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * process-private.h - between process*.c
 */
#ifndef PROBE_PROCESS_PRIVATE_H
#define PROBE_PROCESS_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

/* Is it the process that was started at @since, struct process.start_time? */
bool process_is_alive(int pid, uint64_t since);

#endif /* PROBE_PROCESS_PRIVATE_H */
