// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * probe-faults.c - dynamic events that no kernel can have: what the recorder says of them
 *
 *	probe-faults FILE		records with one good and several bad ones
 *	probe-faults FILE NAME		the same, as if the user had asked for skbtrail:NAME
 *
 * Prints what the library says, a line each; exit status 1 when it does not record.
 */
#include <stdio.h>
#include <string.h>

#include "skbtrail.h"

static const struct trail_probe good[] = {
	{ TRAIL_PROBE_KPROBE, "ip_rcv", "skb=$arg1:x64 len=+{sk_buff.len}($arg1):u32", NULL },
	{ 0 }
};

static const struct trail_probe no_member[] = {
	{ TRAIL_PROBE_KPROBE, "ip_rcv", "x=+{sk_buff.no_such_member}($arg1):u32", NULL },
	{ 0 }
};

static const struct trail_probe no_struct[] = {
	{ TRAIL_PROBE_KPROBE, "ip_rcv", "x=+{no_such_struct.len}($arg1):u32", NULL },
	{ 0 }
};

static const struct trail_probe no_field[] = {
	{ TRAIL_PROBE_EPROBE, "net/netif_receive_skb", "x=$no_such_field:u32", NULL },
	{ 0 }
};

static const struct trail_probe no_event[] = {
	{ TRAIL_PROBE_EPROBE, "net/no_such_event", "x=$skbaddr:x64", NULL },
	{ 0 }
};

/* static inline in include/linux/skbuff.h, of every kernel. */
static const struct trail_probe inlined[] = {
	{ TRAIL_PROBE_KPROBE, "skb_mac_header", "skb=$arg1:x64", NULL },
	{ 0 }
};

/* Refused in its first form, taken in the second. */
static const struct trail_probe second[] = {
	{ TRAIL_PROBE_KPROBE, "skb_mac_header", "skb=$arg1:x64", NULL },
	{ TRAIL_PROBE_KPROBE, "ip_rcv", "skb=$arg1:x64", NULL },
	{ 0 }
};

static const struct trail_row row[] = {
	{ "skbtrail:good", { 0 }, NULL, TRAIL_PRESET_NET, good },
	{ "skbtrail:second", { 0 }, NULL, TRAIL_PRESET_NET, second },
	{ "skbtrail:no_member", { 0 }, NULL, TRAIL_PRESET_NET, no_member },
	{ "skbtrail:no_struct", { 0 }, NULL, TRAIL_PRESET_NET, no_struct },
	{ "skbtrail:no_field", { 0 }, NULL, TRAIL_PRESET_NET, no_field },
	{ "skbtrail:no_event", { 0 }, NULL, TRAIL_PRESET_NET, no_event },
	{ "skbtrail:inlined", { 0 }, NULL, TRAIL_PRESET_NET, inlined },
	{ 0 }
};

static const struct trail_plugin faults = {
	TRAIL_PLUGIN_ABI, "faults", "dynamic events that cannot be", row
};

static void warn(void *data, const char *text)
{
	printf("warning: %s\n", text);
}

static int record(const struct trail_record_opts *opts, struct trail_error *error)
{
	struct trail_record *record;
	int err = trail_record_open(opts, &record, error);

	if (err)
		return err;
	err = trail_record_start(record, error);
	if (!err)
		err = trail_record_stop(record, error);
	trail_record_free(record);
	return err;
}

int main(int argc, char **argv)
{
	static const struct trail_plugin *const plugin[] = { &faults, NULL };
	struct trail_record_event event;
	struct trail_record_opts opts = {
		.preset = TRAIL_PRESET_NET, .plugin = plugin, .version = 7,
		.snap_bytes = TRAIL_SNAP_BYTES, .event = &event, .warn = warn,
	};
	struct trail_error error;
	char name[100];

	if (argc < 2 || argc > 3)
		return 2;
	opts.output = argv[1];
	if (argc == 3) {
		snprintf(name, sizeof(name), "skbtrail:%s", argv[2]);
		event = (struct trail_record_event){ name, NULL };
		opts.nr_event = 1;
	}
	if (!record(&opts, &error)) {
		puts("recorded");
		return 0;
	}
	printf("error: %s\n", error.text);
	return 1;
}
