// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * capture-info.c - what a capture says of itself
 *
 * One walk over all records, CPU by CPU, counts them before the first one is given out: a report
 * can say at its head what is missing.  Who needs it at the end only saves the walk, see
 * trail_capture_opts.single_pass.  Capabilities are what occurs in the records, not what
 * could have been recorded:
 *
 *	tracepoints	an event of a system that is neither ftrace nor skbtrail_*
 *	function	function
 *	function_graph	funcgraph_entry or funcgraph_exit
 *	eprobe, kprobe	a dynamic event of `skbtrail record` (system skbtrail_*), by the form that
 *			the capture names; "probe" where it names none
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "read.h"

int capture_warn(struct trail_capture *cap, const char *format, ...)
{
	size_t nr = 0;
	va_list args;
	int len;

	while (cap->warning[nr])
		nr++;
	if (nr == MAX_WARNING)
		return 0;
	va_start(args, format);
	len = vasprintf(&cap->warning[nr], format, args);
	va_end(args);
	if (len < 0)
		cap->warning[nr] = NULL;
	return len < 0 ? -ENOMEM : 0;
}

static int compare_cpus(const void *va, const void *vb)
{
	const struct trail_cpu_stat *a = va, *b = vb;

	return a->cpu < b->cpu ? -1 : a->cpu > b->cpu;
}

/* An entry for each CPU that a buffer or a text of statistics names. */
static int make_cpus(struct trail_capture *cap)
{
	const struct tracedat *dat = cap->dat;
	size_t nr = dat->nr_stat;
	uint32_t kept = 0;

	if (cap->cpu)
		return 0;

	for (size_t i = 0; i < dat->nr_buffer; i++)
		nr += dat->buffer[i].nr_cpu;
	cap->cpu = calloc(nr ? nr : 1, sizeof(*cap->cpu));
	if (!cap->cpu)
		return -ENOMEM;
	nr = 0;
	for (size_t i = 0; i < dat->nr_stat; i++)
		cap->cpu[nr++].cpu = dat->stat[i].cpu;
	for (size_t i = 0; i < dat->nr_buffer; i++) {
		for (uint32_t j = 0; j < dat->buffer[i].nr_cpu; j++)
			cap->cpu[nr++].cpu = dat->buffer[i].cpu[j].cpu;
	}
	qsort(cap->cpu, nr, sizeof(*cap->cpu), compare_cpus);
	for (size_t i = 0; i < nr; i++) {
		if (!i || cap->cpu[i].cpu != cap->cpu[kept - 1].cpu)
			cap->cpu[kept++] = cap->cpu[i];
	}
	cap->info.cpu = cap->cpu;
	cap->info.nr_cpu = kept;
	return 0;
}

struct trail_cpu_stat *capture_find_cpu(struct trail_capture *cap, uint32_t cpu)
{
	struct trail_cpu_stat key = { .cpu = cpu };

	return bsearch(&key, cap->cpu, cap->info.nr_cpu, sizeof(key), compare_cpus);
}

static void add_stats(struct trail_capture *cap)
{
	for (size_t i = 0; i < cap->dat->nr_stat; i++) {
		const struct tracedat_stat *from = &cap->dat->stat[i];
		struct trail_cpu_stat *cpu = capture_find_cpu(cap, from->cpu);

		cpu->has_stats = true;
		cpu->overrun += from->overrun;
		cpu->commit_overrun += from->commit_overrun;
		cpu->dropped += from->dropped;
		cpu->read_events += from->read_events;
	}
}

static int record_type(const struct trail_capture *cap, const struct record *record)
{
	uint16_t type;

	memcpy(&type, record->data + cap->common.type, sizeof(type));
	return cap->dat->swap ? __builtin_bswap16(type) : type;
}

