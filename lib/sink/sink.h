/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sink.h - what the sinks share
 */
#ifndef SINK_H
#define SINK_H

#include "skbtrail.h"

/**
 * struct trail_sink - an open output
 * @state: of the sink's type, made by its open() and freed by its close()
 */
struct trail_sink {
	const struct trail_sink_type *type;
	struct trail_sink_opts opts;
	void *state;
};

extern const struct trail_sink_type trail_sink_text;
extern const struct trail_sink_type trail_sink_packets;
extern const struct trail_sink_type trail_sink_json;
extern const struct trail_sink_type trail_sink_ndjson;
extern const struct trail_sink_type trail_sink_pcapng;

#endif /* SINK_H */
