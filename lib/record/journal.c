// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * journal.c - changes of the kernel -> a file that outlives whoever made them
 *
 * The file is locked by the recording, so a lock that can be had says surely that the recording is
 * dead: neither a reused process number nor another container misleads.  Nothing is synced to the
 * disk: what kills a process leaves the page cache alone, and what takes the page cache away takes
 * the state of the kernel with it.  A change costs one write(2).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal.h"

#define MAX_BYTES	(64u << 20)
#define KEPT		"kept-"
#define MAX_NAMES	1000
#define PATH_SIZE	256

void journal_boot_id(char *id)
{
	struct blob text = { 0 };

	*id = '\0';
	if (!blob_add_file(&text, "/proc/sys/kernel/random/boot_id") && text.data)
		snprintf(id, BOOT_ID_SIZE, "%.*s", (int)strcspn(text.data, "\n"), text.data);
	blob_release(&text);
}

bool journal_is_of_this_boot(const struct journal *journal)
{
	char id[BOOT_ID_SIZE];

	journal_boot_id(id);
	return !*id || !*journal->boot || !strcmp(id, journal->boot);
}

/* ---- the directory */

/* Root takes nothing from the environment: it may be that of the user who became root. */
static bool place(unsigned int i, char path[PATH_SIZE])
{
	const char *runtime = geteuid() ? secure_getenv("XDG_RUNTIME_DIR") : "/run";

	if (i == 0)
		return runtime && *runtime == '/' &&
		       snprintf(path, PATH_SIZE, "%s/skbtrail", runtime) < PATH_SIZE;
	snprintf(path, PATH_SIZE, "/tmp/skbtrail-%u", (unsigned int)geteuid());
	return true;
}

#define NR_PLACE	2

/* Only a directory of our own that nobody else can write to.  Return: descriptor or -errno. */
static int open_place(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && st.st_uid == geteuid() && !(st.st_mode & 022))
		return fd;
	close(fd);
	return -EPERM;
}

/* ---- of a recording */

static int append(struct journal *journal, struct blob *text)
{
	struct stat st;
	ssize_t n = 0;
	int err = text->err;

	if (!err && journal->fd < 0)
		err = -EBADF;
	if (!err && fstat(journal->fd, &st))
		err = -errno;
	if (!err)
		n = write(journal->fd, text->data, text->size);
	if (!err && n != (ssize_t)text->size) {
		err = n < 0 ? -errno : -ENOSPC;
		/* Half a line would spoil the next one. */
		if (ftruncate(journal->fd, st.st_size))
			err = -EIO;
	}
	blob_release(text);
	return err;
}

static int write_head(struct journal *journal)
{
	struct blob text = { 0 };

	journal_write_head(journal, &text);
	return append(journal, &text);
}

