// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ahead.c - a thread that reads while its caller is at the events before
 *
 * The thread owns the streams and the merge, and fills a ring of batches; the caller takes events
 * out of them.  What they share is the number of batches filled and taken, under a lock that is
 * held once a batch.  Decompressed chunks go with the batch that was being filled when their
 * stream was through with them, and come back when the caller is through with that batch.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "ahead.h"
#include "read.h"

#define NR_BATCH	32
#define BATCH_EVENTS	512

/**
 * struct batch - events in their order
 * @more: what capture_read() returned
 * @chunk: chunks that events of this batch and the ones before lie in
 */
struct batch {
	uint32_t nr;
	int more;
	struct chunk *chunk;
	struct trail_event event[BATCH_EVENTS];
};

/**
 * struct ahead - batch number i is in slot i % NR_BATCH
 * @filled, @taken: numbers of batches, under @lock as @stop is
 * @room: told when there are slots to be filled, or @stop was set
 * @data: told when a batch was filled
 * @current, @at: the caller's: the batch that it reads, and the next event in it; behind the
 *		  batches, so that no cache line has something of both threads for each event
 */
struct ahead {
	struct trail_capture *cap;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t room;
	pthread_cond_t data;
	uint64_t filled;
	uint64_t taken;
	bool stop;
	struct batch batch[NR_BATCH];
	struct batch *current;
	uint32_t at;
};

/* A slot that the caller is through with, NULL when it wants no more. */
static struct batch *wait_for_room(struct ahead *ahead)
{
	bool stop;

	pthread_mutex_lock(&ahead->lock);
	/* Once the ring is full half of it is awaited: threads that take turns wake each other. */
	if (ahead->filled - ahead->taken == NR_BATCH) {
		while (!ahead->stop && ahead->filled - ahead->taken > NR_BATCH / 2)
			pthread_cond_wait(&ahead->room, &ahead->lock);
	}
	stop = ahead->stop;
	pthread_mutex_unlock(&ahead->lock);
	return stop ? NULL : &ahead->batch[ahead->filled % NR_BATCH];
}

static void fill(struct ahead *ahead, struct batch *batch)
{
	struct chunk_pool *pool = &ahead->cap->pool;

	chunks_reuse(pool, batch->chunk);
	batch->more = capture_read(ahead->cap, batch->event, BATCH_EVENTS);
	batch->nr = batch->more > 0 ? (uint32_t)batch->more : 0;
	batch->chunk = pool->used;
	pool->used = NULL;
	pool->used_bytes = 0;
}

static void *read_ahead(void *data)
{
	struct ahead *ahead = data;
	struct batch *batch;
	int more = 1;

	while (more > 0 && (batch = wait_for_room(ahead))) {
		fill(ahead, batch);
		more = batch->more;
		pthread_mutex_lock(&ahead->lock);
		ahead->filled++;
		pthread_cond_signal(&ahead->data);
		pthread_mutex_unlock(&ahead->lock);
	}
	return NULL;
}

/* Signals are for the threads of the program. */
static int start_thread(struct ahead *ahead)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&ahead->thread, NULL, read_ahead, ahead);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

int ahead_start(struct trail_capture *cap, struct ahead **out)
{
	struct ahead *ahead = calloc(1, sizeof(*ahead));
	int err;

	if (!ahead)
		return -ENOMEM;
	ahead->cap = cap;
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->room, NULL);
	pthread_cond_init(&ahead->data, NULL);
	err = start_thread(ahead);
	if (err)
		free(ahead);
	else
		*out = ahead;
	return err;
}

/* Gives the batch back that was read, if any, and waits for the next. */
static void take_batch(struct ahead *ahead)
{
	pthread_mutex_lock(&ahead->lock);
	if (ahead->current)
		ahead->taken++;
	if (ahead->filled - ahead->taken == NR_BATCH / 2)
		pthread_cond_signal(&ahead->room);
	while (ahead->filled == ahead->taken)
		pthread_cond_wait(&ahead->data, &ahead->lock);
	pthread_mutex_unlock(&ahead->lock);
	ahead->current = &ahead->batch[ahead->taken % NR_BATCH];
	ahead->at = 0;
}

int ahead_take(struct ahead *ahead, const struct trail_event **events, uint32_t max)
{
	uint32_t left;

	if (!ahead->current || ahead->at == ahead->current->nr) {
		if (ahead->current && ahead->current->more <= 0)
			return ahead->current->more;
		take_batch(ahead);
		if (ahead->current->more <= 0)
			return ahead->current->more;
	}
	*events = &ahead->current->event[ahead->at];
	left = ahead->current->nr - ahead->at;
	left = left < max ? left : max;
	ahead->at += left;
	return (int)left;
}

void ahead_stop(struct ahead *ahead)
{
	if (!ahead)
		return;
	pthread_mutex_lock(&ahead->lock);
	ahead->stop = true;
	pthread_cond_signal(&ahead->room);
	pthread_mutex_unlock(&ahead->lock);
	pthread_join(ahead->thread, NULL);
	for (size_t i = 0; i < NR_BATCH; i++)
		chunks_free(ahead->batch[i].chunk);
	pthread_cond_destroy(&ahead->data);
	pthread_cond_destroy(&ahead->room);
	pthread_mutex_destroy(&ahead->lock);
	free(ahead);
}
