// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * capture-tracecmd.c - the same records through libtracecmd
 *
 * For what the native backend declines.  libtracecmd reads each CPU, the merge is ours: its own
 * iteration ends silently at a loss before an unknown event.
 */
#include <errno.h>
#include <event-parse.h>
#include <stdlib.h>
#include <string.h>
#include <trace-cmd.h>

#include "read.h"

/* input[0] is the top buffer; the others share its tep_handle. */
struct tracecmd_backend {
	struct tracecmd_input **input;
	size_t nr_input;
};

int stream_tracecmd_next(struct stream *stream)
{
	struct stream_tracecmd *from = &stream->tracecmd;

	if (from->held)
		tracecmd_free_record(from->held);
	if (from->started)
		from->held = tracecmd_read_data(from->input, stream->cpu);
	else
		from->held = tracecmd_read_cpu_first(from->input, stream->cpu);
	from->started = true;
	if (!from->held)
		return 0;
	stream->record.ts = from->held->ts;
	stream->record.data = from->held->data;
	stream->record.size = from->held->size;
	stream->record.lost = from->held->missed_events > INT32_MAX ? INT32_MAX :
			      from->held->missed_events;
	return 1;
}

void stream_tracecmd_release(struct stream *stream)
{
	if (stream->tracecmd.held)
		tracecmd_free_record(stream->tracecmd.held);
	stream->tracecmd.held = NULL;
}

static bool same_name(struct text a, const char *b)
{
	return a.len == strlen(b) && !memcmp(a.at, b, a.len);
}

/* The handle of our buffer number @i: our buffers are in the order of the file. */
static struct tracecmd_input *find_input(const struct trail_capture *cap, uint32_t i)
{
	const struct tracecmd_backend *backend = cap->tracecmd;
	struct text name = cap->dat->buffer[i].name;
	struct tracecmd_input *top = backend->input[0];

	if (!name.len)
		return top;
	for (size_t j = 1; j < backend->nr_input; j++) {
		if (same_name(name, tracecmd_buffer_instance_name(top, j - 1)))
			return backend->input[j];
	}
	return NULL;
}

int tracecmd_backend_open(struct trail_capture *cap)
{
	struct tracecmd_backend *backend = calloc(1, sizeof(*backend));
	struct tracecmd_input *top;
	int nr;

	if (!backend)
		return -ENOMEM;
	cap->tracecmd = backend;
	tracecmd_set_loglevel(TEP_LOG_NONE);
	top = tracecmd_open(cap->file, TRACECMD_FL_LOAD_NO_PLUGINS);
	if (!top)
		return read_fail(cap->error, -ENOTSUP, "%s: libtracecmd cannot read it either (%s)",
				 cap->file, cap->dat->unsupported[0] ? cap->dat->unsupported :
				 "no reason given");
	nr = tracecmd_buffer_instances(top);
	backend->input = calloc(nr + 1, sizeof(*backend->input));
	if (!backend->input) {
		tracecmd_close(top);
		return -ENOMEM;
	}
	backend->input[backend->nr_input++] = top;
	for (int i = 0; i < nr; i++) {
		struct tracecmd_input *input = tracecmd_buffer_instance_handle(top, i);

		if (!input)
			return read_fail(cap->error, -EINVAL,
					 "%s: libtracecmd cannot open instance %s", cap->file,
					 tracecmd_buffer_instance_name(top, i));
		backend->input[backend->nr_input++] = input;
	}
	for (size_t i = 0; i < cap->nr_stream; i++) {
		cap->stream[i].tracecmd.input = find_input(cap, cap->stream[i].buffer);
		if (!cap->stream[i].tracecmd.input)
			return read_fail(cap->error, -EINVAL,
					 "%s: libtracecmd does not see all buffers", cap->file);
	}
	return 0;
}

struct tep_handle *tracecmd_backend_tep(const struct tracecmd_backend *backend)
{
	return tracecmd_get_tep(backend->input[0]);
}

void tracecmd_backend_close(struct tracecmd_backend *backend)
{
	if (!backend)
		return;
	for (size_t i = backend->nr_input; i-- > 0;)
		tracecmd_close(backend->input[i]);
	free(backend->input);
	free(backend);
}
