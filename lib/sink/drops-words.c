// SPDX-License-Identifier: LGPL-2.1-or-later
/* drops-words.c - the words for a row of drops, see drops-words.h */
#include <inttypes.h>

#include "drops-words.h"

/* What the kernel counts as it drops the last ACK of a handshake, of which there is an event. */
#define LISTEN_DROPS	"TcpExtListenDrops"
#define LISTEN_REASON	"TCP_LISTEN_OVERFLOW"

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

/*
 * One counter for each way: TCPReqQFullDrop is part of ListenDrops (net/ipv4/tcp_input.c:
 * tcp_conn_request()), and drivers have rx_fifo_errors, rx_over_errors and the like in
 * rx_missed_errors too (include/uapi/linux/if_link.h).
 */
static bool counts_alone(const struct trail_reconcile_row *row)
{
	return row->state == TRAIL_RECONCILE_NO_EVENT &&
	       (!strcmp(row->name, LISTEN_DROPS) || !strcmp(row->name, "rx_missed_errors"));
}

/* net/ipv4/tcp_minisocks.c: tcp_check_req(); the kernel gives the reason since v6.15. */
static uint64_t seen_of_listeners(struct trail_drops *drops)
{
	const struct trail_drop_row *const *row;
	size_t nr = trail_drops_sort(drops, &row);
	uint64_t seen = 0;

	for (size_t i = 0; i < nr; i++)
		if (row[i]->drop.reason && !strcmp(row[i]->drop.reason, LISTEN_REASON))
			seen += row[i]->count;
	return seen;
}

bool trail_drops_unseen(const struct trail_drops_print *print, struct trail_drops *drops,
			uint64_t *count)
{
	const struct trail_drops_counted *counted = print->counted;
	uint64_t seen = seen_of_listeners(drops);

	*count = 0;
	for (size_t i = 0; counted && i < counted->nr_row; i++) {
		const struct trail_reconcile_row *row = &counted->row[i];
		uint64_t both = 0;

		if (!counts_alone(row))
			continue;
		/* It is counted in each network namespace. */
		if (!strcmp(row->name, LISTEN_DROPS)) {
			both = seen < row->counted ? seen : row->counted;
			seen -= both;
		}
		*count += row->counted - both;
	}
	return counted;
}
