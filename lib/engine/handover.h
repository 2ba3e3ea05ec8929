/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * handover.h - finished packets to a thread that calls the callback
 */
#ifndef HANDOVER_H
#define HANDOVER_H

#include "engine.h"

struct handover;

/*
 * In order, the next packet, which nothing of the engine may change until it was given back.
 * Return: 0, or what the callback returned for a packet before.
 */
int handover_give(struct trail_engine *engine, struct packet *packet);
/* At any time; the callback is not called any more. */
void handover_free(struct trail_engine *engine);

#endif /* HANDOVER_H */
