// SPDX-License-Identifier: LGPL-2.1-or-later
/* drops-words.c - the words for a row of drops, see drops-words.h */
#include <inttypes.h>

#include "drops-words.h"

const char *drops_reason(char *buf, size_t size, const struct trail_drop *drop)
{
	if (!drop->means)
		return drop->reason;
	snprintf(buf, size, "%s (inferred)", drop->means);
	return buf;
}

const char *drops_flow(char *buf, size_t size, const struct trail_drop_row *row)
{
	size_t len;

	if (!row->nr_flow || !text_flow(buf, size, &row->flow[0].flow))
		return NULL;
	len = strlen(buf);
	/* Rare ones gave way to others: there are more than are known. */
	if (row->nr_flow > 1)
		snprintf(buf + len, size - len, " +%zu%s", row->nr_flow - 1,
			 row->flow[row->nr_flow - 1].share.over ? " or more" : "");
	return buf;
}

int32_t drops_owner_pid(const struct trail_drops_print *print,
			const struct trail_drop_owner *owner, char comm[24])
{
	int32_t pid = 0;

	*comm = '\0';
	if (!owner->pid && print->owner)
		pid = print->owner(print->data, owner, comm, 24);
	if (pid)
		return pid;
	snprintf(comm, 24, "%s", owner->comm);
	return owner->pid;
}

const char *drops_owner(char *buf, size_t size, const struct trail_drops_print *print,
			const struct trail_drop_owner *owner)
{
	char comm[24];
	int32_t pid = drops_owner_pid(print, owner, comm);

	if (pid)
		snprintf(buf, size, "%s/%" PRId32, comm, pid);
	else if (owner->inode)
		snprintf(buf, size, "socket:[%" PRIu64 "]", owner->inode);
	else if (owner->socket)
		snprintf(buf, size, "socket 0x%" PRIx64, owner->socket);
	return pid || owner->inode || owner->socket ? buf : NULL;
}

const char *drops_path(char *buf, size_t size, const struct trail_drop_path *path)
{
	size_t n;

	n = (size_t)snprintf(buf, size, "%s%s%s", trail_dir_name(path->dir), *path->dev ? " " : "",
			     path->dev);
	for (size_t i = 0; i < path->nr_stage && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s%s", i ? " > " : ": ",
				      trail_stage[path->stage[i]].name);
	if (n < size)
		snprintf(buf + n, size - n, "%s", path->is_cut ? " > ..." :
			 path->nr_stage ? "" : ": nothing was seen before the drop");
	return buf;
}

static void range(char *buf, size_t size, int64_t min, int64_t max)
{
	if (min == max)
		snprintf(buf, size, "%" PRId64, min);
	else
		snprintf(buf, size, "%" PRId64 " to %" PRId64, min, max);
}

const char *drops_fill(char *buf, size_t size, const struct trail_drop_fill *fill,
		       enum trail_queue_kind kind)
{
	const char *unit = kind == TRAIL_QUEUE_SOCKET ? "bytes" : "packets";
	char used[64], limit[64];

	range(used, sizeof(used), fill->used_min, fill->used_max);
	range(limit, sizeof(limit), fill->limit_min, fill->limit_max);
	if (fill->limit_min < 0)
		snprintf(buf, size, "%s %s", used, unit);
	else
		snprintf(buf, size, "%s of %s %s", used, limit, unit);
	return buf;
}
