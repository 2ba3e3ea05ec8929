// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * output.c - where a recording puts its bytes
 *
 * Everything is written in OUTPUT.part/, a directory of our own (0700, files 0600), and renamed
 * when it is complete: no link in the output's place is ever followed, and an older capture stays
 * until there is a new one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"
#include "tracedat-write.h"

#define CAPTURE_NAME	"trace.dat"

static bool is_capture(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	bool is;

	if (fd < 0)
		return false;
	is = (!fstat(fd, &st) && !st.st_size) || tracedat_is_capture(fd);
	close(fd);
	return is;
}

int output_check(const char *path, bool force)
{
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (S_ISREG(st.st_mode))
		return force || is_capture(path) ? 0 : -EEXIST;
	/* A link may be replaced on request; a device never. */
	return force && S_ISLNK(st.st_mode) ? 0 : -EEXIST;
}

static int open_file(const struct output *output, const char *name)
{
	int fd = openat(output->part_fd, name,
			O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

int output_open(struct output *output, const char *path)
{
	*output = (struct output){ .path = path, .part_fd = -1, .file_fd = -1 };
	if (asprintf(&output->part, "%s.part", path) < 0) {
		output->part = NULL;
		return -ENOMEM;
	}
	if (mkdir(output->part, 0700)) {
		int err = -errno;

		free(output->part);
		output->part = NULL;
		return err;
	}
	output->part_fd = open(output->part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (output->part_fd < 0)
		return -errno;
	output->file_fd = open_file(output, CAPTURE_NAME);
	return output->file_fd < 0 ? output->file_fd : 0;
}

static void cpu_name(char name[32], int cpu, unsigned int index)
{
	snprintf(name, 32, "cpu%d.%u", cpu, index);
}

int output_cpu_file(struct output *output, int cpu, unsigned int index)
{
	char name[32];

	cpu_name(name, cpu, index);
	if (cpu >= output->nr_cpu)
		output->nr_cpu = cpu + 1;
	return open_file(output, name);
}

int output_commit(struct output *output)
{
	if (renameat(output->part_fd, CAPTURE_NAME, AT_FDCWD, output->path))
		return -errno;
	return 0;
}

static void remove_files(struct output *output)
{
	char name[32];

	for (int cpu = 0; cpu < output->nr_cpu; cpu++)
		for (unsigned int index = 0; index < 2; index++) {
			cpu_name(name, cpu, index);
			unlinkat(output->part_fd, name, 0);
		}
	unlinkat(output->part_fd, CAPTURE_NAME, 0);
	rmdir(output->part);
}

void output_release(struct output *output)
{
	if (!output->part)
		return;
	if (!output->keep)
		remove_files(output);
	if (output->file_fd >= 0)
		close(output->file_fd);
	if (output->part_fd >= 0)
		close(output->part_fd);
	free(output->part);
	*output = (struct output){ 0 };
}
