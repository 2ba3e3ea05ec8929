/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * line.h - a line of text, put together piece by piece
 *
 * What printf() does, without reading a format for each piece: a capture has millions of lines.
 */
#ifndef LINE_H
#define LINE_H

#include "skbtrail.h"

/* Holds five texts of TEXT_SIZE and what is between them; what is beyond is cut. */
#define LINE_SIZE	8192

struct line {
	size_t len;
	char text[LINE_SIZE];
};

static inline void line_begin(struct line *line)
{
	line->len = 0;
}

static inline void line_bytes(struct line *line, const char *text, size_t size)
{
	size_t left = sizeof(line->text) - line->len;

	size = size < left ? size : left;
	memcpy(line->text + line->len, text, size);
	line->len += size;
}

/* As it is: for text of our own. */
static inline void line_text(struct line *line, const char *text)
{
	line_bytes(line, text, strlen(text));
}

/* Blanks until the line has as many as @width bytes from @start on. */
void line_fill(struct line *line, size_t start, size_t width);
/* Text of the capture: see text_safe(). */
void line_safe(struct line *line, const char *text);
void line_u64(struct line *line, uint64_t value);
void line_s64(struct line *line, int64_t value);
/* "21.012345678" */
void line_seconds(struct line *line, uint64_t ns);
/* @sign, "" for none, and the time as text_duration() writes it; right-aligned in @width bytes */
void line_duration(struct line *line, const char *sign, uint64_t ns, size_t width);
/* With its end; whether that fails is told by ferror(). */
void line_end(struct line *line, FILE *out);

#endif /* LINE_H */
