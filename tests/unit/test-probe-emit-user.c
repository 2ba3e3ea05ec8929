// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-probe-emit-user.c - probes of programs: the lines for the kernel, by what the kernel can
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "elf-file.h"
#include "emit.h"
#include "probed.h"

static const struct probe_caps caps_new = {
	.uprobe = true, .eprobe = true, .synthetic = true, .hist = true,
};
static const struct probe_caps caps_old = { .uprobe = true };

struct emitted {
	struct probe_set set;
	struct probe_kernel kernel;
	const struct probe_event *event;
};

static struct emitted emit(const struct probe_caps *caps, const char *text)
{
	struct emitted emitted = {
		.set = { .group = "skbtrail_1" },
		.kernel = { .caps = *caps, .tracing_dir = "/nonexistent", .btf_dir = "/nonexistent",
			    .kallsyms = "/nonexistent", .blacklist = "/nonexistent" },
	};
	struct trail_error error = { 0 };

	if (probe_set_add(&emitted.set, &emitted.kernel, text, &error))
		fail_msg("%s: %s, hint: %s, column %u", text, error.text, error.hint,
			 error.column);
	emitted.event = &emitted.set.event[0];
	return emitted;
}

static void release(struct emitted *emitted)
{
	probe_set_release(&emitted->set);
	probe_kernel_release(&emitted->kernel);
}

static void fails(const struct probe_caps *caps, const char *text, const char *what,
		  const char *hint, unsigned int column)
{
	struct probe_set set = { .group = "skbtrail_1" };
	struct probe_kernel kernel = { .caps = *caps, .tracing_dir = "/nonexistent",
				       .btf_dir = "/nonexistent" };
	struct trail_error error = { 0 };

	assert_int_equal(probe_set_add(&set, &kernel, text, &error), -EINVAL);
	if (!strstr(error.text, what) || !strstr(error.hint, hint) || error.column != column)
		fail_msg("%s: '%s', hint '%s', column %u", text, error.text, error.hint,
			 error.column);
	probe_set_release(&set);
	probe_kernel_release(&kernel);
}

/* "DIR/PROGRAM:0xOFFSET" */
static const char *place(const char *program, const char *function, char *text, size_t size)
{
	struct trail_error error = { 0 };
	struct elf_symbol symbol;
	struct elf_file *elf;
	char *real = realpath(program, NULL);
	uint64_t offset;

	assert_int_equal(elf_file_open(program, &elf, &error), 0);
	assert_int_equal(elf_file_find(elf, function, &symbol, &error), 0);
	assert_int_equal(elf_file_offset(elf, symbol.address, &offset), 0);
	snprintf(text, size, "%s:0x%" PRIx64, real, offset);
	elf_file_close(elf);
	free(real);
	return text;
}

static void is_line(const struct probe_plan *plan, size_t i, const char *before, const char *where,
		    const char *behind)
{
	char expected[1024];

	assert_true(i < plan->nr_line);
	snprintf(expected, sizeof(expected), "%s %s%s", before, where, behind);
	assert_string_equal(plan->line[i].text, expected);
}

/* ---- entry */

#ifdef __x86_64__
static void entries_are_uprobes(void **state)
{
	struct emitted emitted = emit(&caps_old, "./probed-pie:take_record record->number "
				      "record->second record->table[1].high record->name "
				      "colour list[0]->whole number");
	const struct probe_plan *plan = &emitted.event->plan[0];
	char where[512], expected[1024];

	place("probed-pie", "take_record", where, sizeof(where));
	assert_int_equal(emitted.event->nr_plan, 1);
	assert_string_equal(plan->form, "uprobe");
	snprintf(expected, sizeof(expected), "p:skbtrail_1/take_record %s number=+%zu(%%di):u32 "
		 "second=+%zu(%%di):b11@3/16 high=+%zu(%%di):u16 name=+%zu(%%di):string "
		 "colour=%%dx:s32 whole=+%zu(+0(%%si)):u64 number_2=%%cx:u32", where,
		 offsetof(struct record, number), offsetof(struct record, kind) + 1,
		 offsetof(struct record, table[1].high), offsetof(struct record, name),
		 offsetof(struct record, whole));
	/* Where the bit field's container is, is the resolver's own choice. */
	assert_int_equal(strncmp(plan->line[0].text, expected, strlen(where) + 50), 0);
	assert_non_null(strstr(plan->line[0].text, strstr(expected, "high=")));
	assert_true(emitted.event->is_user);
	release(&emitted);
}

