/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * generate.h - a capture in memory (generate-base.c), pages (generate-page.c), copies (generate.c)
 */
#ifndef GENERATE_H
#define GENERATE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "cut-capture.h"

/* PID_MAX_LIMIT of 64-bit kernels (include/linux/threads.h). */
#define MAX_PID		(1u << 22)
#define MAX_CPU		1024

enum base_kind { BASE_ADDRESS, BASE_PID, BASE_CPU, BASE_COOKIE };

/* A field that has to differ between copies. */
struct base_field {
	uint16_t offset;
	uint16_t size;
	uint8_t kind;			/* enum base_kind */
};

struct base_type {
	struct base_field field[24];
	unsigned int nr_field;
};

/**
 * struct base_record - a record of the base
 * @data: a copy; addresses and pids in it are numbered anew, see struct base
 * @lost: as in struct record
 */
struct base_record {
	uint64_t ts;
	unsigned char *data;
	uint32_t size;
	int32_t lost;
};

struct base_cpu {
	struct base_record *record;
	uint64_t nr_record;
};

/**
 * struct base - the capture that is multiplied
 * @type: by event id, NULL when none of its fields has to differ
 * @pid: the pids that occur, in order; a record has the index of its pid, from 1 on
 * @address_span: all addresses lie between the lowest and so much behind it
 */
struct base {
	struct cut cut;
	struct base_cpu *cpu;
	uint64_t nr_record;
	uint64_t start_ns;
	uint64_t end_ns;
	struct base_type *type[65536];
	uint32_t *pid;
	uint32_t nr_pid;
	uint64_t address_span;
};

/*
 * Reads @path, or of it the @take events in the middle; 0 takes all.  Ends the program on errors.
 */
void base_read(struct base *base, const char *path, uint64_t take);
bool base_is_address(uint64_t value);

static inline const struct base_type *base_type_of(const struct base *base,
						   const struct base_record *record)
{
	uint16_t id;

	memcpy(&id, record->data, sizeof(id));
	return base->type[id];
}

static inline bool base_has(const struct base_record *record, const struct base_field *field)
{
	return field->offset + field->size <= record->size;
}

/**
 * struct pages - the pages of a CPU under way into a file
 * @fd: without a name; @size bytes are in it
 * @used: bytes of the open page
 */
struct pages {
	int fd;
	uint32_t page_size;
	uint64_t size;
	uint64_t last_ns;
	uint32_t used;
	int32_t lost;
	unsigned char *buffer;
	uint32_t nr_full;
};

/* A file beside @path that is gone when it is closed. */
void pages_open(struct pages *pages, const char *path, uint32_t page_size);
/* Return: where to put the @size bytes of the next record; valid until the next call. */
unsigned char *pages_add(struct pages *pages, uint64_t ts, uint32_t size, int32_t lost);
/* Writes what is left; @pages->fd stays open. */
void pages_finish(struct pages *pages);

#endif /* GENERATE_H */
