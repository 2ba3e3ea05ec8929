// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kernel-filter-emit.c - formula -> event filter over fields with the packet's bytes
 *
 * "&&" binds tighter than "||", and only what needs parentheses gets them: the kernel takes a page.
 * Negations are pushed down to the tests.  What is true of a packet depends on where its headers
 * are: with a link header or without, its VLAN tag beside it or inside.  The formula is written
 * once for each place that it has to tell apart, behind a test for that place.
 *
 * Bytes behind the packet's end are no bytes: a test of them is neither true nor, negated, false.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "kernel-filter-private.h"

#define ETHER_SIZE	14
#define TAG_SIZE	4
#define MAX_FIELDS	256

enum link { LINK_ETHER, LINK_NONE };
enum tag { TAG_UNKNOWN, TAG_HARDWARE, TAG_IN_BAND };

struct field {
	int32_t offset;
	uint8_t size;
	bool page;
};

/**
 * struct emitter - what is being written, and for packets of which kind
 * @field: of the packet, as far as they were named
 * @page: the network header is in a page
 * @in_and: what is written next stands beside "&&"
 * @transport: size of the network header, for what is behind it
 */
struct emitter {
	const struct kernel_filter *filter;
	const struct packet_layout *layout;
	struct blob *out;
	struct field field[MAX_FIELDS];
	int nr_field;
	enum link link;
	enum tag tag;
	bool page;
	bool in_and;
	int32_t transport;
};

static void put(struct emitter *emitter, const char *text)
{
	blob_add(emitter->out, text, strlen(text));
}

__attribute__((format(printf, 2, 3)))
static void put_format(struct emitter *emitter, const char *format, ...)
{
	char text[96];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put(emitter, text);
}

static void put_constant(struct emitter *emitter, bool value)
{
	put(emitter, value ? "len>=0" : "len<0");
}

/* Begins a row of tests with "||" or "&&" between them.  Return: for end_row(). */
static bool begin_row(struct emitter *emitter, bool any)
{
	bool before = emitter->in_and;

	put(emitter, any && before ? "(" : "");
	emitter->in_and = !any;
	return before;
}

static void end_row(struct emitter *emitter, bool any, bool before)
{
	put(emitter, any && before ? ")" : "");
	emitter->in_and = before;
}

/* ---- fields */

/*
 * "b23": the byte 23 behind skb->data, "h_8": the 16 bits that begin 8 before it, "w12": 32 bits;
 * "c23", "i8" and "x12" in a page.
 */
static void field_name(const struct field *field, char name[16])
{
	snprintf(name, 16, "%c%s%d", (field->size == 1 ? 'b' : field->size == 2 ? 'h' : 'w') +
		 field->page, field->offset < 0 ? "_" : "", abs(field->offset));
}

bool kernel_filter_is_field(const char *name, size_t length)
{
	size_t at = length > 1 && name[1] == '_' ? 2 : 1;

	if (at >= length || !strchr("bchiwx", *name))
		return false;
	while (at < length && isdigit((unsigned char)name[at]))
		at++;
	return at == length;
}

static int by_offset(const void *a, const void *b)
{
	const struct field *x = a, *y = b;

	if (x->page != y->page)
		return x->page - y->page;
	return x->offset != y->offset ? (x->offset > y->offset) - (x->offset < y->offset)
				      : x->size - y->size;
}

static void put_field(struct emitter *emitter, int32_t offset, uint8_t size)
{
	struct field field = { offset, size, emitter->page && offset >= 0 };
	char name[16];
	int i = 0;

	while (i < emitter->nr_field && by_offset(&emitter->field[i], &field))
		i++;
	if (i == MAX_FIELDS)
		emitter->out->err = -E2BIG;
	else if (i == emitter->nr_field)
		emitter->field[emitter->nr_field++] = field;
	field_name(&field, name);
	put(emitter, name);
}

