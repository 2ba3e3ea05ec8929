/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * feed.h - a capture whose pages come while it is read
 *
 * A capture file without data tells of formats and symbols; the pages are handed over one by one:
 *
 *	feed_begin()	what was given out so far is not looked at any more
 *	feed_room()	where the next page of a CPU goes, then
 *	feed_add()	it is there; any number of them
 *	feed_until()	all records older than this are among the pages
 *	feed_read()	these, in time order, until there are none left
 */
#ifndef FEED_H
#define FEED_H

#include <stdint.h>

#include "skbtrail.h"

/**
 * struct feed_cpu_stat - what came of a CPU
 * @events: read
 * @lost: before them, by the page headers; the number was not always said where @lost_unknown
 */
struct feed_cpu_stat {
	uint64_t events;
	uint64_t lost;
	uint64_t lost_unknown;
};

/**
 * struct feed_opts - where it comes from
 * @head: path of the file without data
 * @plugin: as in struct trail_capture_opts
 * @nr_cpu: CPUs are numbered below it
 * @comm: name of a task, valid until the next call, or NULL; @arg is handed to it
 */
struct feed_opts {
	const char *head;
	const struct trail_plugin *const *plugin;
	uint32_t nr_cpu;
	const char *(*comm)(void *arg, int pid);
	void *arg;
};

/* To be closed by trail_capture_close().  Return: as trail_capture_open(). */
int feed_open(const struct feed_opts *opts, struct trail_capture **out, struct trail_error *error);
/* After feed_read() has returned 0, and before each round of feed_room(). */
void feed_begin(struct trail_capture *cap);
/* Room for one page; valid until the next call.  Return: its size, or -ENOMEM. */
int feed_room(struct trail_capture *cap, uint32_t cpu, unsigned char **page);
/* Return: the time at which the page begins. */
uint64_t feed_add(struct trail_capture *cap, uint32_t cpu);
/* @until_ns: of the trace clock; 0 = all that is there.  Return: 0; -EINVAL damaged; -ENOMEM. */
int feed_until(struct trail_capture *cap, uint64_t until_ns);
/*
 * Fills in up to @max events, valid until feed_begin().  A record that came too late, after younger
 * ones were given out, comes first.
 * Return: how many, 0 none is left; -EINVAL damaged.
 */
int feed_read(struct trail_capture *cap, struct trail_event *event, uint32_t max);
void feed_stat(const struct trail_capture *cap, uint32_t cpu, struct feed_cpu_stat *out);

#endif /* FEED_H */
