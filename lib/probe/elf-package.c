// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * elf-package.c - a file without debug information -> the package that has it
 *
 * Debian's packages list their files in /var/lib/dpkg/info/PACKAGE.list; the debug information is
 * in PACKAGE-dbgsym, that of the C library in libc6-dbg.  Only read when something is missing.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf-private.h"

#define LISTS	"/var/lib/dpkg/info"

/* Is there a line @path in the file?  Packages from before /usr was merged list it without /usr. */
static bool lists(const char *list, const char *path)
{
	const char *short_path = strncmp(path, "/usr/", 5) ? NULL : path + 4;
	FILE *file = fopen(list, "re");
	char line[4096];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		found = !strcmp(line, path) || (short_path && !strcmp(line, short_path));
	}
	if (file)
		fclose(file);
	return found;
}

/* Of "libc6:amd64.list", of "zsh.list". */
static size_t name_length(const char *file, const char *end)
{
	const char *colon = strchr(file, ':');

	return (size_t)((colon ? colon : end) - file);
}

static bool find_package(const char *path, char *package, size_t size)
{
	DIR *dir = opendir(LISTS);
	struct dirent *entry;
	bool found = false;
	char list[512];

	while (dir && !found && (entry = readdir(dir))) {
		const char *end = strrchr(entry->d_name, '.');

		if (!end || strcmp(end, ".list") ||
		    snprintf(list, sizeof(list), LISTS "/%s", entry->d_name) >= (int)sizeof(list))
			continue;
		found = lists(list, path);
		if (found)
			snprintf(package, size, "%.*s", (int)name_length(entry->d_name, end),
				 entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

static void print_id(const struct elf_file *elf, char *text, size_t size)
{
	size_t nr, used = 0;
	const unsigned char *id = elf_file_build_id(elf, &nr);

	*text = '\0';
	for (size_t i = 0; i < nr && used + 3 < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%02x", id[i]);
}

void elf_package_hint(const struct elf_file *elf, char *hint, size_t size)
{
	char package[128], id[64];
	char *real = realpath(elf->path, NULL);

	print_id(elf, id, sizeof(id));
	if (real && find_package(real, package, sizeof(package)))
		snprintf(hint, size, "its debug information is in the package %s%s", package,
			 strcmp(package, "libc6") ? "-dbgsym" : "-dbg");
	else if (*id)
		snprintf(hint, size, "its debug information has the build-id %s: "
			 "debuginfod-find debuginfo %s", id, id);
	else
		snprintf(hint, size, "build it with -g");
	free(real);
}
