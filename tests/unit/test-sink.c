// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-sink.c - hand-made packets -> the bytes of every sink
 *
 * The JSON lines are compared whole: keys and their order are a contract.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "sink/readable.h"
#include "skbtrail.h"

static const char *const capability[] = { "tracepoints", "eprobe", NULL };

static const struct trail_cpu_stat cpu_stat[] = {
	{ .nr_event = 20, .cpu = 0 },
	{ .nr_event = 22, .lost_unknown = 1, .nr_gap = 1, .lost_from_ns = 3000,
	  .lost_to_ns = 2001000, .cpu = 1 },
};

static const struct trail_capture_info info = {
	.file = "mixed.dat", .kernel = "6.1.0-50-amd64", .reader = "native", .nr_cpu = 2,
	.cpu = cpu_stat,
	.start_ns = 1000, .end_ns = 2001000, .nr_event = 42, .lost_unknown = 1,
	.capability = capability,
};

static const struct trail_span span[] = {
	{ &trail_stage[TRAIL_STAGE_IRQ], 1000, 3000, "swapper/1", 0, 1, TRAIL_EXACT },
	{ &trail_stage[TRAIL_STAGE_QUEUE], 3000, 16000, "py\033\xff\"\\", 231, 0, TRAIL_INFERRED },
};

static const struct trail_link link_to_16 = { 16, TRAIL_LINK_GRO, TRAIL_MEMBER, TRAIL_EXACT };

static const struct trail_packet delivered = {
	.id = 17, .skb = 0xff1184122cf14a00, .start_ns = 1000, .end_ns = 16000, .dev = "nic1",
	.reader_comm = "py\xc3\xa9\xed\xa0\x80", .bytes_delivered = 1000, .len = 1028,
	.wake_ns = 1200, .runqueue_ns = TRAIL_UNKNOWN_NS, .app_ns = 0,
	.header = { .ipid = -1, .vlan = -1 },
	.poll = { 0xff00, "nic1", "nic1-rx-0", 33, 1, 64, TRAIL_CAUSE_IRQ },
	.span = span, .nr_span = 2, .link = &link_to_16, .nr_link = 1, .reader_pid = 231,
	.dir = TRAIL_RX, .fate = TRAIL_DELIVERED, .flags = TRAIL_PACKET_HAS_POLL,
};

static const struct trail_packet dropped = {
	.id = 18, .start_ns = 2000, .end_ns = 2000, .len = -1, .reader_pid = -1,
	.wake_ns = -1, .runqueue_ns = -1, .app_ns = -1,
	.header = { .ipid = -1, .vlan = -1 },
	.poll = { 0, NULL, NULL, -1, -1, -1, TRAIL_CAUSE_UNKNOWN },
	.drop = { "NO_SOCKET", "nf_drop", "nf_tables", .symbol_offset = 0x6e2,
		  .address = 0xff77, .class = TRAIL_DROP_PROTOCOL },
	.dir = TRAIL_LOCAL, .fate = TRAIL_DROPPED,
	.flags = TRAIL_PACKET_HAS_POLL | TRAIL_PACKET_DROPPED,
};

static const uint8_t packet_bytes[14];

/* TCP in VXLAN with a tag, and a ping over IPv6. */
static const struct trail_packet tunnelled = {
	.id = 19, .skb = 0xff00, .start_ns = 1000, .end_ns = 2000, .dev = "nic1", .ifindex = 3,
	.netns = 4026531840, .len = 190, .reader_pid = -1,
	.flow = { 4, 17, 50000, 4789, { 192, 168, 0, 1 }, { 192, 168, 0, 2 } },
	.header = {
		.bytes = packet_bytes, .nr_bytes = sizeof(packet_bytes), .ipid = 0, .vlan = 7,
		.tunnel = "vxlan", .seq_start = 1, .seq_end = 101,
		.inner = { 6, 6, 40000, 80, { 0xfd, [15] = 1 }, { 0xfd, [15] = 2 } },
	},
	.dir = TRAIL_RX, .fate = TRAIL_CONSUMED, .flags = TRAIL_PACKET_SEQ,
};

