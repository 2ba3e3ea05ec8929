/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * recorder.h - the ring buffer of one CPU -> a file
 */
#ifndef RECORDER_H
#define RECORDER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * struct recorder - one CPU, one thread
 * @raw_fd: trace_pipe_raw of the CPU
 * @file: pages go to file[current]; the second one only when the size is bounded
 * @file_bytes: written to each
 * @half_bytes: a file that has reached this size is the older one from now on; 0 = no bound
 * @stop_fd: becomes readable when tracing has been switched off
 * @failed_fd: eventfd of the owner, written when the recorder ends with an error
 * @err: after recorder_join(): 0 or what ended it, a negative errno
 */
struct recorder {
	int cpu;
	int raw_fd;
	int file[2];
	uint64_t file_bytes[2];
	unsigned int current;
	uint64_t half_bytes;
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

/* All but the fields before @pipe is made here.  Return: 0 or -errno. */
int recorder_start(struct recorder *recorder);
/*
 * After @stop_fd became readable: waits until the CPU's buffer is drained, and lets go of its
 * pages.  To be called before the instance is removed.
 */
void recorder_join(struct recorder *recorder);
/* Closes all descriptors but @stop_fd and @failed_fd. */
void recorder_release(struct recorder *recorder);

#endif /* RECORDER_H */
