// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tracedat-read.c - trace.dat file -> struct tracedat
 *
 * The whole file is mapped read-only.  Every piece is read through a struct cur, which knows
 * where its piece ends: no length or offset of the file is used before it was compared with
 * what is left.  Texts are not copied.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracedat.h"

#define MAGIC		"\x17\x08\x44tracing"
#define MAGIC_LEN	10

/*
 * Memory for what is compressed: symbols and formats shrink to a tenth, pages of idle CPUs to less,
 * but of each CPU only one chunk is in memory.
 */
#define INFLATED_FREE	(64ull << 20)
#define INFLATED_RATIO	32

static const unsigned char *cur_take(struct cur *cur, uint64_t len)
{
	const unsigned char *at = cur->at;

	if (cur->failed || len > cur_left(cur)) {
		cur->failed = true;
		return NULL;
	}
	cur->at += len;
	return at;
}

uint64_t cur_left(const struct cur *cur)
{
	return cur->end - cur->at;
}

uint16_t cur_u16(struct cur *cur)
{
	const unsigned char *at = cur_take(cur, 2);
	uint16_t value = 0;

	if (at)
		memcpy(&value, at, 2);
	return cur->swap ? __builtin_bswap16(value) : value;
}

uint32_t cur_u32(struct cur *cur)
{
	const unsigned char *at = cur_take(cur, 4);
	uint32_t value = 0;

	if (at)
		memcpy(&value, at, 4);
	return cur->swap ? __builtin_bswap32(value) : value;
}

uint64_t cur_u64(struct cur *cur)
{
	const unsigned char *at = cur_take(cur, 8);
	uint64_t value = 0;

	if (at)
		memcpy(&value, at, 8);
	return cur->swap ? __builtin_bswap64(value) : value;
}

struct text cur_text(struct cur *cur, uint64_t len)
{
	const unsigned char *at = cur_take(cur, len);

	return (struct text){ .at = (const char *)at, .len = at ? len : 0 };
}

struct text cur_string(struct cur *cur)
{
	const unsigned char *nul = memchr(cur->at, 0, cur_left(cur));
	struct text text = { 0 };

	if (cur->failed || !nul) {
		cur->failed = true;
		return text;
	}
	text.at = (const char *)cur->at;
	text.len = nul - cur->at;
	cur->at = nul + 1;
	return text;
}

bool cur_expect(struct cur *cur, const char *want, size_t len)
{
	const unsigned char *at = cur_take(cur, len);

	if (at && !memcmp(at, want, len))
		return true;
	cur->failed = true;
	return false;
}

int tracedat_fail(const struct tracedat *dat, uint64_t offset, const char *what)
{
	snprintf(dat->error->text, sizeof(dat->error->text), "%s: %s at offset %llu", dat->path,
		 what, (unsigned long long)offset);
	return -EINVAL;
}

/* A piece of the file, or a failed one when it does not lie inside. */
struct cur tracedat_cur(const struct tracedat *dat, uint64_t offset, uint64_t len)
{
	struct cur cur = { .start = dat->map, .at = dat->map, .end = dat->map,
			   .offset = offset, .swap = dat->swap };

	if (offset > dat->size || len > dat->size - offset) {
		cur.failed = true;
		return cur;
	}
	cur.start = cur.at = dat->map + offset;
	cur.end = cur.at + len;
	return cur;
}

static int cut(const struct tracedat *dat, const struct cur *cur, const char *what)
{
	char text[120];

	snprintf(text, sizeof(text), "damaged or cut off in the %s", what);
	return tracedat_fail(dat, cur->offset + (cur->at - cur->start), text);
}

/* Room for one more element; doubles at powers of two. */
void *tracedat_grow(void *array, size_t nr, size_t size)
{
	if (nr & (nr - 1))
		return array;
	return reallocarray(array, nr ? nr * 2 : 1, size);
}

/* Frees @memory together with @dat, or now when that fails. */
int tracedat_own(struct tracedat *dat, void *memory)
{
	void **owned = tracedat_grow(dat->owned, dat->nr_owned, sizeof(*owned));

	if (!owned) {
		free(memory);
		return -ENOMEM;
	}
	dat->owned = owned;
	dat->owned[dat->nr_owned++] = memory;
	return 0;
}

/* The number behind @key in the line that holds @field. */
static bool header_number(struct text text, const char *field, const char *key, uint32_t *out)
{
	const char *at = memmem(text.at, text.len, field, strlen(field));
	uint64_t value = 0;

	if (!at)
		return false;
	at = memmem(at, text.at + text.len - at, key, strlen(key));
	if (!at)
		return false;
	for (at += strlen(key); at < text.at + text.len && *at >= '0' && *at <= '9'; at++) {
		value = value * 10 + (*at - '0');
		if (value > UINT32_MAX)
			return false;
	}
	*out = value;
	return true;
}

