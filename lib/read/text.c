// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * text.c - event -> the line that `trace-cmd report` prints for it
 *
 * libtraceevent and its plugins do the formatting.  They get the symbols, printk formats and task
 * names of the capture when the first line is printed: that takes 0.2 s for a stock capture.
 */
#include <errno.h>
#include <event-parse.h>
#include <stdlib.h>
#include <string.h>

#include "read.h"

#define NAME_WIDTH	20

struct text_printer {
	struct tep_handle *tep;
	struct tep_plugin_list *plugins;
	struct trace_seq seq;
	size_t name_width;		/* longest name of an instance */
};

static char *copy_text(struct text text)
{
	return text.len ? strndup(text.at, text.len) : strdup("");
}

/* What libtracecmd would have given to its own handle. */
static int give_names(struct tep_handle *tep, const struct tracedat *dat)
{
	char *kallsyms = copy_text(dat->kallsyms);
	char *printk = copy_text(dat->printk);
	char *cmdlines = copy_text(dat->cmdlines);
	int err = -ENOMEM;

	if (!kallsyms || !printk || !cmdlines)
		goto out;
	tep_parse_kallsyms(tep, kallsyms);
	tep_parse_printk_formats(tep, printk);
	tep_parse_saved_cmdlines(tep, cmdlines);
	err = 0;
out:
	free(kallsyms);
	free(printk);
	free(cmdlines);
	return err;
}

static int printer_new(struct trail_capture *cap)
{
	struct text_printer *printer = calloc(1, sizeof(*printer));
	const struct tracedat *dat = cap->dat;
	int err;

	if (!printer)
		return -ENOMEM;
	printer->tep = bind_tep(cap->bind);
	trace_seq_init(&printer->seq);
	cap->printer = printer;
	if (!cap->tracecmd) {
		err = give_names(printer->tep, dat);
		if (err)
			return err;
	}
	for (size_t i = 0; i < dat->nr_buffer; i++) {
		if (dat->buffer[i].name.len > printer->name_width)
			printer->name_width = dat->buffer[i].name.len;
	}
	tep_clear_flag(printer->tep, TEP_DISABLE_PLUGINS);
	printer->plugins = tep_load_plugins(printer->tep);
	return 0;
}

static void print_buffer_name(struct text_printer *printer, struct text name)
{
	if (printer->name_width)
		trace_seq_printf(&printer->seq, "%*.*s: ", (int)printer->name_width,
				 (int)name.len, name.len ? name.at : "");
}

static void print_event(struct text_printer *printer, struct tep_event *event,
			struct tep_record *record)
{
	struct trace_seq *seq = &printer->seq;
	int len = strlen(event->name);

	tep_print_event(printer->tep, seq, record, "%16s-%-5d [%03d] %6.1000d: ", TEP_PRINT_COMM,
			TEP_PRINT_PID, TEP_PRINT_CPU, TEP_PRINT_TIME);
	trace_seq_printf(seq, "%s: %*s", event->name, len < NAME_WIDTH ? NAME_WIDTH - len : 0, "");
	tep_print_event(printer->tep, seq, record, "%s", TEP_PRINT_INFO);
}

int trail_capture_print(struct trail_capture *cap, const struct trail_event *event, char *buf,
			size_t size)
{
	struct tep_record record = {
		.ts = event->ts_ns, .data = (void *)event->data, .size = event->size,
		.cpu = event->cpu,
	};
	struct text_printer *printer;
	struct tep_event *format;
	size_t len;
	int err;

	if (!cap->printer) {
		err = printer_new(cap);
		if (err)
			return err;
	}
	printer = cap->printer;
	trace_seq_reset(&printer->seq);
	print_buffer_name(printer, cap->dat->buffer[event->buffer].name);
	format = bind_event(cap->bind, event->type);
	if (format)
		print_event(printer, format, &record);
	else
		trace_seq_printf(&printer->seq, "unknown event type %u", event->type);
	trace_seq_terminate(&printer->seq);
	len = printer->seq.len;
	while (len && printer->seq.buffer[len - 1] == '\n')
		len--;
	if (size) {
		size_t copied = len < size ? len : size - 1;

		memcpy(buf, printer->seq.buffer, copied);
		buf[copied] = 0;
	}
	return len;
}

void text_printer_free(struct text_printer *printer)
{
	if (!printer)
		return;
	if (printer->plugins)
		tep_unload_plugins(printer->plugins, printer->tep);
	trace_seq_destroy(&printer->seq);
	free(printer);
}
