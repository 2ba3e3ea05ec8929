/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/sink.h - packets -> an output
 */
#ifndef SKBTRAIL_SINK_H
#define SKBTRAIL_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "skbtrail/capture.h"
#include "skbtrail/engine.h"
#include "skbtrail/stat.h"
#include "skbtrail/select.h"

#ifdef __cplusplus
extern "C" {
#endif

struct trail_sink;
struct trail_reconcile;

/**
 * struct trail_sink_opts - what a sink may need
 * @out: stream to write to; the sink does not close it
 * @capture: what was captured
 * @stat: filled by the caller while packets pass; read by the sink at its end
 * @engine: asked for the devices at the end, NULL: they are left out
 * @reconcile: the kernel's counters, beside which the sink puts the drops of @stat at its end;
 *	       NULL: it does not
 * @selection: filled by the caller while packets pass; NULL: all packets
 * @groups: filled by the caller while packets pass, printed instead of what is about all of them;
 *	    NULL: none
 * @width: columns of the terminal, 0 = not a terminal
 * @color: colours wanted
 */
struct trail_sink_opts {
	FILE *out;
	const struct trail_capture_info *capture;
	struct trail_stat *stat;
	const struct trail_engine *engine;
	struct trail_reconcile *reconcile;
	const struct trail_selection *selection;
	struct trail_groups *groups;
	unsigned int width;
	bool color;
};

/**
 * struct trail_sink_type - an output
 * @name: as in `report --format=NAME`, or `export --to NAME` for those that write files
 * @open: before the first packet
 * @packet: for each packet, may be NULL
 * @close: after the last packet; writes what comes at the end and frees the state
 * @ending: of the names of its files, NULL for what people and pipes read
 * @magic: what its files begin with, if @ending
 */
struct trail_sink_type {
	const char *name;
	const char *about;
	int (*open)(struct trail_sink *sink);
	int (*packet)(struct trail_sink *sink, const struct trail_packet *packet);
	int (*close)(struct trail_sink *sink);
	const char *ending;
	const char *magic;
};

/* All sinks, NULL at the end. */
extern const struct trail_sink_type *const trail_sink_type[];

/* Return: 0; -EINVAL no such sink; -ENOMEM; -EIO. */
int trail_sink_open(const char *name, const struct trail_sink_opts *opts, struct trail_sink **out);
int trail_sink_packet(struct trail_sink *sink, const struct trail_packet *packet);
/* Ends the output and frees the sink.  Return: 0; -EIO, -ENOSPC ... of the stream; -ENOMEM. */
int trail_sink_close(struct trail_sink *sink);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_SINK_H */
