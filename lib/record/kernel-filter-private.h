/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kernel-filter-private.h - what the parts of the packet filter's compiler share
 *
 *	expression -> tokens (lex) -> formula (parse, id, relation, formula) -> text (emit)
 *
 * A formula is a tree of tests that do not know yet where in an event the packet's bytes are.
 */
#ifndef KERNEL_FILTER_PRIVATE_H
#define KERNEL_FILTER_PRIVATE_H

#include <stdint.h>

#include "kernel-filter.h"

/* ---- tokens */

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,		/* keyword, name, number or address */
	TOKEN_SIGN,		/* anything else: ( ) [ ] : / ! & | && || < <= > >= = == != + - * */
};

/* @at: where it begins in the expression. */
struct token {
	const char *at;
	uint32_t length;
	enum token_kind kind;
};

/* ---- formulas */

enum formula_kind {
	FORMULA_AND,
	FORMULA_OR,
	FORMULA_NOT,
	FORMULA_CASES,		/* left if the first condition holds, right if the second does */
	FORMULA_TEST,		/* of bytes, see enum test_base and enum test_op */
	FORMULA_ETHERTYPE,	/* what follows the link header, or the tag, is @value */
	FORMULA_HARDWARE_TAG,	/* a VLAN tag is beside the packet, in the skb */
	FORMULA_IN_BAND_TAG,	/* a VLAN tag is inside, and none beside the packet */
	FORMULA_LENGTH,		/* of the frame */
	FORMULA_DEVICE,		/* its name is @word */
	FORMULA_SENT,		/* it goes out */
};

enum test_base {
	BASE_NETWORK,		/* offset from the network header */
	BASE_TRANSPORT,		/* from the header behind it */
	BASE_TAG,		/* from where the network header would be without an in-band tag */
	BASE_ETHER,		/* from the link header */
	BASE_TCI,		/* the tag control information of the tag beside the packet */
};

enum test_op { TEST_EQUAL, TEST_GREATER, TEST_GREATER_EQUAL, TEST_ANY_BIT };

/* Index of a node; the error sticks in the filter, so that a run of them is checked once. */
typedef uint32_t formula_id;

/**
 * struct cases - two kinds of packets, never both, that are asked for different things
 * @key: equal where both conditions are, never 0
 * @condition: the second is 0 when there is only one kind
 * @first_size: of the first kind the transport header is behind IPv4: @first_size is a test that it
 *		has 20 bytes, and the ten nodes behind are tests for 24 to 60
 *
 * Two formulas with the same conditions are joined to one, so that a list of ports takes little
 * more text than a single one.
 */
struct cases {
	uint32_t key;
	formula_id condition[2];
	formula_id first_size;
};

/**
 * struct formula - a node
 * @behind_tag: "vlan" came before: the packet is behind the tag.  True of a node when true of all
 *		tests below.
 * @size: of the tested bytes: 1, 2 or 4
 * @end: offset of the first byte that the packet need not have
 * @value: as a number, whatever the byte order
 * @left, @right: indices; FORMULA_NOT has only @left
 * @cases: of FORMULA_CASES
 * @at: what it was made from, for messages
 */
struct formula {
	enum formula_kind kind;
	enum test_base base;
	enum test_op op;
	bool behind_tag;
	uint8_t size;
	int32_t offset;
	int32_t end;
	uint32_t value;
	formula_id left;
	formula_id right;
	struct cases cases;
	struct token at;
	struct token word;
};

/**
 * struct kernel_filter - a compiled expression
 * @expr: own copy, into which all tokens point
 * @err: -ENOMEM once memory ran out
 */
struct kernel_filter {
	char *expr;
	struct formula *node;
	uint32_t nr_node;
	uint32_t cap_node;
	formula_id root;
	int err;
};

/* ---- parsing */

enum qualifier_proto {
	PROTO_NONE, PROTO_ETHER, PROTO_IP, PROTO_IP6, PROTO_ARP, PROTO_RARP, PROTO_TCP, PROTO_UDP,
	PROTO_SCTP,
};
enum qualifier_direction { DIR_NONE, DIR_SRC, DIR_DST, DIR_OR, DIR_AND };
enum qualifier_type { TYPE_NONE, TYPE_HOST, TYPE_NET, TYPE_PORT, TYPE_PORTRANGE, TYPE_PROTO };

/**
 * struct qualifier - what stands before an identifier
 * @is_set: an identifier may follow; not so at the start and behind a keyword alone
 */
struct qualifier {
	bool is_set;
	enum qualifier_proto proto;
	enum qualifier_direction direction;
	enum qualifier_type type;
	struct token proto_token;
};

