// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * session.c - options -> a tracefs instance, and the way back
 *
 * Every change of the kernel's state goes through session_write(), which puts what undoes it into
 * the journal first.  Files inside an instance that we created are not in it: they go with the
 * instance.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tracefs.h>
#include <unistd.h>

#include "session.h"

#define PATH_SIZE	512

int session_fail(const struct session *session, int err, const char *hint, const char *format, ...)
{
	struct trail_error *error = session->error;
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	snprintf(error->hint, sizeof(error->hint), "%s", hint ? hint : "");
	return err;
}

void session_warn(const struct session *session, const char *format, ...)
{
	char text[1024];
	va_list args;

	if (!session->opts->warn)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	session->opts->warn(session->opts->data, text);
}

static int full_path(const struct session *session, const char *path, char *out)
{
	int n = *path == '/' ? snprintf(out, PATH_SIZE, "%s", path)
			     : snprintf(out, PATH_SIZE, "%s/%s", session->dir, path);

	return n >= PATH_SIZE ? -ENAMETOOLONG : 0;
}

int session_read(const struct session *session, const char *path, struct blob *out)
{
	char full[PATH_SIZE];
	int err = full_path(session, path, full);

	return err ? err : blob_add_file(out, full);
}

/* For whom we act: access(2) asks for the real user, and takes his capabilities from him. */
static bool exists(const char *path)
{
	return !faccessat(AT_FDCWD, path, F_OK, AT_EACCESS);
}

bool session_has(const struct session *session, const char *path)
{
	char full[PATH_SIZE];

	/* In a dry run a new instance is not there; the top one has all that it would have. */
	if (session->opts->dry_write && *path != '/') {
		snprintf(full, sizeof(full), "%s/%s", session->tracing_dir, path);
		return exists(full);
	}
	return !full_path(session, path, full) && exists(full);
}

void session_kernel_error(const struct session *session, char *text, size_t size)
{
	char *log = tracefs_error_last(session->instance);
	const char *at = log, *next;

	/* "[ 12.3] event filter parse error: error: Field not found", and the command below. */
	if (log)
		log[strcspn(log, "\n")] = '\0';
	while (at && (next = strstr(at, "error: ")))
		at = next + strlen("error: ");
	snprintf(text, size, "%s", at ? at : "");
	free(log);
}

/* ---- tracefs itself */

/* A look below debugfs's directory would have the kernel mount a tracefs there, and leave it. */
static bool is_mounted_in_debugfs(void)
{
	struct stat above, place;

	return !stat("/sys/kernel/debug", &above) &&
	       !fstatat(AT_FDCWD, "/sys/kernel/debug/tracing", &place, AT_NO_AUTOMOUNT) &&
	       place.st_dev != above.st_dev;
}

static bool is_mounted(void)
{
	return exists("/sys/kernel/tracing/trace_clock") || is_mounted_in_debugfs();
}

int session_find_tracefs(struct session *session)
{
	/* Mounts it where it should be, if it is not. */
	if (is_mounted() || !session->opts->dry_write)
		session->tracing_dir = tracefs_tracing_dir();
	if (!session->tracing_dir)
		return session_fail(session, -ENOENT, geteuid() ? "run it as root" :
				    "mount -t tracefs none /sys/kernel/tracing",
				    "tracefs is not mounted");
	session->dir = strdup(session->tracing_dir);
	if (!session->dir)
		return -ENOMEM;
	/* Mode 0700 on the mount point: the usual thing that an ordinary user meets. */
	if (faccessat(AT_FDCWD, session->tracing_dir, R_OK | X_OK, AT_EACCESS) ||
	    !session_has(session, "trace_clock"))
		return session_fail(session, -EACCES, geteuid() ? "run it as root" : NULL,
				    "%s: %s", session->tracing_dir, strerror(EACCES));
	return 0;
}

/* Is @word one of the words of the file? */
static bool file_has_word(const struct session *session, const char *path, const char *word)
{
	struct blob text = { 0 };
	size_t length = strlen(word);
	bool found = false;

	if (!session_read(session, path, &text) && text.data)
		for (const char *at = text.data; (at = strstr(at, word)) && !found; at += length)
			found = (at == text.data || at[-1] == ' ') &&
				(at[length] == ' ' || at[length] == '\n' || !at[length]);
	blob_release(&text);
	return found;
}

int session_begin_journal(struct session *session, const char *output)
{
	char where[256] = "";
	int err = journal_create(&session->journal, output, where, sizeof(where));

	if (err)
		session_fail(session, err, NULL, "cannot keep a journal in %s: %s", where,
			     strerror(-err));
	return err;
}

/* Before the change. */
static int add_change(struct session *session, enum change_kind kind, const char *path,
		      const char *old)
{
	int err = journal_add(&session->journal, kind, path, old);

	if (err)
		session_fail(session, err, NULL, "cannot write the journal: %s", strerror(-err));
	return err;
}

static int set_dir(struct session *session, const char *name)
{
	char *dir;

	if (asprintf(&dir, "%s/instances/%s", session->tracing_dir, name) < 0)
		return -ENOMEM;
	free(session->dir);
	session->dir = dir;
	return 0;
}

