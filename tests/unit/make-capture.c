// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * make-capture.c - description -> bytes of a small trace.dat
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "make-capture.h"

static const char sample_format[] =
	"name: sample\n"
	"ID: 300\n"
	"format:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
	"\n"
	"\tfield:u32 value;\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:s16 small;\toffset:12;\tsize:2;\tsigned:1;\n"
	"\tfield:u8 tiny;\toffset:14;\tsize:1;\tsigned:0;\n"
	"\tfield:char fixed[4];\toffset:16;\tsize:4;\tsigned:0;\n"
	"\tfield:__data_loc char[] name;\toffset:20;\tsize:4;\tsigned:0;\n"
	"\tfield:u8 raw[2];\toffset:24;\tsize:2;\tsigned:0;\n"
	"\n"
	"print fmt: \"value=%u name=%s kind=%s\", REC->value, __get_str(name), "
	"__print_symbolic(REC->tiny, { 1, \"ONE\" }, { 7, \"SEVEN\" })\n";

static const char kallsyms[] =
	"ffffffff81000000 T first\n"
	"ffffffff81000100 t second\n"
	"ffffffffc0000000 t third\t[mod]\n"
	"ffffffffc0001000 t last\t[mod]\n";

void blob_add(struct blob *blob, const void *data, size_t len)
{
	blob->at = realloc(blob->at, blob->len + len + 1);
	if (!blob->at)
		abort();
	if (data)
		memcpy(blob->at + blob->len, data, len);
	else
		memset(blob->at + blob->len, 0, len);
	blob->len += len;
}

void blob_u16(struct blob *blob, uint16_t value)
{
	value = blob->swap ? __builtin_bswap16(value) : value;
	blob_add(blob, &value, sizeof(value));
}

void blob_u32(struct blob *blob, uint32_t value)
{
	value = blob->swap ? __builtin_bswap32(value) : value;
	blob_add(blob, &value, sizeof(value));
}

void blob_u64(struct blob *blob, uint64_t value)
{
	value = blob->swap ? __builtin_bswap64(value) : value;
	blob_add(blob, &value, sizeof(value));
}

void blob_long(struct blob *blob, uint64_t value, unsigned int size)
{
	if (size == 8)
		blob_u64(blob, value);
	else
		blob_u32(blob, value);
}

void blob_pad(struct blob *blob, size_t align)
{
	blob_add(blob, NULL, (align - blob->len % align) % align);
}

void blob_free(struct blob *blob)
{
	free(blob->at);
	blob->at = NULL;
	blob->len = 0;
}

