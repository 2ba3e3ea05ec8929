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
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "counting.h"
#include "filesystem.h"
#include "output.h"
#include "part.h"
#include "tracedat-write.h"

#define CAPTURE_NAME	PART_HEAD

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

/* In a directory that others may write to, ours may have been replaced by one of theirs. */
static bool is_ours(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_uid == geteuid() && !(st.st_mode & 077);
}

int output_open(struct output *output, const char *path, bool force)
{
	int err;

	*output = (struct output){ .path = path, .part_fd = -1, .file_fd = -1, .force = force };
	if (asprintf(&output->part, "%s.part", path) < 0) {
		output->part = NULL;
		return -ENOMEM;
	}
	err = mkdir(output->part, 0700) ? -errno : 0;
	/* Nothing is lost with what was killed before it traced. */
	if (err == -EEXIST) {
		err = output_remove_dead(output->part, false);
		if (!err || err == -ENOENT)
			err = mkdir(output->part, 0700) ? -errno : 0;
	}
	if (err) {
		free(output->part);
		output->part = NULL;
		return err;
	}
	output->part_fd = open(output->part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (output->part_fd < 0)
		return -errno;
	if (!is_ours(output->part_fd))
		return -EPERM;
	/* For whoever would recover it; where there are no locks, nobody can be told. */
	(void)flock(output->part_fd, LOCK_EX | LOCK_NB);
	output->file_fd = open_file(output, CAPTURE_NAME);
	return output->file_fd < 0 ? output->file_fd : 0;
}

/* Return: descriptor of the directory, locked; -EBUSY somebody else has the lock; -errno. */
static int lock_part(const char *part)
{
	int fd = open(part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (!flock(fd, LOCK_EX | LOCK_NB) || errno != EWOULDBLOCK)
		return fd;
	close(fd);
	return -EBUSY;
}

/* The directory that the output is in: ours could not be made there. */
static int open_parent(const struct output *output)
{
	const char *slash = strrchr(output->path, '/');
	char parent[512];

	snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - output->path) + 1 : 1,
		 slash ? output->path : ".");
	return open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void output_why(const struct output *output, int err, char *text, size_t size)
{
	int fd = output->part_fd < 0 ? open_parent(output) : output->part_fd;

	if (fd >= 0 && (err == -ENOSPC || err == -EDQUOT || err == -EFBIG || err == -EROFS))
		filesystem_why(fd, err, text, size);
	else
		snprintf(text, size, "%s", err == -EEXIST ? "it exists and is not a capture" :
			 strerror(-err));
	if (fd >= 0 && fd != output->part_fd)
		close(fd);
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

/*
 * What is there now need not be what was there before the recording.  Where nothing is, the kernel
 * sees to it that nothing comes in between; NFS and others know no such rename.
 */
static int move_into_place(const struct output *output)
{
	int err = output_check(output->path, output->force);

	if (err)
		return err;
	if (!output->force && faccessat(AT_FDCWD, output->path, F_OK, AT_SYMLINK_NOFOLLOW)) {
		if (!renameat2(output->part_fd, CAPTURE_NAME, AT_FDCWD, output->path,
			       RENAME_NOREPLACE))
			return 0;
		if (errno != EINVAL && errno != ENOSYS)
			return -errno;
	}
	return renameat(output->part_fd, CAPTURE_NAME, AT_FDCWD, output->path) ? -errno : 0;
}

int output_commit(struct output *output)
{
	/* What was written late, as on NFS, fails here and not after the parts are gone. */
	if (fsync(output->file_fd))
		return -errno;
	return move_into_place(output);
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
	unlinkat(output->part_fd, PART_MOVING, 0);
	unlinkat(output->part_fd, PART_COUNTERS, 0);
	unlinkat(output->part_fd, PART_ABOUT, 0);
	rmdir(output->part);
}

/* Pages without what describes them: no recording of ours leaves that, an older version did. */
static bool holds_pages(const struct output *output)
{
	struct stat st;
	char name[32];

	for (int cpu = 0; cpu < output->nr_cpu; cpu++)
		for (unsigned int i = 0; i < 2; i++) {
			cpu_name(name, cpu, i);
			if (!fstatat(output->part_fd, name, &st, AT_SYMLINK_NOFOLLOW) && st.st_size)
				return true;
		}
	return false;
}

int output_remove_dead(const char *part, bool dry_run)
{
	struct output output = {
		.part_fd = lock_part(part), .file_fd = -1,
		.nr_cpu = sysconf(_SC_NPROCESSORS_CONF),
	};
	int err = 0;

	if (output.part_fd < 0)
		return output.part_fd;
	output.part = strdup(part);
	if (!output.part) {
		close(output.part_fd);
		return -ENOMEM;
	}
	if (faccessat(output.part_fd, PART_ABOUT, F_OK, 0))
		err = holds_pages(&output) ? -EEXIST : 0;
	else if (!faccessat(output.part_fd, PART_HEAD, F_OK, 0))
		err = -EEXIST;
	output.keep = err || dry_run;
	output_release(&output);
	return err;
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
