// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * where-field.c - a packet -> the values of its fields
 *
 * What the outputs show as null has no value here.  A field may have several: the CPUs of all
 * spans, both addresses.
 */
#include <inttypes.h>

#include "where.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static int64_t clamp(uint64_t number)
{
	return number > INT64_MAX ? INT64_MAX : (int64_t)number;
}

/* Of a field that has one value, unknown when negative. */
static enum where_found single(size_t i, int64_t number, struct where_value *value)
{
	value->number = number;
	return !i && number >= 0 ? WHERE_VALUE : WHERE_NO_MORE;
}

static enum where_found single_text(size_t i, const char *text, struct where_value *value)
{
	value->text = text;
	return !i && text ? WHERE_VALUE : WHERE_NO_MORE;
}

/* ------------------------------------------------------------------ times and sizes */

static int64_t elapsed(uint64_t start_ns, uint64_t end_ns)
{
	return end_ns > start_ns ? clamp(end_ns - start_ns) : 0;
}

static enum where_found get_latency(const struct trail_packet *packet, unsigned int arg, size_t i,
				    struct where_value *value)
{
	return single(i, elapsed(packet->start_ns, packet->end_ns), value);
}

/* Forwarded packets and those that were requeued pass a stage more than once. */
static enum where_found get_stage(const struct trail_packet *packet, unsigned int id, size_t i,
				  struct where_value *value)
{
	int64_t total = -1, ns;

	for (size_t j = 0; !i && j < packet->nr_span; j++) {
		if (packet->span[j].stage->id != id)
			continue;
		ns = elapsed(packet->span[j].start_ns, packet->span[j].end_ns);
		total = total < 0 ? ns : total > INT64_MAX - ns ? INT64_MAX : total + ns;
	}
	return single(i, total, value);
}

enum part { QUEUE_WAKE, QUEUE_RUNQUEUE, QUEUE_APP, SOFTIRQ_WAKE, SOFTIRQ_RUNQUEUE };

static enum where_found get_part(const struct trail_packet *packet, unsigned int part, size_t i,
				 struct where_value *value)
{
	const int64_t ns[] = {
		[QUEUE_WAKE] = packet->wake_ns,
		[QUEUE_RUNQUEUE] = packet->runqueue_ns,
		[QUEUE_APP] = packet->app_ns,
		[SOFTIRQ_WAKE] = packet->softirq_wake_ns,
		[SOFTIRQ_RUNQUEUE] = packet->softirq_runqueue_ns,
	};

	return single(i, ns[part], value);
}

static enum where_found get_len(const struct trail_packet *packet, unsigned int arg, size_t i,
				struct where_value *value)
{
	return single(i, packet->len, value);
}

static enum where_found get_bytes(const struct trail_packet *packet, unsigned int arg, size_t i,
				  struct where_value *value)
{
	bool unsaid = packet->flags & TRAIL_PACKET_NO_BYTES;

	return single(i, unsaid ? -1 : clamp(packet->bytes_delivered), value);
}

/* ------------------------------------------------------------------ places and tasks */

static enum where_found get_dev(const struct trail_packet *packet, unsigned int arg, size_t i,
				struct where_value *value)
{
	return single_text(i, packet->dev, value);
}

static enum where_found get_ifindex(const struct trail_packet *packet, unsigned int arg, size_t i,
				    struct where_value *value)
{
	return single(i, packet->ifindex ? (int64_t)packet->ifindex : -1, value);
}

static enum where_found get_netns(const struct trail_packet *packet, unsigned int arg, size_t i,
				  struct where_value *value)
{
	return single(i, packet->netns ? clamp(packet->netns) : -1, value);
}

static enum where_found get_cpu(const struct trail_packet *packet, unsigned int arg, size_t i,
				struct where_value *value)
{
	if (i >= packet->nr_span)
		return WHERE_NO_MORE;
	value->number = packet->span[i].cpu;
	return WHERE_VALUE;
}

/* The tasks of the spans, then the reader. */
static enum where_found get_pid(const struct trail_packet *packet, unsigned int arg, size_t i,
				struct where_value *value)
{
	if (i > packet->nr_span)
		return WHERE_NO_MORE;
	value->number = i < packet->nr_span ? packet->span[i].pid : packet->reader_pid;
	return value->number < 0 ? WHERE_UNKNOWN : WHERE_VALUE;
}

