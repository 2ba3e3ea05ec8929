// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * text.c - event -> the line that `trace-cmd report` prints for it
 *
 * libtraceevent and its plugins do the formatting.  They get the symbols, printk formats and task
 * names of the capture when the first line is printed: that takes 0.2 s for a stock capture.
 */
#include <errno.h>
#include <event-parse.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "read.h"
#include "text.h"

#define NAME_WIDTH	20
/* The values of a record; more is cut. */
#define MAX_USER_TEXT	8192

struct text_printer {
	struct tep_handle *tep;
	struct tep_plugin_list *plugins;
	struct trace_seq seq;
	struct fgraph_printer fgraph;
	struct padded record;
	bool in_ns;
	int name_width;			/* longest name of an instance */
};

static char *copy_text(struct text text)
{
	return text.len ? strndup(text.at, text.len) : strdup("");
}

/* What libtracecmd gives to its own handle. */
int text_give_names(struct trail_capture *cap)
{
	struct tep_handle *tep = bind_tep(cap->bind);
	const struct tracedat *dat = cap->dat;
	char *kallsyms, *printk, *cmdlines;
	int err = -ENOMEM;

	if (cap->named || cap->tracecmd)
		return 0;
	kallsyms = copy_text(dat->kallsyms);
	printk = copy_text(dat->printk);
	cmdlines = copy_text(dat->cmdlines);
	if (kallsyms && printk && cmdlines) {
		tep_parse_kallsyms(tep, kallsyms);
		tep_parse_printk_formats(tep, printk);
		tep_parse_saved_cmdlines(tep, cmdlines);
		cap->named = true;
		err = 0;
	}
	free(kallsyms);
	free(printk);
	free(cmdlines);
	return err;
}

/* The clocks that trace-cmd knows to count nanoseconds; of others it prints the plain number. */
static bool clock_in_ns(const char *clock)
{
	static const char *const name[] = {
		"local", "global", "uptime", "perf", "tai", "tsc2nsec", NULL
	};

	if (!clock || !strncmp(clock, "mono", 4))
		return true;
	for (size_t i = 0; name[i]; i++) {
		if (!strcmp(clock, name[i]))
			return true;
	}
	return false;
}

static int printer_new(struct trail_capture *cap)
{
	struct text_printer *printer = calloc(1, sizeof(*printer));
	const struct tracedat *dat = cap->dat;
	int err;

	if (!printer)
		return -ENOMEM;
	cap->printer = printer;
	printer->tep = bind_tep(cap->bind);
	printer->in_ns = clock_in_ns(cap->clock);
	trace_seq_init(&printer->seq);
	err = text_give_names(cap);
	if (!err)
		err = fgraph_printer_init(cap, &printer->fgraph);
	if (err) {
		text_printer_free(printer);
		cap->printer = NULL;
		return err;
	}
	printer->fgraph.seq = &printer->seq;
	for (size_t i = 0; i < dat->nr_buffer; i++) {
		if (dat->buffer[i].name.len > (size_t)printer->name_width)
			printer->name_width = dat->buffer[i].name.len;
	}
	tep_clear_flag(printer->tep, TEP_DISABLE_PLUGINS);
	printer->plugins = tep_load_plugins(printer->tep);
	return 0;
}

/* A capture with instances has the name of the buffer in front. */
static void print_head(struct trail_capture *cap, const struct trail_event *event,
		       struct tep_record *record)
{
	struct text_printer *printer = cap->printer;
	struct text name = cap->dat->buffer[event->buffer].name;
	struct trace_seq *seq = &printer->seq;
	int pid = event->pid;
	const char *comm;

	if (printer->name_width)
		trace_seq_printf(seq, "%*.*s: ", printer->name_width, (int)name.len,
				 name.len ? name.at : "");
	if (feed_comm(cap, pid, &comm))
		/* libtraceevent would keep the name of each task for ever. */
		trace_seq_printf(seq, "%16s-%-5d [%03d]", !pid ? "<idle>" : comm ? comm : "<...>",
				 pid, record->cpu);
	else
		tep_print_event(printer->tep, seq, record, "%16s-%-5d [%03d]", TEP_PRINT_COMM,
				TEP_PRINT_PID, TEP_PRINT_CPU);
	if (printer->in_ns)
		tep_print_event(printer->tep, seq, record, " %6.1000d: ", TEP_PRINT_TIME);
	else
		tep_print_event(printer->tep, seq, record, "%d: ", TEP_PRINT_TIME);
}

/* Of a user's probe: where, and what the user wanted to see as he wanted to see it. */
static void print_user(struct trail_capture *cap, const struct trail_event *event,
		       const struct trail_pair *pair, const char *name)
{
	const struct trail_description *what = trail_capture_describe(cap, event->type);
	struct trace_seq *seq = &cap->printer->seq;
	struct trail_binding place = { .field = { what->at, what->caller } };
	struct trail_event at = *event;
	struct trail_symbol symbol;
	char text[MAX_USER_TEXT];
	int len = strlen(name);

	at.binding = &place;
	trace_seq_printf(seq, "%s: %*s", name, len < NAME_WIDTH ? NAME_WIDTH - len : 0, "");
	if (trail_has(&at, 0) && trail_capture_symbol(cap, trail_u64(&at, 0), &symbol))
		trace_seq_printf(seq, "(%s+0x%" PRIx64, symbol.name, symbol.offset);
	else if (trail_has(&at, 0))
		trace_seq_printf(seq, "(0x%" PRIx64, trail_u64(&at, 0));
	if (trail_has(&at, 1) && trail_capture_symbol(cap, trail_u64(&at, 1), &symbol))
		trace_seq_printf(seq, " to %s+0x%" PRIx64, symbol.name, symbol.offset);
	if (trail_has(&at, 0))
		trace_seq_puts(seq, ") ");
	trail_hit_text(cap, event, pair, text, sizeof(text));
	trace_seq_puts(seq, text);
	if (pair && pair->took_ns >= 0)
		trace_seq_printf(seq, " <%" PRId64 ".%03" PRId64 "us>", pair->took_ns / 1000,
				 pair->took_ns % 1000);
}

