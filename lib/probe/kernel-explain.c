// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kernel-explain.c - a function that cannot be probed -> why, and which one can
 */
#include <errno.h>
#include <string.h>

#include "kernel.h"
#include "skbtrail.h"
#include "spec.h"

#define MAX_INSTEAD	3

/*
 * Functions that compilers put into their callers, or that are no functions: what runs around them,
 * or does their work, in kernels from 5.10 on.  Which of them a kernel has, kallsyms says.
 */
static const struct { const char *name; const char *instead[MAX_INSTEAD]; } inlined[] = {
	{ "__skb_dequeue", { "skb_dequeue", "process_backlog" } },
	{ "__skb_queue_tail", { "skb_queue_tail", "enqueue_to_backlog",
				"__sock_queue_rcv_skb" } },
	{ "alloc_skb", { "__alloc_skb" } },
	{ "copy_linear_skb", { "udp_recvmsg", "udpv6_recvmsg" } },
	{ "dev_alloc_skb", { "__netdev_alloc_skb" } },
	{ "dev_hold", { "dev_get_by_index", "dev_get_by_name", "dst_init" } },
	{ "dev_kfree_skb", { "consume_skb" } },
	{ "dev_put", { "dst_dev_put", "in_dev_finish_destroy" } },
	{ "dev_queue_xmit", { "__dev_queue_xmit" } },
	{ "dst_input", { "ip_local_deliver", "ip6_input", "ip_forward" } },
	{ "dst_output", { "ip_output", "ip6_output" } },
	{ "gro_normal_one", { "napi_gro_receive", "napi_complete_done" } },
	{ "kfree_skb", { "sk_skb_reason_drop", "kfree_skb_reason", "__kfree_skb" } },
	{ "kfree_skb_reason", { "sk_skb_reason_drop", "__kfree_skb" } },
	{ "napi_poll", { "__napi_poll", "net_rx_action" } },
	{ "napi_schedule", { "__napi_schedule" } },
	{ "netdev_start_xmit", { "dev_hard_start_xmit" } },
	{ "nf_hook", { "nf_hook_slow" } },
	{ "sk_add_backlog", { "tcp_add_backlog", "tcp_v4_rcv" } },
	{ "sk_stream_wspace", { "sk_stream_write_space", "tcp_poll" } },
	{ "skb_queue_empty", { "process_backlog", "tcp_splice_read" } },
	{ "skb_shinfo", { "pskb_expand_head", "__pskb_pull_tail", "skb_segment" } },
	{ "sock_put", { "sk_free" } },
	{ "sock_queue_rcv_skb", { "sock_queue_rcv_skb_reason" } },
	{ "tcp_data_snd_check", { "tcp_rcv_established" } },
	{ "tcp_push_pending_frames", { "__tcp_push_pending_frames" } },
	{ "tcp_send_head", { "tcp_write_xmit" } },
	{ "tcp_v4_fill_cb", { "tcp_v4_rcv" } },
	{ "tcp_write_queue_empty", { "tcp_send_probe0", "tcp_keepalive_timer" } },
	{ "tcp_write_queue_head", { "tcp_write_xmit" } },
	{ "xmit_one", { "dev_hard_start_xmit" } },
};

static bool exists(const struct probe_kernel *kernel, const char *name)
{
	struct probe_symbol symbol;

	return !probe_kernel_find_symbol(kernel, name, &symbol) && symbol.nr;
}

static bool find_callers(const struct probe_kernel *kernel, const char *name, char *text,
			 size_t size)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < sizeof(inlined) / sizeof(inlined[0]); i++)
		for (size_t j = 0; !strcmp(inlined[i].name, name) && j < MAX_INSTEAD &&
		     inlined[i].instead[j] && used < size; j++)
			if (exists(kernel, inlined[i].instead[j]))
				used += (size_t)snprintf(text + used, size - used, "%s%s",
							 used ? ", " : "",
							 inlined[i].instead[j]);
	return used;
}

static int no_such_function(const struct probe_kernel *kernel, const struct spec *spec,
			    const struct probe_symbol *symbol, struct trail_error *error)
{
	char names[280], hint[320];

	if (*symbol->variant) {
		snprintf(hint, sizeof(hint), "it can be probed by that name, its arguments by "
			 "number: '%s $arg1'", symbol->variant);
		return spec_fail(error, spec->symbol.column, hint,
				 "the compiler made %s of %s and may have changed its arguments",
				 symbol->variant, spec->symbol.text);
	}
	if (find_callers(kernel, spec->symbol.text, names, sizeof(names))) {
		snprintf(hint, sizeof(hint), "what can be probed around it: %s", names);
		return spec_fail(error, spec->symbol.column, hint, "%s is inlined in this kernel: "
				 "there is no function to probe", spec->symbol.text);
	}
	if (near_text(&symbol->near, names, sizeof(names)))
		snprintf(hint, sizeof(hint), "did you mean %.200s? Else it is inlined in this "
			 "kernel, or its module is not loaded", names);
	else
		snprintf(hint, sizeof(hint), "'skbtrail probe functions PATTERN' lists what can be "
			 "probed; inlined functions and those of modules not loaded cannot");
	return spec_fail(error, spec->symbol.column, hint, "this kernel has no function '%s'",
			 spec->symbol.text);
}

int probe_kernel_explain(const struct probe_kernel *kernel, const struct spec *spec,
			 struct trail_error *error)
{
	const char *name = spec->symbol.text;
	char names[280], hint[320] = "";
	struct probe_symbol symbol;
	int err = probe_kernel_find_symbol(kernel, name, &symbol);

	if (err == -ENOMEM)
		return err;
	if (!err && !symbol.nr)
		return no_such_function(kernel, spec, &symbol, error);
	if (find_callers(kernel, name, names, sizeof(names)))
		snprintf(hint, sizeof(hint), "what can be probed around it: %s", names);
	if (probe_kernel_is_blacklisted(kernel, name))
		return spec_fail(error, spec->symbol.column, hint, "%s must not be probed: it is "
				 "on the kernel's blacklist, as probes themselves may need it",
				 name);
	if (!probe_kernel_is_traceable(kernel, name))
		return spec_fail(error, spec->symbol.column, hint, "%s cannot be probed: the "
				 "kernel is built not to trace it (notrace)", name);
	if (symbol.nr > 1)
		return spec_fail(error, spec->symbol.column, "some kernels refuse such a name",
				 "there are %u functions called %s", symbol.nr, name);
	return spec_fail(error, spec->symbol.column, NULL, "the kernel refuses a probe at %s",
			 name);
}
