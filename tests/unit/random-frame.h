/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * random-frame.h - Ethernet frames at random, for tests
 */
#ifndef RANDOM_FRAME_H
#define RANDOM_FRAME_H

#include <stdint.h>

#define MAX_FRAME	256
#define ETHER		14

struct frame {
	uint8_t byte[MAX_FRAME];
	uint32_t size;
};

/* The same sequence each time. */
uint32_t random_below(uint32_t limit);
/* IPv4 with options and fragments, IPv6, ARP and others; with up to two VLAN tags. */
void random_frame(struct frame *frame);

#endif /* RANDOM_FRAME_H */
