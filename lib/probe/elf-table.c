// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * elf-table.c - the symbol tables of a file -> its functions, sorted by name
 *
 * What is exported, with its versions, is in .dynsym, which no strip takes away; the rest is in
 * .symtab of the file, of the file of its debug information, or in .gnu_debugdata.  In the files
 * of debug information that Debian makes for libraries what is exported is missing: so both.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf-private.h"

#define VERSION_MASK	0x7fff
#define VERSION_HIDDEN	0x8000

Elf_Scn *elf_section(const struct elf_file *elf, unsigned int type, GElf_Shdr *header)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf->elf, section)))
		if (gelf_getshdr(section, header) && header->sh_type == type)
			return section;
	return NULL;
}

void elf_symbols_release(struct elf_symbols *symbols)
{
	for (size_t i = 0; i < symbols->nr_own_name; i++)
		free(symbols->own_name[i]);
	free(symbols->own_name);
	free(symbols->item);
	free(symbols->version);
	free(symbols->library);
	*symbols = (struct elf_symbols){ 0 };
}

/* ---- versions */

static int set_version(struct elf_symbols *symbols, size_t i, const char *name,
		       const char *library)
{
	size_t nr = i + 1;
	void *more;

	i &= VERSION_MASK;
	if (i >= symbols->nr_version) {
		more = reallocarray(symbols->version, nr, sizeof(*symbols->version));
		if (!more)
			return -ENOMEM;
		symbols->version = more;
		more = reallocarray(symbols->library, nr, sizeof(*symbols->library));
		if (!more)
			return -ENOMEM;
		symbols->library = more;
		for (; symbols->nr_version < nr; symbols->nr_version++) {
			symbols->version[symbols->nr_version] = NULL;
			symbols->library[symbols->nr_version] = NULL;
		}
	}
	symbols->version[i] = name;
	symbols->library[i] = library;
	return 0;
}

/* Versions that the file defines.  Lists in a damaged file may lead back: their count bounds it. */
static int read_defined(struct elf_file *elf)
{
	GElf_Shdr header;
	Elf_Scn *section = elf_section(elf, SHT_GNU_verdef, &header);
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
	GElf_Verdef def;
	GElf_Verdaux aux;
	int at = 0, err = 0;

	for (uint32_t i = 0; data && !err && i < header.sh_info; i++) {
		if (!gelf_getverdef(data, at, &def) ||
		    !gelf_getverdaux(data, at + (int)def.vd_aux, &aux))
			break;
		err = set_version(&elf->symbols, def.vd_ndx & VERSION_MASK,
				  elf_strptr(elf->elf, header.sh_link, aux.vda_name), NULL);
		if (!def.vd_next)
			break;
		at += (int)def.vd_next;
	}
	return err;
}

/* Versions that it wants, and from which library. */
static int read_wanted(struct elf_file *elf)
{
	GElf_Shdr header;
	Elf_Scn *section = elf_section(elf, SHT_GNU_verneed, &header);
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
	GElf_Verneed need;
	GElf_Vernaux aux;
	int at = 0, err = 0;

	for (uint32_t i = 0; data && !err && i < header.sh_info; i++) {
		int at_aux;

		if (!gelf_getverneed(data, at, &need))
			break;
		at_aux = at + (int)need.vn_aux;
		for (uint32_t j = 0; !err && j < need.vn_cnt; j++) {
			if (!gelf_getvernaux(data, at_aux, &aux))
				break;
			err = set_version(&elf->symbols, aux.vna_other & VERSION_MASK,
					  elf_strptr(elf->elf, header.sh_link, aux.vna_name),
					  elf_strptr(elf->elf, header.sh_link, need.vn_file));
			at_aux += (int)aux.vna_next;
		}
		if (!need.vn_next)
			break;
		at += (int)need.vn_next;
	}
	return err;
}

/* Of .gnu.version; 0 where there is none. */
static unsigned int version_of(Elf_Data *versions, size_t i)
{
	GElf_Versym version;

	return versions && gelf_getversym(versions, (int)i, &version) ? version : 0;
}

static Elf_Data *versions_data(const struct elf_file *elf)
{
	GElf_Shdr header;
	Elf_Scn *section = elf_section(elf, SHT_GNU_versym, &header);

	return section ? elf_getdata(section, NULL) : NULL;
}

/* ---- symbols */

static int push(struct elf_symbols *symbols, const struct elf_symbol *symbol)
{
	if (symbols->nr == symbols->room) {
		size_t room = symbols->room ? 2 * symbols->room : 1024;
		void *more = reallocarray(symbols->item, room, sizeof(*symbols->item));

		if (!more)
			return -ENOMEM;
		symbols->item = more;
		symbols->room = room;
	}
	symbols->item[symbols->nr++] = *symbol;
	return 0;
}

/* Functions written in assembler may have no type. */
static bool is_function(const struct elf_file *elf, const GElf_Sym *sym, uint64_t address)
{
	unsigned int type = GELF_ST_TYPE(sym->st_info);
	uint64_t offset;

	return sym->st_shndx != SHN_UNDEF &&
	       (type == STT_FUNC || type == STT_GNU_IFUNC ||
		(type == STT_NOTYPE && GELF_ST_BIND(sym->st_info) != STB_LOCAL)) &&
	       !elf_file_offset(elf, address, &offset);
}

static struct elf_symbol describe(const GElf_Sym *sym, uint64_t address, const char *name)
{
	return (struct elf_symbol){
		.name = name, .version = "", .address = address, .size_bytes = sym->st_size,
		.is_default = true, .is_local = GELF_ST_BIND(sym->st_info) == STB_LOCAL,
		.is_ifunc = GELF_ST_TYPE(sym->st_info) == STT_GNU_IFUNC,
	};
}

