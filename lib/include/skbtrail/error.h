/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skbtrail/error.h - what a failing call knows beyond its errno
 */
#ifndef SKBTRAIL_ERROR_H
#define SKBTRAIL_ERROR_H

/**
 * struct trail_error - what a failing call knows beyond its errno
 * @text: what failed and why, one line without newline, "" if errno says it all
 * @hint: what the user could do, or ""
 * @column: where in the expression that was given: byte, the first is 1; 0 if it is about no place
 * @item: in which of several, the first is 1; 0 if there is one only
 */
struct trail_error {
	char text[320];
	char hint[320];
	unsigned int column;
	unsigned int item;
};

#endif /* SKBTRAIL_ERROR_H */
