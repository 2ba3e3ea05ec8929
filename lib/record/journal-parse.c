// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * journal-parse.c - the text of a journal <-> changes
 *
 *	skbtrail journal 1
 *	boot ID
 *	pid NUMBER
 *	output PATH
 *	file PATH<tab>OLD		changes, numbered from 0 in this order
 *	instance PATH<tab>
 *	dynevent PATH<tab>-:GROUP/NAME
 *	trigger PATH<tab>!TRIGGER
 *	done NUMBER			that change has been undone
 *	spec SPEC			what the user called a probe that stays
 *
 * A line without its end is one whose writing was cut off: the change that it announces was not
 * made.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "lines.h"

#define TITLE	"skbtrail journal 1"

static const char *const kind_name[NR_CHANGE_KIND] = {
	[CHANGE_FILE] = "file", [CHANGE_INSTANCE] = "instance", [CHANGE_DYNEVENT] = "dynevent",
	[CHANGE_TRIGGER] = "trigger",
};

/* ---- writing */

void journal_write_head(const struct journal *journal, struct blob *out)
{
	char text[128];
	int n = snprintf(text, sizeof(text), TITLE "\nboot %s\npid %d\noutput ", journal->boot,
			 journal->pid);

	blob_add(out, text, n);
	line_add_escaped(out, journal->output ? journal->output : "");
	blob_add(out, "\n", 1);
}

void journal_write_change(const struct change *change, struct blob *out)
{
	blob_add(out, kind_name[change->kind], strlen(kind_name[change->kind]));
	blob_add(out, " ", 1);
	line_add_escaped(out, change->path);
	blob_add(out, "\t", 1);
	line_add_escaped(out, change->old);
	blob_add(out, "\n", 1);
}

void journal_write_done(size_t i, struct blob *out)
{
	char text[40];

	blob_add(out, text, snprintf(text, sizeof(text), "done %zu\n", i));
}

void journal_write_spec(const char *spec, struct blob *out)
{
	blob_add(out, "spec ", 5);
	line_add_escaped(out, spec);
	blob_add(out, "\n", 1);
}

/* ---- parsing */

static int parse_head(struct journal *journal, struct line *text)
{
	struct line title, boot, pid, output;
	uint64_t number;

	if (!line_next(text, &title) || !line_next(text, &boot) || !line_next(text, &pid) ||
	    !line_next(text, &output))
		return -EINVAL;
	if (!line_is(title, TITLE) ||
	    !line_take_word(&pid, "pid") || line_number(pid, (1u << 30) - 1, &number))
		return -EINVAL;
	/* Both may be empty. */
	if (boot.size < 5 || memcmp(boot.at, "boot ", 5) || boot.size - 5 >= BOOT_ID_SIZE ||
	    output.size < 7 || memcmp(output.at, "output ", 7))
		return -EINVAL;
	snprintf(journal->boot, sizeof(journal->boot), "%.*s", (int)boot.size - 5, boot.at + 5);
	journal->pid = (int)number;
	return line_unescape((struct line){ output.at + 7, output.size - 7 }, &journal->output);
}

static int parse_change(struct journal *journal, struct line line)
{
	const char *tab = memchr(line.at, '\t', line.size);
	struct change change = { .kind = CHANGE_FILE };
	int err;

	while (change.kind < NR_CHANGE_KIND && !line_take_word(&line, kind_name[change.kind]))
		change.kind++;
	if (!tab || tab < line.at || change.kind == NR_CHANGE_KIND)
		return -EINVAL;
	err = line_unescape((struct line){ line.at, tab - line.at }, &change.path);
	if (!err)
		err = line_unescape((struct line){ tab + 1, line.at + line.size - tab - 1 },
			       &change.old);
	if (!err)
		err = journal_push(journal, &change);
	free(change.path);
	free(change.old);
	return err;
}

int journal_parse(struct journal *journal, const char *data, size_t size)
{
	struct line text = { data, size }, line;
	uint64_t number;
	int err = parse_head(journal, &text);

	while (!err && line_next(&text, &line)) {
		if (!journal->spec && line_take_word(&line, "spec"))
			err = line_unescape(line, &journal->spec);
		else if (!line_take_word(&line, "done"))
			err = parse_change(journal, line);
		else if (line_number(line, UINT64_MAX, &number) || number >= journal->nr_change)
			err = -EINVAL;
		else
			journal->change[number].is_done = true;
	}
	return err;
}

/* ---- in memory */

int journal_push(struct journal *journal, const struct change *change)
{
	struct change *array = reallocarray(journal->change, journal->nr_change + 1,
					    sizeof(*array));

	if (!array)
		return -ENOMEM;
	journal->change = array;
	array += journal->nr_change;
	*array = (struct change){ change->kind, strdup(change->path), strdup(change->old), false };
	if (!array->path || !array->old) {
		free(array->path);
		free(array->old);
		return -ENOMEM;
	}
	journal->nr_change++;
	return 0;
}

void journal_release(struct journal *journal)
{
	for (size_t i = 0; i < journal->nr_change; i++) {
		free(journal->change[i].path);
		free(journal->change[i].old);
	}
	free(journal->change);
	free(journal->output);
	free(journal->spec);
	*journal = (struct journal)JOURNAL_NONE;
}
