// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * look.c - the files of procfs -> counters of a network namespace, and of the machine
 *
 * A source that takes long, as one with a line for each of many thousand sockets, is looked at
 * less often: no source takes more than 0.2 % of a CPU.  The first and the last look take them all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "look.h"
#include "words.h"

#define SECOND_NS	UINT64_C(1000000000)
#define FIRST_ROOM	16384
/* Nothing that is read has this size; a limit all the same. */
#define MAX_ROOM	(64u << 20)
#define PATH_SIZE	512

/* Of the namespace of the thread that opens it. */
#define NET_DIR		"/proc/thread-self/net/"

static const struct {
	const char *source;
	void (*parse)(const char *text, size_t size, struct tally *tally);
	bool is_optional;		/* not without IPv6 */
	bool has_drops;			/* match.c has some of it */
} file[] = {
	{ "snmp", parse_snmp, false, true }, { "netstat", parse_snmp, false, true },
	{ "snmp6", parse_snmp6, true, true },
	{ "udp", parse_udp, false }, { "udp6", parse_udp, true },
	{ "sockstat", parse_sockstat, false }, { "sockstat6", parse_sockstat, true },
};

#define NR_FILE	(sizeof(file) / sizeof(file[0]))

/* ---- reading */

bool look_room(struct trail_counting *counting, size_t size)
{
	size_t cap = counting->cap_text ? counting->cap_text : FIRST_ROOM;
	char *text;

	while (cap < size && cap < MAX_ROOM)
		cap *= 2;
	if (cap < size)
		return false;
	if (cap == counting->cap_text)
		return true;
	text = realloc(counting->text, cap);
	if (!text)
		return false;
	counting->text = text;
	counting->cap_text = cap;
	return true;
}

ssize_t look_read(struct trail_counting *counting, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err = 0;
	size_t size = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -errno;
	while (!err && n) {
		if (!look_room(counting, size + FIRST_ROOM / 2)) {
			err = -ENOMEM;
			break;
		}
		n = read(fd, counting->text + size, counting->cap_text - size - 1);
		if (n > 0)
			size += n;
		else if (n < 0 && errno != EINTR)
			err = -errno;
	}
	close(fd);
	if (err)
		return err;
	counting->text[size] = '\0';
	return size;
}

/* ---- not too often */

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * SECOND_NS + (uint64_t)ts.tv_nsec;
}

bool look_is_due(const struct trail_counting *counting, const struct place *place,
		 enum look_what what, uint64_t *began)
{
	*began = cpu_ns();
	return counting->look == TRAIL_LOOK_ALL ||
	       counting->series->now_ns >= place->due_ns[what];
}

/* Who looks once a second may be early a little. */
uint64_t look_rest(const struct trail_counting *counting, uint64_t took_ns)
{
	uint64_t rest = took_ns * LOOK_REST;

	return counting->series->now_ns + rest - (rest < SECOND_NS ? rest / 10 : 0);
}

void look_done(const struct trail_counting *counting, struct place *place, enum look_what what,
	       uint64_t began)
{
	place->due_ns[what] = look_rest(counting, cpu_ns() - began);
}

/* ---- what there is */

static void keep_error(struct trail_counting *counting, int err)
{
	if (err && !counting->err)
		counting->err = err;
}

static void look_file(struct trail_counting *counting, struct place *place, size_t i)
{
	struct trail_counters *series = counting->series;
	char path[PATH_SIZE];
	struct tally tally;
	uint64_t began;
	ssize_t size;

	if (!look_is_due(counting, place, LOOK_TEXT + i, &began))
		return;
	snprintf(path, sizeof(path), NET_DIR "%s", file[i].source);
	size = look_read(counting, path);
	if (size < 0 && !(file[i].is_optional && size == -ENOENT))
		keep_error(counting, series_note(series, "%s: /proc/net/%s: %s",
						 series->netns[place->netns], file[i].source,
						 strerror(-size)));
	if (size < 0)
		return;
	tally_begin(&tally, series, place->netns, file[i].source);
	file[i].parse(counting->text, size, &tally);
	keep_error(counting, tally_end(&tally));
	look_done(counting, place, LOOK_TEXT + i, began);
}

