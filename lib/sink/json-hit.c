// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * json-hit.c - hits of the user's probes -> the objects of output-schema.md
 */
#include "json.h"
#include "readable.h"

#define MAX_KEY	48

/* Bytes as hexadecimal digits; what is a name or any text is a string. */
static void hit_value(struct json *json, const struct trail_value *value)
{
	char key[MAX_KEY + 1];
	static const char digit[] = "0123456789abcdef";
	char text[HIT_SIZE];
	size_t len = 0;

	/* A name of the capture: letters and digits, as many as somebody wrote. */
	snprintf(key, sizeof(key), "%s", value->name);
	switch (value->kind) {
	case TRAIL_VALUE_UNSIGNED:
		json_u64(json, key, value->number);
		return;
	case TRAIL_VALUE_SIGNED:
		json_s64(json, key, (int64_t)value->number);
		return;
	case TRAIL_VALUE_BYTES:
		for (; len / 2 < value->nr_bytes && len + 2 < sizeof(text); len += 2) {
			uint8_t byte = (uint8_t)value->bytes[len / 2];

			text[len] = digit[byte >> 4];
			text[len + 1] = digit[byte & 15];
		}
		break;
	case TRAIL_VALUE_STRING:
	case TRAIL_VALUE_TEXT:
		len = value->nr_bytes < sizeof(text) ? value->nr_bytes : sizeof(text) - 1;
		memcpy(text, value->bytes, len);
		break;
	case TRAIL_VALUE_HEX:
		len = trail_value_text(value, text, sizeof(text));
		break;
	default:
		json_null(json, key);
		return;
	}
	text[len] = '\0';
	json_string(json, key, text);
}

/* Only packets that have such have the keys. */
void json_hits(struct json *json, const struct trail_packet *packet)
{
	if (!packet->nr_joined)
		return;
	json_open(json, "probes", '[');
	for (size_t i = 0; i < packet->nr_joined; i++) {
		const struct trail_hit *hit = packet->joined[i].hit;

		json_open(json, NULL, '{');
		json_string(json, "name", hit->name);
		json_u64(json, "time_ns", hit->ts_ns);
		json_u64(json, "cpu", hit->cpu);
		json_known(json, "pid", hit->pid);
		json_string(json, "comm", *hit->comm ? hit->comm : NULL);
		json_open(json, "values", '{');
		for (size_t j = 0; j < hit->nr_value; j++)
			hit_value(json, &hit->value[j]);
		json_close(json, '}');
		json_known(json, "took_ns", hit->took_ns);
		json_string(json, "by", trail_join_name(packet->joined[i].join));
		json_string(json, "confidence",
			    trail_confidence_name(packet->joined[i].confidence));
		json_close(json, '}');
	}
	json_close(json, ']');
	if (packet->hits_left_out)
		json_u64(json, "probes_left_out", packet->hits_left_out);
}

void json_hit_stat(struct json *json, const struct trail_engine *engine)
{
	struct trail_hit_stat stat;

	trail_engine_hits(engine, &stat);
	if (!stat.hits)
		return;
	json_open(json, "probes", '{');
	json_u64(json, "hits", stat.hits);
	json_u64(json, "joined", stat.joined);
	json_close(json, '}');
}
