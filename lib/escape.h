/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * escape.h - what text of a capture may contain when it is shown
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

/* Length of the valid UTF-8 character at @at of which @left bytes may be read; 0 = invalid. */
size_t utf8_length(const unsigned char *at, size_t left);

/* Does the character of @len bytes turn the direction of text around it? */
bool utf8_is_direction(const unsigned char *at, size_t len);

#endif /* ESCAPE_H */
