// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dwarf-place.c - the location of a variable -> what the kernel can fetch
 *
 * Registers, and memory at a fixed distance from a register, are all that a fetch argument knows.
 */
#include <dwarf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "dwarf-private.h"

static void set_why(struct probe_place *place, const char *why)
{
	*place->fetch = '\0';
	snprintf(place->why, sizeof(place->why), "%s", why);
}

static void set_register(const struct dwarf_types *types, uint64_t number,
			 struct probe_place *place)
{
	const char *name = abi_register(elf_file_machine(types->elf), number);

	if (name)
		snprintf(place->fetch, sizeof(place->fetch), "%s", name);
	else
		set_why(place, "it is in a floating point register");
}

/* "Register N plus so much": DW_OP_bregN has the offset in number, DW_OP_bregx in number2. */
static bool is_base(const Dwarf_Op *op, uint64_t *number, int64_t *offset)
{
	if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31) {
		*number = op->atom - DW_OP_breg0;
		*offset = (int64_t)op->number;
	} else if (op->atom == DW_OP_bregx) {
		*number = op->number;
		*offset = (int64_t)op->number2;
	} else {
		return false;
	}
	return true;
}

static bool is_register(const Dwarf_Op *op, uint64_t *number)
{
	if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31)
		*number = op->atom - DW_OP_reg0;
	else if (op->atom == DW_OP_regx)
		*number = op->number;
	else
		return false;
	return true;
}

/* The address of the caller's frame, as .eh_frame or .debug_frame has it. */
static bool frame_address(const struct dwarf_types *types, uint64_t *number, int64_t *offset)
{
	Dwfl_Module *module = elf_file_module(types->elf);
	bool found = false;

	for (int i = 0; i < 2 && !found; i++) {
		Dwarf_Addr bias;
		Dwarf_CFI *cfi = i ? dwfl_module_dwarf_cfi(module, &bias)
				   : dwfl_module_eh_cfi(module, &bias);
		Dwarf_Frame *frame;
		Dwarf_Op *op;
		size_t nr;

		if (!cfi || dwarf_cfi_addrframe(cfi, types->pc + types->bias - bias, &frame))
			continue;
		found = !dwarf_frame_cfa(frame, &op, &nr) && nr == 1 &&
			is_base(op, number, offset);
		free(frame);
	}
	return found;
}

static bool frame_base(const struct dwarf_types *types, uint64_t *number, int64_t *offset)
{
	Dwarf_Die function = types->function;
	Dwarf_Attribute attr;
	Dwarf_Op *op;
	size_t nr;

	if (!dwarf_attr_integrate(&function, DW_AT_frame_base, &attr) ||
	    dwarf_getlocation_addr(&attr, types->pc, &op, &nr, 1) != 1 || nr != 1)
		return false;
	if (op->atom == DW_OP_call_frame_cfa)
		return frame_address(types, number, offset);
	*offset = 0;
	return is_base(op, number, offset) || is_register(op, number);
}

static void set_memory(const struct dwarf_types *types, uint64_t number, int64_t offset,
		       struct probe_place *place)
{
	set_register(types, number, place);
	place->is_memory = true;
	place->offset = offset;
}

static void set_one(const struct dwarf_types *types, const Dwarf_Op *op, struct probe_place *place)
{
	uint64_t number;
	int64_t offset;

	if (is_register(op, &number)) {
		set_register(types, number, place);
	} else if (is_base(op, &number, &offset)) {
		set_memory(types, number, offset, place);
	} else if (op->atom == DW_OP_fbreg && frame_base(types, &number, &offset)) {
		set_memory(types, number, offset + (int64_t)op->number, place);
	} else if (op->atom == DW_OP_call_frame_cfa && frame_address(types, &number, &offset)) {
		set_memory(types, number, offset, place);
	} else if (op->atom == DW_OP_addr) {
		set_why(place, "it is a static variable");
	} else {
		set_why(place, "its place is one that the kernel cannot fetch from");
	}
}

static bool is_entry_value(const Dwarf_Op *op)
{
	return op->atom == DW_OP_entry_value || op->atom == DW_OP_GNU_entry_value;
}

static void set_location(const struct dwarf_types *types, const Dwarf_Op *op, size_t nr,
			 struct probe_place *place)
{
	uint64_t number;
	int64_t offset;

	if (!nr)
		set_why(place, "the compiler left it out here");
	else if (nr == 1)
		set_one(types, op, place);
	else if (is_entry_value(op))
		set_why(place, "only the value that it had at the function's entry is known");
	else if (nr == 2 && op[1].atom == DW_OP_stack_value && is_base(op, &number, &offset) &&
		 !offset)
		set_register(types, number, place);
	else if (op[nr - 1].atom == DW_OP_piece)
		set_why(place, "it is spread over registers");
	else
		set_why(place, "its value is computed, not stored");
}

void dwarf_place(const struct dwarf_types *types, Dwarf_Die *die, struct probe_place *place)
{
	Dwarf_Attribute attr;
	Dwarf_Op *op;
	size_t nr;

	*place = (struct probe_place){ 0 };
	if (dwarf_attr_integrate(die, DW_AT_const_value, &attr))
		set_why(place, "it is a constant");
	else if (!dwarf_attr_integrate(die, DW_AT_location, &attr) ||
		 dwarf_getlocation_addr(&attr, types->pc, &op, &nr, 1) != 1)
		set_why(place, "the compiler left it out here");
	else
		set_location(types, op, nr, place);
}
