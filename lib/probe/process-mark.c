// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * process-mark.c - a process -> what tells its hits from those of others
 *
 * A uprobe belongs to a file: every process that executes that place hits it.  An event tells the
 * thread (common_pid), not the process, and the address that was hit.  Where the loader puts a
 * library is random, so the address tells the process with all its threads, also those that it
 * starts later.  Only where it does not (no randomization, or a fork of another process that has
 * executed nothing else since), its threads are listed.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#include "process.h"
#include "process-private.h"

/* kernel/trace/trace_events.c: event_filter_write() takes less than a page. */
#define FILTER_BYTES	3800

static bool read_line(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	bool ok = file && fgets(text, (int)size, file);

	if (file)
		fclose(file);
	return ok;
}

/* Does the kernel choose at random where this process' files lie? */
static bool is_random(int pid)
{
	char path[64], text[32];

	if (!read_line("/proc/sys/kernel/randomize_va_space", text, sizeof(text)) || *text == '0')
		return false;
	snprintf(path, sizeof(path), "/proc/%d/personality", pid);
	return read_line(path, text, sizeof(text)) &&
	       !(strtoul(text, NULL, 16) & ADDR_NO_RANDOMIZE);
}

/* Has another process something to execute at the same address? */
static bool has_twin(const struct process *process, const struct process_map *map)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	while (proc && !found && (entry = readdir(proc))) {
		int pid = atoi(entry->d_name);
		struct trail_error ignored;
		struct process *other;

		if (pid <= 0 || pid == process->pid || process_open(pid, &other, &ignored))
			continue;
		for (size_t i = 0; i < other->nr_map && !found; i++)
			found = other->map[i].start == map->start &&
				!strcmp(other->map[i].path, map->path);
		process_close(other);
	}
	if (proc)
		closedir(proc);
	return found;
}

static int list_threads(const struct process *process, char **filter)
{
	char path[64], *text = calloc(1, FILTER_BYTES);
	struct dirent *entry;
	size_t used = 0;
	DIR *dir;
	int err = 0;

	if (!text)
		return -ENOMEM;
	snprintf(path, sizeof(path), "/proc/%d/task", process->pid);
	dir = opendir(path);
	while (dir && !err && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		used += (size_t)snprintf(text + used, FILTER_BYTES - used, "%scommon_pid == %s",
					 used ? " || " : "", entry->d_name);
		err = used + 32 > FILTER_BYTES ? -E2BIG : 0;
	}
	if (dir)
		closedir(dir);
	if (!err && !used)
		err = -ESRCH;
	if (err) {
		free(text);
		return err;
	}
	*filter = text;
	return 0;
}

int process_mark(const struct process *process, const char *path, uint64_t offset,
		 bool is_movable, struct process_mark *out)
{
	const struct process_map *map = process_find(process, path, offset);

	*out = (struct process_mark){ 0 };
	if (!map)
		return -ENOENT;
	if (!is_movable || !is_random(process->pid) || has_twin(process, map))
		return list_threads(process, &out->threads);
	out->base = map->start - map->offset;
	return 0;
}
