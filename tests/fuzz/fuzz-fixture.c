// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-fixture.c - any text as a fixture: events in every order, with any values, reach the engine
 *
 * make-fixture ends the program where a line is wrong.  Here it comes back instead.
 */
#include <err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

static __attribute__((noreturn)) void give_up(int status, const char *format, ...);

#define errx	give_up
#define err	give_up
#define main	make_fixture

int make_fixture(int argc, char **argv);

#include "../fixtures/make-fixture.c"
#include "../fixtures/write-fixture.c"
#undef errx
#undef err
#undef main

#define MAX_LINE	1000

static jmp_buf refused;

static void give_up(int status, const char *format, ...)
{
	longjmp(refused, status ? status : 1);
}

/* Formats are read for each input: the folder is that of the sources. */
static void make(struct fixture *fix, const uint8_t *data, size_t size, const char *path)
{
	char line[MAX_LINE];

	while (size) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t len = end ? (size_t)(end - data) + 1 : size;

		snprintf(line, sizeof(line), "%.*s", (int)(len < MAX_LINE ? len : MAX_LINE - 1),
			 (const char *)data);
		fix->line++;
		add_line(fix, line);
		data += len;
		size -= len;
	}
	if (!fix->nr_cpu)
		give_up(1, "no event");
	blob_add(&fix->kallsyms, "ffffffff82000000 T _end\n", 24);
	write_fixture(fix, path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct report_all how = { 0 };
	struct fixture *fix = calloc(1, sizeof(*fix));
	char path[64];

	fuzz_check(fix, "memory");
	fix->formats = FORMATS;
	fix->path = "fuzz";
	snprintf(path, sizeof(path), "/dev/shm/fuzz-fixture-%d.dat", (int)getpid());
	if (!setjmp(refused)) {
		make(fix, data, size, path);
		fuzz_check(!report_all(path, &how), "a capture of our own writer is whole");
	}
	unlink(path);
	free_formats(fix);
	free(fix);
	return 0;
}
