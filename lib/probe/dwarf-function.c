// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dwarf-function.c - an address -> the function, its arguments and variables; what was inlined
 *
 * At the entry of a function its arguments are where the calling convention has them, whatever
 * DW_AT_location says: without optimization that is where the prologue will put them, with it a
 * hole where an argument is not used.  Not so in a function that the compiler made of another
 * ("f.isra.0"), and in languages with a convention of their own: there DWARF is asked.
 */
#include <dwarf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "dwarf-private.h"

#define MAX_SCOPES	32

/* ---- variables */

struct variable_walk {
	const struct dwarf_types *types;
	probe_visit_variable *visit;
	void *data;
	struct abi abi;
	unsigned int depth;
};

static int visit_argument(struct variable_walk *walk, Dwarf_Die *die)
{
	const struct dwarf_types *types = walk->types;
	struct probe_variable variable = { .name = dwarf_diename(die),
					   .type = dwarf_type_of(types, die) };

	if (types->is_entry && types->is_plain)
		abi_next(&walk->abi, &types->base, variable.type, &variable.place);
	else
		dwarf_place(types, die, &variable.place);
	return variable.name ? walk->visit(walk->data, &variable) : 0;
}

static int visit_local(struct variable_walk *walk, Dwarf_Die *die)
{
	struct probe_variable variable = { .name = dwarf_diename(die), .is_local = true,
					   .type = dwarf_type_of(walk->types, die) };

	dwarf_place(walk->types, die, &variable.place);
	return variable.name ? walk->visit(walk->data, &variable) : 0;
}

static int walk_scope(struct variable_walk *walk, Dwarf_Die *scope)
{
	Dwarf_Die die;
	int err = 0, more = dwarf_child(scope, &die);

	for (; !more && !err; more = dwarf_siblingof(&die, &die)) {
		int tag = dwarf_tag(&die);

		if (tag == DW_TAG_formal_parameter && !walk->depth)
			err = visit_argument(walk, &die);
		else if (walk->types->is_entry)
			continue;
		else if (tag == DW_TAG_variable || tag == DW_TAG_formal_parameter)
			err = visit_local(walk, &die);
		else if ((tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine) &&
			 walk->depth < MAX_SCOPES && dwarf_haspc(&die, walk->types->pc) == 1) {
			walk->depth++;
			err = walk_scope(walk, &die);
			walk->depth--;
		}
	}
	return err;
}

int dwarf_walk_variables(const struct probe_types *base, probe_visit_variable *visit, void *data)
{
	const struct dwarf_types *types = (const struct dwarf_types *)base;
	struct variable_walk walk = { .types = types, .visit = visit, .data = data };
	Dwarf_Die function = types->function;

	abi_begin(&walk.abi, elf_file_machine(types->elf), base,
		  dwarf_type_of(types, &function));
	return walk_scope(&walk, &function);
}

/* ---- the function */

struct function_search {
	Dwarf_Addr pc;
	Dwarf_Die found;
};

static int is_it(Dwarf_Die *function, void *data)
{
	struct function_search *search = data;

	if (dwarf_haspc(function, search->pc) != 1)
		return DWARF_CB_OK;
	search->found = *function;
	return DWARF_CB_ABORT;
}

static bool find_in_unit(Dwarf_Die *unit, struct function_search *search)
{
	return dwarf_getfuncs(unit, is_it, search, 0) > 0;
}

/* .debug_aranges first; clang writes none. */
static bool find_function(struct dwarf_types *types, uint64_t address)
{
	Dwfl_Module *module = elf_file_module(types->elf);
	struct function_search search;
	Dwarf_Addr bias;
	Dwarf_Die *unit = dwfl_module_addrdie(module, address, &bias);

	search.pc = types->pc;
	if (!unit || !find_in_unit(unit, &search)) {
		unit = NULL;
		while ((unit = dwfl_module_nextcu(module, unit, &bias)))
			if (dwarf_haspc(unit, types->pc) && find_in_unit(unit, &search))
				break;
	}
	if (!unit)
		return false;
	types->unit = *unit;
	types->function = search.found;
	return true;
}

/* A unit of which the rest is in a .dwo file; libdw has looked for that. */
static bool find_skeleton(struct dwarf_types *types, uint64_t address, const char **dwo)
{
	Dwfl_Module *module = elf_file_module(types->elf);
	Dwarf_Die *unit = NULL, whole, split;
	Dwarf_Attribute attr;
	Dwarf_Addr bias;
	uint8_t type;

	while ((unit = dwfl_module_nextcu(module, unit, &bias))) {
		struct function_search search = { .pc = types->pc };

		if (!dwarf_haspc(unit, types->pc) ||
		    dwarf_cu_info(unit->cu, NULL, &type, &whole, &split, NULL, NULL, NULL) ||
		    type != DW_UT_skeleton)
			continue;
		if (split.addr && find_in_unit(&split, &search)) {
			types->unit = split;
			types->function = search.found;
			return true;
		}
		if (dwarf_attr(unit, DW_AT_dwo_name, &attr) ||
		    dwarf_attr(unit, DW_AT_GNU_dwo_name, &attr))
			*dwo = dwarf_formstring(&attr);
	}
	return false;
}

