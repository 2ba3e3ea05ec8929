// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pcapng-comment.c - packet -> what Wireshark shows beside it: its stages, end and reader
 */
#include <inttypes.h>
#include <stdarg.h>

#include "pcapng.h"
#include "readable.h"

/* Pieces are added whole or not at all, so that no character is cut in two. */
struct comment {
	char *buf;
	size_t len;
	bool full;
};

static void add(struct comment *comment, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct comment *comment, const char *format, ...)
{
	static const char rest[] = "...";
	size_t left = COMMENT_SIZE - sizeof(rest) - comment->len;
	va_list args;
	int len;

	if (comment->full)
		return;
	va_start(args, format);
	len = vsnprintf(comment->buf + comment->len, left, format, args);
	va_end(args);
	if (len >= 0 && (size_t)len < left) {
		comment->len += (size_t)len;
		return;
	}
	comment->full = true;
	memcpy(comment->buf + comment->len, rest, sizeof(rest));
}

static void add_part(struct comment *comment, const char **before, const char *name, int64_t ns)
{
	char buf[DURATION_SIZE];

	if (ns < 0)
		return;
	add(comment, "%s%s %s", *before, name, text_duration(buf, (uint64_t)ns));
	*before = ", ";
}

static void add_parts(struct comment *comment, const struct trail_packet *packet,
		      enum trail_stage_id stage)
{
	const char *before = " (";

	if (stage == TRAIL_STAGE_QUEUE) {
		add_part(comment, &before, "wake", packet->wake_ns);
		add_part(comment, &before, "runqueue", packet->runqueue_ns);
		add_part(comment, &before, "app", packet->app_ns);
	} else if (stage == TRAIL_STAGE_SOFTIRQ) {
		add_part(comment, &before, "ksoftirqd wake", packet->softirq_wake_ns);
		add_part(comment, &before, "runqueue", packet->softirq_runqueue_ns);
	}
	if (*before == ',')
		add(comment, ")");
}

static void add_stages(struct comment *comment, const struct trail_packet *packet)
{
	char buf[DURATION_SIZE];

	add(comment, "%s %s", trail_dir_name(packet->dir), trail_fate_name(packet->fate));
	if (packet->fate == TRAIL_PARTIAL)
		add(comment, " (%" PRIu64 " bytes)", packet->bytes_delivered);
	add(comment, " in %s",
	    text_duration(buf, elapsed(packet->start_ns, packet->end_ns)));
	for (size_t i = 0; i < packet->nr_span; i++) {
		const struct trail_span *span = &packet->span[i];

		add(comment, "%s%s %s", i ? ", " : ": ", span->stage->name,
		    text_duration(buf, elapsed(span->start_ns, span->end_ns)));
		add_parts(comment, packet, span->stage->id);
	}
}

static void add_drop(struct comment *comment, const struct trail_drop *drop)
{
	char reason[TEXT_SIZE], place[TEXT_SIZE], buf[TEXT_SIZE];
	const char *at = text_location(place, sizeof(place), drop);

	text_safe(reason, sizeof(reason), drop->reason ? drop->reason : "no reason given");
	text_safe(buf, sizeof(buf), at ? at : "an unknown place");
	add(comment, "; %s: %s at %s", drop->class == TRAIL_DROP_BENIGN ? "freed without loss"
								       : "dropped", reason, buf);
}

/* "; stack, queue inferred" */
static void add_confidence(struct comment *comment, const struct trail_packet *packet,
			   enum trail_confidence confidence)
{
	const char *before = "; ";

	for (size_t i = 0; i < packet->nr_span; i++) {
		if (packet->span[i].confidence != confidence)
			continue;
		add(comment, "%s%s", before, packet->span[i].stage->name);
		before = ", ";
	}
	if (*before == ',')
		add(comment, " %s", trail_confidence_name(confidence));
}

/* The one packet that this one went into or came from; not the many that went into this one. */
static void add_links(struct comment *comment, const struct trail_packet *packet)
{
	for (size_t i = 0; i < packet->nr_link; i++) {
		const struct trail_link *link = &packet->link[i];

		if (link->role != TRAIL_MEMBER && link->role != TRAIL_CHILD)
			continue;
		add(comment, "; %s %s of packet %" PRIu64 "%s%s", trail_link_type_name(link->type),
		    trail_role_name(link->role), link->packet,
		    link->confidence == TRAIL_EXACT ? "" : " ",
		    link->confidence == TRAIL_EXACT ? "" : trail_confidence_name(link->confidence));
	}
}

/* "; probe tcp_v4_rcv(len=52) at 4.10us inferred": times from the packet's start on. */
static void add_hits(struct comment *comment, const struct trail_packet *packet)
{
	char text[HIT_SIZE], at[DURATION_SIZE];

	for (size_t i = 0; i < packet->nr_joined; i++) {
		const struct trail_joined *joined = &packet->joined[i];
		uint64_t ts_ns = joined->hit->ts_ns;
		bool before = ts_ns < packet->start_ns;

		add(comment, "; probe %s at %s%s%s%s", text_hit(text, joined->hit),
		    before ? "-" : "",
		    text_duration(at, before ? packet->start_ns - ts_ns : ts_ns - packet->start_ns),
		    joined->confidence == TRAIL_EXACT ? "" : " ",
		    joined->confidence == TRAIL_EXACT ? "" :
		    trail_confidence_name(joined->confidence));
	}
	if (packet->hits_left_out)
		add(comment, "; %" PRIu32 " more hits of probes", packet->hits_left_out);
}

const char *comment_of_packet(char buf[COMMENT_SIZE], const struct trail_packet *packet)
{
	struct comment comment = { .buf = buf };
	char name[TEXT_SIZE];

	add_stages(&comment, packet);
	if (packet->flags & TRAIL_PACKET_DROPPED)
		add_drop(&comment, &packet->drop);
	if (packet->reader_pid >= 0)
		add(&comment, "; reader %s/%" PRId32,
		    text_safe(name, sizeof(name), packet->reader_comm), packet->reader_pid);
	if (packet->origin != TRAIL_ORIGIN_UNKNOWN)
		add(&comment, "; sent by %s", trail_origin_name(packet->origin));
	add_links(&comment, packet);
	add_confidence(&comment, packet, TRAIL_INFERRED);
	add_confidence(&comment, packet, TRAIL_AMBIGUOUS);
	if (packet->flags & TRAIL_PACKET_EDGE)
		add(&comment, "; cut by the edge of the capture");
	if (packet->flags & TRAIL_PACKET_LOSS)
		add(&comment, "; events lost");
	if (!packet->header.wire_len)
		add(&comment, "; length on the wire unknown");
	add_hits(&comment, packet);
	return buf;
}
