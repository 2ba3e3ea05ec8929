// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * select.c - --cpu, --pid, --comm, --since, --until, --where and --filter -> yes or no
 *
 * Different options must all hold, the values of one are alternatives, save for expressions, which
 * must all hold.  A packet is selected by any of its spans: it is shown whole or not at all.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "cmd.h"
#include "select.h"

static int list_append(struct select_list *list, long first, long last)
{
	struct select_range *range = realloc(list->range, (list->nr + 1) * sizeof(*range));

	if (!range)
		return -ENOMEM;
	list->range = range;
	range[list->nr++] = (struct select_range){ first, last };
	return 0;
}

static int parse_number(const char **at, long *value)
{
	char *end;

	if (!isdigit((unsigned char)**at))
		return -EINVAL;
	errno = 0;
	*value = strtol(*at, &end, 10);
	*at = end;
	return errno ? -EINVAL : 0;
}

int select_list_add(struct select_list *list, const char *arg)
{
	long first, last;
	int err;

	do {
		err = parse_number(&arg, &first);
		last = first;
		if (!err && *arg == '-') {
			arg++;
			err = parse_number(&arg, &last);
		}
		if (err || last < first)
			return -EINVAL;
		err = list_append(list, first, last);
		if (err)
			return err;
	} while (*arg++ == ',');
	return arg[-1] ? -EINVAL : 0;
}

