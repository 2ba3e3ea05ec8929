// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * record.c - options -> a capture: the order of things
 *
 *	tracefs -> events -> output -> dynamic events -> instance -> metadata -> tracer
 *	recorders -> tracing on ... off -> drained
 *	statistics -> kernel restored -> file finished
 *
 * What can be refused is refused before the kernel is touched; the kernel is restored before the
 * long work of joining files begins.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "dynevent.h"
#include "metadata.h"
#include "output.h"
#include "recorder.h"
#include "session.h"
#include "setup.h"
#include "tracedat-blank.h"
#include "wall.h"

#define DEFAULT_INTERVAL_MS	500
#define TOOL			"skbtrail " SKBTRAIL_VERSION
#define RAW_FLAGS		(O_RDONLY | O_NONBLOCK | O_CLOEXEC)

enum state { STATE_SET_UP, STATE_RUNNING, STATE_STOPPED };

struct trail_record {
	struct trail_record_opts opts;
	struct session session;
	struct event_list list;
	struct dynevent_list dynevents;
	struct output output;
	struct metadata metadata;
	struct tracedat *dat;
	char clock[CLOCK_SIZE];
	int64_t wall_offset_ns;
	bool has_wall;
	enum state state;
	int stop_fd;
	int failed_fd;
	struct recorder *recorder;	/* nr_cpu */
	struct blob *cpu_stat;		/* nr_cpu */
	int nr_cpu;
	struct blob cmdlines;
	struct trail_record_stat stat;
};

static bool is_dry(const struct trail_record *record)
{
	return record->opts.dry_write;
}

/* ---- set-up */

static int check_opts(struct trail_record *record)
{
	const struct trail_record_opts *opts = &record->opts;

	if (opts->version != 6 && opts->version != 7)
		return session_fail(&record->session, -EINVAL, "6 or 7",
				    "no file version %u", opts->version);
	if (opts->version == 6 && opts->compression != TRAIL_COMPRESS_NONE)
		return session_fail(&record->session, -EINVAL, "use version 7",
				    "file version 6 has no compression");
	if (!opts->nr_event && !opts->preset && !opts->tracer)
		return session_fail(&record->session, -EINVAL, NULL, "nothing to record");
	if (!opts->tracer && (opts->filter_func.nr || opts->notrace_func.nr || opts->graph_func.nr))
		return session_fail(&record->session, -EINVAL,
				    "add -p function or -p function_graph",
				    "functions are chosen, but no tracer");
	return 0;
}

static int choose_events(struct trail_record *record)
{
	int err = event_list_read(&record->list, &record->session);

	if (!err)
		err = event_list_choose(&record->list, &record->session);
	if (!err)
		err = event_list_choose_preset(&record->list, &record->session);
	if (!err)
		err = dynevent_choose(&record->dynevents, &record->session);
	if (!err && !record->list.nr_on && !record->dynevents.nr_event && !record->opts.tracer)
		err = session_fail(&record->session, -ENOENT, NULL,
				   "this kernel has none of the events to record");
	return err;
}

static int open_output(struct trail_record *record)
{
	const char *path = record->opts.output;
	int err = output_check(path, record->opts.force);

	if (err == -EEXIST)
		return session_fail(&record->session, err, "another -o, or --force",
				    "%s exists and is not a capture", path);
	if (!err && is_dry(record))
		return 0;
	if (!err)
		err = output_open(&record->output, path);
	if (err == -EEXIST)
		return session_fail(&record->session, err,
				    "remove it if no other record writes there, or use another -o",
				    "%s.part exists", path);
	if (err)
		return session_fail(&record->session, err, NULL, "%s: %s", path, strerror(-err));
	return 0;
}

static int write_header(struct trail_record *record)
{
	int err = metadata_read(&record->metadata, &record->session, &record->list);

	if (err)
		return err;
	err = tracedat_new(record->output.file_fd, &record->metadata.header, &record->dat);
	if (err)
		return session_fail(&record->session, err, NULL, "%s: %s", record->output.part,
				    strerror(-err));
	return 0;
}

