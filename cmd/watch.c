// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch.c - `skbtrail watch`: probes and events as lines while they happen, or counted by a key
 *
 * Lines come from a live recording.  Counts come from the kernel's histograms where it has them,
 * so that no event has to leave it, and from a live recording otherwise.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "privileges.h"
#include "signals.h"
#include "watch-parts.h"
#include "workload.h"

/* ---- options */

static int add_pid(void *data, const char *arg)
{
	struct watch_opts *opts = data;
	char *end;
	long pid = strtol(arg, &end, 10);

	if (end == arg || *end || pid <= 0) {
		complain(NULL, "watch: --pid: '%s' is not a process number", arg);
		return -EINVAL;
	}
	if (kill((pid_t)pid, 0) && errno == ESRCH) {
		complain(NULL, "watch: --pid: there is no process %s", arg);
		return -EINVAL;
	}
	if (opts->nr_pid == WATCH_MAX_PID) {
		complain(NULL, "watch: more than %d times -p", WATCH_MAX_PID);
		return -EINVAL;
	}
	opts->pid[opts->nr_pid++] = arg;
	return 0;
}

#define AT(member)	offsetof(struct watch_opts, member)

static const struct option_def option[] = {
	{ 'p', "pid", OPTION_CALL, 0, "PID", "only this task; repeatable", add_pid },
	{ 'F', "only-command", OPTION_FLAG, AT(only_command), NULL,
	  "only the tasks of COMMAND" },
	{ 'c', "count", OPTION_NUMBER, AT(nr_max), "N", "end after N lines" },
	{ 0, "for", OPTION_DURATION, AT(for_ns), "DURATION", "end after DURATION" },
	{ 'o', "output", OPTION_STRING, AT(output), "FILE", "write there (standard output)" },
	{ 'T', "took", OPTION_FLAG, AT(has_took), NULL,
	  "of a function's return the time since its entry" },
	{ 0, "cpu", OPTION_FLAG, AT(has_cpu), NULL, "the CPU in each line" },
	{ 0, "count-by", OPTION_STRING, AT(count_by), "KEY[,KEY]",
	  "count instead: by comm, pid, cpu, or fields of the event" },
	{ 'i', "interval", OPTION_DURATION, AT(interval_ns), "DURATION",
	  "the counts since the last time, every DURATION" },
	{ 0, "top", OPTION_NUMBER, AT(top), "N", "at most N keys (20), 0: all" },
	{ 0, "no-hist", OPTION_FLAG, AT(in_tool), NULL,
	  "do not let the kernel count, take each event out of it" },
	{ 'b', "buffer-size", OPTION_NUMBER, AT(buffer_kb), "KB", "kernel buffer per CPU" },
	{ 0, "strict", OPTION_FLAG, AT(strict), NULL, "exit with 4 if events were lost" },
	{ 0 }
};

static int check_usage(const struct watch_opts *opts, const struct watch *watch, char **command)
{
	if (!watch->nr_spec && !watch->nr_probe)
		complain("kmem:mm_page_alloc, or what skbtrail-probe(1) describes",
			 "watch: nothing to watch");
	else if (opts->only_command && !*command)
		complain(NULL, "watch: -F needs a COMMAND");
	else if (opts->interval_ns && !opts->count_by)
		complain(NULL, "watch: -i is for --count-by");
	else if (opts->nr_max && opts->count_by)
		complain("--for ends it after a time", "watch: -c is for lines");
	else
		return 0;
	return -EINVAL;
}

static void warn(void *data, const char *text)
{
	fprintf(stderr, "skbtrail: warning: %s\n", text);
}

static void add_event(struct watch *watch, const char *name)
{
	for (size_t i = 0; i < watch->nr_event; i++)
		if (!strcmp(watch->event[i].name, name))
			return;
	watch->event[watch->nr_event++] = (struct trail_record_event){ name, NULL };
}

