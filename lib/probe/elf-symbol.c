// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * elf-symbol.c - the name of a function -> where it is, or why it cannot be probed
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf-private.h"
#include "near.h"

#define MAX_NAMED	4	/* of functions in a hint */

int elf_file_each(struct elf_file *elf,
		  int (*visit)(void *data, const struct elf_symbol *symbol), void *data)
{
	int err = elf_symbols_read(elf);

	for (size_t i = 0; !err && i < elf->symbols.nr; i++)
		err = visit(data, &elf->symbols.item[i]);
	return err;
}

int elf_file_function_at(struct elf_file *elf, uint64_t address, struct elf_symbol *symbol)
{
	int err = elf_symbols_read(elf);
	bool found = false;

	for (size_t i = 0; !err && i < elf->symbols.nr; i++) {
		const struct elf_symbol *item = &elf->symbols.item[i];

		if (address < item->address || address - item->address >= item->size_bytes)
			continue;
		if (!found || (symbol->is_local && !item->is_local))
			*symbol = *item;
		found = true;
	}
	return err ? err : found ? 0 : -ENOENT;
}

/* ---- by name */

/* What was asked for: @length bytes of @name, and the version behind them. */
struct wanted {
	const char *name;
	size_t length;
	const char *version;
};

static struct wanted parse(const char *name)
{
	const char *at = strchr(name, '@');
	struct wanted wanted = { name, at ? (size_t)(at - name) : strlen(name), "" };

	if (at)
		wanted.version = at + 1 + (at[1] == '@');
	return wanted;
}

