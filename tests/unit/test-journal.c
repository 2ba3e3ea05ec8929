// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-journal.c - the journal of a recording: written and read again, cut off, and hostile
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "journal.h"

#define NR_MUTATION	200000

static const struct change change[] = {
	{ CHANGE_DYNEVENT, "/sys/kernel/tracing/dynamic_events", "-:skbtrail_7/rx", false },
	{ CHANGE_INSTANCE, "/sys/kernel/tracing/instances/skbtrail_7", "", false },
	{ CHANGE_FILE, "/sys/kernel/tracing/set_event", "one:a\ntwo:b\\n\tc", false },
	{ CHANGE_TRIGGER, "/sys/kernel/tracing/instances/skbtrail_7/events/skbtrail_7/a/trigger",
	  "!hist:keys=common_pid,sp+step:v0=a0", false },
	{ CHANGE_FILE, "/proc/sys/kernel/ftrace_enabled", "1", true },
};

#define NR_CHANGE	(sizeof(change) / sizeof(change[0]))

static struct blob write_all(void)
{
	const struct journal journal = { .pid = 7, .boot = "an-id", .output = "/tmp/a\nb.part" };
	struct blob text = { 0 };

	journal_write_head(&journal, &text);
	for (size_t i = 0; i < NR_CHANGE; i++) {
		journal_write_change(&change[i], &text);
		if (change[i].is_done)
			journal_write_done(i, &text);
	}
	assert_int_equal(text.err, 0);
	return text;
}

static void check(const struct journal *journal, size_t nr)
{
	assert_int_equal(journal->pid, 7);
	assert_string_equal(journal->boot, "an-id");
	assert_string_equal(journal->output, "/tmp/a\nb.part");
	assert_int_equal(journal->nr_change, nr);
	for (size_t i = 0; i < nr; i++) {
		assert_int_equal(journal->change[i].kind, change[i].kind);
		assert_string_equal(journal->change[i].path, change[i].path);
		assert_string_equal(journal->change[i].old, change[i].old);
	}
}

static void what_is_written_is_read(void **state)
{
	struct journal journal = JOURNAL_NONE;
	struct blob text = write_all();

	assert_int_equal(journal_parse(&journal, text.data, text.size), 0);
	check(&journal, NR_CHANGE);
	for (size_t i = 0; i < NR_CHANGE; i++)
		assert_int_equal(journal.change[i].is_done, change[i].is_done);
	journal_release(&journal);
	blob_release(&text);
}

/* Cut off anywhere it is what its whole lines say; without the head it is no journal. */
static void cut_off(void **state)
{
	struct blob text = write_all();
	const char *head_end = strstr(text.data, "dynevent");
	size_t nr_read = 0;

	for (size_t size = 0; size <= text.size; size++) {
		struct journal journal = JOURNAL_NONE;
		char *copy = malloc(size ? size : 1);
		size_t nr = 0;
		int err;

		assert_non_null(copy);
		memcpy(copy, text.data, size);
		for (const char *at = head_end; at < text.data + size; at++)
			nr += *at == '\n';
		err = journal_parse(&journal, copy, size);
		if (size < (size_t)(head_end - text.data)) {
			assert_int_equal(err, -EINVAL);
		} else {
			assert_int_equal(err, 0);
			check(&journal, nr < NR_CHANGE ? nr : NR_CHANGE);
			nr_read++;
		}
		journal_release(&journal);
		free(copy);
	}
	assert_true(nr_read > 100);
	blob_release(&text);
}

static void is_refused(const char *text, size_t size)
{
	struct journal journal = JOURNAL_NONE;

	assert_int_equal(journal_parse(&journal, text, size), -EINVAL);
	journal_release(&journal);
}

