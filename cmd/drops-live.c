// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drops-live.c - `skbtrail drops` without a FILE: the kernel -> drops, interval by interval
 *
 * Intervals are those of the trace clock: a drop counts where it happened.  Where an interval ends,
 * it is looked at the kernel's counters; it is shown a moment later, when all drops are known that
 * the look can have seen.  What was lost is said in each.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "drops-beside.h"
#include "drops-show.h"
#include "drops-trigger.h"
#include "privileges.h"
#include "select.h"
#include "signals.h"

#define WAIT_MS		100
#define NS_PER_MS	UINT64_C(1000000)
#define TRIGGER_OUTPUT	"drops.dat"
/* A look goes over the descriptors of all processes. */
#define OWNERS_NS	500000000

/**
 * struct run - live drops
 * @interval, @total: what was dropped in this interval, and since the start
 * @ended: the interval before, where it is still to be shown; its number is 0 otherwise
 * @beside: the kernel's counters, or NULL
 * @first_ns, @start_ns, @end_ns: of all, and of the running interval; 0: it has not begun
 * @until_ns: when all is over, UINT64_MAX: never
 * @looked_ns: end of the last interval for which there was a look
 * @owners_ns: when sockets were looked for
 * @lost: by CPU, what was said of it; @nr_lost entries
 * @missed_probes: since the start
 * @nr_interval: that have ended
 * @unjudged: until the end of the last of them, drops that --where could not judge
 * @is_usage: what failed is what the user asked for
 */
struct run {
	const struct drops_live_opts *opts;
	struct trail_live *live;
	struct trail_engine *engine;
	struct trail_drops *interval;
	struct trail_drops *total;
	struct shown ended;
	struct beside *beside;
	struct trail_owners *owners;
	struct trigger *trigger;
	struct show show;
	uint64_t first_ns;
	uint64_t start_ns;
	uint64_t end_ns;
	uint64_t until_ns;
	uint64_t looked_ns;
	uint64_t owners_ns;
	struct trail_live_cpu *lost;
	uint32_t nr_lost;
	uint64_t missed_probes;
	uint64_t nr_interval;
	uint64_t unjudged;
	int signal_fd;
	bool is_usage;
};

static void warn(void *data, const char *text)
{
	fprintf(stderr, "skbtrail: warning: %s\n", text);
}

/* So many intervals are all. */
static bool is_enough(const struct run *run, uint64_t nr)
{
	long count = run->opts->once ? 1 : run->opts->count;

	return count && nr >= (uint64_t)count;
}

/* The last interval has ended. */
static bool is_behind(const struct run *run)
{
	return is_enough(run, run->nr_interval) ||
	       (run->first_ns && run->start_ns >= run->until_ns);
}

static int take_packet(void *data, const struct trail_packet *packet)
{
	struct run *run = data;
	int err;

	if (!(packet->flags & TRAIL_PACKET_DROPPED))
		return 0;
	beside_drop(run->beside, packet);
	if (is_behind(run))
		return 0;
	trigger_packet(run->trigger, packet);
	if (!select_packet(run->opts->select, packet))
		return 0;
	err = trail_drops_add(run->interval, packet);
	if (err >= 0)
		err = trail_drops_add(run->total, packet);
	if (err < 0)
		return err;
	trail_owners_want(run->owners, packet->drop.inode);
	if (run->opts->packet)
		show_packet(&run->show, packet);
	return 0;
}

/* ---- intervals */

static uint64_t lost_before(const struct run *run, uint32_t cpu)
{
	for (uint32_t i = 0; i < run->nr_lost; i++)
		if (run->lost[i].cpu == cpu)
			return run->lost[i].lost;
	return 0;
}

