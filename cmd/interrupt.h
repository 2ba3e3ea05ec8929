/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interrupt.h - signals that end the program, which has a temporary file to remove first
 */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT, SIGTERM and SIGHUP end nothing; those that are ignored stay so. */
void interrupt_catch(void);
/* Has one of them come? */
bool interrupt_came(void);
/* Ends the program by the one that came, as whoever started it expects; returns if none has. */
void interrupt_pass_on(void);

#endif /* INTERRUPT_H */
