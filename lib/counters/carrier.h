/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * carrier.h - counters as lines of text, which a capture carries behind its version text
 */
#ifndef COUNTERS_CARRIER_H
#define COUNTERS_CARRIER_H

#include "series.h"

/* The first line; what is behind it is ours to the end. */
#define CARRIER_TITLE	"counters 1"

/*
 * Appends what is new since the last call: lines, each with its newline, no title.
 * Return: 0; -ENOMEM; -EIO.
 */
int carrier_write(struct trail_counters *series, FILE *out);

#endif /* COUNTERS_CARRIER_H */