static int read_exported(struct elf_file *elf)
{
	struct elf_symbols *symbols = &elf->symbols;
	Elf_Data *versions = versions_data(elf), *data;
	GElf_Shdr header;
	Elf_Scn *section = elf_section(elf, SHT_DYNSYM, &header);
	struct elf_symbol symbol;
	GElf_Sym sym;
	int err = 0;

	data = section ? elf_getdata(section, NULL) : NULL;
	for (int i = 0; data && !err && gelf_getsym(data, i, &sym); i++) {
		const char *name = elf_strptr(elf->elf, header.sh_link, sym.st_name);
		unsigned int version = version_of(versions, (size_t)i);

		if (!name || !*name || !is_function(elf, &sym, sym.st_value))
			continue;
		symbol = describe(&sym, sym.st_value, name);
		symbol.is_default = !(version & VERSION_HIDDEN);
		version &= VERSION_MASK;
		if (version < symbols->nr_version && symbols->version[version])
			symbol.version = symbols->version[version];
		err = push(symbols, &symbol);
	}
	return err;
}

/* "memcpy@@GLIBC_2.14" of a .symtab. */
static int cut_version(struct elf_symbols *symbols, struct elf_symbol *symbol)
{
	char *at, *copy;
	void *more;

	if (!strchr(symbol->name, '@'))
		return 0;
	more = reallocarray(symbols->own_name, symbols->nr_own_name + 1, sizeof(char *));
	if (!more)
		return -ENOMEM;
	symbols->own_name = more;
	copy = strdup(symbol->name);
	if (!copy)
		return -ENOMEM;
	symbols->own_name[symbols->nr_own_name++] = copy;
	at = strchr(copy, '@');
	symbol->is_default = at[1] == '@';
	*at = '\0';
	symbol->name = copy;
	symbol->version = at + 1 + symbol->is_default;
	return 0;
}

static int read_others(struct elf_file *elf)
{
	int nr = dwfl_module_getsymtab(elf->module), err = 0;
	struct elf_symbol symbol;

	for (int i = 0; !err && i < nr; i++) {
		GElf_Addr address;
		GElf_Sym sym;
		const char *name = dwfl_module_getsym_info(elf->module, i, &sym, &address, NULL,
							   NULL, NULL);

		/* Begins with a dot or a dollar: of the linker or the assembler. */
		if (!name || !*name || *name == '$' || !is_function(elf, &sym, address))
			continue;
		symbol = describe(&sym, address, name);
		err = cut_version(&elf->symbols, &symbol);
		if (!err)
			err = push(&elf->symbols, &symbol);
	}
	return err;
}

/* What is exported comes first: its versions are right. */
static int compare(const void *a, const void *b)
{
	const struct elf_symbol *one = a, *two = b;
	int order = strcmp(one->name, two->name);

	if (order)
		return order;
	if (one->address != two->address)
		return one->address < two->address ? -1 : 1;
	if (!*one->version != !*two->version)
		return *one->version ? -1 : 1;
	return (int)one->is_local - (int)two->is_local;
}

static void sort(struct elf_symbols *symbols)
{
	size_t nr = 0;

	if (!symbols->nr)
		return;
	qsort(symbols->item, symbols->nr, sizeof(*symbols->item), compare);
	for (size_t i = 0; i < symbols->nr; i++) {
		const struct elf_symbol *last = nr ? &symbols->item[nr - 1] : NULL;

		if (!last || last->address != symbols->item[i].address ||
		    strcmp(last->name, symbols->item[i].name))
			symbols->item[nr++] = symbols->item[i];
	}
	symbols->nr = nr;
}

int elf_symbols_read(struct elf_file *elf)
{
	int err;

	if (elf->symbols.is_ready)
		return 0;
	err = read_defined(elf);
	if (!err)
		err = read_wanted(elf);
	if (!err)
		err = read_exported(elf);
	if (!err)
		err = read_others(elf);
	if (err) {
		elf_symbols_release(&elf->symbols);
		return err;
	}
	sort(&elf->symbols);
	elf->symbols.is_ready = true;
	return 0;
}

/* ---- imports */

/* DT_NEEDED, where it is only one beside the C library. */
static const char *only_library(const struct elf_file *elf)
{
	GElf_Shdr header;
	Elf_Scn *section = elf_section(elf, SHT_DYNAMIC, &header);
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
	const char *found = NULL;
	GElf_Dyn entry;

	for (int i = 0; data && gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++) {
		const char *name;

		if (entry.d_tag != DT_NEEDED)
			continue;
		name = elf_strptr(elf->elf, header.sh_link, entry.d_un.d_val);
		if (!name || !strncmp(name, "libc.so", 7))
			continue;
		if (found)
			return NULL;
		found = name;
	}
	return found;
}

struct elf_import elf_find_import(const struct elf_file *elf, const char *name)
{
	Elf_Data *versions = versions_data(elf), *data;
	struct elf_import import = { 0 };
	GElf_Shdr header;
	Elf_Scn *section = elf_section(elf, SHT_DYNSYM, &header);
	GElf_Sym sym;

	data = section ? elf_getdata(section, NULL) : NULL;
	for (int i = 0; data && gelf_getsym(data, i, &sym); i++) {
		const char *its = elf_strptr(elf->elf, header.sh_link, sym.st_name);
		unsigned int version = version_of(versions, (size_t)i) & VERSION_MASK;

		if (!its || strcmp(its, name) || sym.st_shndx != SHN_UNDEF)
			continue;
		import.is_found = true;
		if (version < elf->symbols.nr_version)
			import.library = elf->symbols.library[version];
		if (!import.library)
			import.library = only_library(elf);
		break;
	}
	return import;
}
