/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events.h - the events of a capture as lines, as `trace-cmd report` prints them
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "skbtrail.h"

/**
 * struct events_opts - which of them
 * @has_parts: those too that are there for another event, and are told with that one
 */
struct events_opts {
	bool (*passes)(void *data, const struct trail_event *event);
	void *data;
	bool has_parts;
};

/* Prints to standard output.  Return: 0 or -errno; -EIO: there nothing can be written. */
int events_print(struct trail_capture *cap, const struct events_opts *opts);

#endif /* EVENTS_H */
