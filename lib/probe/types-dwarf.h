/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * types-dwarf.h - the debug information of a program as types of a probe
 */
#ifndef PROBE_TYPES_DWARF_H
#define PROBE_TYPES_DWARF_H

#include "elf-file.h"
#include "types.h"

/**
 * types_dwarf_open - types, and the variables of the function that @address is in
 * @elf: must outlive *@out
 * @address: of an instruction; at the start of a function its variables are its arguments, behind
 *	     it also local ones
 * @error: filled on failure, with what could be done as its hint
 *
 * Return: 0; -ENOENT there is no debug information, or none of that function; -ENOTSUP it is in
 * another file (.dwo) that is missing; -ENOMEM.
 */
int types_dwarf_open(struct elf_file *elf, uint64_t address, struct probe_types **out,
		     struct trail_error *error);

/**
 * struct dwarf_inlined - where a function was inlined
 * @is_found: there is a function of that name in the debug information
 * @is_inline: it, or a part of its calls, was inlined
 * @nr_caller: functions into which it was
 * @callers: the names of the first of them, with ", " between
 */
struct dwarf_inlined {
	bool is_found;
	bool is_inline;
	unsigned int nr_caller;
	char callers[200];
};

/* Reads all of the debug information: seconds with large programs. */
void types_dwarf_find_inlined(const struct elf_file *elf, const char *name,
			      struct dwarf_inlined *out);

/* Does an instruction start at @address, as far as the line table tells? */
bool types_dwarf_is_line(const struct elf_file *elf, uint64_t address);

#endif /* PROBE_TYPES_DWARF_H */
