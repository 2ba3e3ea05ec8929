// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tracedat-v6.c - version 6: pieces in a strict order, without an index
 */
#include <errno.h>
#include <string.h>

#include "tracedat.h"

static uint64_t tell(const struct cur *cur)
{
	return cur->offset + (cur->at - cur->start);
}

/* {u16 id; u32 size; data} up to id 0, which has no size. */
static int parse_options(struct tracedat *dat, struct cur *cur)
{
	unsigned int id;
	int err = 0;

	while ((id = cur_u16(cur)) && !err) {
		struct cur data = *cur;
		uint32_t size = cur_u32(cur);

		data = *cur;
		cur_text(cur, size);
		if (cur->failed)
			break;
		data.end = cur->at;
		err = tracedat_add_option(dat, id, data);
	}
	if (!err && cur->failed)
		err = tracedat_fail(dat, tell(cur), "damaged or cut off in the options");
	return err;
}

/* "flyrecord\0" {u64 offset; u64 size} per CPU, clock; the same for the top and for an instance. */
static int parse_buffer(struct tracedat *dat, struct cur *cur, struct text name)
{
	struct tracedat_buffer *buffer;
	int err;

	if (cur_left(cur) / 16 < dat->nr_cpu)
		return tracedat_fail(dat, tell(cur), "cut off in the table of CPU data");
	err = tracedat_describe(dat, tell(cur), 16ull * dat->nr_cpu);
	if (!err)
		err = tracedat_add_buffer(dat, &buffer);
	if (err)
		return err;
	buffer->name = name;
	for (uint32_t i = 0; i < dat->nr_cpu && !err; i++) {
		struct tracedat_cpu range = { .cpu = i };

		range.offset = cur_u64(cur);
		range.size = cur_u64(cur);
		err = tracedat_add_pages(dat, buffer, &range);
	}
	return err;
}

static int parse_instances(struct tracedat *dat)
{
	int err = 0;

	for (size_t i = 0; i < dat->nr_option && !err; i++) {
		struct cur data = dat->option[i].data;
		struct text name;
		struct cur block;
		uint64_t offset;

		if (dat->option[i].id != OPTION_BUFFER)
			continue;
		offset = cur_u64(&data);
		name = cur_string(&data);
		if (data.failed)
			return tracedat_fail(dat, dat->option[i].data.offset,
					     "damaged option for an instance");
		tracedat_name(dat, offset, 10 + 16ull * dat->nr_cpu);
		block = tracedat_cur(dat, offset, 10 + 16ull * dat->nr_cpu);
		if (block.failed)
			continue;
		if (!cur_expect(&block, "flyrecord", 10))
			return tracedat_fail(dat, offset, "no data of an instance");
		err = parse_buffer(dat, &block, name);
	}
	return err;
}

static bool has_data(const struct tracedat_buffer *buffer)
{
	for (uint32_t i = 0; i < buffer->nr_cpu; i++) {
		if (buffer->cpu[i].size)
			return true;
	}
	return false;
}

/* What follows the options: the table of the top buffer and its clock. */
static int parse_data(struct tracedat *dat, struct cur *cur, uint32_t nr_cpu)
{
	bool has_clock = dat->clock.at;
	uint64_t at = tell(cur);
	struct text kind;
	int err;

	kind = cur_text(cur, 10);
	if (cur->failed)
		return tracedat_fail(dat, at, "cut off before the data");
	if (!memcmp(kind.at, "latency", 7)) {
		strcpy(dat->unsupported, "the text of a latency tracer");
		return 0;
	}
	if (memcmp(kind.at, "flyrecord", 9))
		return tracedat_fail(dat, at, "damaged: no data table");
	if (!dat->nr_cpu)
		dat->nr_cpu = nr_cpu;
	err = parse_buffer(dat, cur, (struct text){ "", 0 });
	if (!err && has_clock) {
		struct text clock = tracedat_clock_name(cur_text(cur, cur_u64(cur)));

		if (cur->failed)
			return tracedat_fail(dat, tell(cur), "damaged or cut off in the clock");
		/* It is that of the top buffer, which is empty when an instance was recorded. */
		if (clock.len && has_data(&dat->buffer[0]))
			dat->clock = clock;
	}
	return err;
}

int tracedat_v6_parse(struct tracedat *dat, struct cur *cur)
{
	struct cur before;
	uint32_t nr_cpu;
	int err;

	dat->whole = true;
	err = tracedat_parse_head(dat, cur);
	if (!err)
		err = tracedat_parse_ftrace(dat, cur);
	if (!err)
		err = tracedat_parse_systems(dat, cur);
	if (!err)
		err = tracedat_parse_kallsyms(dat, cur);
	if (!err)
		err = tracedat_parse_printk(dat, cur);
	if (!err)
		err = tracedat_parse_cmdlines(dat, cur);
	if (err)
		return err;
	nr_cpu = cur_u32(cur);
	before = *cur;
	if (!cur_expect(cur, "options", 7)) {
		*cur = before;	/* that block need not be there */
	} else {
		cur_text(cur, 3);
		err = parse_options(dat, cur);
	}
	if (!err)
		err = tracedat_apply_options(dat);
	if (!err)
		err = parse_data(dat, cur, nr_cpu);
	return err ? err : parse_instances(dat);
}
