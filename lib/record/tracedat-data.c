// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tracedat-data.c - pages of a CPU -> the end of a trace.dat
 *
 * Copied inside the kernel where the file system can.  When the disk is full, the part of a
 * source that has been copied is given back to it: a recording that filled the disk still becomes
 * a capture.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "tracedat-private.h"

/* Pages per compressed chunk, as stock writes them. */
#define PAGES_IN_CHUNK		10
#define COPY_BYTES		(64u << 20)
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
	if (n < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EINTR || errno == EFBIG))
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

static int copy_source(struct tracedat *dat, const struct tracedat_source *source)
{
	uint64_t done = 0, freed = 0;
	ssize_t n;

	while (done < source->size) {
		n = copy_some(dat, source, done);
		if (n == -EINTR || (n == -ENOSPC && reclaim(source, done, &freed)))
			continue;
		if (n <= 0)
			return n ? n : -EIO;
		done += n;
		dat->pos += n;
	}
	return 0;
}

/* Zero bytes up to the next page; a hole, that is. */
static int pad_to_page(struct tracedat *dat)
{
	dat->pos = round_up(dat->pos, dat->page_size);
	return ftruncate(dat->fd, dat->pos) ? -errno : 0;
}

static int put_plain_cpu(struct tracedat *dat, const struct tracedat_cpu *cpu,
			 struct placed *placed)
{
	int err = pad_to_page(dat);

	placed->offset = dat->pos;
	placed->size = cpu_size(cpu);
	if (!err)
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
	err = file_read_at(source->fd, buffer, size, done);
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
	int err = pad_to_page(dat);

	placed->offset = dat->pos;
	page = malloc((size_t)PAGES_IN_CHUNK * dat->page_size);
	if (!page)
		return -ENOMEM;
	if (!err)
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
		} while (err == -ENOSPC && reclaim_cpu(cpu, done, freed));
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

int tracedat_put_cpu(struct tracedat *dat, const struct tracedat_cpu *cpu, struct placed *placed)
{
	return dat->zstd ? put_packed_cpu(dat, cpu, placed) : put_plain_cpu(dat, cpu, placed);
}
