// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pairs.c - entries and returns of functions -> how long they took, and with what they were called
 *
 * Each thread has the entries that have not returned, the newest on top: calls of one thread nest,
 * whatever its CPU.  A function that is left without a return (longjmp, exit) stays until one below
 * it returns, and so does one whose return the kernel missed (it has room for so many calls under
 * way).  Where both events tell the stack pointer, such a return shifts nothing: frames below it
 * are gone, and an entry is that of the frame that returns, or none.  Values of an entry are given
 * out only then.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "skbtrail.h"

#define MAX_ENTRIES	32	/* nested in one thread; the oldest gives way */
#define MAX_THREADS	65536	/* with more, all are forgotten */

/*
 * @stack: stack pointer when it is entered, if @has_stack
 * @event: a copy, where its return is shown with values of it, else NULL
 */
struct entry {
	uint64_t ts_ns;
	uint64_t epoch;
	uint64_t stack;
	struct trail_event *event;
	uint16_t type;
	bool has_stack;
};

struct thread {
	struct entry *entry;
	uint32_t nr;
	uint32_t cap;
};

struct trail_pairs {
	const struct trail_capture *cap;
	struct hash threads;	/* pid + 1, and the CPU of idle tasks -> struct thread */
	uint64_t epoch;		/* gaps of lost events so far */
	struct trail_event *given;
};

int trail_pairs_new(const struct trail_capture *cap, struct trail_pairs **out)
{
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	(*out)->cap = cap;
	return 0;
}

/* The entries from the @nr-th on are over. */
static void drop(struct thread *thread, uint32_t nr)
{
	while (thread->nr > nr)
		free(thread->entry[--thread->nr].event);
}

/*
 * Stacks grow down: what is below @stack has returned, and so has another call of function @type
 * that began there.
 */
static void unwind(struct thread *thread, uint64_t stack, int type)
{
	while (thread->nr) {
		const struct entry *top = &thread->entry[thread->nr - 1];

		if (!top->has_stack || top->stack > stack ||
		    (top->stack == stack && top->type != type))
			return;
		drop(thread, thread->nr - 1);
	}
}

static void forget_all(struct trail_pairs *pairs)
{
	for (size_t i = 0; pairs->threads.slot && i <= pairs->threads.mask; i++) {
		struct thread *thread = pairs->threads.slot[i].value;

		if (!thread)
			continue;
		drop(thread, 0);
		free(thread->entry);
		free(thread);
	}
	hash_release(&pairs->threads);
	pairs->threads = (struct hash){ 0 };
}

void trail_pairs_free(struct trail_pairs *pairs)
{
	if (!pairs)
		return;
	forget_all(pairs);
	free(pairs->given);
	free(pairs);
}

void trail_pairs_lost(struct trail_pairs *pairs)
{
	pairs->epoch++;
}

static bool read_field(const struct trail_field *field, const struct trail_event *event,
		       uint64_t *value)
{
	struct trail_binding binding = { .field[0] = *field };
	struct trail_event bound = *event;

	bound.binding = &binding;
	*value = trail_u64(&bound, 0);
	return trail_has(&bound, 0);
}

/* Programs have the lower half of the address space. */
static bool is_in_user(const struct trail_description *what, const struct trail_event *event)
{
	uint64_t at;

	return what->in_user || (read_field(&what->at, event, &at) && at && !(at >> 63));
}

/*
 * What interrupts a task is not the task: every context of a CPU is a thread of its own.  A program
 * is always a task, whatever its flags say: kernel/trace/trace.h: tracing_gen_ctx_dec() subtracts 1
 * from the preempt count, which is 0 in a uprobe, and borrows it from the flags.
 */
static uint64_t thread_key(const struct trail_description *what, const struct trail_event *event)
{
	unsigned int context = event->flags & TRAIL_FLAG_NMI ? 3 :
			       event->flags & TRAIL_FLAG_HARDIRQ ? 2 :
			       event->flags & TRAIL_FLAG_SOFTIRQ ? 1 : 0;

	if (event->pid && (!context || is_in_user(what, event)))
		return (uint64_t)(uint32_t)event->pid + 1;
	return (uint64_t)1 << 40 | (uint64_t)event->cpu << 8 | context;
}

