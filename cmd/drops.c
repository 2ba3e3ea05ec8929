// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drops.c - `skbtrail drops`: a capture -> which packets were lost, whose, where and why
 *
 * Without a FILE it is the kernel that is asked: drops-live.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "child.h"
#include "cmd.h"
#include "counted.h"
#include "drops-live.h"
#include "select.h"
#include "terminal.h"

/* What a child that crashes has not written is lost. */
#define CHILD_BUFFER	4096
#define INTERVAL_NS	5000000000
#define MIN_INTERVAL_NS	100000000

struct drops_opts {
	const char *file;
	const char *reader;
	const char *color;
	struct select select;
	bool all;
	bool json;
	bool packet;
	bool stack;
	bool strict;
	bool no_pager;
	struct drops_live_opts live;
};

/**
 * struct run - a run over a capture
 * @about: what is said of the capture
 * @print: for single packets while it is read, and for the rest behind it
 */
struct run {
	struct drops_opts *opts;
	struct trail_capture *cap;
	struct trail_engine *engine;
	struct trail_drops *drops;
	struct trail_reconcile *reconcile;
	struct trail_sink_opts about;
	struct trail_drops_print print;
	pid_t pager;
};

/* ---- options */

static int on_where(void *data, const char *arg)
{
	struct select *select = &((struct drops_opts *)data)->select;
	int err = select_names_add(&select->where, arg);

	return err ? err : select_given(select, "where", arg);
}

static int on_filter(void *data, const char *arg)
{
	struct select *select = &((struct drops_opts *)data)->select;
	int err = select_names_add(&select->filter, arg);

	return err ? err : select_given(select, "filter", arg);
}

static int on_interval(void *data, const char *arg)
{
	uint64_t *ns = &((struct drops_opts *)data)->live.interval_ns;

	if (options_duration(arg, ns))
		complain("a number with ns, us, ms, s, m or h",
			 "drops: --interval: '%s' is not a duration", arg);
	else if (*ns < MIN_INTERVAL_NS)
		complain("0.1 s or longer, such as 500ms or 5s", "drops: -i: '%s' is too short",
			 arg);
	else
		return 0;
	return -EINVAL;
}

/* Of none there is nothing to show, and without a bound there is no end. */
static int on_count(void *data, const char *arg)
{
	long *count = &((struct drops_opts *)data)->live.count;
	char *end;

	errno = 0;
	*count = strtol(arg, &end, 10);
	if (!errno && end != arg && !*end && *count > 0)
		return 0;
	complain(NULL, "drops: --count: '%s' is not a number above 0", arg);
	return -EINVAL;
}

static int on_for(void *data, const char *arg)
{
	uint64_t *ns = &((struct drops_opts *)data)->live.for_ns;

	if (!options_duration(arg, ns) && *ns)
		return 0;
	complain("a time such as 10s or 2m, above 0", "drops: --for: '%s'", arg);
	return -EINVAL;
}

#define AT(member)	offsetof(struct drops_opts, member)

static const struct option_def option[] = {
	{ 'a', "all", OPTION_FLAG, AT(all), NULL, "also what was dropped without a loss" },
	{ 'j', "json", OPTION_FLAG, AT(json), NULL, "a JSON object" },
	{ 'i', "interval", OPTION_CALL, 0, "DURATION", "live: of a table (5s)", on_interval },
	{ 0, "count", OPTION_CALL, 0, "N", "live: end after N tables", on_count },
	{ 0, "for", OPTION_CALL, 0, "DURATION", "live: end after DURATION", on_for },
	{ 0, "once", OPTION_FLAG, AT(live.once), NULL, "live: end after one table" },
	{ 0, "packet", OPTION_FLAG, AT(packet), NULL,
	  "each dropped packet with its header, instead of the table" },
	{ 0, "stack", OPTION_FLAG, AT(stack), NULL,
	  "the kernel's stacks of each row, where they were recorded" },
	{ 0, "filter", OPTION_CALL, 0, "EXPR",
	  "only packets that match in the language of pcap-filter(7): 'udp port 53'", on_filter },
	{ 0, "where", OPTION_CALL, 0, "EXPR",
	  "only packets of which this is true, as report has it: 'dev == eth0'", on_where },
	{ 0, "trigger", OPTION_STRING, AT(live.trigger), "EXPR",
	  "live: record what is around the first drop of which this is true" },
	{ 'o', "output", OPTION_STRING, AT(live.output), "FILE",
	  "live: what --trigger records (drops.dat)" },
	{ 0, "reader", OPTION_STRING, AT(reader), "NAME", "auto, native or libtracecmd" },
	{ 0, "color", OPTION_STRING, AT(color), "WHEN", "auto, always or never" },
	{ 0, "no-pager", OPTION_FLAG, AT(no_pager), NULL, "write to the terminal directly" },
	{ 0, "strict", OPTION_FLAG, AT(strict), NULL, "exit with 4 when data is missing" },
	{ 0 }
};