static int walk_stream(struct trail_capture *cap, struct stream *stream)
{
	const struct record *record = &stream->record;
	struct page_count rest = { cap->common.min_size, cap->common.type, cap->seen };
	struct stream_count *count = &stream->count;
	int more;

	while ((more = stream_next(stream)) > 0) {
		if (record->size < cap->common.min_size) {
			more = -EINVAL;
			stream->fail_offset = stream->pages.pos;
			break;
		}
		if (cap->seen)
			cap->seen[record_type(cap, record)] = 1;
		stream_count(stream);
		/* The rest of most pages. */
		if (rest.seen && !stream->tracecmd.input)
			count->nr += page_count(&stream->pages.page, &stream->pages.layout, &rest);
		if (stream->pages.page.ts > count->last)
			count->last = stream->pages.page.ts;
	}
	if (more == -EINVAL)
		return read_fail(cap->error, -EINVAL, "%s: damaged data of CPU %u at offset %llu",
				 cap->file, stream->cpu, (unsigned long long)stream->fail_offset);
	return more;
}

static void add_capability(struct trail_capture *cap, const char *name)
{
	size_t nr = 0;

	for (; cap->capability[nr]; nr++) {
		if (!strcmp(cap->capability[nr], name))
			return;
	}
	if (nr < MAX_CAPABILITY)
		cap->capability[nr] = name;
}

static void find_capabilities(struct trail_capture *cap)
{
	for (unsigned int type = 0; type < cap->nr_type; type++) {
		const char *system = cap->seen[type] ? bind_system(cap->bind, type) : NULL;

		if (!system)
			continue;
		if (!strncmp(system, "skbtrail_", 9)) {
			const char *kind = capture_probe_kind(cap, bind_name(cap->bind, type));

			add_capability(cap, kind ? kind : "probe");
		}
		else if (strcmp(system, "ftrace"))
			add_capability(cap, "tracepoints");
		else if (!strncmp(bind_name(cap->bind, type), "funcgraph_", 10))
			add_capability(cap, "function_graph");
		else if (!strcmp(bind_name(cap->bind, type), "function"))
			add_capability(cap, "function");
	}
}

int capture_count_start(struct trail_capture *cap)
{
	int err = make_cpus(cap);

	if (err)
		return err;
	if (cap->bind && !cap->seen) {
		cap->seen = calloc(65536, 1);
		if (!cap->seen)
			return -ENOMEM;
	}
	for (size_t i = 0; i < cap->nr_stream; i++)
		cap->stream[i].count = (struct stream_count){ .first = UINT64_MAX };
	cap->convert = !cap->tracecmd && time_needs_conversion(cap->dat);
	return 0;
}

void capture_count_end(struct trail_capture *cap)
{
	struct stream_count all = { .first = UINT64_MAX };

	for (uint32_t i = 0; i < cap->info.nr_cpu; i++)
		cap->cpu[i].nr_event = 0;
	for (size_t i = 0; i < cap->nr_stream; i++) {
		const struct stream_count *count = &cap->stream[i].count;
		struct trail_cpu_stat *cpu = capture_find_cpu(cap, cap->stream[i].cpu);

		cpu->nr_event += count->nr;
		all.nr += count->nr;
		all.first = count->first < all.first ? count->first : all.first;
		all.last = count->last > all.last ? count->last : all.last;
		if (cap->lost_known)
			continue;
		losses_of_pages(cap, count, cpu);
	}
	if (cap->seen)
		find_capabilities(cap);
	cap->info.nr_event = all.nr;
	cap->info.start_ns = all.nr ? all.first : 0;
	cap->info.end_ns = all.last;
	if (cap->convert && all.nr) {
		cap->info.start_ns = time_convert(cap->dat, all.first);
		cap->info.end_ns = time_convert(cap->dat, all.last);
	}
	losses_sum(cap);
}

int capture_walk(struct trail_capture *cap)
{
	int err = capture_count_start(cap);

	for (size_t i = 0; i < cap->nr_stream && !err; i++)
		err = walk_stream(cap, &cap->stream[i]);
	if (!err)
		capture_count_end(cap);
	return err;
}

static int copy_text(struct text text, char **out)
{
	if (!text.len)
		return 0;
	*out = strndup(text.at, text.len);
	return *out ? 0 : -ENOMEM;
}

/* What is behind it is told by capture-probes.c. */
static struct text first_line(struct text text)
{
	const char *end = text.len ? memchr(text.at, '\n', text.len) : NULL;

	return (struct text){ text.at, end ? (size_t)(end - text.at) : text.len };
}

