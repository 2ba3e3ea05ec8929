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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "blob.h"
#include "tracedat-write.h"

/* Pages per compressed chunk, as stock writes them. */
#define PAGES_IN_CHUNK		10
#define COPY_BYTES		(64u << 20)
/* Kept free for the tail, so that a disk filled by the recorders still gets its options. */
#define RESERVE_BYTES		(1u << 20)
#define MAX_PAGE_SIZE		(1u << 20)
#define NO_STRING		0xffffffffu

enum option_id {
	OPT_DONE = 0, OPT_DATE = 1, OPT_CPUSTAT = 2, OPT_BUFFER = 3, OPT_TRACECLOCK = 4,
	OPT_UNAME = 5, OPT_CPUCOUNT = 8, OPT_VERSION = 9, OPT_TRACEID = 11,
};

/* Sections of version 7; 16 to 21 are options as well, which point to the section. */
enum section_id {
	SEC_OPTIONS = 0, SEC_BUFFER = 3, SEC_HEADER_INFO = 16, SEC_FTRACE = 17, SEC_FORMATS = 18,
	SEC_KALLSYMS = 19, SEC_PRINTK = 20, SEC_CMDLINES = 21, SEC_END = 22,
};

#define SECTION_HEAD_SIZE	16

/**
 * struct tracedat - a file being written
 * @pos: where the next byte goes
 * @head_patch: version 7: where the offset of the options belongs
 * @section: version 7: file offsets by section id, 0 = not written
 */
struct tracedat {
	int fd;
	unsigned int version;
	uint32_t page_size;
	uint64_t pos;
	uint64_t head_patch;
	uint64_t section[SEC_END];
	ZSTD_CCtx *zstd;
};

/* Where the data of a CPU came to lie in the file. */
struct placed {
	uint64_t offset;
	uint64_t size;
};

static uint64_t round_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