static const char *reader_comm(const struct trail_packet *packet)
{
	return packet->reader_pid < 0 ? NULL : packet->reader_comm;
}

static enum where_found get_comm(const struct trail_packet *packet, unsigned int arg, size_t i,
				 struct where_value *value)
{
	if (i > packet->nr_span)
		return WHERE_NO_MORE;
	value->text = i < packet->nr_span ? packet->span[i].comm : reader_comm(packet);
	return value->text && *value->text ? WHERE_VALUE : WHERE_UNKNOWN;
}

static enum where_found get_reader(const struct trail_packet *packet, unsigned int arg, size_t i,
				   struct where_value *value)
{
	return single_text(i, reader_comm(packet), value);
}

/* ------------------------------------------------------------------ drops */

static bool is_dropped(const struct trail_packet *packet)
{
	return packet->flags & TRAIL_PACKET_DROPPED;
}

static enum where_found get_reason(const struct trail_packet *packet, unsigned int arg, size_t i,
				   struct where_value *value)
{
	return single_text(i, is_dropped(packet) ? packet->drop.reason : NULL, value);
}

/* "symbol+0x1a [module]", then the symbol alone. */
static enum where_found get_location(const struct trail_packet *packet, unsigned int arg,
				     size_t i, struct where_value *value)
{
	const struct trail_drop *drop = &packet->drop;

	if (i > 1 || !is_dropped(packet) || (!drop->symbol && (i || !drop->address)))
		return WHERE_NO_MORE;
	value->text = i ? drop->symbol : value->buf;
	if (i)
		return WHERE_VALUE;
	if (drop->symbol)
		snprintf(value->buf, sizeof(value->buf), "%s+0x%" PRIx64 "%s%s%s", drop->symbol,
			 drop->symbol_offset, drop->module ? " [" : "",
			 drop->module ? drop->module : "", drop->module ? "]" : "");
	else
		snprintf(value->buf, sizeof(value->buf), "0x%" PRIx64, drop->address);
	return WHERE_VALUE;
}

/* ------------------------------------------------------------------ headers */

enum end { SOURCE, DESTINATION, EITHER };

static enum where_found get_address(const struct trail_packet *packet, unsigned int end, size_t i,
				    struct where_value *value)
{
	const struct trail_flow *flow = &packet->flow;

	if (!flow->family || i > (end == EITHER))
		return WHERE_NO_MORE;
	value->family = flow->family;
	value->address = end == SOURCE || (end == EITHER && !i) ? flow->saddr : flow->daddr;
	return WHERE_VALUE;
}

/* TCP, UDP, DCCP, SCTP, UDP-Lite */
static bool has_ports(const struct trail_flow *flow)
{
	return flow->family && (flow->protocol == 6 || flow->protocol == 17 ||
				flow->protocol == 33 || flow->protocol == 132 ||
				flow->protocol == 136) && (flow->sport || flow->dport);
}

static enum where_found get_port(const struct trail_packet *packet, unsigned int end, size_t i,
				 struct where_value *value)
{
	const struct trail_flow *flow = &packet->flow;

	if (!has_ports(flow) || i > (end == EITHER))
		return WHERE_NO_MORE;
	value->number = end == SOURCE || (end == EITHER && !i) ? flow->sport : flow->dport;
	return WHERE_VALUE;
}

static enum where_found get_proto(const struct trail_packet *packet, unsigned int arg, size_t i,
				  struct where_value *value)
{
	return single(i, packet->flow.family ? packet->flow.protocol : -1, value);
}

/* Relative to the first one seen, so it may be negative. */
static enum where_found get_seq(const struct trail_packet *packet, unsigned int is_end, size_t i,
				struct where_value *value)
{
	if (i || !(packet->flags & TRAIL_PACKET_SEQ))
		return WHERE_NO_MORE;
	value->number = is_end ? packet->header.seq_end : packet->header.seq_start;
	return WHERE_VALUE;
}

