// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * handover.c - finished packets -> the callback, in a thread of its own
 *
 * The engine fills batches of packets, the thread calls the callback for each of them, and the
 * engine releases what the thread is through with: memory of packets is the engine's alone.  They
 * share the numbers of batches filled and done, under a lock that is held once a batch.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "handover.h"

#define NR_BATCH	8
#define BATCH_PACKETS	128

struct batch {
	uint32_t nr;
	struct packet *packet[BATCH_PACKETS];
};

/**
 * struct handover - batch number i is in slot i % NR_BATCH
 * @filled, @done: numbers of batches, under @lock as @stop and @err are
 * @err: what the callback returned for the packet that it failed for; the thread is over then
 * @released: the engine's: batches whose packets it has back
 */
struct handover {
	struct trail_engine *engine;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t room;
	pthread_cond_t data;
	uint64_t filled;
	uint64_t done;
	bool stop;
	int err;
	struct batch batch[NR_BATCH];
	uint64_t released;
};

/* Return: NULL when there is nothing left and nothing will come, or the rest is not wanted. */
static const struct batch *wait_for_data(struct handover *handover)
{
	const struct batch *batch = NULL;

	pthread_mutex_lock(&handover->lock);
	/* To wake a thread takes as long as tens of packets: it sleeps until many are there. */
	if (handover->filled == handover->done) {
		while (handover->filled - handover->done < NR_BATCH / 2 && !handover->stop)
			pthread_cond_wait(&handover->data, &handover->lock);
	}
	if (handover->filled != handover->done && !handover->err)
		batch = &handover->batch[handover->done % NR_BATCH];
	pthread_mutex_unlock(&handover->lock);
	return batch;
}

/* Whoever waits for room, once the ring was full, waits for half of it: fewer switches. */
static void batch_is_done(struct handover *handover, int err)
{
	pthread_mutex_lock(&handover->lock);
	if (err)
		handover->err = err;
	handover->done++;
	if (err || handover->filled - handover->done == NR_BATCH / 2)
		pthread_cond_signal(&handover->room);
	pthread_mutex_unlock(&handover->lock);
}

static void *call_back(void *data)
{
	struct handover *handover = data;
	const struct trail_engine *engine = handover->engine;
	const struct batch *batch;

	while ((batch = wait_for_data(handover))) {
		int err = 0;

		for (uint32_t i = 0; !err && i < batch->nr; i++)
			err = engine->packet_fn(engine->packet_data, &batch->packet[i]->out);
		batch_is_done(handover, err);
	}
	return NULL;
}

/* Signals are for the threads of the program. */
static int start_thread(struct handover *handover)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&handover->thread, NULL, call_back, handover);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

int trail_engine_hand_over(struct trail_engine *engine)
{
	struct handover *handover = calloc(1, sizeof(*handover));
	int err;

	if (!handover)
		return -ENOMEM;
	handover->engine = engine;
	pthread_mutex_init(&handover->lock, NULL);
	pthread_cond_init(&handover->room, NULL);
	pthread_cond_init(&handover->data, NULL);
	err = start_thread(handover);
	if (err)
		free(handover);
	else
		engine->handover = handover;
	return err;
}

static void release(struct trail_engine *engine, uint64_t done)
{
	struct handover *handover = engine->handover;

	for (; handover->released < done; handover->released++) {
		struct batch *batch = &handover->batch[handover->released % NR_BATCH];

		for (uint32_t i = 0; i < batch->nr; i++)
			packet_release(engine, batch->packet[i]);
		batch->nr = 0;
	}
}

/* The batch that was being filled goes, and there is room for another one. */
static int pass_on(struct trail_engine *engine)
{
	struct handover *handover = engine->handover;
	uint64_t done;
	int err;

	pthread_mutex_lock(&handover->lock);
	handover->filled++;
	if (handover->filled - handover->done == NR_BATCH / 2)
		pthread_cond_signal(&handover->data);
	if (handover->filled - handover->done == NR_BATCH) {
		while (!handover->err && handover->filled - handover->done > NR_BATCH / 2)
			pthread_cond_wait(&handover->room, &handover->lock);
	}
	done = handover->done;
	err = handover->err;
	pthread_mutex_unlock(&handover->lock);
	release(engine, done);
	return err;
}

int handover_give(struct trail_engine *engine, struct packet *packet)
{
	struct handover *handover = engine->handover;
	struct batch *batch = &handover->batch[handover->filled % NR_BATCH];

	batch->packet[batch->nr++] = packet;
	return batch->nr < BATCH_PACKETS ? 0 : pass_on(engine);
}

/* The thread ends, and all packets are the engine's again. */
static int end(struct trail_engine *engine)
{
	struct handover *handover = engine->handover;
	int err;

	pthread_mutex_lock(&handover->lock);
	handover->stop = true;
	pthread_cond_signal(&handover->data);
	pthread_mutex_unlock(&handover->lock);
	pthread_join(handover->thread, NULL);
	err = handover->err;
	/* What was being filled, too, which is the slot of a batch before if the ring was full. */
	release(engine, handover->filled + 1);
	engine->handover = NULL;
	pthread_cond_destroy(&handover->data);
	pthread_cond_destroy(&handover->room);
	pthread_mutex_destroy(&handover->lock);
	free(handover);
	return err;
}

int trail_engine_take_back(struct trail_engine *engine)
{
	if (!engine->handover)
		return 0;
	pass_on(engine);
	return end(engine);
}

void handover_free(struct trail_engine *engine)
{
	struct handover *handover = engine->handover;

	if (!handover)
		return;
	pthread_mutex_lock(&handover->lock);
	handover->err = -ECANCELED;
	pthread_mutex_unlock(&handover->lock);
	end(engine);
}