static int write_at(int fd, const void *data, size_t size, uint64_t offset)
{
	const char *at = data;
	ssize_t n;

	while (size) {
		n = pwrite(fd, at, size, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		size -= n;
		offset += n;
	}
	return 0;
}

static int put(struct tracedat *dat, const void *data, size_t size)
{
	int err = write_at(dat->fd, data, size, dat->pos);

	if (!err)
		dat->pos += size;
	return err;
}

static int put_blob(struct tracedat *dat, const struct blob *blob)
{
	return put(dat, blob->data, blob->size);
}

/* ---- pieces: the same bytes in both versions */

static int add_piece64(struct blob *blob, const struct tracedat_piece *piece)
{
	int err = blob_add_u64(blob, piece->size);

	return err ? err : blob_add(blob, piece->data, piece->size);
}

static int add_piece32(struct blob *blob, const struct tracedat_piece *piece)
{
	int err;

	if (piece->size > UINT32_MAX)
		return -EINVAL;
	err = blob_add_u32(blob, piece->size);
	return err ? err : blob_add(blob, piece->data, piece->size);
}

static int add_formats(struct blob *blob, const struct tracedat_piece *format, uint32_t nr)
{
	int err = blob_add_u32(blob, nr);

	for (uint32_t i = 0; !err && i < nr; i++)
		err = add_piece64(blob, &format[i]);
	return err;
}

static int add_header_info(struct blob *blob, const struct tracedat_header *header)
{
	int err;

	err = blob_add(blob, "header_page", sizeof("header_page"));
	if (!err)
		err = add_piece64(blob, &header->header_page);
	if (!err)
		err = blob_add(blob, "header_event", sizeof("header_event"));
	return err ? err : add_piece64(blob, &header->header_event);
}

static int add_systems(struct blob *blob, const struct tracedat_header *header)
{
	int err = blob_add_u32(blob, header->nr_system);

	for (uint32_t i = 0; !err && i < header->nr_system; i++) {
		const struct tracedat_system *system = &header->system[i];

		err = blob_add_text(blob, system->name);
		if (!err)
			err = add_formats(blob, system->format, system->nr_format);
	}
	return err;
}

static int add_header_section(struct blob *blob, const struct tracedat_header *header,
			      enum section_id id)
{
	switch (id) {
	case SEC_HEADER_INFO:
		return add_header_info(blob, header);
	case SEC_FTRACE:
		return add_formats(blob, header->ftrace, header->nr_ftrace);
	case SEC_FORMATS:
		return add_systems(blob, header);
	case SEC_KALLSYMS:
		return add_piece32(blob, &header->kallsyms);
	case SEC_PRINTK:
		return add_piece32(blob, &header->printk);
	default:
		return -EINVAL;
	}
}

/* ---- sections of version 7 */

static int put_section_head(struct tracedat *dat, enum section_id id, uint16_t flags,
			    uint64_t size)
{
	struct blob head = { 0 };
	int err;

	dat->section[id] = dat->pos;
	err = blob_add_u16(&head, id);
	if (!err)
		err = blob_add_u16(&head, flags);
	if (!err)
		err = blob_add_u32(&head, NO_STRING);
	if (!err)
		err = blob_add_u64(&head, size);
	if (!err)
		err = put_blob(dat, &head);
	blob_release(&head);
	return err;
}

/* Adds u32 compressed size, u32 size, compressed bytes. */
static int add_compressed(struct tracedat *dat, struct blob *out, const void *data, size_t size)
{
	size_t bound = ZSTD_compressBound(size), n;
	char *packed;
	int err;

	if (size > UINT32_MAX || bound > UINT32_MAX)
		return -EINVAL;
	packed = malloc(bound);
	if (!packed)
		return -ENOMEM;
	n = ZSTD_compressCCtx(dat->zstd, packed, bound, data, size, 3);
	err = ZSTD_isError(n) ? -ENOMEM : blob_add_u32(out, n);
	if (!err)
		err = blob_add_u32(out, size);
	if (!err)
		err = blob_add(out, packed, n);
	free(packed);
	return err;
}

/* A metadata piece: bare in version 6, a section in version 7. */
static int put_piece(struct tracedat *dat, enum section_id id, const struct blob *payload)
{
	const struct blob *body = payload;
	struct blob packed = { 0 };
	int err = 0;

	if (dat->version == 6)
		return put_blob(dat, payload);
	if (dat->zstd) {
		err = add_compressed(dat, &packed, payload->data, payload->size);
		body = &packed;
	}
	if (!err)
		err = put_section_head(dat, id, !!dat->zstd, body->size);
	if (!err)
		err = put_blob(dat, body);
	blob_release(&packed);
	return err;
}

static int put_head(struct tracedat *dat)
{
	static const char magic[] = { 0x17, 0x08, 0x44, 't', 'r', 'a', 'c', 'i', 'n', 'g' };
	const uint16_t one = 1;
	uint8_t little = *(const uint8_t *)&one;
	uint8_t kind[2] = { !little, sizeof(long) };
	struct blob head = { 0 };
	int err;

	err = blob_add(&head, magic, sizeof(magic));
	if (!err)
		err = blob_add_text(&head, dat->version == 6 ? "6" : "7");
	if (!err)
		err = blob_add(&head, kind, sizeof(kind));
	if (!err)
		err = blob_add_u32(&head, dat->page_size);
	if (!err && dat->version == 7) {
		err = blob_add_text(&head, dat->zstd ? "zstd" : "none");
		if (!err)
			err = blob_add_text(&head, dat->zstd ? ZSTD_versionString() : "");
		dat->head_patch = head.size;
		if (!err)
			err = blob_add_u64(&head, 0);
	}
	if (!err)
		err = put_blob(dat, &head);
	blob_release(&head);
	return err;
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
		err = add_header_section(&blob, header, id);
		if (!err)
			err = put_piece(dat, id, &blob);
	}
	blob_release(&blob);
	if (err) {
		tracedat_free(dat);
		return err;
	}
	/* Without it, or without file system support, a full disk may cost the tail. */
	(void)fallocate(fd, FALLOC_FL_KEEP_SIZE, dat->pos, RESERVE_BYTES);
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

static int add_option(struct blob *blob, enum option_id id, const void *data, size_t size)
{
	int err = blob_add_u16(blob, id);

	if (!err)
		err = blob_add_u32(blob, size);
	return err ? err : blob_add(blob, data, size);
}

static int add_option_text(struct blob *blob, enum option_id id, const char *text)
{
	return add_option(blob, id, text, strlen(text) + 1);
}

static int add_stat(struct blob *blob, uint32_t cpu, const char *stat)
{
	struct blob text = { 0 };
	char title[24];
	int err;

	snprintf(title, sizeof(title), "CPU: %u\n", cpu);
	err = blob_add(&text, title, strlen(title));
	if (!err)
		err = blob_add_text(&text, stat ? stat : "");
	if (!err)
		err = add_option(blob, OPT_CPUSTAT, text.data, text.size);
	blob_release(&text);
	return err;
}

/* The options that both versions have. */
static int add_options(struct blob *blob, const struct tracedat_tail *tail)
{
	char text[80];
	int err;

	/* Stock marks the clock in use with brackets, as the kernel's trace_clock file does. */
	snprintf(text, sizeof(text), "[%.64s]", tail->clock);
	err = add_option_text(blob, OPT_TRACECLOCK, text);
	if (!err)
		err = add_option_text(blob, OPT_UNAME, tail->uname);
	if (!err)
		err = add_option_text(blob, OPT_VERSION, tail->tool);
	if (!err)
		err = add_option(blob, OPT_TRACEID, &tail->trace_id, sizeof(tail->trace_id));
	if (!err && tail->has_wall) {
		snprintf(text, sizeof(text), "0x%llx", (unsigned long long)tail->wall_offset_us);
		err = add_option_text(blob, OPT_DATE, text);
	}
	for (uint32_t i = 0; !err && i < tail->nr_cpu; i++)
		if (tail->cpu[i].stat && *tail->cpu[i].stat)
			err = add_stat(blob, i, tail->cpu[i].stat);
	return err;
}

/* ---- data of the CPUs */

static uint64_t cpu_size(const struct tracedat_cpu *cpu)
{
	return cpu->source[0].size + cpu->source[1].size;
}

static ssize_t copy_by_hand(struct tracedat *dat, const struct tracedat_source *source,
			    uint64_t done, size_t size)
{
	char buffer[64 * 1024];
	ssize_t n;
	int err;

	n = pread(source->fd, buffer, size < sizeof(buffer) ? size : sizeof(buffer), done);
	if (n < 0)
		return -errno;
	err = write_at(dat->fd, buffer, n, dat->pos);
	return err ? err : n;
}

/* One step of a copy.  Return: bytes copied to the file's end, or -errno. */
static ssize_t copy_some(struct tracedat *dat, const struct tracedat_source *source, uint64_t done)
{
	uint64_t left = source->size - done;
	size_t size = left < COPY_BYTES ? left : COPY_BYTES;
	off_t from = done, to = dat->pos;
	ssize_t n;

	if (source->data) {
		int err = write_at(dat->fd, (const char *)source->data + done, size, dat->pos);

		return err ? err : (ssize_t)size;
	}
	n = copy_file_range(source->fd, &from, dat->fd, &to, size, 0);
	if (n > 0)
		return n;
	if (n < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EINTR || errno == EFBIG))
		return -errno;
	/* Other file systems, or 0 from those that claim to have copied nothing. */
	return copy_by_hand(dat, source, done, size);
}

