/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dynevent-missed.h - hits of kprobes that the kernel did not run, by event
 */
#ifndef DYNEVENT_MISSED_H
#define DYNEVENT_MISSED_H

#include "session.h"

/* What tracefs says at one moment. */
struct missed_text {
	struct blob defined;
	struct blob profile;
};

/* Return: 0 or -errno; nothing is to be released then. */
int dynevent_missed_read(struct missed_text *text, const struct session *session);
void dynevent_missed_release(struct missed_text *text);
/* 0 for what is no kprobe. */
uint64_t dynevent_missed_of(const struct missed_text *text, const char *system, const char *name);

#endif /* DYNEVENT_MISSED_H */