/**
 * struct parser - where parsing is
 * @qualifier: of the last identifier, inherited by one that has none
 * @made_from: token of the primitive being parsed
 * @behind_tag: "vlan" was seen
 * @depth: of nesting
 */
struct parser {
	struct kernel_filter *filter;
	struct trail_error *error;
	struct token *token;
	uint32_t nr_token;
	uint32_t pos;
	struct qualifier qualifier;
	struct token made_from;
	bool behind_tag;
	unsigned int depth;
};

/* Cuts the expression in tokens, an END behind them.  Return: 0 or -errno with the error filled. */
int kernel_filter_lex(struct parser *parser);
bool token_is(const struct token *token, const char *text);
/* An unsigned number as C writes them.  False: it is none, or does not fit. */
bool token_number(const struct token *token, uint32_t *value);
/* Copy of a word for functions that want a string; false when it is longer than any name. */
bool token_copy(const struct token *token, char *text, size_t size);

/* Against the language.  Return: -EINVAL. */
int kernel_filter_wrong(struct parser *parser, const struct token *token, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* In the language, but beyond what event filters can say.  Return: -EINVAL. */
int kernel_filter_refuse(struct parser *parser, const struct token *token, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The identifier at the parser's position, under @qualifier. */
int kernel_filter_id(struct parser *parser, const struct qualifier *qualifier, formula_id *out);
/* Does an arithmetic relation begin here: tcp[13] & 2 != 0 */
bool kernel_filter_at_relation(const struct parser *parser);
int kernel_filter_relation(struct parser *parser, formula_id *out);

/* ---- making formulas */

formula_id formula_and(struct parser *parser, formula_id left, formula_id right);
formula_id formula_or(struct parser *parser, formula_id left, formula_id right);
formula_id formula_not(struct parser *parser, formula_id inner);
formula_id formula_true(struct parser *parser);
formula_id formula_plain(struct parser *parser, enum formula_kind kind, uint32_t value);
formula_id formula_device(struct parser *parser, const struct token *name);

/*
 * Bytes of a header, as a number in network byte order.  @end: of the number that they are a part
 * of, which libpcap reads as a whole; 0 when they are all of it.
 */
struct bytes {
	enum test_base base;
	int32_t offset;
	uint8_t size;
	int32_t end;
};

formula_id formula_equal(struct parser *parser, struct bytes bytes, uint32_t value);
formula_id formula_any_bit(struct parser *parser, struct bytes bytes, uint32_t mask);
/* (bytes & mask) == value, > value, >= value */
formula_id formula_masked_equal(struct parser *parser, struct bytes bytes, uint32_t mask,
				uint32_t value);
formula_id formula_masked_greater(struct parser *parser, struct bytes bytes, uint32_t mask,
				  uint32_t value);
formula_id formula_at_least(struct parser *parser, struct bytes bytes, uint32_t value);
/* The frame's length; TEST_EQUAL, TEST_GREATER or TEST_GREATER_EQUAL. */
formula_id formula_length(struct parser *parser, enum test_op op, uint32_t value);

formula_id formula_ip(struct parser *parser);
formula_id formula_ip6(struct parser *parser);
formula_id formula_ip_proto(struct parser *parser, uint32_t proto);
formula_id formula_ip6_proto(struct parser *parser, uint32_t proto);
/* A VLAN tag, wherever it is kept; @id < 0: any. */
formula_id formula_tag(struct parser *parser, int32_t id);

/* Of struct cases, with a protocol in the low byte. */
enum cases_key { KEY_HOST = 0x100, KEY_PORT = 0x200, KEY_HEADER = 0x300 };

/* @first of packets of the first kind, @second of those of the second. */
formula_id formula_cases(struct parser *parser, const struct cases *cases, formula_id first,
			 formula_id second);
/* Fills the first kind: IPv4 of which @proto holds, with a transport header: no later fragment. */
void formula_behind_ip(struct parser *parser, struct cases *cases, formula_id proto);

#define ETHERTYPE_IPV4	0x0800
#define ETHERTYPE_ARP	0x0806
#define ETHERTYPE_RARP	0x8035
#define ETHERTYPE_IPV6	0x86dd
#define IPV6_SIZE	40
#define NR_IPV4_SIZE	11

/* ---- emitting */

/* Longest filter: a page of tracefs with its NUL. */
#define FILTER_TEXT_SIZE	4096
/* kernel/trace/trace_probe.h: MAX_TRACE_ARGS is 128; header events have up to 24 of their own. */
#define FILTER_MAX_ARGS		104
/* kernel/trace/trace.c: a definition has less than 4094 bytes, of which they take so much less. */
#define FILTER_ARGS_SIZE	2900

#endif /* KERNEL_FILTER_PRIVATE_H */
