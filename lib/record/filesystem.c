// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * filesystem.c - an error of a write -> which file system, and what about it
 *
 * "No space left on device" does not say which device: mountinfo does, by the number of the mount
 * that statx() tells of the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "blob.h"
#include "filesystem.h"

/* "36 35 98:0 /root /mnt options ... - ext4 source ...": proc(5). */
static int parse_mount(const char *line, uint64_t wanted, char *text, size_t size)
{
	const char *rest = strstr(line, " - ");
	char place[512], type[64];
	unsigned long long id;

	if (!rest || sscanf(line, "%llu %*s %*s %*s %511s", &id, place) != 2 || id != wanted)
		return -ENOENT;
	if (sscanf(rest, " - %63s", type) != 1)
		return -EINVAL;
	snprintf(text, size, "%s (%s)", place, type);
	return 0;
}

void filesystem_name(int fd, char *text, size_t size)
{
	struct blob mounts = { 0 };
	struct statx st;
	char *at, *end;

	*text = '\0';
	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) || !(st.stx_mask & STATX_MNT_ID))
		return;
	if (!blob_add_file(&mounts, "/proc/self/mountinfo"))
		for (at = mounts.data; at && *at; at = end) {
			end = strchr(at, '\n');
			if (end)
				*end++ = '\0';
			if (!parse_mount(at, st.stx_mnt_id, text, size))
				break;
		}
	blob_release(&mounts);
}

void filesystem_why(int fd, int err, char *text, size_t size)
{
	char name[600];

	filesystem_name(fd, name, sizeof(name));
	if (err == -EFBIG && filesystem_max_file() != UINT64_MAX)
		snprintf(text, size, "the limit of file sizes is reached (ulimit -f)");
	else if (!*name)
		snprintf(text, size, "%s", strerror(-err));
	else if (err == -ENOSPC)
		snprintf(text, size, "the file system at %s is full", name);
	else if (err == -EDQUOT)
		snprintf(text, size, "the quota at %s is used up", name);
	else if (err == -EROFS)
		snprintf(text, size, "the file system at %s is read-only", name);
	else
		snprintf(text, size, "%s: %s", name, strerror(-err));
}

uint64_t filesystem_max_file(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return UINT64_MAX;
	return limit.rlim_cur;
}

uint64_t filesystem_free(int fd)
{
	struct statvfs st;

	/* No blocks at all: a file system that does not count, or a tmpfs without a bound. */
	if (fstatvfs(fd, &st) || !st.f_blocks)
		return UINT64_MAX;
	return (uint64_t)st.f_bavail * st.f_frsize;
}
