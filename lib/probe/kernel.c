// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kernel.c - tracefs, kallsyms and BTF -> what can be probed
 *
 * What a kernel can do is in the README of its tracefs: distributions backport, so its version says
 * nothing.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "kernel.h"
#include "skbtrail.h"

#define README_BYTES	65536
#define LINE_BYTES	512

void probe_caps_read(const char *readme, const char *machine, struct probe_caps *caps)
{
	*caps = (struct probe_caps){
		.kprobe = strstr(readme, "place (kretprobe)"),
		.fprobe = strstr(readme, "\t f[:[") || strstr(readme, " f[:["),
		.eprobe = strstr(readme, "e[:["),
		.uprobe = strstr(readme, "place (uprobe)"),
		.synthetic = strstr(readme, "s:[synthetic/]"),
		.hist = strstr(readme, "hist (see below)"),
		/* "kernel return probes support: $retval, $arg<N>, $comm" */
		.entry_at_return = strstr(readme, "return probes support: $retval, $arg<N>"),
		/* The return address is popped; elsewhere it is in a register. */
		.stack_step = !strcmp(machine, "x86_64") ? 8 : 0,
	};
}

int probe_kernel_init(struct probe_kernel *kernel, const char *tracing_dir)
{
	struct utsname uts;
	char path[512], *text;
	FILE *file;
	size_t n;

	*kernel = (struct probe_kernel){
		.tracing_dir = tracing_dir, .btf_dir = PROBE_BTF_DIR, .kallsyms = "/proc/kallsyms",
		.blacklist = "/sys/kernel/debug/kprobes/blacklist",
	};
	snprintf(path, sizeof(path), "%s/README", tracing_dir);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	text = malloc(README_BYTES);
	n = text ? fread(text, 1, README_BYTES - 1, file) : 0;
	fclose(file);
	if (!text)
		return -ENOMEM;
	text[n] = '\0';
	uname(&uts);
	probe_caps_read(text, uts.machine, &kernel->caps);
	free(text);
	return 0;
}

void probe_kernel_release(struct probe_kernel *kernel)
{
	probe_btf_close(kernel->btf);
	kernel->btf = NULL;
}

int probe_kernel_btf(struct probe_kernel *kernel, const char *module, const struct probe_btf **out)
{
	const char *wanted = module ? module : "";

	if (!kernel->has_tried_btf)
		kernel->btf_err = probe_btf_open(kernel->btf_dir, NULL, &kernel->btf);
	kernel->has_tried_btf = true;
	*out = kernel->btf;
	if (!kernel->btf)
		return kernel->btf_err;
	if (*wanted && strcmp(kernel->module, wanted)) {
		snprintf(kernel->module, sizeof(kernel->module), "%s", wanted);
		kernel->module_err = probe_btf_set_module(kernel->btf, kernel->btf_dir, module);
	}
	return *wanted ? kernel->module_err : 0;
}

/* ---- symbols */

static bool is_text(char type)
{
	return strchr("tTwW", type);
}

/* What compilers make of a function: tcp_foo.isra.0, .constprop.0, .part.0; not its cold end. */
static bool is_variant(const char *name, const char *wanted)
{
	size_t n = strlen(wanted);

	return !strncmp(name, wanted, n) && name[n] == '.' && !strstr(name + n, ".cold");
}

/* There is room for one name more than are near. */
static void add_near(struct probe_symbol *symbol, const char *name)
{
	size_t at = 0;

	for (size_t i = 0; i < symbol->near.nr; i++)
		if (symbol->near.name[i] == symbol->kept[at]) {
			at++;
			i = (size_t)-1;
		}
	snprintf(symbol->kept[at], PROBE_SYMBOL_SIZE, "%s", name);
	near_add(&symbol->near, symbol->kept[at]);
}

int probe_kernel_find_symbol(const struct probe_kernel *kernel, const char *wanted,
			     struct probe_symbol *out)
{
	char line[LINE_BYTES], name[PROBE_SYMBOL_SIZE], module[64], type;
	FILE *file = fopen(kernel->kallsyms, "re");