static int set_up(struct trail_record *record)
{
	int err = check_opts(record);

	if (!err)
		err = dynevent_compile_filter(&record->dynevents, &record->session);
	if (!err)
		err = session_find_tracefs(&record->session);
	if (!err)
		err = choose_events(record);
	if (!err)
		err = open_output(record);
	if (!err && !is_dry(record))
		metadata_begin(&record->metadata);
	if (!err)
		err = dynevent_create(&record->dynevents, &record->session, &record->list);
	if (!err)
		err = session_open(&record->session);
	if (!err)
		err = event_list_mark_in_use(&record->list, &record->session);
	if (!err)
		err = setup_instance(&record->session, record->clock);
	if (!err)
		err = dynevent_set_filters(&record->dynevents, &record->session);
	if (!err)
		err = event_list_enable(&record->list, &record->session);
	if (!err)
		err = dynevent_settle(&record->dynevents, &record->session, &record->list);
	record->stat.nr_event_type = record->list.nr_on;
	if (!err && !is_dry(record))
		err = write_header(record);
	return err ? err : setup_tracer(&record->session);
}

int trail_record_open(const struct trail_record_opts *opts, struct trail_record **out,
		      struct trail_error *error)
{
	struct trail_record *record;
	int err;

	*error = (struct trail_error){ 0 };
	record = calloc(1, sizeof(*record));
	if (!record)
		return -ENOMEM;
	record->opts = *opts;
	record->session.opts = &record->opts;
	record->session.error = error;
	record->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	record->failed_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (record->stop_fd < 0 || record->failed_fd < 0)
		err = -errno;
	else
		err = set_up(record);
	if (err) {
		struct trail_error first = *error;

		trail_record_free(record);
		*error = first;
		return err;
	}
	*out = record;
	return 0;
}

int trail_record_add_pid(struct trail_record *record, int pid, struct trail_error *error)
{
	char text[16];

	record->session.error = error;
	snprintf(text, sizeof(text), "%d", pid);
	return setup_add_pid(&record->session, text);
}

/* ---- recording */

static int open_recorder(struct trail_record *record, int cpu)
{
	const struct trail_record_opts *opts = &record->opts;
	struct recorder *recorder = &record->recorder[record->nr_cpu];
	char path[600];

	*recorder = (struct recorder){
		.cpu = cpu, .raw_fd = -1, .file = { -1, -1 },
		.page_size = record->metadata.header.page_size,
		.interval_ms = opts->interval_us ? (opts->interval_us + 999) / 1000
						 : DEFAULT_INTERVAL_MS,
		.stop_fd = record->stop_fd, .failed_fd = record->failed_fd,
	};
	record->nr_cpu++;
	/* At least one page in each half. */
	if (opts->max_kb)
		recorder->half_bytes = (opts->max_kb * 512 + recorder->page_size - 1) /
				       recorder->page_size * recorder->page_size;
	for (unsigned int i = 0; i < (opts->max_kb ? 2 : 1); i++) {
		recorder->file[i] = output_cpu_file(&record->output, cpu, i);
		if (recorder->file[i] < 0)
			return recorder->file[i];
	}
	snprintf(path, sizeof(path), "%s/per_cpu/cpu%d/trace_pipe_raw", record->session.dir, cpu);
	recorder->raw_fd = open(path, RAW_FLAGS);
	/* A CPU that was never there has no buffer: its file stays empty. */
	if (recorder->raw_fd < 0)
		return errno == ENOENT || errno == ENODEV || errno == ENXIO ? 0 : -errno;
	return 0;
}

/* Of one CPU; the kernel's default is not the same for all. */
static uint64_t buffer_bytes(const struct trail_record *record, int cpu)
{
	struct blob text = { 0 };
	uint64_t kb = 0;
	char path[64];

	snprintf(path, sizeof(path), "per_cpu/cpu%d/buffer_size_kb", cpu);
	if (!session_read(&record->session, path, &text))
		kb = strtoull(text.data, NULL, 10);
	blob_release(&text);
	return (kb ? kb : 1024) * 1024;
}

static int start_recorders(struct trail_record *record)
{
	long nr = sysconf(_SC_NPROCESSORS_CONF);
	int err = 0;

	record->recorder = calloc(nr, sizeof(*record->recorder));
	record->cpu_stat = calloc(nr, sizeof(*record->cpu_stat));
	if (!record->recorder || !record->cpu_stat)
		return -ENOMEM;
	for (int cpu = 0; !err && cpu < nr; cpu++) {
		err = open_recorder(record, cpu);
		if (err || record->recorder[cpu].raw_fd < 0)
			continue;
		record->recorder[cpu].buffer_bytes = buffer_bytes(record, cpu);
		err = recorder_start(&record->recorder[cpu]);
	}
	return err;
}

