// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tracedat-v7.c - version 7: sections, found through a chain of option lists
 *
 * libtracecmd writes the list that names the data behind the data.  Where a file is cut off in
 * between, the chunks of compressed data still say where the data of each CPU begins.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "tracedat.h"

#define SECTION_HEAD		16
#define SECTION_COMPRESSED	1
#define MAX_OPTIONS		(1u << 20)
#define MAX_CHUNK		(64u << 20)

/* zstd cannot shrink more than about 1 : 33000; a larger claim is damage. */
#define MAX_RATIO		40000

struct section {
	unsigned int id;
	unsigned int flags;
	uint64_t offset;	/* of its payload */
	uint64_t size;
};

static bool have_zstd(const struct tracedat *dat)
{
	return dat->compression.len == 4 && !memcmp(dat->compression.at, "zstd", 4);
}

static int section_head(const struct tracedat *dat, uint64_t offset, struct section *section)
{
	struct cur cur = tracedat_cur(dat, offset, SECTION_HEAD);

	section->id = cur_u16(&cur);
	section->flags = cur_u16(&cur);
	cur_u32(&cur);
	section->size = cur_u64(&cur);
	section->offset = offset + SECTION_HEAD;
	return cur.failed ? -EINVAL : 0;
}

static int inflate(struct tracedat *dat, const struct section *section, struct cur *cur)
{
	uint32_t csize = cur_u32(cur);
	uint32_t usize = cur_u32(cur);
	struct text data = cur_text(cur, csize);
	void *memory;
	int err;

	if (cur->failed || usize / MAX_RATIO > csize)
		return tracedat_fail(dat, section->offset, "damaged compressed section");
	err = tracedat_inflate(dat, section->offset, usize);
	if (err)
		return err;
	memory = malloc(usize ? usize : 1);
	if (!memory)
		return -ENOMEM;
	if (ZSTD_decompress(memory, usize, data.at, data.len) != usize) {
		free(memory);
		return tracedat_fail(dat, section->offset, "damaged compressed section");
	}
	err = tracedat_own(dat, memory);
	if (err)
		return err;
	cur->start = cur->at = memory;
	cur->end = cur->at + usize;
	cur->offset = section->offset;
	return 0;
}

static bool section_fits(const struct tracedat *dat, const struct section *section)
{
	return section->size <= dat->size - section->offset;
}

/* Return: 0 or a negative errno. */
static int section_open(struct tracedat *dat, uint64_t offset, unsigned int id, struct cur *cur)
{
	struct section section;
	int err;

	if (section_head(dat, offset, &section))
		return tracedat_fail(dat, offset, "cut off: no section");
	if (section.id != id)
		return tracedat_fail(dat, offset, "damaged: another section than expected");
	*cur = tracedat_cur(dat, section.offset, section.size);
	if (cur->failed)
		return tracedat_fail(dat, offset, "cut off or damaged section");
	err = tracedat_describe(dat, offset, section.size);
	if (err)
		return err;
	return section.flags & SECTION_COMPRESSED ? inflate(dat, &section, cur) : 0;
}

/* One list of options.  Return: 1 and the offset of the next list; 0 last one; -errno. */
static int parse_options(struct tracedat *dat, uint64_t *offset)
{
	struct cur cur, data;
	unsigned int id;
	int err;

	err = section_open(dat, *offset, OPTION_DONE, &cur);
	if (err)
		return err;
	while (!cur.failed) {
		uint32_t size;

		id = cur_u16(&cur);
		size = cur_u32(&cur);
		data = cur;
		cur_text(&cur, size);
		data.end = cur.at;
		if (cur.failed)
			break;
		if (dat->nr_option == MAX_OPTIONS)
			return tracedat_fail(dat, *offset, "damaged: too many options");
		if (id == OPTION_DONE) {
			*offset = cur_u64(&data);
			return *offset && !data.failed;
		}
		err = tracedat_add_option(dat, id, data);
		if (err)
			return err;
	}
	return tracedat_fail(dat, *offset, "damaged or cut off in the options");
}

/* Fills @behind with the place behind the last list that there is. */
static int parse_option_chain(struct tracedat *dat, uint64_t offset, uint64_t *behind)
{
	struct section section;
	int more = 1;

	for (unsigned int i = 0; more > 0; i++) {
		bool head = !section_head(dat, offset, &section);
		bool fits = head && section_fits(dat, &section);

		/* The list behind the data is gone; what the first ones say may still be enough. */
		if (i && !fits) {
			tracedat_name(dat, section.offset, head ? section.size : 0);
			dat->truncated = true;
			break;
		}
		more = parse_options(dat, &offset);
		if (more >= 0)
			*behind = section.offset + section.size;
	}
	return more < 0 ? more : 0;
}

