#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# record-bound.bats - `skbtrail record` keeps the newest only, or loses events and says so

bats_require_minimum_version 1.5.0

load tracefs.bash

# Makes some megabytes of events in a second.
busy='while :; do dd if=/dev/zero of=/dev/null bs=1 count=300000 2>/dev/null; done'
many="-e sched -e irq* -e timer -e raw_syscalls"

# Numbered markers, one after the other, into the instance that holds the recording; the last number
# goes to file last.  Of one CPU, whose data is to be without a gap.  For 3 seconds, and many times
# what is kept.
numbers='end=$((SECONDS + 3)); n=0; exec 3>$0/trace_marker
	while [ $SECONDS -lt $end ] || [ $n -lt 30000 ]; do
		n=$((n + 1)); echo "number $n." >&3
	done; echo $n >last'

# Makes many times the bound of them; those that are kept go to file kept.
record_numbers() {
	local instance=$tracefs/instances/test_numbers_$$

	need_trace_cmd
	mkdir "$instance"
	run -0 "$SKBTRAIL" record -B test_numbers_$$ -o x.dat "$@" -e sched \
		-- taskset -c 0 bash -c "$numbers" "$instance"
	rmdir "$instance"
	trace-cmd report x.dat 2>/dev/null | sed -n 's/.*number \([0-9]*\)\..*/\1/p' >kept
}

# The last one is there, and none is missing between it and the first that is kept.
newest_without_gap() {
	local first nr

	first=$(head -1 kept)
	nr=$(wc -l <kept)
	[ "$nr" -gt 100 ]
	[ $((nr * 10)) -lt "$(cat last)" ]
	[ "$(tail -1 kept)" = "$(cat last)" ]
	[ $(($(cat last) - first + 1)) = "$nr" ]
}

pages_kb() {
	[[ "$output" =~ ([0-9]+)\ KB\ of\ ([0-9]+)\ CPUs ]]
	[ "${BASH_REMATCH[1]}" -gt 0 ]
	[ "${BASH_REMATCH[1]}" -le $(($1 * BASH_REMATCH[2])) ]
}

# Both ways say how many gave way, and do not take it for a loss.
said_what_gave_way() {
	[[ "$output" =~ \;\ ([0-9]+)\ older\ ones\ gave\ way\;\ none\ lost ]]
	"$SKBTRAIL" report --strict x.dat >report
	grep "^only the newest was kept: ${BASH_REMATCH[1]} older" report
	"$SKBTRAIL" report --format=ndjson x.dat |
		grep -q "\"bounded\":\"$1\",\"let_go\":${BASH_REMATCH[1]}[,}]"
}

@test "-m keeps the newest, without a gap, within its bound" {
	record_numbers -m 64
	newest_without_gap
	pages_kb 64
	said_what_gave_way size
}

@test "-m keeps the newest, without a gap, within its bound: v6" {
	record_numbers -m 100 --file-version 6
	newest_without_gap
	pages_kb 100
}

@test "-m is rounded up to two pages of each CPU" {
	run -0 "$SKBTRAIL" record -m 1 -e sched -- sh -c "$(workload)"
	[[ "$output" =~ ,\ ([0-9]+)\ KB\ of\ ([0-9]+)\ CPUs ]]
	[ "${BASH_REMATCH[1]}" -le $((BASH_REMATCH[2] * 2 * $(getconf PAGESIZE) / 1024)) ]
}

@test "--flight keeps the newest, without a gap, in the kernel's buffer" {
	record_numbers --flight -b 64
	newest_without_gap
	# The kernel adds a page or two.
	pages_kb 72
	said_what_gave_way flight
}

@test "--flight ends with --for and with a signal" {
	local pid

	need_trace_cmd
	run -0 "$SKBTRAIL" record --flight -b 64 -o a.dat -e sched --for 1s
	"$SKBTRAIL" record --flight -b 64 -o b.dat -e sched &
	pid=$!
	wait_for_start $pid
	sleep 0.5
	# Nothing is written before.
	[ "$(cat b.dat.part/cpu* | wc -c)" = 0 ]
	kill -TERM $pid
	wait $pid
	[ "$(trace-cmd report a.dat | wc -l)" -gt 10 ]
	[ "$(trace-cmd report b.dat | wc -l)" -gt 10 ]
}