int trail_record_start(struct trail_record *record, struct trail_error *error)
{
	int err;

	record->session.error = error;
	*error = (struct trail_error){ 0 };
	if (is_dry(record))
		return session_write(&record->session, "tracing_on", "1", WRITE_VALUE);
	record->state = STATE_RUNNING;
	record->has_wall = !wall_offset(record->clock, &record->wall_offset_ns);
	err = start_recorders(record);
	if (!err)
		err = session_write(&record->session, "tracing_on", "1", WRITE_VALUE);
	if (err)
		return session_fail(&record->session, err, NULL, "cannot start recording: %s",
				    strerror(-err));
	return 0;
}

int trail_record_fd(const struct trail_record *record)
{
	return record->failed_fd;
}

/* ---- the end */

static int stop_recorders(struct trail_record *record)
{
	struct recorder *failed = NULL;
	uint64_t one = 1;
	int err;

	err = session_write(&record->session, "tracing_on", "0", WRITE_VALUE);
	if (write(record->stop_fd, &one, sizeof(one)) < 0 && !err)
		err = -errno;
	for (int i = 0; i < record->nr_cpu; i++) {
		recorder_join(&record->recorder[i]);
		if (record->recorder[i].err && !failed)
			failed = &record->recorder[i];
	}
	if (failed)
		return session_fail(&record->session, failed->err,
				    failed->err == -ENOSPC || failed->err == -EDQUOT ?
				    "what had been written is kept; -m KB bounds the size" : NULL,
				    "recording ended early, %s: %s", record->output.part,
				    strerror(-failed->err));
	if (err)
		session_fail(&record->session, err, NULL, "cannot stop tracing: %s",
			     strerror(-err));
	return err;
}

/* "overrun: 12": the number behind @name, which begins a line. */
static uint64_t stat_number(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = text; at && *at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, name, length) && at[length] == ':')
			return strtoull(at + length + 1, NULL, 10);
	}
	return 0;
}

static void read_stats(struct trail_record *record)
{
	struct trail_record_stat *stat = &record->stat;
	char path[64];

	stat->nr_cpu = record->nr_cpu;
	for (int i = 0; i < record->nr_cpu; i++) {
		struct blob *text = &record->cpu_stat[i];

		snprintf(path, sizeof(path), "per_cpu/cpu%d/stats", record->recorder[i].cpu);
		if (session_read(&record->session, path, text))
			continue;
		stat->overrun += stat_number(text->data, "overrun");
		stat->commit_overrun += stat_number(text->data, "commit overrun");
		stat->dropped += stat_number(text->data, "dropped events");
		stat->read_events += stat_number(text->data, "read events");
	}
}

/* An open buffer would keep the instance from going, and on 5.10 the tracer as well. */
static int close_buffers(struct trail_record *record)
{
	int err = 0;

	for (int i = 0; i < record->nr_cpu; i++) {
		if (record->recorder[i].raw_fd >= 0)
			close(record->recorder[i].raw_fd);
		record->recorder[i].raw_fd = -1;
	}
	/* In the top instance they go with the tracer. */
	read_stats(record);
	record->stat.missed_probes = dynevent_count_missed(&record->dynevents, &record->session);
	/* Before anything else: it slows down whatever comes now. */
	if (record->opts.tracer)
		err = session_write(&record->session, "current_tracer", "nop", WRITE_VALUE);
	if (err)
		session_fail(&record->session, err, NULL, "cannot end tracer %s: %s",
			     record->opts.tracer, strerror(-err));
	return err;
}

static void read_cmdlines(struct trail_record *record)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/saved_cmdlines", record->session.tracing_dir);
	if (session_read(&record->session, path, &record->cmdlines))
		record->cmdlines.size = 0;
}

static struct tracedat_source source(const struct recorder *recorder, unsigned int index)
{
	uint64_t size = recorder->file_bytes[index];

	/* A full disk may have cut the last page. */
	return (struct tracedat_source){
		.fd = recorder->file[index], .consume = true,
		.size = size - size % recorder->page_size,
	};
}

/* Which records hold packet bytes, and what of them is not to be kept. */
static int describe_surplus(const struct trail_record *record, struct blank *blank)
{
	const struct dynevent_list *list = &record->dynevents;
	int err = 0;

	for (size_t i = 0; !err && i < list->nr_event; i++) {
		const struct dynevent *event = &list->event[i];
		const struct tracedat_piece *format;

		if (!event->row->surplus || !event->form)
			continue;
		format = metadata_format(&record->metadata, list->system, event->name);
		if (format)
			err = blank_add(blank, event->row, format->data, format->size);
	}
	return err;
}

