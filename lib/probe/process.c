// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * process.c - /proc/PID -> which files a process executes, and names for them
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process.h"
#include "process-private.h"

#define DELETED	" (deleted)"

static int fail(struct trail_error *error, int err, const char *hint, int pid, const char *why)
{
	snprintf(error->text, sizeof(error->text), "cannot probe process %d: %s", pid, why);
	snprintf(error->hint, sizeof(error->hint), "%s", hint);
	return err;
}

/* /proc/PID/stat: the name in parentheses may have blanks and parentheses of its own. */
static uint64_t start_time(int pid)
{
	char path[64], text[1024], *at;
	uint64_t time = 0;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	at = strrchr(text, ')');
	/* Field 22; the one behind the parenthesis is 3. */
	for (int i = 3; at && i <= 22; i++)
		at = strchr(at + 1, ' ');
	if (at)
		time = strtoull(at, NULL, 10);
	return time;
}

bool process_is_alive(int pid, uint64_t since)
{
	return since && start_time(pid) == since;
}

/* ---- maps */

/* "55d4-55d5 r-xp 00001000 08:01 1234   /usr/bin/x (deleted)" */
static int parse_map(char *line, struct process_map *map)
{
	char mode[8];
	int at = 0;
	size_t length;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %*s %*s %n", &map->start,
		   &map->end, mode, &map->offset, &at) < 4 || !at || line[at] != '/' ||
	    mode[2] != 'x')
		return -ENOENT;
	length = strlen(line + at);
	map->is_deleted = length > strlen(DELETED) &&
			  !strcmp(line + at + length - strlen(DELETED), DELETED);
	map->path = strndup(line + at, length - (map->is_deleted ? strlen(DELETED) : 0));
	return map->path ? 0 : -ENOMEM;
}

static int add_map(struct process *process, char *line)
{
	struct process_map map = { 0 }, *more;
	int err = parse_map(line, &map);

	if (err)
		return err == -ENOENT ? 0 : err;
	more = reallocarray(process->map, process->nr_map + 1, sizeof(*more));
	if (!more) {
		free(map.path);
		return -ENOMEM;
	}
	process->map = more;
	process->map[process->nr_map++] = map;
	return 0;
}

static int read_maps(struct process *process)
{
	char path[64], *line = NULL;
	size_t size = 0;
	FILE *file;
	int err = 0;

	snprintf(path, sizeof(path), "/proc/%d/maps", process->pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (!err && getline(&line, &size, file) > 0)
		err = add_map(process, line);
	free(line);
	fclose(file);
	return err;
}

/*
 * The lowest is the program.  Libraries are put from above downwards (mm/mmap.c:
 * arch_get_unmapped_area_topdown()), the first that was loaded is the highest.
 */
static void order(struct process *process)
{
	for (size_t i = 1, j = process->nr_map - 1; i < j; i++, j--) {
		struct process_map swap = process->map[i];

		process->map[i] = process->map[j];
		process->map[j] = swap;
	}
}

int process_open(int pid, struct process **out, struct trail_error *error)
{
	struct process *process = calloc(1, sizeof(*process));
	int err;

	*out = NULL;
	if (!process)
		return -ENOMEM;
	process->pid = pid;
	process->start_time = start_time(pid);
	err = process->start_time ? read_maps(process) : -ESRCH;
	if (err == -ESRCH || err == -ENOENT)
		err = fail(error, -ESRCH, "", pid, "there is no such process");
	else if (err && err != -ENOMEM)
		err = fail(error, err, geteuid() ? "run it as root" : "", pid, strerror(-err));
	else if (!err && !process->nr_map)
		err = fail(error, -ENOEXEC, "functions of the kernel are probed by their names",
			   pid, "it executes no file (a thread of the kernel?)");
	if (err) {
		process_close(process);
		return err;
	}
	order(process);
	*out = process;
	return 0;
}

void process_close(struct process *process)
{
	if (!process)
		return;
	for (size_t i = 0; i < process->nr_map; i++)
		free(process->map[i].path);
	free(process->map);
	free(process);
}

/* ---- names */

static bool is_same(const char *path, const struct stat *as)
{
	struct stat st;

	return !stat(path, &st) && st.st_dev == as->st_dev && st.st_ino == as->st_ino;
}

void process_path(const struct process *process, const struct process_map *map, char *path)
{
	char link[PROCESS_PATH_SIZE], root[PROCESS_PATH_SIZE];
	struct stat st;
	bool is_root;

	/* Whatever became of its name: this link leads to the very file (fs/proc/base.c). */
	snprintf(link, sizeof(link), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, process->pid,
		 map->start, map->end);
	is_root = snprintf(root, sizeof(root), "/proc/%d/root%s", process->pid, map->path) <
		  (int)sizeof(root);
	if (stat(link, &st)) {
		/* It may only be read with CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN. */
		if (!is_root || stat(root, &st) || is_same(map->path, &st))
			snprintf(path, PROCESS_PATH_SIZE, "%s", map->path);
		else
			snprintf(path, PROCESS_PATH_SIZE, "%s", root);
	} else if (!map->is_deleted && is_same(map->path, &st)) {
		snprintf(path, PROCESS_PATH_SIZE, "%s", map->path);
	} else if (is_root && !map->is_deleted && is_same(root, &st)) {
		snprintf(path, PROCESS_PATH_SIZE, "%s", root);
	} else {
		snprintf(path, PROCESS_PATH_SIZE, "%s", link);
	}
}

const struct process_map *process_find(const struct process *process, const char *path,
				       uint64_t offset)
{
	char its[PROCESS_PATH_SIZE];

	for (size_t i = 0; i < process->nr_map; i++) {
		const struct process_map *map = &process->map[i];

		if (offset < map->offset || offset - map->offset >= map->end - map->start)
			continue;
		process_path(process, map, its);
		if (!strcmp(its, path))
			return map;
	}
	return NULL;
}
