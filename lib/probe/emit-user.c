// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * emit-user.c - a probe in a program: uprobes, and values at the return of a function
 *
 * No kernel keeps the arguments of a program's function until its return.  What keeps them are
 * hist triggers (names are those of a probe N in group G, "a0" is an argument):
 *
 *	p:G/N__in PATH:OFFSET sp=$stack step=\8 a0=%si		entry
 *	r:G/N__out PATH:OFFSET sp=$stack ret=$retval		return
 *	s:G_0_out u64 a0; u64 ret
 *	e:G/N synthetic/G_0_out buf=+0($a0):x8[32] ...		the event that the user sees
 *
 *	G/N__in:  hist:keys=common_pid,sp+step:v0=a0
 *	G/N__out: hist:keys=common_pid,sp:w0=$v0:onmatch(G.N__in).trace(G_0_out,$w0,ret)
 *
 * A call is known by its thread and the place of its frame on the stack: at the return the stack
 * pointer is where it was at the entry, on x86-64 above the return address.  So threads, and calls
 * of a function by itself, stay apart.
 *
 * Where there is none of this (5.10), functions that are nothing but a way to a system call are
 * probed behind it: user-call.c says why.  Of others there are two events, which the reader of the
 * capture puts together (lib/engine/pairs.c), without what is behind arguments at the return:
 *
 *	p:G/N__in PATH:OFFSET __probe_sp=$stack number=%dx	entry
 *	r:G/N PATH:OFFSET __probe_sp=$stack retval=$retval	return
 */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emit-private.h"
#include "user.h"

#define HIST_SIZE	16384	/* frames that are remembered */
#define STACK		" __probe_sp=$stack:u64"

/* What is needed everywhere below. */
struct emission {
	const struct probe_set *set;
	struct probe_event *event;
	const struct probe_kernel *kernel;
	const struct probe_resolver *resolver;
	const struct probe_user *user;
};

static bool uses_entry(const struct probe_event *event)
{
	for (size_t i = 0; i < event->nr_field; i++)
		if (event->field[i].from_entry)
			return true;
	return false;
}

/* "LETTER:GROUP/NAME PATH:0xOFFSET" */
static int start_line(const struct emission *em, char letter, const char *name, uint64_t offset,
		      char **text)
{
	*text = NULL;
	return probe_text(text, "%c:%s/%s %s:0x%" PRIx64, letter, em->set->group, name,
			  em->user->path, offset);
}

/* Puts a line into the plan, with a filter for the process and, if @is_seen, the condition. */
static int end_line(const struct emission *em, struct probe_plan *plan, const char *name,
		    char *text, bool is_seen)
{
	const char *cond = is_seen ? em->event->filter : NULL;
	bool is_call = em->user->nr_call && strstr(plan->form, "system call") && is_seen;
	char *pid = NULL;
	int err = plan_add_line(plan, em->set->group, name, text);

	if (!err)
		err = probe_user_filter(em->user, *text == 'r',
					is_call ? em->user->call : &em->user->offset,
					is_call ? em->user->nr_call : 1, &pid);
	if (!err && pid)
		err = probe_text(&plan->line[plan->nr_line - 1].filter, cond ? "(%s) && (%s)" :
				 "%s", pid, cond);
	free(pid);
	return err;
}

/* The event at the entry, for the time that a call took. */
static int add_plain_entry(const struct emission *em, struct probe_plan *plan)
{
	char *text;
	int err;

	snprintf(plan->entry, sizeof(plan->entry), "%.58s__in", em->event->name);
	err = start_line(em, 'p', plan->entry, em->user->offset, &text);
	return err ? err : end_line(em, plan, plan->entry, text, false);
}

/* ---- what is seen where it is */

static int emit_plain(const struct emission *em, const char *form, char letter)
{
	struct probe_plan *plan = event_new_plan(em->event, form);
	char *text;
	int err = 0;

	if (!plan)
		return 0;
	if (letter == 'r')
		err = add_plain_entry(em, plan);
	err = err ? err : start_line(em, letter, em->event->name, em->user->offset, &text);
	err = err ? err : emit_args(em->event->field, em->event->nr_field, &text);
	return err ? err : end_line(em, plan, em->event->name, text, true);
}

/* At the return the stack pointer is so far above that at the entry: by the return address. */
static unsigned int stack_step(const struct emission *em)
{
	return elf_file_machine(em->user->elf) == EM_X86_64 ? 8 : 0;
}

/* ---- the chain */

static int add_chain_entry(const struct emission *em, struct probe_plan *plan,
			   const struct probe_slots *slots)
{
	char *text;
	int err;

	snprintf(plan->entry, sizeof(plan->entry), "%.58s__in", em->event->name);
	err = start_line(em, 'p', plan->entry, em->user->offset, &text);
	err = err ? err : probe_text(&text, " sp=$stack:u64 step=\\%u:u64", stack_step(em));
	for (size_t i = 0; !err && i < slots->nr; i++)
		err = probe_text(&text, " a%zu=%s:u64", i, slots->fetch[i]);
	return err ? err : end_line(em, plan, plan->entry, text, false);
}

