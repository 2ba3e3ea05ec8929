/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tracedat.h - the parsed form of a trace.dat file
 *
 * Filled by tracedat-*.c, the only files that know the bytes on disk.  All texts point into the
 * mapped file or into memory that struct tracedat owns.
 */
#ifndef TRACEDAT_H
#define TRACEDAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "skbtrail.h"

#define TRACEDAT_MAX_CPU	65536
/* Kernels have 4096 and more; each CPU costs some KB of memory, and has a page at least. */
#define TRACEDAT_MIN_PAGE	1024

struct text {
	const char *at;
	size_t len;
};

/**
 * struct cur - a place in a piece of the file, read forwards
 * @offset: in the file, of @start; for a decompressed piece that of its section
 * @failed: something did not fit; sticky, all later reads yield zeros
 */
struct cur {
	const unsigned char *start;
	const unsigned char *at;
	const unsigned char *end;
	uint64_t offset;
	bool swap;
	bool failed;
};

uint16_t cur_u16(struct cur *cur);
uint32_t cur_u32(struct cur *cur);
uint64_t cur_u64(struct cur *cur);
struct text cur_text(struct cur *cur, uint64_t len);
/* Up to a NUL, which is skipped. */
struct text cur_string(struct cur *cur);
/* Skips @len bytes; false, and failed, unless they are @want. */
bool cur_expect(struct cur *cur, const char *want, size_t len);
uint64_t cur_left(const struct cur *cur);

enum tracedat_option_id {
	OPTION_DONE, OPTION_DATE, OPTION_CPUSTAT, OPTION_BUFFER, OPTION_TRACECLOCK, OPTION_UNAME,
	OPTION_HOOK, OPTION_OFFSET, OPTION_CPUCOUNT, OPTION_VERSION, OPTION_PROCMAPS,
	OPTION_TRACEID, OPTION_TIME_SHIFT, OPTION_GUEST, OPTION_TSC2NSEC, OPTION_STRINGS,
	OPTION_HEADER_INFO, OPTION_FTRACE_EVENTS, OPTION_EVENT_FORMATS, OPTION_KALLSYMS,
	OPTION_PRINTK, OPTION_CMDLINES, OPTION_BUFFER_TEXT, OPTION_BTF_FILE,
	OPTION_LAST_BOOT_INFO, OPTION_MODULES_FILE, OPTION_NR_KNOWN
};

struct tracedat_option {
	unsigned int id;
	struct cur data;
};

struct tracedat_format {
	struct text system;
	struct text text;
};

/**
 * struct tracedat_cpu - the data of one CPU
 * @offset: first page, or first chunk when the buffer is compressed
 * @size: bytes of whole pages
 * @nr_chunk: whole chunks, each {u32 csize; u32 usize; data}
 */
struct tracedat_cpu {
	uint64_t offset;
	uint64_t size;
	uint32_t nr_chunk;
	uint32_t cpu;
};

/* One ring buffer: the top one (name "") or that of an instance. */
struct tracedat_buffer {
	struct text name;
	struct tracedat_cpu *cpu;
	uint32_t nr_cpu;
	uint32_t page_size;
	bool compressed;
};

/* per_cpu/cpuN/stats as recorded */
struct tracedat_stat {
	uint32_t cpu;
	uint64_t overrun;
	uint64_t commit_overrun;
	uint64_t dropped;
	uint64_t read_events;
};

/* ns = (cycles * mult) >> shift */
struct tracedat_tsc {
	uint32_t mult;
	uint32_t shift;
	bool valid;
};

/**
 * struct tracedat - a file
 * @error: where to say what is wrong; valid during tracedat_open() only
 * @path: as given; valid during tracedat_open() only
 * @commit_size: sizeof(long) of the recorded kernel
 * @compression: name of the algorithm of a v7 file
 * @add_ns: to be added to each time stamp (options DATE and OFFSET)
 * @wall_ns: to be added for the time of day, instead of @add_ns; valid if @has_wall
 * @claimed: bytes of the file that are data of some CPU
 * @described: bytes of the file that are sections or tables and were read as such
 * @inflated: bytes that sections have when decompressed, and chunks that are in memory together
 * @unsupported: why the native backend cannot yield the records, or ""
 * @whole: the walk over all sections ends at the end of the file
 * @named_end: how long the file must have been, by the places that it names
 * @truncated: data is missing at the end of the file
 * @guessed_cpu: the list that says which data is of which CPU is missing
 */
