/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json.h - a JSON writer, and the objects that both JSON sinks print
 *
 * @key is NULL inside of an array.  Errors stick: look at json_flush() only.
 */
#ifndef JSON_H
#define JSON_H

#include <json-c/printbuf.h>

#include "skbtrail.h"

/**
 * struct json - text on its way to a stream
 * @first: nothing was written yet in the current object or array: no comma
 * @failed: out of memory
 */
struct json {
	struct printbuf *text;
	bool first;
	bool failed;
};

/* Return: 0 or -ENOMEM. */
int json_init(struct json *json);
void json_release(struct json *json);
/* Hands the text so far to @out.  Return: 0; -ENOMEM; -EIO. */
int json_flush(struct json *json, FILE *out);

void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);
void json_newline(struct json *json);
void json_null(struct json *json, const char *key);
void json_u64(struct json *json, const char *key, uint64_t value);
void json_s64(struct json *json, const char *key, int64_t value);
/* Null when negative: how the library says unknown. */
void json_known(struct json *json, const char *key, int64_t value);
/* "0x..."; null when 0 */
void json_address(struct json *json, const char *key, uint64_t address);
/* @text repaired to valid UTF-8; null when NULL */
void json_string(struct json *json, const char *key, const char *text);
void json_true(struct json *json, const char *key);
/* With three digits behind the point. */
void json_real(struct json *json, const char *key, double value);
void json_share(struct json *json, const char *key, double share);

/* Members of the objects in output-schema.md, without the braces. */
void json_capture(struct json *json, const struct trail_capture_info *info);
void json_summary(struct json *json, const struct trail_sink_opts *opts);
void json_packet(struct json *json, const struct trail_packet *packet);
/* "probes" of a packet, and of the summary; nothing where there are none. */
void json_hits(struct json *json, const struct trail_packet *packet);
void json_hit_stat(struct json *json, const struct trail_engine *engine);
void json_flow(struct json *json, const char *key, const struct trail_flow *flow);
/* "reason", "location" and "class" of a drop */
void json_drop(struct json *json, const struct trail_drop *drop);

#endif /* JSON_H */
