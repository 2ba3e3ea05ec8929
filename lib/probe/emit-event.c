// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * emit-event.c - an event that the kernel has, with values of its fields and of what they point to
 *
 * Without values it is the event itself, with the condition as its filter.  With values it is an
 * eprobe; net:* events tell addresses of packets without their type, so the names say it.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emit-private.h"
#include "near.h"

#define MAX_VARIABLE	64
#define FORMAT_BYTES	16384

/* Fields of addresses whose type is known. */
static const struct { const char *name, *tag; } known[] = {
	{ "skbaddr", "sk_buff" }, { "skaddr", "sock" }, { "sk", "sock" },
};

/**
 * struct fields - of an event
 * @format: the text of its format, cut into names in place
 */
struct fields {
	char *format;
	struct probe_variable variable[MAX_VARIABLE];
	size_t nr;
	const struct probe_btf *btf;
};

static void format_path(const struct probe_kernel *kernel, const struct spec *spec, char *path,
			size_t size)
{
	snprintf(path, size, "%s/events/%s/%s/format", kernel->tracing_dir, spec->object.text,
		 spec->symbol.text);
}

bool emit_is_tracepoint(const struct probe_kernel *kernel, const struct spec *spec)
{
	char path[512];
	FILE *file;

	if (strchr(spec->symbol.text, '/') || strchr(spec->object.text, '/'))
		return false;
	format_path(kernel, spec, path, sizeof(path));
	file = fopen(path, "re");
	if (file)
		fclose(file);
	return file;
}

static int is_folder(const struct dirent *entry)
{
	return *entry->d_name != '.' &&
	       (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
}

/* Folders of @path that are called nearly so.  Return: how many, or -errno: there is no @path. */
static int find_near(const char *path, const char *wanted, char *text, size_t size)
{
	struct near_names near = { wanted, strlen(wanted) };
	struct dirent **entry;
	int nr = scandir(path, &entry, is_folder, NULL);

	*text = '\0';
	if (nr < 0)
		return -errno;
	for (int i = 0; i < nr; i++)
		near_add(&near, entry[i]->d_name);
	near_text(&near, text, size);
	for (int i = 0; i < nr; i++)
		free(entry[i]);
	free(entry);
	return (int)near.nr;
}

void emit_explain_event(const struct probe_kernel *kernel, const struct spec *spec,
			struct trail_error *error)
{
	bool is_nothing = error->column == spec->object.column;
	char path[512], near[200], hint[320];
	int nr;

	if (strchr(spec->object.text, '/') ||
	    (!is_nothing && error->column != spec->symbol.column))
		return;
	snprintf(path, sizeof(path), "%s/events/%s", kernel->tracing_dir, spec->object.text);
	nr = find_near(path, spec->symbol.text, near, sizeof(near));
	snprintf(hint, sizeof(hint), nr > 0 ? "did you mean %s?" :
		 "skbtrail probe functions '%.200s:*' lists its events", nr > 0 ? near :
		 spec->object.text);
	if (nr > 0 || (nr == 0 && is_nothing)) {
		spec_fail(error, spec->symbol.column, hint, "the kernel has no event '%s' in '%s'",
			  spec->symbol.text, spec->object.text);
		return;
	}
	snprintf(path, sizeof(path), "%s/events", kernel->tracing_dir);
	if (is_nothing && find_near(path, spec->object.text, near, sizeof(near)) > 0)
		snprintf(error->hint, sizeof(error->hint), "did you mean the events of %s?", near);
}

/* A pointer: to what, if that is known. */
static uint64_t pointer_type(const struct fields *fields, const char *declared, const char *name)
{
	struct probe_types *types;
	uint64_t type = PROBE_NO_TYPE;
	char tag[64] = "";

	sscanf(declared, "%*[a-z ]struct %63[a-z0-9_]", tag);
	if (!*tag)
		sscanf(declared, "struct %63[a-z0-9_]", tag);
	for (size_t i = 0; !*tag && i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].name, name))
			snprintf(tag, sizeof(tag), "%s", known[i].tag);
	if (*tag && fields->btf && !probe_btf_variables(fields->btf, NULL, 0, &types)) {
		if (types->ops->find_type(types, "struct", tag, &type))
			type = PROBE_NO_TYPE;
		probe_types_close(types);
	}
	return probe_pointer_to(type);
}

/* "field:TYPE NAME;	offset:O;	size:S;	signed:F;", of which TYPE and NAME are one text. */
static void read_field(struct fields *fields, char *declared, unsigned int size, bool is_signed)
{
	struct probe_variable *variable = &fields->variable[fields->nr];
	char *bracket, *name;

	bracket = strrchr(declared, '[');
	if (bracket && strncmp(declared, "__data_loc", 10) && strncmp(declared, "__rel_loc", 9))
		*bracket = '\0';
	else
		bracket = NULL;
	name = strrchr(declared, ' ');
	if (!name || !strncmp(name + 1, "common_", 7))
		return;
	*name++ = '\0';
	variable->name = name;
	snprintf(variable->place.fetch, sizeof(variable->place.fetch), "$%s", name);
	if (strstr(declared, "char") && (bracket || !strncmp(declared, "__", 2))) {
		variable->type = PROBE_PLAIN | PROBE_PLAIN_TEXT;
	} else if (strchr(declared, '*')) {
		variable->type = pointer_type(fields, declared, name);
	} else if (size == 1 || size == 2 || size == 4 || size == 8) {
		variable->type = PROBE_PLAIN | size | (is_signed ? PROBE_PLAIN_SIGNED : 0);
	} else {
		*variable->place.fetch = '\0';
		snprintf(variable->place.why, sizeof(variable->place.why),
			 "the kernel cannot read the arrays of an event");
	}
	fields->nr++;
}

