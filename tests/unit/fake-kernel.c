// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fake-kernel.c - a kernel for probes, made of files: no other has just these types
 *
 * What it can do is said by the README lines of real ones.
 */
#include <bpf/btf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "fake-kernel.h"

#define DIR	FAKE_KERNEL_DIR

const char readme_5_10[] =
	"place (kretprobe): [<module>:]<symbol>[+<offset>]%return|<memaddr>\n"
	"   place (uprobe): <path>:<offset>[%return][(ref_ctr_offset)]\n";
const char readme_6_1[] =
	"\t           s:[synthetic/]<event> <field> [<field>]\n"
	"\t           e[:[<group>/][<event>]] <attached-group>.<attached-event> [<args>]\n"
	"place (kretprobe): [<module>:]<symbol>[+<offset>]%return|<memaddr>\n"
	"\t\t    hist (see below)\n";
const char readme_6_12[] =
	"\t           f[:[<group>/][<event>]] <func-name>[%return] [<args>]\n"
	"\t           s:[synthetic/]<event> <field> [<field>]\n"
	"\t           e[:[<group>/][<event>]] <attached-group>.<attached-event> [<args>]\n"
	"place (kretprobe): [<module>:]<symbol>[+<offset>]%return|<memaddr>\n"
	"   place (uprobe): <path>:<offset>[%return][(ref_ctr_offset)]\n"
	"\t     kernel return probes support: $retval, $arg<N>, $comm\n"
	"\t\t    hist (see below)\n";

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

/* ---- types */

struct ids { int u8, u16, u32, s32, u64, ch, be16, be32, net_device, sk_buff, sock, tcp, big; };

static void add_members(struct btf *btf, struct ids *id)
{
	int name = btf__add_array(btf, id->u32, id->ch, 16);
	int cb = btf__add_array(btf, id->u32, id->u8, 48);
	int words = btf__add_array(btf, id->u32, id->u16, 4);
	int common, anonymous, net_device_p, sk_p, data_p, func_p;

	id->net_device = btf__add_struct(btf, "net_device", 24);
	btf__add_field(btf, "name", name, 0, 0);
	btf__add_field(btf, "mtu", id->u32, 128, 0);
	common = btf__add_struct(btf, "sock_common", 12);
	btf__add_field(btf, "skc_daddr", id->be32, 0, 0);
	btf__add_field(btf, "skc_dport", id->be16, 32, 0);
	btf__add_field(btf, "skc_num", id->u16, 48, 0);
	btf__add_field(btf, "skc_state", id->u8, 64, 0);
	func_p = btf__add_ptr(btf, btf__add_func_proto(btf, 0));
	id->sock = btf__add_struct(btf, "sock", 32);
	btf__add_field(btf, "__sk_common", common, 0, 0);
	btf__add_field(btf, "sk_err", id->s32, 96, 0);
	btf__add_field(btf, "sk_data_ready", func_p, 128, 0);
	btf__add_field(btf, "words", words, 192, 0);
	id->tcp = btf__add_struct(btf, "tcp_sock", 40);
	btf__add_field(btf, "sk", id->sock, 0, 0);
	btf__add_field(btf, "rcv_nxt", id->u32, 256, 0);
	net_device_p = btf__add_ptr(btf, id->net_device);
	sk_p = btf__add_ptr(btf, id->sock);
	data_p = btf__add_ptr(btf, id->u8);
	anonymous = btf__add_union(btf, NULL, 8);
	btf__add_field(btf, "dev", net_device_p, 0, 0);
	btf__add_field(btf, "dev_scratch", id->u64, 0, 0);
	id->sk_buff = btf__add_struct(btf, "sk_buff", 96);
	btf__add_field(btf, "next", id->u64, 0, 0);
	btf__add_field(btf, NULL, anonymous, 64, 0);
	btf__add_field(btf, "sk", sk_p, 128, 0);
	btf__add_field(btf, "len", id->u32, 192, 0);
	btf__add_field(btf, "pkt_type", id->u8, 224, 3);
	btf__add_field(btf, "cloned", id->u8, 227, 1);
	btf__add_field(btf, "cb", cb, 256, 0);
	btf__add_field(btf, "data", data_p, 640, 0);
	/* The names of all of its members are longer than a hint. */
	btf__add_struct(btf, "wide", 48);
	for (int i = 0; i < 12; i++) {
		char wide[40];

		snprintf(wide, sizeof(wide), "a_long_name_of_a_member_number_%d", i);
		btf__add_field(btf, wide, id->u32, (uint32_t)i * 32, 0);
	}
	id->big = btf__add_struct(btf, "big", 24);
	btf__add_field(btf, "x", id->u64, 0, 0);
}

