// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * recorder.c - the ring buffer of one CPU -> a file
 *
 * Whole sub-buffers move by splice, without a copy to user space.  Splice leaves the sub-buffer
 * that is still being filled; it is read() when it has been waiting for an interval, and at the
 * end: the kernel then hands out what is there, zero-padded, so the file always consists of whole
 * sub-buffers.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "filesystem.h"
#include "recorder.h"

/* Of a pipe, and of all: without CAP_SYS_RESOURCE a user may have 64 MB in pipes. */
#define PIPE_BYTES	(1 << 20)
#define ALL_PIPES_BYTES	(32 << 20)
/* What command lines and options may take, and pages rounded up. */
#define TAIL_BYTES	(1u << 20)
/* Kernels before 6.1 wake for each event: let some more come before looking again. */
#define PAUSE_MS	5

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
}

int recorder_room_limit(struct recorder_room *room, int file_fd, uint64_t bound_bytes)
{
	uint64_t max = filesystem_max_file(), head = lseek(file_fd, 0, SEEK_END);
	uint64_t nr_cpu = sysconf(_SC_NPROCESSORS_CONF);
	uint64_t left = max > head + TAIL_BYTES ? max - head - TAIL_BYTES : 0;

	room->left_bytes = left;
	return left && bound_bytes <= left / nr_cpu ? 0 : -EFBIG;
}

/* Whole pages of what may still be written.  Return: bytes, up to @wanted, or -EFBIG. */
static int64_t take_room(struct recorder *recorder, uint64_t wanted)
{
	uint64_t left, taken;

	if (!recorder->room)
		return wanted;
	left = atomic_load(&recorder->room->left_bytes);
	do {
		taken = left < wanted ? left - left % recorder->page_size : wanted;
		if (!taken)
			return -EFBIG;
	} while (!atomic_compare_exchange_weak(&recorder->room->left_bytes, &left, left - taken));
	return taken;
}

static void give_room_back(struct recorder *recorder, uint64_t unused)
{
	if (recorder->room)
		atomic_fetch_add(&recorder->room->left_bytes, unused);
}

/* Bounded recording: the older file gives way. */
static int swap_files(struct recorder *recorder)
{
	unsigned int other = !recorder->current;

	if (!recorder->half_bytes || recorder->file_bytes[recorder->current] < recorder->half_bytes)
		return 0;
	if (ftruncate(recorder->file[other], 0) || lseek(recorder->file[other], 0, SEEK_SET) < 0)
		return -errno;
	recorder->is_cut |= recorder->file_bytes[other] > 0;
	recorder->file_bytes[other] = 0;
	recorder->current = other;
	return 0;
}

