#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# killed.sh - recordings with probes and tracers, killed: `skbtrail reset` puts the kernel back as
# it was, `skbtrail recover` makes captures without payload
#
#	killed.sh BUILD
#
# Runs in the guest of vmrun, as root of it.
set -eu

skbtrail=$1/cmd/skbtrail
dir=$(mktemp -d)
tracefs=/sys/kernel/tracing
status=0

fail()
{
	echo "killed: $1" >&2
	status=1
}

# All of tracefs but the buffers, what only counts, and what is constant.  A buffer that was in use
# once does not say any more that it is not expanded.
state()
{
	(
		cd $tracefs
		for file in * options/*; do
			case $file in
			trace|trace_pipe|free_buffer|saved_cmdlines*|saved_tgids|error_log|README|\
			available_*|*_profile|kallsyms|printk_formats|eval_map|snapshot|touched*|\
			buffer_total_size_kb|enabled_functions|dyn_ftrace_total_info|stack_*)
				continue ;;
			esac
			[ ! -f "$file" ] || { echo "== $file"; cat "$file" 2>&1 || true; }
		done | sed 's/^[0-9]* (expanded: \([0-9]*\))$/\1/'
		echo "== instances"
		ls instances
		echo "== events"
		ls events
		grep -rLx none events --include=filter || true
	)
	cat /proc/sys/kernel/ftrace_enabled
}

# as_before WHAT
as_before()
{
	state >"$dir/after"
	diff "$dir/before" "$dir/after" || fail "$1: tracefs is not as it was"
	[ -z "$(ls /run/skbtrail 2>/dev/null)" ] || fail "$1: a journal is left"
}

# wait_until WHAT COMMAND...: it succeeds
wait_until()
{
	what=$1
	shift
	for _ in $(seq 600); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	fail "$what"
}

# is_tracing PID: in an instance or at the top; either traces from the start, but not what we set
is_tracing()
{
	instance=$tracefs/instances/skbtrail_$1
	if [ "$(cat $tracefs/current_tracer)" != nop ]; then
		[ "$(cat $tracefs/tracing_on)" = 1 ]
	else
		[ -n "$(cat "$instance/set_event")" ] && [ "$(cat "$instance/tracing_on")" = 1 ]
	fi
}

# written PATTERN: it is in the pages
written()
{
	cat "$dir"/x.dat.part/cpu* | grep -a "$1"
}

# start_record OPTION...
start_record()
{
	rm -rf "$dir/x.dat" "$dir/x.dat.part"
	"$skbtrail" record -o "$dir/x.dat" "$@" 2>"$dir/err" &
	pid=$!
	wait_until "the recording does not begin" is_tracing $pid
}

kill_record()
{
	kill -9 $pid
	wait $pid || true
}

send_secrets()
{
	python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', 4242))
for i in range(100):
    s.sendto(b'SECRET-PAYLOAD-%d' % i, ('127.0.0.1', 4242))
    s.recv(100)"
}

[ -e $tracefs/trace_clock ] || mount -t tracefs tracefs $tracefs
# What a user may have set up at the top: it is nobody else's.
echo 512 >$tracefs/buffer_size_kb
echo boot >$tracefs/trace_clock
echo 1 >$tracefs/options/irq-info
if [ -e $tracefs/kprobe_events ]; then
	echo 'p:users/one vfs_read' >>$tracefs/kprobe_events
fi
if [ -e $tracefs/set_ftrace_filter ]; then
	echo vfs_read >$tracefs/set_ftrace_filter
	echo vfs_write >>$tracefs/set_ftrace_filter
	echo vfs_open >$tracefs/set_graph_function
fi
mkdir $tracefs/instances/users
echo 1 >$tracefs/instances/users/events/users/enable 2>/dev/null || true
ip link set lo up
state >"$dir/before"

# Probes, at a few moments of the set-up as well.
for seconds in 0.2 0.7 1.5 3; do
	"$skbtrail" record -o "$dir/early.dat" 2>/dev/null &
	pid=$!
	sleep $seconds
	kill -9 $pid
	wait $pid || true
	"$skbtrail" reset >"$dir/reset" 2>&1 || { cat "$dir/reset"; fail "reset after $seconds"; }
	as_before "kill after $seconds s"
	[ ! -d "$dir/early.dat.part" ] || "$skbtrail" recover "$dir/early.dat" 2>/dev/null ||
		fail "recover after $seconds"
	rm -rf "$dir"/early.dat*
done

# Payload is in the pages, and not in what is recovered of them.
for payload in '' --payload; do
	start_record $payload
	send_secrets
	wait_until "the last packet is not written" written SECRET-PAYLOAD-99
	kill_record
	"$skbtrail" reset >/dev/null 2>&1 || fail "reset of probes"
	as_before "probes"
	"$skbtrail" recover "$dir/x.dat" || fail "recover"
	[ "$("$skbtrail" report --packets --filter 'udp port 4242' "$dir/x.dat" |
		grep -c delivered)" -ge 100 ] || fail "packets are missing in what is recovered"
	if [ -n "$payload" ]; then
		grep -q SECRET-PAYLOAD "$dir/x.dat" || fail "--payload is recovered without it"
	else
		! grep -q SECRET-PAYLOAD "$dir/x.dat" || fail "payload is recovered"
	fi
	"$skbtrail" report "$dir/x.dat" | grep -i payload || true
done

# Function tracers: at the top where the kernel has them only there.
if grep -q function_graph $tracefs/available_tracers; then
	start_record -p function_graph -g tcp_v4_rcv -g udp_rcv -n schedule -l 'udp_*' -b 256 \
		-C mono -O nofuncgraph-irqs -O funcgraph-proc \
		-e sched:sched_switch -f 'prev_pid > 0'
	send_secrets
	sleep 1
	kill_record
	state | diff "$dir/before" - >"$dir/changed" && fail "the tracer changed nothing"
	grep -q tcp_v4_rcv "$dir/changed" || fail "no graph filter was set"
	"$skbtrail" reset --dry-run
	"$skbtrail" reset >/dev/null 2>&1 || fail "reset of function_graph"
	as_before "function_graph"
	"$skbtrail" recover "$dir/x.dat" || fail "recover of function_graph"
	"$skbtrail" report --events "$dir/x.dat" >"$dir/events" 2>&1 || true
	trace-cmd report "$dir/x.dat" >"$dir/stock" 2>&1 || fail "stock does not open it"
	grep -q 'udp_rcv' "$dir/stock" || fail "no functions in it"
	# The same, ended in order.
	"$skbtrail" record -o "$dir/y.dat" -p function_graph -g udp_rcv -O funcgraph-proc -b 256 \
		-- sh -c : 2>"$dir/err" || { cat "$dir/err"; fail "function_graph"; }
	as_before "function_graph that ended"
fi
[ $status -ne 0 ] || echo "killed: ok"
exit $status
