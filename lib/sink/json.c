// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * json.c - values -> JSON text in a json-c print buffer
 *
 * Packets are written straight into the buffer and not as trees of json-c objects: a packet has
 * some eighty values, and a tree costs two allocations for each of them.
 */
#include <errno.h>

#include "json.h"
#include "../escape.h"
#include "readable.h"

int json_init(struct json *json)
{
	*json = (struct json){ .text = printbuf_new(), .first = true };
	return json->text ? 0 : -ENOMEM;
}

void json_release(struct json *json)
{
	printbuf_free(json->text);
}

int json_flush(struct json *json, FILE *out)
{
	size_t size = (size_t)json->text->bpos;

	if (json->failed)
		return -ENOMEM;
	if (fwrite(json->text->buf, 1, size, out) != size)
		return -EIO;
	printbuf_reset(json->text);
	return 0;
}

/* Inlined where there is room: a packet is made of some three hundred pieces. */
static inline void put(struct json *json, const char *text, size_t size)
{
	struct printbuf *to = json->text;

	if (size < (size_t)(to->size - to->bpos)) {
		memcpy(to->buf + to->bpos, text, size);
		to->bpos += (int)size;
	} else if (printbuf_memappend(to, text, (int)size) < 0) {
		json->failed = true;
	}
}

static void put_char(struct json *json, char c)
{
	put(json, &c, 1);
}

/* What comes before every value: the comma, and the key in an object. */
static void begin(struct json *json, const char *key)
{
	char text[64];
	size_t n = 0, len;

	if (!json->first)
		text[n++] = ',';
	json->first = false;
	if (key) {
		len = strlen(key);
		/* Keys are ours, short and plain. */
		text[n++] = '"';
		memcpy(text + n, key, len);
		n += len;
		text[n++] = '"';
		text[n++] = ':';
	}
	put(json, text, n);
}

void json_open(struct json *json, const char *key, char bracket)
{
	begin(json, key);
	put_char(json, bracket);
	json->first = true;
}

void json_close(struct json *json, char bracket)
{
	put_char(json, bracket);
	json->first = false;
}

/* Also the end of a document: the next value starts a new one. */
void json_newline(struct json *json)
{
	put_char(json, '\n');
	json->first = true;
}

void json_null(struct json *json, const char *key)
{
	begin(json, key);
	put(json, "null", 4);
}

static void put_number(struct json *json, uint64_t value, bool negative)
{
	char text[DECIMAL_SIZE], *end = text + sizeof(text), *at = text_decimal(end, value);

	if (negative)
		*--at = '-';
	put(json, at, (size_t)(end - at));
}

void json_u64(struct json *json, const char *key, uint64_t value)
{
	begin(json, key);
	put_number(json, value, false);
}

void json_s64(struct json *json, const char *key, int64_t value)
{
	begin(json, key);
	put_number(json, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

void json_known(struct json *json, const char *key, int64_t value)
{
	if (value < 0)
		json_null(json, key);
	else
		json_u64(json, key, (uint64_t)value);
}

void json_address(struct json *json, const char *key, uint64_t address)
{
	static const char digit[] = "0123456789abcdef";
	char text[24];
	size_t at = sizeof(text);

	if (!address) {
		json_null(json, key);
		return;
	}
	text[--at] = '"';
	for (; address; address >>= 4)
		text[--at] = digit[address & 15];
	text[--at] = 'x';
	text[--at] = '0';
	text[--at] = '"';
	begin(json, key);
	put(json, text + at, sizeof(text) - at);
}

static void put_escape(struct json *json, unsigned char c)
{
	char text[8];
	int n;

	if (c == '"' || c == '\\')
		n = snprintf(text, sizeof(text), "\\%c", c);
	else
		n = snprintf(text, sizeof(text), "\\u%04x", c);
	put(json, text, (size_t)n);
}

/* Runs of plain characters go out in one piece. */
void json_string(struct json *json, const char *key, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	const unsigned char *run = at;
	size_t left, len;

	if (!text) {
		json_null(json, key);
		return;
	}
	begin(json, key);
	put_char(json, '"');
	for (left = strlen(text); left; left -= len, at += len) {
		len = *at < 0x80 ? 1 : utf8_length(at, left);
		if (len && *at >= 0x20 && *at != '"' && *at != '\\')
			continue;
		put(json, (const char *)run, (size_t)(at - run));
		if (len)
			put_escape(json, *at);
		else
			put(json, "\xef\xbf\xbd", 3);	/* U+FFFD */
		len = 1;
		run = at + 1;
	}
	put(json, (const char *)run, (size_t)(at - run));
	put_char(json, '"');
}

void json_true(struct json *json, const char *key)
{
	begin(json, key);
	put(json, "true", 4);
}

void json_real(struct json *json, const char *key, double value)
{
	char text[340];
	int n = snprintf(text, sizeof(text), "%.3f", value);

	/* The C library prints the locale's decimal sign. */
	text[n - 4] = '.';
	begin(json, key);
	put(json, text, (size_t)n);
}

void json_share(struct json *json, const char *key, double share)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%.6f", share);

	/* The C library prints the locale's decimal sign. */
	text[1] = '.';
	begin(json, key);
	put(json, text, (size_t)n);
}
