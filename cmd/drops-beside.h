/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drops-beside.h - the kernel's counters beside live drops
 */
#ifndef DROPS_BESIDE_H
#define DROPS_BESIDE_H

#include "skbtrail.h"

struct beside;

/*
 * While we may enter network namespaces.  What cannot be had is warned of, and @out is NULL then;
 * all others take NULL.  Return: 0 or -ENOMEM.
 */
int beside_open(struct beside **out);
/* One that was dropped, selected or not. */
void beside_drop(struct beside *beside, const struct trail_packet *packet);
/*
 * Looks, while tracing is on.  As long as the look before is not judged it stands, but for
 * TRAIL_LOOK_ALL, which takes its place.
 */
void beside_look(struct beside *beside, const struct trail_live *live, enum trail_look kind);
/* All drops before then have to be in for the look to be judged; UINT64_MAX: there is none. */
uint64_t beside_due(const struct beside *beside);
/* So many events were lost since the last call. */
void beside_lost(struct beside *beside, uint64_t lost);
/*
 * Judges the look.  @missed_probes: since the start.  Return: what is to be shown; valid until the
 * next call; NULL: it is the first look.
 */
const struct trail_drops_counted *beside_judge(struct beside *beside, uint64_t missed_probes);
/* The same of all that was judged. */
const struct trail_drops_counted *beside_total(struct beside *beside, uint64_t missed_probes);
void beside_close(struct beside *beside);

#endif /* DROPS_BESIDE_H */
