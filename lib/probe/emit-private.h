/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * emit-private.h - what the parts of the emitter share
 */
#ifndef PROBE_EMIT_PRIVATE_H
#define PROBE_EMIT_PRIVATE_H

#include "emit.h"
#include "spec.h"

/* Adds to *@text, which grows.  Return: 0 or -ENOMEM. */
int probe_text(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* @system may be NULL: the set's group.  Takes @text over.  NULL of it: -ENOMEM. */
int plan_add_line(struct probe_plan *plan, const char *system, const char *name, char *text);
int plan_add_trigger(struct probe_plan *plan, const char *system, const char *name, char *text);
/* The next plan of the event; NULL: there is no room for one more. */
struct probe_plan *event_new_plan(struct probe_event *event, const char *form);

/*
 * Everything that is fetched at this place: those of the SPEC, and what its condition needs; fills
 * event->field and event->filter.
 */
int emit_fields(struct probe_event *event, const struct probe_resolver *resolver);
/* " NAME=FETCH:TYPE ..." of fields; @slots, from emit_again(), or NULL.  Return: 0 or -ENOMEM. */
int emit_args(const struct probe_field *field, size_t nr, char **text);
/* The same fields out of slots, @field has room for event->nr_field. */
int emit_again(const struct probe_event *event, const struct probe_resolver *resolver,
	       struct probe_field *field);

/*
 * The field that a relation is about: one that has this name, or the same value, or was added for
 * it.  NULL: none.
 */
const struct probe_field *emit_find_field(const struct probe_event *event,
					  const struct spec_expr *operand);

/* filter.c: the condition, over the fields.  *@out is NULL without one. */
int emit_filter(const struct probe_event *event, const struct probe_resolver *resolver,
		char **out);
/* Is it a field that every event has?  Return: its name for filters, or NULL. */
const char *filter_generic(const char *name);

/*
 * Can it be two events, one at the entry and one at the return, which the reader of the capture
 * puts together?  @needs: what the kernel lacks.  Return: 0; -EINVAL.
 */
int emit_check_pair(const struct probe_event *event, const char *needs, struct trail_error *error);

/* emit-return.c, emit-user.c, emit-event.c */
int emit_return(const struct probe_set *set, struct probe_event *event,
		const struct probe_kernel *kernel, const struct probe_resolver *resolver);
int emit_user(const struct probe_set *set, struct probe_event *event,
	      const struct probe_kernel *kernel, struct trail_error *error);
int emit_tracepoint(const struct probe_set *set, struct probe_event *event,
		    struct probe_kernel *kernel, struct trail_error *error);
/* Is there an event of that name? */
bool emit_is_tracepoint(const struct probe_kernel *kernel, const struct spec *spec);
/*
 * Nothing is called as the SPEC says, and @error says so of functions: puts events there, if one
 * of those or a system of them was meant.
 */
void emit_explain_event(const struct probe_kernel *kernel, const struct spec *spec,
			struct trail_error *error);

#endif /* PROBE_EMIT_PRIVATE_H */
