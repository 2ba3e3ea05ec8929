// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * emit-return.c - values at the return of a function, those of its entry among them
 *
 * Kernels from 6.9 on keep arguments from the entry on.  Others that have hist triggers do it by a
 * chain (names are those of a probe N in group G, "a0" is an argument):
 *
 *	p:G/N__in FUNC sp=$stack step=\8 a0=$arg4	entry
 *	r:G/N__out FUNC sp=$stack ret=$retval		return
 *	s:G_0 u64 a0 u64 ret				both, at the return
 *	e:G/N synthetic/G_0 rcv_wnd=+0($a0):u32		the event that the user sees
 *
 *	G/N__in:  hist:keys=common_pid,sp+step:v0=a0
 *	G/N__out: hist:keys=common_pid,sp:w0=$v0:onmatch(G.N__in).trace(G_0,$w0,ret)
 *
 * What belongs together is found by the stack pointer: no two calls that are under way have the
 * same one, be they of several threads, one in the other, or in an interrupt of one another.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emit-private.h"

#define MAX_ACTIVE	512	/* calls under way that the kernel has room for */
#define HIST_SIZE	16384	/* places in stacks that are remembered */
#define STACK		"__probe_sp=$stack:u64"

static bool uses_entry(const struct probe_event *event)
{
	for (size_t i = 0; i < event->nr_field; i++)
		if (event->field[i].from_entry)
			return true;
	return false;
}

static void place_text(const struct spec *spec, char *text, size_t size)
{
	snprintf(text, size, "%s%s%s", spec->object.text ? spec->object.text : "",
		 spec->object.text ? ":" : "", spec->symbol.text);
}

/* ---- what the kernel does itself */

/* @letter: "f512", "f", "r512" */
static int add_native(const struct probe_set *set, struct probe_event *event, const char *form,
		      const char *letter)
{
	struct probe_plan *plan = event_new_plan(event, form);
	bool is_fprobe = *letter == 'f';
	char place[200], *text = NULL;
	int err;

	if (!plan)
		return 0;
	place_text(event->spec, place, sizeof(place));
	snprintf(plan->entry, sizeof(plan->entry), "%.58s__in", event->name);
	err = probe_text(&text, "%s:%s/%s %s", is_fprobe ? "f" : "p", set->group, plan->entry,
			 place);
	err = err ? err : plan_add_line(plan, set->group, plan->entry, text);
	text = NULL;
	if (!err)
		err = probe_text(&text, "%s:%s/%s %s%s", letter, set->group, event->name, place,
				 is_fprobe ? "%return" : "");
	if (!err)
		err = emit_args(event->field, event->nr_field, &text);
	return err ? err : plan_add_line(plan, set->group, event->name, text);
}

static int add_natives(const struct probe_set *set, struct probe_event *event,
		       const struct probe_kernel *kernel)
{
	char letter[8];
	int err = 0;

	snprintf(letter, sizeof(letter), "f%d", MAX_ACTIVE);
	/* Of a module's function only kprobes know. */
	if (kernel->caps.fprobe && !event->spec->object.text) {
		err = add_native(set, event, "fprobe", letter);
		/* Where there is no limit, none can be given. */
		if (!err)
			err = add_native(set, event, "fprobe", "f");
	}
	*letter = 'r';
	return err ? err : add_native(set, event, "kretprobe", letter);
}

/* ---- the chain */

static int add_entry(const struct probe_set *set, const struct probe_event *event,
		     struct probe_plan *plan, const struct probe_slots *slots,
		     unsigned int stack_step)
{
	char place[200], *text = NULL;
	int err;

	place_text(event->spec, place, sizeof(place));
	snprintf(plan->entry, sizeof(plan->entry), "%.58s__in", event->name);
	err = probe_text(&text, "p:%s/%s %s sp=$stack:u64 step=\\%u:u64", set->group, plan->entry,
			 place, stack_step);
	for (size_t i = 0; !err && i < slots->nr; i++)
		err = probe_text(&text, " a%zu=%s:u64", i, slots->fetch[i]);
	return err ? err : plan_add_line(plan, set->group, plan->entry, text);
}

