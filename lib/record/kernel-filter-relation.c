// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kernel-filter-relation.c - "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn" -> formula
 *
 * One side of a relation is a constant, the other bytes of a header, with a mask at most, or "len".
 */
#include <errno.h>
#include <netinet/in.h>

#include "kernel-filter-private.h"

/**
 * struct operand - one side
 * @header: token of the header's name, its length 0 for a constant
 * @mask: of the bytes
 */
struct operand {
	struct token header;
	uint32_t offset;
	uint32_t size;
	uint32_t mask;
	uint32_t constant;
	bool is_masked;
};

struct header {
	const char *name;
	enum qualifier_proto network;
	uint8_t proto;
};

/* Headers behind IPv4 are looked for there only, as in libpcap. */
static const struct header header_list[] = {
	{ "ether", PROTO_ETHER, 0 },
	{ "link", PROTO_ETHER, 0 },
	{ "ip", PROTO_IP, 0 },
	{ "ip6", PROTO_IP6, 0 },
	{ "arp", PROTO_ARP, 0 },
	{ "rarp", PROTO_RARP, 0 },
	{ "tcp", PROTO_IP, IPPROTO_TCP },
	{ "udp", PROTO_IP, IPPROTO_UDP },
	{ "icmp", PROTO_IP, IPPROTO_ICMP },
	{ "igmp", PROTO_IP, IPPROTO_IGMP },
	{ "sctp", PROTO_IP, IPPROTO_SCTP },
	{ "pim", PROTO_IP, IPPROTO_PIM },
	{ "icmp6", PROTO_IP6, IPPROTO_ICMPV6 },
	{ NULL, PROTO_NONE, 0 }
};

static const struct {
	const char *name;
	uint32_t value;
} constant_list[] = {
	{ "tcpflags", 13 }, { "tcp-fin", 1 }, { "tcp-syn", 2 }, { "tcp-rst", 4 },
	{ "tcp-push", 8 }, { "tcp-ack", 16 }, { "tcp-urg", 32 }, { "tcp-ece", 64 },
	{ "tcp-cwr", 128 }, { "icmptype", 0 }, { "icmpcode", 1 }, { "icmp6type", 0 },
	{ "icmp6code", 1 }, { "icmp-echoreply", 0 }, { "icmp-unreach", 3 },
	{ "icmp-sourcequench", 4 }, { "icmp-redirect", 5 }, { "icmp-echo", 8 },
	{ "icmp-routeradvert", 9 }, { "icmp-routersolicit", 10 }, { "icmp-timxceed", 11 },
	{ "icmp-paramprob", 12 }, { "icmp-tstamp", 13 }, { "icmp-tstampreply", 14 },
	{ "icmp6-destinationunreach", 1 }, { "icmp6-packettoobig", 2 },
	{ "icmp6-timeexceeded", 3 }, { "icmp6-parameterproblem", 4 }, { "icmp6-echo", 128 },
	{ "icmp6-echoreply", 129 }, { "icmp6-multicastlistenerquery", 130 },
	{ "icmp6-multicastlistenerreportv1", 131 }, { "icmp6-multicastlistenerdone", 132 },
	{ "icmp6-routersolicit", 133 }, { "icmp6-routeradvert", 134 },
	{ "icmp6-neighborsolicit", 135 }, { "icmp6-neighboradvert", 136 },
	{ "icmp6-redirect", 137 },
};

static const struct token *peek(const struct parser *parser)
{
	return &parser->token[parser->pos];
}

static bool take(struct parser *parser, const char *text)
{
	if (!token_is(peek(parser), text))
		return false;
	parser->pos++;
	return true;
}

static const struct header *find_header(const struct token *token)
{
	const struct header *header = header_list;

	while (header->name && !token_is(token, header->name))
		header++;
	return header->name ? header : NULL;
}

static bool is_one_of(const struct token *token, const char *const *text)
{
	while (*text && !token_is(token, *text))
		text++;
	return *text != NULL;
}

