// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * journal-undo.c - a change -> undone
 *
 * A journal says what is to be written where, and root replays it.  So whatever it says, what is
 * written to is tracefs, or one of the sysctls that belong to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"

#define REMOVE_TRIES	20
#define PATH_SIZE	4096
#define GROUP		"-:skbtrail_"
#define SYNTHETIC	"-:synthetic/skbtrail_"

static const char *const sysctl = "/proc/sys/kernel/ftrace_enabled";

int write_lines(const char *path, const char *value, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags), err = 0;

	if (fd < 0)
		return -errno;
	while (!err && *value) {
		size_t length = strcspn(value, "\n");

		/* A newline ends the last word; some parsers need it to take the word at all. */
		if (dprintf(fd, "%.*s\n", (int)length, value) < 0)
			err = -errno;
		value += length;
		value += *value == '\n';
	}
	/* Some files report what they refuse only here. */
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/* Return: 0; -EPERM for what is not of tracefs; another -errno. */
static int check_tracefs(const char *path)
{
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), err = 0;
	struct statfs fs;

	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs))
		err = -errno;
	else if (fs.f_type != TRACEFS_MAGIC)
		err = -EPERM;
	close(fd);
	return err;
}

static int write_back(const struct change *change, int flags)
{
	int err = strcmp(change->path, sysctl) ? check_tracefs(change->path) : 0;

	return err ? err : write_lines(change->path, change->old, flags);
}

/* ".../instances/NAME" of tracefs. */
static int check_instance(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *const parent = "/instances";
	size_t length = slash ? slash - path : 0;
	char *folder;
	int err;

	if (length < strlen(parent) || !slash[1] || slash[1] == '.' ||
	    memcmp(path + length - strlen(parent), parent, strlen(parent)))
		return -EPERM;
	folder = strndup(path, length);
	if (!folder)
		return -ENOMEM;
	err = check_tracefs(folder);
	free(folder);
	return err;
}

/*
 * The kernel refuses while anybody has a file of the instance open: wait a little for a look from
 * outside to end; failing that, at least nothing is traced any more.
 */
static int remove_instance(const char *path)
{
	const struct timespec step = { 0, 50000000 };
	int err = check_instance(path);
	char *enable;

	for (int i = 0; !err || (err == -EBUSY && i < REMOVE_TRIES); i++) {
		if (i)
			nanosleep(&step, NULL);
		err = rmdir(path) ? -errno : 0;
		if (!err)
			return 0;
	}
	if (err == -EBUSY && asprintf(&enable, "%s/events/enable", path) >= 0) {
		write_lines(enable, "0", 0);
		free(enable);
	}
	return err;
}

/* One line more for a list. */
static bool may_append(const struct change *change, const char *name)
{
	if (change->kind == CHANGE_TRIGGER)
		return *change->old == '!' && !strcmp(name, "/trigger");
	return !strcmp(name, "/dynamic_events") &&
	       (!strncmp(change->old, GROUP, strlen(GROUP)) ||
		!strncmp(change->old, SYNTHETIC, strlen(SYNTHETIC)));
}

static int undo(const struct change *change)
{
	const char *name = strrchr(change->path, '/');
	bool is_list;

	if (!name || *change->path != '/')
		return -EPERM;
	is_list = !strncmp(name + 1, "set_", 4);
	if (change->kind == CHANGE_INSTANCE)
		return remove_instance(change->path);
	if (change->kind == CHANGE_FILE)
		return write_back(change, is_list ? O_TRUNC : 0);
	if (strchr(change->old, '\n') || !may_append(change, name))
		return -EPERM;
	return write_back(change, O_APPEND);
}

/* ---- what is not there */

int change_look(const struct change *change, char *where, size_t size)
{
	uint32_t magic = strcmp(change->path, sysctl) ? TRACEFS_MAGIC : PROC_SUPER_MAGIC;
	struct stat st;
	struct statfs fs;
	char *slash;
	int err;

	snprintf(where, size, "%s", change->path);
	/* What is there, and what is no path, are undo()'s. */
	if (*where != '/' || !lstat(where, &st))
		return 0;
	do {
		slash = strrchr(where, '/');
		slash[slash == where] = '\0';
		err = statfs(where, &fs) ? -errno : 0;
	} while ((err == -ENOENT || err == -ENOTDIR) && slash != where);
	if (err)
		return err;
	return (uint32_t)fs.f_type == magic ? 0 : -ENOENT;
}

int change_undo(const struct change *change)
{
	char where[PATH_SIZE];
	int err = undo(change);

	/* Removed by somebody else: that is what was wanted, if it would be seen here at all. */
	return err == -ENOENT ? change_look(change, where, sizeof(where)) : err;
}