static int add_exit(const struct probe_set *set, const struct probe_event *event,
		    struct probe_plan *plan, bool has_retval)
{
	char name[PROBE_EVENT_SIZE], place[200], *text = NULL;
	int err;

	place_text(event->spec, place, sizeof(place));
	snprintf(name, sizeof(name), "%.58s__out", event->name);
	err = probe_text(&text, "r%d:%s/%s %s sp=$stack:u64%s", MAX_ACTIVE, set->group, name,
			 place, has_retval ? " ret=$retval:u64" : "");
	return err ? err : plan_add_line(plan, set->group, name, text);
}

static int add_synthetic(struct probe_plan *plan, const char *name, size_t nr_slot,
			 bool has_retval)
{
	char *text = NULL;
	int err = probe_text(&text, "s:%s", name);

	for (size_t i = 0; !err && i < nr_slot; i++)
		err = probe_text(&text, "%s u64 a%zu", i ? ";" : "", i);
	if (!err && has_retval)
		err = probe_text(&text, "; u64 ret");
	return err ? err : plan_add_line(plan, "synthetic", name, text);
}

static int add_eprobe(const struct probe_set *set, const struct probe_event *event,
		      struct probe_plan *plan, const char *synthetic,
		      const struct probe_field *field)
{
	char *text = NULL;
	int err;

	err = probe_text(&text, "e:%s/%s synthetic/%s", set->group, event->name, synthetic);
	if (!err)
		err = emit_args(field, event->nr_field, &text);
	return err ? err : plan_add_line(plan, set->group, event->name, text);
}

/* "PREFIX0,PREFIX1", or with @of "PREFIX0=OF0,PREFIX1=OF1". */
static int add_numbered(char **text, size_t nr, const char *prefix, const char *of)
{
	int err = 0;

	for (size_t i = 0; !err && i < nr; i++) {
		err = probe_text(text, "%s%s%zu", i ? "," : "", prefix, i);
		if (!err && of)
			err = probe_text(text, "=%s%zu", of, i);
	}
	return err;
}

struct chain {
	const struct probe_set *set;
	const struct probe_event *event;
	struct probe_plan *plan;
	size_t nr_slot;
	bool has_retval;
	char synthetic[PROBE_EVENT_SIZE];
};

static int add_chain_triggers(const struct chain *chain)
{
	const char *group = chain->set->group, *entry = chain->plan->entry;
	char name[PROBE_EVENT_SIZE], *text = NULL;
	int err;

	err = probe_text(&text, "hist:keys=common_pid,sp+step:");
	err = err ? err : add_numbered(&text, chain->nr_slot, "v", "a");
	err = err ? err : probe_text(&text, ":size=%d", HIST_SIZE);
	err = err ? err : plan_add_trigger(chain->plan, group, entry, text);
	text = NULL;
	snprintf(name, sizeof(name), "%.58s__out", chain->event->name);
	err = err ? err : probe_text(&text, "hist:keys=common_pid,sp:");
	err = err ? err : add_numbered(&text, chain->nr_slot, "w", "$v");
	err = err ? err : probe_text(&text, ":size=%d:onmatch(%s.%s).trace(%s,", HIST_SIZE, group,
				     entry, chain->synthetic);
	err = err ? err : add_numbered(&text, chain->nr_slot, "$w", NULL);
	err = err ? err : probe_text(&text, "%s)", chain->has_retval ? ",ret" : "");
	return err ? err : plan_add_trigger(chain->plan, group, name, text);
}

