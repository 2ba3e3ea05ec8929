/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch-parts.h - what the files of `skbtrail watch` share: names of tasks, lines, counts
 */
#ifndef WATCH_PARTS_H
#define WATCH_PARTS_H

#include <stdbool.h>
#include <stdio.h>

#include "skbtrail.h"
#include "workload.h"

/* watch-task.c: names of tasks at the time of each event */
struct watch_tasks;

/* Events that tell of names: to be recorded beside those that are watched; NULL at the end. */
extern const char *const watch_task_event[];

/* Return: 0 or -ENOMEM. */
int watch_tasks_new(struct trail_capture *cap, struct watch_tasks **out);
/* Looks at @nr events before they are gone through one by one. */
void watch_tasks_prepare(struct watch_tasks *tasks, const struct trail_event *event, size_t nr);
/* An event changes names from then on. */
void watch_tasks_see(struct watch_tasks *tasks, const struct trail_event *event);
/* Of the task of an event; "" when unknown.  Valid until the next question. */
const char *watch_task_name(struct watch_tasks *tasks, const struct trail_event *event);
void watch_tasks_free(struct watch_tasks *tasks);

/* watch-line.c */
/**
 * struct watch_lines - how events are shown
 * @has_took: with the time since entry
 */
struct watch_lines {
	struct trail_capture *cap;
	struct watch_tasks *tasks;
	FILE *out;
	bool has_cpu;
	bool has_took;
};

/* A line for the events that the kernel lost before this one, whichever it is. */
void watch_line_lost(const struct watch_lines *lines, const struct trail_event *event);
/* Return: 0 or -ENOMEM; whether writing fails is told by ferror(). */
int watch_line(const struct watch_lines *lines, const struct trail_event *event,
	       const struct trail_pair *pair);

/* watch-count.c: how many events there were of each key */
#define WATCH_MAX_KEYS	4	/* columns */

struct watch_count;

/**
 * watch_count_new - count by what @keys names
 * @keys: "comm", "pid", "cpu", or fields of the event, with commas
 * @with_event: the event's name is the first column
 * Return: 0; -EINVAL after complaining; -ENOMEM.
 */
int watch_count_new(const char *keys, bool with_event, struct watch_count **out);
/* Names of the columns.  Return: how many. */
size_t watch_count_keys(const struct watch_count *count, const char *const **keys);
/* Does the event have what is counted by?  Return: 0; -EINVAL after complaining. */
int watch_count_check(const struct watch_count *count, const struct trail_capture *cap,
		      const struct trail_description *what);
/* One more.  Return: 0 or -ENOMEM. */
int watch_count_event(struct watch_count *count, const struct trail_capture *cap,
		      struct watch_tasks *tasks, const struct trail_event *event,
		      const struct trail_pair *pair);
/* So many since the start, of the key with these columns.  Return: 0 or -ENOMEM. */
int watch_count_set(struct watch_count *count, const char *const *column, uint64_t total);

/**
 * struct watch_table - how counts are printed
 * @ns: that the counts are of
 * @top: how many rows, 0 = all
 * @is_total: since the start; otherwise since the last time
 */
struct watch_table {
	FILE *out;
	uint64_t ns;
	size_t top;
	bool is_total;
};

void watch_count_print(struct watch_count *count, const struct watch_table *table);
void watch_count_free(struct watch_count *count);

#define WATCH_MAX_SPEC	64
#define WATCH_MAX_PID	64
#define WATCH_MAX_EVENT	(WATCH_MAX_SPEC + 8)
#define WATCH_WAIT_MS	100

struct watch_opts {
	const char *output;
	const char *count_by;
	const char *pid[WATCH_MAX_PID];
	size_t nr_pid;
	uint64_t for_ns;
	uint64_t interval_ns;
	long nr_max;
	long top;
	long buffer_kb;
	bool has_cpu;
	bool has_took;
	bool only_command;
	bool in_tool;
	bool strict;
};

/**
 * struct watch - under way
 * @spec: @nr_spec events of the kernel that the user named
 * @probe: @nr_probe others
 * @event: of the recording: those of @spec that are events of the kernel, @nr_own, then those that
 *	   tell of tasks
 * @next_ns: end of the interval, by the trace clock; 0: none
 * @signal: what ended it, 0
 */
struct watch {
	const struct watch_opts *opts;
	const char *spec[WATCH_MAX_SPEC];
	size_t nr_spec;
	const char *probe[WATCH_MAX_SPEC];
	size_t nr_probe;
	struct trail_record_event event[WATCH_MAX_EVENT];
	size_t nr_event;
	size_t nr_own;
	struct trail_record_opts record;
	struct trail_hist *hist;
	struct trail_live *live;
	struct trail_capture *cap;
	struct watch_tasks *tasks;
	struct trail_pairs *pairs;
	struct watch_lines lines;
	struct watch_count *count;
	struct workload workload;
	FILE *out;
	int signal_fd;
	int signal;
	uint64_t nr;
	int64_t start_ns;
	uint64_t interval_start_ns;
	uint64_t next_ns;
	bool is_over;
};

/* watch.c */
/*
 * What was set up needs no privileges but root's number, which the files of tracefs belong to, and
 * where there is a command, that to end it.  Return: 0, or -errno and @error.
 */
int watch_give_up(const struct watch *watch, struct trail_error *error);
/* The counting has begun: the command may start. */
void watch_begin(struct watch *watch);
/* Has the command ended, a signal come, the time passed, or is nobody reading any more? */
bool watch_has_ended(struct watch *watch);
void watch_print_counts(struct watch *watch, bool is_total);
/* A probe may be what is wrong.  Return: exit status. */
int watch_complain(const struct watch *watch, int err, const struct trail_error *error);
/* Exit status, by how much was lost. */
int watch_status(const struct watch *watch, uint64_t lost);

/* watch-hist.c: the kernel counts.  Return: exit status, or -ENOTSUP: it cannot. */
int watch_by_hist(struct watch *watch);

#endif /* WATCH_PARTS_H */