int tracedat_parse_head(struct tracedat *dat, struct cur *cur)
{
	uint32_t size;

	cur_expect(cur, "header_page", 12);
	dat->header_page = cur_text(cur, cur_u64(cur));
	cur_expect(cur, "header_event", 13);
	cur_text(cur, cur_u64(cur));
	if (cur->failed)
		return cut(dat, cur, "page header description");
	if (dat->header_page.len && header_number(dat->header_page, " commit;", "size:", &size) &&
	    (size == 4 || size == 8)) {
		dat->commit_size = size;
		dat->guessed_long = false;
	}
	return 0;
}

static int add_format(struct tracedat *dat, struct text system, struct text text)
{
	struct tracedat_format *format;

	format = tracedat_grow(dat->format, dat->nr_format, sizeof(*format));
	if (!format)
		return -ENOMEM;
	dat->format = format;
	format[dat->nr_format++] = (struct tracedat_format){ system, text };
	return 0;
}

static int parse_formats(struct tracedat *dat, struct cur *cur, struct text system)
{
	uint32_t nr = cur_u32(cur);
	int err = 0;

	for (uint32_t i = 0; i < nr && !err; i++) {
		struct text text = cur_text(cur, cur_u64(cur));

		if (cur->failed)
			return cut(dat, cur, "event formats");
		err = add_format(dat, system, text);
	}
	return cur->failed ? cut(dat, cur, "event formats") : err;
}

int tracedat_parse_ftrace(struct tracedat *dat, struct cur *cur)
{
	return parse_formats(dat, cur, (struct text){ "ftrace", 6 });
}

int tracedat_parse_systems(struct tracedat *dat, struct cur *cur)
{
	uint32_t nr = cur_u32(cur);
	int err = 0;

	for (uint32_t i = 0; i < nr && !err; i++) {
		struct text system = cur_string(cur);

		if (cur->failed)
			break;
		err = parse_formats(dat, cur, system);
	}
	return err || !cur->failed ? err : cut(dat, cur, "event formats");
}

int tracedat_parse_kallsyms(struct tracedat *dat, struct cur *cur)
{
	dat->kallsyms = cur_text(cur, cur_u32(cur));
	return cur->failed ? cut(dat, cur, "symbol list") : 0;
}

int tracedat_parse_printk(struct tracedat *dat, struct cur *cur)
{
	dat->printk = cur_text(cur, cur_u32(cur));
	return cur->failed ? cut(dat, cur, "list of printk formats") : 0;
}

int tracedat_parse_cmdlines(struct tracedat *dat, struct cur *cur)
{
	dat->cmdlines = cur_text(cur, cur_u64(cur));
	return cur->failed ? cut(dat, cur, "list of task names") : 0;
}

int tracedat_add_buffer(struct tracedat *dat, struct tracedat_buffer **out)
{
	struct tracedat_buffer *buffer;

	buffer = tracedat_grow(dat->buffer, dat->nr_buffer, sizeof(*buffer));
	if (!buffer)
		return -ENOMEM;
	dat->buffer = buffer;
	*out = &buffer[dat->nr_buffer++];
	memset(*out, 0, sizeof(**out));
	(*out)->page_size = dat->page_size;
	return 0;
}

/* Without this a small file could claim the same pages for thousands of CPUs. */
int tracedat_claim(struct tracedat *dat, uint64_t offset, uint64_t len)
{
	dat->claimed += len;
	if (dat->claimed > dat->size)
		return tracedat_fail(dat, offset, "damaged: data of two CPUs in one place");
	return 0;
}

int tracedat_describe(struct tracedat *dat, uint64_t offset, uint64_t len)
{
	dat->described += len;
	if (dat->described > dat->size)
		return tracedat_fail(dat, offset, "damaged: the same bytes are named again");
	return 0;
}

int tracedat_inflate(struct tracedat *dat, uint64_t offset, uint64_t len)
{
	dat->inflated += len;
	if (dat->inflated > INFLATED_FREE + INFLATED_RATIO * (uint64_t)dat->size)
		return tracedat_fail(dat, offset, "damaged: compressed data claims much memory");
	return 0;
}

void tracedat_name(struct tracedat *dat, uint64_t offset, uint64_t len)
{
	uint64_t end;

	if (__builtin_add_overflow(offset, len, &end))
		end = UINT64_MAX;
	if (end > dat->named_end)
		dat->named_end = end;
	if (end > dat->size)
		dat->truncated = true;
}

