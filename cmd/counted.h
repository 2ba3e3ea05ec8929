/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counted.h - the kernel's counters that a capture carries, for its drops
 */
#ifndef CMD_COUNTED_H
#define CMD_COUNTED_H

#include "skbtrail.h"

/*
 * As trail_reconcile_of(); counters that are damaged are warned of, as they are no reason not to
 * show the packets.  Return: 0 or -ENOMEM.
 */
int counted_open(const struct trail_capture *cap, struct trail_reconcile **out);

#endif /* CMD_COUNTED_H */
