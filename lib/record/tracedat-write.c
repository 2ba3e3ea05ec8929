// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tracedat-write.c - metadata and per-CPU pages -> trace.dat, version 6 or 7
 *
 * Everything that is known before tracing is written first and in one go.  The pages follow when
 * recording is over, copied inside the kernel where the file system can; the file has no valid
 * options before the last write.  The data goes into the file's top buffer, whatever instance it
 * came from: stock tools filter wrongly on named buffers.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "filesystem.h"
#include "tracedat-private.h"

/*
 * Reserved for the tail and the first piece of data, so that a disk that the recorders filled still
 * gets a capture.  More of a large disk: it is what can be moved at a time, and journaling file
 * systems take a while to let go of blocks.
 */
#define RESERVE_BYTES		(1u << 20)
#define MAX_RESERVE_BYTES	(16u << 20)
#define RESERVE_SHARE		64
#define MAX_PAGE_SIZE		(1u << 20)
#define NO_STRING		0xffffffffu

enum option_id {
	OPT_DONE = 0, OPT_CPUSTAT = 2, OPT_BUFFER = 3, OPT_TRACECLOCK = 4,
	OPT_UNAME = 5, OPT_CPUCOUNT = 8, OPT_VERSION = 9, OPT_TRACEID = 11,
};

#define SECTION_HEAD_SIZE	16

/* ---- pieces: the same bytes in both versions */

static void add_piece64(struct blob *blob, const struct tracedat_piece *piece)
{
	blob_add_u64(blob, piece->size);
	blob_add(blob, piece->data, piece->size);
}

static void add_piece32(struct blob *blob, const struct tracedat_piece *piece)
{
	if (piece->size > UINT32_MAX)
		blob->err = -EINVAL;
	blob_add_u32(blob, piece->size);
	blob_add(blob, piece->data, piece->size);
}

static void add_formats(struct blob *blob, const struct tracedat_piece *format, uint32_t nr)
{
	blob_add_u32(blob, nr);
	for (uint32_t i = 0; i < nr; i++)
		add_piece64(blob, &format[i]);
}

static void add_header_info(struct blob *blob, const struct tracedat_header *header)
{
	blob_add_text(blob, "header_page");
	add_piece64(blob, &header->header_page);
	blob_add_text(blob, "header_event");
	add_piece64(blob, &header->header_event);
}

static void add_systems(struct blob *blob, const struct tracedat_header *header)
{
	blob_add_u32(blob, header->nr_system);
	for (uint32_t i = 0; i < header->nr_system; i++) {
		blob_add_text(blob, header->system[i].name);
		add_formats(blob, header->system[i].format, header->system[i].nr_format);
	}
}

static void add_header_section(struct blob *blob, const struct tracedat_header *header,
			       enum section_id id)
{
	if (id == SEC_HEADER_INFO)
		add_header_info(blob, header);
	else if (id == SEC_FTRACE)
		add_formats(blob, header->ftrace, header->nr_ftrace);
	else if (id == SEC_FORMATS)
		add_systems(blob, header);
	else
		add_piece32(blob, id == SEC_KALLSYMS ? &header->kallsyms : &header->printk);
}

/* ---- sections of version 7 */

static int put_section_head(struct tracedat *dat, enum section_id id, uint16_t flags,
			    uint64_t size)
{
	struct blob head = { 0 };
	int err;

	dat->section[id] = dat->pos;
	blob_add_u16(&head, id);
	blob_add_u16(&head, flags);
	blob_add_u32(&head, NO_STRING);
	blob_add_u64(&head, size);
	err = tracedat_put_blob(dat, &head);
	blob_release(&head);
	return err;
}

/* A metadata piece: bare in version 6, a section in version 7. */
static int put_piece(struct tracedat *dat, enum section_id id, const struct blob *payload)
{
	const struct blob *body = payload;
	struct blob packed = { 0 };
	int err;

	if (payload->err || dat->version == 6)
		return tracedat_put_blob(dat, payload);
	if (dat->zstd) {
		tracedat_add_compressed(dat, &packed, payload->data, payload->size);
		body = &packed;
	}
	err = body->err ? body->err : put_section_head(dat, id, !!dat->zstd, body->size);
	if (!err)
		err = tracedat_put_blob(dat, body);
	blob_release(&packed);
	return err;
}

static const char file_magic[] = { 0x17, 0x08, 0x44, 't', 'r', 'a', 'c', 'i', 'n', 'g' };

bool tracedat_is_capture(int fd)
{
	char start[sizeof(file_magic)];

	return pread(fd, start, sizeof(start), 0) == (ssize_t)sizeof(start) &&
	       !memcmp(start, file_magic, sizeof(start));
}

