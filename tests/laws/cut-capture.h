/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cut-capture.h - what is kept of a capture between reading (cut-read.c) and writing (cut-write.c)
 *
 * Two files, because reader and writer each have a struct tracedat of their own.
 */
#ifndef CUT_CAPTURE_H
#define CUT_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tracedat_cpu;

struct part {
	const char *at;
	size_t len;
};

struct cut_page {
	const unsigned char *data;
	uint64_t ts;
	uint32_t cpu;
};

struct cut_format {
	struct part system;
	struct part text;
};

/**
 * struct cut - a capture in memory; what it points to lives until the program ends
 * @page: in order of their times, those of a CPU in order
 */
struct cut {
	struct part header_page;
	struct part kallsyms;
	struct part cmdlines;
	struct part kernel;
	struct part clock;
	struct cut_format *format;
	size_t nr_format;
	struct cut_page *page;
	size_t nr_page;
	uint32_t page_size;
	uint32_t nr_cpu;
};

/**
 * struct cut_output - how a capture is written
 * @version: 6 or 7
 * @zstd: compress (version 7 only)
 * @cpu: the writer's, @nr_cpu of them
 */
struct cut_output {
	unsigned int version;
	bool zstd;
	const struct tracedat_cpu *cpu;
	uint32_t nr_cpu;
	struct part cmdlines;
	const char *tool;
};

/* Ends the program when the file cannot be read. */
void cut_read(const char *path, struct cut *cut);

/* A new file with the texts of @cut; ends the program when it cannot be written. */
void cut_write(const struct cut *cut, const struct cut_output *output, const char *path);

#endif /* CUT_CAPTURE_H */
