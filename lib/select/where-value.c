// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * where-value.c - the constant of a comparison, held against the type of its field
 *
 * Here everything that can be wrong with a constant is said, so that no packet has to be looked
 * at to find out.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>

#include "where.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct { const char *name; enum where_type type; int64_t factor; } unit[] = {
	{ "ns", WHERE_TIME, 1 }, { "us", WHERE_TIME, 1000 }, { "ms", WHERE_TIME, 1000000 },
	{ "s", WHERE_TIME, 1000000000 },
	{ "B", WHERE_BYTES, 1 }, { "KB", WHERE_BYTES, 1000 }, { "kB", WHERE_BYTES, 1000 },
	{ "MB", WHERE_BYTES, 1000000 }, { "GB", WHERE_BYTES, 1000000000 },
	{ "KiB", WHERE_BYTES, 1 << 10 }, { "MiB", WHERE_BYTES, 1 << 20 },
	{ "GiB", WHERE_BYTES, 1 << 30 },
};

/* What a field is, in messages. */
static const char *const kind_of[] = {
	[WHERE_TIME] = "a time", [WHERE_BYTES] = "a size", [WHERE_NUMBER] = "a number",
	[WHERE_TEXT] = "text", [WHERE_NAME] = "a name", [WHERE_ADDRESS] = "an address",
};

/* ------------------------------------------------------------------ numbers */

/**
 * struct number - digits with a fraction and what stands behind them
 * @whole, @fraction: the value is @whole + @fraction / @scale
 */
struct number {
	int64_t whole;
	int64_t fraction;
	int64_t scale;
	const char *rest;
	bool is_negative;
	bool overflows;
};

static void decimal_digits(struct number *number)
{
	const char *at = number->rest;

	for (; isdigit((unsigned char)*at); at++)
		if (__builtin_mul_overflow(number->whole, 10, &number->whole) ||
		    __builtin_add_overflow(number->whole, *at - '0', &number->whole))
			number->overflows = true;
	if (*at == '.' && isdigit((unsigned char)at[1]))
		/* More than nine digits are below a nanosecond. */
		for (at++; isdigit((unsigned char)*at); at++)
			if (number->scale < 1000000000) {
				number->fraction = 10 * number->fraction + (*at - '0');
				number->scale *= 10;
			}
	number->rest = at;
}

static void hex_digits(struct number *number)
{
	const char *at = number->rest + 2;

	for (; isxdigit((unsigned char)*at); at++) {
		int digit = isdigit((unsigned char)*at) ? *at - '0'
							: tolower((unsigned char)*at) - 'a' + 10;

		if (__builtin_mul_overflow(number->whole, 16, &number->whole) ||
		    __builtin_add_overflow(number->whole, digit, &number->whole))
			number->overflows = true;
	}
	number->rest = at;
}

/* Return: does @text begin with a number? */
static bool read_number(const char *text, struct number *number)
{
	*number = (struct number){ .scale = 1, .is_negative = *text == '-' };
	number->rest = text + number->is_negative;
	if (!isdigit((unsigned char)*number->rest))
		return false;
	if (number->rest[0] == '0' && (number->rest[1] | 0x20) == 'x' &&
	    isxdigit((unsigned char)number->rest[2]))
		hex_digits(number);
	else
		decimal_digits(number);
	return true;
}

static int unit_index(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(unit); i++)
		if (!strcmp(name, unit[i].name))
			return (int)i;
	return -1;
}

static const char *units_of(enum where_type type)
{
	return type == WHERE_TIME ? "a number with ns, us, ms or s, such as 1.5ms" :
	       type == WHERE_BYTES ? "a number, or one with B, KB, KiB, MB, MiB, GB or GiB" :
	       "a number without a unit";
}

static int scale_number(const struct number *number, int64_t factor, int64_t *out)
{
	int64_t value, fraction;

	if (number->overflows || __builtin_mul_overflow(number->whole, factor, &value))
		return -ERANGE;
	/* Both below 2^31: no overflow. */
	fraction = number->fraction * factor / number->scale;
	if (__builtin_add_overflow(value, fraction, &value))
		return -ERANGE;
	*out = number->is_negative ? -value : value;
	return 0;
}

static int number_constant(struct where_test *test, const char *text, size_t offset,
			   struct trail_error *error)
{
	enum where_type type = test->field->type;
	struct number number;
	bool found = read_number(text, &number);
	int i = found && *number.rest ? unit_index(number.rest) : -1;