int select_names_add(struct select_names *names, const char *name)
{
	const char **bigger = realloc(names->name, (names->nr + 1) * sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	names->name = bigger;
	bigger[names->nr++] = name;
	return 0;
}

/* Not strtod(): seconds since boot with nine decimals have more digits than a double. */
static int parse_seconds(const char *arg, uint64_t *ns)
{
	uint64_t seconds = 0, fraction = 0, scale = 1000000000;

	if (!isdigit((unsigned char)*arg))
		return -EINVAL;
	for (; isdigit((unsigned char)*arg); arg++) {
		seconds = 10 * seconds + (uint64_t)(*arg - '0');
		if (seconds > UINT64_MAX / 1000000000 - 1)
			return -EINVAL;
	}
	if (*arg == '.')
		for (arg++; isdigit((unsigned char)*arg) && scale > 1; arg++) {
			scale /= 10;
			fraction += (uint64_t)(*arg - '0') * scale;
		}
	*ns = seconds * 1000000000 + fraction;
	return *arg ? -EINVAL : 0;
}

int select_time_parse(struct select_time *time, const char *arg)
{
	time->is_given = true;
	time->is_relative = *arg == '+';
	return time->is_relative ? options_duration(arg + 1, &time->ns)
				 : parse_seconds(arg, &time->ns);
}

/* What a shell would need quotes for gets them; only people read it. */
int select_given(struct select *select, const char *name, const char *arg)
{
	static const char plain[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ+-,._:/%@";
	const char *quote = *arg && !arg[strspn(arg, plain)] ? "" : "'";
	char *text;

	if (asprintf(&text, "%s%s--%s %s%s%s", select->text ? select->text : "",
		     select->text ? " " : "", name, quote, arg, quote) < 0)
		return -ENOMEM;
	free(select->text);
	select->text = text;
	select->count.text = text;
	return 0;
}

static int compile_where(struct select *select)
{
	struct trail_error error;
	int err;

	select->compiled_where = calloc(select->where.nr + 1, sizeof(*select->compiled_where));
	if (!select->compiled_where)
		return -ENOMEM;
	for (size_t i = 0; i < select->where.nr; i++) {
		err = trail_where_new(select->where.name[i], &select->compiled_where[i], &error);
		if (err == -EINVAL)
			complain_place("--where", select->where.name[i], err, &error);
		if (err)
			return err;
	}
	return 0;
}

static int compile_filter(struct select *select)
{
	struct trail_error error;
	int err;

	select->compiled_filter = calloc(select->filter.nr + 1, sizeof(*select->compiled_filter));
	if (!select->compiled_filter)
		return -ENOMEM;
	for (size_t i = 0; i < select->filter.nr; i++) {
		err = trail_packet_filter_new(select->filter.name[i], &select->compiled_filter[i],
					      &error);
		if (err == -EINVAL)
			complain_place("--filter", select->filter.name[i], err, &error);
		if (err)
			return err;
	}
	return 0;
}

int select_compile(struct select *select)
{
	int err = compile_where(select);

	err = err ? err : compile_filter(select);
	if (err == -ENOMEM)
		complain(NULL, "%s", strerror(ENOMEM));
	return err;
}

static void resolve(struct select_time *time, uint64_t start_ns)
{
	if (time->is_relative && __builtin_add_overflow(start_ns, time->ns, &time->ns))
		time->ns = UINT64_MAX;
	time->is_relative = false;
}

void select_resolve(struct select *select, uint64_t start_ns)
{
	resolve(&select->since, start_ns);
	resolve(&select->until, start_ns);
}

static bool in_list(const struct select_list *list, long value)
{
	for (size_t i = 0; i < list->nr; i++)
		if (value >= list->range[i].first && value <= list->range[i].last)
			return true;
	return !list->nr;
}

static bool in_names(const struct select_names *names, const char *name)
{
	for (size_t i = 0; name && i < names->nr; i++)
		if (!strcmp(names->name[i], name))
			return true;
	return !names->nr;
}

static bool in_time(const struct select *select, uint64_t start_ns, uint64_t end_ns)
{
	return (!select->since.is_given || end_ns >= select->since.ns) &&
	       (!select->until.is_given || start_ns <= select->until.ns);
}

bool select_event(const struct select *select, const struct trail_capture *cap,
		  const struct trail_event *event)
{
	if (!in_time(select, event->ts_ns, event->ts_ns) || !in_list(&select->cpu, event->cpu) ||
	    !in_list(&select->pid, event->pid))
		return false;
	/* The idle task of every CPU has pid 0 and, in a listing of events, this name. */
	return !select->comm.nr ||
	       in_names(&select->comm, event->pid ? trail_capture_comm(cap, event->pid) : "<idle>");
}

static bool touches(const struct select *select, const struct trail_packet *packet)
{
	bool cpu = !select->cpu.nr;
	bool pid = in_list(&select->pid, packet->reader_pid);
	bool comm = in_names(&select->comm, packet->reader_comm);

	for (size_t i = 0; i < packet->nr_span; i++) {
		const struct trail_span *span = &packet->span[i];

		cpu = cpu || in_list(&select->cpu, span->cpu);
		pid = pid || in_list(&select->pid, span->pid);
		comm = comm || in_names(&select->comm, span->comm);
	}
	return cpu && pid && comm && in_time(select, packet->start_ns, packet->end_ns);
}

/* Return: 1, 0, or -ENODATA: it is not known. */
static int meets(const struct select *select, const struct trail_packet *packet)
{
	int all = 1;

	for (size_t i = 0; all && i < select->where.nr; i++) {
		int one = trail_where_judge(select->compiled_where[i], packet);

		all = one > 0 ? all : one;
	}
	return all;
}

bool select_asks(const struct select *select, const char *field)
{
	for (size_t i = 0; i < select->where.nr; i++)
		if (trail_where_asks(select->compiled_where[i], field))
			return true;
	return false;
}

/* Return: 1, 0, or -ENODATA without bytes. */
static int matches(const struct select *select, const struct trail_packet *packet)
{
	int match = 1;

	for (size_t i = 0; match > 0 && i < select->filter.nr; i++)
		match = trail_packet_filter_match(select->compiled_filter[i], packet);
	return match;
}

bool select_packet(struct select *select, const struct trail_packet *packet)
{
	int where = touches(select, packet) ? meets(select, packet) : 0;
	int match = where > 0 ? matches(select, packet) : 0;

	select->count.nr_packet++;
	select->nr_unknown += where < 0;
	select->count.nr_selected += match > 0;
	select->count.nr_no_header += match == -ENODATA;
	select->nr_header += packet->header.bytes != NULL;
	return match > 0;
}

void select_release(struct select *select)
{
	for (size_t i = 0; select->compiled_where && i < select->where.nr; i++)
		trail_where_free(select->compiled_where[i]);
	for (size_t i = 0; select->compiled_filter && i < select->filter.nr; i++)
		trail_packet_filter_free(select->compiled_filter[i]);
	free(select->compiled_where);
	free(select->compiled_filter);
	free(select->filter.name);
	free(select->where.name);
	free(select->text);
	free(select->cpu.range);
	free(select->pid.range);
	free(select->comm.name);
}

enum trail_by select_by(const char *name)
{
	enum trail_by by = 0;

	while (by < TRAIL_NR_BY && strcmp(trail_by_name(by), name))
		by++;
	return by;
}
