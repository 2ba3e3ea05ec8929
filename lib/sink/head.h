/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * head.h - a capture -> the lines above everything that is printed of it
 */
#ifndef HEAD_H
#define HEAD_H

#include "skbtrail.h"

/* Name, kernel, length, lost events, filters, what was selected. */
void head_print(const struct trail_sink_opts *opts);
/* Which CPUs lost events, and between which times; nothing if none.  Return: 0; -ENOMEM; -EIO. */
int head_print_lost(const struct trail_sink_opts *opts);
/* The title of a part, behind an empty line. */
void head_print_title(const struct trail_sink_opts *opts, const char *title);

#endif /* HEAD_H */
