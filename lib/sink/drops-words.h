/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drops-words.h - the words for a row of drops
 */
#ifndef DROPS_WORDS_H
#define DROPS_WORDS_H

#include "readable.h"

/* All return @buf or a constant, never NULL, but where they say so. */

/* "SOCKET_RCVBUFF", "SOCKET_RCVBUFF (inferred)", or what the kernel says; NULL: nothing. */
const char *drops_reason(char *buf, size_t size, const struct trail_drop *drop);
/* The first flow, and how many others there were; NULL when no flow is known. */
const char *drops_flow(char *buf, size_t size, const struct trail_drop_row *row);
/* Who has the socket open; 0: not known, @comm is "" then. */
int32_t drops_owner_pid(const struct trail_drops_print *print,
			const struct trail_drop_owner *owner, char comm[24]);
/* The program, else the socket; NULL when nothing is known. */
const char *drops_owner(char *buf, size_t size, const struct trail_drops_print *print,
			const struct trail_drop_owner *owner);
/* "rx nic1: irq > softirq > poll > gro > stack" */
const char *drops_path(char *buf, size_t size, const struct trail_drop_path *path);
/* "4544 to 5120 of 4608 bytes" */
const char *drops_fill(char *buf, size_t size, const struct trail_drop_fill *fill,
		       enum trail_queue_kind kind);
/* A row that is to be shown. */
static inline bool drops_is_shown(const struct trail_drops_print *print,
				  const struct trail_drop_row *row)
{
	return print->all || row->drop.class != TRAIL_DROP_BENIGN;
}

#endif /* DROPS_WORDS_H */
