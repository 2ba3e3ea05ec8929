// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * syscalls.c - send and receive calls
 *
 * read(2) and write(2) are left out: most of them have nothing to do with sockets, and a read is
 * seen at the socket itself (sock_recv_length since 6.3, the copy of the data on every kernel).
 */
#include "skbtrail.h"

/* include/linux/socket.h: MSG_PEEK */
#define PEEK_FLAG	0x2

static int enter_recv(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_call_enter(engine, event, TRAIL_CALL_RECV, trail_u64(event, 0) & PEEK_FLAG);
}

/* Its flags are others; from or to a socket, the socket's own events tell. */
static int enter_splice(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_call_enter(engine, event, TRAIL_CALL_RECV, false);
}

static int exit_splice(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_call_exit(engine, event, TRAIL_CALL_RECV, trail_s64(event, 0));
}

static int exit_recv(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_call_exit(engine, event, TRAIL_CALL_RECV, trail_s64(event, 0));
}

/* It returns messages, not bytes. */
static int exit_recvmmsg(struct trail_engine *engine, const struct trail_event *event)
{
	int64_t ret = trail_s64(event, 0);

	return trail_call_exit(engine, event, TRAIL_CALL_RECV, ret > 0 ? TRAIL_UNSAID : ret);
}

static int enter_recvmmsg(struct trail_engine *engine, const struct trail_event *event)
{
	return enter_recv(engine, event);
}

static int enter_send(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_call_enter(engine, event, TRAIL_CALL_SEND, false);
}

static int exit_send(struct trail_engine *engine, const struct trail_event *event)
{
	return trail_call_exit(engine, event, TRAIL_CALL_SEND, trail_s64(event, 0));
}

#define CALL(name, kind, preset) \
	{ "syscalls:sys_enter_" name, { "flags" }, enter_##kind, preset }, \
	{ "syscalls:sys_exit_" name, { "ret" }, exit_##kind, preset }

static const struct trail_row row[] = {
	CALL("recvfrom", recv, TRAIL_PRESET_BOTH),
	CALL("recvmsg", recv, TRAIL_PRESET_BOTH),
	CALL("recvmmsg", recvmmsg, TRAIL_PRESET_BOTH),
	CALL("splice", splice, TRAIL_PRESET_NET),
	CALL("sendto", send, TRAIL_PRESET_NET),
	CALL("sendmsg", send, TRAIL_PRESET_NET),
	CALL("sendmmsg", send, TRAIL_PRESET_NET),
	{ 0 }
};

TRAIL_PLUGIN(syscalls) = { TRAIL_PLUGIN_ABI, "syscalls", "send and receive calls", row };
