/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event-filter.h - what the kernel's event filters make of a text, for tests
 */
#ifndef EVENT_FILTER_H
#define EVENT_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_TEST_FIELDS	300

/* A field of an event: a number, or a text when that is not NULL. */
struct test_field {
	char name[24];
	uint64_t number;
	const char *text;
};

struct test_event {
	struct test_field field[MAX_TEST_FIELDS];
	size_t nr_field;
};

void test_event_add(struct test_event *event, const char *name, uint64_t number, const char *text);
/* Return: 1 it matches, 0 it does not, -1 the text is not one that the kernel takes. */
int test_event_filter(const struct test_event *event, const char *text);

#endif /* EVENT_FILTER_H */