/* What was lost since the last call; since the start if @all. */
static int find_lost(struct run *run, bool all, struct trail_live_cpu **out, uint32_t *nr)
{
	struct trail_live_stat stat;
	struct trail_live_cpu *now;

	trail_live_stat(run->live, &stat);
	run->missed_probes = stat.missed_probes;
	*nr = 0;
	now = calloc(stat.nr_cpu + 1, sizeof(*now));
	*out = calloc(stat.nr_cpu + 1, sizeof(**out));
	if (!now || !*out) {
		free(now);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < stat.nr_cpu; i++) {
		struct trail_live_cpu cpu = now[i] = stat.cpu[i];

		cpu.lost -= all ? 0 : lost_before(run, cpu.cpu);
		beside_lost(run->beside, all ? 0 : cpu.lost);
		if (cpu.lost)
			(*out)[(*nr)++] = cpu;
	}
	free(run->lost);
	run->lost = now;
	run->nr_lost = stat.nr_cpu;
	return 0;
}

/* @is_judged: the look at its end is. */
static int show(struct run *run, struct shown *shown, bool is_judged)
{
	struct trail_live_cpu *lost = NULL;
	int err = find_lost(run, !shown->nr, &lost, &shown->nr_lost);

	trail_owners_look(run->owners);
	shown->lost = lost;
	if (!err && !shown->nr)
		shown->counted = beside_total(run->beside, run->missed_probes);
	else if (!err && is_judged)
		shown->counted = beside_judge(run->beside, run->missed_probes);
	if (!err)
		err = show_drops(&run->show, shown);
	free(lost);
	return err;
}

static int show_ended(struct run *run, bool is_judged)
{
	int err;

	/* Behind packets there is a total too. */
	run->ended.is_all = run->ended.nr == 1 && is_behind(run) && !run->opts->packet;
	err = show(run, &run->ended, is_judged);
	trail_drops_clear(run->ended.drops);
	run->ended.nr = 0;
	return err;
}

/* All is shown that is to be. */
static bool is_over(const struct run *run)
{
	return is_behind(run) && !run->ended.nr;
}

/* For the interval that ends then, once. */
static void look(struct run *run, uint64_t end_ns)
{
	bool is_last = end_ns >= run->until_ns || is_enough(run, run->nr_interval + 1);

	if (run->looked_ns == end_ns)
		return;
	run->looked_ns = end_ns;
	beside_look(run->beside, run->live, is_last ? TRAIL_LOOK_ALL : TRAIL_LOOK_MORE);
}

/* At @to_ns, which may be before its end. */
static int end_interval(struct run *run, uint64_t to_ns)
{
	struct trail_drops *spare = run->ended.drops;
	int err = trail_engine_flush(run->engine);

	/* Looks that take longer than an interval: that one goes without. */
	if (!err && run->ended.nr)
		err = show_ended(run, false);
	look(run, to_ns);
	run->ended = (struct shown){
		.drops = run->interval, .from_ns = run->start_ns, .to_ns = to_ns,
		.unjudged = run->opts->select->nr_unknown - run->unjudged, .nr = ++run->nr_interval,
	};
	run->unjudged = run->opts->select->nr_unknown;
	run->interval = spare;
	run->start_ns = to_ns;
	run->end_ns = to_ns + run->opts->interval_ns;
	if (!err && beside_due(run->beside) == UINT64_MAX)
		err = show_ended(run, false);
	return err;
}

/* All drops are in that the look can have seen. */
static int end_look(struct run *run)
{
	int err = trail_engine_flush(run->engine);

	if (err)
		return err;
	if (run->ended.nr)
		return show_ended(run, true);
	beside_judge(run->beside, run->missed_probes);
	return 0;
}

static void begin(struct run *run, uint64_t now_ns)
{
	if (run->first_ns || !now_ns)
		return;
	run->first_ns = run->start_ns = now_ns;
	run->end_ns = now_ns + run->opts->interval_ns;
	if (run->opts->for_ns && now_ns + run->opts->for_ns < run->until_ns)
		run->until_ns = now_ns + run->opts->for_ns;
}

/* When the running interval ends, or all of it. */
static uint64_t next_end(const struct run *run)
{
	if (is_behind(run))
		return UINT64_MAX;
	return run->end_ns < run->until_ns ? run->end_ns : run->until_ns;
}

/* When there is something to be done before events go on. */
static uint64_t next_stop(const struct run *run)
{
	uint64_t end_ns = next_end(run), due_ns = beside_due(run->beside);

	return due_ns < end_ns ? due_ns : end_ns;
}

