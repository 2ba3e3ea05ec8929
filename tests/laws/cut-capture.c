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
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blob.h"
#include "cut-capture.h"
#include "tracedat-write.h"

#define MAX_CPU		64
#define MAX_SYSTEM	64
#define COMMIT_LOST	(1ull << 31)

static struct tracedat_piece piece_of(struct part part)
{
	return (struct tracedat_piece){ part.at, part.len };
}

/* Formats of a system lie one after the other; ftrace's own ones are kept with the others. */
static uint32_t group_systems(const struct cut *cut, struct tracedat_system *system)
{
	struct tracedat_piece *piece = calloc(cut->nr_format, sizeof(*piece));
	uint32_t nr = 0;

	if (!piece)
		err(1, "formats");
	for (size_t i = 0; i < cut->nr_format; i++) {
		struct part name = cut->format[i].system;

		piece[i] = piece_of(cut->format[i].text);
		if (!nr || strlen(system[nr - 1].name) != name.len ||
		    memcmp(system[nr - 1].name, name.at, name.len)) {
			if (nr == MAX_SYSTEM)
				errx(1, "too many systems");
			system[nr++] = (struct tracedat_system){ strndup(name.at, name.len),
								 &piece[i], 0 };
		}
		system[nr - 1].nr_format++;
	}
	return nr;
}

static void write_capture(const struct cut *cut, struct tracedat_cpu *cpu, const char *path)
{
	struct tracedat_system system[MAX_SYSTEM];
	struct tracedat_header header = {
		.version = 7, .page_size = cut->page_size,
		.header_page = piece_of(cut->header_page),
		.header_event = { "# compressed entry header\n", 26 },
		.system = system, .nr_system = group_systems(cut, system),
		.kallsyms = piece_of(cut->kallsyms),
	};
	struct tracedat_tail tail = {
		.cmdlines = piece_of(cut->cmdlines), .cpu = cpu, .nr_cpu = cut->nr_cpu,
		.clock = strndup(cut->clock.at, cut->clock.len), .tool = "cut-capture",
		.trace_id = 1,
	};
	struct tracedat *dat = NULL;
	char uname[200];
	int fd, ret;

	snprintf(uname, sizeof(uname), "Linux cut %.*s x86_64", (int)cut->kernel.len,
		 cut->kernel.at);
	tail.uname = uname;
	unlink(path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0644);
	if (fd < 0)
		err(1, "%s", path);
	ret = tracedat_new(fd, &header, &dat);
	if (!ret)
		ret = tracedat_finish(dat, &tail);
	if (ret)
		errx(1, "%s: %s", path, strerror(-ret));
	tracedat_free(dat);
	close(fd);
}

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
	write_capture(&cut, cpu, argv[2]);
	return 0;
}
