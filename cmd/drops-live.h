/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drops-live.h - `skbtrail drops` without a FILE
 */
#ifndef DROPS_LIVE_H
#define DROPS_LIVE_H

#include <stdbool.h>
#include <stdint.h>

struct select;

/**
 * struct drops_live_opts - what is shown, and for how long
 * @interval_ns: of a table
 * @count: tables, then it ends; 0 = no bound
 * @for_ns: time, then it ends; 0 = no bound
 * @trigger: expression as of report --where, the first drop that matches ends a recording; or NULL
 * @output: capture of the trigger
 * @select: which drops count
 * @color: colours wanted
 * @once: as @count 1
 * @all: benign drops as well
 * @json: a line for each interval
 * @stack: kernel stacks of each location
 * @packet: each dropped packet as it happens
 */
struct drops_live_opts {
	uint64_t interval_ns;
	uint64_t for_ns;
	long count;
	const char *trigger;
	const char *output;
	struct select *select;
	bool color;
	bool once;
	bool all;
	bool json;
	bool stack;
	bool packet;
};

/* Until Ctrl-C or what @opts say.  Return: exit status; has complained where it failed. */
int drops_live_run(const struct drops_live_opts *opts);

#endif /* DROPS_LIVE_H */
