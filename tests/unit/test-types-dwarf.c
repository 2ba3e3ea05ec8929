// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-types-dwarf.c - debug information: types as the compiler has them, arguments where the
 * calling convention has them, and what is said of functions that were inlined
 */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "abi.h"
#include "probed.h"
#include "types-dwarf.h"

/* Each test is run with all of them. */
static const char *const programs[] = {
	"probed-pie", "probed-no-pie", "probed-dwarf4", "probed-dwarf3", "probed-linked",
	"probed-split", "probed-units", NULL
};

/* ---- a program's function */

struct subject {
	struct elf_file *elf;
	struct probe_types *types;
	const char *path;
};

static struct subject open_function(const char *path, const char *function)
{
	struct subject subject = { .path = path };
	struct trail_error error = { 0 };
	struct elf_symbol symbol;

	if (elf_file_open(path, &subject.elf, &error) ||
	    elf_file_find(subject.elf, function, &symbol, &error) ||
	    types_dwarf_open(subject.elf, symbol.address, &subject.types, &error))
		fail_msg("%s: %s", path, error.text);
	return subject;
}

static void close_function(struct subject *subject)
{
	probe_types_close(subject->types);
	elf_file_close(subject->elf);
}

struct wanted_variable {
	const char *name;
	struct probe_variable found;
	bool is_found;
	unsigned int nr;
};

static int is_variable(void *data, const struct probe_variable *variable)
{
	struct wanted_variable *wanted = data;

	wanted->nr++;
	if (strcmp(variable->name, wanted->name))
		return 0;
	wanted->found = *variable;
	wanted->is_found = true;
	return 1;
}

static struct probe_variable variable_of(const struct subject *subject, const char *name)
{
	struct wanted_variable wanted = { .name = name };

	subject->types->ops->walk_variables(subject->types, is_variable, &wanted);
	if (!wanted.is_found)
		fail_msg("%s: no variable %s", subject->path, name);
	return wanted.found;
}

static struct probe_type describe(const struct subject *subject, uint64_t type)
{
	struct probe_type about;

	assert_int_equal(subject->types->ops->describe(subject->types, type, &about), 0);
	return about;
}

static void is_text(const struct subject *subject, uint64_t type, const char *expected)
{
	char text[128];

	assert_string_equal(probe_type_text(subject->types, type, text, sizeof(text)), expected);
}

/* ---- places */

static void is_at(const struct subject *subject, const char *name, const char *fetch,
		  int64_t offset)
{
	struct probe_place place = variable_of(subject, name).place;

	if (strcmp(place.fetch, fetch) || place.is_memory != (offset >= 0) ||
	    (offset >= 0 && place.offset != offset))
		fail_msg("%s: %s is at '%s' %s %lld, not '%s' %lld: %s", subject->path, name,
			 place.fetch, place.is_memory ? "memory" : "value",
			 (long long)place.offset, fetch, (long long)offset, place.why);
}

static void is_nowhere(const struct subject *subject, const char *name, const char *why)
{
	struct probe_place place = variable_of(subject, name).place;

	assert_string_equal(place.fetch, "");
	if (!strstr(place.why, why))
		fail_msg("%s: %s: '%s' does not say '%s'", subject->path, name, place.why, why);
}

#ifdef __x86_64__
static void scalars_are_where_the_convention_says(void **state)
{
	for (const char *const *path = programs; *path; path++) {
		struct subject subject = open_function(*path, "take_scalars");

		is_at(&subject, "one", "%di", -1);
		is_at(&subject, "two", "%si", -1);
		is_at(&subject, "three", "%dx", -1);
		is_at(&subject, "four", "%cx", -1);
		is_at(&subject, "five", "%r8", -1);
		is_at(&subject, "six", "%r9", -1);
		is_at(&subject, "seven", "%sp", 8);
		is_at(&subject, "eight", "%sp", 16);
		is_text(&subject, variable_of(&subject, "two").type, "text_t");
		is_text(&subject, variable_of(&subject, "three").type, "uint64_t");
		close_function(&subject);
	}
}

static void floats_take_no_integer_register(void **state)
{
	for (const char *const *path = programs; *path; path++) {
		struct subject subject = open_function(*path, "take_floats");

		is_nowhere(&subject, "x", "floating point register");
		is_at(&subject, "i", "%di", -1);
		is_at(&subject, "j", "%si", -1);
		assert_int_equal(describe(&subject, variable_of(&subject, "x").type).kind,
				 PROBE_FLOAT);
		close_function(&subject);
	}
}

