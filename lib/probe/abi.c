// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * abi.c - the types of a function's arguments -> registers and places on the stack
 *
 * Names of registers are those of the kernel's fetch arguments
 * (arch/x86/kernel/ptrace.c, arch/arm64/kernel/ptrace.c: regoffset_table).
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "abi.h"

#define NR_FLOAT_REGISTER	8
#define WORD			8
#define MAX_DEPTH		8
#define MAX_ARGUMENT		64

static const char *const x86_argument[] = { "%di", "%si", "%dx", "%cx", "%r8", "%r9" };
static const char *const arm_argument[] = { "%x0", "%x1", "%x2", "%x3", "%x4", "%x5", "%x6",
					    "%x7" };

/* System V psABI for x86-64, figure 3.36: DWARF register number mapping. */
static const char *const x86_register[] = {
	"%ax", "%dx", "%cx", "%bx", "%si", "%di", "%bp", "%sp",
	"%r8", "%r9", "%r10", "%r11", "%r12", "%r13", "%r14", "%r15",
};

/* DWARF for the Arm 64-bit Architecture, section 4.1. */
static const char *const arm_register[] = {
	"%x0", "%x1", "%x2", "%x3", "%x4", "%x5", "%x6", "%x7", "%x8", "%x9", "%x10",
	"%x11", "%x12", "%x13", "%x14", "%x15", "%x16", "%x17", "%x18", "%x19", "%x20",
	"%x21", "%x22", "%x23", "%x24", "%x25", "%x26", "%x27", "%x28", "%x29", "%x30", "%sp",
};

#define NR(array)	(sizeof(array) / sizeof(*(array)))

static unsigned int nr_register(const struct abi *abi)
{
	return abi->machine == EM_X86_64 ? NR(x86_argument) : NR(arm_argument);
}

const char *abi_register(unsigned int machine, uint64_t number)
{
	if (machine == EM_X86_64)
		return number < NR(x86_register) ? x86_register[number] : NULL;
	if (machine == EM_AARCH64)
		return number < NR(arm_register) ? arm_register[number] : NULL;
	return NULL;
}

const char *abi_return_register(unsigned int machine)
{
	return machine == EM_X86_64 ? "%ax" : machine == EM_AARCH64 ? "%x0" : NULL;
}

/* ---- what an argument is made of */

enum word_class { CLASS_NONE, CLASS_FLOAT, CLASS_INT };

/* Two words at most, or it goes by memory. */
struct layout {
	const struct probe_types *types;
	enum word_class word[2];
	unsigned int nr_float;
	uint64_t float_bytes;
	uint64_t base_bits;
	unsigned int depth;
	bool is_memory;
};

static void classify(struct layout *layout, uint64_t type, uint64_t offset_bits);

static int classify_member(void *data, const struct probe_member *member)
{
	struct layout *layout = data;

	if (member->size_bits)
		layout->word[member->offset_bits / 64 % 2] = CLASS_INT;
	else
		classify(layout, member->type, layout->base_bits + member->offset_bits);
	return 0;
}

static void classify_array(struct layout *layout, const struct probe_type *type,
			   uint64_t offset_bits)
{
	uint64_t each = type->nr_element ? type->size_bytes / type->nr_element : 0;

	for (uint64_t i = 0; each && i < type->nr_element && i < 2 * WORD; i++)
		classify(layout, type->target, offset_bits + 8 * i * each);
}

static void classify(struct layout *layout, uint64_t type, uint64_t offset_bits)
{
	uint64_t saved_bits = layout->base_bits, word = offset_bits / 64;
	struct probe_type about;

	if (layout->depth == MAX_DEPTH || word > 1 || type == PROBE_NO_TYPE ||
	    layout->types->ops->describe(layout->types, type, &about)) {
		layout->is_memory = true;
		return;
	}
	layout->depth++;
	if (about.kind == PROBE_COMPOSITE) {
		layout->base_bits = offset_bits;
		layout->types->ops->walk_members(layout->types, type, classify_member, layout);
		layout->base_bits = saved_bits;
	} else if (about.kind == PROBE_ARRAY) {
		classify_array(layout, &about, offset_bits);
	} else if (about.size_bytes && offset_bits / 8 % about.size_bytes) {
		layout->is_memory = true;
	} else if (about.kind == PROBE_FLOAT) {
		/* long double is passed in memory. */
		layout->is_memory |= about.size_bytes > WORD;
		layout->float_bytes = about.size_bytes;
		layout->nr_float++;
		if (layout->word[word] == CLASS_NONE)
			layout->word[word] = CLASS_FLOAT;
	} else {
		layout->word[word] = CLASS_INT;
	}
	layout->depth--;
}

static struct layout layout_of(const struct probe_types *types, uint64_t type)
{
	struct layout layout = { .types = types };

	classify(&layout, type, 0);
	return layout;
}

/* ---- one argument */

static void set_register(const struct abi *abi, unsigned int i, struct probe_place *place)
{
	const char *name = abi->machine == EM_X86_64 ? x86_argument[i] : arm_argument[i];

	snprintf(place->fetch, sizeof(place->fetch), "%s", name);
}

