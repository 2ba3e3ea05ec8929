// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * reconcile.c - drops that events told, beside the counters that count them -> what is missing
 *
 * A difference is explained only by what the capture itself says: events that were lost or let go,
 * packets that were not to be recorded, a kernel that does not tell reasons, a device that drops
 * before there is a packet.  All other differences are unexplained, and come first.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "reconcile-private.h"

#define MAX_UNSEEN	256

int trail_reconcile_new(const struct trail_counters *counters, struct trail_reconcile **out)
{
	struct trail_reconcile *reconcile = calloc(1, sizeof(*reconcile));

	if (!reconcile)
		return -ENOMEM;
	reconcile->counters = counters;
	while (counter_match(reconcile->nr_match))
		reconcile->nr_match++;
	reconcile->seen = calloc(reconcile->nr_match, sizeof(*reconcile->seen));
	reconcile->edge = calloc(reconcile->nr_match, sizeof(*reconcile->edge));
	reconcile->between = calloc(reconcile->nr_match, sizeof(*reconcile->between));
	reconcile->row = calloc(reconcile->nr_match + MAX_UNSEEN, sizeof(*reconcile->row));
	reconcile->out = calloc(reconcile->nr_match + MAX_UNSEEN, sizeof(*reconcile->out));
	if (!reconcile->seen || !reconcile->edge || !reconcile->between || !reconcile->row ||
	    !reconcile->out) {
		trail_reconcile_free(reconcile);
		return -ENOMEM;
	}
	*out = reconcile;
	return 0;
}

void trail_reconcile_free(struct trail_reconcile *reconcile)
{
	if (!reconcile)
		return;
	trail_counters_free(reconcile->own);
	free(reconcile->seen);
	free(reconcile->edge);
	free(reconcile->between);
	free(reconcile->row);
	free(reconcile->out);
	free(reconcile);
}

/* lib/record/counting.c says so. */
static bool is_partial(const struct trail_counters *counters)
{
	struct trail_setting setting;

	for (size_t i = 0; trail_counters_setting(counters, i, &setting); i++)
		if (!*setting.netns && !strcmp(setting.object, RECONCILE_RECORDING))
			return true;
	return false;
}

int trail_reconcile_of(const struct trail_capture *cap, struct trail_reconcile **out,
		       struct trail_error *error)
{
	struct trail_counters *counters;
	int err = trail_counters_of(cap, &counters, error);

	*out = NULL;
	if (!err && !trail_capture_info(cap)->packet_filter && !is_partial(counters))
		err = trail_reconcile_new(counters, out);
	if (*out)
		(*out)->own = counters;
	else
		trail_counters_free(counters);
	return err == -ENODATA ? 0 : err;
}

int reconcile_count(struct trail_reconcile *reconcile, const struct trail_drop *drop,
		    uint64_t count)
{
	const char *reason = counter_reason(drop);

	reconcile->has_reasons |= drop->reason != NULL;
	reconcile->has_unknown |= !reason && !trail_drop_explain(drop);
	for (size_t i = 0; reason && i < reconcile->nr_match; i++)
		if (counter_match_drop(counter_match(i), reason, drop->symbol)) {
			reconcile->seen[i] += count;
			return (int)i;
		}
	return -ENOENT;
}

void trail_reconcile_drop(struct trail_reconcile *reconcile, const struct trail_drop *drop,
			  uint64_t count)
{
	(void)reconcile_count(reconcile, drop, count);
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), size = strlen(end);

	return length >= size && !strcmp(text + length - size, end);
}

static bool is_counter(const struct counter_match *match, const struct series_group *group)
{
	return !strcmp(group->source, match->source) &&
	       (!match->object_end || ends_with(group->object, match->object_end));
}

void reconcile_sum(const struct trail_counters *counters, const struct reconcile_span *span,
		   const struct counter_match *match, struct summed *sum)
{
	*sum = (struct summed){ 0 };
	for (size_t i = 0; i < counters->nr_group; i++) {
		const struct series_group *group = counters->group[i];

		if (!is_counter(match, group))
			continue;
		for (uint32_t j = 0; j < group->nr_value; j++) {
			const struct series_value *value = &group->value[j];

			if (!value->is_known || !counter_match_name(match, value->name))
				continue;
			sum->is_there = true;
			sum->counted += value->growth - (span->since_mark ? value->mark_growth : 0);
			sum->was_reset |= value->reset_look > span->first_look;
			sum->is_gone |= group->is_gone && group->gone_look > span->first_look;
		}
	}
}

