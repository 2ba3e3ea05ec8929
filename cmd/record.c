// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * record.c - `skbtrail record`: probes on, workload, probes off, trace.dat
 *
 * Signals are blocked and come in through a descriptor: whatever ends the recording, there is one
 * way out, and a second Ctrl-C during it changes nothing.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "privileges.h"
#include "progress.h"
#include "signals.h"
#include "workload.h"

/* How often a running recording is looked after. */
#define LOOK_NS		INT64_C(1000000000)
#define MAX_EVENT	256
#define MAX_LIST	64

struct list {
	const char *item[MAX_LIST];
	size_t nr;
};

struct opts {
	const char *output;
	const char *instance;
	const char *tracer;
	const char *clock;
	const char *cpumask;
	const char *preset;
	const char *compression;
	const char *packet_filter;
	struct trail_record_event event[MAX_EVENT];
	size_t nr_event;
	struct list filter_func;
	struct list notrace_func;
	struct list graph_func;
	struct list option;
	struct list pid;
	struct list probe;
	long buffer_kb;
	long max_kb;
	long interval_us;
	long version;
	long snap_bytes;
	uint64_t for_ns;
	bool only_command;
	bool children;
	bool stacktrace;
	bool keep;
	bool dry_run;
	bool force;
	bool payload;
	bool no_probes;
	bool no_counters;
	bool flight;
	bool strict;
};

/**
 * struct running - a recording that has begun
 * @look_ns: when it is to be looked after
 */
struct running {
	struct trail_record *record;
	struct progress progress;
	int64_t look_ns;
};

/* ---- options */

static int add(struct list *list, const char *what, const char *arg)
{
	if (list->nr == MAX_LIST) {
		complain(NULL, "record: more than %d times %s", MAX_LIST, what);
		return -EINVAL;
	}
	list->item[list->nr++] = arg;
	return 0;
}

static int add_event(void *data, const char *arg)
{
	struct opts *opts = data;

	if (opts->nr_event == MAX_EVENT) {
		complain(NULL, "record: more than %d times -e", MAX_EVENT);
		return -EINVAL;
	}
	opts->event[opts->nr_event++] = (struct trail_record_event){ arg, NULL };
	return 0;
}

static int add_filter(void *data, const char *arg)
{
	struct opts *opts = data;

	if (!opts->nr_event) {
		complain(NULL, "record: -f must follow the -e that it filters");
		return -EINVAL;
	}
	if (opts->event[opts->nr_event - 1].filter) {
		complain("join them by &&", "record: two filters for '%s'",
			 opts->event[opts->nr_event - 1].name);
		return -EINVAL;
	}
	opts->event[opts->nr_event - 1].filter = arg;
	return 0;
}

static int add_pid(void *data, const char *arg)
{
	struct opts *opts = data;
	char *end;
	long pid = strtol(arg, &end, 10);

	if (end == arg || *end || pid <= 0) {
		complain(NULL, "record: --pid: '%s' is not a process number", arg);
		return -EINVAL;
	}
	if (kill(pid, 0) && errno == ESRCH) {
		complain(NULL, "record: --pid: there is no process %s", arg);
		return -EINVAL;
	}
	return add(&opts->pid, "-P", arg);
}

static int add_filter_func(void *data, const char *arg)
{
	return add(&((struct opts *)data)->filter_func, "-l", arg);
}

static int add_notrace_func(void *data, const char *arg)
{
	return add(&((struct opts *)data)->notrace_func, "-n", arg);
}

static int add_graph_func(void *data, const char *arg)
{
	return add(&((struct opts *)data)->graph_func, "-g", arg);
}

static int add_probe(void *data, const char *arg)
{
	return add(&((struct opts *)data)->probe, "--probe", arg);
}

static int add_option(void *data, const char *arg)
{
	return add(&((struct opts *)data)->option, "-O", arg);
}

