// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * elf-open.c - a path -> an ELF file, and where in it an address lies
 *
 * libdwfl finds the file of the debug information, and accounts for prelink, which moves the
 * addresses of a library but not those of the debug information that was split from it before.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf-private.h"

#if defined(__x86_64__)
#define OWN_MACHINE	EM_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE	EM_AARCH64
#else
#define OWN_MACHINE	EM_NONE
#endif

int elf_fail(struct trail_error *error, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	*error->hint = '\0';
	return err;
}

void elf_hint(struct trail_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->hint, sizeof(error->hint), format, args);
	va_end(args);
}

/* ---- what it is */

static const char *machine_name(unsigned int machine)
{
	switch (machine) {
	case EM_386: return "32-bit x86";
	case EM_X86_64: return "x86-64";
	case EM_ARM: return "32-bit ARM";
	case EM_AARCH64: return "arm64";
	case EM_RISCV: return "RISC-V";
	case EM_PPC64: return "64-bit PowerPC";
	case EM_S390: return "s390";
	default: return NULL;
	}
}

static int check_machine(const char *path, const Elf64_Ehdr *head, struct trail_error *error)
{
	const char *name = machine_name(head->e_machine);
	bool is_32_bit = head->e_ident[EI_CLASS] != ELFCLASS64;
	char number[32];

	snprintf(number, sizeof(number), "machine %u", head->e_machine);
	name = name ? name : number;
	if (OWN_MACHINE == EM_NONE)
		return elf_fail(error, -ENOTSUP,
				"probes in programs are for x86-64 and arm64 only");
	if (head->e_machine == OWN_MACHINE && !is_32_bit)
		return 0;
	/* Registers of x86-64, pointers of 32 bits. */
	if (head->e_machine == OWN_MACHINE)
		name = "x32";
	elf_fail(error, -ENOTSUP, "%s is for %s, not for this %s machine", path, name,
		 machine_name(OWN_MACHINE));
	elf_hint(error, "how its functions are called is not known here");
	return -ENOTSUP;
}

static int check_head(const char *path, Elf64_Ehdr *head, struct trail_error *error)
{
	/* Type and machine are at the same place for 32 and 64 bits. */
	if (head->e_ident[EI_DATA] == ELFDATA2MSB) {
		head->e_type = be16toh(head->e_type);
		head->e_machine = be16toh(head->e_machine);
	}
	if (head->e_type == ET_EXEC || head->e_type == ET_DYN)
		return check_machine(path, head, error);
	return elf_fail(error, -ENOEXEC, "%s is %s, not a program or library", path,
			head->e_type == ET_REL ? "an object file or a kernel module" :
			head->e_type == ET_CORE ? "a core dump" : "an ELF file of no known kind");
}

/* ---- opening */

static int check_file(const char *path, struct trail_error *error)
{
	Elf64_Ehdr head = { 0 };
	struct stat st;
	int fd, err = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		err = -errno;
		return elf_fail(error, err, "cannot open %s: %s", path, strerror(-err));
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		err = elf_fail(error, -ENOEXEC, "%s is no regular file", path);
	else if (pread(fd, &head, sizeof(head), 0) < (ssize_t)sizeof(Elf32_Ehdr) ||
		 memcmp(head.e_ident, ELFMAG, SELFMAG))
		err = elf_fail(error, -ENOEXEC, "%s is no program or library", path);
	else
		err = check_head(path, &head, error);
	if (!memcmp(head.e_ident, "#!", 2))
		elf_hint(error, "it is a script: probe its interpreter");
	close(fd);
	return err;
}

