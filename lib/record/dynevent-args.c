// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dynevent-args.c - {struct.member} and {snap} -> numbers and types
 *
 * Words are separated by one space; a word is one field of the event.  The kernel reads an array
 * element by element, so packet bytes are fetched eight at a time: their order in memory, and so
 * in the record, is that of the packet.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "btf.h"
#include "dynevent-args.h"

#define WORD_BYTES	8
#define MAX_ARRAY	64	/* kernel/trace/trace_probe.h: MAX_ARRAY_LEN */
#define ARRAY_BYTES	(MAX_ARRAY * WORD_BYTES)

struct expansion {
	const struct dynevent_kernel *kernel;
	char *why;
	size_t why_size;
};

static int missing(const struct expansion *ex, int err, const char *path, size_t length)
{
	if (!ex->kernel->btf)
		snprintf(ex->why, ex->why_size, "the kernel has no type information (BTF)");
	else
		snprintf(ex->why, ex->why_size, "the kernel has no member %.*s", (int)length, path);
	return err;
}

static int find(const struct expansion *ex, const char *path, size_t length,
		struct btf_place *place)
{
	int err = ex->kernel->btf ? btf_find(ex->kernel->btf, path, length, place) : -ENOENT;

	return err ? missing(ex, err == -EINVAL ? -ENOENT : err, path, length) : 0;
}

/* "a.b+c.d": the sum of their offsets. */
static int add_offset(const struct expansion *ex, const char *path, size_t length,
		      struct blob *out)
{
	struct btf_place place;
	uint32_t sum_bytes = 0;
	char text[16];
	int err;

	while (length) {
		const char *plus = memchr(path, '+', length);
		size_t n = plus ? (size_t)(plus - path) : length;

		err = find(ex, path, n, &place);
		if (err)
			return err;
		sum_bytes += place.offset_bits / 8;
		path += n + !!plus;
		length -= n + !!plus;
	}
	blob_add(out, text, (size_t)snprintf(text, sizeof(text), "%u", sum_bytes));
	return 0;
}

static int add_type(const struct expansion *ex, const char *path, size_t length, struct blob *out)
{
	struct btf_place place;
	uint32_t shift, container;
	char text[32];
	int n, err;

	err = find(ex, path, length, &place);
	if (err)
		return err;
	shift = place.offset_bits % 8;
	if (place.is_bitfield) {
		container = shift + place.size_bits <= 8 ? 8 : 32;
		n = snprintf(text, sizeof(text), "b%u@%u/%u", place.size_bits, shift, container);
	} else {
		n = snprintf(text, sizeof(text), "u%u", place.size_bits);
	}
	blob_add(out, text, (size_t)n);
	return 0;
}

static void add_array(uint32_t bytes, struct blob *out)
{
	char text[16];

	blob_add(out, text, (size_t)snprintf(text, sizeof(text), "x64[%u]",
					     (bytes + WORD_BYTES - 1) / WORD_BYTES));
}

/* "snap" or "snap+64": how many bytes that is.  Return: is it one of them? */
static bool is_array(const char *at, size_t length, const char *name, uint32_t *bytes)
{
	size_t size = strlen(name);
	uint32_t more = 0;

	if (length < size || memcmp(at, name, size) || (length > size && at[size] != '+'))
		return false;
	for (size_t i = size + 1; i < length; i++)
		more = 10 * more + (uint32_t)(at[i] - '0');
	*bytes += more;
	return true;
}

/* What stands between braces. */
static int add_symbol(const struct expansion *ex, const char *at, size_t length, struct blob *out)
{
	uint32_t bytes = ex->kernel->snap_bytes;

	if (is_array(at, length, "snap", &bytes)) {
		add_array(bytes < ARRAY_BYTES ? bytes : ARRAY_BYTES, out);
		return 0;
	}
	if (is_array(at, length, "more", &bytes)) {
		/* The second array is there for long snaps only. */
		if (bytes <= ARRAY_BYTES)
			return -ENOENT;
		add_array(bytes - ARRAY_BYTES, out);
		return 0;
	}
	return *at == '=' ? add_type(ex, at + 1, length - 1, out)
			  : add_offset(ex, at, length, out);
}

static int add_word(const struct expansion *ex, const char *at, const char *end, struct blob *out)
{
	const char *open, *close;
	int err;

	while (at < end) {
		open = memchr(at, '{', (size_t)(end - at));
		if (!open)
			break;
		close = memchr(open, '}', (size_t)(end - open));
		if (!close)
			return -EINVAL;
		blob_add(out, at, (size_t)(open - at));
		err = add_symbol(ex, open + 1, (size_t)(close - open - 1), out);
		if (err)
			return err;
		at = close + 1;
	}
	blob_add(out, at, (size_t)(end - at));
	return out->err;
}

int dynevent_args(const char *args, const struct dynevent_kernel *kernel, struct blob *out,
		  char *why, size_t size)
{
	struct expansion ex = { kernel, why, size };
	int err;

	*why = '\0';
	while (*args) {
		const char *end = args + strcspn(args, " ");
		bool optional = *args == '?';
		size_t before = out->size;

		if (before)
			blob_add(out, " ", 1);
		err = add_word(&ex, args + optional, end, out);
		if (err == -ENOENT && optional)
			out->size = before;
		else if (err)
			return err;
		args = end + (*end == ' ');
	}
	blob_add(out, "", 1);
	return out->err;
}