static int create_instance(struct session *session, const char *name)
{
	struct stat st;
	int err = set_dir(session, name);
	bool is_in_journal;

	if (err)
		return err;
	is_in_journal = session->is_new = stat(session->dir, &st) && errno == ENOENT;
	if (session->opts->dry_write) {
		if (session->is_new)
			session->opts->dry_write(session->opts->data, session->dir, NULL);
		return 0;
	}
	err = is_in_journal ? add_change(session, CHANGE_INSTANCE, session->dir, "") : 0;
	if (err)
		return err;
	session->instance = tracefs_instance_create(name);
	err = session->instance ? 0 : -errno;
	session->is_new = !err && tracefs_instance_is_new(session->instance);
	/* Somebody else was quicker. */
	if (is_in_journal && !session->is_new)
		session_forget(session);
	if (err)
		return session_fail(session, err, geteuid() ? "run it as root" : NULL,
				    "cannot create the trace instance %s: %s", session->dir,
				    strerror(-err));
	return 0;
}

/* The name can be taken: by our number in another container, or before a kill -9. */
static int create_private_instance(struct session *session)
{
	char name[64];
	int err;

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), i ? "skbtrail_%d_%d" : "skbtrail_%d",
			 (int)getpid(), i);
		err = create_instance(session, name);
		if (err || session->is_new)
			return err;
		if (session->instance)
			tracefs_instance_free(session->instance);
		session->instance = NULL;
	}
	return session_fail(session, -EEXIST, NULL, "no name left for a trace instance");
}

/* Somebody else's tracing must not be disturbed. */
static int check_top_is_idle(struct session *session)
{
	struct blob text = { 0 };
	bool idle;

	idle = !session_read(session, "current_tracer", &text) && !strcmp(text.data, "nop\n");
	text.size = 0;
	idle = idle && !session_read(session, "set_event", &text) && !text.size;
	blob_release(&text);
	if (idle)
		return 0;
	return session_fail(session, -EBUSY, "end the other use, or leave out -p",
			    "tracer %s needs the top trace instance, which is in use",
			    session->opts->tracer);
}

static int check_tracer(struct session *session)
{
	struct blob text = { 0 };
	char top[PATH_SIZE], hint[256] = "";

	snprintf(top, sizeof(top), "%s/available_tracers", session->tracing_dir);
	if (file_has_word(session, top, session->opts->tracer))
		return 0;
	if (!session_read(session, top, &text))
		snprintf(hint, sizeof(hint), "this kernel has: %.*s",
			 (int)strcspn(text.data, "\n"), text.data);
	blob_release(&text);
	return session_fail(session, -EINVAL, hint, "no tracer '%s' in this kernel",
			    session->opts->tracer);
}

static int undo_last(struct session *session);

/* Kernels before 6.12 refuse function_graph in an instance (measured: 5.10, 6.1). */
static int choose_top(struct session *session)
{
	const char *tracer = session->opts->tracer;
	int err;

	if (session->opts->instance)
		return session_fail(session, -EINVAL, "leave out -B",
				    "this kernel runs %s in the top instance only", tracer);
	err = undo_last(session);
	if (err)
		return err;
	free(session->dir);
	session->dir = strdup(session->tracing_dir);
	session->is_new = false;
	session->is_top = true;
	return session->dir ? check_top_is_idle(session) : -ENOMEM;
}

int session_open(struct session *session)
{
	const struct trail_record_opts *opts = session->opts;
	int err;

	if (opts->instance && (!*opts->instance || strchr(opts->instance, '/') ||
			       *opts->instance == '.'))
		return session_fail(session, -EINVAL, NULL, "'%s' is no name for an instance",
				    opts->instance);
	err = opts->tracer ? check_tracer(session) : 0;
	if (err)
		return err;
	err = opts->instance ? create_instance(session, opts->instance)
			     : create_private_instance(session);
	if (err)
		return err;
	if (opts->tracer && !opts->dry_write &&
	    !file_has_word(session, "available_tracers", opts->tracer))
		return choose_top(session);
	return 0;
}

/* ---- changes */

/* What has to be written to a file so that it reads as @text again. */
static char *old_value(const char *path, const char *text)
{
	const char *name = strrchr(path, '/') + 1;
	const char *at;

	if (!strcmp(name, "trace_clock") && (at = strchr(text, '[')))
		return strndup(at + 1, strcspn(at + 1, "]"));
	if (!strcmp(name, "buffer_size_kb")) {
		/* "7 (expanded: 1408)": not yet expanded. */
		at = strstr(text, "expanded: ");
		at = at ? at + strlen("expanded: ") : text;
		return strndup(at, strspn(at, "0123456789"));
	}
	if (!strcmp(name, "filter") && !strcmp(text, "none\n"))
		return strdup("0");
	/* "0*": enabled softly by a trigger. */
	if (!strcmp(name, "enable"))
		return strndup(text, 1);
	/* Lists that are empty say so in words. */
	if (*text == '#' || !strcmp(text, "no pid\n"))
		return strdup("");
	return strndup(text, strlen(text) - (*text && text[strlen(text) - 1] == '\n'));
}

