// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * reconcile-live.c - drops while they happen, and looks at their counters in between -> rows
 *
 * A look is judged when all drops up to a little behind it are in; edge.c has the rule.  Where a
 * look left network namespaces alone, drops since the last look that took all of them may be in its
 * sum or not.
 */
#include <errno.h>

#include "reconcile-private.h"

/* A record gets its time before it is written (lib/live/take.c), or before the drop is counted. */
#define BEFORE_NS	UINT64_C(2000000)
/* From the count to the event; in between the kernel may answer with an ICMP message. */
#define BEHIND_NS	UINT64_C(10000000)

void trail_reconcile_drop_at(struct trail_reconcile *reconcile, const struct trail_drop *drop,
			     uint64_t time_ns)
{
	int i = reconcile_count(reconcile, drop, 1);
	struct reconcile_edge *edge = &reconcile->edge[i >= 0 ? i : 0];

	if (i < 0 || !reconcile->until_ns)
		return;
	if (time_ns < reconcile->from_ns && !edge->is_stale)
		edge->open.min++;
	if (time_ns < reconcile->until_ns)
		edge->open.max++;
}

/* Has the last look left a source of that name alone? */
static bool is_stale(const struct trail_counters *counters, const char *name)
{
	for (size_t i = 0; i < counters->nr_source; i++) {
		const struct series_source *source = &counters->source[i];

		if (!source->first && !source->is_gone && !strcmp(source->source, name))
			return true;
	}
	return false;
}

void trail_reconcile_look(struct trail_reconcile *reconcile, uint64_t from_ns, uint64_t to_ns)
{
	reconcile->from_ns = from_ns > BEFORE_NS ? from_ns - BEFORE_NS : 0;
	reconcile->until_ns = to_ns + BEHIND_NS;
	for (size_t i = 0; i < reconcile->nr_match; i++) {
		struct reconcile_edge *edge = &reconcile->edge[i];

		edge->is_stale = is_stale(reconcile->counters, counter_match(i)->source);
		edge->open.max = reconcile->seen[i];
		edge->open.min = edge->is_stale ? edge->whole_min : reconcile->seen[i];
	}
}

uint64_t trail_reconcile_due(const struct trail_reconcile *reconcile)
{
	return reconcile->until_ns;
}

static void judge(struct trail_reconcile *reconcile, const struct reconcile_span *span, size_t i)
{
	struct reconcile_edge *edge = &reconcile->edge[i];
	struct edge to = edge->open;
	struct summed found;

	reconcile_sum(reconcile->counters, span, counter_match(i), &found);
	if (!edge->is_stale)
		edge->whole_min = edge->open.min;
	if (!reconcile->has_begun)
		edge->first = edge->open;
	else
		reconcile->between[i] = edge_seen(&edge->last, &to, found.counted);
	edge->last = to;
}

size_t trail_reconcile_interval(struct trail_reconcile *reconcile,
				const struct trail_capture_info *info,
				const struct trail_reconcile_row **out)
{
	const struct reconcile_span span = {
		.info = info, .seen = reconcile->between,
		.first_look = reconcile->counters->mark_look, .since_mark = true,
	};
	bool has_begun = reconcile->has_begun;

	for (size_t i = 0; i < reconcile->nr_match; i++)
		judge(reconcile, &span, i);
	reconcile->has_begun = true;
	reconcile->until_ns = 0;
	return has_begun ? reconcile_rows(reconcile, &span, out) : 0;
}

size_t trail_reconcile_total(struct trail_reconcile *reconcile,
			     const struct trail_capture_info *info,
			     const struct trail_reconcile_row **out)
{
	const struct reconcile_span span = { .info = info, .seen = reconcile->between };

	if (!reconcile->has_begun)
		return 0;
	for (size_t i = 0; i < reconcile->nr_match; i++) {
		struct edge to = reconcile->edge[i].open;
		struct summed found;

		reconcile_sum(reconcile->counters, &span, counter_match(i), &found);
		reconcile->between[i] = edge_seen(&reconcile->edge[i].first, &to, found.counted);
	}
	return reconcile_rows(reconcile, &span, out);
}
