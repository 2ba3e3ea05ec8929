// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * json-packet.c - captures, packets and summaries -> the objects of output-schema.md
 *
 * Keys and their order are a contract: later versions only add keys.
 */
#include "json.h"
#include "readable.h"
#include "reconcile.h"

/* Keys that are there only where there is something to be told. */
static void json_losses(struct json *json, const struct trail_capture_info *info)
{
	if (info->bounded) {
		json_string(json, "bounded", info->bounded);
		if (!info->let_go_unknown)
			json_u64(json, "let_go", info->let_go);
	}
	if (info->ended)
		json_string(json, "ended", info->ended);
	if (!info->lost_events && !info->lost_unknown)
		return;
	json_open(json, "losses", '[');
	for (uint32_t i = 0; i < info->nr_cpu; i++) {
		const struct trail_cpu_stat *cpu = &info->cpu[i];

		if (!cpu->lost && !cpu->lost_unknown)
			continue;
		json_open(json, NULL, '{');
		json_u64(json, "cpu", cpu->cpu);
		json_u64(json, "events", cpu->lost);
		json_u64(json, "unknown", cpu->lost_unknown);
		json_u64(json, "gaps", cpu->nr_gap);
		json_u64(json, "overrun", cpu->overrun);
		json_u64(json, "commit_overrun", cpu->commit_overrun);
		json_u64(json, "dropped", cpu->dropped);
		json_u64(json, "from_ns", cpu->lost_from_ns);
		json_u64(json, "to_ns", cpu->lost_to_ns);
		json_close(json, '}');
	}
	json_close(json, ']');
}

void json_capture(struct json *json, const struct trail_capture_info *info)
{
	json_string(json, "file", info->file);
	json_string(json, "kernel", info->kernel);
	json_u64(json, "cpus", info->nr_cpu);
	json_string(json, "clock", info->clock);
	json_u64(json, "start_ns", info->start_ns);
	json_u64(json, "end_ns", info->end_ns);
	json_u64(json, "events", info->nr_event);
	json_u64(json, "lost_events", info->lost_events);
	json_u64(json, "lost_unknown", info->lost_unknown);
	json_string(json, "reader", info->reader);
	json_open(json, "capabilities", '[');
	for (size_t i = 0; info->capability && info->capability[i]; i++)
		json_string(json, NULL, info->capability[i]);
	json_close(json, ']');
	json_losses(json, info);
	if (info->missed_probes)
		json_u64(json, "missed_probes", info->missed_probes);
	if (info->packet_filter)
		json_string(json, "packet_filter", info->packet_filter);
	if (!info->missing)
		return;
	json_open(json, "missing", '[');
	for (size_t i = 0; info->missing[i]; i++)
		json_string(json, NULL, info->missing[i]);
	json_close(json, ']');
}

