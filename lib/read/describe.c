// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * describe.c - an event's format, and the line on a user's probe -> what its fields are
 *
 *	user NAME skb=skb sk=newsk hex=buf be16=dport entry=NAME_entry : SPEC
 *
 * Keys: skb, sk (addresses of such), hex (bytes), be16, be32, be64, symbol, retval, took, passed
 * (it is in the event at the entry, which has others that are nobody's business); each names
 * fields, what it does not know is left out.  step=8: so far is the stack pointer at the return
 * above that at the entry.  space=user and return=1 are said of probes whose formats do not tell:
 * those that are made of others.
 */
#include <stdlib.h>
#include <string.h>

#include "describe.h"

static bool is_text(struct text text, const char *name)
{
	return text.len == strlen(name) && !memcmp(text.at, name, text.len);
}

/* The next word of @text up to @end, which it may be without. */
static struct text cut(struct text *text, char end)
{
	const char *at = memchr(text->at, end, text->len);
	struct text word = { text->at, at ? (size_t)(at - text->at) : text->len };
	size_t used = word.len + (at != NULL);

	text->at += used;
	text->len -= used;
	return word;
}

bool describe_key(struct text line, const char *key, struct text *value)
{
	while (line.len) {
		struct text word = cut(&line, ' '), name = cut(&word, '=');

		/* The rest is the user's own text. */
		if (is_text(name, ":"))
			return false;
		*value = word;
		if (is_text(name, key))
			return true;
	}
	return false;
}

static bool is_listed(struct text line, const char *key, struct text name)
{
	struct text list, word;

	if (!describe_key(line, key, &list))
		return false;
	while (list.len) {
		word = cut(&list, ',');
		if (word.len == name.len && !memcmp(word.at, name.at, name.len))
			return true;
	}
	return false;
}

static struct text spec_of(struct text line)
{
	while (line.len)
		if (is_text(cut(&line, ' '), ":"))
			break;
	return line;
}

/* Not one that all events have, and none of the probe itself. */
static bool is_own(struct text name)
{
	return !(name.len > 7 && !memcmp(name.at, "common_", 7)) &&
	       !(name.len > 8 && !memcmp(name.at, "__probe_", 8)) && !is_text(name, "__syscall_nr");
}

/* What a return is shown with. */
static bool is_shown(const struct described *from, struct text name)
{
	return is_own(name) && (!from->is_part || is_listed(from->line, "passed", name));
}

static uint8_t role_of(const struct described *from, struct text name)
{
	static const struct { const char *key; uint8_t role; } roles[] = {
		{ "skb", TRAIL_ROLE_SKB }, { "sk", TRAIL_ROLE_SK },
		{ "retval", TRAIL_ROLE_RETVAL }, { "took", TRAIL_ROLE_TOOK },
	};

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (is_listed(from->line, roles[i].key, name))
			return roles[i].role;
	return from->line.len && !from->is_part &&
	       (is_text(name, "retval") || is_text(name, "ret")) ?
	       TRAIL_ROLE_RETVAL : TRAIL_ROLE_NONE;
}

static uint8_t show_of(const struct described *from, const struct format_field *field,
		       uint8_t role)
{
	bool array = field->place.kind == TRAIL_FIELD_BYTES ||
		     field->place.kind == TRAIL_FIELD_DYNAMIC_BYTES ||
		     field->place.kind == TRAIL_FIELD_DYNAMIC_REL_BYTES;

	if (field->place.kind == TRAIL_FIELD_STRING || field->place.kind == TRAIL_FIELD_DYNAMIC ||
	    field->place.kind == TRAIL_FIELD_DYNAMIC_REL)
		return TRAIL_SHOW_STRING;
	if (is_listed(from->line, "hex", field->name))
		return array ? TRAIL_SHOW_DUMP : TRAIL_SHOW_HEX;
	if (array)
		return field->count && from->line.len ? TRAIL_SHOW_ARRAY : TRAIL_SHOW_DUMP;
	if (is_listed(from->line, "be16", field->name) ||
	    is_listed(from->line, "be32", field->name) ||
	    is_listed(from->line, "be64", field->name))
		return TRAIL_SHOW_NETWORK;
	if (is_listed(from->line, "symbol", field->name))
		return TRAIL_SHOW_SYMBOL;
	if (role == TRAIL_ROLE_SKB || role == TRAIL_ROLE_SK ||
	    format_shows_hex(from->format, field->name))
		return TRAIL_SHOW_HEX;
	return TRAIL_SHOW_NUMBER;
}

static void describe_field(const struct described *from, const struct format_field *field,
			   struct trail_shown *shown)
{
	int element = field->count ? (int)(field->place.size / field->count) : 1;

	shown->place = field->place;
	shown->place.swap = from->swap;
	shown->role = role_of(from, field->name);
	shown->show = show_of(from, field, shown->role);
	if (element != 1 && element != 2 && element != 4 && element != 8)
		element = 1;
	shown->element = (int8_t)(field->is_signed ? -element : element);
}

static size_t count_fields(struct text format, size_t *text_size)
{
	struct format_field field;
	size_t at = 0, nr = 0;

	while (format_next_field(format, &at, &field)) {
		*text_size += field.name.len + 1;
		nr++;
	}
	return nr < UINT16_MAX ? nr : UINT16_MAX;
}

static const char *copy(char **to, struct text text)
{
	char *at = *to;

	memcpy(at, text.at, text.len);
	at[text.len] = '\0';
	*to += text.len + 1;
	return at;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && !strcmp(text + len - end_len, end);
}

static uint8_t find_step(struct text line)
{
	struct text step;
	uint8_t value = 0;

	if (!describe_key(line, "step", &step))
		return 0;
	for (size_t i = 0; i < step.len && i < 2 && step.at[i] >= '0' && step.at[i] <= '9'; i++)
		value = (uint8_t)(10 * value + (step.at[i] - '0'));
	return value;
}

static void find_places(struct trail_description *out, const struct described *from)
{
	struct text space, unused;
	struct format_field field;

	/* Of a function's entry; of its return the function and where it was called. */
	if (format_find_field(from->format, "__probe_ip|__probe_func", &field)) {
		out->at = field.place;
		out->at.swap = from->swap;
	}
	if (format_find_field(from->format, "__probe_ret_ip", &field)) {
		out->caller = field.place;
		out->caller.swap = from->swap;
		out->is_return = true;
	}
	if (format_find_field(from->format, "__probe_sp", &field)) {
		out->stack = field.place;
		out->stack.swap = from->swap;
		out->stack_step = find_step(from->line);
	}
	out->in_user = describe_key(from->line, "space", &space) && is_text(space, "user");
	out->is_return |= !from->is_part &&
			  (describe_key(from->line, "return", &unused) ||
			   (from->line.len && ends_with(from->name, "__return")));
}

struct trail_description *describe(const struct described *from)
{
	struct text spec = spec_of(from->line);
	size_t text_size = spec.len + 1, at = 0;
	size_t max = count_fields(from->format, &text_size);
	struct trail_description *out = calloc(1, sizeof(*out) +
					       max * sizeof(struct trail_shown) + text_size);
	struct trail_shown *shown = (struct trail_shown *)(out + 1);
	char *text = (char *)(shown + max);
	struct format_field field;

	if (!out)
		return NULL;
	out->system = from->system;
	out->name = from->name;
	out->type = from->type;
	out->entry = -1;
	out->field = shown;
	out->is_part = from->is_part;
	if (from->line.len && !from->is_part)
		out->spec = copy(&text, spec);
	while (out->nr_field < max && format_next_field(from->format, &at, &field)) {
		if (!is_shown(from, field.name))
			continue;
		describe_field(from, &field, &shown[out->nr_field]);
		shown[out->nr_field++].name = copy(&text, field.name);
	}
	find_places(out, from);
	return out;
}

const struct trail_shown *describe_role(const struct trail_description *description,
					const char *key, unsigned int nth)
{
	uint8_t role = strcmp(key, "skb") ? TRAIL_ROLE_SK : TRAIL_ROLE_SKB;

	for (uint16_t i = 0; i < description->nr_field; i++)
		if (description->field[i].role == role && !nth--)
			return &description->field[i];
	return NULL;
}
