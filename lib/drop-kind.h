/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drop-kind.h - what drops that are counted together have in common
 *
 * A kind is a struct trail_drop in which only reason, means, symbol, module, device, place, class
 * and is_inferred count.  Strings are compared by content: kinds outlive the capture's.
 */
#ifndef DROP_KIND_H
#define DROP_KIND_H

#include "skbtrail.h"

uint64_t drop_kind_hash(const struct trail_drop *kind);
bool drop_kind_is_same(const struct trail_drop *a, const struct trail_drop *b);
/* An order of kinds, as qsort() wants it. */
int drop_kind_compare(const struct trail_drop *a, const struct trail_drop *b);
/* With strings of its own, and nothing else of @from; release it even after -ENOMEM. */
int drop_kind_copy(struct trail_drop *to, const struct trail_drop *from);
void drop_kind_release(struct trail_drop *kind);

#endif /* DROP_KIND_H */
