// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sink.c - the table of sinks, and opening, feeding and closing one
 */
#include <errno.h>
#include <stdlib.h>

#include "sink.h"

const struct trail_sink_type *const trail_sink_type[] = {
	&trail_sink_text,
	&trail_sink_packets,
	&trail_sink_json,
	&trail_sink_ndjson,
	&trail_sink_pcapng,
	NULL
};

static const struct trail_sink_type *find(const char *name)
{
	for (size_t i = 0; trail_sink_type[i]; i++)
		if (!strcmp(trail_sink_type[i]->name, name))
			return trail_sink_type[i];
	return NULL;
}

int trail_sink_open(const char *name, const struct trail_sink_opts *opts, struct trail_sink **out)
{
	const struct trail_sink_type *type = find(name);
	struct trail_sink *sink;
	int err;

	if (!type)
		return -EINVAL;
	sink = calloc(1, sizeof(*sink));
	if (!sink)
		return -ENOMEM;
	sink->type = type;
	sink->opts = *opts;
	err = type->open ? type->open(sink) : 0;
	if (err) {
		free(sink);
		return err;
	}
	*out = sink;
	return 0;
}

int trail_sink_packet(struct trail_sink *sink, const struct trail_packet *packet)
{
	return sink->type->packet ? sink->type->packet(sink, packet) : 0;
}

int trail_sink_close(struct trail_sink *sink)
{
	int err;

	if (!sink)
		return 0;
	err = sink->type->close ? sink->type->close(sink) : 0;
	errno = 0;
	if (fflush(sink->opts.out) || ferror(sink->opts.out))
		err = err ? err : errno ? -errno : -EIO;
	free(sink);
	return err;
}
