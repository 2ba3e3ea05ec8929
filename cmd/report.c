// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report.c - a capture -> packets or events, in the form that was asked for
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "child.h"
#include "cmd.h"
#include "counted.h"
#include "events.h"
#include "select.h"
#include "terminal.h"

#define DEFAULT_FILE	"trace.dat"
#define MAX_SLOWEST	100000
/* Listings are written in large pieces. */
#define OUTPUT_BUFFER	(256 * 1024)
/* What a child that crashes has not written is lost. */
#define CHILD_BUFFER	4096

struct report_opts {
	const char *file;
	const char *format;
	const char *reader;
	const char *color;
	const char *by;
	struct select select;
	struct select_names filter;
	long nr_slowest;
	long nr_threads;
	bool packets;
	bool json;
	bool events;
	bool strict;
	bool no_pager;
};

/**
 * struct report - a report under way
 * @filter: opts->filter.nr compiled ones
 * @sink_opts: what is asked of the terminal before the pager starts
 */
struct report {
	struct report_opts *opts;
	struct trail_capture *cap;
	struct trail_filter **filter;
	struct trail_engine *engine;
	struct trail_stat *stat;
	struct trail_groups *groups;
	struct trail_reconcile *reconcile;
	struct trail_sink *sink;
	struct trail_sink_opts sink_opts;
	pid_t pager;
};

/* ------------------------------------------------------------------ options */

/* Remembers an option that selects packets. */
static int given(void *opts, const char *name, const char *arg)
{
	int err = select_given(&((struct report_opts *)opts)->select, name, arg);

	if (err)
		complain(NULL, "--%s: %s", name, strerror(-err));
	return err;
}

static int list_option(void *opts, struct select_list *list, const char *name, const char *arg)
{
	int err = select_list_add(list, arg);

	if (err)
		complain("numbers and ranges, such as 0,2-5", "--%s: '%s' is not a list", name,
			 arg);
	return err ? err : given(opts, name, arg);
}

static int on_cpu(void *opts, const char *arg)
{
	return list_option(opts, &((struct report_opts *)opts)->select.cpu, "cpu", arg);
}

static int on_pid(void *opts, const char *arg)
{
	return list_option(opts, &((struct report_opts *)opts)->select.pid, "pid", arg);
}

static int on_comm(void *opts, const char *arg)
{
	int err = select_names_add(&((struct report_opts *)opts)->select.comm, arg);

	return err ? err : given(opts, "comm", arg);
}

static int on_where(void *opts, const char *arg)
{
	int err = select_names_add(&((struct report_opts *)opts)->select.where, arg);

	return err ? err : given(opts, "where", arg);
}

static int on_filter(void *opts, const char *arg)
{
	int err = select_names_add(&((struct report_opts *)opts)->select.filter, arg);

	return err ? err : given(opts, "filter", arg);
}

static int on_event_filter(void *opts, const char *arg)
{
	((struct report_opts *)opts)->events = true;
	return select_names_add(&((struct report_opts *)opts)->filter, arg);
}

static int time_option(void *opts, struct select_time *time, const char *name, const char *arg)
{
	int err = select_time_parse(time, arg);

	if (err)
		complain("seconds of the capture's clock, such as 21.61, or a duration from its "
			 "start, such as +250ms", "--%s: '%s' is not a time", name, arg);
	return err ? err : given(opts, name, arg);
}

static int on_since(void *opts, const char *arg)
{
	return time_option(opts, &((struct report_opts *)opts)->select.since, "since", arg);
}

static int on_until(void *opts, const char *arg)
{
	return time_option(opts, &((struct report_opts *)opts)->select.until, "until", arg);
}

#define AT(member)	offsetof(struct report_opts, member)

