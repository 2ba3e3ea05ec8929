// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * elf-search.c - "libc", "libssl", "nginx" -> the path of a library or program
 *
 * The linker's cache is read as it is: to ask the linker itself would run the library's own code.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf-private.h"

#define CACHE_PATH	"/etc/ld.so.cache"
#define MAX_CACHE	(64 << 20)

#if defined(__aarch64__)
#define TRIPLET		"aarch64-linux-gnu"
#define CACHE_FLAGS	0x0a03	/* libc6,AArch64 */
#else
#define TRIPLET		"x86_64-linux-gnu"
#define CACHE_FLAGS	0x0303	/* libc6,x86-64 */
#endif

static const char *const library_dir[] = {
	"/lib/" TRIPLET, "/usr/lib/" TRIPLET, "/lib64", "/usr/lib64", "/lib", "/usr/lib",
	"/usr/local/lib/" TRIPLET, "/usr/local/lib64", "/usr/local/lib", NULL
};

static const char *const program_dir[] = {
	"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", NULL
};

bool elf_is_library(const char *file, const char *name)
{
	size_t length = strlen(name);
	const char *rest = file + length;

	if (strncmp(file, name, length))
		return false;
	if (!*rest)
		return true;
	/* "libc-2.31.so" of older C libraries. */
	if (*rest == '-') {
		rest++;
		rest += strspn(rest, "0123456789.");
		return !strcmp(rest, "so") && rest[-1] == '.' && rest - file > (long)length + 2;
	}
	return !strncmp(rest, ".so", 3) && (!rest[3] || rest[3] == '.');
}

static int take(const char *found, char *path, size_t size)
{
	return snprintf(path, size, "%s", found) < (int)size ? 0 : -ENAMETOOLONG;
}

/* ---- the linker's cache */

/* glibc, sysdeps/generic/dl-cache.h: struct cache_file_new, struct file_entry_new. */
struct cache_head {
	char magic[20];
	uint32_t nr;
	uint32_t strings_bytes;
	uint32_t unused[5];
};

struct cache_entry {
	int32_t flags;
	uint32_t key;
	uint32_t value;
	uint32_t os_version;
	uint64_t hwcap;
};

/* The string at @offset of the file; NULL: it does not end in it. */
static const char *cache_string(const char *data, size_t size, uint32_t offset)
{
	return offset < size && memchr(data + offset, '\0', size - offset) ? data + offset : NULL;
}

static int search_cache_text(const char *data, size_t size, const char *name, const char **found)
{
	static const char magic[] = "glibc-ld.so.cache1.1";
	struct cache_head head;
	struct cache_entry entry;

	if (size < sizeof(head))
		return -ENOENT;
	memcpy(&head, data, sizeof(head));
	if (memcmp(head.magic, magic, sizeof(head.magic)) ||
	    head.nr > (size - sizeof(head)) / sizeof(entry))
		return -ENOENT;
	for (uint32_t i = 0; i < head.nr; i++) {
		const char *key, *value;

		memcpy(&entry, data + sizeof(head) + i * sizeof(entry), sizeof(entry));
		key = cache_string(data, size, entry.key);
		value = cache_string(data, size, entry.value);
		/* Of a library in several builds the one for every processor. */
		if (key && value && entry.flags == CACHE_FLAGS && !entry.hwcap &&
		    elf_is_library(key, name) && !access(value, F_OK)) {
			*found = value;
			return 0;
		}
	}
	return -ENOENT;
}

static char *read_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *data = NULL;
	ssize_t n = -1;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size <= MAX_CACHE)
		data = malloc((size_t)st.st_size);
	if (data)
		n = pread(fd, data, (size_t)st.st_size, 0);
	close(fd);
	if (n < 0) {
		free(data);
		return NULL;
	}
	*size = (size_t)n;
	return data;
}

static int search_cache(const char *name, char *path, size_t size)
{
	const char *found;
	size_t nr;
	char *data = read_file(CACHE_PATH, &nr);
	int err;

	if (!data)
		return -ENOENT;
	err = search_cache_text(data, nr, name, &found);
	if (!err)
		err = take(found, path, size);
	free(data);
	return err;
}

/* ---- directories */

static bool is_program(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

static int search_libraries(const char *dir, const char *name, char *path, size_t size)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;
	int err = -ENOENT;

	if (!stream)
		return err;
	while (err && (entry = readdir(stream))) {
		if (!elf_is_library(entry->d_name, name))
			continue;
		if (snprintf(path, size, "%s/%s", dir, entry->d_name) < (int)size &&
		    is_program(path))
			err = 0;
	}
	closedir(stream);
	return err;
}

static int search_program(const char *name, char *path, size_t size)
{
	for (const char *const *dir = program_dir; *dir; dir++)
		if (snprintf(path, size, "%s/%s", *dir, name) < (int)size && is_program(path))
			return 0;
	return -ENOENT;
}

int elf_search(const char *name, char *path, size_t size, struct trail_error *error)
{
	int err = -ENOENT;

	if (strchr(name, '/'))
		return take(name, path, size);
	err = search_cache(name, path, size);
	for (const char *const *dir = library_dir; err && *dir; dir++)
		err = search_libraries(*dir, name, path, size);
	if (err)
		err = search_program(name, path, size);
	if (!err)
		return 0;
	/* All else that a name before a colon may be has been tried by now. */
	elf_fail(error, -ENOENT, "no event system, loaded module, program or library '%s'", name);
	elf_hint(error, "load the module, or give the path of the program: /path/to/%s", name);
	return -ENOENT;
}
