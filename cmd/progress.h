/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress.h - what a recording says of itself on standard error
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "skbtrail.h"

/**
 * struct progress - the line that is written again and again
 * @is_shown: standard error is a terminal that no command writes to
 * @events, @at_ns: at the last time, for the rate
 */
struct progress {
	bool is_shown;
	bool is_on_line;
	uint64_t start_ns;
	uint64_t events;
	uint64_t at_ns;
};

void progress_start(struct progress *progress, bool has_command);
/* Once a second. */
void progress_show(struct progress *progress, const struct trail_record_progress *now);
/* Anything else is about to be written. */
void progress_clear(struct progress *progress);

/* The last line: what is in the capture @output, and what is not. */
void progress_end(const struct trail_record_stat *stat, const char *output);

#endif /* PROGRESS_H */
