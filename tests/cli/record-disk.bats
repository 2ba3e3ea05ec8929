#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# record-disk.bats - `skbtrail record` where a file system, or a limit, takes no more

bats_require_minimum_version 1.5.0

load tracefs.bash

# Makes some megabytes of events in a second.
busy='while :; do dd if=/dev/zero of=/dev/null bs=1 count=300000 2>/dev/null; done'
many="-e sched -e irq* -e timer -e raw_syscalls"

small_disk() {
	mkdir -p full
	mount -t tmpfs -o "size=$1" none full || skip "cannot mount a tmpfs"
}

# The capture $1 has as many events as record said, in $output, and in both readers; at least $2.
good_capture() {
	local said

	[[ "$output" =~ skbtrail:\ ([0-9]+)\ events, ]]
	said=${BASH_REMATCH[1]}
	[ "$(trace-cmd report "$1" | grep -c '\[0')" = "$said" ]
	"$SKBTRAIL" report --format=ndjson "$1" >report 2>err
	grep -q "\"events\":$said," report
	[ "$said" -ge "$2" ]
	[ ! -e "$1.part" ]
}

# What it ended early is told by record, whose last lines are in $output, and by each report.
is_told_ended() {
	[[ "$output" == *" more were not kept"* ]]
	[[ "$output" != *"none lost"* ]]
	run -4 --separate-stderr "$SKBTRAIL" report --strict "$1"
	[[ "${lines[0]}" == *" events, ended early ($2)"* ]]
	[[ "${lines[0]}" != *"none lost"* ]]
	"$SKBTRAIL" report --json "$1" 2>/dev/null | grep -q "\"ended\":\"$2\""
	run -4 "$SKBTRAIL" drops --strict "$1"
}

fill_disk() {
	need_trace_cmd
	small_disk 16m
	# shellcheck disable=SC2086
	run -1 "$SKBTRAIL" record -o full/x.dat "$@" $many -- timeout 60 sh -c "$busy"
	[[ "$output" == *"ended early: the file system at $PWD/full (tmpfs) is full"* ]]
	good_capture full/x.dat 10000
	"$SKBTRAIL" report full/x.dat 2>&1 | grep -q 'ended early: No space left'
	is_told_ended full/x.dat 'No space left on device'
}

@test "a full disk ends it, and what was written is a capture" {
	fill_disk
}

@test "a full disk ends it, and what was written is a capture: v6" {
	fill_disk --file-version 6
}

@test "a full disk ends it, and what was written is a capture: zstd" {
	fill_disk --compression zstd
}

@test "a disk of any size is full without harm" {
	local kb nr_capture=0

	need_trace_cmd
	for kb in 16 64 256 512 1024 2048 3072 4096 5120 6144 6656 7168 7680 8192 9000 9500 10001 \
		  11111 12000 13000; do
		small_disk ${kb}k
		# shellcheck disable=SC2086
		run -1 "$SKBTRAIL" record -o full/x.dat $many -- timeout 60 sh -c "$busy"
		[[ "$output" == *"the file system at $PWD/full (tmpfs) is full"* ]]
		if [ -e full/x.dat ]; then
			good_capture full/x.dat 1
			nr_capture=$((nr_capture + 1))
		fi
		[ "$(ls full)" = "$([ ! -e full/x.dat ] || echo x.dat)" ]
		umount full
	done
	[ $nr_capture -gt 5 ]
}

@test "a full ext4 ends it, and what was written is a capture" {
	need_trace_cmd
	truncate -s 60m image
	mkfs.ext4 -q image || skip "needs mkfs.ext4"
	mkdir full
	mount -o loop image full || skip "cannot mount an image"
	# shellcheck disable=SC2086
	run -1 "$SKBTRAIL" record -o full/x.dat $many -- timeout 60 sh -c "$busy"
	[[ "$output" == *"ended early: the file system at $PWD/full (ext4) is full"* ]]
	good_capture full/x.dat 10000
}

@test "an older capture stays where the disk is too full for a new one" {
	small_disk 1m
	printf '\027\010Dtracing' >full/x.dat
	run -1 "$SKBTRAIL" record -o full/x.dat -e sched -- true
	[ "$(ls full)" = x.dat ]
	[ "$(stat -c %s full/x.dat)" = 10 ]
}

# What the kernel answers where a quota is used up.
@test "a quota that is used up ends it, and what was written is a capture" {
	need_trace_cmd
	command -v strace >/dev/null || skip "needs strace"
	# shellcheck disable=SC2086
	run -1 strace -f -o /dev/null -e trace=splice -e inject=splice:error=EDQUOT:when=200+ \
		"$SKBTRAIL" record -o x.dat $many -- timeout 60 sh -c "$busy"
	[[ "$output" == *"ended early: the quota at "*" is used up"* ]]
	good_capture x.dat 1000
}

@test "a limit of file sizes ends it, and what was written is a capture" {
	need_trace_cmd
	# shellcheck disable=SC2086
	run -1 bash -c 'ulimit -f 20000; exec "$0" "$@"' "$SKBTRAIL" record -o x.dat $many \
		-- timeout 60 sh -c "$busy"
	[[ "$output" == *"ended early: the limit of file sizes is reached (ulimit -f)"* ]]
	good_capture x.dat 10000
	[ "$(stat -c %s x.dat)" -le $((20000 * 1024)) ]
	is_told_ended x.dat 'File too large'
}

@test "a limit of file sizes that leaves no room is said before anything runs" {
	run -1 bash -c 'ulimit -f 1000; exec "$0" "$@"' "$SKBTRAIL" record -e sched -- touch ran
	[[ "$output" == *"the limit of file sizes is reached (ulimit -f)"* ]]
	[ -z "$(ls -A . | grep -v before)" ]
}

@test "a place that cannot be written to is said before anything runs" {
	small_disk 16m
	mount -o remount,ro full
	run -1 "$SKBTRAIL" record -o full/x.dat -e sched -- touch ran
	[[ "$output" == *"full/x.dat: the file system at $PWD/full (tmpfs) is read-only"* ]]
	run -1 "$SKBTRAIL" record -o nowhere/x.dat -e sched -- touch ran
	[[ "$output" == *"nowhere/x.dat: No such file or directory"* ]]
	[ ! -e ran ]
}