	*out = (struct probe_symbol){ .near = { wanted, strlen(wanted) } };
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		int n = sscanf(line, "%*s %c %127s [%63[^]]]", &type, name, module);

		if (n < 2 || !is_text(type))
			continue;
		if (!strcmp(name, wanted)) {
			out->nr++;
			snprintf(out->module, sizeof(out->module), "%s", n == 3 ? module : "");
		} else if (is_variant(name, wanted)) {
			snprintf(out->variant, sizeof(out->variant), "%s", name);
		} else if (!strchr(name, '.')) {
			add_near(out, name);
		}
	}
	fclose(file);
	return 0;
}

bool probe_kernel_is_blacklisted(const struct probe_kernel *kernel, const char *wanted)
{
	char line[LINE_BYTES], name[PROBE_SYMBOL_SIZE];
	FILE *file = fopen(kernel->blacklist, "re");
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%*s %127s", name) == 1 && !strcmp(name, wanted);
	if (file)
		fclose(file);
	return found;
}

/* Of "name [module]". */
static bool read_function(char *line, char *name, char *module)
{
	*module = '\0';
	return sscanf(line, "%127s [%63[^]]]", name, module) >= 1;
}

static FILE *open_functions(const struct probe_kernel *kernel)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/available_filter_functions", kernel->tracing_dir);
	return fopen(path, "re");
}

bool probe_kernel_is_traceable(const struct probe_kernel *kernel, const char *wanted)
{
	char line[LINE_BYTES], name[PROBE_SYMBOL_SIZE], module[64];
	FILE *file = open_functions(kernel);
	bool found = !file;

	while (file && !found && fgets(line, sizeof(line), file))
		found = read_function(line, name, module) && !strcmp(name, wanted);
	if (file)
		fclose(file);
	return found;
}

/* ---- all functions */

struct names { char **name; size_t nr; };

static void release_names(struct names *names)
{
	for (size_t i = 0; i < names->nr; i++)
		free(names->name[i]);
	free(names->name);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_blacklist(const struct probe_kernel *kernel, struct names *names)
{
	char line[LINE_BYTES], name[PROBE_SYMBOL_SIZE], **longer;
	FILE *file = fopen(kernel->blacklist, "re");
	int err = 0;

	while (file && !err && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %127s", name) != 1)
			continue;
		longer = reallocarray(names->name, names->nr + 1, sizeof(*longer));
		if (longer) {
			names->name = longer;
			longer[names->nr] = strdup(name);
		}
		err = longer && longer[names->nr] ? 0 : -ENOMEM;
		names->nr += !err;
	}
	if (file)
		fclose(file);
	if (names->nr)
		qsort(names->name, names->nr, sizeof(*names->name), compare_names);
	return err;
}

/* Without function tracing: all of kallsyms. */
static bool read_symbol(char *line, char *name, char *module)
{
	char type;

	*module = '\0';
	return sscanf(line, "%*s %c %127s [%63[^]]]", &type, name, module) >= 2 && is_text(type);
}

int probe_kernel_walk_functions(const struct probe_kernel *kernel, const char *pattern,
				int (*visit)(void *data, const char *name, const char *module),
				void *data)
{
	char line[LINE_BYTES], name[PROBE_SYMBOL_SIZE], module[64];
	struct names blacklist = { 0 };
	FILE *file = open_functions(kernel);
	bool is_list = file;
	const char *key = name;
	int err;

	if (!file)
		file = fopen(kernel->kallsyms, "re");
	err = file ? read_blacklist(kernel, &blacklist) : -errno;
	while (!err && fgets(line, sizeof(line), file)) {
		if (!(is_list ? read_function(line, name, module)
			      : read_symbol(line, name, module)) || fnmatch(pattern, name, 0))
			continue;
		if (blacklist.nr && bsearch(&key, blacklist.name, blacklist.nr,
					    sizeof(*blacklist.name), compare_names))
			continue;
		err = visit(data, name, module);
	}
	if (file)
		fclose(file);
	release_names(&blacklist);
	return err;
}
