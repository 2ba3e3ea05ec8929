// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * strings.c - names that events carry -> one copy of each
 *
 * Names of tasks, devices and interrupts come with every other event, and nearly all are shorter
 * than 16 bytes: those are two words, looked up in a small table of the last ones seen.
 */
#include <stdlib.h>

#include "engine.h"

#define MAX_CHAIN	64

struct string {
	struct string *next;
	size_t len;
	char text[];
};

void strings_free(struct trail_engine *engine)
{
	size_t i;

	for (i = 0; engine->strings.slot && i <= engine->strings.mask; i++) {
		struct string *s = engine->strings.slot[i].value, *next;

		for (; s; s = next) {
			next = s->next;
			free(s);
		}
	}
	hash_release(&engine->strings);
}

/* Eight bytes at a time.  Chains stay correct with collisions, engine_string() keeps them short. */
static uint64_t hash_text(const char *text, size_t len)
{
	uint64_t hash = len, word;

	for (; len >= sizeof(word); text += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 32;
	}
	for (word = 0; len; len--)
		word = word << 8 | (unsigned char)*text++;
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
	return hash ? hash : 1;
}

const char *engine_string(struct trail_engine *engine, const char *text, size_t len)
{
	uint64_t hash = hash_text(text, len);
	struct string *first = hash_get(&engine->strings, hash), *s;
	unsigned int nr = 0;

	/* A capture may be made of names with one hash: then the same name is kept twice. */
	for (s = first; s && nr < MAX_CHAIN; s = s->next, nr++)
		if (s->len == len && !memcmp(s->text, text, len))
			return s->text;
	s = malloc(sizeof(*s) + len + 1);
	if (!s)
		return NULL;
	s->len = len;
	s->next = first;
	memcpy(s->text, text, len);
	s->text[len] = '\0';
	if (hash_set(&engine->strings, hash, s)) {
		free(s);
		return NULL;
	}
	return s->text;
}

/* @nr bytes, 0 to 16, as two little-endian words; zero behind them. */
static inline void load(const char *at, size_t nr, uint64_t word[2])
{
	uint32_t low, high;

	word[0] = word[1] = 0;
	if (nr >= 8) {
		memcpy(&word[0], at, 8);
		if (nr > 8) {
			memcpy(&word[1], at + nr - 8, 8);
			word[1] >>= 8 * (16 - nr);
		}
	} else if (nr >= 4) {
		memcpy(&low, at, 4);
		memcpy(&high, at + nr - 4, 4);
		word[0] = low | (uint64_t)high << 8 * (nr - 4);
	} else if (nr) {
		memcpy(&word[0], at, nr);
	}
}

/* Zero from the first zero byte on.  Return: there is one. */
static inline bool terminate(uint64_t *word)
{
	/* The lowest bit that this leaves is that of the first zero byte. */
	uint64_t zero = (*word - 0x0101010101010101ull) & ~*word & 0x8080808080808080ull;

	if (zero)
		*word &= ((zero & -zero) >> 7) - 1;
	return zero;
}

static const char *recent_text(struct trail_engine *engine, const uint64_t word[2],
			       const char *text, size_t room)
{
	uint64_t hash = (word[0] ^ (word[1] << 7 | word[1] >> 57)) * 0x9e3779b97f4a7c15ull;
	struct recent *recent = &engine->recent[hash >> (64 - RECENT_BITS)];

	if (recent->text && recent->word[0] == word[0] && recent->word[1] == word[1])
		return recent->text;
	text = engine_string(engine, text, strnlen(text, room));
	if (text)
		*recent = (struct recent){ { word[0], word[1] }, text };
	return text;
}

const char *trail_text(struct trail_engine *engine, const struct trail_event *event,
		       unsigned int i)
{
	size_t room;
	const char *text = trail_str_room(event, i, &room);
	uint64_t word[2];

	if (!text)
		return NULL;
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) {
		load(text, room < 16 ? room : 16, word);
		if (terminate(&word[0]))
			word[1] = 0;
		else if (!terminate(&word[1]) && room > 16)
			return engine_string(engine, text, strnlen(text, room));
		return recent_text(engine, word, text, room);
	}
	return engine_string(engine, text, strnlen(text, room));
}

const char *trail_intern(struct trail_engine *engine, const char *text)
{
	return engine_string(engine, text, strlen(text));
}