static struct trail_event *copy(const struct trail_event *event)
{
	struct trail_event *copy = malloc(sizeof(*copy) + event->size);

	if (copy) {
		*copy = *event;
		copy->data = memcpy(copy + 1, event->data, event->size);
	}
	return copy;
}

static struct thread *get_thread(struct trail_pairs *pairs, const struct trail_description *what,
				 const struct trail_event *event)
{
	uint64_t key = thread_key(what, event);
	struct thread *thread;

	if (pairs->threads.used > MAX_THREADS)
		forget_all(pairs);
	thread = hash_get(&pairs->threads, key);
	if (thread)
		return thread;
	thread = calloc(1, sizeof(*thread));
	if (thread && hash_set(&pairs->threads, key, thread)) {
		free(thread);
		return NULL;
	}
	return thread;
}

/* For one more.  Return: 0 or -ENOMEM. */
static int make_room(struct thread *thread)
{
	struct entry *more;

	if (thread->nr < thread->cap)
		return 0;
	if (thread->cap == MAX_ENTRIES) {
		free(thread->entry[0].event);
		memmove(thread->entry, thread->entry + 1, --thread->nr * sizeof(*thread->entry));
		return 0;
	}
	more = reallocarray(thread->entry, thread->cap ? 2 * thread->cap : 4, sizeof(*more));
	if (!more)
		return -ENOMEM;
	thread->entry = more;
	thread->cap = thread->cap ? 2 * thread->cap : 4;
	return 0;
}

static int push(struct trail_pairs *pairs, const struct trail_description *what,
		const struct trail_event *event)
{
	struct entry entry = { .ts_ns = event->ts_ns, .epoch = pairs->epoch, .type = event->type };
	struct thread *thread = get_thread(pairs, what, event);

	if (!thread)
		return -ENOMEM;
	entry.has_stack = read_field(&what->stack, event, &entry.stack);
	if (entry.has_stack && what->is_part && what->nr_field) {
		entry.event = copy(event);
		if (!entry.event)
			return -ENOMEM;
	}
	if (entry.has_stack)
		unwind(thread, entry.stack, entry.type);
	if (make_room(thread)) {
		free(entry.event);
		return -ENOMEM;
	}
	thread->entry[thread->nr++] = entry;
	return 0;
}

/* The entry of the return @what, by the stack pointer at its entry, NULL: not known. */
static struct entry *find_entry(struct thread *thread, const struct trail_description *what,
				const uint64_t *stack)
{
	for (uint32_t i = thread->nr; i--;) {
		struct entry *entry = &thread->entry[i];

		if (entry->type == what->entry &&
		    (!stack || !entry->has_stack || entry->stack == *stack))
			return entry;
	}
	return NULL;
}

static void pop(struct trail_pairs *pairs, const struct trail_description *what,
		const struct trail_event *event, struct trail_pair *pair)
{
	struct thread *thread = hash_get(&pairs->threads, thread_key(what, event));
	struct entry *entry;
	uint64_t stack;
	bool has_stack = read_field(&what->stack, event, &stack);

	stack = has_stack ? stack - what->stack_step : 0;
	entry = thread ? find_entry(thread, what, has_stack ? &stack : NULL) : NULL;
	if (!entry) {
		if (thread && has_stack)
			unwind(thread, stack, -1);
		return;
	}
	/* In a gap of another CPU the task could have been there, and back in another call. */
	if (entry->epoch == pairs->epoch && !event->in_gap && event->ts_ns >= entry->ts_ns) {
		pair->took_ns = (int64_t)(event->ts_ns - entry->ts_ns);
		if (has_stack) {
			pair->entry = pairs->given = entry->event;
			entry->event = NULL;
		}
	}
	drop(thread, (uint32_t)(entry - thread->entry));
}

int trail_pairs_see(struct trail_pairs *pairs, const struct trail_event *event,
		    struct trail_pair *pair)
{
	const struct trail_description *what = trail_capture_describe(pairs->cap, event->type);
	int err = 0;

	*pair = (struct trail_pair){ TRAIL_UNKNOWN_NS, NULL };
	free(pairs->given);
	pairs->given = NULL;
	if (event->lost)
		pairs->epoch++;
	if (what && what->entry >= 0)
		pop(pairs, what, event, pair);
	if (what && what->is_entry)
		err = push(pairs, what, event);
	return err;
}