/* A number whose bytes in memory are those of the packet. */
static uint32_t in_memory(uint32_t value, uint8_t size)
{
	uint8_t byte[4] = { 0 };
	uint32_t result = 0;

	for (unsigned int i = 0; i < size; i++)
		byte[i] = (uint8_t)(value >> 8 * (size - 1u - i));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	memcpy((uint8_t *)&result + 4 - size, byte, size);
#else
	memcpy(&result, byte, size);
#endif
	return result;
}

/* Where the network header is, seen from skb->data. */
static int32_t network_offset(const struct emitter *emitter)
{
	int32_t link = emitter->layout->tx && emitter->link == LINK_ETHER ? ETHER_SIZE : 0;

	return link + (emitter->tag == TAG_IN_BAND ? TAG_SIZE : 0);
}

/* From skb->data to what offsets of the node count from. */
static int32_t base_of(const struct emitter *emitter, const struct formula *node)
{
	if (node->base == BASE_ETHER)
		return emitter->layout->tx ? 0 : -ETHER_SIZE;
	return network_offset(emitter) + (node->base == BASE_TRANSPORT ? emitter->transport : 0);
}

/* ---- tests */

static void put_test(struct emitter *emitter, const struct formula *node, bool negate)
{
	static const char *const sign[2][4] = {
		[false] = { "==", ">", ">=", "&" }, [true] = { "!=", "<=", "<", "&" },
	};
	bool bits = node->op == TEST_ANY_BIT;

	if (bits && negate)
		put(emitter, "!(");
	if (node->base == BASE_TCI)
		put_format(emitter, "vlan_tci%s%" PRIu32, sign[negate][node->op], node->value);
	else {
		put_field(emitter, base_of(emitter, node) + node->offset, node->size);
		put_format(emitter, "%s%" PRIu32, sign[negate][node->op],
			   in_memory(node->value, node->size));
	}
	if (bits && negate)
		put(emitter, ")");
}

/* Bytes from skb->data on that the packet must have for the test. */
static int32_t needed(const struct emitter *emitter, const struct formula *node)
{
	return node->base == BASE_TCI ? 0 : base_of(emitter, node) + node->end;
}

/* The same for all tests of a formula, -1 when they differ or others are among them. */
static int32_t needed_by_all(const struct emitter *emitter, formula_id id)
{
	const struct formula *node = &emitter->filter->node[id];
	int32_t left, right;

	switch (node->kind) {
	case FORMULA_TEST:
		return node->base == BASE_NETWORK || node->base == BASE_TRANSPORT ?
		       needed(emitter, node) : -1;
	case FORMULA_NOT:
		return needed_by_all(emitter, node->left);
	case FORMULA_AND:
	case FORMULA_OR:
		left = needed_by_all(emitter, node->left);
		right = left < 0 ? -1 : needed_by_all(emitter, node->right);
		return left == right ? left : -1;
	default:
		return -1;
	}
}

static void emit_test(struct emitter *emitter, const struct formula *node, bool negate)
{
	if (node->base == BASE_ETHER && emitter->link == LINK_NONE)
		put_constant(emitter, negate);
	else
		put_test(emitter, node, negate);
}

/* Since 6.2 an skb has no bit for its tag, whose protocol is never 0 (commit 354259fa73e2). */
static void put_hardware_tag(struct emitter *emitter, bool negate)
{
	put_format(emitter, "%s%s0", emitter->layout->has_vlan_present ? "vlan_present" :
		   "vlan_proto", negate ? "==" : "!=");
}

/* The type in the frame itself, or what skb->protocol says of it. */
static void put_type_field(struct emitter *emitter)
{
	int32_t link = emitter->layout->tx && emitter->link == LINK_ETHER ? ETHER_SIZE : 0;

	if (emitter->tag == TAG_IN_BAND)
		put_field(emitter, link + 2, 2);
	else if (link)
		put_field(emitter, link - 2, 2);
	else
		put(emitter, "protocol");
}

