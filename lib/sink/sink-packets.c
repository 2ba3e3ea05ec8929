// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sink-packets.c - packets -> each with its stages in order, for people
 *
 *	#17 rx nic1 1028 bytes: delivered to python3/231 in 412us, at 21.612345678
 *	    napi poll work 1/64, irq 33 nic1-rx-0
 *	          +0ns  irq          12.3us  cpu 1  swapper/1/0
 *	       +12.3us  queue         399us  cpu 1  python3/231  ~  wake 1.20us runqueue 8.10us
 *
 *	       +98.1us  probe                cpu 1  python3/231  tcp_v4_rcv(skb=0xff...)  by skb
 *
 * A span that is not exact is marked: ~ inferred, ? ambiguous.  Hits of the user's probes stand
 * among the spans, by their time, with what their function took.
 */
#include <errno.h>
#include <inttypes.h>

#include "groups.h"
#include "line.h"
#include "readable.h"
#include "sink.h"

/* Bold for what identifies a packet, red for a loss. */
static const char *paint(const struct trail_sink *sink, const char *code)
{
	return sink->opts.color ? code : "";
}

/* What became of it, when and who has it. */
static void add_end(struct line *line, const struct trail_packet *packet)
{
	if (packet->fate == TRAIL_PARTIAL) {
		line_text(line, " (");
		line_u64(line, packet->bytes_delivered);
		line_text(line, " bytes)");
	}
	if (packet->reader_pid >= 0) {
		line_text(line, " to ");
		line_safe(line, packet->reader_comm);
		line_text(line, "/");
		line_s64(line, packet->reader_pid);
	}
	line_text(line, " in");
	line_duration(line, " ", elapsed(packet->start_ns, packet->end_ns), 0);
	line_text(line, ", at ");
	line_seconds(line, packet->start_ns);
	if (packet->flags & TRAIL_PACKET_EDGE)
		line_text(line, ", cut by the edge of the capture");
	if (packet->flags & TRAIL_PACKET_LOSS)
		line_text(line, ", events lost");
}

static void print_header(struct trail_sink *sink, const struct trail_packet *packet,
			 struct line *line)
{
	char buf[TEXT_SIZE];
	bool dropped = packet->fate == TRAIL_DROPPED;

	line_begin(line);
	line_text(line, paint(sink, "\033[1m"));
	line_text(line, "#");
	line_u64(line, packet->id);
	line_text(line, " ");
	line_text(line, trail_dir_name(packet->dir));
	line_text(line, " ");
	line_safe(line, packet->dev);
	line_text(line, paint(sink, "\033[0m"));
	if (packet->len >= 0) {
		line_text(line, " ");
		line_s64(line, packet->len);
		line_text(line, " bytes");
	}
	if (text_flow(buf, sizeof(buf), &packet->flow)) {
		line_text(line, " ");
		line_text(line, buf);
		line_text(line, text_header(buf, sizeof(buf), packet));
	}
	line_text(line, ": ");
	line_text(line, dropped ? paint(sink, "\033[31m") : "");
	line_text(line, trail_fate_name(packet->fate));
	line_text(line, dropped ? paint(sink, "\033[0m") : "");
	add_end(line, packet);
	line_end(line, sink->opts.out);
}

static void print_poll(struct trail_sink *sink, const struct trail_poll *poll, struct line *line)
{
	line_begin(line);
	line_text(line, "    napi poll");
	if (poll->dev) {
		line_text(line, " of ");
		line_safe(line, poll->dev);
	}
	if (poll->work >= 0) {
		line_text(line, " work ");
		line_s64(line, poll->work);
	}
	if (poll->work >= 0 && poll->budget >= 0) {
		line_text(line, "/");
		line_s64(line, poll->budget);
	}
	if (poll->cause != TRAIL_CAUSE_UNKNOWN) {
		line_text(line, ", cause: ");
		line_text(line, trail_cause_name(poll->cause));
	}
	if (poll->irq >= 0) {
		line_text(line, " ");
		line_s64(line, poll->irq);
	}
	if (poll->irq_name) {
		line_text(line, " ");
		line_safe(line, poll->irq_name);
	}
	line_end(line, sink->opts.out);
}

static void add_part(struct line *line, const char *name, int64_t ns)
{
	if (ns < 0)
		return;
	line_text(line, name);
	line_duration(line, " ", (uint64_t)ns, 0);
}

