/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outfile.h - a file that is there when it is whole
 */
#ifndef OUTFILE_H
#define OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

/**
 * struct outfile - an output under way
 * @path: what it will be called; "-" is standard output
 * @temporary: its name until then, NULL for standard output
 */
struct outfile {
	const char *path;
	char *temporary;
	FILE *stream;
};

/*
 * May @path become the output?  A file that begins with @magic, an empty one, or none may be
 * replaced; others only with @force; a terminal never gets it.
 * Return: 0; -EINVAL after complaining.
 */
int outfile_check(const char *path, const char *magic, bool force);
/* Return: 0, or -errno after complaining. */
int outfile_open(struct outfile *out, const char *path);
/* Gives it its name.  Return: 0, or -errno after complaining. */
int outfile_commit(struct outfile *out);
/* Removes what was not committed.  Fine on a zeroed or committed one. */
void outfile_release(struct outfile *out);

#endif /* OUTFILE_H */
