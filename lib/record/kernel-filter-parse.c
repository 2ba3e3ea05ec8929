// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kernel-filter-parse.c - the grammar of pcap-filter(7)
 *
 * libpcap compiles the language, but hands out only the program for its own machine, which has
 * arithmetic and jumps that event filters have not: so it is parsed here.  "and" and "or" bind
 * equally and to the left, and an identifier without a qualifier inherits that of the last one.
 * "vlan" moves everything that comes later in the text behind the tag; that is taken only where it
 * says what it looks like, namely where the tag must be there for the rest to matter.
 */
#include <errno.h>
#include <stdlib.h>

#include "kernel-filter-private.h"

#define MAX_DEPTH	64
#define MAX_DEVICE	15

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

static bool take_either(struct parser *parser, const char *text, const char *other)
{
	return take(parser, text) || take(parser, other);
}

static int unexpected(struct parser *parser)
{
	const struct token *token = peek(parser);

	if (token->kind == TOKEN_END)
		return kernel_filter_wrong(parser, token, "the filter ends too early");
	return kernel_filter_wrong(parser, token, "syntax error at '%.*s'", (int)token->length,
				   token->at);
}

/* ---- qualifiers */

static const struct {
	const char *name;
	enum qualifier_proto proto;
} proto_word[] = {
	{ "ether", PROTO_ETHER }, { "link", PROTO_ETHER }, { "ip", PROTO_IP },
	{ "ip6", PROTO_IP6 }, { "arp", PROTO_ARP }, { "rarp", PROTO_RARP }, { "tcp", PROTO_TCP },
	{ "udp", PROTO_UDP }, { "sctp", PROTO_SCTP },
};

static const struct {
	const char *name;
	enum qualifier_type type;
} type_word[] = {
	{ "host", TYPE_HOST }, { "net", TYPE_NET }, { "port", TYPE_PORT },
	{ "portrange", TYPE_PORTRANGE }, { "proto", TYPE_PROTO },
};

static void read_proto(struct parser *parser, struct qualifier *qualifier)
{
	for (size_t i = 0; i < sizeof(proto_word) / sizeof(proto_word[0]); i++)
		if (take(parser, proto_word[i].name)) {
			qualifier->proto = proto_word[i].proto;
			qualifier->proto_token = *(peek(parser) - 1);
			return;
		}
}

static void read_direction(struct parser *parser, struct qualifier *qualifier)
{
	const struct token *token = peek(parser);
	bool source = token_is(token, "src");
	const char *other = source ? "dst" : "src";

	if (!source && !token_is(token, "dst"))
		return;
	qualifier->direction = source ? DIR_SRC : DIR_DST;
	parser->pos++;
	if (peek(parser)->kind == TOKEN_END || !token_is(peek(parser) + 1, other))
		return;
	if (take_either(parser, "or", "||"))
		qualifier->direction = DIR_OR;
	else if (take_either(parser, "and", "&&"))
		qualifier->direction = DIR_AND;
	else
		return;
	parser->pos++;
}

static void read_type(struct parser *parser, struct qualifier *qualifier)
{
	for (size_t i = 0; i < sizeof(type_word) / sizeof(type_word[0]); i++)
		if (take(parser, type_word[i].name)) {
			qualifier->type = type_word[i].type;
			return;
		}
}

/* ---- keywords that stand alone */

static formula_id ip_or_ip6(struct parser *parser, uint32_t proto)
{
	return formula_or(parser, formula_ip_proto(parser, proto),
			  formula_ip6_proto(parser, proto));
}

static formula_id proto_alone(struct parser *parser, enum qualifier_proto proto)
{
	static const uint32_t ethertype[] = {
		[PROTO_IP] = ETHERTYPE_IPV4, [PROTO_IP6] = ETHERTYPE_IPV6,
		[PROTO_ARP] = ETHERTYPE_ARP, [PROTO_RARP] = ETHERTYPE_RARP,
	};

	switch (proto) {
	case PROTO_TCP:
		return ip_or_ip6(parser, 6);
	case PROTO_UDP:
		return ip_or_ip6(parser, 17);
	case PROTO_SCTP:
		return ip_or_ip6(parser, 132);
	default:
		return formula_plain(parser, FORMULA_ETHERTYPE, ethertype[proto]);
	}
}