/* Of C and C++, and of what a compiler made no variant. */
static bool is_plain(struct dwarf_types *types, uint64_t address)
{
	struct elf_symbol symbol;

	switch (dwarf_srclang(&types->unit)) {
	case DW_LANG_Go:
	case DW_LANG_Rust:
	case DW_LANG_Swift:
	case DW_LANG_OCaml:
	case DW_LANG_Haskell:
		return false;
	default:
		return elf_file_function_at(types->elf, address, &symbol) ||
		       !strchr(symbol.name, '.');
	}
}

/*
 * A function in several parts, as gcc makes a hot and a cold one of it, has DW_AT_ranges and no
 * address of its own: calls go to the start of the first (DWARF 5, 2.18).
 */
static bool is_entry(struct dwarf_types *types)
{
	Dwarf_Addr base, start, end;

	if (dwarf_entrypc(&types->function, &start) &&
	    dwarf_ranges(&types->function, 0, &base, &start, &end) <= 0)
		return false;
	return start == types->pc;
}

static int no_dwarf(struct elf_file *elf, struct trail_error *error)
{
	snprintf(error->text, sizeof(error->text), "%s has no debug information (DWARF)",
		 elf_file_path(elf));
	elf_package_hint(elf, error->hint, sizeof(error->hint));
	return -ENOENT;
}

static int no_function(struct elf_file *elf, const char *dwo, struct trail_error *error)
{
	if (!dwo) {
		snprintf(error->text, sizeof(error->text),
			 "the debug information of %s does not tell of this function",
			 elf_file_path(elf));
		return -ENOENT;
	}
	snprintf(error->text, sizeof(error->text), "the debug information of this function of %s "
		 "is in %s, which is missing", elf_file_path(elf), dwo);
	snprintf(error->hint, sizeof(error->hint), "put it there, or compile with "
		 "-gno-split-dwarf");
	return -ENOTSUP;
}

int types_dwarf_open(struct elf_file *elf, uint64_t address, struct probe_types **out,
		     struct trail_error *error)
{
	struct dwarf_types *types = calloc(1, sizeof(*types));
	const char *dwo = NULL;
	int err;

	*out = NULL;
	*error = (struct trail_error){ 0 };
	if (!types)
		return -ENOMEM;
	types->base.ops = &dwarf_ops;
	types->elf = elf;
	types->dwarf = dwfl_module_getdwarf(elf_file_module(elf), &types->bias);
	types->pc = address - types->bias;
	if (!types->dwarf) {
		err = no_dwarf(elf, error);
		goto fail;
	}
	if (!find_function(types, address) && !find_skeleton(types, address, &dwo)) {
		err = no_function(elf, dwo, error);
		goto fail;
	}
	types->is_entry = is_entry(types);
	types->is_plain = is_plain(types, address);
	*out = &types->base;
	return 0;
fail:
	free(types);
	return err;
}

/* ---- inlined */

struct inline_search {
	const char *name;
	struct dwarf_inlined *out;
};

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += length)
		if ((at == list || at[-1] == ' ') && (!at[length] || at[length] == ','))
			return true;
	return false;
}

/* The function that @instance is in: its name, as far as there is room. */
static int add_caller(Dwarf_Die *instance, void *data)
{
	struct dwarf_inlined *out = data;
	size_t used = strlen(out->callers);
	const char *name = NULL;
	Dwarf_Die *scopes = NULL;
	int nr = dwarf_getscopes_die(instance, &scopes);

	for (int i = 0; i < nr && !name; i++)
		if (dwarf_tag(&scopes[i]) == DW_TAG_subprogram)
			name = dwarf_diename(&scopes[i]);
	free(scopes);
	out->is_inline = true;
	if (!name || has_word(out->callers, name))
		return DWARF_CB_OK;
	out->nr_caller++;
	if (used + strlen(name) + 3 < sizeof(out->callers))
		snprintf(out->callers + used, sizeof(out->callers) - used, "%s%s",
			 used ? ", " : "", name);
	return DWARF_CB_OK;
}

static int visit_function(Dwarf_Die *function, void *data)
{
	struct inline_search *search = data;
	const char *name = dwarf_diename(function);

	if (!name || strcmp(name, search->name))
		return DWARF_CB_OK;
	search->out->is_found = true;
	if (dwarf_func_inline(function))
		dwarf_func_inline_instances(function, add_caller, search->out);
	return DWARF_CB_OK;
}

void types_dwarf_find_inlined(const struct elf_file *elf, const char *name,
			      struct dwarf_inlined *out)
{
	struct inline_search search = { name, out };
	Dwarf_CU *cu = NULL;
	Dwarf_Addr bias;
	Dwarf_Die unit;
	Dwarf *dwarf;

	*out = (struct dwarf_inlined){ 0 };
	dwarf = dwfl_module_getdwarf(elf_file_module(elf), &bias);
	while (dwarf && dwarf_next(dwarf, &cu, &unit))
		dwarf_getfuncs(&unit, visit_function, &search, 0);
}

bool types_dwarf_is_line(const struct elf_file *elf, uint64_t address)
{
	Dwfl_Line *line = dwfl_module_getsrc(elf_file_module(elf), address);
	Dwarf_Addr start;

	return line && dwfl_lineinfo(line, &start, NULL, NULL, NULL, NULL) && start == address;
}
