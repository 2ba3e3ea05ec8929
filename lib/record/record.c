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
#include <sys/mman.h>
#include <unistd.h>

#include "cpu-stats.h"
#include "record-private.h"
#include "reset.h"
#include "tracedat-blank.h"
#include "tracedat-kept.h"
#include "wall.h"

#define TOOL			"skbtrail " SKBTRAIL_VERSION
/* As lib/read/capture-probes.c reads it. */
#define ENDED_LINE		"\nended "
#define BOUNDED_LINE		"\nbounded size"
#define WHY_SIZE		256

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
	if (!opts->nr_event && !opts->preset && !opts->tracer && !opts->probe.nr)
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
	if (!err)
		err = user_probes_choose(&record->probes, &record->session,
					 record->dynevents.system);
	if (!err && !record->list.nr_on && !record->dynevents.nr_event && !record->opts.tracer &&
	    !record->opts.probe.nr)
		err = session_fail(&record->session, -ENOENT, NULL,
				   "this kernel has none of the events to record");
	return err;
}

static int fail_output(struct trail_record *record, int err, const char *hint)
{
	char why[WHY_SIZE];

	output_why(&record->output, err, why, sizeof(why));
	return session_fail(&record->session, err, hint, "%s%s: %s", record->opts.output,
			    record->ended_early ? ": ended early" : "", why);
}

/* Before anything that warns: it is what is wrong most often. */
static int check_output(struct trail_record *record)
{
	bool force = record->opts.force;
	int err = record->is_live ? 0 : output_check(record->opts.output, force);

	if (err == -EEXIST)
		return session_fail(&record->session, err,
				    force ? "another -o" : "another -o, or --force", force ?
				    "%s is not a regular file" : "%s exists and is not a capture",
				    record->opts.output);
	return err ? fail_output(record, err, NULL) : 0;
}

static int open_output(struct trail_record *record)
{
	const char *path = record->opts.output;
	int err;

	if (record->is_live) {
		record->head_fd = memfd_create("skbtrail", MFD_CLOEXEC);
		return record->head_fd < 0 ? -errno : 0;
	}
	if (is_dry(record))
		return 0;
	err = output_open(&record->output, path, record->opts.force);
	if (err == -EBUSY)
		return session_fail(&record->session, err, "another -o",
				    "%s.part exists: another record writes there", path);
	if (err == -EEXIST)
		return session_fail(&record->session, err,
				    "'skbtrail recover' makes a capture of it; or another -o",
				    "%s.part exists: of a recording that was not finished", path);
	/* A file or a link in its place. */
	if (err == -ENOTDIR)
		return session_fail(&record->session, err, "another -o",
				    "%s.part exists and is no directory", path);
	return err ? fail_output(record, err, NULL) : 0;
}

static int write_header(struct trail_record *record)
{
	int err = metadata_read(&record->metadata, &record->session, &record->list);

	if (err)
		return err;
	if (record->is_live)
		return tracedat_new(record->head_fd, &record->metadata.header, &record->dat);
	err = tracedat_new(record->output.file_fd, &record->metadata.header, &record->dat);
	if (!err)
		err = recorder_room_limit(&record->room, record->output.file_fd,
					  record->opts.max_kb * 1024);
	return err ? fail_output(record, err, NULL) : 0;
}

static int set_up(struct trail_record *record)
{
	int err = check_opts(record);

	err = err ? err : check_output(record);
	if (!err)
		err = dynevent_compile_filter(&record->dynevents, &record->session);
	if (!err)
		err = session_find_tracefs(&record->session);
	if (!err && !is_dry(record))
		session_reset_dead(&record->session);
	if (!err)
		err = choose_events(record);
	if (!err)
		err = open_output(record);
	if (!err && !is_dry(record))
		metadata_begin(&record->metadata);
	if (!err && !is_dry(record))
		err = session_begin_journal(&record->session, record->output.part);
	if (!err)
		err = dynevent_create(&record->dynevents, &record->session, &record->list);
	if (!err)
		err = user_probes_create(&record->probes, &record->session, &record->list);
	if (!err)
		err = session_open(&record->session);
	if (!err)
		err = event_list_mark_in_use(&record->list, &record->session);
	if (!err)
		err = setup_instance(&record->session, record->clock);
	if (!err)
		err = dynevent_set_filters(&record->dynevents, &record->session);
	if (!err)
		err = user_probes_arm(&record->probes, &record->session);
	if (!err)
		err = event_list_enable(&record->list, &record->session);
	if (!err)
		err = dynevent_settle(&record->dynevents, &record->session, &record->list);
	record->stat.nr_event_type = record->list.nr_on;
	if (!err && !is_dry(record))
		err = write_header(record);
	return err ? err : setup_tracer(&record->session);
}

int record_open(const struct trail_record_opts *opts, bool is_live, struct trail_record **out,
		struct trail_error *error)
{
	struct trail_record *record;
	int err;

