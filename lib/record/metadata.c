// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * metadata.c - tracefs and kallsyms -> the pieces of a capture's head
 *
 * Stored are all formats of system "ftrace", which can appear without having been switched on,
 * and those of every system that had an event switched on: not the two megabytes of them all,
 * which would be most of the time and size of a short recording.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "metadata.h"

/* System calls: hundreds of formats, of which a recording wants a few. */
static const char *const chosen_only = "syscalls";

static void *read_kallsyms(void *data)
{
	struct metadata *metadata = data;
	struct blob *text = &metadata->kallsyms;

	if (blob_add_file(text, "/proc/kallsyms"))
		text->size = 0;
	/* Addresses that kptr_restrict hides are all zero, and of no use. */
	for (const char *line = text->data; text->size && line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (line[strspn(line, "0")] != ' ' && *line)
			return NULL;
	}
	text->size = 0;
	return NULL;
}

void metadata_begin(struct metadata *metadata)
{
	metadata->kallsyms_running = !pthread_create(&metadata->kallsyms_thread, NULL,
						     read_kallsyms, metadata);
	if (!metadata->kallsyms_running)
		read_kallsyms(metadata);
}

static void end_kallsyms(struct metadata *metadata)
{
	if (metadata->kallsyms_running)
		pthread_join(metadata->kallsyms_thread, NULL);
	metadata->kallsyms_running = false;
}

void metadata_release(struct metadata *metadata)
{
	end_kallsyms(metadata);
	for (size_t i = 0; i < metadata->nr_format; i++)
		free((void *)metadata->format[i].data);
	free(metadata->format);
	free(metadata->system);
	blob_release(&metadata->header_page);
	blob_release(&metadata->header_event);
	blob_release(&metadata->printk);
	blob_release(&metadata->kallsyms);
	*metadata = (struct metadata){ 0 };
}

static struct tracedat_piece piece(const struct blob *blob)
{
	return (struct tracedat_piece){ blob->data, blob->size };
}

/* Reads events/SYSTEM/NAME/format.  An event that vanished meanwhile is left out. */
static int add_format(struct metadata *metadata, const struct session *session,
		      const char *system, const char *name)
{
	struct tracedat_piece *format;
	struct blob text = { 0 };
	char path[300];
	int err;

	if (metadata->nr_format == metadata->cap_format) {
		metadata->cap_format = metadata->cap_format ? 2 * metadata->cap_format : 64;
		format = reallocarray(metadata->format, metadata->cap_format, sizeof(*format));
		if (!format)
			return -ENOMEM;
		metadata->format = format;
	}
	snprintf(path, sizeof(path), "events/%s/%s/format", system, name);
	err = session_read(session, path, &text);
	if (err) {
		blob_release(&text);
		return err == -ENOENT ? 0 : err;
	}
	metadata->format[metadata->nr_format++] = piece(&text);
	return 0;
}

static int add_ftrace_formats(struct metadata *metadata, const struct session *session)
{
	struct dirent *entry;
	char path[300];
	int err = 0;
	DIR *dir;

	/* Only the top instance has them on every kernel. */
	snprintf(path, sizeof(path), "%s/events/ftrace", session->tracing_dir);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (!err && (entry = readdir(dir)) != NULL) {
		if (*entry->d_name == '.' || entry->d_type != DT_DIR)
			continue;
		err = add_format(metadata, session, "ftrace", entry->d_name);
	}
	closedir(dir);
	return err;
}

/* Formats of the system whose events are list->event[@first .. @end - 1]. */
static int add_system(struct metadata *metadata, const struct session *session,
		      const struct event_list *list, size_t first, size_t end)
{
	const char *name = list->event[first].system;
	size_t before = metadata->nr_format;
	struct tracedat_system *system;
	int err = 0;

	for (size_t i = first; !err && i < end; i++)
		if (list->event[i].on || list->event[i].in_use || strcmp(name, chosen_only))
			err = add_format(metadata, session, name, list->event[i].name);
	if (err)
		return err;
	system = reallocarray(metadata->system, metadata->nr_system + 1, sizeof(*system));
	if (!system)
		return -ENOMEM;
	metadata->system = system;
	system[metadata->nr_system++] =
		(struct tracedat_system){ name, NULL, metadata->nr_format - before };
	return 0;
}

