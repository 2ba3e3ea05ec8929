// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * event-filter.c - an event filter and an event's fields -> does it match
 *
 * The grammar is that of the kernel's Documentation/trace/events.rst: "&&" binds tighter than "||".
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event-filter.h"

struct reader {
	const struct test_event *event;
	const char *at;
	bool failed;
};

void test_event_add(struct test_event *event, const char *name, uint64_t number, const char *text)
{
	struct test_field *field = &event->field[event->nr_field++];

	if (event->nr_field > MAX_TEST_FIELDS)
		abort();
	*field = (struct test_field){ .number = number, .text = text };
	snprintf(field->name, sizeof(field->name), "%s", name);
}

static bool fail(struct reader *reader)
{
	reader->failed = true;
	reader->at = "";
	return false;
}

static bool take(struct reader *reader, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(reader->at, text, length))
		return false;
	reader->at += length;
	return true;
}

static const struct test_field *read_field(struct reader *reader)
{
	size_t length = 0;

	while (isalnum((unsigned char)reader->at[length]) || reader->at[length] == '_')
		length++;
	for (size_t i = 0; i < reader->event->nr_field; i++) {
		const struct test_field *field = &reader->event->field[i];

		if (strlen(field->name) == length && !strncmp(field->name, reader->at, length)) {
			reader->at += length;
			return field;
		}
	}
	return NULL;
}

static bool compare_text(struct reader *reader, const struct test_field *field)
{
	bool negate = take(reader, "!="), equal;
	const char *end;

	if ((!negate && !take(reader, "==")) || !take(reader, "\""))
		return fail(reader);
	end = strchr(reader->at, '"');
	if (!end)
		return fail(reader);
	equal = strlen(field->text) == (size_t)(end - reader->at) &&
		!strncmp(field->text, reader->at, (size_t)(end - reader->at));
	reader->at = end + 1;
	return equal != negate;
}

static bool predicate(struct reader *reader)
{
	static const char *const sign[] = { "==", "!=", "<=", ">=", "<", ">", "&" };
	const struct test_field *field = read_field(reader);
	uint64_t number;
	size_t i = 0;
	char *end;

	if (!field)
		return fail(reader);
	if (field->text)
		return compare_text(reader, field);
	while (i < 7 && !take(reader, sign[i]))
		i++;
	if (i == 7 || !isdigit((unsigned char)*reader->at))
		return fail(reader);
	number = strtoull(reader->at, &end, 0);
	reader->at = end;
	switch (i) {
	case 0: return field->number == number;
	case 1: return field->number != number;
	case 2: return field->number <= number;
	case 3: return field->number >= number;
	case 4: return field->number < number;
	case 5: return field->number > number;
	default: return (field->number & number) != 0;
	}
}

static bool any(struct reader *reader);

static bool one(struct reader *reader)
{
	bool result;

	if (*reader->at == '!' && reader->at[1] != '=' && reader->at[1] != '~') {
		reader->at++;
		return !one(reader);
	}
	if (!take(reader, "("))
		return predicate(reader);
	result = any(reader);
	return take(reader, ")") ? result : fail(reader);
}

static bool all(struct reader *reader)
{
	bool result = one(reader);

	while (take(reader, "&&"))
		result = one(reader) && result;
	return result;
}

static bool any(struct reader *reader)
{
	bool result = all(reader);

	while (take(reader, "||"))
		result = all(reader) || result;
	return result;
}

int test_event_filter(const struct test_event *event, const char *text)
{
	struct reader reader = { event, text, false };
	bool result = any(&reader);

	return reader.failed || *reader.at ? -1 : result;
}
