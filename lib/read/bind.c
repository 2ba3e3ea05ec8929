// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bind.c - event formats of a capture + rows of the plugins -> where each field lies
 *
 * Formats are indexed by id and name when a capture is opened; those that a row names are read
 * for their fields.  After binding, a field is an offset and a size.  libtraceevent gets a format
 * only when somebody prints or filters events of that kind.
 */
#include <errno.h>
#include <event-parse.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "format.h"
#include "read.h"

#define PROBE_SYSTEM	"skbtrail"
/* Rows of this event are bound to all that the user asked for. */
#define USER_EVENT	"user:*"
#define MAX_USER_NAME	128

/* @system and @name live in one allocation that @system owns. */
struct bind_format {
	char *system;
	char *name;
	unsigned int type;
	struct text text;
	bool parsed;
};

/* A trail_binding and what only this side needs of it. */
struct bound_row {
	struct trail_binding binding;
	struct enum_list *enums;
	struct text field_name[TRAIL_MAX_FIELDS];
	struct bound_row *next;
};

struct bind {
	struct tep_handle *tep;
	bool own_tep;
	bool swap;
	struct bind_format *format;
	size_t nr_format;
	struct bind_format **by_type;
	struct trail_binding **binding;
	struct trail_description **description;	/* by type, NULL where nobody asked */
	size_t nr_type;
	struct bound_row *row;
	bool has_user;		/* events that the user asked for */
};

static bool is_name(struct text text, const char *name)
{
	return text.len == strlen(name) && !memcmp(text.at, name, text.len);
}

static int add_format(struct bind *bind, struct text system, struct text name)
{
	struct bind_format *format;

	format = tracedat_grow(bind->format, bind->nr_format, sizeof(*format));
	if (!format)
		return -ENOMEM;
	bind->format = format;
	format += bind->nr_format;
	memset(format, 0, sizeof(*format));
	format->system = malloc(system.len + name.len + 2);
	if (!format->system)
		return -ENOMEM;
	memcpy(format->system, system.at, system.len);
	format->system[system.len] = 0;
	format->name = format->system + system.len + 1;
	memcpy(format->name, name.at, name.len);
	format->name[name.len] = 0;
	bind->nr_format++;
	return 0;
}

static int index_formats(struct bind *bind, const struct tracedat *dat)
{
	int err = 0;

	for (size_t i = 0; i < dat->nr_format && !err; i++) {
		const struct tracedat_format *from = &dat->format[i];
		struct bind_format *format;
		unsigned int type;
		struct text name;

		if (!format_head(from->text, &name, &type))
			continue;
		err = add_format(bind, from->system, name);
		if (err)
			break;
		format = &bind->format[bind->nr_format - 1];
		format->text = from->text;
		format->type = type;
	}
	return err;
}

static int make_by_type(struct bind *bind)
{
	unsigned int max = 0;

	for (size_t i = 0; i < bind->nr_format; i++) {
		if (bind->format[i].type > max)
			max = bind->format[i].type;
	}
	bind->nr_type = max + 1;
	bind->by_type = calloc(bind->nr_type, sizeof(*bind->by_type));
	bind->binding = calloc(bind->nr_type, sizeof(*bind->binding));
	bind->description = calloc(bind->nr_type, sizeof(struct trail_description *));
	if (!bind->by_type || !bind->binding || !bind->description)
		return -ENOMEM;
	for (size_t i = 0; i < bind->nr_format; i++)
		bind->by_type[bind->format[i].type] = &bind->format[i];
	return 0;
}

static int make_tep(struct bind *bind, const struct tracedat *dat)
{
	bind->tep = tep_alloc();
	if (!bind->tep)
		return -ENOMEM;
	bind->own_tep = true;
	tep_set_loglevel(TEP_LOG_NONE);
	tep_set_file_bigendian(bind->tep, dat->big_endian ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN);
	tep_set_local_bigendian(bind->tep, tep_is_bigendian());
	tep_set_long_size(bind->tep, dat->commit_size);
	tep_set_page_size(bind->tep, dat->page_size);
	/* Without a text libtraceevent would switch to the layout of kernels before 2.6.31. */
	if (dat->header_page.len)
		tep_parse_header_page(bind->tep, (char *)dat->header_page.at, dat->header_page.len,
				      dat->commit_size);
	return 0;
}

