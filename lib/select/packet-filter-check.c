// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * packet-filter-check.c - what is wrong with a pcap-filter(7) expression before libpcap sees it
 *
 * A report must not ask a name server about what somebody recorded, so names stand only where
 * libpcap looks into files: services behind "port", protocols behind "proto".
 */
#include <errno.h>

#include "packet-filter.h"

/* What a name would be here. */
enum names {
	NAMES_HOST,
	NAMES_FILE,	/* services, protocols; also in the list that goes on with and, or */
	NAMES_OWN,	/* libpcap's own lists, one name */
};

struct check {
	const char *expr;
	struct trail_error *error;
	enum names names;
	size_t open[FILTER_MAX_DEPTH];	/* offsets of brackets that are not closed */
	size_t nr_open;
};

static bool is_one_of(const struct check *check, const struct filter_word *word,
		      const char *const *list)
{
	for (; *list; list++)
		if (filter_word_is(check->expr, word, *list))
			return true;
	return false;
}

static int refuse(struct check *check, const struct filter_word *word, const char *what)
{
	return select_fail(check->error, word->offset, "'%.*s' %s",
			   word->len > 60 ? 60 : (int)word->len, check->expr + word->offset, what);
}

static int check_name(struct check *check, const struct filter_word *word)
{
	struct near near = { .word = check->expr + word->offset, .len = word->len };

	if (check->names != NAMES_HOST)
		return 0;
	select_hint(check->error, "names of hosts are not looked up: write the address");
	if (*near.word != '\\')
		filter_near_keyword(&near);
	near_hint(&near, check->error);
	return refuse(check, word, "is neither a keyword nor an address");
}

/* The bytes of a packet do not tell, and libpcap's program would say no to all packets. */
static int check_keyword(struct check *check, const struct filter_word *word)
{
	static const char *const interface[] = { "inbound", "outbound", "ifindex", NULL };

	if (!is_one_of(check, word, interface))
		return 0;
	select_hint(check->error, "%s", filter_word_is(check->expr, word, "ifindex") ?
		    "--where 'ifindex == 2'" : "--where 'dir == rx', or tx");
	return refuse(check, word, "is not told by the bytes of a packet");
}

static int check_bracket(struct check *check, const struct filter_word *word)
{
	char c = check->expr[word->offset], open = c == ')' ? '(' : '[';

	if (c == '(' || c == '[') {
		if (check->nr_open == FILTER_MAX_DEPTH)
			return select_fail(check->error, word->offset,
					   "more than %d parentheses in each other",
					   FILTER_MAX_DEPTH);
		check->open[check->nr_open++] = word->offset;
		return 0;
	}
	if (c != ')' && c != ']')
		return 0;
	if (!check->nr_open)
		return refuse(check, word, "closes what was not opened");
	if (check->expr[check->open[check->nr_open - 1]] != open)
		return refuse(check, word, "does not close what was opened last");
	check->nr_open--;
	return 0;
}

static enum names names_after(const struct check *check, const struct filter_word *word)
{
	static const char *const file[] = { "port", "portrange", "proto", "protochain", NULL };
	static const char *const own[] = {
		"on", "ifname", "rset", "ruleset", "reason", "action", "type", "subtype", "dir",
		"direction", "llc", NULL
	};
	static const char *const list[] = { "and", "or", "not", "&&", "||", "!", "(", NULL };

	if (is_one_of(check, word, file))
		return NAMES_FILE;
	if (is_one_of(check, word, own))
		return NAMES_OWN;
	if (check->names == NAMES_FILE &&
	    (word->kind == FILTER_NAME || word->kind == FILTER_NUMBER ||
	     is_one_of(check, word, list)))
		return NAMES_FILE;
	return NAMES_HOST;
}

static int check_word(struct check *check, const struct filter_word *word)
{
	switch (word->kind) {
	case FILTER_BAD:
		return refuse(check, word, word->len > 1 ? "is no address"
							 : "is no character of the language");
	case FILTER_NAME:
		return check_name(check, word);
	case FILTER_KEYWORD:
		return check_keyword(check, word);
	case FILTER_SIGN:
		return check_bracket(check, word);
	default:
		return 0;
	}
}

int filter_check(const char *expr, struct trail_error *error)
{
	struct check check = { .expr = expr, .error = error };
	struct filter_word word = { 0 };
	int err = 0;

	if (strlen(expr) > FILTER_MAX_LENGTH)
		return select_fail(error, FILTER_MAX_LENGTH, "longer than %d characters",
				   FILTER_MAX_LENGTH);
	while (!err && filter_next(expr, word.offset + word.len, &word)) {
		err = check_word(&check, &word);
		check.names = names_after(&check, &word);
	}
	if (!err && check.nr_open)
		err = select_fail(error, check.open[check.nr_open - 1], "'%c' is not closed",
				  expr[check.open[check.nr_open - 1]]);
	return err;
}