static bool is_comparison(const struct token *token)
{
	static const char *const sign[] = { "=", "==", "!=", "<", "<=", ">", ">=", NULL };

	return is_one_of(token, sign);
}

static bool is_arithmetic(const struct token *token)
{
	static const char *const sign[] = { "&", "|", "+", "*", "/", "^", "%", "<<", ">>", NULL };

	return token->kind == TOKEN_SIGN && is_one_of(token, sign);
}

/* A parenthesis belongs to arithmetic when an operator follows its end. */
bool kernel_filter_at_relation(const struct parser *parser)
{
	const struct token *token = peek(parser);
	unsigned int depth = 0;

	if (token_is(token, "(")) {
		for (; token->kind != TOKEN_END; token++) {
			depth += token_is(token, "(");
			depth -= token_is(token, ")");
			if (!depth)
				break;
		}
		return token->kind != TOKEN_END &&
		       (is_comparison(token + 1) || is_arithmetic(token + 1));
	}
	if (token->kind != TOKEN_WORD)
		return false;
	return token_is(token, "len") || token_is(token + 1, "[") || is_comparison(token + 1) ||
	       (is_arithmetic(token + 1) && !token_is(token + 1, "/"));
}

/* ---- operands */

static int read_constant(struct parser *parser, uint32_t *value)
{
	const struct token *token = peek(parser);
	bool known = token_number(token, value);

	for (size_t i = 0; i < sizeof(constant_list) / sizeof(constant_list[0]); i++)
		if (token_is(token, constant_list[i].name)) {
			*value = constant_list[i].value;
			known = true;
		}
	if (!known)
		return kernel_filter_wrong(parser, token, "a number is expected here");
	parser->pos++;
	return 0;
}

static int read_access(struct parser *parser, struct operand *operand)
{
	const struct token *inner;
	int err;

	operand->header = *peek(parser);
	operand->size = 1;
	operand->mask = UINT32_MAX;
	parser->pos += 2;
	inner = peek(parser);
	err = read_constant(parser, &operand->offset);
	if (err && inner->kind == TOKEN_WORD && find_header(inner))
		return kernel_filter_refuse(parser, inner, "the offset must be a number");
	if (!err && take(parser, ":")) {
		inner = peek(parser);
		err = read_constant(parser, &operand->size);
		if (!err && operand->size != 1 && operand->size != 2 && operand->size != 4)
			return kernel_filter_wrong(parser, inner, "1, 2 or 4 bytes can be read");
	}
	if (!err && is_arithmetic(peek(parser)))
		return kernel_filter_refuse(parser, peek(parser), "the offset must be a number");
	if (!err && !take(parser, "]"))
		err = kernel_filter_wrong(parser, peek(parser), "']' is expected here");
	return err;
}

static int read_sum(struct parser *parser, struct operand *operand);

static int read_operand(struct parser *parser, struct operand *operand)
{
	int err;

	*operand = (struct operand){ .mask = UINT32_MAX };
	if (take(parser, "(")) {
		if (++parser->depth > 64)
			return kernel_filter_refuse(parser, peek(parser), "nested too deeply");
		err = read_sum(parser, operand);
		if (!err && !take(parser, ")"))
			err = kernel_filter_wrong(parser, peek(parser), "')' is expected here");
		parser->depth--;
		return err;
	}
	if (token_is(peek(parser), "len")) {
		operand->header = *peek(parser);
		parser->pos++;
		return 0;
	}
	if (token_is(peek(parser) + 1, "["))
		return read_access(parser, operand);
	return read_constant(parser, &operand->constant);
}

