// SPDX-License-Identifier: LGPL-2.1-or-later
/* line.c - a line of text, see line.h */
#include "line.h"
#include "readable.h"

void line_fill(struct line *line, size_t start, size_t width)
{
	while (line->len < start + width && line->len < sizeof(line->text))
		line->text[line->len++] = ' ';
}

void line_safe(struct line *line, const char *text)
{
	char buf[TEXT_SIZE];
	size_t len;

	for (len = 0; text && text[len] >= 0x20 && text[len] < 0x7f && len < sizeof(buf) - 1;
	     len++)
		;
	/* Nearly all is plain: only the rest is rewritten. */
	if (text && !text[len])
		line_bytes(line, text, len);
	else
		line_text(line, text_safe(buf, sizeof(buf), text));
}

void line_u64(struct line *line, uint64_t value)
{
	char buf[DECIMAL_SIZE], *end = buf + sizeof(buf), *at = text_decimal(end, value);

	line_bytes(line, at, (size_t)(end - at));
}

void line_s64(struct line *line, int64_t value)
{
	if (value < 0)
		line_bytes(line, "-", 1);
	line_u64(line, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void line_seconds(struct line *line, uint64_t ns)
{
	char buf[DECIMAL_SIZE], *end = buf + sizeof(buf);

	line_u64(line, ns / 1000000000);
	/* The leading 1 keeps the zeros behind it; the point takes its place. */
	*text_decimal(end, 1000000000 + ns % 1000000000) = '.';
	line_bytes(line, end - 10, 10);
}

void line_duration(struct line *line, const char *sign, uint64_t ns, size_t width)
{
	char buf[DURATION_SIZE];
	size_t len, len_sign = strlen(sign);

	text_duration(buf, ns);
	len = strlen(buf);
	if (len_sign + len < width)
		line_fill(line, line->len, width - len_sign - len);
	line_bytes(line, sign, len_sign);
	line_bytes(line, buf, len);
}

void line_end(struct line *line, FILE *out)
{
	line_bytes(line, "\n", 1);
	fwrite(line->text, 1, line->len, out);
}
