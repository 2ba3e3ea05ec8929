// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kshark-count.c - a capture as KernelShark loads it -> "CPU EVENTS" for each CPU with events
 *
 * KernelShark's window shows what libkshark loads; this is its way in.  Entries that libkshark puts
 * in itself, for lost events, have negative ids.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include <libkshark.h>

#define MAX_CPU	1024

int main(int argc, char **argv)
{
	static unsigned long count[MAX_CPU];
	struct kshark_context *context = NULL;
	struct kshark_entry **entry = NULL;
	ssize_t nr, i;
	int stream;

	if (argc != 2)
		errx(2, "usage: kshark-count CAPTURE");
	if (!kshark_instance(&context))
		errx(1, "libkshark does not start");
	stream = kshark_open(context, argv[1]);
	if (stream < 0)
		errx(1, "%s: KernelShark cannot open it: %d", argv[1], stream);
	nr = kshark_load_entries(context, stream, &entry);
	if (nr < 0)
		errx(1, "%s: KernelShark cannot load it: %zd", argv[1], nr);
	for (i = 0; i < nr; i++) {
		if (entry[i]->event_id >= 0 && entry[i]->cpu >= 0 && entry[i]->cpu < MAX_CPU)
			count[entry[i]->cpu]++;
		free(entry[i]);
	}
	free(entry);
	for (i = 0; i < MAX_CPU; i++)
		if (count[i])
			printf("%zd %lu\n", i, count[i]);
	kshark_close(context, stream);
	kshark_free(context);
	return 0;
}