/* What event filters can say with an operator: a mask, and all that two numbers give. */
static int combine(struct parser *parser, const struct token *sign, struct operand *left,
		   const struct operand *right)
{
	const struct operand *bytes = left->header.length ? left : right;
	const struct operand *number = left->header.length ? right : left;
	struct operand result = *bytes;

	if (!bytes->header.length && token_is(sign, "&")) {
		left->constant &= right->constant;
	} else if (!bytes->header.length && token_is(sign, "|")) {
		left->constant |= right->constant;
	} else if (!bytes->header.length && token_is(sign, "+")) {
		left->constant += right->constant;
	} else if (token_is(sign, "&") && !number->header.length &&
		   !token_is(&bytes->header, "len")) {
		result.mask &= number->constant;
		result.is_masked = true;
		*left = result;
	} else {
		return kernel_filter_refuse(parser, sign, "event filters cannot compute '%.*s'",
					    (int)sign->length, sign->at);
	}
	return 0;
}

static int read_sum(struct parser *parser, struct operand *operand)
{
	const struct token *sign, *before = NULL;
	struct operand right;
	int err = read_operand(parser, operand);

	for (; !err && is_arithmetic(peek(parser)); before = sign) {
		sign = peek(parser);
		/* Different operators bind differently: parentheses save us from knowing how. */
		if (before && !token_is(sign, token_is(before, "&") ? "&" :
					token_is(before, "|") ? "|" : "+"))
			return kernel_filter_refuse(parser, sign,
						    "put parentheses around what is before it");
		parser->pos++;
		err = read_operand(parser, &right);
		if (!err)
			err = combine(parser, sign, operand, &right);
	}
	return err;
}

/* ---- relations */

enum comparison { EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL };

static enum comparison comparison_of(const struct token *token)
{
	if (token_is(token, "!="))
		return NOT_EQUAL;
	if (token_is(token, "<"))
		return LESS;
	if (token_is(token, "<="))
		return LESS_EQUAL;
	if (token_is(token, ">"))
		return GREATER;
	return token_is(token, ">=") ? GREATER_EQUAL : EQUAL;
}

static enum comparison mirrored(enum comparison comparison)
{
	static const enum comparison mirror[] = {
		[EQUAL] = EQUAL, [NOT_EQUAL] = NOT_EQUAL, [LESS] = GREATER,
		[LESS_EQUAL] = GREATER_EQUAL, [GREATER] = LESS, [GREATER_EQUAL] = LESS_EQUAL,
	};

	return mirror[comparison];
}

struct relation {
	struct operand operand;
	enum comparison comparison;
	uint32_t value;
};

/* @strictly: >, else >=; of bytes with a mask bit by bit, else byte by byte. */
static formula_id greater(struct parser *parser, const struct relation *relation,
			  struct bytes bytes, bool strictly)
{
	uint32_t value = relation->value;

	if (strictly && value == UINT32_MAX)
		return formula_not(parser, formula_true(parser));
	if (!relation->operand.is_masked)
		return formula_at_least(parser, bytes, value + strictly);
	if (!strictly && !value)
		return formula_true(parser);
	return formula_masked_greater(parser, bytes, relation->operand.mask, value - !strictly);
}

static formula_id compare(struct parser *parser, const struct relation *relation,
			  struct bytes bytes)
{
	formula_id equal;

	switch (relation->comparison) {
	case GREATER:
		return greater(parser, relation, bytes, true);
	case GREATER_EQUAL:
		return greater(parser, relation, bytes, false);
	case LESS:
		return formula_not(parser, greater(parser, relation, bytes, false));
	case LESS_EQUAL:
		return formula_not(parser, greater(parser, relation, bytes, true));
	default:
		equal = formula_masked_equal(parser, bytes, relation->operand.mask,
					     relation->value);
		return relation->comparison == EQUAL ? equal : formula_not(parser, equal);
	}
}

static formula_id compare_behind_ip(struct parser *parser, const struct relation *relation,
				    uint32_t proto)
{
	struct bytes bytes = { BASE_TRANSPORT, (int32_t)relation->operand.offset,
			       (uint8_t)relation->operand.size, 0 };
	struct bytes protocol = { BASE_NETWORK, 9, 1, 0 };
	struct cases cases = { .key = KEY_HEADER | proto };

	formula_behind_ip(parser, &cases, formula_equal(parser, protocol, proto));
	return formula_cases(parser, &cases, compare(parser, relation, bytes), 0);
}

