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
/**
 * trail_engine_events - go on by some events of the capture
 * @event: @nr of them, in the order of trail_capture_batch(); looked at only during the call
 *
 * Calls @packet for the packets whose turn it then is.  O(1) an event.
 *
 * Return: 0; what @packet returned; -ENOMEM.  After an error only trail_engine_free() is allowed.
 */
int trail_engine_events(struct trail_engine *engine, const struct trail_event *event, size_t nr);
/*
 * Gives out the packets that have ended, those as well that wait for others which may turn out to
 * have ended before: in the order of their ends are only those between two flushes.  For events
 * that are live.  Return: as trail_engine_events().
 */
int trail_engine_flush(struct trail_engine *engine);
/**
 * trail_engine_hand_over - call @packet in a thread of its own from now on
 *
 * Until trail_engine_take_back() or trail_engine_finish().  What @packet is told, and in which
 * order, is the same; an error that it returns ends the run some packets later.  Not together with
 * trail_engine_flush().
 *
 * Return: 0, or a negative errno and nothing has changed.
 */
int trail_engine_hand_over(struct trail_engine *engine);
/*
 * Waits until @packet was called for all packets whose turn it was, where no trail_engine_finish()
 * is to come.  Return: 0; what @packet returned.
 */
int trail_engine_take_back(struct trail_engine *engine);
/* Ends the packets that are still alive.  To be called once, after the last event. */
int trail_engine_finish(struct trail_engine *engine);
void trail_engine_free(struct trail_engine *engine);

/**
 * struct trail_hit_stat - hits of the user's probes
 * @hits: all of them
 * @joined: those that belong to a packet, or to several
 */
struct trail_hit_stat {
	uint64_t hits;
	uint64_t joined;
};

void trail_engine_hits(const struct trail_engine *engine, struct trail_hit_stat *out);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_ENGINE_H */
