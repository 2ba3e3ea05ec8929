/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drop.h - what drops need to know from the other files of the engine
 */
#ifndef DROP_H
#define DROP_H

#include "engine.h"

/* drop.c */
/* Who last read from the socket of a dropped packet, if that is known by now. */
void drop_fill_owner(struct trail_engine *engine, struct packet *packet);
/* Events of @cpu were lost: what was said of its next drop may be of one of those. */
void drops_lost(struct cpu *cpu);

/* free.c */
/*
 * A packet that the protocols had and that no event named since: most of those are freed without a
 * word, and skbs that are nobody's packet (unix sockets, netlink) are freed at their addresses.
 */
bool free_is_stale(const struct trail_engine *engine, const struct packet *packet,
		   enum trail_free where);

/* header.c */
/* Who a packet is that is dropped now, if that was not known. */
int header_at_drop(struct trail_engine *engine, const struct trail_event *event,
		   struct packet *packet, const struct trail_drop_seen *seen);

#endif /* DROP_H */
