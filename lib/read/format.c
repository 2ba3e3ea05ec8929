// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * format.c - text of an event's format -> fields and names of values
 *
 * Not libtraceevent's parser: 1.7.1 crashed on an altered text in tests/unit/test-damage, and it
 * takes arrays of u8 for strings, which cuts addresses at their first zero.  The kernel writes
 * these texts by a fixed pattern:
 *
 *	field:TYPE NAME;\toffset:N;\tsize:N;\tsigned:N;
 *	print fmt: "..." , ... __print_symbolic(REC->f, { 1, "ONE" }, ...)
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"

#define MAX_TYPE	65535

/* Of formats for libtraceevent, whose parser calls itself; the longest of a kernel has 20 KB. */
#define MAX_LENGTH	(1u << 18)
#define MAX_DEPTH	64

static bool read_number(const char **at, const char *end, uint32_t *out)
{
	uint64_t value = 0;

	if (*at == end || !isdigit((unsigned char)**at))
		return false;
	for (; *at < end && isdigit((unsigned char)**at); (*at)++) {
		value = value * 10 + (**at - '0');
		if (value > UINT32_MAX)
			return false;
	}
	*out = value;
	return true;
}

static bool starts_with(const char *at, const char *end, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(end - at) >= len && !memcmp(at, word, len);
}

bool format_head(struct text text, struct text *name, unsigned int *type)
{
	const char *end = text.at + text.len;
	const char *line_end, *at;
	uint32_t number;

	if (!text.len || !starts_with(text.at, end, "name: "))
		return false;
	line_end = memchr(text.at, '\n', text.len);
	if (!line_end || !starts_with(line_end + 1, end, "ID: "))
		return false;
	*name = (struct text){ text.at + 6, line_end - text.at - 6 };
	at = line_end + 5;
	if (!read_number(&at, end, &number) || number > MAX_TYPE)
		return false;
	*type = number;
	return name->len > 0;
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool has_word(struct text text, const char *word)
{
	const char *end = text.at + text.len;
	size_t len = strlen(word);

	for (const char *at = text.at; (at = memmem(at, end - at, word, len)); at += len) {
		if ((at == text.at || !is_name_char(at[-1])) &&
		    (at + len == end || !is_name_char(at[len])))
			return true;
	}
	return false;
}

static uint8_t field_kind(struct text decl, struct text type, uint32_t size, bool is_signed)
{
	/* Only plain char is text: u8 and unsigned char arrays are addresses and keys. */
	bool string = has_word(type, "char") && !has_word(type, "unsigned");

	if (has_word(type, "__data_loc"))
		return size != 4 ? TRAIL_FIELD_ABSENT : string ? TRAIL_FIELD_DYNAMIC :
		       TRAIL_FIELD_DYNAMIC_BYTES;
	if (has_word(type, "__rel_loc"))
		return size != 4 ? TRAIL_FIELD_ABSENT : string ? TRAIL_FIELD_DYNAMIC_REL :
		       TRAIL_FIELD_DYNAMIC_REL_BYTES;
	if (decl.at[decl.len - 1] == ']')
		return string ? TRAIL_FIELD_STRING : TRAIL_FIELD_BYTES;
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return TRAIL_FIELD_BYTES;
	return is_signed ? TRAIL_FIELD_SIGNED : TRAIL_FIELD_UNSIGNED;
}

/* "unsigned long args[6]": the name is the last word in front of a bracket at the end. */
static bool split_declaration(struct text decl, struct text *type, struct text *name)
{
	size_t end = decl.len;
	size_t start;

	if (end && decl.at[end - 1] == ']') {
		while (end && decl.at[end - 1] != '[')
			end--;
		end -= end > 0;
	}
	for (start = end; start && is_name_char(decl.at[start - 1]);)
		start--;
	*name = (struct text){ decl.at + start, end - start };
	*type = (struct text){ decl.at, start };
	return end > start;
}

/* "u8 bytes[16]": 16 */
static uint32_t array_count(struct text decl)
{
	const char *end = decl.at + decl.len, *at = end;
	uint32_t count = 0;

	if (!decl.len || end[-1] != ']')
		return 0;
	while (at > decl.at && *at != '[')
		at--;
	at++;
	return read_number(&at, end, &count) && *at == ']' ? count : 0;
}

static bool read_key(const char **at, const char *end, const char *key, uint32_t *out)
{
	while (*at < end && (**at == '\t' || **at == ' '))
		(*at)++;
	if (!starts_with(*at, end, key))
		return false;
	*at += strlen(key);
	if (!read_number(at, end, out) || *at == end || **at != ';')
		return false;
	(*at)++;
	return true;
}

/* One line, from behind "field:" on. */
static bool parse_field(const char *at, const char *end, struct format_field *field)
{
	const char *semicolon = memchr(at, ';', end - at);
	uint32_t offset, size, is_signed = 0;
	struct text decl, type;

	while (at < end && *at == ' ')
		at++;
	if (!semicolon || semicolon <= at)
		return false;
	decl = (struct text){ at, semicolon - at };
	at = semicolon + 1;
	if (!split_declaration(decl, &type, &field->name) ||
	    !read_key(&at, end, "offset:", &offset) || !read_key(&at, end, "size:", &size) ||
	    offset > UINT16_MAX || size > UINT16_MAX)
		return false;
	read_key(&at, end, "signed:", &is_signed);	/* old kernels do not have it */
	field->place.offset = offset;
	field->place.size = size;
	field->place.swap = 0;
	field->place.kind = field_kind(decl, type, size, is_signed);
	field->count = array_count(decl);
	field->is_signed = is_signed;
	return true;
}

bool format_next_field(struct text text, size_t *at, struct format_field *field)
{
	const char *end = text.at + text.len;

	while (*at < text.len) {
		const char *line = text.at + *at;
		const char *line_end = memchr(line, '\n', end - line);

		if (!line_end)
			line_end = end;
		*at = line_end - text.at + (line_end < end);
		if (starts_with(line, line_end, "print fmt:"))
			return false;
		while (line < line_end && (*line == '\t' || *line == ' '))
			line++;
		if (starts_with(line, line_end, "field:") && parse_field(line + 6, line_end, field))
			return true;
	}
	return false;
}

static bool find_field(struct text format, struct text name, struct format_field *field)
{
	size_t at = 0;

	while (format_next_field(format, &at, field)) {
		if (field->name.len == name.len && !memcmp(field->name.at, name.at, name.len))
			return true;
	}
	return false;
}

/* Printable text whose brackets and quotes are balanced, and not in each other too deep. */
static bool is_balanced(struct text text)
{
	bool quoted = false;
	int depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if ((c < ' ' && c != '\n' && c != '\t') || c == 127)
			return false;
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && strchr("([{", c) && ++depth > MAX_DEPTH)
			return false;
		else if (!quoted && strchr(")]}", c) && --depth < 0)
			return false;
	}
	return !quoted && !depth;
}

