// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cut-write.c - texts of a capture and pages -> trace.dat, by the project's own writer
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cut-capture.h"
#include "tracedat-write.h"

#define MAX_SYSTEM	64

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

void cut_write(const struct cut *cut, const struct cut_output *output, const char *path)
{
	struct tracedat_system system[MAX_SYSTEM];
	struct tracedat_header header = {
		.version = output->version, .zstd = output->zstd,
		.page_size = cut->page_size,
		.header_page = piece_of(cut->header_page),
		.header_event = { "# compressed entry header\n", 26 },
		.system = system, .nr_system = group_systems(cut, system),
		.kallsyms = piece_of(cut->kallsyms),
	};
	struct tracedat_tail tail = {
		.cmdlines = piece_of(output->cmdlines), .cpu = output->cpu,
		.nr_cpu = output->nr_cpu,
		.clock = strndup(cut->clock.at, cut->clock.len), .tool = output->tool,
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
