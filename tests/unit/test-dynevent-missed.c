// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-dynevent-missed.c - hits of probes that the kernel did not run, found in its profile
 *
 * kprobe_profile names events without their groups: two recordings at a time, and probes of
 * others with the same names, are told apart by the order of dynamic_events.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dynevent.h"

static const char defined[] =
	"e:skbtrail_7/rx net.netif_receive_skb skb=$skbaddr:x64\n"
	"p:mine/copy vfs_read\n"
	"p:uprobes/copy /bin/sh:0x1000\n"
	"p:skbtrail_6/copy skb_copy_datagram_iter skb=$arg1:x64\n"
	"p:skbtrail_7/copy skb_copy_datagram_iter skb=$arg1:x64\n"
	"r16:skbtrail_7/back skb_clone ret=$retval\n"
	"p:skbtrail_77/copy skb_copy_datagram_iter skb=$arg1:x64\n"
	"p:skbtrail_7/skb_end kfree_skbmem skb=$arg1:x64\n";

static const char profile[] =
	"  copy                                                         1               10\n"
	"  copy                                                         2               20\n"
	"  copy                                                         3               30\n"
	"  back                                                         4               40\n"
	"  copy                                                         5               50\n"
	"  skb_end                                                      6                0\n";

static void put(const char *dir, const char *name, const char *text)
{
	char path[200];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void forget(const char *dir, const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static void counts_its_own(void **state)
{
	static const struct trail_probe form = { TRAIL_PROBE_KPROBE, "x", "", NULL };
	struct dynevent event[] = {
		{ .name = "rx", .form = &form }, { .name = "copy", .form = &form },
		{ .name = "back", .form = &form }, { .name = "skb_end", .form = &form },
		{ .name = "gone", .form = &form }, { .name = "copy" },
	};
	struct dynevent_list list = { .event = event, .nr_event = 6 };
	char relative[] = "missed-test-XXXXXX", *dir;
	struct session session = { 0 };

	assert_non_null(mkdtemp(relative));
	dir = realpath(relative, NULL);
	strcpy(list.system, "skbtrail_7");
	session.tracing_dir = session.dir = dir;
	/* Kernels without kprobes have no such files. */
	assert_int_equal(dynevent_count_missed(&list, &session), 0);
	put(dir, "dynamic_events", defined);
	put(dir, "kprobe_profile", profile);
	assert_int_equal(dynevent_count_missed(&list, &session), 70);
	assert_int_equal(event[0].missed, 0);
	assert_int_equal(event[1].missed, 30);
	assert_int_equal(event[2].missed, 40);
	assert_int_equal(event[3].missed, 0);
	assert_int_equal(event[4].missed, 0);
	assert_int_equal(event[5].missed, 0);
	/* Damaged ones are no reason to fail. */
	put(dir, "kprobe_profile", "copy\n  copy x y\n\n");
	event[1].missed = event[2].missed = 0;
	assert_int_equal(dynevent_count_missed(&list, &session), 0);
	forget(dir, "dynamic_events");
	forget(dir, "kprobe_profile");
	rmdir(dir);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
