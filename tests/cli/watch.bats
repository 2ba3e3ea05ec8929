#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# watch.bats - lines and counts of events while they happen, on this kernel

bats_require_minimum_version 1.5.0

load tracefs.bash

# A program that nobody else runs, so many times.
workload() {
	cp /bin/true ./mine
	echo "i=0; while [ \$i -lt $1 ]; do i=\$((i+1)); ./mine; done"
}

@test "a line for each event, with who it was" {
	"$SKBTRAIL" watch sched:sched_process_exec -b 8192 -- sh -c "$(workload 100)" >out
	[ "$(grep -c 'sched_process_exec(filename=./mine ' out)" = 100 ]
	[ "$(grep -c ' mine/[0-9]* sched_process_exec(filename=./mine ' out)" = 100 ]
	grep -qE '^[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6} ' out
	# Events that tell of tasks are not shown.
	! grep -q 'task_rename\|sched_process_fork\|sched_process_exit' out
}

@test "only the command, with its CPU" {
	"$SKBTRAIL" watch sched:sched_process_exec -F --cpu -- sh -c "$(workload 3)" >out
	[ "$(grep -c 'cpu [0-9]* sched_process_exec(filename=./mine ' out)" = 3 ]
	[ "$(wc -l <out)" = 4 ]
}

@test "counts by name and by value are the events" {
	"$SKBTRAIL" watch sched:sched_process_exec --count-by filename -b 8192 --top 0 -- \
		sh -c "$(workload 150)" >out
	grep -qE '^ +150  "\./mine"$' out
	"$SKBTRAIL" watch sched:sched_process_exec sched:sched_process_exit --count-by comm \
		-b 8192 --top 0 -- sh -c "$(workload 70)" >out
	grep -qE '^ +70  sched_process_exec +mine$' out
	grep -qE '^ +70  sched_process_exit +mine$' out
}

@test "what the kernel counts and what is counted here" {
	[ -e $tracefs/events/sched/sched_process_exec/hist ] || skip "no hist triggers"
	"$SKBTRAIL" watch sched:sched_process_exec --count-by filename --top 0 -- \
		sh -c "$(workload 150)" >out
	grep -qE '^ +150  "\./mine"$' out
	"$SKBTRAIL" watch sched:sched_process_exec --count-by filename --top 0 --no-hist \
		-b 8192 -- sh -c "$(workload 150)" >out
	grep -qE '^ +150  "\./mine"$' out
}

@test "intervals add up to the total, which Ctrl-C prints" {
	"$SKBTRAIL" watch sched:sched_process_exec --count-by filename -i 300ms --top 0 \
		-b 8192 >out 2>err &
	pid=$!
	wait_until grep -q watching err
	sh -c "$(workload 60)"
	sleep 1
	kill -INT $pid
	wait $pid
	[ "$(grep -c '^total: ' out)" = 1 ]
	sed '/^total: /,$d' out | awk '/"\.\/mine"$/ {n += $1} END {exit n != 60}'
	sed -n '/^total: /,$p' out | grep -qE '^ +60  "\./mine"$'
}

@test "the end: lines, time, a reader that is gone, the command's status" {
	"$SKBTRAIL" watch sched:sched_switch -c 3 >out
	[ "$(wc -l <out)" = 3 ]
	"$SKBTRAIL" watch sched:sched_process_exec --for 200ms -o file >out
	[ ! -s out ] && [ -e file ]
	"$SKBTRAIL" watch sched:sched_switch | head -n 2 >out
	[ "$(wc -l <out)" = 2 ]
	run -7 "$SKBTRAIL" watch sched:sched_process_exec -- sh -c 'exit 7'
}

@test "what is lost is said" {
	mkfifo pipe
	# Nobody takes lines for a while.
	( exec 3<pipe; sleep 2; cat <&3 >out ) &
	run -4 --separate-stderr "$SKBTRAIL" watch sched:sched_switch sched:sched_waking \
		irq:softirq_entry irq:softirq_exit --strict -b 4 -o pipe -- \
		sh -c "$(workload 300)"
	wait
	[[ $stderr == *"events lost"* ]]
	grep -q -- '^-- [0-9]* events lost on cpu' out
}

