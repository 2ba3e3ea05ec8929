// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report-all.c - a capture, however damaged -> every output of the library, checked
 *
 * What holds for each input: no crash; an error that is said; texts are UTF-8 in which no control
 * character is left, JSON is JSON.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "skbtrail.h"

#define MAX_SINK	8

struct output {
	struct trail_sink *sink;
	const char *name;
	FILE *stream;
	char *text;
	size_t size;
};

struct run {
	const struct report_all *how;
	struct trail_capture *cap;
	struct trail_engine *engine;
	struct trail_stat *stat;
	struct trail_groups *groups;
	struct trail_where *where;
	struct trail_packet_filter *filter;
	struct output out[MAX_SINK];
	size_t nr_out;
};

void fuzz_check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

int fuzz_file(const void *data, size_t size, char path[FUZZ_PATH_SIZE])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	fuzz_check(fd >= 0 && write(fd, data, size) == (ssize_t)size, "memfd");
	snprintf(path, FUZZ_PATH_SIZE, "/proc/self/fd/%d", fd);
	return fd;
}

/* Length of the UTF-8 character at @at; written anew here: the library's own is what is tested. */
static size_t character(const unsigned char *at, size_t left)
{
	uint32_t code = at[0] < 0x80 ? at[0] : at[0] >= 0xf0 ? at[0] & 7 : at[0] >= 0xe0 ?
			at[0] & 15 : at[0] & 31;
	size_t len = at[0] < 0x80 ? 1 : at[0] >= 0xf8 ? 0 : at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ?
		     3 : at[0] >= 0xc0 ? 2 : 0;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if (!len || len > left)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (at[i] >> 6 != 2)
			return 0;
		code = code << 6 | (at[i] & 63);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	if (code == 0x7f || (code < 0x20 && code != '\n') || (code >= 0x80 && code < 0xa0))
		return 0;
	/* Who reads it must not see it turned around. */
	if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069))
		return 0;
	return len;
}

void fuzz_check_text(const char *what, const char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text;

	while (size) {
		size_t len = *at >= ' ' && *at < 0x7f ? 1 : character(at, size);

		fuzz_check(len, what);
		at += len;
		size -= len;
	}
}

void fuzz_check_json(const char *text, size_t size)
{
	struct json_tokener *tokener = json_tokener_new();

	for (size_t i = 0; i < size; i++)
		fuzz_check((unsigned char)text[i] >= ' ' || text[i] == '\n',
			   "control character in JSON");
	fuzz_check(tokener, "json-c");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	while (size) {
		const char *end = memchr(text, '\n', size);
		size_t line = end ? (size_t)(end - text) + 1 : size;
		struct json_object *object;

		object = json_tokener_parse_ex(tokener, text, (int)line);
		fuzz_check(object && json_object_is_type(object, json_type_object), "line of JSON");
		json_object_put(object);
		json_tokener_reset(tokener);
		text += line;
		size -= line;
	}
	json_tokener_free(tokener);
}

static int on_packet(void *data, const struct trail_packet *packet)
{
	struct run *run = data;
	int err = trail_stat_add(run->stat, packet);

	if (!err)
		err = trail_groups_add(run->groups, packet);
	trail_where_match(run->where, packet);
	if (packet->header.bytes)
		trail_packet_filter_match(run->filter, packet);
	for (size_t i = 0; i < run->nr_out && !err; i++) {
		/* A packet without bytes cannot be exported. */
		if (strcmp(run->out[i].name, "pcapng") || packet->header.bytes)
			err = trail_sink_packet(run->out[i].sink, packet);
	}
	return err;
}

static void open_outputs(struct run *run)
{
	for (size_t i = 0; trail_sink_type[i] && i < MAX_SINK; i++) {
		struct output *out = &run->out[run->nr_out++];
		struct trail_sink_opts opts = {
			.capture = trail_capture_info(run->cap), .stat = run->stat,
			.engine = run->engine,
		};

		out->name = trail_sink_type[i]->name;
		out->stream = open_memstream(&out->text, &out->size);
		opts.out = out->stream;
		fuzz_check(out->stream && !trail_sink_open(out->name, &opts, &out->sink),
			   "an output opens");
	}
}