static int add_chain_exit(const struct emission *em, struct probe_plan *plan, const char *name)
{
	char *text;
	int err = start_line(em, 'r', name, em->user->offset, &text);

	err = err ? err : probe_text(&text, " sp=$stack:u64 ret=$retval:u64");
	return err ? err : plan_add_line(plan, em->set->group, name, text);
}

static int add_chain_seen(const struct emission *em, struct probe_plan *plan,
			  const char *synthetic, const struct probe_field *field, size_t nr_slot)
{
	char *text = NULL;
	int err = probe_text(&text, "s:%s", synthetic);

	for (size_t i = 0; !err && i < nr_slot; i++)
		err = probe_text(&text, " u64 a%zu;", i);
	err = err ? err : probe_text(&text, " u64 ret");
	err = err ? err : plan_add_line(plan, "synthetic", synthetic, text);
	text = NULL;
	err = err ? err : probe_text(&text, "e:%s/%s synthetic/%s", em->set->group,
				     em->event->name, synthetic);
	err = err ? err : emit_args(field, em->event->nr_field, &text);
	return err ? err : plan_add_line(plan, em->set->group, em->event->name, text);
}

/* "PREFIX0=OF0,PREFIX1=OF1", or without @of "PREFIX0,PREFIX1". */
static int add_numbered(char **text, size_t nr, const char *prefix, const char *of)
{
	int err = 0;

	for (size_t i = 0; !err && i < nr; i++)
		err = of ? probe_text(text, "%s%s%zu=%s%zu", i ? "," : "", prefix, i, of, i)
			 : probe_text(text, "%s%s%zu", i ? "," : "", prefix, i);
	return err;
}

static int add_chain_trigger(const struct emission *em, struct probe_plan *plan,
			     const char *event, bool is_return, char *text)
{
	char *pid = NULL;
	int err = probe_user_filter(em->user, is_return, &em->user->offset, 1, &pid);

	if (!err && pid)
		err = probe_text(&text, " if %s", pid);
	free(pid);
	return err ? err : plan_add_trigger(plan, em->set->group, event, text);
}

static int add_chain_triggers(const struct emission *em, struct probe_plan *plan,
			      const char *synthetic, const char *exit, size_t nr_slot)
{
	char *text = NULL;
	int err = probe_text(&text, "hist:keys=common_pid,sp+step:");

	err = err ? err : add_numbered(&text, nr_slot, "v", "a");
	err = err ? err : probe_text(&text, ":size=%d", HIST_SIZE);
	err = err ? err : add_chain_trigger(em, plan, plan->entry, false, text);
	text = NULL;
	err = err ? err : probe_text(&text, "hist:keys=common_pid,sp:");
	err = err ? err : add_numbered(&text, nr_slot, "w", "$v");
	err = err ? err : probe_text(&text, ":size=%d:onmatch(%s.%s).trace(%s,", HIST_SIZE,
				     em->set->group, plan->entry, synthetic);
	err = err ? err : add_numbered(&text, nr_slot, "$w", NULL);
	err = err ? err : probe_text(&text, ",ret)");
	return err ? err : add_chain_trigger(em, plan, exit, true, text);
}

static int emit_chain(const struct emission *em)
{
	struct probe_plan *plan = event_new_plan(em->event,
						 "uprobe, uretprobe, hist triggers, eprobe");
	struct probe_slots *slots = calloc(1, sizeof(*slots));
	struct probe_field *field = calloc(em->event->nr_field + 1, sizeof(*field));
	struct probe_resolver at_return = *em->resolver;
	char synthetic[PROBE_EVENT_SIZE], exit[PROBE_EVENT_SIZE];
	int err = plan && slots && field ? 0 : -ENOMEM;

	at_return.slots = slots;
	snprintf(synthetic, sizeof(synthetic), "%s_%zu_out", em->set->group, em->set->nr_event);
	snprintf(exit, sizeof(exit), "%.58s__out", em->event->name);
	err = err ? err : emit_again(em->event, &at_return, field);
	if (!err)
		plan->uses_hist = true;
	err = err ? err : add_chain_entry(em, plan, slots);
	err = err ? err : add_chain_exit(em, plan, exit);
	err = err ? err : add_chain_seen(em, plan, synthetic, field, slots->nr);
	err = err ? err : add_chain_triggers(em, plan, synthetic, exit, slots->nr);
	free(field);
	free(slots);
	return err;
}

/* ---- behind a system call */

