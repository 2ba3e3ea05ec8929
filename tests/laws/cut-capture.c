// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cut-capture.c - capture -> some of its pages, or all of them with other CPU numbers
 *
 *	cut-capture IN OUT PARTS FROM TO	pages from FROM/PARTS to TO/PARTS, in order of time
 *	cut-capture IN OUT reverse		CPU 0 becomes the last one, and so on
 *
 * Pages are copied as they are, so each CPU begins and ends where one of its pages does.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "blob.h"
#include "cut-capture.h"
#include "tracedat-write.h"

#define MAX_CPU		64
#define COMMIT_LOST	(1ull << 31)

static bool lacks_pages(const struct cut *cut, size_t from, uint32_t cpu)
{
	for (size_t i = 0; i < from; i++)
		if (cut->page[i].cpu == cpu)
			return true;
	return false;
}

/* As the kernel does when pages were overwritten before they were read. */
static void mark_lost(struct blob *pages)
{
	uint64_t commit;

	memcpy(&commit, pages->data + 8, sizeof(commit));
	commit |= COMMIT_LOST;
	memcpy(pages->data + 8, &commit, sizeof(commit));
}

int main(int argc, char **argv)
{
	struct tracedat_cpu cpu[MAX_CPU] = { 0 };
	struct blob data[MAX_CPU] = { 0 };
	struct cut_output output = { .version = 7, .tool = "cut-capture", .cpu = cpu };
	struct cut cut;
	bool reverse = argc == 4 && !strcmp(argv[3], "reverse");
	size_t from = 0, to, parts;

	if (!reverse && (argc != 6 || atoi(argv[3]) < 1))
		errx(2, "usage: cut-capture IN OUT (PARTS FROM TO | reverse)");
	cut_read(argv[1], &cut);
	if (cut.nr_cpu > MAX_CPU)
		errx(1, "too many CPUs");
	to = cut.nr_page;
	if (!reverse) {
		parts = (size_t)atoi(argv[3]);
		from = cut.nr_page * (size_t)atoi(argv[4]) / parts;
		to = cut.nr_page * (size_t)atoi(argv[5]) / parts;
	}
	for (size_t i = from; i < to && i < cut.nr_page; i++) {
		uint32_t number = cut.page[i].cpu;
		struct blob *pages = &data[reverse ? cut.nr_cpu - 1 - number : number];
		bool first = !pages->size;

		blob_add(pages, cut.page[i].data, cut.page_size);
		if (first && lacks_pages(&cut, from, number))
			mark_lost(pages);
	}
	for (uint32_t i = 0; i < cut.nr_cpu; i++) {
		cpu[i].source[0].data = data[i].data;
		cpu[i].source[0].size = data[i].size;
	}
	output.nr_cpu = cut.nr_cpu;
	output.cmdlines = cut.cmdlines;
	cut_write(&cut, &output, argv[2]);
	return 0;
}