/* A header without a link layer, an IPv4 header or a tag has none of them. */
static enum where_found get_ipid(const struct trail_packet *packet, unsigned int arg, size_t i,
				 struct where_value *value)
{
	return single(i, packet->header.layer ? packet->header.ipid : -1, value);
}

static enum where_found get_vlan(const struct trail_packet *packet, unsigned int arg, size_t i,
				 struct where_value *value)
{
	return single(i, packet->header.layer ? packet->header.vlan : -1, value);
}

/* ------------------------------------------------------------------ conclusions */

static enum where_found get_id(const struct trail_packet *packet, unsigned int arg, size_t i,
			       struct where_value *value)
{
	return single(i, clamp(packet->id), value);
}

static enum where_found get_fate(const struct trail_packet *packet, unsigned int arg, size_t i,
				 struct where_value *value)
{
	return single(i, packet->fate, value);
}

static enum where_found get_class(const struct trail_packet *packet, unsigned int arg, size_t i,
				  struct where_value *value)
{
	return single(i, is_dropped(packet) ? packet->drop.class : -1, value);
}

static enum where_found get_dir(const struct trail_packet *packet, unsigned int arg, size_t i,
				struct where_value *value)
{
	return single(i, packet->dir, value);
}

static enum where_found get_confidence(const struct trail_packet *packet, unsigned int arg,
				       size_t i, struct where_value *value)
{
	return single(i, packet->confidence, value);
}

static enum where_found get_origin(const struct trail_packet *packet, unsigned int arg, size_t i,
				   struct where_value *value)
{
	return single(i, packet->origin == TRAIL_ORIGIN_UNKNOWN ? -1 : packet->origin, value);
}

static const struct trail_poll *poll_of(const struct trail_packet *packet)
{
	return packet->flags & TRAIL_PACKET_HAS_POLL ? &packet->poll : NULL;
}

static enum where_found get_cause(const struct trail_packet *packet, unsigned int arg, size_t i,
				  struct where_value *value)
{
	const struct trail_poll *poll = poll_of(packet);

	return single(i, poll && poll->cause != TRAIL_CAUSE_UNKNOWN ? poll->cause : -1, value);
}

static enum where_found get_work(const struct trail_packet *packet, unsigned int arg, size_t i,
				 struct where_value *value)
{
	const struct trail_poll *poll = poll_of(packet);

	return single(i, poll ? poll->work : -1, value);
}

static enum where_found get_links(const struct trail_packet *packet, unsigned int arg, size_t i,
				  struct where_value *value)
{
	if (i >= packet->nr_link)
		return WHERE_NO_MORE;
	value->number = packet->link[i].type;
	return WHERE_VALUE;
}

enum cut { CUT_NO, CUT_EDGE, CUT_LOSS, NR_CUT };

static enum where_found get_cut(const struct trail_packet *packet, unsigned int arg, size_t i,
				struct where_value *value)
{
	return single(i, packet->flags & TRAIL_PACKET_LOSS ? CUT_LOSS :
			 packet->flags & TRAIL_PACKET_EDGE ? CUT_EDGE : CUT_NO, value);
}

/* ------------------------------------------------------------------ names */

static const char *numbered(const char *name, size_t i, int64_t *number)
{
	*number = (int64_t)i;
	return name;
}

static const char *fates(size_t i, int64_t *number)
{
	return numbered(i < TRAIL_NR_FATE ? trail_fate_name(i) : NULL, i, number);
}

static const char *classes(size_t i, int64_t *number)
{
	return numbered(i < TRAIL_NR_DROP_CLASS ? trail_drop_class_name(i) : NULL, i, number);
}

static const char *dirs(size_t i, int64_t *number)
{
	return numbered(i < TRAIL_NR_DIR ? trail_dir_name(i) : NULL, i, number);
}

static const char *confidences(size_t i, int64_t *number)
{
	return numbered(i <= TRAIL_AMBIGUOUS ? trail_confidence_name(i) : NULL, i, number);
}

/* An unknown cause or origin is null, not a name. */
static const char *origins(size_t i, int64_t *number)
{
	i++;
	return numbered(i < TRAIL_NR_ORIGIN ? trail_origin_name(i) : NULL, i, number);
}

