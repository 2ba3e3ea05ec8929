/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dwarf-private.h - between types-dwarf.c and dwarf-*.c
 */
#ifndef PROBE_DWARF_PRIVATE_H
#define PROBE_DWARF_PRIVATE_H

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

#include "types-dwarf.h"

/**
 * struct dwarf_types - the provider
 * @bias: an address of the file is one of the debug information and this
 * @unit: the compilation unit of @function
 * @pc: of the probe, in addresses of the debug information
 * @is_entry: @pc is the first instruction of @function
 * @is_plain: its arguments are where the machine's calling convention has them
 * @die: @nr_die of them; a type is a place in it
 */
struct dwarf_types {
	struct probe_types base;
	struct elf_file *elf;
	Dwarf *dwarf;
	Dwarf_Addr bias;
	Dwarf_Die unit;
	Dwarf_Die function;
	Dwarf_Addr pc;
	bool is_entry;
	bool is_plain;
	Dwarf_Die *die;
	size_t nr_die;
	size_t room;
};

/* types-dwarf.c */

extern const struct probe_types_ops dwarf_ops;

/* The next unit, those of single types included.  @cu: NULL for the first. */
bool dwarf_next(Dwarf *dwarf, Dwarf_CU **cu, Dwarf_Die *unit);
/* The type of @die; PROBE_NO_TYPE: void, or no memory. */
uint64_t dwarf_type_of(const struct dwarf_types *types, Dwarf_Die *die);

/* dwarf-place.c */

/* Where the variable @die is at types->pc. */
void dwarf_place(const struct dwarf_types *types, Dwarf_Die *die, struct probe_place *place);

/* dwarf-function.c */

int dwarf_walk_variables(const struct probe_types *base, probe_visit_variable *visit, void *data);

#endif /* PROBE_DWARF_PRIVATE_H */
