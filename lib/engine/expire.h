/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * expire.h - what nothing was heard of for long is forgotten
 */
#ifndef EXPIRE_H
#define EXPIRE_H

#include "engine.h"

/* packet.c: what became of a packet whose end nobody saw. */
enum trail_fate packet_silent_fate(const struct packet *packet);
/* task.c: when the scheduler last spoke of it. */
uint64_t task_heard(const struct task *task);

void expire_init(struct trail_engine *engine);
int expire(struct trail_engine *engine, uint64_t now_ns);
static inline bool expire_is_due(const struct trail_engine *engine)
{
	return engine->nr_live > engine->max_live || engine->tasks.used > engine->max_tasks;
}

#endif /* EXPIRE_H */