/* The network namespace that went meanwhile, and the longest time that nobody looked at it. */
static const char *find_gone(const struct reconcile_span *span,
			     const struct trail_counters *counters,
			     const struct counter_match *match, uint64_t *unknown_ns)
{
	const char *name = NULL;

	*unknown_ns = 0;
	for (size_t i = 0; i < counters->nr_source; i++) {
		const struct series_source *source = &counters->source[i];

		if (!source->is_gone || source->gone_look <= span->first_look ||
		    strcmp(source->source, match->source) || source->unknown_ns < *unknown_ns)
			continue;
		*unknown_ns = source->unknown_ns;
		name = counters->netns[source->netns];
	}
	return name;
}

/* More was counted than seen. */
static void explain_less(struct row *to, const struct trail_capture_info *info)
{
	struct trail_reconcile_row *row = &to->row;
	uint64_t missing = row->counted - row->seen;

	if (info->lost_events || info->lost_unknown) {
		row->in_gap = info->lost_unknown || missing < info->lost_events ? missing :
			      info->lost_events;
		row->unexplained = missing - row->in_gap;
		row->state = row->unexplained ? TRAIL_RECONCILE_DIFFERS : TRAIL_RECONCILE_IN_GAP;
		snprintf(to->why, sizeof(to->why), "%" PRIu64 " in a gap of lost events",
			 row->in_gap);
	} else if (info->bounded) {
		row->state = TRAIL_RECONCILE_LET_GO;
		snprintf(to->why, sizeof(to->why), "%" PRIu64 " among older events that gave way",
			 missing);
	} else if (info->missed_probes) {
		row->state = TRAIL_RECONCILE_DIFFERS;
		row->unexplained = missing;
		snprintf(to->why, sizeof(to->why), "hits of probes were missed: %" PRIu64,
			 info->missed_probes);
	} else {
		row->state = TRAIL_RECONCILE_DIFFERS;
		row->unexplained = missing;
		snprintf(to->why, sizeof(to->why), "%s", "no event of them");
	}
}

/* More was seen than counted, by a counter that was not looked at to its end. */
static void explain_gone(const struct trail_reconcile *reconcile,
			 const struct counter_match *match, struct row *to,
			 const struct reconcile_span *span)
{
	uint64_t unknown_ns;
	const char *netns = find_gone(span, reconcile->counters, match, &unknown_ns);

	if (netns)
		snprintf(to->why, sizeof(to->why), "what network namespace %.40s counted after the "
			 "last look at it, up to %.1f s before its end, is not known", netns,
			 (double)unknown_ns / 1e9);
	else
		snprintf(to->why, sizeof(to->why), "%s", "what is gone may have counted more after "
			 "the last look at it");
	to->row.at_least = true;
}

static void explain_more(const struct trail_reconcile *reconcile,
			 const struct counter_match *match, struct row *to,
			 const struct reconcile_span *span, const struct summed *sum)
{
	struct trail_reconcile_row *row = &to->row;

	if (row->at_least) {
		snprintf(to->why, sizeof(to->why), "%s", "the counter was reset");
	} else if (sum->is_gone) {
		explain_gone(reconcile, match, to, span);
	} else {
		row->state = TRAIL_RECONCILE_DIFFERS;
		row->unexplained = row->seen - row->counted;
		snprintf(to->why, sizeof(to->why), "%s", "more than were counted: of a network "
			 "namespace that was not looked at?");
	}
}

static void explain(const struct trail_reconcile *reconcile, const struct counter_match *match,
		    struct row *to, const struct reconcile_span *span, const struct summed *sum)
{
	struct trail_reconcile_row *row = &to->row;

	row->state = TRAIL_RECONCILE_AGREES;
	if (match->needs_reason && !reconcile->has_reasons && (row->counted || row->seen)) {
		row->state = TRAIL_RECONCILE_NO_REASON;
		snprintf(to->why, sizeof(to->why), "%s",
			 "this kernel gives no reasons: they are among the drops of the function");
	} else if (row->counted > row->seen && match->needs_packet && reconcile->has_unknown) {
		row->state = TRAIL_RECONCILE_NO_REASON;
		snprintf(to->why, sizeof(to->why), "%s",
			 "they may be among the drops of which nothing tells a reason");
	} else if (row->counted > row->seen) {
		explain_less(to, span->info);
	} else if (row->seen > row->counted) {
		explain_more(reconcile, match, to, span, sum);
	}
}

static struct row *add_row(struct trail_reconcile *reconcile, const char *source,
			   const char *name)
{
	struct row *row = &reconcile->row[reconcile->nr_row++];

	*row = (struct row){ .row = { .source = source, .name = name } };
	return row;
}

