// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * counters.c - `skbtrail counters`: a capture, or time passing -> how the kernel's counters grew
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "terminal.h"

#define SECOND_NS	UINT64_C(1000000000)
#define DEFAULT_NS	(5 * SECOND_NS)

struct counters_opts {
	const char *color;
	uint64_t interval_ns;
	uint64_t for_ns;
	long nr_interval;
	bool all;
	bool json;
	bool only_own;
	bool is_live;
};

static int on_interval(void *data, const char *arg)
{
	struct counters_opts *opts = data;

	opts->is_live = true;
	if (!options_duration(arg, &opts->interval_ns) && opts->interval_ns)
		return 0;
	complain("a time such as 500ms, 5s or 1m, above 0", "counters: -i: '%s' is no interval",
		 arg);
	return -EINVAL;
}

static int on_count(void *data, const char *arg)
{
	struct counters_opts *opts = data;
	char *end;

	opts->is_live = true;
	opts->nr_interval = strtol(arg, &end, 10);
	if (end != arg && !*end && opts->nr_interval > 0)
		return 0;
	complain(NULL, "counters: --count: '%s' is not a number above 0", arg);
	return -EINVAL;
}

static int on_for(void *data, const char *arg)
{
	struct counters_opts *opts = data;

	opts->is_live = true;
	if (!options_duration(arg, &opts->for_ns) && opts->for_ns)
		return 0;
	complain("a time such as 10s or 2m, above 0", "counters: --for: '%s'", arg);
	return -EINVAL;
}

#define AT(member)	offsetof(struct counters_opts, member)

static const struct option_def option[] = {
	{ 'a', "all", OPTION_FLAG, AT(all), NULL,
	  "also counters and settings that did not change" },
	{ 'j', "json", OPTION_FLAG, AT(json), NULL, "a JSON object, live one a line" },
	{ 'i', "interval", OPTION_CALL, 0, "INTERVAL", "live: how often (5s)", on_interval },
	{ 0, "count", OPTION_CALL, 0, "N", "live: end after N intervals", on_count },
	{ 0, "for", OPTION_CALL, 0, "DURATION", "live: end after DURATION", on_for },
	{ 0, "own-netns", OPTION_FLAG, AT(only_own), NULL,
	  "live: only the network namespace that it runs in" },
	{ 0, "color", OPTION_STRING, AT(color), "WHEN", "auto, always or never" },
	{ 0 }
};

static int print(const struct counters_opts *opts, const struct trail_counters *counters,
		 struct trail_counters_print *how)
{
	how->sink.out = stdout;
	how->sink.width = terminal_width();
	how->sink.color = terminal_color(opts->color) > 0;
	how->all = opts->all;
	return opts->json ? trail_counters_json(counters, how) : trail_counters_text(counters, how);
}

/* ---- of a capture */

static int complain_none(const char *file, int err, const struct trail_error *error)
{
	if (err == -ENODATA)
		complain("record with 'skbtrail record', without --no-counters",
			 "%s carries no counters", file);
	else
		complain_read(file, err, error);
	return STATUS_FAILED;
}

static int print_capture(const struct counters_opts *opts, const char *file)
{
	struct trail_capture_opts capture_opts = { .single_pass = true, .nr_threads = 1 };
	struct trail_counters_print how = { 0 };
	struct trail_counters *counters = NULL;
	struct trail_capture *cap;
	struct trail_error error;
	int status = STATUS_OK;
	int err = trail_capture_open(file, &capture_opts, &cap, &error);

	if (err) {
		complain_read(file, err, &error);
		return STATUS_FAILED;
	}
	err = trail_counters_of(cap, &counters, &error);
	how.sink.capture = trail_capture_info(cap);
	/* What came before the damage is shown. */
	if (counters && print(opts, counters, &how))
		status = STATUS_FAILED;
	if (err)
		status = complain_none(file, err, &error);
	trail_counters_free(counters);
	trail_capture_close(cap);
	return status;
}

/* ---- live */

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * SECOND_NS + (uint64_t)ts.tv_nsec;
}