/* "system:event" of the kernel and nothing else; all else is a probe's business. */
static bool is_event(const char *spec)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_";
	size_t len = strspn(spec, letters);
	const char *root = "/sys/kernel/tracing";
	char path[300];

	if (!len || spec[len] != ':' || spec[len + 1 + strspn(spec + len + 1, letters)])
		return false;
	/* The other place only where there is need: a look has the kernel mount it there. */
	if (faccessat(AT_FDCWD, "/sys/kernel/tracing/events", F_OK, AT_EACCESS))
		root = "/sys/kernel/debug/tracing";
	snprintf(path, sizeof(path), "%s/events/%.*s/%s", root, (int)len, spec, spec + len + 1);
	return !faccessat(AT_FDCWD, path, F_OK, AT_EACCESS);
}

static int take_specs(struct watch *watch, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (watch->nr_spec + watch->nr_probe == WATCH_MAX_SPEC) {
			complain(NULL, "watch: more than %d probes", WATCH_MAX_SPEC);
			return -EINVAL;
		}
		if (!is_event(argv[i])) {
			watch->probe[watch->nr_probe++] = argv[i];
			continue;
		}
		watch->spec[watch->nr_spec++] = argv[i];
		add_event(watch, argv[i]);
	}
	return 0;
}

/* ---- events */

/* One that the user named, or his probe; not one that tells of tasks. */
static bool is_wanted(const struct watch *watch, const struct trail_event *event)
{
	const struct trail_description *what = trail_capture_describe(watch->cap, event->type);

	if (!what || what->spec)
		return what;
	for (size_t i = 0; i < watch->nr_spec; i++) {
		const char *colon = strchr(watch->spec[i], ':');
		size_t len = colon ? (size_t)(colon - watch->spec[i]) : 0;

		if (colon && !strcmp(what->name, colon + 1) && strlen(what->system) == len &&
		    !memcmp(what->system, watch->spec[i], len))
			return true;
	}
	return false;
}

void watch_print_counts(struct watch *watch, bool is_total)
{
	struct watch_table table = {
		.out = watch->out, .top = (size_t)watch->opts->top, .is_total = is_total,
		.ns = is_total ? (uint64_t)(now_ns() - watch->start_ns) :
				 watch->opts->interval_ns,
	};

	watch_count_print(watch->count, &table);
	fflush(watch->out);
}

/* All events before @now_ns were seen. */
static void end_interval(struct watch *watch, uint64_t until_ns)
{
	while (watch->next_ns && until_ns >= watch->next_ns) {
		watch_print_counts(watch, false);
		watch->next_ns += watch->opts->interval_ns;
	}
}

static int see_event(struct watch *watch, const struct trail_event *event)
{
	struct trail_pair pair = { TRAIL_UNKNOWN_NS, NULL };
	int err = 0;

	if (watch->is_over)
		return 0;
	watch_tasks_see(watch->tasks, event);
	if (watch->pairs)
		err = trail_pairs_see(watch->pairs, event, &pair);
	if (!watch->count)
		watch_line_lost(&watch->lines, event);
	if (err || !is_wanted(watch, event))
		return err;
	if (!watch->count) {
		err = watch_line(&watch->lines, event, &pair);
	} else {
		end_interval(watch, event->ts_ns);
		err = watch_count_event(watch->count, watch->cap, watch->tasks, event, &pair);
	}
	watch->nr++;
	watch->is_over = watch->opts->nr_max && watch->nr >= (uint64_t)watch->opts->nr_max;
	return err;
}

static int see_events(struct watch *watch, const struct trail_event *event, int nr)
{
	int err = 0;

	watch_tasks_prepare(watch->tasks, event, (size_t)nr);
	for (int i = 0; i < nr && !err; i++)
		err = see_event(watch, &event[i]);
	fflush(watch->out);
	return err;
}

bool watch_has_ended(struct watch *watch)
{
	int number;

	while ((number = signals_next(watch->signal_fd))) {
		if (number == SIGCHLD && !workload_reap(&watch->workload))
			continue;
		watch->signal = number == SIGCHLD ? 0 : number;
		return true;
	}
	return watch->is_over || ferror(watch->out) ||
	       (watch->opts->for_ns &&
		now_ns() - watch->start_ns >= (int64_t)watch->opts->for_ns);
}

