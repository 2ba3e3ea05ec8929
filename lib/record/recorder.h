/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * recorder.h - the ring buffer of one CPU -> a file
 */
#ifndef RECORDER_H
#define RECORDER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What all recorders together may still write: a limit of file sizes bounds the capture. */
struct recorder_room {
	_Atomic uint64_t left_bytes;
};

/**
 * struct recorder - one CPU, one thread
 * @raw_fd: trace_pipe_raw of the CPU
 * @file: pages go to file[current]; the second one only when the size is bounded
 * @file_bytes: written to each; others may look at it
 * @is_cut: the older file was emptied at least once
 * @holds: nothing is read before the end: the kernel's buffer keeps the newest
 * @half_bytes: a file that has reached this size is the older one from now on; 0 = no bound
 * @room: shared by all; NULL = no bound.  Beyond it the recorder ends with -EFBIG
 * @stop_fd: becomes readable when tracing has been switched off
 * @failed_fd: eventfd of the owner, written when the recorder ends with an error
 * @err: after recorder_join(): 0 or what ended it, a negative errno
 */
struct recorder {
	int cpu;
	int raw_fd;
	int file[2];
	_Atomic uint64_t file_bytes[2];
	unsigned int current;
	uint64_t half_bytes;
	struct recorder_room *room;
	bool is_cut;
	bool holds;
	uint32_t page_size;
	uint64_t buffer_bytes;
	int interval_ms;
	int stop_fd;
	int failed_fd;
	int pipe[2];
	size_t pipe_bytes;
	bool can_splice;
	char *page;
	bool is_running;
	pthread_t thread;
	int err;
};

/*
 * Of what the limit of file sizes allows, the recorders get what the rest of the capture leaves, of
 * which @file_fd has the head.  Return: 0; -EFBIG when not even @bound_bytes for each CPU are left.
 */
int recorder_room_limit(struct recorder_room *room, int file_fd, uint64_t bound_bytes);
/* No descriptors are open. */
#define RECORDER_NONE(number)	{ .cpu = (number), .raw_fd = -1, .file = { -1, -1 } }

/* All but the fields before @pipe is made here, for one of @nr_cpu.  Return: 0 or -errno. */
int recorder_start(struct recorder *recorder, int nr_cpu);
/*
 * After @stop_fd became readable: waits until the CPU's buffer is drained, and lets go of its
 * pages.  To be called before the instance is removed.
 */
void recorder_join(struct recorder *recorder);
/* Closes all descriptors but @stop_fd and @failed_fd. */
void recorder_release(struct recorder *recorder);

#endif /* RECORDER_H */