enum family { FAMILY_IP = 1, FAMILY_IP6 = 2, FAMILY_BOTH = 3 };

static bool protocol_word(struct parser *parser, formula_id *out)
{
	static const struct {
		const char *name;
		uint8_t number;
		enum family family;
	} known[] = {
		{ "icmp", 1, FAMILY_IP }, { "igmp", 2, FAMILY_IP }, { "igrp", 9, FAMILY_IP },
		{ "vrrp", 112, FAMILY_IP }, { "carp", 112, FAMILY_IP }, { "pim", 103, FAMILY_BOTH },
		{ "esp", 50, FAMILY_BOTH }, { "ah", 51, FAMILY_BOTH }, { "icmp6", 58, FAMILY_IP6 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!take(parser, known[i].name))
			continue;
		*out = known[i].family == FAMILY_BOTH ? ip_or_ip6(parser, known[i].number) :
		       known[i].family == FAMILY_IP ? formula_ip_proto(parser, known[i].number) :
		       formula_ip6_proto(parser, known[i].number);
		return true;
	}
	return false;
}

static int cast(struct parser *parser, const struct qualifier *qualifier, formula_id *out)
{
	bool broadcast = token_is(peek(parser), "broadcast");
	const struct token *token = peek(parser);
	struct bytes high = { BASE_ETHER, 0, 2, 0 }, low = { BASE_ETHER, 2, 4, 0 };
	struct bytes first = { BASE_ETHER, 0, 1, 0 };

	parser->pos++;
	if (qualifier->proto == PROTO_NONE || qualifier->proto == PROTO_ETHER) {
		*out = broadcast ? formula_and(parser, formula_equal(parser, high, UINT16_MAX),
					       formula_equal(parser, low, UINT32_MAX))
				 : formula_any_bit(parser, first, 1);
		return 0;
	}
	if (broadcast)
		return kernel_filter_refuse(parser, token, "the device's netmask is not known to "
					    "event filters");
	first = (struct bytes){ BASE_NETWORK, qualifier->proto == PROTO_IP ? 16 : 24, 1, 0 };
	if (qualifier->proto == PROTO_IP)
		*out = formula_and(parser, formula_ip(parser),
				   formula_at_least(parser, first, 224));
	else if (qualifier->proto == PROTO_IP6)
		*out = formula_and(parser, formula_ip6(parser), formula_equal(parser, first, 255));
	else
		return kernel_filter_wrong(parser, token, "'multicast' follows ether, ip or ip6");
	return 0;
}

static int vlan(struct parser *parser, formula_id *out)
{
	const struct token *token = peek(parser) - 1;
	uint32_t id;

	if (parser->behind_tag)
		return kernel_filter_refuse(parser, token, "a second 'vlan' means a tag behind the "
					    "first one");
	*out = formula_tag(parser, -1);
	if (token_number(peek(parser), &id)) {
		if (id > 4095)
			return kernel_filter_wrong(parser, peek(parser), "VLANs go up to 4095");
		*out = formula_tag(parser, (int32_t)id);
		parser->pos++;
	}
	parser->behind_tag = true;
	return 0;
}

static int device(struct parser *parser, formula_id *out)
{
	const struct token *token = peek(parser);

	if (token->kind != TOKEN_WORD || token->length > MAX_DEVICE ||
	    memchr(token->at, '\\', token->length) || memchr(token->at, ':', token->length))
		return kernel_filter_wrong(parser, token, "the name of a device is expected here");
	parser->pos++;
	*out = formula_device(parser, token);
	return 0;
}

static int less_greater(struct parser *parser, formula_id *out)
{
	bool less = token_is(peek(parser) - 1, "less");
	uint32_t value;

	if (!token_number(peek(parser), &value))
		return kernel_filter_wrong(parser, peek(parser), "a number is expected here");
	parser->pos++;
	*out = formula_length(parser, less ? TEST_GREATER : TEST_GREATER_EQUAL, value);
	if (less)
		*out = formula_not(parser, *out);
	return 0;
}