static int stop(struct run *run)
{
	return beside_due(run->beside) <= next_end(run) ? end_look(run)
							: end_interval(run, next_end(run));
}

/* ---- events */

/* An interval ends before the first event behind it, and so does a look. */
static int take_events(struct run *run, const struct trail_event *event, int nr)
{
	int err = 0, done = 0;

	while (!err && done < nr && !is_over(run)) {
		int end = done;

		while (end < nr && event[end].ts_ns < next_stop(run))
			end++;
		if (end == done)
			err = stop(run);
		else
			err = trail_engine_events(run->engine, event + done, (size_t)(end - done));
		done = end;
	}
	return err;
}

/* All events before @now_ns were taken. */
static int take_time(struct run *run, uint64_t now_ns)
{
	int err = 0;

	if (!run->first_ns)
		return 0;
	if (run->opts->packet) {
		err = trail_engine_flush(run->engine);
		show_left_out(&run->show, now_ns);
		err = err ? err : show_now();
	}
	if (now_ns > run->owners_ns + OWNERS_NS && trail_owners_look(run->owners) > 0)
		run->owners_ns = now_ns;
	while (!err && !is_over(run) && now_ns >= next_stop(run))
		err = stop(run);
	return err;
}

/* By the clock, so that the look is near to the end of the interval: its drops come later. */
static void look_in_time(struct run *run)
{
	uint64_t end_ns = next_end(run);

	if (run->first_ns && end_ns != UINT64_MAX && beside_due(run->beside) == UINT64_MAX &&
	    trail_live_now(run->live) >= end_ns)
		look(run, end_ns);
}

/* Not longer than to the end of the interval. */
static int wait_ms(const struct run *run)
{
	uint64_t now_ns = trail_live_now(run->live), end_ns = next_end(run);

	if (!run->first_ns || now_ns >= end_ns || end_ns - now_ns >= WAIT_MS * NS_PER_MS)
		return WAIT_MS;
	return (int)((end_ns - now_ns) / NS_PER_MS) + 1;
}

static int take_some(struct run *run)
{
	const struct trail_event *event;
	struct trail_error error;
	int err, nr;

	nr = trail_live_batch(run->live, wait_ms(run), &event, &error);
	if (nr < 0) {
		complain_error("drops", nr, &error);
		return nr;
	}
	look_in_time(run);
	begin(run, nr ? event[0].ts_ns : trail_live_until(run->live));
	err = nr ? take_events(run, event, nr) : take_time(run, trail_live_until(run->live));
	if (err && err != -EIO)
		complain(NULL, "drops: %s", strerror(-err));
	return err ? err : nr;
}

/* Tracing is off: what it comes to. */
static int end(struct run *run)
{
	struct shown shown = { .drops = run->total, .from_ns = run->first_ns,
			       .to_ns = run->start_ns, .unjudged = run->unjudged };
	struct trail_error error;
	int err = trail_live_stop(run->live, &error);

	if (err)
		complain_error("drops", err, &error);
	else if (run->nr_interval > 1 || run->opts->packet)
		err = show(run, &shown, true);
	return err;
}

/* As if it were to last so long; what was looked at before is still judged. */
static void end_soon(struct run *run)
{
	uint64_t end_ns = trail_live_now(run->live), due_ns = beside_due(run->beside);

	if (due_ns != UINT64_MAX && due_ns > end_ns)
		end_ns = due_ns;
	if (end_ns < run->until_ns)
		run->until_ns = end_ns;
}

static int follow(struct run *run)
{
	struct trail_error error;
	int err = trigger_start(run->trigger);

	if (err)
		return err;
	err = trail_live_start(run->live, &error);
	if (err) {
		complain_error("drops", err, &error);
		return err;
	}
	beside_look(run->beside, run->live, TRAIL_LOOK_ALL);
	if (run->show.width && !run->opts->once)
		fprintf(stderr, "skbtrail: looking for dropped packets, Ctrl-C ends it\n");
	while (err >= 0 && !is_over(run)) {
		if (signals_next(run->signal_fd))
			end_soon(run);
		err = take_some(run);
		if (err >= 0 && trigger_look(run->trigger, false))
			err = -EIO;
	}
	if (err >= 0)
		err = end(run);
	if (trigger_look(run->trigger, true) && !err)
		err = -EIO;
	return err;
}