static const struct option_def option[] = {
	{ 'i', "input", OPTION_STRING, AT(file), "FILE",
	  "the capture (default " DEFAULT_FILE ")" },
	{ 0, "packets", OPTION_FLAG, AT(packets), NULL, "each packet with its stages" },
	{ 0, "events", OPTION_FLAG, AT(events), NULL, "the events, as trace-cmd prints them" },
	{ 0, "format", OPTION_STRING, AT(format), "FORMAT", "text, json, ndjson or packets" },
	{ 'j', "json", OPTION_FLAG, AT(json), NULL, "same as --format=json" },
	{ 'F', "event-filter", OPTION_CALL, 0, "FILTER",
	  "only events that pass, such as 'kfree_skb: protocol == 2048'; implies --events",
	  on_event_filter },
	{ 0, "filter", OPTION_CALL, 0, "EXPR",
	  "only packets that match in the language of pcap-filter(7): 'tcp port 443'", on_filter },
	{ 0, "where", OPTION_CALL, 0, "EXPR",
	  "only packets of which this is true, such as 'latency > 1ms and dev == eth0'", on_where },
	{ 0, "cpu", OPTION_CALL, 0, "LIST", "only what touched these CPUs, such as 0,2-5", on_cpu },
	{ 0, "pid", OPTION_CALL, 0, "LIST", "only what touched these tasks", on_pid },
	{ 0, "comm", OPTION_CALL, 0, "NAME", "only what touched tasks of this name", on_comm },
	{ 0, "since", OPTION_CALL, 0, "TIME", "only from then on: 21.61, or +250ms", on_since },
	{ 0, "until", OPTION_CALL, 0, "TIME", "only until then", on_until },
	{ 0, "by", OPTION_STRING, AT(by), "WHAT",
	  "groups instead of all: flow, dev, cpu, reader or stage" },
	{ 0, "slowest", OPTION_NUMBER, AT(nr_slowest), "N",
	  "how many of the slowest packets (default 10)" },
	{ 0, "threads", OPTION_NUMBER, AT(nr_threads), "N",
	  "1: one thread does it all (default: as many as are useful)" },
	{ 0, "reader", OPTION_STRING, AT(reader), "NAME", "auto, native or libtracecmd" },
	{ 0, "color", OPTION_STRING, AT(color), "WHEN", "auto, always or never" },
	{ 0, "no-pager", OPTION_FLAG, AT(no_pager), NULL, "write to the terminal directly" },
	{ 0, "strict", OPTION_FLAG, AT(strict), NULL, "exit with 4 when data is missing" },
	{ 0 }
};

static int take_operand(struct report_opts *opts, int argc, char **argv, int first)
{
	if (argc - first > 1 || (argc > first && opts->file)) {
		complain("see 'skbtrail report --help'", "report: one capture at a time");
		return -EINVAL;
	}
	if (argc > first)
		opts->file = argv[first];
	else if (!opts->file)
		opts->file = DEFAULT_FILE;
	return 0;
}

/* --packets and --json are short for a format; only one output can be had at a time. */
static int choose_format(struct report_opts *opts)
{
	int nr_format = opts->packets + opts->json + opts->events + !!opts->format;
	size_t i;

	if (nr_format > 1) {
		complain(NULL, "report: only one of --packets, --events, -F, --format and --json");
		return -EINVAL;
	}
	if (opts->events && (opts->select.where.nr || opts->select.filter.nr)) {
		complain("-F selects events", "report: --where and --filter select packets, not "
			 "events");
		return -EINVAL;
	}
	if (!opts->format)
		opts->format = opts->packets ? "packets" : opts->json ? "json" : "text";
	for (i = 0; trail_sink_type[i]; i++)
		if (!trail_sink_type[i]->ending && !strcmp(trail_sink_type[i]->name, opts->format))
			return 0;
	complain("text, json, ndjson or packets", "--format: no format '%s'", opts->format);
	return -EINVAL;
}