static void arguments_by_number_are_registers(void **state)
{
	struct emitted emitted = emit(&caps_old, "./probed-stripped:take_scalars a=$arg1:s32 "
				      "$arg2:string c=$arg3:x64 g=$arg7:s32 %di:u64 $stack1:x64");
	char where[512];

	is_line(&emitted.event->plan[0], 0, "p:skbtrail_1/take_scalars",
		place("probed-stripped", "take_scalars", where, sizeof(where)),
		" a=%di:s32 arg2=+0(%si):string c=%dx:x64 g=+8(%sp):s32 di=%di:u64 "
		"stack1=$stack1:x64");
	release(&emitted);
	/* Types by hand. */
	emitted = emit(&caps_old, "./probed-stripped:take_scalars $arg2[0..32]:hex "
		       "third=((u16 *)$arg2)[2] *$arg3:u32 (int)$arg4");
	is_line(&emitted.event->plan[0], 0, "p:skbtrail_1/take_scalars", where,
		" arg2=+0(%si):x8[32] third=+4(%si):u16 arg3=+0(%dx):u32 "
		"arg4=%cx:s32");
	release(&emitted);
	/* With types, a number is as good as the name. */
	emitted = emit(&caps_old, "./probed-pie:take_record $arg1->number if number > 3");
	assert_non_null(strstr(emitted.event->plan[0].line[0].text, "(%di):u32"));
	assert_string_equal(emitted.event->filter, "number > 3");
	release(&emitted);
}

/* ---- return */

static void returns_without_arguments(void **state)
{
	struct emitted emitted = emit(&caps_old, "./probed-pie:take_record%return $retval");
	const struct probe_plan *plan = &emitted.event->plan[0];
	char where[512];

	place("probed-pie", "take_record", where, sizeof(where));
	assert_string_equal(plan->form, "uretprobe");
	is_line(plan, 0, "p:skbtrail_1/take_record__return__in", where, "");
	is_line(plan, 1, "r:skbtrail_1/take_record__return", where, " retval=$retval:s32");
	release(&emitted);
}

static void returns_with_arguments_are_a_chain(void **state)
{
	struct emitted emitted = emit(&caps_new, "./probed-pie:take_record%return record->number "
				      "colour $retval");
	const struct probe_plan *plan = &emitted.event->plan[0];
	char where[512], expected[256];

	place("probed-pie", "take_record", where, sizeof(where));
	assert_int_equal(plan->nr_line, 4);
	is_line(plan, 0, "p:skbtrail_1/take_record__return__in", where,
		" sp=$stack:u64 step=\\8:u64 a0=%di:u64 a1=%dx:u64");
	is_line(plan, 1, "r:skbtrail_1/take_record__return__out", where,
		" sp=$stack:u64 ret=$retval:u64");
	assert_string_equal(plan->line[2].text, "s:skbtrail_1_0_out u64 a0; u64 a1; u64 ret");
	snprintf(expected, sizeof(expected), "e:skbtrail_1/take_record__return "
		 "synthetic/skbtrail_1_0_out number=+%zu($a0):u32 colour=$a1:s32 retval=$ret:s32",
		 offsetof(struct record, number));
	assert_string_equal(plan->line[3].text, expected);
	assert_int_equal(plan->nr_trigger, 2);
	assert_string_equal(plan->trigger[0].text,
			    "hist:keys=common_pid,sp+step:v0=a0,v1=a1:size=16384");
	assert_string_equal(plan->trigger[1].text, "hist:keys=common_pid,sp:w0=$v0,w1=$v1:"
			    "size=16384:onmatch(skbtrail_1.take_record__return__in)."
			    "trace(skbtrail_1_0_out,$w0,$w1,ret)");
	release(&emitted);
}

/* Every place is probed: the fourth argument is in another register there. */
static void old_kernels_look_behind_system_calls(void **state)
{
	struct emitted emitted = emit(&caps_old, "libc:recvfrom%return fd=$arg1:s32 $arg2:string "
				      "flags=$arg4:s32 r=$retval:s64");
	const struct probe_plan *plan = &emitted.event->plan[0];

	assert_int_equal(emitted.event->nr_plan, 1);
	assert_string_equal(plan->form, "uprobe behind the system call");
	assert_true(plan->nr_line >= 2);
	for (size_t i = 1; i < plan->nr_line; i++) {
		assert_string_equal(plan->line[i].name, "recvfrom__return");
		assert_non_null(strstr(plan->line[i].text, " fd=%di:s32 arg2=+0(%si):string "
				       "flags=%r10:s32 r=%ax:s64"));
	}
	release(&emitted);
}

