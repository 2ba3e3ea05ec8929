/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/capture.h - a trace.dat -> events in time order
 */
#ifndef SKBTRAIL_CAPTURE_H
#define SKBTRAIL_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "skbtrail/event.h"

#ifdef __cplusplus
extern "C" {
#endif

struct trail_capture;

enum trail_reader {
	TRAIL_READER_AUTO,		/* native, libtracecmd for what native declines */
	TRAIL_READER_NATIVE,
	TRAIL_READER_LIBTRACECMD,
};

/* A second thread where the program may use a second CPU. */
#define TRAIL_THREADS_AUTO	(~0u)

/**
 * struct trail_capture_opts - how to open
 * @reader: backend
 * @plugin: NULL-terminated array of plugins to bind; NULL = trail_builtin_plugin
 * @single_pass: do not walk the pages at open.  Of trail_capture_info(), capability, start_ns,
 *		 end_ns and all numbers of events and losses are complete only when
 *		 trail_capture_next() has returned 0, and damage is found by it, not at open
 * @nr_threads: 0 or 1: records are read in the caller's thread; 2 and more, or TRAIL_THREADS_AUTO:
 *		another thread reads ahead from the first trail_capture_next() on, with the same
 *		results; trail_capture_print() is not to be had then
 */
struct trail_capture_opts {
	enum trail_reader reader;
	const struct trail_plugin *const *plugin;
	bool single_pass;
	unsigned int nr_threads;
};

/**
 * struct trail_cpu_stat - what is known of one CPU's buffer
 * @nr_event: records in the file
 * @lost_events: lost, by the page headers, number known
 * @lost_unknown: gaps of which the kernel did not say how many events they held
 * @nr_gap: places between its records where events were lost
 * @lost: the larger of @lost_events and what the counters below say
 * @lost_from_ns: the last record, or look at the counters, before the first loss; 0 where nothing
 *		  was lost, or the capture does not say when
 * @lost_to_ns: the first of either behind the last loss, or 0
 * @has_stats: the capture carries per_cpu/cpuN/stats of this CPU, the four below are valid
 * @overrun: overwritten before they were read
 * @commit_overrun: lost by nested interrupts
 * @dropped: not written because the buffer was full (no-overwrite mode)
 * @read_events: taken by readers
 * @cpu: CPU number
 */
struct trail_cpu_stat {
	uint64_t nr_event;
	uint64_t lost_events;
	uint64_t lost_unknown;
	uint64_t nr_gap;
	uint64_t lost;
	uint64_t lost_from_ns;
	uint64_t lost_to_ns;
	uint64_t overrun;
	uint64_t commit_overrun;
	uint64_t dropped;
	uint64_t read_events;
	uint32_t cpu;
	bool has_stats;
};

/**
 * struct trail_capture_info - what the capture says of itself
 * @file: path as given
 * @kernel: release of the recorded kernel, NULL if the file does not say
 * @clock: trace clock, NULL if the file does not say
 * @reader: "native" or "libtracecmd"
 * @tool: version string of the recording tool, or NULL
 * @version: file format, 6 or 7
 * @wall_offset_ns: time of day minus the capture's clock, as its recording began; valid if
 *		    @has_wall
 * @nr_cpu: CPUs that have a buffer
 * @cpu: @nr_cpu entries, by CPU number
 * @start_ns, @end_ns: first and last record, 0 without any
 * @nr_event: records
 * @lost_events: events known lost: of each CPU the larger of what page headers and stats say
 * @lost_unknown: gaps of unknown size
 * @bounded: only the newest events were to be kept: "flight" (record --flight), "size" (-m); NULL
 *	     where all were
 * @let_go: older ones that gave way to newer ones because of that; they are not lost
 * @let_go_unknown: the capture does not say how many these are: it was recovered, or ended early
 * @ended: why the recording ended before it was told to, one line of printable ASCII; NULL: it did
 *	   not, or the capture does not say
 * @capability: NULL-terminated, what occurs in it: "tracepoints", "function", "function_graph";
 *		dynamic events of `skbtrail record` in the form that the kernel took: "eprobe",
 *		"fprobe", "kprobe", "kretprobe", or "probe" where the capture does not say which
 * @packet_filter: only packets that it matches were recorded, as trail_record_opts.packet_filter;
 *		   NULL = all
 * @missed_probes: hits of dynamic events that the kernel counted but did not run
 * @missing: NULL-terminated or NULL: dynamic events that the kernel did not take, "NAME: WHY"
 * @warning: NULL-terminated one-line texts: truncated file, clock not comparable, ...
 * @counters: the text of the kernel's counters, @counters_bytes of it, for trail_counters_of();
 *	      NULL where it carries none
 * @truncated: data is missing at the end of the file
 * @disturbed: somebody else switched tracing off, or cleared a buffer, while it was recorded
 * @payload: packet bytes behind the headers are those of the packet, not zeros
 */
struct trail_capture_info {
	const char *file;
	const char *kernel;
	const char *clock;
	const char *reader;
	const char *tool;
	unsigned int version;
	int64_t wall_offset_ns;
	uint32_t nr_cpu;
	const struct trail_cpu_stat *cpu;
	uint64_t start_ns;
	uint64_t end_ns;
	uint64_t nr_event;
	uint64_t lost_events;
	uint64_t lost_unknown;
	uint64_t let_go;
	uint64_t missed_probes;
	const char *bounded;
	const char *ended;
	const char *const *capability;
	const char *packet_filter;
	const char *const *missing;
	const char *const *warning;
	const char *counters;
	size_t counters_bytes;
	bool truncated;
	bool disturbed;
	bool let_go_unknown;
	bool payload;
	bool has_wall;
};

/**
 * trail_capture_open - open a trace.dat of version 6 or 7
 * @path: regular file
 * @opts: NULL for the defaults
 * @out: the capture, to be closed with trail_capture_close()
 * @error: filled on failure
 *
 * Walks all pages once to count events and losses, so that trail_capture_info() is complete;
 * not with opts.single_pass.
 *
 * Return: 0; -ENOENT, -EACCES ... of open(2); -EINVAL not a capture or damaged (@error names the
 * file offset); -ENOTSUP a feature that no backend reads; -ENOMEM.
 */
int trail_capture_open(const char *path, const struct trail_capture_opts *opts,
		       struct trail_capture **out, struct trail_error *error);
void trail_capture_close(struct trail_capture *cap);
const struct trail_capture_info *trail_capture_info(const struct trail_capture *cap);

/** trail_capture_is_incomplete - is anything missing of what was to be recorded? */
bool trail_capture_is_incomplete(const struct trail_capture *cap);

/**
 * trail_capture_next - the next record of all CPUs in time order
 * @event: filled on success; valid until the next call on @cap
 *
 * Order: (time, CPU, position in the CPU's buffer).  O(log CPUs), no allocation.
 *
 * Return: 1 and fills @event; 0 at the end; -EINVAL damaged data; -ENOMEM.
 */
int trail_capture_next(struct trail_capture *cap, struct trail_event *event);

/**
 * trail_capture_batch - the next records, as many as are at hand; cheaper than one by one
 * @events: set to an array that is the capture's; it and what its events point to are valid until
 *	    the next call on @cap that reads
 *
 * Order and errors are those of trail_capture_next(); records before a damage are given out first.
 * trail_capture_print() is of the record read last: it is not for events of a batch.
 *
 * Return: how many, 1 or more; 0 at the end; -EINVAL damaged data; -ENOMEM.
 */
int trail_capture_batch(struct trail_capture *cap, const struct trail_event **events);

/* Does another thread read @cap, or will it, as far as that is known before the first event? */
bool trail_capture_is_threaded(const struct trail_capture *cap);

/**
 * struct trail_symbol - a kernel address, resolved by the capture's kallsyms
 * @name: function, valid as long as the capture
 * @module: without brackets, or NULL for the kernel proper
 * @offset: of the address from the function's start
 */
struct trail_symbol {
	const char *name;
	const char *module;
	uint64_t offset;
};

/* Return: 1 and fills @symbol, or 0 when the capture does not know the address. */
int trail_capture_symbol(const struct trail_capture *cap, uint64_t address,
			 struct trail_symbol *symbol);

/* Task name of @pid by the capture's saved_cmdlines; NULL when unknown.  "<idle>" is never said. */
const char *trail_capture_comm(const struct trail_capture *cap, int pid);

/**
 * trail_capture_enum - name of a value by the __print_symbolic() list in the event's format
 * @i: index of the row's field; 0 when there is exactly one list
 * Return: the name, valid as long as the capture, or NULL.
 */
const char *trail_capture_enum(const struct trail_capture *cap, const struct trail_binding *binding,
			       unsigned int i, uint64_t value);

/**
 * trail_capture_enum_of - the same of a field that a plugin's row of another event names
 * @event: "system:event", which need not have been recorded: its format tells
 * Return: the name, valid as long as the capture, or NULL.  Takes a look at every format.
 */
const char *trail_capture_enum_of(const struct trail_capture *cap, const char *event,
				  const char *field, uint64_t value);

/* Is this event in the capture's formats?  ("system:event"; "user:*": any probe of the user) */
bool trail_capture_has_event(const struct trail_capture *cap, const char *event);

/**
 * trail_capture_print - an event as `trace-cmd report` prints it, without newline
 *
 * Bytes of the capture are as trail_escape() leaves them, but for tabs, and the newlines in front
 * of the functions ("=> ") of a stack.  libtraceevent does the formatting, by print formats that
 * are in the capture: where that may be hostile, call this in a process that may come to an end.
 *
 * @event: the one that trail_capture_next() gave out last
 * @buf: @size bytes, always terminated
 * Return: length of the text (which may exceed @size - 1, as snprintf); 0 where there is no line:
 * the return from a function is told by the line of its call when nothing lies between; -errno,
 * -ENOTSUP when the capture was opened for several threads.
 */
int trail_capture_print(struct trail_capture *cap, const struct trail_event *event, char *buf,
			size_t size);

/**
 * trail_escape - text of a capture that may be shown on a terminal
 * @text: @len bytes, which may be anything
 * @buf: @size bytes; what fits of the text, in whole characters, terminated if @size is not 0
 *
 * Control characters (newlines and tabs too), what is not UTF-8, and characters that turn the
 * direction of the text become \xNN, a backslash stays what it is.
 *
 * Return: length of the whole text, which may be more than fits, as snprintf().
 */
size_t trail_escape(const char *text, size_t len, char *buf, size_t size);

struct trail_filter;

/**
 * trail_filter_new - an event filter in the grammar of `trace-cmd report -F`
 * Several filters on one capture select the events that any of them selects.
 * Return: 0; -EINVAL with @error; -ENOMEM.
 */
int trail_filter_new(struct trail_capture *cap, const char *expr, struct trail_filter **out,
		     struct trail_error *error);
bool trail_filter_match(struct trail_filter *filter, const struct trail_event *event);
void trail_filter_free(struct trail_filter *filter);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_CAPTURE_H */
