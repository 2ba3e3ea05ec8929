// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * events.c - the events of a capture -> lines
 */
#include <errno.h>
#include <stdlib.h>

#include "cmd.h"
#include "events.h"

/**
 * struct listing - lines under way
 * @pairs: NULL where the capture has no probes of the user
 * @line: of @size bytes, the longest so far
 */
struct listing {
	const struct events_opts *opts;
	struct trail_capture *cap;
	struct trail_pairs *pairs;
	char *line;
	size_t size;
};

/* Is it told with the return of its function? */
static bool is_hidden(const struct listing *list, const struct trail_event *event)
{
	const struct trail_description *what;

	if (!list->pairs || list->opts->has_parts)
		return false;
	what = trail_capture_describe(list->cap, event->type);
	return what && what->is_part;
}

/* Before an event the gap that the kernel left there. */
static void print_lost(const struct trail_event *event)
{
	if (event->lost > 0)
		printf("CPU:%u [%d EVENTS DROPPED]\n", event->cpu, event->lost);
	else if (event->lost < 0)
		printf("CPU:%u [EVENTS DROPPED]\n", event->cpu);
}

static int print_event(struct listing *list, const struct trail_event *event,
		       const struct trail_pair *pair)
{
	int len = trail_capture_print_call(list->cap, event, pair, list->line, list->size);

	if (len >= 0 && (size_t)len >= list->size) {
		char *longer = realloc(list->line, (size_t)len + 1);

		if (!longer)
			return -ENOMEM;
		list->line = longer;
		list->size = (size_t)len + 1;
		len = trail_capture_print_call(list->cap, event, pair, list->line, list->size);
	}
	if (len < 0)
		return len;
	print_lost(event);
	fwrite(list->line, 1, (size_t)len, stdout);
	putchar('\n');
	return ferror(stdout) ? -EIO : 0;
}

static int see_event(struct listing *list, const struct trail_event *event)
{
	struct trail_pair pair = { TRAIL_UNKNOWN_NS, NULL };
	int err = list->pairs ? trail_pairs_see(list->pairs, event, &pair) : 0;

	if (err || !list->opts->passes(list->opts->data, event))
		return err;
	if (!is_hidden(list, event))
		return print_event(list, event, &pair);
	print_lost(event);
	return 0;
}

int events_print(struct trail_capture *cap, const struct events_opts *opts)
{
	struct listing list = { .opts = opts, .cap = cap, .size = 1024 };
	struct trail_event event;
	int err = 0;

	list.line = malloc(list.size);
	if (!list.line)
		return -ENOMEM;
	if (trail_capture_has_event(cap, "user:*"))
		err = trail_pairs_new(cap, &list.pairs);
	if (!err)
		printf("cpus=%u\n", trail_capture_info(cap)->nr_cpu);
	while (!err && (err = trail_capture_next(cap, &event)) > 0)
		err = see_event(&list, &event);
	trail_pairs_free(list.pairs);
	free(list.line);
	return err;
}
