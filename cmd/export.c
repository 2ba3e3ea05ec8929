// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * export.c - a capture -> a file for another program
 *
 * What can be exported is a list in the library: the sinks that have a file name ending.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cmd.h"
#include "interrupt.h"
#include "outfile.h"
#include "select.h"

#define DEFAULT_FILE	"trace.dat"

struct export_opts {
	const char *file;
	const char *to;
	const char *output;
	struct select select;
	bool force;
};

/**
 * struct export - an export under way
 * @sink: NULL until the first packet that has bytes
 * @sink_err: what made the sink fail, rather than the capture
 * @nr_packet: packets written
 * @nr_without: packets without recorded bytes
 */
struct export {
	struct export_opts *opts;
	const struct trail_sink_type *type;
	struct trail_capture *cap;
	struct trail_engine *engine;
	struct trail_sink *sink;
	struct outfile out;
	int sink_err;
	uint64_t nr_packet;
	uint64_t nr_without;
};

static int on_where(void *opts, const char *arg)
{
	return select_names_add(&((struct export_opts *)opts)->select.where, arg);
}

static int on_filter(void *opts, const char *arg)
{
	return select_names_add(&((struct export_opts *)opts)->select.filter, arg);
}

#define AT(member)	offsetof(struct export_opts, member)

static const struct option_def option[] = {
	{ 0, "to", OPTION_STRING, AT(to), "FORMAT", "what to write: pcapng" },
	{ 'o', "output", OPTION_STRING, AT(output), "OUT",
	  "the new file, - for standard output (FILE with the format's ending)" },
	{ 'i', "input", OPTION_STRING, AT(file), "FILE",
	  "the capture (default " DEFAULT_FILE ")" },
	{ 0, "filter", OPTION_CALL, 0, "EXPR",
	  "only packets that match in the language of pcap-filter(7): 'tcp port 443'", on_filter },
	{ 0, "where", OPTION_CALL, 0, "EXPR",
	  "only packets of which this is true, such as 'latency > 1ms and dev == eth0'", on_where },
	{ 0, "force", OPTION_FLAG, AT(force), NULL, "replace an OUT that is something else" },
	{ 0 }
};

/* ---- options */

static int take_operand(struct export_opts *opts, int argc, char **argv, int first)
{
	if (argc - first > 1 || (argc > first && opts->file)) {
		complain("see 'skbtrail export --help'", "export: one capture at a time");
		return -EINVAL;
	}
	if (argc > first)
		opts->file = argv[first];
	else if (!opts->file)
		opts->file = DEFAULT_FILE;
	return 0;
}

/* Return: the sink for --to, or NULL after complaining. */
static const struct trail_sink_type *choose_type(const struct export_opts *opts)
{
	char names[200] = "there is: ";
	size_t len = strlen(names);

	for (size_t i = 0; trail_sink_type[i]; i++) {
		const struct trail_sink_type *type = trail_sink_type[i];

		if (!type->ending)
			continue;
		if (opts->to && !strcmp(type->name, opts->to))
			return type;
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s ", type->name);
	}
	names[len - 1] = '\0';
	if (opts->to)
		complain(names, "--to: no format '%s'", opts->to);
	else
		complain(names, "export: --to is missing");
	return NULL;
}

/* "dir/trace.dat" -> "dir/trace.pcapng".  Return: to be freed; NULL without memory. */
static char *default_output(const char *file, const char *ending)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;
	const char *dot = strrchr(name, '.');
	int len = dot && dot != name ? (int)(dot - file) : (int)strlen(file);
	char *path;

	return asprintf(&path, "%.*s%s", len, file, ending) < 0 ? NULL : path;
}

/* With --force everything else may be overwritten. */
static int check_output(const struct export *export, const char *path)
{
	struct stat in, out;

	if (!stat(export->opts->file, &in) && !stat(path, &out) &&
	    in.st_dev == out.st_dev && in.st_ino == out.st_ino) {
		complain("another -o", "%s is the capture itself", path);
		return -EINVAL;
	}
	return outfile_check(path, export->type->magic, export->opts->force);
}

/* ---- the packets */

static int open_capture(struct export *export)
{
	struct trail_error error = { "", "" };
	const struct trail_capture_info *info;
	/* What another reader has to read holds none of the events with bytes. */
	const struct trail_capture_opts opts = {
		.reader = TRAIL_READER_NATIVE, .nr_threads = TRAIL_THREADS_AUTO,
	};
	int err = trail_capture_open(export->opts->file, &opts, &export->cap, &error);

	if (err) {
		complain_read(export->opts->file, err, &error);
		return err;
	}
	info = trail_capture_info(export->cap);
	for (size_t i = 0; info->warning && info->warning[i]; i++)
		complain(NULL, "%s: warning: %s", info->file, info->warning[i]);
	return 0;
}