static void parse_format(struct bind *bind, struct bind_format *format)
{
	if (format->parsed)
		return;
	format->parsed = true;
	/* A print format that it does not understand is no obstacle: the fields are there. */
	if (bind->own_tep && format_is_sane(format->text))
		tep_parse_event(bind->tep, format->text.at, format->text.len, format->system);
}

static struct tep_event *format_event(struct bind *bind, struct bind_format *format)
{
	parse_format(bind, format);
	return tep_find_event(bind->tep, format->type);
}

struct tep_event *bind_event(struct bind *bind, unsigned int type)
{
	if (type >= bind->nr_type || !bind->by_type[type])
		return NULL;
	return format_event(bind, bind->by_type[type]);
}

void bind_parse_all(struct bind *bind)
{
	for (size_t i = 0; i < bind->nr_format; i++)
		parse_format(bind, &bind->format[i]);
}

const char *bind_system(const struct bind *bind, unsigned int type)
{
	return type < bind->nr_type && bind->by_type[type] ? bind->by_type[type]->system : NULL;
}

const char *bind_name(const struct bind *bind, unsigned int type)
{
	return type < bind->nr_type && bind->by_type[type] ? bind->by_type[type]->name : NULL;
}

int bind_find(const struct bind *bind, const char *system, const char *name)
{
	for (size_t i = 0; i < bind->nr_format; i++) {
		if (!strcmp(bind->format[i].name, name) && !strcmp(bind->format[i].system, system))
			return bind->format[i].type;
	}
	return -1;
}

/* All events share their first fields; the first event that has them all says where. */
static bool common_of(struct text format, struct common_fields *out)
{
	static const struct { const char *name; uint16_t size; } want[] = {
		{ "common_type", 2 }, { "common_flags", 1 }, { "common_preempt_count", 1 },
		{ "common_pid", 4 },
	};
	uint32_t *const to[] = { &out->type, &out->flags, &out->preempt, &out->pid };
	struct format_field field;
	unsigned int found = 0;
	size_t at = 0;

	out->min_size = 0;
	while (format_next_field(format, &at, &field)) {
		uint32_t end = field.place.offset + field.place.size;

		for (unsigned int i = 0; i < 4; i++) {
			if (field.place.size != want[i].size || !is_name(field.name, want[i].name))
				continue;
			*to[i] = field.place.offset;
			found |= 1 << i;
			if (out->min_size < end)
				out->min_size = end;
		}
	}
	return found == 15;
}

static void find_common(const struct bind *bind, struct common_fields *common)
{
	for (size_t i = 0; i < bind->nr_format && i < 64; i++) {
		if (common_of(bind->format[i].text, common))
			return;
	}
	*common = (struct common_fields){ .flags = 2, .preempt = 3, .pid = 4, .min_size = 8 };
}

/* "=skb", the third time: the third field that is an skb. */
static void bind_role(const struct trail_description *description, const struct trail_row *row,
		      unsigned int i, struct trail_field *place)
{
	const struct trail_shown *shown;
	unsigned int nth = 0;

	for (unsigned int j = 0; j < i; j++)
		nth += !strcmp(row->field[j], row->field[i]);
	shown = description ? describe_role(description, row->field[i] + 1, nth) : NULL;
	if (shown)
		*place = shown->place;
}

static int bind_row(struct bind *bind, const struct trail_plugin *plugin,
		    const struct trail_row *row, int type)
{
	struct trail_binding **last = &bind->binding[type];
	struct text format = bind->by_type[type]->text;
	struct bound_row *bound = calloc(1, sizeof(*bound));

	if (!bound)
		return -ENOMEM;
	bound->next = bind->row;
	bind->row = bound;
	bound->binding.row = row;
	bound->binding.plugin = plugin;
	bound->binding.type = type;
	bound->binding.priv = bound;
	for (unsigned int i = 0; i < TRAIL_MAX_FIELDS && row->field[i]; i++) {
		struct format_field field;

		if (row->field[i][0] == '=') {
			bind_role(bind->description[type], row, i, &bound->binding.field[i]);
			continue;
		}
		if (!format_find_field(format, row->field[i], &field))
			continue;
		bound->binding.field[i] = field.place;
		bound->binding.field[i].swap = bind->swap;
		bound->field_name[i] = field.name;
	}
	while (*last)
		last = (struct trail_binding **)&(*last)->next;
	*last = &bound->binding;
	return enum_list_new(format, &bound->enums);
}