/* The reader of the capture puts them together, by thread and stack pointer. */
static void old_kernels_have_pairs(void **state)
{
	struct emitted emitted = emit(&caps_old, "./probed-pie:take_record%return colour number "
				      "$retval");
	const struct probe_plan *plan = &emitted.event->plan[0];
	char where[512], *keys;

	place("probed-pie", "take_record", where, sizeof(where));
	assert_int_equal(emitted.event->nr_plan, 1);
	assert_string_equal(plan->form, "uprobe and uretprobe, a pair of events");
	assert_int_equal(plan->nr_line, 2);
	is_line(plan, 0, "p:skbtrail_1/take_record__return__in", where,
		" __probe_sp=$stack:u64 colour=%dx:s32 number=%cx:u32");
	is_line(plan, 1, "r:skbtrail_1/take_record__return", where,
		" __probe_sp=$stack:u64 retval=$retval:s32");
	keys = probe_event_keys(emitted.event, plan);
	assert_string_equal(keys, " retval=retval entry=take_record__return__in "
			    "passed=colour,number step=8 return=1 space=user");
	free(keys);
	release(&emitted);
}

static void old_kernels_say_what_they_cannot(void **state)
{
	fails(&caps_old, "./probed-pie:take_record%return record->number",
	      "behind an argument: it needs eprobes", "read it at the entry", 33);
	fails(&caps_old, "./probed-pie:take_record%return colour if colour > 3",
	      "no condition at the return", "", 33);
	fails(&(struct probe_caps){ 0 }, "./probed-pie:take_record", "no uprobes", "", 1);
}

/* ---- one process */

static void processes_have_filters(void **state)
{
	const struct probe_line *line;
	struct emitted emitted;
	char text[128], expected[640], *shown;

	snprintf(text, sizeof(text), "pid %d:getppid%%return $retval if retval > 1",
		 (int)getpid());
	emitted = emit(&caps_new, text);
	for (size_t i = 0; i < 2; i++)
		assert_non_null(emitted.event->plan[0].line[i].filter);
	assert_non_null(strstr(emitted.event->plan[0].line[1].filter, ") && (retval > 1)"));
	assert_null(strstr(emitted.event->plan[0].line[0].filter, "retval"));
	assert_non_null(strstr(emitted.event->note, "recorded are"));
	/* All of it is shown, and nothing else. */
	line = emitted.event->plan[0].line;
	snprintf(expected, sizeof(expected), "\nevents/skbtrail_1/getppid__return__in/filter: %s\n"
		 "events/skbtrail_1/getppid__return/filter: %s\n", line[0].filter,
		 line[1].filter);
	shown = probe_event_describe(emitted.event, &emitted.event->plan[0]);
	assert_non_null(shown);
	if (!strstr(shown, expected) || strstr(shown, "filter: retval > 1"))
		fail_msg("'%s' is not in '%s'", expected, shown);
	free(shown);
	release(&emitted);
}
#endif

static void mistakes_have_columns(void **state)
{
	fails(&caps_new, "./probed-pie:take_record recurd->number", "no argument 'recurd'",
	      "record, list, colour, number", 26);
	fails(&caps_new, "./probed-pie:take_record record->numbr", "has no member 'numbr'",
	      "number", 34);
	/* A local variable, which the entry does not have yet. */
	fails(&caps_new, "./probed-pie:in_parts length", "no argument 'length'",
	      "in_parts has: text, value", 23);
	fails(&caps_new, "./probed-stripped:take_record record->number",
	      "the names of arguments are not known", "information has the build-id", 31);
	/* A local variable, which the entry does not have yet. */
	fails(&caps_new, "./probed-pie:in_parts length", "no argument 'length'",
	      "in_parts has: text, value", 23);
	fails(&caps_new, "./probed-stripped:take_record record->number",
	      "the names of arguments are not known", "; or by number: $arg1:u32", 31);
	fails(&caps_new, "./probed-stripped:take_record ((struct record *)$arg1)->number",
	      "the type is not known", "information has the build-id", 40);
	fails(&caps_new, "./probed-pie:take_floats x", "floating point register", "", 26);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef __x86_64__
		cmocka_unit_test(entries_are_uprobes),
		cmocka_unit_test(arguments_by_number_are_registers),
		cmocka_unit_test(returns_without_arguments),
		cmocka_unit_test(returns_with_arguments_are_a_chain),
		cmocka_unit_test(old_kernels_look_behind_system_calls),
		cmocka_unit_test(old_kernels_have_pairs),
		cmocka_unit_test(old_kernels_say_what_they_cannot),
		cmocka_unit_test(processes_have_filters),
#endif
		cmocka_unit_test(mistakes_have_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
