// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tracedat-option.c - options of a trace.dat -> what they mean
 *
 * The whole list is collected first and applied afterwards: files spread their options over
 * several sections and repeat some of them; the last one wins.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracedat.h"

/* What `skbtrail record` has to say is a few KB. */
#define MAX_VERSION	65536

int tracedat_add_option(struct tracedat *dat, unsigned int id, struct cur data)
{
	struct tracedat_option *option;

	option = tracedat_grow(dat->option, dat->nr_option, sizeof(*option));
	if (!option)
		return -ENOMEM;
	dat->option = option;
	option[dat->nr_option++] = (struct tracedat_option){ id, data };
	return 0;
}

/* Without the NULs and blanks at both ends. */
static struct text trimmed(struct text text)
{
	while (text.len && (!text.at[text.len - 1] || strchr(" \t\n", text.at[text.len - 1])))
		text.len--;
	while (text.len && strchr(" \t\n", text.at[0])) {
		text.at++;
		text.len--;
	}
	return text;
}

static struct text option_text(struct cur data)
{
	return trimmed(cur_text(&data, cur_left(&data)));
}

/* "local [mono] boot" -> "mono" */
struct text tracedat_clock_name(struct text text)
{
	const char *open, *close;

	text = trimmed(text);
	if (!text.len)
		return text;
	open = memchr(text.at, '[', text.len);
	close = open ? memchr(open, ']', text.at + text.len - open) : NULL;
	if (!close)
		return text;
	return (struct text){ open + 1, close - open - 1 };
}

/* "Linux host 6.1.0 x86_64" -> "6.1.0" */
static struct text kernel_release(struct text text)
{
	for (int i = 0; i < 2; i++) {
		const char *blank = text.len ? memchr(text.at, ' ', text.len) : NULL;

		if (!blank)
			return (struct text){ 0 };
		text.len -= blank + 1 - text.at;
		text.at = blank + 1;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == ' ')
			text.len = i;
	}
	return text;
}

static bool stat_number(struct text text, const char *key, uint64_t *out)
{
	const char *end = text.at + text.len;
	const char *at = memmem(text.at, text.len, key, strlen(key));

	if (!at)
		return false;
	for (at += strlen(key); at < end && *at == ' '; at++)
		;
	if (at == end || *at < '0' || *at > '9')
		return false;
	for (*out = 0; at < end && *at >= '0' && *at <= '9'; at++)
		*out = *out * 10 + (*at - '0');
	return true;
}

static int add_stat(struct tracedat *dat, struct text text)
{
	struct tracedat_stat stat = { 0 };
	struct tracedat_stat *array;
	uint64_t cpu;

	/* An instance's series starts with one text that only names the buffer. */
	if (!text.len || !stat_number(text, "CPU:", &cpu) || cpu > UINT32_MAX ||
	    !stat_number(text, "\noverrun:", &stat.overrun))
		return 0;
	stat.cpu = cpu;
	stat_number(text, "\ncommit overrun:", &stat.commit_overrun);
	stat_number(text, "\ndropped events:", &stat.dropped);
	stat_number(text, "\nread events:", &stat.read_events);
	array = tracedat_grow(dat->stat, dat->nr_stat, sizeof(*array));
	if (!array)
		return -ENOMEM;
	dat->stat = array;
	array[dat->nr_stat++] = stat;
	return 0;
}

/* A decimal or 0x number with sign as text. */
static int64_t text_number(struct text text)
{
	char number[40];

	snprintf(number, sizeof(number), "%.*s", (int)(text.len < 39 ? text.len : 39),
		 text.len ? text.at : "");
	/* Kept modulo 2^64: an offset may be negative. */
	return number[0] == '-' ? strtoll(number, NULL, 0) : (int64_t)strtoull(number, NULL, 0);
}

static int64_t add_wrapped(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* Lines of the kernel's counters are the last (lib/counters/carrier-write.c) and can be many. */
static struct text cut_counters(struct text *text)
{
	static const char title[] = "\ncounters 1\n";
	const size_t length = sizeof(title) - 1;
	const char *at = text->len ? memmem(text->at, text->len, title, length) : NULL;
	struct text counters = { 0 };

	if (at) {
		counters.at = at + length;
		counters.len = text->len - (size_t)(counters.at - text->at);
		text->len = (size_t)(at - text->at);
	}
	return counters;
}

/* The tool's name, and below it what else it had to say, a line each. */
static void apply_version(struct tracedat *dat, struct text text)
{
	static const char wall[] = "wall_offset_ns: ";
	const size_t length = sizeof(wall) - 1;

	dat->counters = cut_counters(&text);
	/* It is gone through for each kind of event. */
	if (text.len > MAX_VERSION)
		text.len = MAX_VERSION;
	dat->tool = text;
	while (text.len) {
		const char *end = memchr(text.at, '\n', text.len);
		size_t line = end ? (size_t)(end - text.at) : text.len;

		if (line > length && !memcmp(text.at, wall, length)) {
			dat->wall_ns = text_number((struct text){ text.at + length,
								  line - length });
			dat->has_wall = true;
		}
		text.at += line + !!end;
		text.len -= line + !!end;
	}
}

/* With it the times are the time of day, in microseconds. */
static void apply_date(struct tracedat *dat, struct text text)
{
	int64_t date_ns = (int64_t)((uint64_t)text_number(text) * 1000);

	dat->add_ns = add_wrapped(dat->add_ns, date_ns);
	dat->wall_ns = date_ns;
	dat->has_wall = true;
}

static int apply_option(struct tracedat *dat, const struct tracedat_option *option)
{
	struct cur data = option->data;

	switch (option->id) {
	case OPTION_DATE:
		apply_date(dat, option_text(data));
		return 0;
	case OPTION_OFFSET:
		dat->add_ns = add_wrapped(dat->add_ns, text_number(option_text(data)));
		return 0;
	case OPTION_CPUSTAT:
		return add_stat(dat, option_text(data));
	case OPTION_TRACECLOCK:
		dat->clock = tracedat_clock_name(option_text(data));
		return 0;
	case OPTION_UNAME:
		dat->kernel = kernel_release(option_text(data));
		return 0;
	case OPTION_VERSION:
		apply_version(dat, option_text(data));
		return 0;
	case OPTION_CPUCOUNT:
		dat->nr_cpu = cur_u32(&data);
		return 0;
	case OPTION_TSC2NSEC:
		dat->tsc.mult = cur_u32(&data);
		dat->tsc.shift = cur_u32(&data);
		dat->tsc.valid = !data.failed && dat->tsc.mult && dat->tsc.shift <= 32;
		return 0;
	case OPTION_TIME_SHIFT:
		snprintf(dat->unsupported, sizeof(dat->unsupported),
			 "a guest's time shift towards its host");
		return 0;
	default:
		dat->nr_unknown += option->id >= OPTION_NR_KNOWN;
		return 0;
	}
}

int tracedat_apply_options(struct tracedat *dat)
{
	int err = 0;

	for (size_t i = 0; i < dat->nr_option && !err; i++)
		err = apply_option(dat, &dat->option[i]);
	return err;
}