static int follow(struct watch *watch, struct trail_error *error)
{
	const struct trail_event *event;
	bool stopped = false;
	int nr, err = 0;

	while (!err) {
		nr = trail_live_batch(watch->live, WATCH_WAIT_MS, &event, error);
		if (nr < 0)
			return nr;
		if (nr)
			err = see_events(watch, event, nr);
		else if (stopped)
			break;
		if (watch->count && !stopped)
			end_interval(watch, trail_live_until(watch->live));
		if (!err && !stopped && watch_has_ended(watch)) {
			stopped = true;
			err = trail_live_stop(watch->live, error);
		}
	}
	return err;
}

/* ---- the whole */

static int check_keys(const struct watch *watch)
{
	int err = 0;

	for (unsigned int type = 0; !err && type <= UINT16_MAX; type++) {
		const struct trail_description *what = trail_capture_describe(watch->cap, type);
		struct trail_event event = { .type = (uint16_t)type };

		if (what && is_wanted(watch, &event))
			err = watch_count_check(watch->count, watch->cap, what);
	}
	return err;
}

static int prepare(struct watch *watch)
{
	int err = watch_tasks_new(watch->cap, &watch->tasks);

	watch->lines = (struct watch_lines){
		.cap = watch->cap, .tasks = watch->tasks, .out = watch->out,
		.has_cpu = watch->opts->has_cpu, .has_took = watch->opts->has_took,
	};
	if (!err && watch->nr_probe)
		err = trail_pairs_new(watch->cap, &watch->pairs);
	if (!err && watch->count)
		err = check_keys(watch);
	return err;
}

static void say_lost(const struct watch *watch, uint64_t lost)
{
	if (lost)
		complain("a larger -b, or what is watched less often",
			 "watch: %" PRIu64 " event%s lost", lost, lost == 1 ? "" : "s");
}

int watch_status(const struct watch *watch, uint64_t lost)
{
	if (watch->opts->strict && lost)
		return STATUS_INCOMPLETE;
	return watch->workload.has_ended && watch->workload.pid ? watch->workload.status
								: STATUS_OK;
}

void watch_begin(struct watch *watch)
{
	watch->start_ns = now_ns();
	if (watch->opts->interval_ns)
		watch->next_ns = (uint64_t)watch->start_ns + watch->opts->interval_ns;
	if (!watch->workload.pid)
		fprintf(stderr, "skbtrail: watching, Ctrl-C ends it\n");
	workload_go(&watch->workload);
}

int watch_give_up(const struct watch *watch, struct trail_error *error)
{
	int err = privileges_drop(NULL, watch->workload.pid, false);

	if (err)
		snprintf(error->text, sizeof(error->text), "cannot give up privileges");
	return err;
}

static int start(struct watch *watch, struct trail_error *error)
{
	int err = 0;

	if (watch->opts->only_command)
		err = trail_live_add_pid(watch->live, watch->workload.pid, error);
	if (!err)
		err = watch_give_up(watch, error);
	if (!err)
		err = trail_live_start(watch->live, error);
	if (err)
		return err;
	watch_begin(watch);
	return 0;
}

int watch_complain(const struct watch *watch, int err, const struct trail_error *error)
{
	if (error->item && error->item <= watch->nr_probe) {
		complain_place("watch", watch->probe[error->item - 1], err, error);
		return STATUS_USAGE;
	}
	complain_error("watch", err, error);
	return STATUS_FAILED;
}