#define AT(member)	offsetof(struct opts, member)

static const struct option_def option[] = {
	{ 'o', "output", OPTION_STRING, AT(output), "FILE", "the capture (trace.dat)" },
	{ 'e', "event", OPTION_CALL, 0, "EVENT",
	  "record EVENT: system, system:event or event, with globs; repeatable", add_event },
	{ 'f', "event-filter", OPTION_CALL, 0, "FILTER",
	  "of the preceding -e, in the kernel's grammar", add_filter },
	{ 0, "probe", OPTION_CALL, 0, "SPEC",
	  "a function, and its values: skbtrail-probe(1); repeatable", add_probe },
	{ 0, "filter", OPTION_STRING, AT(packet_filter), "EXPR",
	  "only packets that match, as pcap-filter(7): 'tcp port 80'" },
	{ 0, "preset", OPTION_STRING, AT(preset), "NAME",
	  "events for packet paths: net (default without -e or -p), minimal, drops, none" },
	{ 0, "snap", OPTION_NUMBER, AT(snap_bytes), "BYTES",
	  "bytes kept of each packet: 0 to 1024 (96), payload is blanked" },
	{ 0, "payload", OPTION_FLAG, AT(payload), NULL, "keep payload too, as far as --snap goes" },
	{ 0, "no-probes", OPTION_FLAG, AT(no_probes), NULL,
	  "tracepoints only: no packet headers, no kprobes" },
	{ 0, "no-counters", OPTION_FLAG, AT(no_counters), NULL,
	  "do not look at the kernel's counters meanwhile" },
	{ 'p', "tracer", OPTION_STRING, AT(tracer), "TRACER", "run a tracer, e.g. function_graph" },
	{ 'l', "func", OPTION_CALL, 0, "FUNC", "the tracer sees only FUNC; repeatable",
	  add_filter_func },
	{ 'n', "notrace", OPTION_CALL, 0, "FUNC", "the tracer does not see FUNC; repeatable",
	  add_notrace_func },
	{ 'g', "graph", OPTION_CALL, 0, "FUNC", "graph FUNC and what it calls; repeatable",
	  add_graph_func },
	{ 'O', "option", OPTION_CALL, 0, "OPTION", "set a trace option, noOPTION clears it",
	  add_option },
	{ 'T', "stacktrace", OPTION_FLAG, AT(stacktrace), NULL, "a stack trace with each event" },
	{ 'P', "pid", OPTION_CALL, 0, "PID", "only this task; repeatable", add_pid },
	{ 'F', "only-command", OPTION_FLAG, AT(only_command), NULL, "only the task of COMMAND" },
	{ 'c', "children", OPTION_FLAG, AT(children), NULL, "with -P and -F: their children too" },
	{ 'M', "cpumask", OPTION_STRING, AT(cpumask), "MASK", "CPUs in hexadecimal, -1 for all" },
	{ 'C', "clock", OPTION_STRING, AT(clock), "CLOCK", "trace clock (mono)" },
	{ 'B', "buffer", OPTION_STRING, AT(instance), "NAME", "name of the trace instance" },
	{ 'b', "buffer-size", OPTION_NUMBER, AT(buffer_kb), "KB", "kernel buffer per CPU" },
	{ 's', "sleep", OPTION_NUMBER, AT(interval_us), "USEC",
	  "longest time that data stays in the kernel (500000)" },
	{ 'm', "max-size", OPTION_NUMBER, AT(max_kb), "KB", "keep only the newest KB per CPU" },
	{ 0, "flight", OPTION_FLAG, AT(flight), NULL,
	  "keep only what the kernel's buffers (-b) hold at the end: the newest" },
	{ 0, "for", OPTION_DURATION, AT(for_ns), "DURATION", "end the recording after DURATION" },
	{ 'k', "keep", OPTION_FLAG, AT(keep), NULL, "leave the instance set up at the end" },
	{ 0, "file-version", OPTION_NUMBER, AT(version), "N", "trace.dat version 6 or 7 (7)" },
	{ 0, "compression", OPTION_STRING, AT(compression), "NAME", "none (default) or zstd" },
	{ 0, "dry-run", OPTION_FLAG, AT(dry_run), NULL, "print what would be written to tracefs" },
	{ 0, "strict", OPTION_FLAG, AT(strict), NULL, "exit with 4 if events were lost" },
	{ 0, "force", OPTION_FLAG, AT(force), NULL, "replace a FILE that is not a capture" },
	{ 0 }
};

