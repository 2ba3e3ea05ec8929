/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * format.h - the text that describes an event
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "skbtrail.h"
#include "tracedat.h"

/**
 * struct format_field - a field of an event
 * @place: but for its byte order
 * @count: of the elements of an array, as far as the format has a number, else 0
 */
struct format_field {
	struct text name;
	struct trail_field place;
	uint32_t count;
	bool is_signed;
};

/* "name: X\nID: N\n"; false when the text does not begin so. */
bool format_head(struct text text, struct text *name, unsigned int *type);

/*
 * Goes over the fields of a format: *@at starts at 0.
 * Return: false when there are no more.
 */
bool format_next_field(struct text text, size_t *at, struct format_field *field);

/* Does the print format show the field @name as 0x...? */
bool format_shows_hex(struct text text, struct text name);

/* "a|b|c": the first one that the format has. */
bool format_find_field(struct text text, const char *names, struct format_field *field);

/* Is the text fit for the parser of libtraceevent, which crashes on odd ones? */
bool format_is_sane(struct text text);

/* The __print_symbolic() lists of a format. */
struct enum_list;

/* *@out is NULL when the format has none.  Return: 0 or -ENOMEM. */
int enum_list_new(struct text format, struct enum_list **out);
/* By the list of @field, or by the only list; NULL when the value has no name. */
const char *enum_list_name(const struct enum_list *list, struct text field, uint64_t value);
void enum_list_free(struct enum_list *list);

#endif /* FORMAT_H */