static int put_head(struct tracedat *dat)
{
	const uint16_t one = 1;
	uint8_t little = *(const uint8_t *)&one;
	uint8_t kind[2] = { !little, sizeof(long) };
	struct blob head = { 0 };
	int err;

	blob_add(&head, file_magic, sizeof(file_magic));
	blob_add_text(&head, dat->version == 6 ? "6" : "7");
	blob_add(&head, kind, sizeof(kind));
	blob_add_u32(&head, dat->page_size);
	if (dat->version == 7) {
		blob_add_text(&head, dat->zstd ? "zstd" : "none");
		blob_add_text(&head, dat->zstd ? ZSTD_versionString() : "");
		dat->head_patch = head.size;
		blob_add_u64(&head, 0);
	}
	err = tracedat_put_blob(dat, &head);
	blob_release(&head);
	return err;
}

/* Where blocks cannot be had without bytes, zeros: finishing writes over them or cuts them off. */
static int reserve_by_writing(struct tracedat *dat)
{
	static const char zero[64 * 1024];
	int err = 0;

	for (uint64_t done = 0; !err && done < RESERVE_BYTES; done += sizeof(zero))
		err = file_write_at(dat->fd, zero, sizeof(zero), dat->pos + done);
	return err;
}

static int reserve_tail(struct tracedat *dat)
{
	uint64_t size = filesystem_free(dat->fd) / RESERVE_SHARE;

	if (size < RESERVE_BYTES)
		size = RESERVE_BYTES;
	else if (size > MAX_RESERVE_BYTES)
		size = MAX_RESERVE_BYTES;
	if (!fallocate(dat->fd, FALLOC_FL_KEEP_SIZE, dat->pos, size))
		return 0;
	return errno == ENOSPC || errno == EDQUOT ? -errno : reserve_by_writing(dat);
}

int tracedat_new(int fd, const struct tracedat_header *header, struct tracedat **out)
{
	struct tracedat *dat;
	struct blob blob = { 0 };
	int err;

	if ((header->version != 6 && header->version != 7) || !header->header_page.size ||
	    !header->page_size || header->page_size > MAX_PAGE_SIZE ||
	    (header->zstd && header->version != 7))
		return -EINVAL;
	dat = calloc(1, sizeof(*dat));
	if (!dat)
		return -ENOMEM;
	dat->fd = fd;
	dat->version = header->version;
	dat->page_size = header->page_size;
	if (header->zstd)
		dat->zstd = ZSTD_createCCtx();
	err = header->zstd && !dat->zstd ? -ENOMEM : put_head(dat);
	for (int id = SEC_HEADER_INFO; !err && id <= SEC_PRINTK; id++) {
		blob.size = 0;
		add_header_section(&blob, header, id);
		err = put_piece(dat, id, &blob);
	}
	blob_release(&blob);
	if (!err)
		err = reserve_tail(dat);
	if (err) {
		tracedat_free(dat);
		return err;
	}
	*out = dat;
	return 0;
}

void tracedat_tell(const struct tracedat *dat, struct tracedat_place *place)
{
	*place = (struct tracedat_place){
		.version = dat->version, .zstd = dat->zstd, .page_size = dat->page_size,
		.end = dat->pos, .head_patch = dat->head_patch,
	};
	memcpy(place->section, &dat->section[SEC_HEADER_INFO], sizeof(place->section));
}

static bool is_possible(const struct tracedat_place *place)
{
	if ((place->version != 6 && place->version != 7) || (place->zstd && place->version != 7) ||
	    place->page_size < 64 || place->page_size > MAX_PAGE_SIZE ||
	    place->end > INT64_MAX / 2 || place->end < place->head_patch ||
	    place->end - place->head_patch < sizeof(uint64_t))
		return false;
	for (unsigned int i = 0; i < TRACEDAT_NR_PLACE; i++)
		if (place->section[i] > place->end)
			return false;
	return true;
}

int tracedat_resume(int fd, const struct tracedat_place *place, struct tracedat **out)
{
	struct tracedat *dat;

	if (!is_possible(place))
		return -EINVAL;
	dat = calloc(1, sizeof(*dat));
	if (!dat)
		return -ENOMEM;
	dat->fd = fd;
	dat->version = place->version;
	dat->page_size = place->page_size;
	dat->pos = place->end;
	dat->head_patch = place->head_patch;
	memcpy(&dat->section[SEC_HEADER_INFO], place->section, sizeof(place->section));
	if (place->zstd && !(dat->zstd = ZSTD_createCCtx())) {
		free(dat);
		return -ENOMEM;
	}
	*out = dat;
	return 0;
}