/* ---- the whole */

static const char *output_of(const struct drops_live_opts *opts)
{
	if (!opts->trigger)
		return NULL;
	return opts->output ? opts->output : TRIGGER_OUTPUT;
}

/* Without our event at kfree_skb a drop is known by reason and place, and little else. */
static void warn_unknown(const struct run *run)
{
	static const char *const field[] = {
		"dev", "ifindex", "netns", "len", "proto", "host", "src", "dst", "port", "sport",
		"dport", "ipid",
	};

	/* With a trigger all events of packets are there. */
	if (run->opts->trigger || trail_capture_has_event(run->show.cap, "skbtrail:drop"))
		return;
	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++)
		if (select_asks(run->opts->select, field[i]))
			fprintf(stderr, "skbtrail: warning: drops: --where: this kernel does not "
				"tell '%s' of dropped packets, or of few of them\n", field[i]);
}

static int set_up(struct run *run, const struct trail_record_opts *opts)
{
	struct trail_error error;
	int err = 0;

	if (run->opts->trigger)
		err = trigger_open(run->opts->trigger, output_of(run->opts), &run->trigger);
	run->is_usage = err == -EINVAL;
	if (err)
		return err;
	err = trail_live_open(opts, &run->live, &error);
	if (err) {
		complain_error("drops", err, &error);
		return err;
	}
	run->show.cap = trail_live_capture(run->live);
	warn_unknown(run);
	err = trail_engine_new(run->show.cap, take_packet, run, &run->engine);
	if (!err)
		err = trail_drops_new(&run->interval);
	if (!err)
		err = trail_drops_new(&run->ended.drops);
	if (!err)
		err = trail_drops_new(&run->total);
	if (!err)
		err = trail_owners_new(&run->owners);
	/* Of a selection the counters know nothing. */
	if (!err && !run->opts->select->text)
		err = beside_open(&run->beside);
	run->show.owners = run->owners;
	if (err)
		complain(NULL, "drops: %s", strerror(-err));
	else if ((err = privileges_drop_but_sockets(output_of(run->opts))) != 0)
		complain(NULL, "drops: cannot give up privileges");
	return err;
}

static int tear_down(struct run *run)
{
	struct trail_error error;
	int err;

	trigger_close(run->trigger);
	trail_engine_free(run->engine);
	err = trail_live_close(run->live, &error);
	if (err)
		complain_error("drops", err, &error);
	trail_drops_free(run->interval);
	trail_drops_free(run->ended.drops);
	trail_drops_free(run->total);
	beside_close(run->beside);
	trail_owners_free(run->owners);
	free(run->lost);
	return err;
}

static int check_usage(const struct drops_live_opts *opts)
{
	if (!opts->output || opts->trigger)
		return 0;
	complain(NULL, "drops: -o is the capture of --trigger");
	return -EINVAL;
}

int drops_live_run(const struct drops_live_opts *opts)
{
	/* Where packets are chosen by what they met, their way has to be known. */
	const struct trail_record_opts record_opts = {
		.preset = opts->trigger ? TRAIL_PRESET_NET : TRAIL_PRESET_DROPS,
		.snap_bytes = TRAIL_SNAP_BYTES, .stacktrace = opts->stack, .warn = warn,
	};
	struct run run = { .opts = opts, .signal_fd = signals_block(NULL), .until_ns = UINT64_MAX };
	int err, this_err;

	if (check_usage(opts))
		return STATUS_USAGE;
	if (run.signal_fd < 0) {
		complain(NULL, "drops: cannot take signals: %s", strerror(-run.signal_fd));
		return STATUS_FAILED;
	}
	show_begin(&run.show, opts);
	err = set_up(&run, &record_opts);
	if (!err)
		err = follow(&run);
	this_err = tear_down(&run);
	if (run.is_usage)
		return STATUS_USAGE;
	return err || this_err ? STATUS_FAILED : STATUS_OK;
}
