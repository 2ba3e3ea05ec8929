/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * series.h - counters over several looks, and how parsers hand them in
 *
 * Counters come in groups: those that one source has of one object, always in the same order.  So
 * a look compares a name with the one that came in its place the last time, and seldom searches.
 */
#ifndef COUNTERS_SERIES_H
#define COUNTERS_SERIES_H

#include "skbtrail.h"

/* More is a damaged capture, or nothing that a person could look through. */
#define SERIES_MAX_GROUP	65536
#define SERIES_MAX_VALUE	(1u << 18)
#define SERIES_MAX_NETNS	4096
#define SERIES_MAX_SETTING	16384
#define SERIES_MAX_NOTE		256
#define SERIES_MAX_SOURCE	4096
/* Of a name, an object, a text. */
#define SERIES_MAX_TEXT		4096

/* Object of a setting that says which events were not recorded. */
#define RECONCILE_RECORDING	"recording"

/* Of the whole machine. */
#define SERIES_HOST		0

/**
 * struct series_value - one counter
 * @name: the series' own
 * @sent: what carrier_write() has told last
 * @mark, @mark_growth: @last and @growth at trail_counters_mark()
 * @reset_look: number of the last look at which it had been set back
 * @is_known: a value was seen
 */
struct series_value {
	const char *name;
	uint64_t first;
	uint64_t last;
	uint64_t growth;
	uint64_t most;
	uint64_t most_ns;
	uint64_t sent;
	uint64_t mark;
	uint64_t mark_growth;
	uint32_t reset_look;
	unsigned int flags;
	bool is_known;
	bool is_sent;
};

/**
 * struct series_group - the counters of an object
 * @id: tells an object from a later one of the same name: index of a device, 0 = no matter
 * @netns: index of the namespace
 * @nr_sent: names that carrier_write() has told
 * @sent_gone, @sent_id: likewise
 * @look: number of the look at which it was there last, 0: none
 * @gone_look: number of the look that found it gone
 */
struct series_group {
	const char *source;
	const char *object;
	struct series_value *value;
	uint64_t id;
	uint64_t sent_id;
	uint32_t netns;
	uint32_t nr_value;
	uint32_t cap_value;
	uint32_t nr_sent;
	uint32_t look;
	uint32_t gone_look;
	bool is_sent;
	bool is_gone;
	bool sent_gone;
};

struct series_setting {
	const char *netns;
	const char *object;
	const char *name;
	const char *first;
	const char *last;
	uint32_t netns_index;
	bool is_sent;
};

/**
 * struct series_source - what is looked at in one go
 * @look: number of the look at which it was looked at last; of series_looked()
 * @first: number of the look since which it is looked at each time, 0: it is left alone
 * @nr_before: looks at it before that
 * @last_ns: of the last look at it before it was left alone
 * @longest_ns: for which it was left alone
 * @unknown_ns: from the last look at it until it was found to be gone
 * @gone_look: number of the look that found it gone
 * @is_sent, @sent_rests, @sent_gone: what carrier_write() has told
 */
struct series_source {
	const char *source;
	uint32_t netns;
	uint32_t look;
	uint32_t first;
	uint32_t nr_before;
	uint32_t gone_look;
	uint64_t last_ns;
	uint64_t longest_ns;
	uint64_t unknown_ns;
	bool is_gone;
	bool is_sent;
	bool sent_rests;
	bool sent_gone;
};

/**
 * struct trail_counters - all of it
 * @netns: names, by index; [0] is ""
 * @next_source: the one that is looked at next, probably
 * @tree: tsearch() of groups
 * @text: tsearch() of all strings, each of which is there once
 * @now_ns, @before_ns: of the look under way, and of the one before
 * @look: number of the look under way, from 1 on
 * @mark_look: of the one that was the last at trail_counters_mark(), 0: there was none
 * @sent_netns, @sent_note, @sent_look: what carrier_write() has told
 */
struct trail_counters {
	struct trail_counters_info info;
	const char **netns;
	struct series_group **group;
	struct series_setting *setting;
	struct series_source *source;
	const char **note;
	void *tree;
	void *text;
	size_t nr_netns;
	size_t nr_group;
	size_t nr_value;
	size_t nr_setting;
	size_t nr_source;
	size_t next_source;
	size_t nr_note;
	uint64_t now_ns;
	uint64_t before_ns;
	size_t sent_netns;
	size_t sent_note;
	uint32_t look;
	uint32_t mark_look;
	uint32_t sent_look;
};

struct trail_counters *series_new(void);
/* The same string for the same text.  NULL: out of memory. */
const char *series_text(struct trail_counters *series, const char *text, size_t size);
/* Return: index; -ENOMEM; -E2BIG. */
int series_netns(struct trail_counters *series, const char *name);
/* One more namespace, even of a name that there is. */
int series_new_netns(struct trail_counters *series, const char *name);
/* A look begins. */
void series_look(struct trail_counters *series, uint64_t now_ns);
/* Said once, however often. */
int series_note(struct trail_counters *series, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int series_set(struct trail_counters *series, uint32_t netns, const char *object, const char *name,
	       const char *text);

/**
 * struct tally - what a parser says, on its way into the series
 * @group: of the object that was named last
 * @at: where the next value is looked for first
 * @err: 0, or the first failure; all else is ignored then
 */
struct tally {
	struct trail_counters *series;
	const char *source;
	struct series_group *group;
	uint32_t netns;
	uint32_t at;
	int err;
};

/* @source: lives as long as the series, or longer */
void tally_begin(struct tally *tally, struct trail_counters *series, uint32_t netns,
		const char *source);
void tally_object(struct tally *tally, const char *object, uint64_t id);
/* Is there such an object? */
bool tally_has(struct tally *tally, const char *object);
void tally_value(struct tally *tally, const char *name, size_t size, uint64_t value);
void tally_name(struct tally *tally, const char *name, uint64_t value);
/* What has not been named since tally_begin() is gone.  Return: tally->err. */
int tally_end(struct tally *tally);

/* It is not there any more. */
void series_gone(const struct trail_counters *series, struct series_group *group);
/* For the carrier: the parts of the above. */
int series_group(struct trail_counters *series, const struct series_group *key,
		 struct series_group **out);
int series_add_name(struct trail_counters *series, struct series_group *group, const char *name,
		    size_t size);
void series_update(struct trail_counters *series, struct series_group *group, uint32_t i,
		   uint64_t value);
/* It is there at this look, as the object @id. */
void series_touch(struct trail_counters *series, struct series_group *group, uint64_t id);

/* source.c */
int series_add_source(struct trail_counters *series, uint32_t netns, const char *source);
/* It is looked at now.  @source: as of tally_begin() */
int series_looked(struct trail_counters *series, uint32_t netns, const char *source);
/* The look is over: what has not been looked at is left alone. */
void series_look_over(struct trail_counters *series);
/* For the carrier: the parts of it, from the look under way on. */
void series_rest(struct trail_counters *series, struct series_source *source);
void series_resume(struct trail_counters *series, struct series_source *source);
/* It is not there any more, for ever. */
void series_source_gone(struct trail_counters *series, struct series_source *source);

/* kind.c: is it a level, which may go down? */
bool counter_is_gauge(const char *source, const char *name);

#endif /* COUNTERS_SERIES_H */