/* Counts the chunks that are whole and the page bytes in them; @cur comes to lie behind them. */
static int scan_chunks(struct tracedat *dat, const struct tracedat_buffer *buffer,
		       struct tracedat_cpu *range, struct cur *cur)
{
	const unsigned char *start = cur->at;
	uint32_t nr = cur_u32(cur), largest = 0;
	int err;

	range->size = 0;
	range->offset += 4;
	for (range->nr_chunk = 0; range->nr_chunk < nr; range->nr_chunk++) {
		uint64_t at = cur->offset + (cur->at - cur->start);
		uint32_t csize = cur_u32(cur);
		uint32_t usize = cur_u32(cur);

		cur_text(cur, csize);
		if (cur->failed)
			break;
		/* A page with a time in it does not shrink to less than a byte. */
		if (usize > MAX_CHUNK || usize % buffer->page_size ||
		    usize / buffer->page_size > csize)
			return tracedat_fail(dat, at, "damaged compressed data");
		range->size += usize;
		largest = usize > largest ? usize : largest;
	}
	dat->truncated |= cur->failed;
	err = tracedat_inflate(dat, range->offset, largest);
	return err ? err : tracedat_claim(dat, range->offset, cur->at - start);
}

/* What is there of the data that an option names. */
static int find_chunks(struct tracedat *dat, const struct tracedat_buffer *buffer,
		       struct tracedat_cpu *range)
{
	struct cur cur = tracedat_cur(dat, range->offset, range->offset < dat->size ?
				      dat->size - range->offset : 0);

	tracedat_name(dat, range->offset, range->size);
	return scan_chunks(dat, buffer, range, &cur);
}

static int parse_ranges(struct tracedat *dat, struct tracedat_buffer *buffer, struct cur *cur)
{
	unsigned char seen[TRACEDAT_MAX_CPU / 8] = { 0 };
	uint32_t nr = cur_u32(cur);
	int err = 0;

	for (uint32_t i = 0; i < nr && !cur->failed && !err; i++) {
		struct tracedat_cpu range = { .cpu = cur_u32(cur) };

		range.offset = cur_u64(cur);
		range.size = cur_u64(cur);
		if (cur->failed)
			break;
		if (range.cpu < TRACEDAT_MAX_CPU && seen[range.cpu / 8] & 1 << range.cpu % 8)
			return tracedat_fail(dat, range.offset, "two sets of data for one CPU");
		if (range.cpu < TRACEDAT_MAX_CPU && range.size)
			seen[range.cpu / 8] |= 1 << range.cpu % 8;
		if (buffer->compressed && range.size)
			err = find_chunks(dat, buffer, &range);
		if (!err)
			err = tracedat_add_pages(dat, buffer, &range);
	}
	return err;
}

static int parse_buffer(struct tracedat *dat, const struct tracedat_option *option)
{
	struct tracedat_buffer *buffer;
	struct cur data = option->data;
	struct section section;
	struct text clock;
	uint64_t offset;
	uint32_t page_size;
	int err;

	err = tracedat_add_buffer(dat, &buffer);
	if (err)
		return err;
	offset = cur_u64(&data);
	buffer->name = cur_string(&data);
	clock = tracedat_clock_name(cur_string(&data));
	page_size = cur_u32(&data);
	if (data.failed)
		return tracedat_fail(dat, option->data.offset, "damaged buffer option");
	/* Like every other reader: the top buffer has the size that the file head says. */
	if (buffer->name.len)
		buffer->page_size = page_size;
	if (buffer->page_size < TRACEDAT_MIN_PAGE || buffer->page_size > 1 << 30)
		return tracedat_fail(dat, option->data.offset, "impossible page size");
	if (!dat->clock.len)
		dat->clock = clock;
	tracedat_name(dat, offset, SECTION_HEAD);
	if (!section_head(dat, offset, &section)) {
		if (section.id != OPTION_BUFFER)
			return tracedat_fail(dat, offset, "damaged: no buffer section");
		buffer->compressed = section.flags & SECTION_COMPRESSED;
	}
	err = parse_ranges(dat, buffer, &data);
	if (!err && data.failed)
		err = tracedat_fail(dat, option->data.offset, "damaged buffer option");
	return err;
}

