/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/leftover.h - what a recording that was killed has left
 */
#ifndef SKBTRAIL_LEFTOVER_H
#define SKBTRAIL_LEFTOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "skbtrail/event.h"

#ifdef __cplusplus
extern "C" {
#endif

enum trail_leftover_kind {
	TRAIL_LEFT_FILE,	/* a file of tracefs or a sysctl, back to @value */
	TRAIL_LEFT_INSTANCE,	/* a trace instance, removed */
	TRAIL_LEFT_PROBE,	/* a dynamic event, removed by writing @value to @path */
	TRAIL_LEFT_TRIGGER,	/* of an event, removed by writing @value to @path */
	TRAIL_LEFT_EMPTY,	/* OUTPUT.part/ with nothing to recover, removed */
	TRAIL_LEFT_DATA,	/* OUTPUT.part/, for trail_recover(); is left as it is */
	TRAIL_LEFT_FLIGHT,	/* the same, but the data is lost with the instance @value */
	TRAIL_LEFT_UNSEEN,	/* all of a recording: @path is not the file system that it was */
	TRAIL_LEFT_JOURNAL,	/* a journal that cannot be used: @err says why; is left alone */
	TRAIL_LEFT_PLACE	/* a directory of journals that cannot be looked into */
};

/**
 * struct trail_leftover - one thing that a recording left when it was killed
 * @pid: of that recording; 0 = not known
 * @path: absolute
 * @value: what is written to it, or as @kind says; may be NULL
 * @err: 0; -EBUSY ...: it could not be undone.  Of journals -EPERM: others could have written it;
 *	 -EINVAL: damaged, or of another version
 */
struct trail_leftover {
	enum trail_leftover_kind kind;
	int pid;
	const char *path;
	const char *value;
	int err;
};

/**
 * struct trail_reset_opts - how to undo what dead recordings left
 * @dry_run: only tell
 * @found: called for each thing after it was undone, those of one recording one after the other,
 *	   TRAIL_LEFT_FLIGHT first of all; may be NULL.  The texts are valid during the call.
 * @data: handed to it
 */
struct trail_reset_opts {
	bool dry_run;
	void (*found)(void *data, const struct trail_leftover *left);
	void *data;
};

/**
 * struct trail_reset_stat - what was found
 * @nr_dead: recordings that were killed
 * @nr_alive: recordings that are running; they are left alone
 * @nr_damaged: files among the journals that are none, and directories of journals that cannot be
 *		looked into; they are left alone, and what they say is not known
 * @nr_change: things to be undone
 * @nr_failed: those that could not be; of one of which nothing can be seen from here, one
 */
struct trail_reset_stat {
	unsigned int nr_dead;
	unsigned int nr_alive;
	unsigned int nr_damaged;
	unsigned int nr_change;
	unsigned int nr_failed;
};

/**
 * trail_reset - undo what recordings of this user left in the kernel when they were killed
 *
 * Their journals say what that is; whether one is alive, a lock.  What could not be undone stays in
 * the journal, for another call.
 *
 * Return: 0, also when something could not be undone (@stat, @found); -ENOMEM; -errno of the
 * directory of the journals.
 */
int trail_reset(const struct trail_reset_opts *opts, struct trail_reset_stat *stat,
		struct trail_error *error);

/**
 * struct trail_recover_opts - how to make a capture of what a recording left on the disk
 * @input: OUTPUT.part, or OUTPUT
 * @output: path of the capture; NULL = OUTPUT, which must not exist then
 * @plugin: NULL-terminated; NULL = trail_builtin_plugin
 * @force: replace an output that exists
 * @keep: leave OUTPUT.part where it is
 * @should_end: asked with @data between steps; when it is true the call fails with -EINTR, and
 *		leaves everything as it was.  May be NULL.
 */
struct trail_recover_opts {
	const char *input;
	const char *output;
	const struct trail_plugin *const *plugin;
	bool force;
	bool keep;
	bool (*should_end)(void *data);
	void *data;
};

/**
 * struct trail_recover_stat - what it yielded
 * @nr_event: in the capture
 * @bytes: of pages
 * @nr_damaged: pages of which a part could not be used
 * @path: of the capture, cut off if it is longer
 * @is_flight: the recording kept its data in the kernel until its end
 * @was_finished: the recording had finished it already, only OUTPUT.part was left; no numbers then
 */
struct trail_recover_stat {
	uint64_t nr_event;
	uint64_t bytes;
	uint64_t nr_damaged;
	uint32_t nr_cpu;
	char path[512];
	bool is_flight;
	bool was_finished;
};

/**
 * trail_recover - make a capture of everything that had reached the disk
 *
 * For recordings that were killed, or could not be finished.  Works on any machine of the same byte
 * order.  OUTPUT.part is only read until the capture is complete, and removed then.  Packet bytes
 * that the recording would not have kept are not in the capture.
 *
 * Return: 0; -EBUSY the recording is alive; -ENOENT there is nothing to recover; -EINVAL damaged;
 * -ENOTSUP another byte order; -EEXIST the output; -EINTR; -ENOSPC ...; -ENOMEM.
 */
int trail_recover(const struct trail_recover_opts *opts, struct trail_recover_stat *stat,
		  struct trail_error *error);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_LEFTOVER_H */
