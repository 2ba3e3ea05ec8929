/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/stat.h - statistics over packets
 */
#ifndef SKBTRAIL_STAT_H
#define SKBTRAIL_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "skbtrail/packet.h"

#ifdef __cplusplus
extern "C" {
#endif

struct trail_histogram;

/*
 * Log-linear buckets of fixed bounds: 512 per octave, so a percentile is off by less than 0.1 %.
 * Count, total, minimum and maximum are exact.
 */
struct trail_histogram *trail_histogram_new(void);
int trail_histogram_add(struct trail_histogram *hist, uint64_t value);
uint64_t trail_histogram_count(const struct trail_histogram *hist);
uint64_t trail_histogram_total(const struct trail_histogram *hist);
uint64_t trail_histogram_max(const struct trail_histogram *hist);
uint64_t trail_histogram_min(const struct trail_histogram *hist);
/* Nearest-rank percentile, @percent 0 < p <= 100; 0 when empty. */
uint64_t trail_histogram_percentile(const struct trail_histogram *hist, double percent);
void trail_histogram_free(struct trail_histogram *hist);

/* A row of "where and why packets died". */
struct trail_drop_count {
	struct trail_drop drop;
	uint64_t count;
};

struct trail_stat;

/* Statistics over packets; keeps the @nr_slowest packets with the longest time. */
int trail_stat_new(unsigned int nr_slowest, struct trail_stat **out);
int trail_stat_add(struct trail_stat *stat, const struct trail_packet *packet);
void trail_stat_free(struct trail_stat *stat);

uint64_t trail_stat_packets(const struct trail_stat *stat, enum trail_dir dir);
uint64_t trail_stat_fates(const struct trail_stat *stat, enum trail_dir dir, enum trail_fate fate);
uint64_t trail_stat_complete(const struct trail_stat *stat);
uint64_t trail_stat_truncated_by_edge(const struct trail_stat *stat);
uint64_t trail_stat_truncated_by_loss(const struct trail_stat *stat);
/* Histogram of a stage in a direction, of complete spans only; NULL when there was none. */
const struct trail_histogram *trail_stat_stage(const struct trail_stat *stat, enum trail_dir dir,
					       enum trail_stage_id stage);
/* Sum over the stages of @dir of trail_histogram_total(). */
uint64_t trail_stat_stage_total(const struct trail_stat *stat, enum trail_dir dir);
/* Drops by reason and location, most first.  Return: number of rows. */
size_t trail_stat_drops(struct trail_stat *stat, const struct trail_drop_count **out);
/* Slowest packets, slowest first.  Return: number. */
size_t trail_stat_slowest(struct trail_stat *stat, const struct trail_packet *const **out);

/* ---- groups */

/* What packets have in common; each packet is in one group. */
enum trail_by {
	TRAIL_BY_FLOW,		/* 5-tuple and network namespace: each direction is a flow */
	TRAIL_BY_DEV,		/* the first device */
	TRAIL_BY_CPU,		/* of the first stage: where it came in or was sent */
	TRAIL_BY_READER,	/* name of the task that read it */
	TRAIL_BY_STAGE,		/* where it spent most of its time */
	TRAIL_NR_BY
};

/* "flow", "dev", "cpu", "reader", "stage" */
const char *trail_by_name(enum trail_by by);

/**
 * struct trail_group_key - what the packets of a group have in common
 * @netns: of flows, 0 when unknown
 * @number: CPU, or enum trail_stage_id
 * @text: device or reader, cut to fit
 * @is_known: false of the group of packets of which it is not known
 */
struct trail_group_key {
	uint64_t netns;
	int64_t number;
	struct trail_flow flow;
	char text[33];
	bool is_known;
};

/**
 * struct trail_group - packets that have something in common
 * @bytes: from the network header on, of the packets that say it
 * @is_others: the group of all that came when there were 4096 groups already; it has no key
 */
struct trail_group {
	struct trail_group_key key;
	uint64_t packets;
	uint64_t bytes;
	uint64_t dropped;
	enum trail_by by;
	bool is_others;
};

/**
 * struct trail_group_times - of a stage, or from start to end, of the complete packets of a group
 * @error: the most that a percentile is off, relative to its value: 0.001 for up to 1024 different
 *	   values, more where there are more or the memory for all groups is used up
 */
struct trail_group_times {
	uint64_t count;
	uint64_t total_ns;
	uint64_t p50_ns;
	uint64_t p90_ns;
	uint64_t p99_ns;
	uint64_t max_ns;
	double error;
};

struct trail_groups;

/* Keeps the @nr_slowest slowest packets of each group.  Return: 0 or -ENOMEM. */
int trail_groups_new(enum trail_by by, unsigned int nr_slowest, struct trail_groups **out);
/* Counts a finished packet.  Return: 0 or -ENOMEM. */
int trail_groups_add(struct trail_groups *groups, const struct trail_packet *packet);
/* Most time first, the others last; valid until the next call on @groups.  Return: number. */
size_t trail_groups_sort(struct trail_groups *groups, const struct trail_group *const **out);
/* Times in @stage; TRAIL_NR_STAGE: from start to end.  Return: were there any? */
bool trail_group_times(const struct trail_group *group, enum trail_stage_id stage,
		       struct trail_group_times *out);
/* Slowest packets of a group, slowest first.  Return: number. */
size_t trail_group_slowest(const struct trail_group *group, const struct trail_packet *const **out);
void trail_groups_free(struct trail_groups *groups);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_STAT_H */