static void what_is_none_is_refused(void **state)
{
#define HEAD "skbtrail journal 1\nboot x\npid 1\noutput \n"
	static const char *const bad[] = {
		"", "\n\n\n\n", "skbtrail journal 2\nboot x\npid 1\noutput \n",
		"skbtrail journal 1\nboot x\npid -1\noutput \n",
		"skbtrail journal 1\nboot x\npid 99999999999999999999\noutput \n",
		"skbtrail journal 1\nboot 0123456789012345678901234567890123456789\npid 1\n"
		"output \n",
		HEAD "file /a\n", HEAD "file\t/a\n", HEAD "other /a\t\n", HEAD "file /a\\x\t\n",
		HEAD "file /a\t\\\n", HEAD "done 0\n", HEAD "file /a\tb\ndone 1\n",
		HEAD "file /a\tb\ndone 18446744073709551616\n",
		HEAD "file /a\tb\ndone \n",
		HEAD "\tfile x\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_refused(bad[i], strlen(bad[i]));
	is_refused(HEAD "file /a\0b\tc\n", sizeof(HEAD "file /a\0b\tc\n") - 1);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* For the sanitizers. */
static void damaged(void **state)
{
	struct blob text = write_all();
	char *copy = malloc(text.size);
	uint32_t seed = 1;
	size_t nr_good = 0, nr_bad = 0;
	static const char odd[] = "\n\t\\ 0z\xff";

	assert_non_null(copy);
	for (int i = 0; i < NR_MUTATION; i++) {
		struct journal journal = JOURNAL_NONE;
		int err;

		memcpy(copy, text.data, text.size);
		for (uint32_t n = next_random(&seed) % 4; n < 4; n++)
			copy[next_random(&seed) % text.size] =
				odd[next_random(&seed) % sizeof(odd)];
		err = journal_parse(&journal, copy, text.size);
		assert_true(!err || err == -EINVAL);
		assert_true(journal.nr_change <= text.size / 4);
		nr_good += !err;
		nr_bad += !!err;
		journal_release(&journal);
	}
	assert_true(nr_good > 1000 && nr_bad > 1000);
	free(copy);
	blob_release(&text);
}

/* Root would write all this: nothing of it is tracefs. */
static void only_tracefs_is_written(void **state)
{
	static const struct change bad[] = {
		{ CHANGE_FILE, "/tmp/test-journal-victim", "x", false },
		{ CHANGE_FILE, "/proc/sys/kernel/core_pattern", "|/tmp/x", false },
		{ CHANGE_FILE, "relative", "x", false },
		{ CHANGE_FILE, "", "x", false },
		{ CHANGE_INSTANCE, "/tmp/instances/test-journal", "", false },
		{ CHANGE_INSTANCE, "/tmp/test-journal", "", false },
		{ CHANGE_INSTANCE, "/sys/kernel/tracing/instances/..", "", false },
		{ CHANGE_INSTANCE, "/sys/kernel/tracing/instances/", "", false },
		{ CHANGE_DYNEVENT, "/sys/kernel/tracing/dynamic_events", "-:other/rx", false },
		{ CHANGE_DYNEVENT, "/sys/kernel/tracing/dynamic_events",
		  "-:skbtrail_1/rx\n-:other/rx", false },
		{ CHANGE_DYNEVENT, "/sys/kernel/tracing/events/enable", "-:skbtrail_1/rx", false },
		{ CHANGE_DYNEVENT, "/tmp/dynamic_events", "-:skbtrail_1/rx", false },
		{ CHANGE_DYNEVENT, "/sys/kernel/tracing/dynamic_events",
		  "-:synthetic/other", false },
		{ CHANGE_TRIGGER, "/sys/kernel/tracing/events/net/netif_rx/trigger",
		  "traceoff", false },
		{ CHANGE_TRIGGER, "/sys/kernel/tracing/events/net/netif_rx/filter", "!x", false },
		{ CHANGE_TRIGGER, "/sys/kernel/tracing/events/net/netif_rx/trigger",
		  "!x\ntraceoff", false },
		{ CHANGE_TRIGGER, "/tmp/dynamic_events", "!x", false },
	};

	assert_int_equal(system("echo precious >/tmp/test-journal-victim; mkdir -p "
				"/tmp/instances/test-journal; touch /tmp/dynamic_events"), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(change_undo(&bad[i]), -EPERM);
	assert_int_equal(system("[ \"$(cat /tmp/test-journal-victim)\" = precious ] && "
				"[ ! -s /tmp/dynamic_events ] && "
				"rmdir /tmp/instances/test-journal /tmp/instances && "
				"rm /tmp/test-journal-victim /tmp/dynamic_events"), 0);
}

/* Where the file system that it was on is not, nothing is known of it. */
static void gone_is_not_unseen(void **state)
{
	static const struct { struct change change; const char *where; } unseen[] = {
		{ { CHANGE_INSTANCE, "/tmp/no-tracefs/instances/skbtrail_7", "", false }, "/tmp" },
		{ { CHANGE_DYNEVENT, "/tmp/no-tracefs/dynamic_events", "-:skbtrail_7/rx", false },
		  "/tmp" },
		{ { CHANGE_FILE, "/tmp/no-tracefs/set_event", "x", false }, "/tmp" },
		{ { CHANGE_FILE, "/no-tracefs", "x", false }, "/" },
		{ { CHANGE_FILE, "/proc/no-tracefs", "x", false }, "/proc" },
	};
	const struct change no_path = { CHANGE_FILE, "relative/x", "x", false };
	const struct change gone = {
		CHANGE_INSTANCE, "/sys/kernel/tracing/instances/test-journal-gone", "", false,
	};
	char where[256];

	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++) {
		assert_int_equal(change_look(&unseen[i].change, where, sizeof(where)), -ENOENT);
		assert_string_equal(where, unseen[i].where);
		assert_int_equal(change_undo(&unseen[i].change), -ENOENT);
	}
	assert_int_equal(change_look(&no_path, where, sizeof(where)), 0);
	if (!access("/sys/kernel/tracing/instances", W_OK))
		assert_int_equal(change_undo(&gone), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(damaged),
		cmocka_unit_test(only_tracefs_is_written),
		cmocka_unit_test(gone_is_not_unseen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
