// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * text-fgraph.c - records of the function_graph tracer -> lines with durations and indentation
 *
 * When the next record of all CPUs is the return from the function, the call is one line, printed
 * at its entry: that needs a look ahead, and the return is then not printed again.  The libtracecmd
 * backend cannot look ahead; there, entry and exit are two lines.
 *
 * One difference on purpose: trace-cmd compares pid and function only, so for the idle tasks, which
 * all have pid 0, it takes the return of another CPU for that of this call.
 */
#include <errno.h>
#include <event-parse.h>
#include <stdio.h>
#include <stdlib.h>

#include "read.h"
#include "text.h"

#define INDENT		2	/* columns per call depth */
#define DIGITS_WIDTH	7	/* of a duration in microseconds */

struct call {
	unsigned long long function;
	unsigned long long depth;
	unsigned long long start;
	unsigned long long end;
};

int fgraph_printer_init(struct trail_capture *cap, struct fgraph_printer *fgraph)
{
	fgraph->tep = bind_tep(cap->bind);
	fgraph->entry_type = bind_find(cap->bind, "ftrace", "funcgraph_entry");
	fgraph->exit_type = bind_find(cap->bind, "ftrace", "funcgraph_exit");
	fgraph->exit = fgraph->exit_type < 0 ? NULL : bind_event(cap->bind, fgraph->exit_type);
	fgraph->told = calloc(cap->nr_stream ? cap->nr_stream : 1, sizeof(*fgraph->told));
	return fgraph->told ? 0 : -ENOMEM;
}

static bool read_entry(struct tep_event *event, struct tep_record *record, struct call *call)
{
	return !tep_get_field_val(NULL, event, "func", record, &call->function, 0) &&
	       !tep_get_field_val(NULL, event, "depth", record, &call->depth, 0);
}

static bool read_exit(struct tep_event *event, struct tep_record *record, struct call *call)
{
	return read_entry(event, record, call) &&
	       !tep_get_field_val(NULL, event, "calltime", record, &call->start, 0) &&
	       !tep_get_field_val(NULL, event, "rettime", record, &call->end, 0);
}

/* The marks of the kernel's own function_graph output (trace_functions_graph.c). */
static char overhead_mark(unsigned long long ns)
{
	if (ns > 1000000000)
		return '$';
	if (ns > 100000000)
		return '@';
	if (ns > 10000000)
		return '*';
	if (ns > 1000000)
		return '#';
	if (ns > 100000)
		return '!';
	return ns > 10000 ? '+' : ' ';
}

/* Microseconds with as many decimals as fit. */
static void print_duration(struct trace_seq *seq, unsigned long long ns)
{
	char digits[40];
	int len = snprintf(digits, sizeof(digits), "%llu", ns / 1000);
	int decimals = DIGITS_WIDTH - len;

	if (decimals > 0) {
		char fraction[8];

		snprintf(fraction, sizeof(fraction), "%03llu", ns % 1000);
		len += snprintf(digits + len, sizeof(digits) - len, ".%.*s",
				decimals > 3 ? 3 : decimals, fraction);
	}
	trace_seq_printf(seq, "%c %s us %*s|  ", overhead_mark(ns), digits,
			 len < DIGITS_WIDTH ? DIGITS_WIDTH - len : 0, "");
}

static void print_function(struct fgraph_printer *fgraph, const struct call *call, const char *end)
{
	const char *name = tep_find_function(fgraph->tep, call->function);
	int depth = call->depth > 500 ? 500 : (int)call->depth;

	trace_seq_printf(fgraph->seq, "%*s", depth * INDENT, "");
	if (name)
		trace_seq_printf(fgraph->seq, "%s()%s", name, end);
	else
		trace_seq_printf(fgraph->seq, "%llx()%s", call->function, end);
}

/* Is @record the return from @call?  Then completes @call with its times. */
static bool is_return(struct fgraph_printer *fgraph, struct tep_record *record, int pid,
		      struct call *call)
{
	struct call back;

	if (!fgraph->exit || tep_data_type(fgraph->tep, record) != fgraph->exit_type ||
	    tep_data_pid(fgraph->tep, record) != pid ||
	    !read_exit(fgraph->exit, record, &back) || back.function != call->function)
		return false;
	call->start = back.start;
	call->end = back.end;
	return true;
}

static int print_entry(struct trail_capture *cap, struct fgraph_printer *fgraph,
		       struct tep_event *event, struct tep_record *record)
{
	const struct stream *stream = merge_first(&cap->merge);
	struct stream ahead = { 0 };
	struct tep_record next = { 0 };
	struct call call;
	bool leaf = false;

	if (!read_entry(event, record, &call))
		return -1;
	if (stream && stream->record.data == fgraph->raw && stream_peek(stream, &ahead) > 0 &&
	    ahead.record.size >= cap->common.min_size &&
	    merge_stays(&cap->merge, ahead.record.ts)) {
		next.data = padded_copy(&fgraph->next, ahead.record.data, ahead.record.size);
		next.size = ahead.record.size;
		leaf = next.data &&
		       is_return(fgraph, &next, tep_data_pid(fgraph->tep, record), &call);
		if (leaf)
			fgraph->told[stream - cap->stream] = ahead.record.ts;
	}
	stream_release(&ahead);
	if (leaf)
		print_duration(fgraph->seq, call.end - call.start);
	else
		trace_seq_printf(fgraph->seq, "%*s|  ", 2 + DIGITS_WIDTH + 4, "");
	print_function(fgraph, &call, leaf ? ";" : " {");
	return 1;
}

static int print_exit(struct fgraph_printer *fgraph, struct tep_event *event,
		      struct tep_record *record)
{
	struct call call;

	if (!read_exit(event, record, &call))
		return -1;
	print_duration(fgraph->seq, call.end - call.start);
	trace_seq_printf(fgraph->seq, "%*s}", (call.depth > 500 ? 500 : (int)call.depth) * INDENT,
			 "");
	return 1;
}

int fgraph_is_told(const struct trail_capture *cap, const struct fgraph_printer *fgraph, int type,
		   const struct tep_record *record)
{
	const struct stream *stream = merge_first(&cap->merge);

	if (type != fgraph->exit_type || !stream || stream->record.data != fgraph->raw)
		return 0;
	return fgraph->told[stream - cap->stream] == stream->record.ts;
}

int fgraph_print(struct trail_capture *cap, struct fgraph_printer *fgraph, struct tep_event *event,
		 struct tep_record *record)
{
	if (event->id == fgraph->entry_type)
		return print_entry(cap, fgraph, event, record);
	if (event->id == fgraph->exit_type)
		return print_exit(fgraph, event, record);
	return -1;
}
