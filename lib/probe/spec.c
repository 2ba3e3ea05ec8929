// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * spec.c - the text of a probe -> its place, what is fetched there, and the condition
 *
 * Blanks separate values.  There are no operators between two values, so one ends where the next
 * cannot go on with it: "skb->len *rcv_wnd" is two.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "spec-private.h"

#define MAX_TEXT	4096
#define MAX_FETCH	64
#define MAX_OFFSET	(UINT64_C(1) << 24)
#define RETURN		"%return"

int spec_fail(struct trail_error *error, unsigned int column, const char *hint,
	      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	snprintf(error->hint, sizeof(error->hint), "%s", hint ? hint : "");
	error->column = column;
	return -EINVAL;
}

/* ---- words */

unsigned int spec_column(const struct spec_parser *parser, const char *at)
{
	return (unsigned int)(at - parser->text) + 1;
}

void spec_skip_blanks(struct spec_parser *parser)
{
	parser->at += strspn(parser->at, " \t\n");
}

bool spec_take(struct spec_parser *parser, const char *sign)
{
	size_t length = strlen(sign);

	spec_skip_blanks(parser);
	if (strncmp(parser->at, sign, length))
		return false;
	parser->at += length;
	return true;
}

size_t spec_name_length(const char *at)
{
	size_t n = 0;

	if (isdigit((unsigned char)*at))
		return 0;
	while (isalnum((unsigned char)at[n]) || at[n] == '_')
		n++;
	return n;
}

bool spec_take_word(struct spec_parser *parser, const char *word)
{
	spec_skip_blanks(parser);
	if (spec_name_length(parser->at) != strlen(word) ||
	    strncmp(parser->at, word, strlen(word)))
		return false;
	parser->at += strlen(word);
	return true;
}

int spec_take_name(struct spec_parser *parser, const char *what, char **out)
{
	size_t n;

	spec_skip_blanks(parser);
	n = spec_name_length(parser->at);
	if (!n)
		return spec_fail(parser->error, spec_column(parser, parser->at), NULL,
				 "%s is expected here", what);
	*out = strndup(parser->at, n);
	parser->at += n;
	return *out ? 0 : -ENOMEM;
}

int spec_take_number(struct spec_parser *parser, uint64_t *out)
{
	unsigned int column;
	char *end;

	spec_skip_blanks(parser);
	column = spec_column(parser, parser->at);
	if (!isdigit((unsigned char)*parser->at))
		return spec_fail(parser->error, column, NULL, "a number is expected here");
	errno = 0;
	*out = strtoull(parser->at, &end, 0);
	if (errno || isalnum((unsigned char)*end) || *end == '_')
		return spec_fail(parser->error, column, NULL, "this is no number of 64 bits");
	parser->at = end;
	return 0;
}

static int set_word(struct spec_parser *parser, struct spec_word *word, size_t length)
{
	word->column = spec_column(parser, parser->at);
	word->text = strndup(parser->at, length);
	parser->at += length;
	return word->text ? 0 : -ENOMEM;
}

/* ---- the place */

/* "NAME=" in front of the place. */
static int parse_name(struct spec_parser *parser, struct spec *spec)
{
	size_t n = spec_name_length(parser->at);
	int err;

	if (!n || parser->at[n] != '=' || parser->at[n + 1] == '=')
		return 0;
	err = set_word(parser, &spec->name, n);
	parser->at++;
	spec_skip_blanks(parser);
	return err;
}

static int no_function(struct spec_parser *parser)
{
	return spec_fail(parser->error, spec_column(parser, parser->at),
			 "as in 'tcp_v4_rcv', 'libc:recvfrom%return', '/usr/sbin/nginx:main'",
			 "the name of a function is expected here");
}

static bool is_path(const char *at)
{
	return *at == '/' || *at == '"' || !strncmp(at, "./", 2) || !strncmp(at, "../", 3);
}

