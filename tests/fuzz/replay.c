// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * replay.c - a fuzz target without libFuzzer: runs it on files, and on those in archives
 *
 *	fuzz-TARGET FILE|FOLDER|ARCHIVE.tar.zst ...
 *
 * Inputs of a target are much like each other: hundreds of captures of 20 KB are an archive of 80.
 */
#include <dirent.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

#include "fuzz.h"

#define TAR_BLOCK	512
#define TAR_SIZE	124	/* of a member, in octal digits */
#define TAR_TYPE	156

static unsigned char *load(const char *path, size_t *size)
{
	FILE *in = fopen(path, "r");
	unsigned char *data;
	struct stat st;

	if (!in || fstat(fileno(in), &st))
		err(1, "%s", path);
	*size = (size_t)st.st_size;
	/* To its size, so that a read behind its end is seen. */
	data = malloc(*size ? *size : 1);
	if (!data || fread(data, 1, *size, in) != *size)
		err(1, "%s", path);
	fclose(in);
	return data;
}

/* The last line before a crash names the input. */
static unsigned int replay(const char *name, const unsigned char *data, size_t size)
{
	fprintf(stderr, "%s\n", name);
	LLVMFuzzerTestOneInput(data, size);
	return 1;
}

/* Members of a tar file, each a copy of its own size. */
static unsigned int replay_members(const unsigned char *tar, size_t size)
{
	unsigned int nr = 0;

	for (size_t at = 0; at + TAR_BLOCK <= size && tar[at];) {
		const char *head = (const char *)tar + at;
		size_t len = strtoul(head + TAR_SIZE, NULL, 8);
		unsigned char *data = malloc(len ? len : 1);

		at += TAR_BLOCK;
		if (!data || len > size - at)
			errx(1, "%.100s: damaged archive", head);
		memcpy(data, tar + at, len);
		if (head[TAR_TYPE] == '0')
			nr += replay(head, data, len);
		free(data);
		at += (len + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	}
	return nr;
}

static unsigned int replay_archive(const char *path)
{
	size_t packed, size;
	unsigned char *data = load(path, &packed), *tar;
	unsigned long long claimed = ZSTD_getFrameContentSize(data, packed);
	unsigned int nr;

	tar = malloc(claimed);
	size = tar ? ZSTD_decompress(tar, claimed, data, packed) : 0;
	if (!tar || ZSTD_isError(size))
		errx(1, "%s: cannot be unpacked", path);
	nr = replay_members(tar, size);
	free(tar);
	free(data);
	return nr;
}

static unsigned int replay_path(const char *path)
{
	const char *ending = strstr(path, ".tar.zst");
	struct dirent **entry;
	unsigned int nr = 0;
	unsigned char *data;
	size_t size;
	int nr_entry;

	if (ending && !ending[8])
		return replay_archive(path);
	nr_entry = scandir(path, &entry, NULL, alphasort);
	if (nr_entry < 0) {
		data = load(path, &size);
		nr = replay(path, data, size);
		free(data);
		return nr;
	}
	for (int i = 0; i < nr_entry; i++) {
		char inner[4096];

		snprintf(inner, sizeof(inner), "%s/%s", path, entry[i]->d_name);
		if (entry[i]->d_name[0] != '.')
			nr += replay_path(inner);
		free(entry[i]);
	}
	free(entry);
	return nr;
}

int main(int argc, char **argv)
{
	unsigned int nr = 0;

	for (int i = 1; i < argc; i++)
		nr += replay_path(argv[i]);
	if (!nr)
		errx(1, "no inputs");
	printf("%u inputs\n", nr);
	return 0;
}
