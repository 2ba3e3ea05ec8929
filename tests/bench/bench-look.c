// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench-look.c - looks at the kernel's counters, as a recording and live drops make them -> CPU
 * time, bytes
 *
 *	bench-look [NR]
 */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "../../lib/counters/carrier.h"

static uint64_t now_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* As lib/record/counting.c does it: a second after the other, so that sources had their rest. */
static int look(struct trail_counting *counting, uint64_t second, enum trail_look kind, FILE *out)
{
	int err = trail_counting_look(counting, second * 1000000000, kind);

	return err ? err : carrier_write(trail_counting_counters(counting), out);
}

static int run(struct trail_counting *counting, long nr, FILE *out, const size_t *size)
{
	uint64_t began, took = 0;
	size_t first;
	int err = 0;

	began = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	err = look(counting, 1, TRAIL_LOOK_ALL, out);
	took = now_ns(CLOCK_PROCESS_CPUTIME_ID) - began;
	fflush(out);
	first = *size;
	printf("  first look: %" PRIu64 " us, %zu bytes\n", took / 1000, first);
	began = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	for (long i = 0; !err && i < nr; i++)
		err = look(counting, i + 2, TRAIL_LOOK_MORE, out);
	took = now_ns(CLOCK_PROCESS_CPUTIME_ID) - began;
	fflush(out);
	printf("  a look of %ld more: %.1f us, %.1f bytes\n", nr, (double)took / 1e3 / (double)nr,
	       (double)(*size - first) / (double)nr);
	return err;
}

static int run_with(const struct trail_counting_opts *opts, long nr)
{
	struct trail_counting *counting;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int err = out ? trail_counting_open(opts, &counting) : -1;

	if (err)
		return err;
	err = run(counting, nr, out, &size);
	trail_counting_close(counting);
	fclose(out);
	free(text);
	return err;
}

int main(int argc, char **argv)
{
	const struct trail_counting_opts record = { 0 }, drops = { .only_drops = true };
	long nr = argc > 1 ? atol(argv[1]) : 1000;
	int err;

	if (nr <= 0)
		return 1;
	puts("record:");
	err = run_with(&record, nr);
	puts("drops:");
	if (!err)
		err = run_with(&drops, nr);
	return err ? 1 : 0;
}
