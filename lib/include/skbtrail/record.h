/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/record.h - tracefs -> a trace.dat
 */
#ifndef SKBTRAIL_RECORD_H
#define SKBTRAIL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "skbtrail/event.h"

#ifdef __cplusplus
extern "C" {
#endif

struct trail_record;

/**
 * struct trail_record_event - events that the user named
 * @name: "system", "system:event" or "event", each with globs; "all"
 * @filter: in the kernel's grammar, or NULL
 */
struct trail_record_event {
	const char *name;
	const char *filter;
};

/* A list of strings, as options that may be given several times yield them. */
struct trail_record_list {
	const char *const *item;
	size_t nr;
};

enum trail_compression { TRAIL_COMPRESS_NONE, TRAIL_COMPRESS_ZSTD };

/**
 * struct trail_record_opts - what to record and how; must outlive the trail_record
 * @output: path of the capture
 * @event: @nr_event events by name; each must exist
 * @preset: enum trail_preset_flag bits; the events of the plugins' rows, those that the kernel
 *	    lacks are left out with one warning
 * @plugin: NULL-terminated; NULL = trail_builtin_plugin
 * @instance: name of the trace instance; NULL = skbtrail_<pid>.  Only an instance that was created
 *	      here is removed at the end.
 * @clock: NULL = mono, or the best that the kernel has
 * @tracer: NULL = none; a tracer that the kernel refuses in an instance is run in the top instance
 * @filter_func, @notrace_func, @graph_func: for function tracers
 * @option: trace options, "no" in front of a name switches it off
 * @cpumask: hexadecimal, "-1" = all CPUs; NULL = as it is
 * @pid: only these tasks; trail_record_add_pid() adds more
 * @follow_fork: children of these tasks as well
 * @stacktrace: a stack trace with each event
 * @keep: leave everything set up at the end (tracing is off)
 * @force: replace an output that is not a capture
 * @probe: what the user wants probed besides, in the language of skbtrail-probe(1)
 * @no_probes: none of the plugins' dynamic events
 * @no_counters: do not look at the kernel's counters meanwhile
 * @buffer_kb: per CPU, 0 = as the kernel has it
 * @max_kb: bound of the data per CPU, the newest is kept; 0 = none
 * @flight: nothing is read before the end: what the kernel's buffers, of @buffer_kb each, hold then
 *	    is the capture.  Not together with @max_kb
 * @interval_us: how long data may stay in the kernel when a buffer does not fill; 0 = half a second
 * @version: file format, 6 or 7
 * @snap_bytes: packet bytes kept by the header probes, 0 = none of these probes
 * @payload: keep what is behind the headers as well, as far as @snap_bytes goes
 * @packet_filter: in the language of pcap-filter(7), as far as event filters can express it: only
 *		   packets that match are recorded; NULL = all
 * @warn: called for each warning, one line; may be NULL
 * @dry_write: nothing is changed, and this called for each change instead: @value is written to
 *	       @path, NULL = the directory @path is made.  NULL = a real recording
 * @data: handed to both
 */
struct trail_record_opts {
	const char *output;
	const struct trail_record_event *event;
	size_t nr_event;
	unsigned int preset;
	const struct trail_plugin *const *plugin;
	const char *instance;
	const char *clock;
	const char *tracer;
	struct trail_record_list filter_func;
	struct trail_record_list notrace_func;
	struct trail_record_list graph_func;
	struct trail_record_list option;
	struct trail_record_list pid;
	struct trail_record_list probe;
	const char *cpumask;
	bool follow_fork;
	bool stacktrace;
	bool keep;
	bool force;
	bool no_probes;
	bool no_counters;
	uint64_t buffer_kb;
	uint64_t max_kb;
	bool flight;
	uint64_t interval_us;
	unsigned int version;
	enum trail_compression compression;
	uint32_t snap_bytes;
	bool payload;
	const char *packet_filter;
	void (*warn)(void *data, const char *text);
	void (*dry_write)(void *data, const char *path, const char *value);
	void *data;
};

/**
 * struct trail_record_stat - what a recording got, all CPUs together
 * @read_events: taken out of the kernel's buffers
 * @kept_events: of these, in the capture: fewer where it was bounded, or ended early
 * @let_go: older ones that gave way to newer ones, with @max_kb or @flight of the options
 * @not_kept: recorded by the kernel, neither in the capture nor let go: taken out in vain, or still
 *	      in its buffers when a recorder failed
 * @bytes: of pages kept
 * @overrun: overwritten in the kernel before they were read
 * @commit_overrun: lost by nested interrupts
 * @dropped: not written because the buffer was full
 * @missed_probes: hits of kprobes that the kernel did not run, as an interrupt came while another
 *		   one ran on that CPU
 * @disturbed: somebody else switched tracing off, or cleared a buffer, meanwhile
 * @nr_event_type: events that were switched on
 */
struct trail_record_stat {
	uint64_t read_events;
	uint64_t kept_events;
	uint64_t let_go;
	uint64_t not_kept;
	uint64_t bytes;
	uint64_t overrun;
	uint64_t commit_overrun;
	uint64_t dropped;
	uint64_t missed_probes;
	bool disturbed;
	uint32_t nr_event_type;
	uint32_t nr_cpu;
};

/**
 * struct trail_record_progress - a running recording, all CPUs together
 * @events: recorded so far, in the kernel's buffers or taken out
 * @bytes: of these, at this moment
 * @lost: events that were lost so far
 */
struct trail_record_progress {
	uint64_t events;
	uint64_t bytes;
	uint64_t lost;
};

/**
 * trail_record_open - set up everything but do not trace yet
 * @error: filled on failure
 *
 * Nothing is left behind when it fails.  Writes the head of the capture to @output.part/.
 *
 * Return: 0; -EINVAL an option; -ENOENT no such event; -EACCES, -EPERM, -ENOSPC ...; -ENOMEM.
 */
int trail_record_open(const struct trail_record_opts *opts, struct trail_record **out,
		      struct trail_error *error);
/* One more task to be recorded, and then only such tasks.  Before the start. */
int trail_record_add_pid(struct trail_record *record, int pid, struct trail_error *error);
/* Starts the recorders, then switches tracing on. */
int trail_record_start(struct trail_record *record, struct trail_error *error);
/* Becomes readable when a recorder has failed: time to call trail_record_stop(). */
int trail_record_fd(const struct trail_record *record);

/**
 * trail_record_poll - look after a running recording; to be called once a second
 *
 * Starts recorders for CPUs that came online, notes when events were lost, and warns when
 * somebody else switched tracing off or cleared a buffer.  A recording of which this is not called
 * loses the events of new CPUs once their buffers are full, and knows less of when others were.
 *
 * Return: 0; -errno with @error when a CPU cannot be recorded: time to call trail_record_stop().
 */
int trail_record_poll(struct trail_record *record, struct trail_record_progress *progress,
		      struct trail_error *error);

/**
 * trail_record_stop - switch tracing off, take what is left, restore the kernel, finish the file
 *
 * Return: 0; -errno with @error when a recorder, the restoring or the file failed.  What had
 * reached the disk is in the file then, if the file could be finished at all.
 */
int trail_record_stop(struct trail_record *record, struct trail_error *error);
/* After the stop. */
const struct trail_record_stat *trail_record_stat(const struct trail_record *record);
/* Restores what is not restored yet. */
void trail_record_free(struct trail_record *record);

#ifdef __cplusplus
}
#endif

#endif /* SKBTRAIL_RECORD_H */
