/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/engine.h - events -> packets
 */
#ifndef SKBTRAIL_ENGINE_H
#define SKBTRAIL_ENGINE_H

#include <stddef.h>

#include "skbtrail/capture.h"
#include "skbtrail/packet.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * trail_engine_new - an engine for one capture
 * @cap: asked for names (symbols, enums, comms) only; must outlive the engine
 * @packet: called for each packet when its end is established; returns 0 or a negative errno
 *	    that ends the run
 * @data: handed to @packet
 * Return: 0 or -ENOMEM.
 */
int trail_engine_new(const struct trail_capture *cap,
		     int (*packet)(void *data, const struct trail_packet *packet), void *data,
		     struct trail_engine **out);
int trail_engine_event(struct trail_engine *engine, const struct trail_event *event);
/* Ends the packets that are still alive.  To be called once, after the last event. */
int trail_engine_finish(struct trail_engine *engine);
void trail_engine_free(struct trail_engine *engine);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_ENGINE_H */
