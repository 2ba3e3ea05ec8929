// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sink-pcapng.c - packets that have recorded bytes -> a pcapng file, in order of time
 *
 * Packets come in the order of their ends, and interfaces have to be described before the packets
 * that name them.  So blocks of packets go to a temporary file first, and only 16 bytes of each,
 * its time and its place there, are kept in memory: a capture of ten million packets takes 160 MB,
 * not the gigabytes of its blocks.  At the end the places are sorted and the blocks copied.
 *
 * Times are the time of day where the capture tells it, otherwise those of its clock.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <unistd.h>

#include "pcapng.h"
#include "readable.h"
#include "sink.h"

#define BYTE_ORDER_MAGIC	0x1a2b3c4d
#define TSRESOL_NS		9
#define SPOOL_BUFFER		(256 * 1024)
/* epb_flags */
#define INBOUND			1
#define OUTBOUND		2

/* The key of an interface, and its number in the file. */
struct interface {
	char *dev;
	uint64_t netns;
	uint32_t id;
	uint8_t layer;
};

/* Of a packet's block in the temporary file; its size is in words of four bytes. */
struct place {
	uint64_t ts_ns;
	uint64_t offset : 44;
	uint64_t words : 20;
};

/**
 * struct pcapng - a file under construction
 * @spool: blocks of packets, in the order of their ends
 * @spooled: bytes in it
 * @interface: @nr_interface, by number
 * @tree: the same, by key; of tsearch()
 */
struct pcapng {
	FILE *spool;
	uint64_t spooled;
	struct place *place;
	size_t nr_place;
	size_t cap_place;
	struct interface **interface;
	size_t nr_interface;
	void *tree;
	struct block block;
};

static int write_to(FILE *out, const void *data, size_t size)
{
	errno = 0;
	if (fwrite(data, 1, size, out) == size)
		return 0;
	return errno ? -errno : -EIO;
}

/* ---- interfaces */

static int compare_interfaces(const void *va, const void *vb)
{
	const struct interface *a = va, *b = vb;

	if (a->netns != b->netns)
		return a->netns < b->netns ? -1 : 1;
	if (a->layer != b->layer)
		return a->layer < b->layer ? -1 : 1;
	if (!a->dev || !b->dev)
		return !!a->dev - !!b->dev;
	return strcmp(a->dev, b->dev);
}

static struct interface *interface_new(struct pcapng *pcapng, const struct interface *key)
{
	struct interface **array, *interface;

	array = realloc(pcapng->interface, (pcapng->nr_interface + 1) * sizeof(*array));
	if (!array)
		return NULL;
	pcapng->interface = array;
	interface = malloc(sizeof(*interface));
	if (!interface)
		return NULL;
	*interface = *key;
	interface->id = (uint32_t)pcapng->nr_interface;
	interface->dev = key->dev ? strdup(key->dev) : NULL;
	if ((key->dev && !interface->dev) ||
	    !tsearch(interface, &pcapng->tree, compare_interfaces)) {
		free(interface->dev);
		free(interface);
		return NULL;
	}
	array[pcapng->nr_interface++] = interface;
	return interface;
}

/* Return: the number of the interface that the packet's bytes were seen on, or -ENOMEM. */
static int64_t find_interface(struct pcapng *pcapng, const struct trail_packet *packet)
{
	const struct interface key = {
		.dev = (char *)packet->header.dev, .netns = packet->header.netns,
		.layer = packet->header.layer,
	};
	struct interface *const *found = tfind(&key, &pcapng->tree, compare_interfaces);
	const struct interface *interface = found ? *found : interface_new(pcapng, &key);

	return interface ? (int64_t)interface->id : -ENOMEM;
}

/* ---- packets */

static int add_place(struct pcapng *pcapng, uint64_t ts_ns)
{
	if (pcapng->nr_place == pcapng->cap_place) {
		size_t cap = pcapng->cap_place ? 2 * pcapng->cap_place : 1024;
		struct place *place = reallocarray(pcapng->place, cap, sizeof(*place));

		if (!place)
			return -ENOMEM;
		pcapng->place = place;
		pcapng->cap_place = cap;
	}
	pcapng->place[pcapng->nr_place++] = (struct place){ ts_ns, pcapng->spooled,
							    pcapng->block.size / 4 };
	return 0;
}

