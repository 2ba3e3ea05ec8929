/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * groups.h - what the sinks print of groups of packets
 */
#ifndef GROUPS_H
#define GROUPS_H

#include "json.h"
#include "sink.h"

/* What the packets have in common, for people.  Return: @buf. */
const char *text_group(char *buf, size_t size, const struct trail_group *group);
/* The table of all groups.  Return: 0; -ENOMEM; -EIO. */
int groups_print(const struct trail_sink *sink);
/* Members of the object of a group, without the braces. */
void json_group(struct json *json, const struct trail_group *group);

#endif /* GROUPS_H */
