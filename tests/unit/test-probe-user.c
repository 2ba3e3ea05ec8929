// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-probe-user.c - a SPEC of a program: which file, which place, whose hits; and what is told
 * when a program is replaced or ends
 *
 * Places in processes are held against the addresses that the linker gave to this one.
 */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "user.h"
#include "user-list.h"

/* ---- the program under test */

static struct probe_user *open_user(const char *text)
{
	struct trail_error error = { 0 };
	struct probe_user *user = NULL;
	struct spec *spec;

	if (spec_parse(text, &spec, &error) || probe_user_open(spec, &user, &error))
		fail_msg("%s: %s, hint: %s", text, error.text, error.hint);
	spec_free(spec);
	return user;
}

static void fails(const char *text, const char *what, const char *hint, unsigned int column)
{
	struct trail_error error = { 0 };
	struct probe_user *user = NULL;
	struct spec *spec;

	if (spec_parse(text, &spec, &error))
		fail_msg("%s: %s", text, error.text);
	assert_int_equal(probe_user_open(spec, &user, &error), -EINVAL);
	spec_free(spec);
	if (!strstr(error.text, what) || !strstr(error.hint, hint) || error.column != column)
		fail_msg("%s: '%s', hint '%s', column %u", text, error.text, error.hint,
			 error.column);
}

static char *filter_of(const struct probe_user *user, bool is_return)
{
	char *filter;

	assert_int_equal(probe_user_filter(user, is_return, &user->offset, 1, &filter), 0);
	assert_non_null(filter);
	return filter;
}

/* Starts @path, which sleeps, and waits until it is that program. */
static pid_t start(const char *path)
{
	struct stat wanted, st;
	char exe[64];
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		execl(path, path, "100", NULL);
		_exit(127);
	}
	assert_int_equal(stat(path, &wanted), 0);
	snprintf(exe, sizeof(exe), "/proc/%d/exe", (int)pid);
	while (stat(exe, &st) || st.st_ino != wanted.st_ino)
		usleep(1000);
	/* The linker maps libraries later. */
	usleep(100000);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void copy(const char *from, const char *to)
{
	char command[512];

	snprintf(command, sizeof(command), "cp %s %s.new && mv %s.new %s", from, to, to, to);
	assert_int_equal(system(command), 0);
}

static const char *sleep_path(void)
{
	return access("/usr/bin/sleep", X_OK) ? "/bin/sleep" : "/usr/bin/sleep";
}

/* ---- places */

static void files_and_places(void **state)
{
	struct probe_user *user = open_user("./probed-pie:take_record%return"), *again;
	char text[128];

	assert_true(*user->path == '/');
	assert_non_null(strstr(user->path, "/probed-pie"));
	assert_non_null(user->types);
	assert_true(user->is_entry);
	assert_null(user->process);
	assert_string_equal(user->note, "");
	assert_int_equal(user->nr_call, 0);
	snprintf(text, sizeof(text), "./probed-pie:0x%" PRIx64, user->offset);
	again = open_user(text);
	assert_int_equal(again->offset, user->offset);
	assert_string_equal(again->symbol.name, "take_record");
	assert_true(again->is_entry);
	probe_user_close(again);
	again = open_user("./probed-pie:take_record+1");
	assert_int_equal(again->offset, user->offset + 1);
	assert_false(again->is_entry);
	assert_non_null(strstr(again->note, "not known whether an instruction starts there"));
	probe_user_close(again);
	probe_user_close(user);
}

static void stripped_files_have_places_without_types(void **state)
{
	struct probe_user *user = open_user("./probed-stripped:take_record");

	assert_null(user->types);
	assert_non_null(strstr(user->why.text, "no debug information"));
	probe_user_close(user);
}

static void mistakes_have_columns(void **state)
{
	fails("./probed-pie:take_recurd", "has no function 'take_recurd'", "take_record", 14);
	fails("./probed-pie:is_inlined", "'is_inlined' was inlined in", "inlines", 14);
	fails("./no-such-file:main", "cannot open ./no-such-file", "", 1);
	fails("libnosuch:f", "program or library 'libnosuch'", "give the path", 1);
	fails("./probed-pie:marked+0x100", "'marked' is ", "", 20);
	fails("./probed-pie:0xffffff", "nothing to execute at 0xffffff", "", 14);
	fails("pid 999999999:f", "there is no such process", "", 5);
	fails("\"./with blank\":f", "no path with blanks", "a link", 2);
}

