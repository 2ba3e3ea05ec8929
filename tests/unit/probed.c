// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * probed.c - a program with one function for each thing that can be asked of debug information
 *
 * The tests do not run it.
 */
#include <stdlib.h>

#include "probed.h"

#define KEEP	__attribute__((noinline, noclone, used))

volatile int64_t sink;

/* Bytes before it that are nowhere else: the test finds the function in the file by them. */
__asm__(".text\n"
	".balign 16\n"
	".ascii \"skbtrail-marked!\"\n"
	".globl marked\n"
	".type marked, %function\n"
	"marked:\n"
#ifdef __x86_64__
	"nop\n"
#endif
	"ret\n"
	".size marked, . - marked\n");

/* More than x86-64 has registers for. */
#define EIGHT	int one, text_t two, uint64_t three, char four, int16_t five, _Bool six,	\
		int32_t seven, uint8_t eight

KEEP int take_scalars(EIGHT);
KEEP int take_scalars(EIGHT)
{
	sink += one + *two + (int64_t)three + four + five + six + seven + eight;
	return 1;
}

KEEP void take_floats(double x, int i, float y, int j);
KEEP void take_floats(double x, int i, float y, int j)
{
	sink += (int64_t)(x + y) + i + j;
}

KEEP void take_structs(struct pair pair, struct mixed mixed, struct floats floats,
		       struct large large, int last);
KEEP void take_structs(struct pair pair, struct mixed mixed, struct floats floats,
		       struct large large, int last)
{
	sink += pair.a + pair.b + mixed.a + (int64_t)mixed.b + (int64_t)floats.a + large.c + last;
}

KEEP struct large return_large(int one);
KEEP struct large return_large(int one)
{
	return (struct large){ one, sink, one };
}

KEEP int take_record(struct record *record, const struct record *const *list, enum colour colour,
		     number_t number);
KEEP int take_record(struct record *record, const struct record *const *list, enum colour colour,
		     number_t number)
{
	int local = (int)record->number + (int)list[0]->whole;

	sink += record->second + colour + number + local;
	for (int i = 0; i < local; i++)
		sink += record->table[i % 3].low;
	return local;
}

/* gcc moves what ends in abort() away, to in_parts.cold. */
KEEP int in_parts(const char *text, int64_t value);
KEEP int in_parts(const char *text, int64_t value)
{
	char line[64];
	int length = 0;

	for (; text[length] && length < 64; length++)
		line[length] = text[length];
	sink += line[value & 15];
	if (value < 0) {
		sink = line[length / 2] + length;
		abort();
	}
	return length;
}

/* Its argument is not used: no debug information says where it is. */
KEEP int take_unused(int unused, int used);
KEEP int take_unused(int unused, int used)
{
	return used;
}

static inline __attribute__((always_inline)) int is_inlined(int value)
{
	sink += value;
	return (int)sink;
}

KEEP int inlines(int value);
KEEP int inlines(int value)
{
	return is_inlined(value) + 1;
}

KEEP int inlines_too(int value);
KEEP int inlines_too(int value)
{
	return is_inlined(2 * value) + is_inlined(value);
}

static KEEP int only_here(int value)
{
	return value + (int)sink;
}

static int (*resolve(void))(int)
{
	return only_here;
}

int chosen(int value) __attribute__((ifunc("resolve")));

int main(void)
{
	struct record record = { .number = 1 };
	const struct record *list = &record;

	sink += take_scalars(1, "two", 3, 4, 5, 1, 7, 8);
	take_floats(1.5, 2, 2.5, 3);
	take_structs((struct pair){ 1, 2 }, (struct mixed){ 3, 4 }, (struct floats){ 5, 6 },
		     (struct large){ 7, 8, 9 }, 10);
	sink += return_large(1).c + take_record(&record, &list, BLUE, 9) + take_unused(1, 2) +
		in_parts("text", 3);
	return inlines(1) + inlines_too(2) + only_here(3) + chosen(4);
}