static void warn(void *data, const char *text)
{
	fprintf(stderr, "skbtrail: warning: %s\n", text);
}

static void print_write(void *data, const char *path, const char *value)
{
	if (value)
		printf("write %s: %s\n", path, value);
	else
		printf("mkdir %s\n", path);
}

static int parse_preset(const struct opts *opts, unsigned int *preset)
{
	const char *name = opts->preset;

	*preset = 0;
	if (!name && (opts->nr_event || opts->tracer))
		return 0;
	if (!name || !strcmp(name, "net"))
		*preset = TRAIL_PRESET_NET;
	else if (!strcmp(name, "minimal"))
		*preset = TRAIL_PRESET_MINIMAL;
	else if (!strcmp(name, "drops"))
		*preset = TRAIL_PRESET_DROPS;
	else if (!strcmp(name, "none"))
		return 0;
	if (*preset)
		return 0;
	complain("net, minimal, drops or none", "record: no preset '%s'", name);
	return -EINVAL;
}

static int parse_compression(const char *name, enum trail_compression *compression)
{
	*compression = TRAIL_COMPRESS_NONE;
	if (!name || !strcmp(name, "none"))
		return 0;
	*compression = TRAIL_COMPRESS_ZSTD;
	if (!strcmp(name, "zstd"))
		return 0;
	complain("none or zstd", "record: no compression '%s'", name);
	return -EINVAL;
}

static struct trail_record_list as_list(const struct list *list)
{
	return (struct trail_record_list){ list->item, list->nr };
}

static int record_opts(const struct opts *opts, struct trail_record_opts *out)
{
	*out = (struct trail_record_opts){
		.output = opts->output, .event = opts->event, .nr_event = opts->nr_event,
		.instance = opts->instance, .clock = opts->clock, .tracer = opts->tracer,
		.filter_func = as_list(&opts->filter_func),
		.notrace_func = as_list(&opts->notrace_func),
		.graph_func = as_list(&opts->graph_func), .option = as_list(&opts->option),
		.pid = as_list(&opts->pid), .probe = as_list(&opts->probe),
		.cpumask = opts->cpumask,
		.follow_fork = opts->children, .stacktrace = opts->stacktrace,
		.keep = opts->keep, .force = opts->force, .buffer_kb = opts->buffer_kb,
		.max_kb = opts->max_kb, .flight = opts->flight, .interval_us = opts->interval_us,
		.version = opts->version, .snap_bytes = opts->snap_bytes,
		.payload = opts->payload, .no_probes = opts->no_probes,
		.no_counters = opts->no_counters,
		.packet_filter = opts->packet_filter, .warn = warn,
		.dry_write = opts->dry_run ? print_write : NULL,
	};
	if (parse_preset(opts, &out->preset))
		return -EINVAL;
	return parse_compression(opts->compression, &out->compression);
}

