// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drops-show.c - live drops -> lines and tables on standard output
 *
 * On a terminal each table takes the place of the one before; elsewhere they follow each other.  In
 * both cases a line above tells of what time it is, how much was dropped, and what was lost.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "drops-show.h"
#include "terminal.h"

/* Packets in a second that have a line. */
#define MAX_LINES	100
#define NS_PER_S	UINT64_C(1000000000)

void show_begin(struct show *show, const struct drops_live_opts *opts)
{
	*show = (struct show){
		.opts = opts, .width = terminal_width(), .color = opts->color,
	};
}

/* By its inode now, while it has it open. */
static int32_t find_owner(void *data, const struct trail_drop_owner *owner, char *comm, size_t size)
{
	const struct show *show = data;
	const struct trail_owner *found = trail_owners_find(show->owners, owner->inode);

	if (!found)
		return 0;
	snprintf(comm, size, "%s", found->comm);
	return found->pid;
}

static struct trail_drops_print printing(struct show *show, FILE *out)
{
	return (struct trail_drops_print){
		.out = out, .capture = show->cap, .owner = find_owner, .data = show,
		.width = show->width, .color = show->color, .all = show->opts->all,
		.stack = show->opts->stack,
	};
}

/*
 * Where it cannot be written, says why, once.  Whoever closed the pipe has seen enough: SIGPIPE,
 * which is blocked, tells of that when the error itself is already gone.
 */
static int flush(void)
{
	int err = fflush(stdout) ? errno : ferror(stdout) ? EIO : 0;
	sigset_t pending;

	if (!err)
		return 0;
	if (!sigpending(&pending) && sigismember(&pending, SIGPIPE))
		err = EPIPE;
	if (err != EPIPE)
		complain(NULL, "standard output: %s", strerror(err));
	clearerr(stdout);
	return -EIO;
}

static uint64_t all_lost(const struct shown *shown)
{
	uint64_t lost = 0;

	for (uint32_t i = 0; i < shown->nr_lost; i++)
		lost += shown->lost[i].lost;
	return lost;
}

/* "5 events lost (CPU 1: 5): the table is incomplete" */
static void print_lost(const struct shown *shown, FILE *out)
{
	if (!shown->nr_lost)
		return;
	fprintf(out, "%" PRIu64 " events lost (", all_lost(shown));
	for (uint32_t i = 0; i < shown->nr_lost; i++)
		fprintf(out, "%sCPU %u: %" PRIu64, i ? ", " : "", shown->lost[i].cpu,
			shown->lost[i].lost);
	fputs("): there were more drops\n", out);
}

static void print_head(const struct shown *shown, const struct trail_drops_print *print)
{
	uint64_t took_ns = shown->to_ns > shown->from_ns ? shown->to_ns - shown->from_ns : 0;
	uint64_t benign = trail_drops_count(shown->drops, TRAIL_DROP_BENIGN);
	uint64_t nr = trail_drops_count(shown->drops, TRAIL_NR_DROP_CLASS);
	uint64_t unseen;
	char time[32];

	fprintf(print->out, "%.8s  %s%.1f s: %" PRIu64 " packet%s dropped",
		trail_drops_time(print, shown->to_ns, time), shown->nr ? "" : "total of ",
		(double)took_ns / NS_PER_S, nr, nr == 1 ? "" : "s");
	if (trail_drops_unseen(print, shown->drops, &unseen) && unseen)
		fprintf(print->out, " that events show, %" PRIu64 " more by the kernel's counters",
			unseen);
	if (shown->unjudged)
		fprintf(print->out, ", and %" PRIu64 " of which it is not known whether --where "
			"holds", shown->unjudged);
	if (benign && !print->all)
		fprintf(print->out, ", %" PRIu64 " more were freed without loss (--all)", benign);
	else if (benign)
		fprintf(print->out, ", %" PRIu64 " freed without loss", benign);
	fputc('\n', print->out);
}