/* Words of the language that have no meaning for events. */
static bool is_beyond(const struct token *token)
{
	static const char *const word[] = {
		"gateway", "protochain", "byte", "mpls", "pppoed", "pppoes", "geneve", "vxlan",
		"llc", "iso", "clnp", "esis", "isis", "stp", "ipx", "netbeui", "decnet", "atalk",
		"aarp", "lat", "moprc", "mopdl", "lane", "wlan", "type", "subtype", "dir", "addr1",
		"addr2", "addr3", "addr4", "ra", "ta", "rnr", "rulenum", "reason", "rset",
		"ruleset", "srnr", "subrulenum", "action", "fddi", "tr", "slip", "ppp", "radio",
		NULL
	};
	size_t i = 0;

	while (word[i] && !token_is(token, word[i]))
		i++;
	return word[i] != NULL;
}

/* Return: 1 when it was none of them. */
static int keyword(struct parser *parser, formula_id *out)
{
	const struct token *token = peek(parser);

	parser->made_from = *token;
	if (protocol_word(parser, out))
		return 0;
	if (take(parser, "vlan"))
		return vlan(parser, out);
	if (take_either(parser, "ifname", "on"))
		return device(parser, out);
	if (take_either(parser, "less", "greater"))
		return less_greater(parser, out);
	if (take_either(parser, "inbound", "outbound")) {
		*out = formula_plain(parser, FORMULA_SENT, 0);
		if (token_is(token, "inbound"))
			*out = formula_not(parser, *out);
		return 0;
	}
	if (is_beyond(token))
		return kernel_filter_refuse(parser, token,
					    "'%.*s' cannot be expressed by event filters",
					    (int)token->length, token->at);
	return 1;
}

/* ---- expressions */

static int expression(struct parser *parser, bool only_ids, formula_id *out);

static int parenthesis(struct parser *parser, bool only_ids, formula_id *out)
{
	struct qualifier before = parser->qualifier;
	int err;

	if (++parser->depth > MAX_DEPTH)
		return kernel_filter_refuse(parser, peek(parser), "nested too deeply");
	err = expression(parser, only_ids, out);
	if (!err && !take(parser, ")"))
		err = kernel_filter_wrong(parser, peek(parser), "')' is expected here");
	parser->qualifier = before;
	parser->depth--;
	return err;
}

/* An identifier, or several in parentheses, under the qualifier that is in force. */
static int identifier(struct parser *parser, formula_id *out)
{
	if (take(parser, "("))
		return parenthesis(parser, true, out);
	if (!parser->qualifier.is_set || peek(parser)->kind != TOKEN_WORD)
		return unexpected(parser);
	return kernel_filter_id(parser, &parser->qualifier, out);
}

static int primary(struct parser *parser, formula_id *out)
{
	struct qualifier qualifier = { .is_set = true };
	uint32_t start = parser->pos;
	const struct token *token = peek(parser);
	int err;

	if (kernel_filter_at_relation(parser)) {
		parser->qualifier.is_set = false;
		return kernel_filter_relation(parser, out);
	}
	if (take(parser, "("))
		return parenthesis(parser, false, out);
	parser->made_from = *token;
	read_proto(parser, &qualifier);
	if (token_is(peek(parser), "broadcast") || token_is(peek(parser), "multicast")) {
		parser->qualifier.is_set = false;
		return cast(parser, &qualifier, out);
	}
	read_direction(parser, &qualifier);
	read_type(parser, &qualifier);
	if (qualifier.proto != PROTO_NONE && parser->pos == start + 1) {
		parser->qualifier.is_set = false;
		if (is_beyond(peek(parser)))
			return keyword(parser, out);
		if (qualifier.proto == PROTO_ETHER)
			return unexpected(parser);
		*out = proto_alone(parser, qualifier.proto);
		return 0;
	}
	if (parser->pos != start) {
		if (is_beyond(peek(parser)))
			return keyword(parser, out);
		parser->qualifier = qualifier;
		return identifier(parser, out);
	}
	err = keyword(parser, out);
	if (err <= 0) {
		parser->qualifier.is_set = false;
		return err;
	}
	return identifier(parser, out);
}

static int negation(struct parser *parser, bool only_ids, formula_id *out)
{
	bool negate = false;
	int err;

	while (take_either(parser, "not", "!"))
		negate = !negate;
	err = only_ids ? identifier(parser, out) : primary(parser, out);
	if (!err && negate)
		*out = formula_not(parser, *out);
	return err;
}