	select_hint(error, "%s", units_of(type));
	if (!found || (*number.rest && i < 0))
		return select_fail(error, offset, "%s is %s, '%.60s' is none", test->field->name,
				   kind_of[type], text);
	if (i >= 0 && unit[i].type != type)
		return select_fail(error, offset, "%s is %s, '%s' is a unit of %s",
				   test->field->name, kind_of[type], number.rest,
				   unit[i].type == WHERE_TIME ? "time" : "size");
	if (number.fraction && (i < 0 || unit[i].factor == 1))
		return select_fail(error, offset, "'%.60s' is no whole number", text);
	if (scale_number(&number, i < 0 ? 1 : unit[i].factor, &test->number))
		return select_fail(error, offset, "'%.60s' is too large", text);
	error->hint[0] = '\0';
	return 0;
}

/* ------------------------------------------------------------------ names, texts, addresses */

static int name_constant(struct where_test *test, const char *text, size_t offset,
			 struct trail_error *error)
{
	const struct where_field *field = test->field;
	struct near near = { .word = text, .len = strlen(text) };
	size_t n = 0;
	struct number number;
	const char *name;

	for (size_t i = 0; (name = field->names(i, &test->number)); i++) {
		if (!strcmp(name, text)) {
			error->hint[0] = '\0';
			return 0;
		}
		near_try(&near, name);
		if (n < sizeof(error->hint))
			n += (size_t)snprintf(error->hint + n, sizeof(error->hint) - n, "%s%s",
					      i ? ", " : "", name);
	}
	if (field->numbers && read_number(text, &number) && !*number.rest && !number.fraction &&
	    !scale_number(&number, 1, &test->number)) {
		error->hint[0] = '\0';
		return 0;
	}
	near_hint(&near, error);
	return select_fail(error, offset, "%s is never '%.60s'", field->name, text);
}

/* A bare number or time is most likely meant as one. */
static int text_constant(struct where_test *test, const struct where_token *token,
			 const char *text, size_t offset, struct trail_error *error)
{
	struct number number;

	test->text = text;
	if (token->kind == WHERE_STRING || !read_number(text, &number) ||
	    (*number.rest && unit_index(number.rest) < 0))
		return 0;
	select_hint(error, "in quotes it is text: \"%.60s\"", text);
	return select_fail(error, offset, "%s is text, '%.60s' is %s", test->field->name, text,
			   *number.rest ? kind_of[unit[unit_index(number.rest)].type]
					: "a number");
}

static int prefix_length(const char *slash, unsigned int max)
{
	unsigned int length = 0;

	for (const char *at = slash + 1; *at; at++) {
		if (!isdigit((unsigned char)*at) || length > max)
			return -EINVAL;
		length = 10 * length + (unsigned int)(*at - '0');
	}
	return slash[1] && length <= max ? (int)length : -EINVAL;
}

static int address_constant(struct where_test *test, const char *text, size_t offset,
			    struct trail_error *error)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char host[INET6_ADDRSTRLEN];
	unsigned int max;
	int length;

	select_hint(error, "an address such as 10.0.0.2 or 2001:db8::1, or a net such as "
		    "10.0.0.0/8; names are not looked up");
	if (len >= sizeof(host))
		return select_fail(error, offset, "'%.60s' is no address", text);
	memcpy(host, text, len);
	host[len] = '\0';
	test->family = strchr(host, ':') ? 6 : 4;
	max = test->family == 6 ? 128 : 32;
	if (inet_pton(test->family == 6 ? AF_INET6 : AF_INET, host, test->address) != 1)
		return select_fail(error, offset, "'%.60s' is no address", text);
	length = slash ? prefix_length(slash, max) : (int)max;
	if (length < 0)
		return select_fail(error, offset + len, "a net of IPv%u has a prefix of 0 to %u "
				   "bits", test->family, max);
	test->prefix = (uint8_t)length;
	error->hint[0] = '\0';
	return 0;
}

int where_constant(struct where_test *test, const struct where_token *token, const char *text,
		   size_t offset, struct trail_error *error)
{
	enum where_type type = test->field->type;

	if (test->operator == WHERE_GLOB && type == WHERE_NAME) {
		test->text = text;
		return 0;
	}
	if (token->kind == WHERE_STRING && type <= WHERE_NUMBER) {
		select_hint(error, "%s", units_of(type));
		return select_fail(error, offset, "%s is %s, not text", test->field->name,
				   kind_of[type]);
	}
	switch (type) {
	case WHERE_TEXT:
		return text_constant(test, token, text, offset, error);
	case WHERE_NAME:
		return name_constant(test, text, offset, error);
	case WHERE_ADDRESS:
		return address_constant(test, text, offset, error);
	default:
		return number_constant(test, text, offset, error);
	}
}