static const char *causes(size_t i, int64_t *number)
{
	i++;
	return numbered(i < TRAIL_NR_CAUSE ? trail_cause_name(i) : NULL, i, number);
}

static const char *link_types(size_t i, int64_t *number)
{
	return numbered(i < TRAIL_NR_LINK_TYPE ? trail_link_type_name(i) : NULL, i, number);
}

static const char *cuts(size_t i, int64_t *number)
{
	static const char *const name[NR_CUT] = { "no", "edge", "loss" };

	return numbered(i < NR_CUT ? name[i] : NULL, i, number);
}

static const char *protocols(size_t i, int64_t *number)
{
	static const struct { const char *name; int64_t number; } protocol[] = {
		{ "tcp", 6 }, { "udp", 17 }, { "icmp", 1 }, { "icmp6", 58 }, { "igmp", 2 },
		{ "dccp", 33 }, { "gre", 47 }, { "esp", 50 }, { "ah", 51 }, { "ospf", 89 },
		{ "sctp", 132 }, { "udplite", 136 },
	};

	if (i >= ARRAY_SIZE(protocol))
		return NULL;
	*number = protocol[i].number;
	return protocol[i].name;
}

/* ------------------------------------------------------------------ the table */

/* ------------------------------------------------------------------ hits of the user's probes */

static enum where_found get_probes(const struct trail_packet *packet, unsigned int arg, size_t i,
				   struct where_value *value)
{
	return single(i, (int64_t)packet->nr_joined + packet->hits_left_out, value);
}

static enum where_found get_probe(const struct trail_packet *packet, unsigned int arg, size_t i,
				  struct where_value *value)
{
	if (i >= packet->nr_joined)
		return WHERE_NO_MORE;
	value->text = packet->joined[i].hit->name;
	return WHERE_VALUE;
}

static enum where_found get_took(const struct trail_packet *packet, unsigned int arg, size_t i,
				 struct where_value *value)
{
	if (i >= packet->nr_joined)
		return WHERE_NO_MORE;
	value->number = packet->joined[i].hit->took_ns;
	return value->number < 0 ? WHERE_UNKNOWN : WHERE_VALUE;
}

static enum where_found get_retval(const struct trail_packet *packet, unsigned int arg, size_t i,
				   struct where_value *value)
{
	const struct trail_hit *hit;

	if (i >= packet->nr_joined)
		return WHERE_NO_MORE;
	hit = packet->joined[i].hit;
	for (uint16_t j = 0; j < hit->nr_value; j++) {
		if (hit->value[j].role != TRAIL_ROLE_RETVAL ||
		    (hit->value[j].kind != TRAIL_VALUE_SIGNED &&
		     hit->value[j].kind != TRAIL_VALUE_UNSIGNED))
			continue;
		value->number = (int64_t)hit->value[j].number;
		return WHERE_VALUE;
	}
	return WHERE_UNKNOWN;
}

#define PLAIN(name, type, arg, get)	{ name, type, false, false, false, arg, get, NULL }
#define NAMES(name, get, names)		{ name, WHERE_NAME, false, false, false, 0, get, names }