static int check_words(const struct report_opts *opts)
{
	if (terminal_color(opts->color) < 0) {
		complain("auto, always or never", "--color: '%s'", opts->color);
		return -EINVAL;
	}
	if (opts->by && (select_by(opts->by) == TRAIL_NR_BY || opts->events)) {
		complain("flow, dev, cpu, reader or stage", opts->events ?
			 "--by: groups are of packets, not of events" :
			 "--by: '%s'", opts->by);
		return -EINVAL;
	}
	if (opts->nr_slowest > MAX_SLOWEST) {
		complain(NULL, "--slowest: at most %d", MAX_SLOWEST);
		return -EINVAL;
	}
	if (strcmp(opts->reader, "auto") && strcmp(opts->reader, "native") &&
	    strcmp(opts->reader, "libtracecmd")) {
		complain("auto, native or libtracecmd", "--reader: '%s'", opts->reader);
		return -EINVAL;
	}
	return 0;
}

/* ------------------------------------------------------------------ the capture */

/* Is all that is printed about the whole capture, and nothing asked of it before? */
static bool is_summary(const struct report_opts *opts)
{
	return !opts->events && (!strcmp(opts->format, "text") || !strcmp(opts->format, "json")) &&
	       !opts->select.filter.nr && !opts->select.since.is_given &&
	       !opts->select.until.is_given;
}

static struct trail_capture_opts capture_opts(const struct report_opts *opts)
{
	return (struct trail_capture_opts){
		.reader = strcmp(opts->reader, "libtracecmd") ? TRAIL_READER_NATIVE :
								TRAIL_READER_LIBTRACECMD,
		.single_pass = is_summary(opts),
		.nr_threads = opts->events ? 1 : opts->nr_threads > 1 ? 2 :
			      opts->nr_threads == 1 ? 1 : TRAIL_THREADS_AUTO,
	};
}

/* What fails here has been complained about, but -ENOTSUP for reader "auto". */
static int open_capture(struct report *report)
{
	const char *file = report->opts->file;
	struct trail_capture_opts opts = capture_opts(report->opts);
	struct trail_error error = { 0 };
	const struct trail_capture_info *info;
	int err;

	err = trail_capture_open(file, &opts, &report->cap, &error);
	if (err == -ENOTSUP && !strcmp(report->opts->reader, "auto"))
		return err;
	if (err) {
		complain_read(file, err, &error);
		return err;
	}
	info = trail_capture_info(report->cap);
	for (size_t i = 0; info->warning && info->warning[i]; i++)
		complain(NULL, "%s: warning: %s", file, info->warning[i]);
	select_resolve(&report->opts->select, info->start_ns);
	return 0;
}

static int make_filters(struct report *report)
{
	const struct select_names *expr = &report->opts->filter;
	struct trail_error error = { 0 };
	int err;

	report->filter = calloc(expr->nr + 1, sizeof(*report->filter));
	if (!report->filter) {
		complain_read("-F", -ENOMEM, &error);
		return -ENOMEM;
	}
	for (size_t i = 0; i < expr->nr; i++) {
		err = trail_filter_new(report->cap, expr->name[i], &report->filter[i], &error);
		if (err) {
			complain_read("-F", err, &error);
			return err;
		}
	}
	return 0;
}

static int no_headers(const struct report *report)
{
	complain("record with 'skbtrail record', with --snap above 0 and without --no-probes",
		 "--filter: %s has no packet headers", report->opts->file);
	return -ENODATA;
}

/* Dynamic events are what records bytes; all other capabilities are the kernel's own. */
static int check_headers(const struct report *report)
{
	const char *const *capability = trail_capture_info(report->cap)->capability;

	for (; report->opts->select.filter.nr && *capability; capability++)
		if (strcmp(*capability, "tracepoints") && strcmp(*capability, "function") &&
		    strcmp(*capability, "function_graph"))
			return 0;
	return report->opts->select.filter.nr ? no_headers(report) : 0;
}