static int read_fields(const char *path, struct fields *fields)
{
	FILE *file = fopen(path, "re");
	char *line, *save = NULL, *end;
	unsigned int size, is_signed;
	size_t n;

	if (!file)
		return -errno;
	fields->format = malloc(FORMAT_BYTES);
	n = fields->format ? fread(fields->format, 1, FORMAT_BYTES - 1, file) : 0;
	fclose(file);
	if (!fields->format)
		return -ENOMEM;
	fields->format[n] = '\0';
	for (line = strtok_r(fields->format, "\n", &save); line && fields->nr < MAX_VARIABLE;
	     line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "\tfield:", 7))
			continue;
		end = strchr(line, ';');
		if (!end || sscanf(end, "; offset:%*u; size:%u; signed:%u", &size, &is_signed) != 2)
			continue;
		*end = '\0';
		read_field(fields, line + 7, size, is_signed);
	}
	return 0;
}

/* ---- the event itself */

/* All of its fields, so that the condition can be about them. */
static int add_event_fields(struct probe_event *event, const struct fields *fields)
{
	event->field = calloc(fields->nr + 1, sizeof(*event->field));
	if (!event->field)
		return -ENOMEM;
	for (size_t i = 0; i < fields->nr; i++) {
		const struct probe_variable *variable = &fields->variable[i];
		struct probe_field *field = &event->field[event->nr_field++];
		struct probe_type type;

		probe_describe(NULL, variable->type, &type);
		snprintf(field->name, sizeof(field->name), "%s", variable->name);
		snprintf(field->how, sizeof(field->how), "a field of the event");
		field->size_bytes = (uint32_t)type.size_bytes;
		field->is_signed = type.is_signed;
		field->is_array = !*variable->place.fetch;
		if (variable->type == (PROBE_PLAIN | PROBE_PLAIN_TEXT))
			field->show = PROBE_SHOW_STRING;
		if (!strcmp(variable->name, "skbaddr"))
			field->show = PROBE_SHOW_SKB;
		if (!strcmp(variable->name, "skaddr") || !strcmp(variable->name, "sk"))
			field->show = PROBE_SHOW_SOCK;
	}
	return 0;
}

/* An operand that is no field of the event. */
static int check_operands(const struct probe_event *event, const struct probe_resolver *resolver,
			  const struct spec_cond *cond)
{
	struct spec_fetch fetch = { .column = cond->column, .expr = cond->operand };
	struct probe_field ignored;
	int err;

	if (cond->kind != SPEC_RELATION) {
		err = check_operands(event, resolver, cond->left);
		return err || !cond->right ? err : check_operands(event, resolver, cond->right);
	}
	if (cond->operand->kind == SPEC_NAME && filter_generic(cond->operand->name))
		return 0;
	err = probe_resolve(resolver, &fetch, &ignored);
	if (!err && cond->operand->kind != SPEC_NAME)
		return spec_fail(resolver->error, cond->operand->column,
				 "as a value before 'if' it becomes one",
				 "this is not a field of the event");
	return err;
}

static int emit_itself(struct probe_event *event, const struct fields *fields,
		       const struct probe_resolver *resolver)
{
	const struct spec *spec = event->spec;
	int err = add_event_fields(event, fields);

	snprintf(event->system, sizeof(event->system), "%s", spec->object.text);
	snprintf(event->name, sizeof(event->name), "%s", spec->symbol.text);
	if (!err && spec->cond)
		err = check_operands(event, resolver, spec->cond);
	if (!err)
		err = emit_filter(event, resolver, &event->filter);
	return err || event_new_plan(event, "event") ? err : -ENOMEM;
}

/* ---- an eprobe on it */

static int emit_eprobe(const struct probe_set *set, struct probe_event *event,
		       const struct probe_kernel *kernel, const struct probe_resolver *resolver)
{
	struct probe_plan *plan = event_new_plan(event, "eprobe");
	const struct spec *spec = event->spec;
	char *text = NULL;
	int err = emit_fields(event, resolver);

	if (err)
		return err;
	if (!kernel->caps.eprobe)
		return spec_fail(resolver->error, event->field[0].column,
				 "without values the event itself is recorded, with all fields",
				 "this kernel has no eprobes (since 5.15): no values of an event");
	err = probe_text(&text, "e:%s/%s %s/%s", set->group, event->name, spec->object.text,
			 spec->symbol.text);
	if (!err)
		err = emit_args(event->field, event->nr_field, &text);
	return err ? err : plan_add_line(plan, set->group, event->name, text);
}

int emit_tracepoint(const struct probe_set *set, struct probe_event *event,
		    struct probe_kernel *kernel, struct trail_error *error)
{
	struct fields *fields = calloc(1, sizeof(*fields));
	struct probe_resolver resolver = {
		.why_no_types = "the kernel has no type information (BTF)",
		.where = event->spec->symbol.text, .what = "field", .is_event = true,
		.error = error,
	};
	struct probe_types *types = NULL;
	char path[512];
	int err = fields ? 0 : -ENOMEM;

	if (event->spec->is_return || event->spec->offset)
		err = spec_fail(error, event->spec->place_column, NULL, "an event is no function");
	if (!err) {
		probe_kernel_btf(kernel, NULL, &fields->btf);
		format_path(kernel, event->spec, path, sizeof(path));
		err = read_fields(path, fields);
	}
	if (!err)
		err = probe_btf_variables(fields->btf, fields->variable, fields->nr, &types);
	resolver.types = types;
	if (!err)
		err = event->spec->nr_fetch ? emit_eprobe(set, event, kernel, &resolver)
					    : emit_itself(event, fields, &resolver);
	probe_types_close(types);
	if (fields)
		free(fields->format);
	free(fields);
	return err;
}