static bool clock_is(const struct trail_capture *cap, const char *name)
{
	return cap->clock && !strcmp(cap->clock, name);
}

static int warn_clock(struct trail_capture *cap)
{
	if (!cap->clock)
		return capture_warn(cap, "the capture does not say which clock it used");
	if (clock_is(cap, "local") && cap->info.nr_cpu > 1)
		return capture_warn(cap, "trace clock \"local\" is not comparable between CPUs; "
				    "times across CPUs are unreliable");
	if (clock_is(cap, "counter") ||
	    (clock_is(cap, "x86-tsc") && !cap->dat->tsc.valid))
		return capture_warn(cap, "trace clock \"%s\" does not count nanoseconds",
				    cap->clock);
	return 0;
}

/* "At least": what follows the last place that the file names is not known. */
static int warn_truncated(struct trail_capture *cap)
{
	const struct tracedat *dat = cap->dat;
	uint64_t missing = dat->named_end > dat->size ? dat->named_end - dat->size : 0;
	int err;

	if (!dat->truncated)
		return 0;
	if (missing)
		err = capture_warn(cap, "the file is cut off: at least %llu bytes (%.1f%%) are "
				   "missing; only its whole pages are used",
				   (unsigned long long)missing,
				   100.0 * (double)missing / (double)dat->named_end);
	else
		err = capture_warn(cap, "the file is cut off; only its whole pages are used");
	if (!err && dat->guessed_cpu)
		err = capture_warn(cap, "the index of the data is missing; CPU numbers are those "
				   "of the order in the file");
	return err;
}

static int make_warnings(struct trail_capture *cap)
{
	const struct tracedat *dat = cap->dat;
	int err;

	err = warn_truncated(cap);
	if (!err)
		err = capture_warn_ended(cap);
	if (!err)
		err = warn_clock(cap);
	if (!err && !dat->nr_buffer)
		err = capture_warn(cap, "the capture has no data");
	if (!err && dat->guessed_long)
		err = capture_warn(cap, "the page header description is missing; the layout of "
				   "pages is guessed");
	if (!err && dat->nr_unknown)
		err = capture_warn(cap, "%u options of unknown kind were ignored", dat->nr_unknown);
	return err;
}

int capture_describe(struct trail_capture *cap)
{
	const struct tracedat *dat = cap->dat;
	struct trail_capture_info *info = &cap->info;
	int err;

	add_stats(cap);
	err = copy_text(dat->kernel, &cap->kernel);
	if (!err)
		err = copy_text(dat->clock, &cap->clock);
	if (!err)
		err = copy_text(first_line(dat->tool), &cap->tool);
	if (!err)
		err = capture_read_filter(cap);
	if (!err)
		err = capture_read_ended(cap);
	if (!err)
		err = capture_read_missing(cap);
	if (!err)
		err = make_warnings(cap);
	info->file = cap->file;
	info->kernel = cap->kernel;
	info->clock = cap->clock;
	info->tool = cap->tool;
	info->counters = dat->counters.len ? dat->counters.at : NULL;
	info->counters_bytes = dat->counters.len;
	info->version = dat->version;
	info->has_wall = dat->has_wall;
	/* Of the times that are given out, to which add_ns was added. */
	info->wall_offset_ns = (int64_t)((uint64_t)dat->wall_ns - (uint64_t)dat->add_ns);
	info->truncated = dat->truncated;
	info->payload = capture_has_payload(cap);
	info->bounded = capture_bounded(cap);
	info->ended = cap->ended;
	info->packet_filter = cap->packet_filter;
	info->missed_probes = capture_missed_probes(cap);
	info->missing = (const char *const *)cap->missing;
	info->capability = cap->capability;
	info->warning = (const char *const *)cap->warning;
	losses_sum(cap);
	return err;
}

void capture_info_release(struct trail_capture *cap)
{
	for (size_t i = 0; cap->warning[i]; i++)
		free(cap->warning[i]);
	free(cap->cpu);
	free(cap->seen);
	free(cap->kernel);
	free(cap->clock);
	free(cap->tool);
	free(cap->packet_filter);
	free(cap->ended);
	capture_free_missing(cap);
}