static uint64_t time_of(const struct trail_sink *sink, const struct trail_packet *packet)
{
	const struct trail_capture_info *info = sink->opts.capture;

	return packet->header.ts_ns + (info->has_wall ? (uint64_t)info->wall_offset_ns : 0);
}

static int make_packet(struct block *block, const struct trail_packet *packet, uint64_t ts_ns,
		       uint32_t interface)
{
	const struct trail_header *header = &packet->header;
	bool out = packet->dir == TRAIL_TX || packet->dir == TRAIL_LOCAL;
	uint32_t flags = out ? OUTBOUND : INBOUND;
	char comment[COMMENT_SIZE];

	block_begin(block, PCAPNG_PACKET);
	block_u32(block, interface);
	block_u32(block, (uint32_t)(ts_ns >> 32));
	block_u32(block, (uint32_t)ts_ns);
	block_u32(block, header->nr_bytes);
	block_u32(block, header->wire_len > header->nr_bytes ? header->wire_len
							     : header->nr_bytes);
	block_bytes(block, header->bytes, header->nr_bytes);
	block_option_text(block, PCAPNG_COMMENT, comment_of_packet(comment, packet));
	block_option(block, PCAPNG_PACKET_FLAGS, &flags, sizeof(flags));
	block_option(block, PCAPNG_PACKET_ID, &packet->id, sizeof(packet->id));
	return block_end(block);
}

static int pcapng_packet(struct trail_sink *sink, const struct trail_packet *packet)
{
	struct pcapng *pcapng = sink->state;
	struct block *block = &pcapng->block;
	uint64_t ts_ns = time_of(sink, packet);
	int64_t interface;
	int err;

	if (!packet->header.bytes)
		return 0;
	interface = find_interface(pcapng, packet);
	if (interface < 0)
		return (int)interface;
	err = make_packet(block, packet, ts_ns, (uint32_t)interface);
	if (!err)
		err = add_place(pcapng, ts_ns);
	if (err)
		return err;
	err = write_to(pcapng->spool, block->at, block->size);
	pcapng->spooled += block->size;
	return err;
}

/* ---- the file */

static int write_section(struct trail_sink *sink)
{
	const struct trail_capture_info *info = sink->opts.capture;
	struct block *block = &((struct pcapng *)sink->state)->block;
	/* Such files are handed on: where the capture lay is nobody's business. */
	const char *slash = info->file ? strrchr(info->file, '/') : NULL;
	char text[2 * TEXT_SIZE], buf[TEXT_SIZE];
	int err;

	block_begin(block, PCAPNG_SECTION);
	block_u32(block, BYTE_ORDER_MAGIC);
	block_u16(block, 1);
	block_u16(block, 0);
	block_u64(block, UINT64_MAX);		/* its length is not said */
	snprintf(text, sizeof(text), "from %s; times are %s %s",
		 text_safe(buf, sizeof(buf), slash ? slash + 1 : info->file),
		 info->has_wall ? "the time of day, by clock" : "those of clock",
		 info->clock ? info->clock : "of unknown name");
	block_option_text(block, PCAPNG_COMMENT, text);
	if (info->kernel) {
		snprintf(text, sizeof(text), "Linux %s",
			 text_safe(buf, sizeof(buf), info->kernel));
		block_option_text(block, PCAPNG_SECTION_OS, text);
	}
	block_option_text(block, PCAPNG_SECTION_PROGRAM, "skbtrail " SKBTRAIL_VERSION);
	err = block_end(block);
	return err ? err : write_to(sink->opts.out, block->at, block->size);
}