/* Live: drops that are surely not in the counter yet, as nobody has looked at all of it. */
static uint64_t count_later(const struct trail_reconcile *reconcile, size_t i,
			    const struct reconcile_span *span)
{
	const struct reconcile_edge *edge = &reconcile->edge[i];

	if (!span->since_mark || !edge->is_stale || edge->open.max <= edge->last.max)
		return 0;
	return edge->open.max - edge->last.max;
}

static void add_match(struct trail_reconcile *reconcile, size_t i,
		      const struct reconcile_span *span)
{
	const struct counter_match *match = counter_match(i);
	uint64_t later = count_later(reconcile, i, span);
	struct summed found;
	struct row *row;

	reconcile_sum(reconcile->counters, span, match, &found);
	/* Where the counter is not known there is nothing to compare with. */
	if (!found.is_there || (!found.counted && !span->seen[i] && !later))
		return;
	row = add_row(reconcile, match->source, match->name);
	row->row.counted = found.counted;
	row->row.seen = span->seen[i];
	row->row.at_least = found.was_reset;
	snprintf(row->label, sizeof(row->label), "%s", match->label);
	explain(reconcile, match, row, span, &found);
	if (row->row.state == TRAIL_RECONCILE_AGREES && !*row->why && later)
		snprintf(row->why, sizeof(row->why), "%" PRIu64 " more seen: not all network "
			 "namespaces were looked at yet", later);
}

static void add_unseen(struct trail_reconcile *reconcile, const struct counter_unseen *unseen,
		       const struct reconcile_span *span)
{
	struct trail_counters_at at = { .since_mark = span->since_mark };
	struct trail_counter counter;

	while (trail_counters_next(reconcile->counters, &at, &counter)) {
		struct row *row;

		if (!counter.growth || strcmp(counter.source, unseen->source) ||
		    strcmp(counter.name, unseen->name) ||
		    reconcile->nr_row == reconcile->nr_match + MAX_UNSEEN)
			continue;
		row = add_row(reconcile, counter.source, counter.name);
		row->row.object = *counter.object ? counter.object : NULL;
		row->row.netns = counter.netns;
		row->row.counted = counter.growth;
		row->row.at_least = counter.flags & TRAIL_COUNTER_RESET;
		row->row.state = TRAIL_RECONCILE_NO_EVENT;
		snprintf(row->label, sizeof(row->label), "%s%s%s", counter.object,
			 *counter.object ? " " : "", counter.name);
		snprintf(row->why, sizeof(row->why), "%s", unseen->why);
	}
}

/* Ranks: what is not explained first, what agrees last. */
static const unsigned char rank[] = {
	[TRAIL_RECONCILE_DIFFERS] = 0, [TRAIL_RECONCILE_NO_EVENT] = 1,
	[TRAIL_RECONCILE_IN_GAP] = 2, [TRAIL_RECONCILE_LET_GO] = 3,
	[TRAIL_RECONCILE_NO_REASON] = 4, [TRAIL_RECONCILE_AGREES] = 5,
};

size_t reconcile_rows(struct trail_reconcile *reconcile, const struct reconcile_span *span,
		      const struct trail_reconcile_row **out)
{
	size_t nr = 0;

	reconcile->nr_row = 0;
	for (size_t i = 0; i < reconcile->nr_match; i++)
		add_match(reconcile, i, span);
	for (size_t i = 0; counter_unseen(i); i++)
		add_unseen(reconcile, counter_unseen(i), span);
	for (unsigned char r = 0; r < sizeof(rank); r++)
		for (size_t i = 0; i < reconcile->nr_row; i++) {
			struct row *row = &reconcile->row[i];

			if (rank[row->row.state] != r)
				continue;
			row->row.label = row->label;
			row->row.why = *row->why ? row->why : NULL;
			reconcile->out[nr++] = row->row;
		}
	*out = reconcile->out;
	return nr;
}

size_t trail_reconcile_rows(struct trail_reconcile *reconcile,
			    const struct trail_capture_info *info,
			    const struct trail_reconcile_row **out)
{
	const struct reconcile_span span = { .info = info, .seen = reconcile->seen };

	return reconcile_rows(reconcile, &span, out);
}

const char *trail_reconcile_state_name(enum trail_reconcile_state state)
{
	static const char *const name[] = {
		[TRAIL_RECONCILE_AGREES] = "agrees", [TRAIL_RECONCILE_IN_GAP] = "gap",
		[TRAIL_RECONCILE_LET_GO] = "let-go", [TRAIL_RECONCILE_NO_EVENT] = "no-event",
		[TRAIL_RECONCILE_NO_REASON] = "no-reason", [TRAIL_RECONCILE_DIFFERS] = "differs",
	};

	return name[state];
}