static void emit_ethertype(struct emitter *emitter, const struct formula *node, bool negate)
{
	bool check_tag = emitter->tag == TAG_UNKNOWN && emitter->link == LINK_ETHER;
	bool any = check_tag && negate, before = begin_row(emitter, any);

	if (check_tag) {
		put_hardware_tag(emitter, !negate);
		put(emitter, negate ? "||" : "&&");
	}
	put_type_field(emitter);
	put_format(emitter, "%s%" PRIu32, negate ? "!=" : "==", in_memory(node->value, 2));
	end_row(emitter, any, before);
}

/* IEEE 802.1Q, 802.1ad, and what was used for the latter before it had a number. */
static void emit_in_band_tag(struct emitter *emitter, bool negate)
{
	static const uint16_t type[] = { 0x8100, 0x88a8, 0x9100 };
	bool before = begin_row(emitter, negate), before_types;

	put_hardware_tag(emitter, !negate);
	put(emitter, negate ? "||" : "&&");
	before_types = begin_row(emitter, !negate);
	for (size_t i = 0; i < sizeof(type) / sizeof(type[0]); i++) {
		put(emitter, !i ? "" : negate ? "&&" : "||");
		put_type_field(emitter);
		put_format(emitter, "%s%" PRIu32, negate ? "!=" : "==", in_memory(type[i], 2));
	}
	end_row(emitter, !negate, before_types);
	end_row(emitter, negate, before);
}

/* @more: bytes of the frame that skb->len does not count. */
static void put_length(struct emitter *emitter, const struct formula *node, bool negate,
		       uint32_t more)
{
	static const char *const sign[2][3] = {
		[false] = { "==", ">", ">=" }, [true] = { "!=", "<=", "<" },
	};

	if (node->value < more)
		put_constant(emitter, (node->op != TEST_EQUAL) != negate);
	else
		put_format(emitter, "len%s%" PRIu32, sign[negate][node->op], node->value - more);
}

static void emit_length(struct emitter *emitter, const struct formula *node, bool negate)
{
	uint32_t more = emitter->layout->tx || emitter->link == LINK_NONE ? 0 : ETHER_SIZE;
	bool before;

	if (emitter->link == LINK_NONE || emitter->tag == TAG_IN_BAND || !node->value) {
		put_length(emitter, node, negate, more);
		return;
	}
	if (emitter->tag == TAG_HARDWARE) {
		put_length(emitter, node, negate, more + TAG_SIZE);
		return;
	}
	before = begin_row(emitter, true);
	put_hardware_tag(emitter, true);
	put(emitter, "&&");
	put_length(emitter, node, negate, more);
	put(emitter, "||");
	put_hardware_tag(emitter, false);
	put(emitter, "&&");
	put_length(emitter, node, negate, more + TAG_SIZE);
	end_row(emitter, true, before);
}

static void emit_device(struct emitter *emitter, const struct formula *node, bool negate)
{
	put_format(emitter, "name%s\"%.*s\"", negate ? "!=" : "==", (int)node->word.length,
		   node->word.at);
}

/* ---- the tree */

static int32_t emit(struct emitter *emitter, formula_id id, bool negate, int32_t known);

static int32_t emit_sides(struct emitter *emitter, const struct formula *node, bool negate,
			  int32_t known)
{
	bool any = (node->kind == FORMULA_OR) != negate, before = begin_row(emitter, any);
	int32_t now = emit(emitter, node->left, negate, known);

	put(emitter, any ? "||" : "&&");
	now = emit(emitter, node->right, negate, any ? known : now);
	end_row(emitter, any, before);
	return any ? known : now;
}

