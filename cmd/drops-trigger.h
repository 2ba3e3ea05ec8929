/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drops-trigger.h - a flight recording that ends at the first packet of a kind
 */
#ifndef DROPS_TRIGGER_H
#define DROPS_TRIGGER_H

#include "skbtrail.h"

struct trigger;

/*
 * Sets it up.  @expr: as of report --where; @output: the capture.  Both must outlive it.
 * Return: 0 or -errno, after complaining; -EINVAL where @expr is wrong.
 */
int trigger_open(const char *expr, const char *output, struct trigger **out);
/* Begins to record, by threads that have the privileges of the caller.  Return: 0 or -errno. */
int trigger_start(struct trigger *trigger);
/* A packet was dropped: is it the one? */
void trigger_packet(struct trigger *trigger, const struct trail_packet *packet);
/*
 * To be called some times a second: looks after the recording, and writes the capture when it is
 * time.  @is_over: nothing more will come.  Return: 0 or -errno, after complaining.
 */
int trigger_look(struct trigger *trigger, bool is_over);
/* May be NULL.  Of a recording that was not written nothing is left. */
void trigger_close(struct trigger *trigger);

#endif /* DROPS_TRIGGER_H */
