// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drops-beside.c - looks at the kernel's counters between live drops -> what they say of them
 *
 * A look belongs to the interval that ends with it, and is judged a moment later, when all drops
 * are known that it can have seen.  Of what events were lost nobody knows whether it was before the
 * look or behind it: they explain what is missing in the next interval, too.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "drops-beside.h"

/**
 * struct beside - looks so far
 * @lost: events, since the last look was judged; in the time before that; and since the start
 * @nr_said: notes that were shown
 */
struct beside {
	struct trail_counting_opts opts;
	struct trail_counting *looks;
	struct trail_reconcile *reconcile;
	struct trail_drops_counted counted;
	uint64_t lost;
	uint64_t lost_before;
	uint64_t lost_ever;
	size_t nr_said;
	bool has_begun;
};

static void warn(int err)
{
	fprintf(stderr, "skbtrail: warning: drops: no look at the kernel's counters: %s\n",
		strerror(-err));
}

int beside_open(struct beside **out)
{
	struct beside *beside = calloc(1, sizeof(*beside));
	int err = -ENOMEM;

	*out = NULL;
	if (!beside)
		return err;
	beside->opts.only_drops = true;
	err = trail_counting_open(&beside->opts, &beside->looks);
	if (!err)
		err = trail_reconcile_new(trail_counting_counters(beside->looks),
					  &beside->reconcile);
	if (!err) {
		*out = beside;
		return 0;
	}
	beside_close(beside);
	if (err != -ENOMEM)
		warn(err);
	return err == -ENOMEM ? err : 0;
}

void beside_drop(struct beside *beside, const struct trail_packet *packet)
{
	if (beside && beside->reconcile)
		trail_reconcile_drop_at(beside->reconcile, &packet->drop, packet->end_ns);
}

/* Without them drops are shown as ever. */
static void give_up(struct beside *beside, int err)
{
	warn(err);
	trail_reconcile_free(beside->reconcile);
	beside->reconcile = NULL;
}

void beside_look(struct beside *beside, const struct trail_live *live, enum trail_look kind)
{
	uint64_t from_ns = trail_live_now(live);
	int err;

	if (!beside || !beside->reconcile)
		return;
	/* The first one is what all others are compared with. */
	if (trail_reconcile_due(beside->reconcile) &&
	    (kind != TRAIL_LOOK_ALL || !beside->has_begun))
		return;
	err = trail_counting_look(beside->looks, from_ns, kind);
	if (err)
		give_up(beside, err);
	else
		trail_reconcile_look(beside->reconcile, from_ns, trail_live_now(live));
}

uint64_t beside_due(const struct beside *beside)
{
	uint64_t due_ns = beside && beside->reconcile ? trail_reconcile_due(beside->reconcile) : 0;

	return due_ns ? due_ns : UINT64_MAX;
}

void beside_lost(struct beside *beside, uint64_t lost)
{
	if (!beside)
		return;
	beside->lost += lost;
	beside->lost_ever += lost;
}

/* The notes from @first on. */
static const struct trail_drops_counted *counted(struct beside *beside, size_t first)
{
	const struct trail_counters *counters = trail_counting_counters(beside->looks);
	const char *const *note = trail_counters_info(counters)->note;
	size_t nr = 0;

	while (note[nr])
		nr++;
	beside->counted.note = note + first;
	beside->counted.nr_note = nr - first;
	beside->nr_said = nr;
	return &beside->counted;
}

const struct trail_drops_counted *beside_judge(struct beside *beside, uint64_t missed_probes)
{
	struct trail_capture_info info = {
		.lost_events = beside->lost + beside->lost_before, .missed_probes = missed_probes,
	};
	bool had_begun = beside->has_begun;

	beside->counted.nr_row = trail_reconcile_interval(beside->reconcile, &info,
							  &beside->counted.row);
	trail_counters_mark(trail_counting_counters(beside->looks));
	beside->lost_before = beside->lost;
	beside->lost = 0;
	beside->has_begun = true;
	return had_begun ? counted(beside, beside->nr_said) : NULL;
}

const struct trail_drops_counted *beside_total(struct beside *beside, uint64_t missed_probes)
{
	struct trail_capture_info info = { .missed_probes = missed_probes };

	if (!beside || !beside->reconcile || !beside->has_begun)
		return NULL;
	info.lost_events = beside->lost_ever;
	beside->counted.nr_row = trail_reconcile_total(beside->reconcile, &info,
						       &beside->counted.row);
	return counted(beside, 0);
}

void beside_close(struct beside *beside)
{
	if (!beside)
		return;
	trail_reconcile_free(beside->reconcile);
	trail_counting_close(beside->looks);
	free(beside);
}