/* x86-64 has the return address below them. */
static void set_stack(struct abi *abi, uint64_t size_bytes, struct probe_place *place)
{
	uint64_t align = size_bytes >= 2 * WORD ? 2 * WORD : WORD;

	abi->stack_bytes = (abi->stack_bytes + align - 1) / align * align;
	snprintf(place->fetch, sizeof(place->fetch), "%%sp");
	place->is_memory = true;
	place->offset = (int64_t)abi->stack_bytes + (abi->machine == EM_X86_64 ? WORD : 0);
	abi->stack_bytes += (size_bytes + WORD - 1) / WORD * WORD;
}

static void set_nowhere(const char *why, struct probe_place *place)
{
	snprintf(place->why, sizeof(place->why), "%s", why);
}

static void next_scalar(struct abi *abi, const struct probe_type *type, struct probe_place *place)
{
	unsigned int nr = type->size_bytes > WORD ? 2 : 1;

	if (abi->machine == EM_AARCH64 && nr == 2)
		abi->nr_int = (abi->nr_int + 1) & ~1U;
	if (abi->nr_int + nr > nr_register(abi)) {
		set_stack(abi, type->size_bytes, place);
		return;
	}
	if (nr == 2)
		set_nowhere("it is in two registers", place);
	else
		set_register(abi, abi->nr_int, place);
	abi->nr_int += nr;
}

static void next_float(struct abi *abi, const struct probe_type *type, struct probe_place *place)
{
	bool in_memory = abi->machine == EM_X86_64 && type->size_bytes > WORD;

	if (in_memory || abi->nr_float == NR_FLOAT_REGISTER) {
		set_stack(abi, type->size_bytes, place);
		return;
	}
	abi->nr_float++;
	set_nowhere("it is in a floating point register", place);
}

/* Small structures are spread over registers, if there are enough. */
static void next_small(struct abi *abi, const struct probe_type *type, const struct layout *layout,
		       struct probe_place *place)
{
	unsigned int nr_int = 0, nr_float = 0;

	for (unsigned int i = 0; i < 2 && i * WORD < type->size_bytes; i++) {
		nr_int += layout->word[i] == CLASS_INT;
		nr_float += layout->word[i] == CLASS_FLOAT;
	}
	if (abi->machine == EM_AARCH64) {
		/* Up to four floats of one size have a register each. */
		nr_float = nr_int ? 0 : layout->nr_float;
		nr_int = nr_int ? (unsigned int)(type->size_bytes + WORD - 1) / WORD : 0;
	}
	if (abi->nr_int + nr_int > nr_register(abi) ||
	    abi->nr_float + nr_float > NR_FLOAT_REGISTER) {
		set_stack(abi, type->size_bytes, place);
		return;
	}
	abi->nr_int += nr_int;
	abi->nr_float += nr_float;
	set_nowhere("it is spread over registers", place);
}

static void next_composite(struct abi *abi, const struct probe_types *types, uint64_t type,
			   const struct probe_type *about, struct probe_place *place)
{
	struct layout layout = layout_of(types, type);
	bool is_large = about->size_bytes > 2 * WORD;

	if (abi->machine == EM_X86_64 && (is_large || layout.is_memory)) {
		set_stack(abi, about->size_bytes, place);
	} else if (is_large) {
		/* AAPCS64: a copy of it, and its address as the argument. */
		const struct probe_type pointer = { .size_bytes = WORD };

		next_scalar(abi, &pointer, place);
		if (place->is_memory)
			set_nowhere("its address is on the stack", place);
		place->is_memory = true;
	} else {
		next_small(abi, about, &layout, place);
	}
}

void abi_next(struct abi *abi, const struct probe_types *types, uint64_t type,
	      struct probe_place *place)
{
	struct probe_type about = { .kind = PROBE_INT, .size_bytes = WORD };

	*place = (struct probe_place){ 0 };
	if (type != PROBE_NO_TYPE)
		types->ops->describe(types, type, &about);
	if (about.kind == PROBE_COMPOSITE)
		next_composite(abi, types, type, &about, place);
	else if (about.kind == PROBE_FLOAT)
		next_float(abi, &about, place);
	else
		next_scalar(abi, &about, place);
	if (*place->why)
		*place->fetch = '\0';
}

/* What is too large for registers is returned where the caller says, in the first of them. */
void abi_begin(struct abi *abi, unsigned int machine, const struct probe_types *types,
	       uint64_t return_type)
{
	struct probe_type about;

	*abi = (struct abi){ .machine = machine };
	if (machine != EM_X86_64 || return_type == PROBE_NO_TYPE ||
	    types->ops->describe(types, return_type, &about) || about.kind != PROBE_COMPOSITE)
		return;
	if (about.size_bytes > 2 * WORD || layout_of(types, return_type).is_memory)
		abi->nr_int = 1;
}

int abi_argument(unsigned int machine, unsigned int nth, struct probe_place *place)
{
	const struct probe_type word = { .size_bytes = WORD };
	struct abi abi = { .machine = machine };

	*place = (struct probe_place){ 0 };
	if (machine != EM_X86_64 && machine != EM_AARCH64)
		return -ENOTSUP;
	if (!nth || nth > MAX_ARGUMENT)
		return -EINVAL;
	while (nth--) {
		*place = (struct probe_place){ 0 };
		next_scalar(&abi, &word, place);
	}
	return 0;
}
