// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * where-eval.c - a program and a packet -> yes or no
 *
 * With three answers: what is not known of a packet makes a comparison neither true nor false,
 * also under "not", and a packet is selected by a plain yes only.  No allocation; and, or skip
 * what cannot matter any more.
 */
#include <errno.h>
#include <fnmatch.h>

#include "where.h"

/* In this order `and` is the smaller and `or` the larger of two. */
enum answer { NO, UNKNOWN, YES };

static bool holds(unsigned int operator, int64_t left, int64_t right)
{
	switch (operator) {
	case WHERE_LT:
		return left < right;
	case WHERE_LE:
		return left <= right;
	case WHERE_GT:
		return left > right;
	case WHERE_GE:
		return left >= right;
	default:
		return left == right;
	}
}

static bool is_in_net(const struct where_test *test, const struct where_value *value)
{
	unsigned int bytes = test->prefix / 8, bits = test->prefix % 8;

	if (value->family != test->family || memcmp(value->address, test->address, bytes))
		return false;
	return !bits || !((value->address[bytes] ^ test->address[bytes]) >> (8 - bits));
}

/* A name by its number; protocols have numbers without one. */
static const char *name_of(const struct where_field *field, struct where_value *value)
{
	const char *name;
	int64_t number;

	for (size_t i = 0; (name = field->names(i, &number)); i++)
		if (number == value->number)
			return name;
	snprintf(value->buf, sizeof(value->buf), "%lld", (long long)value->number);
	return value->buf;
}

static bool compare(const struct where_test *test, struct where_value *value)
{
	switch (test->field->type) {
	case WHERE_TEXT:
		return test->operator == WHERE_GLOB ? !fnmatch(test->text, value->text, 0)
						    : !strcmp(test->text, value->text);
	case WHERE_ADDRESS:
		return is_in_net(test, value);
	case WHERE_NAME:
		if (test->operator == WHERE_GLOB)
			return !fnmatch(test->text, name_of(test->field, value), 0);
		return holds(test->operator, value->number, test->number);
	default:
		return holds(test->operator, value->number, test->number);
	}
}

/* Of several values one has to hold; for != none may be equal. */
static enum answer run_test(const struct where_test *test, const struct trail_packet *packet)
{
	const struct where_field *field = test->field;
	bool known = field->never_unknown, any = false;
	enum where_found found;
	struct where_value value;

	for (size_t i = 0; !any; i++) {
		found = field->get(packet, field->arg, i, &value);
		if (found == WHERE_NO_MORE)
			break;
		if (found == WHERE_UNKNOWN)
			continue;
		known = true;
		if (test->operator == WHERE_KNOWN)
			break;
		any = compare(test, &value);
	}
	if (test->operator == WHERE_KNOWN)
		return known ? YES : NO;
	if (!known)
		return UNKNOWN;
	return any == (test->operator != WHERE_NE) ? YES : NO;
}

/* Time is that of the comparisons that decide it. */
static enum answer run(const struct trail_where *where, const struct trail_packet *packet)
{
	uint8_t stack[WHERE_STACK + 1];	/* the first one stays empty */
	uint8_t *top = stack;

	for (uint32_t i = 0; i < where->nr_op; i++) {
		const struct where_op *op = &where->op[i];

		switch (op->code) {
		case WHERE_DO_TEST:
			*++top = (uint8_t)run_test(&where->test[op->arg], packet);
			break;
		case WHERE_DO_NOT:
			*top = YES - *top;
			break;
		case WHERE_DO_AND:
			top--;
			*top = top[1] < *top ? top[1] : *top;
			break;
		case WHERE_DO_OR:
			top--;
			*top = top[1] > *top ? top[1] : *top;
			break;
		case WHERE_SKIP_FALSE:
		case WHERE_SKIP_TRUE:
			if (*top == (op->code == WHERE_SKIP_FALSE ? NO : YES))
				i = op->arg - 1;
			break;
		}
	}
	return *top;
}

bool trail_where_match(const struct trail_where *where, const struct trail_packet *packet)
{
	return run(where, packet) == YES;
}

int trail_where_judge(const struct trail_where *where, const struct trail_packet *packet)
{
	enum answer answer = run(where, packet);

	return answer == UNKNOWN ? -ENODATA : answer == YES;
}

bool trail_where_asks(const struct trail_where *where, const char *field)
{
	for (uint32_t i = 0; i < where->nr_test; i++)
		if (!strcmp(where->test[i].field->name, field))
			return true;
	return false;
}