/* What makes sense for a capture only, or only without one. */
static int check_kind(const struct drops_opts *opts)
{
	const struct drops_live_opts *live = &opts->live;

	if (opts->file && (live->interval_ns || live->count || live->for_ns || live->once ||
			   live->trigger || live->output))
		complain(NULL, "drops: -i, --count, --for, --once, --trigger and -o are for live "
			 "drops: no FILE");
	else if (!opts->file && (opts->strict || strcmp(opts->reader, "auto")))
		complain(NULL, "drops: --strict and --reader need a FILE");
	else if (live->once && live->count)
		complain(NULL, "drops: --once or --count: one of them");
	else
		return 0;
	return -EINVAL;
}

static int check_options(struct drops_opts *opts, int argc, char **argv, int first)
{
	if (argc - first > 1) {
		complain(NULL, "drops: one capture at a time");
		return -EINVAL;
	}
	opts->file = argv[first];
	if (check_kind(opts))
		return -EINVAL;
	if (opts->packet && (opts->json || opts->stack)) {
		complain(NULL, "drops: --packet goes with neither --json nor --stack");
		return -EINVAL;
	}
	if (terminal_color(opts->color) < 0) {
		complain("auto, always or never", "--color: '%s'", opts->color);
		return -EINVAL;
	}
	if (strcmp(opts->reader, "auto") && strcmp(opts->reader, "native") &&
	    strcmp(opts->reader, "libtracecmd")) {
		complain("auto, native or libtracecmd", "--reader: '%s'", opts->reader);
		return -EINVAL;
	}
	return select_compile(&opts->select);
}

/* ---- the capture */

/* What fails here has been complained about, but -ENOTSUP for reader "auto". */
static int open_capture(struct run *run)
{
	const char *file = run->opts->file;
	const struct trail_capture_opts opts = {
		.reader = strcmp(run->opts->reader, "libtracecmd") ? TRAIL_READER_NATIVE :
								     TRAIL_READER_LIBTRACECMD,
		.nr_threads = TRAIL_THREADS_AUTO,
	};
	struct trail_error error = { 0 };
	const struct trail_capture_info *info;
	int err = trail_capture_open(file, &opts, &run->cap, &error);

	if (err == -ENOTSUP && !strcmp(run->opts->reader, "auto"))
		return err;
	if (err) {
		complain_read(file, err, &error);
		return err;
	}
	info = trail_capture_info(run->cap);
	for (size_t i = 0; info->warning && info->warning[i]; i++)
		complain(NULL, "%s: warning: %s", file, info->warning[i]);
	return 0;
}

static bool is_drop(const struct trail_packet *packet)
{
	return packet->flags & TRAIL_PACKET_DROPPED;
}

static int on_packet(void *data, const struct trail_packet *packet)
{
	struct run *run = data;

	/* What is selected are drops: others do not count as left out. */
	if (!is_drop(packet) || !select_packet(&run->opts->select, packet))
		return 0;
	if (run->opts->packet) {
		if (run->opts->all || packet->drop.class != TRAIL_DROP_BENIGN)
			trail_drops_print_packet(&run->print, packet);
		return ferror(stdout) ? -EIO : 0;
	}
	return trail_drops_add(run->drops, packet) < 0 ? -ENOMEM : 0;
}

static int rebuild(struct run *run)
{
	const struct trail_event *event;
	int nr, err = trail_engine_new(run->cap, on_packet, run, &run->engine);

	while (!err && (nr = trail_capture_batch(run->cap, &event)) != 0)
		err = nr < 0 ? nr : trail_engine_events(run->engine, event, (size_t)nr);
	return err ? err : trail_engine_finish(run->engine);
}

/* None is of those that were asked for, but of none it is known that it is not. */
static int judge_where(const struct drops_opts *opts)
{
	const struct select *select = &opts->select;

	if (!select->nr_unknown || select->nr_unknown != select->count.nr_packet)
		return 0;
	if (opts->file)
		complain(NULL, "--where: %s does not tell what it asks for of dropped packets",
			 opts->file);
	else
		complain(NULL, "--where: of no dropped packet is it known whether it holds");
	return -ENODATA;
}