/*
 * Dynamic events of `skbtrail record` carry the pid of that process: "skbtrail_4711", and
 * "skbtrail_4711_1" if that was taken, is the system that rows call "skbtrail".
 */
static bool is_system(const char *system, const char *name, size_t len)
{
	if (strncmp(system, name, len))
		return false;
	if (!system[len] || len != strlen(PROBE_SYSTEM) || strncmp(name, PROBE_SYSTEM, len))
		return !system[len];
	return system[len] == '_' && !system[len + strspn(system + len, "_0123456789")];
}

/* Return: type of "system:event", -1 when the capture does not have it. */
static int find_event(const struct bind *bind, const char *event)
{
	const char *colon = strchr(event, ':');
	size_t len = colon ? (size_t)(colon - event) : 0;

	for (size_t i = 0; colon && i < bind->nr_format; i++) {
		const struct bind_format *format = &bind->format[i];

		if (!strcmp(format->name, colon + 1) && is_system(format->system, event, len))
			return format->type;
	}
	return -1;
}

static int bind_plugins(struct bind *bind, const struct trail_plugin *const *plugin)
{
	int err = 0;

	for (; *plugin && !err; plugin++) {
		for (const struct trail_row *row = (*plugin)->row; row->event && !err; row++) {
			int type = find_event(bind, row->event);

			if (type >= 0)
				err = bind_row(bind, *plugin, row, type);
		}
	}
	return err;
}

static int make_description(struct bind *bind, unsigned int type, struct text line, bool is_part)
{
	const struct bind_format *format = bind->by_type[type];

	bind->description[type] = describe(&(struct described){
		.system = format->system, .name = format->name, .format = format->text,
		.line = line, .type = (uint16_t)type, .swap = bind->swap, .is_part = is_part });
	return bind->description[type] ? 0 : -ENOMEM;
}

/* Return: type of the user's event that the line begins with, which is cut off; -1 without. */
static int user_type(const struct bind *bind, struct text *line)
{
	const char *space = memchr(line->at, ' ', line->len);
	size_t len = space ? (size_t)(space - line->at) : line->len;
	char event[MAX_USER_NAME + sizeof(PROBE_SYSTEM) + 1] = PROBE_SYSTEM ":";
	size_t head = strlen(event);
	char *slash;

	if (!space || len > MAX_USER_NAME)
		return -1;
	memcpy(event + head, line->at, len);
	event[head + len] = '\0';
	line->at += len + 1;
	line->len -= len + 1;
	/* An event of the kernel that the user named: "kmem/mm_page_alloc". */
	slash = strchr(event + head, '/');
	if (!slash)
		return find_event(bind, event);
	*slash = ':';
	return find_event(bind, event + head);
}

static int bind_user_rows(struct bind *bind, const struct trail_plugin *const *plugin, int type)
{
	int err = 0;

	for (; *plugin && !err; plugin++)
		for (const struct trail_row *row = (*plugin)->row; row->event && !err; row++)
			if (!strcmp(row->event, USER_EVENT))
				err = bind_row(bind, *plugin, row, type);
	return err;
}

/* Once all are known: of which event is which one the entry? */
static void find_entries(struct trail_capture *cap)
{
	struct bind *bind = cap->bind;
	struct text line, name;
	size_t at = 0;

	while (capture_next_line(cap, "user", &at, &line)) {
		int type = user_type(bind, &line), entry = -1;

		if (type < 0 || !describe_key(line, "entry", &name))
			continue;
		for (size_t i = 0; i < bind->nr_type; i++)
			if (bind->description[i] &&
			    is_name(name, bind->description[i]->name))
				entry = (int)i;
		bind->description[type]->entry = entry;
		if (entry >= 0)
			bind->description[entry]->is_entry = true;
	}
}

/* An entry that has no line of its own: it is there for its return, whose line @line is. */
static int bind_entry(struct bind *bind, const struct trail_plugin *const *plugin,
		      struct text line, struct text name)
{
	char event[MAX_USER_NAME + 1];
	int err = 0;

	if (name.len > MAX_USER_NAME)
		return 0;
	memcpy(event, name.at, name.len);
	event[name.len] = '\0';
	for (size_t i = 0; i < bind->nr_format && !err; i++) {
		const struct bind_format *format = &bind->format[i];

		if (strcmp(format->name, event) != 0 || bind->description[format->type] ||
		    !is_system(format->system, PROBE_SYSTEM, strlen(PROBE_SYSTEM)))
			continue;
		err = make_description(bind, format->type, line, true);
		if (!err)
			err = bind_user_rows(bind, plugin, (int)format->type);
	}
	return err;
}

