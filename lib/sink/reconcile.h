/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reconcile.h - what the sinks print of drops beside the kernel's counters
 */
#ifndef SINK_RECONCILE_H
#define SINK_RECONCILE_H

#include "json.h"

/*
 * Hands the drops of opts->stat to opts->reconcile, once all are in: to be called once for a
 * reconciliation.  Return: how many rows, 0 where there is none.
 */
size_t reconcile_take(const struct trail_sink_opts *opts, const struct trail_reconcile_row **row);
/* The same of the drops in @drops. */
size_t reconcile_take_drops(const struct trail_sink_opts *opts, struct trail_drops *drops,
			    const struct trail_reconcile_row **row);
/* For the answer at the head: what is not explained, and what no event shows. */
void reconcile_print_top(const struct trail_sink_opts *opts, const struct trail_reconcile_row *row,
			 size_t nr_row);
/* All rows, a line each, and what to look at where no drop has it. */
void reconcile_print_rows(const struct trail_sink_opts *opts, const struct trail_reconcile_row *row,
			  size_t nr_row);
/* The same below a title. */
void reconcile_print(const struct trail_sink_opts *opts, const struct trail_reconcile_row *row,
		     size_t nr_row);
/* The array "reconciliation" */
void json_reconcile(struct json *json, const struct trail_reconcile_row *row, size_t nr_row);

#endif /* SINK_RECONCILE_H */