@test "--flight has its room on the disk from the start" {
	mkdir full
	mount -t tmpfs -o size=20m none full || skip "cannot mount a tmpfs"
	run -1 "$SKBTRAIL" record --flight -b 16384 -o full/x.dat -e sched -- touch ran
	[[ "$output" == *"the file system at $PWD/full (tmpfs) is full"* ]]
	[ ! -e ran ]
	[ -z "$(ls full)" ]
}

@test "--flight and -m are not for one recording" {
	run -2 "$SKBTRAIL" record --flight -m 64 -- true
}

# Loses events, by the options $@; per CPU the file has what the kernel counted.
lose() {
	# shellcheck disable=SC2086
	run -4 "$SKBTRAIL" record --strict -b 16 -o x.dat "$@" $many -- timeout 3 sh -c "$busy"
	[[ "$output" =~ \;\ ([0-9]+)\ lost\  ]]
	lost=${BASH_REMATCH[1]}
	[ "$lost" -gt 1000 ]
	run -4 "$SKBTRAIL" report --strict --format=ndjson x.dat
	"$SKBTRAIL" report --format=ndjson x.dat | head -1 | python3 -c '
import json, sys
head = json.loads(sys.stdin.readline())
losses = head["losses"]
assert sum(loss["events"] for loss in losses) == head["lost_events"] >= int(sys.argv[1]), head
for loss in losses:
    assert loss["events"] >= loss["overrun"] + loss["commit_overrun"] + loss["dropped"], loss
    assert 0 < loss["from_ns"] < loss["to_ns"] < head["end_ns"] + 2e9, loss
    assert loss["from_ns"] > head["start_ns"] - 2e9, loss
' "$lost"
	"$SKBTRAIL" report x.dat | grep -A1 '^CPU .*LOST .*FROM'
}

@test "lost events are counted by CPU and placed in time, and --strict says it: overwritten" {
	lose
}

@test "lost events are counted by CPU and placed in time, and --strict says it: dropped" {
	lose -O nooverwrite
}

@test "on a terminal it shows what is lost while it records" {
	local pid

	command -v script >/dev/null || skip "needs script"
	timeout 60 sh -c "$busy" &
	pid=$!
	# shellcheck disable=SC2086
	script -qec "'$SKBTRAIL' record -b 16 -o x.dat -e raw_syscalls --for 4s" /dev/null >shown
	kill $pid
	wait $pid || true
	tr '\r' '\n' <shown | grep -E '^(.\[K)?[1-4] s: [0-9]+ events/s, [0-9]+ [KM]B, [0-9]+ lost'
}

@test "without a loss --strict leaves the command its status" {
	run -7 "$SKBTRAIL" record --strict -e sched:sched_process_exec -- sh -c 'exit 7'
}

@test "what an instance had lost before is not counted" {
	local instance=$tracefs/instances/test_before_$$

	mkdir "$instance"
	echo 4 >"$instance/buffer_size_kb"
	for _ in $(seq 2000); do echo "some text for the buffer"; done >"$instance/trace_marker"
	grep -q '^overrun: [1-9]' "$instance"/per_cpu/cpu*/stats
	run -0 "$SKBTRAIL" record --strict -B test_before_$$ -e sched:sched_process_exec -- true
	[[ "$output" == *"; none lost"* ]]
	rmdir "$instance"
}

@test "progress is one line on a terminal, and none elsewhere" {
	command -v script >/dev/null || skip "needs script"
	script -qc "$SKBTRAIL record --for 3s -e sched" typescript >/dev/null
	tr '\r' '\n' <typescript >lines
	[ "$(grep -c '^1 s: [0-9]* events/s, [0-9]* [KM]B, .* lost$' lines)" = 1 ]
	# Each is cleared: to the eye two lines are left, of the beginning and of the end.
	[ "$(grep -c 'skbtrail: ' typescript)" = 2 ]
	run -0 "$SKBTRAIL" record --for 2s -e sched
	[[ "$output" != *"events/s"* ]]
}