static void add_task(struct line *line, const char *comm, int32_t pid)
{
	if (comm && *comm) {
		line_text(line, " ");
		line_safe(line, comm);
		line_text(line, "/");
		line_s64(line, pid);
	} else if (pid >= 0) {
		line_text(line, " pid ");
		line_s64(line, pid);
	}
}

static const char *mark_of(uint8_t confidence)
{
	static const char *const mark[] = {
		[TRAIL_EXACT] = "", [TRAIL_INFERRED] = "  ~", [TRAIL_AMBIGUOUS] = "  ?",
	};

	return mark[confidence <= TRAIL_AMBIGUOUS ? confidence : TRAIL_AMBIGUOUS];
}

/* The first columns: when, what, how long if that is known, which CPU. */
static void begin_row(struct line *line, const struct trail_packet *packet, uint64_t ts_ns,
		      const char *what, const int64_t took_cpu[2])
{
	bool before = ts_ns < packet->start_ns;
	size_t start;

	line_begin(line);
	line_text(line, "    ");
	line_duration(line, before ? "-" : "+",
		      before ? packet->start_ns - ts_ns : ts_ns - packet->start_ns, 10);
	line_text(line, "  ");
	start = line->len;
	line_text(line, what);
	line_fill(line, start, 11);
	line_text(line, " ");
	if (took_cpu[0] >= 0)
		line_duration(line, "", (uint64_t)took_cpu[0], 8);
	else
		line_fill(line, line->len, 8);
	line_text(line, "  cpu ");
	start = line->len;
	line_s64(line, took_cpu[1]);
	line_fill(line, start, 3);
}

static void print_hit(struct trail_sink *sink, const struct trail_packet *packet,
		      const struct trail_joined *joined, struct line *line)
{
	const struct trail_hit *hit = joined->hit;
	char buf[HIT_SIZE];

	begin_row(line, packet, hit->ts_ns, "probe", (int64_t[2]){ hit->took_ns, hit->cpu });
	add_task(line, hit->comm, hit->pid);
	line_text(line, mark_of(joined->confidence));
	line_text(line, "  ");
	line_text(line, text_hit(buf, hit));
	line_text(line, "  by ");
	line_text(line, trail_join_name(joined->join));
	line_end(line, sink->opts.out);
}

static void print_span(struct trail_sink *sink, const struct trail_packet *packet,
		       const struct trail_span *span, struct line *line)
{
	begin_row(line, packet, span->start_ns, span->stage->name,
		  (int64_t[2]){ (int64_t)elapsed(span->start_ns, span->end_ns), span->cpu });
	add_task(line, span->comm, span->pid);
	line_text(line, mark_of(span->confidence));
	if (span->stage->id == TRAIL_STAGE_QUEUE) {
		add_part(line, "  wake", packet->wake_ns);
		add_part(line, "  runqueue", packet->runqueue_ns);
		add_part(line, "  app", packet->app_ns);
	}
	if (span->stage->id == TRAIL_STAGE_SOFTIRQ) {
		add_part(line, "  ksoftirqd: wake", packet->softirq_wake_ns);
		add_part(line, "  runqueue", packet->softirq_runqueue_ns);
	}
	line_end(line, sink->opts.out);
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

static void print_way(struct trail_sink *sink, const struct trail_packet *packet)
{
	struct line line;
	size_t hit = 0;

	for (size_t i = 0; i < packet->nr_span; i++) {
		while (hit < packet->nr_joined &&
		       packet->joined[hit].hit->ts_ns < packet->span[i].start_ns)
			print_hit(sink, packet, &packet->joined[hit++], &line);
		print_span(sink, packet, &packet->span[i], &line);
	}
	while (hit < packet->nr_joined)
		print_hit(sink, packet, &packet->joined[hit++], &line);
	if (packet->hits_left_out)
		fprintf(sink->opts.out, "    %" PRIu32 " more hits of probes\n",
			packet->hits_left_out);
}

static int print_packet(struct trail_sink *sink, const struct trail_packet *packet)
{
	FILE *out = sink->opts.out;
	struct line line;

	print_header(sink, packet, &line);
	if (packet->flags & TRAIL_PACKET_HAS_POLL)
		print_poll(sink, &packet->poll, &line);
	print_way(sink, packet);
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
