// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * outfile.c - a temporary file beside the output, renamed when it is whole
 *
 * An older output stays until there is a new one, and no link in its place is ever followed.  Only
 * the user may read it: what captures hold is others' data.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "outfile.h"

#define OUTPUT_BUFFER	(256 * 1024)

static bool is_standard(const char *path)
{
	return !strcmp(path, "-");
}

/* Does the file begin with @magic, or is it empty? */
static bool is_ours(const char *path, const char *magic)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char start[16];
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, start, sizeof(start));
	close(fd);
	return !len || (len >= (ssize_t)strlen(magic) && !memcmp(start, magic, strlen(magic)));
}

int outfile_check(const char *path, const char *magic, bool force)
{
	struct stat st;
	bool exists = !is_standard(path) && !lstat(path, &st);

	if (is_standard(path) && isatty(STDOUT_FILENO))
		complain("-o FILE, or a pipe", "standard output is a terminal");
	else if (exists && S_ISDIR(st.st_mode))
		complain(NULL, "%s: %s", path, strerror(EISDIR));
	else if (exists && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		complain("-o - writes to standard output", "%s is not a regular file", path);
	else if (exists && !force && !(S_ISREG(st.st_mode) && is_ours(path, magic)))
		complain("another -o, or --force", "%s exists and is something else", path);
	else
		return 0;
	return -EINVAL;
}

int outfile_open(struct outfile *out, const char *path)
{
	int fd = -1, err;

	*out = (struct outfile){ .path = path };
	if (is_standard(path)) {
		out->path = "standard output";
		out->stream = stdout;
	} else if (asprintf(&out->temporary, "%s.XXXXXX", path) < 0) {
		out->temporary = NULL;
	} else {
		fd = mkostemp(out->temporary, O_CLOEXEC);
		out->stream = fd < 0 ? NULL : fdopen(fd, "w");
	}
	if (out->stream) {
		setvbuf(out->stream, NULL, _IOFBF, OUTPUT_BUFFER);
		return 0;
	}
	err = errno ? -errno : -ENOMEM;
	complain(NULL, "cannot create %s: %s", path, strerror(-err));
	if (fd >= 0) {
		unlink(out->temporary);
		close(fd);
	}
	free(out->temporary);
	out->temporary = NULL;
	return err;
}

int outfile_commit(struct outfile *out)
{
	int err = 0;

	/* What becomes of standard output is main's to say. */
	if (!out->temporary)
		return 0;
	if (fclose(out->stream))
		err = -errno;
	out->stream = NULL;
	if (!err && rename(out->temporary, out->path))
		err = -errno;
	if (err) {
		complain(NULL, "%s: %s", out->path, strerror(-err));
		return err;
	}
	free(out->temporary);
	out->temporary = NULL;
	return 0;
}

void outfile_release(struct outfile *out)
{
	if (!out->temporary)
		return;
	if (out->stream)
		fclose(out->stream);
	unlink(out->temporary);
	free(out->temporary);
	*out = (struct outfile){ 0 };
}
