#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# live.bats - events while they happen, on this kernel

bats_require_minimum_version 1.5.0

load tracefs.bash

# A program that nobody else runs.
workload_of_200() {
	cp /bin/true ./mine
	echo 'i=0; while [ $i -lt 200 ]; do i=$((i+1)); ./mine; done'
}

# Each number of a line "NAME NUMBER NAME NUMBER ..."
number() {
	sed -n "s/^.*\\b$1 \\([0-9]*\\).*/\\1/p" err | head -1
}

@test "each event comes, once, in the order of time" {
	"$LIVE_EVENTS" -b 8192 sched:sched_process_exec sched:sched_switch irq -- \
		sh -c "$(workload_of_200)" >out 2>err
	[ "$(grep -c 'filename=./mine' out)" = 200 ]
	[ "$(number disorder)" = 0 ]
	[ "$(number lost)" = 0 ]
	[ "$(number printed)" = "$(wc -l <out)" ]
	[ "$(number printed)" = "$(awk '/^cpu/{n += $3} END {print n}' err)" ]
	# Stock takes nothing but the time of a line; it must not go back.
	sed 's/^.*\] *\([0-9]*\.[0-9]*\): .*/\1/' out >times
	sort -n times | cmp - times
}

@test "a task that has ended has a name" {
	"$LIVE_EVENTS" -b 4096 sched:sched_process_exec -- sh -c "$(workload_of_200)" >out 2>err
	grep 'filename=./mine' out >lines
	# The kernel notes a name when it switches tasks, if nobody else does it just then; without
	# asking it there is none.
	[ "$(grep -c '^ *mine-[0-9]' lines)" -gt 100 ]
}

@test "what the buffers cannot hold is counted" {
	# Over several reads: only between two of them is there an event behind the gap.
	"$LIVE_EVENTS" -b 8 -d 400 sched irq -- \
		sh -c "for round in 1 2 3; do $(workload_of_200); sleep 0.5; done" >out 2>err
	[ "$(number lost)" -gt 0 ]
	[ "$(number marked)" -gt 0 ]
	[ "$(number disorder)" = 0 ]
}

@test "events come while the command runs" {
	mkfifo pipe
	"$LIVE_EVENTS" sched:sched_process_exec -- \
		sh -c 'cp /bin/true mine; ./mine; read -r line <pipe' >out 2>err &
	pid=$!
	for i in $(seq 100); do
		! grep -q 'filename=./mine' out || break
		sleep 0.1
	done
	grep -q 'filename=./mine' out
	kill -0 $pid
	echo go >pipe
	wait $pid
}

@test "killed: reset puts the kernel back" {
	run ! "$LIVE_EVENTS" -k sched:sched_switch -- true
	ls $tracefs/instances | grep '^skbtrail_'
	"$SKBTRAIL" reset
}

@test "an event that there is not" {
	run -1 "$LIVE_EVENTS" no:such -- true
	[[ $output = *"no:such"* ]]
	run -1 "$LIVE_EVENTS" -b 99999999999 sched:sched_switch -- true
}