static int begin(struct elf_file *elf, struct trail_error *error)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
	};
	GElf_Addr bias;

	elf->dwfl = dwfl_begin(&callbacks);
	if (!elf->dwfl)
		return -ENOMEM;
	dwfl_report_begin(elf->dwfl);
	/* Relative to its own addresses: nothing is moved. */
	elf->module = dwfl_report_elf(elf->dwfl, elf->path, elf->path, -1, 0, true);
	if (dwfl_report_end(elf->dwfl, NULL, NULL) || !elf->module)
		return elf_fail(error, -ENOEXEC, "cannot read %s: %s", elf->path, dwfl_errmsg(-1));
	elf->elf = dwfl_module_getelf(elf->module, &bias);
	if (!elf->elf || !gelf_getehdr(elf->elf, &elf->header))
		return elf_fail(error, -ENOEXEC, "cannot read %s: %s", elf->path, dwfl_errmsg(-1));
	return 0;
}

int elf_file_open(const char *path, struct elf_file **out, struct trail_error *error)
{
	struct elf_file *elf;
	GElf_Addr where;
	int nr, err = check_file(path, error);

	*out = NULL;
	if (err)
		return err;
	elf = calloc(1, sizeof(*elf));
	if (!elf)
		return -ENOMEM;
	elf->path = strdup(path);
	err = elf->path ? begin(elf, error) : -ENOMEM;
	if (err) {
		elf_file_close(elf);
		return err;
	}
	nr = dwfl_module_build_id(elf->module, &elf->build_id, &where);
	elf->nr_build_id = nr > 0 ? (size_t)nr : 0;
	*out = elf;
	return 0;
}

void elf_file_close(struct elf_file *elf)
{
	if (!elf)
		return;
	elf_symbols_release(&elf->symbols);
	dwfl_end(elf->dwfl);
	free(elf->path);
	free(elf);
}

const char *elf_file_path(const struct elf_file *elf)
{
	return elf->path;
}

bool elf_file_is_pie(const struct elf_file *elf)
{
	return elf->header.e_type == ET_DYN;
}

unsigned int elf_file_machine(const struct elf_file *elf)
{
	return elf->header.e_machine;
}

const unsigned char *elf_file_build_id(const struct elf_file *elf, size_t *nr)
{
	*nr = elf->nr_build_id;
	return *nr ? elf->build_id : NULL;
}

Dwfl_Module *elf_file_module(const struct elf_file *elf)
{
	return elf->module;
}

Elf *elf_file_elf(const struct elf_file *elf)
{
	return elf->elf;
}

/* ---- places */

/* The next segment, from @i on, that is loaded to be executed. */
static bool next_text(const struct elf_file *elf, size_t *i, GElf_Phdr *segment)
{
	size_t nr;

	if (elf_getphdrnum(elf->elf, &nr))
		return false;
	while (*i < nr && *i < INT32_MAX) {
		if (!gelf_getphdr(elf->elf, (int)(*i)++, segment))
			return false;
		if (segment->p_type == PT_LOAD && segment->p_flags & PF_X)
			return true;
	}
	return false;
}

int elf_file_offset(const struct elf_file *elf, uint64_t address, uint64_t *offset)
{
	GElf_Phdr segment;

	/* What lies behind p_filesz is zeros in memory and not in the file. */
	for (size_t i = 0; next_text(elf, &i, &segment);)
		if (address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz) {
			*offset = address - segment.p_vaddr + segment.p_offset;
			return 0;
		}
	return -ERANGE;
}

int elf_file_address(const struct elf_file *elf, uint64_t offset, uint64_t *address)
{
	GElf_Phdr segment;

	for (size_t i = 0; next_text(elf, &i, &segment);)
		if (offset >= segment.p_offset && offset - segment.p_offset < segment.p_filesz) {
			*address = offset - segment.p_offset + segment.p_vaddr;
			return 0;
		}
	return -ERANGE;
}

int elf_file_read(const struct elf_file *elf, uint64_t offset, void *bytes, size_t nr)
{
	size_t size;
	const char *file = elf_rawfile(elf->elf, &size);

	if (!file || offset > size || nr > size - offset)
		return -ERANGE;
	memcpy(bytes, file + offset, nr);
	return 0;
}
