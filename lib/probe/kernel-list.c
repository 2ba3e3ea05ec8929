// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kernel-list.c - the name before a colon -> is it a module, and the events of a system
 */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"

#define PATH_BYTES	512
#define LINE_BYTES	512
#define TEXT_BYTES	2048

bool probe_kernel_is_module(const struct probe_kernel *kernel, const char *name)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", kernel->btf_dir, name);
	if (!*name || *name == '.' || strchr(name, '/'))
		return false;
	if (!access(path, F_OK))
		return true;
	snprintf(path, sizeof(path), "/sys/module/%s/initstate", name);
	return !access(path, F_OK);
}

/* Of "field:__data_loc char[] name;..." "char[] name"; NULL: every event has it, or it is none. */
static const char *field_of(char *line)
{
	static const char *const before[] = { "\tfield:", "__data_loc ", "__rel_loc " };
	char *field = line;

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if (!strncmp(field, before[i], strlen(before[i])))
			field += strlen(before[i]);
		else if (!i)
			return NULL;
	field[strcspn(field, ";")] = '\0';
	return strstr(field, " common_") ? NULL : field;
}

/* Return: false: it is not an event. */
static bool describe_event(const char *events, const char *system, const char *name, char *text)
{
	char path[PATH_BYTES], line[LINE_BYTES];
	const char *field, *before = "(";
	size_t used;
	FILE *file;

	if (snprintf(path, sizeof(path), "%s/%s/format", events, name) >= (int)sizeof(path))
		return false;
	file = fopen(path, "re");
	if (!file)
		return false;
	used = (size_t)snprintf(text, TEXT_BYTES, "%s:%s", system, name);
	while (used < TEXT_BYTES && fgets(line, sizeof(line), file)) {
		field = field_of(line);
		if (!field)
			continue;
		used += (size_t)snprintf(text + used, TEXT_BYTES - used, "%s%s", before, field);
		before = ", ";
	}
	fclose(file);
	if (used < TEXT_BYTES)
		snprintf(text + used, TEXT_BYTES - used, "%s", *before == '(' ? "()" : ")");
	return true;
}

int probe_kernel_walk_events(const struct probe_kernel *kernel, const char *system,
			     const char *pattern, int (*visit)(void *data, const char *text),
			     void *data)
{
	char events[PATH_BYTES], text[TEXT_BYTES];
	struct dirent **entry;
	int nr, err = 0;

	if (!*system || *system == '.' || strchr(system, '/'))
		return -ENOENT;
	snprintf(events, sizeof(events), "%s/events/%s", kernel->tracing_dir, system);
	nr = scandir(events, &entry, NULL, alphasort);
	if (nr < 0)
		return -errno;
	for (int i = 0; i < nr; i++) {
		if (!err && *entry[i]->d_name != '.' && !fnmatch(pattern, entry[i]->d_name, 0) &&
		    describe_event(events, system, entry[i]->d_name, text))
			err = visit(data, text);
		free(entry[i]);
	}
	free(entry);
	return err;
}
