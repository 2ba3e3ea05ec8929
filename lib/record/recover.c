// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * recover.c - what a recording left in OUTPUT.part -> a capture
 *
 * The directory is only read until the capture is complete, so this can be done again, and on a
 * copy.  What is in it may come from anybody: no link in it is followed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <tracefs.h>
#include <unistd.h>

#include "counting.h"
#include "file.h"
#include "output.h"
#include "tracedat-pages.h"

#define SUFFIX		".part"
#define COPY_BYTES	(256u * 1024)
/* As lib/read/capture-probes.c reads it. */
#define ENDED_LINE	"\nended it was killed, or could not be finished"

/**
 * struct recover - a recovery under way
 * @dir: path of the .part directory
 * @path: of the capture to be
 * @temporary: its name until it is complete
 */
struct recover {
	const struct trail_recover_opts *opts;
	struct trail_error *error;
	char *dir;
	char *path;
	char *temporary;
	int dir_fd;
	int head_fd;
	int fd;
	struct part part;
	struct part_pages pages;
	struct blank *blank;
	struct blob cmdlines;
	struct blob tool;
};

__attribute__((format(printf, 4, 5)))
static int fail(struct recover *recover, int err, const char *hint, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(recover->error->text, sizeof(recover->error->text), format, args);
	va_end(args);
	snprintf(recover->error->hint, sizeof(recover->error->hint), "%s", hint ? hint : "");
	return err;
}

/* ---- where from, where to */

static bool is_directory(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode);
}

/* "x.dat.part" or "x.dat" of it; any other name of a directory needs an output. */
static int choose_paths(struct recover *recover)
{
	const char *input = recover->opts->input, *output = recover->opts->output;
	size_t length = strlen(input), suffix = strlen(SUFFIX);

	while (length > 1 && input[length - 1] == '/')
		length--;
	if (length > suffix && !memcmp(input + length - suffix, SUFFIX, suffix)) {
		recover->dir = strndup(input, length);
		recover->path = output ? strdup(output) : strndup(input, length - suffix);
	} else if (is_directory(input)) {
		if (!output)
			return fail(recover, -EINVAL, "-o FILE", "what is to be the capture of %s?",
				    input);
		recover->dir = strdup(input);
		recover->path = strdup(output);
	} else {
		if (asprintf(&recover->dir, "%.*s" SUFFIX, (int)length, input) < 0)
			recover->dir = NULL;
		recover->path = output ? strdup(output) : strndup(input, length);
	}
	return recover->dir && recover->path ? 0 : -ENOMEM;
}

/* What a recording would replace in time is not ours to replace by a part of something. */
static int check_output(struct recover *recover)
{
	bool force = recover->opts->force;
	int err = output_check(recover->path, force);

	if (!err && !force && !recover->opts->output && !access(recover->path, F_OK))
		return fail(recover, -EEXIST, "another -o, or --force", "%s exists",
			    recover->path);
	if (err == -EEXIST)
		return fail(recover, err, "another -o, or --force",
			    "%s exists and is not a capture", recover->path);
	return err ? fail(recover, err, NULL, "%s: %s", recover->path, strerror(-err)) : 0;
}

