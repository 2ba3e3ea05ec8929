/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * output.h - the files of a recording on disk
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct output - OUTPUT.part/ and what is in it
 * @part_fd: the directory; -1 where it could not be made
 * @file_fd: the capture to be, renamed to @path at the end
 * @nr_cpu: per-CPU files that were made
 * @force: as of output_check()
 * @keep: leave the directory with all files: they are all there is of the recording
 */
struct output {
	const char *path;
	char *part;
	int part_fd;
	int file_fd;
	int nr_cpu;
	bool force;
	bool keep;
};

/*
 * Would the capture replace something that is not one?
 * Return: 0, -EEXIST when it is no capture, -EISDIR ...
 */
int output_check(const char *path, bool force);
/*
 * Makes the directory and the file in it.
 * Return: 0; -EBUSY another recording writes there; -EEXIST one that was not finished did; -errno.
 */
int output_open(struct output *output, const char *path, bool force);
/*
 * Removes a .part directory that no capture can be made of: of a recording that was killed before
 * it traced, or behind its last step.
 * Return: 0; -EBUSY it is in use; -EEXIST there is something to recover; -ENOENT; another -errno.
 */
int output_remove_dead(const char *part, bool dry_run);
/* Why something with these files failed with @err, a negative errno: which file system it is. */
void output_why(const struct output *output, int err, char *text, size_t size);
/* Return: descriptor of a new file for pages of @cpu, or -errno. */
int output_cpu_file(struct output *output, int cpu, unsigned int index);
/*
 * The file, on the disk by then, becomes @path and everything else goes.
 * Return: 0; -EEXIST something that is no capture has come there meanwhile; -errno.
 */
int output_commit(struct output *output);
/* Removes what is left of it, unless it is to be kept.  Fine on a zeroed or committed one. */
void output_release(struct output *output);

#endif /* OUTPUT_H */
