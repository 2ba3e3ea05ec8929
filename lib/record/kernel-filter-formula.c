// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kernel-filter-formula.c - what is asked of a packet -> tests that event filters have
 *
 * An event filter compares a field with a number and says whether any bit of a mask is set.  All
 * the rest is made of these two: a masked comparison bit by bit, an ordered one of several bytes
 * byte by byte, and a header behind one of variable size by a case for each size.
 */
#include <errno.h>
#include <stdlib.h>

#include "kernel-filter-private.h"

static const struct formula *node_of(const struct parser *parser, formula_id id)
{
	return &parser->filter->node[id];
}

/* Node 0 is there from the start, so that any index is good after an error. */
static formula_id add(struct parser *parser, struct formula formula)
{
	struct kernel_filter *filter = parser->filter;
	uint32_t capacity = filter->cap_node ? 2 * filter->cap_node : 64;
	struct formula *node = filter->node;

	if (filter->err)
		return 0;
	if (filter->nr_node == filter->cap_node) {
		node = realloc(node, capacity * sizeof(*node));
		if (!node) {
			filter->err = -ENOMEM;
			return 0;
		}
		filter->node = node;
		filter->cap_node = capacity;
	}
	formula.at = parser->made_from;
	node[filter->nr_node] = formula;
	return filter->nr_node++;
}

static formula_id join(struct parser *parser, enum formula_kind kind, formula_id left,
		       formula_id right)
{
	struct formula formula = { .kind = kind, .left = left, .right = right };

	if (parser->filter->err)
		return 0;
	formula.behind_tag = node_of(parser, left)->behind_tag &&
			     node_of(parser, right)->behind_tag;
	return add(parser, formula);
}

static formula_id join_two(struct parser *parser, enum formula_kind kind, formula_id left,
			   formula_id right);

static formula_id join_cases(struct parser *parser, enum formula_kind kind, formula_id left,
			     formula_id right)
{
	const struct formula a = *node_of(parser, left), b = *node_of(parser, right);
	formula_id first = join_two(parser, kind, a.left, b.left);
	formula_id second = a.right ? join_two(parser, kind, a.right, b.right) : 0;

	return formula_cases(parser, &a.cases, first, second);
}

/* Short where it can be: equal cases become one, and so do negations. */
static formula_id join_two(struct parser *parser, enum formula_kind kind, formula_id left,
			   formula_id right)
{
	const struct formula *a, *b;

	if (parser->filter->err)
		return 0;
	a = node_of(parser, left);
	b = node_of(parser, right);
	if (a->behind_tag == b->behind_tag && a->kind == FORMULA_CASES && b->kind == a->kind &&
	    a->cases.key == b->cases.key)
		return join_cases(parser, kind, left, right);
	if (a->kind == FORMULA_NOT && b->kind == FORMULA_NOT)
		return formula_not(parser, join_two(parser, kind == FORMULA_AND ? FORMULA_OR :
						    FORMULA_AND, a->left, b->left));
	return join(parser, kind, left, right);
}

formula_id formula_and(struct parser *parser, formula_id left, formula_id right)
{
	return join_two(parser, FORMULA_AND, left, right);
}

formula_id formula_or(struct parser *parser, formula_id left, formula_id right)
{
	return join_two(parser, FORMULA_OR, left, right);
}

formula_id formula_not(struct parser *parser, formula_id inner)
{
	return join(parser, FORMULA_NOT, inner, inner);
}

formula_id formula_cases(struct parser *parser, const struct cases *cases, formula_id first,
			 formula_id second)
{
	struct formula formula = { .kind = FORMULA_CASES, .cases = *cases, .left = first,
				   .right = second };

	if (parser->filter->err)
		return 0;
	formula.behind_tag = node_of(parser, first)->behind_tag;
	return add(parser, formula);
}

formula_id formula_plain(struct parser *parser, enum formula_kind kind, uint32_t value)
{
	return add(parser, (struct formula){ .kind = kind, .value = value,
					     .behind_tag = parser->behind_tag });
}

formula_id formula_length(struct parser *parser, enum test_op op, uint32_t value)
{
	return add(parser, (struct formula){ .kind = FORMULA_LENGTH, .op = op, .value = value,
					     .behind_tag = parser->behind_tag });
}

formula_id formula_true(struct parser *parser)
{
	return formula_length(parser, TEST_GREATER_EQUAL, 0);
}

formula_id formula_device(struct parser *parser, const struct token *name)
{
	return add(parser, (struct formula){ .kind = FORMULA_DEVICE, .word = *name,
					     .behind_tag = parser->behind_tag });
}

/* ---- bytes */

static int32_t end_of(struct bytes bytes)
{
	return bytes.end ? bytes.end : bytes.offset + bytes.size;
}

static formula_id test(struct parser *parser, struct bytes bytes, enum test_op op, uint32_t value)
{
	return add(parser, (struct formula){ .kind = FORMULA_TEST, .base = bytes.base, .op = op,
					     .behind_tag = parser->behind_tag,
					     .size = bytes.size, .offset = bytes.offset,
					     .end = end_of(bytes), .value = value });
}

static uint32_t all_bits(struct bytes bytes)
{
	return bytes.size == 4 ? UINT32_MAX : (UINT32_C(1) << 8 * bytes.size) - 1;
}

formula_id formula_any_bit(struct parser *parser, struct bytes bytes, uint32_t mask)
{
	mask &= all_bits(bytes);
	return mask ? test(parser, bytes, TEST_ANY_BIT, mask)
		    : formula_not(parser, formula_true(parser));
}

