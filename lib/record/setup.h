/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * setup.h - the options of a recording, written to its instance
 */
#ifndef SETUP_H
#define SETUP_H

#include "session.h"

/* Name of the trace clock that setup_instance() chose. */
#define CLOCK_SIZE	32

/* Tracing off, buffer size, clock, CPUs, tracer, options, tasks: all but the events. */
int setup_instance(struct session *session, char clock[CLOCK_SIZE]);
int setup_add_pid(struct session *session, const char *pid);

#endif /* SETUP_H */
