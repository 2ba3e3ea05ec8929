/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reconcile-private.h - inside of a reconciliation
 */
#ifndef COUNTERS_RECONCILE_PRIVATE_H
#define COUNTERS_RECONCILE_PRIVATE_H

#include "edge.h"
#include "match.h"
#include "series.h"

#define RECONCILE_WHY	192
#define RECONCILE_LABEL	96

/* @row.label and @row.why are in here. */
struct row {
	struct trail_reconcile_row row;
	char label[RECONCILE_LABEL];
	char why[RECONCILE_WHY];
};

/**
 * struct reconcile_span - what time is looked at
 * @info: says what events are missing of it
 * @seen: drops of it, by counter_match()
 * @first_look: number of the look that it begins with
 * @since_mark: it begins at trail_counters_mark()
 */
struct reconcile_span {
	const struct trail_capture_info *info;
	const uint64_t *seen;
	uint32_t first_look;
	bool since_mark;
};

/**
 * struct summed - a counter, over all objects and namespaces
 * @is_there: anywhere
 * @was_reset, @is_gone: somewhere, within the span
 */
struct summed {
	uint64_t counted;
	bool is_there;
	bool was_reset;
	bool is_gone;
};

/**
 * struct reconcile_edge - looks at a counter between drops
 * @first: the first look
 * @open: the last one
 * @last: the same, narrowed by all looks so far; of the look before while @open is open
 * @whole_min: of the last look that took all network namespaces, its min
 * @is_stale: @open did not take all of them
 */
struct reconcile_edge {
	struct edge first;
	struct edge open;
	struct edge last;
	uint64_t whole_min;
	bool is_stale;
};

/**
 * struct trail_reconcile - under way
 * @own: @counters, if they are to be freed with it
 * @seen: by counter_match()
 * @edge, @between: likewise, of drops that are live; @between is seen of a span
 * @from_ns, @until_ns: the look that is open; drops before the one are before it, those from the
 *			other on behind it.  0: none is open
 * @has_begun: the first look is over
 * @has_reasons: the kernel gives reasons
 * @has_unknown: there were drops without one, of which nothing tells what they are
 */
struct trail_reconcile {
	const struct trail_counters *counters;
	struct trail_counters *own;
	uint64_t *seen;
	struct reconcile_edge *edge;
	uint64_t *between;
	uint64_t from_ns;
	uint64_t until_ns;
	size_t nr_match;
	bool has_begun;
	bool has_reasons;
	bool has_unknown;
	struct row *row;
	struct trail_reconcile_row *out;
	size_t nr_row;
};

/* The counter of @match over all objects and network namespaces: events do not say which. */
void reconcile_sum(const struct trail_counters *counters, const struct reconcile_span *span,
		   const struct counter_match *match, struct summed *sum);
size_t reconcile_rows(struct trail_reconcile *reconcile, const struct reconcile_span *span,
		      const struct trail_reconcile_row **out);
/* Counts drops.  Return: index of the counter_match(); -ENOENT: no counter counts them. */
int reconcile_count(struct trail_reconcile *reconcile, const struct trail_drop *drop,
		    uint64_t count);

#endif /* COUNTERS_RECONCILE_PRIVATE_H */
