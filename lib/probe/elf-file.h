/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * elf-file.h - programs and libraries: which file a name means, what functions are in it, and where
 *
 * An address is one of the file's own, as nm prints it; an offset is the place in the file, as the
 * kernel wants it for a uprobe.
 */
#ifndef PROBE_ELF_FILE_H
#define PROBE_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "skbtrail.h"

struct elf_file;

/**
 * struct elf_symbol - a function
 * @name: without its version; valid as long as the file is open
 * @version: "" or e.g. "GLIBC_2.2.5"
 * @address, @size_bytes: @size_bytes 0: not known
 * @is_default: the version, if it has one, is what a program that is linked now would get
 * @is_local: not visible outside of the file it was compiled from
 * @is_ifunc: a resolver, which returns the address of the real function
 */
struct elf_symbol {
	const char *name;
	const char *version;
	uint64_t address;
	uint64_t size_bytes;
	bool is_default;
	bool is_local;
	bool is_ifunc;
};

/* elf-open.c */

/**
 * elf_file_open - a program or library of this machine's own kind
 * @path: also "/proc/PID/root/..." or "/proc/PID/map_files/..."
 * @error: filled on failure
 *
 * Debug information of a file of its own is found by build-id, by .gnu_debuglink, and, where the
 * environment has DEBUGINFOD_URLS, at such a server, when it is first needed.
 *
 * Return: 0; -ENOENT ... it cannot be read; -ENOEXEC it is no program or library; -ENOTSUP one of
 * another architecture; -ENOMEM.
 */
int elf_file_open(const char *path, struct elf_file **out, struct trail_error *error);
void elf_file_close(struct elf_file *elf);
const char *elf_file_path(const struct elf_file *elf);
/* The loader chooses where it lies in memory, as it does with libraries. */
bool elf_file_is_pie(const struct elf_file *elf);
/* EM_X86_64 ...: of <elf.h>. */
unsigned int elf_file_machine(const struct elf_file *elf);
/* Return: the bytes of the build-id, @nr of them; NULL: it has none. */
const unsigned char *elf_file_build_id(const struct elf_file *elf, size_t *nr);
/* Return: 0; -ERANGE @address is in no part of the file that is executed. */
int elf_file_offset(const struct elf_file *elf, uint64_t address, uint64_t *offset);
int elf_file_address(const struct elf_file *elf, uint64_t offset, uint64_t *address);
/* @nr bytes of the file at @offset.  Return: 0; -ERANGE: so many are not there. */
int elf_file_read(const struct elf_file *elf, uint64_t offset, void *bytes, size_t nr);

/* elf-symbol.c */

/* Calls @visit for each function until it returns other than 0.  Return: that, or 0; -ENOMEM. */
int elf_file_each(struct elf_file *elf,
		  int (*visit)(void *data, const struct elf_symbol *symbol), void *data);

/**
 * elf_file_find - a function by its name
 * @name: "recvfrom" or with a version, "memcpy@GLIBC_2.2.5"
 * @error: filled on failure
 *
 * Return: 0; -ENOENT no such function (the hint knows when it is imported from a library);
 * -ENOTUNIQ several; -ENOTSUP it is chosen when the program starts (IFUNC); -ENOMEM.
 */
int elf_file_find(struct elf_file *elf, const char *name, struct elf_symbol *symbol,
		  struct trail_error *error);
/* The function that @address is in.  Return: 0 or -ENOENT. */
int elf_file_function_at(struct elf_file *elf, uint64_t address, struct elf_symbol *symbol);

/* elf-search.c */

/**
 * elf_search - "libc", "libssl", "nginx" or a path -> a path
 * @path: of @size bytes
 *
 * Libraries are looked up where the linker would: in its cache, then in the standard directories;
 * programs where a shell of root would.
 *
 * Return: 0; -ENOENT with @error.
 */
int elf_search(const char *name, char *path, size_t size, struct trail_error *error);
/* Is @file, without folders, the library @name: libc.so.6, libc-2.31.so for "libc"? */
bool elf_is_library(const char *file, const char *name);

/* elf-package.c */

/* What could be done to have debug information for @elf: one line. */
void elf_package_hint(const struct elf_file *elf, char *hint, size_t size);

/* ---- between elf-*.c and types-dwarf*.c */

struct Dwfl_Module;
struct Elf;
struct Dwfl_Module *elf_file_module(const struct elf_file *elf);
struct Elf *elf_file_elf(const struct elf_file *elf);

#endif /* PROBE_ELF_FILE_H */