struct tracedat {
	struct trail_error *error;
	const char *path;
	const unsigned char *map;
	size_t size;
	unsigned int version;
	bool big_endian;
	bool swap;
	bool guessed_long;
	uint32_t page_size;
	uint32_t commit_size;
	struct text compression;
	struct text header_page;
	struct text kallsyms;
	struct text printk;
	struct text cmdlines;
	struct text kernel;
	struct text clock;
	struct text tool;
	struct text counters;
	struct tracedat_format *format;
	size_t nr_format;
	struct tracedat_option *option;
	size_t nr_option;
	struct tracedat_stat *stat;
	size_t nr_stat;
	struct tracedat_buffer *buffer;
	size_t nr_buffer;
	void **owned;
	size_t nr_owned;
	struct tracedat_tsc tsc;
	int64_t add_ns;
	int64_t wall_ns;
	bool has_wall;
	uint32_t nr_cpu;
	uint64_t claimed;
	uint64_t described;
	uint64_t inflated;
	uint64_t named_end;
	unsigned int nr_unknown;
	char unsupported[120];
	bool whole;
	bool truncated;
	bool guessed_cpu;
};

/* Return: 0; an errno of open(2); -EINVAL; -ENOTSUP; -ENOMEM. */
int tracedat_open(const char *path, struct tracedat **out, struct trail_error *error);
void tracedat_close(struct tracedat *dat);

/* Between tracedat-*.c only. */
int tracedat_fail(const struct tracedat *dat, uint64_t offset, const char *what);
struct cur tracedat_cur(const struct tracedat *dat, uint64_t offset, uint64_t len);
int tracedat_own(struct tracedat *dat, void *memory);
void *tracedat_grow(void *array, size_t nr, size_t size);
int tracedat_parse_head(struct tracedat *dat, struct cur *cur);
int tracedat_parse_ftrace(struct tracedat *dat, struct cur *cur);
int tracedat_parse_systems(struct tracedat *dat, struct cur *cur);
int tracedat_parse_kallsyms(struct tracedat *dat, struct cur *cur);
int tracedat_parse_printk(struct tracedat *dat, struct cur *cur);
int tracedat_parse_cmdlines(struct tracedat *dat, struct cur *cur);
int tracedat_add_option(struct tracedat *dat, unsigned int id, struct cur data);
int tracedat_apply_options(struct tracedat *dat);
struct text tracedat_clock_name(struct text text);
/* Counts @len bytes at @offset as data; no byte is data of two CPUs.  Return: 0 or -EINVAL. */
int tracedat_claim(struct tracedat *dat, uint64_t offset, uint64_t len);
/*
 * Counts @len bytes at @offset as read; a file that lets its parts be read over and over would take
 * time and memory without a bound.  Return: 0 or -EINVAL.
 */
int tracedat_describe(struct tracedat *dat, uint64_t offset, uint64_t len);
/* Counts @len bytes of memory for what is compressed at @offset.  Return: 0 or -EINVAL. */
int tracedat_inflate(struct tracedat *dat, uint64_t offset, uint64_t len);
/* The file says that it has @len bytes at @offset: more than there are means that it is cut off. */
void tracedat_name(struct tracedat *dat, uint64_t offset, uint64_t len);
int tracedat_add_buffer(struct tracedat *dat, struct tracedat_buffer **out);
int tracedat_add_pages(struct tracedat *dat, struct tracedat_buffer *buffer,
		       const struct tracedat_cpu *range);
int tracedat_v6_parse(struct tracedat *dat, struct cur *cur);
int tracedat_v7_parse(struct tracedat *dat, struct cur *cur);

#endif /* TRACEDAT_H */
