// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * packet-filter.c - pcap-filter(7) on the recorded bytes of packets
 *
 * libpcap compiles for one link layer, so there are two programs: for packets from their Ethernet
 * header on, and for those that begin with IP.  What asks for an Ethernet header is false for the
 * latter.
 */
#include <ctype.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>

#include "packet-filter.h"

#define SNAP_BYTES	65535
/* Where the place of "no packet can" is looked for word by word. */
#define MAX_WORDS	200
#define PREFIX		"can't parse filter expression: "

struct trail_packet_filter {
	struct bpf_program ethernet;
	struct bpf_program ip;
	bool has_ethernet;
	bool has_ip;
};

struct compiler {
	pcap_t *pcap;
	struct bpf_program program;
};

/* Return: 1 it is in @compiler->program, 0 libpcap does not take it, -ENOMEM. */
static int compile(struct compiler *compiler, int link, const char *expr, bool optimize)
{
	int err;

	compiler->pcap = pcap_open_dead(link, SNAP_BYTES);
	if (!compiler->pcap)
		return -ENOMEM;
	err = pcap_compile(compiler->pcap, &compiler->program, expr, optimize,
			   PCAP_NETMASK_UNKNOWN);
	return !err;
}

/* What was put together to be tried must not be looked up either. */
static bool compiles(void *data, const char *expr)
{
	struct compiler compiler = { NULL };
	struct trail_error ignored;
	bool taken = !filter_check(expr, &ignored) &&
		     compile(&compiler, DLT_EN10MB, expr, false) > 0;

	if (taken)
		pcap_freecode(&compiler.program);
	if (compiler.pcap)
		pcap_close(compiler.pcap);
	return taken;
}

/* Only the optimizer finds out that no packet can match. */
static bool rejects_all(const char *expr)
{
	struct compiler compiler;
	bool taken = compile(&compiler, DLT_EN10MB, expr, true) > 0;

	if (taken)
		pcap_freecode(&compiler.program);
	if (compiler.pcap)
		pcap_close(compiler.pcap);
	return !taken && compiles(NULL, expr);
}

/* The word with which the expression becomes one that no packet meets; @expr is such a one. */
static size_t place_of_rejection(const char *expr)
{
	struct filter_word word = { 0 };
	char *text = strdup(expr);
	size_t place = 0;

	for (size_t i = 0; text && i < MAX_WORDS; i++) {
		if (!filter_next(expr, word.offset + word.len, &word))
			break;
		strcpy(text, expr);
		text[word.offset + word.len] = '\0';
		if (!rejects_all(text))
			continue;
		place = word.offset;
		break;
	}
	free(text);
	return place;
}

/* Is the word in @text, not as a part of a longer one? */
static bool names_word(const char *text, const char *word, size_t len)
{
	for (const char *at = text; *at; at++)
		if (!strncmp(at, word, len) && (at == text || !isalnum((unsigned char)at[-1])) &&
		    !isalnum((unsigned char)at[len]))
			return true;
	return false;
}

/*
 * libpcap's text often has the word that it does not like.  That is a better place than one
 * further on: "port 1 or 70000" could go on as "port 1 or 70000 = 0".
 */
static size_t named_place(const char *expr, const char *why, size_t place)
{
	struct filter_word word = { 0 };
	size_t named = place;

	while (filter_next(expr, word.offset + word.len, &word) && word.offset <= place)
		if (word.kind != FILTER_KEYWORD && word.kind != FILTER_SIGN &&
		    names_word(why, expr + word.offset, word.len))
			named = word.offset;
	return named;
}

/* libpcap's text, and the place that it does not know. */
static int explain(const char *expr, const char *why, struct trail_error *error)
{
	int64_t place;

	if (strstr(why, "rejects all packets"))
		return select_fail(error, place_of_rejection(expr), "no packet can meet this");
	place = filter_place(expr, compiles, NULL);
	if (place < 0)
		return (int)place;
	if (strncmp(why, PREFIX, strlen(PREFIX)))
		return select_fail(error, named_place(expr, why, (size_t)place), "%s", why);
	if (!expr[place])
		return select_fail(error, (size_t)place, "something is missing at the end");
	select_hint(error, "the language is that of pcap-filter(7)");
	return select_fail(error, (size_t)place, "%s", why + strlen(PREFIX));
}

static int compile_ethernet(struct trail_packet_filter *filter, const char *expr,
			    struct trail_error *error)
{
	struct compiler compiler;
	int err = compile(&compiler, DLT_EN10MB, expr, true);

	if (err > 0) {
		filter->ethernet = compiler.program;
		filter->has_ethernet = true;
		err = 0;
	} else if (!err) {
		err = explain(expr, pcap_geterr(compiler.pcap), error);
	}
	if (compiler.pcap)
		pcap_close(compiler.pcap);
	return err;
}

/* Without the optimizer, which makes an error of what is always false. */
static int compile_ip(struct trail_packet_filter *filter, const char *expr)
{
	struct compiler compiler;
	int err = compile(&compiler, DLT_RAW, expr, false);

	if (err > 0) {
		filter->ip = compiler.program;
		filter->has_ip = true;
		err = 0;
	}
	if (compiler.pcap)
		pcap_close(compiler.pcap);
	return err;
}

/**
 * trail_packet_filter_new - compile an expression of pcap-filter(7)
 *
 * Asks no name server: see filter_check().
 */
int trail_packet_filter_new(const char *expr, struct trail_packet_filter **out,
			    struct trail_error *error)
{
	struct trail_packet_filter *filter;
	struct trail_error ignored;
	int err;

	*out = NULL;
	if (!error)
		error = &ignored;
	memset(error, 0, sizeof(*error));
	err = filter_check(expr, error);
	if (err)
		return err;
	filter = calloc(1, sizeof(*filter));
	if (!filter)
		return -ENOMEM;
	err = compile_ethernet(filter, expr, error);
	err = err ? err : compile_ip(filter, expr);
	if (err) {
		trail_packet_filter_free(filter);
		return err;
	}
	*out = filter;
	return 0;
}

/**
 * trail_packet_filter_match - does a packet match, by its recorded bytes?
 *
 * O(length of the program), no allocation.
 */
int trail_packet_filter_match(const struct trail_packet_filter *filter,
			      const struct trail_packet *packet)
{
	const struct trail_header *header = &packet->header;
	struct pcap_pkthdr record = { .caplen = header->nr_bytes, .len = header->wire_len };

	if (!header->bytes || !header->nr_bytes || header->layer == TRAIL_LAYER_UNKNOWN)
		return -ENODATA;
	if (record.len < record.caplen)
		record.len = record.caplen;
	if (header->layer == TRAIL_LAYER_ETHERNET)
		return pcap_offline_filter(&filter->ethernet, &record, header->bytes) != 0;
	return filter->has_ip && pcap_offline_filter(&filter->ip, &record, header->bytes);
}

void trail_packet_filter_free(struct trail_packet_filter *filter)
{
	if (!filter)
		return;
	if (filter->has_ethernet)
		pcap_freecode(&filter->ethernet);
	if (filter->has_ip)
		pcap_freecode(&filter->ip);
	free(filter);
}
