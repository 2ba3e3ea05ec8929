/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * select.h - which events and packets the user asked for: CPU, task, time, expressions
 */
#ifndef SELECT_H
#define SELECT_H

#include "skbtrail.h"

struct select_range {
	long first;
	long last;
};

/* Numbers and ranges of a list such as 0,2-5; none = all */
struct select_list {
	struct select_range *range;
	size_t nr;
};

/* Strings of a repeated option; none = all */
struct select_names {
	const char **name;
	size_t nr;
};

/**
 * struct select_time - an instant
 * @ns: of the capture's clock, or behind its start when @is_relative
 */
struct select_time {
	uint64_t ns;
	bool is_given;
	bool is_relative;
};

/**
 * struct select - all that was given must hold
 * @since, @until: absolute after select_resolve()
 * @where, @filter: expressions over packets; compiled: as many, after select_compile()
 * @nr_header: packets of which bytes were recorded
 * @nr_unknown: packets of which it is not known whether @where holds
 * @count: how many packets there were and how many of them were asked for; its text is NULL when
 *	   nothing was given
 */
struct select {
	struct select_list cpu;
	struct select_list pid;
	struct select_names comm;
	struct select_time since;
	struct select_time until;
	struct select_names where;
	struct select_names filter;
	struct trail_where **compiled_where;
	struct trail_packet_filter **compiled_filter;
	struct trail_selection count;
	uint64_t nr_header;
	uint64_t nr_unknown;
	char *text;
};

/* Return: 0; -EINVAL when @arg is not a list; -ENOMEM. */
int select_list_add(struct select_list *list, const char *arg);
/* @name is not copied.  Return: 0 or -ENOMEM. */
int select_names_add(struct select_names *names, const char *name);
/* "21.61" of the capture's clock, "+250ms" behind its start.  Return: 0 or -EINVAL. */
int select_time_parse(struct select_time *time, const char *arg);
/* Remembers that "--NAME ARG" was given, for the outputs.  Return: 0 or -ENOMEM. */
int select_given(struct select *select, const char *name, const char *arg);
/* Compiles the expressions.  Return: 0, or a negative errno after complaining. */
int select_compile(struct select *select);
/* Makes relative times absolute. */
void select_resolve(struct select *select, uint64_t start_ns);

bool select_event(const struct select *select, const struct trail_capture *cap,
		  const struct trail_event *event);
/* Did any part of the packet touch what was asked for?  Counts. */
bool select_packet(struct select *select, const struct trail_packet *packet);
/* Do the expressions of --where ask for this field? */
bool select_asks(const struct select *select, const char *field);
void select_release(struct select *select);
/* What packets are put into groups by.  Return: TRAIL_NR_BY when there is no such thing. */
enum trail_by select_by(const char *name);

#endif /* SELECT_H */
