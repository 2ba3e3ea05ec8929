// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * escape.c - any bytes -> text that a terminal does not obey
 *
 * Names of tasks, devices and probes are what somebody chose, and bytes of a capture what somebody
 * sent.
 */
#include <string.h>

#include "escape.h"
#include "skbtrail.h"

#define ESCAPE_SIZE	4	/* \xNN */

/* RFC 3629: no overlong forms, no surrogates, nothing behind U+10FFFF. */
size_t utf8_length(const unsigned char *at, size_t left)
{
	size_t len = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 :
		     at[0] < 0xf0 ? 3 : at[0] < 0xf5 ? 4 : 0;

	if (!len || len > left)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return len;
}

/* C0, DEL, and the C1 controls U+0080 to U+009F, which some terminals obey as well. */
static bool is_control(const unsigned char *at, size_t len)
{
	return at[0] < 0x20 || at[0] == 0x7f || (len == 2 && at[0] == 0xc2 && at[1] < 0xa0);
}

/* U+202A to U+202E, U+2066 to U+2069 */
bool utf8_is_direction(const unsigned char *at, size_t len)
{
	return len == 3 && at[0] == 0xe2 &&
	       ((at[1] == 0x80 && at[2] >= 0xaa && at[2] <= 0xae) ||
		(at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9));
}

size_t trail_escape(const char *text, size_t len, char *buf, size_t size)
{
	static const char digit[] = "0123456789abcdef";
	const unsigned char *at = (const unsigned char *)text;
	size_t end = 0, used = 0;
	bool full = !size;

	while (len) {
		size_t n = utf8_length(at, len);
		bool plain = n && !is_control(at, n) && !utf8_is_direction(at, n);
		size_t out = plain ? n : ESCAPE_SIZE;

		n = plain ? n : 1;
		full |= used + out >= size;
		if (!full && plain) {
			memcpy(buf + used, at, n);
			used += out;
		} else if (!full) {
			buf[used++] = '\\';
			buf[used++] = 'x';
			buf[used++] = digit[*at >> 4];
			buf[used++] = digit[*at & 15];
		}
		end += out;
		at += n;
		len -= n;
	}
	if (size)
		buf[used] = '\0';
	return end;
}