/* Before the files are joined: no capture ever holds what is not to be kept. */
static int blank_surplus(struct trail_record *record)
{
	struct blank *blank;
	int err;

	err = blank_new(record->metadata.header.page_size, record->metadata.commit_size,
			record->opts.payload, &blank);
	if (err)
		return err;
	err = describe_surplus(record, blank);
	for (int i = 0; !err && i < record->nr_cpu; i++) {
		const struct recorder *recorder = &record->recorder[i];

		for (unsigned int j = 0; !err && j < 2; j++)
			if (recorder->file[j] >= 0)
				err = blank_file(blank, recorder->file[j],
						 recorder->file_bytes[j]);
	}
	blank_free(blank);
	return err;
}

static int finish_file(struct trail_record *record)
{
	struct tracedat_tail tail = {
		.clock = record->clock,
		.wall_offset_ns = record->wall_offset_ns, .has_wall = record->has_wall,
	};
	struct blob tool = { 0 };
	struct tracedat_cpu *cpu;
	struct utsname name;
	struct timespec now;
	char text[sizeof(name)];
	int err;

	/* Not an option that stock tools do not know: some readers give up there. */
	blob_add(&tool, TOOL, strlen(TOOL));
	dynevent_describe(&record->dynevents, &record->opts, &tool);
	cpu = calloc(record->nr_cpu, sizeof(*cpu));
	if (!cpu || tool.err) {
		free(cpu);
		blob_release(&tool);
		return -ENOMEM;
	}
	for (int i = 0; i < record->nr_cpu; i++) {
		const struct recorder *recorder = &record->recorder[i];

		cpu[i].source[0] = source(recorder, !recorder->current);
		cpu[i].source[1] = source(recorder, recorder->current);
		cpu[i].stat = record->cpu_stat[i].data;
		record->stat.bytes += cpu[i].source[0].size + cpu[i].source[1].size;
	}
	uname(&name);
	snprintf(text, sizeof(text), "%s %s %s %s", name.sysname, name.nodename, name.release,
		 name.machine);
	clock_gettime(CLOCK_REALTIME, &now);
	tail.uname = text;
	tail.trace_id = (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	tail.cmdlines = (struct tracedat_piece){ record->cmdlines.data, record->cmdlines.size };
	tail.cpu = cpu;
	tail.nr_cpu = record->nr_cpu;
	tail.tool = tool.data;
	err = tracedat_finish(record->dat, &tail);
	free(cpu);
	blob_release(&tool);
	return err ? err : output_commit(&record->output);
}

int trail_record_stop(struct trail_record *record, struct trail_error *error)
{
	struct trail_error later = { 0 };
	int err, this_err;

	*error = (struct trail_error){ 0 };
	record->session.error = error;
	if (record->state != STATE_RUNNING)
		return 0;
	record->state = STATE_STOPPED;
	err = stop_recorders(record);
	/* The first failure is the one to tell; the rest is done all the same. */
	if (err)
		record->session.error = &later;
	this_err = close_buffers(record);
	err = err ? err : this_err;
	if (err)
		record->session.error = &later;
	read_cmdlines(record);
	if (record->opts.keep)
		session_keep(&record->session);
	this_err = session_restore(&record->session);
	err = err ? err : this_err;
	if (err)
		record->session.error = &later;
	this_err = blank_surplus(record);
	if (!this_err)
		this_err = finish_file(record);
	if (!this_err)
		return err;
	record->output.keep = true;
	if (!err)
		session_fail(&record->session, this_err, "what was recorded is kept in its .part",
			     "%s: %s", record->opts.output, strerror(-this_err));
	return err ? err : this_err;
}

const struct trail_record_stat *trail_record_stat(const struct trail_record *record)
{
	return &record->stat;
}

void trail_record_free(struct trail_record *record)
{
	struct trail_error ignored;

	if (!record)
		return;
	record->session.error = &ignored;
	if (record->state == STATE_RUNNING) {
		stop_recorders(record);
		close_buffers(record);
	}
	session_restore(&record->session);
	session_release(&record->session);
	for (int i = 0; i < record->nr_cpu; i++) {
		recorder_release(&record->recorder[i]);
		blob_release(&record->cpu_stat[i]);
	}
	free(record->recorder);
	free(record->cpu_stat);
	blob_release(&record->cmdlines);
	tracedat_free(record->dat);
	metadata_release(&record->metadata);
	event_list_release(&record->list);
	dynevent_release(&record->dynevents);
	output_release(&record->output);
	if (record->stop_fd >= 0)
		close(record->stop_fd);
	if (record->failed_fd >= 0)
		close(record->failed_fd);
	free(record);
}