void look_place(struct trail_counting *counting, struct place *place)
{
	/* First, as the sockets that it opens are counted too. */
	look_devices(counting, place);
	for (size_t i = 0; i < NR_FILE; i++)
		if (file[i].has_drops || !counting->opts->only_drops)
			look_file(counting, place, i);
	if (counting->look == TRAIL_LOOK_ALL && !counting->opts->only_drops)
		look_settings(counting, place);
}

static bool is_letter(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Does @text have @name in it, and neither a letter before nor a digit behind it? */
static bool has_name(struct words text, const char *name)
{
	size_t size = strlen(name);

	for (size_t i = 0; size && i + size <= text.size; i++)
		if (!memcmp(text.at + i, name, size) && (!i || !is_letter(text.at[i - 1])) &&
		    (i + size == text.size || !is_letter(text.at[i + size])))
			return true;
	return false;
}

static bool is_wanted(void *data, unsigned int irq, const char *text, size_t size)
{
	const struct trail_counting *counting = data;

	for (size_t i = 0; i < counting->irqs.nr; i++)
		if (counting->irqs.irq[i] == irq)
			return true;
	for (size_t i = 0; i < counting->nr_place; i++)
		for (size_t j = 0; j < counting->place[i]->nr_device; j++)
			if (has_name((struct words){ text, size },
				     counting->place[i]->device[j].is.name))
				return true;
	return false;
}

static void look_interrupts(struct trail_counting *counting)
{
	struct parse_irqs irqs = { is_wanted, counting };
	struct place *place = counting->place[0];
	struct tally tally;
	uint64_t began;
	ssize_t size;

	if (!look_is_due(counting, place, LOOK_INTERRUPTS, &began))
		return;
	size = look_read(counting, "/proc/interrupts");
	if (size < 0)
		return;
	tally_begin(&tally, counting->series, SERIES_HOST, "interrupts");
	parse_interrupts(counting->text, size, &irqs, &tally);
	keep_error(counting, tally_end(&tally));
	look_done(counting, place, LOOK_INTERRUPTS, began);
}

void look_host(struct trail_counting *counting)
{
	bool with_settings = counting->look == TRAIL_LOOK_ALL && !counting->opts->only_drops;
	struct tally tally;
	ssize_t size;

	if (with_settings)
		look_find_irqs(counting);
	size = look_read(counting, NET_DIR "softnet_stat");
	if (size >= 0) {
		tally_begin(&tally, counting->series, SERIES_HOST, "softnet");
		parse_softnet(counting->text, size, &tally);
		keep_error(counting, tally_end(&tally));
	}
	if (!counting->opts->only_drops)
		look_interrupts(counting);
	if (with_settings)
		look_host_settings(counting);
}

/* ---- the whole */

int trail_counting_open(const struct trail_counting_opts *opts, struct trail_counting **out)
{
	struct trail_counting *counting = calloc(1, sizeof(*counting));
	int err;

	if (!counting)
		return -ENOMEM;
	counting->opts = opts;
	counting->visitor.own_fd = -1;
	counting->series = series_new();
	err = counting->series ? visit_open(counting) : -ENOMEM;
	if (err) {
		trail_counting_close(counting);
		return err;
	}
	*out = counting;
	return 0;
}

int trail_counting_look(struct trail_counting *counting, uint64_t now_ns, enum trail_look look)
{
	counting->err = 0;
	counting->look = look;
	series_look(counting->series, now_ns);
	/* Devices first: what interrupts they have is told by their names. */
	look_place(counting, counting->place[0]);
	visit(counting);
	look_host(counting);
	series_look_over(counting->series);
	return counting->err == -E2BIG ? 0 : counting->err;
}

struct trail_counters *trail_counting_counters(struct trail_counting *counting)
{
	return counting->series;
}

void trail_counting_close(struct trail_counting *counting)
{
	if (!counting)
		return;
	visit_close(counting);
	for (size_t i = 0; i < counting->nr_place; i++)
		place_free(counting->place[i]);
	trail_counters_free(counting->series);
	free(counting->irqs.irq);
	free(counting->text);
	free(counting);
}
