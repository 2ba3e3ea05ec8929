// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * malformed.c - a capture, cut off and damaged in many ways -> each of them is reported or refused
 *
 *	malformed [-p PROGRAM] CUTS MUTATIONS CAPTURE.dat
 *
 * CUTS places at random, besides all boundaries of sections; MUTATIONS, of which a twentieth are of
 * the capture itself and the others of small captures that are made of it, in three kinds of file.
 * These are also cut, at a fifth as many places.  Each is reported in every form (report-all.c),
 * within MAX_SECONDS; the peak of memory is checked at the end.  With -p it is PROGRAM that prints
 * the events of each, or reads it by libtracecmd.
 *
 * The numbers are the same each time.  The input that fails stays in malformed-PID.dat.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cut-capture.h"
#include "fuzz.h"
#include "mutation.h"
#include "tracedat-write.h"

#define MAX_SECONDS	30
#define MAX_PLACE	2000
#define MAX_GROWTH	(4 * 4096)
#define NR_SMALL	3
#define NR_SMALL_PAGE	3
#define KALLSYMS_SIZE	4096
#define MAX_CPU		64
/* Of captures of up to 2 MB: 64 MB are what little compressed data may claim. */
#define MAX_RSS_KB	(256u << 10)
#define MAX_RSS_SANITIZED_KB	(2u << 20)

extern char **environ;

struct test {
	const char *program;
	char path[64];
	char output[64];
	uint64_t max_event;
	unsigned long nr_reported;
	unsigned long nr_refused;
	unsigned long nr_crashed;
};

static struct bytes load(const char *path)
{
	struct bytes bytes = { 0 };
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", path);
	bytes.size = (size_t)st.st_size;
	bytes.capacity = bytes.size + MAX_GROWTH;
	bytes.at = malloc(bytes.capacity);
	if (!bytes.at || read(fd, bytes.at, bytes.size) != (ssize_t)bytes.size)
		err(1, "%s", path);
	close(fd);
	return bytes;
}

static void store(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd))
		err(1, "%s", path);
}

/* ---- one input */

static void check_output(struct test *test, const char *what)
{
	struct bytes text = load(test->output);

	/* Tabs are allowed in lines of events. */
	for (size_t i = 0; i < text.size; i++)
		if (text.at[i] == '\t')
			text.at[i] = ' ';
	fuzz_check_text(what, (char *)text.at, text.size);
	if (memmem(text.at, text.size, "reading it", 10))
		test->nr_crashed++;
	free(text.at);
}

/* All events, those that pass a filter, or packets by libtracecmd; errors go to the same file. */
static void run_program(struct test *test)
{
	static const char *const way[] = {
		"--events", "--event-filter=.*: CPU >= 0", "--events", "--reader=libtracecmd",
	};
	const char *how = way[(test->nr_reported + test->nr_refused) % 4];
	char *argv[] = { (char *)test->program, "report", (char *)how, "--no-pager", test->path,
			 NULL };
	posix_spawn_file_actions_t actions;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, test->output, O_WRONLY | O_CREAT | O_TRUNC,
					 0600);
	posix_spawn_file_actions_adddup2(&actions, 1, 2);
	if (posix_spawn(&pid, test->program, &actions, NULL, argv, environ))
		err(1, "%s", test->program);
	posix_spawn_file_actions_destroy(&actions);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	fuzz_check(WIFEXITED(status) && WEXITSTATUS(status) <= 1, "the program ends with 0 or 1");
	if (WEXITSTATUS(status))
		test->nr_refused++;
	else
		test->nr_reported++;
	check_output(test, "lines of events");
}

static void try(struct test *test)
{
	struct report_all how = { .max_event = test->max_event };

	alarm(MAX_SECONDS);
	if (test->program)
		run_program(test);
	else if (report_all(test->path, &how))
		test->nr_refused++;
	else
		test->nr_reported++;
	alarm(0);
}

/* ---- cuts and mutations */

static int descending(const void *va, const void *vb)
{
	const size_t *a = va, *b = vb;

	return *a > *b ? -1 : *a < *b;
}

static void cut_off(struct test *test, const struct bytes *bytes, unsigned long nr, uint64_t *state)
{
	size_t *place = calloc(MAX_PLACE + nr, sizeof(*place));
	size_t nr_place;

	if (!place)
		err(1, "places");
	nr_place = boundaries(bytes, place, MAX_PLACE);
	for (unsigned long i = 0; i < nr; i++)
		place[nr_place++] = draw(state, bytes->size);
	qsort(place, nr_place, sizeof(*place), descending);
	store(test->path, bytes->at, bytes->size);
	for (size_t i = 0; i < nr_place; i++) {
		if (truncate(test->path, (off_t)place[i]))
			err(1, "%s", test->path);
		try(test);
	}
	free(place);
}