/*
 * A full disk: what has been copied is given back to it, so that the rest fits.
 * Return: whether anything was freed since @freed.
 */
static bool reclaim(const struct tracedat_source *source, uint64_t done, uint64_t *freed)
{
	if (!source->consume || source->data || done <= *freed)
		return false;
	if (fallocate(source->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, *freed,
		      done - *freed))
		return false;
	*freed = done;
	return true;
}

static int copy_source(struct tracedat *dat, const struct tracedat_source *source)
{
	uint64_t done = 0, freed = 0;
	ssize_t n;

	while (done < source->size) {
		n = copy_some(dat, source, done);
		if (n == -EINTR || (n == -ENOSPC && reclaim(source, done, &freed)))
			continue;
		if (n <= 0)
			return n ? n : -EIO;
		done += n;
		dat->pos += n;
	}
	return 0;
}

/* Zero bytes up to the next page; a hole, that is. */
static int pad_to_page(struct tracedat *dat)
{
	dat->pos = round_up(dat->pos, dat->page_size);
	return ftruncate(dat->fd, dat->pos) ? -errno : 0;
}

static int put_plain_cpu(struct tracedat *dat, const struct tracedat_cpu *cpu,
			 struct placed *placed)
{
	int err = pad_to_page(dat);

	placed->offset = dat->pos;
	placed->size = cpu_size(cpu);
	if (!err)
		err = copy_source(dat, &cpu->source[0]);
	return err ? err : copy_source(dat, &cpu->source[1]);
}