/* The fourth argument of a function is in cx, of a system call in r10: entry/entry_64.S. */
static int rename_registers(const char *fetch, char *out, size_t size)
{
	static const struct { const char *from, *to; } name[] = {
		{ "%cx", "%r10" }, { "$retval", "%ax" },
	};
	size_t used = 0;

	while (*fetch && used + 1 < size) {
		size_t i;

		for (i = 0; i < 2 && strncmp(fetch, name[i].from, strlen(name[i].from)); i++)
			;
		if (i == 2) {
			out[used++] = *fetch++;
			continue;
		}
		used += (size_t)snprintf(out + used, size - used, "%s", name[i].to);
		fetch += strlen(name[i].from);
	}
	out[used < size ? used : size - 1] = '\0';
	/* What lies on the stack may have moved. */
	return *fetch || strstr(out, "%sp") || strstr(out, "$stack") ? -ENOTSUP : 0;
}

static int emit_call(const struct emission *em)
{
	struct probe_field *field = calloc(em->event->nr_field + 1, sizeof(*field));
	struct probe_plan *plan;
	char *text;
	int err = field ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < em->event->nr_field; i++) {
		field[i] = em->event->field[i];
		err = rename_registers(em->event->field[i].fetch, field[i].fetch,
				       sizeof(field[i].fetch));
	}
	plan = err ? NULL : event_new_plan(em->event, "uprobe behind the system call");
	if (plan)
		err = add_plain_entry(em, plan);
	for (size_t i = 0; plan && !err && i < em->user->nr_call; i++) {
		err = start_line(em, 'p', em->event->name, em->user->call[i], &text);
		err = err ? err : emit_args(field, em->event->nr_field, &text);
		err = err ? err : end_line(em, plan, em->event->name, text, true);
	}
	free(field);
	return err == -ENOTSUP ? 0 : err;
}

/* ---- a pair of events */

static int emit_pair(const struct emission *em)
{
	struct probe_event *event = em->event;
	struct probe_plan *plan;
	char *in = NULL, *out = NULL;
	int err = emit_check_pair(event, "eprobes (5.15) and hist triggers", em->resolver->error);

	if (err)
		return err;
	plan = event_new_plan(event, "uprobe and uretprobe, a pair of events");
	if (!plan)
		return 0;
	plan->entry_fields = true;
	plan->stack_step = stack_step(em);
	snprintf(plan->entry, sizeof(plan->entry), "%.58s__in", event->name);
	err = start_line(em, 'p', plan->entry, em->user->offset, &in);
	err = err ? err : start_line(em, 'r', event->name, em->user->offset, &out);
	err = err ? err : probe_text(&in, STACK);
	err = err ? err : probe_text(&out, STACK);
	for (size_t i = 0; !err && i < event->nr_field; i++)
		err = emit_args(&event->field[i], 1, event->field[i].from_entry ? &in : &out);
	if (!err) {
		err = end_line(em, plan, plan->entry, in, false);
		in = NULL;
	}
	if (!err)
		return end_line(em, plan, event->name, out, true);
	free(in);
	free(out);
	return err;
}

/* ---- the return of a function */

static int emit_user_return(const struct emission *em)
{
	const struct probe_caps *caps = &em->kernel->caps;
	int err = 0;

	if (!uses_entry(em->event))
		return emit_plain(em, "uretprobe", 'r');
	if (caps->hist && caps->synthetic && caps->eprobe)
		err = emit_chain(em);
	if (!err && em->user->nr_call)
		err = emit_call(em);
	return err || em->event->nr_plan ? err : emit_pair(em);
}

static int begin_watch(struct probe_event *event, const struct probe_user *user)
{
	event->watch = calloc(1, sizeof(*event->watch));
	if (!event->watch)
		return -ENOMEM;
	if (process_watch_begin(event->watch, user->path, user->process)) {
		free(event->watch);
		event->watch = NULL;
	}
	return 0;
}

int emit_user(const struct probe_set *set, struct probe_event *event,
	      const struct probe_kernel *kernel, struct trail_error *error)
{
	const struct spec *spec = event->spec;
	struct probe_resolver resolver = {
		.where = spec->symbol.text, .what = "argument", .is_return = spec->is_return,
		.error = error,
	};
	struct emission em = { set, event, kernel, &resolver, NULL };
	struct probe_user *user;
	int err;

	if (!kernel->caps.uprobe)
		return spec_fail(error, spec->object.column, NULL, "this kernel has no uprobes");
	err = probe_user_open(spec, &user, error);
	if (err)
		return err;
	em.user = user;
	event->is_user = true;
	resolver.types = user->types;
	resolver.why_no_types = user->why.text;
	resolver.types_hint = user->why.hint;
	resolver.machine = elf_file_machine(user->elf);
	resolver.is_entry = user->is_entry;
	snprintf(event->where, sizeof(event->where), "%s", user->where);
	snprintf(event->note, sizeof(event->note), "%s", user->note);
	if (spec->is_return && !user->is_entry)
		err = spec_fail(error, spec->place_column, NULL,
				"only the return of a whole function can be probed");
	err = err ? err : begin_watch(event, user);
	err = err ? err : emit_fields(event, &resolver);
	if (!err)
		err = spec->is_return ? emit_user_return(&em) : emit_plain(&em, "uprobe", 'p');
	probe_user_close(user);
	return err;
}
