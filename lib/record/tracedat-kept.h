/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tracedat-kept.h - what was kept of the pages that were written
 */
#ifndef TRACEDAT_KEPT_H
#define TRACEDAT_KEPT_H

#include <stdint.h>

#include "metadata.h"
#include "recorder.h"

/*
 * How many events are in the files of these recorders, which have ended.  What is damaged is not
 * counted.  Return: 0; -ENOMEM; -errno of a file.
 */
int tracedat_kept(const struct recorder *recorder, int nr, const struct metadata *metadata,
	       uint64_t *nr_event);

/*
 * Says in the first page of the file @fd, with a length field of @commit_size bytes, that events
 * are missing before it.  Return: 0 or -errno.
 */
int tracedat_mark_gap(int fd, uint32_t commit_size);

#endif /* TRACEDAT_KEPT_H */