static int parse_section(struct tracedat *dat, const struct tracedat_option *option)
{
	struct cur data = option->data;
	struct cur cur;
	int err;

	if (option->id == OPTION_BUFFER)
		return parse_buffer(dat, option);
	if (option->id == OPTION_BUFFER_TEXT) {
		strcpy(dat->unsupported, "the text of a latency tracer");
		return 0;
	}
	if (option->id < OPTION_HEADER_INFO || option->id > OPTION_CMDLINES)
		return 0;
	err = section_open(dat, cur_u64(&data), option->id, &cur);
	if (err)
		return err;
	switch (option->id) {
	case OPTION_HEADER_INFO:
		return tracedat_parse_head(dat, &cur);
	case OPTION_FTRACE_EVENTS:
		return tracedat_parse_ftrace(dat, &cur);
	case OPTION_EVENT_FORMATS:
		return tracedat_parse_systems(dat, &cur);
	case OPTION_KALLSYMS:
		return tracedat_parse_kallsyms(dat, &cur);
	case OPTION_PRINTK:
		return tracedat_parse_printk(dat, &cur);
	default:
		return tracedat_parse_cmdlines(dat, &cur);
	}
}

/* libtracecmd walks all sections and trusts their sizes: would it arrive at the end? */
static bool sections_whole(const struct tracedat *dat, uint64_t offset)
{
	struct section section;

	while (offset < dat->size) {
		if (section_head(dat, offset, &section) || !section_fits(dat, &section))
			return false;
		offset = section.offset + section.size;
	}
	return true;
}

/* The data of a buffer that no option names: each CPU's begins at a page boundary. */
static int recover_buffer(struct tracedat *dat, const struct section *section)
{
	uint64_t size = section->size && section_fits(dat, section) ? section->size :
			dat->size - section->offset;
	uint32_t max_cpu = dat->nr_cpu ? dat->nr_cpu : TRACEDAT_MAX_CPU;
	struct cur cur = tracedat_cur(dat, section->offset, size);
	struct tracedat_buffer *buffer;
	int err;

	err = tracedat_add_buffer(dat, &buffer);
	for (uint32_t i = 0; !err && i < max_cpu; i++) {
		uint64_t at = cur.offset + (cur.at - cur.start);
		uint32_t over = at % buffer->page_size;
		struct tracedat_cpu range = { .cpu = i };
		struct cur count;

		cur_text(&cur, over ? buffer->page_size - over : 0);
		range.offset = cur.offset + (cur.at - cur.start);
		count = cur;
		/* Each CPU has data; zeros are what a writer reserved and did not write. */
		if (!cur_u32(&count))
			break;
		buffer->compressed = true;
		err = scan_chunks(dat, buffer, &range, &cur);
		if (!err)
			err = tracedat_add_pages(dat, buffer, &range);
	}
	dat->guessed_cpu = true;
	return err;
}

/* Looks from @at on, behind the last list of options, for data that a missing list named. */
static int recover_buffers(struct tracedat *dat, uint64_t at)
{
	struct section section;
	int err = 0;

	while (!err && !section_head(dat, at, &section)) {
		if (section.id == OPTION_BUFFER) {
			tracedat_name(dat, section.offset, section.size);
			dat->truncated = true;
			if (section.flags & SECTION_COMPRESSED)
				err = recover_buffer(dat, &section);
		}
		/* Without a size it is the last one: its writer did not get to fill it in. */
		if (!section_fits(dat, &section) ||
		    (section.id == OPTION_BUFFER && !section.size))
			break;
		at = section.offset + section.size;
	}
	return err;
}

int tracedat_v7_parse(struct tracedat *dat, struct cur *cur)
{
	uint64_t offset, behind = 0;
	bool cut;
	int err;

	dat->compression = cur_string(cur);
	cur_string(cur);
	offset = cur_u64(cur);
	if (cur->failed)
		return tracedat_fail(dat, dat->size, "cut off in the file head");
	if (offset >= dat->size)
		return tracedat_fail(dat, dat->size, "cut off before its list of contents");
	if (!have_zstd(dat) && strncmp(dat->compression.at, "none", 5)) {
		snprintf(dat->error->text, sizeof(dat->error->text),
			 "%s: compression \"%.20s\" is not supported", dat->path,
			 dat->compression.at);
		snprintf(dat->error->hint, sizeof(dat->error->hint),
			 "trace-cmd convert --compression none -i FILE -o NEW");
		return -ENOTSUP;
	}
	dat->whole = sections_whole(dat, cur->offset + (cur->at - cur->start));
	err = parse_option_chain(dat, offset, &behind);
	cut = dat->truncated;
	if (!err)
		err = tracedat_apply_options(dat);
	for (size_t i = 0; i < dat->nr_option && !err; i++)
		err = parse_section(dat, &dat->option[i]);
	if (!err && (cut || !dat->nr_buffer))
		err = recover_buffers(dat, behind);
	if (err)
		return err;
	if (!dat->nr_buffer && dat->truncated)
		return tracedat_fail(dat, dat->size, "cut off before the index of its data");
	return 0;
}