/*
 * What is not explained comes first of the rows: where a terminal has no room for all, these lines
 * are not to be missed.
 */
static size_t nr_differing(const struct trail_drops_counted *counted)
{
	size_t nr = 0;

	while (nr < counted->nr_row && (counted->row[nr].state == TRAIL_RECONCILE_DIFFERS ||
					counted->row[nr].state == TRAIL_RECONCILE_NO_EVENT))
		nr++;
	return nr;
}

static int print_table(const struct shown *shown, struct trail_drops_print *print)
{
	struct trail_drops_counted above = { 0 }, below = { 0 };
	int err;

	if (shown->counted) {
		above = below = *shown->counted;
		above.nr_row = nr_differing(shown->counted);
		above.nr_note = 0;
		below.row += above.nr_row;
		below.nr_row -= above.nr_row;
	}
	print->counted = &above;
	err = trail_drops_print_counted(print);
	if (!err)
		err = trail_drops_print_table(print, shown->drops);
	print->counted = &below;
	return err ? err : trail_drops_print_counted(print);
}

static int print_text(struct show *show, const struct shown *shown, FILE *out)
{
	struct trail_drops_print print = printing(show, out);
	int err = 0;

	print.counted = shown->counted;
	print_head(shown, &print);
	print_lost(shown, out);
	/* An interval makes room for the next one; whoever reads the last asks what to do. */
	if (!shown->nr || shown->is_all)
		err = trail_drops_print_worst(&print, shown->drops);
	/* Between packets a table would be in the way. */
	if (!err && (!show->opts->packet || !shown->nr))
		err = print_table(shown, &print);
	if (!err && show->opts->stack && trail_drops_count(shown->drops, TRAIL_NR_DROP_CLASS))
		fputc('\n', out);
	if (!err && show->opts->stack)
		err = trail_drops_print_stacks(&print, shown->drops);
	return err;
}

/* A table as a whole: the terminal shows no half of it. */
static int show_text(struct show *show, const struct shown *shown)
{
	bool in_place = show->width && !show->opts->packet;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int err;

	if (!out)
		return -ENOMEM;
	err = print_text(show, shown, out);
	if (fclose(out) && !err)
		err = -ENOMEM;
	if (!err && in_place && shown->nr) {
		screen_show(&show->screen, text);
	} else if (!err) {
		printf("%s%s", shown->nr == 1 ? "" : "\n", text);
	}
	free(text);
	return err;
}

static int show_json(struct show *show, const struct shown *shown)
{
	struct trail_drops_print print = printing(show, stdout);
	const struct trail_drops_interval interval = {
		shown->from_ns, shown->to_ns, all_lost(shown), shown->unjudged,
		shown->nr,
	};

	print.counted = shown->counted;
	return trail_drops_print_json(&print, shown->drops, &interval);
}

int show_drops(struct show *show, const struct shown *shown)
{
	int err = show->opts->json ? show_json(show, shown) : show_text(show, shown);

	return err && err != -EIO ? err : flush();
}

void show_left_out(struct show *show, uint64_t now_ns)
{
	if (now_ns - now_ns % NS_PER_S == show->second_ns)
		return;
	if (show->nr_hidden)
		printf("(%" PRIu64 " more dropped packets in this second)\n", show->nr_hidden);
	show->nr_hidden = show->nr_line = 0;
	show->second_ns = now_ns - now_ns % NS_PER_S;
}

void show_packet(struct show *show, const struct trail_packet *packet)
{
	const struct trail_drops_print print = printing(show, stdout);

	if (packet->drop.class == TRAIL_DROP_BENIGN && !print.all)
		return;
	show_left_out(show, packet->end_ns);
	if (show->nr_line == MAX_LINES) {
		show->nr_hidden++;
		return;
	}
	show->nr_line++;
	trail_drops_print_packet(&print, packet);
}

int show_now(void)
{
	return flush();
}