static const struct trail_packet ping = {
	.id = 20, .skb = 0xff00, .start_ns = 1000, .end_ns = 2000, .dev = "nic1", .len = 104,
	.reader_pid = -1, .flow = { 6, 58, 0, 0, { 0xfd, [15] = 1 }, { 0xfd, [15] = 2 } },
	.header = { .bytes = packet_bytes, .nr_bytes = 14, .ipid = -1, .vlan = -1 },
	.dir = TRAIL_RX, .fate = TRAIL_CONSUMED,
};

/* Return: what sink @name writes for @a and @b, to be freed. */
static char *output_of_two(const char *name, bool color, const struct trail_packet *a,
			   const struct trail_packet *b)
{
	struct trail_sink_opts opts = { .capture = &info, .color = color };
	struct trail_sink *sink;
	size_t size;
	char *text;

	opts.out = open_memstream(&text, &size);
	assert_int_equal(trail_stat_new(10, &opts.stat), 0);
	assert_int_equal(trail_sink_open(name, &opts, &sink), 0);
	assert_int_equal(trail_stat_add(opts.stat, a), 0);
	assert_int_equal(trail_sink_packet(sink, a), 0);
	assert_int_equal(trail_stat_add(opts.stat, b), 0);
	assert_int_equal(trail_sink_packet(sink, b), 0);
	assert_int_equal(trail_sink_close(sink), 0);
	fclose(opts.out);
	trail_stat_free(opts.stat);
	return text;
}

static char *output_of(const char *name, bool color)
{
	return output_of_two(name, color, &delivered, &dropped);
}

#define CAPTURE \
	"\"file\":\"mixed.dat\",\"kernel\":\"6.1.0-50-amd64\",\"cpus\":2,\"clock\":null," \
	"\"start_ns\":1000,\"end_ns\":2001000,\"events\":42,\"lost_events\":0,\"lost_unknown\":1," \
	"\"reader\":\"native\",\"capabilities\":[\"tracepoints\",\"eprobe\"]," \
	"\"losses\":[{\"cpu\":1,\"events\":0,\"unknown\":1,\"gaps\":1,\"overrun\":0," \
	"\"commit_overrun\":0,\"dropped\":0,\"from_ns\":3000,\"to_ns\":2001000}]}"
#define DELIVERED \
	"{\"type\":\"packet\",\"id\":17,\"skb\":\"0xff1184122cf14a00\",\"dir\":\"rx\"," \
	"\"dev\":\"nic1\",\"ifindex\":null,\"netns\":null,\"len\":1028,\"flow\":null," \
	"\"seq\":null,\"ipid\":null,\"start_ns\":1000,\"end_ns\":16000,\"fate\":\"delivered\"," \
	"\"bytes_delivered\":1000,\"drop\":null," \
	"\"reader\":{\"pid\":231,\"comm\":\"py\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}," \
	"\"poll\":{\"napi\":\"0xff00\",\"dev\":\"nic1\",\"work\":1,\"budget\":64," \
	"\"cause\":\"irq\",\"irq\":33,\"irq_name\":\"nic1-rx-0\"}," \
	"\"spans\":[{\"stage\":\"irq\",\"start_ns\":1000,\"end_ns\":3000,\"cpu\":1,\"pid\":0," \
	"\"comm\":\"swapper/1\",\"confidence\":\"exact\"}," \
	"{\"stage\":\"queue\",\"start_ns\":3000,\"end_ns\":16000,\"cpu\":0,\"pid\":231," \
	"\"comm\":\"py\\u001b\xef\xbf\xbd\\\"\\\\\",\"confidence\":\"inferred\"," \
	"\"parts\":{\"wake_ns\":1200,\"runqueue_ns\":null,\"app_ns\":0}}]," \
	"\"links\":[{\"type\":\"gro\",\"role\":\"member\",\"packet\":16," \
	"\"confidence\":\"exact\"}],\"origin\":null}"
#define DROPPED \
	"{\"type\":\"packet\",\"id\":18,\"skb\":null,\"dir\":\"local\"," \
	"\"dev\":null,\"ifindex\":null,\"netns\":null,\"len\":null,\"flow\":null," \
	"\"seq\":null,\"ipid\":null,\"start_ns\":2000,\"end_ns\":2000,\"fate\":\"dropped\"," \
	"\"bytes_delivered\":0,\"drop\":{\"reason\":\"NO_SOCKET\"," \
	"\"location\":\"nf_drop+0x6e2 [nf_tables]\",\"class\":\"protocol\",\"socket\":null}," \
	"\"reader\":null,\"poll\":{\"napi\":null,\"dev\":null,\"work\":null,\"budget\":null," \
	"\"cause\":null,\"irq\":null,\"irq_name\":null},\"spans\":[],\"links\":[]," \
	"\"origin\":null}"