formula_id formula_equal(struct parser *parser, struct bytes bytes, uint32_t value)
{
	if (value > all_bits(bytes))
		return formula_not(parser, formula_true(parser));
	return test(parser, bytes, TEST_EQUAL, value);
}

formula_id formula_masked_equal(struct parser *parser, struct bytes bytes, uint32_t mask,
				uint32_t value)
{
	formula_id result;

	mask &= all_bits(bytes);
	if (value & ~mask)
		return formula_not(parser, formula_true(parser));
	if (mask == all_bits(bytes))
		return formula_equal(parser, bytes, value);
	result = formula_not(parser, formula_any_bit(parser, bytes, mask & ~value));
	for (uint32_t bit = 1; bit && bit <= mask; bit <<= 1)
		if (value & bit)
			result = formula_and(parser, result, formula_any_bit(parser, bytes, bit));
	return result;
}

/*
 * From the lowest bit up: what the bits so far say counts when the higher ones are equal.  A bit of
 * @value outside of the mask makes it the greater number.
 */
formula_id formula_masked_greater(struct parser *parser, struct bytes bytes, uint32_t mask,
				  uint32_t value)
{
	formula_id result = formula_not(parser, formula_true(parser)), bit_set;

	mask &= all_bits(bytes);
	for (uint32_t bit = 1; bit; bit <<= 1) {
		if (!(mask & bit)) {
			if (value & bit)
				result = formula_not(parser, formula_true(parser));
			continue;
		}
		bit_set = formula_any_bit(parser, bytes, bit);
		result = value & bit ? formula_and(parser, bit_set, result)
				     : formula_or(parser, bit_set, result);
	}
	return result;
}

formula_id formula_at_least(struct parser *parser, struct bytes bytes, uint32_t value)
{
	struct bytes first = { bytes.base, bytes.offset, 1, end_of(bytes) };
	struct bytes rest = { bytes.base, bytes.offset + 1, bytes.size - 1, end_of(bytes) };
	uint32_t shift = 8 * (bytes.size - 1u), high = value >> shift;
	uint32_t low = value & ((UINT32_C(1) << shift) - 1);
	formula_id below;

	if (value > all_bits(bytes))
		return formula_not(parser, formula_true(parser));
	if (!low)
		return high ? test(parser, first, TEST_GREATER_EQUAL, high) : formula_true(parser);
	below = formula_at_least(parser, rest, low);
	if (!high)
		return formula_or(parser, test(parser, first, TEST_GREATER, 0), below);
	below = formula_and(parser, formula_equal(parser, first, high), below);
	return high == 0xff ? below :
	       formula_or(parser, test(parser, first, TEST_GREATER, high), below);
}

/* ---- headers */

formula_id formula_ip(struct parser *parser)
{
	return formula_plain(parser, FORMULA_ETHERTYPE, ETHERTYPE_IPV4);
}

formula_id formula_ip6(struct parser *parser)
{
	return formula_plain(parser, FORMULA_ETHERTYPE, ETHERTYPE_IPV6);
}

formula_id formula_ip_proto(struct parser *parser, uint32_t proto)
{
	struct bytes protocol = { BASE_NETWORK, 9, 1, 0 };

	return formula_and(parser, formula_ip(parser), formula_equal(parser, protocol, proto));
}

/* As libpcap has it, a fragment header is looked behind when it is the first. */
formula_id formula_ip6_proto(struct parser *parser, uint32_t proto)
{
	struct bytes next = { BASE_NETWORK, 6, 1, 0 }, behind = { BASE_NETWORK, IPV6_SIZE, 1, 0 };
	formula_id fragment;

	fragment = formula_and(parser, formula_equal(parser, next, 44),
			       formula_equal(parser, behind, proto));
	return formula_and(parser, formula_ip6(parser),
			   formula_or(parser, formula_equal(parser, next, proto), fragment));
}

formula_id formula_tag(struct parser *parser, int32_t id)
{
	struct bytes beside = { BASE_TCI, 0, 2, 0 }, inside = { BASE_TAG, 0, 2, 0 };
	formula_id hardware = formula_plain(parser, FORMULA_HARDWARE_TAG, 0);
	formula_id in_band = formula_plain(parser, FORMULA_IN_BAND_TAG, 0);

	if (id >= 0) {
		hardware = formula_and(parser, hardware,
				       formula_masked_equal(parser, beside, 0xfff, id));
		in_band = formula_and(parser, in_band,
				      formula_masked_equal(parser, inside, 0xfff, id));
	}
	return formula_or(parser, hardware, in_band);
}

/* The kernel drops headers of fewer than 20 bytes and of another version than 4 (ip_rcv_core()). */
void formula_behind_ip(struct parser *parser, struct cases *cases, formula_id proto)
{
	struct bytes version_ihl = { BASE_NETWORK, 0, 1, 0 }, fragment = { BASE_NETWORK, 6, 2, 0 };
	formula_id whole = formula_not(parser, formula_any_bit(parser, fragment, 0x1fff));

	cases->condition[0] = formula_and(parser, formula_ip(parser),
					  formula_and(parser, proto, whole));
	for (uint32_t i = 0; i < NR_IPV4_SIZE; i++) {
		formula_id one = formula_equal(parser, version_ihl, 0x45 + i);

		if (!i)
			cases->first_size = one;
	}
}
