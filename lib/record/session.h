/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * session.h - the tracefs instance of a recording and what was changed in the kernel for it
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "blob.h"
#include "journal.h"
#include "skbtrail.h"

struct tracefs_instance;

/**
 * struct session - where a recording happens
 * @opts: the caller's
 * @error: the caller's, of the running call
 * @tracing_dir: the mount point of tracefs
 * @dir: the instance's directory, or @tracing_dir when the top instance is used
 * @instance: of libtracefs; NULL for the top instance and in a dry run
 * @is_new: we created the instance; nothing in it needs to be restored
 * @is_top: the top instance is used
 * @journal: what was changed
 */
struct session {
	const struct trail_record_opts *opts;
	struct trail_error *error;
	const char *tracing_dir;
	char *dir;
	struct tracefs_instance *instance;
	bool is_new;
	bool is_top;
	struct journal journal;
};

/* How a tracefs file takes what is written. */
enum write_mode {
	WRITE_VALUE,		/* the value replaces what was there */
	WRITE_LIST,		/* a list of lines; opening with O_TRUNC empties it */
	WRITE_APPEND,		/* one more line for such a list */
};

/* Finds tracefs, mounts it if need be.  Return: 0 or -errno with session->error filled. */
int session_find_tracefs(struct session *session);
/* Before the first change.  @output: where what is recorded goes, NULL: nowhere. */
int session_begin_journal(struct session *session, const char *output);
/* Creates, or takes, the instance; decides for the top instance where @opts need it. */
int session_open(struct session *session);
/*
 * The only way by which anything in tracefs or procfs is changed.  @path is absolute or relative
 * to the instance.  In a dry run only reports it.  Return: 0 or -errno of the write.
 */
int session_write(struct session *session, const char *path, const char *value,
		  enum write_mode mode);
/*
 * About to create the dynamic event @group/@name: at the end it is removed.  session_forget() when
 * it was not created after all.
 */
int session_remember_dynevent(struct session *session, const char *group, const char *name);
/*
 * Adds a trigger to the event's file @path, relative to the instance.  Return: 0 or -errno of the
 * write.
 */
int session_add_trigger(struct session *session, const char *path, const char *trigger);
/* Undoes the last @nr changes. */
void session_undo(struct session *session, size_t nr);
/* The last change was not made after all. */
void session_forget(struct session *session);
/*
 * Undoes all changes, the last one first.  What fails stays in the journal.
 * Return: 0 or the first failure.
 */
int session_restore(struct session *session);
/* Forgets the changes: what was set up stays. */
void session_keep(struct session *session);
void session_release(struct session *session);

/* Content of a file of the instance (or an absolute path).  Return: 0 or -errno. */
int session_read(const struct session *session, const char *path, struct blob *out);
bool session_has(const struct session *session, const char *path);
/* The last line of the kernel's error log for this instance, or "". */
void session_kernel_error(const struct session *session, char *text, size_t size);
/* Fills session->error.  Return: @err. */
int session_fail(const struct session *session, int err, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void session_warn(const struct session *session, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* SESSION_H */