static int open_dir(struct recover *recover)
{
	int err;

	recover->dir_fd = open(recover->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (recover->dir_fd < 0) {
		err = -errno;
		return fail(recover, err, err == -ENOENT ?
			    "only recordings that were killed, or could not be finished, leave it" :
			    NULL, "%s: %s", recover->dir, strerror(-err));
	}
	/* Where there are no locks, it may as well be a copy. */
	if (flock(recover->dir_fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		return fail(recover, -EBUSY, "end the recording: it makes the capture itself",
			    "%s: the recording is alive", recover->dir);
	return 0;
}

static int read_part(struct recover *recover)
{
	int err = part_read(&recover->part, recover->dir_fd);

	if (err == -ENOENT)
		return fail(recover, err, "if its cpu files are empty nothing is lost: remove it",
			    "%s: it was left before tracing began", recover->dir);
	if (err == -ENOTSUP)
		return fail(recover, err, "recover it where it was recorded",
			    "%s: of a machine with another byte order", recover->dir);
	if (err == -EINVAL)
		return fail(recover, err, NULL, "%s/" PART_ABOUT ": damaged", recover->dir);
	return err ? fail(recover, err, NULL, "%s/" PART_ABOUT ": %s", recover->dir,
			  strerror(-err)) : 0;
}

/*
 * The last step but removing the directory is to give the head its name, as the capture, which is
 * written until then: one that is older than the directory's first file is another recording's.
 */
static bool was_finished(const struct recover *recover)
{
	struct stat about, capture;
	bool is;
	int fd;

	if (recover->opts->output || !faccessat(recover->dir_fd, PART_HEAD, F_OK,
						AT_SYMLINK_NOFOLLOW) || errno != ENOENT)
		return false;
	fd = open(recover->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	is = !fstatat(recover->dir_fd, PART_ABOUT, &about, AT_SYMLINK_NOFOLLOW) &&
	     !fstat(fd, &capture) && capture.st_mtime >= about.st_mtime &&
	     tracedat_is_capture(fd);
	close(fd);
	return is;
}

static int open_head(struct recover *recover)
{
	struct stat st;
	int err;

	recover->head_fd = openat(recover->dir_fd, PART_HEAD,
				  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (recover->head_fd < 0 && errno == ENOENT)
		return fail(recover, -ENOENT, "if you have its capture remove the directory",
			    "%s: the formats of the events are not in it any more",
			    recover->dir);
	err = recover->head_fd < 0 || fstat(recover->head_fd, &st) ? -errno : 0;
	if (err)
		return fail(recover, err, NULL, "%s/" PART_HEAD ": %s", recover->dir,
			    strerror(-err));
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size < recover->part.place.end ||
	    !tracedat_is_capture(recover->head_fd))
		return fail(recover, -EINVAL, NULL, "%s/" PART_HEAD ": damaged: the formats of the "
			    "events are missing", recover->dir);
	return 0;
}

static int open_pages(struct recover *recover)
{
	const struct trail_plugin *const *plugin;
	int err;

	plugin = recover->opts->plugin ? recover->opts->plugin : trail_builtin_plugin;
	err = part_blank_new(&recover->part, plugin, &recover->blank);
	if (err == -EINVAL)
		return fail(recover, err, "recover it with the version that recorded it",
			    "%s: what is payload of its packets is not known", recover->dir);
	if (!err)
		err = part_pages_open(&recover->pages, &recover->part, recover->dir_fd,
				      recover->head_fd);
	recover->pages.blank = recover->blank;
	recover->pages.should_end = recover->opts->should_end;
	recover->pages.data = recover->opts->data;
	return err ? fail(recover, err, NULL, "%s: its pages: %s", recover->dir,
			  strerror(-err)) : 0;
}

/* ---- the capture */

static int check_end(const struct recover *recover)
{
	const struct trail_recover_opts *opts = recover->opts;

	return opts->should_end && opts->should_end(opts->data) ? -EINTR : 0;
}

static int copy_head(struct recover *recover)
{
	uint64_t end = recover->part.place.end;
	char *buffer = malloc(COPY_BYTES);
	int err = buffer ? 0 : -ENOMEM;

	for (uint64_t at = 0; !err && at < end; at += COPY_BYTES) {
		size_t n = end - at < COPY_BYTES ? end - at : COPY_BYTES;

		err = check_end(recover);
		if (!err)
			err = file_read_at(recover->head_fd, buffer, n, at);
		if (!err)
			err = file_write_at(recover->fd, buffer, n, at);
	}
	free(buffer);
	return err;
}

/* Names of tasks, if the kernel that recorded is still the one that runs. */
static void read_cmdlines(struct recover *recover)
{
	struct journal now = JOURNAL_NONE;
	const char *dir;
	char path[512];

	snprintf(now.boot, sizeof(now.boot), "%s", recover->part.boot);
	if (!journal_is_of_this_boot(&now) || !(dir = tracefs_tracing_dir()))
		return;
	snprintf(path, sizeof(path), "%s/saved_cmdlines", dir);
	if (blob_add_file(&recover->cmdlines, path))
		recover->cmdlines.size = 0;
}

static int write_capture(struct recover *recover)
{
	struct tracedat_tail tail = {
		.cpu = recover->pages.cpu, .nr_cpu = recover->pages.nr_cpu,
	};
	struct tracedat *dat = NULL;
	int err = copy_head(recover);

	read_cmdlines(recover);
	blob_add(&recover->tool, recover->part.tool, strlen(recover->part.tool));
	blob_add(&recover->tool, ENDED_LINE, strlen(ENDED_LINE));
	counting_describe_part(recover->dir_fd, &recover->tool);
	part_fill_tail(&recover->part, &tail);
	tail.tool = recover->tool.data;
	tail.cmdlines = (struct tracedat_piece){ recover->cmdlines.data, recover->cmdlines.size };
	if (!err)
		err = recover->tool.err;
	if (!err)
		err = tracedat_resume(recover->fd, &recover->part.place, &dat);
	if (!err)
		err = tracedat_finish(dat, &tail);
	tracedat_free(dat);
	return err;
}

static int make_capture(struct recover *recover)
{
	int err;

	if (asprintf(&recover->temporary, "%s.XXXXXX", recover->path) < 0) {
		recover->temporary = NULL;
		return -ENOMEM;
	}
	recover->fd = mkostemp(recover->temporary, O_CLOEXEC);
	err = recover->fd < 0 ? -errno : write_capture(recover);
	if (!err && fsync(recover->fd))
		err = -errno;
	if (!err)
		err = check_end(recover);
	if (!err && rename(recover->temporary, recover->path))
		err = -errno;
	if (!err)
		return 0;
	if (recover->fd >= 0)
		unlink(recover->temporary);
	return fail(recover, err, err == -ENOSPC || err == -EDQUOT ?
		    "-o FILE on another file system; nothing of the .part is lost" : NULL,
		    "%s: %s", recover->path, strerror(-err));
}

static void remove_part(struct recover *recover)
{
	struct output output = {
		.part = recover->dir, .part_fd = recover->dir_fd, .file_fd = -1,
		.nr_cpu = recover->part.nr_cpu,
	};

	output_release(&output);
	recover->dir = NULL;
	recover->dir_fd = -1;
}

static void release(struct recover *recover)
{
	part_pages_close(&recover->pages);
	blank_free(recover->blank);
	part_release(&recover->part);
	blob_release(&recover->cmdlines);
	blob_release(&recover->tool);
	if (recover->fd >= 0)
		close(recover->fd);
	if (recover->head_fd >= 0)
		close(recover->head_fd);
	if (recover->dir_fd >= 0)
		close(recover->dir_fd);
	free(recover->temporary);
	free(recover->path);
	free(recover->dir);
}

static int recover_pages(struct recover *recover, struct trail_recover_stat *stat)
{
	int err = open_head(recover);

	if (!err)
		err = check_output(recover);
	if (!err)
		err = open_pages(recover);
	if (!err)
		err = make_capture(recover);
	if (err)
		return err;
	stat->nr_event = recover->pages.nr_event;
	stat->nr_damaged = recover->pages.nr_damaged;
	stat->nr_cpu = recover->pages.nr_cpu;
	stat->is_flight = part_is_flight(&recover->part);
	stat->bytes = part_pages_bytes(&recover->pages);
	return 0;
}

int trail_recover(const struct trail_recover_opts *opts, struct trail_recover_stat *stat,
		  struct trail_error *error)
{
	struct recover recover = {
		.opts = opts, .error = error, .dir_fd = -1, .head_fd = -1, .fd = -1,
		.pages = { .fd = -1 },
	};
	int err;

	*error = (struct trail_error){ 0 };
	*stat = (struct trail_recover_stat){ 0 };
	err = choose_paths(&recover);
	if (!err)
		err = open_dir(&recover);
	if (!err)
		err = read_part(&recover);
	stat->was_finished = !err && was_finished(&recover);
	if (!err && !stat->was_finished)
		err = recover_pages(&recover, stat);
	if (!err)
		snprintf(stat->path, sizeof(stat->path), "%s", recover.path);
	if (!err && !opts->keep)
		remove_part(&recover);
	release(&recover);
	return err;
}