static int block_signals(void)
{
	static const int number[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++)
		sigaddset(&set, number[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Until then.  Return: false when a signal came first. */
static bool wait_until(uint64_t then_ns, int signal_fd)
{
	struct pollfd fd = { signal_fd, POLLIN, 0 };

	for (uint64_t now = now_ns(); now < then_ns; now = now_ns()) {
		uint64_t ms = (then_ns - now + 999999) / 1000000;
		int n = poll(&fd, 1, ms < 1000000 ? (int)ms : 1000000);

		if (n > 0 || (n < 0 && errno != EINTR))
			return false;
	}
	return true;
}

static int show_interval(const struct counters_opts *opts, struct trail_counters *counters)
{
	struct trail_counters_print how = { .since_mark = true };
	int err = print(opts, counters, &how);

	if (!err && fflush(stdout))
		err = -errno;
	trail_counters_mark(counters);
	return err;
}

/* Behind the last of so many there is no total with another look. */
static enum trail_look look_of(const struct counters_opts *opts, long nr)
{
	return nr + 1 == opts->nr_interval ? TRAIL_LOOK_ALL : TRAIL_LOOK_MORE;
}

/* Return: 0 or -errno; @nr: intervals that were printed. */
static int show_intervals(const struct counters_opts *opts, struct trail_counting *counting,
			  int signal_fd, long *nr)
{
	uint64_t start_ns = now_ns(), next_ns = start_ns, end_ns;
	bool goes_on = true;
	int err = 0;

	end_ns = opts->for_ns ? start_ns + opts->for_ns : UINT64_MAX;
	while (!err && goes_on && (!opts->nr_interval || *nr < opts->nr_interval)) {
		next_ns += opts->interval_ns;
		if (next_ns > end_ns) {
			wait_until(end_ns, signal_fd);
			break;
		}
		goes_on = wait_until(next_ns, signal_fd);
		if (!goes_on)
			break;
		err = trail_counting_look(counting, now_ns(), look_of(opts, *nr));
		if (!err)
			err = show_interval(opts, trail_counting_counters(counting));
		++*nr;
	}
	return err;
}

static int run_live(const struct counters_opts *opts, struct trail_counting *counting)
{
	struct trail_counters_print how = { .is_total = true };
	int signal_fd = block_signals(), err;
	long nr = 0;

	if (signal_fd < 0)
		return signal_fd;
	err = trail_counting_look(counting, now_ns(), TRAIL_LOOK_ALL);
	if (!err && !opts->json)
		fprintf(stderr, "skbtrail: counting, Ctrl-C ends it\n");
	if (!err)
		err = show_intervals(opts, counting, signal_fd, &nr);
	/* One interval is the total. */
	if (!err && nr != 1) {
		err = trail_counting_look(counting, now_ns(), TRAIL_LOOK_ALL);
		if (!opts->json)
			puts(nr ? "\nTotal" : "");
		if (!err)
			err = print(opts, trail_counting_counters(counting), &how);
	}
	close(signal_fd);
	return err;
}

static int live(const struct counters_opts *opts)
{
	struct trail_counting_opts counting_opts = { .only_own = opts->only_own };
	struct trail_counting *counting;
	int err = trail_counting_open(&counting_opts, &counting);

	if (!err) {
		err = run_live(opts, counting);
		trail_counting_close(counting);
	}
	/* Complaints about the output itself are main's, which knows of SIGPIPE. */
	if (err && !ferror(stdout))
		complain(NULL, "counters: %s", strerror(-err));
	return err ? STATUS_FAILED : STATUS_OK;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
	struct counters_opts opts = { .interval_ns = DEFAULT_NS, .color = "auto" };
	int first = options_parse(cmd, argc, argv, &opts);

	if (first == -ECANCELED)
		return STATUS_OK;
	if (first < 0)
		return STATUS_USAGE;
	if (terminal_color(opts.color) < 0) {
		complain("auto, always or never", "--color: '%s'", opts.color);
		return STATUS_USAGE;
	}
	if (argc - first > 1 || (argc > first && (opts.is_live || opts.only_own))) {
		complain("without FILE it shows this machine, now", argc - first > 1 ?
			 "counters: one capture at a time" :
			 "counters: -i, --count, --for and --own-netns are not for a capture");
		return STATUS_USAGE;
	}
	return argc > first ? print_capture(&opts, argv[first]) : live(&opts);
}

const struct cmd cmd_counters = {
	"counters", "[FILE]", "what the kernel counted meanwhile: drops that no event shows too",
	option, run, true
};