static void check_outputs(struct run *run)
{
	for (size_t i = 0; i < run->nr_out; i++) {
		struct output *out = &run->out[i];
		bool closed = !trail_sink_close(out->sink);

		fuzz_check(closed && !fclose(out->stream), "an output closes");
		if (strstr(out->name, "json"))
			fuzz_check_json(out->text, out->size);
		else if (strcmp(out->name, "pcapng"))
			fuzz_check_text(out->name, out->text, out->size);
		free(out->text);
	}
}

/* Groups are printed in place of the tables. */
static void check_groups(struct run *run)
{
	struct trail_sink_opts opts = {
		.capture = trail_capture_info(run->cap), .stat = run->stat,
		.engine = run->engine, .groups = run->groups, .width = 80,
	};
	static const char *const name[] = { "packets", "text" };

	for (size_t i = 0; i < 2; i++) {
		struct trail_sink *sink = NULL;
		char *text = NULL;
		size_t size;

		opts.out = open_memstream(&text, &size);
		fuzz_check(opts.out && !trail_sink_open(name[i], &opts, &sink), "groups open");
		fuzz_check(!trail_sink_close(sink) && !fclose(opts.out), "groups close");
		fuzz_check_text("groups", text, size);
		free(text);
	}
}

static int read_events(struct run *run)
{
	const struct trail_event *event;
	uint64_t nr = 0;
	int more, err = 0;

	while ((more = trail_capture_batch(run->cap, &event)) > 0) {
		err = trail_engine_events(run->engine, event, (size_t)more);
		if (err)
			fprintf(stderr, "behind event %llu: %s\n", (unsigned long long)nr,
				strerror(-err));
		fuzz_check(!err, "no event is too odd for the engine");
		nr += (uint64_t)more;
		if (run->how->max_event && nr >= run->how->max_event)
			break;
	}
	fuzz_check(more >= 0 || more == -EINVAL, "events are read, or damage is said");
	fuzz_check(!trail_engine_finish(run->engine), "the engine finishes");
	return more < 0 ? more : 0;
}

static void make_tools(struct run *run)
{
	static const char where[] = "latency > 1us and (dev == eth0 or stage(queue.runqueue) >= 0ns"
				    " or comm ~ \"a*\" or reader == x)";
	int err;

	if (trail_where_new(where, &run->where, NULL))
		err = trail_where_new("latency > 1us", &run->where, NULL);
	else
		err = 0;
	fuzz_check(!err, "--where");
	fuzz_check(!trail_packet_filter_new("tcp port 443 or (ip6 and ip6[40] & 7 != 0)",
					    &run->filter, NULL), "--filter");
	fuzz_check(!trail_stat_new(10, &run->stat), "statistics");
	fuzz_check(!trail_groups_new(TRAIL_BY_FLOW, 2, &run->groups), "groups");
	fuzz_check(!trail_engine_new(run->cap, on_packet, run, &run->engine), "an engine");
}

int report_all(const char *path, const struct report_all *how)
{
	struct trail_capture_opts opts = {
		.reader = TRAIL_READER_NATIVE, .single_pass = how->single_pass,
		.nr_threads = how->nr_threads,
	};
	struct run run = { .how = how };
	struct trail_error error;
	int err;

	err = trail_capture_open(path, &opts, &run.cap, &error);
	if (err) {
		fuzz_check(error.text[0], "a refused capture has a reason");
		fuzz_check(err != -EINVAL || strstr(error.text, " at offset ") ||
			   strstr(error.text, "is empty"), "damage has a place");
		return err;
	}
	make_tools(&run);
	open_outputs(&run);
	err = read_events(&run);
	check_outputs(&run);
	check_groups(&run);
	trail_engine_free(run.engine);
	trail_groups_free(run.groups);
	trail_stat_free(run.stat);
	trail_where_free(run.where);
	trail_packet_filter_free(run.filter);
	trail_capture_close(run.cap);
	return err;
}
