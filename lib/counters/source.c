// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * source.c - which sources a look took, and which it left alone -> how far apart looks at each were
 *
 * A source is what is looked at in one go: a file, or all devices of a network namespace.  Most are
 * looked at each time, so only where that begins and ends is kept: nothing grows with the looks.
 */
#include <errno.h>
#include <stdlib.h>

#include "series.h"

static uint64_t since(uint64_t from_ns, uint64_t to_ns)
{
	return to_ns > from_ns ? to_ns - from_ns : 0;
}

static void put_longest(uint64_t *longest, uint64_t ns)
{
	if (ns > *longest)
		*longest = ns;
}

int series_add_source(struct trail_counters *series, uint32_t netns, const char *source)
{
	struct series_source *more;

	if (series->nr_source == SERIES_MAX_SOURCE)
		return -E2BIG;
	/* Whenever it is a power of two, room for as many again. */
	more = series->nr_source & (series->nr_source - 1) ? series->source :
	       reallocarray(series->source, series->nr_source ? 2 * series->nr_source : 1,
			    sizeof(*more));
	if (!more)
		return -ENOMEM;
	series->source = more;
	more[series->nr_source++] = (struct series_source){
		.source = source, .netns = netns, .look = series->look, .first = series->look,
	};
	return 0;
}

int series_looked(struct trail_counters *series, uint32_t netns, const char *source)
{
	for (size_t n = 0; n < series->nr_source; n++) {
		/* They come in the same order each time. */
		size_t i = (series->next_source + n) % series->nr_source;
		struct series_source *is = &series->source[i];

		if (is->netns != netns || strcmp(is->source, source))
			continue;
		is->look = series->look;
		series->next_source = i + 1;
		return 0;
	}
	return series_add_source(series, netns, source);
}

void series_rest(struct trail_counters *series, struct series_source *source)
{
	if (!source->first)
		return;
	source->nr_before += series->look - source->first;
	source->last_ns = series->before_ns;
	source->first = 0;
}

void series_resume(struct trail_counters *series, struct series_source *source)
{
	if (source->first || source->is_gone)
		return;
	source->first = series->look;
	put_longest(&source->longest_ns, since(source->last_ns, series->now_ns));
}

void series_source_gone(struct trail_counters *series, struct series_source *source)
{
	if (source->is_gone)
		return;
	series_rest(series, source);
	source->unknown_ns = since(source->last_ns, series->now_ns);
	source->gone_look = series->look;
	source->is_gone = true;
}

void series_look_over(struct trail_counters *series)
{
	for (size_t i = 0; i < series->nr_source; i++) {
		struct series_source *source = &series->source[i];

		if (source->look == series->look)
			series_resume(series, source);
		else
			series_rest(series, source);
	}
}

bool trail_counters_source(const struct trail_counters *series, size_t i,
			   struct trail_counter_source *out)
{
	const struct series_source *source;

	if (i >= series->nr_source)
		return false;
	source = &series->source[i];
	*out = (struct trail_counter_source){
		.netns = series->netns[source->netns], .source = source->source,
		.nr_look = source->nr_before, .longest_ns = source->longest_ns,
		.unknown_ns = source->unknown_ns, .is_gone = source->is_gone,
		.is_resting = !source->first,
	};
	if (source->first)
		out->nr_look += series->look - source->first + 1;
	else if (!source->is_gone)
		put_longest(&out->longest_ns, since(source->last_ns, series->now_ns));
	return true;
}
