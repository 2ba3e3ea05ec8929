/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * setup.h - the options of a recording, written to its instance
 */
#ifndef SETUP_H
#define SETUP_H

#include "session.h"

/* Name of the trace clock that setup_instance() chose. */
#define CLOCK_SIZE	32

/* Tracing off, buffer size, clock, CPUs, options, tasks: all but the events and the tracer. */
int setup_instance(struct session *session, char clock[CLOCK_SIZE]);
/* To be the last change: every kernel function costs time from then on, traced or not. */
int setup_tracer(struct session *session);
int setup_add_pid(struct session *session, const char *pid);

#endif /* SETUP_H */
