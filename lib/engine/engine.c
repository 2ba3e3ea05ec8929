// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * engine.c - events in time order -> packets in order of their ends
 *
 * Plugins translate an event into verbs; the verbs live in the files of this folder, by subject.
 * This file holds what is common: CPUs, names, the loop's two calls.  O(1) an event.
 */
#include <errno.h>
#include <stdlib.h>

#include "drop.h"
#include "engine.h"
#include "expire.h"
#include "exact.h"
#include "handover.h"
#include "join.h"

/* What trail_engine_device() was asked last: the device behind it has number @i. */
struct device_list {
	size_t i;
	const struct device *next;
};

int trail_engine_new(const struct trail_capture *cap,
		     int (*packet)(void *data, const struct trail_packet *packet), void *data,
		     struct trail_engine **out)
{
	struct trail_engine *engine = calloc(1, sizeof(*engine));
	int err;

	if (!engine)
		return -ENOMEM;
	engine->asked = malloc(sizeof(*engine->asked));
	if (!engine->asked) {
		free(engine);
		return -ENOMEM;
	}
	engine->asked->i = SIZE_MAX;
	engine->cap = cap;
	engine->packet_fn = packet;
	engine->device_end = &engine->first_device;
	/* What a kernel can say is told by its formats: no event yet is not no event at all. */
	engine->sees_ready = trail_capture_has_event(cap, "sock:sk_data_ready");
	engine->sees_read = trail_capture_has_event(cap, "sock:sock_recv_length");
	engine->sees_header = header_is_recorded(cap);
	engine->sees_births = engine->sees_header ||
			      trail_capture_has_event(cap, "net:net_dev_queue");
	engine->is_filtered = trail_capture_info(cap)->packet_filter;
	engine->has_payload = trail_capture_info(cap)->payload;
	exact_init(engine, cap);
	expire_init(engine);
	engine->packet_data = data;
	engine->live.prev = engine->live.next = &engine->live;
	err = joins_new(engine);
	if (err) {
		trail_engine_free(engine);
		return err;
	}
	*out = engine;
	return 0;
}

static void free_values(struct hash *table)
{
	size_t i;

	for (i = 0; table->slot && i <= table->mask; i++)
		free(table->slot[i].value);
	hash_release(table);
}

void trail_engine_free(struct trail_engine *engine)
{
	uint32_t i;

	if (!engine)
		return;
	handover_free(engine);
	for (i = 0; i < engine->nr_cpu; i++) {
		if (engine->cpu[i] && engine->cpu[i]->window)
			window_settle(engine->cpu[i]);
		if (engine->cpu[i])
			free(engine->cpu[i]->drops);
		free(engine->cpu[i]);
	}
	free(engine->cpu);
	packet_free_all(engine);
	joins_free(engine);
	socket_free_all(engine);
	task_free_all(engine);
	flow_free_all(&engine->flows);
	exact_free(engine);
	free_values(&engine->locations);
	free_values(&engine->devices);
	strings_free(engine);
	hash_release(&engine->packets);
	hash_release(&engine->irqs);
	free(engine->asked);
	free(engine);
}

int engine_device(struct trail_engine *engine, const char *dev, struct device **out)
{
	int err;

	*out = hash_get(&engine->devices, (uintptr_t)dev);
	if (*out)
		return 0;
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	err = hash_set(&engine->devices, (uintptr_t)dev, *out);
	if (err) {
		free(*out);
		*out = NULL;
		return err;
	}
	(*out)->polled.dev = dev;
	*engine->device_end = *out;
	engine->device_end = &(*out)->next;
	return 0;
}

int trail_engine_device(const struct trail_engine *engine, size_t i, struct trail_device *out)
{
	/* Who lists them all goes on where the last question ended: there may be a million. */
	struct device_list *asked = engine->asked;
	const struct device *device = asked->next;

	if (i != asked->i) {
		device = engine->first_device;
		asked->i = 0;
	}
	for (; device; device = device->next) {
		if (!device->polled.polls || asked->i++ != i)
			continue;
		*out = device->polled;
		asked->next = device->next;
		return 1;
	}
	asked->i = SIZE_MAX;
	return 0;
}

const char *trail_enum(struct trail_engine *engine, const struct trail_event *event,
		       unsigned int i)
{
	return trail_capture_enum(engine->cap, event->binding, i, trail_u64(event, i));
}

const char *trail_enum_of(struct trail_engine *engine, const char *event, const char *field,
			  uint64_t value)
{
	return trail_capture_enum_of(engine->cap, event, field, value);
}

const struct trail_location *trail_location(struct trail_engine *engine, uint64_t address)
{
	/* The table has no key 0; no code lies at the last address either. */
	uint64_t key = address ? address : UINT64_MAX;
	struct trail_location *location = hash_get(&engine->locations, key);
	struct trail_symbol symbol;

	if (location)
		return location;
	location = calloc(1, sizeof(*location));
	if (!location)
		return NULL;
	location->address = address;
	if (trail_capture_symbol(engine->cap, address, &symbol)) {
		/* Without the compiler's ".isra.0", ".part.0", ".cold". */
		location->symbol = engine_string(engine, symbol.name, strcspn(symbol.name, "."));
		location->module = symbol.module;
		location->offset = symbol.offset;
	}
	if (hash_set(&engine->locations, key, location)) {
		free(location);
		return NULL;
	}
	return location;
}