/* Each event is taken out of the kernel. */
static int watch_live(struct watch *watch)
{
	struct trail_live_stat stat = { 0 };
	struct trail_error error = { 0 }, later;
	int err = trail_live_open(&watch->record, &watch->live, &error);

	if (!err) {
		watch->cap = trail_live_capture(watch->live);
		err = prepare(watch);
		if (err == -EINVAL)
			return STATUS_USAGE;
	}
	if (!err)
		err = start(watch, &error);
	if (!err)
		err = follow(watch, &error);
	if (err)
		return watch_complain(watch, err, &error);
	if (watch->count)
		watch_print_counts(watch, true);
	trail_live_stat(watch->live, &stat);
	say_lost(watch, stat.lost);
	err = trail_live_close(watch->live, &later);
	watch->live = NULL;
	if (err) {
		complain_error("watch", err, &later);
		return STATUS_FAILED;
	}
	return watch_status(watch, stat.lost);
}

static void release(struct watch *watch)
{
	struct trail_error ignored;

	workload_end(&watch->workload);
	trail_pairs_free(watch->pairs);
	watch_tasks_free(watch->tasks);
	watch_count_free(watch->count);
	trail_live_close(watch->live, NULL);
	trail_hist_close(watch->hist, &ignored);
	if (watch->out && watch->out != stdout && fclose(watch->out))
		complain(NULL, "watch: %s: %s", watch->opts->output, strerror(errno));
	if (watch->signal_fd >= 0)
		close(watch->signal_fd);
}

static int open_output(struct watch *watch)
{
	const char *path = watch->opts->output;

	watch->out = path ? fopen(path, "we") : stdout;
	if (watch->out)
		return 0;
	complain(NULL, "watch: %s: %s", path, strerror(errno));
	return -errno;
}

static int watch_for_real(struct watch *watch, char **command)
{
	sigset_t mask;
	int err;

	watch->signal_fd = signals_block(&mask);
	if (watch->signal_fd < 0) {
		complain(NULL, "watch: cannot take signals: %s", strerror(-watch->signal_fd));
		return STATUS_FAILED;
	}
	if (open_output(watch))
		return STATUS_FAILED;
	err = workload_start(&watch->workload, command, &mask);
	if (err) {
		complain(NULL, "watch: %s: %s", command[0], strerror(-err));
		return STATUS_FAILED;
	}
	err = watch->count && !watch->opts->in_tool ? watch_by_hist(watch) : -ENOTSUP;
	return err == -ENOTSUP ? watch_live(watch) : err;
}

static void fill_record(struct watch *watch)
{
	const struct watch_opts *opts = watch->opts;

	watch->nr_own = watch->nr_event;
	for (size_t i = 0; watch_task_event[i]; i++)
		add_event(watch, watch_task_event[i]);
	watch->record = (struct trail_record_opts){
		.event = watch->event, .nr_event = watch->nr_event, .version = 7,
		.probe = { watch->probe, watch->nr_probe },
		.pid = { opts->pid, opts->nr_pid }, .follow_fork = opts->only_command,
		.buffer_kb = (uint64_t)opts->buffer_kb, .no_probes = true, .warn = warn,
	};
}

/* Options and probes end at "--", where a command begins. */
static int find_command(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--"))
			return i;
	return argc;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
	int end = find_command(argc, argv), first, err, status;
	char **command = argv + end + (end < argc);
	struct watch_opts opts = { .top = 20 };
	struct watch watch = { .opts = &opts, .signal_fd = -1, .workload = { .go_fd = -1 } };

	argv[end] = NULL;
	first = options_parse(cmd, end, argv, &opts);
	if (first == -ECANCELED)
		return STATUS_OK;
	if (first < 0 || take_specs(&watch, end - first, argv + first) ||
	    check_usage(&opts, &watch, command))
		return STATUS_USAGE;
	err = opts.count_by ? watch_count_new(opts.count_by, watch.nr_spec + watch.nr_probe > 1,
					      &watch.count) : 0;
	if (err)
		return err == -EINVAL ? STATUS_USAGE : STATUS_FAILED;
	fill_record(&watch);
	status = watch_for_real(&watch, command);
	release(&watch);
	return status;
}

const struct cmd cmd_watch = {
	"watch", "PROBE ... [-- COMMAND ...]",
	"probes and events as they happen, or counted by a key",
	option, run, true
};