/* The transport header of IPv4, wherever it is. */
static void emit_transport(struct emitter *emitter, const struct formula *node, bool negate,
			   int32_t known)
{
	const struct formula *size = &emitter->filter->node[node->cases.first_size];
	bool before, before_one;

	if (known < needed(emitter, size)) {
		known = needed(emitter, size);
		put_format(emitter, "len>=%" PRId32 "&&", known);
		emitter->in_and = true;
	}
	before = begin_row(emitter, !negate);
	for (uint32_t i = 0; i < NR_IPV4_SIZE; i++) {
		put(emitter, !i ? "" : negate ? "&&" : "||");
		before_one = begin_row(emitter, negate);
		emit(emitter, node->cases.first_size + i, negate, known);
		put(emitter, negate ? "||" : "&&");
		emitter->transport = 4 * (5 + (int32_t)i);
		emit(emitter, node->left, negate, known);
		end_row(emitter, negate, before_one);
	}
	end_row(emitter, !negate, before);
	emitter->transport = IPV6_SIZE;
}

static void emit_case(struct emitter *emitter, const struct formula *node, bool negate,
		      int32_t known, bool second)
{
	bool before = begin_row(emitter, negate);
	int32_t now = emit(emitter, node->cases.condition[second], negate, known);

	now = negate ? known : now;
	put(emitter, negate ? "||" : "&&");
	if (!second && node->cases.first_size)
		emit_transport(emitter, node, negate, now);
	else
		emit(emitter, second ? node->right : node->left, negate, now);
	end_row(emitter, negate, before);
}

static void emit_cases(struct emitter *emitter, const struct formula *node, bool negate,
		       int32_t known)
{
	bool any = node->right && !negate, before;

	if (!node->right) {
		emit_case(emitter, node, negate, known, false);
		return;
	}
	before = begin_row(emitter, any);
	emit_case(emitter, node, negate, known, false);
	put(emitter, any ? "||" : "&&");
	emit_case(emitter, node, negate, known, true);
	end_row(emitter, any, before);
}

/* A formula that speaks of what is behind the tag. */
static void emit_behind_tag(struct emitter *emitter, formula_id id, bool negate, int32_t known)
{
	bool before = begin_row(emitter, true);

	put_hardware_tag(emitter, false);
	put(emitter, "&&");
	emitter->in_and = true;
	emitter->tag = TAG_HARDWARE;
	emit(emitter, id, negate, known);
	emitter->tag = TAG_UNKNOWN;
	put(emitter, "||");
	emit_in_band_tag(emitter, false);
	put(emitter, "&&");
	emitter->tag = TAG_IN_BAND;
	emit(emitter, id, negate, known);
	emitter->tag = TAG_UNKNOWN;
	end_row(emitter, true, before);
}

static bool is_anywhere(const struct formula *node)
{
	return node->kind == FORMULA_DEVICE || node->kind == FORMULA_SENT;
}

static void emit_leaf(struct emitter *emitter, const struct formula *node, bool negate)
{
	switch (node->kind) {
	case FORMULA_TEST:
		emit_test(emitter, node, negate);
		return;
	case FORMULA_ETHERTYPE:
		emit_ethertype(emitter, node, negate);
		return;
	case FORMULA_HARDWARE_TAG:
		if (emitter->link == LINK_NONE)
			put_constant(emitter, negate);
		else
			put_hardware_tag(emitter, negate);
		return;
	case FORMULA_IN_BAND_TAG:
		if (emitter->link == LINK_NONE)
			put_constant(emitter, negate);
		else
			emit_in_band_tag(emitter, negate);
		return;
	case FORMULA_LENGTH:
		emit_length(emitter, node, negate);
		return;
	case FORMULA_DEVICE:
		emit_device(emitter, node, negate);
		return;
	default:
		put_constant(emitter, emitter->layout->tx != negate);
	}
}

/*
 * @known: bytes from skb->data on that the packet has, by what was tested before.
 * Return: what it has when the formula is true.
 */