static void print_event(struct trail_capture *cap, struct tep_event *event,
			struct tep_record *record)
{
	struct text_printer *printer = cap->printer;
	int len = strlen(event->name);

	/*
	 * libtraceevent's plugin for the scheduler remembers each task that it meets: live, that
	 * has no end.  The kernel's own format takes its place.
	 */
	if (cap->feed && !strcmp(event->system, "sched"))
		event->handler = NULL;
	trace_seq_printf(&printer->seq, "%s: %*s", event->name,
			 len < NAME_WIDTH ? NAME_WIDTH - len : 0, "");
	if (fgraph_print(cap, &printer->fgraph, event, record) < 0)
		tep_print_event(printer->tep, &printer->seq, record, "%s", TEP_PRINT_INFO);
}

/* Of one piece of the line; tabs stay. */
static size_t escape_piece(const char *text, size_t len, char *buf, size_t size, size_t at)
{
	while (len) {
		const char *tab = memchr(text, '\t', len);
		size_t n = tab ? (size_t)(tab - text) : len;

		at += trail_escape(text, n, at < size ? buf + at : NULL, at < size ? size - at : 0);
		if (tab && at + 1 < size)
			memcpy(buf + at, "\t", 2);
		at += tab != NULL;
		text += n + (tab != NULL);
		len -= n + (tab != NULL);
	}
	return at;
}

/*
 * What a print format ended with a newline is one line all the same.  Inside only those of a stack
 * remain: any other could make a line look like another event.
 */
static int copy_line(const struct trace_seq *seq, char *buf, size_t size)
{
	static const char frame[] = "\n=> ";
	const char *text = seq->buffer;
	size_t len = seq->len, at = 0;

	while (len && text[len - 1] == '\n')
		len--;
	while (len) {
		const char *next = memmem(text, len, frame, strlen(frame));
		size_t n = next ? (size_t)(next - text) : len;

		at = escape_piece(text, n, buf, size, at);
		if (next && at + 1 < size)
			memcpy(buf + at, "\n", 2);
		at += next != NULL;
		text += n + (next != NULL);
		len -= n + (next != NULL);
	}
	return at < INT_MAX ? (int)at : -EOVERFLOW;
}

int trail_capture_print_call(struct trail_capture *cap, const struct trail_event *event,
			     const struct trail_pair *pair, char *buf, size_t size)
{
	struct tep_record record = { .ts = event->ts_ns, .size = event->size, .cpu = event->cpu };
	struct text_printer *printer;
	struct tep_event *format;
	int err;

	if (size)
		buf[0] = 0;
	/* Lines of function_graph look at what comes next. */
	if (cap->no_print)
		return -ENOTSUP;
	if (!cap->printer) {
		err = printer_new(cap);
		if (err)
			return err;
	}
	printer = cap->printer;
	record.data = padded_copy(&printer->record, event->data, event->size);
	if (!record.data)
		return -ENOMEM;
	printer->fgraph.raw = event->data;
	if (fgraph_is_told(cap, &printer->fgraph, event->type, &record))
		return 0;
	trace_seq_reset(&printer->seq);
	format = bind_event(cap->bind, event->type);
	print_head(cap, event, &record);
	if (format && bind_is_user(cap->bind, event->type))
		print_user(cap, event, pair, format->name);
	else if (format)
		print_event(cap, format, &record);
	else
		trace_seq_printf(&printer->seq, "[unknown event %u]", event->type);
	return copy_line(&printer->seq, buf, size);
}

int trail_capture_print(struct trail_capture *cap, const struct trail_event *event, char *buf,
			size_t size)
{
	return trail_capture_print_call(cap, event, NULL, buf, size);
}

int trail_capture_print_values(struct trail_capture *cap, const struct trail_event *event,
			       const struct trail_pair *pair, char *buf, size_t size)
{
	struct tep_record record = { .ts = event->ts_ns, .size = event->size, .cpu = event->cpu };
	struct tep_event *format = bind_event(cap->bind, event->type);
	struct text_printer *printer;
	int err;

	if (!format || bind_is_user(cap->bind, event->type))
		return (int)trail_hit_text(cap, event, pair, buf, size);
	if (cap->no_print)
		return -ENOTSUP;
	err = cap->printer ? 0 : printer_new(cap);
	if (err)
		return err;
	printer = cap->printer;
	record.data = padded_copy(&printer->record, event->data, event->size);
	if (!record.data)
		return -ENOMEM;
	trace_seq_reset(&printer->seq);
	trace_seq_puts(&printer->seq, "(");
	tep_print_event(printer->tep, &printer->seq, &record, "%s", TEP_PRINT_INFO);
	while (printer->seq.len && printer->seq.buffer[printer->seq.len - 1] == '\n')
		printer->seq.len--;
	trace_seq_puts(&printer->seq, ")");
	return copy_line(&printer->seq, buf, size);
}

void text_printer_free(struct text_printer *printer)
{
	if (!printer)
		return;
	if (printer->plugins)
		tep_unload_plugins(printer->plugins, printer->tep);
	trace_seq_destroy(&printer->seq);
	free(printer->fgraph.told);
	padded_free(&printer->fgraph.next);
	padded_free(&printer->record);
	free(printer);
}