	*error = (struct trail_error){ 0 };
	record = calloc(1, sizeof(*record));
	if (!record)
		return -ENOMEM;
	record->opts = *opts;
	record->is_live = is_live;
	record->head_fd = -1;
	record->session.opts = &record->opts;
	record->session.journal = (struct journal)JOURNAL_NONE;
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
	if (!is_live && !is_dry(record) && !opts->no_counters)
		counting_open(record);
	*out = record;
	return 0;
}

int trail_record_open(const struct trail_record_opts *opts, struct trail_record **out,
		      struct trail_error *error)
{
	return record_open(opts, false, out, error);
}

int trail_record_add_pid(struct trail_record *record, int pid, struct trail_error *error)
{
	char text[16];

	record->session.error = error;
	snprintf(text, sizeof(text), "%d", pid);
	record->counting.has_task = true;
	return setup_add_pid(&record->session, text);
}

/* ---- recording */

static const struct trail_plugin *const *plugins(const struct trail_record *record)
{
	return record->opts.plugin ? record->opts.plugin : trail_builtin_plugin;
}

/* Not an option that stock tools do not know: some readers give up there. */
static void describe_tool(const struct trail_record *record, struct blob *tool)
{
	blob_add(tool, TOOL, strlen(TOOL));
	dynevent_describe(&record->dynevents, &record->opts, tool);
	user_probes_describe(&record->probes, tool);
	if (record->ended_early) {
		blob_add(tool, ENDED_LINE, strlen(ENDED_LINE));
		blob_add(tool, record->ended_early, strlen(record->ended_early));
	}
	if (record->opts.flight)
		blob_add(tool, PART_FLIGHT, strlen(PART_FLIGHT));
	else if (record->opts.max_kb)
		blob_add(tool, BOUNDED_LINE, strlen(BOUNDED_LINE));
	watch_describe(&record->watch, tool);
}

static int fill_part(struct trail_record *record)
{
	struct part *part = &record->part;
	struct blob tool = { 0 };
	int err;

	describe_tool(record, &tool);
	part->tool = tool.data;
	part->clock = strdup(record->clock);
	if (tool.err || !part->clock)
		return -ENOMEM;
	tracedat_tell(record->dat, &part->place);
	part->commit_size = record->metadata.commit_size;
	/* Also of those that come later. */
	part->nr_cpu = record->max_cpu;
	part->payload = record->opts.payload;
	part->has_wall = !wall_offset(record->clock, &part->wall_offset_ns);
	err = part_describe_host(part);
	return err ? err : part_add_surplus(part, &record->dynevents, &record->metadata);
}

/* From here on a capture can be made of what is on the disk, whatever becomes of us. */
static int write_part(struct trail_record *record)
{
	const struct output *output = &record->output;
	int err = fill_part(record);

	return err ? err : part_write(&record->part, output->part_fd, output->file_fd);
}

int record_finish_head(struct trail_record *record)
{
	const struct tracedat_cpu none = { 0 };
	struct tracedat_tail tail = { .cpu = &none, .nr_cpu = 1 };
	int err = fill_part(record);

	if (!err) {
		part_fill_tail(&record->part, &tail);
		err = tracedat_finish(record->dat, &tail);
	}
	if (err)
		session_fail(&record->session, err, NULL, "cannot keep the event formats: %s",
			     strerror(-err));
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
	err = recorders_start(record);
	if (!err)
		err = watch_start(record);
	if (!err && !record->is_live)
		err = write_part(record);
	if (err == -ENOSPC || err == -EDQUOT || err == -EFBIG)
		return fail_output(record, err, NULL);
	if (!err)
		counting_begin(record);
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

int record_switch_off(struct trail_record *record)
{
	int err;

	if (record->is_off)
		return 0;
	if (record->watch.cpu)
		watch_tracing(record);
	err = session_write(&record->session, "tracing_on", "0", WRITE_VALUE);
	record->is_off = !err;
	/* Draining the buffers takes its time, in which counters go on. */
	counting_end(record);
	return err ? err : recorders_add_last(record);
}

static int stop_recorders(struct trail_record *record)
{
	struct recorder *failed = NULL;
	uint64_t one = 1;
	int err;

	err = record_switch_off(record);
	if (write(record->stop_fd, &one, sizeof(one)) < 0 && !err)
		err = -errno;
	for (int i = 0; i < record->nr_cpu; i++) {
		recorder_join(&record->recorder[i]);
		if (record->recorder[i].err && !failed)
			failed = &record->recorder[i];
	}
	if (failed) {
		record->ended_early = strerrordesc_np(-failed->err);
		return fail_output(record, failed->err, "-m KB bounds the size");
	}
	if (err)
		session_fail(&record->session, err, NULL, "cannot stop tracing: %s",
			     strerror(-err));
	return err;
}

/* An open buffer would keep the instance from going, and on 5.10 the tracer as well. */
static int close_buffers(struct trail_record *record)
{
	int err = 0;

	/* In the top instance the counters go with the tracer. */
	watch_end(record);
	for (int i = 0; i < record->nr_cpu; i++) {
		if (record->recorder[i].raw_fd >= 0)
			close(record->recorder[i].raw_fd);
		record->recorder[i].raw_fd = -1;
	}
	record->stat.missed_probes = dynevent_count_missed(&record->dynevents, &record->session) +
				     user_probes_count_missed(&record->probes, &record->session);
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
		.fd = recorder->file[index], .index = index, .consume = true,
		.size = size - size % recorder->page_size,
	};
}