static int add_chain(const struct probe_set *set, struct probe_event *event,
		     const struct probe_kernel *kernel, const struct probe_resolver *resolver)
{
	struct probe_slots *slots = calloc(1, sizeof(*slots));
	struct probe_field *field = calloc(event->nr_field + 1, sizeof(*field));
	struct probe_plan *plan = event_new_plan(event, "kprobe, kretprobe, hist triggers, eprobe");
	struct probe_resolver at_return = *resolver;
	struct chain chain = { set, event, plan, 0, event->retval >= 0, "" };
	int err = slots && field && plan ? 0 : -ENOMEM;

	at_return.slots = slots;
	if (!err)
		err = emit_again(event, &at_return, field);
	for (size_t i = 0; !err && i < event->nr_field; i++)
		chain.has_retval |= strstr(field[i].fetch, "$ret") != NULL;
	if (!err) {
		chain.nr_slot = slots->nr;
		plan->uses_hist = true;
		/* One list for all: the group makes it ours. */
		snprintf(chain.synthetic, sizeof(chain.synthetic), "%s_%zu", set->group,
			 set->nr_event);
		err = add_entry(set, event, plan, slots, kernel->caps.stack_step);
	}
	if (!err)
		err = add_exit(set, event, plan, chain.has_retval);
	if (!err)
		err = add_synthetic(plan, chain.synthetic, slots->nr, chain.has_retval);
	if (!err)
		err = add_eprobe(set, event, plan, chain.synthetic, field);
	if (!err)
		err = add_chain_triggers(&chain);
	free(slots);
	free(field);
	return err;
}

/*
 * ---- two events that the reader of the capture puts together (lib/engine/pairs.c)
 *
 *	p:G/N__in FUNC __probe_sp=$stack size=$arg3	entry
 *	r:G/N FUNC __probe_sp=$stack retval=$retval	return
 */

static int add_pair(const struct probe_set *set, struct probe_event *event,
		    const struct probe_kernel *kernel)
{
	struct probe_plan *plan = event_new_plan(event, "kprobe and kretprobe, a pair of events");
	char place[200], *in = NULL, *out = NULL;
	int err;

	if (!plan)
		return 0;
	plan->entry_fields = true;
	plan->stack_step = kernel->caps.stack_step;
	place_text(event->spec, place, sizeof(place));
	snprintf(plan->entry, sizeof(plan->entry), "%.58s__in", event->name);
	err = probe_text(&in, "p:%s/%s %s " STACK, set->group, plan->entry, place);
	if (!err)
		err = probe_text(&out, "r%d:%s/%s %s " STACK, MAX_ACTIVE, set->group, event->name,
				 place);
	for (size_t i = 0; !err && i < event->nr_field; i++)
		err = emit_args(&event->field[i], 1, event->field[i].from_entry ? &in : &out);
	if (err) {
		free(in);
		free(out);
		return err;
	}
	err = plan_add_line(plan, set->group, plan->entry, in);
	if (err)
		free(out);
	return err ? err : plan_add_line(plan, set->group, event->name, out);
}

int emit_check_pair(const struct probe_event *event, const char *needs, struct trail_error *error)
{
	for (size_t i = 0; i < event->nr_field; i++) {
		const struct probe_field *field = &event->field[i];

		if (field->from_entry && field->reads_memory)
			return spec_fail(error, field->column, "probe a function that is called "
					 "later and gets the pointer, or read it at the entry",
					 "this kernel cannot read at the return what is behind an "
					 "argument: it needs %s", needs);
	}
	for (size_t i = 0; event->filter && i < event->nr_field; i++)
		if (event->field[i].from_entry)
			return spec_fail(error, event->field[i].column, NULL, "this kernel tells "
					 "arguments at the entry only, so there is no condition at "
					 "the return of a probe with arguments");
	return 0;
}

/* Without all of it a kernel tells what was passed, but not what is behind it at the return. */
static int emit_pair(const struct probe_set *set, struct probe_event *event,
		     const struct probe_kernel *kernel, const struct probe_resolver *resolver)
{
	int err = emit_check_pair(event, "$argN in return probes (6.9), or eprobes (5.15) and hist "
				  "triggers", resolver->error);

	return err ? err : add_pair(set, event, kernel);
}

int emit_return(const struct probe_set *set, struct probe_event *event,
		const struct probe_kernel *kernel, const struct probe_resolver *resolver)
{
	const struct probe_caps *caps = &kernel->caps;

	if (!uses_entry(event) || caps->entry_at_return)
		return add_natives(set, event, kernel);
	if (caps->hist && caps->synthetic && caps->eprobe)
		return add_chain(set, event, kernel, resolver);
	return emit_pair(set, event, kernel, resolver);
}