static int check_usage(const struct opts *opts, char **command)
{
	if (opts->only_command && !*command)
		complain(NULL, "record: -F needs a COMMAND");
	else if (opts->children && !opts->only_command && !opts->pid.nr)
		complain(NULL, "record: -c needs -F or -P");
	else if (opts->version != 6 && opts->version != 7)
		complain("6 or 7", "record: no file version %ld", opts->version);
	else if (opts->packet_filter && (opts->no_probes || !opts->snap_bytes))
		complain(NULL, "record: --filter needs the probes that read packet headers: no %s",
			 opts->no_probes ? "--no-probes" : "--snap 0");
	else if (opts->packet_filter && !opts->preset && (opts->nr_event || opts->tracer))
		complain("give --preset too", "record: --filter is for the events of a preset");
	else if (!*opts->output)
		complain(NULL, "record: -o: the name of the capture is empty");
	else if (!strcmp(opts->output, "-"))
		complain("./- is a file of that name; 'skbtrail export -o -' writes to standard "
			 "output", "record: -o -: a capture cannot go to standard output");
	else if (opts->flight && opts->max_kb)
		complain("-b is how much --flight keeps", "record: --flight and -m are two ways");
	else if (opts->snap_bytes > TRAIL_MAX_SNAP_BYTES)
		complain(NULL, "record: --snap: at most %d bytes", TRAIL_MAX_SNAP_BYTES);
	else
		return 0;
	return -EINVAL;
}

/* ---- waiting */

/* Milliseconds until @end_ns, as poll() wants them. */
static int left_ms(int64_t end_ns)
{
	int64_t left = (end_ns - now_ns() + 999999) / 1000000;

	return left < 0 ? 0 : left;
}

/* Looks after the recording, once a second. */
static int look(struct running *running)
{
	struct trail_record_progress now;
	struct trail_error error;
	int err;

	if (now_ns() < running->look_ns)
		return 0;
	running->look_ns = now_ns() + LOOK_NS;
	err = trail_record_poll(running->record, &now, &error);
	if (err)
		complain_error("record", err, &error);
	else
		progress_show(&running->progress, &now);
	return err;
}

/*
 * Until the workload, a signal, the time or a recorder ends it.
 * Return: what the signal was, 0, or -errno: it cannot go on.
 */
static int wait_for_end(struct running *running, struct workload *workload, int signal_fd,
			uint64_t for_ns)
{
	struct pollfd fd[] = {
		{ signal_fd, POLLIN, 0 }, { trail_record_fd(running->record), POLLIN, 0 },
	};
	int64_t end_ns = for_ns ? now_ns() + (int64_t)for_ns : 0;
	int err, number;

	while (!end_ns || now_ns() < end_ns) {
		if (poll(fd, 2, left_ms(end_ns && end_ns < running->look_ns ? end_ns :
					running->look_ns)) < 0 && errno != EINTR)
			return 0;
		err = look(running);
		if (err)
			return err;
		if (fd[1].revents)
			return 0;
		/* A command is recorded to its end, whether anybody reads a warning or not. */
		number = !fd[0].revents ? 0 : workload->pid ? signals_next_of_others(signal_fd)
							    : signals_next(signal_fd);
		if (!number)
			continue;
		if (number == SIGCHLD) {
			if (workload_reap(workload))
				return 0;
			continue;
		}
		return number;
	}
	return 0;
}

/* ---- the whole */

static bool is_incomplete(const struct trail_record_stat *stat)
{
	return stat->disturbed || stat->overrun || stat->commit_overrun || stat->dropped ||
	       stat->not_kept;
}

/* From the first to the last traced event. */
static int record_workload(struct trail_record *record, const struct opts *opts,
			   struct workload *workload, int signal_fd)
{
	struct running running = { .record = record, .look_ns = now_ns() + LOOK_NS };
	struct trail_error error;
	bool restores = opts->tracer || opts->instance;
	int err = 0, signal_number;

