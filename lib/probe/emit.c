// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * emit.c - a SPEC -> a probe with its forms
 *
 * What a name before a colon means is found out in this order: a system of events, a module of the
 * kernel, a library.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emit-private.h"

/* ---- plans */

int plan_add_line(struct probe_plan *plan, const char *system, const char *name, char *text)
{
	struct probe_line *line = reallocarray(plan->line, plan->nr_line + 1, sizeof(*line));

	if (line)
		plan->line = line;
	if (!line || !text) {
		free(text);
		return -ENOMEM;
	}
	line += plan->nr_line++;
	*line = (struct probe_line){ strdup(system), strdup(name), text, NULL };
	return line->system && line->name ? 0 : -ENOMEM;
}

int plan_add_trigger(struct probe_plan *plan, const char *system, const char *name, char *text)
{
	struct probe_trigger *trigger;

	trigger = reallocarray(plan->trigger, plan->nr_trigger + 1, sizeof(*trigger));
	if (trigger)
		plan->trigger = trigger;
	if (!trigger || !text) {
		free(text);
		return -ENOMEM;
	}
	trigger += plan->nr_trigger++;
	*trigger = (struct probe_trigger){ strdup(system), strdup(name), text };
	return trigger->system && trigger->name ? 0 : -ENOMEM;
}

struct probe_plan *event_new_plan(struct probe_event *event, const char *form)
{
	struct probe_plan *plan = &event->plan[event->nr_plan];

	if (event->nr_plan == PROBE_MAX_PLAN)
		return NULL;
	event->nr_plan++;
	plan->form = form;
	return plan;
}

static void release_plan(struct probe_plan *plan)
{
	for (size_t i = 0; i < plan->nr_line; i++) {
		free(plan->line[i].system);
		free(plan->line[i].name);
		free(plan->line[i].text);
		free(plan->line[i].filter);
	}
	for (size_t i = 0; i < plan->nr_trigger; i++) {
		free(plan->trigger[i].system);
		free(plan->trigger[i].name);
		free(plan->trigger[i].text);
	}
	free(plan->line);
	free(plan->trigger);
}

static void release_event(struct probe_event *event)
{
	for (size_t i = 0; i < event->nr_plan; i++)
		release_plan(&event->plan[i]);
	free(event->field);
	free(event->filter);
	free(event->watch);
	spec_free(event->spec);
}

void probe_set_release(struct probe_set *set)
{
	for (size_t i = 0; i < set->nr_event; i++)
		release_event(&set->event[i]);
	free(set->event);
	*set = (struct probe_set){ 0 };
}

/* ---- names */

static bool is_taken(const struct probe_set *set, const char *name)
{
	for (size_t i = 0; i < set->nr_event; i++)
		if (!strcmp(set->event[i].name, name))
			return true;
	return false;
}

/* Room is left for "__out". */
static int choose_name(const struct probe_set *set, struct probe_event *event,
		       struct trail_error *error)
{
	const struct spec *spec = event->spec;
	const char *from = spec->name.text ? spec->name.text : spec->symbol.text;
	char base[48];
	size_t n = 0;

	snprintf(event->system, sizeof(event->system), "%s", set->group);
	if (spec->name.text && strlen(from) >= sizeof(base))
		return spec_fail(error, spec->name.column, NULL, "a name of %zu letters at most",
				 sizeof(base) - 1);
	for (; from[n] && n + 1 < sizeof(base) - (spec->is_return ? strlen("__return") : 0); n++)
		base[n] = isalnum((unsigned char)from[n]) ? from[n] : '_';
	base[n] = '\0';
	/* An address in a file. */
	snprintf(event->name, sizeof(event->name), "%s%s%s", isdigit((unsigned char)*base) ?
		 "at_" : "", base, spec->is_return && !spec->name.text ? "__return" : "");
	snprintf(base, sizeof(base), "%.44s", event->name);
	if (spec->name.text && is_taken(set, event->name))
		return spec_fail(error, spec->name.column, NULL, "there are two probes of this "
				 "name");
	for (int i = 2; is_taken(set, event->name); i++)
		snprintf(event->name, sizeof(event->name), "%s_%d", base, i);
	return 0;
}

/* ---- a function of the kernel */

