// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * privileges.c - root -> a process that can only go on with its recording
 *
 * The files of tracefs belong to root: its number is enough to write to them and to remove the
 * instance.  What is left to do needs a capability only where the output lies in a directory of
 * somebody else (as the file is renamed at the end), and where the command became another user.
 */
#include <cap-ng.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "privileges.h"

/* The ring buffer, two files, both ends of a pipe. */
#define FILES_OF_CPU	5
#define OTHER_FILES	64

static void raise_files(void)
{
	rlim_t needed = (rlim_t)sysconf(_SC_NPROCESSORS_CONF) * FILES_OF_CPU + OTHER_FILES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= needed)
		return;
	limit.rlim_cur = needed;
	if (limit.rlim_max < needed)
		limit.rlim_max = needed;
	/* If it is refused, opening the files says so. */
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static bool is_in_own_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	struct stat st;

	snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		 slash ? path : ".");
	return !stat(parent, &st) && st.st_uid == geteuid() && (st.st_mode & S_IWUSR);
}

/* After the sets were emptied; one that we did not have cannot be kept. */
static void keep(bool had, unsigned int capability)
{
	if (had)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, capability);
}

static int apply(void)
{
	if (capng_apply(CAPNG_SELECT_CAPS))
		return -EPERM;
	/* Nothing is executed any more; were it, it would gain nothing. */
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

int privileges_drop(const char *output, bool has_command, bool restores)
{
	bool is_own = !output || is_in_own_directory(output), kill, override, owner;

	raise_files();
	if (capng_get_caps_process())
		return -EPERM;
	kill = has_command && capng_have_capability(CAPNG_PERMITTED, CAP_KILL);
	/* Another user than root has his access to tracefs by this, unless he was given files. */
	override = (!is_own || restores || geteuid()) &&
		   capng_have_capability(CAPNG_PERMITTED, CAP_DAC_OVERRIDE);
	owner = !is_own && capng_have_capability(CAPNG_PERMITTED, CAP_FOWNER);
	capng_clear(CAPNG_SELECT_CAPS);
	keep(kill, CAP_KILL);
	keep(override, CAP_DAC_OVERRIDE);
	keep(owner, CAP_FOWNER);
	return apply();
}

/* fs/proc/fd.c: the directory is its owner's, and its links are for those who may trace him. */
int privileges_drop_but_sockets(const char *output)
{
	bool is_own = !output || is_in_own_directory(output), trace, search, override, owner;

	raise_files();
	if (capng_get_caps_process())
		return -EPERM;
	trace = capng_have_capability(CAPNG_PERMITTED, CAP_SYS_PTRACE);
	search = capng_have_capability(CAPNG_PERMITTED, CAP_DAC_READ_SEARCH);
	override = (!is_own || geteuid()) &&
		   capng_have_capability(CAPNG_PERMITTED, CAP_DAC_OVERRIDE);
	owner = !is_own && capng_have_capability(CAPNG_PERMITTED, CAP_FOWNER);
	capng_clear(CAPNG_SELECT_CAPS);
	keep(trace, CAP_SYS_PTRACE);
	keep(search, CAP_DAC_READ_SEARCH);
	keep(override, CAP_DAC_OVERRIDE);
	keep(owner, CAP_FOWNER);
	return apply();
}
