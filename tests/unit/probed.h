/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probed.h - types of the program that the tests of lib/probe look into
 *
 * The tests include it as well: what the compiler says here of places and sizes is what the debug
 * information must say.
 */
#ifndef PROBED_H
#define PROBED_H

#include <stdint.h>

typedef uint32_t number_t;
typedef const char *text_t;

enum colour { RED = 3, GREEN = -7, BLUE = 200 };

struct inner {
	uint16_t low;
	uint16_t high;
};

struct record {
	uint8_t kind;
	uint32_t first : 3;
	uint32_t second : 11;
	int32_t third : 5;
	union {
		uint64_t whole;
		struct inner half;
		struct {
			uint32_t left;
			uint32_t right;
		};
	};
	struct inner table[3];
	uint8_t grid[2][5];
	char name[16];
	enum colour colour;
	number_t number;
	struct record *next;
	double weight;
	_Bool ready;
	uint8_t tail[];
};

struct pair { int64_t a, b; };
struct mixed { int64_t a; double b; };
struct floats { float a, b; };
struct large { int64_t a, b, c; };

#endif /* PROBED_H */
