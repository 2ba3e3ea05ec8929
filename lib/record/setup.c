// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * setup.c - the options of a recording -> writes to its instance
 *
 * Touches only what was asked for: some kernels refuse even root the files of the function
 * tracer, and a recording of events does not need them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "setup.h"

static int write_or_fail(struct session *session, const char *path, const char *value,
			 enum write_mode mode)
{
	int err = session_write(session, path, value, mode);
	char why[160];

	if (!err)
		return 0;
	session_kernel_error(session, why, sizeof(why));
	return session_fail(session, err, *why ? why : NULL, "cannot write '%s' to %s: %s", value,
			    path, strerror(-err));
}

/* ---- clock */

/* Is @clock in the text of trace_clock, "[local] global counter ..."? */
static bool has_clock(const char *text, const char *clock)
{
	size_t length = strlen(clock);

	for (const char *at = text; length && (at = strstr(at, clock)); at += length)
		if ((at == text || strchr(" [", at[-1])) && strchr(" ]\n", at[length]))
			return true;
	return false;
}

static int choose_clock(const struct session *session, const char *text, char *clock)
{
	/* By how well they compare between CPUs and with other logs. */
	static const char *const best[] = { "mono", "boot", "tai", "global", "local" };
	const char *wanted = session->opts->clock;
	char hint[200];

	if (wanted && !has_clock(text, wanted)) {
		snprintf(hint, sizeof(hint), "this kernel has: %.*s",
			 (int)strcspn(text, "\n"), text);
		return session_fail(session, -EINVAL, hint, "no trace clock '%s'", wanted);
	}
	for (size_t i = 0; !wanted && i < sizeof(best) / sizeof(best[0]); i++)
		if (has_clock(text, best[i]))
			wanted = best[i];
	if (!wanted)
		return session_fail(session, -EINVAL, NULL, "no usable trace clock");
	snprintf(clock, CLOCK_SIZE, "%s", wanted);
	if (!session->opts->clock && strcmp(clock, "mono"))
		session_warn(session, "this kernel has no trace clock mono, using %s", clock);
	if (!strcmp(clock, "local"))
		session_warn(session, "times of clock local cannot be compared between CPUs");
	return 0;
}

static int set_clock(struct session *session, char *clock)
{
	struct blob text = { 0 };
	char top[512];
	int err;

	/* Of the top instance: in a dry run ours does not exist. */
	snprintf(top, sizeof(top), "%s/trace_clock", session->tracing_dir);
	err = session_read(session, top, &text);
	if (err)
		err = session_fail(session, err, NULL, "%s: %s", top, strerror(-err));
	else
		err = choose_clock(session, text.data, clock);
	blob_release(&text);
	return err ? err : write_or_fail(session, "trace_clock", clock, WRITE_VALUE);
}

/* ---- tracer and its filters */

static int write_list(struct session *session, const char *path,
		      const struct trail_record_list *list)
{
	int err = 0;

	for (size_t i = 0; !err && i < list->nr; i++)
		err = write_or_fail(session, path, list->item[i], i ? WRITE_APPEND : WRITE_LIST);
	return err;
}

/* The graph filter is one for all instances, its file is only at the top. */
static int set_graph_functions(struct session *session)
{
	const struct trail_record_list *list = &session->opts->graph_func;
	char path[512];

	if (!list->nr)
		return 0;
	snprintf(path, sizeof(path), "%s/set_graph_function", session->tracing_dir);
	return write_list(session, path, list);
}

int setup_tracer(struct session *session)
{
	const struct trail_record_opts *opts = session->opts;
	const char *const enabled = "/proc/sys/kernel/ftrace_enabled";
	struct blob text = { 0 };
	int err;

	if (!opts->tracer)
		return 0;
	if (!session_read(session, enabled, &text) && !strcmp(text.data, "0\n"))
		err = write_or_fail(session, enabled, "1", WRITE_VALUE);
	else
		err = 0;
	blob_release(&text);
	if (!err)
		err = write_list(session, "set_ftrace_filter", &opts->filter_func);
	if (!err)
		err = write_list(session, "set_ftrace_notrace", &opts->notrace_func);
	if (!err)
		err = set_graph_functions(session);
	return err ? err : write_or_fail(session, "current_tracer", opts->tracer, WRITE_VALUE);
}

