/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * user-list.h - which functions of a program can be probed
 */
#ifndef PROBE_USER_LIST_H
#define PROBE_USER_LIST_H

#include "skbtrail.h"

/* Called for each function; @signature is NULL where types are not known. */
typedef int probe_user_visit(void *data, const char *name, const char *path,
			     const char *signature);

/**
 * probe_user_list - functions whose names match
 * @pattern: "libc:recv*", "/usr/sbin/nginx:ngx_http_*", "pid 1234:*": a place as in a SPEC, and a
 *	     glob
 *
 * Return: 0; what @visit returned, if that was not 0; -EINVAL, -ENOENT ... with @error; -ENOMEM.
 */
int probe_user_list(const char *pattern, probe_user_visit *visit, void *data,
		    struct trail_error *error);

#endif /* PROBE_USER_LIST_H */
