/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/drops-print.h - statistics over dropped packets -> text, JSON
 */
#ifndef SKBTRAIL_DROPS_PRINT_H
#define SKBTRAIL_DROPS_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "skbtrail/capture.h"
#include "skbtrail/drops.h"
#include "skbtrail/sink.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct trail_drops_counted - drops beside the kernel's counters
 * @row: @nr_row of them, of trail_reconcile_interval() or trail_reconcile_total(); of a capture,
 *	 of trail_reconcile_rows()
 * @note: @nr_note lines: what could not be looked at
 */
struct trail_drops_counted {
	const struct trail_reconcile_row *row;
	size_t nr_row;
	const char *const *note;
	size_t nr_note;
};

/**
 * struct trail_drops_print - how drops are printed
 * @out: stream to write to
 * @capture: asked for the symbols of stacks, and for the time of day; NULL: neither
 * @about: what is said of a capture as a whole: info, selection, devices; NULL: nothing
 * @counted: live, drops beside the kernel's counters; NULL: they are not known.  Of a capture
 *	     about->reconcile has them
 * @owner: the process that has the socket of @owner open: fills @comm, of @size bytes.  Return: its
 *	   pid, 0: not known.  NULL: what the drops themselves say
 * @data: handed to it
 * @width: columns of the terminal, 0 = not a terminal
 * @color: colours wanted
 * @all: benign drops as well
 * @stack: the stacks of each row, in details and JSON
 */
struct trail_drops_print {
	FILE *out;
	const struct trail_capture *capture;
	const struct trail_sink_opts *about;
	const struct trail_drops_counted *counted;
	int32_t (*owner)(void *data, const struct trail_drop_owner *owner, char *comm, size_t size);
	void *data;
	unsigned int width;
	bool color;
	bool all;
	bool stack;
};

/**
 * struct trail_drops_interval - of what time they are, for JSON
 * @from_ns, @to_ns: of the trace clock
 * @lost: events that the kernel has lost meanwhile
 * @unjudged: drops of which it is not known whether they were asked for
 * @number: of the interval; 0: all of them together
 */
struct trail_drops_interval {
	uint64_t from_ns;
	uint64_t to_ns;
	uint64_t lost;
	uint64_t unjudged;
	uint64_t number;
};

/* All that return something: 0; -ENOMEM; -EIO. */

/* Of a capture: what it is, the answer, the table, the details, lost events. */
int trail_drops_print_text(const struct trail_drops_print *print, struct trail_drops *drops);
/* How many packets were lost, and by what most of them: one or two lines. */
int trail_drops_print_answer(const struct trail_drops_print *print, struct trail_drops *drops);
/* The second of these, what to look at: nothing where nothing was lost. */
int trail_drops_print_worst(const struct trail_drops_print *print, struct trail_drops *drops);
/*
 * The rows, most drops first, with their most frequent flow and socket; nothing where there are
 * none.
 */
int trail_drops_print_table(const struct trail_drops_print *print, struct trail_drops *drops);
/* A line for each of print->counted, what is not explained first. */
int trail_drops_print_counted(const struct trail_drops_print *print);
/* By class, of each row: the way before, how full the queue was, who, advice. */
int trail_drops_print_details(const struct trail_drops_print *print, struct trail_drops *drops);
/* Kernel stacks of the rows that have some, most frequent first. */
int trail_drops_print_stacks(const struct trail_drops_print *print, struct trail_drops *drops);
/**
 * trail_drops_unseen - packets that print->counted says were lost, beside those of @drops
 *
 * Of counters whose losses no event shows, one for each way to lose a packet, so that none counts
 * twice.  Return: are the counters known?  If not @count is 0.
 */
bool trail_drops_unseen(const struct trail_drops_print *print, struct trail_drops *drops,
			uint64_t *count);
/*
 * One line: an object with all rows, as Documentation/skbtrail-drops.1.txt has it.  @interval NULL:
 * of a capture.
 */
int trail_drops_print_json(const struct trail_drops_print *print, struct trail_drops *drops,
			   const struct trail_drops_interval *interval);
/* One line about a packet that was dropped: when, where, who it is, and why. */
void trail_drops_print_packet(const struct trail_drops_print *print,
			      const struct trail_packet *packet);
/* "12:34:56.789012", the local time of day; seconds of the trace clock where that is not known. */
const char *trail_drops_time(const struct trail_drops_print *print, uint64_t ns, char buf[32]);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_DROPS_PRINT_H */