static int set_option(struct session *session, const char *name)
{
	char path[160];
	bool off = false;

	snprintf(path, sizeof(path), "options/%s", name);
	if (!session_has(session, path) && !strncmp(name, "no", 2)) {
		off = true;
		snprintf(path, sizeof(path), "options/%s", name + 2);
	}
	if (strchr(name, '/') || (!session->opts->dry_write && !session_has(session, path)))
		return session_fail(session, -EINVAL, NULL, "no trace option '%s'", name);
	return write_or_fail(session, path, off ? "0" : "1", WRITE_VALUE);
}

static int set_options(struct session *session)
{
	const struct trail_record_opts *opts = session->opts;
	int err = 0;

	for (size_t i = 0; !err && i < opts->option.nr; i++)
		err = set_option(session, opts->option.item[i]);
	/* Instances take the top one's options over. */
	if (!err && opts->flight)
		err = set_option(session, "overwrite");
	if (!err && opts->stacktrace)
		err = set_option(session, "stacktrace");
	if (!err && opts->follow_fork)
		err = set_option(session, "event-fork");
	if (!err && opts->follow_fork && opts->tracer)
		err = set_option(session, "function-fork");
	return err;
}

/* ---- tasks and CPUs */

int setup_add_pid(struct session *session, const char *pid)
{
	int err = write_or_fail(session, "set_event_pid", pid, WRITE_APPEND);

	/* Locked on some kernels: only for those who want functions. */
	if (!err && session->opts->tracer)
		err = write_or_fail(session, "set_ftrace_pid", pid, WRITE_APPEND);
	return err;
}

/* "-1": all CPUs, in the kernel's notation: hexadecimal, a comma each 32 bits. */
static void all_cpus(struct blob *mask)
{
	long nr = sysconf(_SC_NPROCESSORS_CONF);
	char digit[16];

	for (long quad = (nr + 3) / 4 - 1; quad >= 0; quad--) {
		long bits = nr - 4 * quad < 4 ? nr - 4 * quad : 4;

		snprintf(digit, sizeof(digit), "%x%s", (1u << bits) - 1,
			 quad && quad % 8 == 0 ? "," : "");
		blob_add(mask, digit, strlen(digit));
	}
}

static int set_cpumask(struct session *session)
{
	const char *wanted = session->opts->cpumask;
	struct blob mask = { 0 };
	int err;

	if (!wanted)
		return 0;
	if (strcmp(wanted, "-1"))
		blob_add_text(&mask, wanted);
	else
		all_cpus(&mask);
	err = mask.err;
	if (!err)
		err = write_or_fail(session, "tracing_cpumask", mask.data, WRITE_VALUE);
	blob_release(&mask);
	return err;
}

static int set_buffer(struct session *session)
{
	char value[32];
	int err = 0;

	if (session->opts->buffer_kb) {
		snprintf(value, sizeof(value), "%llu",
			 (unsigned long long)session->opts->buffer_kb);
		err = write_or_fail(session, "buffer_size_kb", value, WRITE_VALUE);
	}
	/* Wake the recorders when a quarter is full: bursts have the rest as room. */
	if (!err && session_has(session, "buffer_percent"))
		err = write_or_fail(session, "buffer_percent", "25", WRITE_VALUE);
	return err;
}

int setup_instance(struct session *session, char clock[CLOCK_SIZE])
{
	const struct trail_record_opts *opts = session->opts;
	int err;

	err = write_or_fail(session, "tracing_on", "0", WRITE_VALUE);
	if (!err)
		err = set_buffer(session);
	if (!err)
		err = set_clock(session, clock);
	if (!err)
		err = set_cpumask(session);
	if (!err)
		err = set_options(session);
	for (size_t i = 0; !err && i < opts->pid.nr; i++)
		err = setup_add_pid(session, opts->pid.item[i]);
	return err;
}
