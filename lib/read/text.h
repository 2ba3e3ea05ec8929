/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * text.h - between the files that print events
 */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>
#include <stdint.h>

struct tep_event;
struct tep_handle;
struct tep_record;
struct trace_seq;
struct trail_capture;

/**
 * struct padded - a record for libtraceevent, which reads fields and what they point to unchecked
 * @at: the record and zeros behind it, as far as offsets and lengths of 16 bits can reach
 * @used: bytes that are not zero
 */
struct padded {
	unsigned char *at;
	size_t capacity;
	size_t used;
};

/* Return: the copy, valid until the next one; NULL without memory. */
void *padded_copy(struct padded *padded, const void *data, size_t size);
void padded_free(struct padded *padded);

/**
 * struct fgraph_printer - what the lines of function_graph need
 * @entry_type, @exit_type: event ids of funcgraph_entry and funcgraph_exit, -1 if unknown
 * @raw: the record that is printed, where it lies in its page
 * @next: the record behind it
 * @told: per stream: time of the exit that the line of its entry already told, 0 none
 */
struct fgraph_printer {
	struct tep_handle *tep;
	struct trace_seq *seq;
	struct tep_event *exit;
	int entry_type;
	int exit_type;
	uint64_t *told;
	const void *raw;
	struct padded next;
};

int fgraph_printer_init(struct trail_capture *cap, struct fgraph_printer *fgraph);

/* Return: 1 printed; -1 no such event, the general printer has to do it. */
int fgraph_print(struct trail_capture *cap, struct fgraph_printer *fgraph, struct tep_event *event,
		 struct tep_record *record);
/* Is this exit told by the line of its entry?  To be asked before the head of a line is printed. */
int fgraph_is_told(const struct trail_capture *cap, const struct fgraph_printer *fgraph, int type,
		   const struct tep_record *record);

#endif /* TEXT_H */
