/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * part.h - what is known of a recording before it begins, as a file beside its pages
 *
 * With it, the head in trace.dat and the pages in cpuN.M, an OUTPUT.part directory is all that a
 * capture needs, on any machine.
 */
#ifndef PART_H
#define PART_H

#include "dynevent.h"
#include "metadata.h"
#include "tracedat-blank.h"

/* Its name, that of the head, and that of the array of struct tracedat_moving. */
#define PART_ABOUT	"about"
#define PART_MOVING	"moving"
#define PART_HEAD	"trace.dat"
/* In @tool: the kernel kept the data until the end. */
#define PART_FLIGHT	"\nbounded flight"

/* The format of an event that holds packet bytes; @event: of the plugin's row. */
struct part_surplus {
	char *event;
	char *format;
};

/**
 * struct part - all of it
 * @place: the head in trace.dat
 * @nr_cpu: of the machine
 * @clock, @uname, @tool, @trace_id, @wall_offset_ns, @has_wall: as in struct tracedat_tail
 * @boot: id of the boot
 * @payload: keep what is behind the headers
 * @surplus: of @nr_surplus events some bytes are not to be kept
 */
struct part {
	struct tracedat_place place;
	uint32_t commit_size;
	uint32_t nr_cpu;
	char *clock;
	char *uname;
	char *tool;
	char boot[BOOT_ID_SIZE];
	uint64_t trace_id;
	int64_t wall_offset_ns;
	bool has_wall;
	bool payload;
	struct part_surplus *surplus;
	size_t nr_surplus;
};

/* Events of the recording with packet bytes, out of @metadata.  Return: 0 or -ENOMEM. */
int part_add_surplus(struct part *part, const struct dynevent_list *list,
		     const struct metadata *metadata);
/* @boot, @uname, @trace_id: of this machine, now.  Return: 0 or -ENOMEM. */
int part_describe_host(struct part *part);
/* All but the CPUs and the pages. */
void part_fill_tail(const struct part *part, struct tracedat_tail *tail);
bool part_is_flight(const struct part *part);
/* What @part's events are not to hold.  @plugin: NULL-terminated.  Return: 0; -EINVAL; -ENOMEM. */
int part_blank_new(const struct part *part, const struct trail_plugin *const *plugin,
		   struct blank **out);
/*
 * Writes the file and has it, the head in @file_fd and the names in the directory @dir_fd on the
 * disk.  Return: 0 or -errno.
 */
int part_write(const struct part *part, int dir_fd, int file_fd);
/*
 * What can be done with the directory @dir_fd, made as @path, when the capture is not finished:
 * @how, of the program's commands.
 */
void part_hint(const char *path, int dir_fd, const char *how, char *text, size_t size);
/* Return: 0; -ENOENT there is none; -EINVAL it is damaged; -ENOTSUP of another byte order. */
int part_read(struct part *part, int dir_fd);
/* The text of the file.  Return: 0; -EINVAL; -ENOMEM. */
int part_parse(struct part *part, const char *text, size_t size);
/* Fine on a zeroed one. */
void part_release(struct part *part);

#endif /* PART_H */