static int32_t emit(struct emitter *emitter, formula_id id, bool negate, int32_t known)
{
	const struct formula *node = &emitter->filter->node[id];
	int32_t need;
	bool before;

	if (node->behind_tag && emitter->tag == TAG_UNKNOWN && !is_anywhere(node) &&
	    emitter->link == LINK_ETHER) {
		emit_behind_tag(emitter, id, negate, known);
		return known;
	}
	need = needed_by_all(emitter, id);
	if (need > known) {
		before = begin_row(emitter, false);
		put_format(emitter, "len>=%" PRId32 "&&", need);
		emit(emitter, id, negate, need);
		end_row(emitter, false, before);
		return need;
	}
	if (node->kind == FORMULA_NOT)
		return emit(emitter, node->left, !negate, known);
	if (node->kind == FORMULA_CASES) {
		emit_cases(emitter, node, negate, known);
		return known;
	}
	if (node->kind != FORMULA_AND && node->kind != FORMULA_OR) {
		emit_leaf(emitter, node, negate);
		return known;
	}
	return emit_sides(emitter, node, negate, known);
}

/* Does it matter whether the device has Ethernet headers? */
static bool link_matters(const struct kernel_filter *filter, bool tx)
{
	for (uint32_t i = 1; i < filter->nr_node; i++) {
		const struct formula *node = &filter->node[i];

		if ((node->kind == FORMULA_LENGTH && node->value) ||
		    (node->kind == FORMULA_TEST && node->base == BASE_ETHER) ||
		    (tx && (node->kind == FORMULA_TEST || node->kind == FORMULA_ETHERTYPE ||
			    node->kind == FORMULA_IN_BAND_TAG)))
			return true;
	}
	return false;
}

/*
 * include/uapi/linux/if_arp.h: Ethernet and loopback have its header; none is there with PPP,
 * RAWIP, TUNNEL, TUNNEL6, SIT and NONE.  Of other devices it is not known where the packet begins.
 */
static void emit_links(struct emitter *emitter)
{
	formula_id root = emitter->filter->root;
	bool before;

	if (!link_matters(emitter->filter, emitter->layout->tx)) {
		emit(emitter, root, false, 0);
		return;
	}
	before = begin_row(emitter, true);
	put(emitter, "(arphrd==1||arphrd==772)&&");
	emitter->in_and = true;
	emit(emitter, root, false, emitter->layout->tx ? ETHER_SIZE : 0);
	emitter->link = LINK_NONE;
	put(emitter, "||(arphrd==512||arphrd==519||arphrd==768||arphrd==769||arphrd==776||"
		     "arphrd==65534)&&");
	emit(emitter, root, false, 0);
	end_row(emitter, true, before);
}

static void emit_all(struct emitter *emitter)
{
	if (emitter->layout->page) {
		put(emitter, "packet!=0&&");
		emitter->in_and = emitter->page = true;
		emit_links(emitter);
		put(emitter, "||packet==0&&");
		emitter->page = false;
	}
	emitter->link = LINK_ETHER;
	emit_links(emitter);
}

int kernel_filter_args(const struct kernel_filter *filter, const struct packet_layout *layout,
		       struct blob *out)
{
	struct blob text = { 0 };
	struct emitter emitter = { .filter = filter, .layout = layout, .out = &text };

	emit_all(&emitter);
	qsort(emitter.field, (size_t)emitter.nr_field, sizeof(emitter.field[0]), by_offset);
	emitter.out = out;
	for (int i = 0; i < emitter.nr_field; i++) {
		const struct field *field = &emitter.field[i];
		char name[16];

		field_name(field, name);
		put_format(&emitter, " %s=%+d(%s):u%d", name, (int)field->offset,
			   field->page ? layout->page : layout->data, 8 * field->size);
	}
	if (text.err && !out->err)
		out->err = text.err;
	blob_release(&text);
	return out->err ? out->err : emitter.nr_field;
}

int kernel_filter_text(const struct kernel_filter *filter, const struct packet_layout *layout,
		       struct blob *out)
{
	struct emitter emitter = { .filter = filter, .layout = layout, .out = out };

	emit_all(&emitter);
	return out->err;
}
