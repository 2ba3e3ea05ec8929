/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * describe.h - formats and what the recorder wrote of the user's probes -> descriptions
 */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "format.h"
#include "skbtrail.h"

/*
 * What a description is made of; @line, if there is one, is what follows "user NAME".
 * @is_part: it is that of a return, and this is the event at the entry
 */
struct described {
	const char *system;
	const char *name;
	struct text format;
	struct text line;
	uint16_t type;
	bool swap;
	bool is_part;
};

/* Return: to be given to free(); NULL without memory.  @entry is filled by the caller. */
struct trail_description *describe(const struct described *from);
/* The value of @key in a line "KEY=VALUE[,VALUE] ... : SPEC"; false: it has none. */
bool describe_key(struct text line, const char *key, struct text *value);
/* The @nth field of the role that @key names, "skb" or "sk"; NULL: there are not so many. */
const struct trail_shown *describe_role(const struct trail_description *description,
					const char *key, unsigned int nth);

#endif /* DESCRIBE_H */