/* pair takes two registers, mixed one, large none. */
static void structures_are_counted(void **state)
{
	for (const char *const *path = programs; *path; path++) {
		struct subject subject = open_function(*path, "take_structs");

		is_nowhere(&subject, "pair", "spread over registers");
		is_nowhere(&subject, "floats", "spread over registers");
		is_at(&subject, "large", "%sp", 8);
		is_at(&subject, "last", "%cx", -1);
		close_function(&subject);
		subject = open_function(*path, "return_large");
		is_at(&subject, "one", "%si", -1);
		close_function(&subject);
	}
}

static void unused_arguments_are_still_passed(void **state)
{
	struct subject subject = open_function("probed-pie", "take_unused");

	is_at(&subject, "unused", "%di", -1);
	is_at(&subject, "used", "%si", -1);
	close_function(&subject);
}
#endif

static void arguments_by_number(void **state)
{
	struct probe_place place;

	assert_int_equal(abi_argument(EM_X86_64, 2, &place), 0);
	assert_string_equal(place.fetch, "%si");
	assert_int_equal(abi_argument(EM_X86_64, 7, &place), 0);
	assert_string_equal(place.fetch, "%sp");
	assert_int_equal(place.offset, 8);
	assert_int_equal(abi_argument(EM_X86_64, 8, &place), 0);
	assert_int_equal(place.offset, 16);
	assert_int_equal(abi_argument(EM_AARCH64, 8, &place), 0);
	assert_string_equal(place.fetch, "%x7");
	assert_int_equal(abi_argument(EM_AARCH64, 9, &place), 0);
	assert_string_equal(place.fetch, "%sp");
	assert_int_equal(place.offset, 0);
	assert_int_equal(abi_argument(EM_X86_64, 0, &place), -EINVAL);
	assert_int_equal(abi_argument(EM_X86_64, 65, &place), -EINVAL);
	assert_int_equal(abi_argument(EM_386, 1, &place), -ENOTSUP);
}

/* ---- types */

struct wanted_member {
	const char *name;
	struct probe_member found;
	bool is_found;
};

static int is_member(void *data, const struct probe_member *member)
{
	struct wanted_member *wanted = data;

	if (strcmp(member->name, wanted->name))
		return 0;
	wanted->found = *member;
	wanted->is_found = true;
	return 1;
}

static struct probe_member member_of(const struct subject *subject, uint64_t type,
				     const char *name)
{
	struct wanted_member wanted = { .name = name };

	subject->types->ops->walk_members(subject->types, type, is_member, &wanted);
	if (!wanted.is_found)
		fail_msg("%s: no member %s", subject->path, name);
	return wanted.found;
}

static uint64_t record_type(const struct subject *subject)
{
	return describe(subject, variable_of(subject, "record").type).target;
}

