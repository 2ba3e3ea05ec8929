// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * probe-functions.c - a glob -> what can be probed: functions of the kernel, of a module, of a
 * program, and events
 *
 * A name before a colon may be several things at once, as ext4, which is a module and a system of
 * events: all of them are listed.  Programs and libraries come last, as in a SPEC.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probe/kernel.h"
#include "probe/user-list.h"
#include "session.h"

/* @module: "" for all of the kernel; @nr: how many were told */
struct functions {
	struct probe_kernel kernel;
	const char *module;
	unsigned int nr;
	int (*visit)(void *data, const char *name, const char *module, const char *signature);
	void *data;
};

static int tell_function(void *data, const char *name, const char *module)
{
	struct functions *functions = data;
	const struct probe_btf *btf;
	char signature[1024];
	int err;

	if (*functions->module && strcmp(functions->module, module))
		return 0;
	functions->nr++;
	err = probe_kernel_btf(&functions->kernel, *module ? module : NULL, &btf);
	if (!err)
		err = probe_btf_signature(btf, name, signature, sizeof(signature));
	return functions->visit(functions->data, name, module, err ? NULL : signature);
}

static int tell_event(void *data, const char *text)
{
	struct functions *functions = data;

	functions->nr++;
	return functions->visit(functions->data, text, "", NULL);
}

static int walk_functions(struct functions *functions, const char *glob)
{
	const struct probe_btf *btf;
	int err = 0;

	if (!probe_kernel_btf(&functions->kernel, NULL, &btf))
		err = probe_btf_index(functions->kernel.btf);
	return err ? err : probe_kernel_walk_functions(&functions->kernel, glob, tell_function,
						       functions);
}

/* Return: 0; -ENOENT it is neither a system of events nor a module; what @visit returned. */
static int walk_named(struct functions *functions, const char *name, const char *glob)
{
	bool is_module = probe_kernel_is_module(&functions->kernel, name);
	int err = probe_kernel_walk_events(&functions->kernel, name, glob, tell_event, functions);

	functions->module = name;
	if (is_module && (!err || err == -ENOENT))
		err = walk_functions(functions, glob);
	return err;
}

static int walk_kernel(struct functions *functions, const char *pattern, const char *colon,
		       struct trail_error *error)
{
	const struct trail_record_opts opts = { 0 };
	struct session session = { .opts = &opts, .error = error };
	char name[64];
	int err;

	session.journal = (struct journal)JOURNAL_NONE;
	err = session_find_tracefs(&session);
	if (!err)
		err = probe_kernel_init(&functions->kernel, session.tracing_dir);
	if (!err && colon) {
		snprintf(name, sizeof(name), "%.*s", (int)(colon - pattern), pattern);
		err = walk_named(functions, name, colon + 1);
	} else if (!err) {
		err = walk_functions(functions, pattern);
	}
	probe_kernel_release(&functions->kernel);
	session_release(&session);
	return err;
}

int trail_probe_functions(const char *pattern,
			  int (*visit)(void *data, const char *name, const char *module,
				       const char *signature),
			  void *data, struct trail_error *error)
{
	struct functions functions = { .module = "", .visit = visit, .data = data };
	const char *colon = strchr(pattern, ':');
	struct trail_error why = { 0 };
	int err, user_err;

	*error = (struct trail_error){ 0 };
	if (!colon)
		return walk_kernel(&functions, pattern, NULL, error);
	/* Without tracefs there are programs still. */
	err = colon[1] ? walk_kernel(&functions, pattern, colon, &why) : -ENOENT;
	if (functions.nr || err == -ENOMEM)
		return err;
	user_err = probe_user_list(pattern, visit, data, error);
	if (user_err != -ENOENT || err == -ENOENT)
		return user_err;
	*error = why;
	return err;
}
