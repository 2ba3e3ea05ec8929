/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ahead.h - events read in a thread of their own
 */
#ifndef AHEAD_H
#define AHEAD_H

#include "skbtrail.h"

struct ahead;

/*
 * Starts the thread, which from now on is the only one to read records of @cap.
 * Return: 0 and @out; a negative errno and nothing has changed.
 */
int ahead_start(struct trail_capture *cap, struct ahead **out);
/* As trail_capture_batch(), but of @max events at most. */
int ahead_take(struct ahead *ahead, const struct trail_event **events, uint32_t max);
/* At any time; the records are not to be read further. */
void ahead_stop(struct ahead *ahead);

#endif /* AHEAD_H */
