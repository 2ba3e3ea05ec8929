// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stack.c - kernel stacks, of the event before: by a trigger "stacktrace", or trace-cmd record -T
 */
#include "skbtrail.h"

/* kernel/trace/trace_entries.h: a number, and so many addresses behind it. */
static int stack(struct trail_engine *engine, const struct trail_event *event)
{
	const struct trail_field *field = &event->binding->field[1];
	uint64_t address[TRAIL_DROP_FRAMES];
	uint32_t nr = (uint32_t)trail_u64(event, 0), n = 0;
	const char *at = event->data;

	/* The number in the format is no bound: the record may be shorter, and longer. */
	if (field->kind == TRAIL_FIELD_ABSENT)
		nr = 0;
	for (uint32_t offset = field->offset; n < nr && n < TRAIL_DROP_FRAMES; n++, offset += 8) {
		if (field->swap || offset + sizeof(*address) > event->size)
			break;
		memcpy(&address[n], at + offset, sizeof(*address));
	}
	return trail_stack(engine, event, address, n);
}

static const struct trail_row row[] = {
	{ "ftrace:kernel_stack", { "size", "caller" }, stack, 0 },
	{ 0 }
};

TRAIL_PLUGIN(stack) = { TRAIL_PLUGIN_ABI, "stack", "kernel stacks", row };