static void report_release(struct report *report)
{
	for (size_t i = 0; report->filter && report->filter[i]; i++)
		trail_filter_free(report->filter[i]);
	free(report->filter);
	trail_engine_free(report->engine);
	trail_stat_free(report->stat);
	trail_groups_free(report->groups);
	trail_reconcile_free(report->reconcile);
	trail_capture_close(report->cap);
}

/* ------------------------------------------------------------------ events */

static bool passes(void *data, const struct trail_event *event)
{
	const struct report *report = data;
	bool pass = !report->opts->filter.nr;

	for (size_t i = 0; !pass && i < report->opts->filter.nr; i++)
		pass = trail_filter_match(report->filter[i], event);
	return pass && select_event(&report->opts->select, report->cap, event);
}

static int report_events(struct report *report)
{
	/* What -F names is wanted, whatever it is. */
	const struct events_opts opts = {
		.passes = passes, .data = report, .has_parts = report->opts->filter.nr,
	};

	return events_print(report->cap, &opts);
}

/* ---- packets */

static int on_packet(void *data, const struct trail_packet *packet)
{
	struct report *report = data;
	int err;

	if (!select_packet(&report->opts->select, packet))
		return 0;
	err = trail_stat_add(report->stat, packet);
	if (!err && report->groups)
		err = trail_groups_add(report->groups, packet);
	return err || !report->sink ? err : trail_sink_packet(report->sink, packet);
}

static int rebuild(struct trail_capture *cap, struct trail_engine *engine)
{
	const struct trail_event *event;
	int nr, err = 0, later;

	while (!err && (nr = trail_capture_batch(cap, &event)) != 0)
		err = nr < 0 ? nr : trail_engine_events(engine, event, (size_t)nr);
	if (!err)
		return trail_engine_finish(engine);
	later = trail_engine_take_back(engine);
	return later ? later : err;
}

/* Only the list of packets shows those of groups. */
static int make_groups(struct report *report)
{
	bool listed = !strcmp(report->opts->format, "packets");

	return trail_groups_new(select_by(report->opts->by),
				listed ? (unsigned int)report->opts->nr_slowest : 0,
				&report->groups);
}

/* The head of the text says it itself. */
static int judge_selection(const struct report *report)
{
	const struct select *select = &report->opts->select;
	uint64_t nr = select->count.nr_no_header;

	if (select->filter.nr && select->count.nr_packet && !select->nr_header)
		return no_headers(report);
	if (nr && strcmp(report->opts->format, "text"))
		complain(NULL, "--filter: %" PRIu64 " packet%s without recorded headers left out",
			 nr, nr == 1 ? "" : "s");
	return 0;
}

static int report_packets(struct report *report)
{
	struct trail_sink_opts opts = report->sink_opts;
	int err, close_err;

	err = trail_stat_new((unsigned int)report->opts->nr_slowest, &report->stat);
	if (err)
		return err;
	opts.stat = report->stat;
	err = report->opts->by ? make_groups(report) : 0;
	if (err)
		return err;
	opts.groups = report->groups;
	/* Counters are of all packets. */
	err = report->opts->select.text ? 0 : counted_open(report->cap, &report->reconcile);
	opts.reconcile = report->reconcile;
	if (!err)
		err = trail_engine_new(report->cap, on_packet, report, &report->engine);
	if (err)
		return err;
	opts.engine = report->engine;
	opts.selection = report->opts->select.text ? &report->opts->select.count : NULL;
	/* A summary has no use for packets, and of a damaged capture there is none. */
	if (!is_summary(report->opts))
		err = trail_sink_open(report->opts->format, &opts, &report->sink);
	if (err)
		return err;
	/* Only to count packets, a thread costs more in caches than it gains.  It may be denied. */
	if (report->sink && trail_capture_is_threaded(report->cap))
		(void)trail_engine_hand_over(report->engine);
	err = rebuild(report->cap, report->engine);
	if (!err && !report->sink)
		err = trail_sink_open(report->opts->format, &opts, &report->sink);
	/* Otherwise show what came before the damage. */
	close_err = trail_sink_close(report->sink);
	return err ? err : close_err;
}