static int remember(struct session *session, const char *path)
{
	struct blob text = { 0 };
	char *old;
	int err;

	for (size_t i = 0; i < session->journal.nr_change; i++)
		if (!session->journal.change[i].is_done &&
		    !strcmp(session->journal.change[i].path, path))
			return 0;
	err = blob_add_file(&text, path);
	if (!err) {
		old = old_value(path, text.data);
		err = old ? add_change(session, CHANGE_FILE, path, old) : -ENOMEM;
		free(old);
	}
	blob_release(&text);
	return err;
}

static int write_flags(enum write_mode mode)
{
	return mode == WRITE_LIST ? O_TRUNC : mode == WRITE_APPEND ? O_APPEND : 0;
}

/*
 * Options of a tracer look as if each instance had its own, but there is one for all
 * (kernel/trace/trace.c: set_tracer_option() changes struct tracer_flags; seen on 6.12).  Which
 * they are shows at the top.
 */
static int write_option(struct session *session, const char *path, const char *full,
			const char *value)
{
	struct journal *journal = &session->journal;
	size_t nr_before = journal->nr_change;
	struct blob now = { 0 };
	char top[PATH_SIZE];
	int err;

	snprintf(top, sizeof(top), "%s/%s", session->tracing_dir, path);
	err = exists(top) ? remember(session, top) : 0;
	if (!err)
		err = write_lines(full, value, 0);
	if (journal->nr_change == nr_before)
		return err;
	if (!blob_add_file(&now, top) && now.size &&
	    now.data[0] == journal->change[nr_before].old[0])
		session_forget(session);
	blob_release(&now);
	return err;
}

int session_write(struct session *session, const char *path, const char *value,
		  enum write_mode mode)
{
	const struct trail_record_opts *opts = session->opts;
	char full[PATH_SIZE];
	bool is_ours;
	int err = full_path(session, path, full);

	if (err)
		return err;
	if (opts->dry_write) {
		opts->dry_write(opts->data, full, value);
		return 0;
	}
	is_ours = session->is_new && *path != '/';
	if (is_ours && !strncmp(path, "options/", strlen("options/")))
		return write_option(session, path, full, value);
	if (!is_ours)
		err = remember(session, full);
	return err ? err : write_lines(full, value, write_flags(mode));
}

/* The first failure is the one to tell. */
static int undo(struct session *session, size_t i)
{
	const struct change *change = &session->journal.change[i];
	int err;

	if (change->kind == CHANGE_INSTANCE && session->instance) {
		tracefs_instance_free(session->instance);
		session->instance = NULL;
	}
	err = journal_undo(&session->journal, i);
	if (err && !*session->error->text)
		session_fail(session, err, "'skbtrail reset' tries it once more",
			     "cannot restore %s: %s", change->path, strerror(-err));
	return err;
}

static int undo_last(struct session *session)
{
	return undo(session, session->journal.nr_change - 1);
}

int session_remember_dynevent(struct session *session, const char *group, const char *name)
{
	char path[PATH_SIZE], old[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/dynamic_events", session->tracing_dir);
	snprintf(old, sizeof(old), "-:%s/%s", group, name);
	return add_change(session, CHANGE_DYNEVENT, path, old);
}

/*
 * Triggers with variables hold their instance: it cannot be removed before they are, so they are in
 * the journal even where the instance is ours (kernel/trace/trace.c: instance_rmdir(), tr->ref).
 */
int session_add_trigger(struct session *session, const char *path, const char *trigger)
{
	const struct trail_record_opts *opts = session->opts;
	char full[PATH_SIZE], *old;
	int err = full_path(session, path, full);

	if (err)
		return err;
	if (opts->dry_write) {
		opts->dry_write(opts->data, full, trigger);
		return 0;
	}
	if (asprintf(&old, "!%s", trigger) < 0)
		return -ENOMEM;
	err = add_change(session, CHANGE_TRIGGER, full, old);
	free(old);
	if (err)
		return err;
	/* With O_TRUNC the kernel would remove those of others. */
	err = write_lines(full, trigger, O_APPEND);
	if (err)
		session_forget(session);
	return err;
}

void session_undo(struct session *session, size_t nr)
{
	size_t i = session->journal.nr_change;

	while (i-- && nr) {
		if (session->journal.change[i].is_done)
			continue;
		undo(session, i);
		nr--;
	}
}

void session_forget(struct session *session)
{
	journal_forget(&session->journal);
}

int session_restore(struct session *session)
{
	int err = 0, this_err;

	for (size_t i = session->journal.nr_change; i--;) {
		if (session->journal.change[i].is_done)
			continue;
		this_err = undo(session, i);
		err = err ? err : this_err;
	}
	return err;
}

void session_keep(struct session *session)
{
	journal_keep(&session->journal);
}

void session_release(struct session *session)
{
	journal_close(&session->journal);
	if (session->instance)
		tracefs_instance_free(session->instance);
	session->instance = NULL;
	free(session->dir);
	session->dir = NULL;
}
