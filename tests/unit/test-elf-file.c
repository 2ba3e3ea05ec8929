// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-elf-file.c - programs and their functions: found, refused, and where they are in the file
 *
 * The place of a function is held against bytes that the program has in front of it.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "elf-file.h"

#define MARK	"skbtrail-marked!"

/* ---- files */

static char *read_all(const char *path, size_t *size)
{
	FILE *file = fopen(path, "r");
	char *data;

	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	*size = (size_t)ftell(file);
	rewind(file);
	data = malloc(*size);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, *size, file), *size);
	fclose(file);
	return data;
}

static void write_all(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	fclose(file);
}

static uint64_t place_of_mark(const char *path)
{
	size_t size;
	char *data = read_all(path, &size);
	char *found = memmem(data, size, MARK, strlen(MARK));
	uint64_t place;

	assert_non_null(found);
	place = (uint64_t)(found - data) + strlen(MARK);
	free(data);
	return place;
}

static struct elf_file *open_file(const char *path)
{
	struct trail_error error = { 0 };
	struct elf_file *elf;

	if (elf_file_open(path, &elf, &error))
		fail_msg("%s: %s", path, error.text);
	return elf;
}

static void fails(const char *path, int err, const char *text)
{
	struct trail_error error = { 0 };
	struct elf_file *elf;

	assert_int_equal(elf_file_open(path, &elf, &error), err);
	assert_null(elf);
	if (!strstr(error.text, text))
		fail_msg("%s: '%s' does not say '%s'", path, error.text, text);
}

static void finds_not(struct elf_file *elf, const char *name, int err, const char *text,
		      const char *hint)
{
	struct trail_error error = { 0 };
	struct elf_symbol symbol;

	assert_int_equal(elf_file_find(elf, name, &symbol, &error), err);
	if (!strstr(error.text, text))
		fail_msg("%s: '%s' does not say '%s'", name, error.text, text);
	if (!strstr(error.hint, hint))
		fail_msg("%s: the hint '%s' does not say '%s'", name, error.hint, hint);
}

/* ---- tests */

static void finds_mark(const char *path)
{
	struct elf_file *elf = open_file(path);
	struct trail_error error;
	struct elf_symbol symbol, around;
	uint64_t offset, address;

	assert_int_equal(elf_file_find(elf, "marked", &symbol, &error), 0);
	assert_int_equal(elf_file_offset(elf, symbol.address, &offset), 0);
	assert_int_equal(offset, place_of_mark(path));
	assert_int_equal(elf_file_address(elf, offset, &address), 0);
	assert_int_equal(address, symbol.address);
	assert_int_equal(elf_file_function_at(elf, symbol.address, &around), 0);
	assert_string_equal(around.name, "marked");
	elf_file_close(elf);
}

/* Their segments lie in the file and in memory each in its own way. */
static void offsets_are_those_of_the_file(void **state)
{
	struct elf_file *elf;

	finds_mark("probed-pie");
	finds_mark("probed-no-pie");
	finds_mark("probed-moved");
	finds_mark("probed-stripped");
	elf = open_file("probed-no-pie");
	assert_false(elf_file_is_pie(elf));
	elf_file_close(elf);
	elf = open_file("probed-pie");
	assert_true(elf_file_is_pie(elf));
	elf_file_close(elf);
}

static void places_outside_of_the_text_are_none(void **state)
{
	struct elf_file *elf = open_file("probed-pie");
	uint64_t place;
	char byte;

	assert_int_equal(elf_file_offset(elf, UINT64_MAX, &place), -ERANGE);
	assert_int_equal(elf_file_offset(elf, 0, &place), -ERANGE);
	assert_int_equal(elf_file_address(elf, 0, &place), -ERANGE);
	assert_int_equal(elf_file_address(elf, UINT64_MAX, &place), -ERANGE);
	assert_int_equal(elf_file_read(elf, 0, &byte, 1), 0);
	assert_int_equal(elf_file_read(elf, UINT64_MAX, &byte, 1), -ERANGE);
	assert_int_equal(elf_file_read(elf, 4, &byte, SIZE_MAX), -ERANGE);
	elf_file_close(elf);
}

static void names_that_are_no_functions(void **state)
{
	struct elf_file *elf = open_file("probed-pie");

	finds_not(elf, "take_scalers", -ENOENT, "has no function 'take_scalers'",
		  "it has take_scalars");
	finds_not(elf, "sink", -ENOENT, "has no function 'sink'", "");
	finds_not(elf, "chosen", -ENOTSUP, "chosen when a program starts (IFUNC)", "");
	finds_not(elf, "__libc_start_main", -ENOENT, "calls '__libc_start_main'",
		  "it is in libc.so.6: probe libc:__libc_start_main");
	elf_file_close(elf);
}

static void stripped_programs_keep_what_they_export(void **state)
{
	struct elf_file *elf = open_file("probed-stripped");
	struct trail_error error;
	struct elf_symbol symbol;

	assert_int_equal(elf_file_find(elf, "take_record", &symbol, &error), 0);
	assert_false(symbol.is_local);
	finds_not(elf, "only_here", -ENOENT, "has no function 'only_here'", "build-id");
	elf_file_close(elf);
}

static void symbols_come_from_the_debug_file(void **state)
{
	struct elf_file *elf = open_file("probed-linked");
	struct trail_error error;
	struct elf_symbol symbol;

	assert_int_equal(elf_file_find(elf, "only_here", &symbol, &error), 0);
	assert_true(symbol.is_local);
	elf_file_close(elf);
}

/* Of two functions of one name in two files none is meant. */
static void ambiguous_names_are_refused(void **state)
{
	struct elf_file *elf = open_file("probed-twice");

	finds_not(elf, "only_here", -ENOTUNIQ, "has 2 functions 'only_here'", "probed-twice:0x");
	elf_file_close(elf);
}

