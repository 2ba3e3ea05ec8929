/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drops-show.h - live drops -> lines and tables
 */
#ifndef DROPS_SHOW_H
#define DROPS_SHOW_H

#include "drops-live.h"
#include "screen.h"
#include "skbtrail.h"

/**
 * struct show - how they are shown
 * @cap: for names, symbols and the time of day
 * @owners: who has which socket open
 * @width: of the terminal, 0: none
 * @second_ns, @nr_line, @nr_hidden: of packets: the running second, lines in it, packets without
 */
struct show {
	const struct drops_live_opts *opts;
	const struct trail_capture *cap;
	struct trail_owners *owners;
	struct screen screen;
	unsigned int width;
	bool color;
	uint64_t second_ns;
	uint64_t nr_line;
	uint64_t nr_hidden;
};

/**
 * struct shown - an interval, or all of them
 * @from_ns, @to_ns: by the trace clock
 * @lost: by CPU, @nr_lost of them, that lost events in it
 * @counted: drops beside the kernel's counters, NULL: not known
 * @unjudged: drops of which it is not known whether they were asked for
 * @nr: number of the interval, the first is 1; 0 = the total
 * @is_all: there is no other
 */
struct shown {
	struct trail_drops *drops;
	uint64_t from_ns;
	uint64_t to_ns;
	const struct trail_live_cpu *lost;
	const struct trail_drops_counted *counted;
	uint32_t nr_lost;
	uint64_t unjudged;
	uint64_t nr;
	bool is_all;
};

void show_begin(struct show *show, const struct drops_live_opts *opts);
/* Return: 0; -EIO nobody reads it, or the disk is full; -ENOMEM. */
int show_drops(struct show *show, const struct shown *shown);
/* One that was dropped, as it happens. */
void show_packet(struct show *show, const struct trail_packet *packet);
/* The lines of packets so far.  Return: 0 or -EIO, after complaining. */
int show_now(void);
/* How many were left out of the last second, once it is over at @now_ns. */
void show_left_out(struct show *show, uint64_t now_ns);

#endif /* DROPS_SHOW_H */
