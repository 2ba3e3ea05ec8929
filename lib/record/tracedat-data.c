// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tracedat-data.c - pages of a CPU -> the end of a trace.dat
 *
 * Copied inside the kernel where the file system can.  A recording that filled the disk still
 * becomes a capture: what the caller reserved holds the first piece, and the part of a source that
 * has been copied is given back to the disk, as a hole, where there is no room for the next.  Where
 * files cannot have holes punched (9p, NFS before 4.2, some FUSE) a source is copied from its end
 * on and cut off behind what is left of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "filesystem.h"
#include "tracedat-private.h"

/* Pages per compressed chunk, as stock writes them. */
#define PAGES_IN_CHUNK		10
#define COPY_BYTES		(64u << 20)
/* Of a copy from the end; fits into what is reserved. */
#define BACKWARDS_BYTES		(256u << 10)
#define ZSTD_LEVEL		3

int tracedat_put(struct tracedat *dat, const void *data, size_t size)
{
	int err = file_write_at(dat->fd, data, size, dat->pos);

	if (!err)
		dat->pos += size;
	return err;
}

int tracedat_put_blob(struct tracedat *dat, const struct blob *blob)
{
	return blob->err ? blob->err : tracedat_put(dat, blob->data, blob->size);
}

void tracedat_add_compressed(struct tracedat *dat, struct blob *out, const void *data, size_t size)
{
	size_t bound = ZSTD_compressBound(size), n;
	char *packed = malloc(bound);

	if (!packed || bound > UINT32_MAX) {
		out->err = packed ? -EINVAL : -ENOMEM;
	} else {
		n = ZSTD_compressCCtx(dat->zstd, packed, bound, data, size, ZSTD_LEVEL);
		if (ZSTD_isError(n))
			out->err = -ENOMEM;
		blob_add_u32(out, n);
		blob_add_u32(out, size);
		blob_add(out, packed, n);
	}
	free(packed);
}

static bool is_full(int err)
{
	return err == -ENOSPC || err == -EDQUOT;
}

static ssize_t copy_by_hand(struct tracedat *dat, const struct tracedat_source *source,
			    uint64_t done, size_t size)
{
	char buffer[64 * 1024];
	ssize_t n;
	int err;

	n = pread(source->fd, buffer, size < sizeof(buffer) ? size : sizeof(buffer), done);
	if (n < 0)
		return -errno;
	err = file_write_at(dat->fd, buffer, n, dat->pos);
	return err ? err : n;
}

/* One step of a copy.  Return: bytes copied to the file's end, or -errno. */
static ssize_t copy_some(struct tracedat *dat, const struct tracedat_source *source, uint64_t done)
{
	uint64_t left = source->size - done;
	size_t size = left < COPY_BYTES ? left : COPY_BYTES;
	off_t from = done, to = dat->pos;
	ssize_t n;

	if (source->data) {
		const char *at = (const char *)source->data + done;
		int err = file_write_at(dat->fd, at, size, dat->pos);

		return err ? err : (ssize_t)size;
	}
	n = copy_file_range(source->fd, &from, dat->fd, &to, size, 0);
	if (n > 0)
		return n;
	if (n < 0 && (is_full(-errno) || errno == EINTR || errno == EFBIG))
		return -errno;
	/* Other file systems, or 0 from those that claim to have copied nothing. */
	return copy_by_hand(dat, source, done, size);
}

/*
 * A full disk: what has been copied is given back to it, so that the rest fits.
 * Return: whether anything was freed since @freed.
 */
static bool reclaim(const struct tracedat_source *source, uint64_t done, uint64_t *freed)
{
	if (!source->consume || source->data || done <= *freed)
		return false;
	if (fallocate(source->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, *freed,
		      done - *freed))
		return false;
	*freed = done;
	return true;
}

/* By the caller's function, as many pages at a time as make a chunk. */
static int copy_by_reading(struct tracedat *dat, const struct tracedat_source *source)
{
	size_t room = (size_t)PAGES_IN_CHUNK * dat->page_size, n;
	char *buffer = malloc(room);
	int err = buffer ? 0 : -ENOMEM;

	for (uint64_t done = 0; !err && done < source->size; done += n) {
		n = source->size - done < room ? source->size - done : room;
		err = source->read(source->arg, buffer, n, done);
		if (!err)
			err = tracedat_put(dat, buffer, n);
	}
	free(buffer);
	return err;
}

/* Asked of a place behind the end, where there is nothing. */
static bool can_punch(const struct tracedat_source *source)
{
	return !fallocate(source->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			  round_up(source->size + 1, BACKWARDS_BYTES), BACKWARDS_BYTES);
}

/*
 * The last piece first, each cut off from the source when it is in its place.  What lies before
 * it in the file has no blocks yet.
 */