static int bind_user(struct trail_capture *cap, const struct trail_plugin *const *plugin)
{
	struct bind *bind = cap->bind;
	struct text line, name;
	size_t at = 0;
	int err = 0;

	while (!err && capture_next_line(cap, "user", &at, &line)) {
		int type = user_type(bind, &line);

		if (type < 0 || bind->description[type])
			continue;
		err = make_description(bind, (unsigned int)type, line, false);
		if (!err)
			err = bind_user_rows(bind, plugin, type);
		bind->has_user = true;
	}
	for (at = 0; !err && capture_next_line(cap, "user", &at, &line);)
		if (user_type(bind, &line) >= 0 && describe_key(line, "entry", &name))
			err = bind_entry(bind, plugin, line, name);
	if (!err)
		find_entries(cap);
	return err;
}

const struct trail_description *trail_capture_describe(const struct trail_capture *cap,
						       unsigned int type)
{
	struct bind *bind = cap->bind;

	if (type >= bind->nr_type || !bind->by_type[type])
		return NULL;
	if (!bind->description[type])
		make_description(bind, type, (struct text){ .at = "", .len = 0 }, false);
	return bind->description[type];
}

/* One of the kernel that the user named has a print format of its own. */
bool bind_is_user(const struct bind *bind, unsigned int type)
{
	const struct trail_description *what =
		type < bind->nr_type ? bind->description[type] : NULL;

	return what && what->spec && is_system(what->system, PROBE_SYSTEM, strlen(PROBE_SYSTEM));
}

int bind_new(struct trail_capture *cap, const struct trail_plugin *const *plugin)
{
	struct bind *bind = calloc(1, sizeof(*bind));
	int err;

	if (!bind)
		return -ENOMEM;
	cap->bind = bind;
	bind->swap = cap->dat->swap;
	if (cap->tracecmd)
		bind->tep = tracecmd_backend_tep(cap->tracecmd);
	err = bind->tep ? 0 : make_tep(bind, cap->dat);
	if (!err)
		err = index_formats(bind, cap->dat);
	if (!err)
		err = make_by_type(bind);
	if (err)
		return err;
	find_common(bind, &cap->common);
	cap->by_type = bind->binding;
	cap->nr_type = bind->nr_type;
	err = bind_plugins(bind, plugin);
	return err ? err : bind_user(cap, plugin);
}

void bind_free(struct bind *bind)
{
	struct bound_row *next;

	if (!bind)
		return;
	for (struct bound_row *row = bind->row; row; row = next) {
		next = row->next;
		enum_list_free(row->enums);
		free(row);
	}
	for (size_t i = 0; i < bind->nr_format; i++)
		free(bind->format[i].system);
	for (size_t i = 0; bind->description && i < bind->nr_type; i++)
		free(bind->description[i]);
	free(bind->description);
	free(bind->format);
	free(bind->by_type);
	free(bind->binding);
	if (bind->own_tep)
		tep_free(bind->tep);
	free(bind);
}

struct tep_handle *bind_tep(const struct bind *bind)
{
	return bind->tep;
}

bool trail_capture_has_event(const struct trail_capture *cap, const char *event)
{
	if (!strcmp(event, USER_EVENT))
		return cap->bind->has_user;
	return find_event(cap->bind, event) >= 0;
}

const char *trail_capture_enum(const struct trail_capture *cap, const struct trail_binding *binding,
			       unsigned int i, uint64_t value)
{
	const struct bound_row *row = binding->priv;

	if (i >= TRAIL_MAX_FIELDS)
		return NULL;
	return enum_list_name(row->enums, row->field_name[i], value);
}

const char *trail_capture_enum_of(const struct trail_capture *cap, const char *event,
				  const char *field, uint64_t value)
{
	int type = find_event(cap->bind, event);
	const struct trail_binding *binding = type < 0 ? NULL : cap->bind->binding[type];

	for (; binding; binding = binding->next)
		for (unsigned int i = 0; i < TRAIL_MAX_FIELDS && binding->row->field[i]; i++)
			if (!strcmp(binding->row->field[i], field))
				return trail_capture_enum(cap, binding, i, value);
	return NULL;
}
