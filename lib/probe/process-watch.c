// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * process-watch.c - a probed program -> was it replaced, deleted, changed; has the process ended?
 *
 * The kernel keeps the probe on the file (the inode) for which it was made.  Who replaces a
 * program, as packages do, makes another file: processes that are started then are not probed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "process.h"
#include "process-private.h"

int process_watch_begin(struct process_watch *watch, const char *path,
			const struct process *process)
{
	struct stat st;

	*watch = (struct process_watch){ 0 };
	if (snprintf(watch->path, sizeof(watch->path), "%s", path) >= (int)sizeof(watch->path))
		return -ENAMETOOLONG;
	if (process) {
		watch->pid = process->pid;
		watch->start_time = process->start_time;
	}
	if (stat(path, &st))
		return -errno;
	watch->device = st.st_dev;
	watch->inode = st.st_ino;
	watch->size_bytes = st.st_size;
	watch->changed = st.st_mtim;
	return 0;
}

static bool look_at_file(const struct process_watch *watch, char *text, size_t size)
{
	struct stat st;

	if (stat(watch->path, &st)) {
		if (errno != ENOENT)
			return false;
		snprintf(text, size, "%s was deleted: processes that run it are still probed, but "
			 "none that is started now", watch->path);
		return true;
	}
	if (st.st_dev != watch->device || st.st_ino != watch->inode) {
		snprintf(text, size, "%s was replaced: processes that are started now run a file "
			 "that is not probed", watch->path);
		return true;
	}
	if (st.st_size == watch->size_bytes && st.st_mtim.tv_sec == watch->changed.tv_sec &&
	    st.st_mtim.tv_nsec == watch->changed.tv_nsec)
		return false;
	snprintf(text, size, "%s was changed while it was probed: values may be wrong",
		 watch->path);
	return true;
}

/* Of "/proc/PID/root/...", which goes with the process. */
static bool is_gone_with_process(const struct process_watch *watch)
{
	return !strncmp(watch->path, "/proc/", 6) &&
	       !process_is_alive(watch->pid, watch->start_time);
}

enum process_news process_watch_look(struct process_watch *watch, char *text, size_t size)
{
	enum process_news news = PROCESS_NO_NEWS;

	if (watch->pid && !(watch->told & PROCESS_ENDED) &&
	    !process_is_alive(watch->pid, watch->start_time)) {
		snprintf(text, size, "process %d, which was probed, has ended", watch->pid);
		news = PROCESS_ENDED;
	} else if (!(watch->told & PROCESS_FILE) && look_at_file(watch, text, size) &&
		   !is_gone_with_process(watch)) {
		news = PROCESS_FILE;
	}
	watch->told |= news;
	return news;
}