static void add_function(struct btf *btf, const char *name, int ret, const char *const *param,
			 const int *type)
{
	int proto = btf__add_func_proto(btf, ret);

	for (; *param; param++, type++)
		btf__add_func_param(btf, *param, *type);
	btf__add_func(btf, name, BTF_FUNC_GLOBAL, proto);
}

static void add_functions(struct btf *btf, const struct ids *id)
{
	int skb_p = btf__add_ptr(btf, id->sk_buff), sk_p = btf__add_ptr(btf, id->sock);
	int u32_p = btf__add_ptr(btf, id->u32), void_p = btf__add_ptr(btf, 0);
	int pair = btf__add_struct(btf, "sockptr", 16);

	btf__add_field(btf, "kernel", void_p, 0, 0);
	btf__add_field(btf, "is_kernel", id->u8, 64, 0);
	add_function(btf, "rcv", id->s32, (const char *const[]){ "skb", NULL }, &skb_p);
	add_function(btf, "window", 0, (const char *const[]){ "sk", "__space", "rcv_wnd", NULL },
		     (const int[]){ sk_p, id->s32, u32_p });
	add_function(btf, "connect", id->s32, (const char *const[]){ "sk", "buf", NULL },
		     (const int[]){ sk_p, void_p });
	add_function(btf, "by_value", sk_p, (const char *const[]){ "ptr", "len", "big", "last",
								   NULL },
		     (const int[]){ pair, id->u32, id->big, id->u32 });
	add_function(btf, "gone", id->s32, (const char *const[]){ "skb", NULL }, &skb_p);
}

static void make_btf(void)
{
	struct btf *btf = btf__new_empty();
	struct ids id = { 0 };
	const void *data;
	uint32_t size;
	FILE *file;
	int states;

	id.u8 = btf__add_int(btf, "unsigned char", 1, 0);
	id.u16 = btf__add_int(btf, "unsigned short", 2, 0);
	id.u32 = btf__add_int(btf, "unsigned int", 4, 0);
	id.s32 = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	id.u64 = btf__add_int(btf, "long unsigned int", 8, 0);
	id.ch = btf__add_int(btf, "char", 1, BTF_INT_SIGNED);
	id.be16 = btf__add_typedef(btf, "__be16", id.u16);
	id.be32 = btf__add_typedef(btf, "__be32", id.u32);
	states = btf__add_enum(btf, NULL, 4);
	btf__add_enum_value(btf, "TCP_ESTABLISHED", 1);
	btf__add_enum_value(btf, "TCP_LISTEN", 10);
	assert_true(states > 0);
	add_members(btf, &id);
	add_functions(btf, &id);
	data = btf__raw_data(btf, &size);
	file = fopen(DIR "/vmlinux", "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	fclose(file);
	btf__free(btf);
}

int fake_kernel_make(void **state)
{
	mkdir(DIR, 0700);
	mkdir(DIR "/events", 0700);
	mkdir(DIR "/events/net", 0700);
	mkdir(DIR "/events/net/netif_rx", 0700);
	make_btf();
	write_file(DIR "/events/net/netif_rx/format",
		   "name: netif_rx\nID: 1\nformat:\n"
		   "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
		   "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
		   "\tfield:void * skbaddr;\toffset:8;\tsize:8;\tsigned:0;\n"
		   "\tfield:unsigned int len;\toffset:16;\tsize:4;\tsigned:0;\n"
		   "\tfield:__data_loc char[] name;\toffset:20;\tsize:4;\tsigned:0;\n"
		   "\tfield:__u8 saddr6[16];\toffset:24;\tsize:16;\tsigned:0;\n");
	write_file(DIR "/kallsyms",
		   "0 T rcv\n0 t window\n0 T connect\n0 t by_value\n0 t __dev_queue_xmit\n"
		   "0 t process_backlog\n"
		   "0 t static_fn.constprop.0\n0 t unknown_types\n0 t forbidden\n"
		   "0 t mod_fn\t[mod]\n");
	write_file(DIR "/blacklist", "0x0-0x1\tforbidden\n");
	write_file(DIR "/available_filter_functions",
		   "rcv\nwindow\nconnect\nby_value\nunknown_types\nforbidden\nmod_fn [mod]\n");
	return 0;
}

int fake_kernel_remove(void **state)
{
	return system("rm -r " DIR);
}

void fake_kernel_init(struct probe_kernel *kernel, const char *readme)
{
	*kernel = (struct probe_kernel){
		.tracing_dir = DIR, .btf_dir = DIR, .kallsyms = DIR "/kallsyms",
		.blacklist = DIR "/blacklist",
	};
	probe_caps_read(readme, "x86_64", &kernel->caps);
}