/* ---- the command */

/* What was read in a single pass is opened once more: it is the walk that names the place. */
static void explain_end(const struct report *report, int err)
{
	const char *file = report->opts->file;
	struct trail_capture_opts opts = capture_opts(report->opts);
	struct trail_error error = { 0 };
	struct trail_capture *again = NULL;

	if (err == -EINVAL && opts.single_pass) {
		opts.single_pass = false;
		err = trail_capture_open(file, &opts, &again, &error);
		trail_capture_close(again);
		err = err ? err : -EINVAL;
	}
	if (err == -EINVAL && !error.text[0])
		complain(NULL, "%s: damaged data: the report ends here", file);
	else
		complain_read(file, err, &error);
}

/* The capture is open. */
static int report_capture(struct report *report)
{
	int err;

	if (check_headers(report) || make_filters(report))
		return STATUS_FAILED;
	report->sink_opts.capture = trail_capture_info(report->cap);
	err = report->opts->events ? report_events(report) : report_packets(report);
	/* Complaints about the output itself are main's, which knows of SIGPIPE. */
	if (err && !ferror(stdout))
		explain_end(report, err);
	pager_wait(report->pager);
	if (err || judge_selection(report))
		return STATUS_FAILED;
	if (report->opts->strict && trail_capture_is_incomplete(report->cap))
		return STATUS_INCOMPLETE;
	/* What is there was reported; a program must not take it for all. */
	return trail_capture_info(report->cap)->truncated ? STATUS_FAILED : STATUS_OK;
}

static void start_output(struct report *report, size_t buffer)
{
	report->sink_opts = (struct trail_sink_opts){
		.out = stdout,
		.width = terminal_width(),
		.color = terminal_color(report->opts->color) > 0,
	};
	report->pager = report->opts->no_pager ? 0 : pager_start();
	setvbuf(stdout, NULL, _IOFBF, buffer);
}

/* For what libtraceevent and libtracecmd do with a capture. */
static int report_in_child(struct report *report)
{
	const char *file = report->opts->file;
	const char *what = report->opts->events ? "events cannot be printed" :
						  "libtracecmd cannot read it";
	int status, err;

	start_output(report, CHILD_BUFFER);
	if (!child_start(file, what, &status)) {
		pager_wait(report->pager);
		return status;
	}
	/* The pager is no child of ours. */
	report->pager = 0;
	err = open_capture(report);
	if (err == -ENOTSUP && !strcmp(report->opts->reader, "auto")) {
		report->opts->reader = "libtracecmd";
		err = open_capture(report);
	}
	return err ? STATUS_FAILED : report_capture(report);
}

static int report_run(struct report *report)
{
	struct report_opts *opts = report->opts;
	int err;

	if (opts->events || !strcmp(opts->reader, "libtracecmd"))
		return report_in_child(report);
	err = open_capture(report);
	if (err == -ENOTSUP && !strcmp(opts->reader, "auto"))
		return report_in_child(report);
	if (err)
		return STATUS_FAILED;
	start_output(report, OUTPUT_BUFFER);
	return report_capture(report);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
	struct report_opts opts = { .reader = "auto", .color = "auto", .nr_slowest = 10 };
	struct report report = { .opts = &opts };
	int status = STATUS_USAGE;
	int first = options_parse(cmd, argc, argv, &opts);

	if (first == -ECANCELED)
		status = STATUS_OK;
	else if (first >= 0 && !take_operand(&opts, argc, argv, first) &&
		 !choose_format(&opts) && !check_words(&opts) && !select_compile(&opts.select))
		status = report_run(&report);
	report_release(&report);
	select_release(&opts.select);
	free(opts.filter.name);
	return status;
}

const struct cmd cmd_report = {
	"report", "[FILE]", "where each packet's time went, and why", option, run, true
};
