// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * counting.c - looks at the kernel's counters -> lines behind the version text of a capture
 *
 * Not events of trace_marker: those share the ring buffer with the packets' events.  They would
 * be lost with them when too much comes at once, which is when counters are needed most, and give
 * way to newer ones in a bounded recording; they count as events in every other tool, and need a
 * CPU that is traced.  The lines are in memory and, for the case of a kill, in a file of
 * OUTPUT.part/.  Each look tells what has changed only; when the text gets long, looks get rare.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../counters/carrier.h"
#include "file.h"
#include "filesystem.h"
#include "record-private.h"
#include "wall.h"

#define TITLE		"\n" CARRIER_TITLE "\n"
#define SECOND_NS	UINT64_C(1000000000)
#define BUDGET		(4u << 20)
/* Where files are limited: of what is left for the tail of the capture. */
#define SMALL_BUDGET	(256u << 10)
#define MAX_FILE	(64u << 20)

static uint64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * SECOND_NS + (uint64_t)ts.tv_nsec;
}

/* By the trace clock; where only the kernel can read that, it says so in the statistics. */
static uint64_t trace_ns(const struct trail_record *record)
{
	struct cpu_stats stats = { 0 };
	struct blob text = { 0 };
	uint64_t now_ns;

	if (!wall_trace_clock(record->clock, &now_ns))
		return now_ns;
	for (int i = 0; i < record->nr_cpu && !stats.now_ns; i++)
		if (cpu_stats_read(&record->session, i, &text, &stats))
			stats.now_ns = 0;
	blob_release(&text);
	return stats.now_ns;
}

static int copy_pids(struct trail_record *record)
{
	const struct trail_record_list *list = &record->opts.pid;
	struct counting *counting = &record->counting;

	counting->pid = calloc(list->nr + 1, sizeof(*counting->pid));
	if (!counting->pid)
		return -ENOMEM;
	for (size_t i = 0; i < list->nr; i++)
		counting->pid[i] = atoi(list->item[i]);
	counting->opts = (struct trail_counting_opts){ .pid = counting->pid, .nr_pid = list->nr };
	return 0;
}

static void give_up(struct trail_record *record, int err)
{
	session_warn(&record->session, "the kernel's counters are not recorded: %s",
		     strerror(-err));
	trail_counting_close(record->counting.looks);
	record->counting.looks = NULL;
}

void counting_open(struct trail_record *record)
{
	struct counting *counting = &record->counting;
	int err = copy_pids(record);

	counting->fd = -1;
	counting->interval_ns = SECOND_NS;
	counting->budget = filesystem_max_file() == UINT64_MAX ? BUDGET : SMALL_BUDGET;
	if (!err)
		err = trail_counting_open(&counting->opts, &counting->looks);
	if (!err) {
		counting->out = open_memstream(&counting->text, &counting->size);
		err = counting->out ? 0 : -ENOMEM;
	}
	if (err)
		give_up(record, err);
}

/* On a full disk the recording ends soon; its counters still are in memory then. */
static void write_file(struct counting *counting)
{
	if (counting->fd < 0)
		return;
	if (!file_write_at(counting->fd, counting->text + counting->nr_written,
			   counting->size - counting->nr_written, counting->nr_written)) {
		counting->nr_written = counting->size;
		return;
	}
	close(counting->fd);
	counting->fd = -1;
}

/* Half of what is left for each doubling: so it lasts as long again each time. */
static void stretch(struct counting *counting)
{
	uint64_t left = counting->budget;

	counting->interval_ns = SECOND_NS;
	while (left > 1 && counting->size > counting->budget - left / 2) {
		left /= 2;
		counting->interval_ns *= 2;
	}
}

static void look(struct trail_record *record, enum trail_look kind)
{
	struct counting *counting = &record->counting;
	uint64_t now_ns;
	int err;

	if (!counting->looks)
		return;
	now_ns = trace_ns(record);
	err = trail_counting_look(counting->looks, now_ns, kind);
	if (!err)
		err = carrier_write(trail_counting_counters(counting->looks), counting->out);
	if (!err && fflush(counting->out))
		err = -ENOMEM;
	if (err) {
		give_up(record, err);
		return;
	}
	write_file(counting);
	stretch(counting);
	/* Whoever is told to call once a second may be early a little. */
	counting->due_ns = monotonic_ns() + counting->interval_ns - SECOND_NS / 10;
}

/* skb:kfree_skb, or the probe that is in its place. */
static bool records_drops(const struct trail_record *record)
{
	const struct event_choice *event = event_list_find(&record->list, "skb:kfree_skb");

	if (event && event->on && !event->refused)
		return true;
	for (size_t i = 0; i < record->dynevents.nr_event; i++)
		if (record->dynevents.event[i].form &&
		    !strcmp(record->dynevents.event[i].row->event, "skbtrail:drop"))
			return true;
	return false;
}

/* Why not every drop is to be found among the events: for lib/counters/reconcile.c. */
static const char *why_partial(const struct trail_record *record)
{
	const struct trail_record_opts *opts = &record->opts;

	if (opts->pid.nr || record->counting.has_task)
		return "of some tasks only";
	if (opts->cpumask && strcmp(opts->cpumask, "-1"))
		return "of some CPUs only";
	for (size_t i = 0; i < opts->nr_event; i++)
		if (opts->event[i].filter)
			return "filtered";
	if (!records_drops(record))
		return "without drops";
	return NULL;
}

void counting_begin(struct trail_record *record)
{
	struct counting *counting = &record->counting;
	const char *why = why_partial(record);

	/* Out of memory the first look says so. */
	if (counting->looks && why)
		(void)series_set(trail_counting_counters(counting->looks), SERIES_HOST,
				 RECONCILE_RECORDING, "events", why);
	if (counting->looks)
		counting->fd = openat(record->output.part_fd, PART_COUNTERS, O_WRONLY | O_CREAT |
				      O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	look(record, TRAIL_LOOK_ALL);
}

void counting_poll(struct trail_record *record)
{
	if (record->counting.looks && monotonic_ns() >= record->counting.due_ns)
		look(record, TRAIL_LOOK_MORE);
}

void counting_end(struct trail_record *record)
{
	look(record, TRAIL_LOOK_ALL);
}

void counting_describe(const struct counting *counting, struct blob *tool)
{
	if (!counting->looks || !counting->size)
		return;
	blob_add(tool, TITLE, strlen(TITLE));
	blob_add(tool, counting->text, counting->size);
}

/* What a kill cut is not believed: up to the last end of a line. */
void counting_describe_part(int dir_fd, struct blob *tool)
{
	int fd = openat(dir_fd, PART_COUNTERS, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st = { 0 };
	char *text = NULL, *end = NULL;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size && st.st_size < MAX_FILE)
		text = malloc(st.st_size);
	if (text && !file_read_at(fd, text, st.st_size, 0) && !memchr(text, '\0', st.st_size))
		end = memrchr(text, '\n', st.st_size);
	if (end) {
		blob_add(tool, TITLE, strlen(TITLE));
		blob_add(tool, text, end + 1 - text);
	}
	free(text);
	close(fd);
}

void counting_release(struct counting *counting)
{
	trail_counting_close(counting->looks);
	if (counting->out)
		fclose(counting->out);
	/* Zeroed memory has none. */
	if (counting->pid && counting->fd >= 0)
		close(counting->fd);
	free(counting->text);
	free(counting->pid);
}