/* Reads pages @done .. of a CPU, across its two sources.  Return: bytes, or -errno. */
static ssize_t read_pages(const struct tracedat_cpu *cpu, uint64_t done, char *buffer, size_t size)
{
	const struct tracedat_source *source = &cpu->source[0];
	size_t got = 0;
	ssize_t n;

	if (done >= source->size) {
		done -= source->size;
		source++;
	}
	if (size > source->size - done)
		size = source->size - done;
	if (source->data) {
		memcpy(buffer, (const char *)source->data + done, size);
		return size;
	}
	while (got < size) {
		n = pread(source->fd, buffer + got, size - got, done + got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		got += n;
	}
	return got;
}

/* At the CPU's offset: u32 number of chunks, then the chunks. */
static int put_packed_cpu(struct tracedat *dat, const struct tracedat_cpu *cpu,
			  struct placed *placed)
{
	uint64_t done = 0, size = cpu_size(cpu);
	struct blob chunk = { 0 };
	uint32_t nr_chunk = 0;
	ssize_t n;
	char *page;
	int err = pad_to_page(dat);

	placed->offset = dat->pos;
	page = malloc((size_t)PAGES_IN_CHUNK * dat->page_size);
	if (!page)
		return -ENOMEM;
	if (!err)
		err = put(dat, &nr_chunk, sizeof(nr_chunk));
	while (!err && done < size) {
		n = read_pages(cpu, done, page, (size_t)PAGES_IN_CHUNK * dat->page_size);
		if (n < 0) {
			err = n;
			break;
		}
		chunk.size = 0;
		err = add_compressed(dat, &chunk, page, n);
		if (!err)
			err = put_blob(dat, &chunk);
		done += n;
		nr_chunk++;
	}
	if (!err)
		err = write_at(dat->fd, &nr_chunk, sizeof(nr_chunk), placed->offset);
	placed->size = dat->pos - placed->offset;
	blob_release(&chunk);
	free(page);
	return err;
}

static int finish_v6(struct tracedat *dat, const struct tracedat_tail *tail)
{
	struct blob blob = { 0 };
	struct placed placed;
	uint64_t at;
	int err;

	err = add_piece64(&blob, &tail->cmdlines);
	if (!err)
		err = blob_add_u32(&blob, tail->nr_cpu);
	if (!err)
		err = blob_add(&blob, "options  ", sizeof("options  "));
	if (!err)
		err = add_options(&blob, tail);
	if (!err)
		err = blob_add_u16(&blob, OPT_DONE);
	if (!err)
		err = blob_add(&blob, "flyrecord", sizeof("flyrecord"));
	/* The table is followed by the clock once more; then the data begins. */
	at = dat->pos + blob.size + 16ull * tail->nr_cpu + 8 + strlen(tail->clock) + 2;
	for (uint32_t i = 0; !err && i < tail->nr_cpu; i++) {
		at = round_up(at, dat->page_size);
		err = blob_add_u64(&blob, at);
		if (!err)
			err = blob_add_u64(&blob, cpu_size(&tail->cpu[i]));
		at += cpu_size(&tail->cpu[i]);
	}
	if (!err)
		err = blob_add_u64(&blob, strlen(tail->clock) + 2);
	if (!err)
		err = blob_add(&blob, "[", 1);
	if (!err)
		err = blob_add(&blob, tail->clock, strlen(tail->clock));
	if (!err)
		err = blob_add(&blob, "]", 1);
	if (!err)
		err = put_blob(dat, &blob);
	for (uint32_t i = 0; !err && i < tail->nr_cpu; i++)
		err = put_plain_cpu(dat, &tail->cpu[i], &placed);
	blob_release(&blob);
	return err;
}

/* The option that says where the BUFFER section has the data of each CPU. */
static int add_buffer_option(struct blob *blob, struct tracedat *dat,
			     const struct tracedat_tail *tail, const struct placed *placed)
{
	struct blob text = { 0 };
	uint32_t nr = 0;
	int err;

	for (uint32_t i = 0; i < tail->nr_cpu; i++)
		nr += !!cpu_size(&tail->cpu[i]);
	err = blob_add_u64(&text, dat->section[SEC_BUFFER]);
	if (!err)
		err = blob_add_text(&text, "");
	if (!err)
		err = blob_add_text(&text, tail->clock);
	if (!err)
		err = blob_add_u32(&text, dat->page_size);
	if (!err)
		err = blob_add_u32(&text, nr);
	for (uint32_t i = 0; !err && i < tail->nr_cpu; i++) {
		if (!cpu_size(&tail->cpu[i]))
			continue;
		err = blob_add_u32(&text, i);
		if (!err)
			err = blob_add_u64(&text, placed[i].offset);
		if (!err)
			err = blob_add_u64(&text, placed[i].size);
	}
	if (!err)
		err = add_option(blob, OPT_BUFFER, text.data, text.size);
	blob_release(&text);
	return err;
}

static int put_buffer_section(struct tracedat *dat, const struct tracedat_tail *tail,
			      struct placed *placed)
{
	uint64_t size;
	int err = put_section_head(dat, SEC_BUFFER, !!dat->zstd, 0);

	for (uint32_t i = 0; !err && i < tail->nr_cpu; i++) {
		if (!cpu_size(&tail->cpu[i]))
			continue;
		err = dat->zstd ? put_packed_cpu(dat, &tail->cpu[i], &placed[i])
				: put_plain_cpu(dat, &tail->cpu[i], &placed[i]);
	}
	size = dat->pos - dat->section[SEC_BUFFER] - SECTION_HEAD_SIZE;
	return err ? err : write_at(dat->fd, &size, sizeof(size),
				    dat->section[SEC_BUFFER] + SECTION_HEAD_SIZE - 8);
}

static int put_options_section(struct tracedat *dat, const struct tracedat_tail *tail,
			       const struct placed *placed)
{
	struct blob blob = { 0 };
	uint64_t at = dat->pos, none = 0;
	int err = 0;

	for (int id = SEC_HEADER_INFO; !err && id < SEC_END; id++)
		err = add_option(&blob, id, &dat->section[id], sizeof(dat->section[id]));
	if (!err)
		err = add_options(&blob, tail);
	if (!err)
		err = add_option(&blob, OPT_CPUCOUNT, &tail->nr_cpu, sizeof(tail->nr_cpu));
	if (!err)
		err = add_buffer_option(&blob, dat, tail, placed);
	if (!err)
		err = add_option(&blob, OPT_DONE, &none, sizeof(none));
	if (!err)
		err = put_section_head(dat, SEC_OPTIONS, 0, blob.size);
	if (!err)
		err = put_blob(dat, &blob);
	if (!err)
		err = write_at(dat->fd, &at, sizeof(at), dat->head_patch);
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
	err = add_piece64(&cmdlines, &tail->cmdlines);
	if (!err)
		err = put_piece(dat, SEC_CMDLINES, &cmdlines);
	if (!err)
		err = put_buffer_section(dat, tail, placed);
	if (!err)
		err = put_options_section(dat, tail, placed);
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
