// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * owner.c - inode of a socket -> the process that has it open
 *
 * Only /proc/PID/fd tells: one look goes over the descriptors of all processes, for all sockets
 * that were asked about since the last one.  Answers are kept, those of the last 512 sockets.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "skbtrail.h"

#define MAX_SOCKET	512
#define NR_SLOT		(2 * MAX_SOCKET)

enum owner_state { OWNER_WANTED, OWNER_FOUND, OWNER_NONE };

struct socket_owner {
	uint64_t inode;		/* 0 = free */
	struct trail_owner owner;
	enum owner_state state;
};

struct trail_owners {
	struct socket_owner slot[NR_SLOT];
	size_t nr;
	size_t nr_wanted;
};

int trail_owners_new(struct trail_owners **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : -ENOMEM;
}

void trail_owners_free(struct trail_owners *owners)
{
	free(owners);
}

/* The slot that has @inode, or the free one that is its place. */
static struct socket_owner *find(struct trail_owners *owners, uint64_t inode)
{
	size_t i = (inode * 0x9e3779b97f4a7c15ull >> 32) % NR_SLOT;

	while (owners->slot[i].inode && owners->slot[i].inode != inode)
		i = (i + 1) % NR_SLOT;
	return &owners->slot[i];
}

void trail_owners_want(struct trail_owners *owners, uint64_t inode)
{
	struct socket_owner *slot;

	if (!inode)
		return;
	slot = find(owners, inode);
	if (slot->inode)
		return;
	if (owners->nr == MAX_SOCKET) {
		memset(owners, 0, sizeof(*owners));
		slot = find(owners, inode);
	}
	*slot = (struct socket_owner){ .inode = inode, .state = OWNER_WANTED };
	owners->nr++;
	owners->nr_wanted++;
}

const struct trail_owner *trail_owners_find(struct trail_owners *owners, uint64_t inode)
{
	struct socket_owner *slot = inode ? find(owners, inode) : NULL;

	return slot && slot->inode && slot->state == OWNER_FOUND ? &slot->owner : NULL;
}

static void read_comm(int proc_fd, const char *pid, char *comm, size_t size)
{
	char path[300];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/comm", pid);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, comm, size - 1);
	if (fd >= 0)
		close(fd);
	comm[n > 0 ? n : 0] = '\0';
	comm[strcspn(comm, "\n")] = '\0';
}

/* Is the descriptor @name a socket that is wanted?  Then it belongs to @pid. */
static void look_at(struct trail_owners *owners, int fd_dir, const char *name,
		    const char *pid, int proc_fd)
{
	struct socket_owner *slot;
	char target[64];
	uint64_t inode;
	ssize_t n = readlinkat(fd_dir, name, target, sizeof(target) - 1);

	if (n <= 0)
		return;
	target[n] = '\0';
	if (sscanf(target, "socket:[%" SCNu64 "]", &inode) != 1 || !inode)
		return;
	slot = find(owners, inode);
	if (!slot->inode || slot->state != OWNER_WANTED)
		return;
	slot->owner.pid = (int32_t)strtol(pid, NULL, 10);
	read_comm(proc_fd, pid, slot->owner.comm, sizeof(slot->owner.comm));
	slot->state = OWNER_FOUND;
	owners->nr_wanted--;
}

/* A process that ends meanwhile has no sockets. */
static void look_into(struct trail_owners *owners, int proc_fd, const char *pid)
{
	struct dirent *entry;
	char path[300];
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "%s/fd", pid);
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (owners->nr_wanted && (entry = readdir(dir)) != NULL)
		if (*entry->d_name != '.')
			look_at(owners, fd, entry->d_name, pid, proc_fd);
	closedir(dir);
}

int trail_owners_look(struct trail_owners *owners)
{
	struct dirent *entry;
	DIR *dir;

	if (!owners->nr_wanted)
		return 0;
	dir = opendir("/proc");
	if (!dir)
		return -errno;
	while (owners->nr_wanted && (entry = readdir(dir)) != NULL)
		if (*entry->d_name >= '1' && *entry->d_name <= '9')
			look_into(owners, dirfd(dir), entry->d_name);
	closedir(dir);
	for (size_t i = 0; owners->nr_wanted && i < NR_SLOT; i++)
		if (owners->slot[i].inode && owners->slot[i].state == OWNER_WANTED) {
			owners->slot[i].state = OWNER_NONE;
			owners->nr_wanted--;
		}
	return 1;
}
