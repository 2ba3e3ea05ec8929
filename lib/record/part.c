// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * part.c - what is known of a recording before it begins <-> lines of a file
 *
 *	skbtrail part 1
 *	NAME VALUE			one for each member of struct part
 *	surplus EVENT<tab>FORMAT	for each event with packet bytes
 *	end
 *
 * Read by whoever has the directory: nothing in it is believed that is not checked.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "lines.h"
#include "part.h"

#define TITLE		"skbtrail part 1"
#define END		"end"
#define MAX_BYTES	(16u << 20)
#define MAX_CPU		65536
#define IS_BIG_ENDIAN	(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

void part_release(struct part *part)
{
	for (size_t i = 0; i < part->nr_surplus; i++) {
		free(part->surplus[i].event);
		free(part->surplus[i].format);
	}
	free(part->surplus);
	free(part->clock);
	free(part->uname);
	free(part->tool);
	*part = (struct part){ 0 };
}

/* ---- of a recording that begins */

/* Takes both texts over, also when it fails. */
static int push_surplus(struct part *part, char *event, char *format)
{
	struct part_surplus *surplus = NULL;

	if (event && format)
		surplus = reallocarray(part->surplus, part->nr_surplus + 1, sizeof(*surplus));
	if (!surplus) {
		free(event);
		free(format);
		return -ENOMEM;
	}
	part->surplus = surplus;
	surplus[part->nr_surplus++] = (struct part_surplus){ event, format };
	return 0;
}

int part_add_surplus(struct part *part, const struct dynevent_list *list,
		     const struct metadata *metadata)
{
	int err = 0;

	for (size_t i = 0; !err && i < list->nr_event; i++) {
		const struct dynevent *event = &list->event[i];
		const struct tracedat_piece *format;

		if (!event->row->surplus || !event->form)
			continue;
		format = metadata_format(metadata, list->system, event->name);
		if (format)
			err = push_surplus(part, strdup(event->row->event),
					   strndup(format->data, format->size));
	}
	return err;
}

