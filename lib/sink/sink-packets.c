// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sink-packets.c - packets -> each with its stages in order, for people
 *
 *	#17 rx nic1 1028 bytes: delivered to python3/231 in 412us, at 21.612345678
 *	    napi poll work 1/64, irq 33 nic1-rx-0
 *	          +0ns  irq          12.3us  cpu 1  swapper/1/0
 *	       +12.3us  queue         399us  cpu 1  python3/231  ~  wake 1.20us runqueue 8.10us
 *
 * A span that is not exact is marked: ~ inferred, ? ambiguous.
 */
#include <errno.h>
#include <inttypes.h>

#include "groups.h"
#include "readable.h"
#include "sink.h"

#define DURATION_SIZE	32

/* Bold for what identifies a packet, red for a loss. */
static const char *paint(const struct trail_sink *sink, const char *code)
{
	return sink->opts.color ? code : "";
}

static void print_header(struct trail_sink *sink, const struct trail_packet *packet)
{
	FILE *out = sink->opts.out;
	char buf[TEXT_SIZE], more[TEXT_SIZE], total[DURATION_SIZE];
	const char *flow;

	fprintf(out, "%s#%" PRIu64 " %s %s%s", paint(sink, "\033[1m"), packet->id,
		trail_dir_name(packet->dir), text_safe(buf, sizeof(buf), packet->dev),
		paint(sink, "\033[0m"));
	if (packet->len >= 0)
		fprintf(out, " %" PRId64 " bytes", packet->len);
	flow = text_flow(buf, sizeof(buf), &packet->flow);
	if (flow)
		fprintf(out, " %s%s", flow, text_header(more, sizeof(more), packet));
	fprintf(out, ": %s%s%s", packet->fate == TRAIL_DROPPED ? paint(sink, "\033[31m") : "",
		trail_fate_name(packet->fate),
		packet->fate == TRAIL_DROPPED ? paint(sink, "\033[0m") : "");
	if (packet->fate == TRAIL_PARTIAL)
		fprintf(out, " (%" PRIu64 " bytes)", packet->bytes_delivered);
	if (packet->reader_pid >= 0)
		fprintf(out, " to %s/%" PRId32, text_safe(buf, sizeof(buf), packet->reader_comm),
			packet->reader_pid);
	fprintf(out, " in %s, at %" PRIu64 ".%09" PRIu64 "%s%s\n",
		text_duration(total, sizeof(total), elapsed(packet->start_ns, packet->end_ns)),
		packet->start_ns / 1000000000, packet->start_ns % 1000000000,
		packet->flags & TRAIL_PACKET_EDGE ? ", cut by the edge of the capture" : "",
		packet->flags & TRAIL_PACKET_LOSS ? ", events lost" : "");
}

static void print_poll(struct trail_sink *sink, const struct trail_poll *poll)
{
	FILE *out = sink->opts.out;
	char buf[TEXT_SIZE];

	fputs("    napi poll", out);
	if (poll->dev)
		fprintf(out, " of %s", text_safe(buf, sizeof(buf), poll->dev));
	if (poll->work >= 0)
		fprintf(out, " work %" PRId32, poll->work);
	if (poll->work >= 0 && poll->budget >= 0)
		fprintf(out, "/%" PRId32, poll->budget);
	if (poll->cause != TRAIL_CAUSE_UNKNOWN)
		fprintf(out, ", cause: %s", trail_cause_name(poll->cause));
	if (poll->irq >= 0)
		fprintf(out, " %" PRId32, poll->irq);
	if (poll->irq_name)
		fprintf(out, " %s", text_safe(buf, sizeof(buf), poll->irq_name));
	fputc('\n', out);
}

static void print_part(FILE *out, const char *name, int64_t ns)
{
	char buf[DURATION_SIZE];

	if (ns >= 0)
		fprintf(out, " %s %s", name, text_duration(buf, sizeof(buf), (uint64_t)ns));
}

