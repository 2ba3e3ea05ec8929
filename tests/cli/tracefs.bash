# SPDX-License-Identifier: GPL-2.0-or-later
# tracefs.bash - what the tests of `skbtrail record` share: the kernel is as it was before each
# shellcheck shell=bash

tracefs=/sys/kernel/tracing

setup() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	[ -r $tracefs/available_events ] || skip "needs tracefs at $tracefs"
	SKBTRAIL=${SKBTRAIL:-skbtrail}
	cd "$BATS_TEST_TMPDIR"
	note_unexpanded
	state >before
	left_behind >left.before
}

# Whatever happened in a test, the kernel is as it was.
teardown() {
	[ ! -d full ] || umount full 2>/dev/null || true
	[ -e before ] || return 0
	state >after
	diff before after
	# Those of somebody else may go meanwhile.
	[ -z "$(left_behind | comm -13 left.before -)" ]
}

# The top buffer gets its size when it is first used after a boot, by whoever it is, and keeps it.
note_unexpanded() {
	unexpanded=$(grep expanded $tracefs/buffer_size_kb) || true
}

# What can be read of tracefs, but for instances.
state() {
	local f i

	for f in current_tracer trace_clock tracing_on set_event set_event_pid buffer_percent \
		 buffer_size_kb tracing_cpumask dynamic_events trace_options set_graph_function \
		 set_ftrace_filter set_ftrace_pid; do
		[ $f != buffer_size_kb ] || [ -z "$unexpanded" ] || continue
		echo "== $f"
		cat $tracefs/$f 2>&1 || true
	done
}

# Instances of recordings that are not alive, sorted.
left_behind() {
	local i

	for i in $(ls $tracefs/instances | grep -E '^(test_)?skbtrail_'); do
		[ -d "/proc/${i##*_}" ] || echo "$i"
	done
}

# Until a command succeeds: for a minute, machines can be busy.
wait_until() {
	local i

	for i in $(seq 600); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	echo "gave up waiting for: $*"
	return 1
}

# A new instance traces, without events: they come when it is off, and then it begins.
is_recording() {
	local instance=$tracefs/instances/skbtrail_$1

	[ -n "$(cat $instance/set_event)" ] && [ "$(cat $instance/tracing_on)" = 1 ]
}

# Until the recording that process $1 makes has begun.
wait_for_start() {
	wait_until is_recording $1
}

# A command that runs until file go is there.
until_go='until [ -e go ]; do sleep 0.1; done'

need_trace_cmd() {
	command -v trace-cmd >/dev/null || skip "needs trace-cmd"
}

# Events of each CPU as the kernel counted them, from the statistics in the file.
counted() {
	trace-cmd report --stat "$1" | awk '/^CPU: /{cpu = $2} /^read events: /{print cpu, $3}'
}

# Events of each CPU as stock prints them.
printed() {
	local cpu nr

	for cpu in $(counted "$1" | cut -d' ' -f1); do
		nr=$(trace-cmd report --cpu "$cpu" "$1" | grep -c "\[0*$cpu\]" || true)
		echo "$cpu $nr"
	done
}

workload() {
	echo 'i=0; while [ $i -lt 200 ]; do i=$((i+1)); /bin/true; done'
}
