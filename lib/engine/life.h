/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * life.h - packets to come back to, when their addresses or memory may be another one's
 */
#ifndef LIFE_H
#define LIFE_H

#include "skbtrail.h"

struct packet;

/* A packet to come back to: its address may be another packet's by then.  id 0: none. */
struct life {
	uint64_t skb;
	uint64_t id;
};

/* A packet to come back to even when its address is another packet's by then. */
struct hold {
	struct packet *packet;
	uint64_t id;		/* 0: none */
};

/* An address that is no packet's own: of a clone, or of a datagram split off. */
struct alias {
	uint64_t skb;		/* 0: none */
	struct hold hold;	/* the packet whose bytes they are */
	bool part;		/* a datagram split off */
};

/* TCP has begun to work on a segment whose skb it has not named yet. */
struct begun {
	struct trail_flow flow;
	uint64_t cookie;
	uint32_t bytes;
	bool in_task;
	bool is;		/* there is one */
};

#endif /* LIFE_H */
