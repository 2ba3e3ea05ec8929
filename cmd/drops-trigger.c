// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drops-trigger.c - `skbtrail drops --trigger`: what happened around a drop -> trace.dat
 *
 * A flight recording runs beside the live events: nothing is read before a packet is the one.  Then
 * it goes on for a moment, so that what the drop led to is in it, and is written.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "cmd.h"
#include "drops-trigger.h"

/* How long it goes on behind the match. */
#define AFTER_MS	500
#define LOOK_MS		1000

struct trigger {
	struct trail_where *where;
	struct trail_record_opts opts;
	struct trail_record *record;
	int64_t look_ms;
	int64_t stop_ms;	/* 0: not yet matched */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
}

static int set_up(struct trigger *trigger, const char *output)
{
	struct trail_error error;
	int err;

	/* Of what the kernel lacks the live events, which are the same, warn. */
	trigger->opts = (struct trail_record_opts){
		.output = output, .preset = TRAIL_PRESET_NET, .version = 7, .flight = true,
		.snap_bytes = TRAIL_SNAP_BYTES,
	};
	err = trail_record_open(&trigger->opts, &trigger->record, &error);
	if (err)
		complain_error("drops: --trigger", err, &error);
	return err;
}

/* What is there may be what an earlier match has left. */
static int refuse_output(const char *output)
{
	struct stat st;

	if (lstat(output, &st))
		return 0;
	complain("another -o, or move it away", "drops: --trigger: %s exists", output);
	return -EEXIST;
}

int trigger_open(const char *expr, const char *output, struct trigger **out)
{
	struct trigger *trigger = calloc(1, sizeof(*trigger));
	struct trail_error error;
	int err;

	if (!trigger) {
		complain(NULL, "drops: --trigger: out of memory");
		return -ENOMEM;
	}
	err = trail_where_new(expr, &trigger->where, &error);
	if (err)
		complain_place("drops: --trigger", expr, err, &error);
	else
		err = refuse_output(output);
	if (!err)
		err = set_up(trigger, output);
	/* That it was the kernel is another kind of mistake. */
	if (err == -EINVAL && trigger->where)
		err = -EIO;
	if (err) {
		trigger_close(trigger);
		return err;
	}
	*out = trigger;
	return 0;
}

int trigger_start(struct trigger *trigger)
{
	struct trail_error error;
	int err = trigger ? trail_record_start(trigger->record, &error) : 0;

	if (err)
		complain_error("drops: --trigger", err, &error);
	else if (trigger)
		trigger->look_ms = now_ms() + LOOK_MS;
	return err;
}

void trigger_packet(struct trigger *trigger, const struct trail_packet *packet)
{
	if (trigger && !trigger->stop_ms && trail_where_match(trigger->where, packet))
		trigger->stop_ms = now_ms() + AFTER_MS;
}

static int finish(struct trigger *trigger)
{
	const struct trail_record_stat *stat;
	struct trail_error error;
	int err = trail_record_stop(trigger->record, &error);

	stat = trail_record_stat(trigger->record);
	if (err)
		complain_error("drops: --trigger", err, &error);
	else
		fprintf(stderr, "skbtrail: the trigger matched: %llu events around it are in %s\n",
			(unsigned long long)stat->kept_events, trigger->opts.output);
	trail_record_free(trigger->record);
	trigger->record = NULL;
	return err;
}

int trigger_look(struct trigger *trigger, bool is_over)
{
	struct trail_record_progress progress;
	struct trail_error error;
	int64_t now = now_ms();
	int err;

	if (!trigger || !trigger->record)
		return 0;
	if (is_over && !trigger->stop_ms)
		fprintf(stderr, "skbtrail: the trigger did not match: there is no %s\n",
			trigger->opts.output);
	if (trigger->stop_ms && (is_over || now >= trigger->stop_ms))
		return finish(trigger);
	if (now < trigger->look_ms)
		return 0;
	trigger->look_ms = now + LOOK_MS;
	err = trail_record_poll(trigger->record, &progress, &error);
	if (err)
		complain_error("drops: --trigger", err, &error);
	return err;
}

void trigger_close(struct trigger *trigger)
{
	if (!trigger)
		return;
	trail_record_free(trigger->record);
	trail_where_free(trigger->where);
	free(trigger);
}