static void print_span(struct trail_sink *sink, const struct trail_packet *packet,
		       const struct trail_span *span)
{
	static const char *const mark[] = {
		[TRAIL_EXACT] = "", [TRAIL_INFERRED] = "  ~", [TRAIL_AMBIGUOUS] = "  ?",
	};
	FILE *out = sink->opts.out;
	char buf[TEXT_SIZE], at[DURATION_SIZE], took[DURATION_SIZE];
	bool before = span->start_ns < packet->start_ns;
	uint64_t offset = before ? packet->start_ns - span->start_ns
				 : span->start_ns - packet->start_ns;

	text_duration(at + 1, sizeof(at) - 1, offset);
	at[0] = before ? '-' : '+';
	fprintf(out, "    %10s  %-11s %8s  cpu %-3u", at, span->stage->name,
		text_duration(took, sizeof(took), elapsed(span->start_ns, span->end_ns)),
		span->cpu);
	if (span->comm && *span->comm)
		fprintf(out, " %s/%" PRId32, text_safe(buf, sizeof(buf), span->comm), span->pid);
	else if (span->pid >= 0)
		fprintf(out, " pid %" PRId32, span->pid);
	fputs(mark[span->confidence <= TRAIL_AMBIGUOUS ? span->confidence : TRAIL_AMBIGUOUS], out);
	if (span->stage->id == TRAIL_STAGE_QUEUE) {
		print_part(out, " wake", packet->wake_ns);
		print_part(out, " runqueue", packet->runqueue_ns);
		print_part(out, " app", packet->app_ns);
	}
	if (span->stage->id == TRAIL_STAGE_SOFTIRQ) {
		print_part(out, " ksoftirqd: wake", packet->softirq_wake_ns);
		print_part(out, " runqueue", packet->softirq_runqueue_ns);
	}
	fputc('\n', out);
}

static void print_drop(struct trail_sink *sink, const struct trail_drop *drop)
{
	char reason[TEXT_SIZE], place[TEXT_SIZE], buf[TEXT_SIZE];
	const char *at = text_location(place, sizeof(place), drop);

	fprintf(sink->opts.out, "    %s: %s at %s (%s)\n",
		drop->class == TRAIL_DROP_BENIGN ? "freed without loss" : "dropped",
		text_safe(reason, sizeof(reason), drop->reason ? drop->reason : "no reason given"),
		text_safe(buf, sizeof(buf), at ? at : "an unknown place"),
		trail_drop_class_name(drop->class));
}

static int print_packet(struct trail_sink *sink, const struct trail_packet *packet)
{
	FILE *out = sink->opts.out;

	print_header(sink, packet);
	if (packet->flags & TRAIL_PACKET_HAS_POLL)
		print_poll(sink, &packet->poll);
	for (size_t i = 0; i < packet->nr_span; i++)
		print_span(sink, packet, &packet->span[i]);
	if (packet->flags & TRAIL_PACKET_DROPPED)
		print_drop(sink, &packet->drop);
	for (size_t i = 0; i < packet->nr_link; i++)
		fprintf(out, "    %s %s, with #%" PRIu64 "%s\n",
			trail_link_type_name(packet->link[i].type),
			trail_role_name(packet->link[i].role), packet->link[i].packet,
			packet->link[i].confidence == TRAIL_EXACT ? "" : "  ~");
	fputc('\n', out);
	return ferror(out) ? -EIO : 0;
}

/* Those of groups come at the end, group by group. */
static int packets_packet(struct trail_sink *sink, const struct trail_packet *packet)
{
	return sink->opts.groups ? 0 : print_packet(sink, packet);
}

static void print_group(struct trail_sink *sink, const struct trail_group *group, size_t nr_packet)
{
	FILE *out = sink->opts.out;
	char buf[TEXT_SIZE];

	fprintf(out, "%s== %s %s%s: %" PRIu64 " packet%s", paint(sink, "\033[1m"),
		trail_by_name(group->by), text_group(buf, sizeof(buf), group),
		paint(sink, "\033[0m"), group->packets, group->packets == 1 ? "" : "s");
	if (group->key.netns)
		fprintf(out, ", netns %" PRIu64, group->key.netns);
	if (group->dropped)
		fprintf(out, ", %" PRIu64 " dropped", group->dropped);
	if (nr_packet < group->packets)
		fprintf(out, ", the slowest %zu", nr_packet);
	fputs("\n\n", out);
}

static int packets_close(struct trail_sink *sink)
{
	const struct trail_packet *const *packet;
	const struct trail_group *const *group;
	size_t nr_group = 0, nr_packet;
	int err = 0;

	if (sink->opts.groups)
		nr_group = trail_groups_sort(sink->opts.groups, &group);
	for (size_t i = 0; i < nr_group; i++) {
		nr_packet = trail_group_slowest(group[i], &packet);
		print_group(sink, group[i], nr_packet);
		for (size_t j = 0; !err && j < nr_packet; j++)
			err = print_packet(sink, packet[j]);
	}
	return err;
}

const struct trail_sink_type trail_sink_packets = {
	"packets", "every packet with its stages", NULL, packets_packet, packets_close
};
