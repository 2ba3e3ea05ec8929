// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench-engine.c - a capture -> time per event of reading it, and of the engine on top; memory
 *
 *	bench-engine CAPTURE [EVENTS ...]
 *
 * For each number of events (default: all) the first so many are read twice, without and with the
 * engine; the packets are counted and thrown away.  The difference is the engine's own time.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "skbtrail.h"

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Memory of our own, without the mapped capture, in KB. */
static long anonymous_kb(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	long kb = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "RssAnon: %ld", &kb) == 1)
			break;
	if (file)
		fclose(file);
	return kb;
}

static int count_packet(void *data, const struct trail_packet *packet)
{
	(*(uint64_t *)data)++;
	return 0;
}

static struct trail_capture *open_capture(const char *path)
{
	struct trail_capture *cap;
	struct trail_error error = { "", "" };

	if (trail_capture_open(path, NULL, &cap, &error))
		errx(1, "%s: %s", path, error.text);
	return cap;
}

static double read_only(const char *path, uint64_t events)
{
	struct trail_capture *cap = open_capture(path);
	struct trail_event event;
	double start = cpu_seconds();
	uint64_t n = 0;

	while (n < events && trail_capture_next(cap, &event) > 0)
		n++;
	trail_capture_close(cap);
	return cpu_seconds() - start;
}

static void run(const char *path, uint64_t events)
{
	double without = read_only(path, events), start;
	struct trail_capture *cap = open_capture(path);
	struct trail_engine *engine;
	struct trail_event event;
	uint64_t n = 0, packets = 0;
	long kb;

	if (trail_engine_new(cap, count_packet, &packets, &engine))
		errx(1, "out of memory");
	start = cpu_seconds();
	for (; n < events && trail_capture_next(cap, &event) > 0; n++)
		if (trail_engine_events(engine, &event, 1))
			errx(1, "the engine failed");
	kb = anonymous_kb();
	if (trail_engine_finish(engine))
		errx(1, "the engine failed");
	start = cpu_seconds() - start;
	printf("%9llu events %8llu packets: reading %5.1f ns, engine %5.1f ns an event, %ld KB\n",
	       (unsigned long long)n, (unsigned long long)packets, without / (double)n * 1e9,
	       (start - without) / (double)n * 1e9, kb);
	trail_engine_free(engine);
	trail_capture_close(cap);
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 2)
		errx(2, "usage: bench-engine CAPTURE [EVENTS ...]");
	if (argc == 2)
		run(argv[1], UINT64_MAX);
	for (i = 2; i < argc; i++)
		run(argv[1], strtoull(argv[i], NULL, 0));
	return 0;
}