static void summary_devices(struct json *json, const struct trail_engine *engine)
{
	struct trail_device device;

	json_open(json, "devices", '[');
	for (size_t i = 0; engine && trail_engine_device(engine, i, &device); i++) {
		json_open(json, NULL, '{');
		json_string(json, "dev", device.dev);
		json_u64(json, "polls", device.polls);
		json_u64(json, "squeezed", device.squeezed);
		json_u64(json, "work", device.work);
		json_u64(json, "packets", device.packets);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void summary_selection(struct json *json, const struct trail_selection *selection)
{
	json_open(json, "selection", '{');
	json_string(json, "by", selection->text);
	json_u64(json, "packets", selection->nr_packet);
	json_u64(json, "selected", selection->nr_selected);
	json_u64(json, "without_header", selection->nr_no_header);
	json_close(json, '}');
}

void json_summary(struct json *json, const struct trail_sink_opts *opts)
{
	const struct trail_reconcile_row *row = NULL;
	const struct trail_stat *stat = opts->stat;
	size_t nr_row;

	json_open(json, "packets", '{');
	for (enum trail_dir dir = 0; dir < TRAIL_NR_DIR; dir++)
		json_u64(json, trail_dir_name(dir), trail_stat_packets(stat, dir));
	json_close(json, '}');
	json_open(json, "fates", '{');
	for (enum trail_fate fate = 0; fate < TRAIL_NR_FATE; fate++) {
		uint64_t count = 0;

		for (enum trail_dir dir = 0; dir < TRAIL_NR_DIR; dir++)
			count += trail_stat_fates(stat, dir, fate);
		json_u64(json, trail_fate_name(fate), count);
	}
	json_close(json, '}');
	json_u64(json, "complete", trail_stat_complete(stat));
	json_u64(json, "truncated_by_edge", trail_stat_truncated_by_edge(stat));
	json_u64(json, "truncated_by_loss", trail_stat_truncated_by_loss(stat));
	summary_devices(json, opts->engine);
	if (opts->engine)
		json_hit_stat(json, opts->engine);
	if (opts->selection)
		summary_selection(json, opts->selection);
	nr_row = reconcile_take(opts, &row);
	if (opts->reconcile)
		json_reconcile(json, row, nr_row);
}

void json_drop(struct json *json, const struct trail_drop *drop)
{
	char buf[TEXT_SIZE];

	json_string(json, "reason", drop->reason);
	json_string(json, "location", text_location(buf, sizeof(buf), drop));
	json_string(json, "class", trail_drop_class_name(drop->class));
}

/* Null where the protocol has no ports, and in fragments behind the first. */
static void flow_port(struct json *json, const char *key, const struct trail_flow *flow,
		      uint16_t port)
{
	if (flow_has_ports(flow))
		json_u64(json, key, port);
	else
		json_null(json, key);
}

void json_flow(struct json *json, const char *key, const struct trail_flow *flow)
{
	char buf[TEXT_SIZE];

	if (!flow->family) {
		json_null(json, key);
		return;
	}
	json_open(json, key, '{');
	json_string(json, "proto", text_protocol(buf, sizeof(buf), flow->protocol));
	json_string(json, "src", text_address(buf, sizeof(buf), flow, flow->saddr));
	flow_port(json, "sport", flow, flow->sport);
	json_string(json, "dst", text_address(buf, sizeof(buf), flow, flow->daddr));
	flow_port(json, "dport", flow, flow->dport);
	json_close(json, '}');
}

static void packet_range(struct json *json, const struct trail_packet *packet)
{
	if (!(packet->flags & TRAIL_PACKET_SEQ)) {
		json_null(json, "seq");
		return;
	}
	json_open(json, "seq", '{');
	json_s64(json, "start", packet->header.seq_start);
	json_s64(json, "end", packet->header.seq_end);
	json_close(json, '}');
}

/* Keys that only packets with a tag or in a tunnel have. */
static void packet_wrapping(struct json *json, const struct trail_header *header)
{
	if (header->vlan >= 0)
		json_s64(json, "vlan", header->vlan);
	if (!header->tunnel)
		return;
	json_open(json, "tunnel", '{');
	json_string(json, "type", header->tunnel);
	json_flow(json, "flow", &header->inner);
	json_close(json, '}');
}

/* Null when 0: no device and no namespace has that number. */
static void number_or_null(struct json *json, const char *key, uint64_t number)
{
	if (number)
		json_u64(json, key, number);
	else
		json_null(json, key);
}

/* Keys that are there only where there is something to be told. */
static void drop_more(struct json *json, const struct trail_drop *drop)
{
	if (drop->means)
		json_string(json, "inferred", drop->means);
	if (drop->inode)
		json_u64(json, "inode", drop->inode);
	if (drop->queue.kind == TRAIL_QUEUE_UNKNOWN)
		return;
	json_open(json, "queue", '{');
	json_string(json, "kind", trail_queue_kind_name(drop->queue.kind));
	json_s64(json, "used", drop->queue.used);
	json_known(json, "limit", drop->queue.limit);
	json_close(json, '}');
}

static void packet_drop(struct json *json, const struct trail_packet *packet)
{
	if (!(packet->flags & TRAIL_PACKET_DROPPED)) {
		json_null(json, "drop");
		return;
	}
	json_open(json, "drop", '{');
	json_drop(json, &packet->drop);
	json_address(json, "socket", packet->drop.socket);
	drop_more(json, &packet->drop);
	json_close(json, '}');
}

static void packet_reader(struct json *json, const struct trail_packet *packet)
{
	if (packet->reader_pid < 0) {
		json_null(json, "reader");
		return;
	}
	json_open(json, "reader", '{');
	json_s64(json, "pid", packet->reader_pid);
	json_string(json, "comm", packet->reader_comm);
	json_close(json, '}');
}

static void packet_poll(struct json *json, const struct trail_packet *packet)
{
	const struct trail_poll *poll = &packet->poll;

	if (!(packet->flags & TRAIL_PACKET_HAS_POLL)) {
		json_null(json, "poll");
		return;
	}
	json_open(json, "poll", '{');
	json_address(json, "napi", poll->napi);
	json_string(json, "dev", poll->dev);
	json_known(json, "work", poll->work);
	json_known(json, "budget", poll->budget);
	json_string(json, "cause",
		    poll->cause == TRAIL_CAUSE_UNKNOWN ? NULL : trail_cause_name(poll->cause));
	json_known(json, "irq", poll->irq);
	json_string(json, "irq_name", poll->irq_name);
	json_close(json, '}');
}

static void span_parts(struct json *json, const struct trail_packet *packet)
{
	json_open(json, "parts", '{');
	json_known(json, "wake_ns", packet->wake_ns);
	json_known(json, "runqueue_ns", packet->runqueue_ns);
	json_known(json, "app_ns", packet->app_ns);
	json_close(json, '}');
}

static void softirq_parts(struct json *json, const struct trail_packet *packet)
{
	json_open(json, "parts", '{');
	json_known(json, "wake_ns", packet->softirq_wake_ns);
	json_known(json, "runqueue_ns", packet->softirq_runqueue_ns);
	json_close(json, '}');
}

static void packet_spans(struct json *json, const struct trail_packet *packet)
{
	bool has_parts = packet->wake_ns >= 0 || packet->runqueue_ns >= 0 || packet->app_ns >= 0;

	json_open(json, "spans", '[');
	for (size_t i = 0; i < packet->nr_span; i++) {
		const struct trail_span *span = &packet->span[i];
		const char *comm = span->comm && *span->comm ? span->comm : NULL;

		json_open(json, NULL, '{');
		json_string(json, "stage", span->stage->name);
		json_u64(json, "start_ns", span->start_ns);
		json_u64(json, "end_ns", span->end_ns);
		json_u64(json, "cpu", span->cpu);
		json_known(json, "pid", span->pid);
		json_string(json, "comm", comm);
		json_string(json, "confidence", trail_confidence_name(span->confidence));
		if (has_parts && span->stage->id == TRAIL_STAGE_QUEUE)
			span_parts(json, packet);
		if (packet->softirq_wake_ns >= 0 && span->stage->id == TRAIL_STAGE_SOFTIRQ)
			softirq_parts(json, packet);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void packet_links(struct json *json, const struct trail_packet *packet)
{
	json_open(json, "links", '[');
	for (size_t i = 0; i < packet->nr_link; i++) {
		const struct trail_link *link = &packet->link[i];

		json_open(json, NULL, '{');
		json_string(json, "type", trail_link_type_name(link->type));
		json_string(json, "role", trail_role_name(link->role));
		json_u64(json, "packet", link->packet);
		json_string(json, "confidence", trail_confidence_name(link->confidence));
		json_close(json, '}');
	}
	json_close(json, ']');
}

void json_packet(struct json *json, const struct trail_packet *packet)
{
	json_string(json, "type", "packet");
	json_u64(json, "id", packet->id);
	json_address(json, "skb", packet->skb);
	json_string(json, "dir", trail_dir_name(packet->dir));
	json_string(json, "dev", packet->dev);
	number_or_null(json, "ifindex", packet->ifindex);
	number_or_null(json, "netns", packet->netns);
	json_known(json, "len", packet->len);
	json_flow(json, "flow", &packet->flow);
	packet_range(json, packet);
	json_known(json, "ipid", packet->header.ipid);
	json_u64(json, "start_ns", packet->start_ns);
	json_u64(json, "end_ns", packet->end_ns);
	json_string(json, "fate", trail_fate_name(packet->fate));
	if (packet->flags & TRAIL_PACKET_NO_BYTES)
		json_null(json, "bytes_delivered");
	else
		json_u64(json, "bytes_delivered", packet->bytes_delivered);
	packet_drop(json, packet);
	packet_reader(json, packet);
	packet_poll(json, packet);
	packet_spans(json, packet);
	packet_links(json, packet);
	json_string(json, "origin", packet->origin == TRAIL_ORIGIN_UNKNOWN ?
				    NULL : trail_origin_name(packet->origin));
	packet_wrapping(json, &packet->header);
	json_hits(json, packet);
}