static int copy_backwards(struct tracedat *dat, const struct tracedat_source *source)
{
	char *buffer = malloc(BACKWARDS_BYTES);
	uint64_t left = source->size;
	int err = 0;

	if (!buffer)
		return -ENOMEM;
	while (!err && left) {
		size_t n = left % BACKWARDS_BYTES ? left % BACKWARDS_BYTES : BACKWARDS_BYTES;

		left -= n;
		err = file_read_at(source->fd, buffer, n, left);
		if (!err)
			err = file_write_at(dat->fd, buffer, n, dat->pos + left);
		if (!err && ftruncate(source->fd, left))
			err = -errno;
	}
	if (!err)
		dat->pos += source->size;
	free(buffer);
	return err;
}

static int copy_source(struct tracedat *dat, const struct tracedat_source *source)
{
	uint64_t done = 0, freed = 0;
	ssize_t n;

	if (source->read)
		return copy_by_reading(dat, source);
	if (source->consume && !source->data && source->size > filesystem_free(dat->fd) &&
	    !can_punch(source))
		return copy_backwards(dat, source);
	while (done < source->size) {
		n = copy_some(dat, source, done);
		if (n == -EINTR || (is_full(n) && reclaim(source, done, &freed)))
			continue;
		if (n <= 0)
			return n ? n : -EIO;
		done += n;
		dat->pos += n;
	}
	return 0;
}

/* Nothing was written there yet, but for what reserve_tail() did: it reads as zeros. */
static void pad_to_page(struct tracedat *dat)
{
	dat->pos = round_up(dat->pos, dat->page_size);
}

static int put_plain_cpu(struct tracedat *dat, const struct tracedat_cpu *cpu,
			 struct placed *placed)
{
	int err;

	pad_to_page(dat);
	placed->offset = dat->pos;
	placed->size = cpu_size(cpu);
	err = copy_source(dat, &cpu->source[0]);
	return err ? err : copy_source(dat, &cpu->source[1]);
}

/* Reads pages @done .. of a CPU, across its two sources.  Return: bytes, or -errno. */
static ssize_t read_pages(const struct tracedat_cpu *cpu, uint64_t done, char *buffer, size_t size)
{
	const struct tracedat_source *source = &cpu->source[0];
	int err;

	if (done >= source->size) {
		done -= source->size;
		source++;
	}
	if (size > source->size - done)
		size = source->size - done;
	if (source->data) {
		memcpy(buffer, (const char *)source->data + done, size);
		return size;
	}
	err = source->read ? source->read(source->arg, buffer, size, done)
			   : file_read_at(source->fd, buffer, size, done);
	return err ? err : (ssize_t)size;
}

/* reclaim() of both sources, of which @done bytes have been written. */
static bool reclaim_cpu(const struct tracedat_cpu *cpu, uint64_t done, uint64_t freed[2])
{
	uint64_t first = done < cpu->source[0].size ? done : cpu->source[0].size;
	bool any = reclaim(&cpu->source[0], first, &freed[0]);

	return reclaim(&cpu->source[1], done - first, &freed[1]) || any;
}

/* At the CPU's offset: u32 number of chunks, then the chunks. */
static int put_packed_cpu(struct tracedat *dat, const struct tracedat_cpu *cpu,
			  struct placed *placed)
{
	uint64_t done = 0, size = cpu_size(cpu), freed[2] = { 0, 0 };
	struct blob chunk = { 0 };
	uint32_t nr_chunk = 0;
	ssize_t n;
	char *page;
	int err;

	pad_to_page(dat);
	placed->offset = dat->pos;
	page = malloc((size_t)PAGES_IN_CHUNK * dat->page_size);
	if (!page)
		return -ENOMEM;
	err = tracedat_put(dat, &nr_chunk, sizeof(nr_chunk));
	while (!err && done < size) {
		n = read_pages(cpu, done, page, (size_t)PAGES_IN_CHUNK * dat->page_size);
		if (n < 0) {
			err = n;
			break;
		}
		chunk.size = 0;
		tracedat_add_compressed(dat, &chunk, page, n);
		do {
			err = tracedat_put_blob(dat, &chunk);
		} while (is_full(err) && reclaim_cpu(cpu, done, freed));
		done += n;
		nr_chunk++;
	}
	if (!err)
		err = file_write_at(dat->fd, &nr_chunk, sizeof(nr_chunk), placed->offset);
	placed->size = dat->pos - placed->offset;
	blob_release(&chunk);
	free(page);
	return err;
}

/* Before a source is emptied for want of space. */
static int note_move(const struct tracedat *dat, const struct tracedat_tail *tail, uint32_t i)
{
	const struct tracedat_source *source = tail->cpu[i].source;
	const struct tracedat_moving moving = {
		.offset = round_up(dat->pos, dat->page_size),
		.size = { source[0].size, source[1].size },
		.index = { source[0].index, source[1].index },
	};

	if (!tail->moving_fd)
		return 0;
	return file_write_at(*tail->moving_fd, &moving, sizeof(moving), i * sizeof(moving));
}

int tracedat_put_cpu(struct tracedat *dat, const struct tracedat_tail *tail, uint32_t i,
		     struct placed *placed)
{
	int err = note_move(dat, tail, i);

	if (err)
		return err;
	return dat->zstd ? put_packed_cpu(dat, &tail->cpu[i], placed)
			 : put_plain_cpu(dat, &tail->cpu[i], placed);
}