/* With an expression over bytes, drops without any cannot be judged. */
static int judge_selection(const struct drops_opts *opts)
{
	const struct select *select = &opts->select;

	if (judge_where(opts))
		return -ENODATA;
	if (!select->filter.nr || !select->count.nr_packet || select->nr_header)
		return 0;
	if (opts->file)
		complain("record with 'skbtrail record', with --snap above 0 and without "
			 "--no-probes", "--filter: %s has no headers of dropped packets",
			 opts->file);
	else
		complain(NULL, "--filter: this kernel does not tell the headers of dropped "
			 "packets");
	return -ENODATA;
}

static int print(struct run *run)
{
	run->about.engine = run->engine;
	if (run->opts->packet)
		return 0;
	return run->opts->json ? trail_drops_print_json(&run->print, run->drops, NULL)
			       : trail_drops_print_text(&run->print, run->drops);
}

/* ---- the command */

/* The capture is open. */
static int drops_capture(struct run *run)
{
	const struct trail_capture_info *info = trail_capture_info(run->cap);
	int err = 0, print_err = 0;

	run->about.capture = info;
	if (run->opts->select.text)
		run->about.selection = &run->opts->select.count;
	else if (!run->opts->packet)
		err = counted_open(run->cap, &run->reconcile);
	run->about.reconcile = run->reconcile;
	run->print.capture = run->cap;
	err = err ? err : rebuild(run);
	/* Show what came before the damage. */
	if (!err || err == -EINVAL)
		print_err = print(run);
	/* Complaints about the output itself are main's, which knows of SIGPIPE. */
	if (err && !ferror(stdout))
		complain(NULL, "%s: %s", run->opts->file, err == -EINVAL ?
			 "damaged data: the drops end here" : strerror(-err));
	pager_wait(run->pager);
	if (err || print_err || judge_selection(run->opts))
		return STATUS_FAILED;
	if (run->opts->strict && trail_capture_is_incomplete(run->cap))
		return STATUS_INCOMPLETE;
	/* What is there was told; a program must not take it for all. */
	return info->truncated ? STATUS_FAILED : STATUS_OK;
}

static void start_output(struct run *run)
{
	run->about = (struct trail_sink_opts){
		.out = stdout, .width = terminal_width(),
		.color = terminal_color(run->opts->color) > 0,
	};
	run->print = (struct trail_drops_print){
		.out = stdout, .width = run->about.width, .color = run->about.color,
		.about = &run->about, .all = run->opts->all, .stack = run->opts->stack,
	};
	run->pager = run->opts->no_pager ? 0 : pager_start();
}

/* For what libtracecmd does with a capture. */
static int drops_in_child(struct run *run)
{
	int status, err;

	start_output(run);
	setvbuf(stdout, NULL, _IOFBF, CHILD_BUFFER);
	if (!child_start(run->opts->file, "libtracecmd cannot read it", &status)) {
		pager_wait(run->pager);
		return status;
	}
	/* The pager is no child of ours. */
	run->pager = 0;
	run->opts->reader = "libtracecmd";
	err = open_capture(run);
	return err ? STATUS_FAILED : drops_capture(run);
}

static int drops_run(struct run *run)
{
	int err = trail_drops_new(&run->drops);

	if (err) {
		complain(NULL, "%s", strerror(-err));
		return STATUS_FAILED;
	}
	if (!strcmp(run->opts->reader, "libtracecmd"))
		return drops_in_child(run);
	err = open_capture(run);
	if (err == -ENOTSUP && !strcmp(run->opts->reader, "auto"))
		return drops_in_child(run);
	if (err)
		return STATUS_FAILED;
	start_output(run);
	return drops_capture(run);
}

static int drops_live(struct drops_opts *opts)
{
	struct drops_live_opts *live = &opts->live;
	int status;

	live->all = opts->all;
	live->json = opts->json;
	live->packet = opts->packet;
	live->stack = opts->stack;
	live->color = terminal_color(opts->color) > 0;
	live->select = &opts->select;
	if (!live->interval_ns)
		live->interval_ns = INTERVAL_NS;
	status = drops_live_run(live);
	return judge_selection(opts) ? STATUS_FAILED : status;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
	struct drops_opts opts = { .reader = "auto", .color = "auto" };
	struct run r = { .opts = &opts };
	int status = STATUS_USAGE;
	int first = options_parse(cmd, argc, argv, &opts);

	if (first == -ECANCELED)
		status = STATUS_OK;
	else if (first >= 0 && !check_options(&opts, argc, argv, first))
		status = opts.file ? drops_run(&r) : drops_live(&opts);
	trail_engine_free(r.engine);
	trail_drops_free(r.drops);
	trail_reconcile_free(r.reconcile);
	trail_capture_close(r.cap);
	select_release(&opts.select);
	return status;
}

const struct cmd cmd_drops = {
	"drops", "[FILE]", "which packets were lost, or are being lost, whose, where and why",
	option, run, true
};
