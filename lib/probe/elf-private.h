/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * elf-private.h - between elf-*.c
 */
#ifndef PROBE_ELF_PRIVATE_H
#define PROBE_ELF_PRIVATE_H

#include <elfutils/libdwfl.h>
#include <gelf.h>

#include "elf-file.h"

/**
 * struct elf_symbols - the functions of a file, by name, then by address
 * @own_name: of those in @item whose name had to be copied, sorted by nothing
 * @version: of .gnu.version_d and .gnu.version_r, by index; NULL where there is none
 * @library: what a version of .gnu.version_r is wanted from
 */
struct elf_symbols {
	struct elf_symbol *item;
	size_t nr;
	size_t room;
	char **own_name;
	size_t nr_own_name;
	const char **version;
	const char **library;
	size_t nr_version;
	bool is_ready;
};

/* @symbols: filled when they are asked for. */
struct elf_file {
	char *path;
	Dwfl *dwfl;
	Dwfl_Module *module;
	Elf *elf;
	GElf_Ehdr header;
	const unsigned char *build_id;
	size_t nr_build_id;
	struct elf_symbols symbols;
};

/* elf-table.c */

/* A section of that type of the main file.  Return: NULL: it has none. */
Elf_Scn *elf_section(const struct elf_file *elf, unsigned int type, GElf_Shdr *header);
/* Fills elf->symbols.  Return: 0 or -ENOMEM. */
int elf_symbols_read(struct elf_file *elf);
void elf_symbols_release(struct elf_symbols *symbols);

/**
 * struct elf_import - a function that the file uses and does not have
 * @library: which has it, NULL: that is not said
 */
struct elf_import {
	const char *library;
	bool is_found;
};

struct elf_import elf_find_import(const struct elf_file *elf, const char *name);

int elf_fail(struct trail_error *error, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void elf_hint(struct trail_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* PROBE_ELF_PRIVATE_H */