/* Adds a CPU's data to @buffer; of uncompressed data what lies inside the file, in whole pages. */
int tracedat_add_pages(struct tracedat *dat, struct tracedat_buffer *buffer,
		       const struct tracedat_cpu *range)
{
	struct tracedat_cpu *cpu;

	if (range->cpu >= TRACEDAT_MAX_CPU || buffer->nr_cpu >= TRACEDAT_MAX_CPU)
		return tracedat_fail(dat, range->offset, "impossible CPU number for the data");
	cpu = tracedat_grow(buffer->cpu, buffer->nr_cpu, sizeof(*cpu));
	if (!cpu)
		return -ENOMEM;
	buffer->cpu = cpu;
	cpu += buffer->nr_cpu++;
	*cpu = *range;
	if (buffer->compressed || !cpu->size)
		return 0;
	tracedat_name(dat, cpu->offset, cpu->size);
	if (cpu->offset > dat->size)
		cpu->size = 0;
	else if (cpu->size > dat->size - cpu->offset)
		cpu->size = dat->size - cpu->offset;
	cpu->size -= cpu->size % buffer->page_size;
	return tracedat_claim(dat, cpu->offset, cpu->size);
}

static int map_file(struct tracedat *dat)
{
	const char *why = NULL;
	struct stat st;
	int err = 0;
	int fd;

	/* O_NONBLOCK: a FIFO without a writer must not make us wait. */
	fd = open(dat->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0) {
		err = -errno;
		snprintf(dat->error->text, sizeof(dat->error->text), "%s: cannot open: %s",
			 dat->path, strerror(-err));
		goto close_fd;
	}
	if (S_ISDIR(st.st_mode))
		why = "is a directory, not a capture";
	else if (!S_ISREG(st.st_mode))
		why = "not a regular file; a capture must be a file on disk";
	else if (!st.st_size)
		why = "is empty, not a capture";
	if (why) {
		err = -EINVAL;
		snprintf(dat->error->text, sizeof(dat->error->text), "%s: %s", dat->path, why);
		goto close_fd;
	}
	dat->size = st.st_size;
	dat->map = mmap(NULL, dat->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (dat->map == MAP_FAILED) {
		err = -errno;
		dat->map = NULL;
		snprintf(dat->error->text, sizeof(dat->error->text), "%s: cannot map: %s",
			 dat->path, strerror(-err));
	}
close_fd:
	if (fd >= 0)
		close(fd);
	return err;
}

static int parse(struct tracedat *dat)
{
	struct cur cur = tracedat_cur(dat, 0, dat->size);
	const unsigned char *ident;
	struct text version;

	if (!cur_expect(&cur, MAGIC, MAGIC_LEN)) {
		snprintf(dat->error->text, sizeof(dat->error->text),
			 "%s: not a capture: no trace.dat magic at offset 0", dat->path);
		snprintf(dat->error->hint, sizeof(dat->error->hint),
			 "captures are made by `skbtrail record` or `trace-cmd record`");
		return -EINVAL;
	}
	version = cur_string(&cur);
	if (version.len != 1 || (version.at[0] != '6' && version.at[0] != '7'))
		return tracedat_fail(dat, MAGIC_LEN, "unknown file version");
	dat->version = version.at[0] - '0';
	ident = cur_take(&cur, 2);
	if (!ident || ident[0] > 1)
		return tracedat_fail(dat, 12, "damaged byte order mark");
	dat->big_endian = ident[0];
	dat->swap = dat->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	cur.swap = dat->swap;
	/* Of user space; the page header text, if there is one, says it of the kernel. */
	dat->commit_size = ident[1] == 4 ? 4 : 8;
	dat->guessed_long = true;
	dat->page_size = cur_u32(&cur);
	if (cur.failed)
		return tracedat_fail(dat, dat->size, "cut off in the file head");
	if (dat->page_size < TRACEDAT_MIN_PAGE || dat->page_size > 1 << 30)
		return tracedat_fail(dat, 14, "impossible page size");
	return dat->version == 6 ? tracedat_v6_parse(dat, &cur) : tracedat_v7_parse(dat, &cur);
}

int tracedat_open(const char *path, struct tracedat **out, struct trail_error *error)
{
	struct tracedat *dat = calloc(1, sizeof(*dat));
	int err;

	if (!dat)
		return -ENOMEM;
	dat->path = path;
	dat->error = error;
	err = map_file(dat);
	if (!err)
		err = parse(dat);
	dat->path = NULL;
	dat->error = NULL;
	if (err) {
		tracedat_close(dat);
		return err;
	}
	*out = dat;
	return 0;
}

void tracedat_close(struct tracedat *dat)
{
	if (!dat)
		return;
	for (size_t i = 0; i < dat->nr_buffer; i++)
		free(dat->buffer[i].cpu);
	for (size_t i = 0; i < dat->nr_owned; i++)
		free(dat->owned[i]);
	free(dat->owned);
	free(dat->buffer);
	free(dat->stat);
	free(dat->option);
	free(dat->format);
	if (dat->map)
		munmap((void *)dat->map, dat->size);
	free(dat);
}