/* The name can be taken by the dead, and by our number in another container. */
static int create_file(struct journal *journal)
{
	int err = -EEXIST;

	for (int i = 0; err == -EEXIST && i < MAX_NAMES; i++) {
		snprintf(journal->name, sizeof(journal->name), i ? "%d_%d" : "%d", journal->pid, i);
		journal->fd = openat(journal->dir_fd, journal->name, O_RDWR | O_APPEND | O_CREAT |
				     O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		err = journal->fd < 0 ? -errno : 0;
	}
	return err;
}

/* Nobody may look at the file before it is locked: whoever looks holds the directory's lock. */
static int create_in(struct journal *journal, const char *path)
{
	int err;

	if (mkdir(path, 0700) && errno != EEXIST)
		return -errno;
	journal->dir_fd = open_place(path);
	if (journal->dir_fd < 0)
		return journal->dir_fd;
	err = flock(journal->dir_fd, LOCK_EX) ? -errno : create_file(journal);
	if (!err && flock(journal->fd, LOCK_EX | LOCK_NB))
		err = -errno;
	if (!err)
		err = write_head(journal);
	flock(journal->dir_fd, LOCK_UN);
	return err;
}

static void close_files(struct journal *journal, bool unlink)
{
	if (unlink && journal->fd >= 0)
		unlinkat(journal->dir_fd, journal->name, 0);
	if (journal->fd >= 0)
		close(journal->fd);
	if (journal->dir_fd >= 0)
		close(journal->dir_fd);
	journal->fd = journal->dir_fd = -1;
}

int journal_create(struct journal *journal, const char *output, char *where, size_t size)
{
	char path[PATH_SIZE];
	int err = -ENOENT;

	*journal = (struct journal)JOURNAL_NONE;
	journal->pid = (int)getpid();
	journal_boot_id(journal->boot);
	journal->output = output ? realpath(output, NULL) : NULL;
	for (unsigned int i = 0; err && i < NR_PLACE; i++) {
		if (!place(i, path))
			continue;
		snprintf(where, size, "%s", path);
		err = create_in(journal, path);
		if (err)
			close_files(journal, true);
	}
	return err;
}

int journal_add(struct journal *journal, enum change_kind kind, const char *path, const char *old)
{
	struct change change = { kind, (char *)path, (char *)old, false };
	struct blob text = { 0 };
	int err = journal_push(journal, &change);

	if (err)
		return err;
	journal_write_change(&change, &text);
	err = append(journal, &text);
	if (!err)
		return 0;
	/* It is not in the file, so it has no number. */
	journal->nr_change--;
	free(journal->change[journal->nr_change].path);
	free(journal->change[journal->nr_change].old);
	return err;
}

static void mark_done(struct journal *journal, size_t i)
{
	struct blob text = { 0 };

	journal->change[i].is_done = true;
	journal_write_done(i, &text);
	/* If it cannot be written, undoing it once more does no harm. */
	(void)append(journal, &text);
}

void journal_forget(struct journal *journal)
{
	mark_done(journal, journal->nr_change - 1);
}

int journal_undo(struct journal *journal, size_t i)
{
	int err = journal->change[i].is_done ? 0 : change_undo(&journal->change[i]);

	if (!err && !journal->change[i].is_done)
		mark_done(journal, i);
	return err;
}

int journal_look(const struct journal *journal, char *where, size_t size)
{
	int err = 0;

	for (size_t i = 0; !err && i < journal->nr_change; i++)
		if (!journal->change[i].is_done)
			err = change_look(&journal->change[i], where, size);
	return err;
}

void journal_keep(struct journal *journal)
{
	for (size_t i = 0; i < journal->nr_change; i++)
		journal->change[i].is_done = true;
}

int journal_set_kept(struct journal *journal, const char *spec)
{
	char name[sizeof(journal->name)];
	struct blob text = { 0 };
	int err;

	journal_write_spec(spec, &text);
	err = append(journal, &text);
	if (err)
		return err;
	err = -EEXIST;

	for (int i = 0; err == -EEXIST && i < MAX_NAMES; i++) {
		snprintf(name, sizeof(name), i ? KEPT "%d_%d" : KEPT "%d", journal->pid, i);
		err = renameat2(journal->dir_fd, journal->name, journal->dir_fd, name,
				RENAME_NOREPLACE) ? -errno : 0;
	}
	if (!err)
		memcpy(journal->name, name, sizeof(name));
	return err;
}

void journal_leave(struct journal *journal)
{
	close_files(journal, false);
}

void journal_close(struct journal *journal)
{
	bool is_done = true;

	for (size_t i = 0; i < journal->nr_change; i++)
		is_done &= journal->change[i].is_done;
	close_files(journal, is_done);
	journal_release(journal);
}

/* ---- of others */

static int read_text(int fd, struct blob *text)
{
	char chunk[4096];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return -errno;
	/* Written by nobody else, and not a second name of something that others look after. */
	if (!st.st_nlink)
		return -ENOENT;
	if (st.st_uid != geteuid() || (st.st_mode & 022))
		return -EPERM;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1 || st.st_size > MAX_BYTES)
		return -EINVAL;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0 && text->size < MAX_BYTES)
		blob_add(text, chunk, n);
	return n < 0 ? -errno : text->err;
}