const struct where_field where_field[] = {
	PLAIN("latency", WHERE_TIME, 0, get_latency),
	PLAIN("queue.wake", WHERE_TIME, QUEUE_WAKE, get_part),
	PLAIN("queue.runqueue", WHERE_TIME, QUEUE_RUNQUEUE, get_part),
	PLAIN("queue.app", WHERE_TIME, QUEUE_APP, get_part),
	PLAIN("softirq.wake", WHERE_TIME, SOFTIRQ_WAKE, get_part),
	PLAIN("softirq.runqueue", WHERE_TIME, SOFTIRQ_RUNQUEUE, get_part),
	PLAIN("id", WHERE_NUMBER, 0, get_id),
	NAMES("dir", get_dir, dirs),
	PLAIN("dev", WHERE_TEXT, 0, get_dev),
	PLAIN("ifindex", WHERE_NUMBER, 0, get_ifindex),
	PLAIN("netns", WHERE_NUMBER, 0, get_netns),
	PLAIN("len", WHERE_BYTES, 0, get_len),
	NAMES("fate", get_fate, fates),
	PLAIN("bytes", WHERE_BYTES, 0, get_bytes),
	PLAIN("reason", WHERE_TEXT, 0, get_reason),
	PLAIN("location", WHERE_TEXT, 0, get_location),
	NAMES("class", get_class, classes),
	PLAIN("cpu", WHERE_NUMBER, 0, get_cpu),
	PLAIN("pid", WHERE_NUMBER, 0, get_pid),
	PLAIN("comm", WHERE_TEXT, 0, get_comm),
	PLAIN("reader", WHERE_TEXT, 0, get_reader),
	{ "proto", WHERE_NAME, false, false, true, 0, get_proto, protocols },
	PLAIN("host", WHERE_ADDRESS, EITHER, get_address),
	PLAIN("src", WHERE_ADDRESS, SOURCE, get_address),
	PLAIN("dst", WHERE_ADDRESS, DESTINATION, get_address),
	PLAIN("port", WHERE_NUMBER, EITHER, get_port),
	PLAIN("sport", WHERE_NUMBER, SOURCE, get_port),
	PLAIN("dport", WHERE_NUMBER, DESTINATION, get_port),
	PLAIN("ipid", WHERE_NUMBER, 0, get_ipid),
	PLAIN("seq", WHERE_NUMBER, false, get_seq),
	PLAIN("seq.end", WHERE_NUMBER, true, get_seq),
	PLAIN("vlan", WHERE_NUMBER, 0, get_vlan),
	NAMES("origin", get_origin, origins),
	NAMES("cause", get_cause, causes),
	PLAIN("poll.work", WHERE_NUMBER, 0, get_work),
	{ "links", WHERE_NAME, false, true, false, 0, get_links, link_types },
	{ "confidence", WHERE_NAME, true, false, false, 0, get_confidence, confidences },
	NAMES("cut", get_cut, cuts),
	PLAIN("probes", WHERE_NUMBER, 0, get_probes),
	{ "probe", WHERE_TEXT, false, true, false, 0, get_probe, NULL },
	PLAIN("probe.took", WHERE_TIME, 0, get_took),
	PLAIN("probe.retval", WHERE_NUMBER, 0, get_retval),
	{ 0 }
};

#define STAGE(name, id)	PLAIN(name, WHERE_TIME, id, get_stage)

static const struct where_field stage_field[TRAIL_NR_STAGE] = {
	STAGE("irq", TRAIL_STAGE_IRQ), STAGE("softirq", TRAIL_STAGE_SOFTIRQ),
	STAGE("poll", TRAIL_STAGE_POLL), STAGE("gro", TRAIL_STAGE_GRO),
	STAGE("backlog", TRAIL_STAGE_BACKLOG), STAGE("stack", TRAIL_STAGE_STACK),
	STAGE("sockbacklog", TRAIL_STAGE_SOCKBACKLOG), STAGE("queue", TRAIL_STAGE_QUEUE),
	STAGE("copy", TRAIL_STAGE_COPY), STAGE("send", TRAIL_STAGE_SEND),
	STAGE("qdisc", TRAIL_STAGE_QDISC), STAGE("driver", TRAIL_STAGE_DRIVER),
	STAGE("complete", TRAIL_STAGE_COMPLETE),
};

static bool is_called(const struct where_field *field, const char *name, size_t len)
{
	return strlen(field->name) == len && !strncmp(field->name, name, len);
}

const struct where_field *where_find(const char *name, size_t len)
{
	for (size_t i = 0; where_field[i].name; i++)
		if (is_called(&where_field[i], name, len))
			return &where_field[i];
	return NULL;
}

const struct where_field *where_find_stage(const char *name, size_t len)
{
	const struct where_field *part = where_find(name, len);

	for (size_t i = 0; i < TRAIL_NR_STAGE; i++)
		if (is_called(&stage_field[i], name, len))
			return &stage_field[i];
	return part && part->get == get_part ? part : NULL;
}

void where_near_stage(struct near *near)
{
	for (size_t i = 0; i < TRAIL_NR_STAGE; i++)
		near_try(near, stage_field[i].name);
	for (size_t i = 0; where_field[i].name; i++)
		if (where_field[i].get == get_part)
			near_try(near, where_field[i].name);
}
