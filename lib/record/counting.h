/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * counting.h - the kernel's counters while a recording runs, as text for its capture
 */
#ifndef COUNTING_H
#define COUNTING_H

#include "blob.h"
#include "skbtrail.h"

struct trail_record;

/* Of the file in OUTPUT.part/ that has the text while the recording runs. */
#define PART_COUNTERS	"counters"

/**
 * struct counting - looks at the counters, told as lines
 * @looks: NULL: none are wanted, or can be had
 * @out: grows @text of @size bytes
 * @fd: the file
 * @has_task: only some tasks are recorded
 * @nr_written: bytes of @text that are in it
 * @budget: bytes that the text may have before looks become rare
 * @interval_ns: how long from one look to the next
 * @due_ns: when the next look is to be
 */
struct counting {
	struct trail_counting_opts opts;
	struct trail_counting *looks;
	FILE *out;
	char *text;
	size_t size;
	size_t nr_written;
	size_t budget;
	uint64_t interval_ns;
	uint64_t due_ns;
	int *pid;
	int fd;
	bool has_task;
};

/* While we may enter network namespaces.  What cannot be had is warned of. */
void counting_open(struct trail_record *record);
/* The first look, right before tracing begins, and the last, right behind its end. */
void counting_begin(struct trail_record *record);
void counting_end(struct trail_record *record);
/* If it is time. */
void counting_poll(struct trail_record *record);
/* The lines, for the end of the version text; lib/read/tracedat-option.c cuts them off. */
void counting_describe(const struct counting *counting, struct blob *tool);
/* The same of the file in a directory that a recording has left. */
void counting_describe_part(int dir_fd, struct blob *tool);
void counting_release(struct counting *counting);

#endif /* COUNTING_H */