static int add_cpu(struct trail_engine *engine, unsigned int number)
{
	struct cpu **cpu;

	if (number >= engine->nr_cpu) {
		cpu = realloc(engine->cpu, (number + 1) * sizeof(struct cpu *));
		if (!cpu)
			return -ENOMEM;
		memset(cpu + engine->nr_cpu, 0,
		       (number + 1 - engine->nr_cpu) * sizeof(struct cpu *));
		engine->cpu = cpu;
		engine->nr_cpu = number + 1;
	}
	if (!engine->cpu[number]) {
		engine->cpu[number] = calloc(1, sizeof(struct cpu));
		if (!engine->cpu[number])
			return -ENOMEM;
		engine->cpu[number]->number = (uint16_t)number;
		engine->cpu[number]->pid = -1;
	}
	return 0;
}

/*
 * Events of this CPU were lost: what it was doing is unknown.  Stages that began here before the
 * gap are marked when they close, by the epoch that they remember.
 */
static void lost(struct trail_engine *engine, struct cpu *cpu, uint64_t ts_ns)
{
	cpu->epoch++;
	engine->losses++;
	engine->lost_ns = ts_ns;
	cpu->nr_frame = cpu->nr_pending = cpu->nr_run = 0;
	cpu->nr_gro = cpu->nr_held = cpu->nr_xmit = cpu->nr_batch = 0;
	cpu->probed = NULL;
	cpu->nr_given = 0;
	cpu->split_up.id = 0;
	cpu->begun.is = false;
	cpu->nr_loose = 0;
	cpu->split.id = 0;
	cpu->run_ns = 0;
	drops_lost(cpu);
	joins_lost(engine);
	window_settle(cpu);
}

static int handle(struct trail_engine *engine, const struct trail_event *event)
{
	const struct trail_row *row = event->binding->row;

	return row->handler ? row->handler(engine, event) : 0;
}

/* Few events have more rows than one: only those are copied. */
static int handle_others(struct trail_engine *engine, const struct trail_event *event)
{
	struct trail_event bound = *event;
	int err = 0;

	while (!err && (bound.binding = bound.binding->next))
		err = handle(engine, &bound);
	return err;
}

/* What only some events bring: lost ones before it, another task, too much to remember. */
static int see_change(struct trail_engine *engine, const struct trail_event *event,
		      struct cpu *cpu)
{
	if (event->lost)
		lost(engine, cpu, event->ts_ns);
	if (cpu->pid != event->pid) {
		cpu->pid = event->pid;
		cpu->comm = task_comm(engine, cpu);
		if (!cpu->comm)
			return -ENOMEM;
	}
	return expire_is_due(engine) ? expire(engine, event->ts_ns) : 0;
}

static inline int see_event(struct trail_engine *engine, const struct trail_event *event)
{
	struct cpu *cpu;
	int err = 0;

	if (event->cpu >= engine->nr_cpu || !engine->cpu[event->cpu])
		err = add_cpu(engine, event->cpu);
	if (err)
		return err;
	cpu = engine->cpu[event->cpu];
	if (event->lost || cpu->pid != event->pid || expire_is_due(engine))
		err = see_change(engine, event, cpu);
	cpu->header.skb = 0;
	context_check(engine, event, cpu);
	if (!err && event->binding)
		err = handle(engine, event);
	if (!err && event->binding && event->binding->next)
		err = handle_others(engine, event);
	if (!err && output_is_due(&engine->output, HORIZON))
		err = output_flush(engine, HORIZON, false);
	return err;
}

int trail_engine_events(struct trail_engine *engine, const struct trail_event *event, size_t nr)
{
	int err = 0;

	for (size_t i = 0; !err && i < nr; i++)
		err = see_event(engine, &event[i]);
	return err;
}

int trail_engine_flush(struct trail_engine *engine)
{
	return output_flush(engine, 0, false);
}

/* Where a packet is that no event has ended: what the capture can say of it. */
static enum trail_fate unfinished(const struct trail_engine *engine, const struct packet *packet)
{
	switch (packet->state) {
	case STATE_RX_SOCKQ:
		if (packet->out.bytes_delivered)
			return TRAIL_PARTIAL;
		/* Only kernels that name the socket say that it is there. */
		return packet->sock && !packet->stated && !packet->sock->unseen_reader ?
		       TRAIL_QUEUED : TRAIL_UNKNOWN;
	case STATE_RX_STACK:
		return packet->stated ? TRAIL_CONSUMED : TRAIL_UNKNOWN;
	case STATE_TX_STACK:
		return TRAIL_QUEUED;
	case STATE_TX_RING:
		return TRAIL_SENT;
	default:
		return TRAIL_IN_FLIGHT;
	}
}

int trail_engine_finish(struct trail_engine *engine)
{
	struct packet *packet;
	uint32_t i;
	int err;

	for (i = 0; i < engine->nr_cpu; i++)
		if (engine->cpu[i])
			window_settle(engine->cpu[i]);
	err = read_finish(engine);
	if (!err && engine->joins)
		err = join_finish(engine);
	if (err)
		return err;
	while ((packet = engine->live.next) != &engine->live) {
		if (packet_was_lost(engine, packet)) {
			packet->out.flags |= TRAIL_PACKET_LOSS;
			err = packet_end(engine, packet, TRAIL_UNKNOWN, 0);
		} else {
			packet->out.flags |= TRAIL_PACKET_EDGE;
			err = packet_end(engine, packet, unfinished(engine, packet), 0);
		}
		if (err)
			return err;
	}
	err = output_flush(engine, 0, true);
	return err ? err : trail_engine_take_back(engine);
}