@test "the name of a task is no command to the terminal" {
	cp /bin/true "$(printf 'a\033[31mb')"
	"$SKBTRAIL" watch sched:sched_process_exec -F -- sh -c './a*b' >out
	grep -qF 'a\x1b[31mb/' out
	! grep -q "$(printf '\033')" out
}

# Capabilities in effect of all threads of process $1, each value once.
effective() {
	sed -n 's/^CapEff:\t0*//p' /proc/"$1"/task/*/status | sort -u
}

# With the arguments it runs without a privilege and ends as it was told to; what it has set up in
# the kernel goes with it, which teardown() compares.
gives_up() {
	local pid

	rm -f err
	"$SKBTRAIL" watch "$@" >out 2>err &
	pid=$!
	wait_until grep -q watching err
	[ -n "$(sed -n 's/^CapEff:\t0*//p' /proc/self/status)" ]
	[ -z "$(effective $pid)" ]
	[ "$(sed -n 's/^NoNewPrivs:\t//p' /proc/$pid/status)" = 1 ]
	sh -c "$(workload 20)"
	kill -INT $pid
	wait $pid
}

@test "once it is set up it has no privileges" {
	gives_up sched:sched_process_exec
	[ "$(grep -c ' mine/[0-9]* sched_process_exec(filename=./mine ' out)" = 20 ]
	gives_up sched:sched_process_exec --count-by filename --top 0
	grep -qE '^ +20  "\./mine"$' out
	mkdir theirs
	chown 65534 theirs
	gives_up sched:sched_process_exec -b 8192 -o theirs/file
	[ "$(grep -c 'filename=./mine ' theirs/file)" = 20 ]
}

@test "the command keeps what the user had, and can be ended" {
	local pid

	grep -E '^Cap|^NoNew' /proc/self/status >wanted
	"$SKBTRAIL" watch sched:sched_process_exec -o file -- \
		grep -E '^Cap|^NoNew' /proc/self/status >got
	diff wanted got
	# One that became another user.
	"$SKBTRAIL" watch sched:sched_process_exec -o file -- setpriv --reuid=65534 --clear-groups \
		sh -c 'echo $$ >&3; exec sleep 1000' 3>number &
	pid=$!
	wait_until [ -s number ]
	# CAP_KILL
	[ "$(effective $pid)" = 20 ]
	kill -TERM $pid
	wait $pid || true
	[ ! -d "/proc/$(cat number)" ]
}

# How long a return of task $1 says that it took, in whole microseconds.
took() {
	sed -n "s|.* $1/[0-9]* clock_nanosleep__return.* <\\([0-9]*\\)\\.[0-9]*us>\$|\\1|p" out
}

@test "two programs that sleep on one CPU have each its own time" {
	[ -e $tracefs/uprobe_events ] || skip "no uprobes"
	cp /bin/sleep ./short
	cp /bin/sleep ./long
	"$SKBTRAIL" watch 'libc:clock_nanosleep%return $retval' -T -- taskset -c 0 \
		sh -c './short 1 & sleep 0.4; ./long 2.5; wait' >out
	cat out
	[ "$(took short)" -ge 1000000 ]
	[ "$(took short)" -lt 2400000 ]
	[ "$(took long)" -ge 2500000 ]
	[ "$(took long)" -lt 3900000 ]
}

@test "mistakes are told before anything is changed" {
	run -2 --separate-stderr "$SKBTRAIL" watch
	run -2 --separate-stderr "$SKBTRAIL" watch sched:sched_switch -i 1
	run -2 --separate-stderr "$SKBTRAIL" watch sched:sched_switch --count-by comm -c 3
	run -2 --separate-stderr "$SKBTRAIL" watch sched:sched_switch --count-by comm,pid,comm
	[[ "$stderr" == *"--count-by: 'comm' is there twice"* ]]
	run -2 --separate-stderr "$SKBTRAIL" watch sched:sched_switch --count-by nothing
	[[ $stderr == *"has no 'nothing'"*prev_comm* ]]
	run -2 --separate-stderr "$SKBTRAIL" watch sched:sched_swich
	[[ $stderr == *sched_swich* ]]
}