static int expression(struct parser *parser, bool only_ids, formula_id *out)
{
	formula_id right;
	bool both;
	int err = negation(parser, only_ids, out);

	while (!err) {
		both = take_either(parser, "and", "&&");
		if (!both && !take_either(parser, "or", "||"))
			return 0;
		err = negation(parser, only_ids, &right);
		if (!err)
			*out = both ? formula_and(parser, *out, right)
				    : formula_or(parser, *out, right);
	}
	return err;
}

/* ---- what is behind a tag */

/* Is the tag there whenever the formula is true? */
static bool implies_tag(const struct kernel_filter *filter, formula_id id)
{
	const struct formula *node = &filter->node[id];

	switch (node->kind) {
	case FORMULA_HARDWARE_TAG:
	case FORMULA_IN_BAND_TAG:
		return true;
	case FORMULA_AND:
		return implies_tag(filter, node->left) || implies_tag(filter, node->right);
	case FORMULA_OR:
		return implies_tag(filter, node->left) && implies_tag(filter, node->right);
	default:
		return false;
	}
}

static int check_tags(struct parser *parser, formula_id id, bool tagged)
{
	const struct formula *node = &parser->filter->node[id];
	int err;

	if (tagged)
		return 0;
	switch (node->kind) {
	case FORMULA_AND:
	case FORMULA_OR:
		err = check_tags(parser, node->left, false);
		if (err)
			return err;
		return check_tags(parser, node->right, node->kind == FORMULA_AND &&
				  implies_tag(parser->filter, node->left));
	case FORMULA_NOT:
		return check_tags(parser, node->left, false);
	default:
		if (!node->behind_tag)
			return 0;
		return kernel_filter_refuse(parser, &node->at, "after 'vlan' this looks behind the "
					    "tag, and is not joined to it by 'and': put it before");
	}
}

/* ---- the whole */

void kernel_filter_free(struct kernel_filter *filter)
{
	if (!filter)
		return;
	free(filter->expr);
	free(filter->node);
	free(filter);
}

static int parse(struct parser *parser)
{
	struct kernel_filter *filter = parser->filter;
	int err = kernel_filter_lex(parser);

	if (err)
		return err;
	/* Index 0 stays unused, so that it can stand for none. */
	formula_true(parser);
	err = expression(parser, false, &filter->root);
	if (!err && filter->err)
		err = filter->err;
	if (!err && peek(parser)->kind != TOKEN_END)
		err = unexpected(parser);
	return err ? err : check_tags(parser, filter->root, false);
}

/* In the layout that needs more: what the kernel takes for it. */
static int check_size(struct parser *parser, const struct packet_layout *layout)
{
	struct token all = { parser->filter->expr, 1, TOKEN_WORD };
	struct blob text = { 0 }, args = { 0 };
	int nr_args = kernel_filter_args(parser->filter, layout, &args);
	int err = kernel_filter_text(parser->filter, layout, &text);

	if (nr_args == -E2BIG || nr_args > FILTER_MAX_ARGS || args.size > FILTER_ARGS_SIZE)
		err = kernel_filter_refuse(parser, &all, "it looks at more bytes of a packet than "
					   "the kernel takes: %d fields", FILTER_MAX_ARGS);
	else if (nr_args < 0)
		err = nr_args;
	else if (!err && text.size >= FILTER_TEXT_SIZE)
		err = kernel_filter_refuse(parser, &all, "it makes an event filter of %zu bytes, "
					   "and the kernel takes %d", text.size,
					   FILTER_TEXT_SIZE - 1);
	blob_release(&text);
	blob_release(&args);
	return err;
}

static int check_sizes(struct parser *parser)
{
	static const struct packet_layout rx = { "+208($arg2)", "+40($arg2)", false, true };
	static const struct packet_layout tx = { "+208($skbaddr)", NULL, true, true };
	int err = check_size(parser, &rx);

	return err ? err : check_size(parser, &tx);
}

int kernel_filter_new(const char *expr, struct kernel_filter **out, struct trail_error *error)
{
	struct kernel_filter *filter = calloc(1, sizeof(*filter));
	struct parser parser = { .filter = filter, .error = error };
	int err = -ENOMEM;

	*error = (struct trail_error){ .text = "" };
	if (!filter)
		return err;
	filter->expr = strdup(expr);
	if (filter->expr) {
		err = parse(&parser);
		if (!err)
			err = check_sizes(&parser);
	}
	free(parser.token);
	if (err)
		kernel_filter_free(filter);
	else
		*out = filter;
	return err;
}
