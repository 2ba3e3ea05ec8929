// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * capture.c - trace.dat -> events of all CPUs in time order
 *
 * A capture is the parsed file, one stream per CPU and buffer, and a heap over the streams.
 */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ahead.h"
#include "read.h"

int read_fail(struct trail_error *error, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return err;
}

/* One stream per CPU that has data, at its first record; also to start again. */
static void rewind_pages(struct trail_capture *cap)
{
	const struct tracedat *dat = cap->dat;
	size_t nr = 0;

	for (size_t i = 0; i < dat->nr_buffer; i++) {
		for (uint32_t j = 0; j < dat->buffer[i].nr_cpu; j++) {
			if (!dat->buffer[i].cpu[j].size)
				continue;
			cap->stream[nr].pages.pool = NULL;
			stream_pages_init(&cap->stream[nr++], dat, i, j);
		}
	}
	cap->nr_stream = nr;
}

static int make_streams(struct trail_capture *cap)
{
	size_t nr = 0;

	for (size_t i = 0; i < cap->dat->nr_buffer; i++)
		nr += cap->dat->buffer[i].nr_cpu;
	cap->stream = calloc(nr ? nr : 1, sizeof(*cap->stream));
	if (!cap->stream)
		return -ENOMEM;
	rewind_pages(cap);
	return 0;
}

/* Where a file cannot be read natively, libtracecmd may; it crashes on files that are not whole. */
static int choose_reader(struct trail_capture *cap, enum trail_reader reader)
{
	const struct tracedat *dat = cap->dat;

	if (reader == TRAIL_READER_AUTO)
		reader = dat->unsupported[0] ? TRAIL_READER_LIBTRACECMD : TRAIL_READER_NATIVE;
	if (reader == TRAIL_READER_NATIVE) {
		cap->info.reader = "native";
		if (!dat->unsupported[0])
			return 0;
		return read_fail(cap->error, -ENOTSUP, "%s: the native reader does not know %s",
				 cap->file, dat->unsupported);
	}
	cap->info.reader = "libtracecmd";
	if (dat->truncated || !dat->whole)
		return read_fail(cap->error, -EINVAL,
				 "%s: is cut off or damaged, libtracecmd cannot read such files",
				 cap->file);
	return 0;
}

static int open_tracecmd(struct trail_capture *cap)
{
	int err;

	/* First of all by our own checks: libtracecmd trusts what pages say. */
	if (!cap->dat->unsupported[0]) {
		err = capture_walk(cap);
		if (err)
			return err;
		cap->lost_known = true;
		rewind_pages(cap);
	}
	return tracecmd_backend_open(cap);
}

static int open_capture(struct trail_capture *cap, const char *path,
			const struct trail_capture_opts *opts)
{
	int err;

	cap->file = strdup(path);
	if (!cap->file)
		return -ENOMEM;
	err = tracedat_open(path, &cap->dat, cap->error);
	if (!err)
		err = choose_reader(cap, opts->reader);
	if (!err)
		err = make_streams(cap);
	if (!err && !strcmp(cap->info.reader, "libtracecmd"))
		err = open_tracecmd(cap);
	if (!err)
		err = bind_new(cap, opts->plugin ? opts->plugin : trail_builtin_plugin);
	if (!err)
		err = symbols_new(cap->dat, &cap->symbols);
	cap->counting = !err && opts->single_pass && !cap->tracecmd;
	if (!err)
		err = cap->counting ? capture_count_start(cap) : capture_walk(cap);
	if (!err)
		err = capture_describe(cap);
	return err;
}

static int rewind_all(struct trail_capture *cap)
{
	if (cap->tracecmd) {
		for (size_t i = 0; i < cap->nr_stream; i++)
			cap->stream[i].tracecmd.started = false;
	} else {
		rewind_pages(cap);
		for (size_t i = 0; i < cap->nr_stream; i++)
			cap->stream[i].pages.pool = &cap->pool;
	}
	return merge_init(&cap->merge, cap->stream, cap->nr_stream);
}

/* Without a walk before it, nobody has said yet what is damaged. */
static int find_damage(struct trail_capture *cap)
{
	int err;

	rewind_pages(cap);
	err = capture_walk(cap);
	return err ? err : -EINVAL;
}

/* The call fails where there are more CPUs than a set has room for. */
static bool has_second_cpu(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) || CPU_COUNT(&set) > 1;
}

static void choose_threads(struct trail_capture *cap, const struct trail_capture_opts *opts)
{
	cap->no_print = opts->nr_threads > 1;
	cap->ahead_wanted = opts->nr_threads > 1 && !cap->tracecmd &&
			    (opts->nr_threads != TRAIL_THREADS_AUTO || has_second_cpu());
}

int trail_capture_open(const char *path, const struct trail_capture_opts *opts,
		       struct trail_capture **out, struct trail_error *error)
{
	static const struct trail_capture_opts defaults;
	struct trail_error ignored;
	struct trail_capture *cap;
	int err;

	*out = NULL;
	if (!error)
		error = &ignored;
	memset(error, 0, sizeof(*error));
	cap = calloc(1, sizeof(*cap));
	if (!cap)
		return -ENOMEM;
	cap->error = error;
	if (!opts)
		opts = &defaults;
	err = open_capture(cap, path, opts);
	choose_threads(cap, opts);
	if (!err)
		err = rewind_all(cap);
	if (err == -EINVAL && cap->counting)
		err = find_damage(cap);
	cap->error = NULL;
	if (err) {
		trail_capture_close(cap);
		return err;
	}
	*out = cap;
	return 0;
}

void trail_capture_close(struct trail_capture *cap)
{
	if (!cap)
		return;
	ahead_stop(cap->ahead);
	merge_release(&cap->merge);
	for (size_t i = 0; i < cap->nr_stream; i++)
		stream_release(&cap->stream[i]);
	feed_free(cap->feed);
	chunk_pool_release(&cap->pool);
	free(cap->stream);
	free(cap->batch);
	text_printer_free(cap->printer);
	symbols_free(cap->symbols);
	bind_free(cap->bind);
	tracecmd_backend_close(cap->tracecmd);
	tracedat_close(cap->dat);
	capture_info_release(cap);
	free(cap->file);
	free(cap);
}

const struct trail_capture_info *trail_capture_info(const struct trail_capture *cap)
{
	return &cap->info;
}

bool trail_capture_is_incomplete(const struct trail_capture *cap)
{
	const struct trail_capture_info *info = &cap->info;

	return info->truncated || info->disturbed || info->ended || info->lost_events ||
	       info->lost_unknown;
}

int trail_capture_symbol(const struct trail_capture *cap, uint64_t address,
			 struct trail_symbol *symbol)
{
	return symbols_find(cap->symbols, address, symbol);
}

const char *trail_capture_comm(const struct trail_capture *cap, int pid)
{
	const char *comm;

	return feed_comm(cap, pid, &comm) ? comm : symbols_comm(cap->symbols, pid);
}