static int add_systems(struct metadata *metadata, const struct session *session,
		       const struct event_list *list)
{
	size_t first, end, at;
	int err = 0;

	metadata->header.nr_ftrace = metadata->nr_format;
	for (first = 0; !err && first < list->nr_event; first = end) {
		bool wanted = false;

		for (end = first; end < list->nr_event &&
		     !strcmp(list->event[end].system, list->event[first].system); end++)
			wanted |= list->event[end].on || list->event[end].in_use ||
				  list->event[end].is_read;
		if (wanted)
			err = add_system(metadata, session, list, first, end);
	}
	/* The array has its final place only now. */
	at = metadata->header.nr_ftrace;
	for (size_t i = 0; i < metadata->nr_system; i++) {
		metadata->system[i].format = metadata->format + at;
		at += metadata->system[i].nr_format;
	}
	metadata->header.ftrace = metadata->format;
	metadata->header.system = metadata->system;
	metadata->header.nr_system = metadata->nr_system;
	return err;
}

const struct tracedat_piece *metadata_format(const struct metadata *metadata, const char *system,
					     const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < metadata->nr_system; i++) {
		const struct tracedat_system *s = &metadata->system[i];

		for (uint32_t j = 0; !strcmp(s->name, system) && j < s->nr_format; j++) {
			const struct tracedat_piece *format = &s->format[j];
			const char *at = format->data;

			/* "name: NAME\n" */
			if (format->size > length + 6 && !memcmp(at + 6, name, length) &&
			    at[length + 6] == '\n')
				return format;
		}
	}
	return NULL;
}

/* "field: char data; offset:16; size:4080;": a sub-buffer ends where its data ends. */
static int find_page_size(struct metadata *metadata)
{
	const char *at = strstr(metadata->header_page.data, " data;");
	const char *commit = strstr(metadata->header_page.data, " commit;");
	unsigned int offset, size;

	if (!at || sscanf(at, " data; offset:%u; size:%u", &offset, &size) != 2)
		return -EINVAL;
	metadata->header.page_size = offset + size;
	if (!commit ||
	    sscanf(commit, " commit; offset:%*u; size:%u", &metadata->commit_size) != 1 ||
	    (metadata->commit_size != 4 && metadata->commit_size != 8))
		return -EINVAL;
	return 0;
}

int metadata_read(struct metadata *metadata, const struct session *session,
		  const struct event_list *list)
{
	struct tracedat_header *header = &metadata->header;
	char path[300];
	int err;

	err = session_read(session, "events/header_page", &metadata->header_page);
	if (!err)
		err = find_page_size(metadata);
	if (!err)
		err = session_read(session, "events/header_event", &metadata->header_event);
	if (!err)
		err = add_ftrace_formats(metadata, session);
	if (!err)
		err = add_systems(metadata, session, list);
	if (err)
		return session_fail(session, err, NULL, "cannot read the event formats: %s",
				    strerror(-err));
	snprintf(path, sizeof(path), "%s/printk_formats", session->tracing_dir);
	if (session_read(session, path, &metadata->printk))
		metadata->printk.size = 0;
	end_kallsyms(metadata);
	header->version = session->opts->version;
	header->zstd = session->opts->compression == TRAIL_COMPRESS_ZSTD;
	header->header_page = piece(&metadata->header_page);
	header->header_event = piece(&metadata->header_event);
	header->kallsyms = piece(&metadata->kallsyms);
	header->printk = piece(&metadata->printk);
	return 0;
}
