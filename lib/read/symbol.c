// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * symbol.c - kallsyms and saved_cmdlines of a capture -> names of addresses and tasks
 *
 * Both texts are read at the first question and kept as sorted arrays: 200 000 symbols take 3 MB
 * and some 5 ms once, a look-up is a binary search.  Few symbols are ever asked for: only those
 * are cut out of the text.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "read.h"

/* "1 x\n" */
#define MIN_COMM	4

/* A line of kallsyms; the name is in the text, up to the line's end. */
struct symbol {
	uint64_t address;
	const char *name;
};

/* One that was asked for: name and module, one behind the other. */
struct asked {
	struct asked *next;
	const char *module;
	char name[];
};

struct comm {
	int pid;
	const char *name;
};

/* @comm_text: a copy of the text, cut into strings. */
struct symbols {
	struct text kallsyms;
	struct text cmdlines;
	char *comm_text;
	struct symbol *symbol;
	size_t nr_symbol;
	struct asked *asked;		/* all of them */
	struct asked **asked_by;	/* by place; few of its pages are ever touched */
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

/* Of lines that say something and so have @least bytes; many short ones take no memory. */
static size_t count_lines(struct text text, size_t least)
{
	const char *end = text.at + text.len;
	size_t nr = 1;

	for (const char *at = text.at; at < end; at++) {
		at = memchr(at, '\n', end - at);
		if (!at)
			break;
		nr++;
	}
	return nr < text.len / least + 1 ? nr : text.len / least + 1;
}

/* Return: the digits' number, none when there are more than a u64 has room for. */
static size_t parse_hex(const char *at, const char *end, uint64_t *out)
{
	const char *start = at;
	uint64_t value = 0;

	for (; at < end; at++) {
		unsigned char c = (unsigned char)*at, digit = c - '0';

		if (digit > 9) {
			digit = (c | 32) - 'a';
			if (digit > 5)
				break;
			digit += 10;
		}
		value = value << 4 | digit;
	}
	*out = value;
	return at - start > 16 ? 0 : (size_t)(at - start);
}

/* "ffffffff81000000 T name\t[module]"; an address of 0 is one that the kernel hid. */
static bool parse_symbol(const char *line, const char *end, struct symbol *symbol)
{
	size_t digits = parse_hex(line, end, &symbol->address);
	const char *at = line + digits;

	if (!digits || !symbol->address || end - at < 4 || at[0] != ' ' || at[2] != ' ')
		return false;
	symbol->name = at + 3;
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

/* Room for one more in @symbols->symbol, which has room for @cap. */
static int make_room(struct symbols *symbols, size_t *cap)
{
	struct symbol *more;

	if (symbols->nr_symbol < *cap)
		return 0;
	/* A line takes 40 bytes or more in most kernels. */
	*cap = *cap ? 2 * *cap : symbols->kallsyms.len / 40 + 16;
	more = realloc(symbols->symbol, *cap * sizeof(*more));
	if (!more)
		return -ENOMEM;
	symbols->symbol = more;
	return 0;
}

static int load_symbols(struct symbols *symbols)
{
	const char *line = symbols->kallsyms.at, *end = line + symbols->kallsyms.len, *next;
	size_t cap = 0;
	int err = 0;

	symbols->have_symbols = true;
	for (; symbols->kallsyms.len && line < end && !err; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end - line));
		next = next ? next : end;
		err = make_room(symbols, &cap);
		if (!err && parse_symbol(line, next, &symbols->symbol[symbols->nr_symbol]))
			symbols->nr_symbol++;
	}
	if (!err)
		err = sort_symbols(symbols->symbol, symbols->nr_symbol);
	if (err)
		symbols->nr_symbol = 0;
	return err;
}

/* Cuts name and module out of the text, once. */
static const struct asked *ask(struct symbols *symbols, size_t place)
{
	const struct symbol *symbol = &symbols->symbol[place];
	const char *end = symbols->kallsyms.at + symbols->kallsyms.len, *stop;
	struct asked *asked;
	char *module;
	size_t len;

	if (!symbols->asked_by)
		symbols->asked_by = calloc(symbols->nr_symbol, sizeof(struct asked *));
	if (!symbols->asked_by || symbols->asked_by[place])
		return symbols->asked_by ? symbols->asked_by[place] : NULL;
	stop = memchr(symbol->name, '\n', (size_t)(end - symbol->name));
	len = (size_t)((stop ? stop : end) - symbol->name);
	asked = calloc(1, sizeof(*asked) + len + 1);
	if (!asked)
		return NULL;
	memcpy(asked->name, symbol->name, len);
	module = strchr(asked->name, '\t');
	if (module)
		*module++ = 0;
	if (module && *module == '[') {
		asked->module = ++module;
		module[strcspn(module, "]")] = 0;
	}
	asked->next = symbols->asked;
	symbols->asked = symbols->asked_by[place] = asked;
	return asked;
}

/* How many symbols lie below @address, or at or below it if @at. */
static size_t nr_below(const struct symbols *symbols, uint64_t address, bool at)
{
	size_t low = 0, high = symbols->nr_symbol;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (symbols->symbol[mid].address < address ||
		    (at && symbols->symbol[mid].address == address))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int symbols_find(struct symbols *symbols, uint64_t address, struct trail_symbol *out)
{
	const struct asked *asked;
	size_t nr, first;

	if (!symbols->have_symbols && load_symbols(symbols))
		return 0;
	nr = nr_below(symbols, address, true);
	/* Behind the last symbol nothing says where its function ends. */
	if (!nr || (nr == symbols->nr_symbol && symbols->symbol[nr - 1].address != address))
		return 0;
	/* Of those with the same address the first. */
	first = nr_below(symbols, symbols->symbol[nr - 1].address, false);
	asked = ask(symbols, first);
	if (!asked)
		return 0;
	out->name = asked->name;
	out->module = asked->module;
	out->offset = address - symbols->symbol[first].address;
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
	symbols->comm = malloc(count_lines(symbols->cmdlines, MIN_COMM) * sizeof(*symbols->comm));
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
	for (struct asked *asked = symbols->asked, *next; asked; asked = next) {
		next = asked->next;
		free(asked);
	}
	free(symbols->comm_text);
	free(symbols->asked_by);
	free(symbols->symbol);
	free(symbols->comm);
	free(symbols);
}