static void damage(struct test *test, const struct bytes *from, unsigned long nr, uint64_t *state)
{
	struct bytes bytes = { .capacity = from->capacity };

	bytes.at = malloc(bytes.capacity);
	if (!bytes.at)
		err(1, "memory");
	for (unsigned long i = 0; i < nr; i++) {
		memcpy(bytes.at, from->at, from->size);
		bytes.size = from->size;
		mutate(&bytes, state);
		store(test->path, bytes.at, bytes.size);
		try(test);
	}
	free(bytes.at);
}

/* ---- small captures */

static bool names_event(const struct cut_format *format)
{
	static const char *const system[] = {
		"net", "skb", "napi", "irq", "sched", "sock", "tcp", "udp", "qdisc", "syscalls",
		"ftrace", "skbtrail",
	};

	for (size_t i = 0; i < sizeof(system) / sizeof(system[0]); i++)
		if (format->system.len >= strlen(system[i]) &&
		    !memcmp(format->system.at, system[i], strlen(system[i])))
			return true;
	return false;
}

/* A few pages in the middle, the formats that can occur in them and some symbols. */
static struct cut reduce(const char *path, uint64_t *state)
{
	struct cut all;
	size_t first, nr = 0;

	cut_read(path, &all);
	for (size_t i = 0; i < all.nr_format; i++)
		if (names_event(&all.format[i]))
			all.format[nr++] = all.format[i];
	all.nr_format = nr < 90 ? nr : 90;
	if (all.kallsyms.len > KALLSYMS_SIZE)
		all.kallsyms.len = KALLSYMS_SIZE;
	if (all.nr_page > NR_SMALL_PAGE) {
		first = draw(state, all.nr_page - NR_SMALL_PAGE);
		all.page += first;
		all.nr_page = NR_SMALL_PAGE;
	}
	return all;
}

static struct bytes make_small(const struct cut *cut, unsigned int kind, const char *path)
{
	struct tracedat_cpu cpu[MAX_CPU] = { 0 };
	struct cut_output output = {
		.version = kind ? 7 : 6, .zstd = kind == 2, .tool = "malformed", .cpu = cpu,
		.nr_cpu = cut->nr_cpu, .cmdlines = cut->cmdlines,
	};
	struct bytes bytes;

	for (size_t i = 0; i < cut->nr_page; i++) {
		struct tracedat_source *source = cpu[cut->page[i].cpu].source;

		/* A CPU has room for two of them. */
		source += source[0].size && !source[1].size;
		source->data = cut->page[i].data;
		source->size = cut->page_size;
	}
	cut_write(cut, &output, path);
	bytes = load(path);
	return bytes;
}

static void damage_small(struct test *test, const char *path, unsigned long nr_cut,
			 unsigned long nr, uint64_t *state)
{
	for (unsigned int kind = 0; kind < NR_SMALL; kind++) {
		/* Of compressed files most damage is found by zstd. */
		unsigned long share = kind == 2 ? nr / 5 : nr * 2 / 5;
		struct cut cut = reduce(path, state);
		struct bytes small = make_small(&cut, kind, test->path);

		if (nr_cut)
			cut_off(test, &small, nr_cut, state);
		damage(test, &small, share, state);
		free(small.at);
	}
}

static void check_memory(const struct test *test)
{
	struct rusage usage;
	long max = MAX_RSS_KB;

	getrusage(test->program ? RUSAGE_CHILDREN : RUSAGE_SELF, &usage);
#ifdef __SANITIZE_ADDRESS__
	max = MAX_RSS_SANITIZED_KB;
#endif
	printf("%lu reported, %lu refused or cut off, peak of memory %ld MB\n",
	       test->nr_reported, test->nr_refused, usage.ru_maxrss >> 10);
	if (test->program)
		printf("%lu times a library crashed in the child\n", test->nr_crashed);
	fuzz_check(usage.ru_maxrss < max, "memory follows the size of the file");
	fuzz_check(test->nr_reported && test->nr_refused, "both kinds occur");
}

int main(int argc, char **argv)
{
	struct test test = { .max_event = 3000 };
	uint64_t state = 20261121;
	unsigned long nr_cut, nr_mutation;
	struct bytes whole;

	if (argc > 2 && !strcmp(argv[1], "-p")) {
		test.program = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc != 4)
		errx(2, "usage: malformed [-p PROGRAM] CUTS MUTATIONS CAPTURE.dat");
	nr_cut = strtoul(argv[1], NULL, 10);
	nr_mutation = strtoul(argv[2], NULL, 10);
	snprintf(test.path, sizeof(test.path), "malformed-%d.dat", (int)getpid());
	snprintf(test.output, sizeof(test.output), "malformed-%d.out", (int)getpid());
	whole = load(argv[3]);
	if (nr_cut)
		cut_off(&test, &whole, nr_cut, &state);
	damage(&test, &whole, nr_mutation / 20, &state);
	damage_small(&test, argv[3], nr_cut / 5, nr_mutation - nr_mutation / 20, &state);
	check_memory(&test);
	unlink(test.path);
	unlink(test.output);
	free(whole.at);
	return 0;
}