/* An address that nm prints is not the place in the file. */
static void addresses_are_told_from_places(void **state)
{
	struct probe_user *user = open_user("./probed-moved:marked");
	char text[128], right[64];

	snprintf(text, sizeof(text), "./probed-moved:0x%" PRIx64, user->symbol.address);
	snprintf(right, sizeof(right), "its place in the file is 0x%" PRIx64, user->offset);
	fails(text, "nothing to execute", right, 16);
	probe_user_close(user);
}

#ifdef __x86_64__
/* The two bytes before each place are the instruction that enters the kernel. */
static void ways_to_system_calls(void **state)
{
	struct probe_user *user = open_user("libc:recvfrom%return");
	unsigned char code[2];

	assert_true(user->nr_call >= 1);
	for (size_t i = 0; i < user->nr_call; i++) {
		assert_int_equal(elf_file_read(user->elf, user->call[i] - 2, code, 2), 0);
		assert_memory_equal(code, "\x0f\x05", 2);
		assert_true(user->call[i] > user->offset);
		assert_true(user->call[i] < user->offset + user->symbol.size_bytes);
	}
	probe_user_close(user);
	user = open_user("libc:qsort%return");
	assert_int_equal(user->nr_call, 0);
	probe_user_close(user);
}
#endif

/* ---- processes */

static void one_process_by_address(void **state)
{
	char path[256], *real, text[64], expected[64];
	pid_t pid = start(sleep_path());
	struct probe_user *user;
	struct elf_symbol symbol;
	char *filter;

	snprintf(text, sizeof(text), "pid %d:clock_nanosleep", (int)pid);
	user = open_user(text);
	real = realpath(user->path, NULL);
	assert_non_null(strstr(real, "libc"));
	free(real);
	/* "__probe_ip == ADDRESS", or the only thread where nothing is random. */
	snprintf(expected, sizeof(expected), "common_pid == %d", (int)pid);
	filter = filter_of(user, false);
	if (strncmp(filter, "__probe_ip == 0x", 16))
		assert_string_equal(filter, expected);
	free(filter);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	assert_int_equal(elf_file_function_at(user->elf, user->symbol.address, &symbol), 0);
	probe_user_close(user);
	end(pid);
}

/* Its twin has the same addresses: they do not tell which of the two it is. */
static void forks_are_told_by_thread(void **state)
{
	char text[64], expected[64];
	struct probe_user *user;
	pid_t child = fork();
	char *filter;

	if (!child) {
		pause();
		_exit(0);
	}
	snprintf(text, sizeof(text), "pid %d:getppid", (int)getpid());
	snprintf(expected, sizeof(expected), "common_pid == %d", (int)getpid());
	user = open_user(text);
	filter = filter_of(user, false);
	assert_non_null(strstr(filter, expected));
	free(filter);
	assert_non_null(strstr(user->note, "not those that it starts later"));
	probe_user_close(user);
	end(child);
	user = open_user(text);
	filter = filter_of(user, true);
	if (user->mark.base) {
		snprintf(expected, sizeof(expected), "__probe_func == 0x%" PRIxPTR,
			 (uintptr_t)dlsym(RTLD_DEFAULT, "getppid"));
		assert_string_equal(filter, expected);
	}
	free(filter);
	probe_user_close(user);
}

static void deleted_programs_are_found(void **state)
{
	struct probe_user *user;
	char text[64], link[64];
	pid_t pid;

	copy(sleep_path(), "sleeper");
	pid = start("./sleeper");
	assert_int_equal(unlink("sleeper"), 0);
	snprintf(text, sizeof(text), "pid %d:clock_nanosleep", (int)pid);
	user = open_user(text);
	probe_user_close(user);
	snprintf(link, sizeof(link), "/proc/%d/map_files/", (int)pid);
	if (!geteuid()) {
		struct trail_error error;
		struct process *process;
		char path[PROCESS_PATH_SIZE];

		assert_int_equal(process_open((int)pid, &process, &error), 0);
		assert_true(process->map[0].is_deleted);
		process_path(process, &process->map[0], path);
		assert_int_equal(strncmp(path, link, strlen(link)), 0);
		assert_int_equal(access(path, R_OK), 0);
		assert_ptr_equal(process_find(process, path, process->map[0].offset),
				 &process->map[0]);
		process_close(process);
	}
	end(pid);
	snprintf(text, sizeof(text), "pid %d:sleep", (int)pid);
	fails(text, "there is no such process", "", 5);
}

/* ---- what there is */

/* Of "NAME [PATH]" and "SIGNATURE" lines. */
static int collect(void *data, const char *name, const char *path, const char *signature)
{
	char *text = data;

	assert_non_null(strstr(path, "/probed-"));
	assert_true(strlen(text) + strlen(signature ? signature : name) + 2 < 512);
	strcat(text, signature ? signature : name);
	strcat(text, "\n");
	return 0;
}

