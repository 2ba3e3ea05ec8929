// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * capture-probes.c - what the recorder wrote of its dynamic events
 *
 * `skbtrail record` puts lines behind its version text, the only option that every reader of
 * trace.dat takes as free text (lib/record/dynevent.c writes them):
 *
 *	probe NAME: KIND PLACE		the kernel took it, in this form
 *	user NAME KEY=FIELD ... : SPEC	one that the user asked for; read by describe.c
 *	missing NAME: WHY		it did not
 *	missed NAME: N			hits that it did not run
 *	filter EXPRESSION		only packets that it matches were recorded
 *	ended WHY			the recording ended before it was told to
 *	off NS				somebody else had switched tracing off by then
 *	cleared				somebody else had cleared a buffer
 *	bounded flight, bounded size	only the newest was to be kept
 *	lost CPU FROM TO N		lost events of a CPU between two times of the trace clock
 *	payload kept			packet bytes behind the headers are those of the packet
 *	wall_offset_ns: N		time of day minus clock; read by tracedat-option.c
 *	counters 1			what is behind is of lib/counters; see tracedat-option.c
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "read.h"

/* The next line of @text from @at on, without its newline. */
static bool next_line(struct text text, size_t *at, struct text *line)
{
	const char *end;

	if (*at >= text.len)
		return false;
	line->at = text.at + *at;
	end = memchr(line->at, '\n', text.len - *at);
	line->len = end ? (size_t)(end - line->at) : text.len - *at;
	*at += line->len + 1;
	return true;
}

/* Cuts @word and a space off the start of @line. */
static bool cut_word(struct text *line, const char *word)
{
	size_t len = strlen(word);

	if (line->len <= len || memcmp(line->at, word, len) || line->at[len] != ' ')
		return false;
	line->at += len + 1;
	line->len -= len + 1;
	return true;
}

/* The same words each time, so that they can be compared as pointers. */
static const char *kind_of(struct text kind)
{
	static const char *const known[] = { "eprobe", "fprobe", "kprobe", "kretprobe" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (cut_word(&kind, known[i]))
			return known[i];
	return NULL;
}

const char *capture_probe_kind(const struct trail_capture *cap, const char *name)
{
	struct text line;
	size_t at = 0, len = strlen(name);

	while (next_line(cap->dat->tool, &at, &line)) {
		if (!cut_word(&line, "probe") || line.len < len + 2 ||
		    memcmp(line.at, name, len) || memcmp(line.at + len, ": ", 2))
			continue;
		line.at += len + 2;
		line.len -= len + 2;
		return kind_of(line);
	}
	return NULL;
}

bool capture_next_line(const struct trail_capture *cap, const char *word, size_t *at,
		       struct text *line)
{
	while (next_line(cap->dat->tool, at, line))
		if (cut_word(line, word))
			return true;
	return false;
}

const char *capture_bounded(const struct trail_capture *cap)
{
	struct text line;
	size_t at = 0;

	if (!capture_next_line(cap, "bounded", &at, &line))
		return NULL;
	return line.len == strlen("flight") && !memcmp(line.at, "flight", line.len) ? "flight" :
	       "size";
}

static bool has_line(const struct trail_capture *cap, const char *wanted)
{
	struct text line;
	size_t at = 0;

	while (next_line(cap->dat->tool, &at, &line))
		if (line.len == strlen(wanted) && !memcmp(line.at, wanted, line.len))
			return true;
	return false;
}

bool capture_has_payload(const struct trail_capture *cap)
{
	return has_line(cap, "payload kept");
}

int capture_read_filter(struct trail_capture *cap)
{
	struct text line;
	size_t at = 0;

	while (!cap->packet_filter && next_line(cap->dat->tool, &at, &line)) {
		if (!cut_word(&line, "filter"))
			continue;
		cap->packet_filter = strndup(line.at, line.len);
		if (!cap->packet_filter)
			return -ENOMEM;
	}
	return 0;
}

/* So many bytes of it, and no more than a line holds, may be shown on a terminal. */
static int printable(struct text text)
{
	int len = 0;

	while (len < 80 && (size_t)len < text.len && text.at[len] >= ' ' && text.at[len] < 0x7f)
		len++;
	return len;
}

static int warn_disturbed(struct trail_capture *cap)
{
	unsigned long long off_ns;
	char number[24];
	struct text line;
	size_t at = 0;
	int err = 0;

	if (capture_next_line(cap, "off", &at, &line) && line.len < sizeof(number)) {
		memcpy(number, line.at, line.len);
		number[line.len] = '\0';
		off_ns = strtoull(number, NULL, 10);
		cap->info.disturbed = true;
		err = capture_warn(cap, "somebody else switched tracing off while it was recorded: "
				   "noticed at %llu.%06llu", off_ns / 1000000000,
				   off_ns / 1000 % 1000000);
	}
	if (!err && has_line(cap, "cleared")) {
		cap->info.disturbed = true;
		err = capture_warn(cap, "somebody else cleared the kernel's buffer while it was "
				   "recorded: events are missing");
	}
	return err;
}

int capture_read_ended(struct trail_capture *cap)
{
	struct text line;
	size_t at = 0;

	if (!capture_next_line(cap, "ended", &at, &line))
		return 0;
	cap->ended = strndup(line.at, (size_t)printable(line));
	return cap->ended ? 0 : -ENOMEM;
}

int capture_warn_ended(struct trail_capture *cap)
{
	int err = 0;

	if (cap->ended)
		err = capture_warn(cap, "the recording ended early: %s", cap->ended);
	return err ? err : warn_disturbed(cap);
}

int capture_read_missing(struct trail_capture *cap)
{
	struct text line;
	size_t at = 0, nr = 0;
	char **missing;

	while (next_line(cap->dat->tool, &at, &line)) {
		if (!cut_word(&line, "missing"))
			continue;
		missing = reallocarray(cap->missing, nr + 2, sizeof(*missing));
		if (!missing)
			return -ENOMEM;
		cap->missing = missing;
		missing[nr] = strndup(line.at, line.len);
		missing[nr + 1] = NULL;
		if (!missing[nr++])
			return -ENOMEM;
	}
	return 0;
}

uint64_t capture_missed_probes(const struct trail_capture *cap)
{
	unsigned long long missed;
	struct text line;
	uint64_t sum = 0;
	char number[24];
	size_t at = 0;

	while (next_line(cap->dat->tool, &at, &line)) {
		const char *colon = NULL;
		size_t len;

		if (cut_word(&line, "missed"))
			colon = memchr(line.at, ':', line.len);
		len = colon ? (size_t)(line.at + line.len - colon) : 0;

		if (len < 3 || len >= sizeof(number))
			continue;
		memcpy(number, colon + 1, len - 1);
		number[len - 1] = '\0';
		missed = strtoull(number, NULL, 10);
		sum += missed;
	}
	return sum;
}

void capture_free_missing(struct trail_capture *cap)
{
	for (size_t i = 0; cap->missing && cap->missing[i]; i++)
		free(cap->missing[i]);
	free(cap->missing);
}