#define SUMMARY \
	"\"packets\":{\"rx\":1,\"tx\":0,\"forward\":0,\"local\":1}," \
	"\"fates\":{\"delivered\":1,\"partial\":0,\"dropped\":1,\"sent\":0,\"consumed\":0," \
	"\"queued\":0,\"in-flight\":0,\"unknown\":0},\"complete\":2,\"truncated_by_edge\":0," \
	"\"truncated_by_loss\":0,\"devices\":[]}"

static void test_ndjson(void **state)
{
	char *text = output_of("ndjson", true);

	assert_string_equal(text,
			    "{\"type\":\"capture\",\"schema\":1," CAPTURE "\n"
			    DELIVERED "\n" DROPPED "\n"
			    "{\"type\":\"summary\"," SUMMARY "\n");
	free(text);
}

static void test_json(void **state)
{
	char *text = output_of("json", true);
	struct json_object *parsed = json_tokener_parse(text);

	assert_string_equal(text,
			    "{\"schema\":1,\"capture\":{" CAPTURE ",\"summary\":{" SUMMARY ","
			    "\"stages\":[{\"dir\":\"rx\",\"stage\":\"irq\",\"count\":1,"
			    "\"p50_ns\":2000,\"p90_ns\":2000,\"p99_ns\":2000,\"max_ns\":2000,"
			    "\"total_ns\":2000,\"share\":0.133333},"
			    "{\"dir\":\"rx\",\"stage\":\"queue\",\"count\":1,"
			    "\"p50_ns\":13000,\"p90_ns\":13000,\"p99_ns\":13000,\"max_ns\":13000,"
			    "\"total_ns\":13000,\"share\":0.866667}],"
			    "\"drops\":[{\"reason\":\"NO_SOCKET\","
			    "\"location\":\"nf_drop+0x6e2 [nf_tables]\",\"class\":\"protocol\","
			    "\"count\":1}],\"slowest\":[" DELIVERED "," DROPPED "]}\n");
	assert_non_null(parsed);
	json_object_put(parsed);
	free(text);
}

static void test_packets(void **state)
{
	char *text = output_of("packets", false);

	assert_string_equal(text,
		"#17 rx nic1 1028 bytes: delivered to py\xc3\xa9\\xed\\xa0\\x80/231 in 15.0us, "
		"at 0.000001000\n"
		"    napi poll of nic1 work 1/64, cause: irq 33 nic1-rx-0\n"
		"          +0ns  irq           2.00us  cpu 1   swapper/1/0\n"
		"       +2.00us  queue         13.0us  cpu 0   py\\x1b\\xff\"\\/231  ~"
		"  wake 1.20us  app 0ns\n"
		"    gro member, with #16\n"
		"\n"
		"#18 local -: dropped in 0ns, at 0.000002000\n"
		"    napi poll\n"
		"    dropped: NO_SOCKET at nf_drop+0x6e2 [nf_tables] (protocol)\n"
		"\n");
	free(text);
}

/* What matters for people: the answer is there, and nothing of the capture reaches a terminal. */
static void test_text(void **state)
{
	char *text = output_of("text", false);

	assert_non_null(strstr(text, "42 events, 0 lost and 1 gap of unknown size\n"));
	assert_non_null(strstr(text, "time of rx packets: queue 86.7%, irq 13.3%\n"));
	assert_non_null(strstr(text, "\n1 packet dropped\n"));
	assert_non_null(strstr(text, "NO_SOCKET nf_drop+0x6e2 [nf_tables] protocol"));
	assert_non_null(strstr(text, "Slowest packets"));
	assert_null(strchr(text, '\033'));
	free(text);
	text = output_of("text", true);
	assert_non_null(strstr(text, "\033[31m1 packet dropped\033[0m"));
	free(text);
}

