/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reset.h - what dead recordings left in the kernel
 */
#ifndef RESET_H
#define RESET_H

#include "session.h"

/* Undoes it, with one warning for each recording.  What cannot be undone stays for another try. */
void session_reset_dead(struct session *session);

#endif /* RESET_H */
