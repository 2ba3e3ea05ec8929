/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exact.h - what probes say exactly (exact*.c)
 */
#ifndef EXACT_H
#define EXACT_H

#include "engine.h"

/* exact.c */
/* Where a probe says what is meant, nothing is concluded from order and length. */
void exact_init(struct trail_engine *engine, const struct trail_capture *cap);
/* A packet is born at this address: of which packet is it the clone? */
int exact_born(struct trail_engine *engine, struct packet *packet);
/* Who else has this address?  NULL: nobody. */
struct alias *exact_alias(struct trail_engine *engine, uint64_t skb);
int exact_add_alias(struct trail_engine *engine, uint64_t skb, struct packet *packet, bool part);
void exact_free(struct trail_engine *engine);

/* exact-stream.c */
/* More than the largest window (RFC 7323): it is another connection's sequence number. */
#define MAX_JUMP	(1 << 30)

static inline uint64_t stream_begin(const struct packet *packet)
{
	return packet->to - (uint64_t)packet->payload;
}

/* Where in the stream is @seq? */
int stream_locate(struct trail_engine *engine, const struct trail_event *event,
		  struct socket *sock, uint32_t seq, uint64_t *place);
int exact_segment(struct trail_engine *engine, const struct trail_event *event,
		  const struct trail_segment *segment);
/* A packet in a socket is dropped: so are those whose bytes its skb has. */
int exact_drop(struct trail_engine *engine, const struct trail_event *event,
	       struct packet *packet);
/* In its owner's context: until now it waited for the socket. */
int exact_leave_backlog(struct trail_engine *engine, const struct trail_event *event,
			struct packet *packet);
/* Is the memory of a queued segment free because the socket had its bytes? */
bool exact_is_duplicate(const struct packet *packet);
/* The segment that TCP began to work on, if it was like @packet, which is freed now. */
bool exact_is_used_up(const struct trail_event *event, struct cpu *cpu, struct packet *packet);

/* Its bytes are in the stream from the place @from on. */
void stream_insert(struct socket *sock, struct packet *packet, uint64_t from);
/* A packet whose header was not recorded: @range says where in its flow its bytes are. */
int stream_say(struct trail_engine *engine, const struct socket *sock, struct packet *packet,
	       const struct trail_range *range);

/* exact-missed.c: packets come into a socket that no probe was seen to put there */
/* The bytes of @packet are merged into the skb of @into, which is in its socket. */
int missed_merge(struct trail_engine *engine, const struct trail_event *event,
		 struct packet *packet, const struct packet *into);
/* @range is copied out of its skb, from the place @from of the stream on. */
int missed_copy(struct trail_engine *engine, const struct trail_event *event, struct socket *sock,
		const struct trail_range *range, uint64_t from);
/* The places from @range[0] to @range[1] are read.  O(1) but for the packets that are there. */
int missed_read(struct trail_engine *engine, const struct trail_event *event, struct socket *sock,
		const uint64_t range[2]);

/* exact-read.c */
/* The next @bytes of an exact stream were read; nobody said which skbs had them. */
int exact_read_on(struct trail_engine *engine, const struct trail_event *event,
		  struct socket *sock, uint64_t bytes);
/* Delivers what the task has copied, but no more than @bytes.  Return: how much, or an error. */
int64_t exact_read(struct trail_engine *engine, const struct trail_event *event,
		   struct task *task, uint64_t bytes);

/* exact-datagram.c */
/* The datagram that was just put into a socket is dropped: it never was in there. */
void exact_refused(struct trail_engine *engine, const struct trail_event *event,
		   struct packet *packet);

#endif /* EXACT_H */