static int emit_entry(const struct probe_set *set, struct probe_event *event,
		      const struct probe_kernel *kernel)
{
	static const struct { const char *form; char letter; } form[] = {
		{ "fprobe", 'f' }, { "kprobe", 'p' },
	};
	const struct spec *spec = event->spec;
	int err = 0;

	for (size_t i = 0; !err && i < 2; i++) {
		struct probe_plan *plan;
		char *text = NULL;

		/* At the entries of functions only; of modules', only kprobes know. */
		if (form[i].letter == 'f' && (!kernel->caps.fprobe || spec->offset ||
					      spec->object.text))
			continue;
		plan = event_new_plan(event, form[i].form);
		if (!plan)
			return 0;
		err = probe_text(&text, "%c:%s/%s %s%s%s", form[i].letter, set->group, event->name,
				 spec->object.text ? spec->object.text : "",
				 spec->object.text ? ":" : "", spec->symbol.text);
		if (!err && spec->offset)
			err = probe_text(&text, "+0x%llx", (unsigned long long)spec->offset);
		if (!err)
			err = emit_args(event->field, event->nr_field, &text);
		err = err ? err : plan_add_line(plan, set->group, event->name, text);
	}
	return err;
}

static const char *no_types_text(int err)
{
	return err == -ENOENT ? "the kernel has no type information (BTF) of it" :
	       "the kernel's type information (BTF) cannot be read";
}

/*
 * Types of the function: in those of the kernel, or of its module.  *@types may become NULL; then
 * *@why says why its arguments have no names.
 */
static int find_types(struct probe_event *event, struct probe_kernel *kernel,
		      struct probe_types **types, const char **why)
{
	const struct spec *spec = event->spec;
	struct probe_symbol symbol = { 0 };
	const struct probe_btf *btf;
	const char *module = spec->object.text;
	int err = probe_kernel_btf(kernel, module, &btf);

	if (!err)
		err = probe_btf_function(btf, spec->symbol.text, types);
	if (err == -ENOENT && !probe_kernel_find_symbol(kernel, spec->symbol.text, &symbol)) {
		if (!module && *symbol.module && !probe_kernel_btf(kernel, symbol.module, &btf)) {
			module = symbol.module;
			err = probe_btf_function(btf, spec->symbol.text, types);
		}
		if (err == -ENOENT && !symbol.nr)
			return -ENODEV;
	}
	snprintf(event->where, sizeof(event->where), "a function of %s%.60s%s",
		 module ? "module " : "the kernel", module ? module : "",
		 err ? ", types not known" : ", types by BTF");
	if (!err || err == -ENOMEM)
		return err;
	*why = no_types_text(err);
	if (!probe_kernel_btf(kernel, NULL, &btf))
		return probe_btf_variables(btf, NULL, 0, types);
	return 0;
}

static int emit_function(const struct probe_set *set, struct probe_event *event,
			 struct probe_kernel *kernel, struct trail_error *error)
{
	const struct spec *spec = event->spec;
	struct probe_types *types = NULL;
	struct probe_resolver resolver = {
		.where = spec->symbol.text, .what = "argument", .is_return = spec->is_return,
		.is_entry = !spec->offset, .error = error,
	};
	int err;

	if (!kernel->caps.kprobe && !kernel->caps.fprobe)
		return spec_fail(error, spec->symbol.column, "events of the kernel can be probed: "
				 "skb:kfree_skb", "this kernel has no kprobes");
	err = find_types(event, kernel, &types, &resolver.why_no_types);
	if (err == -ENODEV)
		return probe_kernel_explain(kernel, spec, error);
	resolver.types = types;
	if (!err)
		err = emit_fields(event, &resolver);
	if (!err)
		err = spec->is_return ? emit_return(set, event, kernel, &resolver)
				      : emit_entry(set, event, kernel);
	probe_types_close(types);
	return err;
}

/* ---- which of them it is */

static int emit(const struct probe_set *set, struct probe_event *event,
		struct probe_kernel *kernel, struct trail_error *error)
{
	const struct spec *spec = event->spec;
	int err;

	if (spec->target == SPEC_KERNEL)
		return emit_function(set, event, kernel, error);
	if (spec->target != SPEC_NAMED)
		return emit_user(set, event, kernel, error);
	if (emit_is_tracepoint(kernel, spec))
		return emit_tracepoint(set, event, kernel, error);
	if (probe_kernel_is_module(kernel, spec->object.text))
		err = emit_function(set, event, kernel, error);
	else
		err = emit_user(set, event, kernel, error);
	if (err == -EINVAL)
		emit_explain_event(kernel, spec, error);
	return err;
}

int probe_set_add(struct probe_set *set, struct probe_kernel *kernel, const char *text,
		  struct trail_error *error)
{
	struct probe_event *event;
	struct spec *spec;
	int err = spec_parse(text, &spec, error);

	if (err)
		return err;
	event = reallocarray(set->event, set->nr_event + 1, sizeof(*event));
	if (!event) {
		spec_free(spec);
		return -ENOMEM;
	}
	set->event = event;
	event += set->nr_event;
	*event = (struct probe_event){ .spec = spec, .retval = -1 };
	err = choose_name(set, event, error);
	if (!err)
		err = emit(set, event, kernel, error);
	if (err)
		release_event(event);
	else
		set->nr_event++;
	return err;
}
