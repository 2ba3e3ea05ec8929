// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * generate.c - a capture -> one of any size: copies of it one after the other, and side by side
 *
 *	generate [OPTIONS] BASE OUT
 *
 *	-e EVENTS	how many at least; what is written are whole copies
 *	-c CPUS		a multiple of those of BASE, each group of which has copies of its own
 *	-i IDENTITIES	so many copies have addresses and pids of their own, then these come again,
 *			as those of a kernel do (64)
 *	-t EVENTS	copy only so many of BASE, from its middle
 *	-6, -7, -z	version of the file (7); compressed with zstd
 *
 * Groups begin their copies at evenly spread times, so that no two CPUs have the same times.
 * Beside OUT the pages need its size once more while it is written.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blob.h"
#include "generate.h"
#include "tracedat-write.h"

#define GAP_NS		1000	/* between a copy and the next */
#define COOKIE_SHIFT	32

struct options {
	uint64_t nr_event;
	uint64_t take;
	uint64_t nr_identity;
	uint32_t nr_cpu;
	unsigned int version;
	bool zstd;
};

/**
 * struct plan - which copies there are
 * @nr_group: of CPUs; copy i is in group i % nr_group
 * @period_ns: from the start of a copy to that of the next in its group
 * @nr_identity: copy i has the identity i % nr_identity
 * @stride: between the addresses of identities
 */
struct plan {
	uint64_t nr_copy;
	uint32_t nr_group;
	uint64_t period_ns;
	uint64_t nr_identity;
	uint64_t stride;
};

/* What is added to the values in a copy. */
struct shift {
	uint64_t ns;
	uint64_t address;
	uint64_t cookie;
	uint32_t pid;
	uint32_t cpu;
};

static struct plan make_plan(const struct base *base, const struct options *opts)
{
	struct plan plan = { .nr_group = opts->nr_cpu / base->cut.nr_cpu };
	uint64_t room = base->address_span ? (1ull << 52) / base->address_span : UINT64_MAX;
	uint64_t room_pid = base->nr_pid ? (MAX_PID - 1) / base->nr_pid : UINT64_MAX;

	plan.nr_copy = (opts->nr_event + base->nr_record - 1) / base->nr_record;
	if (plan.nr_copy < plan.nr_group)
		errx(1, "%" PRIu64 " events are too few for one copy of %" PRIu64 " on each group "
		     "of CPUs: see -t", opts->nr_event, base->nr_record);
	plan.period_ns = base->end_ns - base->start_ns + GAP_NS;
	plan.stride = base->address_span;
	plan.nr_identity = opts->nr_identity;
	/* Copies that overlap in time always differ. */
	if (plan.nr_identity < 2ull * plan.nr_group)
		plan.nr_identity = 2ull * plan.nr_group;
	if (plan.nr_identity > plan.nr_copy)
		plan.nr_identity = plan.nr_copy;
	if (plan.nr_identity > room || plan.nr_identity > room_pid)
		errx(1, "there are no addresses or pids for %" PRIu64 " identities",
		     plan.nr_identity);
	return plan;
}

static struct shift shift_of(const struct base *base, const struct plan *plan, uint64_t copy)
{
	uint64_t identity = copy % plan->nr_identity;
	uint64_t group = copy % plan->nr_group;

	return (struct shift){
		.ns = copy / plan->nr_group * plan->period_ns +
		      group * plan->period_ns / plan->nr_group,
		.address = identity * plan->stride,
		.cookie = identity << COOKIE_SHIFT,
		.pid = (uint32_t)identity * base->nr_pid,
		.cpu = (uint32_t)group * base->cut.nr_cpu,
	};
}

static void add_u32(unsigned char *at, uint32_t add)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	value += add;
	memcpy(at, &value, sizeof(value));
}

static void add_u64(unsigned char *at, uint64_t add)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	value += add;
	memcpy(at, &value, sizeof(value));
}

static bool is_zero(const unsigned char *at, size_t size)
{
	static const unsigned char zeros[8];

	return !memcmp(at, zeros, size);
}

static void apply(const struct base_field *field, const struct shift *shift, unsigned char *at)
{
	uint64_t value;

	switch (field->kind) {
	case BASE_ADDRESS:
		memcpy(&value, at, sizeof(value));
		if (base_is_address(value))
			add_u64(at, shift->address);
		break;
	case BASE_COOKIE:
		if (!is_zero(at, 8))
			add_u64(at, shift->cookie);
		break;
	case BASE_PID:
		/* 0 is the idle task of each CPU. */
		if (!is_zero(at, 4))
			add_u32(at, shift->pid);
		break;
	default:
		add_u32(at, shift->cpu);
		break;
	}
}

static void copy_record(const struct base *base, const struct base_record *record,
			const struct shift *shift, struct pages *pages)
{
	unsigned char *at = pages_add(pages, record->ts + shift->ns, record->size, record->lost);
	const struct base_type *type = base_type_of(base, record);

	memcpy(at, record->data, record->size);
	for (unsigned int i = 0; type && i < type->nr_field; i++)
		if (base_has(record, &type->field[i]))
			apply(&type->field[i], shift, at + type->field[i].offset);
}