static void test_headers(void **state)
{
	char *text = output_of_two("packets", false, &tunnelled, &ping);

	assert_string_equal(text,
		"#19 rx nic1 190 bytes udp 192.168.0.1:50000 > 192.168.0.2:4789 id 0 vlan 7 "
		"vxlan (tcp [fd00::1]:40000 > [fd00::2]:80 seq 1:101): consumed in 1.00us, "
		"at 0.000001000\n\n"
		"#20 rx nic1 104 bytes icmp6 fd00::1 > fd00::2: consumed in 1.00us, "
		"at 0.000001000\n\n");
	free(text);
	text = output_of_two("ndjson", false, &tunnelled, &ping);
	assert_non_null(strstr(text,
		"\"ifindex\":3,\"netns\":4026531840,\"len\":190,\"flow\":{\"proto\":\"udp\","
		"\"src\":\"192.168.0.1\",\"sport\":50000,\"dst\":\"192.168.0.2\","
		"\"dport\":4789},\"seq\":{\"start\":1,\"end\":101},\"ipid\":0,"));
	assert_non_null(strstr(text,
		"\"vlan\":7,\"tunnel\":{\"type\":\"vxlan\",\"flow\":{\"proto\":\"tcp\","
		"\"src\":\"fd00::1\",\"sport\":40000,\"dst\":\"fd00::2\",\"dport\":80}}}\n"));
	assert_non_null(strstr(text,
		"\"flow\":{\"proto\":\"icmp6\",\"src\":\"fd00::1\",\"sport\":null,"
		"\"dst\":\"fd00::2\",\"dport\":null},\"seq\":null,\"ipid\":null,"));
	free(text);
	text = output_of_two("text", false, &tunnelled, &ping);
	assert_non_null(strstr(text, "READER FLOW\n"));
	assert_non_null(strstr(text, "udp 192.168.0.1:50000 > 192.168.0.2:4789\n"));
	free(text);
}

static void test_errors(void **state)
{
	struct trail_sink_opts opts = { .capture = &info };
	struct trail_sink *sink;

	assert_int_equal(trail_sink_open("xml", &opts, &sink), -EINVAL);
	assert_int_equal(trail_sink_close(NULL), 0);
	opts.out = fopen("/dev/full", "w");
	assert_non_null(opts.out);
	assert_int_equal(trail_stat_new(1, &opts.stat), 0);
	for (size_t i = 0; trail_sink_type[i]; i++) {
		clearerr(opts.out);
		assert_int_equal(trail_sink_open(trail_sink_type[i]->name, &opts, &sink), 0);
		assert_int_equal(trail_sink_packet(sink, &dropped), 0);
		assert_int_equal(trail_sink_close(sink), -ENOSPC);
	}
	fclose(opts.out);
	trail_stat_free(opts.stat);
}

static void test_durations(void **state)
{
	static const struct { uint64_t ns; const char *text; } pair[] = {
		{ 0, "0ns" }, { 999, "999ns" }, { 1000, "1.00us" }, { 9994, "9.99us" },
		{ 9996, "10.0us" }, { 99949, "99.9us" }, { 99951, "100us" }, { 999499, "999us" },
		{ 999501, "1.00ms" }, { 999999999, "1.00s" }, { 3600000000000, "3600s" },
		/* What lies between two results goes where its double lies. */
		{ 1005, "1.00us" }, { 1015, "1.01us" }, { 1025, "1.02us" }, { 1035, "1.03us" },
		{ 999500, "1.00ms" }, { UINT64_MAX, "18446744074s" },
	};
	char buf[32];

	for (size_t i = 0; i < sizeof(pair) / sizeof(pair[0]); i++)
		assert_string_equal(text_duration(buf, pair[i].ns), pair[i].text);
}

static void test_text_safe(void **state)
{
	char buf[16];

	assert_string_equal(text_safe(buf, sizeof(buf), NULL), "-");
	assert_string_equal(text_safe(buf, sizeof(buf), "a\n\x7f\xc2\x9b"), "a\\x0a\\x7f\\xc2");
	assert_string_equal(text_safe(buf, sizeof(buf), "0123456789abcdefgh"), "0123456789abcde");
	assert_string_equal(text_safe(buf, 4, "ab\xe2\x82\xac"), "ab");
	assert_string_equal(text_safe(buf, sizeof(buf), "\xe2\x82\xac\xf4\x90\x80\x80"),
			    "\xe2\x82\xac\\xf4\\x90\\x80");
}

int main(void)
{
	const struct CMUnitTest test[] = {
		cmocka_unit_test(test_ndjson),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_text_safe),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}
