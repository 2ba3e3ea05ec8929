/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * read.h - inside of a capture; shared by the files of the read side only
 */
#ifndef READ_H
#define READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "merge.h"
#include "skbtrail.h"
#include "stream.h"
#include "tracedat.h"

struct ahead;
struct bind;
struct symbols;
struct text_printer;
struct tracecmd_backend;

/* Where the header that every event has puts its parts; offsets into the record. */
struct common_fields {
	uint32_t type;
	uint32_t flags;
	uint32_t preempt;
	uint32_t pid;
	uint32_t min_size;	/* records shorter than this are damaged */
};

/* Of decompressed chunks that are kept for the events read last: chunks may hold few of them. */
#define MAX_USED_BYTES	(512u << 10)
#define MAX_WARNING	12
#define MAX_CAPABILITY	8

/**
 * struct trail_capture - an open capture
 * @merge: streams in time order; its first one holds the record last given out if @given
 * @convert: time stamps are not yet nanoseconds of the clock
 * @counting: records are counted as they are given out
 * @seen: by event id: has occurred; NULL before the formats are known
 * @lost_known: the losses were counted by the native decoder, which sees them all
 * @named: libtraceevent knows the names of symbols and tasks
 * @ahead: reads in a thread: of what is here that changes, only it uses @merge, @stream, @pool,
 *	   @given and @failed then
 * @batch: events of trail_capture_batch(), NULL before its first call
 * @pool: chunks of the streams
 * @feed: of a capture of live events, whose pages come while it is read; or NULL
 * @ahead_wanted: to be started with the first event
 * @no_print: opened for several threads, if there are some or not
 * @failed: the error that ended the reading, sticky
 * @error: what trail_capture_open() was given; NULL afterwards
 */
struct trail_capture {
	struct tracedat *dat;
	struct ahead *ahead;
	struct feed *feed;
	bool ahead_wanted;
	bool no_print;
	bool counting;
	struct stream *stream;
	size_t nr_stream;
	struct bind *bind;
	struct common_fields common;
	struct trail_binding *const *by_type;
	size_t nr_type;
	struct symbols *symbols;
	struct text_printer *printer;
	struct tracecmd_backend *tracecmd;
	struct trail_error *error;
	struct trail_capture_info info;
	struct trail_cpu_stat *cpu;
	char *file;
	char *kernel;
	char *clock;
	char *tool;
	char *warning[MAX_WARNING + 1];
	const char *capability[MAX_CAPABILITY + 1];
	char *packet_filter;
	char *ended;
	char **missing;
	unsigned char *seen;
	bool convert;
	bool named;
	bool lost_known;
	/* What reading changes: far from what the caller's thread looks at for each event. */
	struct merge merge;
	struct trail_event *batch;
	struct chunk_pool pool;
	bool given;
	int failed;
};

/* Fills error->text; returns @err. */
int read_fail(struct trail_error *error, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * events.c: in the thread that reads, the next @max events at most.  They stay valid until their
 * chunks, in cap->pool.used, are given back to be filled again.
 * Return: how many, 0 at the end, a negative errno.
 */
int capture_read(struct trail_capture *cap, struct trail_event *event, size_t max);

/* time.c: what the kernel recorded -> nanoseconds, as options TSC2NSEC, DATE and OFFSET say */
bool time_needs_conversion(const struct tracedat *dat);
uint64_t time_convert(const struct tracedat *dat, uint64_t ts);

/* capture-info.c */
/* Records are counted in their streams between these two; the end is reached but once. */
int capture_count_start(struct trail_capture *cap);
void capture_count_end(struct trail_capture *cap);
/* Counts all records in one walk; says in cap->error where they are damaged. */
int capture_walk(struct trail_capture *cap);
int capture_describe(struct trail_capture *cap);
int capture_warn(struct trail_capture *cap, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void capture_info_release(struct trail_capture *cap);

/* NULL where the capture has nothing of that CPU. */
struct trail_cpu_stat *capture_find_cpu(struct trail_capture *cap, uint32_t cpu);

/* capture-losses.c */
/* Adds what the pages of a CPU said. */
void losses_of_pages(const struct trail_capture *cap, const struct stream_count *count,
		     struct trail_cpu_stat *cpu);
/* When all is known of all CPUs. */
void losses_sum(struct trail_capture *cap);

/* capture-probes.c */
/* "kprobe" ..., NULL where the capture does not say it of the dynamic event @name. */
const char *capture_probe_kind(const struct trail_capture *cap, const char *name);
bool capture_has_payload(const struct trail_capture *cap);
int capture_read_filter(struct trail_capture *cap);
/* Why it ended before it was told to, for cap->ended. */
int capture_read_ended(struct trail_capture *cap);
int capture_read_missing(struct trail_capture *cap);
/* The rest of the next line from *@at on that begins with @word. */
bool capture_next_line(const struct trail_capture *cap, const char *word, size_t *at,
		       struct text *line);
/* As in struct trail_capture_info. */
const char *capture_bounded(const struct trail_capture *cap);
/* Warns if the recording ended before it was told to, or if others disturbed it. */
int capture_warn_ended(struct trail_capture *cap);
uint64_t capture_missed_probes(const struct trail_capture *cap);
void capture_free_missing(struct trail_capture *cap);

/* capture-tracecmd.c */
int tracecmd_backend_open(struct trail_capture *cap);
void tracecmd_backend_close(struct tracecmd_backend *backend);
struct tep_handle *tracecmd_backend_tep(const struct tracecmd_backend *backend);

/* bind.c */
struct tep_event;
struct tep_handle;

int bind_new(struct trail_capture *cap, const struct trail_plugin *const *plugin);
void bind_free(struct bind *bind);
struct tep_handle *bind_tep(const struct bind *bind);
/* For printing and filtering: hands one event, or all of them, to libtraceevent. */
struct tep_event *bind_event(struct bind *bind, unsigned int type);
void bind_parse_all(struct bind *bind);
/* System of an event id, NULL when the formats do not have it. */
const char *bind_system(const struct bind *bind, unsigned int type);
const char *bind_name(const struct bind *bind, unsigned int type);
/* Is the event one that the user asked for by a probe of his own? */
bool bind_is_user(const struct bind *bind, unsigned int type);
/* Type of an event, or -1. */
int bind_find(const struct bind *bind, const char *system, const char *name);

/* symbol.c */
int symbols_new(const struct tracedat *dat, struct symbols **out);
int symbols_find(struct symbols *symbols, uint64_t address, struct trail_symbol *out);
const char *symbols_comm(struct symbols *symbols, int pid);
void symbols_free(struct symbols *symbols);

/* feed.c: @comm as trail_capture_comm() has it.  Return: false where the capture is a file. */
bool feed_comm(const struct trail_capture *cap, int pid, const char **comm);
void feed_free(struct feed *feed);

/* text.c: hands the names of the capture to libtraceevent, once */
int text_give_names(struct trail_capture *cap);
void text_printer_free(struct text_printer *printer);

#endif /* READ_H */