static uint64_t make_cpu(const struct base *base, const struct plan *plan, uint32_t number,
			 struct pages *pages)
{
	const struct base_cpu *cpu = &base->cpu[number % base->cut.nr_cpu];
	uint64_t copy = number / base->cut.nr_cpu, nr = 0;

	for (; copy < plan->nr_copy; copy += plan->nr_group) {
		struct shift shift = shift_of(base, plan, copy);

		for (uint64_t i = 0; i < cpu->nr_record; i++)
			copy_record(base, &cpu->record[i], &shift, pages);
		nr += cpu->nr_record;
	}
	pages_finish(pages);
	return nr;
}

static int compare_pids(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* "PID NAME" a line: of each identity those of the base. */
static void make_cmdlines(const struct base *base, const struct plan *plan, struct blob *blob)
{
	const char *at = base->cut.cmdlines.at;
	const char *end = at + base->cut.cmdlines.len;

	for (const char *next; at && at < end; at = next) {
		const char *blank = memchr(at, ' ', (size_t)(end - at));
		uint32_t pid = (uint32_t)strtoul(at, NULL, 10), *found;

		next = memchr(at, '\n', (size_t)(end - at));
		next = next ? next + 1 : end;
		found = bsearch(&pid, base->pid, base->nr_pid, sizeof(pid), compare_pids);
		if (!found || !blank || blank > next)
			continue;
		for (uint64_t i = 0; i < plan->nr_identity; i++) {
			char text[64];
			uint64_t nr = i * base->nr_pid + (uint64_t)(found - base->pid) + 1;
			int len = snprintf(text, sizeof(text), "%" PRIu64 "%.*s", nr,
					   (int)(next - blank), blank);

			blob_add(blob, text, (size_t)len);
		}
	}
}

static void generate(const struct base *base, const struct options *opts, const char *path)
{
	struct plan plan = make_plan(base, opts);
	struct tracedat_cpu *cpu = calloc(opts->nr_cpu, sizeof(*cpu));
	struct cut_output output = { .version = opts->version, .zstd = opts->zstd, .cpu = cpu,
				     .nr_cpu = opts->nr_cpu, .tool = "generate" };
	struct blob cmdlines = { 0 };
	uint64_t nr = 0, size = 0;

	if (!cpu)
		err(1, "%s", path);
	for (uint32_t i = 0; i < opts->nr_cpu; i++) {
		struct pages pages;

		pages_open(&pages, path, base->cut.page_size);
		nr += make_cpu(base, &plan, i, &pages);
		size += pages.size;
		cpu[i].source[0] = (struct tracedat_source){ .fd = pages.fd, .size = pages.size,
							     .consume = true };
	}
	make_cmdlines(base, &plan, &cmdlines);
	output.cmdlines = (struct part){ cmdlines.data, cmdlines.size };
	cut_write(&base->cut, &output, path);
	for (uint32_t i = 0; i < opts->nr_cpu; i++)
		close(cpu[i].source[0].fd);
	blob_release(&cmdlines);
	free(cpu);
	printf("%" PRIu64 " events %" PRIu64 " copies %" PRIu64 " bytes of pages\n", nr,
	       plan.nr_copy, size);
}

static void usage(void)
{
	errx(2, "usage: generate [-e EVENTS] [-c CPUS] [-i IDENTITIES] [-t EVENTS] [-67z] "
	     "BASE OUT");
}

int main(int argc, char **argv)
{
	struct options opts = { .version = 7, .nr_identity = 64 };
	static struct base base;
	int c;

	while ((c = getopt(argc, argv, "e:c:i:t:67z")) >= 0) {
		switch (c) {
		case 'e': opts.nr_event = strtoull(optarg, NULL, 0); break;
		case 'c': opts.nr_cpu = (uint32_t)strtoul(optarg, NULL, 0); break;
		case 'i': opts.nr_identity = strtoull(optarg, NULL, 0); break;
		case 't': opts.take = strtoull(optarg, NULL, 0); break;
		case '6': opts.version = 6; break;
		case '7': opts.version = 7; break;
		case 'z': opts.zstd = true; break;
		default: usage();
		}
	}
	if (argc - optind != 2 || (opts.zstd && opts.version == 6))
		usage();
	base_read(&base, argv[optind], opts.take);
	if (!opts.nr_cpu)
		opts.nr_cpu = base.cut.nr_cpu;
	if (opts.nr_cpu > MAX_CPU || opts.nr_cpu % base.cut.nr_cpu)
		errx(2, "-c: not a multiple of the %u CPUs of %s", base.cut.nr_cpu, argv[optind]);
	if (!opts.nr_event)
		opts.nr_event = base.nr_record * (opts.nr_cpu / base.cut.nr_cpu);
	generate(&base, &opts, argv[optind + 1]);
	return 0;
}
