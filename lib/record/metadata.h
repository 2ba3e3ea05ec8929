/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * metadata.h - what a capture has to say of the kernel, besides its events
 */
#ifndef METADATA_H
#define METADATA_H

#include <pthread.h>

#include "event-list.h"
#include "tracedat-write.h"

/**
 * struct metadata - the pieces, in memory
 * @header: points into the rest
 * @format: the texts of all formats, behind header.ftrace and header.system
 * @commit_size: bytes of the length field in the head of a page
 * @kallsyms_thread: reading takes the kernel long enough to be worth a thread of its own
 */
struct metadata {
	struct tracedat_header header;
	struct tracedat_piece *format;
	size_t nr_format;
	size_t cap_format;
	struct tracedat_system *system;
	size_t nr_system;
	uint32_t commit_size;
	struct blob header_page;
	struct blob header_event;
	struct blob printk;
	struct blob kallsyms;
	pthread_t kallsyms_thread;
	bool kallsyms_running;
};

/* Starts the slow part.  Without a thread it is done at once. */
void metadata_begin(struct metadata *metadata);
/* Reads everything that concerns the session and the chosen events. */
int metadata_read(struct metadata *metadata, const struct session *session,
		  const struct event_list *list);
/* The text of an event's format; NULL where it was not read. */
const struct tracedat_piece *metadata_format(const struct metadata *metadata, const char *system,
					     const char *name);
void metadata_release(struct metadata *metadata);

#endif /* METADATA_H */
