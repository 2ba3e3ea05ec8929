/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * journal.h - what a recording changed in the kernel, in memory and on disk
 *
 * A change is in the journal before it is made, so that whoever finds the journal of a recording
 * that was killed can undo it.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "blob.h"

#define BOOT_ID_SIZE	40

enum change_kind {
	CHANGE_FILE,		/* written; undone by writing @old */
	CHANGE_INSTANCE,	/* created; undone by removing it */
	CHANGE_DYNEVENT,	/* created; undone by writing @old, "-:group/name", to the list */
	CHANGE_TRIGGER,		/* added to a list; undone by writing @old, "!" and its text */
	NR_CHANGE_KIND
};

/* One change of the kernel's state, with what undoes it; @is_done: it has been undone. */
struct change {
	enum change_kind kind;
	char *path;
	char *old;
	bool is_done;
};

/**
 * struct journal - the changes of one recording
 * @dir_fd, @fd: the directory and the file, locked for as long as it is open; -1 without a file
 * @name: of the file
 * @boot: id of the boot in which they were made
 * @pid: of the recording
 * @output: its .part directory, absolute; "" when there is none
 * @spec: the SPEC of a probe that is to stay, NULL when it is not said
 * @change: @nr_change in the order in which they were made
 */
struct journal {
	int dir_fd;
	int fd;
	char name[32];
	char boot[BOOT_ID_SIZE];
	int pid;
	char *output;
	char *spec;
	struct change *change;
	size_t nr_change;
};

#define JOURNAL_NONE	{ .dir_fd = -1, .fd = -1 }

/* ---- of a recording */

/*
 * Makes the file.  @output: what is recorded goes to this directory; may be NULL.
 * Return: 0; -errno with the directory that was tried last in @where.
 */
int journal_create(struct journal *journal, const char *output, char *where, size_t size);
/* About to make a change.  Return: 0; -ENOMEM, -ENOSPC ...: the change must not be made. */
int journal_add(struct journal *journal, enum change_kind kind, const char *path,
		const char *old);
/* The last change was not made after all. */
void journal_forget(struct journal *journal);
/*
 * Undoes change @i.  Return: 0; -ENOENT as of journal_look(); another -errno.  It is still in the
 * journal then.
 */
int journal_undo(struct journal *journal, size_t i);
/*
 * Can what is to be undone be seen from here?
 * Return: 0; -ENOENT tracefs, or /proc, is not mounted where it was; another -errno.  The nearest
 * directory that is there is in @where.
 */
int journal_look(const struct journal *journal, char *where, size_t size);
/* What is not undone is to stay. */
void journal_keep(struct journal *journal);
/*
 * What it says is to outlive this process: journal_walk() shows it to those only who ask for such.
 * @spec: what the user called it.  Return: 0 or -errno.
 */
int journal_set_kept(struct journal *journal, const char *spec);
/* Closes the file and leaves it as it is. */
void journal_leave(struct journal *journal);
/* Closes it; removes the file unless something in it is still to be undone. */
void journal_close(struct journal *journal);

/* ---- of others */

/**
 * struct journal_walk - over the journals of this user
 * @visit: called for each whose recording is dead; it is locked and open, and closed afterwards
 * @kept: those that journal_set_kept() was called for, instead of those of recordings
 * @bad: called for each directory, and each file in one, that cannot be used: -EPERM others could
 *	 have written to it; -EINVAL a file is no journal; another -errno.  May be NULL.
 * @nr_alive: recordings that are alive
 * @nr_damaged: files that are no journals
 */
struct journal_walk {
	int (*visit)(void *data, struct journal *journal);
	void (*bad)(void *data, const char *path, bool is_place, int err);
	void *data;
	bool kept;
	unsigned int nr_alive;
	unsigned int nr_damaged;
};

/* Return: 0 or the first failure of @visit; -ENOMEM. */
int journal_walk(struct journal_walk *walk);
/* Was it written in the boot that runs now? */
bool journal_is_of_this_boot(const struct journal *journal);

/* ---- between journal*.c */

/* The text of a journal.  Return: 0; -EINVAL it is none; -ENOMEM. */
int journal_parse(struct journal *journal, const char *text, size_t size);
void journal_write_head(const struct journal *journal, struct blob *out);
void journal_write_change(const struct change *change, struct blob *out);
void journal_write_done(size_t i, struct blob *out);
void journal_write_spec(const char *spec, struct blob *out);
/* Frees what is in memory. */
void journal_release(struct journal *journal);
int journal_push(struct journal *journal, const struct change *change);
/* BOOT_ID_SIZE bytes; "" when the kernel does not say. */
void journal_boot_id(char *id);

/* journal-undo.c: nothing but tracefs and its sysctls is ever touched.  As journal_undo(). */
int change_undo(const struct change *change);
/* As journal_look(); what is in its place, and what is no absolute path, passes. */
int change_look(const struct change *change, char *where, size_t size);
/* One write(2) per line: tracefs parses each write on its own.  Return: 0 or -errno. */
int write_lines(const char *path, const char *value, int flags);

#endif /* JOURNAL_H */
