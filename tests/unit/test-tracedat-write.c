// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-tracedat-write.c - synthetic pages -> trace.dat -> what stock trace-cmd reads in it
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "filesystem.h"
#include "tracedat-write.h"

#define PAGE_SIZE	4096
#define PAGE_HEAD	16
#define NR_CPU		4
/* u32 head, then 12 bytes: the common fields and one number. */
#define EVENT_SIZE	16
#define EVENTS_PER_PAGE	((PAGE_SIZE - PAGE_HEAD) / EVENT_SIZE)
/* More than is copied at a time from a file's end on. */
#define NR_PAGE		70
#define EVENT_ID	1234

static const char header_page[] =
	"\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
	"\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
	"\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
	"\tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;\n";

static const char header_event[] = "# compressed entry header\n";

static const char format[] =
	"name: one\nID: 1234\nformat:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
	"\tfield:unsigned int number;\toffset:8;\tsize:4;\tsigned:0;\n\n"
	"print fmt: \"number=%u\", REC->number\n";

/* As 9p and FUSE are: no blocks without bytes, no holes; and full. */
static bool is_plain;

int __real_fallocate64(int fd, int mode, off_t offset, off_t size);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t size);
uint64_t __real_filesystem_free(int fd);
uint64_t __wrap_filesystem_free(int fd);

int __wrap_fallocate64(int fd, int mode, off_t offset, off_t size)
{
	if (!is_plain)
		return __real_fallocate64(fd, mode, offset, size);
	errno = EOPNOTSUPP;
	return -1;
}

uint64_t __wrap_filesystem_free(int fd)
{
	return is_plain ? 0 : __real_filesystem_free(fd);
}

struct event {
	uint32_t head;
	uint16_t type;
	uint8_t flags;
	uint8_t preempt;
	int32_t pid;
	uint32_t number;
};

/* @nr_page full pages, events 1 microsecond apart. */
static char *make_pages(unsigned int nr_page, uint32_t first)
{
	char *data = calloc(nr_page, PAGE_SIZE);

	assert_non_null(data);
	for (unsigned int page = 0; page < nr_page; page++) {
		char *at = data + (size_t)page * PAGE_SIZE;
		uint64_t ts = 1000000000ull + page * EVENTS_PER_PAGE * 1000ull;
		uint64_t commit = EVENTS_PER_PAGE * EVENT_SIZE;

		memcpy(at, &ts, 8);
		memcpy(at + 8, &commit, 8);
		at += PAGE_HEAD;
		for (unsigned int i = 0; i < EVENTS_PER_PAGE; i++, at += EVENT_SIZE) {
			struct event event = {
				.head = 3 | (i ? 1000u : 0) << 5, .type = EVENT_ID, .pid = 42,
				.number = first + page * EVENTS_PER_PAGE + i,
			};

			memcpy(at, &event, sizeof(event));
		}
	}
	return data;
}