static int write_interface(struct trail_sink *sink, const struct interface *interface)
{
	static const uint16_t linktype[] = {
		[TRAIL_LAYER_UNKNOWN] = LINKTYPE_USER0,
		[TRAIL_LAYER_ETHERNET] = LINKTYPE_ETHERNET,
		[TRAIL_LAYER_IP] = LINKTYPE_RAW,
	};
	const uint8_t tsresol = TSRESOL_NS;
	struct block *block = &((struct pcapng *)sink->state)->block;
	uint8_t layer = interface->layer <= TRAIL_LAYER_IP ? interface->layer
							   : TRAIL_LAYER_UNKNOWN;
	char text[TEXT_SIZE];
	int err;

	block_begin(block, PCAPNG_INTERFACE);
	block_u16(block, linktype[layer]);
	block_u16(block, 0);
	block_u32(block, 0);			/* each packet says how much of it there is */
	if (interface->dev)
		block_option_text(block, PCAPNG_IF_NAME,
				  text_safe(text, sizeof(text), interface->dev));
	if (interface->netns) {
		snprintf(text, sizeof(text), "netns %" PRIu64, interface->netns);
		block_option_text(block, PCAPNG_IF_DESCRIPTION, text);
	}
	block_option(block, PCAPNG_IF_TSRESOL, &tsresol, sizeof(tsresol));
	err = block_end(block);
	return err ? err : write_to(sink->opts.out, block->at, block->size);
}

/* Of equal times, the packet that ended first. */
static int compare_places(const void *va, const void *vb)
{
	const struct place *a = va, *b = vb;

	if (a->ts_ns != b->ts_ns)
		return a->ts_ns < b->ts_ns ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static int write_packets(struct trail_sink *sink)
{
	struct pcapng *pcapng = sink->state;
	/* It has held every one of the blocks, so it is large enough for each. */
	struct block *block = &pcapng->block;
	int err = 0;

	if (fflush(pcapng->spool))
		return -errno;
	if (pcapng->nr_place)
		qsort(pcapng->place, pcapng->nr_place, sizeof(*pcapng->place), compare_places);
	for (size_t i = 0; !err && i < pcapng->nr_place; i++) {
		const struct place *place = &pcapng->place[i];
		size_t size = (size_t)place->words * 4;

		errno = 0;
		if (pread(fileno(pcapng->spool), block->at, size, (off_t)place->offset) !=
		    (ssize_t)size)
			return errno ? -errno : -EIO;
		err = write_to(sink->opts.out, block->at, size);
	}
	return err;
}

static void release(struct pcapng *pcapng)
{
	for (size_t i = 0; i < pcapng->nr_interface; i++) {
		tdelete(pcapng->interface[i], &pcapng->tree, compare_interfaces);
		free(pcapng->interface[i]->dev);
		free(pcapng->interface[i]);
	}
	free(pcapng->interface);
	free(pcapng->place);
	block_release(&pcapng->block);
	if (pcapng->spool)
		fclose(pcapng->spool);
	free(pcapng);
}

/* Not in /tmp where there is a choice: that is often memory. */
static FILE *open_spool(void)
{
	const char *const folder[] = { getenv("TMPDIR"), "/var/tmp", "/tmp" };
	FILE *spool = NULL;
	char path[4096];
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < sizeof(folder) / sizeof(folder[0]); i++) {
		if (!folder[i] || !*folder[i] ||
		    snprintf(path, sizeof(path), "%s/skbtrail-XXXXXX", folder[i]) >=
		    (int)sizeof(path))
			continue;
		fd = mkostemp(path, O_CLOEXEC);
	}
	if (fd < 0)
		return NULL;
	unlink(path);
	spool = fdopen(fd, "w+");
	if (spool)
		setvbuf(spool, NULL, _IOFBF, SPOOL_BUFFER);
	else
		close(fd);
	return spool;
}

static int pcapng_open(struct trail_sink *sink)
{
	struct pcapng *pcapng = calloc(1, sizeof(*pcapng));

	if (!pcapng)
		return -ENOMEM;
	pcapng->spool = open_spool();
	if (!pcapng->spool) {
		int err = -errno;

		free(pcapng);
		return err;
	}
	sink->state = pcapng;
	return 0;
}

static int pcapng_close(struct trail_sink *sink)
{
	struct pcapng *pcapng = sink->state;
	int err = write_section(sink);

	for (size_t i = 0; !err && i < pcapng->nr_interface; i++)
		err = write_interface(sink, pcapng->interface[i]);
	if (!err)
		err = write_packets(sink);
	release(pcapng);
	return err;
}

const struct trail_sink_type trail_sink_pcapng = {
	.name = "pcapng", .about = "a file for Wireshark, stages as comments of its packets",
	.open = pcapng_open, .packet = pcapng_packet, .close = pcapng_close,
	.ending = ".pcapng", .magic = "\n\r\r\n",
};