static int parse_path(struct spec_parser *parser, struct spec *spec)
{
	const char *start = parser->at;
	bool is_quoted = *start == '"';
	size_t n;
	int err;

	parser->at += is_quoted;
	n = strcspn(parser->at, is_quoted ? "\"" : ": \t\n");
	if (!parser->at[n] || parser->at[n + is_quoted] != ':')
		return spec_fail(parser->error, spec_column(parser, parser->at + n),
				 "as in '/usr/sbin/nginx:main'", is_quoted && !parser->at[n] ?
				 "the quote has no end" : "':' and a function are expected here");
	spec->target = SPEC_FILE;
	err = set_word(parser, &spec->object, n);
	parser->at += is_quoted + 1;
	return err;
}

static int parse_pid(struct spec_parser *parser, struct spec *spec)
{
	uint64_t pid;
	size_t n;
	int err;

	spec_skip_blanks(parser);
	n = strspn(parser->at, "0123456789");
	if (!n)
		return spec_fail(parser->error, spec_column(parser, parser->at),
				 "as in 'pid 1234:malloc'", "a process number is expected here");
	spec->target = SPEC_PID;
	pid = strtoull(parser->at, NULL, 10);
	if (!pid || pid > INT32_MAX)
		return spec_fail(parser->error, spec_column(parser, parser->at), NULL,
				 "no process has this number");
	err = set_word(parser, &spec->object, n);
	if (!err && *parser->at != ':')
		return spec_fail(parser->error, spec_column(parser, parser->at),
				 "as in 'pid 1234:malloc'",
				 "':' and a function are expected here");
	parser->at++;
	return err;
}

/* Of "NAME:", where a library's name may be "libc.so.6" or "libssl3-1.1". */
static size_t object_length(const char *at)
{
	size_t n = 0;

	while (isalnum((unsigned char)at[n]) || (at[n] && strchr("_-.", at[n])))
		n++;
	return at[n] == ':' ? n : 0;
}

static int parse_object(struct spec_parser *parser, struct spec *spec)
{
	size_t n;
	int err;

	if (is_path(parser->at))
		return parse_path(parser, spec);
	if (!strncmp(parser->at, "pid", 3) && parser->at[3] && strchr(" \t", parser->at[3]) &&
	    isdigit((unsigned char)parser->at[3 + strspn(parser->at + 3, " \t")])) {
		parser->at += 3;
		return parse_pid(parser, spec);
	}
	n = object_length(parser->at);
	if (!n)
		return 0;
	spec->target = SPEC_NAMED;
	err = set_word(parser, &spec->object, n);
	parser->at++;
	return err;
}

/* "+OFFSET", "%return" or a blank ends a function's name.  C++ has operators in names. */
static size_t symbol_length(const char *at, enum spec_target target)
{
	size_t n = strcspn(at, " \t\n");

	for (size_t i = 0; i < n; i++)
		if (at[i] == '%' || (at[i] == '+' && (target == SPEC_KERNEL ||
						      isdigit((unsigned char)at[i + 1]))))
			return i;
	return n;
}

static bool is_kernel_name(const char *at, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)at[i]) && !strchr("_.$", at[i]))
			return false;
	return true;
}

static int parse_symbol(struct spec_parser *parser, struct spec *spec)
{
	size_t n = symbol_length(parser->at, spec->target);
	int err;

	if (!n || (spec->target == SPEC_KERNEL && !is_kernel_name(parser->at, n)))
		return no_function(parser);
	spec->is_address = n > 2 && !strncmp(parser->at, "0x", 2) &&
			   n == 2 + strspn(parser->at + 2, "0123456789abcdefABCDEF");
	if (isdigit((unsigned char)*parser->at) && !spec->is_address)
		return no_function(parser);
	if (spec->is_address && spec->target == SPEC_KERNEL)
		return spec_fail(parser->error, spec_column(parser, parser->at), NULL,
				 "the kernel's functions are given by their names");
	err = set_word(parser, &spec->symbol, n);
	if (err)
		return err;
	spec->place_column = spec_column(parser, parser->at);
	if (*parser->at == '+') {
		parser->at++;
		err = spec_take_number(parser, &spec->offset);
		if (!err && spec->offset > MAX_OFFSET)
			return spec_fail(parser->error, spec->place_column + 1, NULL,
					 "no function is that long");
	} else if (!strncmp(parser->at, RETURN, strlen(RETURN))) {
		spec->is_return = true;
		parser->at += strlen(RETURN);
	}
	if (!err && *parser->at && !isspace((unsigned char)*parser->at))
		return spec_fail(parser->error, spec_column(parser, parser->at),
				 "behind a function may stand +OFFSET or " RETURN,
				 "a blank is expected here");
	return err;
}