/* The first symbol whose name is not less than the one wanted. */
static size_t first_of(const struct elf_symbols *symbols, const struct wanted *wanted)
{
	size_t low = 0, high = symbols->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strncmp(symbols->item[middle].name, wanted->name, wanted->length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_name(const struct elf_symbol *symbol, const struct wanted *wanted)
{
	return !strncmp(symbol->name, wanted->name, wanted->length) &&
	       !symbol->name[wanted->length];
}

/* The better the more a program that is linked now would mean it. */
static int rank(const struct elf_symbol *symbol)
{
	return (symbol->is_default ? 2 : 0) + (symbol->is_local ? 0 : 1);
}

static bool is_version(const struct elf_symbol *symbol, const struct wanted *wanted)
{
	return !*wanted->version || !strcmp(symbol->version, wanted->version);
}

/* Appends "%s%s" to the hint. */
static void add(struct trail_error *error, const char *before, const char *text)
{
	size_t used = strlen(error->hint);

	snprintf(error->hint + used, sizeof(error->hint) - used, "%s%s", before, text);
}

static int several(const struct elf_file *elf, const struct wanted *wanted, int best,
		   struct trail_error *error)
{
	const struct elf_symbols *symbols = &elf->symbols;
	int nr = 0;

	elf_hint(error, "one of them is");
	for (size_t i = first_of(symbols, wanted); i < symbols->nr; i++) {
		const struct elf_symbol *item = &symbols->item[i];
		uint64_t offset;
		char text[64];

		if (strncmp(item->name, wanted->name, wanted->length))
			break;
		if (!is_name(item, wanted) || !is_version(item, wanted) || rank(item) != best ||
		    elf_file_offset(elf, item->address, &offset))
			continue;
		snprintf(text, sizeof(text), "0x%llx", (unsigned long long)offset);
		if (nr++ < MAX_NAMED) {
			add(error, nr == 1 ? " " : ", ", elf->path);
			add(error, ":", text);
		}
	}
	snprintf(error->text, sizeof(error->text), "%s has %d functions '%.*s'", elf->path, nr,
		 (int)wanted->length, wanted->name);
	return -ENOTUNIQ;
}

/* "foo.isra.0": what the compiler made of foo. */
static bool add_variants(const struct elf_file *elf, const struct wanted *wanted,
			 struct trail_error *error)
{
	const struct elf_symbols *symbols = &elf->symbols;
	int nr = 0;

	for (size_t i = first_of(symbols, wanted); i < symbols->nr && nr < MAX_NAMED; i++) {
		const char *name = symbols->item[i].name;

		if (strncmp(name, wanted->name, wanted->length))
			break;
		if (name[wanted->length] != '.' || strstr(name, ".cold"))
			continue;
		add(error, nr++ ? ", " : "the compiler made other functions of it: ", name);
	}
	return nr;
}

/* The versions that there are of it. */
static bool add_versions(const struct elf_file *elf, const struct wanted *wanted,
			 struct trail_error *error)
{
	const struct elf_symbols *symbols = &elf->symbols;
	int nr = 0;

	for (size_t i = first_of(symbols, wanted); i < symbols->nr; i++) {
		if (!is_name(&symbols->item[i], wanted))
			break;
		if (*symbols->item[i].version)
			add(error, nr++ ? ", " : "its versions are ", symbols->item[i].version);
	}
	return nr;
}

/* Names of a library without what follows the first dot: "libc" of "libc.so.6". */
static void say_import(const struct elf_import *import, const char *name,
		       struct trail_error *error)
{
	if (import->library)
		elf_hint(error, "it is in %s: probe %.*s:%s", import->library,
			 (int)strcspn(import->library, "."), import->library, name);
	else
		elf_hint(error, "it is in one of its libraries: probe it there");
}

static bool has_local(const struct elf_file *elf)
{
	for (size_t i = 0; i < elf->symbols.nr; i++)
		if (elf->symbols.item[i].is_local)
			return true;
	return false;
}

static bool add_near(const struct elf_file *elf, const char *name, struct trail_error *error)
{
	struct near_names near = { .wanted = name, .length = strlen(name) };
	char text[200];

	for (size_t i = 0; i < elf->symbols.nr; i++)
		near_add(&near, elf->symbols.item[i].name);
	if (near_text(&near, text, sizeof(text)))
		elf_hint(error, "it has %s", text);
	return near.nr;
}

static int missing(const struct elf_file *elf, const struct wanted *wanted, const char *name,
		   struct trail_error *error)
{
	struct elf_import import = elf_find_import(elf, name);

	elf_fail(error, -ENOENT, "%s has no function '%s'", elf->path, name);
	if (import.is_found) {
		elf_fail(error, -ENOENT, "%s calls '%s', but does not have it", elf->path, name);
		say_import(&import, name, error);
	} else if (*wanted->version && add_versions(elf, wanted, error)) {
		snprintf(error->text, sizeof(error->text), "%s has no '%s' of version '%s'",
			 elf->path, name, wanted->version);
	} else if (!add_variants(elf, wanted, error) && !add_near(elf, name, error) &&
		   !has_local(elf)) {
		elf_package_hint(elf, error->hint, sizeof(error->hint));
	}
	return -ENOENT;
}

/*
 * A resolver (STT_GNU_IFUNC) runs once, when the program starts, and not when the function is
 * called.  What it chooses from goes by "__memcpy_avx_unaligned" and the like.
 */
static int refuse_resolver(const struct elf_file *elf, const char *name, struct trail_error *error)
{
	char prefix[128];
	size_t length;
	int nr = 0;

	elf_fail(error, -ENOTSUP,
		 "which '%s' of %s is used is chosen when a program starts (IFUNC)", name,
		 elf->path);
	length = (size_t)snprintf(prefix, sizeof(prefix), "__%s_", name);
	for (size_t i = 0; length < sizeof(prefix) && i < elf->symbols.nr && nr < MAX_NAMED; i++) {
		const char *its = elf->symbols.item[i].name;

		if (strncmp(its, prefix, length) || strstr(its, "_chk") || strstr(its, "ifunc"))
			continue;
		add(error, nr++ ? ", " : "probe the one that this processor takes: ", its);
	}
	if (!nr && !has_local(elf))
		elf_package_hint(elf, error->hint, sizeof(error->hint));
	return -ENOTSUP;
}

static int choose(const struct elf_file *elf, const struct wanted *wanted, const char *name,
		  struct elf_symbol *symbol, struct trail_error *error)
{
	const struct elf_symbols *symbols = &elf->symbols;
	int best = -1, nr = 0;

	for (size_t i = first_of(symbols, wanted); i < symbols->nr; i++) {
		const struct elf_symbol *item = &symbols->item[i];

		if (strncmp(item->name, wanted->name, wanted->length))
			break;
		if (!is_name(item, wanted) || !is_version(item, wanted) || rank(item) < best)
			continue;
		nr = rank(item) > best ? 1 : nr + 1;
		best = rank(item);
		*symbol = *item;
	}
	if (!nr)
		return missing(elf, wanted, name, error);
	if (nr > 1)
		return several(elf, wanted, best, error);
	return symbol->is_ifunc ? refuse_resolver(elf, name, error) : 0;
}

int elf_file_find(struct elf_file *elf, const char *name, struct elf_symbol *symbol,
		  struct trail_error *error)
{
	struct wanted wanted = parse(name);
	int err = elf_symbols_read(elf);
	char *bare;

	if (err)
		return err;
	bare = strndup(wanted.name, wanted.length);
	if (!bare)
		return -ENOMEM;
	err = choose(elf, &wanted, bare, symbol, error);
	free(bare);
	return err;
}