static int on_packet(void *data, const struct trail_packet *packet)
{
	struct export *export = data;
	const struct trail_sink_opts opts = {
		.out = export->out.stream, .capture = trail_capture_info(export->cap),
		.engine = export->engine,
	};

	if (!packet->header.bytes) {
		export->nr_without++;
		return 0;
	}
	if (!select_packet(&export->opts->select, packet))
		return 0;
	if (!export->sink)
		export->sink_err = trail_sink_open(export->type->name, &opts, &export->sink);
	if (!export->sink_err)
		export->sink_err = trail_sink_packet(export->sink, packet);
	export->nr_packet++;
	return export->sink_err;
}

static int rebuild(struct export *export)
{
	const struct trail_event *event;
	int nr, err = 0;

	while (!interrupt_came() && !err && (nr = trail_capture_batch(export->cap, &event)) != 0)
		err = nr < 0 ? nr : trail_engine_events(export->engine, event, (size_t)nr);
	if (interrupt_came())
		return -EINTR;
	return err ? err : trail_engine_finish(export->engine);
}

/* The stream's own errors; those of standard output are main's. */
static void complain_sink(const struct export *export, int err)
{
	if (ferror(export->out.stream) && export->out.temporary)
		complain(NULL, "%s: %s", export->out.path, strerror(-err));
	else if (!ferror(export->out.stream))
		complain(err == -ENOMEM ? NULL : "TMPDIR names another folder for it",
			 "%s: %s", err == -ENOMEM ? "export" : "temporary file", strerror(-err));
}

static void complain_empty(const struct export *export)
{
	if (export->opts->select.count.nr_packet)
		complain(NULL, "%s: no packet is what was asked for", export->opts->file);
	else if (!export->nr_without)
		complain(NULL, "%s: no packets", export->opts->file);
	else
		complain("record it with 'skbtrail record', without --snap 0 and --no-probes",
			 "%s: none of its %" PRIu64 " packets has recorded bytes",
			 export->opts->file, export->nr_without);
}

static int write_packets(struct export *export)
{
	const char *file = export->opts->file;
	int err = trail_engine_new(export->cap, on_packet, export, &export->engine);
	int close_err;

	if (!err)
		err = rebuild(export);
	if (export->sink_err || err == -EINTR) {
		if (export->sink_err)
			complain_sink(export, err);
		return err;
	}
	/* Of a capture that is damaged further on, keep what came before. */
	if (err)
		complain(NULL, "%s: %s", file,
			 err == -EINVAL ? "damaged data: the export ends here" : strerror(-err));
	if (err && err != -EINVAL)
		return err;
	if (!export->sink) {
		complain_empty(export);
		return -ENODATA;
	}
	close_err = trail_sink_close(export->sink);
	export->sink = NULL;
	if (close_err)
		complain_sink(export, close_err);
	return close_err ? close_err : interrupt_came() ? -EINTR : err;
}

static void print_counts(const struct export *export)
{
	const struct trail_capture_info *info = trail_capture_info(export->cap);

	fprintf(stderr, "skbtrail: %" PRIu64 " packet%s in %s", export->nr_packet,
		export->nr_packet == 1 ? "" : "s", export->out.path);
	if (export->nr_without)
		fprintf(stderr, "; %" PRIu64 " without recorded bytes are left out",
			export->nr_without);
	if (!info->has_wall)
		fprintf(stderr, "; the capture does not tell the time of day, times are those of "
			"clock %s", info->clock ? info->clock : "of unknown name");
	fputc('\n', stderr);
}

/* ---- the command */

static int export_run(struct export *export, const char *path)
{
	int err;

	if (check_output(export, path) || open_capture(export) ||
	    outfile_open(&export->out, path))
		return STATUS_FAILED;
	err = write_packets(export);
	if (err && err != -EINVAL)
		return STATUS_FAILED;
	if (outfile_commit(&export->out))
		return STATUS_FAILED;
	print_counts(export);
	/* What is there was exported; a program must not take it for all. */
	return err || trail_capture_info(export->cap)->truncated ? STATUS_FAILED : STATUS_OK;
}

static void export_release(struct export *export)
{
	/* Closing it writes the file, which nobody waits for any more. */
	if (!interrupt_came())
		trail_sink_close(export->sink);
	outfile_release(&export->out);
	trail_engine_free(export->engine);
	trail_capture_close(export->cap);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
	struct export_opts opts = { 0 };
	struct export export = { .opts = &opts };
	int first = options_parse(cmd, argc, argv, &opts);
	char *path;
	int status;

	if (first == -ECANCELED)
		return STATUS_OK;
	if (first >= 0 && !take_operand(&opts, argc, argv, first))
		export.type = choose_type(&opts);
	if (!export.type || select_compile(&opts.select)) {
		select_release(&opts.select);
		return STATUS_USAGE;
	}
	path = opts.output ? strdup(opts.output) : default_output(opts.file, export.type->ending);
	if (!path) {
		complain(NULL, "export: %s", strerror(ENOMEM));
		return STATUS_FAILED;
	}
	interrupt_catch();
	status = export_run(&export, path);
	export_release(&export);
	select_release(&opts.select);
	free(path);
	interrupt_pass_on();
	return status;
}

const struct cmd cmd_export = {
	"export", "[FILE]", "the packets of a capture as a file for another program", option, run,
	true
};
