// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * packet-filter-place.c - where in an expression libpcap's "syntax error" is
 *
 * libpcap does not tell.  But the beginning of an expression, up to some word, is either right so
 * far: some end makes it whole, and libpcap takes it; or it is wrong already, and so is every
 * longer one.  Search by halves for the first word with which no end helps, in the part between
 * two "and" or "or" that is wrong.
 */
#include <errno.h>
#include <stdlib.h>

#include "packet-filter.h"

/* One of them continues any beginning that is right. */
static const char *const end[] = {
	"", " ip", " 1", " 10.0.0.1", " ::1", " 1:2:3:4:5:6", " 1-2", " host 10.0.0.1", " port 1",
	" portrange 1-2", " proto 1", " host ::1", " net 10", " host 1:2:3:4:5:6", " 255.0.0.0",
	" 32", " host 1.1", "[0]", ": 1", " 1 : 1",
};

/* Words; of a longer part only the beginning is told, as each try takes libpcap too long. */
#define MAX_PART	100
#define NR_END		(sizeof(end) / sizeof(end[0]))
/* For the longest end, a comparison, and all the brackets. */
#define END_SIZE	(64 + FILTER_MAX_DEPTH)

enum comparison { COMPARE_NOT, COMPARE_INSIDE, COMPARE_OUTSIDE, NR_COMPARISON };

/* Closes what is open in the first @len bytes; square brackets are the innermost. */
static void close_all(char *text, size_t len, enum comparison comparison)
{
	static const char equal[] = " = 0";
	char open[FILTER_MAX_DEPTH];
	struct filter_word word = { 0 };
	size_t nr_open = 0, at = strlen(text);

	while (filter_next(text, word.offset + word.len, &word) && word.offset < len) {
		char c = text[word.offset];

		if ((c == '(' || c == '[') && nr_open < sizeof(open))
			open[nr_open++] = c;
		else if ((c == ')' || c == ']') && nr_open)
			nr_open--;
	}
	while (nr_open && open[nr_open - 1] == '[') {
		text[at++] = ']';
		nr_open--;
	}
	if (comparison == COMPARE_INSIDE)
		at += (size_t)(stpcpy(text + at, equal) - (text + at));
	while (nr_open--)
		text[at++] = open[nr_open] == '(' ? ')' : ']';
	text[at] = '\0';
	if (comparison == COMPARE_OUTSIDE)
		strcpy(text + at, equal);
}

/* Can the first @len bytes go on? @text has room for them and an end. */
static bool can_go_on(const char *expr, size_t len, char *text, filter_compiles *compiles,
		      void *data)
{
	for (size_t i = 0; i < NR_END; i++) {
		for (int comparison = 0; comparison < NR_COMPARISON; comparison++) {
			/* Without parentheses there is no inside. */
			if (comparison == COMPARE_INSIDE && !memchr(expr, '(', len))
				continue;
			memcpy(text, expr, len);
			strcpy(text + len, end[i]);
			close_all(text, len, comparison);
			if (compiles(data, text))
				return true;
		}
	}
	return false;
}

/* Ends of all words; freed by the caller.  Return: their number or -ENOMEM. */
static int64_t list_words(const char *expr, struct filter_word **out)
{
	struct filter_word *list = NULL, word = { 0 };
	size_t nr = 0, cap = 0;

	while (filter_next(expr, word.offset + word.len, &word)) {
		if (nr == cap) {
			struct filter_word *bigger;

			cap = cap ? 2 * cap : 32;
			bigger = realloc(list, cap * sizeof(*list));
			if (!bigger) {
				free(list);
				return -ENOMEM;
			}
			list = bigger;
		}
		list[nr++] = word;
	}
	*out = list;
	return (int64_t)nr;
}

/**
 * struct search - a search under way
 * @word: @nr_word words
 * @text: room for the expression and an end
 */
struct search {
	const char *expr;
	struct filter_word *word;
	size_t nr_word;
	char *text;
	filter_compiles *compiles;
	void *data;
};

static size_t end_of(const struct search *search, size_t i)
{
	return search->word[i].offset + search->word[i].len;
}

/* Can words @first to @last - 1 go on? */
static bool part_can_go_on(struct search *search, size_t first, size_t last)
{
	size_t start = search->word[first].offset;

	return can_go_on(search->expr + start, end_of(search, last - 1) - start, search->text,
			 search->compiles, search->data);
}

static bool part_is_whole(struct search *search, size_t first, size_t last)
{
	size_t start = search->word[first].offset, len = end_of(search, last - 1) - start;

	memcpy(search->text, search->expr + start, len);
	search->text[len] = '\0';
	return search->compiles(search->data, search->text);
}

/* Among words @first to @last - 1, which are not whole. */
static size_t search_part(struct search *search, size_t first, size_t last)
{
	size_t low = first, high = last, middle;

	if (last - first > MAX_PART)
		return search->word[first].offset;
	/* With the words before @low it can go on, with those before @high + 1 it cannot. */
	while (low < high) {
		middle = low + (high - low + 1) / 2;
		if (part_can_go_on(search, first, middle))
			low = middle;
		else
			high = middle - 1;
	}
	return low < search->nr_word ? search->word[low].offset : strlen(search->expr);
}

/* Does a part end before word @i?  What follows must not go on with the words before `or`. */
static bool is_boundary(const struct search *search, size_t i)
{
	const struct filter_word *next = &search->word[i + 1];

	if (i + 1 >= search->nr_word ||
	    !(filter_word_is(search->expr, &search->word[i], "and") ||
	      filter_word_is(search->expr, &search->word[i], "or") ||
	      filter_word_is(search->expr, &search->word[i], "&&") ||
	      filter_word_is(search->expr, &search->word[i], "||")))
		return false;
	return (next->kind == FILTER_KEYWORD && !filter_word_is(search->expr, next, "and") &&
		!filter_word_is(search->expr, next, "or")) ||
	       filter_word_is(search->expr, next, "(") || filter_word_is(search->expr, next, "!");
}

/* Part by part: libpcap's time grows faster than the length. */
static size_t search_parts(struct search *search)
{
	size_t first = 0, depth = 0;

	for (size_t i = 0; i < search->nr_word; i++) {
		char c = search->expr[search->word[i].offset];

		if (c == '(' || c == '[')
			depth++;
		else if ((c == ')' || c == ']') && depth)
			depth--;
		if (depth || i == first || !is_boundary(search, i))
			continue;
		if (part_is_whole(search, first, i))
			first = i + 1;
		else if (!part_can_go_on(search, first, i))
			return search_part(search, first, i);
		/* Such as "src or dst port 1": it goes on behind the boundary. */
	}
	return search_part(search, first, search->nr_word);
}

int64_t filter_place(const char *expr, filter_compiles *compiles, void *data)
{
	struct search search = { .expr = expr, .compiles = compiles, .data = data };
	int64_t nr_word = list_words(expr, &search.word), place = -ENOMEM;

	search.text = malloc(strlen(expr) + END_SIZE);
	if (nr_word >= 0 && search.text) {
		search.nr_word = (size_t)nr_word;
		place = (int64_t)search_parts(&search);
	}
	free(search.word);
	free(search.text);
	return place;
}