/* One field as the kernel writes it, and nothing else. */
static bool is_field_line(const char *at, const char *end)
{
	struct format_field field;
	unsigned int nr = 0;

	while (at < end && (*at == '\t' || *at == ' '))
		at++;
	if (at == end)
		return true;
	if (!starts_with(at, end, "field:") || !parse_field(at + 6, end, &field))
		return false;
	for (; at < end; at++)
		nr += *at == ';';
	return end[-1] == ';' && nr <= 4 && field.place.kind != TRAIL_FIELD_ABSENT;
}

/*
 * Does the print format name only fields that there are?  libtraceevent frees twice where the first
 * argument of __print_symbolic() is no field.
 */
static bool names_fields(struct text text, const char *print)
{
	static const char record[] = "REC->";
	const char *end = text.at + text.len;
	struct format_field field;
	bool quoted = false;

	for (const char *at = print; at < end; at++) {
		struct text name = { at + strlen(record), 0 };

		if (*at == '"')
			quoted = !quoted;
		else if (quoted && *at == '\\')
			at++;
		if (quoted)
			continue;
		if ((unsigned char)*at > '~')
			return false;
		if (!starts_with(at, end, record))
			continue;
		while (name.at + name.len < end && is_name_char(name.at[name.len]))
			name.len++;
		if (!name.len || !find_field(text, name, &field))
			return false;
	}
	return true;
}

bool format_is_sane(struct text text)
{
	static const char head[] = "\nformat:\n", print[] = "print fmt:";
	const char *end = text.at + text.len, *at;

	if (text.len > MAX_LENGTH || !is_balanced(text))
		return false;
	at = memmem(text.at, text.len, head, strlen(head));
	for (at = at ? at + strlen(head) : NULL; at && at < end; at++) {
		const char *line_end = memchr(at, '\n', end - at);

		if (starts_with(at, end, print))
			return names_fields(text, at);
		if (!line_end || !is_field_line(at, line_end))
			return false;
		at = line_end;
	}
	return false;
}

/* kernel/trace/trace_probe.c: __set_print_fmt() writes " NAME=FORMAT" of each argument. */
bool format_shows_hex(struct text text, struct text name)
{
	static const char print[] = "print fmt:";
	const char *end = text.at + text.len;
	const char *at = memmem(text.at, text.len, print, strlen(print));

	while (at && (at = memmem(at, end - at, name.at, name.len))) {
		bool begins = !is_name_char(at[-1]);

		at += name.len;
		if (begins && (starts_with(at, end, "=0x%") || starts_with(at, end, "={0x%")))
			return true;
	}
	return false;
}

bool format_find_field(struct text format, const char *names, struct format_field *field)
{
	while (*names) {
		struct text name = { names, strcspn(names, "|") };

		if (find_field(format, name, field))
			return true;
		names += name.len + (names[name.len] == '|');
	}
	return false;
}