static int write_page(struct recorder *recorder, const char *page, size_t size)
{
	int fd = recorder->file[recorder->current];
	ssize_t n;

	while (size) {
		n = write(fd, page, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		page += n;
		size -= n;
		recorder->file_bytes[recorder->current] += n;
	}
	return 0;
}

/* ENODEV: a CPU that has never been online has no buffer. */
static bool is_nothing(int err)
{
	return err == -EAGAIN || err == -EINTR || err == -ENODEV;
}

/* One sub-buffer, even if it is not full.  Return: 1, 0 when there is none, -errno. */
static int read_page(struct recorder *recorder)
{
	int64_t room = take_room(recorder, recorder->page_size);
	ssize_t n;
	int err;

	if (room < 0)
		return room;
	n = read(recorder->raw_fd, recorder->page, recorder->page_size);
	if (n <= 0) {
		err = n ? -errno : 0;
		give_room_back(recorder, recorder->page_size);
		return is_nothing(err) ? 0 : err;
	}
	memset(recorder->page + n, 0, recorder->page_size - n);
	err = swap_files(recorder);
	if (!err)
		err = write_page(recorder, recorder->page, recorder->page_size);
	return err ? err : 1;
}

/* What a splice has left in the pipe when the file system turned out not to take it. */
static int copy_pipe(struct recorder *recorder, size_t size)
{
	ssize_t n;
	int err;

	while (size) {
		n = read(recorder->pipe[0], recorder->page,
			 size < recorder->page_size ? size : recorder->page_size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		err = write_page(recorder, recorder->page, n);
		if (err)
			return err;
		size -= n;
	}
	return 0;
}

/* Everything that is in the pipe goes to the file, however many steps that takes. */
static int empty_pipe(struct recorder *recorder, size_t size)
{
	int fd = recorder->file[recorder->current];
	ssize_t n;

	while (size) {
		n = splice(recorder->pipe[0], NULL, fd, NULL, size, SPLICE_F_MOVE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EINVAL) {
			recorder->can_splice = false;
			return copy_pipe(recorder, size);
		}
		if (n <= 0)
			return n ? -errno : -EIO;
		size -= n;
		recorder->file_bytes[recorder->current] += n;
	}
	return 0;
}

/* How much one splice may move.  Return: bytes, or -EFBIG. */
static int64_t splice_size(struct recorder *recorder)
{
	uint64_t size = recorder->pipe_bytes, left;

	if (recorder->half_bytes) {
		left = recorder->half_bytes - recorder->file_bytes[recorder->current];
		size = size < left ? size : left;
	}
	return take_room(recorder, size);
}

/* Return: bytes moved, 0 when no full sub-buffer is there, -errno. */
static ssize_t move_pages(struct recorder *recorder)
{
	int64_t size;
	ssize_t n;
	int err;

	if (!recorder->can_splice) {
		n = read_page(recorder);
		return n > 0 ? recorder->page_size : n;
	}
	err = swap_files(recorder);
	size = err ? err : splice_size(recorder);
	if (size < 0)
		return size;
	n = splice(recorder->raw_fd, NULL, recorder->pipe[1], NULL, size,
		   SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	err = n < 0 ? -errno : 0;
	give_room_back(recorder, n < 0 ? size : size - n);
	if (err == -EINVAL) {
		recorder->can_splice = false;
		return move_pages(recorder);
	}
	if (err)
		return is_nothing(err) ? 0 : err;
	err = empty_pipe(recorder, n);
	return err ? err : n;
}

/* Moves what is there.  Return: 0 or -errno; @moved: bytes. */
static int move_all(struct recorder *recorder, uint64_t *moved)
{
	ssize_t n;

	*moved = 0;
	while ((n = move_pages(recorder)) > 0) {
		*moved += n;
		/* Never for ever: a writer can be as quick as we are. */
		if (*moved >= 4 * recorder->buffer_bytes)
			return 0;
	}
	return n;
}

/* Return: 1 data may be there, 0 time is over, -ECANCELED to stop. */
static int wait_for_data(struct recorder *recorder, bool pause, int64_t deadline)
{
	struct pollfd fd[] = {
		{ recorder->stop_fd, POLLIN, 0 },
		{ recorder->raw_fd, POLLIN, 0 },
	};
	int64_t left = deadline - now_ms();

	if (left < 0)
		left = 0;
	if (pause && poll(fd, 1, left < PAUSE_MS ? left : PAUSE_MS) > 0)
		return -ECANCELED;
	left = deadline - now_ms();
	if (left <= 0)
		return 0;
	if (poll(fd, 2, left) < 0 && errno != EINTR)
		return -errno;
	if (fd[0].revents)
		return -ECANCELED;
	return fd[1].revents ? 1 : 0;
}

static int drain(struct recorder *recorder)
{
	uint64_t moved;
	int err;

	do {
		err = move_all(recorder, &moved);
	} while (!err && moved);
	while (!err && (err = read_page(recorder)) > 0)
		err = 0;
	return err;
}

/* Until the end; what is there then is the newest. */
static int hold(struct recorder *recorder)
{
	struct pollfd fd = { recorder->stop_fd, POLLIN, 0 };

	while (poll(&fd, 1, -1) < 0)
		if (errno != EINTR)
			return -errno;
	return drain(recorder);
}

static int record(struct recorder *recorder)
{
	int64_t deadline = now_ms() + recorder->interval_ms;
	bool pause = false;
	uint64_t moved;
	int err;

	for (;;) {
		err = wait_for_data(recorder, pause, deadline);
		if (err == -ECANCELED)
			return drain(recorder);
		if (err >= 0)
			err = move_all(recorder, &moved);
		if (err < 0)
			return err;
		pause = moved < recorder->buffer_bytes / 16;
		if (now_ms() < deadline)
			continue;
		err = read_page(recorder);
		if (err < 0)
			return err;
		deadline = now_ms() + recorder->interval_ms;
	}
}

static void *run(void *data)
{
	struct recorder *recorder = data;
	uint64_t one = 1;
	sigset_t all;

	/* Signals are the caller's; that of a file's limit is an error of the write here. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	recorder->err = recorder->holds ? hold(recorder) : record(recorder);
	if (recorder->err && write(recorder->failed_fd, &one, sizeof(one)) < 0)
		return NULL;	/* the counter is at its end: others have failed already */
	return NULL;
}

int recorder_start(struct recorder *recorder, int nr_cpu)
{
	int err, size;

	recorder->pipe[0] = recorder->pipe[1] = -1;
	recorder->page = malloc(recorder->page_size);
	if (!recorder->page)
		return -ENOMEM;
	if (pipe2(recorder->pipe, O_CLOEXEC))
		return -errno;
	size = ALL_PIPES_BYTES / nr_cpu;
	/* May exceed what the user is allowed; the default does as well. */
	(void)fcntl(recorder->pipe[0], F_SETPIPE_SZ, size < PIPE_BYTES ? size : PIPE_BYTES);
	size = fcntl(recorder->pipe[0], F_GETPIPE_SZ);
	recorder->pipe_bytes = size < 0 ? 0 : size / recorder->page_size * recorder->page_size;
	recorder->can_splice = recorder->pipe_bytes > 0;
	err = pthread_create(&recorder->thread, NULL, run, recorder);
	if (err)
		return -err;
	recorder->is_running = true;
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/*
 * After an error the pipe may hold sub-buffers that belong to the instance.  They have to go
 * before it does: the kernel gives them back to a ring buffer that they do not keep alive
 * (kernel/trace/trace.c: buffer_ref_release(); seen as an oops on 6.18).
 */
void recorder_join(struct recorder *recorder)
{
	if (!recorder->is_running)
		return;
	pthread_join(recorder->thread, NULL);
	recorder->is_running = false;
	close_fd(&recorder->pipe[0]);
	close_fd(&recorder->pipe[1]);
}

void recorder_release(struct recorder *recorder)
{
	close_fd(&recorder->raw_fd);
	close_fd(&recorder->file[0]);
	close_fd(&recorder->file[1]);
	if (recorder->page) {
		close_fd(&recorder->pipe[0]);
		close_fd(&recorder->pipe[1]);
	}
	free(recorder->page);
	recorder->page = NULL;
}