int part_describe_host(struct part *part)
{
	struct utsname name;
	struct timespec now;

	uname(&name);
	clock_gettime(CLOCK_REALTIME, &now);
	part->trace_id = (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	journal_boot_id(part->boot);
	if (asprintf(&part->uname, "%s %s %s %s", name.sysname, name.nodename, name.release,
		     name.machine) >= 0)
		return 0;
	part->uname = NULL;
	return -ENOMEM;
}

void part_fill_tail(const struct part *part, struct tracedat_tail *tail)
{
	tail->clock = part->clock;
	tail->uname = part->uname;
	tail->tool = part->tool;
	tail->trace_id = part->trace_id;
	tail->wall_offset_ns = part->wall_offset_ns;
	tail->has_wall = part->has_wall;
}

bool part_is_flight(const struct part *part)
{
	const char *at = strstr(part->tool, PART_FLIGHT);

	return at && strchr("\n", at[strlen(PART_FLIGHT)]);
}

static const struct trail_row *find_row(const struct trail_plugin *const *plugin,
					const char *event)
{
	for (; *plugin; plugin++)
		for (const struct trail_row *row = (*plugin)->row; row->event; row++)
			if (row->surplus && !strcmp(row->event, event))
				return row;
	return NULL;
}

int part_blank_new(const struct part *part, const struct trail_plugin *const *plugin,
		   struct blank **out)
{
	int err = blank_new(part->place.page_size, part->commit_size, part->payload, out);

	for (size_t i = 0; !err && i < part->nr_surplus; i++) {
		const struct part_surplus *surplus = &part->surplus[i];
		const struct trail_row *row = find_row(plugin, surplus->event);

		/* Without the row nobody knows what of its bytes is payload. */
		err = row ? blank_add(*out, row, surplus->format, strlen(surplus->format))
			  : -EINVAL;
		if (err)
			blank_free(*out);
	}
	return err;
}

/* ---- the lines */

enum number {
	BYTE_ORDER_IS_BIG, VERSION, ZSTD, PAGE_SIZE, COMMIT_SIZE, HEAD_END, HEAD_PATCH,
	SECTION, SECTION_END = SECTION + TRACEDAT_NR_PLACE,
	NR_CPU = SECTION_END, TRACE_ID, HAS_WALL, WALL_OFFSET, PAYLOAD, NR_NUMBER
};

static const struct { const char *name; uint64_t max; } number_line[NR_NUMBER] = {
	[BYTE_ORDER_IS_BIG] = { "big_endian", 1 }, [VERSION] = { "version", 7 },
	[ZSTD] = { "zstd", 1 }, [PAGE_SIZE] = { "page_size", 1 << 20 },
	[COMMIT_SIZE] = { "commit_size", 8 }, [HEAD_END] = { "head_end", INT64_MAX },
	[HEAD_PATCH] = { "head_patch", INT64_MAX }, [SECTION] = { "header", INT64_MAX },
	[SECTION + 1] = { "ftrace", INT64_MAX }, [SECTION + 2] = { "formats", INT64_MAX },
	[SECTION + 3] = { "kallsyms", INT64_MAX }, [SECTION + 4] = { "printk", INT64_MAX },
	[NR_CPU] = { "nr_cpu", MAX_CPU }, [TRACE_ID] = { "trace_id", UINT64_MAX },
	[HAS_WALL] = { "has_wall", 1 },
	/* Two's complement: it can be negative. */
	[WALL_OFFSET] = { "wall_offset_ns", UINT64_MAX }, [PAYLOAD] = { "payload", 1 },
};

enum text { CLOCK, UNAME, BOOT, TOOL, NR_TEXT };

static const char *const text_line[NR_TEXT] = {
	[CLOCK] = "clock", [UNAME] = "uname", [BOOT] = "boot", [TOOL] = "tool",
};

/* ---- writing */

static void get_numbers(const struct part *part, uint64_t number[NR_NUMBER])
{
	number[BYTE_ORDER_IS_BIG] = IS_BIG_ENDIAN;
	number[VERSION] = part->place.version;
	number[ZSTD] = part->place.zstd;
	number[PAGE_SIZE] = part->place.page_size;
	number[COMMIT_SIZE] = part->commit_size;
	number[HEAD_END] = part->place.end;
	number[HEAD_PATCH] = part->place.head_patch;
	memcpy(&number[SECTION], part->place.section, sizeof(part->place.section));
	number[NR_CPU] = part->nr_cpu;
	number[TRACE_ID] = part->trace_id;
	number[HAS_WALL] = part->has_wall;
	number[WALL_OFFSET] = (uint64_t)part->wall_offset_ns;
	number[PAYLOAD] = part->payload;
}

static void write_text(const struct part *part, struct blob *out)
{
	const char *const text[NR_TEXT] = {
		[CLOCK] = part->clock, [UNAME] = part->uname,
		[BOOT] = *part->boot ? part->boot : "unknown", [TOOL] = part->tool,
	};
	uint64_t number[NR_NUMBER];
	char line[80];

	get_numbers(part, number);
	blob_add(out, TITLE "\n", strlen(TITLE "\n"));
	for (int i = 0; i < NR_NUMBER; i++)
		blob_add(out, line, snprintf(line, sizeof(line), "%s %" PRIu64 "\n",
					     number_line[i].name, number[i]));
	for (int i = 0; i < NR_TEXT; i++) {
		blob_add(out, line, snprintf(line, sizeof(line), "%s ", text_line[i]));
		line_add_escaped(out, text[i]);
		blob_add(out, "\n", 1);
	}
	for (size_t i = 0; i < part->nr_surplus; i++) {
		blob_add(out, "surplus ", strlen("surplus "));
		line_add_escaped(out, part->surplus[i].event);
		blob_add(out, "\t", 1);
		line_add_escaped(out, part->surplus[i].format);
		blob_add(out, "\n", 1);
	}
	blob_add(out, END "\n", strlen(END "\n"));
}

/* Zeros are written, so that there is room for it when the disk is full. */
static int write_moving(const struct part *part, int dir_fd)
{
	size_t size = part->nr_cpu * sizeof(struct tracedat_moving);
	char *zero = calloc(1, size);
	int fd = openat(dir_fd, PART_MOVING, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);
	int err = fd < 0 ? -errno : zero ? file_write_at(fd, zero, size, 0) : -ENOMEM;

	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	free(zero);
	return err;
}

int part_write(const struct part *part, int dir_fd, int file_fd)
{
	struct blob text = { 0 };
	int fd, err;

	write_text(part, &text);
	fd = openat(dir_fd, PART_ABOUT, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	err = text.err ? text.err : fd < 0 ? -errno : 0;
	if (!err)
		err = file_write_at(fd, text.data, text.size, 0);
	if (!err)
		err = write_moving(part, dir_fd);
	if (!err && (fsync(file_fd) || fsync(fd)))
		err = -errno;
	/* Of a directory some file systems cannot say it. */
	if (!err && fsync(dir_fd) && errno != EINVAL)
		err = -errno;
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	blob_release(&text);
	return err;
}

/* It may have been renamed, or removed, under the recording. */
void part_hint(const char *path, int dir_fd, const char *how, char *text, size_t size)
{
	char link[32], now[240] = "";
	struct stat st, named;
	ssize_t n = 0;

	if (dir_fd < 0 || fstat(dir_fd, &st) || !st.st_nlink) {
		snprintf(text, size, "%s was removed while it was recorded: nothing is kept", path);
		return;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", dir_fd);
	if (stat(path, &named) || named.st_dev != st.st_dev || named.st_ino != st.st_ino)
		n = readlink(link, now, sizeof(now) - 1);
	snprintf(text, size, "what was recorded is kept in %s: 'skbtrail %s' tries it once more",
		 n > 0 ? now : path, how);
}

/* ---- reading */

/**
 * struct reading - lines so far
 * @seen: of the numbers, each is there once
 */
struct reading {
	uint64_t number[NR_NUMBER];
	char *text[NR_TEXT];
	bool seen[NR_NUMBER];
};

static int take_surplus(struct part *part, struct line line)
{
	const char *tab = memchr(line.at, '\t', line.size);
	char *event = NULL, *format = NULL;
	int err;

	if (!tab)
		return -EINVAL;
	err = line_unescape((struct line){ line.at, tab - line.at }, &event);
	if (!err)
		err = line_unescape((struct line){ tab + 1, line.at + line.size - tab - 1 },
				    &format);
	if (!err)
		return push_surplus(part, event, format);
	free(event);
	return err;
}

static int take_line(struct reading *reading, struct part *part, struct line line)
{
	if (line_take_word(&line, "surplus"))
		return take_surplus(part, line);
	for (int i = 0; i < NR_TEXT; i++)
		if (!reading->text[i] && line_take_word(&line, text_line[i]))
			return line_unescape(line, &reading->text[i]);
	for (int i = 0; i < NR_NUMBER; i++) {
		if (reading->seen[i] || !line_take_word(&line, number_line[i].name))
			continue;
		reading->seen[i] = true;
		return line_number(line, number_line[i].max, &reading->number[i]);
	}
	return -EINVAL;
}

static int use_numbers(struct part *part, const struct reading *reading)
{
	const uint64_t *number = reading->number;

	for (int i = 0; i < NR_NUMBER; i++)
		if (!reading->seen[i])
			return -EINVAL;
	if (number[BYTE_ORDER_IS_BIG] != IS_BIG_ENDIAN)
		return -ENOTSUP;
	if ((number[COMMIT_SIZE] != 4 && number[COMMIT_SIZE] != 8) || !number[NR_CPU])
		return -EINVAL;
	part->place = (struct tracedat_place){
		.version = number[VERSION], .zstd = number[ZSTD], .page_size = number[PAGE_SIZE],
		.end = number[HEAD_END], .head_patch = number[HEAD_PATCH],
	};
	memcpy(part->place.section, &number[SECTION], sizeof(part->place.section));
	part->commit_size = number[COMMIT_SIZE];
	part->nr_cpu = number[NR_CPU];
	part->trace_id = number[TRACE_ID];
	part->has_wall = number[HAS_WALL];
	part->wall_offset_ns = (int64_t)number[WALL_OFFSET];
	part->payload = number[PAYLOAD];
	return 0;
}

/* Takes the texts over. */
static int use_texts(struct part *part, struct reading *reading)
{
	part->clock = reading->text[CLOCK];
	part->uname = reading->text[UNAME];
	part->tool = reading->text[TOOL];
	snprintf(part->boot, sizeof(part->boot), "%s",
		 reading->text[BOOT] ? reading->text[BOOT] : "");
	free(reading->text[BOOT]);
	return part->clock && part->uname && part->tool ? 0 : -EINVAL;
}

int part_parse(struct part *part, const char *data, size_t size)
{
	struct line text = { data, size }, line;
	struct reading reading = { 0 };
	bool has_end = false;
	int err, text_err;

	err = line_next(&text, &line) && line_is(line, TITLE) ? 0 : -EINVAL;
	while (!err && !has_end && line_next(&text, &line)) {
		has_end = line_is(line, END);
		if (!has_end)
			err = take_line(&reading, part, line);
	}
	text_err = use_texts(part, &reading);
	if (!err)
		err = has_end ? use_numbers(part, &reading) : -EINVAL;
	return err ? err : text_err;
}

int part_read(struct part *part, int dir_fd)
{
	int fd = openat(dir_fd, PART_ABOUT, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st = { 0 };
	char *text = NULL;
	int err;

	if (fd < 0)
		return -errno;
	err = fstat(fd, &st) ? -errno : 0;
	if (!err && (!S_ISREG(st.st_mode) || st.st_size > MAX_BYTES))
		err = -EINVAL;
	if (!err) {
		text = malloc(st.st_size + 1);
		err = text ? file_read_at(fd, text, st.st_size, 0) : -ENOMEM;
	}
	if (!err)
		err = part_parse(part, text, st.st_size);
	free(text);
	close(fd);
	return err;
}