	if (opts->only_command)
		err = trail_record_add_pid(record, workload->pid, &error);
	if (!err && privileges_drop(opts->output, workload->pid, restores)) {
		complain(NULL, "record: cannot give up privileges");
		return STATUS_FAILED;
	}
	if (!err)
		err = trail_record_start(record, &error);
	if (err) {
		complain_error("record", err, &error);
		return STATUS_FAILED;
	}
	progress_start(&running.progress, workload->pid);
	workload_go(workload);
	signal_number = wait_for_end(&running, workload, signal_fd, opts->for_ns);
	progress_clear(&running.progress);
	if (signal_number == SIGTERM || signal_number == SIGHUP ||
	    signals_is_unusual(signal_number))
		workload_end(workload);
	err = trail_record_stop(record, &error);
	progress_end(trail_record_stat(record), opts->output);
	if (err)
		complain_error("record", err, &error);
	if (err || signal_number < 0)
		return STATUS_FAILED;
	if (opts->strict && is_incomplete(trail_record_stat(record))) {
		workload_end(workload);
		return STATUS_INCOMPLETE;
	}
	if (signals_is_unusual(signal_number)) {
		workload_end(workload);
		return STATUS_SIGNAL + signal_number;
	}
	if (workload_reap(workload))
		return workload->status;
	/* The time was over, or Ctrl-C, of which the terminal has told the command as well. */
	workload_end(workload);
	return signal_number && workload->has_ended ? workload->status : STATUS_OK;
}

/* Of setting it up: the packet filter or a probe may be what is wrong.  Return: exit status. */
static int complain_open(const struct trail_record_opts *opts, int err,
			 const struct trail_error *error)
{
	bool is_probe = error->item && error->item <= opts->probe.nr;

	if (error->column) {
		complain_place(is_probe ? "record: --probe" : "record: --filter", is_probe ?
			       opts->probe.item[error->item - 1] : opts->packet_filter, err, error);
		return STATUS_USAGE;
	}
	complain_error("record", err, error);
	return STATUS_FAILED;
}

static int dry_run(const struct trail_record_opts *opts, bool only_command)
{
	struct trail_record *record;
	struct trail_error error;
	int err = trail_record_open(opts, &record, &error);

	if (err)
		return complain_open(opts, err, &error);
	if (only_command)
		printf("write set_event_pid: the process number of COMMAND\n");
	err = trail_record_start(record, &error);
	trail_record_free(record);
	return err ? STATUS_FAILED : STATUS_OK;
}

static int record_for_real(const struct opts *opts, const struct trail_record_opts *record_opts,
			   char **command)
{
	struct trail_record *record = NULL;
	struct workload workload = { .go_fd = -1 };
	struct trail_error error;
	int signal_fd, err, status;
	sigset_t mask;

	signal_fd = signals_block(&mask);
	if (signal_fd < 0) {
		complain(NULL, "record: cannot take signals: %s", strerror(-signal_fd));
		return STATUS_FAILED;
	}
	err = trail_record_open(record_opts, &record, &error);
	if (!err) {
		error = (struct trail_error){ 0 };
		err = workload_start(&workload, command, &mask);
	}
	if (err) {
		status = complain_open(record_opts, err, &error);
	} else {
		if (!*command)
			fprintf(stderr, "skbtrail: recording, Ctrl-C ends it\n");
		status = record_workload(record, opts, &workload, signal_fd);
	}
	workload_end(&workload);
	trail_record_free(record);
	close(signal_fd);
	return status;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
	struct trail_record_opts record_opts_;
	struct opts opts = {
		.output = "trace.dat", .version = 7, .snap_bytes = TRAIL_SNAP_BYTES,
	};
	int first = options_parse(cmd, argc, argv, &opts);

	if (first == -ECANCELED)
		return STATUS_OK;
	if (first < 0 || check_usage(&opts, argv + first) || record_opts(&opts, &record_opts_))
		return STATUS_USAGE;
	if (opts.dry_run)
		return dry_run(&record_opts_, opts.only_command);
	return record_for_real(&opts, &record_opts_, argv + first);
}

const struct cmd cmd_record = {
	"record", "[-- COMMAND ...]",
	"record the events that show each packet's way, while COMMAND runs or until Ctrl-C",
	option, run,
};