#define HAS(subject, type, member)							\
	do {										\
		struct probe_member m = member_of(subject, type, #member);		\
		assert_int_equal(m.offset_bits, 8 * offsetof(struct record, member));	\
		assert_int_equal(m.size_bits, 0);					\
		assert_int_equal(describe(subject, m.type).size_bytes,			\
				 sizeof(((struct record *)0)->member));			\
	} while (0)

static void members_are_where_the_compiler_put_them(void **state)
{
	for (const char *const *path = programs; *path; path++) {
		struct subject subject = open_function(*path, "take_record");
		uint64_t type = record_type(&subject);

		assert_int_equal(describe(&subject, type).kind, PROBE_COMPOSITE);
		assert_string_equal(describe(&subject, type).tag, "record");
		assert_int_equal(describe(&subject, type).size_bytes, sizeof(struct record));
		HAS(&subject, type, kind);
		HAS(&subject, type, whole);
		HAS(&subject, type, half);
		HAS(&subject, type, left);
		HAS(&subject, type, right);
		HAS(&subject, type, table);
		HAS(&subject, type, grid);
		HAS(&subject, type, name);
		HAS(&subject, type, colour);
		HAS(&subject, type, number);
		HAS(&subject, type, next);
		HAS(&subject, type, weight);
		HAS(&subject, type, ready);
		close_function(&subject);
	}
}

/* The bits that are set when the field is all ones are its own. */
static void is_field(const struct subject *subject, const char *name, const struct record *all_ones)
{
	struct probe_member member = member_of(subject, record_type(subject), name);
	const unsigned char *bytes = (const unsigned char *)all_ones;

	for (unsigned int bit = 0; bit < 8 * sizeof(*all_ones); bit++) {
		bool is_set = bytes[bit / 8] >> bit % 8 & 1;
		bool is_own = bit >= member.offset_bits &&
			      bit < member.offset_bits + member.size_bits;

		if (is_set != is_own)
			fail_msg("%s: bit %u of %s", subject->path, bit, name);
	}
}

static void bit_fields_are_their_bits(void **state)
{
	for (const char *const *path = programs; *path; path++) {
		struct subject subject = open_function(*path, "take_record");
		struct record record;

		memset(&record, 0, sizeof(record));
		record.first = 7;
		is_field(&subject, "first", &record);
		record.first = 0;
		record.second = 0x7ff;
		is_field(&subject, "second", &record);
		record.second = 0;
		record.third = -1;
		is_field(&subject, "third", &record);
		close_function(&subject);
	}
}

static void kinds_of_types(const struct subject *subject)
{
	uint64_t type = record_type(subject);
	struct probe_type about = describe(subject, member_of(subject, type, "grid").type);
	int64_t value;

	assert_int_equal(about.kind, PROBE_ARRAY);
	assert_int_equal(about.nr_element, 2);
	about = describe(subject, about.target);
	assert_int_equal(about.kind, PROBE_ARRAY);
	assert_int_equal(about.nr_element, 5);
	assert_int_equal(about.size_bytes, 5);
	assert_int_equal(describe(subject, about.target).size_bytes, 1);
	about = describe(subject, member_of(subject, type, "name").type);
	assert_true(describe(subject, about.target).is_char);
	about = describe(subject, member_of(subject, type, "tail").type);
	assert_int_equal(about.kind, PROBE_ARRAY);
	assert_int_equal(about.nr_element, 0);
	about = describe(subject, member_of(subject, type, "colour").type);
	assert_int_equal(about.kind, PROBE_INT);
	assert_true(about.is_signed);
	about = describe(subject, member_of(subject, type, "number").type);
	assert_string_equal(about.name, "number_t");
	assert_false(about.is_signed);
	is_text(subject, member_of(subject, type, "next").type, "struct record *");
	is_text(subject, variable_of(subject, "list").type, "struct record **");
	if (subject->types->ops->find_enumerator(subject->types, "GREEN", &value))
		fail_msg("%s: no GREEN", subject->path);
	assert_int_equal(value, -7);
	assert_int_equal(subject->types->ops->find_enumerator(subject->types, "PINK", &value),
			 -ENOENT);
}

static void types_by_name(const struct subject *subject)
{
	const struct probe_types_ops *ops = subject->types->ops;
	uint64_t type;

	if (ops->find_type(subject->types, "struct", "inner", &type))
		fail_msg("%s: no struct inner", subject->path);
	assert_int_equal(describe(subject, type).size_bytes, sizeof(struct inner));
	assert_int_equal(ops->find_type(subject->types, "", "number_t", &type), 0);
	assert_int_equal(ops->find_type(subject->types, "enum", "colour", &type), 0);
	assert_int_equal(ops->find_type(subject->types, "struct", "nothing", &type), -ENOENT);
	assert_int_equal(ops->find_type(subject->types, "union", "inner", &type), -ENOENT);
	assert_int_equal(ops->return_type(subject->types, &type), 0);
	assert_string_equal(describe(subject, type).name, "int");
}

static void types_are_described(void **state)
{
	for (const char *const *path = programs; *path; path++) {
		struct subject subject = open_function(*path, "take_record");

		kinds_of_types(&subject);
		types_by_name(&subject);
		close_function(&subject);
	}
}

/* ---- inside of a function */

static void variables_behind_the_entry(void **state)
{
	struct trail_error error = { 0 };
	struct subject subject;
	struct elf_symbol symbol;
	struct wanted_variable all = { .name = "" };
	bool is_stored = false;

	assert_int_equal(elf_file_open("probed-no-pie", &subject.elf, &error), 0);
	assert_int_equal(elf_file_find(subject.elf, "take_record", &symbol, &error), 0);
	assert_true(types_dwarf_is_line(subject.elf, symbol.address));
	assert_false(types_dwarf_is_line(subject.elf, symbol.address + 1));
	/* Without optimization, all are on the stack behind the prologue. */
	for (uint64_t at = 1; at < symbol.size_bytes && !is_stored; at++) {
		struct probe_place place;

		if (!types_dwarf_is_line(subject.elf, symbol.address + at))
			continue;
		assert_int_equal(types_dwarf_open(subject.elf, symbol.address + at,
						  &subject.types, &error), 0);
		place = variable_of(&subject, "local").place;
		assert_true(place.is_memory);
		assert_true(*place.fetch == '%');
		is_stored = variable_of(&subject, "record").place.is_memory;
		subject.types->ops->walk_variables(subject.types, is_variable, &all);
		assert_true(all.nr >= 5);
		probe_types_close(subject.types);
	}
	assert_true(is_stored);
	elf_file_close(subject.elf);
}

static void inlined_functions_have_callers(void **state)
{
	for (const char *const *path = programs; *path; path++) {
		struct trail_error error = { 0 };
		struct dwarf_inlined inlined;
		struct elf_file *elf;

		assert_int_equal(elf_file_open(*path, &elf, &error), 0);
		types_dwarf_find_inlined(elf, "is_inlined", &inlined);
		if (!inlined.is_found || !inlined.is_inline)
			fail_msg("%s: is_inlined is not found", *path);
		assert_int_equal(inlined.nr_caller, 2);
		assert_non_null(strstr(inlined.callers, "inlines"));
		assert_non_null(strstr(inlined.callers, "inlines_too"));
		assert_non_null(strchr(inlined.callers, ','));
		types_dwarf_find_inlined(elf, "take_record", &inlined);
		assert_true(inlined.is_found);
		assert_false(inlined.is_inline);
		types_dwarf_find_inlined(elf, "nothing", &inlined);
		assert_false(inlined.is_found);
		elf_file_close(elf);
	}
}

/* ---- what is missing */

static void is_missing(const char *path, int err, const char *text, const char *hint)
{
	struct trail_error error = { 0 };
	struct elf_symbol symbol;
	struct probe_types *types;
	struct elf_file *elf;

	assert_int_equal(elf_file_open(path, &elf, &error), 0);
	assert_int_equal(elf_file_find(elf, "take_record", &symbol, &error), 0);
	assert_int_equal(types_dwarf_open(elf, symbol.address, &types, &error), err);
	assert_null(types);
	if (!strstr(error.text, text) || !strstr(error.hint, hint))
		fail_msg("%s: '%s', hint '%s'", path, error.text, error.hint);
	elf_file_close(elf);
}

static void missing_debug_information_is_named(void **state)
{
	is_missing("probed-stripped", -ENOENT, "no debug information (DWARF)", "build-id");
	is_missing("probed-lost", -ENOTSUP, "probed-lost.dwo, which is missing",
		   "-gno-split-dwarf");
}

/* ---- damage */

static int look(void *data, const struct probe_variable *variable)
{
	struct subject *subject = data;
	struct wanted_member none = { .name = "" };
	struct probe_type about;
	uint64_t composite;
	char text[128];

	probe_type_text(subject->types, variable->type, text, sizeof(text));
	if (variable->type == PROBE_NO_TYPE ||
	    subject->types->ops->describe(subject->types, variable->type, &about))
		return 0;
	composite = about.target;
	if (about.kind == PROBE_POINTER && composite != PROBE_NO_TYPE &&
	    !subject->types->ops->describe(subject->types, composite, &about) &&
	    about.kind == PROBE_COMPOSITE)
		subject->types->ops->walk_members(subject->types, composite,
						  is_member, &none);
	return 0;
}

static void look_at_all(const char *path)
{
	struct trail_error error = { 0 };
	struct subject subject = { .path = path };
	struct dwarf_inlined inlined;
	struct elf_symbol symbol;
	uint64_t type;

	if (elf_file_open(path, &subject.elf, &error))
		return;
	if (!elf_file_find(subject.elf, "take_record", &symbol, &error) &&
	    !types_dwarf_open(subject.elf, symbol.address, &subject.types, &error)) {
		subject.types->ops->walk_variables(subject.types, look, &subject);
		subject.types->ops->find_type(subject.types, "struct", "record", &type);
		subject.types->ops->return_type(subject.types, &type);
		probe_types_close(subject.types);
	}
	types_dwarf_find_inlined(subject.elf, "is_inlined", &inlined);
	elf_file_close(subject.elf);
}

/* Whatever is damaged: an answer, and no crash. */
static void damaged_debug_information_is_survived(void **state)
{
	static char data[1 << 20];
	unsigned int seed = 7;

	for (int i = 0; i < 300; i++) {
		FILE *file = fopen(programs[i % 3], "r");
		size_t size = fread(data, 1, sizeof(data), file);

		fclose(file);
		assert_true(size > 4096 && size < sizeof(data));
		/* The first page has the heads: without them there is nothing to look at. */
		for (int j = 0; j < 40; j++)
			data[4096 + (size_t)rand_r(&seed) % (size - 4096)] = (char)rand_r(&seed);
		file = fopen("damaged-dwarf", "w");
		assert_non_null(file);
		assert_int_equal(fwrite(data, 1, size, file), size);
		fclose(file);
		look_at_all("damaged-dwarf");
	}
	remove("damaged-dwarf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef __x86_64__
		cmocka_unit_test(scalars_are_where_the_convention_says),
		cmocka_unit_test(floats_take_no_integer_register),
		cmocka_unit_test(structures_are_counted),
		cmocka_unit_test(unused_arguments_are_still_passed),
#endif
		cmocka_unit_test(arguments_by_number),
		cmocka_unit_test(members_are_where_the_compiler_put_them),
		cmocka_unit_test(bit_fields_are_their_bits),
		cmocka_unit_test(types_are_described),
		cmocka_unit_test(variables_behind_the_entry),
		cmocka_unit_test(inlined_functions_have_callers),
		cmocka_unit_test(missing_debug_information_is_named),
		cmocka_unit_test(damaged_debug_information_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