/* Return: 1 locked and read; 0 its recording is alive, or it has gone; -errno. */
static int take(struct journal *journal, unsigned int *nr_alive)
{
	struct blob text = { 0 };
	int err;

	journal->fd = openat(journal->dir_fd, journal->name,
			     O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (journal->fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (flock(journal->fd, LOCK_EX | LOCK_NB)) {
		err = errno == EWOULDBLOCK ? 0 : -errno;
		*nr_alive += !err;
		return err;
	}
	err = read_text(journal->fd, &text);
	/* Killed before the first write: nothing had been changed. */
	if (!err && text.size)
		err = journal_parse(journal, text.data, text.size);
	blob_release(&text);
	/* It has just ended. */
	if (err == -ENOENT)
		return 0;
	return err ? err : 1;
}

static void tell_bad(const struct journal_walk *walk, const char *place, const char *name, int err)
{
	char path[PATH_SIZE + NAME_MAX + 1];

	snprintf(path, sizeof(path), "%s%s%s", place, name ? "/" : "", name ? name : "");
	if (walk->bad)
		walk->bad(walk->data, path, !name, err);
}

static int visit_file(struct journal_walk *walk, const char *place, int dir_fd, const char *name)
{
	struct journal journal = JOURNAL_NONE;
	int err;

	journal.dir_fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
	if (journal.dir_fd < 0)
		return -errno;
	snprintf(journal.name, sizeof(journal.name), "%.31s", name);
	if (flock(dir_fd, LOCK_EX))
		err = -errno;
	else
		err = take(&journal, &walk->nr_alive);
	flock(dir_fd, LOCK_UN);
	if (err > 0) {
		err = walk->visit(walk->data, &journal);
		journal_close(&journal);
		return err;
	}
	/* What is none of ours is left alone. */
	if (err && err != -ENOMEM) {
		walk->nr_damaged++;
		tell_bad(walk, place, name, err);
	}
	close_files(&journal, false);
	journal_release(&journal);
	return err == -ENOMEM ? err : 0;
}

/* Recordings name them by their numbers. */
static bool is_wanted(const struct journal_walk *walk, const char *name)
{
	if (walk->kept)
		return !strncmp(name, KEPT, strlen(KEPT));
	return *name >= '0' && *name <= '9';
}

/* In /tmp anybody can take the name: no journal of ours was ever made in there. */
static bool is_of_others(const char *path)
{
	struct stat st;

	return !strncmp(path, "/tmp/", 5) && !lstat(path, &st) && st.st_uid != geteuid();
}

/* Return: 0 or the first failure of @visit; -ENOMEM. */
static int walk_place(struct journal_walk *walk, const char *path)
{
	struct dirent *entry;
	int fd = open_place(path), err = 0, this_err;
	DIR *dir;

	if (fd < 0) {
		if (fd != -ENOENT && !is_of_others(path))
			tell_bad(walk, path, NULL, fd);
		return 0;
	}
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while ((entry = readdir(dir))) {
		if (!is_wanted(walk, entry->d_name))
			continue;
		this_err = visit_file(walk, path, fd, entry->d_name);
		err = err ? err : this_err;
	}
	closedir(dir);
	return err;
}

int journal_walk(struct journal_walk *walk)
{
	char path[PATH_SIZE];
	int err = 0, this_err;

	for (unsigned int i = 0; i < NR_PLACE; i++) {
		this_err = place(i, path) ? walk_place(walk, path) : 0;
		if (this_err == -ENOMEM)
			return this_err;
		err = err ? err : this_err;
	}
	return err;
}