void tracedat_free(struct tracedat *dat)
{
	if (!dat)
		return;
	ZSTD_freeCCtx(dat->zstd);
	free(dat);
}

/* ---- options */

static void add_option(struct blob *blob, enum option_id id, const void *data, size_t size)
{
	blob_add_u16(blob, id);
	blob_add_u32(blob, size);
	blob_add(blob, data, size);
}

static void add_option_text(struct blob *blob, enum option_id id, const char *text)
{
	add_option(blob, id, text, strlen(text) + 1);
}

static void add_option_blob(struct blob *blob, enum option_id id, const struct blob *content)
{
	if (content->err)
		blob->err = content->err;
	add_option(blob, id, content->data, content->size);
}

static void add_stat(struct blob *blob, uint32_t cpu, const char *stat)
{
	struct blob text = { 0 };
	char title[24];

	snprintf(title, sizeof(title), "CPU: %u\n", cpu);
	blob_add(&text, title, strlen(title));
	blob_add_text(&text, stat);
	add_option_blob(blob, OPT_CPUSTAT, &text);
	blob_release(&text);
}

/*
 * The time of day is a line of the tool's text, which stock only prints on request: with the option
 * DATE, which is made for it, all times that stock prints would be others.  It stands right behind
 * the tool's name: the kernel's counters go on to the end of the text.
 */
static void add_version(struct blob *blob, const struct tracedat_tail *tail)
{
	size_t name = strcspn(tail->tool, "\n");
	struct blob text = { 0 };
	char line[48];

	blob_add(&text, tail->tool, name);
	if (tail->has_wall) {
		snprintf(line, sizeof(line), "\nwall_offset_ns: %" PRId64, tail->wall_offset_ns);
		blob_add(&text, line, strlen(line));
	}
	blob_add(&text, tail->tool + name, strlen(tail->tool + name));
	blob_add(&text, "", 1);
	add_option_blob(blob, OPT_VERSION, &text);
	blob_release(&text);
}

/* The options that both versions have. */
static void add_options(struct blob *blob, const struct tracedat_tail *tail)
{
	char text[80];

	/* Stock marks the clock in use with brackets, as the kernel's trace_clock file does. */
	snprintf(text, sizeof(text), "[%.64s]", tail->clock);
	add_option_text(blob, OPT_TRACECLOCK, text);
	add_option_text(blob, OPT_UNAME, tail->uname);
	add_version(blob, tail);
	add_option(blob, OPT_TRACEID, &tail->trace_id, sizeof(tail->trace_id));
	for (uint32_t i = 0; i < tail->nr_cpu; i++)
		if (tail->cpu[i].stat && *tail->cpu[i].stat)
			add_stat(blob, i, tail->cpu[i].stat);
}

/* The table is followed by the clock once more; then the data begins. */
static void add_cpu_table(struct blob *blob, const struct tracedat *dat,
			  const struct tracedat_tail *tail)
{
	char clock[80];
	uint64_t at;

	snprintf(clock, sizeof(clock), "[%.64s]", tail->clock);
	at = dat->pos + blob->size + 16ull * tail->nr_cpu + 8 + strlen(clock);
	for (uint32_t i = 0; i < tail->nr_cpu; i++) {
		at = round_up(at, dat->page_size);
		blob_add_u64(blob, at);
		blob_add_u64(blob, cpu_size(&tail->cpu[i]));
		at += cpu_size(&tail->cpu[i]);
	}
	blob_add_u64(blob, strlen(clock));
	blob_add(blob, clock, strlen(clock));
}

static int finish_v6(struct tracedat *dat, const struct tracedat_tail *tail)
{
	struct blob blob = { 0 };
	struct placed placed;
	int err;

	add_piece64(&blob, &tail->cmdlines);
	blob_add_u32(&blob, tail->nr_cpu);
	blob_add_text(&blob, "options  ");
	add_options(&blob, tail);
	blob_add_u16(&blob, OPT_DONE);
	blob_add_text(&blob, "flyrecord");
	add_cpu_table(&blob, dat, tail);
	err = tracedat_put_blob(dat, &blob);
	for (uint32_t i = 0; !err && i < tail->nr_cpu; i++)
		err = tracedat_put_cpu(dat, tail, i, &placed);
	blob_release(&blob);
	return err;
}