static bool big_endian(const struct blob *blob)
{
	return blob->swap != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

void blob_entry(struct blob *blob, uint32_t type_len, uint32_t delta)
{
	blob_u32(blob, big_endian(blob) ? type_len << 27 | delta : delta << 5 | type_len);
}

void blob_sample(struct blob *blob, int pid, uint32_t value)
{
	blob_u16(blob, MADE_TYPE);
	blob_add(blob, "\x01\x02", 2);
	blob_u32(blob, pid);
	blob_u32(blob, value);
	blob_u16(blob, (uint16_t)-5);
	blob_add(blob, "\x07", 2);
	blob_add(blob, "ab\0", 4);
	blob_u32(blob, 5u << 16 | 26);		/* name: 5 bytes at 26 */
	blob_add(blob, "\xfe\xff", 2);
	blob_add(blob, "name\0", 6);
}

static void add_text32(struct blob *blob, const char *text)
{
	blob_u32(blob, strlen(text));
	blob_add(blob, text, strlen(text));
}

static void add_text64(struct blob *blob, const char *text)
{
	blob_u64(blob, strlen(text));
	blob_add(blob, text, strlen(text));
}

static void add_header_info(struct blob *blob, const struct made *made)
{
	char text[300];

	snprintf(text, sizeof(text),
		 "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		 "\tfield: local_t commit;\toffset:8;\tsize:%u;\tsigned:1;\n"
		 "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
		 "\tfield: char data;\toffset:%u;\tsize:%u;\tsigned:1;\n", made->commit_size,
		 8 + made->commit_size, MADE_PAGE - 8 - made->commit_size);
	blob_add(blob, "header_page", 12);
	add_text64(blob, text);
	blob_add(blob, "header_event", 13);
	add_text64(blob, "# compressed entry header\n");
}

static void add_systems(struct blob *blob)
{
	blob_u32(blob, 1);
	blob_add(blob, "test", 5);
	blob_u32(blob, 1);
	add_text64(blob, sample_format);
}

static struct blob make_pages(const struct made *made, unsigned int cpu)
{
	struct blob pages = { .swap = made->swap };
	uint32_t nr = 0;

	for (unsigned int i = 0; i < made->nr_page; i++) {
		blob_u64(&pages, 1000 + cpu + 10 * nr);
		blob_long(&pages, made->nr_record * 36, made->commit_size);
		for (unsigned int j = 0; j < made->nr_record; j++) {
			blob_entry(&pages, 8, j ? 10 : 0);
			blob_sample(&pages, 100 + cpu, nr++);
		}
		blob_pad(&pages, MADE_PAGE);
	}
	return pages;
}

static void add_option(struct blob *blob, unsigned int id, const void *data, uint32_t len)
{
	blob_u16(blob, id);
	blob_u32(blob, len);
	blob_add(blob, data, len);
}

static const char clock_text[] = "local [mono] boot";
static const char uname_text[] = "Linux host 6.1.0-test x86_64";
static const char tool_text[] = "test 1\nprobe one: two\nwall_offset_ns: 1700000000000000123\n";
static const char stat_text[] = "CPU: 0\nentries: 3\noverrun: 4\ncommit overrun: 5\n"
				"bytes: 0\ndropped events: 6\nread events: 7\n";

static void add_options(struct blob *blob, const struct made *made)
{
	add_option(blob, 4, clock_text, sizeof(clock_text));
	add_option(blob, 5, uname_text, sizeof(uname_text));
	add_option(blob, 2, stat_text, sizeof(stat_text));
	add_option(blob, 9, tool_text, sizeof(tool_text));
	add_option(blob, 200, "?", 1);
	if (made->date)
		add_option(blob, 1, "0x5", 4);
}

static void make_v6(struct blob *blob, const struct made *made)
{
	size_t table;

	add_header_info(blob, made);
	blob_u32(blob, 0);
	add_systems(blob);
	add_text32(blob, kallsyms);
	blob_u32(blob, 0);
	add_text64(blob, "100 task zero\n101 one\n");
	blob_u32(blob, made->nr_cpu);
	blob_add(blob, "options  ", 10);
	add_options(blob, made);
	blob_u16(blob, 0);
	blob_add(blob, "flyrecord", 10);
	table = blob->len;
	blob_add(blob, NULL, made->nr_cpu * 16);
	add_text64(blob, "[mono]");
	for (unsigned int i = 0; i < made->nr_cpu; i++) {
		struct blob pages = make_pages(made, i);
		struct blob row = { .swap = made->swap };

		blob_pad(blob, MADE_PAGE);
		blob_u64(&row, blob->len);
		blob_u64(&row, pages.len);
		memcpy(blob->at + table + i * 16, row.at, 16);
		blob_add(blob, pages.at, pages.len);
		blob_free(&pages);
		blob_free(&row);
	}
}

static void add_compressed(struct blob *blob, const unsigned char *data, size_t len)
{
	size_t bound = ZSTD_compressBound(len);
	unsigned char *out = malloc(bound);
	size_t size = out ? ZSTD_compress(out, bound, data, len, 1) : 0;

	if (!size || ZSTD_isError(size))
		abort();
	blob_u32(blob, size);
	blob_u32(blob, len);
	blob_add(blob, out, size);
	free(out);
}

static uint64_t add_section(struct blob *blob, unsigned int id, const struct blob *data, bool zstd)
{
	uint64_t offset = blob->len;
	struct blob packed = { .swap = blob->swap };

	if (zstd)
		add_compressed(&packed, data->at, data->len);
	else
		blob_add(&packed, data->at, data->len);
	blob_u16(blob, id);
	blob_u16(blob, zstd);
	blob_u32(blob, UINT32_MAX);
	blob_u64(blob, packed.len);
	blob_add(blob, packed.at, packed.len);
	blob_free(&packed);
	return offset;
}

/* Adds the pages of one CPU; fills its row of the option. */
static void add_cpu(struct blob *blob, struct blob *option, const struct made *made,
		    unsigned int cpu)
{
	struct blob pages = make_pages(made, cpu);
	size_t half = made->nr_page / 2 * MADE_PAGE;
	size_t start;

	blob_pad(blob, MADE_PAGE);
	start = blob->len;
	if (made->zstd) {
		blob_u32(blob, half ? 2 : 1);
		if (half)
			add_compressed(blob, pages.at, half);
		add_compressed(blob, pages.at + half, pages.len - half);
	} else {
		blob_add(blob, pages.at, pages.len);
	}
	blob_u32(option, cpu);
	blob_u64(option, start);
	blob_u64(option, blob->len - start);
	blob_free(&pages);
}

/* The data section; returns the payload of its option. */
static struct blob add_buffer(struct blob *blob, const struct made *made)
{
	struct blob option = { .swap = blob->swap };
	struct blob size = { .swap = blob->swap };
	size_t head = blob->len;

	blob_u16(blob, 3);
	blob_u16(blob, made->zstd);
	blob_u32(blob, UINT32_MAX);
	blob_u64(blob, 0);
	blob_u64(&option, head);
	blob_add(&option, "", 1);
	blob_add(&option, "mono", 5);
	blob_u32(&option, MADE_PAGE);
	blob_u32(&option, made->nr_cpu);
	for (unsigned int i = 0; i < made->nr_cpu; i++)
		add_cpu(blob, &option, made, i);
	blob_u64(&size, blob->len - head - 16);
	memcpy(blob->at + head + 8, size.at, 8);
	blob_free(&size);
	return option;
}

static void add_pointer(struct blob *options, unsigned int id, uint64_t offset)
{
	blob_u16(options, id);
	blob_u32(options, 8);
	blob_u64(options, offset);
}

static void make_v7(struct blob *blob, const struct made *made)
{
	struct blob options = { .swap = made->swap };
	struct blob part = { .swap = made->swap };
	struct blob offset = { .swap = made->swap };
	struct blob buffer;
	size_t head;

	blob_add(blob, made->zstd ? "zstd\0001" : "none\0", made->zstd ? 7 : 6);
	head = blob->len;
	blob_u64(blob, 0);
	add_header_info(&part, made);
	add_pointer(&options, 16, add_section(blob, 16, &part, made->zstd));
	blob_free(&part);
	add_systems(&part);
	add_pointer(&options, 18, add_section(blob, 18, &part, made->zstd));
	blob_free(&part);
	add_text32(&part, kallsyms);
	add_pointer(&options, 19, add_section(blob, 19, &part, made->zstd));
	blob_free(&part);
	add_text64(&part, "100 task zero\n101 one\n");
	add_pointer(&options, 21, add_section(blob, 21, &part, made->zstd));
	blob_free(&part);
	add_options(&options, made);
	buffer = add_buffer(blob, made);
	add_option(&options, 3, buffer.at, buffer.len);
	blob_u32(&part, made->nr_cpu);
	add_option(&options, 8, part.at, part.len);
	add_pointer(&options, 0, 0);
	blob_u64(&offset, blob->len);
	memcpy(blob->at + head, offset.at, 8);
	add_section(blob, 0, &options, false);
	blob_free(&buffer);
	blob_free(&options);
	blob_free(&part);
	blob_free(&offset);
}

struct blob make_capture(const struct made *made)
{
	struct blob blob = { .swap = made->swap };
	unsigned char ident[2] = { big_endian(&blob), made->commit_size };

	blob_add(&blob, "\x17\x08\x44tracing", 10);
	blob_add(&blob, made->version == 6 ? "6" : "7", 2);
	blob_add(&blob, ident, 2);
	blob_u32(&blob, MADE_PAGE);
	if (made->version == 6)
		make_v6(&blob, made);
	else
		make_v7(&blob, made);
	return blob;
}

void write_file(const char *path, const void *data, size_t len)
{
	FILE *file;

	/* Not truncated: ext4 would write the old file out first. */
	unlink(path);
	file = fopen(path, "wb");

	if (!file || (len && fwrite(data, 1, len, file) != len) || fclose(file))
		abort();
}
