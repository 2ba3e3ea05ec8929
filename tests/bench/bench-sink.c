// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench-sink.c - packets per second through statistics and each sink
 *
 *	bench-sink [PACKETS]
 *
 * Packets have five spans with different times, a poll, a reader and a link.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "skbtrail.h"

#define NR_SPAN	5

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The spans of packet @n; its times come from a generator, so that buckets differ. */
static void make_spans(uint64_t n, struct trail_span span[NR_SPAN])
{
	static const enum trail_stage_id stage[NR_SPAN] = {
		TRAIL_STAGE_IRQ, TRAIL_STAGE_SOFTIRQ, TRAIL_STAGE_POLL, TRAIL_STAGE_STACK,
		TRAIL_STAGE_QUEUE,
	};
	uint64_t at = 17863000000000 + n * 10000, seed = n;

	for (size_t i = 0; i < NR_SPAN; i++) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		span[i] = (struct trail_span){
			.stage = &trail_stage[stage[i]], .start_ns = at,
			.end_ns = at + (seed >> 48), .comm = "swapper/1", .cpu = 1,
		};
		at = span[i].end_ns;
	}
}

static int pass(struct trail_sink *sink, struct trail_stat *stat, uint64_t nr_packet)
{
	static const uint8_t bytes[TRAIL_SNAP_BYTES];
	static const struct trail_link link = { 16, TRAIL_LINK_GRO, TRAIL_MEMBER, TRAIL_EXACT };
	struct trail_span span[NR_SPAN];
	int err = 0;

	for (uint64_t n = 0; !err && n < nr_packet; n++) {
		struct trail_packet packet = {
			.id = n + 1, .skb = 0xff1184122cf14a00 + n * 256, .dev = "nic1",
			.reader_comm = "python3", .reader_pid = 231, .len = 1028,
			.bytes_delivered = 1000, .wake_ns = 1200, .runqueue_ns = 8100,
			.app_ns = TRAIL_UNKNOWN_NS, .span = span, .nr_span = NR_SPAN,
			.link = &link, .nr_link = 1, .flags = TRAIL_PACKET_HAS_POLL,
			.poll = { 0xff11841200000000, "nic1", "nic1-rx-0", 33, 5, 64,
				  TRAIL_CAUSE_IRQ },
			.header = { .bytes = bytes, .nr_bytes = sizeof(bytes), .wire_len = 1042,
				    .layer = TRAIL_LAYER_ETHERNET },
		};

		make_spans(n, span);
		packet.start_ns = span[0].start_ns;
		packet.end_ns = span[NR_SPAN - 1].end_ns;
		packet.header.ts_ns = span[2].start_ns;
		err = trail_stat_add(stat, &packet);
		if (!err)
			err = trail_sink_packet(sink, &packet);
	}
	return err;
}

static int run(const char *name, FILE *out, uint64_t nr_packet)
{
	const struct trail_capture_info info = { .file = "synthetic", .nr_cpu = 2 };
	struct trail_sink_opts opts = { .out = out, .capture = &info };
	struct trail_sink *sink;
	double start = now(), seconds;
	int err = trail_stat_new(10, &opts.stat);

	if (err)
		return err;
	err = trail_sink_open(name, &opts, &sink);
	if (!err) {
		int close_err;

		err = pass(sink, opts.stat, nr_packet);
		close_err = trail_sink_close(sink);
		err = err ? err : close_err;
	}
	trail_stat_free(opts.stat);
	seconds = now() - start;
	if (!err)
		printf("%-8s %10.0f packets/s, %.2f us each\n", name, (double)nr_packet / seconds,
		       1e6 * seconds / (double)nr_packet);
	return err;
}

int main(int argc, char **argv)
{
	uint64_t nr_packet = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	FILE *out = fopen("/dev/null", "w");
	int err = out && nr_packet ? 0 : -1;

	for (size_t i = 0; !err && trail_sink_type[i]; i++)
		err = run(trail_sink_type[i]->name, out, nr_packet);
	if (out)
		fclose(out);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