/* The option that says where the BUFFER section has the data of each CPU. */
static void add_buffer_option(struct blob *blob, struct tracedat *dat,
			      const struct tracedat_tail *tail, const struct placed *placed)
{
	struct blob text = { 0 };
	uint32_t nr = 0;

	for (uint32_t i = 0; i < tail->nr_cpu; i++)
		nr += !!cpu_size(&tail->cpu[i]);
	blob_add_u64(&text, dat->section[SEC_BUFFER]);
	blob_add_text(&text, "");
	blob_add_text(&text, tail->clock);
	blob_add_u32(&text, dat->page_size);
	blob_add_u32(&text, nr);
	for (uint32_t i = 0; i < tail->nr_cpu; i++) {
		if (!cpu_size(&tail->cpu[i]))
			continue;
		blob_add_u32(&text, i);
		blob_add_u64(&text, placed[i].offset);
		blob_add_u64(&text, placed[i].size);
	}
	add_option_blob(blob, OPT_BUFFER, &text);
	blob_release(&text);
}

static int put_buffer_section(struct tracedat *dat, const struct tracedat_tail *tail,
			      struct placed *placed)
{
	uint64_t size;
	int err = put_section_head(dat, SEC_BUFFER, !!dat->zstd, 0);

	for (uint32_t i = 0; !err && i < tail->nr_cpu; i++) {
		if (!cpu_size(&tail->cpu[i]))
			continue;
		err = tracedat_put_cpu(dat, tail, i, &placed[i]);
	}
	size = dat->pos - dat->section[SEC_BUFFER] - SECTION_HEAD_SIZE;
	return err ? err : file_write_at(dat->fd, &size, sizeof(size),
				    dat->section[SEC_BUFFER] + SECTION_HEAD_SIZE - 8);
}

static void add_options_v7(struct blob *blob, struct tracedat *dat,
			   const struct tracedat_tail *tail, const struct placed *placed)
{
	const uint64_t none = 0;

	for (int id = SEC_HEADER_INFO; id < SEC_END; id++)
		add_option(blob, id, &dat->section[id], sizeof(dat->section[id]));
	add_options(blob, tail);
	add_option(blob, OPT_CPUCOUNT, &tail->nr_cpu, sizeof(tail->nr_cpu));
	add_buffer_option(blob, dat, tail, placed);
	add_option(blob, OPT_DONE, &none, sizeof(none));
}

/*
 * The options lie before the data, so that a file which is cut off later still names its data.
 * They are written twice: before the data to have their room, which does not depend on the
 * numbers in them, and behind it with the places of the data.
 */
static int put_options_and_buffer(struct tracedat *dat, const struct tracedat_tail *tail,
				  struct placed *placed)
{
	uint64_t at = dat->pos;
	struct blob room = { 0 }, blob = { 0 };
	int err;

	add_options_v7(&room, dat, tail, placed);
	err = room.err ? room.err : put_section_head(dat, SEC_OPTIONS, 0, room.size);
	if (!err)
		err = tracedat_put_blob(dat, &room);
	if (!err)
		err = put_buffer_section(dat, tail, placed);
	if (!err) {
		add_options_v7(&blob, dat, tail, placed);
		err = blob.err;
	}
	if (!err)
		err = file_write_at(dat->fd, blob.data, blob.size, at + SECTION_HEAD_SIZE);
	if (!err)
		err = file_write_at(dat->fd, &at, sizeof(at), dat->head_patch);
	blob_release(&room);
	blob_release(&blob);
	return err;
}

static int finish_v7(struct tracedat *dat, const struct tracedat_tail *tail)
{
	struct placed *placed;
	struct blob cmdlines = { 0 };
	int err;

	placed = calloc(tail->nr_cpu, sizeof(*placed));
	if (!placed)
		return -ENOMEM;
	add_piece64(&cmdlines, &tail->cmdlines);
	err = put_piece(dat, SEC_CMDLINES, &cmdlines);
	if (!err)
		err = put_options_and_buffer(dat, tail, placed);
	blob_release(&cmdlines);
	free(placed);
	return err;
}

int tracedat_finish(struct tracedat *dat, const struct tracedat_tail *tail)
{
	int err;

	if (!tail->nr_cpu)
		return -EINVAL;
	for (uint32_t i = 0; i < tail->nr_cpu; i++)
		if (tail->cpu[i].source[0].size % dat->page_size ||
		    tail->cpu[i].source[1].size % dat->page_size)
			return -EINVAL;
	err = dat->version == 6 ? finish_v6(dat, tail) : finish_v7(dat, tail);
	/* Also gives back what was reserved and not used. */
	if (!err && ftruncate(dat->fd, dat->pos))
		err = -errno;
	return err;
}
