// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * symbol.c - kallsyms and saved_cmdlines of a capture -> names of addresses and tasks
 *
 * Both texts are read at the first question and kept as sorted arrays: 200 000 symbols take 5 MB
 * and some 10 ms once, a look-up is a binary search.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "read.h"

struct symbol {
	uint64_t address;
	const char *name;
	const char *module;
};

struct comm {
	int pid;
	const char *name;
};

/* The copies of the texts hold the names, cut into strings. */
struct symbols {
	struct text kallsyms;
	struct text cmdlines;
	char *symbol_text;
	char *comm_text;
	struct symbol *symbol;
	size_t nr_symbol;
	struct comm *comm;
	size_t nr_comm;
	bool have_symbols;
	bool have_comms;
};

int symbols_new(const struct tracedat *dat, struct symbols **out)
{
	struct symbols *symbols = calloc(1, sizeof(*symbols));

	if (!symbols)
		return -ENOMEM;
	symbols->kallsyms = dat->kallsyms;
	symbols->cmdlines = dat->cmdlines;
	*out = symbols;
	return 0;
}

static char *copy_text(struct text text)
{
	char *copy = malloc(text.len + 1);

	if (!copy)
		return NULL;
	if (text.len)
		memcpy(copy, text.at, text.len);
	copy[text.len] = 0;
	return copy;
}

static size_t count_lines(struct text text)
{
	const char *end = text.at + text.len;
	size_t nr = 1;

	for (const char *at = text.at; at < end; at++) {
		at = memchr(at, '\n', end - at);
		if (!at)
			break;
		nr++;
	}
	return nr;
}

static uint64_t parse_hex(char **at)
{
	uint64_t value = 0;

	for (;; (*at)++) {
		unsigned char c = **at;

		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			value = value << 4 | ((c | 32) - 'a' + 10);
		else
			return value;
	}
}

/* "ffffffff81000000 T name\t[module]"; an address of 0 is one that the kernel hid. */
static bool parse_symbol(char *line, struct symbol *symbol)
{
	char *at = line;
	char *end;

	symbol->address = parse_hex(&at);
	if (at == line || !symbol->address || at[0] != ' ' || !at[1] || at[2] != ' ' || !at[3])
		return false;
	symbol->name = at + 3;
	symbol->module = NULL;
	end = strchr(at + 3, '\t');
	if (!end)
		return true;
	*end++ = 0;
	if (*end == '[') {
		symbol->module = ++end;
		end = strchr(end, ']');
		if (end)
			*end = 0;
	}
	return true;
}

static int compare_symbols(const void *va, const void *vb)
{
	const struct symbol *a = va, *b = vb;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	/* Aliases: the order in the text decides, qsort() alone is not stable. */
	return a->name < b->name ? -1 : a->name > b->name;
}

/*
 * The kernel lists its own symbols in order and those of modules behind them: these few are sorted,
 * then moved in between from the end on.
 */
static int sort_symbols(struct symbol *symbol, size_t nr)
{
	size_t nr_head = 1, nr_tail;
	struct symbol *tail;

	while (nr_head < nr && compare_symbols(&symbol[nr_head - 1], &symbol[nr_head]) < 0)
		nr_head++;
	if (nr_head >= nr)
		return 0;
	nr_tail = nr - nr_head;
	tail = malloc(nr_tail * sizeof(*tail));
	if (!tail)
		return -ENOMEM;
	memcpy(tail, &symbol[nr_head], nr_tail * sizeof(*tail));
	qsort(tail, nr_tail, sizeof(*tail), compare_symbols);
	while (nr_tail) {
		bool from_head = nr_head && compare_symbols(&symbol[nr_head - 1],
							    &tail[nr_tail - 1]) > 0;

		symbol[--nr] = from_head ? symbol[--nr_head] : tail[--nr_tail];
	}
	free(tail);
	return 0;
}

static int load_symbols(struct symbols *symbols)
{
	char *line, *next;

	symbols->have_symbols = true;
	if (!symbols->kallsyms.len)
		return 0;
	symbols->symbol_text = copy_text(symbols->kallsyms);
	symbols->symbol = malloc(count_lines(symbols->kallsyms) * sizeof(*symbols->symbol));
	if (!symbols->symbol_text || !symbols->symbol)
		return -ENOMEM;
	for (line = symbols->symbol_text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		if (parse_symbol(line, &symbols->symbol[symbols->nr_symbol]))
			symbols->nr_symbol++;
	}
	if (!sort_symbols(symbols->symbol, symbols->nr_symbol))
		return 0;
	symbols->nr_symbol = 0;
	return -ENOMEM;
}

int symbols_find(struct symbols *symbols, uint64_t address, struct trail_symbol *out)
{
	size_t low = 0, high;

	if (!symbols->have_symbols && load_symbols(symbols))
		return 0;
	/* low: the number of symbols at or below the address */
	for (high = symbols->nr_symbol; low < high;) {
		size_t mid = low + (high - low) / 2;

		if (symbols->symbol[mid].address <= address)
			low = mid + 1;
		else
			high = mid;
	}
	/* Behind the last symbol nothing says where its function ends. */
	if (!low || (low == symbols->nr_symbol && symbols->symbol[low - 1].address != address))
		return 0;
	low--;
	while (low && symbols->symbol[low - 1].address == symbols->symbol[low].address)
		low--;
	out->name = symbols->symbol[low].name;
	out->module = symbols->symbol[low].module;
	out->offset = address - symbols->symbol[low].address;
	return 1;
}

static int compare_comms(const void *va, const void *vb)
{
	const struct comm *a = va, *b = vb;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return a->name < b->name ? -1 : a->name > b->name;
}

static int load_comms(struct symbols *symbols)
{
	char *line, *next;

	symbols->have_comms = true;
	if (!symbols->cmdlines.len)
		return 0;
	symbols->comm_text = copy_text(symbols->cmdlines);
	symbols->comm = malloc(count_lines(symbols->cmdlines) * sizeof(*symbols->comm));
	if (!symbols->comm_text || !symbols->comm)
		return -ENOMEM;
	for (line = symbols->comm_text; line; line = next) {
		char *name;
		long pid;

		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		pid = strtol(line, &name, 10);
		if (name == line || *name != ' ' || pid <= 0 || pid > INT32_MAX)
			continue;
		name++;
		if (*name && strcmp(name, "<...>") && strcmp(name, "<idle>"))
			symbols->comm[symbols->nr_comm++] = (struct comm){ pid, name };
	}
	qsort(symbols->comm, symbols->nr_comm, sizeof(*symbols->comm), compare_comms);
	return 0;
}

const char *symbols_comm(struct symbols *symbols, int pid)
{
	struct comm *found;
	size_t low = 0, high;

	if (!symbols->have_comms && load_comms(symbols))
		return NULL;
	for (high = symbols->nr_comm; low < high;) {
		size_t mid = low + (high - low) / 2;

		if (symbols->comm[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	found = low < symbols->nr_comm ? &symbols->comm[low] : NULL;
	return found && found->pid == pid ? found->name : NULL;
}

void symbols_free(struct symbols *symbols)
{
	if (!symbols)
		return;
	free(symbols->symbol_text);
	free(symbols->comm_text);
	free(symbols->symbol);
	free(symbols->comm);
	free(symbols);
}