/* ---- what is fetched */

static int parse_type(struct spec_parser *parser, struct spec_fetch *fetch)
{
	int err;

	spec_skip_blanks(parser);
	fetch->type.column = spec_column(parser, parser->at);
	err = spec_take_name(parser, "a type (u32, be16, string, hex ...)", &fetch->type.text);
	if (err || *parser->at != '[')
		return err;
	parser->at++;
	err = spec_take_number(parser, &fetch->nr_type);
	if (!err && (!spec_take(parser, "]") || !fetch->nr_type))
		err = spec_fail(parser->error, spec_column(parser, parser->at), NULL,
				fetch->nr_type ? "']' is expected here" : "an array of nothing");
	return err;
}

static int parse_fetch(struct spec_parser *parser, struct spec_fetch *fetch)
{
	size_t n = spec_name_length(parser->at);
	int err = 0;

	fetch->column = spec_column(parser, parser->at);
	if (n && parser->at[n] == '=' && parser->at[n + 1] != '=') {
		err = set_word(parser, &fetch->name, n);
		parser->at++;
	}
	if (!err)
		err = spec_parse_expr(parser, &fetch->expr);
	if (!err && *parser->at == ':') {
		parser->at++;
		err = parse_type(parser, fetch);
	}
	if (!err && *parser->at && !isspace((unsigned char)*parser->at)) {
		const char *hint = *parser->at == ')' ? "a cast that is followed by a member needs "
				   "two: ((struct tcp_sock *)sk)->rcv_nxt" :
				   *parser->at == ',' ? "blanks separate values" : NULL;

		err = spec_fail(parser->error, spec_column(parser, parser->at), hint,
				"'%c' is not expected here", *parser->at);
	}
	return err;
}

static int parse_values(struct spec_parser *parser, struct spec *spec)
{
	struct spec_fetch *fetch;
	int err = 0;

	for (spec_skip_blanks(parser); !err && *parser->at; spec_skip_blanks(parser)) {
		if (spec_take_word(parser, "if"))
			return spec_parse_cond(parser, &spec->cond);
		if (spec->nr_fetch == MAX_FETCH)
			return spec_fail(parser->error, spec_column(parser, parser->at), NULL,
					 "more than %d values", MAX_FETCH);
		fetch = reallocarray(spec->fetch, spec->nr_fetch + 1, sizeof(*fetch));
		if (!fetch)
			return -ENOMEM;
		spec->fetch = fetch;
		fetch[spec->nr_fetch] = (struct spec_fetch){ 0 };
		err = parse_fetch(parser, &fetch[spec->nr_fetch++]);
	}
	return err;
}

int spec_parse(const char *text, struct spec **out, struct trail_error *error)
{
	struct spec_parser parser = { .text = text, .at = text, .error = error };
	struct spec *spec;
	int err;

	*error = (struct trail_error){ 0 };
	if (strlen(text) > MAX_TEXT)
		return spec_fail(error, 0, NULL, "a probe of more than %d bytes", MAX_TEXT);
	spec = calloc(1, sizeof(*spec));
	if (!spec)
		return -ENOMEM;
	spec->text = strdup(text);
	spec_skip_blanks(&parser);
	err = spec->text ? parse_name(&parser, spec) : -ENOMEM;
	if (!err)
		err = parse_object(&parser, spec);
	if (!err)
		err = parse_symbol(&parser, spec);
	if (!err)
		err = parse_values(&parser, spec);
	if (err) {
		spec_free(spec);
		return err;
	}
	*out = spec;
	return 0;
}

void spec_free(struct spec *spec)
{
	if (!spec)
		return;
	for (size_t i = 0; i < spec->nr_fetch; i++) {
		free(spec->fetch[i].name.text);
		free(spec->fetch[i].type.text);
		spec_free_expr(spec->fetch[i].expr);
	}
	free(spec->fetch);
	spec_free_cond(spec->cond);
	free(spec->name.text);
	free(spec->object.text);
	free(spec->symbol.text);
	free(spec->text);
	free(spec);
}