static void libraries_have_versions(void **state)
{
	struct trail_error error = { 0 };
	struct elf_symbol symbol, old;
	struct elf_file *elf;
	char path[256];

	assert_int_equal(elf_search("libc", path, sizeof(path), &error), 0);
	elf = open_file(path);
	assert_int_equal(elf_file_find(elf, "recvfrom", &symbol, &error), 0);
	assert_true(!strncmp(symbol.version, "GLIBC_2.", 8));
	assert_int_equal(elf_file_find(elf, "pthread_cond_wait", &symbol, &error), 0);
#ifdef __x86_64__
	assert_string_equal(symbol.version, "GLIBC_2.3.2");
	assert_int_equal(elf_file_find(elf, "pthread_cond_wait@GLIBC_2.2.5", &old, &error), 0);
	assert_int_not_equal(old.address, symbol.address);
	assert_int_equal(elf_file_find(elf, "pthread_cond_wait@@GLIBC_2.3.2", &old, &error), 0);
	assert_int_equal(old.address, symbol.address);
	finds_not(elf, "pthread_cond_wait@GLIBC_1.0", -ENOENT, "of version 'GLIBC_1.0'",
		  "its versions are GLIBC_2.");
	finds_not(elf, "memcpy", -ENOTSUP, "IFUNC", "");
#endif
	elf_file_close(elf);
}

static void names_of_libraries(void **state)
{
	struct trail_error error = { 0 };
	char path[256];

	assert_true(elf_is_library("libc.so.6", "libc"));
	assert_true(elf_is_library("libc-2.31.so", "libc"));
	assert_true(elf_is_library("libssl.so", "libssl"));
	assert_true(elf_is_library("libc.so.6", "libc.so.6"));
	assert_false(elf_is_library("libcrypt.so.1", "libc"));
	assert_false(elf_is_library("libc-client.so.2007", "libc"));
	assert_false(elf_is_library("libc.sox", "libc"));
	assert_false(elf_is_library("lib", "libc"));
	assert_int_equal(elf_search("sh", path, sizeof(path), &error), 0);
	assert_int_equal(elf_search("./here", path, sizeof(path), &error), 0);
	assert_string_equal(path, "./here");
	assert_int_equal(elf_search("libnosuch", path, sizeof(path), &error), -ENOENT);
	assert_non_null(strstr(error.text, "program or library 'libnosuch'"));
}

static void other_kinds_are_refused(void **state)
{
	size_t size;
	char *data = read_all("probed-pie", &size);
	Elf64_Ehdr *head = (Elf64_Ehdr *)data;
	uint16_t machine = head->e_machine;

	head->e_machine = machine == EM_AARCH64 ? EM_X86_64 : EM_AARCH64;
	write_all("other-kind", data, size);
	fails("other-kind", -ENOTSUP, machine == EM_AARCH64 ? "is for x86-64" : "is for arm64");
	head->e_machine = machine;
	head->e_type = ET_REL;
	write_all("other-kind", data, size);
	fails("other-kind", -ENOEXEC, "object file");
	free(data);
#ifdef __x86_64__
	/* The head of a program for i386, and nothing else. */
	Elf32_Ehdr small = { .e_ident = ELFMAG, .e_type = ET_EXEC, .e_machine = EM_386,
			     .e_version = EV_CURRENT, .e_ehsize = sizeof(small) };

	memcpy(small.e_ident + SELFMAG, (char []){ ELFCLASS32, ELFDATA2LSB, EV_CURRENT }, 3);
	write_all("other-kind", &small, sizeof(small));
	fails("other-kind", -ENOTSUP, "is for 32-bit x86");
#endif
	write_all("other-kind", "#!/bin/sh\n", 10);
	fails("other-kind", -ENOEXEC, "no program or library");
	fails("/dev/null", -ENOEXEC, "no regular file");
	fails(".", -ENOEXEC, "no regular file");
	fails("no-such-file", -ENOENT, "cannot open no-such-file");
	remove("other-kind");
}

/* Whatever is damaged: an answer, and no crash. */
static void damaged_files_are_survived(void **state)
{
	size_t size;
	char *data = read_all("probed-pie", &size);
	unsigned int seed = 1;

	for (int i = 0; i < 300; i++) {
		struct trail_error error;
		struct elf_symbol symbol;
		struct elf_file *elf;
		char *copy = malloc(size);

		assert_non_null(copy);
		memcpy(copy, data, size);
		for (int j = 0; j < 8; j++) {
			size_t at = (size_t)rand_r(&seed) % (j < 4 ? 1024 : size);

			copy[at] = (char)rand_r(&seed);
		}
		write_all("damaged", copy, i % 3 ? size : (size_t)rand_r(&seed) % size);
		if (!elf_file_open("damaged", &elf, &error)) {
			elf_file_find(elf, "take_record", &symbol, &error);
			elf_file_find(elf, "printf", &symbol, &error);
			elf_file_close(elf);
		}
		free(copy);
	}
	free(data);
	remove("damaged");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_are_those_of_the_file),
		cmocka_unit_test(places_outside_of_the_text_are_none),
		cmocka_unit_test(names_that_are_no_functions),
		cmocka_unit_test(stripped_programs_keep_what_they_export),
		cmocka_unit_test(symbols_come_from_the_debug_file),
		cmocka_unit_test(ambiguous_names_are_refused),
		cmocka_unit_test(libraries_have_versions),
		cmocka_unit_test(names_of_libraries),
		cmocka_unit_test(other_kinds_are_refused),
		cmocka_unit_test(damaged_files_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