static formula_id compare_length(struct parser *parser, const struct relation *relation)
{
	formula_id result;

	switch (relation->comparison) {
	case GREATER:
		return formula_length(parser, TEST_GREATER, relation->value);
	case LESS_EQUAL:
		result = formula_length(parser, TEST_GREATER, relation->value);
		break;
	case GREATER_EQUAL:
		return formula_length(parser, TEST_GREATER_EQUAL, relation->value);
	case LESS:
		result = formula_length(parser, TEST_GREATER_EQUAL, relation->value);
		break;
	case EQUAL:
		return formula_length(parser, TEST_EQUAL, relation->value);
	default:
		result = formula_length(parser, TEST_EQUAL, relation->value);
	}
	return formula_not(parser, result);
}

static formula_id in_header(struct parser *parser, const struct relation *relation,
			    const struct header *header)
{
	struct bytes bytes = { BASE_NETWORK, (int32_t)relation->operand.offset,
			       (uint8_t)relation->operand.size, 0 };
	struct bytes next_header = { BASE_NETWORK, 6, 1, 0 };
	formula_id is_it;

	switch (header->network) {
	case PROTO_ETHER:
		bytes.base = BASE_ETHER;
		return compare(parser, relation, bytes);
	case PROTO_IP6:
		is_it = formula_ip6(parser);
		if (header->proto) {
			is_it = formula_and(parser, is_it, formula_equal(parser, next_header,
									 header->proto));
			bytes.offset += IPV6_SIZE;
		}
		break;
	case PROTO_IP:
		if (header->proto)
			return compare_behind_ip(parser, relation, header->proto);
		is_it = formula_ip(parser);
		break;
	default:
		is_it = formula_plain(parser, FORMULA_ETHERTYPE, header->network == PROTO_ARP ?
				      ETHERTYPE_ARP : ETHERTYPE_RARP);
	}
	return formula_and(parser, is_it, compare(parser, relation, bytes));
}

static int check_operand(struct parser *parser, const struct operand *operand,
			 const struct header *header)
{
	const struct token *token = &operand->header;

	if (!header)
		return kernel_filter_refuse(parser, token, "event filters cannot read '%.*s[]'",
					    (int)token->length, token->at);
	if (operand->offset > 1024)
		return kernel_filter_refuse(parser, token, "only the first 1024 bytes can be read");
	if (header->network == PROTO_ETHER && operand->offset + operand->size > 12)
		return kernel_filter_refuse(parser, token, "only the addresses of the Ethernet "
					    "header can be read: write 'ether proto' or 'vlan'");
	return 0;
}

int kernel_filter_relation(struct parser *parser, formula_id *out)
{
	struct relation relation;
	struct operand other;
	const struct token *sign;
	int err;

	parser->made_from = *peek(parser);
	err = read_sum(parser, &relation.operand);
	sign = peek(parser);
	if (!err && !is_comparison(sign))
		err = kernel_filter_wrong(parser, sign, "a comparison is expected here");
	if (err)
		return err;
	parser->pos++;
	err = read_sum(parser, &other);
	if (err)
		return err;
	if (!relation.operand.header.length == !other.header.length)
		return kernel_filter_refuse(parser, sign, "event filters compare bytes of a packet "
					    "with a number only");
	relation.comparison = comparison_of(sign);
	relation.value = other.constant;
	if (other.header.length) {
		relation.value = relation.operand.constant;
		relation.operand = other;
		relation.comparison = mirrored(relation.comparison);
	}
	if (token_is(&relation.operand.header, "len")) {
		*out = compare_length(parser, &relation);
		return 0;
	}
	err = check_operand(parser, &relation.operand, find_header(&relation.operand.header));
	if (!err)
		*out = in_header(parser, &relation, find_header(&relation.operand.header));
	return err;
}