static void functions_are_listed(void **state)
{
	struct trail_error error = { 0 };
	char text[512] = "";

	assert_int_equal(probe_user_list("./probed-pie:take_[fu]*", collect, text, &error), 0);
	assert_string_equal(text, "void take_floats(double x, int i, float y, int j)\n"
			    "int take_unused(int unused, int used)\n");
	/* One entry for both parts, without the local variables. */
	*text = '\0';
	assert_int_equal(probe_user_list("./probed-pie:in_parts*", collect, text, &error), 0);
	assert_string_equal(text, "int in_parts(char *text, int64_t value)\n");
	*text = '\0';
	assert_int_equal(probe_user_list("./probed-stripped:take_u*", collect, text, &error), 0);
	assert_string_equal(text, "take_unused\n");
	/* It cannot be probed. */
	*text = '\0';
	assert_int_equal(probe_user_list("./probed-pie:chosen", collect, text, &error), 0);
	assert_string_equal(text, "");
	assert_int_equal(probe_user_list("libnosuch:*", collect, text, &error), -ENOENT);
	assert_int_equal(probe_user_list("nothing", collect, text, &error), -EINVAL);
	assert_int_equal(probe_user_list("libc:", collect, text, &error), -EINVAL);
	assert_non_null(strstr(error.text, "a glob is expected"));
	assert_int_equal(probe_user_list("pid 999999999:x", collect, text, &error), -ESRCH);
	assert_int_equal(probe_user_list("\"./probed-pie\":take_u*", collect, text, &error), 0);
	assert_string_equal(text, "int take_unused(int unused, int used)\n");
}

/* ---- what happens meanwhile */

static void told(struct process_watch *watch, const char *expected)
{
	char text[640] = "";
	bool is_told = process_watch_look(watch, text, sizeof(text));

	if (is_told != !!*expected || !strstr(text, expected))
		fail_msg("'%s' does not say '%s'", text, expected);
	/* Once is enough. */
	assert_false(process_watch_look(watch, text, sizeof(text)));
}

static void replaced_programs_are_told(void **state)
{
	struct process_watch watch;

	copy(sleep_path(), "replaced");
	assert_int_equal(process_watch_begin(&watch, "replaced", NULL), 0);
	told(&watch, "");
	copy(sleep_path(), "replaced");
	told(&watch, "replaced was replaced");
	assert_int_equal(process_watch_begin(&watch, "replaced", NULL), 0);
	told(&watch, "");
	assert_int_equal(truncate("replaced", 100), 0);
	told(&watch, "replaced was changed");
	assert_int_equal(process_watch_begin(&watch, "replaced", NULL), 0);
	assert_int_equal(unlink("replaced"), 0);
	told(&watch, "replaced was deleted");
	assert_int_equal(process_watch_begin(&watch, "replaced", NULL), -ENOENT);
}

static void ended_processes_are_told(void **state)
{
	pid_t pid = start(sleep_path());
	struct trail_error error;
	struct process *process;
	struct process_watch watch;

	assert_int_equal(process_open((int)pid, &process, &error), 0);
	assert_int_equal(process_watch_begin(&watch, sleep_path(), process), 0);
	told(&watch, "");
	end(pid);
	told(&watch, "which was probed, has ended");
	process_close(process);
}

static void both_ends_are_told(void **state)
{
	struct trail_error error;
	struct process *process;
	struct process_watch watch;
	pid_t pid;

	copy(sleep_path(), "replaced");
	pid = start("./replaced");
	assert_int_equal(process_open((int)pid, &process, &error), 0);
	assert_int_equal(process_watch_begin(&watch, "replaced", process), 0);
	told(&watch, "");
	copy(sleep_path(), "replaced");
	told(&watch, "replaced was replaced");
	end(pid);
	told(&watch, "which was probed, has ended");
	process_close(process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_and_places),
		cmocka_unit_test(stripped_files_have_places_without_types),
		cmocka_unit_test(mistakes_have_columns),
		cmocka_unit_test(addresses_are_told_from_places),
#ifdef __x86_64__
		cmocka_unit_test(ways_to_system_calls),
#endif
		cmocka_unit_test(one_process_by_address),
		cmocka_unit_test(forks_are_told_by_thread),
		cmocka_unit_test(deleted_programs_are_found),
		cmocka_unit_test(functions_are_listed),
		cmocka_unit_test(replaced_programs_are_told),
		cmocka_unit_test(ended_processes_are_told),
		cmocka_unit_test(both_ends_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