static int new_file(char *path)
{
	int fd;

	strcpy(path, "/tmp/test-tracedat-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	return fd;
}

static struct tracedat_header make_header(unsigned int version, bool zstd)
{
	static const struct tracedat_piece piece = { format, sizeof(format) - 1 };
	static const struct tracedat_system system = { "test", &piece, 1 };

	return (struct tracedat_header){
		.version = version, .zstd = zstd, .page_size = PAGE_SIZE,
		.header_page = { header_page, sizeof(header_page) - 1 },
		.header_event = { header_event, sizeof(header_event) - 1 },
		.system = &system, .nr_system = 1,
	};
}

static struct tracedat_tail make_tail(const struct tracedat_cpu *cpu)
{
	return (struct tracedat_tail){
		.cmdlines = { "42 testtask\n", 12 }, .cpu = cpu, .nr_cpu = NR_CPU,
		.clock = "mono", .uname = "Linux host 6.1 x86_64", .tool = "test",
		.trace_id = 1, .wall_offset_ns = -5, .has_wall = true,
	};
}

/* Lines that `trace-cmd @args @path` prints which have @word in them. */
static unsigned int count_lines(const char *args, const char *path, const char *word)
{
	char line[512];
	unsigned int nr = 0;
	FILE *in;

	snprintf(line, sizeof(line), "trace-cmd %s %s 2>&1", args, path);
	in = popen(line, "r");
	assert_non_null(in);
	while (fgets(line, sizeof(line), in))
		nr += strstr(line, word) != NULL;
	assert_int_equal(pclose(in), 0);
	return nr;
}

static void check_with_stock(const char *path)
{
	unsigned int nr = NR_PAGE * EVENTS_PER_PAGE;

	if (system("command -v trace-cmd >/dev/null")) {
		print_message("trace-cmd is not installed: not read by stock\n");
		return;
	}
	assert_int_equal(count_lines("dump --validate -i", path, "is a valid"), 1);
	assert_int_equal(count_lines("report", path, "number="), 3 * nr);
	assert_int_equal(count_lines("report --cpu 0", path, "number="), nr);
	assert_int_equal(count_lines("report --cpu 1", path, "number="), 0);
	assert_int_equal(count_lines("report --cpu 2", path, "number="), 2 * nr);
	assert_int_equal(count_lines("report", path, "testtask-42"), 3 * nr);
	assert_int_equal(count_lines("report", path, "number=7\n"), 2);
	assert_int_equal(count_lines("report --stat", path, "overrun: 5"), 1);
	assert_int_equal(count_lines("report --version -i", path, "wall_offset_ns: -5\n"), 1);
}

/* CPU 0 from memory, CPU 1 empty, CPU 2 from two files, CPU 3 empty, at the end. */
static void check_version(unsigned int version, bool zstd)
{
	size_t size = (size_t)NR_PAGE * PAGE_SIZE;
	char path[3][40];
	int fd = new_file(path[0]), older = new_file(path[1]), newer = new_file(path[2]);
	char *first = make_pages(NR_PAGE, 0), *second = make_pages(NR_PAGE, 100000);
	struct tracedat_cpu cpu[NR_CPU] = {
		[0] = { .source[0] = { .data = first, .size = size }, .stat = "overrun: 5\n" },
		[2] = { .source = { { .fd = older, .size = size, .consume = true },
				    { .fd = newer, .size = size, .consume = true } } },
	};
	struct tracedat_header header = make_header(version, zstd);
	struct tracedat_tail tail = make_tail(cpu);
	struct tracedat *dat;

	assert_int_equal(write(older, first, size), size);
	assert_int_equal(write(newer, second, size), size);
	assert_int_equal(tracedat_new(fd, &header, &dat), 0);
	assert_int_equal(tracedat_finish(dat, &tail), 0);
	tracedat_free(dat);
	/* Cut off piece by piece: at no time there is more than one piece twice. */
	if (is_plain)
		assert_int_equal(lseek(older, 0, SEEK_END) + lseek(newer, 0, SEEK_END), 0);
	check_with_stock(path[0]);
	for (int i = 0; i < 3; i++)
		unlink(path[i]);
	close(fd);
	close(older);
	close(newer);
	free(first);
	free(second);
}

static void test_v6(void **state)
{
	check_version(6, false);
}

static void test_v7(void **state)
{
	check_version(7, false);
}

static void test_v7_zstd(void **state)
{
	check_version(7, true);
}

static void test_plain_file_system(void **state)
{
	is_plain = true;
	check_version(7, false);
	check_version(6, false);
	is_plain = false;
}

static void test_refuses(void **state)
{
	struct tracedat_header header = make_header(6, true);
	struct tracedat_cpu cpu[NR_CPU] = { { .source[0] = { .data = "", .size = 1 } } };
	struct tracedat_tail tail = make_tail(cpu);
	struct tracedat *dat = NULL;
	char path[40];
	int fd = new_file(path);

	unlink(path);
	assert_int_equal(tracedat_new(fd, &header, &dat), -EINVAL);
	header = make_header(5, false);
	assert_int_equal(tracedat_new(fd, &header, &dat), -EINVAL);
	header = make_header(7, false);
	header.header_page.size = 0;
	assert_int_equal(tracedat_new(fd, &header, &dat), -EINVAL);
	header = make_header(7, false);
	assert_int_equal(tracedat_new(fd, &header, &dat), 0);
	/* Half a page is no page. */
	assert_int_equal(tracedat_finish(dat, &tail), -EINVAL);
	tracedat_free(dat);
	tracedat_free(NULL);
	close(fd);
}

static void test_tells_of_failing_writes(void **state)
{
	struct tracedat_header header = make_header(7, false);
	struct tracedat *dat = NULL;
	int fd = open("/dev/full", O_RDWR);

	if (fd < 0)
		skip();
	assert_int_equal(tracedat_new(fd, &header, &dat), -ENOSPC);
	assert_null(dat);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v6),
		cmocka_unit_test(test_v7),
		cmocka_unit_test(test_v7_zstd),
		cmocka_unit_test(test_plain_file_system),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_tells_of_failing_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