/* Before the files are joined: no capture ever holds what is not to be kept. */
static int blank_surplus(struct trail_record *record)
{
	struct blank *blank;
	int err;

	err = part_blank_new(&record->part, plugins(record), &blank);
	if (err)
		return err;
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

/*
 * The data of each CPU begins at a time of its own: where another has older data there is a gap,
 * marked as the kernel marks it in a buffer that it has overwritten.
 */
static int bound_file(struct trail_record *record)
{
	int err = 0;

	if (!record->opts.max_kb)
		return 0;
	for (int i = 0; !err && i < record->nr_cpu; i++) {
		const struct recorder *recorder = &record->recorder[i];
		struct tracedat_source older = source(recorder, !recorder->current);

		if (recorder->is_cut && older.size)
			err = tracedat_mark_gap(older.fd, record->metadata.commit_size);
	}
	return err;
}

static int finish_file(struct trail_record *record)
{
	struct tracedat_tail tail = { 0 };
	struct blob tool = { 0 };
	struct tracedat_cpu *cpu;
	int moving_fd, err;

	part_fill_tail(&record->part, &tail);
	describe_tool(record, &tool);
	counting_describe(&record->counting, &tool);
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
	tail.cmdlines = (struct tracedat_piece){ record->cmdlines.data, record->cmdlines.size };
	tail.cpu = cpu;
	tail.nr_cpu = record->nr_cpu;
	tail.tool = tool.data;
	moving_fd = openat(record->output.part_fd, PART_MOVING, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	tail.moving_fd = &moving_fd;
	err = moving_fd < 0 ? -errno : tracedat_finish(record->dat, &tail);
	if (moving_fd >= 0)
		close(moving_fd);
	free(cpu);
	blob_release(&tool);
	return err ? err : output_commit(&record->output);
}

/* The first failure is the one to tell; the rest is done all the same. */
int record_restore(struct trail_record *record, struct trail_error *later)
{
	int err, this_err;

	record->state = STATE_STOPPED;
	user_probes_finish(&record->probes, &record->session);
	err = stop_recorders(record);
	if (err)
		record->session.error = later;
	this_err = close_buffers(record);
	err = err ? err : this_err;
	if (err)
		record->session.error = later;
	read_cmdlines(record);
	if (record->opts.keep)
		session_keep(&record->session);
	this_err = session_restore(&record->session);
	return err ? err : this_err;
}

int trail_record_stop(struct trail_record *record, struct trail_error *error)
{
	struct trail_error later = { 0 };
	int err, this_err;

	*error = (struct trail_error){ 0 };
	record->session.error = error;
	if (record->state != STATE_RUNNING)
		return 0;
	err = record_restore(record, &later);
	if (err)
		record->session.error = &later;
	this_err = blank_surplus(record);
	record->stat.kept_events = record->stat.read_events;
	/* Not all that was taken out of the kernel's buffers has stayed. */
	if (!this_err && (record->ended_early || record->opts.max_kb || record->watch.was_cleared))
		this_err = tracedat_kept(record->recorder, record->nr_cpu, &record->metadata,
					 &record->stat.kept_events);
	watch_count_kept(record);
	if (!this_err)
		this_err = bound_file(record);
	if (!this_err)
		this_err = finish_file(record);
	if (!this_err)
		return err;
	record->output.keep = true;
	if (!err)
		fail_output(record, this_err, NULL);
	/* Whatever had failed before: this is what can be done now. */
	part_hint(record->output.part, record->output.part_fd,
		  this_err == -EEXIST ? "recover -o FILE" : "recover", error->hint,
		  sizeof(error->hint));
	return err ? err : this_err;
}

const struct trail_record_stat *trail_record_stat(const struct trail_record *record)
{
	return &record->stat;
}

void trail_record_free(struct trail_record *record)
{
	struct trail_error ignored = { 0 };

	if (!record)
		return;
	record->session.error = &ignored;
	if (record->state == STATE_RUNNING) {
		stop_recorders(record);
		close_buffers(record);
	}
	if (record->state != STATE_STOPPED)
		session_restore(&record->session);
	session_release(&record->session);
	watch_release(&record->watch);
	counting_release(&record->counting);
	for (int i = 0; i < record->max_cpu; i++) {
		recorder_release(&record->recorder[i]);
		blob_release(&record->cpu_stat[i]);
	}
	free(record->recorder);
	free(record->cpu_stat);
	blob_release(&record->cmdlines);
	tracedat_free(record->dat);
	part_release(&record->part);
	metadata_release(&record->metadata);
	event_list_release(&record->list);
	dynevent_release(&record->dynevents);
	user_probes_release(&record->probes);
	output_release(&record->output);
	if (record->head_fd >= 0)
		close(record->head_fd);
	if (record->stop_fd >= 0)
		close(record->stop_fd);
	if (record->failed_fd >= 0)
		close(record->failed_fd);
	free(record);
}
